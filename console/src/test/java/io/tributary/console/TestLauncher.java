package io.tributary.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.testing.Folders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code bin/tributary} in a small tree of its own, with a Maven and Javas that only tell how they
 * were called.
 */
class TestLauncher {
  @TempDir private Path tree;

  private final Map<String, String> environment = new HashMap<>();

  @BeforeEach
  void plantTree() throws IOException {
    for (String file : List.of("tributary", "environment.sh", "commands")) {
      Files.createDirectories(tree.resolve("bin"));
      Files.copy(
          Folders.repository().resolve("bin").resolve(file), tree.resolve("bin").resolve(file));
    }
    Files.writeString(
        tree.resolve("bin/jvm.options"),
        "# What Spark needs\n--add-opens=java.base/java.nio=ALL-UNNAMED\n");
    Files.writeString(tree.resolve("pom.xml"), "<project/>");
    for (String module : List.of("console", "platform/core", "jobs/serve", "jobs/pipeline")) {
      Files.createDirectories(tree.resolve(module).resolve("src/main"));
      Files.writeString(tree.resolve(module).resolve("src/main/Some.java"), "class Some {}");
      Files.writeString(tree.resolve(module).resolve("pom.xml"), "<project/>");
    }
    script(
        "tools/mvn",
        """
        echo "$JAVA_HOME" >> %1$s/builds
        [[ ! -e %1$s/broken ]] || { echo '[ERROR] it does not compile'; exit 1; }
        echo '[INFO] Building tributary-core 1 [1/2]'
        for module in platform/core console jobs/serve jobs/pipeline; do
          mkdir -p %1$s/$module/target
          echo jar > %1$s/$module/target/tributary-${module##*/}-1.jar
          printf %%s %1$s/platform/core/target/tributary-core-1.jar > %1$s/$module/target/classpath
        done
        """
            .formatted(tree));
    java("jdk-17", "17.0.9");
    java("jdk-25", "25.0.1");
    environment.put("PATH", tree + "/tools:" + tree + "/jdk-25/bin:/usr/bin:/bin");
    environment.put("TRIBUTARY_JDKS", tree + "/jdk-25 " + tree + "/jdk-17");
    environment.put("HOME", tree.toString());
  }

  @Test
  void startsTheJava17AmongNewerOnes() throws Exception {
    environment.put("JAVA_HOME", tree + "/jdk-25");

    Ended ended = tributary("show", "late arrival");

    assertThat(ended.code()).isZero();
    assertThat(ended.out())
        .startsWith("java 17.0.9")
        .endsWith("io.tributary.console.Tributary\nshow\nlate arrival\n");
    assertThat(Files.readString(tree.resolve("builds"))).isEqualTo(tree + "/jdk-17\n");
  }

  @Test
  void anOptionThatMakesAnotherCommandMayStandAnywhere() throws Exception {
    assertThat(tributary("trace", "departures/1", "--verify", "--json").out())
        .endsWith("io.tributary.pipeline.VerifyMain\ndepartures/1\n--verify\n--json\n");
    assertThat(tributary("trace", "--verify", "departures/1").out())
        .endsWith("io.tributary.pipeline.VerifyMain\n--verify\ndepartures/1\n");
    assertThat(tributary("trace", "departures/1", "--verify-not").out())
        .endsWith("io.tributary.console.Tributary\ntrace\ndepartures/1\n--verify-not\n");
  }

  @Test
  void saysWhatToInstallWhereNoJava17Is() throws Exception {
    environment.put("TRIBUTARY_JDKS", tree + "/jdk-25");

    Ended ended = tributary("show");

    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err())
        .isEqualTo(
            "Cannot start Tributary: it needs a JDK 17 and the java on the PATH is 25.0.1. Install one"
                + " (Debian, Ubuntu: apt-get install openjdk-17-jdk-headless), or set JAVA_HOME to it.\n");
  }

  @Test
  void buildsOnFirstUseOnly() throws Exception {
    Ended first = tributary("runs");
    Ended second = tributary("runs");

    assertThat(first.err()).contains("Building Tributary", "[1/2] tributary-core");
    assertThat(second.err()).isEmpty();
    assertThat(second.out()).endsWith("io.tributary.console.Tributary\nruns\n");
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  void buildsAgainAfterAnEdit() throws Exception {
    tributary("runs");
    Path source = tree.resolve("platform/core/src/main/Some.java");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));

    assertThat(tributary("runs").err()).contains("Building Tributary");
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  void buildsAgainWhenAJarIsGone() throws Exception {
    tributary("runs");
    Files.delete(tree.resolve("target/tributary/light/tributary-core-1.jar"));

    assertThat(tributary("runs").code()).isZero();
    assertThat(builds()).isEqualTo(2);
  }

  @Test
  void startsNothingWhenTheBuildFails() throws Exception {
    Files.createFile(tree.resolve("broken"));

    Ended ended = tributary("runs");

    assertThat(ended.code()).isEqualTo(4);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err())
        .contains("[ERROR] it does not compile", "Cannot build Tributary: Maven failed. See ");
    Files.delete(tree.resolve("broken"));
    assertThat(tributary("runs").code()).isZero();
  }

  @Test
  void startsAJobOnItsOwnMainClassWithSparksOptions() throws Exception {
    environment.put("TRIBUTARY_HEAP", "3g");
    environment.put("TRIBUTARY_JAVA_OPTS", "-Da=1 -Db=2");

    Ended ended = tributary("training-set", "--json");

    assertThat(ended.out())
        .contains("-Xmx3g\n", "-Da=1\n-Db=2\n", "SPARK_LOCAL_IP=127.0.0.1 OMP_NUM_THREADS=1\n")
        .endsWith("io.tributary.features.TrainingSetMain\n--json\n");
    assertThat(tree.resolve("target/tributary/heavy/options"))
        .content()
        .startsWith("# What Spark needs\n--add-opens=java.base/java.nio=ALL-UNNAMED\n");
    assertThat(tributary("runs").err()).isEmpty();
    assertThat(builds()).isEqualTo(1);
  }

  @Test
  void aSubcommandDecidesWhatIsStarted() throws Exception {
    assertThat(tributary("quarantine", "show", "rides").out())
        .endsWith("io.tributary.ingest.quarantine.QuarantineMain\nshow\nrides\n");
    assertThat(tributary("quarantine", "--help").out())
        .endsWith("io.tributary.console.Tributary\nquarantine\n--help\n");
    assertThat(tributary().out()).endsWith("io.tributary.console.Tributary\n");
    assertThat(tributary("monitor", "show", "late").out())
        .endsWith("io.tributary.monitor.MonitorShowMain\nshow\nlate\n");
    assertThat(tributary("monitor", "late", "show").out())
        .endsWith("io.tributary.monitor.MonitorMain\nlate\nshow\n");
    assertThat(tributary("serve", "shop").out())
        .contains("-XX:TieredStopAtLevel=4\n-XX:+ExitOnOutOfMemoryError\n")
        .endsWith("io.tributary.serve.ServeMain\nshop\n");
    assertThat(tributary("check", "--json").out())
        .contains("-Xmx1g\n")
        .endsWith("io.tributary.check.CheckMain\n--json\n");
    assertThat(tree.resolve("target/tributary/serving/options"))
        .content()
        .startsWith("# What Spark needs\n")
        .contains("-XX:TieredStopAtLevel=1\n");
  }

  @Test
  void startsWithTheArchiveOfARehearsal() throws Exception {
    assertThat(tributary("runs").out()).containsPattern("-XX:SharedArchiveFile=.*/classes.jsa\n");
  }

  @Test
  void startsWithoutAnArchiveWhenTheRehearsalFails() throws Exception {
    environment.put("REHEARSAL", "1");

    Ended ended = tributary("runs");

    assertThat(ended.code()).isZero();
    assertThat(ended.err()).contains("The rehearsal failed (1), so starts stay slower. Log: ");
    assertThat(ended.out()).doesNotContain("SharedArchiveFile");
  }

  @Test
  void makesABadArchiveAnew() throws Exception {
    environment.put("BAD_ARCHIVES", "2");

    Ended ended = tributary("runs");

    assertThat(ended.code()).isZero();
    assertThat(ended.err())
        .containsPattern("Archive 1 of 3 is bad: with it a light command takes \\d+ ms of CPU,")
        .contains("Archive 2 of 3 is bad: ")
        .doesNotContain("Archive 3 of 3 ");
    assertThat(ended.out()).contains("-XX:SharedArchiveFile=");
    assertThat(tree.resolve("target/tributary/light/classes.jsa")).hasContent("0");
  }

  @Test
  void startsWithoutAnArchiveWhereEachIsBad() throws Exception {
    environment.put("BAD_ARCHIVES", "9");

    Ended ended = tributary("runs");

    assertThat(ended.code()).isZero();
    assertThat(ended.err()).contains("Archive 3 of 3 is bad: ", "so starts stay slower.");
    assertThat(ended.out()).doesNotContain("SharedArchiveFile");
    assertThat(tree.resolve("archives")).hasContent("1\n1\n1");
  }

  @Test
  void becomesTheJvmSoThatSignalsReachIt() throws Exception {
    Ended ended = tributary("run");

    assertThat(ended.out()).contains("process " + ended.process() + "\n");
  }

  @Test
  void runsWhereAnArchiveWasUnpackedAndBuildsNothing() throws Exception {
    Path lib = Files.createDirectories(tree.resolve("lib"));
    for (String jar : List.of("console.jar", "pipeline.jar", "core.jar")) {
      Files.writeString(lib.resolve(jar), "jar");
    }
    Files.writeString(lib.resolve("light.jars"), "console.jar\ncore.jar\n");
    Files.writeString(lib.resolve("heavy.jars"), "pipeline.jar\ncore.jar\n");
    Files.writeString(lib.resolve("revision"), "-Dtributary.code=abc\n-Dtributary.dirty=false\n");

    Ended ended = tributary("train");

    assertThat(ended.code()).isZero();
    assertThat(ended.out()).endsWith("io.tributary.train.TrainMain\n");
    assertThat(ended.err()).contains("Preparing Tributary for its first start here.");
    assertThat(tree.resolve("target/tributary/heavy/options"))
        .content()
        .contains(
            "-cp \"%1$s/pipeline.jar:%1$s/core.jar\"\n".formatted(lib),
            "-Dtributary.code=abc\n-Dtributary.dirty=false\n");
    assertThat(tributary("train").err()).isEmpty();
    assertThat(tributary("runs").out()).contains("io.tributary.console.Tributary\nruns\n");
    assertThat(tree.resolve("builds")).as("calls of Maven").doesNotExist();
  }

  private record Ended(int code, String out, String err, long process) {}

  private Ended tributary(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(tree.resolve("bin/tributary").toString()));
    command.addAll(List.of(arguments));
    Path out = tree.resolve("out");
    Path err = tree.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    int code = process.waitFor();
    return new Ended(code, Files.readString(out), Files.readString(err), process.pid());
  }

  private long builds() throws IOException {
    return Files.readAllLines(tree.resolve("builds")).size();
  }

  private void java(String home, String version) throws IOException {
    script(
        home + "/bin/java",
        """
        [[ $1 != -version ]] || { echo 'openjdk version "%1$s" 2025-01-01' >&2; exit 0; }
        work=20 # what a command costs: least with a good archive, most with a bad one
        for argument; do
          if [[ $argument == -XX:ArchiveClassesAtExit=* ]]; then
            echo 1 >> %2$s/archives
            made=$(wc -l < %2$s/archives)
            echo $((made > ${BAD_ARCHIVES:-0} ? 0 : 200)) > "${argument#*=}"
            exit "${REHEARSAL:-0}"
          fi
          [[ $argument != -XX:SharedArchiveFile=* ]] || work=$(<"${argument#*=}")
        done
        for ((i = 0; i < work * 1000; i++)); do :; done
        echo "java %1$s"
        echo "process $$"
        echo "SPARK_LOCAL_IP=${SPARK_LOCAL_IP:-} OMP_NUM_THREADS=${OMP_NUM_THREADS:-}"
        printf '%%s\\n' "$@"
        """
            .formatted(version, tree));
    Files.writeString(tree.resolve(home).resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
  }

  private void script(String file, String body) throws IOException {
    Path script = tree.resolve(file);
    Files.createDirectories(script.getParent());
    Files.write(script, ("#!/bin/bash\n" + body).getBytes(StandardCharsets.UTF_8));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
