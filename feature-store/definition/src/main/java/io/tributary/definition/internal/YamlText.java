package io.tributary.definition.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Writes a tree of maps, lists and scalars as the YAML that people write. */
final class YamlText {
  private static final ObjectMapper QUOTING = new ObjectMapper();
  private final StringBuilder out = new StringBuilder();

  private YamlText() {}

  static String write(Map<String, Object> tree) {
    YamlText text = new YamlText();
    text.mapping(tree, 0);
    return text.out.toString();
  }

  private void mapping(Map<?, ?> map, int indent) {
    map.forEach(
        (key, value) -> {
          out.append("  ".repeat(indent)).append(key(String.valueOf(key))).append(':');
          value(value, indent);
        });
  }

  private void value(Object value, int indent) {
    if (value instanceof Map<?, ?> map && !map.isEmpty()) {
      out.append('\n');
      mapping(map, indent + 1);
    } else if (value instanceof List<?> list && !list.stream().allMatch(YamlText::isWord)) {
      out.append('\n');
      for (Object item : list) {
        item(item, indent + 1);
      }
    } else if (value instanceof List<?> words) {
      out.append(" [")
          .append(String.join(", ", words.stream().map(YamlText::scalar).toList()))
          .append("]\n");
    } else if (value instanceof String s && s.endsWith("\n")) {
      out.append(" |\n");
      s.lines().forEach(l -> out.append("  ".repeat(indent + 1)).append(l).append('\n'));
    } else {
      out.append(' ').append(value instanceof Map ? "{}" : scalar(value)).append('\n');
    }
  }

  private void item(Object item, int indent) {
    out.append("  ".repeat(indent)).append('-');
    if (item instanceof Map<?, ?> map && !map.isEmpty()) {
      int start = out.length();
      mapping(map, indent + 1);
      out.delete(start, start + 2 * (indent + 1)).insert(start, ' ');
    } else {
      value(item, indent);
    }
  }

  private static boolean isWord(Object item) {
    return item instanceof Number || (item instanceof String s && s.matches("[A-Za-z0-9_@./-]+"));
  }

  private static String key(String key) {
    return key.matches("[A-Za-z_][A-Za-z0-9_-]*") ? key : quoted(key);
  }

  private static String scalar(Object value) {
    if (value instanceof Double d) {
      return YamlTypes.plain(d);
    }
    if (!(value instanceof String text)) {
      return String.valueOf(value);
    }
    return readsBackPlain(text) ? text : quoted(text);
  }

  private static boolean readsBackPlain(String text) {
    if (text.isEmpty() || text.indexOf('\n') >= 0) {
      return false;
    }
    try {
      Optional<Node> node =
          new Compose(LoadSettings.builder().build()).composeString("k: " + text + "\n");
      return node.isPresent()
          && node.get() instanceof MappingNode mapping
          && mapping.getValue().size() == 1
          && mapping.getValue().get(0).getValueNode() instanceof ScalarNode scalar
          && scalar.isPlain()
          && (scalar.getTag().equals(Tag.STR) || scalar.getTag().equals(Tag.ENV_TAG))
          && scalar.getValue().equals(text);
    } catch (YamlEngineException e) {
      return false;
    }
  }

  private static String quoted(String text) {
    try {
      return QUOTING.writeValueAsString(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("any text has a JSON form", e);
    }
  }
}
