package io.tributary.score;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.when;

import io.tributary.analysis.CheckedScores;
import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.analysis.CheckedUse;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Lazy;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.definition.Model;
import io.tributary.definition.ScoreSet;
import io.tributary.definition.TrainingSet;
import io.tributary.definition.TrainingSet.Spine;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.facts.ScoringFacts.Unscored;
import io.tributary.events.runs.CompletedRun;
import io.tributary.events.runs.LineageNode;
import io.tributary.lake.Commit;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.model.Input;
import io.tributary.model.ScoreColumns;
import io.tributary.model.StoredModel;
import io.tributary.offline.ChosenRunner;
import io.tributary.offline.FeatureStore;
import io.tributary.offline.Joined;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.ScoringUse;
import io.tributary.registry.SuspectPolicy;
import io.tributary.rows.Tally;
import io.tributary.runtime.Attempt;
import io.tributary.runtime.Job;
import io.tributary.score.Lineup.Contender;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Scores the rows whose as-of lies in an interval with the model versions that the score set names,
 * as its aliases point when the job is created, in one pass over the features: one commit puts
 * exactly the interval's rows of {@code scores.<name>} in force. Those that were in force and
 * differ are kept in {@code superseded.<name>}.
 *
 * <p>A row has the columns of the label row and those of {@link ScoreColumns}. The commit pins what
 * the inputs were made from. A champion whose artefact differs from the registered one scores
 * nothing. A challenger or shadow that can't score is said, recorded, and left out; what it said
 * before stays in force. A version is not scored twice in a role, and the champion's in no other.
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
  private final Lazy<List<Contender>> contenders = Lazy.of(this::resolved);
  private final List<Unscored> unknown = new ArrayList<>();

  /** What is used although it is marked, as the project allows. */
  private final Set<String> suspect = new LinkedHashSet<>();

  public ScoreJob(FeatureStore store, ScoreSet scores, Interval interval) {
    this.store = store;
    this.lake = store.lake();
    this.scores = store.project().scores(scores.name());
    this.rows = this.scores.rows().definition();
    this.interval = interval;
    this.registry =
        ModelRegistry.open(
            lake.uri(), SuspectPolicy.of(store.project().project()::suspect, suspect::add));
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
    StringBuilder text = new StringBuilder("score 3\n").append(scores.digest()).append('\n');
    for (Contender c : contenders.get()) {
      text.append(c.role()).append(' ').append(c.version().reference()).append('\n');
      text.append(c.version().artefact().digest()).append('\n');
    }
    return Digest.of(text.toString());
  }

  /** The project's definitions, but the model's as of the version that scores. */
  @Override
  public List<Definition> definitions() {
    String model = "model " + scores.definition().model();
    List<Definition> present = store.project().definitions(List.of("scores " + scores.name()));
    return Optional.ofNullable(champion().definitions().get(model))
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

  /**
   * Without a run whose rows a later scoring of an overlapping interval has superseded, and without
   * one that left out a version which could score by now.
   */
  @Override
  public Optional<CompletedRun> recorded(Lake lake) {
    LakeTable table = lake.table(commitPoint().orElseThrow());
    return table
        .recorded(key())
        .map(
            recorded ->
                table.commits().stream().anyMatch(commit -> overtakes(commit, recorded))
                        || mended(recorded)
                    ? recorded.with(Digest.of("overtaken"))
                    : recorded);
  }

  private boolean mended(CompletedRun recorded) {
    List<Unscored> before =
        recorded.facts().stream()
            .flatMap(facts -> facts instanceof ScoringFacts f ? f.unscored().stream() : null)
            .filter(unscored -> !unscored.atRows())
            .toList();
    try {
      return !before.isEmpty()
          && lineup().scorers().stream()
              .anyMatch(
                  scorer ->
                      before.stream()
                          .anyMatch(
                              unscored ->
                                  unscored.role().equals(scorer.role())
                                      && unscored.model().equals(scorer.named())));
    } catch (PlatformException e) {
      // The champion can't score now: the run says so.
      return true;
    }
  }

  private boolean overtakes(Commit commit, CompletedRun recorded) {
    TableVersion own = recorded.outputs().get(recorded.outputs().size() - 1);
    return commit.changesData()
        && commit.version().version() > own.version()
        && commit.facts().flatMap(f -> f.key().interval()).filter(interval::overlaps).isPresent();
  }

  @Override
  public void run(Attempt attempt) {
    requireUnsuspected(attempt);
    Lineup lineup = lineup();
    ChosenRunner runner = store.trainingSets().runner(rows, attempt.inputs());
    attempt.computedBy(runner.name(), runner.why());
    Dataset<Row> asking = store.trainingSets().spine(rows, interval, attempt.inputs());
    Predictions.Asked asked =
        Predictions.of(
            scores.name(),
            scores.rows().spine(),
            asking.columns(),
            columns -> store.trainingSets().spine(rows, interval, columns, attempt.inputs()));
    lineup.unscored().forEach(unscored -> warn(attempt, unscored));
    for (boolean done = false; !done; ) {
      try {
        score(lineup, asking, asked, attempt);
        done = true;
      } catch (Exception e) {
        // Spark's own are checked, and thrown where nothing says so.
        Lineup all = lineup;
        Scorer.Failed failed =
            Scorer.Failed.in(e)
                .filter(f -> !all.scorers().get(f.place()).isChampion())
                .orElse(null);
        if (failed == null) {
          throw e;
        }
        lineup = all.without(all.scorers().get(failed.place()), failed.why(), failed.isAtRows());
        warn(attempt, lineup.unscored().get(lineup.unscored().size() - 1));
      }
    }
    suspect.forEach(used -> attempt.progress().say(key() + ": " + used));
  }

  private void requireUnsuspected(Attempt attempt) {
    Set<Digest> readers = new HashSet<>();
    readers.add(attempt.definitions().get("scores " + scores.name()));
    contenders.get().forEach(contender -> readers.add(contender.version().definition()));
    registry
        .suspects()
        .requireNone(
            new ScoringUse(
                scores.name(),
                interval,
                attempt.inputs(),
                attempt.definitions().keySet(),
                readers));
  }

  /** Just before the commit: somebody may have marked something meanwhile. */
  private void requireUnsuspected(Lineup lineup, Attempt attempt) {
    requireUnsuspected(attempt);
    for (int i = 0; i < lineup.scorers().size(); i++) {
      Scorer scorer = lineup.scorers().get(i);
      try {
        registry.resolve(scorer.version().reference().toString());
      } catch (PlatformException e) {
        throw scorer.isChampion() ? e : Scorer.Failed.unused(i, e);
      }
    }
  }

  private void warn(Attempt attempt, Unscored unscored) {
    attempt.progress().say("WARN " + key() + ": " + unscored.text());
  }

  private void score(Lineup lineup, Dataset<Row> asking, Predictions.Asked asked, Attempt attempt) {
    Joined joined = features(store, scores, asking, interval, lineup.scorers(), attempt.inputs());
    Tally tally = Tally.on(lake.spark().sparkContext(), key().toString());
    List<String> columns = List.of(asking.columns());
    Predictions ids = asked.ids();
    Dataset<Row> scored =
        ordered(
            ids.numbered(Scoring.score(joined.rows(), columns, ids, lineup.scorers(), tally)),
            columns,
            attempt);
    new ScoreHistory(lake, scores.name(), interval, lineup.unmoved())
        .replace(
            scored,
            asked.rows() * lineup.scorers().size(),
            attempt,
            () -> {
              joined.requireAll();
              return facts(lineup, tally, attempt);
            },
            () -> {
              requireUnsuspected(lineup, attempt);
              return List.copyOf(suspect);
            });
  }

  /** Rows with the features that some scorers take. */
  static Joined features(
      FeatureStore store,
      CheckedScores scores,
      Dataset<Row> asking,
      Interval interval,
      List<Scorer> scorers,
      List<Pin> pins) {
    Set<String> inputs =
        scorers.stream()
            .flatMap(scorer -> scorer.model().signature().inputs().stream())
            .map(Input::column)
            .collect(Collectors.toSet());
    return store.historicalFeatures(
        asking,
        CheckedTrainingSet.AS_OF,
        interval,
        scores.rows().uses().stream()
            .filter(use -> use.columns().stream().anyMatch(c -> inputs.contains(c.name())))
            .map(CheckedUse::definition)
            .toList(),
        pins);
  }

  private ScoringFacts facts(Lineup lineup, Tally tally, Attempt attempt) {
    List<ScoringFacts.Said> said = new ArrayList<>();
    for (Scorer scorer : lineup.scorers()) {
      attempt.reads(LineageNode.model(scorer.version().model(), scorer.version().number()));
      said.add(Counted.of(scorer, said.size(), tally));
    }
    ScoringFacts facts =
        ScoringFacts.of(said.get(0), said.subList(1, said.size()), lineup.unscored());
    return facts.rows() == 0 ? nearest(facts, attempt) : facts;
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
  private static Dataset<Row> ordered(Dataset<Row> scored, List<String> asking, Attempt attempt) {
    List<Column> columns = new ArrayList<>();
    columns.add(col(ScoreColumns.PREDICTION));
    columns.add(col(CheckedTrainingSet.AS_OF));
    columns.add(lit(ScoreColumns.BATCH).as(ScoreColumns.CHANNEL));
    columns.add(lit(null).cast("string").as(ScoreColumns.REQUEST));
    columns.add(col(ScoreColumns.ROLE));
    columns.add(col(ScoreColumns.OUTPUT));
    columns.add(col(CheckedScores.DECISION));
    columns.add(col(ScoreColumns.FLAGS));
    columns.add(col(ScoreColumns.MODEL));
    columns.add(col(ScoreColumns.MODEL_VERSION));
    columns.add(col(ScoreColumns.ARTEFACT));
    columns.add(lit(attempt.run().text()).as(ScoreColumns.RUN));
    asking.stream()
        .filter(name -> !name.equals(CheckedTrainingSet.AS_OF))
        .forEach(name -> columns.add(Scoring.quoted(name)));
    columns.add(col(ScoreColumns.INPUTS_DIGEST));
    columns.add(col(ScoreColumns.INPUTS));
    return scored.select(columns.toArray(Column[]::new));
  }

  private ModelVersion champion() {
    return contenders.get().get(0).version();
  }

  /** The versions that the aliases point to at the first call, the champion's first. */
  private List<Contender> resolved() {
    ScoreSet set = scores.definition();
    List<Contender> resolved = new ArrayList<>();
    String champion = set.model() + "@" + set.alias();
    resolved.add(new Contender(ScoreColumns.CHAMPION, champion, registry.resolve(champion)));
    set.challengers().forEach(version -> resolve(ScoreColumns.CHALLENGER, version, resolved));
    set.shadows().forEach(version -> resolve(ScoreColumns.SHADOW, version, resolved));
    return resolved;
  }

  private void resolve(String role, String alias, List<Contender> resolved) {
    String named = scores.definition().model() + "@" + alias;
    try {
      // One that may not be used any more is left out below, and keeps what it said.
      ModelVersion version = registry.find(named).version();
      boolean scores =
          resolved.stream()
              .filter(c -> c.role().equals(role) || c.role().equals(ScoreColumns.CHAMPION))
              .anyMatch(c -> c.version().number() == version.number());
      if (!scores) {
        resolved.add(new Contender(role, named, version));
      }
    } catch (PlatformException e) {
      unknown.add(new Unscored(role, named, e.stored(), false));
    }
  }

  /** What a version foretells must be what its model's file says, by which scores are read. */
  private void requireProblem(ModelVersion version) {
    Model model = scores.model().definition();
    if (!model.problem().name().equals(version.problem().name())) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot score with %s: it is of problem %s, and model %s says problem: %s. Whoever answers for the model corrects its file, or registers a version of what it says."
              .formatted(
                  version.reference(),
                  version.problem(),
                  model.name(),
                  model.problem().name().toLowerCase(Locale.ROOT)));
    }
  }

  private Lineup lineup() {
    TrainedMeanings meanings = new TrainedMeanings(lake, registry, scores);
    return Lineup.of(
        contenders.get(),
        unknown,
        contender -> {
          ModelVersion version = registry.resolve(contender.version().reference().toString());
          version.requireScorable("score with " + version.reference());
          requireProblem(version);
          StoredModel model =
              StoredModel.of(registry.artefact(version), version.artefact().digest());
          meanings.require(version, model.signature());
          Scorer scorer =
              new Scorer(
                  contender.role(),
                  contender.named(),
                  version,
                  model,
                  scores.decision(contender.role(), version.number()));
          scorer.require(scores.rows().schema());
          // Tasks open it, too: what can't be opened there would fail all.
          model.open();
          return scorer;
        });
  }
}
