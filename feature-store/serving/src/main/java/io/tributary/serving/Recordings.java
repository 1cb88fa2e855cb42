package io.tributary.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Recording;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.events.served.ServedAnswer;
import io.tributary.events.served.ServedAnswers;
import io.tributary.events.served.ServedPrediction;
import io.tributary.events.served.ServedPrediction.LookedUp;
import io.tributary.events.served.ServedPredictions;
import io.tributary.model.Input;
import io.tributary.online.Answer;
import io.tributary.online.Bytes;
import io.tributary.online.Publication;
import io.tributary.online.PublishedSnapshot;
import io.tributary.online.RowCodec;
import io.tributary.registry.ModelVersion;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a server records in the lake of what it answered: scores with their inputs, and a share of
 * the features. Requests leave things as they are here; they are put into words when they are
 * written.
 */
final class Recordings implements AutoCloseable {
  /** About the bytes in memory of a row, and of each value in it, apart from texts. */
  private static final int ROW_BYTES = 200;

  private static final int VALUE_BYTES = 64;

  private final String lake;
  private final Recording share;

  /** Tells this start of a server from others. */
  private final long server = new SecureRandom().nextLong();

  private final Recorder<Scored> predictions;
  private final Recorder<Answered> answers;

  /**
   * Scores of a request.
   *
   * @param number the request's
   * @param asked by row, what it said beside inputs
   * @param inputs by row, in the order of the signature; null for what is missing
   */
  private record Scored(
      long number,
      Instant at,
      Optional<String> principal,
      ModelVersion version,
      List<Input> signature,
      List<Map<String, JsonNode>> asked,
      Object[][] inputs,
      double[] scores,
      List<Publication> publications) {}

  /** What was read for a request. */
  private record Answered(
      long number, Instant at, Optional<String> principal, List<Reading> readings) {}

  Recordings(Recording share, String lake, Measurements measurements) {
    this(share, lake, measurements, Limits.RECORDED_EVERY);
  }

  Recordings(Recording share, String lake, Measurements measurements, Duration every) {
    this.share = share;
    this.lake = lake;
    ServedPredictions scored = ServedPredictions.open(lake);
    ServedAnswers answered = ServedAnswers.open(lake);
    predictions =
        new Recorder<>(
            "predictions",
            (number, batch) -> {
              requireLake();
              scored.append(
                  hex(server), number, batch.stream().flatMap(of -> rows(of).stream()).toList());
            },
            new Recorder.Size<>() {
              @Override
              public int rows(Scored of) {
                return of.scores().length;
              }

              @Override
              public long bytes(Scored of) {
                long bytes = 0;
                for (Object[] row : of.inputs()) {
                  bytes += ROW_BYTES;
                  for (Object value : row) {
                    bytes += weight(value);
                  }
                }
                for (Map<String, JsonNode> row : of.asked()) {
                  bytes += weight(row);
                }
                return bytes;
              }
            },
            measurements.meter("predictions"),
            every);
    answers =
        new Recorder<>(
            "answers",
            (number, batch) -> {
              requireLake();
              answered.append(
                  hex(server), number, batch.stream().flatMap(of -> rows(of).stream()).toList());
            },
            new Recorder.Size<>() {
              @Override
              public int rows(Answered of) {
                return of.readings().stream().mapToInt(reading -> reading.keys().size()).sum();
              }

              @Override
              public long bytes(Answered of) {
                return of.readings().stream().mapToLong(Recordings::weight).sum();
              }
            },
            measurements.meter("answers"),
            every);
  }

  private static long weight(Reading of) {
    long bytes = 0;
    for (List<Answer> row : of.answers()) {
      bytes += ROW_BYTES;
      for (Answer answer : row) {
        bytes += VALUE_BYTES + weight(answer.value().orElse(null));
      }
    }
    for (List<Object> key : of.keys()) {
      bytes += weight(key);
    }
    return bytes;
  }

  private static long weight(Object value) {
    long bytes = VALUE_BYTES;
    if (value instanceof String text) {
      bytes += 2L * text.length();
    } else if (value instanceof JsonNode node) {
      bytes += 2L * node.asText().length();
      for (JsonNode inner : node) {
        bytes += weight(inner);
      }
      for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
        bytes += 2L * names.next().length();
      }
    } else if (value instanceof Bytes binary) {
      bytes += binary.bytes().length;
    } else if (value instanceof Collection<?> some) {
      for (Object each : some) {
        bytes += weight(each);
      }
    } else if (value instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> each : map.entrySet()) {
        bytes += weight(each.getKey()) + weight(each.getValue());
      }
    }
    return bytes;
  }

  /** Tables must not be made in the empty folder that a lake is to be mounted at. */
  private void requireLake() {
    if (LakeIdentity.require(lake).isEmpty()) {
      throw new PlatformException(
          ErrorCode.STORAGE, "There is no lake at %s. Mount it.".formatted(lake));
    }
  }

  private static String hex(long bits) {
    return "%016x".formatted(bits);
  }

  /** All of a request is recorded, or nothing. */
  private boolean takes(double of, long number) {
    return of > 0 && (of >= 1 || uniform(server + number) < of);
  }

  /** A number from 0 to 1 that looks like chance (the end of SplitMix64). */
  private static double uniform(long number) {
    long bits = number * 0x9E3779B97F4A7C15L;
    bits = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
    bits = (bits ^ bits >>> 27) * 0x94D049BB133111EBL;
    return ((bits ^ bits >>> 31) >>> 11) * 0x1.0p-53;
  }

  private static Optional<String> principal(Call call) {
    return call.caller().token().map(token -> token.principal().name());
  }

  /**
   * Takes the scores of a request.
   *
   * @param asked by row, what it said beside inputs
   * @param inputs by row, in the order of the signature; null for what is missing
   * @return what the ids of its predictions begin with; empty where they are not recorded
   */
  Optional<String> scored(
      Call call,
      ServedVersion version,
      List<Map<String, JsonNode>> asked,
      Object[][] inputs,
      double[] scores,
      List<Publication> publications) {
    if (!takes(share.predictions(), call.number())) {
      return Optional.empty();
    }
    ModelVersion of = version.version();
    boolean taken =
        predictions.offer(
            new Scored(
                call.number(),
                call.at(),
                principal(call),
                of,
                version.model().signature().inputs(),
                asked,
                inputs,
                scores,
                publications));
    return taken
        ? Optional.of(
            ServedPrediction.request(of.reference().toString(), call.at(), id(call.number())))
        : Optional.empty();
  }

  private String id(long request) {
    return hex(server) + hex(request);
  }

  private List<ServedPrediction> rows(Scored of) {
    String id =
        ServedPrediction.request(of.version().reference().toString(), of.at(), id(of.number()));
    List<LookedUp> publications = of.publications().stream().map(Recordings::lookedUp).toList();
    List<ServedPrediction> rows = new ArrayList<>();
    for (int row = 0; row < of.scores().length; row++) {
      Map<String, Object> inputs = new LinkedHashMap<>();
      for (int i = 0; i < of.signature().size(); i++) {
        Object used = InputValues.used(of.signature().get(i), of.inputs()[row][i]);
        if (used != null) {
          inputs.put(of.signature().get(i).column(), used);
        }
      }
      rows.add(
          new ServedPrediction(
              of.at(),
              id + "/" + (row + 1),
              of.version().model(),
              of.version().number(),
              of.version().artefact().digest(),
              of.principal(),
              hex(server),
              said(of.asked().get(row)),
              inputs,
              of.scores()[row],
              publications));
    }
    return rows;
  }

  private static Map<String, Object> said(Map<String, JsonNode> asked) {
    Map<String, Object> said = new LinkedHashMap<>(asked);
    asked.forEach(
        (column, value) -> said.computeIfPresent(column, (c, v) -> value.isNull() ? null : v));
    return said;
  }

  private static LookedUp lookedUp(Publication of) {
    return new LookedUp(
        of.view().id().toString(),
        of.sequence(),
        of.identity(),
        of.instant(),
        of.snapshots().stream().map(PublishedSnapshot::snapshot).toList(),
        Optional.ofNullable(of.record().get("run")).map(Object::toString));
  }

  /** Takes what was read for a request that is answered, or leaves it. */
  void answered(Call call) {
    // What has no features says nothing.
    List<Reading> readings =
        call.readings().stream().filter(reading -> !reading.features().isEmpty()).toList();
    if (!readings.isEmpty() && takes(share.answers(), call.number())) {
      var unused = answers.offer(new Answered(call.number(), call.at(), principal(call), readings));
    }
  }

  private List<ServedAnswer> rows(Answered of) {
    return of.readings().stream().flatMap(reading -> rows(of, reading).stream()).toList();
  }

  private List<ServedAnswer> rows(Answered request, Reading of) {
    List<ServedAnswer> rows = new ArrayList<>();
    for (int row = 0; row < of.keys().size(); row++) {
      ArrayNode key = JsonNodeFactory.instance.arrayNode();
      of.keys().get(row).forEach(value -> key.add(RowCodec.node(value)));
      ObjectNode answers = JsonNodeFactory.instance.objectNode();
      for (Answer answer : of.answers().get(row)) {
        ObjectNode said = answers.putObject(answer.feature());
        said.put("status", answer.status().name());
        answer.value().ifPresent(value -> said.set("value", RowCodec.node(value)));
        if (answer.isDefault()) {
          said.put("default", true);
        }
      }
      Answer first = of.answers().get(row).get(0);
      rows.add(
          new ServedAnswer(
              request.at(),
              of.at(),
              id(request.number()),
              request.principal(),
              hex(server),
              of.published().view().id().toString(),
              of.published().sequence(),
              of.published().identity(),
              key.toString(),
              answers.toString(),
              first.eventTime(),
              first.publishedFor()));
    }
    return rows;
  }

  /** What can't be recorded now, or was lost. */
  List<String> troubles() {
    List<String> troubles = new ArrayList<>();
    predictions.trouble().ifPresent(troubles::add);
    answers.trouble().ifPresent(troubles::add);
    return troubles;
  }

  /** Writes what waits, for a moment. */
  @Override
  public void close() {
    predictions.end();
    answers.end();
    predictions.close();
    answers.close();
  }
}
