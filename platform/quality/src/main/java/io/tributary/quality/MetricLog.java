package io.tributary.quality;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.RunId;
import io.tributary.core.TableName;
import io.tributary.events.RowLog;
import io.tributary.events.RowLog.Column;
import io.tributary.events.RowLog.Type;
import io.tributary.events.runs.LakeTables;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.Predicate;

/**
 * What was ever measured of deliveries, a number a row: the table {@code platform.metrics}, for
 * charts and for judging a delivery by those before it. No Spark. Safe for threads and processes.
 *
 * <p>A delivery that is judged again is measured again, under another run; its newest run counts.
 */
public final class MetricLog {
  /** The table. */
  public static final TableName TABLE = TableName.of("platform", "metrics");

  /** Of the rows that this build writes, and the newest that it reads. */
  private static final long FORMAT = 1;

  private static final Comparator<Measured> BY_RUN =
      Comparator.comparing(Measured::at).thenComparing(m -> m.run().text());

  static final List<Column> COLUMNS =
      List.of(
          new Column("at", Type.INSTANT),
          new Column("subject", Type.TEXT),
          new Column("delivery", Type.WHOLE),
          new Column("metric", Type.TEXT),
          new Column("column", Type.TEXT),
          new Column("value", Type.NUMBER),
          new Column("expectation", Type.TEXT),
          new Column("suite", Type.TEXT),
          new Column("run", Type.TEXT),
          new Column("format", Type.WHOLE));

  private final RowLog rows;

  private MetricLog(RowLog rows) {
    this.rows = rows;
  }

  /** That of the lake at a local folder or Hadoop URI; nothing is read or written yet. */
  public static MetricLog open(String lake) {
    return new MetricLog(RowLog.open(LakeTables.path(lake, TABLE), COLUMNS));
  }

  /**
   * A number that was measured.
   *
   * @param at when its run began; microseconds at most, finer parts are cut off
   * @param subject the source
   * @param column the column or columns that it is about, as in {@code a, b}; empty = the delivery
   * @param expectation what it was measured for, with its arguments; empty = always measured
   * @param suite the digest of that expectation's suite; empty where there is none
   */
  public record Measured(
      Instant at,
      String subject,
      long delivery,
      String column,
      Metric metric,
      String expectation,
      Optional<Digest> suite,
      RunId run) {
    public Measured {
      at = at.truncatedTo(ChronoUnit.MICROS);
    }
  }

  /** Appends what a run has measured of a subject, all of it at once; a second time is none. */
  public void append(RunId run, String subject, List<Measured> measured) {
    if (measured.isEmpty()) {
      return;
    }
    List<List<Object>> list = new ArrayList<>();
    for (Measured m : measured) {
      List<Object> row = new ArrayList<>();
      row.add(m.at());
      row.add(m.subject());
      row.add(m.delivery());
      row.add(m.metric().name());
      row.add(m.column());
      row.add(m.metric().value());
      row.add(m.expectation());
      row.add(m.suite().map(Digest::hex).orElse(""));
      row.add(m.run().text());
      row.add(FORMAT);
      list.add(row);
    }
    rows.append("measured/" + run + "/" + subject, list);
  }

  /**
   * What was measured of some subjects, of each delivery by its newest run, in no order.
   *
   * @throws PlatformException REFUSED where a newer build has measured what this one can't read
   */
  public List<Measured> read(Predicate<String> subjects) {
    List<Measured> list = new ArrayList<>();
    Map<List<Object>, Measured> newest = new HashMap<>();
    rows.read(
        row -> {
          if (subjects.test((String) row.get(1))) {
            Measured measured = measured(row);
            list.add(measured);
            newest.merge(delivery(measured), measured, BinaryOperator.maxBy(BY_RUN));
          }
        });
    list.removeIf(m -> !m.run().equals(newest.get(delivery(m)).run()));
    return list;
  }

  private static List<Object> delivery(Measured measured) {
    return List.of(measured.subject(), measured.delivery());
  }

  private static Measured measured(List<Object> row) {
    long format = (Long) row.get(9);
    if (format > FORMAT) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot read table %s: it has rows of format %d, which a newer build wrote, and this one reads up to %d. Use that build."
              .formatted(TABLE, format, FORMAT));
    }
    String suite = (String) row.get(7);
    return new Measured(
        (Instant) row.get(0),
        (String) row.get(1),
        (Long) row.get(2),
        (String) row.get(4),
        new Metric((String) row.get(3), (Double) row.get(5)),
        (String) row.get(6),
        suite.isEmpty() ? Optional.empty() : Optional.of(Digest.parse(suite)),
        RunId.parse((String) row.get(8)));
  }
}
