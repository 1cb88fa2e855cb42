package io.tributary.online.redis;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.definition.ViewId;
import io.tributary.online.Differences;
import io.tributary.online.Parity;
import io.tributary.online.Publication;
import io.tributary.online.RowCodec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a server says of a view: what is published, what came of comparing it. What a newer build
 * wrote is refused, never guessed at.
 */
record Publications(RedisClient client, ViewKeys keys, ViewId view) {
  /** The newest, and the one that it is compared with. */
  private static final int STAYING = 2;

  private String doing() {
    return "read what is published of " + view;
  }

  /** What the pointer says; empty where nothing is published. */
  Optional<String> pointer() {
    return Optional.ofNullable(client.read(doing(), jedis -> jedis.get(keys.now())));
  }

  Optional<Manifest> newest() {
    // The pointer may move on, and what it said be removed, between two questions.
    Optional<String> seen = Optional.empty();
    while (true) {
      Optional<String> pointer = pointer();
      Optional<Manifest> manifest = pointer.flatMap(this::pointed);
      if (pointer.isEmpty() || manifest.isPresent()) {
        return manifest;
      }
      if (seen.equals(pointer)) {
        throw corrupt("publication " + pointer.get() + " is in force and is not there");
      }
      seen = pointer;
    }
  }

  private Optional<Manifest> pointed(String pointer) {
    return find(number(pointer)).filter(manifest -> manifest.pointer().equals(pointer));
  }

  Optional<Manifest> find(long sequence) {
    return Optional.ofNullable(
            client.read(
                doing(), jedis -> jedis.hget(keys.publications(), String.valueOf(sequence))))
        .map(this::parse);
  }

  /**
   * Above each that was ever there, be the pointer lost: what has a number is never overwritten.
   */
  long nextNumber() {
    return Math.max(
            pointer().map(Publications::number).orElse(0L),
            client.read(doing(), jedis -> jedis.hkeys(keys.publications())).stream()
                .mapToLong(Long::parseLong)
                .max()
                .orElse(0))
        + 1;
  }

  private static long number(String pointer) {
    return Long.parseLong(pointer.substring(0, pointer.indexOf(' ')));
  }

  /** All, oldest first. */
  List<Manifest> all() {
    List<Manifest> all = new ArrayList<>();
    client
        .read(doing(), jedis -> jedis.hgetAll(keys.publications()))
        .values()
        .forEach(json -> all.add(parse(json)));
    all.sort(Comparator.comparing(Manifest::sequence));
    return all;
  }

  /** The oldest, up to the last that was replaced before an instant, but for those that stay. */
  List<Manifest> replacedBefore(Instant instant) {
    List<Manifest> all = all();
    Map<String, String> times =
        new HashMap<>(client.read(doing(), jedis -> jedis.hgetAll(keys.times())));
    int gone = 0;
    while (gone + STAYING < all.size() && published(all.get(gone + 1), times).isBefore(instant)) {
      gone++;
    }
    return all.subList(0, gone);
  }

  private static Instant published(Manifest manifest, Map<String, String> times) {
    String millis = times.get(String.valueOf(manifest.sequence()));
    return millis == null ? Instant.MAX : Instant.ofEpochMilli(Long.parseLong(millis));
  }

  /** The parts that only this one has among those that are there. */
  static Set<Part> only(Manifest manifest, List<Manifest> all) {
    Set<Part> only = new HashSet<>(manifest.allParts());
    all.stream()
        .filter(other -> other.sequence() != manifest.sequence())
        .forEach(other -> only.removeAll(other.allParts()));
    return only;
  }

  /**
   * The rows that nobody reads any more and that are there yet: of publications that were replaced
   * before an instant, without those that others have, the newest as layers of its own.
   */
  List<Part> unread(Instant replacedBefore) {
    List<Manifest> all = all();
    Map<String, String> times = client.read(doing(), jedis -> jedis.hgetAll(keys.times()));
    Set<Part> unread = new HashSet<>();
    Set<Part> read = new HashSet<>();
    // What the pointer says is read, whatever its number is.
    newest().ifPresent(inForce -> read.addAll(inForce.allParts()));
    for (int i = 0; i < all.size(); i++) {
      boolean isReplaced =
          i + 1 < all.size() && published(all.get(i + 1), times).isBefore(replacedBefore);
      (isReplaced ? unread : read).addAll(all.get(i).allParts());
    }
    unread.removeAll(read);
    return new Parts(client, keys).present(doing(), List.copyOf(unread));
  }

  /** Takes a former publication away, and the rows that only it has. */
  void retire(long sequence) {
    List<Manifest> all = all();
    all.stream()
        .filter(manifest -> manifest.sequence() == sequence)
        .forEach(
            manifest -> {
              List<String> arguments =
                  new ArrayList<>(List.of(String.valueOf(sequence), manifest.pointer()));
              for (Part part : only(manifest, all)) {
                arguments.add(part.id());
                arguments.add(Parts.State.of(part));
              }
              client.call(
                  "remove a former publication of " + view,
                  jedis ->
                      jedis.eval(
                          Scripts.RETIRE,
                          List.of(
                              keys.publications(),
                              keys.times(),
                              keys.parity(),
                              keys.going(),
                              keys.now()),
                          arguments));
            });
    new Parts(client, keys).removeGoing();
  }

  Optional<Parity> parity(Publication publication) {
    return Optional.ofNullable(
            client.read(doing(), jedis -> jedis.hget(keys.parity(), pointer(publication))))
        .map(
            text -> {
              JsonNode json = json(text);
              requireKnown(json, "format", Parity.FORMAT);
              return record(json, Parity.class);
            });
  }

  /** Adds what a comparison found; the first one stays. */
  void add(Publication publication, Parity parity) {
    client.call(
        "keep the comparison of view " + view,
        jedis -> jedis.hsetnx(keys.parity(), pointer(publication), Json.write(parity)));
  }

  private static String pointer(Publication publication) {
    return publication.sequence() + " " + publication.identity();
  }

  private Manifest parse(String text) {
    JsonNode json = json(text);
    requireKnown(json, "format", Manifest.FORMAT);
    requireKnown(json, "codec", Manifest.CODEC);
    for (JsonNode feature : json.at("/view/features")) {
      String type = feature.path("type").asText();
      if (!RowCodec.reads(type)) {
        throw newer(
            "its feature %s is of type %s, which this one does not read"
                .formatted(feature.path("name").asText(), type));
      }
    }
    if (json.path("format").intValue() == 1) {
      Differences.runsOfFormat1((ObjectNode) json, "parts");
      json.path("layers").forEach(layer -> Differences.runsOfFormat1((ObjectNode) layer, "parts"));
    }
    return record(json, Manifest.class);
  }

  private JsonNode json(String text) {
    try {
      return Json.mapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw corrupt(e.getOriginalMessage());
    }
  }

  private <T> T record(JsonNode json, Class<T> type) {
    try {
      return Json.mapper().treeToValue(json, type);
    } catch (JsonProcessingException e) {
      throw corrupt(e.getOriginalMessage());
    }
  }

  private void requireKnown(JsonNode json, String what, int known) {
    JsonNode version = json.path(what);
    if (!version.isInt() || version.intValue() < 1) {
      throw corrupt("it does not say its " + what);
    }
    if (version.intValue() > known) {
      throw newer("it is of " + what + " " + version + ", and this one reads up to " + known);
    }
  }

  private PlatformException newer(String why) {
    return new PlatformException(
        ErrorCode.REFUSED,
        "Cannot %s on %s: a newer build of Tributary wrote it: %s. Use that build."
            .formatted(doing(), client.address(), why));
  }

  private PlatformException corrupt(String why) {
    return new PlatformException(
        ErrorCode.CORRUPT,
        "Cannot %s on %s: %s. Restore the server's data, or remove the keys %s* and publish the view again."
            .formatted(doing(), client.address(), why, keys.prefix()));
  }
}
