package io.tributary.ingest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Principal;
import io.tributary.events.runs.RunLog;
import io.tributary.ingest.quarantine.Quarantine;
import io.tributary.ingest.quarantine.Quarantine.Selection;
import io.tributary.quality.Metric;
import io.tributary.quality.MetricLog;
import io.tributary.runtime.JobRunner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values that stand in one row only are looked for wherever a log is kept. */
class ITNoValuesInLogs {
  private static final String PEOPLE =
      """
      source: people
      read: {format: csv, path: "data/people*.csv", header: true}
      columns:
        id: int
        name: string
        visits: int
        income: double
        debt: decimal(12,2)
        born: date
        seen: timestamp
        at: timestamp
      derive:
        ratio: 100000000 div visits
      event-key: [id]
      event-time: at
      expectations: people.json
      """;

  private static final String SUITE =
      """
      {"name": "people", "expectations": [
        {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "name", "value_set": ["Ann", "Bob"], "mostly": 0.6}},
        {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "name", "mostly": 0.1}, "severity": "warning"},
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "visits", "max_value": 9, "mostly": 0.6}},
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "income", "max_value": 9, "mostly": 0.6}},
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "debt", "max_value": 9, "mostly": 0.6}},
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "born", "min_value": "2000-01-01", "mostly": 0.6}},
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "seen", "min_value": "2000-01-01", "mostly": 0.6}},
        {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "id", "min_value": 0}},
        {"type": "expect_column_max_to_be_between", "kwargs": {"column": "debt", "max_value": 9}, "severity": "warning"},
        {"type": "expect_column_max_to_be_between", "kwargs": {"column": "income", "max_value": 9000000000}}
      ]}
      """;

  private static final String HEADER = "id,name,visits,income,debt,born,seen,at\n";
  private static final String GOOD =
      ",Ann,1,1.5,2.25,2001-01-01,2013-01-01T12:00:00Z,2013-01-01T12:00:00Z\n";

  /** A row that every expectation is broken by. */
  private static final String BAD =
      ",zorkmid,86753091,86753092.5,86753093.25,1931-07-13,1931-07-14T15:16:17Z,2013-01-01T12:00:00Z\n";

  /** A row that is good, but for whoever asks for the greatest income. */
  private static final String RICH =
      ",Bob,1,918273.645,2.25,2001-01-01,2013-01-01T12:00:00Z,2013-01-01T12:00:00Z\n";

  private static final String MALFORMED = "grue1,zorkmid,grue2,grue3,grue4,grue5,grue6,grue7\n";

  /** What of those no log may say; of numbers and times as any engine would write them. */
  private static final List<String> MARKERS =
      List.of(
          "zorkmid",
          "grue",
          "8675309",
          "8.675309",
          "1931-07",
          "plugh",
          "xyzzy",
          "918273.645",
          "9.18273645");

  @TempDir Path folder;

  @Test
  void nothingThatIsKeptOfBadRowsSaysWhatIsInThem() {
    SmallProject project = new SmallProject(folder);
    project.write("sources/people.yaml", PEOPLE);
    project.write("expectations/people.json", SUITE);
    project.write(
        "data/people1.csv",
        HEADER + "1" + GOOD + "2" + GOOD + "86753095" + BAD + "4" + GOOD + MALFORMED);
    project.run(project.job("people"));
    project.write(
        "data/people2.csv", HEADER + "86753096" + BAD + "86753097" + BAD + "7" + GOOD + MALFORMED);
    assertThatThrownBy(() -> project.run(project.job("people")))
        .hasMessageContaining("as in data/people2.csv:2, data/people2.csv:3");
    Quarantine quarantine = Quarantine.of(project.checked().project(), "people", project.lake());
    assertThat(quarantine.held(Selection.ALL, 99).list().toString())
        .contains(MARKERS.subList(0, 5));
    release(quarantine, 1);
    release(quarantine, 2);
    project.run(project.job("people"));
    assertThat(project.list("validated.people", "name")).contains("zorkmid");
    project.write("sources/people.yaml", PEOPLE.replace("100000000 div", "200000000 div"));
    project.run(project.job("people"));
    for (String broken :
        List.of(HEADER + MALFORMED, "xyzzy,plugh\n1,2\n", HEADER + "9,\"xyzzy\n")) {
      project.write("data/people3.csv", broken);
      assertThatThrownBy(() -> project.run(project.job("people")))
          .hasMessageContaining("data/people3.csv")
          .satisfies(e -> assertThat(MARKERS).anyMatch(e.getMessage()::contains));
    }
    project.delete("data/people3.csv");
    failures(project);
    project.write(
        "expectations/people.json",
        SUITE.replace("\"max_value\": 9000000000", "\"max_value\": 900000"));
    project.write("data/people4.csv", HEADER + "10" + RICH);
    for (int run = 0; run < 2; run++) {
      assertThatThrownBy(() -> project.run(project.job("people")))
          .hasMessageContaining(
              "expect_column_max_to_be_between(column=income, max_value=900000): observed 918273.645. ");
    }
    assertThat(DeliveryAdmission.of(project.lake(), "people").get(1L).warnings().toString())
        .contains(
            "expect_column_max_to_be_between(column=debt, max_value=9): observed 86753093.25");
    assertThat(MetricLog.open(project.lake().uri()).read("people"::equals))
        .extracting(MetricLog.Measured::metric)
        .contains(new Metric("max", 918273.645), new Metric("max", 86753093.25));

    List<String> said = new ArrayList<>();
    for (Path file : kept(project)) {
      String bytes = bytes(file);
      MARKERS.stream().filter(bytes::contains).forEach(m -> said.add(m + " in " + file));
    }
    assertThat(said).isEmpty();
    assertThat(kept(project)).anyMatch(f -> bytes(f).contains("data/people2.csv"));
  }

  /** What a run's record keeps of errors still says where to look. */
  private static void failures(SmallProject project) {
    try (JobRunner runner = JobRunner.open(project.lake())) {
      assertThat(RunLog.open(project.lake().uri()).list().toString())
          .contains("data/people3.csv")
          .contains("in the contract, but none of its 1 values is one (line 2: …)");
    }
  }

  private static void release(Quarantine quarantine, long delivery) {
    quarantine.release(
        new Selection(Optional.of(delivery), Optional.empty(), Optional.empty(), Map.of()),
        "they are as they are",
        Principal.osUser("ann"));
  }

  /** All files of the platform's own tables, and all logs of others. */
  private static List<Path> kept(SmallProject project) {
    Path lake = project.folder().resolve("lake");
    try (Stream<Path> files = Files.walk(lake)) {
      return files
          .filter(Files::isRegularFile)
          .filter(
              f -> f.startsWith(lake.resolve("platform")) || f.toString().contains("_delta_log"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String bytes(Path file) {
    try {
      return Files.readString(file, ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
