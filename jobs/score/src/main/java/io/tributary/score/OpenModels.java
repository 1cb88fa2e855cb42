package io.tributary.score;

import io.tributary.model.ModelBundle;
import io.tributary.model.TrainedModel;
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
  private static final Map<String, TrainedModel> OPEN = new LinkedHashMap<>(MAX_OPEN, 0.75f, true);

  private OpenModels() {}

  /** The models of some versions, whose bundles are in the same order. */
  static List<TrainedModel> of(List<Scoring.Part> parts, Broadcast<List<ModelBundle>> bundles) {
    synchronized (OPEN) {
      List<TrainedModel> models = new ArrayList<>();
      for (int i = 0; i < parts.size(); i++) {
        ModelBundle bundle = bundles.value().get(i);
        models.add(OPEN.computeIfAbsent(parts.get(i).artefact(), a -> TrainedModel.open(bundle)));
      }
      while (OPEN.size() > MAX_OPEN) {
        OPEN.remove(OPEN.keySet().iterator().next());
      }
      return models;
    }
  }
}
