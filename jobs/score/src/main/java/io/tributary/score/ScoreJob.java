package io.tributary.score;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import io.tributary.analysis.CheckedScores;
import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.definition.ScoreSet;
import io.tributary.definition.TrainingSet;
import io.tributary.definition.TrainingSet.Spine;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.runs.CompletedRun;
import io.tributary.events.runs.LineageNode;
import io.tributary.lake.Commit;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.model.Input;
import io.tributary.model.ModelBundle;
import io.tributary.model.ScoreColumns;
import io.tributary.offline.ChosenRunner;
import io.tributary.offline.FeatureStore;
import io.tributary.offline.Joined;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.runtime.Attempt;
import io.tributary.runtime.Job;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * Scores the rows whose as-of lies in an interval with the model version that the score set's alias
 * points to when the job is created: one commit puts exactly the interval's rows of {@code
 * scores.<name>} in force. Those that were in force and differ are kept in {@code
 * superseded.<name>}.
 *
 * <p>A row has the columns of the label row and those of {@link ScoreColumns}. The commit pins what
 * the inputs were made from. A model whose artefact differs from the registered one scores nothing.
 */
public final class ScoreJob implements Job {
  /** The range searched for the nearest rows of an interval without any. */
  private static final Interval ALL_TIME =
      Interval.of(Instant.parse("0001-01-01T00:00:00Z"), Instant.parse("9999-12-31T00:00:00Z"));

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

  /**
   * One for all intervals: they may overlap, and a scoring moves rows from in force to superseded.
   */
  @Override
  public JobKey lockKey() {
    return JobKey.of("score", scores.name());
  }

  /** Deliveries of later data leave the scores of earlier days as they are. */
  @Override
  public List<Pin> inputs() {
    return store.pins().before(List.of(rows.rows().source()), rows.features(), interval.to());
  }

  @Override
  public Digest definition() {
    return Digest.of(
        "score 2\n"
            + scores.digest()
            + "\n"
            + version().reference()
            + "\n"
            + version().artefact().digest());
  }

  /** The project's definitions, but the model's as of the version that scores. */
  @Override
  public List<Definition> definitions() {
    String model = "model " + scores.definition().model();
    List<Definition> present = store.project().definitions(List.of("scores " + scores.name()));
    return Optional.ofNullable(version().definitions().get(model))
        .map(lake.definitions().store()::read)
        .map(trained -> present.stream().map(d -> scoredBy(trained, d)).toList())
        .orElse(present);
  }

  private static Definition scoredBy(Definition trained, Definition present) {
    return present.reference().equals(trained.reference()) ? trained : present.using(trained);
  }

  @Override
  public Optional<TableName> commitPoint() {
    return Optional.of(ScoreHistory.table(scores.name()));
  }

  /** Without a run whose rows a later scoring of an overlapping interval has superseded. */
  @Override
  public Optional<CompletedRun> recorded(Lake lake) {
    LakeTable table = lake.table(commitPoint().orElseThrow());
    return table
        .recorded(key())
        .map(
            recorded ->
                table.commits().stream().anyMatch(commit -> overtakes(commit, recorded))
                    ? recorded.with(Digest.of("overtaken"))
                    : recorded);
  }

  private boolean overtakes(Commit commit, CompletedRun recorded) {
    TableVersion own = recorded.outputs().get(recorded.outputs().size() - 1);
    return commit.changesData()
        && commit.version().version() > own.version()
        && commit.facts().flatMap(f -> f.key().interval()).filter(interval::overlaps).isPresent();
  }

  @Override
  public void run(Attempt attempt) {
    ModelVersion model = version();
    new TrainedMeanings(lake, registry, scores).require(model);
    ModelBundle bundle = ModelBundle.of(registry.artefact(model), model.artefact().digest());
    attempt.reads(LineageNode.model(model.model(), model.number()));
    ChosenRunner runner = store.trainingSets().runner(rows, attempt.inputs());
    attempt.computedBy(runner.name(), runner.why());
    Dataset<Row> asking = store.trainingSets().spine(rows, interval, attempt.inputs());
    Joined joined =
        store.historicalFeatures(
            asking, CheckedTrainingSet.AS_OF, interval, rows.features(), attempt.inputs());
    Dataset<Row> scored =
        columns(joined.rows(), asking, bundle, model, attempt)
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      ScoringFacts facts = facts(model, totals(scored));
      joined.requireAll();
      new ScoreHistory(lake, scores.name(), interval)
          .replace(scored, attempt, facts.rows() == 0 ? nearest(facts, attempt) : facts);
    } finally {
      scored.unpersist(false);
    }
  }

  private ScoringFacts facts(ModelVersion model, Row totals) {
    Map<String, Long> flagged = new TreeMap<>();
    for (int i = 0; i < ScoreColumns.FLAG_NAMES.size(); i++) {
      flagged.put(ScoreColumns.FLAG_NAMES.get(i), totals.getLong(3 + i));
    }
    return ScoringFacts.of(
        model.reference().toString(),
        model.artefact().digest(),
        totals.getLong(0),
        scores.decide().map(decide -> totals.getLong(1)),
        totals.isNullAt(2)
            ? Optional.empty()
            : Optional.of(Math.round(totals.getDouble(2) * 1e6) / 1e6),
        flagged);
  }

  /** Counts rows, positive decisions and rows with each flag, and averages the score. */
  private static Row totals(Dataset<Row> scored) {
    List<Column> counts = new ArrayList<>();
    counts.add(count_if(col(CheckedScores.DECISION)));
    counts.add(avg(col(ScoreColumns.OUTPUT).getField(ScoreColumns.PROBABILITY)));
    for (String flag : ScoreColumns.FLAG_NAMES) {
      counts.add(count_if(size(col(ScoreColumns.FLAGS).getField(flag)).gt(0)));
    }
    return scored.agg(count(lit(1)), counts.toArray(Column[]::new)).head();
  }

  /**
   * For an interval without rows, finds the nearest instants before and after it that have some, in
   * all that is delivered by now.
   */
  private ScoringFacts nearest(ScoringFacts facts, Attempt attempt) {
    // A grid has rows at each of its instants from the first visible event on, without an end.
    Optional<Interval> searched =
        rows.rows() instanceof Spine.Periodic periodic
            ? Optional.of(
                Interval.of(
                    interval.from().minus(periodic.every()), interval.to().plus(periodic.every())))
            : Optional.empty();
    Column asOf = col(CheckedTrainingSet.AS_OF);
    Row found =
        store
            .trainingSets()
            .spine(
                rows,
                searched.orElse(ALL_TIME),
                store.pins().ofSources(List.of(rows.rows().source())))
            .agg(
                max(when(asOf.lt(lit(Timestamp.from(interval.from()))), asOf)),
                min(when(asOf.geq(lit(Timestamp.from(interval.to()))), asOf)))
            .head();
    List<Optional<Instant>> nearest = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      nearest.add(
          found.isNullAt(i) ? Optional.empty() : Optional.of(found.getTimestamp(i).toInstant()));
    }
    ScoringFacts empty = facts.empty(nearest.get(0), nearest.get(1), searched);
    attempt.progress().say("WARN " + key() + ": " + empty.nearest());
    return empty;
  }

  /** The rows with the table's columns, but for those that {@link ScoreHistory} adds. */
  private Dataset<Row> columns(
      Dataset<Row> joined,
      Dataset<Row> asking,
      ModelBundle bundle,
      ModelVersion model,
      Attempt attempt) {
    Dataset<Row> identified =
        Predictions.identified(
            joined, scores.name(), ScoreColumns.CHAMPION, scores.rows().spine(), asking.columns());
    List<Column> columns = new ArrayList<>();
    columns.add(col(ScoreColumns.PREDICTION));
    columns.add(col(CheckedTrainingSet.AS_OF));
    columns.add(lit(ScoreColumns.BATCH).as(ScoreColumns.CHANNEL));
    columns.add(lit(null).cast("string").as(ScoreColumns.REQUEST));
    columns.add(lit(ScoreColumns.CHAMPION).as(ScoreColumns.ROLE));
    columns.add(
        struct(
                col(Scoring.SCORE).as(ScoreColumns.PROBABILITY),
                lit(null).cast("double").as("number"),
                lit(null).cast("array<struct<class:string,probability:double>>").as("classes"))
            .as(ScoreColumns.OUTPUT));
    columns.add(col(CheckedScores.DECISION));
    columns.add(col(ScoreColumns.FLAGS));
    columns.add(lit(model.model()).as(ScoreColumns.MODEL));
    columns.add(lit(model.number()).as(ScoreColumns.MODEL_VERSION));
    columns.add(lit(model.artefact().digest().hex()).as(ScoreColumns.ARTEFACT));
    columns.add(lit(attempt.run().text()).as(ScoreColumns.RUN));
    for (String name : asking.columns()) {
      if (!name.equals(CheckedTrainingSet.AS_OF)) {
        columns.add(Scoring.quoted(name));
      }
    }
    columns.add(col(ScoreColumns.INPUTS_DIGEST));
    columns.add(inputs(bundle).as(ScoreColumns.INPUTS));
    return Scoring.score(identified, bundle, scores.decide())
        .select(columns.toArray(Column[]::new));
  }

  /**
   * The model's inputs, in fields by the kind of each: an input whose type differs between versions
   * of the model has the same field.
   */
  private static Column inputs(ModelBundle bundle) {
    List<Column> kinds = new ArrayList<>();
    for (boolean categorical : new boolean[] {false, true}) {
      List<Column> inputs = new ArrayList<>();
      for (Input input : bundle.signature().inputs()) {
        if (input.categorical() == categorical) {
          inputs.add(
              Scoring.quoted(input.column())
                  .cast(categorical ? "string" : "double")
                  .as(input.column()));
        }
      }
      if (!inputs.isEmpty()) {
        kinds.add(
            struct(inputs.toArray(Column[]::new))
                .as(categorical ? ScoreColumns.CATEGORIES : ScoreColumns.NUMBERS));
      }
    }
    return struct(kinds.toArray(Column[]::new));
  }

  /** The version that the alias pointed to at the first call. */
  private synchronized ModelVersion version() {
    if (version.isEmpty()) {
      version =
          Optional.of(
              registry.resolve(scores.definition().model() + "@" + scores.definition().alias()));
    }
    return version.get();
  }
}
