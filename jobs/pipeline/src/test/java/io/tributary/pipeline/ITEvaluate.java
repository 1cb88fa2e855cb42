package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.analysis.CheckedProject;
import io.tributary.core.Json;
import io.tributary.core.RunnerChoice;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import io.tributary.train.EvaluateMain;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A version on nights that came after its training, as a person asks for it. */
class ITEvaluate {
  @TempDir Path folder;

  /** Four weeks, a version of them, and twelve nights more. */
  private Path lake(Path project) throws IOException {
    CheckedProject checked = TinyProject.write(project, 12);
    Files.writeString(project.resolve("data/rides.csv"), TinyProject.rides(0, 24 * 25));
    Path at = folder.resolve("lake");
    try (LakeSession session = LakeSession.lazy();
        Lake lake = Lake.open(at.toString(), Lake.DEFAULT_RETENTION, session);
        OnlineStore online = OnlineStores.open("rocksdb:" + at.resolve("online"));
        JobRunner runner = JobRunner.open(lake)) {
      RunnerChoice choice = RunnerChoice.valueOf(DrawnRunner.name());
      Jobs jobs = new Jobs(checked, lake, online, choice);
      jobs.ingest().forEach(runner::run);
      runner.run(jobs.trainingSetOf("lateness"));
      runner.run(jobs.train("lateness"));
      Files.writeString(project.resolve("data/rides2.csv"), TinyProject.rides(600, 888));
      new Jobs(checked, lake, online, choice).ingest().forEach(runner::run);
    }
    return at;
  }

  private static String text(String... words) {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      assertThat(JobMain.run("registry evaluate", words, new EvaluateMain())).isZero();
    } finally {
      System.setOut(before);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void isMeasuredOnceOnWhatCameSinceAndShown() throws IOException {
    Path project = folder.resolve("project");
    String lake = lake(project).toString();
    String[] asked = {
      project.toString(), "lateness", "--from", "2024-01-25", "--to", "2024-02-07", "--lake", lake
    };
    String said = text(asked);
    assertThat(said)
        .containsPattern(
            "lateness@1 on 3\\d\\d rows of lateness, asked from 2024-01-2\\S+ to 2024-02-0\\S+: 13 nights, \\d+ rows with late true")
        .containsPattern("measure +value +in 95 of 100 +test")
        .containsPattern("auc +0\\.\\d{4} +0\\.\\d{4} to \\d\\.\\d{4} +0\\.\\d{4}")
        .containsPattern("brier +0\\.\\d{4} +0\\.\\d{4} to \\d\\.\\d{4} +-")
        .contains("recorded by ");

    Answered again = Answered.by("registry evaluate", new EvaluateMain(), List.of(asked));
    JsonNode json = Json.read(again.out(), JsonNode.class);
    assertThat(json.path("new").asBoolean(true)).isFalse();
    JsonNode evaluation = json.path("recorded").path("evaluation");
    assertThat(evaluation.path("rows").path("fitted").asInt()).isZero();
    assertThat(evaluation.path("rows").path("pins")).isNotEmpty();

    Answered shown = Answered.by("registry", project, lake, "show", "lateness@1");
    assertThat(shown.out())
        .containsPattern(
            "evaluated lateness@1 at \\S+ \\(on 3\\d\\d rows of lateness, \\d+ of them");
    JsonNode all =
        Json.read(
            Answered.by("registry", project, lake, "show", "lateness@1", "--json").out(),
            JsonNode.class);
    assertThat(all.path("evaluations")).hasSize(1);
    assertThat(all.path("evaluations").get(0)).isEqualTo(json.path("recorded"));
    assertThat(Answered.by("registry", project, lake, "search", "auc < 2", "--json").out())
        .as("versions are found by their test rows")
        .doesNotContain(evaluation.path("metrics").path("auc").asText());

    Answered wrong =
        Answered.by(
            "registry evaluate",
            new EvaluateMain(),
            List.of(project.toString(), "lateness@1", "--rows", "late", "--lake", lake));
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.out())
        .contains(
            "Cannot evaluate on rows \\\"late\\\": that is no build. Write its training set, @ and the build's number, as in late_arrival@7.");
  }
}
