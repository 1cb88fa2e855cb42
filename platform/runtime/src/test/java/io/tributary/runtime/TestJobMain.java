package io.tributary.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.lake.Lake;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class TestJobMain {

  @TempDir Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void findsTheProjectUpwards() throws IOException {
    Path inner = Files.createDirectories(folder.resolve("project/sources/more"));
    Files.writeString(folder.resolve("project/tributary.yaml"), "");
    AtomicReference<Path> found = new AtomicReference<>();
    AtomicReference<List<String>> subjects = new AtomicReference<>();

    int code =
        run(
            inner,
            main -> {
              found.set(main.project());
              subjects.set(main.subjects());
            },
            "flights",
            "weather");

    assertThat(code).isZero();
    assertThat(found.get()).isEqualTo(folder.resolve("project"));
    assertThat(subjects.get()).containsExactly("flights", "weather");
  }

  @Test
  void aFolderAsFirstWordIsTheProject() throws IOException {
    Files.createDirectories(folder.resolve("examples/nyc"));
    AtomicReference<Object> seen = new AtomicReference<>();

    run(
        folder,
        main -> seen.set(List.of(main.project(), main.subjects())),
        "examples/nyc",
        "flights");

    assertThat(seen.get()).isEqualTo(List.of(folder.resolve("examples/nyc"), List.of("flights")));
  }

  @Test
  void anOptionNamesTheProjectToo() throws IOException {
    Files.createDirectories(folder.resolve("shop"));
    AtomicReference<Object> seen = new AtomicReference<>();

    run(
        folder,
        main -> seen.set(List.of(main.project(), main.subjects())),
        "shop",
        "--project",
        "examples/nyc");

    assertThat(seen.get()).isEqualTo(List.of(folder.resolve("examples/nyc"), List.of("shop")));
  }

  @Test
  void aFolderInAProjectIsASubjectUnlessItIsAProjectToo() throws IOException {
    Files.createDirectories(folder.resolve("flights"));
    AtomicReference<Object> seen = new AtomicReference<>();
    JobMain.Body body = main -> seen.set(List.of(main.project(), main.subjects()));

    run(folder, body, "flights");
    assertThat(seen.get()).isEqualTo(List.of(folder.resolve("flights"), List.of()));

    Files.writeString(folder.resolve("tributary.yaml"), "");
    run(folder, body, "flights");
    assertThat(seen.get()).isEqualTo(List.of(folder, List.of("flights")));

    Files.writeString(folder.resolve("flights/tributary.yaml"), "");
    run(folder, body, "flights");
    assertThat(seen.get()).isEqualTo(List.of(folder.resolve("flights"), List.of()));
  }

  @Test
  void aWordThatIsWorkedOnIsNoFolderHoweverItLooks() throws IOException {
    Files.writeString(folder.resolve("tributary.yaml"), "");
    AtomicReference<Object> seen = new AtomicReference<>();

    run(
        folder,
        new JobMain.Body() {
          @Override
          public void run(JobMain main) {
            seen.set(List.of(main.project(), main.subjects()));
          }

          @Override
          public boolean isSubject(String word) {
            return word.startsWith("departures/");
          }
        },
        "departures/2013-12-30/0a");

    assertThat(seen.get()).isEqualTo(List.of(folder, List.of("departures/2013-12-30/0a")));
  }

  @Test
  void saysThatThereIsNoProject() {
    assertThat(run(folder, JobMain::project)).isEqualTo(2);
    assertThat(errors()).startsWith("Cannot find a project from " + folder + ": ");
  }

  @Test
  void refusesALakeInAnObjectStoreBeforeAnythingStarts() {
    assertThat(run(folder, main -> main.open("l", Lake.DEFAULT_RETENTION), "--lake", "s3a://b/l"))
        .isEqualTo(2);
    assertThat(errors()).startsWith("Cannot open lake s3a://b/l: ");
  }

  @Test
  void theExitCodeSaysWhoMustAct() {
    for (ErrorCode code : ErrorCode.values()) {
      int exit =
          run(
              folder,
              main -> {
                throw new PlatformException(code, "Cannot go on: no. Stop.");
              });
      assertThat(exit).isEqualTo(code.group().exitCode()).isPositive();
    }
  }

  @Test
  void saysTheSameInEveryCountry() {
    Locale machines = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(JobMain.run("test", new String[0], main -> {})).isZero();
      assertThat("%.1f".formatted(0.5)).isEqualTo("0.5");
    } finally {
      Locale.setDefault(machines);
    }
  }

  @Test
  void anErrorIsOneLine() {
    int exit =
        run(
            folder,
            main -> {
              throw new IllegalStateException(
                  "around",
                  new PlatformException(ErrorCode.CORRUPT, "Cannot read x: no. Restore it."));
            });

    assertThat(exit).isEqualTo(3);
    assertThat(errors()).isEqualTo("Cannot read x: no. Restore it.\n");
  }

  @Test
  void anErrorIsAnObjectUnderJson() {
    run(
        folder,
        main -> {
          throw new PlatformException(ErrorCode.CORRUPT, "Cannot read x: no. Restore it.");
        },
        "--json");

    assertThat(output())
        .contains(
            "\"code\":\"CORRUPT\"",
            "\"group\":\"DATA\"",
            "\"message\":\"Cannot read x: no. Restore it.\"");
  }

  @Test
  void theStackTraceOfABugIsKept() throws IOException {
    int exit =
        run(
            folder,
            main -> {
              main.open("ignored", Lake.DEFAULT_RETENTION).close();
              throw new IllegalStateException("outer", new NullPointerException("inner\nmore"));
            },
            "--lake",
            "lake");

    assertThat(exit).isEqualTo(1);
    assertThat(errors())
        .startsWith(
            "Cannot finish test: NullPointerException: inner. This is a bug in Tributary: report it with ")
        .hasLineCount(1);
    try (var kept = Files.list(folder.resolve("lake/platform/errors"))) {
      assertThat(kept.toList())
          .singleElement()
          .satisfies(
              f -> {
                assertThat(errors()).contains(f.toString());
                assertThat(Files.readString(f))
                    .startsWith("java.lang.IllegalStateException\n")
                    .contains(
                        "Caused by: java.lang.NullPointerException\n",
                        "at io.tributary.runtime.TestJobMain")
                    .as("messages may hold values")
                    .doesNotContain("outer", "inner");
              });
    }
  }

  @Test
  void anUnknownOptionIsTheUsersError() {
    assertThat(run(folder, main -> {}, "--form", "2013-01-01")).isEqualTo(2);
    assertThat(errors())
        .startsWith("Cannot run test: Unknown option: '--form'")
        .contains("tributary test --help")
        .hasLineCount(1);
  }

  @Test
  void aBodyMayHaveOptionsOfItsOwn() {
    Publish publish = new Publish();

    assertThat(run(folder, publish, "--at", "2013-01-01", "--json")).isZero();

    assertThat(publish.seen).isEqualTo("2013-01-01 true");
    assertThat(run(folder, new Publish(), "--help")).isZero();
    assertThat(output()).contains("Usage: tributary test", "--at", "--lake", "[PROJECT] [NAME…]");
  }

  @Test
  void aResultIsOneLineOfJsonOrLinesForPeople() {
    JobMain.Body body =
        main -> {
          main.say("seven rows");
          main.result(Map.of("rows", 7));
        };

    run(folder, body);
    run(folder, body, "--json");

    assertThat(output()).isEqualTo("seven rows\n{\"rows\":7}\n");
  }

  @Test
  void progressIsForATerminalOnly() {
    JobMain.run(
        "test",
        new String[0],
        main -> main.progress().say("one"),
        folder,
        print(out),
        print(err),
        true);
    run(folder, main -> main.progress().say("two"));

    assertThat(errors()).isEqualTo("one\n");
  }

  @Test
  void eventsAreToldThoughNobodyWatchesWhenALogIsAskedFor() {
    try {
      List<Progress> told = new ArrayList<>();
      assertThat(run(folder, main -> told.add(main.progress()), "--log", "json")).isZero();
      assertThat(told).doesNotContain(Progress.NONE);
      assertThat(System.getProperty("tributary.log.format")).isEqualTo("json");
      assertThat(System.getProperty("tributary.log.events")).isEqualTo("info");

      assertThat(run(folder, main -> told.add(main.progress()))).isZero();
      assertThat(told.get(1)).isSameAs(Progress.NONE);
    } finally {
      System.clearProperty("tributary.log.format");
      System.clearProperty("tributary.log.events");
    }
  }

  @Test
  void aLogOfAnotherFormatIsRefused() {
    assertThat(run(folder, main -> {}, "--log", "xml")).isEqualTo(2);
    assertThat(errors()).contains("--log").contains("xml");
  }

  @Command
  private static final class Publish implements JobMain.Body {
    @Option(names = "--at")
    private String at;

    private String seen;

    @Override
    public void run(JobMain main) {
      seen = at + " " + main.json();
    }
  }

  private int run(Path working, JobMain.Body body, String... args) {
    return JobMain.run("test", args, body, working, print(out), print(err), false);
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private String output() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String errors() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
