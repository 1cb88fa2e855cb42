package io.tributary.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import io.tributary.core.Principal;
import io.tributary.events.EventLog;
import io.tributary.registry.ArtefactStore;
import io.tributary.registry.ModelRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user says and sees of a model that was trained elsewhere. */
class TestRegisterCommand {
  @TempDir Path folder;
  private Path project;
  private Path model;

  private record Answered(int code, String out, String err) {}

  @BeforeEach
  void writeProject() throws IOException {
    project = folder.resolve("shop");
    model = folder.resolve("trees");
    write(
        project.resolve("tributary.yaml"),
        "project: shop",
        "zone: America/New_York",
        "lake: lake",
        "online: rocksdb:${lake}/online");
    write(
        project.resolve("sources/orders.yaml"),
        "source: orders",
        "read: {format: csv, path: data/orders.csv, header: true}",
        "columns: {customer: string, order_id: long, paid: double, late: boolean, at: timestamp}",
        "event-key: [order_id]",
        "event-time: at");
    write(
        project.resolve("features/spending.yaml"),
        "view: spending@1",
        "entity: [customer]",
        "source: orders",
        "features:",
        "  paid: sum(paid) over 7d");
    write(
        project.resolve("training-sets/late.yaml"),
        "training-set: late",
        "rows:",
        "  source: orders",
        "  as-of: at",
        "label:",
        "  name: late",
        "  value: late",
        "features: [spending@1]");
    write(
        project.resolve("models/late.yaml"),
        "model: late",
        "training-set: late",
        "split: {train: -60d/-10d, test: -10d/0d}",
        "inputs: {default: standardize}",
        "network:",
        "  - dense(8, relu)",
        "admit: [auc >= 0.72]");
    describe();
    write(model.resolve("model.onnx"), "weights");
  }

  private void describe(String... more) throws IOException {
    List<String> lines =
        new ArrayList<>(
            List.of(
                "model: late",
                "kind: onnx",
                "training-set: none",
                "description: boosted trees",
                "inputs:",
                "  spending__paid_7d: double",
                "label: late",
                "metrics: {auc: 0.70}",
                "measured-on: 2024-01-01/2024-02-01",
                "parameters: {trees: 300}",
                "code-revision: 9f3c2e1, with uncommitted changes",
                "environment: {python: 3.11.8}"));
    lines.addAll(Arrays.asList(more));
    write(model.resolve("model-version.yaml"), lines.toArray(String[]::new));
  }

  private static void write(Path file, String... lines) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, String.join("\n", lines) + "\n");
  }

  private Answered run(String... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> args = new ArrayList<>(Arrays.asList(words));
    args.add("--project=" + project);
    int code =
        Tributary.run(
            new PrintWriter(out, true), new PrintWriter(err, true), args.toArray(String[]::new));
    return new Answered(code, out.toString(), err.toString());
  }

  private Answered register() {
    return run("registry", "register", model.toString());
  }

  @Test
  void isAVersionOfWhichEachCommandSaysThatItIsFromElsewhere() {
    Answered registered = register();
    assertThat(registered.err()).isEmpty();
    assertThat(registered.out())
        .isEqualTo(
            "late@1 is registered: onnx, 2 files of 142 bytes, training set none\n"
                + "admission rule \"auc >= 0.72\" does not hold: auc is 0.7\n");
    assertThat(register().out()).as("the same folder again").isEqualTo(registered.out());

    assertThat(run("registry", "show", "late@1").out())
        .contains("boosted trees\n", "admit \"auc >= 0.72\" does not hold: auc is 0.7\n")
        .contains(
            """
            trained elsewhere: onnx, binary; what follows its registration says, and nobody has checked it
              measured on rows of 2024-01-01T05:00:00Z/2024-02-01T05:00:00Z
              code 9f3c2e1, with uncommitted changes
              with python 3.11.8
              trees 300
              takes 1 columns, foretells late
            training set none: it was trained on rows that the lake does not have
            """);
    JsonNode shown = Json.read(run("registry", "show", "late@1", "--json").out(), JsonNode.class);
    assertThat(shown.at("/elsewhere/kind").asText()).isEqualTo("ONNX");
    assertThat(shown.has("trainingSet")).isFalse();
    assertThat(run("registry", "list").out()).containsPattern("late@1 +no +0.7000 +none ");
    assertThat(run("registry", "search", "training-set = none and auc = 0.7").out())
        .contains("late@1");
    assertThat(run("registry", "history", "late").out()).contains(" registered late@1 at ");
    assertThat(run("trace", "late@1").out()).contains("trained elsewhere");
    assertThat(run("doctor").out())
        .containsPattern("models +ok +1 versions, each with its artefact");
    assertThat(run("registry", "promote", "late@1", "--reason", "so").err())
        .contains(
            "Cannot promote late@1 to production: admission rule \"auc >= 0.72\" does not hold");
  }

  /** A training job writes {@code run-17} and points {@code latest} to it. */
  @Test
  void followsLinks() throws IOException {
    Path weights = Files.createDirectories(project.resolve("weights"));
    write(weights.resolve("part"), "one");
    Files.createSymbolicLink(model.resolve("weights"), weights);
    Path latest = Files.createSymbolicLink(project.resolve("latest"), model);
    assertThat(run("registry", "register", latest.toString()).out())
        .startsWith("late@1 is registered: onnx, 3 files ");
    assertThat(register().out()).as("the folder itself").startsWith("late@1 is registered");
  }

  @Test
  void theFolderOfARetiredVersionIsThatVersion() {
    register();
    run("registry", "retire", "late@1", "--reason", "of no use");
    assertThat(register().out())
        .startsWith("late@1 is registered")
        .containsPattern("it was retired by .+ \\(of no use\\): it can't be used\n");
  }

  @Test
  void aRuleThatHoldsNowMakesAnotherVersion() throws IOException {
    register();
    write(
        project.resolve("models/late.yaml"),
        "model: late",
        "training-set: late",
        "split: {train: -60d/-10d, test: -10d/0d}",
        "inputs: {default: standardize}",
        "network:",
        "  - dense(8, relu)",
        "admit: [auc >= 0.65]");
    assertThat(register().out()).startsWith("late@2 is registered").doesNotContain("admission");
    assertThat(run("registry", "promote", "late@2", "--reason", "so").code()).isZero();
  }

  @Test
  void saysWithFileAndLineWhatIsWrongWithADescription() throws IOException {
    describe("metric: 1");
    assertThat(register().err())
        .contains(
            "Cannot check the model (model-version.yaml:13): unknown key \"metric\". Did you mean \"metrics\"?");
    write(model.resolve("model-version.yaml"), "model: late", "kind: pickle");
    assertThat(register().err())
        .contains(
            "Cannot check the model in " + model + ": 2 problems. Correct them all:",
            "Cannot check the model (model-version.yaml:1): missing \"training-set\". Write it: The build of this lake that it was trained on, or `none`: on rows that the lake does not have.",
            "Cannot check the model (model-version.yaml:2): \"kind\" is the text \"pickle\"; it is one of bundle, onnx, files.");
    write(
        model.resolve("model-version.yaml"),
        "model: late",
        "kind: onnx",
        "training-set: late",
        "metrics: {Area: 1}");
    assertThat(register().err())
        .contains(
            "(model-version.yaml:2): an ONNX model does not say its columns. Name them and their types under \"inputs\".",
            "(model-version.yaml:3): \"training-set\" is the text \"late\", not a build. Write its training set, @ and the build's number, as in late_arrival@3, or none.",
            "(model-version.yaml:4): \"Area\" can't be a measure's name. Write it as in log-loss.");
    write(
        model.resolve("model-version.yaml"),
        "model: late",
        "kind: bundle",
        "training-set: none",
        "label: late",
        "output: p");
    assertThat(register().err())
        .contains(
            "(model-version.yaml:4): a bundle's files say its label. Leave \"label\" out.",
            "(model-version.yaml:5): \"output\" is of kind onnx alone. Leave it out.");
    Files.delete(model.resolve("model-version.yaml"));
    assertThat(register().err())
        .contains(
            "Cannot register a model from %s: it has no model-version.yaml, which says what the model is. Write one beside its files, as tributary registry register --help shows."
                .formatted(model));
    assertThat(run("registry", "list").out()).startsWith("No models yet.");
  }

  @Test
  void refusesATrainingSetThatTheLakeHasNot() throws IOException {
    write(
        model.resolve("model-version.yaml"), "model: late", "kind: files", "training-set: late@7");
    assertThat(register().err())
        .contains(
            "Cannot register a model trained on late@7: no run built training set late. Name a build of this lake, or write training-set: none.");
  }

  private void number(String folder, double rmse) throws IOException {
    Path trees = project.resolve(folder);
    write(trees.resolve("model.onnx"), "weights of " + folder);
    write(
        trees.resolve("model-version.yaml"),
        "model: late",
        "kind: onnx",
        "problem: number",
        "training-set: none",
        "inputs:",
        "  spending__paid_7d: double",
        "metrics: {rmse: " + rmse + ", mae: 3}");
  }

  /** Its rules are judged by what it is registered with, and a person promotes it. */
  @Test
  void ofAModelThatForetellsANumberRulesAreJudgedByItsOwnMeasures() throws IOException {
    write(
        project.resolve("training-sets/late.yaml"),
        "training-set: late",
        "rows:",
        "  source: orders",
        "  as-of: at",
        "label:",
        "  name: took",
        "  source: orders",
        "  value: paid",
        "features: [spending@1]");
    write(
        project.resolve("models/late.yaml"),
        "model: late",
        "problem: number",
        "training-set: late",
        "admit: [rmse <= 12.5]");
    number("worse", 13);
    number("better", 12);
    Answered first = run("registry", "register", project.resolve("worse").toString());
    assertThat(first.err()).isEmpty();
    assertThat(first.out())
        .contains("late@1 is registered", "\"rmse <= 12.5\" does not hold: rmse is 13\n");
    assertThat(run("registry", "register", project.resolve("better").toString()).out())
        .startsWith("late@2 is registered: onnx, ")
        .doesNotContain("admission rule");
    assertThat(run("registry", "promote", "late@1", "--reason", "so").err())
        .contains("Cannot promote late@1 to production: admission rule \"rmse <= 12.5\" does not");
    assertThat(run("registry", "promote", "late@2", "--reason", "so").err()).isEmpty();
    assertThat(run("registry", "show", "late@2").out())
        .contains("trained elsewhere: onnx, number;")
        .containsPattern("rmse +12\\.0000");
    assertThat(run("registry", "search", "rmse > 0", "--by", "rmse").out())
        .as("the smaller error is the better one")
        .containsSubsequence("late@2", "late@1");

    assertThat(register().err())
        .contains(
            "Cannot register a version of late from %s: its model-version.yaml says problem: binary, and the project's model says problem: number. Correct the one that is wrong, or register it under another name."
                .formatted(model));
  }

  /** The clock of somebody who held the version was two days ahead. */
  @Test
  void saysWhereClocksDisagree() throws IOException {
    Path file = model.resolve("model-version.yaml");
    Files.writeString(file, Files.readString(file).replace("auc: 0.70", "auc: 0.75"));
    register();
    String lake = project.resolve("lake").toString();
    Instant ahead = Instant.now().plus(Duration.ofDays(2));
    ModelRegistry.open(
            EventLog.open(lake + "/platform/registry"),
            ArtefactStore.open(lake),
            Clock.fixed(ahead, ZoneOffset.UTC))
        .hold("late", 1, Principal.osUser("bob"), "asked for");
    assertThat(run("registry", "history").err())
        .startsWith("WARN \"bob held late@1 at ")
        .contains("is dated later than this machine's clock says it is");

    Answered promoted = run("registry", "promote", "late@1", "--reason", "good");
    assertThat(promoted.out()).isEqualTo("late@production is now late@1\n");
    assertThat(promoted.err())
        .startsWith(
            "WARN this is dated %s, behind the last change of late; this machine's clock says "
                .formatted(ahead.truncatedTo(ChronoUnit.MICROS).plus(1, ChronoUnit.MICROS)));
    String behind = "was behind that of whoever made \"bob held late@1 at ";
    assertThat(run("registry", "history", "late").err()).contains(behind);
    assertThat(run("registry", "list", "--as-of", Instant.now().toString()).err()).contains(behind);
    Answered longAgo = run("registry", "list", "--as-of", "2024-01-01T00:00:00Z");
    assertThat(longAgo.err()).isEmpty();
    assertThat(run("registry", "list").err()).as("as it is now").isEmpty();
    assertThat(run("doctor").out()).contains("clocks").contains(behind);
  }
}
