package io.tributary.events.served;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.events.RowLog;
import io.tributary.events.RowLog.Column;
import io.tributary.events.RowLog.Type;
import io.tributary.events.runs.LakeTables;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The table {@code served.answers}: what servers recorded of the features that they answered with.
 * Any number of them append to it at once.
 */
public final class ServedAnswers {
  /** The table. */
  public static final TableName TABLE = TableName.of("served", "answers");

  /** Of the rows that this build writes, and the newest that it reads. */
  private static final long FORMAT = 1;

  private static final List<Column> COLUMNS =
      List.of(
          new Column("at", Type.INSTANT),
          new Column("asked_at", Type.INSTANT),
          new Column("request", Type.TEXT),
          new Column("principal", Type.TEXT),
          new Column("server", Type.TEXT),
          new Column("view", Type.TEXT),
          new Column("publication", Type.WHOLE),
          new Column("identity", Type.TEXT),
          new Column("key", Type.TEXT),
          new Column("answers", Type.TEXT),
          new Column("event_time", Type.INSTANT),
          new Column("published_for", Type.INSTANT),
          new Column("format", Type.WHOLE));

  private final RowLog rows;

  private ServedAnswers(RowLog rows) {
    this.rows = rows;
  }

  /** That of the lake at a local folder or Hadoop URI; nothing is read or written yet. */
  public static ServedAnswers open(String lake) {
    return new ServedAnswers(RowLog.passing(LakeTables.path(lake, TABLE), COLUMNS));
  }

  /**
   * Appends answers in one commit, once per server and number.
   *
   * @param number greater than those before it
   * @throws PlatformException STORAGE when they could not be written: the same may be tried again
   */
  public void append(String server, long number, List<ServedAnswer> answers) {
    rows.append("server/" + server, number, answers.stream().map(ServedAnswers::row).toList());
  }

  private static List<Object> row(ServedAnswer of) {
    return Arrays.asList(
        of.at(),
        of.askedAt(),
        of.request(),
        of.principal().orElse(null),
        of.server(),
        of.view(),
        of.publication(),
        of.identity(),
        of.key(),
        of.answers(),
        of.eventTime().orElse(null),
        of.publishedFor().orElse(null),
        FORMAT);
  }

  /** Passes on those whose requests came in an interval, in no order. */
  public void read(Interval within, Consumer<ServedAnswer> answers) {
    rows.read(within, row -> answers.accept(answer(row)));
  }

  /**
   * Refuses rows that a newer build wrote.
   *
   * @throws PlatformException REFUSED
   */
  public static void requireFormat(long format) {
    if (format > FORMAT) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot read %s: it has rows of format %d, which a newer build of Tributary wrote. Use that build, or a later one."
              .formatted(TABLE, format));
    }
  }

  private static ServedAnswer answer(List<Object> row) {
    requireFormat((Long) row.get(row.size() - 1));
    return new ServedAnswer(
        (Instant) row.get(0),
        (Instant) row.get(1),
        (String) row.get(2),
        Optional.ofNullable((String) row.get(3)),
        (String) row.get(4),
        (String) row.get(5),
        (Long) row.get(6),
        (String) row.get(7),
        (String) row.get(8),
        (String) row.get(9),
        Optional.ofNullable((Instant) row.get(10)),
        Optional.ofNullable((Instant) row.get(11)));
  }
}
