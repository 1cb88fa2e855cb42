package io.tributary.score;

import io.tributary.model.ScoringModel;
import io.tributary.model.StoredModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.broadcast.Broadcast;

/**
 * The models open in this JVM, by the digest of their artefact: tasks of one executor share one
 * copy of the parameters.
 */
final class OpenModels {
  private static final int MAX_OPEN = 8;
  private static final Map<String, ScoringModel> OPEN = new LinkedHashMap<>(MAX_OPEN, 0.75f, true);

  private OpenModels() {}

  /** The models of some versions, whose files are in the same order. */
  static List<ScoringModel> of(List<Scoring.Part> parts, Broadcast<List<StoredModel>> stored) {
    synchronized (OPEN) {
      List<ScoringModel> models = new ArrayList<>();
      for (int i = 0; i < parts.size(); i++) {
        StoredModel files = stored.value().get(i);
        models.add(OPEN.computeIfAbsent(parts.get(i).artefact(), a -> files.open()));
      }
      while (OPEN.size() > MAX_OPEN) {
        OPEN.remove(OPEN.keySet().iterator().next());
      }
      return models;
    }
  }
}
