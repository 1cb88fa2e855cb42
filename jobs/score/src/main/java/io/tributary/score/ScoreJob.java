package io.tributary.score;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.definition.ScoreSet;
import io.tributary.definition.TrainingSet;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.runs.LineageNode;
import io.tributary.expression.CheckedScores;
import io.tributary.expression.CheckedTrainingSet;
import io.tributary.lake.Attempt;
import io.tributary.lake.Job;
import io.tributary.lake.Lake;
import io.tributary.model.Input;
import io.tributary.model.ModelBundle;
import io.tributary.offline.FeatureStore;
import io.tributary.offline.Joined;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Scores the rows whose as-of lies in an interval with the model version that the score set's alias
 * stands for when the job is made: one commit replaces exactly the interval's rows of {@code
 * scores.<name>}.
 *
 * <p>A row has the columns of the row that asked, {@code _as_of}, {@code score}, {@code decision},
 * {@code model}, {@code model_version}, {@code artefact}, {@code _run}, {@code _interval_from}, and
 * {@code inputs}, a struct of what the model was given. What the inputs were made from is pinned in
 * the commit. A model whose artefact is not what was registered scores nothing.
 */
public final class ScoreJob implements Job {
  private static final Set<String> OWN =
      Set.of(
          "score",
          "decision",
          "model",
          "model_version",
          "artefact",
          "_run",
          "_interval_from",
          "inputs");

  private final FeatureStore store;
  private final Lake lake;
  private final CheckedScores scores;
  private final TrainingSet rows;
  private final Interval interval;
  private final ModelRegistry registry;
  private Optional<ModelVersion> version = Optional.empty();

  public ScoreJob(FeatureStore store, ScoreSet scores, Interval interval) {
    this.store = store;
    this.lake = store.lake();
    this.scores = store.project().scores(scores.name());
    this.rows = this.scores.rows().definition();
    this.interval = interval;
    this.registry = ModelRegistry.open(lake.uri());
  }

  @Override
  public JobKey key() {
    return JobKey.of("score", scores.name(), interval);
  }

  @Override
  public List<Pin> inputs() {
    return store.pinsOf(List.of(rows.rows().source()), rows.features());
  }

  @Override
  public Digest definition() {
    return Digest.of(
        "score 1\n"
            + scores.digest()
            + "\n"
            + version().reference()
            + "\n"
            + version().artefact().digest());
  }

  @Override
  public Optional<TableName> commitPoint() {
    return Optional.of(TableName.of("scores", scores.name()));
  }

  @Override
  public void run(Attempt attempt) {
    ModelVersion model = version();
    ModelBundle bundle = ModelBundle.of(registry.artefact(model), model.artefact().digest());
    attempt.reads(LineageNode.model(model.model(), model.number()));
    Dataset<Row> asking = store.spine(rows, interval, attempt.inputs());
    requireNoOwnColumn(asking);
    try (Joined joined =
        store
            .join(asking, CheckedTrainingSet.AS_OF, interval, rows.features(), attempt.inputs())
            .materialize()) {
      Dataset<Row> scored = Scoring.score(joined.rows(), bundle, scores.decide());
      Row night = scored.agg(count_if(col(CheckedScores.DECISION)), avg(Scoring.SCORE)).head();
      attempt.did(
          new ScoringFacts(
              model.reference().toString(),
              model.artefact().digest(),
              joined.counts().rowsOut(),
              scores.decide().map(decide -> night.getLong(0)),
              night.isNullAt(1)
                  ? Optional.empty()
                  : Optional.of(Math.round(night.getDouble(1) * 1e6) / 1e6)));
      lake.table(commitPoint().orElseThrow())
          .replaceWhere(
              fewFiles(columns(scored, asking, bundle, model, attempt)),
              within(),
              attempt.commitPoint());
    }
  }

  private Dataset<Row> columns(
      Dataset<Row> scored,
      Dataset<Row> asking,
      ModelBundle bundle,
      ModelVersion model,
      Attempt attempt) {
    List<Column> columns = new ArrayList<>();
    for (String name : asking.columns()) {
      columns.add(Scoring.quoted(name));
    }
    columns.add(col(Scoring.SCORE));
    columns.add(col(CheckedScores.DECISION));
    columns.add(lit(model.model()).as("model"));
    columns.add(lit(model.number()).as("model_version"));
    columns.add(lit(model.artefact().digest().hex()).as("artefact"));
    columns.add(lit(attempt.run().text()).as("_run"));
    columns.add(lit(Timestamp.from(interval.from())).as("_interval_from"));
    List<Column> inputs = new ArrayList<>();
    for (Input input : bundle.signature().inputs()) {
      inputs.add(Scoring.quoted(input.column()));
    }
    columns.add(struct(inputs.toArray(new Column[0])).as("inputs"));
    return scored.select(columns.toArray(new Column[0]));
  }

  /** A night's rows are few: no more files than cores. */
  private Dataset<Row> fewFiles(Dataset<Row> frame) {
    return frame.coalesce(lake.spark().sparkContext().defaultParallelism());
  }

  private String within() {
    return CheckedTrainingSet.AS_OF
        + " >= timestamp'"
        + interval.from()
        + "' AND "
        + CheckedTrainingSet.AS_OF
        + " < timestamp'"
        + interval.to()
        + "'";
  }

  private void requireNoOwnColumn(Dataset<Row> asking) {
    for (String name : asking.columns()) {
      if (OWN.contains(name)) {
        throw new PlatformException(
            ErrorCode.INVALID_DEFINITION,
            "Cannot score "
                + scores.name()
                + ": the rows of training set "
                + rows.name()
                + " have a column "
                + name
                + ", which is a column of scores too. Name it otherwise in a query source, and take"
                + " its rows.");
      }
    }
  }

  /** The version that the alias stood for when it was first asked. */
  private synchronized ModelVersion version() {
    if (version.isEmpty()) {
      version =
          Optional.of(
              registry.resolve(scores.definition().model() + "@" + scores.definition().alias()));
    }
    return version.get();
  }
}
