package io.tributary.score;

import io.tributary.analysis.CheckedScores;
import io.tributary.core.Interval;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.definition.TrainingSet;
import io.tributary.model.ScoreColumns;
import io.tributary.model.StoredModel;
import io.tributary.offline.FeatureStore;
import io.tributary.offline.Joined;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.rows.Tally;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What a scoring says when it is done again from its pins, by the versions that scored. The same
 * rows, inputs and scores come out, to the bit; nothing is stored.
 */
public final class Rescoring {
  private Rescoring() {}

  /**
   * A version that scored.
   *
   * @param role {@link ScoreColumns#CHAMPION}, {@link ScoreColumns#CHALLENGER} or {@link
   *     ScoreColumns#SHADOW}
   */
  public record Said(String role, ModelVersion version) {}

  /**
   * Scores again.
   *
   * @param store of the definitions that scored
   * @param interval of the as-of of the rows
   * @param pins what the scoring read
   * @return the columns that the rows asked with, and those of {@link ScoreColumns} that a version
   *     says
   * @throws PlatformException NOT_FOUND when an artefact is gone, CORRUPT when it was altered
   */
  public static Dataset<Row> of(
      FeatureStore store, String scores, Interval interval, List<Pin> pins, List<Said> said) {
    CheckedScores checked = store.project().scores(scores);
    TrainingSet rows = checked.rows().definition();
    ModelRegistry registry = ModelRegistry.open(store.lake().uri());
    List<Scorer> scorers =
        said.stream()
            .map(
                s ->
                    new Scorer(
                        s.role(),
                        s.version().reference().version(),
                        s.version(),
                        StoredModel.of(
                            registry.artefact(s.version()), s.version().artefact().digest()),
                        checked.decision(s.role(), s.version().number())))
            .toList();
    Dataset<Row> asking = store.trainingSets().spine(rows, interval, pins);
    Predictions ids =
        Predictions.of(
                scores,
                checked.rows().spine(),
                asking.columns(),
                columns -> store.trainingSets().spine(rows, interval, columns, pins))
            .ids();
    Joined joined = ScoreJob.features(store, checked, asking, interval, scorers, pins);
    return ids.numbered(
        Scoring.score(
            joined.rows(),
            List.of(asking.columns()),
            ids,
            scorers,
            Tally.on(store.lake().spark().sparkContext(), "scores " + scores + " again")));
  }
}
