package io.tributary.registry;

import io.tributary.core.Principal;
import io.tributary.events.Event;
import io.tributary.events.History;
import io.tributary.registry.ModelRegistry.Decided;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The decisions of a registry to train models again because of breaches, and what became of them.
 * Of each model the newest may be open; it is answered by the comparison of its challenger, or by a
 * newer decision, which takes its place. Safe for concurrent threads and processes.
 */
public final class Retrainings {
  private final ModelRegistry registry;

  Retrainings(ModelRegistry registry) {
    this.registry = registry;
  }

  /**
   * Decides to train a model again, once for each day up to which labels are mature, and at most
   * once in a period of data. A decision on data that is older than that of another one is not
   * made. One that is still open is given up.
   *
   * @param period how much later {@link RetrainDecision#upTo} must be than that of any other
   * @return whether it was decided now
   */
  public boolean decide(
      RetrainDecision decision, Duration period, Principal principal, String run) {
    String model = decision.model();
    String what = "retrain " + model;
    return registry.decide(
        model,
        history -> {
          List<RetrainDecision> earlier = of(history, model);
          if (history.contains(decision.id())
              || earlier.stream().anyMatch(d -> decision.upTo().isBefore(d.upTo().plus(period)))) {
            return Decided.nothing(false);
          }
          ModelRegistry.require(registry.require(history, model, what), decision.champion(), what);
          Instant at = registry.time(history, model);
          List<Event> events = new ArrayList<>();
          earlier.stream()
              .filter(d -> !isAnswered(history, d))
              .forEach(
                  open ->
                      events.add(
                          ModelEvents.givenUp(
                              at,
                              principal,
                              run,
                              new ModelEvents.GivenUp(
                                  model,
                                  open.champion(),
                                  open.id(),
                                  "the decision of %s takes the place of that of %s"
                                      .formatted(decision.night(), open.night())))));
          events.add(ModelEvents.retrainDecided(at, principal, run, decision));
          return new Decided<>(true, events);
        });
  }

  /** The newest decision on a model. */
  public Optional<RetrainDecision> newest(String model) {
    return newest(registry.read(), model);
  }

  /** The same where its challenger is not compared yet. */
  public Optional<RetrainDecision> open(String model) {
    History history = registry.read();
    return newest(history, model).filter(decision -> !isAnswered(history, decision));
  }

  /** Whether a decision's challenger is compared with the champion, or it was given up. */
  public boolean isAnswered(RetrainDecision decision) {
    return isAnswered(registry.read(), decision);
  }

  /** The version that this lake trained because of a decision: another one may decide the same. */
  public Optional<RegisteredVersion> challenger(RetrainDecision decision) {
    return registry.model(registry.read(), decision.model()).stream()
        .flatMap(model -> model.versions().stream())
        .filter(version -> version.importedFrom().isEmpty())
        .filter(version -> version.version().decision().equals(Optional.of(decision.id())))
        .findFirst();
  }

  static boolean isAnswered(History history, RetrainDecision decision) {
    return history.contains(ModelEvents.comparedId(decision.id()))
        || history.contains(ModelEvents.givenUpId(decision.id()));
  }

  private static Optional<RetrainDecision> newest(History history, String model) {
    return of(history, model).stream().reduce((first, second) -> second);
  }

  private static List<RetrainDecision> of(History history, String model) {
    return history.events().stream()
        .filter(e -> e.kind().equals(ModelEvents.RETRAIN_DECIDED))
        .filter(e -> e.subject().startsWith(model + "@"))
        .map(e -> e.body(RetrainDecision.class))
        .toList();
  }
}
