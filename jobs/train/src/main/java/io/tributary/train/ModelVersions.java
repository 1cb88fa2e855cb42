package io.tributary.train;

import io.tributary.analysis.CheckedModel;
import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedUse;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.definition.Accuracy;
import io.tributary.definition.DealtSplit;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Model;
import io.tributary.definition.OnlineStaleness;
import io.tributary.definition.Project;
import io.tributary.drift.Measure;
import io.tributary.drift.Promise;
import io.tributary.events.facts.FitFacts;
import io.tributary.events.facts.TrainingSetFacts;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.CompletedRun;
import io.tributary.events.runs.LineageNode;
import io.tributary.events.runs.Resources;
import io.tributary.lake.Commit;
import io.tributary.lake.Lake;
import io.tributary.model.Backend;
import io.tributary.model.BinaryMetrics;
import io.tributary.model.FittedNetwork;
import io.tributary.model.Input;
import io.tributary.model.ModelBundle;
import io.tributary.model.ModelSignature;
import io.tributary.offline.FeatureStore;
import io.tributary.registry.AdmissionVerdict;
import io.tributary.registry.Artefact;
import io.tributary.registry.ArtefactStore;
import io.tributary.registry.Comparison;
import io.tributary.registry.FitParameters;
import io.tributary.registry.ModelEnvironment;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.OnlineUse;
import io.tributary.registry.Promotions;
import io.tributary.registry.RegisteredModel;
import io.tributary.registry.RegisteredVersion;
import io.tributary.registry.RetrainDecision;
import io.tributary.registry.SuspectPolicy;
import io.tributary.registry.TrainingSetReference;
import io.tributary.registry.TrainingUse;
import io.tributary.runtime.Attempt;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The versions of one model: those that are registered, and how another one is fitted and
 * registered. It promotes none.
 */
final class ModelVersions {
  private final CheckedProject checked;
  private final CheckedModel model;
  private final Project project;
  private final ZoneId zone;
  private final Lake lake;
  private final TableName table;
  private final ModelRegistry registry;
  private final Set<String> suspect = new LinkedHashSet<>();

  ModelVersions(FeatureStore store, Model model) {
    if (!model.isTrainedHere()) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot train model %s: it foretells a number, and Tributary trains models of labels that are true or false. Whoever trains it registers its versions: tributary registry register."
              .formatted(model.name()));
    }
    this.checked = store.project();
    this.model = checked.model(model.name());
    this.project = checked.project();
    this.zone = project.zone();
    this.lake = store.lake();
    this.table = TableName.of("training", this.model.trainingSet().name());
    this.registry =
        ModelRegistry.open(lake.uri(), SuspectPolicy.of(project::suspect, suspect::add));
  }

  CheckedModel model() {
    return model;
  }

  ModelRegistry registry() {
    return registry;
  }

  /** Reports facts, with what was used although it is marked as suspect, as the project allows. */
  void report(Attempt attempt, FitFacts facts) {
    attempt.report(facts.using(List.copyOf(suspect)));
    suspect.forEach(used -> attempt.progress().say(attempt.key() + ": " + used));
  }

  /**
   * The newest build of the training set.
   *
   * @throws PlatformException NOT_FOUND where there is none
   */
  List<Pin> inputs() {
    return List.of(
        lake.find(table)
            .map(Pin::of)
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.NOT_FOUND,
                        "Cannot train model %s: its training set %s has not been built. Build it first: tributary training-set."
                            .formatted(model.name(), table.subject()))));
  }

  /** The digest of all that decides a version but its training set. */
  Digest definition(Optional<RetrainDecision> decision) {
    return Digest.of(
        "train 3\n"
            + model.digest()
            + "\n"
            + zone
            + "\n"
            + ModelTraining.REPLICAS
            + moved(decision.map(RetrainDecision::upTo)));
  }

  List<Definition> definitions() {
    return checked.definitions(List.of("model " + model.name()));
  }

  /** What moves the split; empty where it stands as it was written. */
  private static String moved(Optional<Instant> upTo) {
    return upTo.map(instant -> "\nup to " + instant).orElse("");
  }

  /** A registered version as what its run completed. */
  static CompletedRun completed(RegisteredVersion registered) {
    ModelVersion version = registered.version();
    return new CompletedRun(
        version.run().orElseThrow(),
        1,
        registered.at(),
        List.of(Pin.of(version.trainingSet().orElseThrow().table())),
        version.fingerprint(),
        List.of(),
        Optional.of(facts(version, Optional.empty(), Optional.empty())),
        Map.of(),
        List.of(node(version)),
        version.definitions(),
        version.environment().orElseThrow().machine());
  }

  static LineageNode node(ModelVersion version) {
    return LineageNode.model(version.model(), version.number());
  }

  /** A version, with the counts of its rows if this run has fitted it. */
  record Fitted(ModelVersion version, Optional<FitFacts.Rows> rows) {}

  /**
   * Fits and registers a version on the pinned build.
   *
   * @param decision that it is trained because of, which moves its split; empty = as it is written
   */
  Fitted train(Attempt attempt, Optional<RetrainDecision> decision) {
    Pin pin = attempt.inputs().get(0);
    TableVersion built = pin.version();
    Dataset<Row> frame = lake.table(table).read(pin);
    TrainingSetReference reference = reference(built);
    registry
        .suspects()
        .requireNone(
            model.name(), new TrainingUse(built, reference.pins(), attempt.definitions().keySet()));
    TrainingRows rows = rows(frame);
    Digest fit = fit(reference, decision.map(RetrainDecision::upTo), zone);
    ArtefactStore store = ArtefactStore.open(lake.uri());
    registered(v -> v.fit().equals(fit))
        .ifPresent(known -> registry.suspects().requireNone(model.name(), known.version()));
    Optional<ModelVersion> fitted =
        registered(v -> v.fit().equals(fit) && store.contains(v.artefact().digest()))
            .map(RegisteredVersion::version);
    fitted.ifPresent(
        version ->
            attempt
                .progress()
                .say(
                    "model %s: fitted as %s, evaluated anew"
                        .formatted(model.name(), version.reference())));
    ModelTraining training =
        train(
            rows,
            reference,
            decision.map(RetrainDecision::upTo),
            zone,
            fitted.map(version -> network(store, version)),
            attempt.progress()::say);
    foundBy(training).forEach(attempt.progress()::say);
    attempt.used(Resources.ofTraining(training.fitSeconds()));
    Artefact artefact = store.put(training.bundle().files());
    Map<String, Map<String, Double>> baselines = new TreeMap<>();
    training.metrics().baselines().forEach((name, metrics) -> baselines.put(name, chosen(metrics)));
    ModelVersion draft =
        new ModelVersion(
            model.name(),
            0,
            artefact,
            chosen(training.metrics().test()),
            baselines,
            Optional.of(parameters(training)),
            training.verdicts(),
            Optional.of(ModelEnvironment.current(attempt.environment(), Backend.device())),
            Optional.of(reference),
            Optional.of(onlineUse()),
            model.digest(),
            fit,
            attempt.definitions(),
            Optional.of(attempt.run()),
            attempt.fingerprint(),
            decision.map(RetrainDecision::id),
            Optional.empty());
    return new Fitted(
        registry.register(draft, Principal.osUser(attempt.environment().user())),
        Optional.of(training.counts()));
  }

  private TrainingRows rows(Dataset<Row> frame) {
    Model definition = model.definition();
    return TrainingRows.read(
        frame, signature(), definition.slices(), model.dealtBy(), definition.split().salt());
  }

  private ModelTraining train(
      TrainingRows rows,
      TrainingSetReference built,
      Optional<Instant> upTo,
      ZoneId zone,
      Optional<FittedNetwork> known,
      Consumer<String> progress) {
    return ModelTraining.of(
        model.definition(),
        rows,
        built.leaks(),
        InputOrigins.of(rows.signature().inputs(), model.trainingSet()),
        zone,
        upTo,
        known,
        progress);
  }

  /**
   * Fits a registered version again; nothing is stored or registered.
   *
   * @param frame the rows of its training set
   * @param zone whose calendar days it was fitted by
   */
  ModelTraining again(
      ModelVersion version, Dataset<Row> frame, ZoneId zone, Consumer<String> progress) {
    return train(
        rows(frame),
        version.trainingSet().orElseThrow(),
        version.movedUpTo(),
        zone,
        Optional.empty(),
        progress);
  }

  /**
   * The zone by whose calendar days a version was fitted: no definition has the project's, but the
   * digest of the fit does. Empty where none leads to that digest, as the rules of fitting changed.
   */
  Optional<ZoneId> zone(ModelVersion version) {
    return Stream.concat(Stream.of(zone), ZoneId.getAvailableZoneIds().stream().map(ZoneId::of))
        .filter(
            z ->
                fit(version.trainingSet().orElseThrow(), version.movedUpTo(), z)
                    .equals(version.fit()))
        .findFirst();
  }

  /** Of each monitor of the model, in how many days it will find the fall that it looks for. */
  private List<String> foundBy(ModelTraining training) {
    Optional<Promise> promise = Optional.ofNullable(training.metrics().promise().get(Measure.AUC));
    return project.monitors().values().stream()
        .filter(monitor -> monitor.model().equals(model.name()))
        .map(
            monitor ->
                promise
                    .map(
                        known ->
                            "monitor %s: an AUC of %s; its window has %d"
                                .formatted(
                                    monitor.name(),
                                    known.takes(monitor.aucDrop()),
                                    monitor.window()))
                    .orElseGet(
                        () ->
                            "WARN monitor %s cannot judge actuals: the days of validation and test with labels of both kinds are too few. Widen these parts of the split"
                                .formatted(monitor.name())))
        .toList();
  }

  /**
   * The digest of all that decides the network. Admission rules, slices and measures are not in it,
   * so that changing one gives another version without another fit.
   */
  private Digest fit(TrainingSetReference built, Optional<Instant> upTo, ZoneId zone) {
    return Digest.of(
        "fit 1\n%s\n%s\n%s\n%s"
                .formatted(model.fit(), built.content(), zone, ModelTraining.REPLICAS)
            + moved(upTo));
  }

  /** By how much a version may be worse and gets an alias; empty = a person promotes. */
  private Optional<Double> margin() {
    Model definition = model.definition();
    return Optional.of(definition.margin())
        .filter(margin -> definition.promote() == Model.Promotion.AUTOMATIC);
  }

  /** Whether a version is to be compared with the holder of the alias, or promoted to it. */
  boolean owesPromotion(ModelVersion version, String alias) {
    return registry.promotions().isOwed(version, alias, margin());
  }

  /**
   * Compares a version with another one on the same rows, if nothing that tells anything is
   * recorded, and does what the model's policy says.
   *
   * @param champion the version that has the alias; empty = none
   */
  FitFacts.Promotion follow(
      Attempt attempt,
      ModelVersion version,
      String alias,
      Optional<RetrainDecision> decision,
      Optional<ModelVersion> champion) {
    Promotions promotions = registry.promotions();
    double margin = model.definition().margin();
    Optional<Comparison> made =
        champion.map(
            held ->
                promotions
                    .comparison(version.reference(), held.number())
                    .filter(Comparison::tells)
                    .orElseGet(() -> ChampionComparison.of(lake, version, held, margin, zone)));
    Promotions.Followed followed =
        promotions.follow(
            version,
            alias,
            decision,
            made,
            margin(),
            Principal.osUser(attempt.environment().user()),
            attempt.run().text());
    Optional<Comparison> comparison =
        champion.flatMap(held -> promotions.comparison(version.reference(), held.number()));
    FitFacts.Promotion promotion =
        new FitFacts.Promotion(
            alias,
            champion.map(held -> held.reference().toString()),
            comparison.map(Comparison::toString),
            comparison.map(c -> c.verdict(margin).toString()),
            followed.promoted()
                ? "promoted to %s: %s".formatted(alias, followed.why())
                : "not promoted: " + followed.why(),
            followed.promoted()
                ? Optional.empty()
                : Optional.of(Promotions.byHand(version.reference(), alias)));
    attempt
        .progress()
        .say(
            "%s%s; %s"
                .formatted(
                    version.reference(),
                    promotion.comparison().map(words -> " " + words).orElse(""),
                    promotion.followed()));
    return promotion;
  }

  private static FittedNetwork network(ArtefactStore store, ModelVersion version) {
    Digest digest = version.artefact().digest();
    return ModelBundle.of(store.read(digest), digest).network();
  }

  /** The measures that the definition names. */
  private Map<String, Double> chosen(BinaryMetrics measured) {
    Map<String, Double> metrics = measured.named();
    metrics.keySet().retainAll(model.definition().metrics());
    return metrics;
  }

  /** The version that holds the alias, if it is another one. */
  Optional<FitFacts.Incumbent> incumbent(ModelVersion version, String alias) {
    return holder(alias)
        .filter(holder -> holder.number() != version.number())
        .map(holder -> beside(version, holder));
  }

  /** The version that holds an alias. */
  Optional<ModelVersion> holder(String alias) {
    return registered().flatMap(known -> known.holder(alias)).map(RegisteredVersion::version);
  }

  /**
   * Compares the version that holds the alias; metrics are comparable only on as many rows of the
   * same part with as many true labels.
   */
  private static FitFacts.Incumbent beside(ModelVersion version, ModelVersion holder) {
    FitParameters mine = version.parameters().orElseThrow();
    boolean comparable =
        holder
            .parameters()
            .filter(
                theirs ->
                    name(version).equals(name(holder))
                        && mine.split().testsAs(theirs.split())
                        && mine.testRows() == theirs.testRows()
                        && mine.testPositives() == theirs.testPositives())
            .isPresent();
    List<String> better = new ArrayList<>();
    if (comparable) {
      version
          .metrics()
          .forEach(
              (metric, value) -> {
                double held = holder.metrics().getOrDefault(metric, value);
                if (BinaryMetrics.largerIsBetter(metric) ? held > value : held < value) {
                  better.add(metric);
                }
              });
    }
    return new FitFacts.Incumbent(
        holder.reference().toString(), holder.metrics(), comparable, better);
  }

  private static Optional<String> name(ModelVersion version) {
    return version.trainingSet().map(TrainingSetReference::name);
  }

  /** How online values compare with the rows that it is trained on. */
  private OnlineUse onlineUse() {
    List<OnlineUse.View> views = new ArrayList<>();
    for (CheckedUse use : model.uses()) {
      FeatureView view = use.view().definition();
      OnlineStaleness age =
          view.isOnDemand()
              ? new OnlineStaleness(Optional.of(Duration.ZERO), "request")
              : OnlineStaleness.of(project, view);
      views.add(
          new OnlineUse.View(
              use.definition().prefix(),
              view.id().toString(),
              view.isOnDemand()
                  ? OnlineUse.Accuracy.REQUEST
                  : view.accuracy() == Accuracy.SNAPSHOT
                      ? OnlineUse.Accuracy.SNAPSHOT
                      : OnlineUse.Accuracy.EXACT,
              view.online(),
              age.most(),
              age.by()));
    }
    return new OnlineUse(model.definition().staleOnline(), views);
  }

  /** A version, whoever trained it. */
  Optional<ModelVersion> numbered(long number) {
    return registered().flatMap(known -> known.version(number)).map(RegisteredVersion::version);
  }

  /** The newest such version of those that were fitted in this lake. */
  Optional<RegisteredVersion> registered(Predicate<ModelVersion> which) {
    return registered().stream()
        .flatMap(known -> known.versions().stream())
        .filter(version -> version.version().elsewhere().isEmpty())
        .filter(version -> version.importedFrom().isEmpty())
        .filter(version -> which.test(version.version()))
        .reduce((first, second) -> second);
  }

  /** The model as it is registered; empty before its first version. */
  Optional<RegisteredModel> registered() {
    return registry.model(model.name());
  }

  private ModelSignature signature() {
    List<Input> inputs = new ArrayList<>();
    for (CheckedModel.Input input : model.inputs()) {
      inputs.add(
          new Input(input.column(), input.type().sql().toLowerCase(Locale.ROOT), input.encoding()));
    }
    return new ModelSignature(
        model.name(), inputs, model.trainingSet().definition().label().name());
  }

  /** The reference to a build, from its commit. */
  private TrainingSetReference reference(TableVersion built) {
    CommitFacts commit = null;
    for (Commit each : lake.table(table).commits()) {
      if (each.version().version() <= built.version()
          && each.facts().flatMap(f -> f.facts(TrainingSetFacts.class)).isPresent()) {
        commit = each.facts().get();
      }
    }
    if (commit == null) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot train model %s: no commit of table %s records what it was built from. Build the training set again."
              .formatted(model.name(), table));
    }
    TrainingSetFacts facts = commit.facts(TrainingSetFacts.class).orElseThrow();
    requireDefinition(facts);
    return new TrainingSetReference(
        model.trainingSet().name(),
        facts.number(),
        built,
        commit.inputs(),
        model.trainingSet().digest(),
        facts.content(),
        facts.shared());
  }

  private void requireDefinition(TrainingSetFacts facts) {
    if (!model.trainingSet().digest().equals(facts.definition())) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot train model %s: training set %s was built from another definition than the present one. Build it again: tributary training-set."
              .formatted(model.name(), model.trainingSet().name()));
    }
  }

  private FitParameters parameters(ModelTraining training) {
    Model definition = model.definition();
    Map<String, String> inputs = new TreeMap<>();
    signature().inputs().forEach(input -> inputs.put(input.column(), input.encoding().text()));
    return new FitParameters(
        split(definition.split(), training.split()),
        inputs,
        definition.network().stream().map(Model.Layer::text).toList(),
        definition.fit().updater(),
        definition.fit().learningRate(),
        definition.fit().batch(),
        definition.fit().epochs(),
        definition.fit().patience(),
        definition.fit().seed(),
        ModelTraining.REPLICAS,
        training.metrics().test().rows(),
        training.metrics().test().positives(),
        training.metrics().history().size(),
        training.metrics().bestEpoch());
  }

  private static FitFacts.Split split(Model.Split split, DealtSplit dealt) {
    return new FitFacts.Split(
        split.by(),
        split.salt(),
        dealt.end(),
        dealt.parts().stream()
            .map(
                part ->
                    new FitFacts.Part(
                        part.name(),
                        part.written().map(Model.Part::toString),
                        part.asOf(),
                        part.fromBucket(),
                        part.toBucket()))
            .toList());
  }

  static FitFacts facts(
      ModelVersion version, Optional<FitFacts.Rows> rows, Optional<FitFacts.Incumbent> incumbent) {
    return new FitFacts(
        version.reference().toString(),
        version.artefact().digest(),
        version.trainedOn(),
        version.parameters().orElseThrow().split(),
        rows,
        version.metrics(),
        version.baselines(),
        version.failed().stream().map(AdmissionVerdict::toString).toList(),
        incumbent,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
