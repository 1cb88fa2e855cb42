package io.tributary.online;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * A feature of a stored view.
 *
 * @param empty its value where there is no event: 0 for counts, else nothing
 * @param defaultValue what replaces a null; empty = nothing does
 */
public record StoredFeature(
    String name, String type, Optional<JsonNode> empty, Optional<JsonNode> defaultValue) {
  public StoredFeature {
    // What JSON leaves out comes back as its null.
    empty = empty.filter(node -> !node.isNull());
    defaultValue = defaultValue.filter(node -> !node.isNull());
  }

  /** Its name and type. */
  public StoredColumn column() {
    return new StoredColumn(name, type);
  }
}
