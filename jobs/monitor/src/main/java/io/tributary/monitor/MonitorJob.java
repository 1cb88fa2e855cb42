package io.tributary.monitor;

import static org.apache.spark.sql.functions.col;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.definition.Monitor;
import io.tributary.definition.ScoreSet;
import io.tributary.definition.TrainingSet;
import io.tributary.drift.OutcomeSums;
import io.tributary.drift.Standing;
import io.tributary.events.facts.LabelCounts;
import io.tributary.events.facts.MonitoringFacts;
import io.tributary.events.facts.MonitoringFacts.Breach;
import io.tributary.lake.Commit;
import io.tributary.lake.Lake;
import io.tributary.model.ModelBundle;
import io.tributary.model.ScoreColumns;
import io.tributary.monitor.KeptWindows.Judged;
import io.tributary.monitor.Matured.Group;
import io.tributary.monitor.Matured.Scorer;
import io.tributary.monitor.Matured.Slice;
import io.tributary.offline.FeatureStore;
import io.tributary.offline.LabelledRows;
import io.tributary.registry.ArtefactStore;
import io.tributary.runtime.Attempt;
import io.tributary.runtime.Job;
import java.sql.Timestamp;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Answers the questions for one interval and stores the verdicts in {@code monitor.<name>}, where
 * each interval has its own: for the rows in force whose as-of lies in it, whether inputs,
 * predictions and bounds are as they should be; for those whose labels matured in it, in every
 * role, how well they were ordered, and by the window that ends with it whether the model keeps
 * what it promised. Rows are judged by the model version that scored them; of several versions each
 * has its verdicts. Labels that come with the rows themselves are read as of the newest delivery. A
 * breach is a verdict, not a failure.
 */
final class MonitorJob implements Job {
  private static final StructType VERDICTS =
      new StructType()
          .add("_at", DataTypes.TimestampType, false)
          .add("interval_from", DataTypes.TimestampType, false)
          .add("interval_to", DataTypes.TimestampType, false)
          .add("question", DataTypes.StringType, false)
          .add("item", DataTypes.StringType, false)
          .add("measure", DataTypes.StringType, false)
          .add("value", DataTypes.DoubleType, true)
          .add("limit", DataTypes.DoubleType, true)
          .add("breached", DataTypes.BooleanType, false)
          .add("detail", DataTypes.StringType, false)
          .add("model", DataTypes.StringType, false)
          .add("model_version", DataTypes.LongType, false)
          .add("_run", DataTypes.StringType, false);

  private final FeatureStore store;
  private final Lake lake;
  private final Monitor monitor;
  private final ScoreSet scores;
  private final TrainingSet rows;
  private final Interval interval;
  private final KeptCounts kept;
  private final KeptActuals actuals;
  private final KeptWindows windows;
  private final Map<Digest, ModelBundle> bundles = new HashMap<>();
  private final Optional<LocalDate> day;

  public MonitorJob(FeatureStore store, Monitor monitor, Interval interval) {
    this.store = store;
    this.lake = store.lake();
    this.monitor = monitor;
    this.scores = store.project().project().scores().get(monitor.scores());
    this.rows = store.project().project().trainingSets().get(scores.rows());
    this.interval = interval;
    this.kept = new KeptCounts(lake, monitor.name(), zone(), this::bundle);
    this.actuals = new KeptActuals(lake, monitor.name(), zone());
    this.windows = new KeptWindows(lake, monitor, zone());
    this.day =
        Optional.of(Interval.dayOf(interval.from(), zone()))
            .filter(date -> interval.equals(Interval.day(date, zone())));
  }

  @Override
  public JobKey key() {
    return JobKey.of("monitor", monitor.name(), interval);
  }

  /**
   * The newest commits that wrote scores of the interval and of the rows that matured in it; the
   * label's source.
   */
  @Override
  public List<Pin> inputs() {
    List<Pin> inputs = new ArrayList<>();
    inputs.add(
        Pin.of(
            wrote(interval)
                .orElseThrow(
                    () ->
                        new PlatformException(
                            ErrorCode.NOT_FOUND,
                            "Cannot monitor %s over %s: scores.%s has no rows of it. Score the interval first."
                                .formatted(monitor.name(), interval, scores.name())))));
    wrote(matured()).map(Pin::of).filter(p -> !inputs.contains(p)).ifPresent(inputs::add);
    inputs.addAll(store.pins().before(List.of(rows.label().source()), List.of(), interval.to()));
    return inputs;
  }

  @Override
  public Digest definition() {
    return Digest.of(
        store.project().digest(monitor) + " " + store.project().trainingSet(rows.name()).digest());
  }

  @Override
  public List<Definition> definitions() {
    return store.project().definitions(List.of("monitor " + monitor.name()));
  }

  @Override
  public Optional<TableName> commitPoint() {
    return Optional.of(TableName.of("monitor", monitor.name()));
  }

  @Override
  public void run(Attempt attempt) {
    Dataset<Row> scored =
        inForce(attempt.inputs().get(0).version(), interval)
            .persist(StorageLevel.MEMORY_AND_DISK());
    List<Row> judged = new ArrayList<>();
    Map<Question, List<String>> breaches = new EnumMap<>(Question.class);
    List<Breach> ofWindows = new ArrayList<>();
    Map<Scorer, IntervalCounts> counted = new LinkedHashMap<>();
    try {
      List<Scorer> scorers =
          scored
              .select(ScoreColumns.MODEL, ScoreColumns.MODEL_VERSION, ScoreColumns.ARTEFACT)
              .distinct()
              .orderBy(ScoreColumns.MODEL, ScoreColumns.MODEL_VERSION, ScoreColumns.ARTEFACT)
              .collectAsList()
              .stream()
              .map(Scorer::of)
              .toList();
      for (Scorer scorer : scorers) {
        Dataset<Row> theirs =
            scorers.size() == 1
                ? scored
                : scored.where(
                    col(ScoreColumns.MODEL)
                        .equalTo(scorer.model())
                        .and(col(ScoreColumns.MODEL_VERSION).equalTo(scorer.number()))
                        .and(col(ScoreColumns.ARTEFACT).equalTo(scorer.artefact())));
        counted.put(scorer, new IntervalCounter(bundle(scorer), monitor).count(theirs));
      }
    } finally {
      scored.unpersist();
    }
    kept.replace(attempt, interval, counted);
    windows(
        attempt,
        EnumSet.of(Question.INPUTS, Question.PREDICTIONS),
        kept,
        Standing::unlikeTraining,
        days -> Questions.of(monitor, bundle(days.get(0).scorer())).ofWindow(days),
        breaches,
        ofWindows);
    counted.forEach(
        (scorer, counts) ->
            keep(
                ofScores(scorer, counts, counted.size() == 1),
                scorer,
                counted.size() > 1,
                attempt,
                judged,
                breaches));
    population(counted, attempt, judged, breaches);
    matured(attempt, judged, breaches, ofWindows);
    MonitoringFacts facts = facts(judged, breaches, ofWindows);
    facts.unanswered().ifPresent(why -> attempt.progress().say("WARN " + key() + ": " + why));
    attempt.report(facts);
    Dataset<Row> verdicts = lake.spark().createDataFrame(judged, VERDICTS).coalesce(1);
    lake.table(commitPoint().orElseThrow())
        .replaceWhere(verdicts, of(interval), attempt.commitPoint());
  }

  private List<MonitorVerdict> ofScores(Scorer scorer, IntervalCounts counts, boolean alone) {
    Questions questions = Questions.of(monitor, bundle(scorer));
    if (day.isEmpty()) {
      return questions.ofOthers(counts, "the interval is not one day, and training's are");
    }
    if (!alone) {
      return questions.ofOthers(counts, "it is a part of the day, which several versions scored");
    }
    return questions.ofDay(counts, Questions.weekday(day.get()));
  }

  /**
   * The windows that a day is in: what breaches among them, and of those that end with the day, in
   * words, what is worth a line.
   */
  private <D extends KeptWindows.Day> void windows(
      Attempt attempt,
      Set<Question> questions,
      KeptWindows.Days<D> days,
      Predicate<Standing> worthALine,
      Function<List<D>, List<WindowVerdict>> judge,
      Map<Question, List<String>> breaches,
      List<Breach> found) {
    if (day.isEmpty()) {
      return;
    }
    for (Judged window : windows.judge(attempt, day.get(), questions, days, judge)) {
      String version = window.last().scorer().reference();
      boolean tonight = window.last().date().equals(day.get());
      String until = tonight ? "" : " to " + window.last().date();
      for (WindowVerdict v : window.verdicts()) {
        if (v.standing().isEmpty()) {
          continue;
        }
        String words =
            "over %d days%s is %s: %s"
                .formatted(window.days(), until, v.standing().get().text(), v.detail());
        if (window.breached().contains(v)) {
          Breach breach = breach(v, words, version);
          breaches
              .computeIfAbsent(v.question(), q -> new ArrayList<>())
              .add(breach.item() + " " + breach.measure() + until);
          found.add(breach);
        }
        if (tonight && worthALine.test(v.standing().get())) {
          boolean champion = window.last().role().equals(ScoreColumns.CHAMPION);
          attempt
              .progress()
              .say("  %s%s %s".formatted(v.item(), champion ? "" : " of " + version, words));
        }
      }
    }
  }

  /** By what the version had that scored last: of a day without a row, one of the days before. */
  private void population(
      Map<Scorer, IntervalCounts> counted,
      Attempt attempt,
      List<Row> judged,
      Map<Question, List<String>> breaches) {
    Optional<Scorer> last =
        counted.keySet().stream()
            .reduce((former, later) -> later)
            .or(() -> day.flatMap(d -> kept.last(d, monitor.window())));
    if (day.isPresent() && last.isPresent()) {
      long rows = counted.values().stream().mapToLong(IntervalCounts::rows).sum();
      keep(
          List.of(
              Questions.of(monitor, bundle(last.get()))
                  .population(
                      rows,
                      Questions.weekday(day.get()),
                      scores
                          .rows()
                          .equals(
                              store
                                  .project()
                                  .project()
                                  .models()
                                  .get(monitor.model())
                                  .trainingSet()),
                      counted.containsKey(last.get())
                          ? counted.get(last.get()).unseen()
                          : Map.of())),
          last.get(),
          false,
          attempt,
          judged,
          breaches);
    }
  }

  private ZoneId zone() {
    return store.project().project().zone();
  }

  private void matured(
      Attempt attempt,
      List<Row> judged,
      Map<Question, List<String>> breaches,
      List<Breach> ofWindows) {
    // The last one pinned: where no commit wrote scores of it, the first, which has none.
    TableVersion version =
        attempt.inputs().stream()
            .map(Pin::version)
            .filter(pinned -> pinned.table().equals(table()))
            .reduce((first, last) -> last)
            .orElseThrow();
    Dataset<Row> scored = lake.table(table()).read(version).where(within(matured()));
    Map<Group, Long> due = due(scored);
    Set<Slice> slices = new HashSet<>();
    due.keySet().forEach(group -> slices.addAll(Actuals.slices(bundle(group.scorer()).metrics())));
    LabelledRows found =
        store
            .trainingSets()
            .label(
                rows,
                Matured.withSlices(scored, slices.stream().map(Slice::column).distinct().toList())
                    .drop(ScoreColumns.INPUTS, ScoreColumns.FLAGS),
                Optional.of(interval.snapshotInstant()),
                attempt.inputs());
    Dataset<Row> labelled = found.rows();
    // The label comes last, even if another column has its name.
    String[] names = labelled.columns();
    names[names.length - 1] = Matured.LABEL;
    Map<Group, OutcomeSums> counted = Matured.count(labelled.toDF(names), slices);
    actuals.replace(attempt, interval, counted, due);
    Optional<LabelCounts> labels = Optional.of(found.counts()).filter(counts -> due.size() == 1);
    due.forEach(
        (group, rows) ->
            keep(
                List.of(
                    Actuals.ofInterval(
                        Optional.ofNullable(counted.get(group)).map(OutcomeSums::outcomes),
                        rows,
                        labels)),
                group.scorer(),
                due.size() > 1,
                attempt,
                judged,
                breaches));
    windows(
        attempt,
        EnumSet.of(Question.ACTUALS),
        actuals,
        standing -> standing == Standing.BEYOND,
        days -> new Actuals(monitor, bundle(days.get(0).scorer()).metrics()).ofWindow(days),
        breaches,
        ofWindows);
  }

  /** How many rows each version scored in each role. */
  private static Map<Group, Long> due(Dataset<Row> scored) {
    return scored
        .groupBy(
            ScoreColumns.MODEL,
            ScoreColumns.MODEL_VERSION,
            ScoreColumns.ARTEFACT,
            ScoreColumns.ROLE)
        .count()
        .collectAsList()
        .stream()
        .collect(
            Collectors.toMap(
                row -> new Group(Scorer.of(row), row.getString(3), Optional.empty()),
                row -> row.getLong(4)));
  }

  /** The champion's rows in force with an as-of in an interval. */
  private Dataset<Row> inForce(TableVersion version, Interval asOf) {
    return lake.table(table())
        .read(version)
        .where(within(asOf) + " AND " + ScoreColumns.ROLE + " = '" + ScoreColumns.CHAMPION + "'");
  }

  private void keep(
      List<MonitorVerdict> verdicts,
      Scorer scorer,
      boolean several,
      Attempt attempt,
      List<Row> judged,
      Map<Question, List<String>> breaches) {
    for (MonitorVerdict v : verdicts) {
      // What can't be judged is no answer.
      if (v.question() == Question.ACTUALS || !Double.isNaN(v.value())) {
        breaches.computeIfAbsent(v.question(), q -> new ArrayList<>());
      }
      if (v.breached()) {
        String what = v.item() + " " + v.measure();
        breaches
            .get(v.question())
            .add(several ? what + " of " + scorer.model() + "@" + scorer.number() : what);
      }
      judged.add(
          RowFactory.create(
              Timestamp.from(interval.snapshotInstant()),
              Timestamp.from(interval.from()),
              Timestamp.from(interval.to()),
              v.question().text(),
              v.item(),
              v.measure(),
              Double.isNaN(v.value()) ? null : v.value(),
              Double.isNaN(v.limit()) ? null : v.limit(),
              v.breached(),
              v.detail(),
              scorer.model(),
              scorer.number(),
              attempt.run().text()));
    }
  }

  private MonitoringFacts facts(
      List<Row> judged, Map<Question, List<String>> breaches, List<Breach> ofWindows) {
    Map<String, List<String>> verdicts = new TreeMap<>();
    breaches.forEach((question, items) -> verdicts.put(question.text(), items));
    boolean breached = breaches.values().stream().anyMatch(b -> !b.isEmpty());
    return new MonitoringFacts(
        verdicts,
        judged.size(),
        Stream.concat(
                judged.stream()
                    .filter(row -> row.getBoolean(at("breached")))
                    .map(MonitorJob::breach),
                ofWindows.stream())
            .toList(),
        breached ? Optional.of(monitor.breach().text()) : Optional.empty());
  }

  /** A verdict that breached, without a category's name: commits hold no values of rows. */
  private static Breach breach(Row verdict) {
    return new Breach(
        verdict.getString(at("question")),
        verdict.getString(at("item")),
        verdict.getString(at("measure")),
        number(verdict, "value"),
        number(verdict, "limit"),
        verdict
            .getString(at("detail"))
            .replaceFirst("^share of .*", "share of one category")
            .replaceFirst("(?s)" + Questions.NEW_SINCE_TRAINING + ".*", ""),
        verdict.getString(at("model")) + "@" + verdict.getLong(at("model_version")));
  }

  /** The same of a window: a slice is named by its column. */
  private static Breach breach(WindowVerdict verdict, String words, String version) {
    return new Breach(
        verdict.question().text(),
        verdict.item().replaceFirst(" of (\\S+) .*", " of a slice by $1"),
        verdict.measure(),
        verdict.value(),
        verdict.limit(),
        words,
        version);
  }

  private static double number(Row verdict, String column) {
    return verdict.isNullAt(at(column)) ? Double.NaN : verdict.getDouble(at(column));
  }

  private static int at(String column) {
    return VERDICTS.fieldIndex(column);
  }

  private ModelBundle bundle(Scorer scorer) {
    return bundles.computeIfAbsent(
        Digest.parse(scorer.artefact()),
        digest -> ModelBundle.of(ArtefactStore.open(lake.uri()).read(digest), digest));
  }

  private TableName table() {
    return TableName.of("scores", scores.name());
  }

  /** Whether this job judges rows with an as-of in an interval. */
  boolean judges(Interval asOf) {
    return interval.overlaps(asOf) || matured().overlaps(asOf);
  }

  /** The as-of instants whose labels are mature at the interval's end and were not before it. */
  private Interval matured() {
    return Interval.of(
        interval.from().minus(monitor.actualsAfter()), interval.to().minus(monitor.actualsAfter()));
  }

  /** The newest commit that wrote scores with an as-of in {@code asOf}. */
  private Optional<TableVersion> wrote(Interval asOf) {
    return lake.table(table()).commits().stream()
        .filter(c -> c.facts().flatMap(f -> f.key().interval()).map(asOf::overlaps).orElse(false))
        .map(Commit::version)
        .max(Comparator.comparing(TableVersion::version));
  }

  private static String within(Interval asOf) {
    return "_as_of >= timestamp'" + asOf.from() + "' AND _as_of < timestamp'" + asOf.to() + "'";
  }

  /**
   * The predicate of exactly this interval's verdicts; {@code _at} excludes files of other ends.
   */
  static String of(Interval interval) {
    return "_at = timestamp'"
        + interval.snapshotInstant()
        + "' AND interval_from = timestamp'"
        + interval.from()
        + "' AND interval_to = timestamp'"
        + interval.to()
        + "'";
  }
}
