package io.tributary.runtime;

import static io.tributary.lake.LakeKit.facts;
import static io.tributary.lake.LakeKit.lake;
import static io.tributary.lake.LakeKit.minutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tributary.core.ErrorCode;
import io.tributary.core.Outcome;
import io.tributary.core.PlatformException;
import io.tributary.events.runs.RunError;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.testing.JavaProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another process works on a job and is killed, at the instants that matter. */
class ITKilledProcess {
  @TempDir Path folder;
  private Lake lake;
  private Process worker;

  @BeforeEach
  void open() {
    lake = lake(folder);
    lake.table(Hours.INPUT).append(minutes(0, 60), facts("minutes", true));
  }

  @Test
  void killedAfterTheCommitItIsRecordedOnceAndNotRepeated() throws Exception {
    start("after");
    kill();
    assertThat(RunLog.open(lake.uri()).list()).isEmpty();

    RunRecord again = run();
    run();

    assertThat(again.outcome()).isEqualTo(Outcome.UNCHANGED);
    assertThat(lake.table(Hours.OUTPUT).commits()).hasSize(1);
    assertThat(RunLog.open(lake.uri()).list(Hours.KEY))
        .extracting(RunRecord::outcome)
        .containsExactly(Outcome.SUCCEEDED, Outcome.UNCHANGED, Outcome.UNCHANGED);
  }

  @Test
  void killedBeforeTheCommitItIsRecordedAsKilledAndDoneAgain() throws Exception {
    start("before");
    assertThatThrownBy(() -> JobRunner.open(lake).run(new Hours(lake, "one")))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT))
        .hasMessageContaining("process " + worker.pid());
    kill();

    RunRecord again = run();

    assertThat(again.outcome()).isEqualTo(Outcome.SUCCEEDED);
    assertThat(again.attempt()).isEqualTo(2);
    assertThat(RunLog.open(lake.uri()).list(Hours.KEY))
        .extracting(RunRecord::outcome, RunRecord::error)
        .containsExactly(
            tuple(Outcome.FAILED, Optional.of(RunError.of(ErrorCode.KILLED))),
            tuple(Outcome.SUCCEEDED, Optional.empty()));
  }

  @Test
  void toldToEndItSaysSoAndIsRecordedAsKilled() throws Exception {
    start("before");

    worker.destroy();

    assertThat(worker.waitFor()).isEqualTo(143);
    assertThat(Files.readString(folder.resolve("errors")))
        .contains("Stopped. Tables are as the last commit left them");
    JobRunner.open(lake).close();
    assertThat(RunLog.open(lake.uri()).list(Hours.KEY))
        .extracting(RunRecord::error)
        .containsExactly(Optional.of(RunError.of(ErrorCode.KILLED)));
  }

  private RunRecord run() {
    try (JobRunner runner = JobRunner.open(lake)) {
      return runner.run(new Hours(lake, "one"));
    }
  }

  @AfterEach
  void kill() throws InterruptedException {
    worker.destroyForcibly().waitFor();
  }

  /** Starts a process that works on the job until an instant, and returns when it is there. */
  private void start(String instant) throws IOException {
    worker =
        JavaProcess.of(List.of(), Worker.class.getName(), lake.uri(), instant)
            .redirectError(folder.resolve("errors").toFile())
            .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(worker.getInputStream(), StandardCharsets.UTF_8));
    assertThat(out.readLine()).isEqualTo("here");
  }

  /** The other process: stays where it is told to until it is killed. */
  static final class Worker {
    private Worker() {}

    public static void main(String[] args) {
      System.exit(
          JobMain.run(
              "worker",
              new String[] {"--lake", args[0]},
              main -> {
                try (Lake lake = main.open("", Lake.DEFAULT_RETENTION);
                    JobRunner runner = JobRunner.open(lake)) {
                  runner.run(
                      new Hours(
                          lake,
                          "one",
                          a -> stay(args[1].equals("before")),
                          a -> stay(args[1].equals("after"))));
                }
              }));
    }

    private static void stay(boolean here) {
      if (here) {
        System.out.println("here");
        try {
          Thread.currentThread().join();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }
}
