package io.tributary.registry;

import io.tributary.core.Principal;
import io.tributary.events.Event;
import io.tributary.events.History;
import io.tributary.registry.Comparison.Verdict;
import io.tributary.registry.ModelEvents.Compared;
import io.tributary.registry.ModelEvents.Recorded;
import io.tributary.registry.ModelRegistry.Decided;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How versions compare with the one in force, and what follows: which of them an alias is given to
 * by its model's policy, and what a person who promotes one lacks. Safe for concurrent threads and
 * processes.
 */
public final class Promotions {
  private static final String TRAIN =
      "Train a better version, or change the rules in the model's definition and train again.";

  private static final String REGISTER =
      "Correct what its model-version.yaml says, or the rules in the model's definition, and register the folder again.";

  private final ModelRegistry registry;

  Promotions(ModelRegistry registry) {
    this.registry = registry;
  }

  /**
   * What follows from a policy.
   *
   * @param promoted whether the version got the alias
   * @param why it got it, or not, as a clause
   */
  public record Followed(boolean promoted, String why) {}

  /** The command by which a person promotes a version, whatever its comparison says. */
  public static String byHand(ModelReference version, String alias) {
    return "tributary registry promote %s%s --reason \"…\""
        .formatted(version, alias.equals(Alias.PRODUCTION) ? "" : " " + alias);
  }

  /** How a version compares with another one; empty where that was not recorded. */
  public Optional<Comparison> comparison(ModelReference version, long champion) {
    return comparison(registry.read(), version, champion);
  }

  /**
   * Records how a version compares with another one. Of two comparisons with the same version the
   * first that tells anything stays.
   *
   * @return what is recorded now
   */
  public Comparison record(
      ModelVersion version, Comparison comparison, Principal principal, String run) {
    return registry.decide(
        version.model(),
        history -> {
          Settled settled = settle(history, version, Optional.empty(), comparison, principal, run);
          return new Decided<>(settled.comparison(), settled.events());
        });
  }

  /**
   * Records how a version compares with the version in force, and in the same decision points the
   * alias to it, if its model's policy allows that and the other one still has the alias. Which
   * comparison counts {@link #record} says. A decision to train again that is answered already
   * leaves all as it is.
   *
   * @param decision that the version was trained because of
   * @param comparison with the version in force; empty where there is none
   * @param margin by how much it may be worse and gets the alias; empty = a person promotes
   */
  public Followed follow(
      ModelVersion version,
      String alias,
      Optional<RetrainDecision> decision,
      Optional<Comparison> comparison,
      Optional<Double> margin,
      Principal principal,
      String run) {
    String model = version.model();
    return registry.decide(
        model,
        history -> {
          if (decision.filter(d -> Retrainings.isAnswered(history, d)).isPresent()) {
            return Decided.nothing(new Followed(false, "it was compared before"));
          }
          Optional<Settled> settled =
              comparison.map(c -> settle(history, version, decision, c, principal, run));
          List<Event> events = new ArrayList<>(settled.map(Settled::events).orElse(List.of()));
          Optional<String> why =
              against(history, version, alias, settled.map(Settled::comparison), margin);
          if (why.isPresent()) {
            return new Decided<>(new Followed(false, why.get()), events);
          }
          registry.requireUnsuspected(
              history.events(), version, "promote " + version.reference() + " to " + alias);
          String reason =
              comparison
                  .map(c -> "not worse than @" + c.champion() + ", as its model's file allows")
                  .orElse("all admission rules hold, run " + run);
          events.add(
              ModelEvents.moved(
                  registry.time(history, model),
                  ModelEvents.PROMOTED,
                  principal,
                  run,
                  new ModelEvents.Moved(
                      model,
                      version.number(),
                      alias,
                      comparison.map(Comparison::champion),
                      reason,
                      settled.map(Settled::id))));
          return new Decided<>(new Followed(true, reason), events);
        });
  }

  /**
   * Whether a version that does not have the alias is to be compared with the version in force, or
   * gets the alias by what is recorded.
   */
  public boolean isOwed(ModelVersion version, String alias, Optional<Double> margin) {
    History history = registry.read();
    Optional<Alias> inForce = inForce(history, version.model(), alias);
    if (inForce.filter(held -> held.number() == version.number()).isPresent()) {
      return false;
    }
    Optional<Comparison> comparison =
        inForce.flatMap(held -> comparison(history, version.reference(), held.number()));
    return inForce.isPresent() != comparison.isPresent()
        || against(history, version, alias, comparison, margin).isEmpty();
  }

  private Optional<Alias> inForce(History history, String model, String alias) {
    return registry.model(history, model).map(known -> known.aliases().get(alias));
  }

  /**
   * What counts of two versions.
   *
   * @param id of the event that records it
   * @param events that have to be written
   */
  private record Settled(String id, Comparison comparison, List<Event> events) {}

  private Settled settle(
      History history,
      ModelVersion version,
      Optional<RetrainDecision> decision,
      Comparison made,
      Principal principal,
      String run) {
    Optional<Recorded> recorded =
        ModelEvents.comparison(version.reference(), made.champion(), history.events())
            .filter(known -> known.comparison().tells() || known.comparison().equals(made));
    Comparison comparison = recorded.map(Recorded::comparison).orElse(made);
    if (recorded.isPresent() && decision.isEmpty()) {
      return new Settled(recorded.get().id(), comparison, List.of());
    }
    String id =
        decision
            .map(d -> ModelEvents.comparedId(d.id()))
            .orElseGet(() -> ModelEvents.comparedId(version.reference(), made.champion(), history));
    return new Settled(
        id,
        comparison,
        List.of(
            ModelEvents.compared(
                id,
                registry.time(history, version.model()),
                principal,
                run,
                new Compared(version, decision, comparison))));
  }

  /** Why a policy does not give a version the alias. */
  private Optional<String> against(
      History history,
      ModelVersion version,
      String alias,
      Optional<Comparison> comparison,
      Optional<Double> margin) {
    if (margin.isEmpty()) {
      return Optional.of("the model's file leaves promoting to a person");
    }
    Optional<Verdict> verdict = comparison.map(c -> c.verdict(margin.get()));
    if (verdict.filter(v -> v != Verdict.NOT_WORSE).isPresent()) {
      return Optional.of(
          verdict.get() == Verdict.WORSE
              ? "it is worse"
              : "cannot tell whether it is worse by " + margin.get());
    }
    if (!version.failed().isEmpty()) {
      return Optional.of("its " + failed(version));
    }
    String what = "promote " + version.reference() + " to " + alias;
    RegisteredModel model = registry.require(history, version.model(), what);
    if (ModelRegistry.require(model, version.number(), what).retirement().isPresent()) {
      return Optional.of("it was retired meanwhile");
    }
    Optional<Alias> held = Optional.ofNullable(model.aliases().get(alias));
    if (!held.map(Alias::number).equals(comparison.map(Comparison::champion))) {
      return Optional.of(moved(alias, held, comparison));
    }
    return Stream.of(
            registry.refusedBy(history, version).map(Suspect::toString),
            model.blocked(alias),
            registry.outdated(version),
            atPromotion(history, version, comparison).stream().findFirst())
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static String moved(String alias, Optional<Alias> held, Optional<Comparison> comparison) {
    return comparison
            .map(c -> "%s is not @%d any more".formatted(alias, c.champion()))
            .orElse(alias + " has a version meanwhile")
        + held.map(
                now ->
                    ": %s moved it to @%d at %s (%s)"
                        .formatted(now.principal(), now.number(), now.at(), now.reason()))
            .orElse("");
  }

  private static Optional<Comparison> comparison(
      History history, ModelReference version, long champion) {
    return ModelEvents.comparison(version, champion, history.events()).map(Recorded::comparison);
  }

  private static String failed(ModelVersion version) {
    return "admission rule "
        + String.join("; ", version.failed().stream().map(Object::toString).toList());
  }

  /**
   * What a person who points an alias to a version lacks, each in sentences that say what to do.
   *
   * @param held what has the alias now
   */
  List<String> missing(
      History history, RegisteredVersion registered, String alias, Optional<Alias> held) {
    ModelVersion version = registered.version();
    List<String> missing = new ArrayList<>();
    Stream.of(
            ModelRegistry.retired(registered),
            registry.refusedBy(history, version).map(Suspect::toString),
            registry.outdated(version))
        .forEach(why -> why.ifPresent(missing::add));
    if (!version.failed().isEmpty()) {
      missing.add(failed(version) + ". " + (version.elsewhere().isPresent() ? REGISTER : TRAIN));
    }
    if (held.filter(now -> now.number() == version.number()).isPresent()) {
      return missing;
    }
    registry
        .model(history, version.model())
        .flatMap(model -> model.blocked(alias))
        .ifPresent(missing::add);
    Optional<Alias> beside =
        held.filter(now -> alias.equals(Alias.PRODUCTION))
            .filter(now -> isComparable(history, version, now.number()));
    Optional<Comparison> comparison =
        beside.flatMap(now -> comparison(history, version.reference(), now.number()));
    if (beside.isPresent() && comparison.isEmpty()) {
      missing.add(
          "it is not compared with %s@%d, which %s put there at %s (%s). Compare the two on the same rows: tributary registry challenge %s."
              .formatted(
                  version.model(),
                  beside.get().number(),
                  beside.get().principal(),
                  beside.get().at(),
                  beside.get().reason(),
                  version.reference()));
    }
    missing.addAll(atPromotion(history, version, comparison));
    return missing;
  }

  /**
   * Whether a version can be compared with another one. Where one of them was trained elsewhere
   * nobody knows on which rows, and a person who promotes it decides without.
   */
  private boolean isComparable(History history, ModelVersion version, long other) {
    return version.elsewhere().isEmpty()
        && registry
            .model(history, version.model())
            .flatMap(model -> model.version(other))
            .filter(held -> held.version().elsewhere().isPresent())
            .isEmpty();
  }

  /** The rules that are judged now and don't hold. */
  private static List<String> atPromotion(
      History history, ModelVersion version, Optional<Comparison> comparison) {
    List<String> missing = new ArrayList<>();
    for (AdmissionVerdict rule : version.judgedAtPromotion()) {
      if (rule.metric().equals(AdmissionVerdict.REPRODUCED)) {
        if (version.elsewhere().isPresent()) {
          missing.add(
              "admission rule \"%s\" does not hold: it was trained elsewhere, and can't be made again here. %s"
                  .formatted(rule.rule(), REGISTER));
        } else if (!ModelEvents.isReproduced(version.reference(), history.events())) {
          missing.add(
              "admission rule \"%s\" does not hold: it was not made again. Do so: tributary reproduce %s."
                  .formatted(rule.rule(), version.reference()));
        }
      } else if (comparison.isPresent()) {
        Optional<AdmissionVerdict> judged = rule.beside(comparison.get());
        if (judged.isEmpty()) {
          missing.add(
              "admission rule \"%s\" can't be judged, %s. Compare again where what was lacking is there (tributary registry challenge %s), or train again."
                  .formatted(rule.rule(), comparison.get(), version.reference()));
        } else if (judged.get().failed()) {
          missing.add("admission rule " + judged.get() + ". " + TRAIN);
        }
      }
    }
    return missing;
  }
}
