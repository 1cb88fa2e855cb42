package io.tributary.definition;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** The keys of a definition's text with their values as they are written, whatever its layout. */
public final class WrittenKeys {
  private WrittenKeys() {}

  /**
   * The values by key, in the order of the text: {@code features.late_share}, {@code
   * features[weather@1].keys.airport}. A list of scalars is one value, {@code [a, b]}; items that
   * are mappings are named by their first value, else, where that names several, the item itself is
   * a value. What is empty is left out.
   *
   * @param text YAML or JSON that was read as a definition before
   */
  public static Map<String, String> of(String text) {
    Map<String, String> keys = new LinkedHashMap<>();
    Optional<Node> root = new Compose(LoadSettings.builder().build()).composeString(text);
    root.ifPresent(node -> add("", node, keys));
    return keys;
  }

  private static void add(String key, Node node, Map<String, String> keys) {
    if (node instanceof MappingNode mapping) {
      for (NodeTuple entry : mapping.getValue()) {
        String name = text(entry.getKeyNode());
        add(key.isEmpty() ? name : key + "." + name, entry.getValueNode(), keys);
      }
    } else if (node instanceof SequenceNode list && !list.getValue().isEmpty()) {
      addItems(key, list.getValue(), keys);
    } else if (node instanceof ScalarNode scalar && !scalar.getValue().isEmpty()) {
      keys.put(key, scalar.getValue());
    }
  }

  private static void addItems(String key, List<Node> items, Map<String, String> keys) {
    List<String> names = new ArrayList<>();
    for (Node item : items) {
      if (!(item instanceof MappingNode mapping) || mapping.getValue().isEmpty()) {
        keys.put(key, text(items));
        return;
      }
      names.add(text(mapping.getValue().get(0).getValueNode()));
    }
    boolean unique = names.stream().distinct().count() == names.size();
    for (int i = 0; i < items.size(); i++) {
      if (unique) {
        add("%s[%s]".formatted(key, names.get(i)), items.get(i), keys);
      } else {
        keys.put("%s[%s]".formatted(key, text(items.get(i))), text(items.get(i)));
      }
    }
  }

  private static String text(List<Node> items) {
    return "[" + String.join(", ", items.stream().map(WrittenKeys::text).toList()) + "]";
  }

  private static String text(Node node) {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    if (node instanceof SequenceNode list) {
      return text(list.getValue());
    }
    List<String> entries = new ArrayList<>();
    for (NodeTuple entry : ((MappingNode) node).getValue()) {
      entries.add(text(entry.getKeyNode()) + ": " + text(entry.getValueNode()));
    }
    return "{" + String.join(", ", entries) + "}";
  }
}
