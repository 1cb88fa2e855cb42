package io.tributary.lake;

import static io.tributary.lake.LakeKit.facts;
import static io.tributary.lake.LakeKit.lake;
import static io.tributary.lake.LakeKit.minutes;
import static io.tributary.lake.LakeKit.within;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tributary.core.ErrorCode;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.CompletedRun;
import io.tributary.lake.internal.DeltaErrors;
import io.tributary.lake.internal.DeltaTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ITLakeTable {
  @TempDir Path folder;
  private Lake lake;
  private LakeTable table;

  @BeforeEach
  void open() {
    lake = lake(folder.resolve("a lake"));
    table = lake.table("features.hours_v1");
  }

  @Test
  void commitFactsComeBack() {
    CommitFacts first = facts("hours@1", false);
    TableVersion written = table.append(minutes(0, 10), first);
    CommitFacts last = facts("hours@1", true).after(List.of());
    TableVersion second = table.append(minutes(10, 20), last);

    assertThat(written.version()).isZero();
    assertThat(second).isEqualTo(table.requireVersion());
    assertThat(table.commits())
        .extracting(c -> c.version().version(), Commit::changesData, Commit::facts)
        .containsExactly(tuple(0L, true, Optional.of(first)), tuple(1L, true, Optional.of(last)));
    assertThat(table.recorded(last.key()).orElseThrow())
        .isEqualTo(
            new CompletedRun(
                last.run(),
                1,
                table.commits().get(1).at(),
                last.inputs(),
                last.fingerprint(),
                List.of(second),
                last.facts(),
                last.notes(),
                last.writes(),
                last.definitions(),
                last.environment()));
  }

  @Test
  void aRunsLaterCommitNamesItsEarlierOnes() {
    CommitFacts facts = facts("hours@1", true);
    TableVersion quarantine = lake.table("quarantine.hours").append(minutes(0, 1), facts);
    table.append(minutes(0, 10), facts);

    assertThat(table.commits().get(0).facts().orElseThrow().outputs()).containsExactly(quarantine);
  }

  @Test
  void replaceWhereTwiceLeavesTheSameContent() {
    for (int hour = 0; hour < 4; hour++) {
      table.replaceWhere(
          minutes(hour * 60, hour * 60 + 60),
          within(hour * 60, hour * 60 + 60),
          facts("hours@1", true));
    }
    ContentDigest before = content();

    TableVersion again =
        table.replaceWhere(minutes(60, 120), within(60, 120), facts("hours@1", true));

    assertThat(again.version()).isEqualTo(4);
    assertThat(content()).isEqualTo(before);
    assertThat(before.rows()).isEqualTo(240);
  }

  /** Both saw no table. */
  @Test
  void ofTwoWritersWhoMakeATableTheSecondReplacesWhatTheFirstWrote() {
    table.replaceWhere(minutes(0, 60), within(0, 60), facts("hours@1", true));

    new DeltaTable(table.path(), Optional.empty())
        .replaceWhere(
            minutes(0, 50),
            within(0, 60),
            () -> "{}",
            Map.of(),
            List.of(),
            false,
            OptionalLong.empty());

    assertThat(table.read(table.requireVersion()).count()).isEqualTo(50);
  }

  @Test
  void replaceWhereKeepsRowsOutsideOfFilesThatHoldBothKinds() {
    table.append(minutes(0, 100).coalesce(1), facts("hours@1", true));

    table.replaceWhere(
        minutes(30, 40).withColumn("name", functions.lit("new")),
        within(30, 60),
        facts("hours@1", true));

    Dataset<Row> rows = table.read(table.requireVersion());
    assertThat(rows.count()).isEqualTo(80);
    assertThat(rows.where("name = 'new'").count()).isEqualTo(10);
    assertThat(rows.where("id >= 40 and id < 60").count()).isZero();
    assertThat(throughDelta().exceptAll(rows).count()).isZero();
    assertThat(throughDelta().count()).isEqualTo(80);
  }

  @Test
  void replaceWhereKeepsRowsForWhichThePredicateIsNull() {
    table.append(
        minutes(0, 5)
            .withColumn("_at", functions.lit(null).cast("timestamp"))
            .union(minutes(5, 10)),
        facts("hours@1", true));

    table.replaceWhere(minutes(0, 1), within(0, 60), facts("hours@1", true));

    assertThat(table.read(table.requireVersion()).where("_at is null").count()).isEqualTo(5);
    assertThat(table.read(table.requireVersion()).count()).isEqualTo(6);
  }

  @Test
  void aRowOutsideOfTheReplacedIntervalFailsTheWrite() {
    table.append(minutes(0, 60), facts("hours@1", true));

    assertThatThrownBy(
            () -> table.replaceWhere(minutes(50, 70), within(0, 60), facts("hours@1", true)))
        .hasMessageContaining("a given row is outside of what is replaced");
    assertThat(table.requireVersion().version()).isZero();
  }

  @Test
  void anEmptyFrameIsCommittedAndDeletesItsInterval() {
    table.append(minutes(0, 60), facts("hours@1", true));

    TableVersion appended = table.append(minutes(0, 0), facts("hours@1", true));
    TableVersion replaced =
        table.replaceWhere(minutes(0, 0), within(0, 30), facts("hours@1", true));
    TableVersion untouched =
        table.replaceWhere(minutes(0, 0), within(600, 660), facts("hours@1", true));

    assertThat(List.of(appended.version(), replaced.version(), untouched.version()))
        .containsExactly(1L, 2L, 3L);
    assertThat(table.commits())
        .extracting(Commit::changesData)
        .containsExactly(true, false, true, false);
    assertThat(table.commits()).allMatch(c -> c.facts().isPresent());
    assertThat(table.read(untouched).count()).isEqualTo(30);
  }

  @Test
  void anEmptyFrameMakesTheTable() {
    TableVersion made = table.replaceWhere(minutes(0, 0), within(0, 30), facts("hours@1", true));

    assertThat(made.version()).isZero();
    assertThat(table.read(made).columns()).containsExactly("id", "_at", "name");
    assertThat(table.read(made).count()).isZero();
  }

  @Test
  void columnsMayBeAddedByEachKindOfWrite() {
    table.append(minutes(0, 60), facts("hours@1", true));

    table.append(minutes(60, 61).withColumn("more", functions.lit(1)), facts("hours@1", true));
    table.replaceWhere(
        minutes(0, 1).withColumn("most", functions.lit(2.5)),
        within(0, 30),
        facts("hours@1", true));

    Dataset<Row> rows = table.read(table.requireVersion());
    assertThat(rows.columns()).containsExactly("id", "_at", "name", "more", "most");
    assertThat(rows.where("more = 1").count()).isEqualTo(1);
    assertThat(rows.where("most = 2.5").count()).isEqualTo(1);
    assertThat(rows.count()).isEqualTo(32);
  }

  @Test
  void aColumnOfAnotherTypeIsADefinitionError() {
    table.append(minutes(0, 1), facts("hours@1", true));

    assertThatThrownBy(
            () ->
                table.append(
                    minutes(1, 2).withColumn("name", functions.array(functions.lit(1))),
                    facts("hours@1", true)))
        .isInstanceOfSatisfying(
            PlatformException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DEFINITION))
        .hasMessageStartingWith(
            "Cannot append to table features.hours_v1: a column's type is not the table's");
  }

  @Test
  void aValueThatCannotBeComputedIsADataError() {
    assertThatThrownBy(
            () ->
                table.append(
                    minutes(0, 1).selectExpr("cast(name as int) as n"), facts("hours@1", true)))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_VALUE))
        .hasMessageContaining("CAST_INVALID_INPUT");
  }

  @Test
  void replaceChangesRowsAndColumns() {
    table.append(minutes(0, 60), facts("hours@1", true));

    TableVersion replaced = table.replace(minutes(0, 3).drop("name"), facts("hours@1", true));

    assertThat(table.read(replaced).columns()).containsExactly("id", "_at");
    assertThat(table.read(replaced).count()).isEqualTo(3);
  }

  @Test
  void formerVersionsAndPinsStayReadable() {
    TableVersion first =
        table.append(
            minutes(0, 10).withColumn("_delivery", functions.lit(1L)), facts("hours@1", true));
    table.append(
        minutes(10, 30).withColumn("_delivery", functions.lit(2L)), facts("hours@1", true));
    lake.spark().sql("optimize delta.`" + table.path() + "`");

    assertThat(table.read(first).count()).isEqualTo(10);
    assertThat(table.read(Pin.upTo(first, 1)).count()).isEqualTo(10);
    assertThat(table.read(table.pin(2)).count()).isEqualTo(30);
    assertThat(table.read(table.pin()).count()).isEqualTo(30);
    assertThat(table.commits().get(2).changesData()).isFalse();
    assertThat(table.commits().get(2).operation()).isEqualTo("OPTIMIZE");
  }

  @Test
  void filesOutsideOfAFilterAreNotRead() {
    for (int hour = 0; hour < 3; hour++) {
      table.append(minutes(hour * 60, hour * 60 + 60), facts("hours@1", true));
    }
    TableVersion now = table.requireVersion();
    dataFiles().stream().filter(f -> !holds(f, 70)).forEach(ITLakeTable::delete);

    assertThat(
            lake(folder.resolve("a lake"))
                .table(table.name())
                .read(now)
                .where(within(70, 80))
                .count())
        .isEqualTo(10);
  }

  @Test
  void aTableThatWasMadeAnewIsNotTheOneThatWasRead() throws IOException {
    TableVersion old = table.append(minutes(0, 10), facts("hours@1", true));
    try (Stream<Path> files = Files.walk(Path.of(table.path()))) {
      files.sorted(Comparator.reverseOrder()).forEach(ITLakeTable::delete);
    }
    assertThat(table.version()).isEmpty();
    TableVersion made = table.append(minutes(0, 20), facts("hours@1", true));

    assertThat(made.version()).isEqualTo(old.version());
    assertThat(table.read(made).count()).isEqualTo(20);
    assertThatThrownBy(() -> table.read(old))
        .hasMessageContaining("Cannot read features.hours_v1@0: the table was recreated since");
    assertThatThrownBy(() -> table.read(Pin.upTo(old, 1)))
        .hasMessageContaining("the table was recreated since");
  }

  @Test
  void aMissingTableSaysSo() {
    assertThat(table.version()).isEmpty();
    assertThat(table.commits()).isEmpty();
    assertThatThrownBy(table::requireVersion)
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageStartingWith("Cannot find table features.hours_v1: nothing is at");
  }

  @Test
  void tablesKeepTheirHistoryAndHaveNoDeletionVectors() {
    table.replaceWhere(minutes(0, 10), within(0, 60), facts("hours@1", true));

    assertThat(table.description().orElseThrow().properties())
        .containsEntry("delta.logRetentionDuration", "interval 36500 days")
        .containsEntry("delta.deletedFileRetentionDuration", "interval 730 days")
        .containsEntry("delta.enableDeletionVectors", "false");
  }

  @Test
  void aPartitionedTableIsReadAndReplacedByDeltaItself() {
    LakeTable byName = lake.table("features.names_v1").partitionedBy("name");
    byName.append(minutes(0, 5), facts("names@1", true));
    byName.replaceWhere(minutes(0, 2), within(0, 3), facts("names@1", true));

    assertThat(byName.read(byName.requireVersion()).count()).isEqualTo(4);
    assertThat(Path.of(byName.path()).resolve("name=n1")).isDirectory();
  }

  @Test
  void whatWasReadMustBeThereStill() {
    TableVersion made =
        table.replaceWhere(
            minutes(0, 10), within(0, 60), () -> facts("hours@1", true), Optional.empty());
    TableVersion next =
        table.replaceWhere(minutes(0, 0), "false", () -> facts("hours@1", true), Optional.of(made));

    assertThat(table.read(next).count()).isEqualTo(10);
    assertThat(table.commits().get(1).changesData()).isFalse();
    assertThatThrownBy(
            () ->
                table.replaceWhere(
                    minutes(0, 0), "false", () -> facts("hours@1", true), Optional.of(made)))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
    assertThatThrownBy(() -> table.replace(minutes(0, 1), facts("hours@1", true), made))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
    // Made by another after it was looked at.
    assertThatThrownBy(
            () ->
                DeltaErrors.explained(
                    "replace rows of",
                    table.name(),
                    table.path(),
                    () -> {
                      lake.delta(table.name())
                          .replaceWhere(
                              minutes(0, 10),
                              within(0, 60),
                              () -> "{}",
                              Map.of(),
                              List.of(),
                              false,
                              OptionalLong.of(DeltaTable.MISSING));
                      return true;
                    }))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
    assertThat(table.requireVersion()).isEqualTo(next);
    TableVersion wider =
        table.replace(
            minutes(0, 3).withColumn("id", functions.col("id").cast("string")),
            facts("hours@1", true),
            next);
    assertThat(table.read(wider).schema().apply("id").dataType()).isEqualTo(DataTypes.StringType);
    assertThat(table.read(wider).count()).isEqualTo(3);
  }

  @Test
  void writersOfDifferentIntervalsDoNotDisturbEachOther() throws Exception {
    table.append(minutes(0, 240).repartition(1), facts("hours@1", true));
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      List<Callable<TableVersion>> writes =
          List.of(
              () ->
                  lake(folder.resolve("a lake"))
                      .table(table.name())
                      .replaceWhere(minutes(0, 30), within(0, 60), facts("hours@1", true)),
              () ->
                  lake(folder.resolve("a lake"))
                      .table(table.name())
                      .replaceWhere(minutes(60, 90), within(60, 120), facts("hours@1", true)),
              () ->
                  lake(folder.resolve("a lake"))
                      .table(table.name())
                      .append(minutes(240, 250), facts("hours@1", true)));
      for (Future<TableVersion> write : threads.invokeAll(writes)) {
        write.get();
      }
    } finally {
      threads.shutdown();
    }

    assertThat(table.requireVersion().version()).isEqualTo(3);
    assertThat(table.read(table.requireVersion()).count()).isEqualTo(240 - 60 + 10);
  }

  @Test
  void tablesAreListedWithoutASession() {
    table.append(minutes(0, 1), facts("hours@1", true));
    lake.table("bronze.flights").append(minutes(0, 1), facts("flights", true));

    assertThat(Lake.open(lake.uri()).tables())
        .containsExactly(TableName.parse("bronze.flights"), TableName.parse("features.hours_v1"));
  }

  private ContentDigest content() {
    return ContentDigest.of(table.read(table.requireVersion()));
  }

  private Dataset<Row> throughDelta() {
    return lake.spark().read().format("delta").load(table.path());
  }

  private List<Path> dataFiles() {
    try (Stream<Path> files = Files.list(Path.of(table.path()))) {
      return files.filter(f -> f.toString().endsWith(".parquet")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean holds(Path file, int minute) {
    return lake.spark().read().parquet(file.toString()).where("id = " + minute).count() == 1;
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
