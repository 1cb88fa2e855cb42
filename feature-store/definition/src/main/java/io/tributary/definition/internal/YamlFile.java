package io.tributary.definition.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.CollectionNode;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;

/** One file of definitions as YAML nodes: bytes, encoding, syntax, and one mapping in it. */
final class YamlFile {
  private static final long LONGEST = 4L << 20;

  private YamlFile() {}

  /** The mapping that the file holds; says why and returns nothing if it holds none. */
  static Optional<YamlValue> read(Path path, Origin origin) {
    byte[] bytes;
    try {
      if (Files.size(path) > LONGEST) {
        origin.problem(1, "the file is longer than 4 MiB. Definitions are small; move data out.");
        return Optional.empty();
      }
      bytes = Files.readAllBytes(path);
    } catch (IOException e) {
      origin.problem(
          1, "the file can't be read (" + e.getMessage() + "). Check that it may be read.");
      return Optional.empty();
    }
    return decoded(bytes, origin).flatMap(text -> composed(text, origin));
  }

  /** The mapping in a text. */
  static Optional<YamlValue> parse(String text, Origin origin) {
    return composed(text, origin);
  }

  private static Optional<String> decoded(byte[] bytes, Origin origin) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      String text = decoder.decode(in).toString();
      return Optional.of(text.startsWith("\uFEFF") ? text.substring(1) : text);
    } catch (CharacterCodingException e) {
      origin.problem(
          newlines(bytes, in.position()) + 1,
          "the file is not UTF-8: byte "
              + in.position()
              + " (0x"
              + Integer.toHexString(bytes[Math.min(in.position(), bytes.length - 1)] & 0xff)
              + ") begins no character. Save it as UTF-8.");
      return Optional.empty();
    }
  }

  private static int newlines(byte[] bytes, int until) {
    int lines = 0;
    for (int i = 0; i < until; i++) {
      lines += bytes[i] == '\n' ? 1 : 0;
    }
    return lines;
  }

  private static Optional<YamlValue> composed(String text, Origin origin) {
    List<Node> documents = new ArrayList<>();
    try {
      LoadSettings settings =
          LoadSettings.builder()
              .setLabel(origin.file())
              .setCodePointLimit((int) LONGEST)
              .setAllowRecursiveKeys(false)
              .build();
      new Compose(settings).composeAllFromString(text).forEach(documents::add);
    } catch (MarkedYamlEngineException e) {
      origin.problem(line(e), YamlWords.explain(e, text));
      return Optional.empty();
    } catch (ReaderException e) {
      origin.problem(
          lineOf(text, e.getPosition()),
          "the character U+"
              + String.format("%04X", e.getCodePoint())
              + " may not stand in YAML. Remove it.");
      return Optional.empty();
    } catch (YamlEngineException | StackOverflowError e) {
      origin.problem(
          1, "the file is no YAML that can be read: " + e.getMessage() + ". Simplify it.");
      return Optional.empty();
    }
    if (documents.isEmpty()) {
      origin.problem(1, "the file is empty. Write its definition or delete it.");
      return Optional.empty();
    }
    if (documents.size() > 1) {
      origin.problem(
          YamlValue.lineOf(documents.get(1)),
          "a second document begins here (---). Write one definition a file.");
      return Optional.empty();
    }
    Node root = documents.get(0);
    if (!(root instanceof MappingNode)) {
      YamlValue value = YamlValue.root(root, origin);
      value.problem(
          value.isMissing()
              ? "the file is empty. Write its definition or delete it."
              : "the file holds " + value.found() + ", not keys and values. Write \"key: value\".");
      return Optional.empty();
    }
    return withoutAnchors(root, origin)
        ? Optional.of(YamlValue.root(root, origin))
        : Optional.empty();
  }

  private static int line(MarkedYamlEngineException e) {
    return e.getProblemMark().or(e::getContextMark).map(m -> m.getLine() + 1).orElse(1);
  }

  private static int lineOf(String text, int codePoint) {
    return (int) text.codePoints().limit(codePoint).filter(c -> c == '\n').count() + 1;
  }

  private static boolean withoutAnchors(Node root, Origin origin) {
    Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Node> open = new ArrayList<>(List.of(root));
    boolean none = true;
    while (!open.isEmpty()) {
      Node node = open.remove(open.size() - 1);
      if (!seen.add(node)) {
        continue;
      }
      if (node.getAnchor().isPresent()) {
        origin.problem(
            YamlValue.lineOf(node),
            "the anchor &"
                + node.getAnchor().get()
                + ": anchors and aliases are not used here. Write the value where it is needed"
                + " (quote a value that begins with & or *).");
        none = false;
      }
      if (node instanceof MappingNode mapping) {
        for (NodeTuple tuple : mapping.getValue()) {
          open.add(tuple.getKeyNode());
          open.add(tuple.getValueNode());
        }
      } else if (node instanceof CollectionNode<?> collection) {
        collection.getValue().forEach(item -> open.add((Node) item));
      }
    }
    return none;
  }
}
