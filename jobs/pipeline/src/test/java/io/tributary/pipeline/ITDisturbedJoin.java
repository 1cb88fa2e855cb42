package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.rows.local.LocalRunner;
import io.tributary.rows.local.ParquetRows;
import io.tributary.runtime.JobMain;
import io.tributary.testing.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Joins of files that end before they are done: the former answer stays, and the next is whole. */
class ITDisturbedJoin {
  private static final int ROWS = 20_000;

  @TempDir private Path folder;
  private Path out;

  @BeforeEach
  void projectAndRows() throws IOException {
    TinyProject.write(folder.resolve("project"), 1);
    out = folder.resolve("out");
    StringBuilder rows = new StringBuilder("id,driver,as_of\n");
    for (int i = 0; i < ROWS; i++) {
      rows.append(i).append(",a,2024-01-02T10:00:00Z\n");
    }
    Files.writeString(folder.resolve("rows.csv"), rows);
  }

  private String[] words() {
    return new String[] {
      "--project",
      folder.resolve("project").toString(),
      "--rows",
      folder.resolve("rows.csv").toString(),
      "--features",
      "driver_history@1,driver@1",
      "--out",
      out.toString(),
      "--runner",
      "local",
      "--leave-out-invalid",
      "--overwrite"
    };
  }

  /** The process that joins; JoinMain is no public class. */
  static final class Joining {
    public static void main(String[] words) {
      System.exit(JobMain.run("join", words, new JoinMain()));
    }
  }

  @Test
  void aKilledJoinLeavesTheFormerAnswerAndTheNextIsWhole() throws Exception {
    Files.createDirectories(out);
    Path former = Files.writeString(out.resolve("former"), "answer");
    Path part = folder.resolve(".out.part");
    String[] command =
        Stream.concat(Stream.of(Joining.class.getName()), Stream.of(words()))
            .toArray(String[]::new);
    Process process =
        JavaProcess.of(List.of(), command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    while (process.isAlive() && !Files.exists(part)) {
      Thread.onSpinWait();
    }
    process.destroyForcibly().waitFor();

    assertThat(process.exitValue()).as(Files.readString(folder.resolve("log"))).isEqualTo(137);
    assertThat(former).hasContent("answer");
    assertThat(part).exists();

    nextIsWhole();
  }

  @Test
  void whatADeadJoinHadMovedIsPutInOrderByTheNext() throws IOException {
    // Between the two renames: the former answer has another name, the new one is whole.
    Files.createDirectories(folder.resolve(".out.former/of before"));
    Files.createDirectories(folder.resolve(".out.part"));
    Files.writeString(folder.resolve(".out.part/part-0.parquet"), "torn");

    nextIsWhole();
  }

  private void nextIsWhole() throws IOException {
    assertThat(JobMain.run("join", words(), new JoinMain())).isZero();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .contains("out")
          .noneMatch(name -> name.startsWith("."));
    }
    try (Stream<Path> files = Files.list(out);
        LocalRunner runner = LocalRunner.open()) {
      ParquetRows answer = ParquetRows.open(files.sorted().toList());
      assertThat(
              answer
                  .read(runner, answer.schema())
                  .rows()
                  .each(
                      part -> {
                        int count = 0;
                        for (; part.hasNext(); part.next()) {
                          count++;
                        }
                        return count;
                      }))
          .satisfies(
              counts ->
                  assertThat(counts.stream().mapToInt(Integer::intValue).sum()).isEqualTo(ROWS));
    }
  }
}
