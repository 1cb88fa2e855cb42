package io.tributary.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.PlatformException;
import io.tributary.definition.Model;
import io.tributary.definition.ProjectReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that foretell a number: what is said of them, and what is refused. */
class TestNumberModels {
  private static final String MODEL =
      """
      model: minutes
      problem: number
      training-set: minutes
      inputs: {kilometres: raw}
      admit:
        - rmse <= 12.5
        - leaks <= 0
      """;

  @TempDir Path folder;
  private final Map<String, String> files = new LinkedHashMap<>();

  TestNumberModels() {
    files.put(
        "tributary.yaml", "project: p\nzone: UTC\nlake: lake\nonline: rocksdb:${lake}/online\n");
    files.put(
        "sources/rides.yaml",
        """
        source: rides
        read: {format: csv, path: rides.csv}
        columns: {ride: int, driver: string, kilometres: double, starts: timestamp, delay: int}
        event-key: [ride]
        event-time: starts
        """);
    files.put(
        "features/history.yaml",
        """
        view: history@1
        entity: [driver]
        source: rides
        features:
          rides: count(*) over 7d
          last: last(driver) over 7d
        """);
    files.put("training-sets/minutes.yaml", set("minutes", "delay"));
    files.put("models/minutes.yaml", MODEL);
    files.put("scores/next.yaml", "scores: next\nmodel: minutes@production\nrows: minutes\n");
  }

  private static String set(String name, String label) {
    return """
        training-set: %s
        rows:
          source: rides
          as-of: starts
        label:
          name: took
          source: rides
          value: %s
        features: [history@1]
        """
        .formatted(name, label);
  }

  private CheckedProject check() throws IOException {
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
    return CheckedProject.read(folder, Map.of(), Optional.empty());
  }

  private List<String> problems() throws IOException {
    try {
      check();
      return List.of();
    } catch (PlatformException e) {
      return e.getMessage()
          .lines()
          .map(String::strip)
          .filter(line -> !line.endsWith("Correct them all:"))
          .toList();
    }
  }

  private void requireProblem(String file, String text, String... problems) throws IOException {
    files.put(file, text);
    assertThat(problems()).hasSize(problems.length);
    for (int i = 0; i < problems.length; i++) {
      assertThat(problems().get(i)).contains(problems[i]);
    }
  }

  @Test
  void takeNumbersAndSayNothingOfTraining() throws IOException {
    CheckedModel model = check().model("minutes");
    assertThat(model.definition().isTrainedHere()).isFalse();
    assertThat(model.definition().promote()).isEqualTo(Model.Promotion.BY_HAND);
    assertThat(model.definition().admit())
        .extracting(Model.AdmissionRule::toString)
        .containsExactly("rmse <= 12.5", "leaks <= 0");
    assertThat(model.inputs())
        .as("texts are none")
        .extracting(CheckedModel.Input::column)
        .containsExactlyInAnyOrder("kilometres", "history__rides_7d");
    assertThat(check().scores("next").decide()).isEmpty();
    assertThat(ProjectReader.read(folder, Map.of(), Optional.empty()).models().get("minutes"))
        .isEqualTo(model.definition());
  }

  @Test
  void refuseWhatIsOfModelsThatAreTrainedHere() throws IOException {
    requireProblem(
        "models/minutes.yaml",
        MODEL + "network:\n  - dense(8)\npromote: automatic\n",
        "\"network\" is of models that Tributary trains, and it trains none that foretells a number. Take it out; whoever trains the model registers its versions, and a person promotes them.",
        "\"promote\" is of models that Tributary trains");
    requireProblem(
        "models/minutes.yaml",
        MODEL + "  - mae < baseline\n  - rmse < production\n  - reproduced\n",
        "the rule \"mae < baseline\" never holds of a model that foretells a number",
        "the rule \"rmse < production\" never holds",
        "the rule \"reproduced\" never holds");
    requireProblem(
        "models/minutes.yaml",
        MODEL.replace("problem: number\n", ""),
        "missing \"split\", \"network\". Write it: Which rows serve for what",
        "no metric \"rmse\"");
  }

  @Test
  void needALabelThatIsANumber() throws IOException {
    requireProblem(
        "training-sets/minutes.yaml",
        set("minutes", "delay > 15"),
        "label \"took\" of training-set minutes is boolean, and the model foretells a number. Make a number of it there, or say problem: binary.");
  }

  @Test
  void areNotDecidedOnNorMonitoredNorTrained() throws IOException {
    requireProblem(
        "scores/next.yaml",
        "scores: next\nmodel: minutes@production\nrows: minutes\ndecide: score > 30\n",
        "model minutes foretells a number, and decisions are made on probabilities. Take \"decide\" out, and compare output.number where the scores are read.");
    files.put("scores/next.yaml", "scores: next\nmodel: minutes@production\nrows: minutes\n");
    requireProblem(
        "monitors/watch.yaml",
        """
        monitor: watch
        model: minutes
        scores: next
        inputs: {psi: 0.2}
        predictions: {psi: 0.2}
        bounds: {score: [0, 1]}
        actuals: {after: 1d, auc-drop: 0.5}
        breach: alert
        """,
        "model minutes foretells a number, and monitors judge probabilities in this version. Take the monitor out, and look at the scores in another way.");
    Files.delete(folder.resolve("monitors/watch.yaml"));
    files.remove("monitors/watch.yaml");
    requireProblem(
        "pipelines/nightly.yaml",
        """
        pipeline: nightly
        schedule: "0 6 * * *"
        history: 2024-01-01/2024-02-01
        until: 2024-02-10
        train: [minutes]
        steps:
          - ingest
          - score next
        """,
        "model \"minutes\" foretells a number, and Tributary trains no such model. Take it out; whoever trains it registers its versions: tributary registry register.");
    requireProblem(
        "pipelines/nightly.yaml",
        """
        pipeline: nightly
        schedule: "0 6 * * *"
        steps:
          - ingest
          - train minutes
        """,
        "model \"minutes\" foretells a number, and Tributary trains no such model. Take it out; whoever trains it registers its versions: tributary registry register.");
  }
}
