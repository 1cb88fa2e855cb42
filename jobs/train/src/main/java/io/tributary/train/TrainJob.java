package io.tributary.train;

import io.tributary.analysis.CheckedModel;
import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedUse;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.JobKey;
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
import io.tributary.events.facts.SharedEvents;
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
import io.tributary.registry.Alias;
import io.tributary.registry.Artefact;
import io.tributary.registry.ArtefactStore;
import io.tributary.registry.Comparison;
import io.tributary.registry.FitParameters;
import io.tributary.registry.ModelChange;
import io.tributary.registry.ModelEnvironment;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.OnlineUse;
import io.tributary.registry.RegisteredModel;
import io.tributary.registry.RegisteredVersion;
import io.tributary.registry.RetrainDecision;
import io.tributary.registry.TrainingSetReference;
import io.tributary.runtime.Attempt;
import io.tributary.runtime.Job;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Trains a version of a model on the newest build of its training set, registers it, and promotes
 * it if all its admission rules hold. The work is complete with the {@code registered} event; a
 * version that was registered but not yet promoted when the process died is promoted by the next
 * run, without another fit.
 */
public final class TrainJob implements Job {
  private final CheckedProject checked;
  private final CheckedModel model;
  private final Project project;
  private final ZoneId zone;
  private final Lake lake;
  private final Optional<String> alias;
  private final Optional<RetrainDecision> decision;
  private final TableName table;
  private final ModelRegistry registry;

  /**
   * A job for one model.
   *
   * @param alias that an admitted version is promoted to; empty = it is registered only
   */
  public TrainJob(FeatureStore store, Model model, Optional<String> alias) {
    this(store, model, alias, Optional.empty());
  }

  /**
   * A job that trains a challenger because of a breach, on the split moved to the newest matured
   * days, and compares it with the champion. Its work is complete with the comparison, which alone
   * promotes it, to the champion's alias and where the model's file allows. Killed before, it goes
   * on without another fit.
   */
  public static TrainJob again(FeatureStore store, Model model, RetrainDecision decision) {
    return new TrainJob(store, model, Optional.of(Alias.PRODUCTION), Optional.of(decision));
  }

  private TrainJob(
      FeatureStore store, Model model, Optional<String> alias, Optional<RetrainDecision> decision) {
    this.decision = decision;
    this.checked = store.project();
    this.model = checked.model(model.name());
    this.project = checked.project();
    this.zone = project.zone();
    this.lake = store.lake();
    this.alias = alias;
    this.table = TableName.of("training", this.model.trainingSet().name());
    this.registry = ModelRegistry.open(lake.uri());
  }

  @Override
  public JobKey key() {
    JobKey key = JobKey.of("train", model.name());
    return decision.map(d -> key.with("decision", d.id())).orElse(key);
  }

  @Override
  public JobKey lockKey() {
    return JobKey.of("train", model.name());
  }

  @Override
  public List<Pin> inputs() {
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

  @Override
  public Digest definition() {
    return Digest.of(
        "train 3\n" + model.digest() + "\n" + zone + "\n" + ModelTraining.REPLICAS + moved());
  }

  @Override
  public List<Definition> definitions() {
    return checked.definitions(List.of("model " + model.name()));
  }

  /** What moves the split; empty where it stands as it was written. */
  private String moved() {
    return decision.map(d -> "\nup to " + d.upTo()).orElse("");
  }

  /** The run of the newest version; empty while its promotion, or comparison, is pending. */
  @Override
  public Optional<CompletedRun> recorded(Lake lake) {
    Optional<RegisteredVersion> newest =
        registered(version -> version.decision().equals(decision.map(RetrainDecision::id)));
    return newest
        .filter(
            version -> decision.map(registry::isAnswered).orElseGet(() -> !owesPromotion(version)))
        .map(
            registered -> {
              ModelVersion version = registered.version();
              return new CompletedRun(
                  version.run(),
                  1,
                  registered.at(),
                  List.of(Pin.of(version.trainingSet().table())),
                  version.fingerprint(),
                  List.of(),
                  Optional.of(facts(version, Optional.empty(), Optional.empty())),
                  Map.of(),
                  List.of(node(version)),
                  version.definitions(),
                  version.environment().machine());
            });
  }

  private static LineageNode node(ModelVersion version) {
    return LineageNode.model(version.model(), version.number());
  }

  @Override
  public void run(Attempt attempt) {
    Optional<RegisteredVersion> earlier =
        registered(
            version ->
                decision
                    .map(d -> version.decision().equals(Optional.of(d.id())))
                    .orElseGet(() -> version.fingerprint().equals(attempt.fingerprint())));
    Fitted fitted =
        earlier
            .map(known -> new Fitted(known.version(), Optional.empty()))
            .orElseGet(() -> train(attempt));
    ModelVersion version = fitted.version();
    FitFacts facts = facts(version, fitted.rows(), incumbent(version));
    attempt.report(facts);
    attempt.writes(node(version));
    if (decision.isPresent()) {
      if (compare(attempt, decision.get(), version)) {
        attempt.report(facts.promotedTo(Alias.PRODUCTION));
      }
    } else if (earlier.isEmpty() || earlier.get().retirement().isEmpty()) {
      promote(attempt, version)
          .ifPresent(promoted -> attempt.report(facts.promotedTo(promoted.name())));
    }
  }

  /** A version, with the counts of its rows if this run has fitted it. */
  private record Fitted(ModelVersion version, Optional<FitFacts.Rows> rows) {}

  private Fitted train(Attempt attempt) {
    Pin pin = attempt.inputs().get(0);
    TableVersion built = pin.version();
    Dataset<Row> frame = lake.table(table).read(pin);
    TrainingSetReference reference = reference(built);
    Model definition = model.definition();
    TrainingRows rows =
        TrainingRows.read(
            frame, signature(), definition.slices(), model.dealtBy(), definition.split().salt());
    Digest fit = fit(reference);
    ArtefactStore store = ArtefactStore.open(lake.uri());
    Optional<ModelVersion> fitted =
        newest(v -> v.fit().equals(fit) && store.contains(v.artefact().digest()));
    fitted.ifPresent(
        version ->
            attempt
                .progress()
                .say("%s: fitted as %s, evaluated anew".formatted(key(), version.reference())));
    ModelTraining training =
        ModelTraining.of(
            definition,
            rows,
            leaks(reference),
            InputOrigins.of(rows.signature().inputs(), model.trainingSet()),
            zone,
            decision.map(RetrainDecision::upTo),
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
            parameters(training),
            training.verdicts(),
            ModelEnvironment.current(attempt.environment(), Backend.device()),
            reference,
            Optional.of(onlineUse()),
            model.digest(),
            fit,
            attempt.definitions(),
            attempt.run(),
            attempt.fingerprint(),
            decision.map(RetrainDecision::id));
    return new Fitted(
        registry.register(draft, Principal.osUser(attempt.environment().user())),
        Optional.of(training.counts()));
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
  private Digest fit(TrainingSetReference built) {
    return Digest.of(
        "fit 1\n%s\n%s\n%s\n%s"
                .formatted(model.fit(), built.content(), zone, ModelTraining.REPLICAS)
            + moved());
  }

  /** Compares a challenger with the champion; returns whether it was promoted. */
  private boolean compare(Attempt attempt, RetrainDecision why, ModelVersion challenger) {
    ModelVersion champion = newest(v -> v.number() == why.champion()).orElseThrow();
    Dataset<Row> frame = lake.table(table).read(Pin.of(challenger.trainingSet().table()));
    Comparison comparison =
        ChampionComparison.of(
            frame,
            challenger,
            champion,
            ArtefactStore.open(lake.uri()),
            model.dealtBy(),
            model.definition().split().salt(),
            zone);
    boolean wanted =
        comparison.notWorse()
            && model.definition().retrain().promote() == Model.Promotion.IF_NOT_WORSE;
    boolean promoted =
        registry.compared(
            why,
            challenger,
            comparison,
            wanted ? alias : Optional.empty(),
            Principal.osUser(attempt.environment().user()),
            attempt.run().text());
    attempt
        .progress()
        .say(
            "%s %s%s"
                .formatted(
                    challenger.reference(),
                    comparison,
                    promoted
                        ? ": promoted"
                        : ". Promote it where you see fit: tributary registry promote %s --reason \"…\""
                            .formatted(challenger.reference())));
    return promoted;
  }

  private static FittedNetwork network(ArtefactStore store, ModelVersion version) {
    Digest digest = version.artefact().digest();
    return ModelBundle.of(store.read(digest), digest).network();
  }

  /** The number of rows with leaks, summed over the views. */
  private static long leaks(TrainingSetReference built) {
    return built.shared().inBoth().values().stream().mapToLong(SharedEvents.Count::rows).sum();
  }

  /** The measures that the definition names. */
  private Map<String, Double> chosen(BinaryMetrics measured) {
    Map<String, Double> metrics = measured.named();
    metrics.keySet().retainAll(model.definition().metrics());
    return metrics;
  }

  /** The version that holds the alias, if it is another one. */
  private Optional<FitFacts.Incumbent> incumbent(ModelVersion version) {
    RegisteredModel registered = registry.models().get(model.name());
    return alias
        .flatMap(name -> Optional.ofNullable(registered.aliases().get(name)))
        .filter(holder -> holder.number() != version.number())
        .flatMap(holder -> newest(other -> other.number() == holder.number()))
        .map(holder -> beside(version, holder));
  }

  /**
   * Compares the version that holds the alias; metrics are comparable only on as many rows of the
   * same part with as many true labels.
   */
  private static FitFacts.Incumbent beside(ModelVersion version, ModelVersion holder) {
    FitParameters mine = version.parameters();
    FitParameters theirs = holder.parameters();
    boolean comparable =
        version.trainingSet().name().equals(holder.trainingSet().name())
            && mine.split().testsAs(theirs.split())
            && mine.testRows() == theirs.testRows()
            && mine.testPositives() == theirs.testPositives();
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

  private Optional<Alias> promote(Attempt attempt, ModelVersion version) {
    if (alias.isEmpty()) {
      return Optional.empty();
    }
    if (!version.failed().isEmpty()) {
      attempt
          .progress()
          .say(
              "%s is registered, not promoted: %s"
                  .formatted(
                      version.reference(),
                      String.join(
                          "; ",
                          version.failed().stream().map(AdmissionVerdict::toString).toList())));
      return Optional.empty();
    }
    Optional<String> outdated = registry.outdated(version).or(this::blocked).or(this::overtaken);
    if (outdated.isPresent()) {
      attempt
          .progress()
          .say("%s is registered, not promoted: %s".formatted(version.reference(), outdated.get()));
      return Optional.empty();
    }
    return Optional.of(
        registry.promote(
            version.model(),
            version.number(),
            alias.get(),
            Principal.osUser(attempt.environment().user()),
            "all admission rules hold, run " + attempt.run()));
  }

  /** Why no version of the model may be promoted. */
  private Optional<String> blocked() {
    return Optional.ofNullable(registry.models().get(model.name()))
        .map(RegisteredModel::blocks)
        .filter(blocks -> !blocks.isEmpty())
        .map(
            blocks ->
                "%s, which blocks promotions until somebody allows them again: tributary registry unblock %s --reason \"…\"."
                    .formatted(blocks.get(blocks.size() - 1), model.name()));
  }

  /** Why a version by the split as it is written doesn't replace the one that has the alias. */
  private Optional<String> overtaken() {
    RegisteredModel known = registry.models().get(model.name());
    return alias
        .flatMap(name -> Optional.ofNullable(known.aliases().get(name)))
        .flatMap(holder -> newest(v -> v.number() == holder.number()))
        .filter(holder -> holder.decision().isPresent())
        .filter(holder -> holder.definition().equals(model.digest()))
        .map(
            holder ->
                "%s was trained by the same definition on newer days, because of a breach. Move the split on, or promote the version by hand."
                    .formatted(holder.reference()));
  }

  /** Whether a version may be promoted and never has been. */
  private boolean owesPromotion(RegisteredVersion version) {
    if (alias.isEmpty()
        || !version.version().failed().isEmpty()
        || version.retirement().isPresent()
        || registry.outdated(version.version()).isPresent()
        || blocked().isPresent()
        || overtaken().isPresent()) {
      return false;
    }
    for (ModelChange change : registry.history(model.name())) {
      if (change.number() == version.version().number() && change.alias().equals(alias)) {
        return false;
      }
    }
    return true;
  }

  private Optional<ModelVersion> newest(Predicate<ModelVersion> which) {
    return registered(which).map(RegisteredVersion::version);
  }

  /** The newest such version. */
  private Optional<RegisteredVersion> registered(Predicate<ModelVersion> which) {
    return Optional.ofNullable(registry.models().get(model.name())).stream()
        .flatMap(known -> known.versions().stream())
        .filter(version -> which.test(version.version()))
        .reduce((first, second) -> second);
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

  private static FitFacts facts(
      ModelVersion version, Optional<FitFacts.Rows> rows, Optional<FitFacts.Incumbent> incumbent) {
    return new FitFacts(
        version.reference().toString(),
        version.artefact().digest(),
        version.trainingSet().toString(),
        version.parameters().split(),
        rows,
        version.metrics(),
        version.baselines(),
        version.failed().stream().map(AdmissionVerdict::toString).toList(),
        incumbent,
        Optional.empty());
  }
}
