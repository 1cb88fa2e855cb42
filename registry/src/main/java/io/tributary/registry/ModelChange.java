package io.tributary.registry;

import io.tributary.core.Principal;
import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * One change of a model.
 *
 * @param kind {@code registered}, {@code promoted}, {@code rolled-back}, {@code retired}, {@code
 *     held}, {@code released}, {@code described}, {@code tagged}, {@code blocked}, {@code
 *     unblocked}, {@code retrain-decided}, {@code retrain-given-up}, {@code compared}, {@code
 *     evaluated} or {@code reproduced}
 * @param number the version concerned: of an alias, the one that it points to afterwards
 * @param former the version that the alias pointed to before
 * @param run the run that did it; empty when a person did
 * @param reason why, or what was said; empty for a registration
 * @param comparison the id of the comparison by which an alias was moved; {@link
 *     ModelRegistry#changes} has it in words
 */
public record ModelChange(
    Instant at,
    String kind,
    String model,
    long number,
    Optional<String> alias,
    Optional<Long> former,
    Principal principal,
    String run,
    String reason,
    Optional<String> comparison) {
  /** The same of an alias. */
  ModelChange of(String alias, Optional<Long> former, Optional<String> comparison) {
    return new ModelChange(
        at, kind, model, number, Optional.of(alias), former, principal, run, reason, comparison);
  }

  /** The same with its comparison in words. */
  ModelChange told(UnaryOperator<String> words) {
    return new ModelChange(
        at, kind, model, number, alias, former, principal, run, reason, comparison.map(words));
  }

  /** As a sentence for people: {@code ada promoted late_arrival@3 to production at …}. */
  @Override
  public String toString() {
    String what =
        switch (kind) {
          case ModelEvents.PROMOTED ->
              "promoted " + model + "@" + number + " to " + alias.orElse("?");
          case ModelEvents.ROLLED_BACK ->
              "rolled " + alias.orElse("?") + " back to " + model + "@" + number;
          case ModelEvents.RETRAIN_DECIDED -> "decided to train " + model + " again";
          case ModelEvents.GIVEN_UP -> "gave up to train " + model + " again";
          case ModelEvents.BLOCKED -> "blocked promotions of " + model;
          case ModelEvents.UNBLOCKED -> "unblocked promotions of " + model;
          default -> kind + " " + model + "@" + number;
        };
    return principal
        + " "
        + what
        + " at "
        + at
        + (reason.isEmpty() ? "" : " (" + reason + ")")
        + comparison.map(words -> ", " + words).orElse("");
  }
}
