package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.Interval;
import io.tributary.core.Outcome;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.Pipeline;
import io.tributary.definition.PipelineGraph;
import io.tributary.definition.ProjectReader;
import io.tributary.definition.ViewId;
import io.tributary.events.definitions.DefinitionStore;
import io.tributary.events.definitions.Meanings;
import io.tributary.events.facts.FitFacts;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.facts.MonitoringFacts;
import io.tributary.events.facts.PublicationFacts;
import io.tributary.events.facts.RunFacts;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.facts.SnapshotFacts;
import io.tributary.events.facts.TrainingSetFacts;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.events.lake.LakeUpgrade;
import io.tributary.events.runs.Lineage;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.lake.LakeTable;
import io.tributary.offline.FeatureStore;
import io.tributary.offline.TrainingSetBuild;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.online.PublishedRows;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A small lake of each format, as the build that brought the format wrote it: this build reads all
 * of it, and goes on with it. The one of the present format is written anew by running this class
 * with {@code -Dwrite-lake=true}, which is right until a build with it has been released.
 */
class ITSmallLake {
  private static final String FORMAT_1 = "lake-of-format-1.zip";
  private static final LakeSession SESSION = LakeSession.lazy();

  @TempDir Path folder;
  private Path project;

  @AfterAll
  static void stop() {
    SESSION.close();
  }

  @BeforeEach
  void unpack() throws IOException {
    project = folder.resolve("tiny");
    if (Boolean.getBoolean("write-lake")) {
      TinyProject.write(project, 1);
      flow(f -> f.runAll());
      pack(Path.of("src/test/resources", FORMAT_1));
      return;
    }
    try (InputStream in = ITSmallLake.class.getResourceAsStream("/" + FORMAT_1);
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = project.resolve(entry.getName());
        Files.createDirectories(file.getParent());
        Files.copy(zip, file);
      }
    }
  }

  /** Without Hadoop's checksums and locks, and in the order of names. */
  private void pack(Path zipped) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(project)) {
      files =
          all.filter(Files::isRegularFile)
              .filter(f -> !f.toString().endsWith(".crc") && !f.toString().contains("/locks/"))
              .sorted()
              .toList();
    }
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(zipped))) {
      for (Path file : files) {
        zip.putNextEntry(new ZipEntry(project.relativize(file).toString()));
        Files.copy(file, zip);
        zip.closeEntry();
      }
    }
  }

  private CheckedProject checked() {
    return CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty()));
  }

  private String lake() {
    return project.resolve("lake").toString();
  }

  private List<StepRun> flow(Consumer<Flow> run) {
    try (Lake lake = Lake.open(lake(), Lake.DEFAULT_RETENTION, SESSION);
        OnlineStore online = OnlineStores.open("rocksdb:" + project.resolve("lake/online"));
        JobRunner runner = JobRunner.open(lake)) {
      CheckedProject checked = checked();
      Pipeline nightly = checked.project().pipelines().get("nightly");
      Flow flow =
          new Flow(
              new Jobs(checked, lake, online, RunnerChoice.valueOf(DrawnRunner.name())),
              nightly,
              PipelineGraph.of(checked.project(), nightly),
              checked.project().zone(),
              runner);
      run.accept(flow);
      return flow.done();
    }
  }

  @Test
  void isReadWhole() {
    assertThat(LakeIdentity.require(lake()).orElseThrow().format()).isEqualTo(1);
    assertThat(LakeUpgrade.known().run(lake(), false)).isEmpty();

    List<RunRecord> runs = RunLog.open(lake()).list();
    Set<Class<?>> kinds =
        runs.stream()
            .filter(r -> r.outcome() == Outcome.SUCCEEDED)
            .map(r -> r.facts().orElseThrow())
            .map(RunFacts::getClass)
            .collect(Collectors.toSet());
    assertThat(kinds)
        .containsExactlyInAnyOrder(
            IngestFacts.class,
            SnapshotFacts.class,
            PublicationFacts.class,
            TrainingSetFacts.class,
            FitFacts.class,
            ScoringFacts.class,
            MonitoringFacts.class);
    assertThat(Lineage.open(lake()).events()).isNotEmpty();

    DefinitionStore definitions = DefinitionStore.open(lake());
    Set<String> used = new TreeSet<>();
    for (RunRecord run : runs) {
      for (Map.Entry<String, Digest> named : run.definitions().entrySet()) {
        Definition definition = definitions.read(named.getValue());
        assertThat(definition.reference()).isEqualTo(named.getKey());
        used.add(definition.kind());
      }
    }
    assertThat(used)
        .contains("source", "suite", "view", "training-set", "model", "scores", "monitor");
    assertThat(Meanings.open(lake()).fixed("view driver_history@1")).isPresent();

    ModelRegistry registry = ModelRegistry.open(lake());
    ModelVersion version = registry.resolve("lateness@production");
    assertThat(registry.artefact(version)).isNotEmpty();
    try (OnlineStore online = OnlineStores.open("rocksdb:" + project.resolve("lake/online"))) {
      for (ViewId view : online.views()) {
        try (PublishedRows rows = online.rows(online.published(view))) {
          List<byte[]> keys = new ArrayList<>();
          rows.forEach((key, row) -> keys.add(key));
          assertThat(keys).as(view.toString()).isNotEmpty();
        }
      }
    }
  }

  @Test
  void isGoneOnWith() {
    CheckedProject checked = checked();
    ZoneId zone = checked.project().zone();
    Interval night =
        Interval.of(
            TinyProject.FIRST_NIGHT.atStartOfDay(zone).toInstant(),
            TinyProject.FIRST_NIGHT.plusDays(1).atStartOfDay(zone).toInstant());

    List<StepRun> again = flow(f -> f.runNights(night));

    assertThat(again).isNotEmpty();
    try (Lake lake = Lake.open(lake(), Lake.DEFAULT_RETENTION, SESSION)) {
      LakeTable scores = lake.table(TableName.of("scores", "next"));
      assertThat(scores.read(scores.requireVersion()).where("output.probability >= 0").count())
          .isPositive();
      RunRecord built =
          RunLog.open(lake()).list().stream()
              .filter(r -> r.facts(TrainingSetFacts.class).isPresent())
              .findFirst()
              .orElseThrow();
      try (TrainingSetBuild rebuilt =
          FeatureStore.open(checked, lake, RunnerChoice.valueOf(DrawnRunner.name()))
              .trainingSets()
              .build(checked.trainingSet(built.key().subject()).definition(), built.inputs())) {
        assertThat(rebuilt.content().digest())
            .isEqualTo(built.facts(TrainingSetFacts.class).orElseThrow().content());
      }
    }
  }
}
