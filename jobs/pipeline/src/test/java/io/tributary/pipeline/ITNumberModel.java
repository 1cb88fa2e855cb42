package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.analysis.CheckedProject;
import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.ProjectReader;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import io.tributary.testing.OnnxLogistic;
import io.tributary.train.ChallengeMain;
import io.tributary.train.EvaluateMain;
import io.tributary.train.TrainMain;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A regression that was trained elsewhere: registered, promoted, scored, traced and verified. */
class ITNumberModel {
  private static final OnnxLogistic LINEAR = OnnxLogistic.ofDoubles(-60, 0.7, 11.5).linear();

  @TempDir Path folder;

  private Path project() throws IOException {
    Path project = folder.resolve("project");
    TinyProject.write(project, 1);
    Files.writeString(
        project.resolve("models/lateness.yaml"),
        "model: lateness\nproblem: number\ntraining-set: lateness\ninputs: {kilometres: raw}\nadmit: [rmse <= 20]\n");
    TinyProject.edit(
        project.resolve("training-sets/lateness.yaml"),
        text -> text.replace("value: delay > 15", "value: delay"));
    TinyProject.edit(
        project.resolve("scores/next.yaml"), text -> text.replaceFirst("decide: .*\n", ""));
    TinyProject.edit(
        project.resolve("pipelines/nightly.yaml"),
        text -> text.replace("train: [lateness]\n", "").replace("  - monitor lateness\n", ""));
    Files.delete(project.resolve("monitors/lateness.yaml"));
    Path trees = Files.createDirectories(folder.resolve("trees"));
    Files.write(trees.resolve("model.onnx"), LINEAR.ofMatrix());
    Files.writeString(
        trees.resolve("model-version.yaml"),
        """
        model: lateness
        kind: onnx
        problem: number
        training-set: none
        inputs:
          driver_history__rides_7d: long
          kilometres: double
        metrics: {rmse: 18.25}
        """);
    return project;
  }

  private static Answered answer(String command, Class<?> main, String... words) {
    try {
      Constructor<?> constructor = main.getDeclaredConstructor();
      constructor.setAccessible(true);
      return Answered.by(command, (JobMain.Body) constructor.newInstance(), List.of(words));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void refused(String command, Class<?> main, String message, String... words) {
    Answered answered = answer(command, main, words);
    assertThat(answered.code()).as(answered.out()).isEqualTo(2);
    assertThat(Json.read(answered.out(), JsonNode.class).at("/error/message").asText())
        .contains(message);
  }

  @Test
  void isScoredAndProvenAndNotTrainedComparedOrMeasured() throws IOException {
    Path project = project();
    String lake = folder.resolve("lake").toString();
    Answered registered =
        Answered.by("registry", project, lake, "register", folder.resolve("trees").toString());
    assertThat(registered.err()).isEmpty();
    assertThat(
            Answered.by("registry", project, lake, "promote", "lateness@1", "--reason", "good")
                .err())
        .isEmpty();
    List<Row> rows;
    try (LakeSession session = LakeSession.lazy();
        Lake opened = Lake.open(lake, Lake.DEFAULT_RETENTION, session);
        OnlineStore online = OnlineStores.open("rocksdb:" + lake + "/online");
        JobRunner runner = JobRunner.open(opened)) {
      CheckedProject checked =
          CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty()));
      Jobs jobs = new Jobs(checked, opened, online, RunnerChoice.valueOf(DrawnRunner.name()));
      jobs.ingest().forEach(runner::run);
      runner.run(
          jobs.score(
                  Optional.empty(),
                  Interval.day(TinyProject.FIRST_NIGHT, ZoneId.of("Europe/Berlin")))
              .get(0));
      TableName scores = TableName.of("scores", "next");
      rows = opened.table(scores).read(opened.table(scores).requireVersion()).collectAsList();
    }
    assertThat(rows).hasSize(23);
    for (Row row : rows) {
      Row numbers = row.<Row>getAs("inputs").getAs("numbers");
      assertThat(row.<Row>getAs("output").<Double>getAs("number"))
          .isCloseTo(
              LINEAR.score(
                  numbers.<Double>getAs("driver_history__rides_7d"),
                  numbers.<Double>getAs("kilometres")),
              within(1e-11));
      assertThat(row.<Boolean>getAs("decision")).isNull();
    }
    Row one = rows.get(7);
    Answered traced = Answered.by("trace", project, lake, one.<String>getAs("_prediction_id"));
    assertThat(traced.out())
        .contains("lateness@1", one.<Row>getAs("output").<Double>getAs("number").toString());
    assertThat(Answered.by("impact", project, lake, "driver_history@1").out())
        .contains("table scores.next@", "predictions 23; of 23");
    assertThat(Answered.by("impact", project, lake, "last_ride@1").out())
        .as("the training set has it, and the version does not take it")
        .doesNotContain("scores.next@");
    Answered verified =
        Answered.by(
            "trace --verify",
            new VerifyMain(),
            List.of(
                project.toString(),
                "next",
                "--verify",
                "--sample",
                "100",
                "--night",
                TinyProject.FIRST_NIGHT.toString(),
                "--lake",
                lake));
    assertThat(verified.code()).as(verified.out()).isZero();

    String of = project.toString();
    String probabilities =
        "is of problem number, and scores are measured in this version where they are probabilities of a label that is true or false. Whoever ";
    refused(
        "registry evaluate",
        EvaluateMain.class,
        "Cannot evaluate lateness@1: lateness@1 "
            + probabilities
            + "trained it measures it, and says so in the metrics that it is registered with.",
        of,
        "lateness@1",
        "--lake",
        lake);
    Files.writeString(folder.resolve("trees/notes.txt"), "another");
    Answered.by("registry", project, lake, "register", folder.resolve("trees").toString());
    refused(
        "registry challenge",
        ChallengeMain.class,
        "Cannot compare lateness@2 with production: lateness@2 "
            + probabilities
            + "knows that it is not worse promotes it: tributary registry promote lateness@2 --reason",
        of,
        "lateness@2",
        "--lake",
        lake);
    refused(
        "train",
        TrainMain.class,
        "Cannot train model lateness: it foretells a number, and Tributary trains models of labels that are true or false. Whoever trains it registers its versions: tributary registry register.",
        of,
        "lateness",
        "--lake",
        lake);
    assertThat(answer("train", TrainMain.class, of, "--lake", lake).code())
        .as("of those that are trained here there is none")
        .isZero();
  }
}
