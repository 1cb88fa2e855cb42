package io.tributary.events.served;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.events.RowLog;
import io.tributary.events.RowLog.Column;
import io.tributary.events.RowLog.Type;
import io.tributary.events.runs.LakeTables;
import io.tributary.events.served.ServedPrediction.LookedUp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The table {@code served.predictions}: what servers recorded of the scores that they gave. Any
 * number of them append to it at once.
 */
public final class ServedPredictions {
  /** The table. */
  public static final TableName TABLE = TableName.of("served", "predictions");

  /** Of the rows that this build writes, and the newest that it reads. */
  private static final long FORMAT = 1;

  private static final List<Column> COLUMNS =
      List.of(
          new Column("at", Type.INSTANT),
          new Column("id", Type.TEXT),
          new Column("model", Type.TEXT),
          new Column("model_version", Type.WHOLE),
          new Column("artefact", Type.TEXT),
          new Column("principal", Type.TEXT),
          new Column("server", Type.TEXT),
          new Column("asked", Type.TEXT),
          new Column("inputs", Type.TEXT),
          new Column("score", Type.NUMBER),
          new Column("publications", Type.TEXT),
          new Column("format", Type.WHOLE));

  private static final TypeReference<Map<String, Object>> VALUES = new TypeReference<>() {};

  private final RowLog rows;

  private ServedPredictions(RowLog rows) {
    this.rows = rows;
  }

  /** That of the lake at a local folder or Hadoop URI; nothing is read or written yet. */
  public static ServedPredictions open(String lake) {
    return new ServedPredictions(RowLog.passing(LakeTables.path(lake, TABLE), COLUMNS));
  }

  /**
   * Appends predictions in one commit, once per server and number.
   *
   * @param number greater than those before it
   * @throws PlatformException STORAGE when they could not be written: the same may be tried again
   */
  public void append(String server, long number, List<ServedPrediction> predictions) {
    rows.append(
        "server/" + server, number, predictions.stream().map(ServedPredictions::row).toList());
  }

  private static List<Object> row(ServedPrediction of) {
    return Arrays.asList(
        of.at(),
        of.id(),
        of.model(),
        of.version(),
        of.artefact().hex(),
        of.principal().orElse(null),
        of.server(),
        Json.write(of.asked()),
        Json.write(of.inputs()),
        of.score(),
        Json.write(of.publications()),
        FORMAT);
  }

  /** Passes on those whose requests came in an interval, in no order. */
  public void read(Interval within, Consumer<ServedPrediction> predictions) {
    rows.read(within, row -> predictions.accept(prediction(row)));
  }

  /** The day that an id names; empty where there is none of that date. */
  private static Optional<LocalDate> day(String id) {
    try {
      return Optional.of(LocalDate.parse(id.split("/", -1)[1]));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /**
   * Those that an id names, in the order of their rows: one, or all of a request.
   *
   * @throws PlatformException NOT_FOUND when there is none
   */
  public List<ServedPrediction> find(String id) {
    List<ServedPrediction> found = new ArrayList<>();
    day(id)
        .ifPresent(
            day ->
                rows.read(
                    Interval.day(day, ZoneOffset.UTC),
                    row -> {
                      String of = (String) row.get(1);
                      if (of.equals(id)
                          || ServedPrediction.isRequest(id) && of.startsWith(id + "/")) {
                        found.add(prediction(row));
                      }
                    }));
    if (found.isEmpty()) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot trace prediction %s: %s does not have it. A server writes what it said within a minute, loses it where it is killed before or the lake can't be written, and records the share that \"serving\" in tributary.yaml says."
              .formatted(id, TABLE));
    }
    found.sort((a, b) -> Long.compare(place(a), place(b)));
    return found;
  }

  private static long place(ServedPrediction of) {
    return Long.parseLong(of.id().substring(of.id().lastIndexOf('/') + 1));
  }

  private static ServedPrediction prediction(List<Object> row) {
    long format = (Long) row.get(row.size() - 1);
    if (format > FORMAT) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot read %s: it has rows of format %d, which a newer build of Tributary wrote. Use that build, or a later one."
              .formatted(TABLE, format));
    }
    return new ServedPrediction(
        (Instant) row.get(0),
        (String) row.get(1),
        (String) row.get(2),
        (Long) row.get(3),
        Digest.parse((String) row.get(4)),
        Optional.ofNullable((String) row.get(5)),
        (String) row.get(6),
        values(row.get(7)),
        values(row.get(8)),
        (Double) row.get(9),
        Arrays.asList(Json.read((String) row.get(10), LookedUp[].class)));
  }

  private static Map<String, Object> values(Object json) {
    return Json.mapper().convertValue(Json.read((String) json, JsonNode.class), VALUES);
  }
}
