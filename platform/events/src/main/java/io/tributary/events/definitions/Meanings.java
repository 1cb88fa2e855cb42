package io.tributary.events.definitions;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.TableName;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.events.History;
import io.tributary.events.runs.LakeTables;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The meaning of each version of a view in a lake: the log {@code platform.definitions}. The first
 * run that uses a version fixes its meaning; an amendment gives it another, with a reason. Safe for
 * concurrent threads and processes: of two that give one version different meanings exactly one
 * wins.
 */
public final class Meanings {
  /** The subject of the log. */
  public static final String LOG = "definitions";

  static final String FIXED = "fixed";
  static final String AMENDED = "amended";
  static final String ACCEPTED = "accepted";
  private static final Set<String> KINDS = Set.of(FIXED, AMENDED, ACCEPTED);

  /**
   * One change of a version's meaning.
   *
   * @param kind {@code fixed}, {@code amended} or {@code accepted}
   * @param name kind and name, {@code view carrier_history@1}
   * @param definition the digest of a definition with the meaning, in the {@link DefinitionStore}
   * @param meaning the digest of its meaning
   * @param former the definition before; empty for the first
   * @param reason empty where a run fixed it
   * @param models model versions, {@code late_arrival@3}, that may continue to score although they
   *     were trained on the meaning before
   * @param runs the run that fixed it, and those that used the same meaning before one of them was
   *     known to have built something; empty when a person decided
   */
  public record Change(
      Instant at,
      String kind,
      String name,
      Digest definition,
      Digest meaning,
      Optional<Digest> former,
      String reason,
      List<String> models,
      Principal principal,
      List<String> runs) {
    public Change {
      models = List.copyOf(models);
      runs = List.copyOf(runs);
    }

    /** The same with a later run that relies on the meaning before anything is built with it. */
    private Change followedBy(Change next) {
      if (!next.kind.equals(FIXED) || !next.meaning.equals(meaning)) {
        return next;
      }
      List<String> all = new ArrayList<>(runs);
      all.addAll(next.runs);
      return new Change(
          at, kind, name, definition, meaning, former, reason, models, principal, all);
    }

    /** As a clause for people: {@code run 20131231T… fixed it at …}. */
    @Override
    public String toString() {
      return switch (kind) {
        case FIXED -> "run " + runs.get(0) + " fixed it at " + at;
        case AMENDED -> principal + " amended it at " + at + " (" + reason + ")";
        default -> principal + " accepted " + String.join(", ", models) + " at " + at;
      };
    }
  }

  private record Body(
      String name,
      Digest definition,
      Digest meaning,
      Optional<Digest> former,
      String reason,
      List<String> models) {}

  private final EventLog log;

  private Meanings(EventLog log) {
    this.log = log;
  }

  /** The meanings of the lake at a local folder or Hadoop URI; nothing is read yet. */
  public static Meanings open(String lake) {
    return of(EventLog.open(LakeTables.path(lake, TableName.of("platform", LOG))));
  }

  public static Meanings of(EventLog log) {
    return new Meanings(log);
  }

  /** All changes of one version's meaning, in their order. */
  public List<Change> changes(String name) {
    return changes(log.read(), name);
  }

  /** The change that gave each version its present meaning, by kind and name. */
  public Map<String, Change> fixed() {
    Map<String, Change> fixed = new TreeMap<>();
    for (Event event : log.read().events()) {
      if (KINDS.contains(event.kind()) && !event.kind().equals(ACCEPTED)) {
        fixed.merge(event.subject(), change(event), Change::followedBy);
      }
    }
    return fixed;
  }

  private static List<Change> changes(History history, String name) {
    List<Change> changes = new ArrayList<>();
    for (Event event : history.events()) {
      if (event.subject().equals(name) && KINDS.contains(event.kind())) {
        changes.add(change(event));
      }
    }
    return changes;
  }

  private static Change change(Event event) {
    Body body = event.body(Body.class);
    return new Change(
        event.at(),
        event.kind(),
        body.name(),
        body.definition(),
        body.meaning(),
        body.former(),
        body.reason(),
        body.models(),
        event.principal(),
        event.run().isEmpty() ? List.of() : List.of(event.run()));
  }

  /** The change that gave a version its present meaning; empty while no run has used it. */
  public Optional<Change> fixed(String name) {
    return fixed(changes(name));
  }

  private static Optional<Change> fixed(List<Change> changes) {
    return changes.stream().filter(c -> !c.kind().equals(ACCEPTED)).reduce(Change::followedBy);
  }

  /**
   * Fixes the meaning of a version that has none, or none that anything was built with; or records
   * one more run that relies on its present meaning.
   *
   * @param former its present meaning, as the caller saw it
   * @throws PlatformException CONFLICT when somebody else gave it another meaning meanwhile
   */
  public void fix(
      Definition definition,
      Digest kept,
      Optional<Change> former,
      Instant at,
      Principal principal,
      String run) {
    Body body =
        new Body(
            definition.reference(),
            kept,
            definition.meaningDigest(),
            former.map(Change::definition),
            "",
            List.of());
    decide(former, Event.of(at, FIXED, body.name(), principal, run, body));
  }

  /**
   * Gives a version another meaning.
   *
   * @param former its present meaning, as the caller saw it
   * @param models model versions that may continue to score although they were trained on that
   * @throws PlatformException CONFLICT when somebody else gave it another meaning meanwhile
   */
  public Change amend(
      Definition definition,
      Digest kept,
      Change former,
      List<String> models,
      Instant at,
      Principal principal,
      String reason) {
    Body body =
        new Body(
            definition.reference(),
            kept,
            definition.meaningDigest(),
            Optional.of(former.definition()),
            reason,
            models);
    decide(Optional.of(former), Event.of(at, AMENDED, body.name(), principal, "", body));
    return fixed(body.name()).orElseThrow();
  }

  /**
   * Accepts model versions that were trained on a former meaning of a version: they may continue to
   * score.
   */
  public void accept(
      Change fixed, List<String> models, Instant at, Principal principal, String reason) {
    Body body =
        new Body(
            fixed.name(), fixed.definition(), fixed.meaning(), Optional.empty(), reason, models);
    decide(Optional.of(fixed), Event.of(at, ACCEPTED, body.name(), principal, "", body));
  }

  private void decide(Optional<Change> seen, Event event) {
    History history = log.read();
    if (!fixed(changes(history, event.subject())).equals(seen)) {
      throw new PlatformException(
          ErrorCode.CONFLICT,
          "Cannot change what %s means: somebody else has changed it meanwhile. Run it again."
              .formatted(event.subject()));
    }
    log.decide(event.subject(), history.generation(event.subject()), List.of(event));
  }

  /**
   * Whether a model version may use a version of a view with its present meaning: it was trained on
   * that meaning, or the amendment that gave it, or an acceptance since, names the model.
   *
   * @param model {@code late_arrival@3}
   * @param name kind and name of the view's version
   * @param trainedOn the digest of the meaning that it was trained on
   */
  public boolean accepts(String model, String name, Digest trainedOn) {
    boolean accepted = false;
    Optional<Digest> meaning = Optional.empty();
    for (Change change : changes(name)) {
      boolean stays = meaning.filter(change.meaning()::equals).isPresent();
      accepted =
          change.meaning().equals(trainedOn)
              || change.models().contains(model)
              || stays && accepted;
      meaning = Optional.of(change.meaning());
    }
    return accepted;
  }
}
