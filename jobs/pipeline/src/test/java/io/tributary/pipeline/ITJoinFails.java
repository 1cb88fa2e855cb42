package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.ColumnType;
import io.tributary.definition.ViewUse;
import io.tributary.rows.local.LocalRunner;
import io.tributary.runtime.JobMain;
import io.tributary.source.rows.HeadedCsv;
import io.tributary.source.rows.LeftToSpark;
import io.tributary.testing.JavaProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A join without Spark that can't end well: the former answer stays, and nothing lies beside it.
 */
class ITJoinFails {
  private static final int ROWS = 150_000;
  private static final int TERMINATED = 143;
  private static final String TOO_LARGE =
      "source rides looks up another: source drivers is looked up, and with it there is more than the heap can hold";
  private static final List<String> VIEWS = List.of("driver_history@1", "last_ride@1");

  private static final List<ViewUse> USES = ViewUse.parse(VIEWS);

  @TempDir private Path folder;
  private CheckedProject project;

  @BeforeEach
  void projectAndFormerAnswer() throws IOException {
    project = TinyProject.write(folder.resolve("project"), 1);
    StringBuilder rows = new StringBuilder("id,driver,as_of\n");
    Instant first = Instant.parse("2024-01-02T00:00:00Z");
    for (int i = 0; i < ROWS; i++) {
      rows.append("%d,%s,%s\n".formatted(i, "abc".charAt(i % 3), first.plusSeconds(i * 10L)));
    }
    Files.writeString(folder.resolve("rows.csv"), rows);
    Files.createDirectories(folder.resolve("scratch"));
    Files.createDirectories(folder.resolve("answers/out"));
    Files.writeString(folder.resolve("answers/out/former"), "answer");
  }

  /** A limit on the size of files stands for a disk that is full. */
  @Test
  void aFullDiskIsAnErrorThatSaysWhatToDo() throws Exception {
    List<String> limited = new ArrayList<>(List.of("bash", "-c", "ulimit -f 200; exec \"$@\"", ""));
    ProcessBuilder join = join();
    limited.addAll(join.command());
    Process process = join.command(limited).start();
    assertThat(process.waitFor()).isEqualTo(ErrorCode.STORAGE.group().exitCode());
    assertThat(Files.readString(folder.resolve("errors")))
        .contains(
            "Cannot keep rows in %s: File too large. Make room there, or name another folder by spark.local.dir."
                .formatted(folder.resolve("scratch")))
        .doesNotContain("\tat ");
    requireFormerAnswer();
  }

  @Test
  void aStoppedJoinLeavesTheFormerAnswerAndNothingBesideIt() throws Exception {
    Process stopped = startedJoin();
    stopped.destroy();
    assertThat(stopped.waitFor()).isEqualTo(TERMINATED);
    assertThat(Files.readString(folder.resolve("errors"))).contains("Stopped. ");
    requireFormerAnswer();
  }

  @Test
  void aFileThatChangesWhileItIsReadIsAnErrorThatNamesIt() throws IOException {
    for (String file : List.of("project/data/rides.csv", "rows.csv")) {
      try (LocalRunner runner = LocalRunner.open(2, 4, 0, folder.resolve("scratch"))) {
        LocalJoin join = open(runner, Runtime.getRuntime().maxMemory());
        Files.writeString(folder.resolve(file), "1000,b\n", StandardOpenOption.APPEND);
        assertThatThrownBy(() -> join.write("as_of", USES, folder.resolve("part")))
            .hasMessageContaining(Path.of(file).getFileName().toString())
            .hasMessageContaining("it was changed or removed while it was being read")
            .isInstanceOfSatisfying(
                PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
        assertThat(names("scratch")).isEmpty();
      }
    }
  }

  /** What is looked up is limited by the bytes of its files, then by those that it takes. */
  @Test
  void whatTheHeapCantHoldIsLeftToSpark() throws IOException {
    long stored = Files.size(folder.resolve("project/data/drivers.csv"));
    try (LocalRunner runner = LocalRunner.open(2, 4, 0, folder.resolve("scratch"))) {
      assertThatThrownBy(() -> open(runner, 32 * stored - 1))
          .hasMessage(TOO_LARGE)
          .isInstanceOf(LeftToSpark.class);
      LocalJoin join = open(runner, 32 * stored);
      assertThatThrownBy(() -> join.write("as_of", USES, folder.resolve("part")))
          .hasMessage(TOO_LARGE.substring(TOO_LARGE.lastIndexOf("source ")))
          .isInstanceOf(LeftToSpark.class);
    }
  }

  /** What it would read does not even exist. */
  @Test
  void aFormerAnswerInTheWayIsSeenBeforeAnythingIsRead() throws IOException {
    Files.delete(folder.resolve("rows.csv"));
    List<String> words = join().command();
    int name = words.indexOf(JoinMain.class.getName());
    List<String> args = new ArrayList<>(words.subList(name + 1, words.size()));
    args.remove("--overwrite");
    PrintStream err = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      JobMain.run("join", args.toArray(String[]::new), new JoinMain());
    } finally {
      System.setErr(err);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8)).contains("it is there already");
  }

  private LocalJoin open(LocalRunner runner, long heap) throws IOException {
    return LocalJoin.open(
        folder.resolve("rows.csv").toString(),
        csv ->
            new HeadedCsv.Cells(
                name -> new ColumnType(name.equals("as_of") ? "timestamp" : "string"),
                project.project().zone(),
                List.of()),
        folder.resolve("answers/out").toString(),
        project,
        USES,
        true,
        runner,
        heap);
  }

  private void requireFormerAnswer() throws IOException {
    assertThat(names("answers")).containsExactly("out");
    assertThat(names("answers/out")).containsExactly("former");
    assertThat(names("scratch")).isEmpty();
  }

  private List<String> names(String of) throws IOException {
    try (Stream<Path> in = Files.list(folder.resolve(of))) {
      return in.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  /** A join that has begun to compute. */
  private Process startedJoin() throws IOException, InterruptedException {
    Path answers = folder.resolve("answers");
    try (WatchService watch = answers.getFileSystem().newWatchService()) {
      answers.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
      Process process = join().start();
      WatchKey begun = watch.take();
      assertThat(begun.pollEvents().get(0).context()).hasToString(".out.part");
      return process;
    }
  }

  private ProcessBuilder join() {
    ProcessBuilder join =
        JavaProcess.of(
            List.of("-Dspark.local.dir=" + folder.resolve("scratch")),
            JoinMain.class.getName(),
            "--project",
            project.project().folder().toString(),
            "--rows",
            folder.resolve("rows.csv").toString(),
            "--features",
            String.join(",", VIEWS),
            "--leave-out-invalid",
            "--overwrite",
            "--runner",
            "local",
            "--out",
            folder.resolve("answers/out").toString());
    return join.redirectError(folder.resolve("errors").toFile());
  }
}
