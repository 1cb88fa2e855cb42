package io.tributary.events.runs;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.RunId;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads the bodies of many lineage events, token by token: every query reads all of them, and they
 * repeat the same nodes and intervals.
 */
final class LineageReader {
  private final Map<String, LineageNode> nodes = new HashMap<>();
  private final Map<String, Interval> intervals = new HashMap<>();

  /**
   * Reads what {@link Json#write} wrote of an event.
   *
   * @throws PlatformException CORRUPT when it is not an event
   */
  LineageEvent read(String body) {
    RunId run = null;
    JobKey key = null;
    Instant at = null;
    List<LineageNode> inputs = List.of();
    List<LineageNode> outputs = List.of();
    try (JsonParser json = Json.mapper().getFactory().createParser(body)) {
      expect(json.nextToken(), JsonToken.START_OBJECT);
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.getCurrentName();
        json.nextToken();
        switch (field) {
          case "run" -> run = RunId.parse(json.getText());
          case "key" -> key = key(json);
          case "at" -> at = Instant.parse(json.getText());
          case "inputs" -> inputs = nodes(json);
          case "outputs" -> outputs = nodes(json);
          default -> json.skipChildren();
        }
      }
    } catch (IOException | RuntimeException e) {
      throw corrupt(e.getMessage(), e);
    }
    if (run == null || key == null || at == null) {
      throw corrupt("its run, key or time is missing", null);
    }
    return new LineageEvent(run, key, at, inputs, outputs);
  }

  private JobKey key(JsonParser json) throws IOException {
    expect(json.currentToken(), JsonToken.START_OBJECT);
    String job = "";
    String subject = "";
    Optional<Interval> interval = Optional.empty();
    Map<String, String> parameters = new TreeMap<>();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.getCurrentName();
      json.nextToken();
      switch (field) {
        case "job" -> job = json.getText();
        case "subject" -> subject = json.getText();
        case "interval" ->
            interval = Optional.of(intervals.computeIfAbsent(json.getText(), Interval::parse));
        case "parameters" -> {
          while (json.nextToken() == JsonToken.FIELD_NAME) {
            parameters.put(json.getCurrentName(), json.nextTextValue());
          }
        }
        default -> json.skipChildren();
      }
    }
    return new JobKey(job, subject, interval, parameters);
  }

  private List<LineageNode> nodes(JsonParser json) throws IOException {
    expect(json.currentToken(), JsonToken.START_ARRAY);
    List<LineageNode> read = new ArrayList<>();
    while (json.nextToken() == JsonToken.VALUE_STRING) {
      read.add(nodes.computeIfAbsent(json.getText(), LineageNode::parse));
    }
    return read;
  }

  private static void expect(JsonToken found, JsonToken wanted) throws IOException {
    if (found != wanted) {
      throw new IOException("there is " + found + " where " + wanted + " was expected");
    }
  }

  private static PlatformException corrupt(String why, Exception cause) {
    return new PlatformException(
        ErrorCode.CORRUPT,
        "Cannot read LineageEvent from JSON: " + why + ". Restore the stored record.",
        cause);
  }
}
