package io.tributary.monitor;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;

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
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.runs.CommitFacts;
import io.tributary.lake.Commit;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.model.ModelBundle;
import io.tributary.model.ScoreColumns;
import io.tributary.monitor.KeptWindows.Judged;
import io.tributary.monitor.Matured.Group;
import io.tributary.monitor.Matured.Scorer;
import io.tributary.monitor.Matured.Slice;
import io.tributary.offline.FeatureStore;
import io.tributary.offline.LabelledRows;
import io.tributary.registry.ArtefactStore;
import io.tributary.registry.ModelReference;
import io.tributary.registry.ModelRegistry;
import io.tributary.runtime.Attempt;
import io.tributary.runtime.Fingerprint;
import io.tributary.runtime.Job;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

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
  private static final String CHAMPIONS = ScoreColumns.ROLE + " = '" + ScoreColumns.CHAMPION + "'";

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
  private final Map<Scorer, Boolean> bundled = new HashMap<>();
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
    inputs.addAll(labels());
    return inputs;
  }

  private List<Pin> labels() {
    return store.pins().before(List.of(rows.label().source()), List.of(), interval.to());
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
    Findings findings = new Findings(interval, attempt.run().text());
    Dataset<Row> scored = inForce(attempt.inputs().get(0).version(), interval);
    Map<Scorer, Counted> counted = new LinkedHashMap<>();
    Map<Scorer, Long> scorings = scorings(scored);
    for (Scorer scorer : scorings.keySet()) {
      if (!hasBundle(scorer)) {
        throw new PlatformException(
            ErrorCode.REFUSED,
            "Cannot monitor %s over %s: %s scored it, which was trained elsewhere and has no bundle to compare with. Whoever answers for the monitor takes it out while such a version scores, or promotes one that was trained here."
                .formatted(monitor.name(), interval, scorer.reference()));
      }
      counted.put(scorer, count(scorer, scored.where(by(scorer))));
    }
    kept.replace(
        attempt,
        interval,
        counted.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, of -> of.getValue().all())));
    windows(
        attempt,
        findings,
        EnumSet.of(Question.INPUTS, Question.PREDICTIONS),
        kept,
        (days, all) -> Questions.of(monitor, bundle(days.get(0).scorer())).ofWindow(days));
    counted.forEach(
        (scorer, counts) -> {
          boolean several = counted.size() > 1;
          findings.add(ofScores(scorer, counts, !several), scorer, ScoreColumns.CHAMPION, several);
          findings.add(counts.predictions(), scorer, ScoreColumns.CHAMPION, several);
        });
    population(attempt, counted, findings);
    late(scored, scorings, findings);
    matured(attempt, findings);
    MonitoringFacts facts = findings.facts(monitor.breach().text());
    facts.unanswered().ifPresent(why -> attempt.progress().say("WARN " + key() + ": " + why));
    attempt.report(facts);
    lake.table(commitPoint().orElseThrow())
        .replaceWhere(
            lake.spark().createDataFrame(findings.rows(), Findings.VERDICTS).coalesce(1),
            of(interval),
            attempt.commitPoint());
  }

  /** Who scored rows, in order, and the last scoring of an interval in which it scored one. */
  private static Map<Scorer, Long> scorings(Dataset<Row> scored) {
    Map<Scorer, Long> scorings = new LinkedHashMap<>();
    scored
        .groupBy(ScoreColumns.MODEL, ScoreColumns.MODEL_VERSION, ScoreColumns.ARTEFACT)
        .agg(max(ScoreColumns.SCORING))
        .orderBy(ScoreColumns.MODEL, ScoreColumns.MODEL_VERSION, ScoreColumns.ARTEFACT)
        .collectAsList()
        .forEach(row -> scorings.put(Scorer.of(row), row.getLong(3)));
    return scorings;
  }

  /**
   * The rows that got their first score in a later scoring of their interval than its first: shown,
   * with when the last of them got it.
   */
  private void late(Dataset<Row> scored, Map<Scorer, Long> scorings, Findings findings) {
    LakeTable superseded = lake.table(TableName.of("superseded", scores.name()));
    scorings.forEach(
        (scorer, last) -> {
          if (last == 1) {
            return;
          }
          Dataset<Row> late = scored.where(by(scorer).and(col(ScoreColumns.SCORING).gt(1)));
          if (superseded.version().isPresent()) {
            Dataset<Row> former =
                superseded
                    .read(superseded.version().get())
                    .where(within(interval) + " AND " + CHAMPIONS)
                    .select(
                        col(ScoreColumns.PREDICTION).as("_former"),
                        col(ScoreColumns.SUPERSEDED_AT).as("_until"));
            // Of what is in force by the pinned version: it may be superseded by now itself.
            late =
                late.join(
                    former,
                    col("_former")
                        .equalTo(col(ScoreColumns.PREDICTION))
                        .and(col("_until").leq(col(ScoreColumns.SCORED_AT))),
                    "left_anti");
          }
          Row found = late.agg(functions.count(lit(1)), max(ScoreColumns.SCORED_AT)).first();
          if (found.getLong(0) > 0) {
            findings.add(
                List.of(Questions.late(found.getLong(0), found.getTimestamp(1).toInstant())),
                scorer,
                ScoreColumns.CHAMPION,
                false);
          }
        });
  }

  private static Column by(Scorer scorer) {
    return col(ScoreColumns.MODEL)
        .equalTo(scorer.model())
        .and(col(ScoreColumns.MODEL_VERSION).equalTo(scorer.number()))
        .and(col(ScoreColumns.ARTEFACT).equalTo(scorer.artefact()));
  }

  /**
   * What was counted of one version's rows.
   *
   * @param days of an interval of several days, those with rows
   * @param predictions what is shown of them
   */
  private record Counted(
      IntervalCounts all, List<KeptCounts.Day> days, List<MonitorVerdict> predictions) {}

  private Counted count(Scorer scorer, Dataset<Row> theirs) {
    ModelBundle bundle = bundle(scorer);
    IntervalCounter counter = new IntervalCounter(bundle, monitor);
    List<MonitorVerdict> predictions = Predictions.of(theirs, bundle.metrics());
    if (day.isPresent() || !interval.isWholeDays(zone())) {
      return new Counted(counter.count(theirs), List.of(), predictions);
    }
    IntervalCounts all = new IntervalCounts(bundle.inputs(), bundle.scores());
    List<KeptCounts.Day> days = new ArrayList<>();
    for (Interval part : interval.days(zone())) {
      IntervalCounts counts = counter.count(theirs.where(within(part)));
      if (counts.rows() > 0) {
        days.add(KeptCounts.day(Interval.dayOf(part.from(), zone()), scorer, bundle, counts));
        all.with(counts);
      }
    }
    return new Counted(all, days, predictions);
  }

  private List<MonitorVerdict> ofScores(Scorer scorer, Counted counted, boolean alone) {
    Questions questions = Questions.of(monitor, bundle(scorer));
    if (!counted.days().isEmpty()) {
      return questions.ofDays(counted.all(), counted.days());
    }
    if (day.isEmpty()) {
      return questions.ofOthers(counted.all(), "it begins or ends inside a day");
    }
    if (!alone) {
      return questions.ofOthers(
          counted.all(), "it is a part of the day, which several versions scored");
    }
    return questions.ofDay(counted.all(), Questions.weekday(day.get()));
  }

  /**
   * The windows that a day is in: what breaches among them, and of those that end with the day, in
   * words, what is worth a line.
   */
  private <D extends KeptWindows.Day> void windows(
      Attempt attempt,
      Findings findings,
      Set<Question> questions,
      KeptWindows.Days<D> days,
      BiFunction<List<D>, List<D>, List<WindowVerdict>> judge) {
    if (day.isEmpty()) {
      return;
    }
    Predicate<Breach> isTold = told();
    for (Judged window : windows.judge(attempt, day.get(), questions, days, judge)) {
      Scorer scorer = window.last().scorer();
      LocalDate last = window.last().date();
      boolean tonight = last.equals(day.get());
      String until = tonight ? "" : " to " + last;
      if (tonight) {
        findings.answered(window);
      }
      for (WindowVerdict v : window.verdicts()) {
        if (v.standing().isPresent()) {
          String words =
              "over %s%s is %s: %s"
                  .formatted(
                      KeptWindows.span(window.days(), monitor.window()),
                      until,
                      v.standing().get().text(),
                      v.detail());
          Breach breach = Findings.breach(v, words, scorer, last);
          if (window.breached().contains(v) && (tonight || !isTold.test(breach))) {
            findings.add(v.question(), breach, until);
          } else if (tonight && v.breaching()) {
            findings.goesOn(breach);
          }
          if (tonight
              && (v.standing().get().unlikeTraining() || v.standing().get() == Standing.BEYOND)) {
            boolean champion = window.last().role().equals(ScoreColumns.CHAMPION);
            attempt
                .progress()
                .say(
                    "  %s%s %s"
                        .formatted(
                            breach.item(), champion ? "" : " of " + scorer.reference(), words));
          }
        }
      }
    }
  }

  /**
   * Whether another interval's commit says that a later window breaches, unless this interval's own
   * newest says so too: judged again, it says the same. What a killed run would have said nobody
   * has.
   */
  private Predicate<Breach> told() {
    Map<Interval, List<Breach>> newest = new HashMap<>();
    for (Commit commit : lake.table(commitPoint().orElseThrow()).commits()) {
      commit
          .facts()
          .filter(CommitFacts::commitPoint)
          .ifPresent(
              facts ->
                  newest.put(
                      facts.key().interval().orElseThrow(),
                      facts
                          .facts(MonitoringFacts.class)
                          .map(MonitoringFacts::breaches)
                          .orElse(List.of())));
    }
    List<Breach> own = Optional.ofNullable(newest.remove(interval)).orElse(List.of());
    List<Breach> others = newest.values().stream().flatMap(List::stream).toList();
    return breach ->
        others.stream().anyMatch(breach::isOfTheSameWindow)
            && own.stream().noneMatch(breach::isOfTheSameWindow);
  }

  /** By what the version had that scored last, whether it had a row to score or none. */
  private void population(Attempt attempt, Map<Scorer, Counted> counted, Findings findings) {
    if (!interval.isWholeDays(zone())) {
      return;
    }
    scoredLast(attempt)
        .filter(this::hasBundle)
        .or(() -> counted.keySet().stream().reduce((former, later) -> later))
        .ifPresent(
            scorer -> {
              IntervalCounts all =
                  new IntervalCounts(bundle(scorer).inputs(), bundle(scorer).scores());
              counted.values().forEach(of -> all.addUnseen(of.all()));
              findings.add(
                  List.of(
                      Questions.of(monitor, bundle(scorer))
                          .population(
                              counted.values().stream().mapToLong(of -> of.all().rows()).sum(),
                              interval.days(zone()).stream()
                                  .map(of -> Interval.dayOf(of.from(), zone()))
                                  .map(Questions::weekday)
                                  .toList(),
                              scores
                                  .rows()
                                  .equals(
                                      store
                                          .project()
                                          .project()
                                          .models()
                                          .get(monitor.model())
                                          .trainingSet()),
                              all.unseen())),
                  scorer,
                  ScoreColumns.CHAMPION,
                  false);
            });
  }

  private Optional<Scorer> scoredLast(Attempt attempt) {
    TableVersion pinned = attempt.inputs().get(0).version();
    return lake.table(table()).commits().stream()
        .filter(commit -> commit.version().equals(pinned))
        .flatMap(commit -> commit.facts().stream())
        .flatMap(facts -> facts.facts(ScoringFacts.class).stream())
        .findFirst()
        .map(
            scoring -> {
              ModelReference version = ModelReference.parse(scoring.model());
              return new Scorer(
                  version.model(), version.number().orElseThrow(), scoring.artefact().hex());
            });
  }

  private ZoneId zone() {
    return store.project().project().zone();
  }

  private void matured(Attempt attempt, Findings findings) {
    // The last one pinned: where no commit wrote scores of it, the first, which has none.
    TableVersion version =
        attempt.inputs().stream()
            .map(Pin::version)
            .filter(pinned -> pinned.table().equals(table()))
            .reduce((first, last) -> last)
            .orElseThrow();
    Dataset<Row> inForce = lake.table(table()).read(version).where(within(matured()));
    Map<Group, Long> due = new HashMap<>(due(inForce));
    Set<String> without =
        due.keySet().stream()
            .map(Group::scorer)
            .filter(scorer -> !hasBundle(scorer))
            .map(Scorer::artefact)
            .collect(Collectors.toSet());
    due.keySet().removeIf(group -> without.contains(group.scorer().artefact()));
    Dataset<Row> scored =
        without.isEmpty()
            ? inForce
            : inForce.where(not(col(ScoreColumns.ARTEFACT).isin(without.toArray())));
    Set<Slice> slices = new HashSet<>();
    due.keySet().forEach(group -> slices.addAll(Actuals.slices(bundle(group.scorer()).metrics())));
    LabelledRows found =
        store
            .trainingSets()
            .label(
                rows,
                Matured.asking(
                    scored,
                    slices.stream().map(Slice::column).collect(Collectors.toSet()),
                    matured()),
                Optional.of(interval.snapshotInstant()),
                attempt.inputs());
    Dataset<Row> labelled = found.rows();
    // The label comes last, even if another column has its name.
    String[] names = labelled.columns();
    names[names.length - 1] = Matured.LABEL;
    Map<Group, OutcomeSums> counted = Matured.count(labelled.toDF(names), slices);
    actuals.replace(attempt, interval, counted, due);
    Optional<Duration> behind =
        found
            .lastKnown()
            .map(known -> Duration.between(known, interval.snapshotInstant()))
            .filter(lag -> lag.toMinutes() > 0);
    Optional<LabelCounts> labels = Optional.of(found.counts()).filter(counts -> due.size() == 1);
    due.forEach(
        (group, rows) ->
            findings.add(
                List.of(
                    Actuals.ofInterval(
                        Optional.ofNullable(counted.get(group)).map(OutcomeSums::outcomes),
                        rows,
                        labels,
                        behind)),
                group.scorer(),
                group.role(),
                due.size() > 1));
    windows(
        attempt,
        findings,
        EnumSet.of(Question.ACTUALS),
        actuals,
        (days, all) -> {
          List<WindowVerdict> verdicts =
              new ArrayList<>(
                  new Actuals(monitor, bundle(days.get(0).scorer()).metrics()).ofWindow(days));
          verdicts.addAll(BesideChampion.of(days, all, margin()));
          return verdicts;
        });
  }

  /** By how much a challenger may be worse, and not matter. */
  private double margin() {
    return store.project().project().models().get(monitor.model()).margin();
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
    return lake.table(table()).read(version).where(within(asOf) + " AND " + CHAMPIONS);
  }

  private boolean hasBundle(Scorer scorer) {
    return bundled.computeIfAbsent(
        scorer,
        of ->
            ModelRegistry.open(lake.uri())
                .find(of.model(), of.number())
                .map(version -> version.version().hasBundle())
                .orElse(true));
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

  /** Whether this job judges a day of the window that ends with an interval, or before its end. */
  boolean isInWindowOf(Interval other) {
    LocalDate last = Interval.dayOf(other.snapshotInstant(), zone());
    return day.isPresent()
        && !interval.to().isAfter(other.to())
        && !day.get().isBefore(last.minusDays(monitor.window() - 1L));
  }

  /** Whether labels that were known by the interval's end have come since it was judged. */
  boolean lacksLabels() {
    return recorded(lake)
        .filter(
            run ->
                !labels(
                        run.inputs().stream()
                            .filter(pin -> !pin.version().table().equals(table()))
                            .toList())
                    .equals(labels(labels())))
        .isPresent();
  }

  private Digest labels(List<Pin> pins) {
    return Fingerprint.of(lake, definition(), pins);
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
