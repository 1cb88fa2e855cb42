package io.tributary.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.analysis.CheckedProject;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.ErrorGroup;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.definition.PipelineGraph;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.events.facts.DeliveryVerdict.Outcome;
import io.tributary.runtime.JobMain;
import io.tributary.source.DeliveredFile;
import io.tributary.source.FileStamp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestProjectCheck {
  @TempDir private Path folder;

  @BeforeEach
  void writeProject() throws IOException {
    write(
        "tributary.yaml", "project: shop\nzone: UTC\nlake: lake\nonline: rocksdb:${lake}/online\n");
    write(
        "sources/orders.yaml",
        """
        source: orders
        read: {format: csv, path: data/orders-*.csv, header: true}
        columns: {id: bigint, customer: string, paid: double, at: timestamp}
        event-key: [id]
        event-time: at
        expectations: orders.json
        """);
    write(
        "sources/areas.yaml",
        """
        source: areas
        static: true
        read: {format: csv, path: data/areas.csv, header: true}
        columns: {area: string, name: string}
        event-key: [area]
        """);
    write(
        "features/spending.yaml",
        """
        view: spending@1
        entity: [customer]
        source: orders
        features:
          paid: sum(paid) over 7d
        """);
    write(
        "expectations/orders.json",
        """
        {"name": "orders", "expectations": [
          {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "customer"}}]}
        """);
    write("data/areas.csv", "area,name\na,North\nb,South\n");
    write("data/orders-1.csv", "id,customer,paid,at\n1,x,2.5,2024-01-01T00:00:00Z\n");
  }

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private void replace(String name, String text, String by) throws IOException {
    String before = Files.readString(folder.resolve(name));
    assertThat(before).contains(text);
    write(name, before.replace(text, by));
  }

  private ProjectCheck.Report check() {
    return ProjectCheck.of(folder, Map.of(), Optional.empty());
  }

  private List<String> found() {
    return check().problems().stream().map(PlacedProblem::toString).toList();
  }

  @Test
  void saysWhatWasLookedAtWhereNothingIsWrong() {
    ProjectCheck.Report report = check();

    assertThat(report.problems()).isEmpty();
    assertThat(report.notes()).isEmpty();
    assertThat(report.worst()).isEmpty();
    assertThat(report.done())
        .containsExactly(
            "definitions: 2 sources, 1 views, 0 training sets, 0 models, 0 score sets, 0 monitors, 0 pipelines",
            "SQL: all expressions typed and compiled",
            "suites: 1 beside the columns that they judge",
            "files: 2 are there; of 2 that no run has admitted columns and the first 1,000 lines each, 3 in all");
    assertThat(SparkSession.getDefaultSession().isDefined()).isFalse();
  }

  @Test
  void findsAllThatIsWrongWithWhatIsWritten() throws IOException {
    replace("tributary.yaml", "lake: lake", "lake: ${NO_SUCH_LAKE}");
    replace("sources/areas.yaml", "path: data", "pth: data");
    write(
        "pipelines/nightly.yaml", "pipeline: nightly\nschedule: \"0 6 * * *\"\nsteps: [score x]\n");

    ProjectCheck.Report report = check();

    assertThat(report.worst()).contains(ErrorGroup.USER);
    assertThat(report.problems())
        .extracting(f -> f.file() + ":" + f.line() + ":" + f.column())
        .containsExactly(
            "pipelines/nightly.yaml:3:15", "sources/areas.yaml:3:21", "tributary.yaml:3:1");
    assertThat(report.problems().get(2).message()).contains("NO_SUCH_LAKE, which is not set");
    assertThat(report.notes()).hasSize(1);
  }

  @Test
  void aDayThatIsKnownAsItBeginsIsFoundBesideWhatElseIsWrong() throws IOException {
    replace("sources/orders.yaml", "at: timestamp", "at: date");
    assertThat(found())
        .filteredOn(line -> line.contains("the event time is a day"))
        .singleElement()
        .satisfies(line -> assertThat(line).startsWith("sources/orders.yaml:5:"));

    replace("sources/orders.yaml", "event-key", "event-keys");
    assertThat(found())
        .hasSize(2)
        .anyMatch(line -> line.contains("event-keys"))
        .anyMatch(line -> line.contains("the event time is a day"));
    assertThat(check().done()).noneMatch(line -> line.startsWith("SQL"));
  }

  @Test
  void findsAllThatIsWrongWithExpressionsSuitesAndFiles() throws IOException {
    replace("features/spending.yaml", "sum(paid)", "sum(payd)");
    replace("expectations/orders.json", "\"customer\"", "\"custmer\"");
    write("data/orders-2.csv", "id,customer,price,at\n2,x,2.5,2024-01-01T00:00:00Z\n");
    write("data/orders-3.csv", "id,customer,paid,at\n3,x,much,2024-01-01T00:00:00Z\n");
    write("data/areas.csv", "area,name\na,North\nb,South\na,Nord\n");

    List<String> found = found();

    assertThat(found).hasSize(5);
    assertThat(found.get(0))
        .isEqualTo(
            "data/areas.csv:4:1: Cannot admit file data/areas.csv of source areas: 1 of its first 3 lines have the event key (area) of a line before, the first is line 4. A key of reference data names one row: correct the file, or the source's event-key.");
    assertThat(found.get(1))
        .startsWith("data/orders-2.csv:1:1: Cannot load file data/orders-2.csv of source orders: ")
        .contains("it lacks paid", "it has price");
    assertThat(found.get(2))
        .startsWith("data/orders-3.csv:1:1: ")
        .contains("column paid is double in the contract, but none of its 1 values is one");
    assertThat(found.get(3)).startsWith("expectations/orders.json:2:73: ").contains("custmer");
    assertThat(found.get(4)).startsWith("features/spending.yaml:5:13: ").contains("payd");
    assertThat(check().worst()).contains(ErrorGroup.USER);
    assertThat(check().done()).noneMatch(line -> line.startsWith("SQL"));
  }

  @Test
  void aFileThatIsNotThereIsTheDatasProblem() throws IOException {
    Files.delete(folder.resolve("data/areas.csv"));

    ProjectCheck.Report report = check();

    assertThat(report.problems())
        .singleElement()
        .satisfies(
            f -> {
              assertThat(f.code()).isEqualTo(ErrorCode.UNREADABLE_FILE);
              assertThat(f.file()).isEqualTo("sources/areas.yaml");
              assertThat(f.message()).contains("data/areas.csv");
            });
    assertThat(report.worst()).contains(ErrorGroup.DATA);
    assertThatThrownBy(() -> require("areas"))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNREADABLE_FILE))
        .hasMessage(report.problems().get(0).message());
    require("orders");
  }

  private void require(String source) {
    ProjectCheck.require(
        CheckedProject.check(ProjectReader.read(folder, Map.of(), Optional.empty())),
        List.of(source));
  }

  @Test
  void rowsThatIngestWouldSetApartAreNoted() throws IOException {
    write(
        "data/orders-1.csv",
        "id,customer,paid,at\n1,x,2.5,2024-01-01T00:00:00Z\n,x,1,2024-01-01T00:00:00Z\n2,x,much,2024-01-01T00:00:00Z\n");

    ProjectCheck.Report report = check();

    assertThat(report.problems()).isEmpty();
    assertThat(report.notes()).hasSize(2);
    assertThat(report.notes().get(0))
        .startsWith(
            "source orders, data/orders-1.csv: 1 of the first 3 lines are malformed, line 4: paid ");
    assertThat(report.notes().get(1))
        .isEqualTo(
            "source orders, data/orders-1.csv: 1 of the first 3 lines have no id, which is part of the event key");
  }

  @Test
  void theFirstLinesOfALongFileBreakNoContract() throws IOException {
    StringBuilder file = new StringBuilder("id,customer,paid,at\n");
    for (int id = 1; id <= FileSample.LINES; id++) {
      file.append(id).append(",x,much,2024-01-01T00:00:00Z\n");
    }
    file.append("0,x,2.5,2024-01-01T00:00:00Z\n");
    write("data/orders-1.csv", file.toString());

    assertThat(check().problems()).isEmpty();
  }

  @Test
  void linesWithoutAKeyAreNoDuplicates() throws IOException {
    write("data/areas.csv", "area,name\na,North\n,South\n,West\nnull,East\n");

    ProjectCheck.Report report = check();

    assertThat(report.problems()).isEmpty();
    assertThat(report.notes()).hasSize(1);
  }

  @Test
  void aSourceThatHasNothingToDeliverAndNeverHadIsTheDatasProblem() throws IOException {
    replace("sources/orders.yaml", "data/orders-", "data/none-");

    assertThat(check().problems())
        .singleElement()
        .satisfies(f -> assertThat(f.message()).contains("none has been delivered before"));
  }

  @Test
  void aFileOfAnAdmittedDeliveryIsNotOpened() throws IOException {
    DeliveredFile file = aFileThatBreaksItsContract();
    delivered(1, file);
    judged(1, Outcome.REJECTED);
    judged(1, Outcome.ADMITTED);

    assertThat(found()).isEmpty();
  }

  @Test
  void aFileOfADeliveryThatWasNotAdmittedIsOpened() throws IOException {
    DeliveredFile file = aFileThatBreaksItsContract();
    delivered(1, file);
    assertThat(found()).hasSize(1);
    judged(1, Outcome.ADMITTED);
    judged(1, Outcome.REJECTED);
    assertThat(found()).hasSize(1);
  }

  @Test
  void aFileThatReplacedAnAdmittedOneOfItsSizeIsOpened() throws IOException {
    String broken = Files.readString(folder.resolve(aFileThatBreaksItsContract().path()));
    write("data/orders-0.csv", broken.replace("id,", "ix,"));
    DeliveredFile before = stamped("data/orders-0.csv");
    delivered(1, before);
    judged(1, Outcome.ADMITTED);
    assertThat(found()).isEmpty();

    FileTime modified = Files.getLastModifiedTime(folder.resolve(before.path()));
    write("data/orders-0.csv", broken);
    Files.setLastModifiedTime(folder.resolve(before.path()), modified);
    assertThat(found()).hasSize(1);
  }

  @Test
  void aFileWhoseBytesWereAdmittedIsNotReportedWhereverItLies() throws IOException {
    DeliveredFile file = aFileThatBreaksItsContract();
    delivered(
        1,
        new DeliveredFile(
            "elsewhere.csv", file.bytes(), file.sha256(), file.range(), Optional.empty()));
    judged(1, Outcome.REJECTED);
    assertThat(found()).hasSize(1);

    judged(1, Outcome.ADMITTED);
    assertThat(found()).isEmpty();
    append("recognized", Map.of("source", "orders", "files", List.of(file)));
    assertThat(found()).isEmpty();
  }

  private DeliveredFile aFileThatBreaksItsContract() throws IOException {
    write("data/orders-0.csv", "id,customer,at\n1,x,2024-01-01T00:00:00Z\n");
    assertThat(found()).hasSize(1);
    return stamped("data/orders-0.csv");
  }

  /** As the ledger keeps it once it has lain for a while. */
  private DeliveredFile stamped(String path) throws IOException {
    Path file = folder.resolve(path);
    FileStamp stamp =
        new FileStamp(
            Files.getLastModifiedTime(file).toInstant(),
            Files.getAttribute(file, "unix:ctime").toString());
    Digest digest = Digest.of(Files.readString(file));
    return new DeliveredFile(path, Files.size(file), digest, Optional.empty(), Optional.of(stamp));
  }

  private void delivered(long number, DeliveredFile file) {
    append("delivered", Map.of("source", "orders", "number", number, "files", List.of(file)));
  }

  private void judged(long number, Outcome outcome) {
    append("judged", Map.of("source", "orders", "number", number, "outcome", outcome));
  }

  private void append(String kind, Map<String, Object> body) {
    EventLog.open(folder.resolve("lake/platform/deliveries").toString())
        .append(List.of(Event.of(Instant.EPOCH, kind, "orders", Principal.ofProcess(), "r", body)));
  }

  @Test
  void ofManyFilesTheNewestAreOpened() throws IOException {
    for (int i = 2; i < 12; i++) {
      write("data/orders-%d.csv".formatted(i), "id,customer,paid,at\n");
    }
    assertThat(check().notes())
        .containsExactly(
            "source orders: the newest 8 of 11 files that no run has admitted were opened");
  }

  @Test
  void aPipelineThatWasExportedIsWhatTheProjectSays() throws IOException {
    write("pipelines/nightly.yaml", NIGHTLY);
    Path exported = export();
    assertThat(ended("--exported", exported.toString(), "--needs-locks")).isZero();
    assertThat(printed.get("problems")).isEmpty();
  }

  @Test
  void aPipelineThatHasChangedSinceItWasExportedIsNamedByItsSteps() throws IOException {
    write("pipelines/nightly.yaml", NIGHTLY);
    Path exported = export();
    write("pipelines/nightly.yaml", NIGHTLY.replace("materialize]", "materialize, publish]"));
    assertThat(ended("--exported", exported.toString())).isEqualTo(2);
    assertThat(printed.at("/problems/0/message").asText())
        .isEqualTo(
            "Cannot go by this pipeline: the project says otherwise by now: new interval.publish.spending.v1. Export it again: tributary pipeline nightly --project %s --export %s"
                .formatted(folder, exported));
    write("pipelines/nightly.yaml", NIGHTLY.replace("0 6", "0 7"));
    assertThat(ended("--exported", exported.toString())).isEqualTo(2);
    assertThat(printed.at("/problems/0/message").asText()).contains("by now: schedule. Export");
  }

  @Test
  void whatIsNoExportedPipelineIsRefused() throws IOException {
    write("pipelines/nightly.yaml", NIGHTLY);
    Path exported = folder.resolve("x.json");
    assertThat(ended("--exported", exported.toString())).isEqualTo(2);
    assertThat(printed.at("/problems/0/message").asText()).contains("there is no such file");
    Files.writeString(exported, "steps: [ingest]");
    assertThat(ended("--exported", exported.toString())).isEqualTo(2);
    assertThat(printed.at("/problems/0/message").asText()).contains("it is no JSON");
    Files.writeString(exported, "{\"pipeline\": \"weekly\"}");
    assertThat(ended("--exported", exported.toString())).isEqualTo(2);
    assertThat(printed.at("/problems/0/message").asText())
        .contains("has no pipeline \"weekly\"", "tributary pipeline nightly");
  }

  @Test
  void aLakeWithoutLocksIsToldOfWhereTheyAreNeeded() throws IOException {
    String lake = "testlake://" + folder.resolve("far");
    ended("--lake", lake);
    assertThat(printed.get("problems").toString()).doesNotContain("locks");
    assertThat(ended("--lake", lake, "--needs-locks")).isEqualTo(2);
    assertThat(printed.at("/problems/0/message").asText())
        .contains(lake + ", has no locks", "tributary airflow setup");
    assertThat(ended("--lake", "hdfs://no-such-host.invalid/lake")).isEqualTo(4);
    assertThat(printed.at("/error/message").asText())
        .contains("Cannot reach no-such-host.invalid: no host of that name");
  }

  private static final String NIGHTLY =
      "pipeline: nightly\nschedule: \"0 6 * * *\"\nsteps: [ingest, materialize]\n";

  private Path export() throws IOException {
    Project project = ProjectReader.read(folder, Map.of(), Optional.empty());
    return Files.writeString(
        folder.resolve("nightly.json"),
        Json.write(PipelineGraph.of(project, project.pipelines().get("nightly"))));
  }

  private JsonNode printed;

  private int ended(String... options) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      return JobMain.run(
          "check",
          Stream.concat(Stream.of(folder.toString(), "--json"), Stream.of(options))
              .toArray(String[]::new),
          new CheckMain());
    } finally {
      System.setOut(before);
      printed = Json.read(out.toString(StandardCharsets.UTF_8), JsonNode.class);
    }
  }

  @Test
  void printsOneObjectUnderJsonAndEndsWithWhoMustAct() throws IOException {
    replace("features/spending.yaml", "sum(paid)", "sum(payd)");

    assertThat(ended()).isEqualTo(2);
    JsonNode json = printed;
    assertThat(json.at("/problems/0/file").asText()).isEqualTo("features/spending.yaml");
    assertThat(json.at("/problems/0/line").asInt()).isEqualTo(5);
    assertThat(json.at("/problems/0/column").asInt()).isEqualTo(13);
    assertThat(json.at("/problems/0/group").asText()).isEqualTo("USER");
    assertThat(json.at("/checked").size()).isEqualTo(3);
  }
}
