package io.tributary.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.events.Event;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Moves large fields of events' bodies out of the log: a field of more than {@link
 * #MAX_INLINE_BYTES} bytes is stored beside it, and the body has its digest, so that a log stays
 * fast to read whatever is recorded. Thread-safe.
 */
final class LargeParts {
  /** The maximum size of a field in a body, in bytes. */
  static final int MAX_INLINE_BYTES = 4_096;

  /** The body's field with the digests of the stored ones. */
  private static final String STORED = "stored";

  /** The only file of such an artefact. */
  private static final String FILE = "body.json";

  private final ArtefactStore parts;

  /** Where former builds stored them: among the models. */
  private final ArtefactStore former;

  private final Map<Digest, JsonNode> read = new ConcurrentHashMap<>();

  LargeParts(ArtefactStore artefacts) {
    this.parts = artefacts.ofRegistrations();
    this.former = artefacts;
  }

  /** A body without its large fields, which are stored when this returns. */
  ObjectNode without(Object body) {
    ObjectNode node = Json.mapper().valueToTree(body);
    Map<String, Digest> stored = new TreeMap<>();
    for (Iterator<Map.Entry<String, JsonNode>> f = node.fields(); f.hasNext(); ) {
      Map.Entry<String, JsonNode> field = f.next();
      byte[] bytes = Json.write(field.getValue()).getBytes(StandardCharsets.UTF_8);
      if (bytes.length > MAX_INLINE_BYTES) {
        stored.put(field.getKey(), parts.put(Map.of(FILE, bytes)).digest());
        f.remove();
      }
    }
    if (!stored.isEmpty()) {
      node.set(STORED, Json.mapper().valueToTree(stored));
    }
    return node;
  }

  /** The body of an event, with its large fields in their places and nothing stored elsewhere. */
  ObjectNode whole(Event event) {
    ObjectNode body = Json.read(with(event).json(), ObjectNode.class);
    body.remove(STORED);
    return body;
  }

  /**
   * A body with its large fields.
   *
   * @param stored the artefacts of these fields, by field
   */
  record Whole(String json, Map<String, Digest> stored) {}

  /**
   * An event's body with its large fields.
   *
   * @throws PlatformException NOT_FOUND or CORRUPT when a field is lost or was altered, naming it
   *     and its artefact
   */
  Whole with(Event event) {
    return with(event, field -> true);
  }

  /**
   * An event's body with those of its large fields that {@code wanted} accepts.
   *
   * @throws PlatformException as {@link #with(Event)}
   */
  Whole with(Event event, Predicate<String> wanted) {
    String text = event.body();
    if (!text.contains("\"" + STORED + "\":{")) {
      return new Whole(text, Map.of());
    }
    ObjectNode body = Json.read(text, ObjectNode.class);
    Map<String, Digest> stored = new TreeMap<>();
    body.path(STORED)
        .fields()
        .forEachRemaining(f -> stored.put(f.getKey(), Digest.parse(f.getValue().asText())));
    stored.keySet().removeIf(wanted.negate());
    stored.forEach(
        (field, digest) ->
            body.set(field, read.computeIfAbsent(digest, d -> field(event.subject(), field, d))));
    return new Whole(body.toString(), stored);
  }

  private JsonNode field(String of, String field, Digest digest) {
    try {
      byte[] bytes = (parts.contains(digest) ? parts : former).read(digest).get(FILE);
      return Json.read(new String(bytes, StandardCharsets.UTF_8), JsonNode.class);
    } catch (PlatformException e) {
      if (e.code() != ErrorCode.NOT_FOUND && e.code() != ErrorCode.CORRUPT) {
        throw e;
      }
      throw new PlatformException(
          e.code(),
          "Cannot read model version %s: its %s are in registrations/%s of the lake, or were stored in models/%s by a former build, and are lost or were altered. Restore that folder from a copy."
              .formatted(of, field, digest, digest),
          e);
    }
  }
}
