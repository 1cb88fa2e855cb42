package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.Outcome;
import io.tributary.core.PlatformException;
import io.tributary.events.runs.RunRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ITFormats {
  @TempDir Path folder;
  private SmallProject project;

  @BeforeEach
  void makeProject() {
    project = new SmallProject(folder);
  }

  @Test
  void loadsJsonLinesThroughTheGate() {
    readFrom("{format: json, path: \"data/trips*.jsonl*\"}");
    project.write(
        "data/trips1.jsonl",
        """
        {"id": 1, "station": "A", "minutes": 30, "at": "2013-01-01T12:00:00Z"}
        {"at": "2013-01-01T12:00:00Z", "station": "A", "minutes": 0, "id": 2}
        {"id": 3, "station": "A", "minutes": "x", "at": "2013-01-01T12:00:00Z"}
        no object
        """);
    project.write(
        "data/trips2.jsonl.gz",
        SmallProject.gzip(
            "{\"id\": 5, \"station\": \"B\", \"minutes\": null, \"at\": \"2013-01-02 07:00:00\"}\n"));

    RunRecord run = project.ingest().get(1);

    assertThat(project.list("validated.trips", "id", "town", "_file", "_line"))
        .containsExactly("1 Astoria data/trips1.jsonl 1", "5 Bronx data/trips2.jsonl.gz 1");
    assertThat(project.list("quarantine.trips", "_line", "_stage", "reasons[0].rule"))
        .containsExactly("2 derive derive", "3 parse type", "4 parse json");
    assertThat(SmallProject.told(run))
        .containsEntry("lines-read", 5L)
        .containsEntry("rows-admitted", 2L)
        .containsEntry("rows-quarantined", 1L)
        .containsEntry("lines-malformed", 2L);
    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
  }

  @Test
  void aRowWithoutItsSequenceIsSetApart() {
    project.write(
        "sources/trips.yaml",
        SmallProject.TRIPS.replace("expectations: trips.json", "sequence: minutes"));
    project.write(
        "data/trips.csv",
        SmallProject.TRIP_COLUMNS + "1,A,30,2013-01-01 12:00:00\n1,A,NA,2013-01-01 12:00:00\n");

    project.ingest();

    assertThat(project.list("validated.trips", "id", "minutes", "_line")).containsExactly("1 30 2");
    assertThat(project.list("quarantine.trips", "_line", "_stage", "reasons[0].rule"))
        .containsExactly("3 derive sequence");
  }

  @Test
  void aTombstoneNeedsNoEventTime() {
    project.write(
        "sources/trips.yaml",
        SmallProject.TRIPS
            .replace("coalesce(ended, at)", "coalesce(ended, at, timestamp '2013-01-05 00:00:00')")
            .replace("expectations: trips.json", "tombstone: minutes = -1"));
    project.write(
        "data/trips.csv",
        SmallProject.TRIP_COLUMNS + "1,A,30,2013-01-01 12:00:00\n1,A,-1,NA\n2,A,5,NA\n");

    project.ingest();

    assertThat(project.list("validated.trips", "id", "_deleted", "_line"))
        .containsExactly("1 false 2", "1 true 3");
    assertThat(project.list("quarantine.trips", "_line", "_stage", "reasons[0].rule"))
        .containsExactly("4 derive event-time");
  }

  @Test
  void anUnknownKeyLoadsNothing() {
    readFrom("{format: json, path: data/trips.jsonl}");
    project.write(
        "data/trips.jsonl",
        """
        {"id": 1, "station": "A", "minutes": 30, "at": "2013-01-01T12:00:00Z"}
        {"id": 2, "station": "A", "minutes": 30, "at": "2013-01-01T12:00:00Z", "tip": 1}
        """);

    assertThatThrownBy(project::ingest)
        .hasMessageStartingWith(
            "Cannot load line 2 of file data/trips.jsonl of source trips: it has tip, which the"
                + " contract does not.")
        .extracting(e -> ((PlatformException) e).code())
        .isEqualTo(ErrorCode.CONTRACT_BROKEN);

    assertThat(project.has("bronze.trips")).isFalse();
  }

  @Test
  void loadsWhatSparkWritesAsParquet() throws IOException {
    readFrom("{format: parquet, path: \"data/*.parquet\"}");
    SmallProject.SESSION
        .spark()
        .sql(
            "select cast(id as smallint) id, 'A' station, 30 minutes, timestamp '2013-01-01"
                + " 12:00:00' + make_dt_interval(0, 0, id) at from range(0, 1000, 1, 1)")
        .write()
        .parquet(folder.resolve("written").toString());
    try (var files = Files.list(folder.resolve("written"))) {
      Path part = files.filter(f -> f.toString().endsWith(".parquet")).findFirst().orElseThrow();
      project.write("data/trips.parquet", Files.readAllBytes(part));
    }

    RunRecord run = project.ingest().get(1);

    assertThat(SmallProject.told(run))
        .containsEntry("lines-read", 1000L)
        .containsEntry("rows-admitted", 1000L);
    assertThat(project.table("validated.trips").where("id = 7").collectAsList())
        .singleElement()
        .satisfies(
            r -> {
              assertThat(r.<Long>getAs("_line")).isEqualTo(8);
              assertThat(r.<Integer>getAs("id")).isEqualTo(7);
              assertThat(r.<String>getAs("town")).isEqualTo("Astoria");
            });
    assertThat(project.list("validated.trips", "unix_seconds(at)").get(1)).isEqualTo("1357041660");
  }

  @Test
  void theSameRowsInEachFormatGiveTheSameTable() throws IOException {
    String[] formats = {"csv", "json", "parquet"};
    String content = null;
    for (String format : formats) {
      Path at = folder.resolve(format);
      SmallProject small = new SmallProject(at);
      small.write(
          "sources/trips.yaml",
          SmallProject.TRIPS.replaceFirst(
              "read: .*", "read: {format: " + format + ", path: data/trips}"));
      var rows =
          SmallProject.SESSION
              .spark()
              .sql(
                  "select cast(id as int) id, if(id % 3 = 0, null, 'A') station, cast(id % 50 + 1"
                      + " as int) minutes, timestamp '2013-01-01 12:00:00' + make_dt_interval(0,"
                      + " id) at from range(0, 200, 1, 1)");
      rows.write()
          .format(format)
          .option("header", "true")
          .option("ignoreNullFields", "false")
          .option("timestampFormat", "yyyy-MM-dd'T'HH:mm:ssXXX")
          .save(at.resolve("written").toString());
      try (var files = Files.list(at.resolve("written"))) {
        Path part =
            files.filter(f -> f.getFileName().toString().startsWith("part-")).findFirst().get();
        small.write("data/trips", Files.readAllBytes(part));
      }

      small.ingest();

      String now =
          String.join("\n", small.list("validated.trips", "id", "station", "pace", "_known_time"));
      assertThat(now).isEqualTo(content == null ? now : content).hasLineCount(200);
      content = now;
    }
  }

  private void readFrom(String read) {
    project.write(
        "sources/trips.yaml", SmallProject.TRIPS.replaceFirst("read: .*", "read: " + read));
  }
}
