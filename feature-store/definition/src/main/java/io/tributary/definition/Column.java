package io.tributary.definition;

import java.util.Set;

/** A column of a source's contract: name, type, and the tags that the user gave it. */
public record Column(String name, ColumnType type, Set<String> tags) {
  public Column {
    tags = Set.copyOf(tags);
  }
}
