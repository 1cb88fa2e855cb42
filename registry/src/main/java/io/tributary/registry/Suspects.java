package io.tributary.registry;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The marks of suspect things in a lake, which stand until somebody clears them: events of the log
 * {@code platform.registry}. Safe for concurrent threads and processes; each question reads the log
 * as it is then.
 */
public final class Suspects {
  static final String MARKED = "marked-suspect";
  static final String CLEARED = "cleared";

  private final EventLog log;
  private final Clock clock;
  private final SuspectPolicy policy;

  Suspects(EventLog log, Clock clock, SuspectPolicy policy) {
    this.log = log;
    this.clock = clock;
    this.policy = policy;
  }

  /** Those of the lake at a local path or a Hadoop URI; what uses a marked thing is refused. */
  public static Suspects open(String lake) {
    return open(lake, Clock.systemUTC());
  }

  /** The same; {@code clock} dates what is marked and cleared. */
  static Suspects open(String lake, Clock clock) {
    return new Suspects(
        EventLog.open(lake + "/platform/registry"), clock, SuspectPolicy.refusing());
  }

  private record Marked(
      String root,
      List<String> things,
      Map<String, Interval> reaches,
      Optional<Map<String, Set<Digest>>> readers,
      Optional<Map<String, Long>> newest,
      String reason) {
    Coverage coverage() {
      return new Coverage(things, reaches, readers.orElse(Map.of()), newest);
    }
  }

  /**
   * @param marks ids of the events that it clears; empty: all of the root
   */
  private record Cleared(String root, String reason, Optional<List<String>> marks) {}

  /**
   * Marks a thing. A second mark of the same thing adds what has been made from it since.
   *
   * @param coverage what was made from it
   */
  public Suspect mark(String root, Coverage coverage, Principal principal, String reason) {
    Instant at = clock.instant();
    log.append(
        List.of(
            Event.of(
                at,
                MARKED,
                root,
                principal,
                "",
                new Marked(
                    root,
                    coverage.things(),
                    coverage.reaches(),
                    Optional.of(coverage.readers()),
                    coverage.newest(),
                    reason))));
    return new Suspect(root, coverage, at, principal, reason);
  }

  /**
   * Clears the mark of a thing, and with it all that it covers. One that somebody sets meanwhile
   * stays.
   *
   * @return what stood
   * @throws PlatformException NOT_FOUND when the thing is not marked
   */
  public Suspect clear(String root, Principal principal, String reason) {
    List<Event> marks = marks(log.read().events()).getOrDefault(root, List.of());
    if (marks.isEmpty()) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot clear %s: it is not marked as suspect. Standing marks are listed by tributary doctor."
              .formatted(root.replaceFirst(":", " ")));
    }
    log.append(
        List.of(
            Event.of(
                clock.instant(),
                CLEARED,
                root,
                principal,
                "",
                new Cleared(root, reason, Optional.of(marks.stream().map(Event::id).toList())))));
    return suspect(marks);
  }

  /** The marks that stand, oldest first; of a thing that was marked again by its newest mark. */
  public List<Suspect> standing() {
    return standing(log.read().events());
  }

  static List<Suspect> standing(List<Event> events) {
    return marks(events).values().stream().map(Suspects::suspect).toList();
  }

  /** The events of marks that stand, by what they mark; their bodies are not decoded. */
  private static Map<String, List<Event>> marks(List<Event> events) {
    Map<String, List<Event>> marks = new LinkedHashMap<>();
    for (Event event : events) {
      String root = event.subject();
      if (event.kind().equals(MARKED)) {
        List<Event> again =
            new ArrayList<>(Optional.ofNullable(marks.remove(root)).orElse(List.of()));
        again.add(event);
        marks.put(root, again);
      } else if (event.kind().equals(CLEARED) && marks.containsKey(root)) {
        Optional<List<String>> ended = event.body(Cleared.class).marks();
        marks.get(root).removeIf(mark -> ended.map(ids -> ids.contains(mark.id())).orElse(true));
        if (marks.get(root).isEmpty()) {
          marks.remove(root);
        }
      }
    }
    return marks;
  }

  /** The newest of some marks of one thing, with what they all cover. */
  private static Suspect suspect(List<Event> marks) {
    Event newest = marks.get(marks.size() - 1);
    return new Suspect(
        newest.subject(),
        marks.stream()
            .map(mark -> mark.body(Marked.class).coverage())
            .reduce(Coverage::and)
            .orElseThrow(),
        newest.at(),
        newest.principal(),
        newest.body(Marked.class).reason());
  }

  /** The oldest mark that is on a version. */
  static Optional<Suspect> on(List<Event> events, ModelVersion version) {
    return standing(events).stream()
        .filter(
            s ->
                s.covers(
                    version.reference(), version.elsewhere().isEmpty(), TrainingUse.of(version)))
        .findFirst();
  }

  /** Refuses online inputs from publications that a mark is on. */
  void requireNone(OnlineUse use, String what) {
    require(s -> use.views().stream().anyMatch(view -> s.marksOnline(view.view())), what);
  }

  /**
   * Refuses to score an interval from suspect things.
   *
   * @throws PlatformException REFUSED when a mark stands on one of them, unless the policy warns
   */
  public void requireNone(ScoringUse use) {
    require(s -> s.enters(use), "score " + use.scores() + " for " + use.interval());
  }

  /**
   * Refuses to train a model on a suspect build of a training set.
   *
   * @throws PlatformException REFUSED when a mark stands on it, or on what is in it, unless the
   *     policy warns
   */
  public void requireNone(String model, TrainingUse use) {
    requireNoneIn(
        use,
        "train model " + model + use.build().map(build -> " on " + build.shortName()).orElse(""));
  }

  /**
   * Refuses suspect rows of a training set.
   *
   * @param what would be done with them, as an infinitive
   * @throws PlatformException REFUSED when a mark stands on what is in them, unless the policy
   *     warns
   */
  public void requireNoneIn(TrainingUse rows, String what) {
    require(s -> s.enters(rows), what);
  }

  /**
   * Refuses to train again what would be a suspect version's network.
   *
   * @param fitted the version
   * @throws PlatformException REFUSED when a mark stands on it, unless the policy warns
   */
  public void requireNone(String model, ModelVersion fitted) {
    on(log.read().events(), fitted)
        .ifPresent(
            mark ->
                policy.used(
                    "train model %s, which would be fitted as %s"
                        .formatted(model, fitted.reference()),
                    mark));
  }

  private void require(Predicate<Suspect> marked, String what) {
    standing().stream().filter(marked).forEach(mark -> policy.used(what, mark));
  }
}
