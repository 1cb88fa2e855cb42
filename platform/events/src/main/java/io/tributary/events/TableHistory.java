package io.tributary.events;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A Delta table's log at one version.
 *
 * @param tableId Delta's table id; a recreated table has another
 * @param schemaString the schema as Delta's JSON
 * @param properties the table's properties
 * @param known the commits that the log still holds, in order of their versions; at least one.
 *     Where a clean-up removed older ones, the first is not version 0
 */
public record TableHistory(
    String tableId,
    String schemaString,
    List<String> partitionColumns,
    Map<String, String> properties,
    List<LogCommit> known) {
  public TableHistory {
    partitionColumns = List.copyOf(partitionColumns);
    properties = Map.copyOf(properties);
    known = List.copyOf(known);
  }

  /** The names of the table's columns, in order. */
  public List<String> columns() {
    List<String> names = new ArrayList<>();
    Json.read(schemaString, JsonNode.class)
        .path("fields")
        .forEach(field -> names.add(field.path("name").asText()));
    return names;
  }

  /** The table's version. */
  public long version() {
    return newest().version();
  }

  /** The oldest version whose commit is known; 0 unless a clean-up removed older ones. */
  public long knownFrom() {
    return known.get(0).version();
  }

  /** The newest commit. */
  public LogCommit newest() {
    return known.get(known.size() - 1);
  }

  /** The commit of one version; empty when it is not known, any more or yet. */
  public Optional<LogCommit> commit(long version) {
    long index = version - knownFrom();
    return index < 0 || index >= known.size()
        ? Optional.empty()
        : Optional.of(known.get((int) index));
  }

  /** The newest known commit that changed rows. */
  public Optional<LogCommit> newestDataChange() {
    for (int i = known.size() - 1; i >= 0; i--) {
      if (known.get(i).changedData()) {
        return Optional.of(known.get(i));
      }
    }
    return Optional.empty();
  }
}
