package io.tributary.events.facts;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;

/**
 * Facts that this build can't read, of a kind or version of a newer one. Kept unchanged, so that
 * the run can be listed.
 *
 * @param body the whole object
 */
public record UnknownFacts(String kind, int version, JsonNode body) implements RunFacts {
  @JsonValue
  @Override
  public JsonNode body() {
    return body;
  }
}
