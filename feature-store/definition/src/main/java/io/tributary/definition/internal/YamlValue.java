package io.tributary.definition.internal;

import io.tributary.definition.SourceLocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.CollectionNode;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A YAML node with what a message about it needs.
 *
 * @param label the keys that lead to it, {@code label.where}; empty for a file's root
 * @param line of its key, or of itself where it has none
 * @param inFlow whether it stands inside <code>{}</code> or {@code []}
 */
record YamlValue(Node node, Origin origin, String label, int line, boolean inFlow) {
  /** A key and its value in a mapping. */
  record Entry(String key, int line, YamlValue value) {}

  static YamlValue root(Node node, Origin origin) {
    return new YamlValue(node, origin, "", lineOf(node), false);
  }

  static int lineOf(Node node) {
    return node.getStartMark().map(m -> m.getLine() + 1).orElse(1);
  }

  SourceLocation location() {
    return origin.location(line);
  }

  void problem(String why) {
    origin.problem(line, why);
  }

  /** {@code "ttl" is the text "soon", not a duration. Write it as in 90m or 7d.} */
  void mistyped(YamlType<?> expected) {
    problem(subject() + " is " + found() + ", not " + expected.expected() + ".");
  }

  String subject() {
    return label.isEmpty() ? "the file" : "\"" + label + "\"";
  }

  boolean isMapping() {
    return node instanceof MappingNode;
  }

  boolean isList() {
    return node instanceof SequenceNode;
  }

  boolean isScalar() {
    return node instanceof ScalarNode;
  }

  /** Nothing was written, or {@code null}. */
  boolean isMissing() {
    return node instanceof ScalarNode && node.getTag().equals(Tag.NULL);
  }

  /** A scalar's text with variables put in; empty, and said, if it is none or nothing. */
  Optional<String> text(YamlType<?> expected) {
    if (!isScalar() || isMissing() || hasOwnTag()) {
      mistyped(expected);
      return Optional.empty();
    }
    String text = rawText();
    return origin.variables().isPresent()
        ? origin.variables().get().expand(this, text)
        : Optional.of(text);
  }

  /** A scalar's text as it was written. */
  String rawText() {
    return ((ScalarNode) node).getValue();
  }

  /** Unquoted {@code true}, {@code 5}: what YAML itself takes for no text. */
  boolean isPlain() {
    return node instanceof ScalarNode s && s.isPlain();
  }

  private boolean hasOwnTag() {
    return node.getTag().getValue().startsWith("!") && !node.getTag().equals(Tag.ENV_TAG);
  }

  List<YamlValue> items() {
    List<YamlValue> items = new ArrayList<>();
    if (node instanceof SequenceNode s) {
      for (Node item : s.getValue()) {
        items.add(
            new YamlValue(
                item, origin, label + "[" + items.size() + "]", lineOf(item), flowInside()));
      }
    }
    return items;
  }

  /** In the order of the file; a key that is no text is said and left out. */
  List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    if (!(node instanceof MappingNode mapping)) {
      return entries;
    }
    for (NodeTuple tuple : mapping.getValue()) {
      int keyLine = lineOf(tuple.getKeyNode());
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        origin.problem(
            keyLine, "a key of " + subject() + " is a list or a mapping. Write a name there.");
        continue;
      }
      String inside = label.isEmpty() ? key.getValue() : label + "." + key.getValue();
      entries.add(
          new Entry(
              key.getValue(),
              keyLine,
              new YamlValue(tuple.getValueNode(), origin, inside, keyLine, flowInside())));
    }
    return entries;
  }

  private boolean flowInside() {
    return inFlow || (node instanceof CollectionNode<?> c && c.getFlowStyle() == FlowStyle.FLOW);
  }

  /** What stands there, for people. */
  String found() {
    if (node instanceof MappingNode) {
      return "a mapping";
    }
    if (node instanceof SequenceNode) {
      return "a list";
    }
    String text = ((ScalarNode) node).getValue();
    if (hasOwnTag()) {
      return "the YAML tag "
          + node.getTag().getValue()
          + " (quote a value that begins with an exclamation mark)";
    }
    if (node.getTag().equals(Tag.NULL)) {
      return "empty";
    }
    if (node.getTag().equals(Tag.BOOL)) {
      return text;
    }
    if (node.getTag().equals(Tag.INT) || node.getTag().equals(Tag.FLOAT)) {
      return "the number " + text;
    }
    return "the text \"" + shortened(text) + "\"";
  }

  static String shortened(String text) {
    String line = text.strip().replaceAll("\\s+", " ");
    return line.length() <= 60 ? line : line.substring(0, 57) + "...";
  }

  /** The line of a character of a scalar's text. */
  int lineAt(int offset) {
    if (!(node instanceof ScalarNode s)) {
      return line;
    }
    int first = lineOf(node);
    if (s.getScalarStyle() == ScalarStyle.LITERAL) {
      return first + 1 + (int) newlines(s.getValue(), offset);
    }
    return s.getScalarStyle() == ScalarStyle.FOLDED ? first + 1 : first;
  }

  /**
   * Where in the file a character of a scalar's text is, {@code column 14}; {@code character 3} of
   * the text where YAML folds or escapes it.
   */
  String positionAt(int offset) {
    if (node instanceof ScalarNode s && s.getStartMark().isPresent()) {
      boolean oneLine =
          s.getEndMark().isPresent()
              && s.getEndMark().get().getLine() == s.getStartMark().get().getLine();
      if (s.isPlain() && oneLine) {
        return "column " + (s.getStartMark().get().getColumn() + offset + 1);
      }
    }
    return "character " + (offset + 1);
  }

  private static long newlines(String text, int until) {
    return text.substring(0, Math.min(until, text.length())).chars().filter(c -> c == '\n').count();
  }
}
