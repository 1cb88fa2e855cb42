package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.Outcome;
import io.tributary.core.PlatformException;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.ingest.ledger.DeliveryLedger;
import io.tributary.lake.LakeSession;
import io.tributary.source.DeliveredFile;
import io.tributary.source.FoundFile;
import io.tributary.source.place.DeltaFeed;
import io.tributary.source.place.RangeParts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sources that are Delta tables of somebody else. */
class ITDeltaFeed {
  @TempDir Path folder;
  private SmallProject project;

  @BeforeEach
  void makeProject() {
    project = new SmallProject(folder);
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
    SmallProject.SESSION.spark().sql(text.formatted("delta.`" + folder.resolve(name) + "`"));
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
    assertThat(ledger().entries("trips"))
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

    fails("it was recreated since version 1 was delivered", "Give the source a new name.");
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

  @Test
  void aTableWithoutRowsYetIsNoDelivery() {
    sql("delete from %s");

    assertThatThrownBy(project::ingest)
        .hasMessageContaining("Delta table theirs has no rows, and none has been delivered before");

    sql("insert into %s values (3, 'A', 10, timestamp '2013-01-02 12:00:00')");
    project.ingest();
    assertThat(project.list("validated.trips", "id", "_delivery", "_line"))
        .containsExactly("3 1 1");
  }

  @Test
  void manyRowsAreFilesThatFollowFromTheRowsAlone() {
    project.run(project.job("stations"));
    sql("insert into %s select id, 'A', 5, timestamp '2013-01-01' from range(100, 200)");
    sql("update %s set minutes = 6 where id = 150");
    project.run(parted());
    List<String> first = delivered(1);
    assertThat(first).hasSizeBetween(5, 6);
    assertThat(first.get(0)).endsWith("up to 3, part 1 of " + first.size());
    assertThat(project.list("validated.trips", "id")).hasSize(102).doesNotHaveDuplicates();

    sql("insert into %s select id, 'B', 7, timestamp '2013-01-03' from range(200, 209)");
    sql("update %s set minutes = 8 where id = 200");
    sql("delete from %s where id = 201");
    sql("insert into %s select id, 'B', 7, timestamp '2013-01-03' from range(300, 350)");
    project.run(parted());

    List<String> second = delivered(2);
    assertThat(second).hasSize(4);
    assertThat(second.get(3)).endsWith("above 3 up to 7, part 4 of 4");
    String key = "concat_ws(' ', id, op, split(_file, 'part ')[1], _line)";
    List<String> places = project.list("validated.trips", "if(_delivery = 2, " + key + ", '')");
    assertThat(places)
        .contains("200 insert 1 of 4 1", "200 update_postimage 1 of 4 10", "201 delete 1 of 4 11");
    assertThat(places.stream().filter(p -> p.startsWith("3")))
        .hasSize(50)
        .noneMatch(p -> p.contains("1 of 4"));
    assertThat(project.run(parted()).outcome()).isEqualTo(Outcome.UNCHANGED);
  }

  @Test
  void aRangeThatIsCopiedAgainIsTheSameFiles() {
    sql("insert into %s select id, 'A', 5, timestamp '2013-01-01' from range(100, 200)");
    List<List<FoundFile>> copies = new ArrayList<>();
    for (String partitions : List.of("1", "5")) {
      SmallProject.SESSION.spark().conf().set("spark.sql.shuffle.partitions", partitions);
      sql("alter table %s set tblproperties ('round' = '" + partitions + "')");
      copies.add(new RangeIntake("trips", feed(), project.lake().uri(), ledger()).find());
    }
    SmallProject.SESSION.spark().conf().set("spark.sql.shuffle.partitions", "2");

    assertThat(copies.get(0)).hasSizeBetween(5, 6).isEqualTo(copies.get(1));
  }

  /** The names of a delivery's files. */
  private List<String> delivered(int number) {
    return ledger().entries("trips").get(number - 1).delivery().files().stream()
        .map(DeliveredFile::path)
        .toList();
  }

  private DeliveryLedger ledger() {
    return new DeliveryLedger(project.lake().events(DeliveryLedger.LOG));
  }

  private IngestJob parted() {
    return new IngestJob(
        project.checked(),
        "trips",
        project.lake(),
        ledger -> new RangeIntake("trips", feed(), project.lake().uri(), ledger));
  }

  private DeltaFeed feed() {
    Source source = project.checked().source("trips").definition();
    return new DeltaFeed(
        source,
        (SourceInput.DeltaTable) source.input(),
        folder,
        project.lake(),
        new RangeParts(20));
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
