package io.tributary.offline;

import io.tributary.definition.ColumnType;
import io.tributary.definition.FeatureView;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A small made-up source with views over it, and rows that ask. Values are plain Java: {@code
 * Boolean}, {@code Long} (integers, dates as days, timestamps as microseconds), {@code Double},
 * {@code BigDecimal}, {@code String}, {@code List} (arrays and structs), null.
 *
 * @param columns the source's columns in the order in which it declares them
 * @param eventKey empty = each row is an event of its own
 * @param sequence the column that orders versions of equal known time
 */
record World(
    long seed,
    LinkedHashMap<String, ColumnType> columns,
    List<String> eventKey,
    Optional<String> sequence,
    List<Event> events,
    List<FeatureView> views,
    List<Label> labels) {
  /** A row of the source: a version of an event. */
  record Event(long event, long known, boolean deleted, Map<String, Object> values) {}

  /**
   * A row that asks.
   *
   * @param asOf null = unknown
   * @param keys by the columns that the views call their entity
   */
  record Label(int id, Long asOf, Map<String, Object> keys) {}

  @Override
  public String toString() {
    StringBuilder text =
        new StringBuilder(
            "world " + seed + " event key " + eventKey + " sequence " + sequence + "\n");
    events.forEach(e -> text.append("  ").append(e).append('\n'));
    views.forEach(
        v ->
            text.append("  view ")
                .append(v.entity())
                .append(" where ")
                .append(v.where())
                .append(" ttl ")
                .append(v.ttl())
                .append(" ties ")
                .append(v.tieBreak())
                .append(v.knowledgeTime() ? "" : " without knowledge time")
                .append('\n'));
    return text.toString();
  }
}
