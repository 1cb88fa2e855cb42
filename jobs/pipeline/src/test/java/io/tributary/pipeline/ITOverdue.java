package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import io.tributary.core.TableName;
import io.tributary.events.CommitLog;
import io.tributary.events.runs.LakeTables;
import io.tributary.ingest.IngestMain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A night of which nothing was delivered when it should have been, by the commands of a night. */
class ITOverdue {
  /** Behind all rides that the project has; the next one has rides again. */
  private static final String EMPTY = "2024-02-20";

  private static final String OVERDUE = "nothing of 2024-02-20 was delivered to source rides by";

  @TempDir Path folder;
  private Path project;

  @BeforeEach
  void write() throws IOException {
    project = folder.resolve("project");
    TinyProject.write(project, 1);
    TinyProject.edit(
        project.resolve("pipelines/nightly.yaml"),
        text -> text.replaceFirst("(?s)steps:.*", "steps: [ingest]\n"));
    Files.writeString(project.resolve("data/rides-2.csv"), TinyProject.rides(24 * 51, 24 * 52));
  }

  private void overdue(String then) throws IOException {
    TinyProject.edit(
        project.resolve("sources/rides.yaml"),
        text -> text + "expect-by: \"05:30\"\noverdue: " + then + "\n");
  }

  private Answered run() {
    return Answered.by(
        "run", new RunMain(), List.of(project.toString(), "nightly", "--night", EMPTY));
  }

  private Answered ingest(String... nights) {
    List<String> words = new ArrayList<>(List.of(project.toString()));
    for (String night : nights) {
      words.addAll(List.of("--night", night));
    }
    return Answered.by("ingest", new IngestMain(), words);
  }

  private String message(Answered answered) {
    return Json.read(answered.out(), JsonNode.class).at("/error/message").asText();
  }

  @Test
  void isSaidAndTheNightGoesOn() throws IOException {
    overdue("tell");
    Answered ran = run();
    assertThat(ran.code()).isZero();
    assertThat(ran.out()).contains("WARN " + OVERDUE);
    assertThat(ingest(EMPTY).code()).isZero();
  }

  @Test
  void isTriedAgainUntilItIsDeliveredAndHoldsUpNothingElse() throws IOException {
    overdue("retry");
    Answered refused = ingest(EMPTY, "2024-02-21");
    assertThat(refused.code()).isEqualTo(4);
    assertThat(message(refused))
        .startsWith("Cannot go on: " + OVERDUE)
        .doesNotContain("2024-02-21");
    String table =
        LakeTables.path(project.resolve("lake").toString(), TableName.of("validated", "rides"));
    assertThat(CommitLog.open(table).read()).as("what is there was ingested").isPresent();
    Answered ran = run();
    assertThat(ran.code()).isEqualTo(4);
    assertThat(ran.out()).contains(OVERDUE);

    Files.writeString(project.resolve("data/rides-3.csv"), TinyProject.rides(24 * 50, 24 * 51));
    assertThat(run().code()).isZero();
  }
}
