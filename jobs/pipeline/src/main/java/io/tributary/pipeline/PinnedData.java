package io.tributary.pipeline;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.events.facts.IngestFacts;
import io.tributary.lake.Commit;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructType;

/** What pins name, as far as the lake still has it. */
final class PinnedData {
  private static final List<String> PLACE = List.of(LakeTable.DELIVERY, "_file", "_line");

  private final Lake lake;

  PinnedData(Lake lake) {
    this.lake = lake;
  }

  /**
   * The pin by which the rows that were read can be read now: of a table whose rows were made anew
   * by other rules since, that of its version of then.
   */
  Pin readable(Pin pin) {
    if (pin.deliveries().isEmpty()) {
      return pin;
    }
    Optional<Digest> then = rules(pin.version().table(), pin.version().version());
    Optional<Digest> now = rules(pin.version().table(), Long.MAX_VALUE);
    return then.equals(now) ? pin : Pin.of(pin.version());
  }

  /** The rules that made a validated table's rows, as of a version. */
  private Optional<Digest> rules(TableName table, long version) {
    return lake.table(table).commits().stream()
        .filter(commit -> commit.version().version() <= version)
        .flatMap(commit -> validated(commit).stream())
        .reduce((before, last) -> last)
        .map(IngestFacts.Validated::rules);
  }

  private static Optional<IngestFacts.Validated> validated(Commit commit) {
    return commit
        .facts()
        .flatMap(facts -> facts.facts(IngestFacts.class))
        .flatMap(IngestFacts::validated);
  }

  /** Why a pin's rows can't be read any more, and who can bring them back; empty if they can. */
  Optional<String> gone(Pin pin) {
    TableVersion version = pin.version();
    Optional<TableVersion> now = lake.find(version.table());
    if (now.isEmpty()) {
      return Optional.of(
          "table %s is gone. Restore its folder from a copy of the lake"
              .formatted(version.table()));
    }
    if (!now.get().id().equals(version.id())) {
      return Optional.of(
          "table %s was made anew: it has the id %s, and %s was read. Restore the folder of that one from a copy of the lake"
              .formatted(version.table(), now.get().id(), version.id()));
    }
    if (pin.deliveries().isPresent()) {
      return Optional.empty();
    }
    String why =
        "version %d of table %s can't be read any more: its rows were replaced since, and its files are gone, as a VACUUM removes them. Restore them from a copy of the lake"
            .formatted(version.version(), version.table());
    try {
      return Stream.of(lake.table(version.table()).read(pin).inputFiles()).allMatch(this::isThere)
          ? Optional.empty()
          : Optional.of(why);
    } catch (PlatformException e) {
      return Optional.of(why);
    }
  }

  private boolean isThere(String file) {
    try {
      Path path = new Path(URI.create(file));
      return path.getFileSystem(lake.spark().sessionState().newHadoopConf()).exists(path);
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot look for %s: %s. Check the storage and its permissions."
              .formatted(file, e.getMessage()),
          e);
    }
  }

  /**
   * The first row of a pinned table of validated rows that is not what was delivered, with its
   * columns; by file and line. Empty where all are, or the table has no rows of deliveries.
   */
  Optional<String> firstAltered(Pin pin) {
    TableName table = pin.version().table();
    TableName delivered = TableName.of("bronze", table.subject());
    if (!table.layer().equals("validated") || lake.find(delivered).isEmpty()) {
      return Optional.empty();
    }
    Dataset<Row> rows = lake.table(table).read(pin);
    Dataset<Row> bronze = lake.table(delivered).read(lake.table(delivered).requireVersion());
    List<String> columns = compared(rows.schema(), bronze.schema());
    Dataset<Row> now = rows.select(with(columns.stream().map(PinnedData::quoted).toList(), "_now"));
    Dataset<Row> then =
        bronze.select(
            with(
                columns.stream()
                    .map(name -> quoted(name).cast(rows.schema().apply(name).dataType()).as(name))
                    .toList(),
                "_then"));
    return now
        .join(then, PLACE.toArray(String[]::new))
        .where(not(col("_now").eqNullSafe(col("_then"))))
        .orderBy(PLACE.stream().map(PinnedData::quoted).toArray(Column[]::new))
        .limit(1)
        .collectAsList()
        .stream()
        .findFirst()
        .map(row -> altered(table, columns, row));
  }

  private static String altered(TableName table, List<String> columns, Row row) {
    Row now = row.getAs("_now");
    Row then = row.getAs("_then");
    List<String> changed =
        columns.stream()
            .filter(name -> !Objects.deepEquals(now.getAs(name), then.getAs(name)))
            .toList();
    return "the row of %s line %d in %s (delivery %d) is not what was delivered: column %s. Find out who changed the table, and restore it from a copy of the lake"
        .formatted(
            row.getAs("_file"),
            row.<Long>getAs("_line"),
            table,
            row.<Long>getAs(LakeTable.DELIVERY),
            String.join(", ", changed));
  }

  /** Columns that both have and whose values can be compared. */
  private static List<String> compared(StructType rows, StructType bronze) {
    List<String> there = List.of(bronze.fieldNames());
    return Stream.of(rows.fields())
        .filter(field -> there.contains(field.name()) && !field.name().startsWith("_"))
        .filter(field -> !(field.dataType() instanceof MapType))
        .map(field -> field.name())
        .toList();
  }

  private static Column[] with(List<Column> values, String name) {
    List<Column> columns = new ArrayList<>(PLACE.stream().map(PinnedData::quoted).toList());
    columns.add(struct(values.toArray(Column[]::new)).as(name));
    return columns.toArray(Column[]::new);
  }

  private static Column quoted(String column) {
    return col("`" + column + "`");
  }
}
