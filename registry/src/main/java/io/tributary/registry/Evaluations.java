package io.tributary.registry;

import io.tributary.core.Digest;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.events.Event;
import io.tributary.registry.ModelRegistry.Decided;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What versions came to on rows that they were not fitted to: an event for each version and rows.
 * Safe for concurrent threads and processes.
 */
public final class Evaluations {
  private final ModelRegistry registry;

  Evaluations(ModelRegistry registry) {
    this.registry = registry;
  }

  /** An evaluation as it is recorded. */
  public record Recorded(Instant at, Principal principal, Evaluation evaluation) {
    private static Recorded of(Event event) {
      return new Recorded(
          event.at(), event.principal(), event.body(ModelEvents.Evaluated.class).evaluation());
    }
  }

  /** Those of a version, oldest first. */
  public List<Recorded> of(ModelReference version) {
    return events(registry.known().events(), version).map(Recorded::of).toList();
  }

  /**
   * That of a version on some rows.
   *
   * @param content the digest of all rows that are asked for
   */
  public Optional<Recorded> find(ModelReference version, Digest content) {
    return find(registry.read().events(), version, content);
  }

  /**
   * Records an evaluation. Where one of the version on the same rows is recorded, nothing is
   * written.
   *
   * @return what is recorded now
   * @throws PlatformException NOT_FOUND when there is no such version
   */
  public Recorded record(ModelReference version, Evaluation evaluation, Principal principal) {
    long number = version.number().orElseThrow();
    String what = "evaluate " + version;
    return registry.decide(
        version.model(),
        history -> {
          ModelRegistry.require(registry.require(history, version.model(), what), number, what);
          Optional<Recorded> known = find(history.events(), version, evaluation.rows().content());
          if (known.isPresent()) {
            return Decided.nothing(known.get());
          }
          Event event =
              ModelEvents.evaluated(
                  registry.time(history, version.model()),
                  principal,
                  new ModelEvents.Evaluated(version.model(), number, evaluation));
          return Decided.by(Recorded.of(event), event);
        });
  }

  private static Optional<Recorded> find(
      List<Event> events, ModelReference version, Digest content) {
    String id = ModelEvents.evaluatedId(version, content);
    return events(events, version)
        .filter(event -> event.id().equals(id))
        .findFirst()
        .map(Recorded::of);
  }

  private static Stream<Event> events(List<Event> events, ModelReference version) {
    String subject = version.toString();
    return events.stream()
        .filter(e -> e.kind().equals(ModelEvents.EVALUATED) && e.subject().equals(subject));
  }
}
