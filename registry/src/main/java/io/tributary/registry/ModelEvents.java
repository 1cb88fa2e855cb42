package io.tributary.registry;

import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.events.Event;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Writes the registry's events and folds them into models. */
final class ModelEvents {
  static final String REGISTERED = "registered";
  static final String PROMOTED = "promoted";
  static final String ROLLED_BACK = "rolled-back";
  static final String RETIRED = "retired";
  static final String BLOCKED = "blocked";
  static final String UNBLOCKED = "unblocked";
  static final String RETRAIN_DECIDED = "retrain-decided";
  static final String COMPARED = "compared";

  private ModelEvents() {}

  /** The part of each body that names the version concerned. */
  record Named(String model, long number) {}

  /** The body of an event that moves an alias. */
  record Moved(String model, long number, String alias, Optional<Long> former, String reason) {}

  /** The body of a retirement. */
  record Retired(String model, long number, String reason) {}

  /**
   * The body of a block.
   *
   * @param notice of the breach that led to it
   * @param night as users name the interval
   */
  record Blocked(
      String model, long number, String monitor, String night, String notice, String reason) {}

  static Event blocked(Instant at, Principal principal, String run, Blocked blocked) {
    return new Event(
        blockId(blocked.notice()),
        at,
        BLOCKED,
        blocked.model() + "@" + blocked.number(),
        principal,
        run,
        Json.write(blocked));
  }

  /** The body of a comparison; {@code decision} is the id of what it answers. */
  record Compared(String model, long number, String decision, Comparison comparison) {}

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

  static Event compared(Instant at, Principal principal, String run, Compared compared) {
    return new Event(
        comparedId(compared.decision()),
        at,
        COMPARED,
        compared.model() + "@" + compared.number(),
        principal,
        run,
        Json.write(compared));
  }

  static String comparedId(String decision) {
    return "compared/" + decision;
  }

  static String blockId(String notice) {
    return "blocked/" + notice;
  }

  /** What of a model ends its blocks. */
  static Event unblocked(Instant at, Principal principal, Retired unblocked) {
    return Event.of(
        at, UNBLOCKED, unblocked.model() + "@" + unblocked.number(), principal, "", unblocked);
  }

  static Event registered(Instant at, Principal principal, ModelVersion version, LargeParts large) {
    return Event.of(
        at,
        REGISTERED,
        version.reference().toString(),
        principal,
        version.run().toString(),
        large.without(version));
  }

  static Event moved(Instant at, String kind, Principal principal, Moved moved) {
    return Event.of(at, kind, moved.model() + "@" + moved.number(), principal, "", moved);
  }

  static Event retired(Instant at, Principal principal, Retired retired) {
    return Event.of(at, RETIRED, retired.model() + "@" + retired.number(), principal, "", retired);
  }

  /** The change that an event records; empty for an unknown kind. */
  static Optional<ModelChange> change(Event event) {
    switch (event.kind()) {
      case REGISTERED -> {
        Named version = event.body(Named.class);
        return Optional.of(
            new ModelChange(
                event.at(),
                event.kind(),
                version.model(),
                version.number(),
                Optional.empty(),
                Optional.empty(),
                event.principal(),
                event.run(),
                ""));
      }
      case PROMOTED, ROLLED_BACK -> {
        Moved moved = event.body(Moved.class);
        return Optional.of(
            new ModelChange(
                event.at(),
                event.kind(),
                moved.model(),
                moved.number(),
                Optional.of(moved.alias()),
                moved.former(),
                event.principal(),
                event.run(),
                moved.reason()));
      }
      case BLOCKED -> {
        Blocked blocked = event.body(Blocked.class);
        return Optional.of(
            new ModelChange(
                event.at(),
                event.kind(),
                blocked.model(),
                blocked.number(),
                Optional.empty(),
                Optional.empty(),
                event.principal(),
                event.run(),
                "monitor %s, %s: %s"
                    .formatted(blocked.monitor(), blocked.night(), blocked.reason())));
      }
      case RETRAIN_DECIDED -> {
        RetrainDecision decision = event.body(RetrainDecision.class);
        return Optional.of(
            new ModelChange(
                event.at(),
                event.kind(),
                decision.model(),
                decision.champion(),
                Optional.empty(),
                Optional.empty(),
                event.principal(),
                event.run(),
                "monitor %s, %s: %s; tested up to %s"
                    .formatted(
                        decision.monitor(), decision.night(), decision.reason(), decision.upTo())));
      }
      case COMPARED -> {
        Compared compared = event.body(Compared.class);
        return Optional.of(
            new ModelChange(
                event.at(),
                event.kind(),
                compared.model(),
                compared.number(),
                Optional.empty(),
                Optional.empty(),
                event.principal(),
                event.run(),
                compared.comparison().toString()));
      }
      case RETIRED, UNBLOCKED -> {
        Retired retired = event.body(Retired.class);
        return Optional.of(
            new ModelChange(
                event.at(),
                event.kind(),
                retired.model(),
                retired.number(),
                Optional.empty(),
                Optional.empty(),
                event.principal(),
                event.run(),
                retired.reason()));
      }
      default -> {
        return Optional.empty();
      }
    }
  }

  /** Folds events into models, by name; ignores unknown kinds. */
  static Map<String, RegisteredModel> fold(List<Event> events, LargeParts large) {
    Map<String, List<RegisteredVersion>> versions = new TreeMap<>();
    Map<String, Map<String, Alias>> aliases = new HashMap<>();
    Map<String, List<Block>> blocks = new HashMap<>();
    for (Event event : events) {
      switch (event.kind()) {
        case REGISTERED -> register(event, versions, large);
        case PROMOTED, ROLLED_BACK -> move(event, aliases);
        case RETIRED -> retire(event, versions);
        case BLOCKED -> block(event, blocks);
        case UNBLOCKED -> blocks.remove(event.body(Retired.class).model());
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
      Event event, Map<String, List<RegisteredVersion>> versions, LargeParts large) {
    LargeParts.Whole body = large.with(event);
    ModelVersion version = Json.read(body.json(), ModelVersion.class);
    List<RegisteredVersion> of = versions.computeIfAbsent(version.model(), m -> new ArrayList<>());
    if (version.number() != of.size() + 1) {
      throw corrupt(event, "it registers number " + version.number() + " after " + of.size());
    }
    of.add(
        new RegisteredVersion(
            version, event.at(), event.principal(), body.stored(), Optional.empty()));
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
                blocked.monitor(),
                blocked.night(),
                blocked.notice(),
                event.at(),
                event.principal(),
                blocked.reason()));
  }

  private static void retire(Event event, Map<String, List<RegisteredVersion>> versions) {
    Retired retired = event.body(Retired.class);
    List<RegisteredVersion> of = versions.getOrDefault(retired.model(), List.of());
    int index = (int) retired.number() - 1;
    if (index < 0 || index >= of.size()) {
      throw corrupt(event, "it retires a version that was never registered");
    }
    RegisteredVersion version = of.get(index);
    of.set(
        index,
        new RegisteredVersion(
            version.version(),
            version.at(),
            version.principal(),
            version.stored(),
            Optional.of(
                new RegisteredVersion.Retirement(
                    event.at(), event.principal(), retired.reason()))));
  }

  private static PlatformException corrupt(Event event, String why) {
    return new PlatformException(
        ErrorCode.CORRUPT,
        "Cannot read registry event %s of %s: %s. Use the version of Tributary that wrote it, or restore the registry's table."
            .formatted(event.id(), event.subject(), why));
  }
}
