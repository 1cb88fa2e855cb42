package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.Outcome;
import io.tributary.core.PlatformException;
import io.tributary.events.runs.RunRecord;
import io.tributary.ingest.ledger.DeliveryLedger;
import io.tributary.source.SourceRange;
import io.tributary.testing.PostgresServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sources in a real PostgreSQL. */
class ITJdbc {
  private static PostgresServer postgres;

  @TempDir Path folder;
  private SmallProject project;

  @BeforeAll
  static void start() throws Exception {
    postgres = new PostgresServer();
  }

  @AfterAll
  static void stop() throws Exception {
    postgres.close();
  }

  @BeforeEach
  void makeProject() throws Exception {
    project = new SmallProject(folder);
    project.set("TILL_PASSWORD", PostgresServer.PASSWORD);
    project.write(
        "tributary.yaml",
        "project: small\nzone: America/New_York\nlake: lake\ncredentials:\n  till:\n    user: "
            + PostgresServer.USER
            + "\n    password: ${TILL_PASSWORD}\n");
    source("trips", postgres.url());
    postgres.run(
        "drop table if exists trips",
        "create table trips (id int, station text, minutes int, at timestamptz, \"Fare\" numeric)",
        "insert into trips values (1, 'A', 30, '2013-01-01T12:00:00Z', 1.50), (2, 'B', null,"
            + " '2013-01-01T13:00:00Z', null)");
  }

  private void source(String table, String url) {
    project.write(
        "sources/trips.yaml",
        SmallProject.TRIPS
            .replaceFirst(
                "read: .*",
                "read: {format: jdbc, url: \""
                    + url
                    + "\", table: "
                    + table
                    + ", watermark: id, credentials: till}")
            .replace("  at: timestamp\n", "  at: timestamp\n  Fare: \"decimal(8,2)\"\n"));
  }

  @Test
  void deliversWhatLiesAboveTheWatermark() throws Exception {
    RunRecord first = project.ingest().get(1);
    assertThat(SmallProject.told(first))
        .containsEntry("lines-read", 2L)
        .containsEntry("rows-admitted", 2L);
    assertThat(project.list("validated.trips", "id", "town", "minutes", "Fare", "_file", "_line"))
        .containsExactly(
            "1 Astoria 30 1.50 trips: id up to 2 1", "2 Bronx null null trips: id up to 2 2");
    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);

    postgres.run(
        "update trips set minutes = 99 where id = 1",
        "insert into trips values (5, 'A', 10, '2013-01-02 12:00:00-05', 2)");
    project.ingest();

    assertThat(project.list("validated.trips", "id", "minutes", "_delivery", "_file"))
        .containsExactly(
            "1 30 1 trips: id up to 2",
            "2 null 1 trips: id up to 2",
            "5 10 2 trips: id above 2 up to 5");
    assertThat(new DeliveryLedger(project.lake().events(DeliveryLedger.LOG)).entries("trips"))
        .extracting(e -> e.delivery().files().get(0).range().orElseThrow())
        .containsExactly(new SourceRange("id", "", "2"), new SourceRange("id", "2", "5"));
    assertThat(staged()).isEmpty();
    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
  }

  @Test
  void aTimeMayBeTheWatermark() throws Exception {
    project.write(
        "sources/trips.yaml",
        Files.readString(folder.resolve("sources/trips.yaml"))
            .replace("watermark: id", "watermark: at"));
    project.ingest();
    postgres.run("insert into trips values (3, 'A', 1, '2013-01-01T13:00:00.000001Z', 2)");

    project.ingest();

    assertThat(project.list("validated.trips", "id", "_delivery"))
        .containsExactly("1 1", "2 1", "3 2");
    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
  }

  @Test
  void aRowThatDoesNotFitIsInQuarantine() throws Exception {
    postgres.run(
        "insert into trips values (3, 'A', 30, 'infinity', 1), (4, 'A', 30, now(), 'NaN'), (5, 'A',"
            + " 30, now(), 1.555), (6, 'A', 30, now(), 12345678901234567890.5)");

    RunRecord run = project.ingest().get(1);

    assertThat(project.list("quarantine.trips", "_line", "_stage", "reasons[0].column"))
        .containsExactly("3 parse at", "4 parse Fare", "5 parse Fare", "6 parse Fare");
    assertThat(SmallProject.told(run))
        .containsEntry("lines-read", 6L)
        .containsEntry("lines-malformed", 4L);
  }

  @Test
  void aRejectedRangeIsDeliveredAgainWithWhatCameAfterIt() throws Exception {
    project.ingest();
    postgres.run("insert into trips values (3, 'A', 0, now(), 1), (4, 'A', 700, now(), 1)");
    for (int again = 0; again < 2; again++) {
      assertThatThrownBy(project::ingest)
          .hasMessageStartingWith(
              "Cannot admit delivery 2 of source trips (trips: id above 2 up to 4):");
    }

    postgres.run(
        "update trips set minutes = 20 where id in (3, 4)",
        "insert into trips values (5, 'A', 30, now(), 1)");
    project.ingest();

    assertThat(project.list("validated.trips", "id", "minutes", "_delivery"))
        .containsExactly("1 30 1", "2 null 1", "3 20 3", "4 20 3", "5 30 3");
    assertThat(project.list("bronze.trips", "id")).containsExactly("1", "2", "3", "4", "5");
    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
    assertThat(staged()).isEmpty();
  }

  @Test
  void saysWhoMustAct() throws Exception {
    source("trip", postgres.url());
    fails(
        ErrorCode.INVALID_DEFINITION, "Cannot read table trip of source trips from jdbc:", "exist");
    source("trips", "jdbc:postgresql://127.0.0.1:1/postgres");
    fails(ErrorCode.SERVER, "refused", "Check that the server answers");
    source("trips", "jdbc:none://127.0.0.1/x");
    fails(ErrorCode.INVALID_DEFINITION, "No suitable driver", "JDBC driver on the class path");
    source("trips", postgres.url());
    project.set("TILL_PASSWORD", "wrong-secret");
    fails(ErrorCode.SERVER, "password authentication failed", "credentials may read the table");
    project.set("TILL_PASSWORD", PostgresServer.PASSWORD);
    postgres.run("alter table trips add column tip double precision");
    fails(
        ErrorCode.CONTRACT_BROKEN,
        "Cannot load table trips of source trips: it has tip, which the contract does not. It has"
            + " [id int4, station text, minutes int4, at timestamptz, Fare numeric, tip float8],"
            + " the contract [id int,",
        "");
    postgres.run("alter table trips drop column tip", "insert into trips (station) values ('A')");
    fails(
        ErrorCode.CONTRACT_BROKEN,
        "1 rows have no id, so that new ones can't be distinguished",
        "Give them one.");
    postgres.run("delete from trips");
    fails(ErrorCode.UNREADABLE_FILE, "table trips has no rows, and none has been delivered", "");
    assertThat(project.has("bronze.trips")).isFalse();

    postgres.run("insert into trips values (7, 'A', 30, now(), 1)");
    project.ingest();
    postgres.run("update trips set id = 6");
    fails(
        ErrorCode.CONTRACT_BROKEN,
        "its greatest id is 6, but 7 has been delivered: rows were removed",
        "give the source a new name.");
    try (Stream<Path> all = Files.walk(folder.resolve("lake"))) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
            .doesNotContain(PostgresServer.PASSWORD)
            .doesNotContain("wrong-secret");
      }
    }
  }

  private void fails(ErrorCode code, String why, String what) {
    assertThatThrownBy(project::ingest)
        .isInstanceOfSatisfying(PlatformException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(why)
        .hasMessageContaining(what);
  }

  private List<Path> staged() throws IOException {
    try (Stream<Path> all = Files.walk(folder.resolve("lake/platform/staging"))) {
      return all.filter(p -> p.toString().endsWith(".jsonl.gz")).toList();
    }
  }
}
