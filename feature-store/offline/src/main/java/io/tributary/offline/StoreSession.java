package io.tributary.offline;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedView;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Micros;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.RunnerChoice;
import io.tributary.definition.Accuracy;
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
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.spark.network.util.JavaUtils;
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
  /** What the files may have, together, that this process reads to compute rows without Spark. */
  private static final String MOST_BYTES = "spark.tributary.local.bytes";

  private static final String MOST_BY_DEFAULT = "4g";

  private final CheckedProject project;
  private final Optional<Lake> lake;
  private final Supplier<SparkSession> spark;
  private final StoredRows stored;
  private final Supplier<Runner> runners;

  /** The same without Spark, and whether only it may compute; empty = Spark computes all. */
  private final Optional<StoreSession> here;

  private final RunnerChoice choice;
  private final Set<ViewId> required = ConcurrentHashMap.newKeySet();
  private Sources sources;

  private StoreSession(
      CheckedProject project,
      Optional<Lake> lake,
      Supplier<SparkSession> spark,
      StoredRows stored,
      Supplier<Runner> runners,
      Optional<StoreSession> here,
      RunnerChoice choice) {
    this.here = here;
    this.choice = choice;
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
                Integer.parseInt(spark.get().conf().get("spark.sql.shuffle.partitions"))),
        Optional.empty(),
        RunnerChoice.spark);
  }

  /** On a lake whose rows this process computes where it can, and Spark else. */
  StoreSession choosing(RunnerChoice runner) {
    if (runner == RunnerChoice.spark) {
      return this;
    }
    Lake of = requireLake();
    StoreSession own =
        new StoreSession(
            project,
            lake,
            spark,
            StoredRows.in(of, project, of.threads()),
            of::threads,
            Optional.empty(),
            runner);
    return new StoreSession(project, lake, spark, stored, runners, Optional.of(own), runner);
  }

  /** The same, of some sources frames in place of what their tables have. */
  StoreSession reading(Map<String, Dataset<Row>> instead) {
    return new StoreSession(
        project,
        lake,
        spark,
        stored.with(instead),
        runners,
        here.map(own -> own.reading(instead)),
        choice);
  }

  /** The session that a runner of {@link #runner} means. */
  StoreSession by(ChosenRunner runner) {
    return runner.isLocal() ? here.orElseThrow() : this;
  }

  /**
   * What computes rows.
   *
   * @param what as in {@code build training set late}
   * @param names the sources that they are made of, those of views aside
   * @param views whose features they have
   * @throws PlatformException INVALID_REQUEST where this process is to compute them and can't
   */
  ChosenRunner runner(
      String what, Collection<String> names, Collection<CheckedView> views, List<Pin> pins) {
    if (!computesHere()) {
      return runner(what, Optional.empty());
    }
    Set<String> read = new TreeSet<>(names);
    views.forEach(view -> view.source().ifPresent(source -> read.add(source.name())));
    return runner(what, leftToSpark(read, views, here.get().sources(pins)));
  }

  /** Whether this process may compute what it can. */
  boolean computesHere() {
    return here.isPresent() && requireLake().session().inProcess();
  }

  /**
   * The same for rows of which it is known why only Spark can read them.
   *
   * @param left why; empty = this process can, if it may
   */
  ChosenRunner runner(String what, Optional<String> left) {
    if (here.isEmpty()) {
      return ChosenRunner.SPARK;
    }
    Optional<String> why = computesHere() ? left : Optional.of("a cluster was named");
    if (why.isPresent() && choice == RunnerChoice.local) {
      throw RunnerChoice.leftToSpark(what, why.get());
    }
    return why.map(ChosenRunner::spark).orElse(ChosenRunner.LOCAL);
  }

  private Optional<String> leftToSpark(
      Set<String> names, Collection<CheckedView> views, PinnedSources read) {
    for (CheckedView view : views) {
      Optional<String> left = leftToSpark(view);
      if (left.isPresent()) {
        return left;
      }
    }
    for (String name : names) {
      Optional<String> left = read.leftToSpark(name);
      if (left.isPresent()) {
        return left;
      }
    }
    return tooMany(read.bytes(names));
  }

  /** Why this process does not read files of so many bytes. */
  Optional<String> tooMany(long bytes) {
    long most = mostBytes();
    return bytes <= most
        ? Optional.empty()
        : Optional.of(
            "the files that are read have %,d bytes, and %s is %,d"
                .formatted(bytes, MOST_BYTES, most));
  }

  private static long mostBytes() {
    String text = System.getProperty(MOST_BYTES, MOST_BY_DEFAULT);
    try {
      return JavaUtils.byteStringAsBytes(text);
    } catch (NumberFormatException e) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot use %s: \"%s\" is not a size. Write a whole number with a unit, as in 512m or 4g."
              .formatted(MOST_BYTES, text),
          e);
    }
  }

  /** Why Spark must read a view, wherever its source lies. */
  static Optional<String> leftToSpark(CheckedView view) {
    return view.definition().accuracy() == Accuracy.SNAPSHOT
        ? Optional.of("view " + view.id() + " is served from snapshots")
        : Optional.empty();
  }

  /** Without Spark. */
  static StoreSession on(
      CheckedProject project, Optional<Lake> lake, Runner runner, StoredRows stored) {
    Supplier<SparkSession> none =
        () -> {
          throw new IllegalStateException("this feature store has no Spark session");
        };
    return new StoreSession(
        project, lake, none, stored, () -> runner, Optional.empty(), RunnerChoice.local);
  }

  StoreSession withPartitions(int count) {
    return new StoreSession(
        project,
        lake,
        spark,
        stored,
        () -> SparkRunner.on(spark.get(), count),
        Optional.empty(),
        RunnerChoice.spark);
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

  /** Its views mean what they say here, whatever their versions mean in the lake by now. */
  StoreSession ofThen() {
    required.addAll(project.views().keySet());
    here.ifPresent(StoreSession::ofThen);
    return this;
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
