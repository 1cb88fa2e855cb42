package io.tributary.runtime;

import static io.tributary.lake.LakeKit.facts;
import static io.tributary.lake.LakeKit.lake;
import static io.tributary.lake.LakeKit.minutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tributary.core.ErrorCode;
import io.tributary.core.Outcome;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.events.runs.RunError;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeKit;
import io.tributary.lake.LakeTable;
import io.tributary.testing.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.function.FilterFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Disks that are full or can't be written, tasks without memory, tables of a later format, clocks
 * that go back.
 */
class ITTrouble {
  @TempDir Path folder;

  @Test
  void aFullDiskIsSaidAndWhatWasThereStaysReadable() throws Exception {
    Path disk = mounted("size=6m");
    try {
      Lake lake = lake(disk);
      TableVersion before = lake.table(Hours.INPUT).append(minutes(0, 60), facts("minutes", true));
      EventLog log = lake.events("runs");
      log.append(List.of(event("first", 10)));

      assertThatThrownBy(
              () ->
                  lake.table(Hours.INPUT)
                      .append(
                          minutes(0, 300_000)
                              .withColumn("name", functions.expr("sha2(cast(id as string), 512)")),
                          facts("minutes", true)))
          .isInstanceOfSatisfying(
              PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE))
          .hasMessageStartingWith("Cannot append to table bronze.minutes in " + disk)
          .hasMessageContaining("No space left on device")
          .hasMessageContaining("that there is space");
      assertThatThrownBy(() -> log.append(List.of(event("large", 8 << 20))))
          .isInstanceOfSatisfying(
              PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE))
          .hasMessageContaining("No space left on device")
          .hasMessageContaining("has room");

      assertThat(lake.table(Hours.INPUT).requireVersion()).isEqualTo(before);
      assertThat(lake.table(Hours.INPUT).read(before).count()).isEqualTo(60);
      assertThat(log.read().events()).extracting(Event::id).containsExactly("first");
    } finally {
      run("umount", "-l", disk.toString());
    }
  }

  @Test
  void aLakeThatCanOnlyBeReadIsReadAndSaysWhoMustActOnAWrite() throws Exception {
    Path disk = mounted("size=20m");
    try {
      Lake lake = lake(disk);
      lake.table(Hours.INPUT).append(minutes(0, 60), facts("minutes", true));
      try (JobRunner runner = JobRunner.open(lake)) {
        runner.run(new Hours(lake, "one"));
      }
      // The same files at another place: this process holds some of the first one's open.
      Path reading = Files.createDirectory(folder.resolve("reading"));
      assumeTrue(run("mount", "--bind", disk.toString(), reading.toString()));
      assumeTrue(run("mount", "-o", "remount,bind,ro", reading.toString()));

      Lake again = lake(reading);
      try (JobRunner runner = JobRunner.open(again)) {
        assertThat(runner.run(new Hours(again, "one")).outcome()).isEqualTo(Outcome.UNCHANGED);
        assertThatThrownBy(() -> runner.run(new Hours(again, "two")))
            .isInstanceOfSatisfying(
                PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE))
            .hasMessageContaining("Read-only file system")
            .hasMessageContaining("may write");
      }
      assertThat(again.table(Hours.OUTPUT).read(again.table(Hours.OUTPUT).pin()).count())
          .isEqualTo(60);
      assertThatThrownBy(
              () -> again.table(Hours.INPUT).append(minutes(0, 1), facts("minutes", true)))
          .isInstanceOfSatisfying(
              PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE))
          .hasMessageContaining("Read-only file system");
    } finally {
      run("umount", "-l", folder.resolve("reading").toString());
      run("umount", "-l", disk.toString());
    }
  }

  @Test
  void aTaskWithoutMemoryFailsItsRunAndSaysWhatToGive() throws Exception {
    Lake lake = lake(folder);
    lake.table(Hours.INPUT).append(minutes(0, 60), facts("minutes", true));
    RunRecord before;
    try (JobRunner runner = JobRunner.open(lake)) {
      before = runner.run(new Hours(lake, "one"));
    }
    Path errors = folder.resolve("errors");
    Process process =
        JavaProcess.of(
                List.of("-Xmx512m", "-XX:-UseSerialGC", "-XX:+UseG1GC"),
                Hungry.class.getName(),
                lake.uri())
            .redirectError(errors.toFile())
            .start();

    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(errors))
        .contains("Cannot go on: the memory of the process, 512 MiB, is not enough (")
        .contains("Give it more, as in TRIBUTARY_HEAP=12g, or run less beside it.");
    assertThat(process.exitValue()).isEqualTo(4);
    Lake again = lake(folder);
    assertThat(RunLog.open(again.uri()).list(Hours.KEY))
        .extracting(RunRecord::error)
        .containsExactly(Optional.empty(), Optional.of(RunError.of(ErrorCode.MEMORY)));
    assertThat(again.table(Hours.OUTPUT).requireVersion())
        .isEqualTo(before.outputs().get(before.outputs().size() - 1));
    assertThat(again.table(Hours.OUTPUT).read(again.table(Hours.OUTPUT).pin()).count())
        .isEqualTo(60);
  }

  /** A process whose job keeps all that it makes. */
  static final class Hungry {
    private static final List<long[]> KEPT = new ArrayList<>();

    private Hungry() {}

    public static void main(String[] args) {
      System.exit(
          JobMain.run(
              "hungry",
              new String[] {"--lake", args[0]},
              main -> {
                try (Lake lake = main.open("", Lake.DEFAULT_RETENTION);
                    JobRunner runner = JobRunner.open(lake)) {
                  runner.run(new Hours(lake, "two", attempt -> write(lake, attempt), a -> {}));
                }
              }));
    }

    private static void write(Lake lake, Attempt attempt) {
      lake.table(Hours.OUTPUT)
          .replaceWhere(
              lake.table(Hours.INPUT)
                  .read(attempt.inputs().get(0))
                  .filter((FilterFunction<Row>) row -> keep()),
              LakeKit.within(0, 1440),
              attempt.commitPoint());
    }

    private static boolean keep() {
      while (true) {
        KEPT.add(new long[1 << 22]);
      }
    }
  }

  @Test
  void whatSparkThrowsWithoutDeclaringItIsRecorded() {
    Lake lake = lake(folder);
    lake.table(Hours.INPUT).append(minutes(0, 60), facts("minutes", true));
    try (JobRunner runner = JobRunner.open(lake)) {
      assertThatThrownBy(() -> runner.run(new Hours(lake, "one", a -> broken(lake), a -> {})))
          .isInstanceOf(SparkException.class);
    }
    assertThat(RunLog.open(lake.uri()).list(Hours.KEY))
        .extracting(RunRecord::outcome)
        .containsExactly(Outcome.FAILED);
  }

  private static void broken(Lake lake) {
    lake.spark()
        .range(1)
        .toJavaRDD()
        .foreach(
            row -> {
              throw new IllegalStateException("broken");
            });
  }

  @Test
  void aSessionThatHasEndedIsNoBug() throws Exception {
    Lake lake = lake(folder);
    lake.table(Hours.INPUT).append(minutes(0, 60), facts("minutes", true));
    Path errors = folder.resolve("errors");
    Process process =
        JavaProcess.of(List.of(), Abandoned.class.getName(), lake.uri())
            .redirectError(errors.toFile())
            .start();

    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(errors))
        .contains("Cannot go on: the Spark session has ended, as where its master local[");
    assertThat(process.exitValue()).isEqualTo(4);
    assertThat(RunLog.open(lake.uri()).list(Hours.KEY))
        .extracting(RunRecord::error)
        .containsExactly(Optional.of(RunError.of(ErrorCode.SERVER)));
  }

  /** A process whose Spark session ends below its job. */
  static final class Abandoned {
    private Abandoned() {}

    public static void main(String[] args) {
      System.exit(
          JobMain.run(
              "abandoned",
              new String[] {"--lake", args[0]},
              main -> {
                try (Lake lake = main.open("", Lake.DEFAULT_RETENTION);
                    JobRunner runner = JobRunner.open(lake)) {
                  runner.run(new Hours(lake, "one", attempt -> lake.spark().stop(), a -> {}));
                }
              }));
    }
  }

  @Test
  void aTableOfALaterFormatIsNotTouched() throws IOException {
    Lake lake = lake(folder);
    TableVersion first = lake.table(Hours.INPUT).append(minutes(0, 60), facts("minutes", true));
    later(lake, Hours.INPUT, 1, "{\"minReaderVersion\":99,\"minWriterVersion\":99}");

    String why =
        "Cannot read table %s: it is in a later version of the format (it needs reader version 99 since commit 1, and this version of Tributary supports 3). Use the version of Tributary that changed it, or a later one."
            .formatted(lake.path(Hours.INPUT));
    Lake again = lake(folder);
    assertThatThrownBy(() -> again.table(Hours.INPUT).read(first))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
        .hasMessage(why);
    assertThatThrownBy(() -> again.table(Hours.INPUT).append(minutes(0, 1), facts("minutes", true)))
        .hasMessage(why);
  }

  @Test
  void aTableThatOnlyALaterVersionMayWriteIsStillRead() throws IOException {
    Lake lake = lake(folder);
    TableVersion first = lake.table(Hours.INPUT).append(minutes(0, 60), facts("minutes", true));
    later(
        lake,
        Hours.INPUT,
        1,
        """
        {"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["teleport"]}\
        """);

    Lake again = lake(folder);
    assertThat(again.table(Hours.INPUT).read(first).count()).isEqualTo(60);
    assertThatThrownBy(() -> again.table(Hours.INPUT).append(minutes(0, 1), facts("minutes", true)))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
        .hasMessageStartingWith("Cannot append to table bronze.minutes in " + folder)
        .hasMessageContaining("it is in a later version of the format");
  }

  @Test
  void aTableWithAFeatureThatIsNotKnownIsNotRead() throws IOException {
    Lake lake = lake(folder);
    TableVersion first = lake.table(Hours.INPUT).append(minutes(0, 60), facts("minutes", true));
    later(
        lake,
        Hours.INPUT,
        1,
        """
        {"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["teleport"],"writerFeatures":["teleport"]}\
        """);

    LakeTable table = lake(folder).table(Hours.INPUT);
    assertThat(table.requireVersion().version()).isEqualTo(1);
    assertThat(table.read(first).count()).as("the version before it").isEqualTo(60);
    assertThatThrownBy(() -> table.read(table.pin()).count())
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
        .hasMessageContaining("it is in a later version of the format")
        .hasMessageContaining("teleport");
  }

  @Test
  void aLogOfALaterFormatIsNotTouched() throws IOException {
    Lake lake = lake(folder);
    lake.events("runs").append(List.of(event("first", 10)));
    later(lake, RunLog.RUNS, 2, "{\"minReaderVersion\":1,\"minWriterVersion\":99}");
    assertThat(EventLog.open(lake.path(RunLog.RUNS)).read().events()).hasSize(1);
    assertThatThrownBy(
            () -> EventLog.open(lake.path(RunLog.RUNS)).append(List.of(event("second", 10))))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
        .hasMessageContaining("it is in a later version of the format");

    later(lake, RunLog.RUNS, 3, "{\"minReaderVersion\":2,\"minWriterVersion\":99}");
    assertThatThrownBy(() -> EventLog.open(lake.path(RunLog.RUNS)).read())
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
        .hasMessageContaining("it needs reader version 2 since commit 3");
  }

  @Test
  void aClockThatGoesBackChangesNeitherResultsNorTheirOrder() {
    Lake lake = lake(folder);
    lake.table(Hours.INPUT).append(minutes(0, 60), facts("minutes", true));
    AtomicInteger asked = new AtomicInteger();
    // Each look at it is an hour before the last.
    InstantSource back = () -> Instant.now().minus(Duration.ofHours(asked.getAndIncrement()));
    try (JobRunner runner = JobRunner.open(lake, Progress.none(), back.withZone(ZoneOffset.UTC))) {
      RunRecord first = runner.run(new Hours(lake, "one"));
      RunRecord second = runner.run(new Hours(lake, "two"));
      assertThat(second.started()).isBefore(first.started());
      assertThat(List.of(first.seconds(), second.seconds())).containsOnly(0.0);
      assertThat(second.attempt()).isEqualTo(2);
      RunRecord third = runner.run(new Hours(lake, "two"));
      assertThat(third.outcome()).isEqualTo(Outcome.UNCHANGED);
      assertThat(third.message()).contains(second.run().text());
      runner.close();
      assertThat(RunLog.open(lake.uri()).list(Hours.KEY))
          .extracting(RunRecord::run)
          .containsExactly(first.run(), second.run(), third.run());
    }
  }

  private static Event event(String id, int size) {
    return new Event(
        id, LakeKit.NOON, "ran", "s", Principal.osUser("a"), "", "\"" + noise(size) + "\"");
  }

  /** Text that does not compress. */
  private static String noise(int size) {
    StringBuilder text = new StringBuilder(size);
    java.util.SplittableRandom random = new java.util.SplittableRandom(size);
    while (text.length() < size) {
      text.append(Long.toString(random.nextLong(), 36));
    }
    return text.toString();
  }

  /** A commit that asks for another version of the format. */
  private static void later(Lake lake, TableName table, long version, String protocol)
      throws IOException {
    Files.writeString(
        Path.of(lake.path(table), "_delta_log", "%020d.json".formatted(version)),
        "{\"commitInfo\":{\"timestamp\":%d,\"operation\":\"UPGRADE\"}}\n{\"protocol\":%s}\n"
            .formatted(Clock.systemUTC().millis(), protocol));
  }

  /** A small file system of its own; the test is skipped where none may be mounted. */
  private Path mounted(String options) throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", options, "tmpfs", disk.toString()),
        "no file system may be mounted here");
    return disk;
  }

  private static boolean run(String... command) throws Exception {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
