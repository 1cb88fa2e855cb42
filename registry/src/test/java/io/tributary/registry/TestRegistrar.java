package io.tributary.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Outcome;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.RunId;
import io.tributary.core.TableVersion;
import io.tributary.events.definitions.DefinitionStore;
import io.tributary.events.facts.JoinCounts;
import io.tributary.events.facts.LabelCounts;
import io.tributary.events.facts.SharedEvents;
import io.tributary.events.facts.TrainingSetFacts;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.registry.TrainedElsewhere.Input;
import io.tributary.registry.TrainedElsewhere.Kind;
import io.tributary.registry.TrainedElsewhere.Problem;
import io.tributary.registry.provenance.Provenance;
import io.tributary.registry.provenance.Tracer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestRegistrar {
  private static final Principal ADA = Principal.osUser("ada");
  private static final TableVersion TABLE = TableVersion.parse("training.late_arrival@3#9f-1");
  private static final Pin FLIGHTS = Pin.upTo(TableVersion.parse("validated.flights@5#77"), 5);
  private static final TrainingSetFacts FACTS =
      new TrainingSetFacts(
          3,
          100,
          Digest.of("rows"),
          Optional.empty(),
          List.of(),
          new LabelCounts(100, 0, 0, 0, 0),
          new SharedEvents(Map.of("carrier_history", new SharedEvents.Count(3, 2)), Map.of()),
          new JoinCounts(100, 100, 0, Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Map.of()),
          List.of(),
          List.of(),
          Digest.of("definition"));

  @TempDir Path folder;
  private String lake;
  private Registrar registrar;

  @BeforeEach
  void open() {
    lake = folder.resolve("lake").toString();
    registrar = Registrar.open(lake);
  }

  private static SortedMap<String, byte[]> files(String... namesAndTexts) {
    SortedMap<String, byte[]> files = new TreeMap<>();
    for (int i = 0; i < namesAndTexts.length; i += 2) {
      files.put(namesAndTexts[i], namesAndTexts[i + 1].getBytes(UTF_8));
    }
    return files;
  }

  private static TrainedElsewhere said(Kind kind, Problem problem) {
    return new TrainedElsewhere(
        kind,
        problem,
        Optional.of("boosted trees"),
        List.of(new Input("dep_delay", "double")),
        Optional.of("late"),
        Optional.empty(),
        Optional.of(Interval.parse("2013-11-01/2013-12-01", ZoneOffset.UTC)),
        Map.of("trees", "300"),
        Optional.of("9f3c2e1"),
        Map.of("python", "3.11.8"));
  }

  private static Registration onnx(Optional<TrainingSetReference> set) {
    return new Registration(
        "late_arrival",
        files("model.onnx", "weights", "LICENSE", "free"),
        said(Kind.ONNX, Problem.BINARY),
        Map.of("auc", 0.741),
        set,
        List.of());
  }

  private void build() throws Exception {
    LakeIdentity.ensure(lake, new LakeIdentity.Build(Instant.EPOCH, "abc", false));
    Files.createDirectories(folder.resolve("lake/training/late_arrival/_delta_log"));
    RunLog.open(lake)
        .append(
            List.of(
                new RunRecord(
                    RunId.parse("20260131T061500Z-1a2b3c4d"),
                    JobKey.of("training-set", "late_arrival"),
                    1,
                    Outcome.SUCCEEDED,
                    Optional.empty(),
                    Optional.empty(),
                    "",
                    Instant.parse("2026-01-31T06:15:00Z"),
                    1,
                    List.of(FLIGHTS),
                    List.of(TABLE),
                    Optional.of(FACTS),
                    Map.of(),
                    List.of(),
                    List.of(),
                    Map.of("view carrier_history@1", Digest.of("view")),
                    Optional.empty(),
                    new Environment("abc", false, "17", "Linux", "ada", "host"))));
  }

  @Test
  void becomesTheNextVersionAndTellsWhatIsOnlySaid() {
    ModelVersion version = registrar.register(onnx(Optional.empty()), ADA);

    assertThat(version.reference().toString()).isEqualTo("late_arrival@1");
    ModelRegistry registry = ModelRegistry.open(lake);
    RegisteredVersion found = registry.find("late_arrival@1");
    assertThat(found.version()).isEqualTo(version);
    assertThat(found.principal()).isEqualTo(ADA);
    assertThat(found.description()).contains("boosted trees");
    assertThat(version.elsewhere()).contains(said(Kind.ONNX, Problem.BINARY));
    assertThat(version.metrics()).isEqualTo(Map.of("auc", 0.741));
    assertThat(version.trainedOn()).isEqualTo("none");
    assertThat(registry.artefact(version).keySet())
        .containsExactly("LICENSE", "model.onnx", "signature.json");
    assertThat(registry.dependencies(version)).isEmpty();
    assertThat(found.artefacts()).containsExactly(version.artefact().digest());
    assertThat(LakeIdentity.require(lake)).as("a lake that nothing ran in yet").isPresent();
    assertThat(registry.models().get("late_arrival").aliases()).as("promoted by none").isEmpty();
  }

  @Test
  void theSameAgainIsTheVersionThatIsThereAndAnythingElseAnother() throws Exception {
    build();
    ModelVersion first = registrar.register(onnx(Optional.empty()), ADA);
    long events = ModelRegistry.open(lake).changes().size();

    assertThat(Registrar.open(lake).register(onnx(Optional.empty()), Principal.osUser("bob")))
        .isEqualTo(first);
    assertThat(ModelRegistry.open(lake).changes()).hasSize((int) events);

    Registration same = onnx(Optional.empty());
    assertThat(
            registrar
                .register(
                    new Registration(
                        same.model(),
                        same.files(),
                        same.said(),
                        Map.of("auc", 0.742),
                        same.trainingSet(),
                        same.admission()),
                    ADA)
                .number())
        .isEqualTo(2);
    assertThat(
            registrar
                .register(onnx(Optional.of(registrar.trainingSet("late_arrival", 3))), ADA)
                .number())
        .isEqualTo(3);
  }

  @Test
  void whoWasKilledAfterTheFilesRegistersAgain() {
    String other = folder.resolve("other").toString();
    ModelVersion there = Registrar.open(other).register(onnx(Optional.empty()), ADA);
    Artefact left = ArtefactStore.open(lake).put(ModelRegistry.open(other).artefact(there));

    ModelVersion version = registrar.register(onnx(Optional.empty()), ADA);

    assertThat(version.artefact()).isEqualTo(left);
    assertThat(version.number()).isEqualTo(1);
  }

  @Test
  void knowsTheBuildThatItWasTrainedOn() throws Exception {
    build();
    TrainingSetReference set = registrar.trainingSet("late_arrival", 3);
    assertThat(set)
        .isEqualTo(
            new TrainingSetReference(
                "late_arrival",
                3,
                TABLE,
                List.of(FLIGHTS),
                FACTS.definition(),
                FACTS.content(),
                FACTS.shared()));
    assertThat(set.leaks()).isEqualTo(2);

    ModelVersion version = registrar.register(onnx(Optional.of(set)), ADA);

    assertThat(version.definitions()).containsKey("view carrier_history@1");
    Provenance traced = Tracer.open(lake).model("late_arrival@1");
    Provenance.Node root = traced.nodes().get(traced.nodes().size() - 1);
    assertThat(root.facts())
        .containsEntry("trained", "elsewhere, as its registration says")
        .containsEntry("trained-on", "late_arrival@3")
        .containsEntry("code", "9f3c2e1");
    assertThat(root.from()).containsExactly("table:training.late_arrival@3");
    List<VersionSearch.Found> leaking =
        ModelRegistry.open(lake).search(VersionSearch.parse("leaks > 0", () -> ZoneOffset.UTC));
    assertThat(leaking).hasSize(1);
  }

  /** What it read of its training set nobody knows for sure. */
  @Test
  void isCoveredByAMarkOfWhatItsTrainingSetHasWhateverTheMarkKnew() throws Exception {
    build();
    String version =
        registrar
            .register(onnx(Optional.of(registrar.trainingSet("late_arrival", 3))), ADA)
            .reference()
            .toString();
    ModelRegistry registry = ModelRegistry.open(lake);
    for (long known = 0; known <= 1; known++) {
      Coverage coverage =
          new Coverage(List.of(), Map.of(), Map.of(), Optional.of(Map.of("late_arrival", known)));
      Suspects.open(lake).mark("delivery:flights@5", coverage, ADA, "in seconds");

      assertThatThrownBy(() -> registry.resolve(version)).hasMessageContaining("in seconds");
      assertThat(suspects(registry)).containsExactly(version);
      Suspects.open(lake).clear("delivery:flights@5", ADA, "in minutes");
      assertThat(suspects(registry)).isEmpty();
    }
  }

  private static List<String> suspects(ModelRegistry registry) {
    return registry.search(VersionSearch.parse("status = suspect", () -> ZoneOffset.UTC)).stream()
        .map(found -> found.version().toString())
        .toList();
  }

  @Test
  void isFoundTracedAndComparedWithoutATrainingSet() {
    ArtefactStore store = ArtefactStore.open(lake);
    ModelRegistry registry = ModelRegistry.open(lake);
    registry.register(Drafts.draft(store, "here", 0.75), ADA);
    registrar.register(onnx(Optional.empty()), ADA);

    assertThat(registry.search(VersionSearch.parse("training-set = none", () -> ZoneOffset.UTC)))
        .singleElement()
        .satisfies(
            found -> {
              assertThat(found.version().toString()).isEqualTo("late_arrival@2");
              assertThat(found.description()).contains("boosted trees");
              assertThat(found.leaks()).isEmpty();
            });
    Provenance traced = Tracer.open(lake).model("late_arrival@2");
    assertThat(traced.nodes())
        .singleElement()
        .extracting(n -> n.facts().get("trained-on"))
        .isEqualTo("none");
    SideBySide both =
        SideBySide.of(
            registry, DefinitionStore.open(lake), List.of("late_arrival@1", "late_arrival@2"));
    assertThat(values(both, "training set")).containsExactly("late_arrival@3", "none");
    assertThat(values(both, "trained")).containsExactly("here", "elsewhere");
    assertThat(both.inputs().get("late_arrival@2").added()).containsExactly("dep_delay");
    assertThat(values(both, "measured on"))
        .containsExactly("", "2013-11-01T00:00:00Z/2013-12-01T00:00:00Z");
    assertThat(values(both, "code")).containsExactly("abc123", "9f3c2e1");
    assertThat(values(both, "trees")).containsExactly("", "300");
  }

  private static List<String> values(SideBySide both, String name) {
    return both.facts().stream()
        .filter(fact -> fact.name().equals(name))
        .flatMap(fact -> fact.values().stream())
        .map(value -> value.asText())
        .toList();
  }

  @Test
  void ofOnnxThereIsNoBundleAndFilesAreNotScored() {
    ModelVersion onnx = registrar.register(onnx(Optional.empty()), ADA);
    assertThat(onnx.hasBundle()).isFalse();
    onnx.requireScorable("score with late_arrival@1");
    Registration registration = onnx(Optional.empty());
    ModelVersion files =
        registrar.register(
            new Registration(
                registration.model(),
                registration.files(),
                said(Kind.FILES, Problem.BINARY),
                Map.of(),
                Optional.empty(),
                List.of()),
            ADA);
    assertThatThrownBy(() -> files.requireScorable("score with late_arrival@2"))
        .hasMessage(
            "Cannot score with late_arrival@2: it is registered as files, of problem binary, and bundles and ONNX models of problem binary or number alone are scored. Whoever registered it scores it elsewhere, or registers it as one of these.");
    ModelVersion number =
        registrar.register(
            new Registration(
                registration.model(),
                registration.files(),
                said(Kind.ONNX, Problem.NUMBER),
                Map.of("rmse", 12.5),
                Optional.empty(),
                List.of()),
            ADA);
    number.requireScorable("score with late_arrival@3");
    assertThat(number.problem()).isEqualTo(Problem.NUMBER);
    onnx.requireBinary("evaluate late_arrival@1", "");
    assertThatThrownBy(() -> number.requireBinary("evaluate late_arrival@3", "Ada measures it."))
        .hasMessage(
            "Cannot evaluate late_arrival@3: late_arrival@3 is of problem number, and scores are measured in this version where they are probabilities of a label that is true or false. Ada measures it.");
    ModelVersion here = Drafts.draft(ArtefactStore.open(lake), "here", 0.7);
    assertThat(here.hasBundle()).isTrue();
    assertThat(here.problem()).isEqualTo(Problem.BINARY);
  }

  /** Nobody can compare them, so a person decides, and is not sent round in a circle. */
  @Test
  void aPersonPromotesOneOverAnotherWithoutAcomparison() {
    ModelRegistry registry = ModelRegistry.open(lake);
    registrar.register(onnx(Optional.empty()), ADA);
    registry.promote("late_arrival", 1, "production", ADA, "the first");
    AdmissionVerdict beside =
        AdmissionVerdict.atPromotion("auc >= production - 0.005", "auc", ">=", -0.005);
    registrar.register(ruled("others", beside), ADA);
    registry.promote("late_arrival", 2, "production", ADA, "better in the trial");
    registry.register(
        Drafts.with(
            Drafts.draft(ArtefactStore.open(lake), "late_arrival", "fitted here", 0.7), beside),
        ADA);
    registry.promote("late_arrival", 3, "production", ADA, "ours again");
    assertThat(registry.find("late_arrival@production").version().number()).isEqualTo(3);

    registrar.register(
        ruled("again", AdmissionVerdict.atPromotion("reproduced", "reproduced", ">=", 0)), ADA);
    assertThatThrownBy(() -> registry.promote("late_arrival", 4, "production", ADA, "so"))
        .hasMessage(
            "Cannot promote late_arrival@4 to production: admission rule \"reproduced\" does not hold: it was trained elsewhere, and can't be made again here. Correct what its model-version.yaml says, or the rules in the model's definition, and register the folder again.");
  }

  private static Registration ruled(String weights, AdmissionVerdict rule) {
    return new Registration(
        "late_arrival",
        files("model.onnx", weights),
        said(Kind.ONNX, Problem.BINARY),
        Map.of("auc", 0.741),
        Optional.empty(),
        List.of(rule));
  }

  @Test
  void isNotMadeAgain() {
    ModelVersion version = registrar.register(onnx(Optional.empty()), ADA);
    assertThatThrownBy(() -> version.requireFittedHere("reproduce late_arrival@1"))
        .hasMessage(
            "Cannot reproduce late_arrival@1: it was trained elsewhere, and the lake has only what its registration says. Ask whoever registered it: tributary registry show late_arrival@1.");
  }

  @Test
  void readsWhatABundleSaysOfItself() {
    String signature =
        "{\"model\":\"x\",\"inputs\":[{\"column\":\"a\",\"type\":\"double\"}],\"label\":\"late\"}";
    SortedMap<String, byte[]> files = files("signature.json", signature);
    files.put(
        "bundle.json",
        "{\"format\":1,\"files\":{\"signature.json\":\"%s\"}}"
            .formatted(Digest.of(signature))
            .getBytes(UTF_8));
    Registration bundle =
        new Registration(
            "late_arrival",
            files,
            said(Kind.BUNDLE, Problem.NUMBER),
            Map.of(),
            Optional.empty(),
            List.of());

    ModelVersion version = registrar.register(bundle, ADA);

    TrainedElsewhere said = version.elsewhere().orElseThrow();
    assertThat(said.problem()).isEqualTo(Problem.BINARY);
    assertThat(said.inputs()).containsExactly(new Input("a", "double"));
    assertThat(said.label()).contains("late");
    files.put("signature.json", (signature + " ").getBytes(UTF_8));
    refused(
        new Registration(
            "late_arrival", files, bundle.said(), Map.of(), Optional.empty(), List.of()),
        ErrorCode.INVALID_REQUEST,
        "Cannot register a version of late_arrival as bundle: its files are not those that bundle.json names by their SHA-256. Copy all files of the artefact, unaltered.");
  }

  private void refused(Registration registration, ErrorCode code, String message) {
    assertThatThrownBy(() -> registrar.register(registration, ADA))
        .isInstanceOfSatisfying(PlatformException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessage(message);
    assertThat(ModelRegistry.open(lake).models().values())
        .allSatisfy(model -> assertThat(model.versions()).hasSize(1));
  }

  private void refused(Kind kind, SortedMap<String, byte[]> files, String why) {
    refused(
        new Registration(
            "late_arrival",
            files,
            said(kind, Problem.BINARY),
            Map.of(),
            Optional.empty(),
            List.of()),
        ErrorCode.INVALID_REQUEST,
        "Cannot register a version of late_arrival as " + why);
  }

  @Test
  void refusesFilesThatAreNotWhatTheyAreSaidToBe() {
    refused(
        Kind.ONNX,
        files("model.pkl", "x"),
        "onnx: no file ends in .onnx. Add the model, or say kind: files.");
    refused(
        Kind.ONNX,
        files("a.onnx", "x", "b.onnx", "y"),
        "onnx: a.onnx and b.onnx are several models. Keep one, or say kind: files.");
    refused(
        Kind.ONNX,
        files("a.onnx", "x", "signature.json", "{}"),
        "onnx: signature.json is a name for what is said of its inputs. Give the file another one.");
    refused(Kind.FILES, files(), "files: there is no file. Add those that it is made of.");
    refused(
        Kind.BUNDLE,
        files("network.zip", "x"),
        "bundle: a bundle has bundle.json and signature.json, and the folder has not. Copy all files of the artefact, or say kind: files.");
    refused(
        Kind.BUNDLE,
        files("bundle.json", "no", "signature.json", "{}"),
        "bundle: bundle.json is no JSON. Copy all files of the artefact, unaltered.");
  }

  @Test
  void refusesTextsAsInputsOfOnnx() {
    TrainedElsewhere numbers = said(Kind.ONNX, Problem.BINARY);
    refused(
        new Registration(
            "late_arrival",
            files("a.onnx", "x"),
            new TrainedElsewhere(
                numbers.kind(),
                numbers.problem(),
                numbers.description(),
                List.of(new Input("dep_delay", "decimal(9,2)"), new Input("carrier", "string")),
                numbers.label(),
                numbers.output(),
                numbers.measured(),
                numbers.parameters(),
                numbers.code(),
                numbers.environment()),
            Map.of(),
            Optional.empty(),
            List.of()),
        ErrorCode.INVALID_REQUEST,
        "Cannot register a version of late_arrival as onnx: its input carrier is of type string, and numbers and booleans alone are given to it. Make numbers of it by a derived feature, or say kind: files.");
  }

  @Test
  void refusesABuildThatTheLakeHasNot() throws Exception {
    assertThatThrownBy(() -> registrar.trainingSet("late_arrival", 3))
        .hasMessage(
            "Cannot register a model trained on late_arrival@3: no run built training set late_arrival. Name a build of this lake, or write training-set: none.");
    build();
    assertThatThrownBy(() -> registrar.trainingSet("late_arrival", 4))
        .hasMessage(
            "Cannot register a model trained on late_arrival@4: the builds of late_arrival are 3. Name a build of this lake, or write training-set: none.");
    Files.delete(folder.resolve("lake/training/late_arrival/_delta_log"));
    assertThatThrownBy(() -> registrar.trainingSet("late_arrival", 3))
        .hasMessage(
            "Cannot register a model trained on late_arrival@3: run 20260131T061500Z-1a2b3c4d built it, but table training.late_arrival is gone. Whoever operates the lake restores it; or write training-set: none.");
  }
}
