package io.tributary.train;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.TableName;
import io.tributary.definition.DealtSplit.Dealt;
import io.tributary.definition.Model;
import io.tributary.definition.SplitBucket;
import io.tributary.drift.MeanOfIntervals;
import io.tributary.events.definitions.Meanings;
import io.tributary.events.facts.FitFacts;
import io.tributary.events.facts.LabelCounts;
import io.tributary.lake.ContentDigest;
import io.tributary.lake.Lake;
import io.tributary.model.BinaryMetrics;
import io.tributary.model.ModelBundle;
import io.tributary.model.ModelMetrics;
import io.tributary.model.ModelSignature;
import io.tributary.model.ReferenceProfile;
import io.tributary.model.StoredModel;
import io.tributary.offline.FeatureStore;
import io.tributary.offline.TrainingSetBuild;
import io.tributary.registry.BuiltTrainingSet;
import io.tributary.registry.Evaluation;
import io.tributary.registry.Evaluations;
import io.tributary.registry.FitParameters;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.SuspectPolicy;
import io.tributary.registry.TrainingSetReference;
import io.tributary.registry.TrainingUse;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * Measures versions on labelled rows that they were not fitted to, as training measures its test
 * rows, and records what they come to. Nothing else is written.
 */
final class VersionEvaluation {
  /** Of a column, the most frequent values, so that an event stays small. */
  private static final int MOST_SLICES = 20;

  private final FeatureStore store;
  private final CheckedProject checked;
  private final Lake lake;
  private final ZoneId zone;
  private final ModelRegistry registry;
  private final Set<String> suspect = new LinkedHashSet<>();

  VersionEvaluation(FeatureStore store) {
    this.store = store;
    this.checked = store.project();
    this.lake = store.lake();
    this.zone = checked.project().zone();
    this.registry =
        ModelRegistry.open(lake.uri(), SuspectPolicy.of(checked.project()::suspect, suspect::add));
  }

  /** A build of a training set. */
  record Build(String trainingSet, long number) {}

  /**
   * What a version comes to.
   *
   * @param label what it foretells
   * @param isNew whether it was not recorded before
   * @param notes what is to be said beside what is recorded, a sentence each
   */
  record Evaluated(
      Evaluations.Recorded recorded, String label, boolean isNew, List<String> notes) {}

  /**
   * Rows that are asked for, with where they are from.
   *
   * @param build its number; empty where they are in none
   * @param content the digest of all of them
   * @param noRows why there may be none, in a sentence
   * @param use of what a mark may be on
   */
  private record Asked(
      String trainingSet,
      Optional<Long> build,
      List<Pin> pins,
      Digest definition,
      Digest content,
      List<Interval> asOf,
      Dataset<Row> rows,
      String noRows,
      TrainingUse use) {
    String name() {
      return trainingSet + build.map(number -> "@" + number).orElse("");
    }
  }

  /**
   * Rows that are measured.
   *
   * @param numbers of those that are
   */
  private record Unseen(int[] numbers, long fitted, long otherKeys, long unknown) {}

  /**
   * The version that a reference names.
   *
   * @throws PlatformException NOT_FOUND when there is none; REFUSED when it must not be used, or
   *     nothing here can score by it
   */
  ModelVersion version(String reference) {
    ModelVersion version = registry.resolve(reference);
    String what = "evaluate " + version.reference();
    version.requireScorable(what);
    version.requireBinary(
        what,
        "Whoever trained it measures it, and says so in the metrics that it is registered with.");
    return version;
  }

  /**
   * Measures a version, unless that is recorded, and records it.
   *
   * @param build whose rows are asked for; empty = the newest ones of the model's training set
   * @param asOf of the rows; empty = any
   * @throws PlatformException REFUSED where rows mean something else than what the version was
   *     trained on, or are suspect; NOT_FOUND where there are none
   */
  Evaluated of(ModelVersion version, Optional<Build> build, List<Interval> asOf) {
    Model model =
        Optional.ofNullable(checked.project().models().get(version.model()))
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.NOT_FOUND,
                        "Cannot evaluate %s: the project has no model %s, whose training set says the rows. Restore its file."
                            .formatted(version.reference(), version.model())));
    if (build.isPresent()) {
      return measured(version, model, built(version, build.get(), asOf));
    }
    CheckedTrainingSet set = checked.model(model.name()).trainingSet();
    List<Definition> definitions = checked.definitions(List.of("training-set " + set.name()));
    List<Pin> pins = store.pins().of(set.definition());
    TrainingUse use =
        new TrainingUse(
            Optional.empty(),
            pins,
            Set.copyOf(definitions.stream().map(Definition::reference).toList()));
    require(version, set.name(), TrainedMeaning.of(set, definitions), use);
    try (TrainingSetBuild made = store.trainingSets().build(set.definition(), pins)) {
      return measured(
          version,
          model,
          asked(
              set.name(),
              Optional.empty(),
              pins,
              set.digest(),
              asOf,
              made.rows(),
              made.content().digest(),
              why(made.labels()),
              use));
    }
  }

  private static String why(LabelCounts labels) {
    return String.format(
        Locale.ROOT,
        "Of %,d rows that ask the outcome of %,d is not known yet, %,d have none, %,d are filtered out and %,d are unknown. Evaluate again once later outcomes are delivered and ingested",
        labels.asked(),
        labels.immature(),
        labels.missing(),
        labels.filtered(),
        labels.unknown());
  }

  private Asked built(ModelVersion version, Build build, List<Interval> asOf) {
    String what = "evaluate " + version.reference() + " on";
    BuiltTrainingSet found =
        BuiltTrainingSet.find(
            lake.uri(), build.trainingSet(), build.number(), what, "leave --rows out");
    TrainingSetReference set = found.reference();
    TrainingUse use = new TrainingUse(set.table(), set.pins(), found.definitions().keySet());
    require(
        version,
        set.toString(),
        TrainedMeaning.of(lake.definitions().store(), Optional.of(set.name()), found.definitions()),
        use);
    Dataset<Row> rows =
        stored(set)
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.NOT_FOUND,
                        "Cannot %s %s: its rows are there no more. Leave --rows out, or make the build again: tributary reproduce training-set:%s says whether it can be."
                            .formatted(what, set, set)));
    return asked(
        set.name(),
        Optional.of(set.number()),
        set.pins(),
        set.definition(),
        asOf,
        rows,
        set.content(),
        "Name another build, or leave --rows out",
        use);
  }

  /** The rows of a build; empty where they are there no more. */
  private Optional<Dataset<Row>> stored(TrainingSetReference set) {
    if (lake.find(set.table().table())
        .filter(table -> table.id().equals(set.table().id()))
        .isEmpty()) {
      return Optional.empty();
    }
    try {
      Dataset<Row> rows =
          lake.table(TableName.of("training", set.name())).read(Pin.of(set.table()));
      // Files that are gone show only once they are read.
      rows.count();
      return Optional.of(rows);
    } catch (Exception e) {
      // Spark's own are checked, and thrown where nothing says so.
      if (TrainingRows.areGone(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static Asked asked(
      String trainingSet,
      Optional<Long> build,
      List<Pin> pins,
      Digest definition,
      List<Interval> asOf,
      Dataset<Row> all,
      Digest content,
      String noRows,
      TrainingUse use) {
    Optional<Column> within = asOf.stream().map(ChampionComparison::within).reduce(Column::or);
    Dataset<Row> rows = within.map(all::where).orElse(all);
    return new Asked(
        trainingSet,
        build,
        pins,
        definition,
        within.isEmpty() ? content : ContentDigest.of(rows).digest(),
        asOf,
        rows,
        asOf.isEmpty()
            ? noRows
            : noRows + "; or ask for another interval than " + String.join(", ", texts(asOf)),
        use);
  }

  private static List<String> texts(List<Interval> asOf) {
    return asOf.stream().map(Interval::toString).toList();
  }

  /** Refuses rows that are not what the version was trained on, or that somebody has marked. */
  private void require(ModelVersion version, String rows, TrainedMeaning meaning, TrainingUse use) {
    String what = "evaluate " + version.reference() + " on " + rows;
    Meanings meanings = lake.definitions().meanings();
    TrainedMeaning own = TrainedMeaning.of(lake, version);
    own.unlike(
            meaning,
            // The version may use what the view means by now, or it would not have been resolved.
            view ->
                meanings
                    .fixed(view.reference())
                    .filter(fixed -> fixed.meaning().equals(view.meaningDigest()))
                    .isPresent())
        .or(() -> version.parameters().flatMap(fit -> own.dealtUnlike(meaning, fit.split().by())))
        .ifPresent(
            why -> {
              throw new PlatformException(
                  ErrorCode.REFUSED,
                  "Cannot %s: %s. Name a build by the definitions that it was trained by, as in --rows %s, or train a version on these."
                      .formatted(what, why, version.trainedOn()));
            });
    registry.suspects().requireNoneIn(use, what);
  }

  private Evaluated measured(ModelVersion version, Model model, Asked asked) {
    StoredModel stored = StoredModel.of(registry.artefact(version), version.artefact().digest());
    ModelSignature signature = signature(version, stored.signature(), asked);
    Optional<Evaluations.Recorded> known =
        registry.evaluations().find(version.reference(), asked.content());
    if (known.isPresent()) {
      return new Evaluated(known.get(), signature.label(), false, List.copyOf(suspect));
    }
    Optional<ModelBundle> bundle =
        stored instanceof ModelBundle of ? Optional.of(of) : Optional.empty();
    Optional<FitFacts.Split> split = version.parameters().map(FitParameters::split);
    Set<String> columns = TrainingRows.columns(asked.rows()).keySet();
    List<String> wanted =
        bundle.map(of -> List.copyOf(of.metrics().slices().keySet())).orElse(model.slices());
    List<String> slices = wanted.stream().filter(columns::contains).toList();
    List<String> by = split.map(FitFacts.Split::by).orElse(List.of());
    requireAll(version, asked, by, columns);
    TrainingRows rows =
        TrainingRows.read(
            asked.rows(), signature, slices, by, split.map(FitFacts.Split::salt).orElse(""));
    Unseen unseen = split.map(of -> unseen(rows, of)).orElseGet(() -> ofElsewhere(version, rows));
    int[] numbers = unseen.numbers();
    if (numbers.length == 0) {
      throw noRows(version, asked, unseen);
    }
    HeldOut scored = HeldOut.scored(stored.open(), rows, numbers, zone);
    BinaryMetrics metrics = scored.metrics();
    Map<String, List<Evaluation.Slice>> bySlice = new TreeMap<>();
    for (String column : slices) {
      bySlice.put(
          column,
          scored.slices(rows.slice(column, numbers)).stream()
              .sorted(Comparator.comparing(slice -> -slice.metrics().rows()))
              .limit(MOST_SLICES)
              .map(VersionEvaluation::slice)
              .toList());
    }
    // Somebody may have marked something while this was computed.
    registry.resolve(version.reference().toString());
    registry
        .suspects()
        .requireNoneIn(asked.use(), "evaluate " + version.reference() + " on " + asked.name());
    Evaluation evaluation =
        new Evaluation(
            new Evaluation.Rows(
                asked.trainingSet(),
                asked.build(),
                asked.pins(),
                asked.definition(),
                asked.content(),
                asked.asOf(),
                rows.asOf(numbers[0]),
                rows.asOf(numbers[numbers.length - 1]),
                metrics.rows(),
                metrics.positives(),
                (int) Arrays.stream(scored.days()).distinct().count(),
                unseen.fitted(),
                unseen.otherKeys(),
                unseen.unknown()),
            metrics.named(),
            ReferenceProfile.intervals(
                // By other bins than training's where rows may lie elsewhere than its did.
                bundle
                    .filter(of -> isTested(version, asked, rows, numbers))
                    .map(of -> of.profile().scores().edges()),
                new ReferenceProfile.Part(
                    ReferenceProfile.Range.TEST, scored.days(), scored.scores(), scored.labels()),
                metrics),
            bySlice,
            List.copyOf(suspect));
    List<String> notes = new ArrayList<>(suspect);
    wanted.stream()
        .filter(column -> !columns.contains(column))
        .forEach(column -> notes.add("no slices by " + column + ": the rows have no such column"));
    return new Evaluated(
        registry
            .evaluations()
            .record(version.reference(), evaluation, Principal.osUser(lake.environment().user())),
        signature.label(),
        true,
        notes);
  }

  /** Whether all that is measured are rows of its own build that its split tests. */
  private static boolean isTested(
      ModelVersion version, Asked asked, TrainingRows rows, int[] numbers) {
    Optional<Interval> tested = version.parameters().flatMap(fit -> fit.split().test().asOf());
    return version
            .trainingSet()
            .filter(set -> asked.build().isPresent() && set.toString().equals(asked.name()))
            .isPresent()
        && Arrays.stream(numbers)
            .allMatch(row -> tested.map(in -> in.contains(rows.asOf(row))).orElse(true));
  }

  private static void requireAll(
      ModelVersion version, Asked asked, List<String> by, Set<String> columns) {
    by.stream()
        .filter(column -> !columns.contains(column))
        .findFirst()
        .ifPresent(
            column -> {
              throw new PlatformException(
                  ErrorCode.REFUSED,
                  "Cannot evaluate %s on %s: its split divides rows by %s, which these do not have, so that nobody can tell which of them it has seen. Name a build that has the column, or train a version on these."
                      .formatted(version.reference(), asked.name(), column));
            });
  }

  private static Evaluation.Slice slice(ModelMetrics.Slice slice) {
    BinaryMetrics of = slice.metrics();
    return new Evaluation.Slice(slice.value(), of.rows(), of.positives(), of.named());
  }

  /** What a version takes, with the label of the rows where its registration names none. */
  private static ModelSignature signature(ModelVersion version, ModelSignature takes, Asked asked) {
    String[] columns = asked.rows().columns();
    String label = takes.label().isEmpty() ? columns[columns.length - 1] : takes.label();
    String type = TrainingRows.columns(asked.rows()).get(label);
    if (!"boolean".equals(type)) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot evaluate %s on %s: it foretells %s, which is %s there. Name rows of a training set whose label that is: --rows."
              .formatted(
                  version.reference(),
                  asked.name(),
                  label,
                  type == null ? "no column" : "of type " + type));
    }
    return new ModelSignature(takes.model(), takes.inputs(), label);
  }

  /** The rows that its split tests, or would, at whatever as-of: of its keys, and not fitted to. */
  private static Unseen unseen(TrainingRows rows, FitFacts.Split split) {
    BitSet fitted = new BitSet();
    for (FitFacts.Part part : split.parts()) {
      if (!part.equals(split.test())) {
        Arrays.stream(rows.numbers(part)).forEach(fitted::set);
      }
    }
    FitFacts.Part test = split.test();
    int[] numbers =
        Arrays.stream(
                rows.numbers(
                    new Dealt(
                        test.name(),
                        Optional.empty(),
                        Optional.empty(),
                        test.fromBucket(),
                        test.toBucket())))
            .filter(row -> !fitted.get(row))
            .toArray();
    int left = fitted.cardinality();
    return new Unseen(numbers, left, (long) rows.rows() - left - numbers.length, 0);
  }

  /**
   * Of a version that was trained elsewhere: rows that are later than all of its own are unseen.
   */
  private Unseen ofElsewhere(ModelVersion version, TrainingRows rows) {
    int[] all =
        rows.numbers(new Dealt("all", Optional.empty(), Optional.empty(), 0, SplitBucket.BUCKETS));
    Optional<Instant> newest =
        version
            .trainingSet()
            .flatMap(this::stored)
            .map(frame -> frame.agg(functions.max(CheckedTrainingSet.AS_OF)).head())
            .filter(row -> !row.isNullAt(0))
            .map(row -> row.getTimestamp(0).toInstant());
    long unknown =
        newest
            .map(last -> Arrays.stream(all).filter(row -> !rows.asOf(row).isAfter(last)).count())
            .orElse((long) all.length);
    return new Unseen(all, 0, 0, unknown);
  }

  private static PlatformException noRows(ModelVersion version, Asked asked, Unseen unseen) {
    return new PlatformException(
        ErrorCode.NOT_FOUND,
        String.format(
            Locale.ROOT,
            "Cannot evaluate %s on %s: no row with a label is left%s. %s.",
            version.reference(),
            asked.name(),
            unseen.fitted() + unseen.otherKeys() == 0
                ? ""
                : String.format(
                    Locale.ROOT,
                    ": it was fitted to %,d, and its split does not test the keys of %,d",
                    unseen.fitted(),
                    unseen.otherKeys()),
            asked.noRows()));
  }

  /** What an evaluation does not tell, and why, a sentence each. */
  static List<String> untold(Evaluation evaluation) {
    List<String> untold = new ArrayList<>();
    if (!evaluation.metrics().containsKey("auc")) {
      untold.add("no auc: all labels are equal");
    }
    int nights = evaluation.rows().nights();
    if (nights < MeanOfIntervals.LEAST_INTERVALS) {
      untold.add(
          "no intervals: rows are of %d nights, and %d are needed to tell how much nights differ"
              .formatted(nights, MeanOfIntervals.LEAST_INTERVALS));
    }
    return untold;
  }
}
