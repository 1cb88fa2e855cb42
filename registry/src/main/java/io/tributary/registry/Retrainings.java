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

  /** The decision that a version of a model was trained because of; empty for most versions. */
  public Optional<RetrainDecision> of(ModelVersion version) {
    return version
        .decision()
        .flatMap(
            id ->
                of(registry.read(), version.model()).stream()
                    .filter(decision -> decision.id().equals(id))
                    .findFirst());
  }

  /** Whether a decision's challenger is compared with the champion, or it was given up. */
  public boolean isAnswered(RetrainDecision decision) {
    return isAnswered(registry.read(), decision);
  }

  /** The version that was trained because of a decision. */
  public Optional<RegisteredVersion> challenger(RetrainDecision decision) {
    return registry.model(registry.read(), decision.model()).stream()
        .flatMap(model -> model.versions().stream())
        .filter(version -> version.version().decision().equals(Optional.of(decision.id())))
        .findFirst();
  }

  /**
   * What follows from a comparison.
   *
   * @param promoted whether the challenger got the alias
   * @param why it got it, or not, as a clause
   */
  public record Followed(boolean promoted, String why) {}

  /**
   * Records how a challenger compares with the champion, and in the same decision points the alias
   * of the decision to it, if it may be promoted and the champion still has the alias. What was
   * compared already is left as it is.
   *
   * @param promotes whether it is to get the alias where it is surely not worse
   */
  public Followed compared(
      RetrainDecision decision,
      ModelVersion challenger,
      Comparison comparison,
      boolean promotes,
      Principal principal,
      String run) {
    String model = decision.model();
    String what = "compare " + challenger.reference();
    return registry.decide(
        model,
        history -> {
          if (isAnswered(history, decision)) {
            return Decided.nothing(new Followed(false, "it was compared before"));
          }
          RegisteredModel registered = registry.require(history, model, what);
          Optional<String> why =
              promotes
                  ? against(history, decision, registered, challenger, comparison)
                  : Optional.of("the model's file leaves promoting to a person");
          Instant at = registry.time(history, model);
          Event compared =
              ModelEvents.compared(
                  at,
                  principal,
                  run,
                  new ModelEvents.Compared(model, challenger.number(), decision.id(), comparison));
          if (why.isPresent()) {
            return Decided.by(new Followed(false, why.get()), compared);
          }
          String reason = "not worse than @" + decision.champion() + ", as its model's file allows";
          return new Decided<>(
              new Followed(true, reason),
              List.of(
                  compared,
                  ModelEvents.moved(
                      at,
                      ModelEvents.PROMOTED,
                      principal,
                      new ModelEvents.Moved(
                          model,
                          challenger.number(),
                          decision.alias(),
                          Optional.of(decision.champion()),
                          reason))));
        });
  }

  /** Why a challenger is not promoted. */
  private Optional<String> against(
      History history,
      RetrainDecision decision,
      RegisteredModel model,
      ModelVersion challenger,
      Comparison comparison) {
    if (!comparison.notWorse()) {
      return Optional.of("it isn't surely not worse");
    }
    if (!challenger.failed().isEmpty()) {
      return Optional.of(
          "its admission rule %s"
              .formatted(
                  String.join("; ", challenger.failed().stream().map(Object::toString).toList())));
    }
    if (ModelRegistry.require(model, challenger.number(), "compare").retirement().isPresent()) {
      return Optional.of("it was retired meanwhile");
    }
    if (model
        .holder(decision.alias())
        .filter(v -> v.version().number() == decision.champion())
        .isEmpty()) {
      return Optional.of("%s is not @%d any more".formatted(decision.alias(), decision.champion()));
    }
    return Suspects.on(history.events(), challenger.reference())
        .map(Suspect::toString)
        .or(() -> model.blocked(decision.alias()))
        .or(() -> registry.outdated(challenger));
  }

  private static boolean isAnswered(History history, RetrainDecision decision) {
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
