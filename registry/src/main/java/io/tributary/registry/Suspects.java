package io.tributary.registry;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.TableVersion;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
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

  private Suspects(EventLog log, Clock clock) {
    this.log = log;
    this.clock = clock;
  }

  /** Those of the lake at a local path or a Hadoop URI. */
  public static Suspects open(String lake) {
    return open(lake, Clock.systemUTC());
  }

  /** The same; {@code clock} dates what is marked and cleared. */
  static Suspects open(String lake, Clock clock) {
    return new Suspects(EventLog.open(lake + "/platform/registry"), clock);
  }

  private record Marked(
      String root, List<String> things, Map<String, Interval> reaches, String reason) {}

  private record Cleared(String root, String reason) {}

  /**
   * Marks a thing. A second mark of the same thing takes the place of the first: so what has been
   * made from it since is marked, too.
   *
   * @param things what was made from it, as an impact names it
   * @param reaches of a delivery: the as-ofs of rows that read something of it, by score set
   */
  public Suspect mark(
      String root,
      List<String> things,
      Map<String, Interval> reaches,
      Principal principal,
      String reason) {
    Instant at = clock.instant();
    log.append(
        List.of(
            Event.of(at, MARKED, root, principal, "", new Marked(root, things, reaches, reason))));
    return new Suspect(root, things, reaches, at, principal, reason);
  }

  /**
   * Clears the mark of a thing, and with it of all that it marked.
   *
   * @return what stood
   * @throws PlatformException NOT_FOUND when the thing is not marked
   */
  public Suspect clear(String root, Principal principal, String reason) {
    Suspect standing =
        standing().stream()
            .filter(suspect -> suspect.root().equals(root))
            .findFirst()
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.NOT_FOUND,
                        "Cannot clear %s: it is not marked as suspect. Standing marks are listed by tributary doctor."
                            .formatted(root.replaceFirst(":", " "))));
    log.append(
        List.of(
            Event.of(clock.instant(), CLEARED, root, principal, "", new Cleared(root, reason))));
    return standing;
  }

  /** The marks that stand, oldest first. */
  public List<Suspect> standing() {
    return standing(log.read().events());
  }

  static List<Suspect> standing(List<Event> events) {
    Map<String, Suspect> standing = new TreeMap<>();
    List<String> order = new ArrayList<>();
    for (Event event : events) {
      if (event.kind().equals(MARKED)) {
        Marked marked = event.body(Marked.class);
        order.remove(marked.root());
        order.add(marked.root());
        standing.put(
            marked.root(),
            new Suspect(
                marked.root(),
                marked.things(),
                marked.reaches(),
                event.at(),
                event.principal(),
                marked.reason()));
      } else if (event.kind().equals(CLEARED)) {
        order.remove(event.subject());
        standing.remove(event.subject());
      }
    }
    return order.stream().map(standing::get).toList();
  }

  /** The oldest mark that is on a version. */
  static Optional<Suspect> on(List<Event> events, ModelReference version) {
    return standing(events).stream().filter(s -> s.marks("model:" + version)).findFirst();
  }

  /** Refuses a version that a mark is on. */
  static void requireNone(List<Event> events, ModelReference version, String what) {
    refuse(on(events, version), what);
  }

  /** Refuses online inputs from publications that a mark is on. */
  static void requireNone(List<Event> events, OnlineUse use, String what) {
    require(
        standing(events),
        s -> use.views().stream().anyMatch(view -> s.marksOnline(view.view())),
        what);
  }

  /**
   * Refuses to score an interval from suspect things.
   *
   * @param pins what is read
   * @param definitions what is used, by kind and name
   * @throws PlatformException REFUSED when a mark stands on one of them
   */
  public void requireNone(
      String scores, Interval interval, List<Pin> pins, Set<String> definitions) {
    require(
        standing(),
        s -> s.enters(scores, interval, pins, definitions),
        "score " + scores + " for " + interval);
  }

  /**
   * Refuses to train on a suspect build of a training set.
   *
   * @param pins what the build was made from
   * @throws PlatformException REFUSED when a mark stands on it, or on a delivery in it
   */
  public void requireNone(String model, TableVersion build, List<Pin> pins) {
    require(
        standing(),
        s -> s.enters(build, pins),
        "train model " + model + " on " + build.shortName());
  }

  private static void require(List<Suspect> standing, Predicate<Suspect> marked, String what) {
    refuse(standing.stream().filter(marked).findFirst(), what);
  }

  private static void refuse(Optional<Suspect> mark, String what) {
    if (mark.isPresent()) {
      throw new PlatformException(ErrorCode.REFUSED, "Cannot " + what + ": " + mark.get());
    }
  }
}
