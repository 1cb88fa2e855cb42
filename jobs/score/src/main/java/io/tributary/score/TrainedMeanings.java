package io.tributary.score;

import io.tributary.analysis.CheckedScores;
import io.tributary.analysis.CheckedUse;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.lake.Lake;
import io.tributary.model.Input;
import io.tributary.model.ModelSignature;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.OnlineUse;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Checks that the features of scored rows have the meaning that the model was trained on. */
final class TrainedMeanings {
  private final Lake lake;
  private final ModelRegistry registry;
  private final CheckedScores scores;

  TrainedMeanings(Lake lake, ModelRegistry registry, CheckedScores scores) {
    this.lake = lake;
    this.registry = registry;
    this.scores = scores;
  }

  /**
   * @param signature the version's own, which may differ from the model's as it is written now
   * @throws PlatformException REFUSED where a view has another version or meaning than when the
   *     model was trained, unless an amendment accepts the model
   */
  void require(ModelVersion model, ModelSignature signature) {
    String what = "Cannot score " + scores.name() + " with " + model.reference() + ": ";
    registry
        .outdated(model)
        .ifPresent(
            why -> {
              throw new PlatformException(ErrorCode.REFUSED, what + why);
            });
    Map<String, String> trained =
        model.onlineUse().map(OnlineUse::views).orElseGet(java.util.List::of).stream()
            .collect(Collectors.toMap(OnlineUse.View::role, OnlineUse.View::view, (a, b) -> a));
    Set<String> inputs = signature.inputs().stream().map(Input::column).collect(Collectors.toSet());
    for (CheckedUse use : scores.rows().uses()) {
      String role = use.definition().prefix();
      if (trained.containsKey(role)
          && use.columns().stream().anyMatch(c -> inputs.contains(c.name()))) {
        requireSame(what, model, trained.get(role), use);
      }
    }
  }

  private void requireSame(String what, ModelVersion model, String trained, CheckedUse use) {
    String present = use.view().id().toString();
    if (!present.equals(trained)) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          what
              + "its inputs %s are of view %s, and the rows of training set %s have those of view %s. Score rows of the same views, or train on these."
                  .formatted(use.definition().prefix(), trained, scores.rows().name(), present));
    }
    String reference = Definition.VIEW + " " + trained;
    Digest kept = model.definitions().get(reference);
    if (kept == null) {
      return;
    }
    Digest meaning = lake.definitions().store().read(kept).meaningDigest();
    if (!meaning.equals(use.view().digest())
        && !lake.definitions()
            .meanings()
            .accepts(model.reference().toString(), reference, meaning)) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          what
              + "it was trained on another meaning of %s. Train it again: tributary training-set, tributary train %s."
                  .formatted(reference, model.model()));
    }
  }
}
