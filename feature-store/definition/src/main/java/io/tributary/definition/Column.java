package io.tributary.definition;

import io.tributary.core.TimeFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A column of a source's contract: name, type, the tags that the user gave it, and how deliveries
 * may differ from it.
 *
 * @param optional whether a delivery may lack it; its values are null then
 * @param was names that it had before; a delivery may still have it under one of them
 * @param format how a text writes its days or instants; empty = as ISO 8601 does
 */
public record Column(
    String name,
    ColumnType type,
    Set<String> tags,
    boolean optional,
    List<String> was,
    Optional<TimeFormat> format) {
  public Column {
    tags = Set.copyOf(tags);
    was = List.copyOf(was);
  }

  /** A column that each delivery has under this name. */
  public Column(String name, ColumnType type, Set<String> tags) {
    this(name, type, tags, false, List.of(), Optional.empty());
  }
}
