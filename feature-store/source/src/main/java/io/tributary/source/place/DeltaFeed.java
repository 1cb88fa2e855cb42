package io.tributary.source.place;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.events.CommitLog;
import io.tributary.events.LogCommit;
import io.tributary.events.TableHistory;
import io.tributary.lake.Lake;
import io.tributary.source.Contract;
import io.tributary.source.FileErrors;
import io.tributary.source.SourceRange;
import java.io.FileNotFoundException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A Delta table that is read by its change feed: first its rows as they are, from then on what each
 * later version inserted, updated or deleted.
 */
public final class DeltaFeed implements GrowingTable {
  private static final long ROWS_A_PART = 500_000;
  private static final String TYPE = "_change_type";
  private static final String VERSION = "_commit_version";
  private static final String AT = "_commit_timestamp";

  private final Source source;
  private final SourceInput.DeltaTable input;
  private final Lake lake;
  private final String path;
  private final CommitLog log;
  private final Contract contract;
  private final RangeParts parts;

  public DeltaFeed(
      Source source, SourceInput.DeltaTable input, java.nio.file.Path project, Lake lake) {
    this(source, input, project, lake, new RangeParts(ROWS_A_PART));
  }

  public DeltaFeed(
      Source source,
      SourceInput.DeltaTable input,
      java.nio.file.Path project,
      Lake lake,
      RangeParts parts) {
    this.source = source;
    this.input = input;
    this.lake = lake;
    this.path =
        FileErrors.isUri(input.path())
            ? input.path()
            : project.toAbsolutePath().resolve(input.path()).normalize().toString();
    this.log = CommitLog.open(path);
    this.contract = Contract.of(source);
    this.parts = parts;
  }

  @Override
  public String name() {
    return "Delta table " + input.path();
  }

  @Override
  public Reading open() {
    TableHistory commits =
        log.read()
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.UNREADABLE_FILE,
                        "Cannot read Delta table %s of source %s: there is no Delta table at %s. Deliver it, or correct the source's path."
                            .formatted(input.path(), source.name(), path)));
    return new Reading() {
      @Override
      public Optional<SourceRange> news(Optional<SourceRange> delivered) {
        return DeltaFeed.this.news(commits, delivered);
      }

      @Override
      public List<Staging.Kept> copy(SourceRange range, Staging staging) {
        return DeltaFeed.this.copy(commits, range, staging);
      }

      @Override
      public void close() {}
    };
  }

  private Optional<SourceRange> news(TableHistory commits, Optional<SourceRange> delivered) {
    String of = "version of " + commits.tableId();
    String after = "";
    if (delivered.isPresent()) {
      after = delivered.get().upTo();
      if (!delivered.get().of().equals(of)) {
        throw new PlatformException(
            ErrorCode.CONTRACT_BROKEN,
            "Cannot load Delta table %s of source %s: it was recreated since version %s was delivered (it is %s now), so its versions don't follow on. Give the source a new name."
                .formatted(
                    input.path(), source.name(), after, of.substring("version of ".length())));
      }
    }
    Optional<LogCommit> newest = commits.newestDataChange();
    if (newest.isEmpty() || (!after.isEmpty() && newest.get().version() <= Long.parseLong(after))) {
      return Optional.empty();
    }
    return Optional.of(
        new SourceRange(of, source.isStatic() ? "" : after, Long.toString(newest.get().version())));
  }

  private List<Staging.Kept> copy(TableHistory commits, SourceRange range, Staging staging) {
    try {
      Dataset<Row> rows = rows(commits, range);
      SortedMap<Long, Long> counts = counts(range, rows);
      return counts.isEmpty() ? List.of() : parts.keep(selected(rows), VERSION, counts, staging);
    } catch (Exception e) {
      for (Throwable t = e; t != null; t = t.getCause()) {
        if (t instanceof PlatformException known) {
          throw known;
        }
      }
      throw unreadable(range, e);
    }
  }

  /** How many rows each version of a range has. */
  private SortedMap<Long, Long> counts(SourceRange range, Dataset<Row> rows) {
    SortedMap<Long, Long> counts = new TreeMap<>();
    long changed = 0;
    for (Row row : rows.groupBy(VERSION, TYPE).count().collectAsList()) {
      counts.merge(row.getLong(0), row.getLong(2), Long::sum);
      changed += row.getString(1).equals("insert") ? 0 : row.getLong(2);
    }
    if (changed > 0 && input.change().isEmpty()) {
      throw new PlatformException(
          ErrorCode.CONTRACT_BROKEN,
          "Cannot load Delta table %s of source %s: %s updates or deletes %,d rows, and no column of the source records that. Write change: COLUMN below read, and a tombstone for deleted rows."
              .formatted(input.path(), source.name(), range, changed));
    }
    return counts;
  }

  private static Map<String, String> options() {
    return Map.of(
        "ignoreNullFields",
        "false",
        "timestampFormat",
        "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
        "timestampNTZFormat",
        "yyyy-MM-dd'T'HH:mm:ss.SSSSSS");
  }

  private Dataset<Row> rows(TableHistory commits, SourceRange range) {
    long to = Long.parseLong(range.upTo());
    if (range.after().isEmpty()) {
      Dataset<Row> rows = lake.spark().read().format("delta").option("versionAsOf", to).load(path);
      long at = commits.commit(to).orElseThrow().at().toEpochMilli();
      return rows.withColumn(TYPE, lit("insert"))
          .withColumn(VERSION, lit(to))
          .withColumn(AT, lit(new java.sql.Timestamp(at)));
    }
    return lake.spark()
        .read()
        .format("delta")
        .option("readChangeFeed", "true")
        .option("startingVersion", Long.parseLong(range.after()) + 1)
        .option("endingVersion", to)
        .load(path)
        .where(not(col(TYPE).equalTo("update_preimage")));
  }

  /** The contract's columns as the table has them, and its meta columns under the user's names. */
  private Dataset<Row> selected(Dataset<Row> rows) {
    List<String> meta = List.of(TYPE, VERSION, AT);
    StructType found =
        new StructType(
            Arrays.stream(rows.schema().fields())
                .filter(f -> !meta.contains(f.name()))
                .toArray(org.apache.spark.sql.types.StructField[]::new));
    if (input.change().isPresent()) {
      found = found.add(input.change().get(), DataTypes.StringType);
    }
    if (input.changedAt().isPresent()) {
      found = found.add(input.changedAt().get(), DataTypes.TimestampType);
    }
    int[] places = contract.match("Delta table " + input.path(), found);
    List<Column> columns = new ArrayList<>();
    for (int place : places) {
      if (place != Contract.MISSING) {
        String name = found.apply(place).name();
        Column column = col("`" + name.replace("`", "``") + "`");
        if (input.change().filter(name::equals).isPresent()) {
          column = col(TYPE);
        } else if (input.changedAt().filter(name::equals).isPresent()) {
          column = col(AT);
        }
        columns.add(column.as(name));
      }
    }
    Column json = to_json(struct(columns.toArray(Column[]::new)), options());
    return rows.select(json.as(RangeParts.LINE), col(VERSION));
  }

  private PlatformException unreadable(SourceRange range, Exception e) {
    StringBuilder all = new StringBuilder();
    boolean gone = false;
    for (Throwable t = e; t != null; t = t.getCause()) {
      all.append(t.getMessage()).append('\n');
      gone |= t instanceof FileNotFoundException;
    }
    String text = all.toString();
    gone |=
        text.contains("FileNotFound")
            || text.contains("change data was not recorded")
            || text.contains("CHANGE_DATA")
            || text.contains("does not exist")
            || text.contains("Cannot time travel");
    String why = text.lines().findFirst().orElse(e.getClass().getSimpleName());
    return new PlatformException(
        gone ? ErrorCode.CONTRACT_BROKEN : ErrorCode.UNREADABLE_FILE,
        "Cannot load Delta table %s of source %s, %s: %s%s). Set delta.enableChangeDataFeed and keep versions until they are loaded; to begin again at the table's present rows, give the source a new name."
            .formatted(
                input.path(),
                source.name(),
                range,
                gone ? "its change feed is not there any more, or was never recorded (" : "(",
                why),
        e);
  }
}
