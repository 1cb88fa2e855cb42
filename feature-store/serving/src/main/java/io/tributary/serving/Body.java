package io.tributary.serving;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The JSON object that a request brings, member by member; a wrong one is named. */
final class Body {
  private static final int SHOWN = 100;

  private final JsonNode object;

  private Body(JsonNode object) {
    this.object = object;
  }

  /**
   * An object without other members than these.
   *
   * @throws PlatformException INVALID_REQUEST
   */
  static Body of(JsonNode node, Set<String> members) {
    if (!node.isObject()) {
      throw wrong("the body is no object");
    }
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!members.contains(name)) {
        throw wrong(
            "\"%s\" means nothing.%s It takes %s"
                .formatted(shown(name), Nearest.hint(name, members), List.copyOf(members)));
      }
    }
    return new Body(node);
  }

  /** What somebody wrote, cut where it is long. */
  static String shown(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
  }

  static PlatformException wrong(String why) {
    return new PlatformException(
        ErrorCode.INVALID_REQUEST, "Cannot read the request: %s.".formatted(why));
  }

  Optional<JsonNode> find(String member) {
    return Optional.ofNullable(object.get(member)).filter(node -> !node.isNull());
  }

  /** A member that has to be there. */
  JsonNode get(String member, String what) {
    return find(member).orElseThrow(() -> wrong("it has no \"%s\", %s".formatted(member, what)));
  }

  Optional<String> text(String member) {
    return find(member)
        .map(
            node -> {
              if (!node.isTextual()) {
                throw wrong("\"%s\" is no text".formatted(member));
              }
              return node.textValue();
            });
  }

  boolean isTrue(String member) {
    return find(member)
        .map(
            node -> {
              if (!node.isBoolean()) {
                throw wrong("\"%s\" is neither true nor false".formatted(member));
              }
              return node.booleanValue();
            })
        .orElse(false);
  }

  /** Texts, at least one. */
  List<String> texts(String member, String what) {
    JsonNode node = get(member, what);
    List<String> texts = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(of -> texts.add(of.isTextual() ? of.textValue() : null));
    }
    if (texts.isEmpty() || texts.contains(null)) {
      throw wrong("\"%s\" is no list of texts, %s".formatted(member, what));
    }
    return texts;
  }
}
