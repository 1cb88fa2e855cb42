package io.tributary.offline;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Micros;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.definition.ViewId;
import io.tributary.definition.ViewUse;
import io.tributary.events.definitions.LakeDefinitions;
import io.tributary.lake.Lake;
import io.tributary.offline.internal.join.JoinPlan;
import io.tributary.offline.internal.snapshot.StoredSnapshots;
import io.tributary.offline.internal.source.PinnedSources;
import io.tributary.offline.internal.source.Sources;
import io.tributary.offline.internal.source.StoredRows;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Runner;
import io.tributary.rows.Tally;
import io.tributary.rows.spark.SparkRows;
import io.tributary.rows.spark.SparkRunner;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.TimestampType;

/**
 * What the parts of one feature store share: where its rows lie, and what has been shuffled so far.
 * The Spark session starts with the first frame. Safe for threads.
 */
final class StoreSession {
  private final CheckedProject project;
  private final Optional<Lake> lake;
  private final Supplier<SparkSession> spark;
  private final StoredRows stored;
  private final Supplier<Runner> runners;
  private final Set<ViewId> required = ConcurrentHashMap.newKeySet();
  private Sources sources;

  private StoreSession(
      CheckedProject project,
      Optional<Lake> lake,
      Supplier<SparkSession> spark,
      StoredRows stored,
      Supplier<Runner> runners) {
    this.project = project;
    this.lake = lake;
    this.spark = spark;
    this.stored = stored;
    this.runners = runners;
  }

  /** On Spark, with as many partitions of a shuffle as the session's settings have it. */
  static StoreSession on(
      CheckedProject project,
      Optional<Lake> lake,
      Supplier<SparkSession> spark,
      StoredRows stored) {
    return new StoreSession(
        project,
        lake,
        spark,
        stored,
        () ->
            SparkRunner.on(
                spark.get(),
                Integer.parseInt(spark.get().conf().get("spark.sql.shuffle.partitions"))));
  }

  /** Without Spark. */
  static StoreSession on(
      CheckedProject project, Optional<Lake> lake, Runner runner, StoredRows stored) {
    Supplier<SparkSession> none =
        () -> {
          throw new IllegalStateException("this feature store has no Spark session");
        };
    return new StoreSession(project, lake, none, stored, () -> runner);
  }

  StoreSession withPartitions(int count) {
    return new StoreSession(project, lake, spark, stored, () -> SparkRunner.on(spark.get(), count));
  }

  CheckedProject project() {
    return project;
  }

  Optional<Lake> lake() {
    return lake;
  }

  Lake requireLake() {
    return lake.orElseThrow(
        () -> new IllegalStateException("this feature store reads frames, not a lake"));
  }

  SparkSession spark() {
    return spark.get();
  }

  Runner runner() {
    return sources().runner();
  }

  Tally tally(String name) {
    return runner().tally(name);
  }

  Dataset<Row> frame(PartitionedRows rows) {
    return SparkRows.frame(rows, spark());
  }

  PinnedSources sources(List<Pin> pins) {
    return sources().at(pins);
  }

  private synchronized Sources sources() {
    if (sources == null) {
      sources = new Sources(project, stored, runners.get());
    }
    return sources;
  }

  StoredSnapshots snapshots() {
    return lake.map(l -> StoredSnapshots.in(l, project)).orElse(StoredSnapshots.NONE);
  }

  /** A view of a lake is used with the meaning that its version has there. */
  void requireMeaning(ViewId view) {
    if (lake.isPresent() && !required.contains(view)) {
      String name = "view " + view;
      LakeDefinitions definitions = lake.get().definitions();
      Digest meaning = project.view(view).digest();
      if (definitions
          .meanings()
          .fixed(name)
          .filter(f -> !f.meaning().equals(meaning))
          .isPresent()) {
        definitions.require("use " + name, project.definitions(List.of(name)));
      }
      required.add(view);
    }
  }

  /**
   * Features of label rows at their as-of.
   *
   * @param last columns of the label rows that come after the features
   * @param asOfIn where all as-of are that are not null; empty = anywhere
   */
  Joined join(
      PartitionedRows rows,
      String asOfColumn,
      List<String> last,
      Optional<Interval> asOfIn,
      List<ViewUse> uses,
      List<Pin> pins) {
    DataType asOf = rows.schema().apply(asOfColumn).dataType();
    if (!(asOf instanceof TimestampType)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot join features at %s: it is %s. Name a timestamp column."
              .formatted(asOfColumn, asOf.catalogString()));
    }
    uses.forEach(use -> requireMeaning(use.view()));
    Tally tally = tally("join");
    JoinPlan all = JoinPlan.of(sources(pins), snapshots());
    JoinPlan plan =
        asOfIn.map(i -> all.between(Micros.of(i.from()), Micros.of(i.to()) - 1)).orElse(all);
    PartitionedRows joined = plan.join(rows, asOfColumn, last, uses, tally);
    return Joined.of(joined, spark, () -> plan.counts(uses, tally));
  }
}
