package io.tributary.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.expression.CheckedProject;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The rows of a source that its gate has held back, and a person's decisions on them.
 *
 * <p>A row can be released when nothing but expectations, or the rejection of its delivery, holds
 * it. A malformed line has to be mended and delivered again, for nobody can say what its values
 * are; so has a row without event key or times, or one on which an expression fails.
 */
public final class Quarantine {
  /** How free a row is. */
  public enum State {
    /** Expectations or its delivery's rejection hold it: a person may release it. */
    HELD,
    /** Its line is malformed. */
    MALFORMED,
    /** It has no event key or times, shares a key, or an expression fails on it. */
    UNUSABLE,
    /** It is released; the next ingest admits it. */
    RELEASED
  }

  /** More would swell the ledger. */
  private static final int MOST_RANGES = 200_000;

  private static final String STATE = "_state";

  private final String source;
  private final boolean isStatic;
  private final Lake lake;
  private final DeliveryLedger ledger;
  private final LakeTable table;

  private Quarantine(String source, boolean isStatic, Lake lake) {
    this.source = source;
    this.isStatic = isStatic;
    this.lake = lake;
    this.ledger = new DeliveryLedger(lake.events(DeliveryLedger.LOG));
    this.table = lake.table(TableName.of("quarantine", source));
  }

  /**
   * The quarantine of a source that is ingested.
   *
   * @throws PlatformException NOT_FOUND when the project has no such source
   */
  public static Quarantine of(CheckedProject project, String source, Lake lake) {
    return new Quarantine(source, SourceRules.of(project, source).isStatic(), lake);
  }

  /**
   * Which rows are meant: those that all of it is true of.
   *
   * @param reason a rule, or {@code rule/column}
   * @param rows places by file; empty = wherever
   */
  public record Selection(
      Optional<Long> delivery,
      Optional<String> run,
      Optional<String> reason,
      Map<String, LineSet> rows) {
    public static final Selection ALL =
        new Selection(Optional.empty(), Optional.empty(), Optional.empty(), Map.of());

    public Selection {
      rows = java.util.Collections.unmodifiableMap(new TreeMap<>(rows));
    }

    private Column column() {
      Column meant = lit(true);
      if (delivery.isPresent()) {
        meant = meant.and(col(LakeTable.DELIVERY).equalTo(delivery.get()));
      }
      if (run.isPresent()) {
        meant = meant.and(col("_run").equalTo(run.get()));
      }
      if (reason.isPresent()) {
        Column wanted = lit(reason.get());
        meant =
            meant.and(
                org.apache.spark.sql.functions.exists(
                    col("reasons"),
                    r ->
                        r.getField("rule")
                            .equalTo(wanted)
                            .or(
                                org.apache
                                    .spark
                                    .sql
                                    .functions
                                    .concat_ws("/", r.getField("rule"), r.getField("column"))
                                    .equalTo(wanted))));
      }
      if (!rows.isEmpty()) {
        Column any = lit(false);
        for (Map.Entry<String, LineSet> file : rows.entrySet()) {
          Column lines = lit(false);
          for (LineSet.Range range : file.getValue().ranges()) {
            lines = lines.or(col("_line").between(range.first(), range.last()));
          }
          any = any.or(col("_file").equalTo(file.getKey()).and(lines));
        }
        meant = meant.and(any);
      }
      return meant;
    }
  }

  /** How many rows have a reason. */
  public record ReasonCount(String rule, String column, long rows) {}

  /** A row, and why it is held. */
  public record HeldRow(
      long delivery,
      String file,
      long line,
      String run,
      State state,
      String raw,
      List<Reason> reasons) {}

  /**
   * What is in quarantine.
   *
   * @param states how many rows are in which state
   * @param reasons most rows first; a row with several reasons counts at each
   * @param list the first rows by delivery, file and line
   */
  public record Held(
      String source,
      long rows,
      long deliveries,
      Map<State, Long> states,
      List<ReasonCount> reasons,
      List<HeldRow> list) {}

  /** The rows that a selection means, {@code most} of them one by one. */
  public Held held(Selection selection, int most) {
    if (table.version().isEmpty()) {
      return new Held(source, 0, 0, Map.of(), List.of(), List.of());
    }
    Dataset<Row> rows = rows(releases(entries())).where(selection.column()).cache();
    try {
      Map<State, Long> states = new TreeMap<>();
      for (Row row : rows.groupBy(STATE).agg(count(lit(1))).collectAsList()) {
        states.put(State.valueOf(row.getString(0)), row.getLong(1));
      }
      List<ReasonCount> reasons =
          rows
              .select(explode(col("reasons")).as("r"))
              .groupBy(col("r.rule"), col("r.column"))
              .agg(count(lit(1)).as("n"))
              .orderBy(col("n").desc(), col("rule"), col("column"))
              .collectAsList()
              .stream()
              .map(r -> new ReasonCount(r.getString(0), r.getString(1), r.getLong(2)))
              .toList();
      long deliveries = rows.agg(countDistinct(LakeTable.DELIVERY)).head().getLong(0);
      List<HeldRow> list =
          sorted(rows).limit(most).collectAsList().stream().map(Quarantine::heldRow).toList();
      long all = states.values().stream().mapToLong(Long::longValue).sum();
      return new Held(source, all, deliveries, states, reasons, list);
    } finally {
      rows.unpersist(false);
    }
  }

  /**
   * What a release did.
   *
   * @param delivery the release's own number in the ledger; empty when there was nothing to release
   * @param released how many rows it releases
   * @param before rows that were meant too, and had been released before
   * @param malformed rows that were meant too, and can only be delivered again
   * @param unusable as {@code malformed}
   * @param settled rejected deliveries that ingest no longer fails for
   * @param refused rejected deliveries that it released some rows of, but not all that were held
   *     for the rejection alone: ingest still fails for them
   */
  public record Released(
      String source,
      Optional<Long> delivery,
      long released,
      long before,
      long malformed,
      long unusable,
      List<Long> settled,
      List<Long> refused) {}

  /**
   * Releases the rows that a selection means and that can be released; the next ingest admits them,
   * once, however often they are released. Rows that can't be are left where they are, unless the
   * selection names them: then it is an error.
   *
   * @param because why; who reads the ledger in a year must understand it
   * @param by who
   * @throws PlatformException NOT_FOUND when no row is meant, or a named one is not there; REFUSED
   *     when none can be released; CONFLICT when something was delivered or released meanwhile
   */
  public Released release(Selection selection, String because, String by) {
    if (because.isBlank()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot release rows of source "
              + source
              + ": the reason is empty. Say why they are good, with --because.");
    }
    if (isStatic) {
      throw refusal(
          "it is reference data, of which the newest delivery is the whole content. Correct the file or the expectation, and deliver it whole");
    }
    List<LedgerEntry> entries = entries();
    if (table.version().isEmpty()) {
      throw none();
    }
    Dataset<Row> all = rows(releases(entries)).cache();
    try {
      Chosen chosen = new Chosen(!selection.rows().isEmpty());
      Iterator<Row> meant = sorted(all.where(selection.column())).toLocalIterator();
      while (meant.hasNext()) {
        chosen.add(heldRow(meant.next()));
      }
      check(selection, chosen);
      if (chosen.count(State.HELD) == 0) {
        return chosen.released(source, Optional.empty(), List.of(), List.of());
      }
      List<Release.Rows> rows = chosen.rows();
      if (rows.stream().mapToLong(r -> r.lines().ranges().size()).sum() > MOST_RANGES) {
        throw refusal(
            "the %,d rows lie too scattered to be listed in one decision. Correct the expectation instead, and run ingest"
                .formatted(chosen.count(State.HELD)));
      }
      List<Long> settled = new ArrayList<>();
      List<Long> refused = new ArrayList<>();
      for (LedgerEntry entry : entries) {
        long number = entry.delivery().number();
        if (entry.is(LedgerEntry.Outcome.REJECTED) && chosen.deliveries().contains(number)) {
          (heldForRejection(all, number) == chosen.heldForRejection(number) ? settled : refused)
              .add(number);
        }
      }
      Delivery delivery =
          ledger.release(source, new Release(rows, settled, because, by), entries.size());
      return chosen.released(source, Optional.of(delivery.number()), settled, refused);
    } finally {
      all.unpersist(false);
    }
  }

  private void check(Selection selection, Chosen chosen) {
    if (chosen.all == 0 && selection.rows().isEmpty()) {
      throw none();
    }
    for (Map.Entry<String, LineSet> file : selection.rows().entrySet()) {
      for (LineSet.Range range : file.getValue().ranges()) {
        for (long line = range.first(); line <= range.last(); line++) {
          List<HeldRow> rows = chosen.at.getOrDefault(file.getKey() + ":" + line, List.of());
          if (rows.isEmpty()) {
            throw new PlatformException(
                ErrorCode.NOT_FOUND,
                "Cannot release %s:%d of source %s: it is not in quarantine. See what is: tributary quarantine show %s."
                    .formatted(file.getKey(), line, source, source));
          }
          if (rows.size() > 1) {
            throw new PlatformException(
                ErrorCode.INVALID_REQUEST,
                "Cannot release %s:%d of source %s: deliveries %s have such a row each. Name one with --delivery."
                    .formatted(
                        file.getKey(),
                        line,
                        source,
                        rows.stream()
                            .map(r -> String.valueOf(r.delivery()))
                            .collect(Collectors.joining(" and "))));
          }
          HeldRow row = rows.get(0);
          if (row.state() == State.MALFORMED || row.state() == State.UNUSABLE) {
            throw new PlatformException(
                ErrorCode.REFUSED,
                "Cannot release %s:%d of source %s: %s (%s). Mend the line, and deliver the file again."
                    .formatted(
                        file.getKey(),
                        line,
                        source,
                        row.state() == State.MALFORMED
                            ? "its line is malformed, so nobody can say what its values are"
                            : "it can't be used whatever a person says",
                        reasons(row)));
          }
        }
      }
    }
    if (chosen.count(State.HELD) == 0 && chosen.count(State.RELEASED) == 0) {
      throw refusal(
          "of the %,d rows that are meant %,d are malformed lines and %,d have no key or time, share a key or fail an expression. Mend them, and deliver the file again"
              .formatted(chosen.all, chosen.count(State.MALFORMED), chosen.count(State.UNUSABLE)));
    }
  }

  private static String reasons(HeldRow row) {
    return row.reasons().stream()
        .map(r -> r.column().isEmpty() ? r.message() : r.column() + ": " + r.message())
        .collect(Collectors.joining("; "));
  }

  private static long heldForRejection(Dataset<Row> all, long delivery) {
    return all.where(
            col(LakeTable.DELIVERY)
                .equalTo(delivery)
                .and(col(STATE).equalTo(State.HELD.name()))
                .and(expr("forall(reasons, r -> r.rule = 'delivery')")))
        .count();
  }

  /** The rows that a selection means, as far as a decision needs them. */
  private static final class Chosen {
    private final Map<State, Long> states = new TreeMap<>();
    private final Map<Long, Map<String, List<Long>>> lines = new TreeMap<>();
    private final Map<Long, Long> forRejection = new TreeMap<>();
    private final Map<String, List<HeldRow>> at = new LinkedHashMap<>();
    private final boolean named;
    private long all;

    Chosen(boolean named) {
      this.named = named;
    }

    void add(HeldRow row) {
      all++;
      states.merge(row.state(), 1L, Long::sum);
      if (named) {
        at.computeIfAbsent(row.file() + ":" + row.line(), p -> new ArrayList<>()).add(row);
      }
      if (row.state() == State.HELD) {
        lines
            .computeIfAbsent(row.delivery(), d -> new TreeMap<>())
            .computeIfAbsent(row.file(), f -> new ArrayList<>())
            .add(row.line());
        if (row.reasons().stream().allMatch(r -> r.rule().equals("delivery"))) {
          forRejection.merge(row.delivery(), 1L, Long::sum);
        }
      }
    }

    long count(State state) {
      return states.getOrDefault(state, 0L);
    }

    Set<Long> deliveries() {
      return new TreeSet<>(lines.keySet());
    }

    long heldForRejection(long delivery) {
      return forRejection.getOrDefault(delivery, 0L);
    }

    List<Release.Rows> rows() {
      List<Release.Rows> rows = new ArrayList<>();
      lines.forEach(
          (delivery, files) ->
              files.forEach(
                  (file, l) -> rows.add(new Release.Rows(delivery, file, LineSet.of(l)))));
      return rows;
    }

    Released released(
        String source, Optional<Long> delivery, List<Long> settled, List<Long> refused) {
      return new Released(
          source,
          delivery,
          count(State.HELD),
          count(State.RELEASED),
          count(State.MALFORMED),
          count(State.UNUSABLE),
          settled,
          refused);
    }
  }

  private List<LedgerEntry> entries() {
    return ledger.entries(source);
  }

  private static List<Release> releases(List<LedgerEntry> entries) {
    return entries.stream().flatMap(e -> e.delivery().release().stream()).toList();
  }

  private Dataset<Row> rows(List<Release> releases) {
    Dataset<Row> rows = table.read(table.requireVersion());
    String released = "_released";
    return new ReleasedRows(lake.spark(), releases)
        .marked(rows, released)
        .withColumn(
            STATE,
            when(col("_stage").equalTo("parse"), State.MALFORMED.name())
                .when(
                    col("_stage")
                        .equalTo("derive")
                        .or(expr("exists(reasons, r -> r.rule = 'event-key')")),
                    State.UNUSABLE.name())
                .when(col(released), State.RELEASED.name())
                .otherwise(State.HELD.name()))
        .drop(released);
  }

  private static Dataset<Row> sorted(Dataset<Row> rows) {
    return rows.select(LakeTable.DELIVERY, "_file", "_line", "_run", STATE, "raw", "reasons")
        .orderBy(LakeTable.DELIVERY, "_file", "_line");
  }

  private static HeldRow heldRow(Row row) {
    return new HeldRow(
        row.getLong(0),
        row.getString(1),
        row.getLong(2),
        row.getString(3),
        State.valueOf(row.getString(4)),
        row.getString(5),
        row.<Row>getList(6).stream()
            .map(r -> new Reason(r.getString(0), r.getString(1), r.getString(2)))
            .toList());
  }

  private PlatformException none() {
    return new PlatformException(
        ErrorCode.NOT_FOUND,
        "Cannot release rows of source %s: no such row is in quarantine. See what is: tributary quarantine show %s."
            .formatted(source, source));
  }

  private PlatformException refusal(String why) {
    return new PlatformException(
        ErrorCode.REFUSED, "Cannot release rows of source " + source + ": " + why + ".");
  }
}
