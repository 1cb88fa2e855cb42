package io.tributary.serving;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A request as endpoints see it.
 *
 * @param path the segments that a route's variables stand for, decoded
 * @param query parameters by name
 * @param body of a POST; else missing
 * @param number the same for no other request of this server
 * @param at when it came
 * @param caller who asks
 * @param readings what was read for it, which is added as it is
 */
record Call(
    List<String> path,
    Map<String, String> query,
    JsonNode body,
    long number,
    Instant at,
    Caller caller,
    List<Reading> readings) {
  Call {
    path = List.copyOf(path);
    query = Map.copyOf(query);
  }

  Call with(JsonNode other) {
    return new Call(path, query, other, number, at, caller, readings);
  }

  /** The same, of which nothing was read yet. */
  Call anew() {
    return new Call(path, query, body, number, at, caller, new ArrayList<>());
  }
}
