package io.tributary.serving;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;

/**
 * Rows as MLflow's scoring server takes them: {@code dataframe_records}, an object a row, or {@code
 * dataframe_split}, columns and then values. Nothing is built of them that is larger than the
 * request.
 *
 * @param rows objects, or lists of values in the order of the columns
 */
record Frame(Map<String, Integer> columns, List<JsonNode> rows) {
  private static final String RECORDS = "dataframe_records";
  private static final String SPLIT = "dataframe_split";

  static Frame of(Body body) {
    boolean records = body.find(RECORDS).isPresent();
    if (records == body.find(SPLIT).isPresent()) {
      throw Body.wrong(
          "it has to have either \"%s\", as in [{\"x\": 1}], or \"%s\", as in {\"columns\": [\"x\"], \"data\": [[1]]}"
              .formatted(RECORDS, SPLIT));
    }
    return records ? records(body.find(RECORDS).get()) : split(body.find(SPLIT).get());
  }

  private static void requireRows(JsonNode rows) {
    if (rows.isEmpty() || rows.size() > Limits.ENTITIES) {
      throw Body.wrong(
          "it has %s rows, and 1 to %s are scored. Ask in parts"
              .formatted(rows.size(), Limits.ENTITIES));
    }
  }

  private static Frame records(JsonNode node) {
    if (!node.isArray() || !all(node, JsonNode::isObject)) {
      throw Body.wrong("\"%s\" is no list of objects, as in [{\"x\": 1}]".formatted(RECORDS));
    }
    requireRows(node);
    Map<String, Integer> columns = new LinkedHashMap<>();
    node.get(0).fieldNames().forEachRemaining(name -> columns.put(name, columns.size()));
    List<JsonNode> rows = new ArrayList<>();
    for (JsonNode record : node) {
      if (record.size() != columns.size() || !columns.keySet().stream().allMatch(record::has)) {
        throw Body.wrong(
            "row %s of \"%s\" has other columns than the first. Write all of them in each, null for what is missing"
                .formatted(rows.size(), RECORDS));
      }
      rows.add(record);
    }
    return new Frame(columns, rows);
  }

  private static boolean all(JsonNode nodes, Predicate<JsonNode> are) {
    return StreamSupport.stream(nodes.spliterator(), false).allMatch(are);
  }

  private static Frame split(JsonNode node) {
    Body split = Body.of(node, Set.of("columns", "data", "index"));
    List<String> names = split.texts("columns", "as in [\"x\"]");
    Map<String, Integer> columns = new LinkedHashMap<>();
    names.forEach(name -> columns.putIfAbsent(name, columns.size()));
    if (columns.size() != names.size()) {
      throw Body.wrong("\"%s\" has a column twice".formatted(SPLIT));
    }
    JsonNode data = split.get("data", "as in [[1]]");
    if (!data.isArray()) {
      throw Body.wrong("\"data\" is no list of rows, as in [[1]]");
    }
    requireRows(data);
    List<JsonNode> rows = new ArrayList<>();
    for (JsonNode row : data) {
      if (!row.isArray() || row.size() != columns.size()) {
        throw Body.wrong(
            "row %s of \"data\" is no list of %s values".formatted(rows.size(), columns.size()));
      }
      rows.add(row);
    }
    return new Frame(columns, rows);
  }

  boolean has(String column) {
    return columns.containsKey(column);
  }

  JsonNode value(int row, String column) {
    JsonNode of = rows.get(row);
    return of.isObject() ? of.get(column) : of.get(columns.get(column));
  }
}
