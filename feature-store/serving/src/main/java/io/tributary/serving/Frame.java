package io.tributary.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rows as MLflow's scoring server takes them: {@code dataframe_records}, an object a row, or {@code
 * dataframe_split}, columns and then values. What a record lacks is null.
 */
record Frame(Map<String, Integer> columns, List<List<JsonNode>> rows) {
  private static final String RECORDS = "dataframe_records";
  private static final String SPLIT = "dataframe_split";

  static Frame of(Body body) {
    boolean records = body.find(RECORDS).isPresent();
    if (records == body.find(SPLIT).isPresent()) {
      throw Body.wrong(
          "it has to have either \"%s\", as in [{\"x\": 1}], or \"%s\", as in {\"columns\": [\"x\"], \"data\": [[1]]}"
              .formatted(RECORDS, SPLIT));
    }
    Frame frame = records ? records(body.find(RECORDS).get()) : split(body.find(SPLIT).get());
    if (frame.rows().isEmpty() || frame.rows().size() > Limits.ENTITIES) {
      throw Body.wrong(
          "it has %s rows, and 1 to %s are scored. Ask in parts"
              .formatted(frame.rows().size(), Limits.ENTITIES));
    }
    return frame;
  }

  private static Frame records(JsonNode node) {
    Map<String, Integer> columns = new LinkedHashMap<>();
    List<List<JsonNode>> rows = new ArrayList<>();
    for (JsonNode record : node) {
      if (!record.isObject()) {
        throw Body.wrong("\"%s\" is no list of objects, as in [{\"x\": 1}]".formatted(RECORDS));
      }
      record.fieldNames().forEachRemaining(name -> columns.putIfAbsent(name, columns.size()));
      rows.add(new ArrayList<>());
    }
    int at = 0;
    for (JsonNode record : node) {
      for (String column : columns.keySet()) {
        rows.get(at).add(record.has(column) ? record.get(column) : NullNode.getInstance());
      }
      at++;
    }
    return new Frame(columns, rows);
  }

  private static Frame split(JsonNode node) {
    Body split = Body.of(node, Set.of("columns", "data", "index"));
    List<String> names = split.texts("columns", "as in [\"x\"]");
    Map<String, Integer> columns = new LinkedHashMap<>();
    names.forEach(name -> columns.putIfAbsent(name, columns.size()));
    if (columns.size() != names.size()) {
      throw Body.wrong("\"%s\" has a column twice".formatted(SPLIT));
    }
    List<List<JsonNode>> rows = new ArrayList<>();
    for (JsonNode row : split.get("data", "as in [[1]]")) {
      List<JsonNode> values = new ArrayList<>();
      row.forEach(values::add);
      if (!row.isArray() || values.size() != columns.size()) {
        throw Body.wrong(
            "row %s of \"data\" is no list of %s values".formatted(rows.size(), columns.size()));
      }
      rows.add(values);
    }
    return new Frame(columns, rows);
  }

  boolean has(String column) {
    return columns.containsKey(column);
  }

  JsonNode value(int row, String column) {
    return rows.get(row).get(columns.get(column));
  }
}
