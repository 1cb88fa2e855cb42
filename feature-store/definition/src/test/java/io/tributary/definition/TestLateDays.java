package io.tributary.definition;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestLateDays {
  private static final String COLUMNS =
      """
      read: {path: f}
      columns:
        day: date
        written: {type: date, format: dd/MM/yyyy}
        begin: {type: timestamp, format: dd/MM/yyyy}
        minute: {type: timestamp, format: "dd/MM/yyyy HH:mm"}
        at: timestamp
      derive:
        same: written
        made: cast(at as date)
        begun: date_trunc('DAY', at)
        later: at + interval 1 hour
        itself: itself
      event-key: [at]
      """;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "day",
        "Day",
        "`day`",
        "written",
        "begin",
        "same",
        "made",
        "begun",
        "to_date(at)",
        "CAST(at AS DATE)"
      })
  void areThoseOfEachEventTimeThatIsADay(String time) throws IOException {
    assertThat(late(time, "24h"))
        .hasValueSatisfying(
            why ->
                assertThat(why)
                    .startsWith("with availability-delay 1d a day is known a microsecond after")
                    .endsWith("end-of-day, or end-of-day + 6h where its file arrives later"));
    assertThat(late(time, "30h"))
        .hasValueSatisfying(
            why ->
                assertThat(why)
                    .startsWith("with availability-delay 30h a day is known 6h after")
                    .endsWith("end-of-day, or end-of-day + 6h where its file arrives later"));
    for (String in : new String[] {"23h", "end-of-day", "end-of-day + 30h"}) {
      assertThat(late(time, in)).as(in).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"at", "minute", "later", "date_trunc('hour', at)", "nothing", "itself"})
  void areNoInstants(String time) throws IOException {
    assertThat(late(time, "24h")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"made as d", "to_date(at) as d"})
  void areThoseOfAQueryToo(String column) throws IOException {
    String query =
        """
        query: select at, %s from a
        event-key: [at]
        event-time: d
        availability-delay: 24h
        """
            .formatted(column);
    assertThat(LateDays.of(project("at", "0s", query), source("q"))).isPresent();
  }

  private Project project;

  private Source source(String name) {
    return project.sources().get(name);
  }

  private Optional<String> late(String time, String delay) throws IOException {
    project(time, delay, "read: {path: f}\ncolumns: {at: timestamp}\nevent-time: at\n");
    return LateDays.of(project, source("a"));
  }

  private Project project(String time, String delay, String query) throws IOException {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("tributary.yaml", "project: p\nzone: UTC\n");
    files.put(
        "sources/a.yaml",
        "source: a\n"
            + COLUMNS
            + "event-time: \""
            + time
            + "\"\navailability-delay: "
            + delay
            + "\n");
    files.put("sources/q.yaml", "source: q\n" + query);
    FullProject.write(folder, files);
    project = ProjectReader.read(folder, Map.of(), Optional.empty());
    return project;
  }
}
