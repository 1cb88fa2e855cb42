package io.tributary.definition;

import java.util.List;

/**
 * A row of a static source beside each row, as a struct column; null where the reference data has
 * no such key.
 *
 * @param name the struct column's name
 * @param source the static source
 * @param keys this source's columns, matched in order to the static source's {@code event-key}
 * @param location where it is declared
 */
public record Lookup(String name, String source, List<String> keys, SourceLocation location) {
  public Lookup {
    keys = List.copyOf(keys);
  }
}
