package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.Outcome;
import io.tributary.core.PlatformException;
import io.tributary.lake.LakeSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sources that are Delta tables of somebody else. */
class ITDeltaFeed {
  private static LakeSession session;

  @TempDir Path folder;
  private SmallProject project;

  @BeforeAll
  static void start() {
    session = LakeSession.lazy(Map.of("spark.sql.shuffle.partitions", "2"));
  }

  @AfterAll
  static void stop() {
    session.close();
  }

  @BeforeEach
  void makeProject() {
    project = new SmallProject(folder, session);
    source("{format: delta, path: theirs, change: op, changed-at: seen}");
    table();
  }

  private void source(String read) {
    project.write(
        "sources/trips.yaml",
        SmallProject.TRIPS
            .replaceFirst("read: .*", "read: " + read)
            .replace("  at: timestamp\n", "  at: timestamp\n  op: string\n  seen: timestamp\n")
            .replaceFirst(
                "known-time: .*", "known-time: greatest(seen, at)\ntombstone: op = 'delete'"));
  }

  private void table() {
    table("theirs");
  }

  private void table(String name) {
    sql(
        name,
        "create table %s (id int, station string, minutes int, at timestamp) using delta"
            + " tblproperties ('delta.enableChangeDataFeed' = 'true')");
    sql(
        name,
        "insert into %s values (1, 'A', 30, timestamp '2013-01-01 12:00:00.000001'), (2, 'B', null,"
            + " timestamp '2013-01-01 13:00:00')");
  }

  private void sql(String text) {
    sql("theirs", text);
  }

  private void sql(String name, String text) {
    session.spark().sql(text.formatted("delta.`" + folder.resolve(name) + "`"));
  }

  @Test
  void insertsCorrectsAndWithdrawsAsTheTableDid() {
    project.ingest();
    assertThat(project.list("validated.trips", "id", "town", "unix_micros(at)", "op", "_deleted"))
        .containsExactly(
            "1 Astoria 1357041600000001 insert false", "2 Bronx 1357045200000000 insert false");
    LakeSession cold = project.restart();
    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
    assertThat(cold.started()).isEmpty();
    project.reopen();

    sql("insert into %s values (3, 'A', 10, timestamp '2013-01-02 12:00:00')");
    sql("update %s set minutes = 31 where id = 1");
    sql("delete from %s where id = 2");
    sql("optimize %s");
    project.ingest();

    assertThat(project.list("validated.trips", "id", "minutes", "op", "_deleted", "_delivery"))
        .containsExactly(
            "1 30 insert false 1",
            "1 31 update_postimage false 2",
            "2 null delete true 2",
            "2 null insert false 1",
            "3 10 insert false 2");
    assertThat(new DeliveryLedger(project.lake().events(DeliveryLedger.LOG)).entries("trips"))
        .extracting(e -> e.delivery().files().get(0).range().orElseThrow().upTo())
        .containsExactly("1", "4");
    assertThat(project.ingest()).allMatch(r -> r.outcome() == Outcome.UNCHANGED);
  }

  @Test
  void aTableThatWasMadeAnewIsAnError() throws IOException {
    project.ingest();
    table("anew");
    Files.move(folder.resolve("theirs"), folder.resolve("former"));
    Files.move(folder.resolve("anew"), folder.resolve("theirs"));

    fails("it was made anew since version 1 was delivered", "Give the source a new name.");
  }

  @Test
  void aFeedThatIsGoneIsAnError() {
    project.ingest();
    sql("alter table %s set tblproperties ('delta.enableChangeDataFeed' = 'false')");
    sql("insert into %s values (3, 'A', 10, timestamp '2013-01-02 12:00:00')");

    fails("its change feed is not there any more, or was never recorded", "a new name.");
  }

  @Test
  void changesThatNoColumnTakesAreAnError() {
    project.write(
        "sources/trips.yaml",
        SmallProject.TRIPS.replaceFirst("read: .*", "read: {format: delta, path: theirs}"));
    project.ingest();
    sql("delete from %s where id = 2");

    fails("updates or deletes 1 rows", "Write change: COLUMN below read");
  }

  private void fails(String why, String what) {
    assertThatThrownBy(project::ingest)
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONTRACT_BROKEN))
        .hasMessageContaining("Cannot load Delta table theirs of source trips")
        .hasMessageContaining(why)
        .hasMessageContaining(what);
    assertThat(project.list("validated.trips", "_delivery")).containsOnly("1");
  }
}
