package io.tributary.lake.internal;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.lake.StoredFiles;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.optimizer.ConstantFolding$;
import org.apache.spark.sql.catalyst.optimizer.ReplaceExpressions$;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.delta.DeltaConcurrentModificationException;
import org.apache.spark.sql.delta.DeltaConfigs$;
import org.apache.spark.sql.delta.DeltaOperations;
import org.apache.spark.sql.delta.DeltaOptions;
import org.apache.spark.sql.delta.OptimisticTransaction;
import org.apache.spark.sql.delta.actions.Action;
import org.apache.spark.sql.delta.actions.AddFile;
import org.apache.spark.sql.delta.commands.WriteIntoDelta;
import org.apache.spark.sql.delta.constraints.Constraint;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;
import scala.Option;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * Reads and writes one Delta table through Spark. Tables that {@link LogReplay} understands are
 * read and partly replaced without Delta's own snapshots, each of which costs Spark jobs; every
 * commit is Delta's. The only class that knows Delta's Scala API.
 */
public final class DeltaTable {
  /** The version of a table that is not there, as Delta numbers it. */
  public static final long MISSING = -1;

  private static final int TRIES = 5;
  private static final long KEPT_BYTES_A_FILE = 64L << 20;

  /** Text columns whose values the platform generates. */
  private static final Set<String> GIVEN_NAMES = Set.of("_prediction_id", "_role");

  private static final Seq<Constraint> NO_CONSTRAINTS = seq(List.of());

  /** How VACUUM is told of files. */
  private static final StructType INVENTORY =
      new StructType()
          .add("path", DataTypes.StringType)
          .add("length", DataTypes.LongType)
          .add("isDir", DataTypes.BooleanType)
          .add("modificationTime", DataTypes.LongType);

  private static final String UNNEEDED = "unneeded";

  private final String path;
  private final Optional<LogReplay> replay;

  public DeltaTable(String path, Optional<LogReplay> replay) {
    this.path = path;
    this.replay = replay;
  }

  /** The rows of a version that is there. */
  public Dataset<Row> read(SparkSession spark, String tableId, long version) {
    Optional<LogReplay.State> state = replay.flatMap(r -> r.at(version));
    if (state.isEmpty()) {
      return spark.read().format("delta").option("versionAsOf", version).load(path);
    }
    return scan(
        spark,
        state.get().metadata().schema(),
        tableId + "@" + version,
        List.copyOf(state.get().files()));
  }

  /** Rows with an instant in a column. */
  public record OfInstant(String column, Instant instant) {
    boolean mayBeIn(AddFile file) {
      return FileMatch.of(column, instant, file.stats()) != FileMatch.NONE;
    }
  }

  /**
   * The files of a version that is there; empty where Delta's own snapshot is needed.
   *
   * @param some those that may have some of these rows
   */
  public Optional<StoredFiles> files(long version, Optional<OfInstant> some) {
    return replay
        .flatMap(r -> r.at(version))
        .map(
            state ->
                new StoredFiles(
                    state.files().stream()
                        .filter(file -> some.map(rows -> rows.mayBeIn(file)).orElse(true))
                        .map(file -> new StoredFiles.StoredFile(onDisk(file), file.size()))
                        .toList(),
                    state.metadata().schema()));
  }

  private java.nio.file.Path onDisk(AddFile file) {
    return java.nio.file.Path.of(LiveFileIndex.path(new Path(path), file).toUri().getPath());
  }

  private Dataset<Row> scan(
      SparkSession spark, StructType schema, String identity, List<AddFile> files) {
    HadoopFsRelation relation =
        new HadoopFsRelation(
            new LiveFileIndex(new Path(path), identity, files),
            new StructType(),
            schema,
            Option.empty(),
            new ParquetFileFormat(),
            scala.collection.immutable.Map$.MODULE$.empty(),
            spark);
    return spark.baseRelationToDataFrame(relation);
  }

  /** Sets a property. */
  public void set(SparkSession spark, String property, String value) {
    spark
        .sql(
            "alter table delta.`%s` set tblproperties ('%s' = '%s')"
                .formatted(path, property, value))
        .collect();
  }

  /** Writes files of less than so many bytes together. */
  public void compact(SparkSession spark, long small) {
    SparkSession session = spark.newSession();
    session.conf().set("spark.databricks.delta.optimize.minFileSize", small);
    session.sql("optimize delta.`" + path + "`").collect();
  }

  /** Removes those of some files that no version has had since an instant. */
  public void vacuum(SparkSession spark, Map<String, Long> files, Instant before) {
    // Whole hours, and not one too many: Delta takes no instant, and counts from its own clock.
    long hours = Math.max(0, Duration.between(before, Instant.now()).toHours());
    SparkSession session = spark.newSession();
    // The table's own property may be longer than what the project says now, or shorter.
    session.conf().set("spark.databricks.delta.retentionDurationCheck.enabled", "false");
    String place = new Path(path).toUri().getScheme() == null ? "file:" + path : path;
    session
        .createDataFrame(
            files.entrySet().stream()
                .map(
                    file ->
                        RowFactory.create(place + "/" + file.getKey(), file.getValue(), false, 0L))
                .toList(),
            INVENTORY)
        .createOrReplaceTempView(UNNEEDED);
    session
        .sql(
            "vacuum delta.`%s` using inventory (select * from %s) retain %d hours"
                .formatted(path, UNNEEDED, hours))
        .collect();
  }

  /** Adds rows and columns; makes the table if it is missing. */
  public void append(
      Dataset<Row> rows,
      String userMetadata,
      Map<String, String> properties,
      List<String> partitions) {
    write(rows, userMetadata, properties, partitions)
        .mode(SaveMode.Append)
        .option("mergeSchema", "true")
        .save(path);
  }

  /** Replaces rows and columns; makes the table if it is missing. */
  public void replace(
      Dataset<Row> rows,
      String userMetadata,
      Map<String, String> properties,
      List<String> partitions) {
    write(rows, userMetadata, properties, partitions)
        .mode(SaveMode.Overwrite)
        .option("overwriteSchema", "true")
        .save(path);
  }

  /**
   * The same for rows computed from the table's own.
   *
   * @param read the only version that may be replaced
   * @throws PlatformException CONFLICT when the table is at another version
   */
  public void replace(
      Dataset<Row> rows,
      Supplier<String> userMetadata,
      Map<String, String> properties,
      List<String> partitions,
      long read) {
    OptimisticTransaction transaction = ColumnLog.of(rows.sparkSession(), path).startTransaction();
    requireRead(transaction, OptionalLong.of(read));
    writeByDelta(
        transaction,
        rows,
        SaveMode.Overwrite,
        Map.of("overwriteSchema", "true"),
        userMetadata,
        properties,
        partitions);
  }

  private void requireRead(OptimisticTransaction transaction, OptionalLong read) {
    if (read.isPresent() && transaction.readVersion() != read.getAsLong()) {
      throw new PlatformException(
          ErrorCode.CONFLICT,
          "Cannot replace rows in %s: another process changed the table meanwhile (version %d was read, %d is there). Run it again."
              .formatted(path, read.getAsLong(), transaction.readVersion()));
    }
  }

  private DataFrameWriter<Row> write(
      Dataset<Row> rows,
      String userMetadata,
      Map<String, String> properties,
      List<String> partitions) {
    ColumnLog.of(rows.sparkSession(), path);
    DataFrameWriter<Row> writer =
        rows.write()
            .format("delta")
            .option("userMetadata", userMetadata)
            .options(properties)
            .options(statistics(rows.schema(), partitions));
    return partitions.isEmpty() ? writer : writer.partitionBy(partitions.toArray(new String[0]));
  }

  /**
   * The columns whose minimum and maximum the log keeps by file: times, numbers and names that the
   * platform itself gives rows. Values of other columns are users' data, which must not stay in a
   * log when their rows are gone.
   */
  private static Map<String, String> statistics(StructType schema, List<String> partitions) {
    String columns =
        Arrays.stream(schema.fields())
            .filter(f -> f.name().startsWith("_") && !partitions.contains(f.name()))
            .filter(
                f ->
                    f.dataType() instanceof LongType
                        || f.dataType() instanceof TimestampType
                        || GIVEN_NAMES.contains(f.name()))
            .map(StructField::name)
            .collect(Collectors.joining(","));
    return columns.isEmpty()
        ? Map.of("delta.dataSkippingNumIndexedCols", "0")
        : Map.of("delta.dataSkippingStatsColumns", columns);
  }

  /**
   * Replaces the rows for which {@code predicate} is true; makes the table if it is missing.
   *
   * @param exists whether the table is there
   * @param read the only version that may be replaced, {@link #MISSING} or, as far as {@link
   *     LogReplay} understands the table, another; any if empty
   * @throws PlatformException CONFLICT when the table is at another version
   */
  public void replaceWhere(
      Dataset<Row> rows,
      String predicate,
      Supplier<String> userMetadata,
      Map<String, String> properties,
      List<String> partitions,
      boolean exists,
      OptionalLong read) {
    boolean isFirst = !exists;
    for (int attempt = 1; ; attempt++) {
      try {
        if (isFirst) {
          writeByDelta(
              ColumnLog.of(rows.sparkSession(), path).startTransaction(),
              onlyWithin(rows, predicate),
              SaveMode.ErrorIfExists,
              Map.of("mergeSchema", "true"),
              userMetadata,
              properties,
              partitions);
        } else if (!replaceFiles(rows, predicate, userMetadata, read)) {
          writeByDelta(
              ColumnLog.of(rows.sparkSession(), path).startTransaction(),
              rows,
              SaveMode.Overwrite,
              Map.of("mergeSchema", "true", "replaceWhere", predicate),
              userMetadata,
              properties,
              partitions);
        }
        return;
      } catch (Exception e) {
        // Another writer came first: of this very table, or of other rows; what to remove must be
        // determined again.
        boolean isThere = isFirst && exists(rows.sparkSession());
        if (!isThere && !(e instanceof DeltaConcurrentModificationException) || attempt == TRIES) {
          throw e;
        }
        isFirst &= !isThere;
      }
    }
  }

  private boolean exists(SparkSession spark) {
    return ColumnLog.of(spark, path).startTransaction().readVersion() != MISSING;
  }

  /** As Delta's own writer does, but what the commit says is asked for at its end. */
  private static void writeByDelta(
      OptimisticTransaction transaction,
      Dataset<Row> rows,
      SaveMode mode,
      Map<String, String> options,
      Supplier<String> userMetadata,
      Map<String, String> properties,
      List<String> partitions) {
    SparkSession spark = rows.sparkSession();
    Map<String, String> configuration = new TreeMap<>(properties);
    configuration.putAll(statistics(rows.schema(), partitions));
    Seq<Action> actions =
        new WriteIntoDelta(
                transaction.deltaLog(),
                mode,
                new DeltaOptions(scalaMap(options), spark.sessionState().conf()),
                seq(partitions),
                DeltaConfigs$.MODULE$.validateConfigurations(scalaMap(configuration)),
                rows,
                Option.empty(),
                Option.empty())
            .write(transaction, spark, Option.empty(), false);
    transaction.commit(
        actions,
        new DeltaOperations.Write(
            mode,
            partitions.isEmpty() ? Option.empty() : Option.apply(seq(partitions)),
            Option.apply(options.get("replaceWhere")),
            Option.apply(userMetadata.get())));
  }

  private static scala.collection.immutable.Map<String, String> scalaMap(Map<String, String> map) {
    return scala.collection.immutable.Map$.MODULE$
        .<String, String>empty()
        .$plus$plus(JavaConverters.mapAsScalaMap(map));
  }

  /**
   * Replaces in one pass: writes the new rows, and the rows to keep from files that hold both
   * kinds. False where Delta's own way is needed.
   */
  private boolean replaceFiles(
      Dataset<Row> rows, String predicate, Supplier<String> userMetadata, OptionalLong read) {
    SparkSession spark = rows.sparkSession();
    OptimisticTransaction transaction = ColumnLog.of(spark, path).startTransaction();
    requireRead(transaction, read);
    Optional<LogReplay.State> state = replay.flatMap(r -> r.at(transaction.readVersion()));
    if (state.isEmpty() || !sameColumns(state.get().metadata().schema(), rows.schema())) {
      return false;
    }
    StructType schema = state.get().metadata().schema();
    Expression resolved = resolve(scan(spark, schema, "none", List.of()), predicate);
    List<AddFile> mixed = new ArrayList<>();
    List<Action> actions = new ArrayList<>();
    for (AddFile file : state.get().files()) {
      FileMatch match = FileMatch.of(resolved, file.stats());
      if (match != FileMatch.NONE) {
        actions.add(file.remove());
      }
      if (match == FileMatch.SOME) {
        mixed.add(file);
      }
    }
    Dataset<Row> written = rows.select(columns(schema));
    written = onlyWithin(written, predicate);
    if (!mixed.isEmpty()) {
      long bytes = mixed.stream().mapToLong(AddFile::size).sum();
      Dataset<Row> kept =
          scan(spark, schema, "mixed@" + transaction.readVersion() + predicate, mixed)
              .where(functions.not(within(predicate)))
              .coalesce((int) Math.max(1, bytes / KEPT_BYTES_A_FILE));
      written = written.union(kept);
    }
    // Whoever adds a row that the predicate covers meanwhile must make this commit fail.
    transaction.readWholeTable();
    transaction.writeFiles(written, NO_CONSTRAINTS).foreach(add(actions));
    transaction.commit(
        seq(actions),
        new DeltaOperations.Write(
            SaveMode.Overwrite,
            Option.empty(),
            Option.apply(predicate),
            Option.apply(userMetadata.get())));
    return true;
  }

  private static scala.Function1<org.apache.spark.sql.delta.actions.FileAction, Object> add(
      List<Action> actions) {
    return new scala.runtime.AbstractFunction1<>() {
      @Override
      public Object apply(org.apache.spark.sql.delta.actions.FileAction action) {
        return actions.add(action);
      }
    };
  }

  private static Column within(String predicate) {
    return functions.coalesce(functions.expr(predicate), functions.lit(false));
  }

  /** The same rows; one outside the predicate fails the write. */
  private static Dataset<Row> onlyWithin(Dataset<Row> rows, String predicate) {
    String why = DeltaErrors.OUTSIDE + " (" + predicate + ").";
    return rows.where(
        functions
            .when(within(predicate), functions.lit(true))
            .otherwise(functions.raise_error(functions.lit(why)).cast("boolean")));
  }

  private static boolean sameColumns(StructType table, StructType rows) {
    Map<String, String> a = new TreeMap<>();
    Map<String, String> b = new TreeMap<>();
    for (StructField f : table.fields()) {
      a.put(f.name(), f.dataType().catalogString());
    }
    for (StructField f : rows.fields()) {
      b.put(f.name(), f.dataType().catalogString());
    }
    return a.equals(b);
  }

  private static Column[] columns(StructType schema) {
    return Arrays.stream(schema.fieldNames())
        .map(n -> functions.col("`" + n.replace("`", "``") + "`"))
        .toArray(Column[]::new);
  }

  /** A predicate resolved over a table's columns, its constants folded. */
  private static Expression resolve(Dataset<Row> table, String predicate) {
    LogicalPlan plan = table.where(functions.expr(predicate)).queryExecution().analyzed();
    LogicalPlan folded = ConstantFolding$.MODULE$.apply(ReplaceExpressions$.MODULE$.apply(plan));
    return folded instanceof Filter filter ? filter.condition() : Literal.TrueLiteral();
  }

  private static <T> Seq<T> seq(List<T> list) {
    return JavaConverters.asScalaBuffer(list).toList();
  }
}
