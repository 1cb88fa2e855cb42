package io.tributary.online;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.ViewId;
import io.tributary.online.Answer.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A feature view as an online store has it: its columns, and when its rows expire.
 *
 * @param definition the digest of the view's definition
 * @param keys the entity's columns in their order
 * @param ttl how old a row's event may be at the instant of a question; only for look-up views
 * @param maxStaleness how old a row's publish instant may be at the instant of a question
 */
public record StoredView(
    ViewId id,
    Digest definition,
    List<StoredColumn> keys,
    List<StoredFeature> features,
    Optional<Duration> ttl,
    Optional<Duration> maxStaleness) {
  public StoredView {
    keys = List.copyOf(keys);
    features = List.copyOf(features);
    Set<String> names = new HashSet<>();
    for (StoredFeature feature : features) {
      if (!names.add(feature.name())) {
        throw new PlatformException(
            ErrorCode.BUG,
            "Cannot publish view %s: two features are named \"%s\". Report this as a bug."
                .formatted(id, feature.name()));
      }
      if (!RowCodec.reads(feature.type())) {
        throw new PlatformException(
            ErrorCode.INVALID_DEFINITION,
            "Cannot publish view %s: the online store holds no %s, the type of feature %s. Cast it, or say online: false."
                .formatted(id, feature.type(), feature.name()));
      }
    }
  }

  /** Keys, then features, by name and type. */
  public List<StoredColumn> columns() {
    List<StoredColumn> columns = new ArrayList<>(keys);
    features.forEach(feature -> columns.add(feature.column()));
    return columns;
  }

  /** Whether rows of another view can stand beside this one's. */
  public boolean hasColumnsOf(StoredView other) {
    return keys.equals(other.keys) && columns().equals(other.columns());
  }

  /** The bytes that a key is stored under; none of a key with a null, which matches nothing. */
  public Optional<byte[]> keyBytes(List<?> key) {
    return key.stream().anyMatch(Objects::isNull)
        ? Optional.empty()
        : Optional.of(KeyCodec.encode(keys, key));
  }

  /** What is answered at an instant of the row that is stored of a key, one answer a feature. */
  public List<Answer> answers(Optional<StoredRow> row, Instant at) {
    if (row.isEmpty() || row.get().isAbsent()) {
      return empty(Status.ABSENT, row);
    }
    StoredRow stored = row.get();
    if (isExpired(stored, at)) {
      return empty(Status.EXPIRED, row);
    }
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < features.size(); i++) {
      answers.add(
          answer(
              features.get(i),
              stored.values().get(i),
              stored.eventTime(),
              Optional.of(stored.publishedFor())));
    }
    return answers;
  }

  private boolean isExpired(StoredRow row, Instant at) {
    return ttl.flatMap(age -> row.eventTime().map(e -> e.isBefore(at.minus(age)))).orElse(false)
        || maxStaleness.map(age -> row.publishedFor().isBefore(at.minus(age))).orElse(false);
  }

  /**
   * What is answered of values that were computed from what a request brings, one answer a feature.
   *
   * @param values by feature; null for what is null
   */
  public List<Answer> computed(List<?> values) {
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < features.size(); i++) {
      answers.add(answer(features.get(i), values.get(i), Optional.empty(), Optional.empty()));
    }
    return answers;
  }

  private static Answer answer(
      StoredFeature feature,
      Object value,
      Optional<Instant> eventTime,
      Optional<Instant> publishedFor) {
    Optional<Object> replaced =
        value == null ? parsed(feature.defaultValue(), feature.type()) : Optional.empty();
    return new Answer(
        feature.name(),
        value == null ? Status.NULL : Status.PRESENT,
        replaced.isPresent() ? replaced : Optional.ofNullable(value),
        replaced.isPresent(),
        eventTime,
        publishedFor);
  }

  private List<Answer> empty(Status status, Optional<StoredRow> row) {
    List<Answer> answers = new ArrayList<>();
    for (StoredFeature feature : features) {
      Optional<Object> empty = parsed(feature.empty(), feature.type());
      Optional<Object> replaced =
          empty.isPresent() ? Optional.empty() : parsed(feature.defaultValue(), feature.type());
      answers.add(
          new Answer(
              feature.name(),
              status,
              replaced.isPresent() ? replaced : empty,
              replaced.isPresent(),
              row.flatMap(StoredRow::eventTime),
              row.map(StoredRow::publishedFor)));
    }
    return answers;
  }

  private static Optional<Object> parsed(Optional<JsonNode> node, String type) {
    return node.map(n -> RowCodec.value(n, type));
  }
}
