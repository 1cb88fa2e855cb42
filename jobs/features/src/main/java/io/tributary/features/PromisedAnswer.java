package io.tributary.features;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.online.RowCodec;
import io.tributary.online.StoredFeature;
import io.tributary.online.StoredRow;
import io.tributary.online.StoredView;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What rule 11 of the point-in-time contract makes of a snapshot's row at the instant of a
 * question, in the words of a recorded answer. It shares no code with what servers answer by.
 *
 * @param row the snapshot's; empty where it has none of the key
 */
record PromisedAnswer(StoredView view, Optional<StoredRow> row, Instant askedAt) {
  private String status(int feature) {
    if (row.isEmpty() || row.get().values().isEmpty()) {
      return "ABSENT";
    }
    if (isPast(view.ttl(), row.get().eventTime())
        || isPast(view.maxStaleness(), Optional.of(row.get().publishedFor()))) {
      return "EXPIRED";
    }
    return row.get().values().get(feature) == null ? "NULL" : "PRESENT";
  }

  private boolean isPast(Optional<Duration> age, Optional<Instant> since) {
    return age.isPresent()
        && since.isPresent()
        && since.get().compareTo(askedAt.minus(age.get())) < 0;
  }

  /** What is to be recorded of a feature, by its place. */
  JsonNode of(int feature) {
    StoredFeature of = view.features().get(feature);
    String status = status(feature);
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.put("status", status);
    JsonNode value =
        status.equals("PRESENT")
            ? RowCodec.node(row.get().values().get(feature))
            : status.equals("NULL") ? NullNode.instance : of.empty().orElse(NullNode.instance);
    if (!value.isNull()) {
      answer.set("value", value);
    } else if (of.defaultValue().isPresent() && !of.defaultValue().get().isNull()) {
      answer.set("value", of.defaultValue().get());
      answer.put("default", true);
    }
    return answer;
  }

  /** Whether a recorded answer says the same, to the bit of its value. */
  static boolean isSame(JsonNode recorded, JsonNode promised, String type) {
    return recorded.path("status").equals(promised.path("status"))
        && recorded.path("default").asBoolean() == promised.path("default").asBoolean()
        && RowCodec.node(RowCodec.value(recorded.get("value"), type))
            .equals(RowCodec.node(RowCodec.value(promised.get("value"), type)));
  }
}
