package io.tributary.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Outcome;
import io.tributary.core.Principal;
import io.tributary.core.TableName;
import io.tributary.definition.Model;
import io.tributary.definition.ProjectReader;
import io.tributary.events.definitions.Meanings;
import io.tributary.events.facts.FitFacts;
import io.tributary.events.facts.JoinCounts;
import io.tributary.events.facts.LabelCounts;
import io.tributary.events.facts.SharedEvents;
import io.tributary.events.facts.TrainingSetFacts;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.events.runs.SampleFacts;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.model.ModelBundle;
import io.tributary.offline.FeatureStore;
import io.tributary.registry.Comparison;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.OnlineUse;
import io.tributary.registry.VersionArchives;
import io.tributary.runtime.JobRunner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ITTrainJob {
  private static final Instant FIRST = Instant.parse("2024-01-01T00:00:00Z");
  private static final Principal ADA = Principal.osUser("ada");
  private static final TableName TABLE = TableName.of("training", "lateness");

  private static LakeSession session;
  private static CheckedProject project;
  private static Path definitions;

  @TempDir Path folder;
  private Lake lake;
  private ModelRegistry registry;

  @BeforeAll
  static void start() throws Exception {
    session = LakeSession.lazy(Map.of("spark.sql.shuffle.partitions", "2"));
    definitions =
        Path.of(ITTrainJob.class.getResource("/rides/tributary.yaml").toURI()).getParent();
    project = CheckedProject.check(ProjectReader.read(definitions, Map.of(), Optional.empty()));
  }

  @AfterAll
  static void stop() {
    session.close();
  }

  @BeforeEach
  void open() {
    lake = Lake.open(folder.toString(), Duration.ofDays(30), session);
    registry = ModelRegistry.open(lake.uri());
  }

  /**
   * A build of the training set: forty rows a day, late the more often the later the driver has
   * been.
   */
  private void build(long seed, Digest definition, String content, long leaks) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Row> rows = new ArrayList<>();
    for (int id = 0; id < 31 * 40; id++) {
      Instant starts = FIRST.plusSeconds(2_160L * id);
      double share = random.nextDouble();
      boolean late = random.nextDouble() < share;
      rows.add(
          RowFactory.create(
              id,
              "d" + id % 3,
              id % 17 + 0.5,
              Timestamp.from(starts),
              Timestamp.from(starts.minusSeconds(3_600)),
              (long) (id % 9),
              share,
              id % 24,
              id % 17 + 0.5,
              late));
    }
    CommitFacts facts =
        SampleFacts.of(
            JobKey.of("training-set", "lateness"),
            FIRST,
            List.of(),
            Optional.of(
                new TrainingSetFacts(
                    7,
                    rows.size(),
                    Digest.of(content),
                    Optional.empty(),
                    List.of(),
                    new LabelCounts(rows.size(), 0, 0, 0, 0),
                    new SharedEvents(
                        Map.of(
                            "driver_history",
                            new SharedEvents.Count(leaks, leaks),
                            "clock",
                            new SharedEvents.Count(0, 0)),
                        Map.of()),
                    new JoinCounts(
                        rows.size(),
                        rows.size(),
                        0,
                        Map.of(),
                        Map.of(),
                        Map.of(),
                        Map.of(),
                        Map.of(),
                        Map.of()),
                    List.of(),
                    List.of(),
                    definition)));
    lake.table(TABLE)
        .replace(
            lake.spark().createDataFrame(rows, project.trainingSet("lateness").schema()), facts);
  }

  private void build(long seed) {
    build(seed, project.trainingSet("lateness").digest(), "content" + seed, 0);
  }

  private RunRecord train(Optional<String> alias) {
    return train(project, alias);
  }

  private RunRecord train(CheckedProject project, Optional<String> alias) {
    Model model = project.model("lateness").definition();
    try (JobRunner runner = JobRunner.open(lake)) {
      return runner.run(new TrainJob(FeatureStore.open(project, lake), model, alias));
    }
  }

  private FitFacts fit(CheckedProject project) {
    return train(project, Optional.of("production")).facts(FitFacts.class).orElseThrow();
  }

  /** The project with another text in its model. */
  private static CheckedProject with(String text, String other) throws Exception {
    return with("models/lateness.yaml", text, other);
  }

  /** The project with another text in the files of that name. */
  private static CheckedProject with(String name, String text, String other) throws Exception {
    Path changed = Files.createTempDirectory("rides");
    try (Stream<Path> files = Files.walk(definitions)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = changed.resolve(definitions.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        String read = Files.readString(file);
        if (file.endsWith(name)) {
          assertThat(read).contains(text);
          read = read.replace(text, other);
        }
        Files.writeString(copy, read);
      }
    }
    return CheckedProject.check(ProjectReader.read(changed, Map.of(), Optional.empty()));
  }

  /**
   * Else each night would take it for its own, find another fingerprint, and undo the promotion.
   */
  @Test
  void anImportedVersionStaysInForceAndIsNoRunOfThisLake(@TempDir Path another) {
    build(1);
    train(Optional.empty());
    Path archive = another.resolve("lateness.zip");
    VersionArchives.open(lake.uri())
        .export("rides", "lateness@1", archive, VersionArchives.Data.NONE);
    lake = Lake.open(another.resolve("lake").toString(), Duration.ofDays(30), session);
    registry = ModelRegistry.open(lake.uri());
    build(2);
    train(Optional.of("trial"));
    ModelVersion imported =
        VersionArchives.open(lake.uri()).restore(archive, Principal.osUser("ada")).version();
    registry.promote("lateness", imported.number(), "trial", Principal.osUser("ada"), "restored");

    assertThat(train(Optional.of("trial")).outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(registry.find("lateness@trial").version()).isEqualTo(imported);
    assertThat(RunLog.open(lake.uri()).find(imported.run().orElseThrow())).isEmpty();

    ModelVersion own = registry.find("lateness@1").version();
    for (List<ModelVersion> pair : List.of(List.of(imported, own), List.of(own, imported))) {
      Comparison compared =
          ChampionComparison.of(lake, pair.get(0), pair.get(1), 0.005, ZoneOffset.UTC);
      assertThat(compared.sameRows().orElseThrow().trainingSet()).isEqualTo("lateness@7");
    }
  }

  @Test
  void registersAndPromotesAnAdmittedModel() {
    build(1);
    RunRecord record = train(Optional.of("production"));
    assertThat(record.outcome()).isEqualTo(Outcome.SUCCEEDED);
    FitFacts facts = record.facts(FitFacts.class).orElseThrow();
    assertThat(facts.model()).isEqualTo("lateness@1");
    assertThat(facts.admitted()).isTrue();
    assertThat(facts.promoted()).contains("production");
    ModelVersion version = registry.resolve("lateness@production");
    assertThat(version.number()).isEqualTo(1);
    assertThat(version.run()).contains(record.run());
    assertThat(version.metrics()).containsOnlyKeys("auc", "log-loss");
    assertThat(version.metrics().get("auc")).isGreaterThan(0.7);
    assertThat(version.baselines()).containsOnlyKeys("constant", "logistic");
    assertThat(version.trainingSet().orElseThrow().toString()).isEqualTo("lateness@7");
    assertThat(version.trainingSet().orElseThrow().content()).isEqualTo(Digest.of("content1"));
    assertThat(version.trainingSet().orElseThrow().table())
        .isEqualTo(lake.find(TABLE).orElseThrow());
    assertThat(version.parameters().orElseThrow().network()).containsExactly("dense(8, relu)");
    assertThat(version.parameters().orElseThrow().seed()).isEqualTo(1);
    assertThat(registry.dependencies(version)).isNotEmpty();
    assertThat(version.environment().orElseThrow().device()).contains("OMP_NUM_THREADS 1");
    assertThat(version.onlineUse().orElseThrow())
        .isEqualTo(
            new OnlineUse(
                false,
                List.of(
                    new OnlineUse.View(
                        "driver_history",
                        "driver_history@1",
                        OnlineUse.Accuracy.EXACT,
                        true,
                        Optional.empty(),
                        "no pipeline publishes it by a schedule"),
                    new OnlineUse.View(
                        "clock",
                        "clock@1",
                        OnlineUse.Accuracy.REQUEST,
                        false,
                        Optional.of(Duration.ZERO),
                        "request"))));
    ModelBundle bundle = ModelBundle.of(registry.artefact(version), version.artefact().digest());
    assertThat(bundle.signature().inputs())
        .extracting(input -> input.column())
        .contains("driver", "driver_history__late_share_7d");
  }

  @Test
  void unchangedTrainingSetIsNotTrainedOnAgainAndAnotherOneIs() {
    build(1);
    train(Optional.of("production"));
    assertThat(train(Optional.of("production")).outcome()).isEqualTo(Outcome.UNCHANGED);
    build(2);
    assertThat(train(Optional.of("production")).outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(registry.resolve("lateness@production").number()).isEqualTo(2);
  }

  @Test
  void sameRowsGiveTheSameArtefact() {
    Digest definition = project.trainingSet("lateness").digest();
    for (String content : List.of("one", "as if another")) {
      build(1, definition, content, 0);
      train(Optional.of("production"));
    }
    assertThat(registry.models().get("lateness").versions())
        .extracting(version -> version.version().artefact().digest())
        .hasSize(2)
        .containsOnly(registry.resolve("lateness@1").artefact().digest());
  }

  @Test
  void modelWithoutAliasIsRegisteredOnly() {
    build(1);
    assertThat(train(Optional.empty()).facts(FitFacts.class).orElseThrow().promoted()).isEmpty();
    assertThat(registry.models().get("lateness").aliases()).isEmpty();
    assertThat(registry.models().get("lateness").versions()).hasSize(1);
  }

  @Test
  void versionThatWasNotYetPromotedIsPromotedWithoutAnotherFit() {
    build(1);
    train(Optional.empty());
    RunRecord record = train(Optional.of("production"));
    assertThat(record.outcome()).isEqualTo(Outcome.SUCCEEDED);
    FitFacts facts = record.facts(FitFacts.class).orElseThrow();
    assertThat(facts.promoted()).contains("production");
    assertThat(facts.rows()).isEmpty();
    assertThat(registry.resolve("lateness@production").number()).isEqualTo(1);
    assertThat(train(Optional.of("production")).outcome()).isEqualTo(Outcome.UNCHANGED);
  }

  @Test
  void aModelOfALeakingTrainingSetIsPromotedOnlyWhereItsRulesSaySo() throws Exception {
    build(1, project.trainingSet("lateness").digest(), "leaking", 143);
    FitFacts facts = fit(project);
    assertThat(facts.refused()).containsExactly("\"leaks <= 0\" does not hold: leaks is 143");
    assertThat(facts.admitted()).isFalse();
    assertThat(facts.promoted()).isEmpty();
    assertThatThrownBy(
            () -> registry.promote("lateness", 1, "production", Principal.osUser("ada"), "now"))
        .hasMessageContaining("\"leaks <= 0\" does not hold: leaks is 143");
    assertThat(registry.resolve("lateness@1").trainingSet().orElseThrow().shared().inBoth())
        .containsEntry("driver_history", new SharedEvents.Count(143, 143));

    assertThat(fit(with("- auc >= 0.5", "- leaks <= 142")).refused())
        .containsExactly("\"leaks <= 142\" does not hold: leaks is 143");
    assertThat(fit(with("- auc >= 0.5", "- leaks <= 143")).promoted()).contains("production");
    assertThat(fit(with("- auc >= 0.5", "- leaks: allowed")).promoted()).contains("production");
    assertThat(registry.resolve("lateness@4").admission())
        .extracting(Object::toString)
        .containsExactly("\"leaks: allowed\" holds: leaks is 143");
  }

  @Test
  void whatAModelIsJudgedByIsAnotherVersionOfTheSameFit() throws Exception {
    build(1);
    train(Optional.of("production"));
    CheckedProject other = with("metrics: [auc, log-loss]", "metrics: [brier, auc]");
    FitFacts facts = fit(other);
    assertThat(facts.metrics()).containsOnlyKeys("auc", "brier");
    assertThat(facts.baselines().get("constant")).containsOnlyKeys("auc", "brier");
    fit(with("auc >= 0.5", "auc >= 0.51"));
    fit(with("[auc, log-loss]", "[auc, log-loss], slices: [driver]"));
    List<ModelVersion> versions =
        registry.models().get("lateness").versions().stream().map(v -> v.version()).toList();
    assertThat(versions)
        .hasSize(4)
        .extracting(ModelVersion::fit)
        .containsOnly(versions.get(0).fit());
    assertThat(versions.subList(0, 3))
        .extracting(v -> v.artefact().digest())
        .containsOnly(versions.get(0).artefact().digest());
    // By slices it says more, of the same network, which another fit would have given too.
    assertThat(versions.get(3).artefact().digest())
        .isNotEqualTo(versions.get(0).artefact().digest());
    assertThat(versions.get(3).artefact().files().get("network.zip"))
        .isEqualTo(versions.get(0).artefact().files().get("network.zip"));
    build(1, project.trainingSet("lateness").digest(), "as if another", 0);
    fit(with("[auc, log-loss]", "[auc, log-loss], slices: [driver]"));
    assertThat(registry.resolve("lateness@5").fit()).isNotEqualTo(versions.get(0).fit());
    assertThat(registry.resolve("lateness@5").artefact()).isEqualTo(versions.get(3).artefact());
    FitFacts seeded = fit(with("seed: 1", "seed: 2"));
    assertThat(registry.resolve("lateness@6").artefact()).isNotEqualTo(versions.get(3).artefact());
    assertThat(seeded.incumbent().orElseThrow().model()).isEqualTo("lateness@5");
  }

  @Test
  void saysHowTheVersionThatItReplacesDid() throws Exception {
    build(1);
    assertThat(fit(project).incumbent()).isEmpty();
    double auc = registry.resolve("lateness@1").metrics().get("auc");
    FitFacts worse = fit(with("learning-rate: 0.01", "learning-rate: 0.000001"));
    FitFacts.Incumbent incumbent = worse.incumbent().orElseThrow();
    assertThat(incumbent.model()).isEqualTo("lateness@1");
    assertThat(incumbent.comparable()).isTrue();
    assertThat(incumbent.metrics()).containsEntry("auc", auc);
    assertThat(incumbent.better()).contains("log-loss");
    FitFacts later = fit(with("test: 2024-01-20/2024-02-01", "test: 2024-01-26/2024-02-01"));
    assertThat(later.incumbent().orElseThrow().comparable()).isFalse();
    assertThat(later.incumbent().orElseThrow().better()).isEmpty();
  }

  private static final String BY_HAND = "tributary registry promote lateness@%d --reason \"…\"";

  private FitFacts.Promotion promotion(FitFacts facts) {
    return facts.promotion().orElseThrow();
  }

  /** What a new user saw: a worse version took production from a better one, without a word. */
  @Test
  void aWorseVersionStaysOutAndABetterOneIsPromoted() throws Exception {
    build(1);
    fit(project);
    String fit = "%s, batch: 64, epochs: 3, patience: 2, seed: 1}";
    String rule = "\nevaluate: {metrics: [auc, log-loss]}\nadmit:\n  - auc >= ";
    CheckedProject poor =
        with(fit.formatted("0.01") + rule + "0.5", fit.formatted("0.000001") + rule + "0.1");
    FitFacts worse = fit(poor);
    assertThat(worse.promoted()).isEmpty();
    assertThat(worse.admitted()).isTrue();
    assertThat(promotion(worse).verdict()).contains("worse");
    assertThat(promotion(worse).comparison().orElseThrow())
        .startsWith("beside @1: auc -0.")
        .contains("over 12 nights: surely worse");
    assertThat(worse.report())
        .endsWith(
            promotion(worse).comparison().orElseThrow(),
            "not promoted: it is worse",
            "lateness@1 stays in production; whoever promotes this version all the same: "
                + BY_HAND.formatted(2));
    assertThat(registry.resolve("lateness@production").number()).isEqualTo(1);
    assertThat(train(poor, Optional.of("production")).outcome())
        .as("decided")
        .isEqualTo(Outcome.UNCHANGED);
    Comparison compared =
        registry.promotions().comparison(registry.resolve("lateness@2").reference(), 1).get();
    assertThat(compared.sameRows().orElseThrow().metrics())
        .as("all its test rows")
        .containsEntry("auc", registry.resolve("lateness@2").metrics().get("auc"));
    assertThat(compared.sameRows().orElseThrow().champion())
        .containsEntry("auc", registry.resolve("lateness@1").metrics().get("auc"));
    assertThat(compared.measures().get("auc").upper()).isNegative();

    registry.promote("lateness", 2, "production", Principal.osUser("ada"), "to see");
    FitFacts better = fit(with("seed: 1", "seed: 2"));
    assertThat(better.promoted()).contains("production");
    assertThat(promotion(better).verdict()).contains("not worse");
    assertThat(better.report())
        .contains("promoted to production: not worse than @2, as its model's file allows");
    assertThat(registry.history("lateness"))
        .filteredOn(change -> change.kind().equals("promoted") && change.number() == 3)
        .singleElement()
        .asString()
        .contains("beside @2: auc +0.");
  }

  @Test
  void ofTooFewNightsNothingCanBeTold() throws Exception {
    build(1);
    CheckedProject few = with("test: 2024-01-20/2024-02-01", "test: 2024-01-26/2024-02-01");
    fit(few);
    build(2);
    FitFacts facts = fit(few);
    assertThat(promotion(facts).verdict()).contains("cannot tell");
    assertThat(promotion(facts).comparison())
        .contains("beside @1: cannot tell: 6 nights have labels of both kinds, and 8 are needed");
    assertThat(registry.resolve("lateness@production").number()).isEqualTo(1);
    assertThat(promotion(facts).byHand()).contains(BY_HAND.formatted(2));
    registry.promote("lateness", 2, "production", Principal.osUser("ada"), "it is newer");
  }

  /** As where a slice is added, or a rule loosened: the difference is none by construction. */
  @Test
  void theSameArtefactIsNotWorseOfFewNightsEither() throws Exception {
    CheckedProject few = with("test: 2024-01-20/2024-02-01", "test: 2024-01-26/2024-02-01");
    build(1);
    fit(few);
    build(1, few.trainingSet("lateness").digest(), "as if another", 0);
    FitFacts facts = fit(few);
    assertThat(promotion(facts).comparison())
        .contains(
            "beside @1: auc +0.0000 (+0.0000 to +0.0000), log-loss +0.0000 (+0.0000 to +0.0000), the same artefact, not worse");
    assertThat(registry.resolve("lateness@production").number()).isEqualTo(2);
    Comparison.SameRows rows =
        registry
            .promotions()
            .comparison(registry.resolve("lateness@2").reference(), 1)
            .flatMap(Comparison::sameRows)
            .orElseThrow();
    assertThat(rows.metrics())
        .as("rules beside production need them")
        .containsEntry("auc", registry.resolve("lateness@1").metrics().get("auc"))
        .isEqualTo(rows.champion());
  }

  private FitFacts.Promotion trained(CheckedProject other, long seed) {
    build(seed, other.trainingSet("lateness").digest(), "content" + seed, 0);
    return promotion(fit(other));
  }

  /** Its columns have the same names, and values that the version in force can't read. */
  @Test
  void doesNotCompareOnRowsThatMeanSomethingElse() throws Exception {
    build(1);
    fit(project);
    CheckedProject otherLabel = with("training-sets/lateness.yaml", "delay > 15", "delay > 30");
    assertThat(trained(otherLabel, 2).comparison())
        .contains(
            "beside @1: cannot tell: the labels of the rows are defined otherwise than those that one was trained on");

    CheckedProject amended = with("features/driver_history.yaml", "delay > 15", "delay > 20");
    Definition view =
        amended.definitions(List.of("view driver_history@1")).stream()
            .reduce((a, b) -> b)
            .orElseThrow();
    Meanings meanings = lake.definitions().meanings();
    Meanings.Change change =
        meanings.amend(
            view,
            lake.definitions().store().put(view),
            meanings.fixed(view.reference()).orElseThrow(),
            List.of(),
            FIRST,
            ADA,
            "later");
    assertThat(trained(amended, 3).comparison())
        .contains(
            "beside @1: cannot tell: the rows have another meaning of driver_history@1 than one was trained on");
    meanings.accept(change, List.of("lateness@1"), FIRST, ADA, "much the same");
    assertThat(trained(amended, 4).comparison().orElseThrow())
        .as("accepted as it is")
        .contains("over 12 nights");
  }

  /** What kept the two from being compared is mended, and the version must not be lost. */
  @Test
  void comparesAgainOnceTheOtherArtefactIsThere() throws Exception {
    build(1);
    fit(project);
    Path artefact = artefact(registry.resolve("lateness@1"));
    Path away = folder.resolveSibling(folder.getFileName() + "-away");
    Files.move(artefact, away);
    build(2);
    assertThat(promotion(fit(project)).comparison().orElseThrow())
        .startsWith("beside @1: cannot tell: Cannot use artefact ");
    assertThat(train(Optional.of("production")).outcome()).isEqualTo(Outcome.UNCHANGED);
    Files.move(away, artefact);
    Comparison compared =
        ChallengeMain.compared(
            lake,
            registry.resolve("lateness@2"),
            registry.resolve("lateness@1"),
            0.05,
            project.project().zone());
    assertThat(compared.sameRows()).isPresent();
    assertThat(fit(project).promoted()).as("by what is told now").contains("production");
  }

  private Path artefact(ModelVersion version) throws Exception {
    String digest = version.artefact().digest().toString();
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isDirectory)
          .filter(path -> digest.endsWith(path.getFileName().toString()))
          .filter(path -> path.getFileName().toString().length() > 16)
          .findFirst()
          .orElseThrow();
    }
  }

  /** The champion was fitted to the version's test rows, and the version to none of its. */
  @Test
  void comparesOnTheOthersTestRowsWhereItsOwnWereLearnt() throws Exception {
    build(1);
    fit(project);
    FitFacts facts =
        fit(
            with(
                "{train: 2024-01-01/2024-01-16, validate: 2024-01-16/2024-01-20, test: 2024-01-20/2024-02-01}",
                "{train: 2024-01-01/2024-01-08, validate: 2024-01-08/2024-01-10, test: 2024-01-10/2024-01-20}"));
    assertThat(promotion(facts).comparison().orElseThrow()).contains("over 12 nights: ");
    FitFacts both =
        fit(
            with(
                "{train: 2024-01-01/2024-01-16, validate: 2024-01-16/2024-01-20, test: 2024-01-20/2024-02-01}",
                "{train: 2024-01-12/2024-01-26, validate: 2024-01-26/2024-02-01, test: 2024-01-01/2024-01-12}"));
    assertThat(promotion(both).comparison().orElseThrow())
        .endsWith(
            "cannot tell: each may have been fitted to some of the rows that the other is tested on");
  }

  @Test
  void leavesPromotingToAPersonWhereTheModelsFileSaysSo() throws Exception {
    build(1);
    CheckedProject byHand = with("margin: 0.05", "margin: 0.05\npromote: by-hand");
    FitFacts first = fit(byHand);
    assertThat(first.promoted()).isEmpty();
    assertThat(first.report())
        .endsWith(
            "not promoted: the model's file leaves promoting to a person",
            "whoever promotes this version all the same: " + BY_HAND.formatted(1));
    assertThat(train(byHand, Optional.of("production")).outcome()).isEqualTo(Outcome.UNCHANGED);
    registry.promote("lateness", 1, "production", Principal.osUser("ada"), "the first");
    build(2);
    FitFacts second = fit(byHand);
    assertThat(second.promoted()).isEmpty();
    assertThat(promotion(second).verdict()).as("compared all the same").contains("not worse");
    registry.promote("lateness", 2, "production", Principal.osUser("ada"), "newer");
  }

  /** A process that died behind the registration; another one may have a changed policy. */
  @Test
  void theNextRunComparesWhatADeadOneHasRegistered() throws Exception {
    build(1);
    train(Optional.of("production"));
    build(2);
    train(Optional.empty());
    assertThat(registry.models().get("lateness").versions()).hasSize(2);
    FitFacts facts = fit(project);
    assertThat(facts.rows()).as("not fitted again").isEmpty();
    assertThat(facts.promoted()).contains("production");
    assertThat(registry.models().get("lateness").versions()).hasSize(2);
    assertThat(train(Optional.of("production")).outcome()).isEqualTo(Outcome.UNCHANGED);
  }

  @Test
  void rulesBesideProductionAreJudgedOnTheSameRows() throws Exception {
    build(1);
    String rules = "- auc >= production - 0.5\n  - log-loss <= production\n  - reproduced";
    FitFacts first = fit(with("- auc >= 0.5", rules));
    assertThat(first.admitted()).isTrue();
    assertThat(promotion(first).followed())
        .isEqualTo(
            "not promoted: admission rule \"reproduced\" does not hold: it was not made again. Do"
                + " so: tributary reproduce lateness@1.");
    registry.reproduced(
        "lateness@1",
        registry.resolve("lateness@1").artefact().digest(),
        lake.environment(),
        Principal.osUser("ada"));
    assertThat(fit(with("- auc >= 0.5", rules)).promoted()).contains("production");
    fit(project);
    FitFacts strict = fit(with("- auc >= 0.5", "- auc > production"));
    assertThat(promotion(strict).verdict()).as("the same network").contains("not worse");
    assertThat(promotion(strict).followed())
        .startsWith("not promoted: admission rule \"auc > production\" does not hold: auc is 0.")
        .contains(", and on the same rows it has to be > 0.");
  }

  private static final String TRAINED = "2023-12-31T23:00:00Z/2024-01-24T23:00:00Z";

  private static FitFacts.Part part(String name, String written, String asOf, int from, int to) {
    return new FitFacts.Part(
        name, Optional.of(written), Optional.of(Interval.parse(asOf)), from, to);
  }

  @Test
  void theInstantsOfASplitThatCountsDaysStandInItsFacts() throws Exception {
    build(1);
    FitFacts facts =
        fit(
            with(
                "{train: 2024-01-01/2024-01-16, validate: 2024-01-16/2024-01-20, test: 2024-01-20/2024-02-01}",
                "{train: 2024-01-01/-7d, test: -7d/0d}"));
    // The newest row asks at 23:24 of 31 January in Berlin.
    assertThat(facts.split())
        .isEqualTo(
            new FitFacts.Split(
                List.of(),
                "",
                Instant.parse("2024-01-31T23:00:00Z"),
                List.of(
                    part("train", "2023-12-31T23:00:00Z/-7d", TRAINED, 0, 8_500),
                    new FitFacts.Part(
                        "validate",
                        Optional.empty(),
                        Optional.of(Interval.parse(TRAINED)),
                        8_500,
                        10_000),
                    part(
                        "test",
                        "-7d/0d",
                        "2024-01-24T23:00:00Z/2024-01-31T23:00:00Z",
                        0,
                        10_000))));
    assertThat(registry.resolve("lateness@1").parameters().orElseThrow().split())
        .isEqualTo(facts.split());
    assertThat(facts.rows().orElseThrow().validate()).isBetween(100L, 200L);
  }

  @Test
  void refusesATrainingSetThatIsMissingOrOfAnotherDefinition() {
    assertThatThrownBy(() -> train(Optional.empty()))
        .hasMessage(
            "Cannot train model lateness: its training set lateness has not been built. Build it first: tributary training-set.");
    build(1, Digest.of("another"), "content", 0);
    assertThatThrownBy(() -> train(Optional.empty()))
        .hasMessageContaining(
            "training set lateness was built from another definition than the present one");
    assertThat(registry.models()).isEmpty();
  }
}
