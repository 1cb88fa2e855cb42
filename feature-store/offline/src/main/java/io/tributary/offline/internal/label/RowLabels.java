package io.tributary.offline.internal.label;

import static org.apache.spark.sql.functions.col;

import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.core.ErrorCode;
import io.tributary.core.Iterators;
import io.tributary.core.PlatformException;
import io.tributary.lake.RowDigest;
import io.tributary.offline.internal.source.PinnedSources;
import io.tributary.offline.internal.spine.SpinePlan;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Partitions;
import io.tributary.rows.Runner;
import io.tributary.rows.Scala;
import io.tributary.rows.Tally;
import io.tributary.rows.spark.SparkRows;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.RowOrdering;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Labels that label rows hold themselves, for rows that were made before (rule 14): each is found
 * again among the rows of the newest delivery that is pinned. It is the same row by its as-of and
 * its source's event key; without one, or where the label is made of that, by all columns but those
 * of the label (maps aside). Of rows that are the same so, each has the label of one whose other
 * columns are its own too, if there is one; the rest are the first, the second, and so on, in the
 * order of the digests of these. What travels is digests and what is wanted behind, however wide
 * rows are, and others than keys are read where a key is there twice. Memory holds the rows that
 * are the same.
 */
final class RowLabels {
  private final PinnedSources sources;
  private final CheckedTrainingSet set;

  RowLabels(PinnedSources sources, CheckedTrainingSet set) {
    this.sources = sources;
    this.set = set;
  }

  /** Reads the keys at once. */
  PartitionedRows labelled(Asking asking, Tally tally) {
    List<String> by = by(set);
    List<String> others =
        comparable(set.asking()).stream().filter(name -> !by.contains(name)).toList();
    require(asking.frame(), by);
    if (!others.isEmpty()) {
      Asking keys =
          new Asking(
              asking.frame(),
              Set.copyOf(asking.apart()),
              asking.apart(),
              asking.from(),
              asking.to());
      if (sides(keys, by, List.of()).haveCopies(sources.runner())) {
        require(asking.frame(), others);
      } else {
        others = List.of();
      }
    }
    Sides sides = sides(asking, by, others);
    StructType label = SameRows.columns(sides.holding().schema());
    StructType given = SameRows.columns(sides.asked().schema());
    StructType both = given.add(label.apply(0)).add(label.apply(1).name(), DataTypes.BooleanType);
    int width = given.size();
    return new PartitionedRows(
        sides
            .paired(sources.runner())
            .map(
                (task, rows) ->
                    LabelJoin.kept(task, rows, both, width, width, true, List.of(), tally)),
        given.add(label.apply(0)));
  }

  /**
   * Rows as they travel.
   *
   * @param apart columns of those that ask
   */
  private record Sides(PartitionedRows asked, int[] apart, PartitionedRows holding) {
    Partitions paired(Runner runner) {
      return paired(runner, false);
    }

    boolean haveCopies(Runner runner) {
      return paired(runner, true).each(Iterator::hasNext).contains(true);
    }

    private Partitions paired(Runner runner, boolean copiesAlone) {
      StructType asks = asked.schema();
      StructType holds = holding.schema();
      int[] by = apart;
      return runner
          .byHash(asked.rows(), asks)
          .zip(
              runner.byHash(holding.rows(), holds),
              (task, rows, others) -> {
                SameRows same = new SameRows(rows, asks, by, others, holds);
                return copiesAlone ? same.copies() : same;
              });
    }
  }

  private Sides sides(Asking asking, List<String> by, List<String> others) {
    Set<String> compared = new HashSet<>(by);
    compared.addAll(others);
    PartitionedRows holding =
        new SpinePlan(sources).withLabels(set, compared, asking.from(), asking.to());
    int width = holding.schema().size() - 2;
    StructType holds = new StructType(Arrays.copyOf(holding.schema().fields(), width));
    PartitionedRows rows =
        SparkRows.of(
            asking.frame(),
            Arrays.stream(asking.frame().schema().fields())
                .filter(f -> compared.contains(f.name()) || asking.kept().contains(f.name()))
                .map(field -> typed(field, holds))
                .toArray(Column[]::new));
    int[] kept =
        IntStream.range(0, rows.schema().size())
            .filter(i -> asking.kept().contains(rows.schema().fieldNames()[i]))
            .toArray();
    PartitionedRows asked = sent(rows, by, others, kept);
    return new Sides(
        asked,
        asking.apart().stream().mapToInt(asked.schema()::fieldIndex).toArray(),
        sent(holding, by, others, new int[] {width, width + 1}));
  }

  /** A column in the type of the rows that hold labels, where they have it. */
  private static Column typed(StructField field, StructType holding) {
    int i = Arrays.asList(holding.fieldNames()).indexOf(field.name());
    DataType type = i < 0 ? field.dataType() : holding.apply(i).dataType();
    Column column = col("`" + field.name() + "`");
    return type.catalogString().equals(field.dataType().catalogString())
        ? column
        : column.cast(type).as(field.name());
  }

  /** Rows as they travel: {@link SameRows#SENT}, then some of their columns. */
  private static PartitionedRows sent(
      PartitionedRows rows, List<String> by, List<String> others, int[] columns) {
    StructType schema = rows.schema();
    StructType sent = SameRows.SENT;
    List<Expression> expressions = new ArrayList<>();
    for (int i = 0; i < SameRows.SENT.size(); i++) {
      expressions.add(Scala.column(SameRows.SENT, i));
    }
    for (int i : columns) {
      sent = sent.add(schema.apply(i));
      expressions.add(Scala.column(SameRows.SENT.size() + i, schema.apply(i).dataType()));
    }
    Partitions made =
        rows.rows()
            .map(
                (task, part) -> {
                  RowDigest row = RowDigest.of("row", schema, by);
                  RowDigest rest = RowDigest.of("others", schema, others);
                  byte[] none = {};
                  GenericInternalRow digests = new GenericInternalRow(SameRows.SENT.size());
                  JoinedRow joined = new JoinedRow();
                  UnsafeProjection projection = Scala.projection(expressions);
                  return Iterators.map(
                      part,
                      asked -> {
                        byte[] digest = row.of(asked);
                        digests.update(0, ByteBuffer.wrap(digest).getLong());
                        digests.update(1, digest);
                        digests.update(2, others.isEmpty() ? none : rest.of(asked));
                        return projection.apply(joined.apply(digests, asked));
                      });
                });
    return new PartitionedRows(made, sent);
  }

  private static List<String> by(CheckedTrainingSet set) {
    Set<String> asking =
        Arrays.stream(set.asking().fieldNames()).collect(Collectors.toUnmodifiableSet());
    List<String> key =
        set.spine().source().definition().eventKey().stream()
            .map(column -> named(set.asking(), column))
            .toList();
    List<String> by = new ArrayList<>();
    if (!key.isEmpty() && asking.containsAll(key)) {
      by.addAll(key);
      by.add(CheckedTrainingSet.AS_OF);
      return by;
    }
    return comparable(set.asking());
  }

  /** The column of that name, whatever its case. */
  private static String named(StructType schema, String column) {
    return Arrays.stream(schema.fieldNames())
        .filter(name -> name.toLowerCase(Locale.ROOT).equals(column.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElse(column);
  }

  private static List<String> comparable(StructType schema) {
    return Arrays.stream(schema.fields())
        .filter(field -> RowOrdering.isOrderable(field.dataType()))
        .map(StructField::name)
        .toList();
  }

  private void require(Dataset<Row> rows, List<String> columns) {
    List<String> have = Arrays.asList(rows.columns());
    for (String name : columns) {
      if (!have.contains(name)) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot label rows of training set %s: they have no column %s, by which each is found again in source %s. Make them anew with it: of scores, score the interval again."
                .formatted(set.name(), name, set.spine().source().name()));
      }
    }
  }
}
