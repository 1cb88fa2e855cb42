package io.tributary.pipeline;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedView;
import io.tributary.core.ErrorCode;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import io.tributary.core.RunnerChoice;
import io.tributary.definition.ColumnType;
import io.tributary.definition.Project;
import io.tributary.definition.ViewUse;
import io.tributary.events.facts.JoinCounts;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.offline.FeatureStore;
import io.tributary.offline.Joined;
import io.tributary.rows.local.LocalRunner;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.RunnerOption;
import io.tributary.source.rows.HeadedCsv;
import io.tributary.source.rows.LeftToSpark;
import io.tributary.source.rows.SourceFrames;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tributary join}: features for the rows of a file. */
@Command(
    description =
        "Joins features to rows as they were at each row's instant: one row out for each row in.",
    footer = {
      "",
      "Reads the sources' files directly, so no lake is needed: two files and a project do.",
      "Contract, derived columns and times are checked; expectations are not.",
      "In CSV the views' key columns have the types that they have there, the instant is a timestamp (in the project's zone where it has no offset), all else is text.",
      "",
      "  tributary join --rows rides.parquet --project taxi --features zone_demand@1 --out joined.parquet",
      "  tributary join --rows rides.csv --project taxi --features zone_demand@1 --key zone=pickup_zone --nulls NA --out joined.parquet",
      "  tributary join --rows rides.csv --project taxi --features zone_demand@1,zone_weather@1 --key zone=pickup_zone,zone_weather@1.zone=dropoff_zone --out joined.parquet"
    })
public final class JoinMain implements JobMain.Body {
  /** So many looks, a fiftieth of a second apart. */
  private static final int ABSENT_FOR_GOOD = 15;

  private static final String SPARK = RunnerChoice.spark.name();

  @Option(
      names = "--rows",
      required = true,
      paramLabel = "FILE",
      description =
          "The rows that ask, with the views' key columns and an instant: a Parquet file or folder, or CSV (.csv, .csv.gz) whose first line names the columns.")
  private String rows;

  @Option(
      names = "--features",
      required = true,
      split = ",",
      paramLabel = "VIEW",
      description =
          "What to join: carrier_history@1 or carrier_history@1.late_share_6h; several with commas.")
  private List<String> features;

  @Option(
      names = "--key",
      split = ",",
      paramLabel = "[VIEW.]KEY=COLUMN",
      description =
          "Which column of the rows holds a key column of the views, where it is called otherwise: carrier=airline, of one view alone carrier_history@1.carrier=airline; several with commas.")
  private Map<String, String> keys = Map.of();

  @Option(
      names = "--nulls",
      split = ",",
      paramLabel = "TEXT",
      description = "Texts that mean null in CSV rows, beside the empty one: NA,-.")
  private List<String> nulls = List.of();

  @Option(
      names = "--as-of",
      paramLabel = "COLUMN",
      description =
          "The rows' instant (default: their only timestamp column, or the one named as_of).")
  private String asOf;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FOLDER",
      description =
          "Where the rows go: their columns, then VIEW__FEATURE; a folder of Parquet files, there as a whole or not at all.")
  private String out;

  @Option(names = "--overwrite", description = "Replace what is there.")
  private boolean overwrite;

  @Option(
      names = "--leave-out-invalid",
      description =
          "Leave out source rows that can't be used, and count them; else the first one is an error.")
  private boolean leaveOut;

  @Mixin private RunnerOption runner = new RunnerOption(RunnerChoice.auto);

  @Option(
      names = "--validated",
      description = "Read what the lake has validated instead of the sources' files.")
  private boolean validated;

  JoinMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("join", args, new JoinMain()));
  }

  @Override
  public void run(JobMain main) throws IOException {
    CheckedProject checked =
        CheckedProject.read(
            main.project(),
            System.getenv(),
            // Files need no lake, wherever the project's may lie.
            validated ? main.lake() : Optional.of("lake"));
    Project read = checked.project();
    List<ViewUse> uses = uses(checked);
    requireNoNulls();
    // Before anything is read.
    if (LocalJoin.local(main.path(out)).filter(java.nio.file.Files::exists).isPresent()) {
      requireOverwrite();
    }
    if (validated) {
      try (Lake lake = main.open(read.lake(), read.retention())) {
        FeatureStore store = FeatureStore.open(checked, lake);
        tell(main, SPARK, joined(main, lake.spark(), store, uses), Map.of());
      }
      return;
    }
    if (runner.maybeLocal() && locally(main, checked, uses)) {
      return;
    }
    // The lake may lie where none can: it is not looked at.
    try (LakeSession session = LakeSession.lazy()) {
      SourceFrames frames = SourceFrames.of(checked, session.spark(), leaveOut);
      FeatureStore store = FeatureStore.over(checked, session.spark(), frames::rows);
      JoinCounts counts = joined(main, session.spark(), store, uses);
      tell(main, SPARK, counts, frames.leftOut());
    }
  }

  static boolean isCsv(String path) {
    return path.matches("(?i).*\\.csv(\\.gz)?");
  }

  private void requireNoNulls() {
    if (!nulls.isEmpty() && !isCsv(rows)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot join features to the rows of %s: --nulls is for CSV, and Parquet says itself what is null. Leave it out."
              .formatted(rows));
    }
  }

  /** Joins without a Spark session; false where that can't be. */
  private boolean locally(JobMain main, CheckedProject checked, List<ViewUse> uses)
      throws IOException {
    try (LocalRunner threads = LocalRunner.open()) {
      LocalJoin join =
          LocalJoin.open(
              main.path(rows),
              csv -> cells(csv, checked, uses),
              main.path(out),
              checked,
              uses,
              leaveOut,
              threads,
              Runtime.getRuntime().maxMemory());
      requireColumns(List.of(join.asking().fieldNames()));
      Configuration hadoop = new Configuration(false);
      JoinCounts counts =
          written(
              // As text: a folder's URI ends with a slash, and its name would be none.
              new Path(join.target().toString()),
              hadoop,
              whole ->
                  join.write(
                      instant(join.asking()),
                      uses,
                      java.nio.file.Path.of(whole.toUri().getPath())));
      tell(main, RunnerChoice.local.name(), counts, join.leftOut());
      return true;
    } catch (LeftToSpark e) {
      runner.leaveToSpark(main, "join features to the rows of " + rows, e.getMessage());
      return false;
    }
  }

  /** The views, each with those of the named keys that it has: its own before those of all. */
  private List<ViewUse> uses(CheckedProject checked) {
    Set<String> known = new TreeSet<>();
    List<ViewUse> uses = new ArrayList<>();
    for (ViewUse use : ViewUse.parse(features)) {
      Map<String, String> mapped = new LinkedHashMap<>();
      for (String column : keyColumns(checked.view(use.view()))) {
        String own = use.view() + "." + column;
        known.addAll(List.of(column, own));
        Optional.ofNullable(keys.getOrDefault(own, keys.get(column)))
            .ifPresent(named -> mapped.put(column, named));
      }
      uses.add(new ViewUse(use.view(), mapped, use.role(), use.take()));
    }
    for (String key : keys.keySet()) {
      if (!known.contains(key)) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot join features to the rows of %s: --key names %s, which is no key column of a view that is joined.%s They are %s."
                .formatted(rows, key, Nearest.hint(key, known), String.join(", ", known)));
      }
    }
    return uses;
  }

  /** The columns by which a view is joined, or that its request asks for. */
  private static List<String> keyColumns(CheckedView view) {
    return view.definition().isOnDemand()
        ? List.of(view.input().fieldNames())
        : view.definition().entity();
  }

  private JoinCounts joined(
      JobMain main, SparkSession spark, FeatureStore store, List<ViewUse> uses) throws IOException {
    return written(
        new Path(main.path(out)),
        spark.sparkContext().hadoopConfiguration(),
        whole -> {
          Dataset<Row> asking = asking(spark, store.project(), uses, main.path(rows));
          Joined joined =
              store.historicalFeatures(
                  asking, instant(asking.schema()), uses, store.pins().ofViews(uses));
          joined.rows().write().mode("overwrite").parquet(whole.toString());
          joined.requireAll();
          return joined.counts();
        });
  }

  /** Writes rows to a folder. */
  private interface Writing {
    JoinCounts to(Path folder) throws IOException;
  }

  /** The rows are there as a whole or not at all. */
  private JoinCounts written(Path target, Configuration hadoop, Writing writing)
      throws IOException {
    FileSystem files = target.getFileSystem(hadoop);
    if (files.exists(target)) {
      requireOverwrite();
    }
    Path whole = new Path(target.getParent(), "." + target.getName() + ".part");
    Thread stopped = new Thread(() -> removeForGood(files, whole), "remove");
    try {
      files.delete(whole, true);
      files.mkdirs(whole);
      Runtime.getRuntime().addShutdownHook(stopped);
      JoinCounts counts = writing.to(whole);
      replace(files, target, whole);
      return counts;
    } finally {
      files.delete(whole, true);
      try {
        Runtime.getRuntime().removeShutdownHook(stopped);
      } catch (IllegalStateException stopping) {
        // The process is being stopped, and this is at work.
      }
    }
  }

  /** Threads that still write make the folder again, until the process has ended. */
  private static void removeForGood(FileSystem files, Path folder) {
    try {
      for (int absent = 0; absent < ABSENT_FOR_GOOD; absent++) {
        if (files.exists(folder)) {
          files.delete(folder, true);
          absent = 0;
        }
        Thread.sleep(20);
      }
    } catch (IOException | InterruptedException e) {
      // The next join to the same place removes it.
    }
  }

  private void requireOverwrite() {
    if (!overwrite) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot write %s: it is there already. Name another one, or say --overwrite."
              .formatted(out));
    }
  }

  /** What was there before stays beside it until the new rows are in place. */
  private void replace(FileSystem files, Path target, Path whole) throws IOException {
    Path former = new Path(target.getParent(), "." + target.getName() + ".former");
    if (files.exists(target)) {
      files.delete(former, true);
      move(files, target, former);
    }
    try {
      move(files, whole, target);
    } catch (IOException | RuntimeException e) {
      if (files.exists(former)) {
        move(files, former, target);
      }
      throw e;
    }
    files.delete(former, true);
  }

  private void move(FileSystem files, Path from, Path to) throws IOException {
    if (!files.rename(from, to)) {
      throw new PlatformException(
          ErrorCode.STORAGE, "Cannot write " + out + ": " + from + " can't be renamed. Try again.");
    }
  }

  private static void tellOf(JobMain main, Map<String, Long> rowsByView, String what) {
    rowsByView.forEach(
        (view, rows) -> {
          if (rows > 0) {
            main.say("  %s: %,d rows %s".formatted(view, rows, what));
          }
        });
  }

  private void tell(JobMain main, String by, JoinCounts counts, Map<String, Long> leftOut) {
    main.say("%s: %,d rows".formatted(out, counts.rowsOut()));
    if (counts.nullAsOf() > 0) {
      main.say("  %,d of them have no instant, and get no features".formatted(counts.nullAsOf()));
    }
    counts
        .ambiguousRows()
        .forEach(
            (view, rows) -> {
              if (rows > 0) {
                main.say(
                    "  %s: %,d rows (%,d keys) had two events of equal times and other values; a tie-break would settle them"
                        .formatted(view, rows, counts.ambiguousEntities().get(view)));
              }
            });
    tellOf(
        main,
        counts.skippedBounds(),
        "begin a calendar window at a local time that does not exist; it moved forward by the gap");
    tellOf(
        main,
        counts.repeatedBounds(),
        "begin a calendar window at a local time that comes twice; the earlier was taken");
    leftOut.forEach(
        (source, rows) ->
            main.say("  source %s: %,d rows left out as invalid".formatted(source, rows)));
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("out", out);
    result.put("runner", by);
    result.put("counts", counts);
    result.put("left-out", leftOut);
    main.result(result);
  }

  private Dataset<Row> asking(
      SparkSession spark, CheckedProject checked, List<ViewUse> uses, String path) {
    if (isCsv(path)) {
      HeadedCsv csv = HeadedCsv.open(path, spark.sparkContext()::hadoopConfiguration);
      return csv.rows(spark, cells(csv, checked, uses));
    }
    try {
      Dataset<Row> asking = spark.read().parquet(path);
      requireColumns(List.of(asking.columns()));
      return asking;
    } catch (Exception e) {
      // Spark's checked exceptions come undeclared out of Scala.
      if (e instanceof AnalysisException || e instanceof org.apache.spark.SparkException) {
        throw new PlatformException(
            ErrorCode.UNREADABLE_FILE,
            "Cannot read the rows of %s as Parquet: %s. Name a Parquet file or a folder of such."
                .formatted(rows, e.getMessage().lines().findFirst().orElse("")),
            e);
      }
      throw e;
    }
  }

  /** Keys have their types, the instant is a timestamp, all else is text. */
  private HeadedCsv.Cells cells(HeadedCsv csv, CheckedProject checked, List<ViewUse> uses) {
    requireColumns(csv.columns());
    Map<String, DataType> keys = keyTypes(checked, uses);
    String at = asOf == null ? "as_of" : asOf;
    return new HeadedCsv.Cells(
        name ->
            new ColumnType(
                name.equals(at)
                    ? "timestamp"
                    : keys.getOrDefault(name, DataTypes.StringType).catalogString()),
        checked.project().zone(),
        nulls);
  }

  private void requireColumns(List<String> columns) {
    keys.forEach(
        (key, column) -> {
          if (!columns.contains(column)) {
            throw new PlatformException(
                ErrorCode.INVALID_REQUEST,
                "Cannot join features to the rows of %s: --key %s=%s names a column that they have not.%s Their columns are %s."
                    .formatted(
                        rows,
                        key,
                        column,
                        Nearest.hint(column, columns),
                        String.join(", ", columns)));
          }
        });
  }

  /** The types of the columns that views are joined by, or that their requests ask for. */
  private Map<String, DataType> keyTypes(CheckedProject checked, List<ViewUse> uses) {
    Map<String, DataType> types = new LinkedHashMap<>();
    for (ViewUse use : uses) {
      CheckedView view = checked.view(use.view());
      List<String> columns = keyColumns(view);
      for (StructField field : view.input().fields()) {
        if (columns.contains(field.name())) {
          types.merge(
              use.keys().getOrDefault(field.name(), field.name()),
              field.dataType(),
              (a, b) -> common(use, field.name(), a, b));
        }
      }
    }
    return types;
  }

  private DataType common(ViewUse use, String column, DataType a, DataType b) {
    if (a.equals(b)) {
      return a;
    }
    if (a instanceof IntegralType && b instanceof IntegralType) {
      return DataTypes.LongType;
    }
    throw new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot join view %s to the rows of %s: its column %s is %s, and that of another view %s. Join them one after the other, or give the rows as Parquet."
            .formatted(use.view(), rows, column, b.catalogString(), a.catalogString()));
  }

  private String instant(StructType asking) {
    List<String> timestamps =
        Arrays.stream(asking.fields())
            .filter(f -> f.dataType() instanceof TimestampType)
            .map(StructField::name)
            .toList();
    if (asOf != null) {
      if (List.of(asking.fieldNames()).contains(asOf)) {
        return asOf;
      }
    } else if (timestamps.size() == 1) {
      return timestamps.get(0);
    } else if (timestamps.contains("as_of")) {
      return "as_of";
    }
    throw new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot join features to the rows of %s: %s. Name it with --as-of; their columns are %s."
            .formatted(
                rows,
                asOf == null
                    ? "which column is their instant is missing"
                    : "they have no column " + asOf,
                asking.catalogString()));
  }
}
