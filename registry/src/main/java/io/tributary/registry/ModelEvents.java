package io.tributary.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.RunId;
import io.tributary.events.Event;
import io.tributary.events.History;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes the registry's events and folds them into models. */
final class ModelEvents {
  static final String REGISTERED = "registered";
  static final String PROMOTED = "promoted";
  static final String ROLLED_BACK = "rolled-back";
  static final String RETIRED = "retired";
  static final String HELD = "held";
  static final String RELEASED = "released";
  static final String DESCRIBED = "described";
  static final String TAGGED = "tagged";
  static final String BLOCKED = "blocked";
  static final String UNBLOCKED = "unblocked";
  static final String RETRAIN_DECIDED = "retrain-decided";
  static final String GIVEN_UP = "retrain-given-up";
  static final String COMPARED = "compared";
  static final String REPRODUCED = "reproduced";
  static final String EVALUATED = "evaluated";

  /** The field of a registration that says which lake the version was imported from. */
  private static final String IMPORTED_FROM = "importedFrom";

  private ModelEvents() {}

  /** A body that names the version concerned, as each does. */
  sealed interface OfVersion
      permits Named,
          Moved,
          Reasoned,
          Described,
          Tagged,
          Blocked,
          Unblocked,
          Compared,
          GivenUp,
          Evaluated {
    String model();

    long number();

    default String subject() {
      return model() + "@" + number();
    }
  }

  /** The part of each body that names the version concerned. */
  record Named(String model, long number) implements OfVersion {}

  /**
   * The body of an event that moves an alias.
   *
   * @param comparison the id of the comparison with the former version by which it was promoted
   */
  record Moved(
      String model,
      long number,
      String alias,
      Optional<Long> former,
      String reason,
      Optional<String> comparison)
      implements OfVersion {}

  /** The body of a retirement, a hold or a release. */
  record Reasoned(String model, long number, String reason) implements OfVersion {}

  /** The body of a description. */
  record Described(String model, long number, String text) implements OfVersion {}

  /**
   * The body of what changes tags.
   *
   * @param tags what is set, by key
   * @param removed the keys of those that are no more
   */
  record Tagged(String model, long number, Map<String, String> tags, List<String> removed)
      implements OfVersion {
    Tagged {
      tags = Collections.unmodifiableMap(new TreeMap<>(tags));
      removed = List.copyOf(removed);
    }

    /** {@code stage=trial, without owner}. */
    String words() {
      return Stream.concat(
              tags.entrySet().stream().map(tag -> tag.getKey() + "=" + tag.getValue()),
              removed.stream().map(key -> "without " + key))
          .collect(Collectors.joining(", "));
    }
  }

  /**
   * The body of a block.
   *
   * @param number of the version that breached
   * @param alias that is blocked; empty = each
   * @param notice of the breach that led to it
   * @param night as users name the interval
   */
  record Blocked(
      String model,
      long number,
      Optional<String> alias,
      String monitor,
      String night,
      String notice,
      String reason)
      implements OfVersion {}

  /**
   * The body of what ends blocks.
   *
   * @param number of the version that breached last
   * @param notices of the blocks that end; empty = all
   */
  record Unblocked(String model, long number, String reason, List<String> notices)
      implements OfVersion {}

  static Event blocked(Instant at, Principal principal, String run, Blocked blocked) {
    return derived(blockId(blocked.notice()), at, BLOCKED, principal, run, blocked);
  }

  /**
   * The body of a comparison.
   *
   * @param decision the id of the decision to train again that it answers
   */
  record Compared(String model, long number, Optional<String> decision, Comparison comparison)
      implements OfVersion {
    Compared(ModelVersion version, Optional<RetrainDecision> decision, Comparison comparison) {
      this(version.model(), version.number(), decision.map(RetrainDecision::id), comparison);
    }
  }

  /** A comparison under the id of its event. */
  record Recorded(String id, Comparison comparison) {}

  /** An event that can be derived twice, under an id that says what it records. */
  private static Event derived(
      String id, Instant at, String kind, Principal principal, String run, OfVersion body) {
    return new Event(id, at, kind, body.subject(), principal, run, Json.write(body));
  }

  static Event retrainDecided(
      Instant at, Principal principal, String run, RetrainDecision decision) {
    return new Event(
        decision.id(),
        at,
        RETRAIN_DECIDED,
        decision.model() + "@" + decision.champion(),
        principal,
        run,
        Json.write(decision));
  }

  static Event compared(String id, Instant at, Principal principal, String run, Compared compared) {
    return derived(id, at, COMPARED, principal, run, compared);
  }

  /** The body of what ends a decision that was not carried out; {@code decision} is its id. */
  record GivenUp(String model, long number, String decision, String reason) implements OfVersion {}

  static Event givenUp(Instant at, Principal principal, String run, GivenUp givenUp) {
    return derived(givenUpId(givenUp.decision()), at, GIVEN_UP, principal, run, givenUp);
  }

  static String givenUpId(String decision) {
    return "given-up/" + decision;
  }

  static String comparedId(String decision) {
    return "compared/" + decision;
  }

  /** The id of the next comparison of a version with another one that no decision led to. */
  static String comparedId(ModelReference version, long champion, History history) {
    String first = "compared/" + version + "/" + champion;
    String id = first;
    for (int again = 2; history.contains(id); again++) {
      id = first + "/" + again;
    }
    return id;
  }

  /** The comparisons in words, by the ids of their events. */
  static Map<String, String> comparisons(List<Event> events) {
    Map<String, String> comparisons = new HashMap<>();
    for (Event event : events) {
      if (event.kind().equals(COMPARED)) {
        comparisons.put(event.id(), event.body(Compared.class).comparison().toString());
      }
    }
    return comparisons;
  }

  /** The body of an evaluation. */
  record Evaluated(String model, long number, Evaluation evaluation) implements OfVersion {}

  static Event evaluated(Instant at, Principal principal, Evaluated evaluated) {
    ModelReference version = ModelReference.of(evaluated.model(), evaluated.number());
    return derived(
        evaluatedId(version, evaluated.evaluation().rows().content()),
        at,
        EVALUATED,
        principal,
        "",
        evaluated);
  }

  /**
   * The id of the evaluation of a version on some rows.
   *
   * @param content the digest of all rows that are asked for
   */
  static String evaluatedId(ModelReference version, Digest content) {
    return "evaluated/" + version + "/" + content.hex();
  }

  static String blockId(String notice) {
    return "blocked/" + notice;
  }

  static Event unblocked(Instant at, Principal principal, Unblocked unblocked) {
    return Event.of(at, UNBLOCKED, unblocked.subject(), principal, "", unblocked);
  }

  /** The body of a reproduction; its subject names the thing. */
  record Reproduced(Digest digest, Environment environment) {}

  static Event reproduced(Instant at, Principal principal, String thing, Reproduced reproduced) {
    return Event.of(at, REPRODUCED, thing, principal, "", reproduced);
  }

  static Event registered(Instant at, Principal principal, ModelVersion version, LargeParts large) {
    return Event.of(
        at,
        REGISTERED,
        version.reference().toString(),
        principal,
        version.run().map(RunId::text).orElse(""),
        large.without(version));
  }

  /**
   * The registration of a version that another lake exported.
   *
   * @param body the version's as that lake has it
   * @param number that it gets here
   */
  static Event imported(
      Instant at,
      Principal principal,
      ObjectNode body,
      ModelReference version,
      Origin origin,
      LargeParts large) {
    ObjectNode registered = body.deepCopy();
    registered.put("number", version.number().orElseThrow());
    registered.set(IMPORTED_FROM, Json.mapper().valueToTree(origin));
    return Event.of(at, REGISTERED, version.toString(), principal, "", large.without(registered));
  }

  private record Imported(Optional<Origin> importedFrom) {}

  /** Where the version of a registration's body was imported from. */
  static Optional<Origin> importedFrom(String body) {
    return body.contains("\"" + IMPORTED_FROM + "\":{")
        ? Json.read(body, Imported.class).importedFrom()
        : Optional.empty();
  }

  static Event moved(Instant at, String kind, Principal principal, String run, Moved moved) {
    return Event.of(at, kind, moved.subject(), principal, run, moved);
  }

  /** The newest comparison of a version with another one; empty where there is none. */
  static Optional<Recorded> comparison(ModelReference version, long champion, List<Event> events) {
    String subject = version.toString();
    return events.stream()
        .filter(e -> e.kind().equals(COMPARED) && e.subject().equals(subject))
        .map(e -> new Recorded(e.id(), e.body(Compared.class).comparison()))
        .filter(recorded -> recorded.comparison().champion() == champion)
        .reduce((first, second) -> second);
  }

  /** Whether a version was made again, to the bit. */
  static boolean isReproduced(ModelReference version, List<Event> events) {
    String subject = version.toString();
    return events.stream()
        .anyMatch(e -> e.kind().equals(REPRODUCED) && e.subject().equals(subject));
  }

  /** What a person says or decides of a version. */
  static Event said(Instant at, String kind, Principal principal, OfVersion body) {
    return Event.of(at, kind, body.subject(), principal, "", body);
  }

  /** The change that an event records; empty for an unknown kind. */
  static Optional<ModelChange> change(Event event) {
    return switch (event.kind()) {
      case REGISTERED -> {
        Named version = event.body(Named.class);
        yield change(
            event,
            version.model(),
            version.number(),
            importedFrom(event.body()).map(origin -> "imported: " + origin).orElse(""));
      }
      case PROMOTED, ROLLED_BACK -> {
        Moved moved = event.body(Moved.class);
        yield change(event, moved.model(), moved.number(), moved.reason())
            .map(change -> change.of(moved.alias(), moved.former(), moved.comparison()));
      }
      case BLOCKED -> {
        Blocked blocked = event.body(Blocked.class);
        yield change(
            event,
            blocked.model(),
            blocked.number(),
            "monitor %s, %s: %s".formatted(blocked.monitor(), blocked.night(), blocked.reason()));
      }
      case RETRAIN_DECIDED -> {
        RetrainDecision decision = event.body(RetrainDecision.class);
        yield change(
            event,
            decision.model(),
            decision.champion(),
            "monitor %s, %s: %s; tested up to %s"
                .formatted(
                    decision.monitor(), decision.night(), decision.reason(), decision.upTo()));
      }
      case COMPARED -> {
        Compared compared = event.body(Compared.class);
        yield change(event, compared.model(), compared.number(), compared.comparison().toString());
      }
      case EVALUATED -> {
        Evaluated evaluated = event.body(Evaluated.class);
        yield change(
            event, evaluated.model(), evaluated.number(), evaluated.evaluation().toString());
      }
      case GIVEN_UP -> {
        GivenUp givenUp = event.body(GivenUp.class);
        yield change(event, givenUp.model(), givenUp.number(), givenUp.reason());
      }
      case UNBLOCKED -> {
        Unblocked unblocked = event.body(Unblocked.class);
        yield change(event, unblocked.model(), unblocked.number(), unblocked.reason());
      }
      case RETIRED, HELD, RELEASED -> {
        Reasoned reasoned = event.body(Reasoned.class);
        yield change(event, reasoned.model(), reasoned.number(), reasoned.reason());
      }
      case DESCRIBED -> {
        Described described = event.body(Described.class);
        yield change(event, described.model(), described.number(), described.text());
      }
      case TAGGED -> {
        Tagged tagged = event.body(Tagged.class);
        yield change(event, tagged.model(), tagged.number(), tagged.words());
      }
      case REPRODUCED -> {
        // Builds of training sets are reproduced, too.
        Optional<ModelReference> model = ModelReference.find(event.subject());
        yield model.flatMap(
            m ->
                change(
                    event,
                    m.model(),
                    m.number().orElseThrow(),
                    "artefact " + event.body(Reproduced.class).digest()));
      }
      default -> Optional.empty();
    };
  }

  private static Optional<ModelChange> change(
      Event event, String model, long number, String reason) {
    return Optional.of(
        new ModelChange(
            event.at(),
            event.kind(),
            model,
            number,
            Optional.empty(),
            Optional.empty(),
            event.principal(),
            event.run(),
            reason,
            Optional.empty()));
  }

  /** Folds events into models, by name; ignores unknown kinds. */
  static Map<String, RegisteredModel> fold(List<Event> events, Registrations registrations) {
    Map<String, List<RegisteredVersion>> versions = new TreeMap<>();
    Map<String, Map<String, Alias>> aliases = new HashMap<>();
    Map<String, List<Block>> blocks = new HashMap<>();
    for (Event event : events) {
      switch (event.kind()) {
        case REGISTERED -> register(event, versions, registrations);
        case PROMOTED, ROLLED_BACK -> move(event, aliases);
        case RETIRED, HELD, RELEASED, DESCRIBED, TAGGED -> stand(event, versions);
        case BLOCKED -> block(event, blocks);
        case UNBLOCKED -> unblock(event, blocks);
        default -> {}
      }
    }
    Map<String, RegisteredModel> models = new TreeMap<>();
    versions.forEach(
        (name, of) ->
            models.put(
                name,
                new RegisteredModel(
                    name,
                    of,
                    aliases.getOrDefault(name, Map.of()),
                    blocks.getOrDefault(name, List.of()))));
    return models;
  }

  /**
   * A version by the events of that version alone; empty where it is not registered.
   *
   * @param events of any models
   */
  static Optional<RegisteredVersion> version(
      ModelReference reference, List<Event> events, Registrations registrations) {
    String subject = reference.toString();
    Optional<RegisteredVersion> registered = Optional.empty();
    for (Event event : events) {
      if (event.subject().equals(subject)) {
        if (event.kind().equals(REGISTERED)) {
          registered = Optional.of(registrations.version(event));
        } else if (Standing.changes(event)) {
          registered = registered.map(version -> changed(version, event));
        }
      }
    }
    return registered;
  }

  /**
   * The aliases that point to a version. Of the moves of aliases only those since the version first
   * got one are decoded.
   */
  static List<String> aliasesOf(ModelReference reference, List<Event> events) {
    String subject = reference.toString();
    List<Event> moves =
        of(reference.model(), events).stream()
            .filter(e -> e.kind().equals(PROMOTED) || e.kind().equals(ROLLED_BACK))
            .dropWhile(e -> !e.subject().equals(subject))
            .toList();
    Map<String, Long> held = new TreeMap<>();
    for (Event event : moves) {
      Moved moved = event.body(Moved.class);
      held.put(moved.alias(), moved.number());
    }
    long number = reference.number().orElseThrow();
    return held.entrySet().stream()
        .filter(alias -> alias.getValue() == number)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The number of the version that an alias points to; the newest moves are decoded. */
  static Optional<Long> holder(String model, String alias, List<Event> events) {
    for (int i = events.size() - 1; i >= 0; i--) {
      Event event = events.get(i);
      if ((event.kind().equals(PROMOTED) || event.kind().equals(ROLLED_BACK))
          && event.subject().startsWith(model + "@")) {
        Moved moved = event.body(Moved.class);
        if (moved.alias().equals(alias)) {
          return Optional.of(moved.number());
        }
      }
    }
    return Optional.empty();
  }

  /** The events of one model. */
  static List<Event> of(String model, List<Event> events) {
    return events.stream().filter(e -> e.subject().startsWith(model + "@")).toList();
  }

  /** The names of the registered models. */
  static Set<String> names(List<Event> events) {
    Set<String> names = new TreeSet<>();
    for (Event event : events) {
      if (event.kind().equals(REGISTERED)) {
        names.add(event.subject().substring(0, event.subject().lastIndexOf('@')));
      }
    }
    return names;
  }

  private static void register(
      Event event, Map<String, List<RegisteredVersion>> versions, Registrations registrations) {
    RegisteredVersion registered = registrations.version(event);
    ModelVersion version = registered.version();
    List<RegisteredVersion> of = versions.computeIfAbsent(version.model(), m -> new ArrayList<>());
    if (version.number() != of.size() + 1) {
      throw corrupt(event, "it registers number " + version.number() + " after " + of.size());
    }
    of.add(registered);
  }

  private static void move(Event event, Map<String, Map<String, Alias>> aliases) {
    Moved moved = event.body(Moved.class);
    aliases
        .computeIfAbsent(moved.model(), m -> new TreeMap<>())
        .compute(
            moved.alias(),
            (name, alias) -> {
              if (alias == null) {
                return new Alias(
                    name, moved.number(), event.at(), event.principal(), moved.reason(), List.of());
              }
              return event.kind().equals(PROMOTED)
                  ? alias.moved(moved.number(), event.at(), event.principal(), moved.reason())
                  : alias.rolledBack(moved.number(), event.at(), event.principal(), moved.reason());
            });
  }

  private static void block(Event event, Map<String, List<Block>> blocks) {
    Blocked blocked = event.body(Blocked.class);
    blocks
        .computeIfAbsent(blocked.model(), m -> new ArrayList<>())
        .add(
            new Block(
                blocked.number(),
                blocked.alias(),
                blocked.monitor(),
                blocked.night(),
                blocked.notice(),
                event.at(),
                event.principal(),
                blocked.reason()));
  }

  private static void unblock(Event event, Map<String, List<Block>> blocks) {
    Unblocked unblocked = event.body(Unblocked.class);
    blocks
        .getOrDefault(unblocked.model(), List.of())
        .removeIf(
            block -> unblocked.notices().isEmpty() || unblocked.notices().contains(block.notice()));
  }

  private static void stand(Event event, Map<String, List<RegisteredVersion>> versions) {
    ModelReference version = ModelReference.parse(event.subject());
    List<RegisteredVersion> of = versions.getOrDefault(version.model(), List.of());
    int index = (int) version.number().orElse(0) - 1;
    if (index < 0 || index >= of.size()) {
      throw corrupt(event, "it is of a version that was never registered");
    }
    of.set(index, changed(of.get(index), event));
  }

  private static RegisteredVersion changed(RegisteredVersion version, Event event) {
    Standing standing =
        new Standing(version.retirement(), version.hold(), version.description(), version.tags())
            .after(event);
    return new RegisteredVersion(
        version.version(),
        version.at(),
        version.principal(),
        version.stored(),
        version.importedFrom(),
        standing.retirement(),
        standing.hold(),
        standing.description(),
        standing.tags());
  }

  private static PlatformException corrupt(Event event, String why) {
    return new PlatformException(
        ErrorCode.CORRUPT,
        "Cannot read registry event %s of %s: %s. Use the version of Tributary that wrote it, or restore the registry's table."
            .formatted(event.id(), event.subject(), why));
  }
}
