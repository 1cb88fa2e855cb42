package io.tributary.serving;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.PlatformException;
import io.tributary.definition.ViewId;
import io.tributary.definition.ViewUse;
import io.tributary.model.ScoringBlock;
import io.tributary.model.ScoringModel;
import io.tributary.registry.ModelVersion;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingDeque;

/**
 * A version of a model that is open, and where its inputs come from. Safe for threads.
 *
 * @param uses the views whose published features are among its inputs, as its training set joined
 *     them; empty where nobody knows
 * @param offline why its inputs may not come from the online store; empty where they may
 * @param meant whether a publication by a definition means what the version was trained on, as far
 *     as it was asked
 */
record ServedVersion(
    ModelVersion version,
    ScoringModel model,
    List<ViewUse> uses,
    Optional<PlatformException> offline,
    Map<Meaning, Boolean> meant,
    Deque<ScoringBlock> blocks) {
  /** What a publication's values mean: its view, and the digest of what of that is meant. */
  record Meaning(ViewId view, Digest definition) {}

  /** Blocks that are kept for the next requests: each may have some MB. */
  private static final int BLOCKS = 4;

  ServedVersion(
      ModelVersion version,
      ScoringModel model,
      List<ViewUse> uses,
      Optional<PlatformException> offline) {
    this(
        version,
        model,
        List.copyOf(uses),
        offline,
        new ConcurrentHashMap<>(),
        new LinkedBlockingDeque<>(BLOCKS));
  }

  /** The same model, by what is known of it now. */
  ServedVersion with(Optional<PlatformException> other, Map<Meaning, Boolean> means) {
    return new ServedVersion(version, model, uses, other, new ConcurrentHashMap<>(means), blocks);
  }

  /** The digest of the definition of a view that it was trained on; empty if not recorded. */
  Optional<Digest> trainedOn(ViewId view) {
    return Optional.ofNullable(version.definitions().get(Definition.VIEW + " " + view));
  }

  /** The column of an input. */
  String input(int place) {
    return model.signature().inputs().get(place).column();
  }

  /** An empty block, to be {@link #give given} back: it is large, and used again. */
  ScoringBlock take() {
    ScoringBlock block = blocks.poll();
    if (block == null) {
      return model.block();
    }
    block.clear();
    return block;
  }

  void give(ScoringBlock block) {
    var unused = blocks.offerFirst(block);
  }
}
