package io.tributary.source;

import java.io.Serializable;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.SerializableConfiguration;

/** The files of a delivery as frames: read anew wherever a frame is used, a file in one task. */
public final class DeliveryFiles {
  /** The columns that tell where a row is from. */
  public static final StructType META =
      new StructType()
          .add("_delivery", DataTypes.LongType)
          .add("_file", DataTypes.StringType)
          .add("_line", DataTypes.LongType)
          .add("_run", DataTypes.StringType);

  public static final StructType REASON =
      new StructType()
          .add("rule", DataTypes.StringType)
          .add("column", DataTypes.StringType)
          .add("message", DataTypes.StringType);

  public static final StructType QUARANTINE =
      append(
          META,
          new StructType()
              .add("raw", DataTypes.StringType)
              .add("reasons", DataTypes.createArrayType(REASON))
              .add("_stage", DataTypes.StringType));

  /** Files that a task reads at least, so that a thousand small ones are not a thousand tasks. */
  private static final long BYTES_A_TASK = 16L << 20;

  private final SparkSession spark;
  private final String source;
  private final long delivery;
  private final List<FoundFile> files;
  private final SourceReader reader;
  private final StructType columns;
  private final String run;
  private final CollectionAccumulator<FileFacts> facts;

  public DeliveryFiles(
      SparkSession spark,
      String source,
      long delivery,
      List<FoundFile> files,
      SourceReader reader,
      StructType columns,
      String run) {
    this.spark = spark;
    this.source = source;
    this.delivery = delivery;
    this.files = List.copyOf(files);
    this.reader = reader;
    this.columns = columns;
    this.run = run;
    this.facts = spark.sparkContext().collectionAccumulator("files of " + source);
  }

  /** The good lines: the contract's columns and {@link #META}. */
  public Dataset<Row> good() {
    return frame(FileLines.Kind.GOOD, append(columns, META));
  }

  /** The malformed lines, as {@link #QUARANTINE}. */
  public Dataset<Row> malformed() {
    return frame(FileLines.Kind.MALFORMED, QUARANTINE);
  }

  /**
   * What was seen of each file, once a frame has been read; a file that was read twice counts once.
   */
  public Collection<FileFacts> facts() {
    Map<String, FileFacts> byPath = new TreeMap<>();
    facts.value().forEach(f -> byPath.put(f.path(), f));
    return byPath.values();
  }

  private Dataset<Row> frame(FileLines.Kind kind, StructType schema) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Broadcast<SerializableConfiguration> hadoop =
        context.broadcast(
            new SerializableConfiguration(spark.sparkContext().hadoopConfiguration()));
    Read read = new Read(source, delivery, run, reader, kind, hadoop, facts);
    JavaRDD<InternalRow> rows = context.parallelize(files, tasks()).mapPartitions(read::rows);
    return spark.internalCreateDataFrame(rows.rdd(), schema, false);
  }

  private int tasks() {
    long bytes = files.stream().mapToLong(FoundFile::bytes).sum();
    long tasks = Math.max(spark.sparkContext().defaultParallelism(), bytes / BYTES_A_TASK);
    return (int) Math.max(1, Math.min(files.size(), tasks));
  }

  static StructType append(StructType columns, StructType more) {
    StructType all = columns;
    for (var field : more.fields()) {
      all = all.add(field);
    }
    return all;
  }

  /** What travels to the tasks. */
  private record Read(
      String source,
      long delivery,
      String run,
      SourceReader reader,
      FileLines.Kind kind,
      Broadcast<SerializableConfiguration> hadoop,
      CollectionAccumulator<FileFacts> facts)
      implements Serializable {
    Iterator<InternalRow> rows(Iterator<FoundFile> files) {
      return new FileLines(
          source, delivery, run, files, reader, kind, hadoop.value().value(), facts::add);
    }
  }
}
