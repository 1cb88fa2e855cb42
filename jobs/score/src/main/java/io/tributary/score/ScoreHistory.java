package io.tributary.score;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;

import io.tributary.analysis.CheckedScores;
import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Micros;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.runs.CommitFacts;
import io.tributary.lake.InternalRows;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.lake.RowDigest;
import io.tributary.model.ScoreColumns;
import io.tributary.runtime.Attempt;
import io.tributary.score.Lineup.Contender;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * The predictions of a score set: those in force in {@code scores.<score set>}, and in {@code
 * superseded.<score set>} those that were, with the instant at which each was superseded.
 *
 * <p>A scoring copies the rows that it will supersede, then replaces them, and only that second
 * commit changes what is in force. If a process dies between the two, the copied rows are in both
 * tables until the interval is scored again, and are in force. Concurrent scorings of one set would
 * remove each other's copies: {@link ScoreJob#lockKey()} prevents that where a lake has locks;
 * elsewhere only the rows in force are safe.
 */
final class ScoreHistory {
  private static final Duration MAX_DAY = Duration.ofHours(26);
  private static final long DAY = 86_400_000_000L;
  private static final int MAX_FILES = 2_000;
  private static final int ROWS_OF_A_FILE = 100_000;
  private static final int TRIES = 5;

  /**
   * The columns that decide, beside those of the label row, whether a row equals the one in force.
   */
  private static final List<String> MEANING =
      List.of(
          ScoreColumns.PREDICTION,
          ScoreColumns.MODEL,
          ScoreColumns.MODEL_VERSION,
          ScoreColumns.ARTEFACT,
          ScoreColumns.INPUTS_DIGEST,
          ScoreColumns.OUTPUT + "." + ScoreColumns.PROBABILITY,
          ScoreColumns.OUTPUT + "." + ScoreColumns.NUMBER,
          CheckedScores.DECISION);

  private static final String ASKED = "_asked";

  private final Lake lake;
  private final LakeTable inForce;
  private final LakeTable superseded;
  private final Interval interval;
  private final List<Contender> unmoved;

  /**
   * @param unmoved whose rows in force stay as they are
   */
  ScoreHistory(Lake lake, String scores, Interval interval, List<Contender> unmoved) {
    this.unmoved = unmoved;
    this.lake = lake;
    this.inForce = lake.table(table(scores));
    this.superseded = lake.table(TableName.of("superseded", scores));
    this.interval = interval;
  }

  /** The table of the rows in force. */
  static TableName table(String scores) {
    return TableName.of("scores", scores);
  }

  /**
   * Puts a scoring of the interval in force: a row in force stays as it is if the new one equals
   * it.
   *
   * @param scored the interval's rows with all columns but those that this adds: number and instant
   *     of the scoring
   * @param count how many they are
   * @param facts of the scoring, once its rows were computed; the commit records them with what
   *     this adds
   * @param suspect asked just before the commit: refuses it, or says what suspect things were used
   */
  void replace(
      Dataset<Row> scored,
      long count,
      Attempt attempt,
      Supplier<ScoringFacts> facts,
      Supplier<List<String>> suspect) {
    for (int attempted = 1; ; attempted++) {
      try {
        replaceOnce(scored, count, attempt, facts, suspect);
        return;
      } catch (PlatformException e) {
        // Another process has written since the read; what is superseded is determined again.
        if (e.code() != ErrorCode.CONFLICT || attempted == TRIES) {
          throw e;
        }
      }
    }
  }

  private void replaceOnce(
      Dataset<Row> scored,
      long count,
      Attempt attempt,
      Supplier<ScoringFacts> facts,
      Supplier<List<String>> suspect) {
    widen(superseded, scored.schema(), attempt);
    widen(inForce, scored.schema(), attempt);
    Optional<TableVersion> read = inForce.version();
    Optional<Row> former =
        read.flatMap(
            version ->
                Optional.of(
                        within(inForce.read(version))
                            .agg(
                                count(lit(1)),
                                max(ScoreColumns.SCORING),
                                max(ScoreColumns.SCORED_AT))
                            .head())
                    .filter(row -> row.getLong(0) > 0));
    List<ScoringFacts> earlier = earlier();
    long number =
        1
            + Stream.concat(
                    former.map(row -> row.getLong(1)).stream(),
                    earlier.stream().map(ScoringFacts::number))
                .max(Comparator.naturalOrder())
                .orElse(0L);
    Instant now = Micros.instant(Micros.of(Instant.now()));
    // Also if the clock was set back.
    Instant at =
        Stream.concat(
                former.map(row -> row.getTimestamp(2).toInstant()).stream(),
                earlier.stream().flatMap(scoring -> scoring.at().stream()))
            .max(Comparator.naturalOrder())
            .filter(last -> !last.isBefore(now))
            .map(last -> last.plusNanos(1_000))
            .orElse(now);
    Supplier<CommitFacts> first =
        () -> commitPoint(facts.get().inForce(number, at, 0, 0), attempt, suspect);
    if (former.isEmpty() && count > mostKept()) {
      // Written by the tasks that compute them: nothing holds all of them.
      Dataset<Row> rows = stamped(scored, number, at, read);
      inForce.replaceWhere(
          isOneDay(interval.length()) ? rows : files(rows, count), predicate(), first, read);
      return;
    }
    Dataset<Row> kept = scored.persist(StorageLevel.MEMORY_AND_DISK());
    try {
      // Computes all of them, so that what was counted meanwhile is whole.
      kept.count();
      Dataset<Row> rows = stamped(kept, number, at, read);
      if (former.isEmpty()) {
        inForce.replaceWhere(files(rows, count), predicate(), first, read);
        return;
      }
      replaceOthers(
          rows,
          count,
          read.orElseThrow(),
          former.get().getLong(0),
          at,
          attempt,
          facts.get(),
          number,
          suspect);
    } finally {
      kept.unpersist(false);
    }
  }

  /**
   * Rows that are kept until all are computed, so that few tasks write what many compute; a test
   * may set less.
   */
  private long mostKept() {
    return lake.spark()
        .sparkContext()
        .getConf()
        .getLong("spark.tributary.score.keptRows", (long) cores() * ROWS_OF_A_FILE);
  }

  private int cores() {
    return lake.spark().sparkContext().defaultParallelism();
  }

  private static boolean isOneDay(Duration length) {
    return length.compareTo(MAX_DAY) <= 0;
  }

  /** The rows with number and instant of the scoring, in the table's columns. */
  private Dataset<Row> stamped(
      Dataset<Row> scored, long number, Instant at, Optional<TableVersion> read) {
    Dataset<Row> stamped =
        scored
            .withColumn(ScoreColumns.SCORING, lit(number))
            .withColumn(ScoreColumns.SCORED_AT, lit(Timestamp.from(at)));
    StructType columns =
        read.map(
                version -> ColumnEvolution.merged(inForce.read(version).schema(), ordered(stamped)))
            .orElseGet(() -> ordered(stamped));
    return ColumnEvolution.conform(stamped, columns);
  }

  /** Puts rows in force in place of those that differ. */
  private void replaceOthers(
      Dataset<Row> rows,
      long count,
      TableVersion read,
      long before,
      Instant at,
      Attempt attempt,
      ScoringFacts facts,
      long number,
      Supplier<List<String>> suspect) {
    Dataset<Row> theirs = ColumnEvolution.conform(within(inForce.read(read)), rows.schema());
    Dataset<Row> same = same(rows, theirs).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      long kept = same.count();
      Supplier<CommitFacts> commit =
          () -> commitPoint(facts.inForce(number, at, kept, before - kept), attempt, suspect);
      // Refused before anything is moved, where it is to be refused.
      commitPoint(facts.inForce(number, at, kept, before - kept), attempt, suspect);
      copy(theirs.join(same, ids(theirs, same), "left_anti"), theirs, at, attempt, before - kept);
      Optional<TableVersion> unchanged = Optional.of(read);
      if (kept == before && kept == count) {
        inForce.replaceWhere(rows.limit(0), "false", commit, unchanged);
        return;
      }
      Dataset<Row> next =
          rows.join(same, ids(rows, same), "left_anti")
              .union(theirs.join(same, ids(theirs, same), "left_semi"));
      inForce.replaceWhere(files(next, count), predicate(), commit, unchanged);
    } finally {
      same.unpersist(false);
    }
  }

  private static CommitFacts commitPoint(
      ScoringFacts facts, Attempt attempt, Supplier<List<String>> suspect) {
    attempt.report(facts.using(suspect.get()));
    return attempt.commitPoint();
  }

  /** Rewrites a table of which a column needs a wider type, in one commit. */
  private void widen(LakeTable table, StructType rows, Attempt attempt) {
    Optional<TableVersion> version = table.version();
    if (version.isEmpty()) {
      return;
    }
    Dataset<Row> stored = table.read(version.get());
    StructType wanted = ColumnEvolution.merged(stored.schema(), rows);
    List<String> widened = ColumnEvolution.widened(stored.schema(), wanted);
    if (widened.isEmpty()) {
      return;
    }
    attempt.progress().say("  " + table.name() + ": widen " + String.join(", ", widened));
    Row all =
        stored
            .agg(count(lit(1)), min(CheckedTrainingSet.AS_OF), max(CheckedTrainingSet.AS_OF))
            .head();
    Duration length =
        all.isNullAt(1)
            ? Duration.ZERO
            : Duration.between(all.getTimestamp(1).toInstant(), all.getTimestamp(2).toInstant());
    table.replace(
        files(
            ColumnEvolution.conform(stored, wanted),
            all.getLong(0),
            all.isNullAt(1) ? Instant.EPOCH : all.getTimestamp(1).toInstant(),
            length),
        attempt.facts(),
        version.get());
  }

  /**
   * Copies the rows that are to be superseded, and removes copies of rows still in force, which a
   * scoring that died has left.
   */
  private void copy(
      Dataset<Row> rows, Dataset<Row> former, Instant at, Attempt attempt, long count) {
    Dataset<Row> marked =
        rows.withColumn(ScoreColumns.SUPERSEDED_AT, lit(Timestamp.from(at)))
            .withColumn(ScoreColumns.SUPERSEDED_BY, lit(attempt.run().text()));
    Optional<TableVersion> before = superseded.version();
    Dataset<Row> gone = marked;
    if (before.isPresent()) {
      Dataset<Row> known = within(superseded.read(before.get()));
      StructType columns = ColumnEvolution.merged(known.schema(), marked.schema());
      gone = ColumnEvolution.conform(marked, columns);
      Column still =
          known
              .col(ScoreColumns.PREDICTION)
              .equalTo(former.col(ScoreColumns.PREDICTION))
              .and(known.col(ScoreColumns.SCORING).equalTo(former.col(ScoreColumns.SCORING)));
      if (!known.join(former, still, "left_semi").isEmpty()) {
        superseded.replaceWhere(
            files(
                ColumnEvolution.conform(known.join(former, still, "left_anti"), columns)
                    .union(gone),
                count),
            predicate(),
            attempt::facts,
            before);
        return;
      }
    }
    if (count > 0) {
      superseded.append(files(gone, count), attempt.facts());
    }
  }

  /** The ids of the rows that equal the former ones in query and result. */
  private static Dataset<Row> same(Dataset<Row> rows, Dataset<Row> former) {
    Dataset<Row> mine = meaning(rows);
    Dataset<Row> theirs = meaning(former);
    Column equal = lit(true);
    for (String column : mine.columns()) {
      equal = equal.and(mine.col(column).eqNullSafe(theirs.col(column)));
    }
    return mine.join(theirs, equal, "left_semi").select(col("_m0").as("_same"));
  }

  /** {@link #MEANING} as {@code _m0}, {@code _m1} …, and the digest of the label row's columns. */
  private static Dataset<Row> meaning(Dataset<Row> rows) {
    List<String> asking =
        Arrays.stream(rows.columns()).filter(name -> !CheckedScores.isOwn(name)).sorted().toList();
    List<Column> columns = new ArrayList<>();
    for (String column : MEANING) {
      columns.add(col(column).as("_m" + columns.size()));
    }
    asking.forEach(name -> columns.add(Scoring.quoted(name)));
    Dataset<Row> taken = rows.select(columns.toArray(Column[]::new));
    StructType schema = taken.schema();
    return InternalRows.map(
            taken,
            schema.add(ASKED, DataTypes.BinaryType, false),
            part -> new AddedColumn(part, RowDigest.of("", schema, asking)::of))
        .drop(asking.toArray(String[]::new));
  }

  private static Column ids(Dataset<Row> rows, Dataset<Row> same) {
    return rows.col(ScoreColumns.PREDICTION).equalTo(same.col("_same"));
  }

  /** Puts what identifies a row first, for readability. */
  private static StructType ordered(Dataset<Row> rows) {
    StructType first = new StructType();
    for (String name :
        List.of(
            ScoreColumns.PREDICTION,
            CheckedTrainingSet.AS_OF,
            ScoreColumns.ROLE,
            ScoreColumns.SCORING,
            ScoreColumns.SCORED_AT)) {
      first = first.add(rows.schema().apply(name));
    }
    return ColumnEvolution.merged(first, rows.schema());
  }

  /**
   * Writes a night's rows to at most as many files as cores, few rows to one. For more days, the
   * rows of one day are in files of their own or of its neighbours'.
   */
  private Dataset<Row> files(Dataset<Row> rows, long count) {
    return files(rows, count, interval.from(), interval.length());
  }

  private Dataset<Row> files(Dataset<Row> rows, long count, Instant from, Duration length) {
    int cores = cores();
    long wanted = 1 + count / ROWS_OF_A_FILE;
    if (isOneDay(length)) {
      return rows.coalesce((int) Math.min(cores, wanted));
    }
    int days = (int) Math.min(MAX_FILES, length.toDays() + 1);
    int parts = (int) Math.min((cores + days - 1) / days, 1 + wanted / days);
    int asOf = rows.schema().fieldIndex(CheckedTrainingSet.AS_OF);
    int id = rows.schema().fieldIndex(ScoreColumns.PREDICTION);
    long first = Micros.of(from.truncatedTo(ChronoUnit.DAYS));
    long day = Math.max(DAY, Micros.of(length) / days + 1);
    return InternalRows.divided(
        rows,
        days * parts,
        row -> {
          int of = (int) Math.min(days - 1, (row.getLong(asOf) - first) / day);
          return of * parts + Math.floorMod(row.getUTF8String(id).hashCode(), parts);
        });
  }

  /** The facts of scorings of the interval, or of one that overlaps it; some left no row in it. */
  private List<ScoringFacts> earlier() {
    return inForce.commits().stream()
        .flatMap(commit -> commit.facts().stream())
        .filter(f -> f.key().interval().filter(interval::overlaps).isPresent())
        .flatMap(f -> f.facts(ScoringFacts.class).stream())
        .toList();
  }

  private Dataset<Row> within(Dataset<Row> rows) {
    return rows.where(predicate());
  }

  /** The predicate of the interval's rows that this scoring owns. */
  private String predicate() {
    StringBuilder predicate =
        new StringBuilder(
            "%1$s >= timestamp'%2$s' AND %1$s < timestamp'%3$s'"
                .formatted(CheckedTrainingSet.AS_OF, interval.from(), interval.to()));
    for (Contender other : unmoved) {
      predicate.append(
          " AND NOT (%s = '%s' AND %s = %d)"
              .formatted(
                  ScoreColumns.ROLE,
                  other.role(),
                  ScoreColumns.MODEL_VERSION,
                  other.version().number()));
    }
    return predicate.toString();
  }
}
