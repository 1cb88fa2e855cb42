package io.tributary.score;

import io.tributary.model.ModelBundle;
import io.tributary.model.TrainedModel;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The models open in this JVM, by the digest of their artefact: tasks of one executor share one
 * copy of the parameters.
 */
final class OpenModels {
  private static final int MAX_OPEN = 8;
  private static final Map<String, TrainedModel> OPEN = new LinkedHashMap<>(MAX_OPEN, 0.75f, true);

  private OpenModels() {}

  static TrainedModel of(String digest, ModelBundle bundle) {
    synchronized (OPEN) {
      TrainedModel model = OPEN.get(digest);
      if (model == null) {
        model = TrainedModel.open(bundle);
        OPEN.put(digest, model);
        if (OPEN.size() > MAX_OPEN) {
          OPEN.remove(OPEN.keySet().iterator().next());
        }
      }
      return model;
    }
  }
}
