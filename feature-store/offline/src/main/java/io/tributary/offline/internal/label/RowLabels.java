package io.tributary.offline.internal.label;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.row_number;

import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.offline.internal.source.PinnedSources;
import io.tributary.offline.internal.spine.SpinePlan;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Tally;
import io.tributary.rows.spark.SparkRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.RowOrdering;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Labels that label rows hold themselves, for rows that were made before (rule 14): each is found
 * again among the rows of the newest delivery that is pinned. It is the same row by its as-of and
 * its source's event key; without one, or where the label is made of that, by all columns but those
 * of the label (maps aside). Of rows that are the same so, the first is the first, in the order of
 * their other columns.
 */
final class RowLabels {
  private static final String COPY = "_label_copy";

  private final PinnedSources sources;
  private final CheckedTrainingSet set;

  RowLabels(PinnedSources sources, CheckedTrainingSet set) {
    this.sources = sources;
    this.set = set;
  }

  PartitionedRows labelled(Dataset<Row> rows, Tally tally) {
    Dataset<Row> labels =
        SparkRows.frame(new SpinePlan(sources).withLabels(set), rows.sparkSession());
    List<String> by = by(set);
    List<String> others =
        comparable(set.asking()).stream().filter(name -> !by.contains(name)).toList();
    require(set, rows, by, others);
    StructType given = rows.schema();
    Dataset<Row> held = labels.withColumn(COPY, copy(by, others));
    int width = set.asking().size();
    String[] names = held.columns();
    for (int i = 0; i < names.length; i++) {
      names[i] = "_held_" + i;
    }
    String[] theirs = held.columns();
    held = held.toDF(names);
    Dataset<Row> mine = rows.withColumn(COPY, copy(by, others));
    Column same = col(COPY).equalTo(col(names[names.length - 1]));
    for (String name : by) {
      same = same.and(quoted(name).eqNullSafe(col(names[Arrays.asList(theirs).indexOf(name)])));
    }
    List<Column> columns = new ArrayList<>();
    Arrays.stream(given.fieldNames()).forEach(name -> columns.add(quoted(name)));
    columns.add(col(names[width]));
    columns.add(col(names[width + 1]));
    PartitionedRows joined =
        SparkRows.of(mine.join(held, same, "left").select(columns.toArray(Column[]::new)));
    StructType both = joined.schema();
    return new PartitionedRows(
        joined
            .rows()
            .map(
                (task, part) ->
                    LabelJoin.kept(
                        task, part, both, given.size(), given.size(), true, List.of(), tally)),
        given.add(set.label().schema().fields()[0]));
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

  private static Column copy(List<String> by, List<String> others) {
    Column[] keys = by.stream().map(RowLabels::quoted).toArray(Column[]::new);
    Column[] order =
        others.isEmpty() ? keys : others.stream().map(RowLabels::quoted).toArray(Column[]::new);
    return row_number().over(Window.partitionBy(keys).orderBy(order));
  }

  private static Column quoted(String name) {
    return col("`" + name + "`");
  }

  private static void require(
      CheckedTrainingSet set, Dataset<Row> rows, List<String> by, List<String> others) {
    List<String> have = Arrays.asList(rows.columns());
    for (List<String> names : List.of(by, others)) {
      for (String name : names) {
        if (!have.contains(name)) {
          throw new PlatformException(
              ErrorCode.INVALID_REQUEST,
              "Cannot label rows of training set %s: they have no column %s, by which each is found again in source %s. Make them anew with it: of scores, score the interval again."
                  .formatted(set.name(), name, set.spine().source().name()));
        }
      }
    }
  }
}
