package io.tributary.source;

import io.tributary.core.ErrorGroup;
import io.tributary.core.PlatformException;
import io.tributary.core.RowPlace;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The files of a delivery as frames: read again wherever a frame is used, a file, or a part of a
 * large one, in one task.
 */
public final class DeliveryFiles {
  /** The columns that record where a row is from. */
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
  private final FactsAccumulator facts = new FactsAccumulator();

  private DeliveryFiles(
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
    // Without a name: of a named one Spark keeps the value as text with each task, and logs it.
    spark.sparkContext().register(facts);
  }

  /** The files of a delivery; of a large one with an index of its own that is looked into. */
  public static DeliveryFiles of(
      SparkSession spark,
      String source,
      long delivery,
      List<FoundFile> files,
      SourceReader reader,
      StructType columns,
      String run) {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    return new DeliveryFiles(
        spark, source, delivery, divided(files, reader, hadoop), reader, columns, run);
  }

  static List<FoundFile> divided(List<FoundFile> files, SourceReader reader, Configuration hadoop) {
    return files.stream().map(f -> divided(f, reader, hadoop)).toList();
  }

  private static FoundFile divided(FoundFile file, SourceReader reader, Configuration hadoop) {
    if (reader instanceof ByteReader || file.bytes() < 2L * FileScan.PART) {
      return file;
    }
    List<FilePart> parts =
        reader.typed().orElseThrow().parts(file.location(), FileScan.PART, hadoop);
    return parts.size() < 2 ? file : file.with(parts);
  }

  /** The good lines: the contract's columns and {@link #META}. */
  public Dataset<Row> good() {
    return frame(items(), FileLines.Kind.GOOD, append(columns, META));
  }

  /**
   * The malformed lines, as {@link #QUARANTINE}: those that were seen and kept when a frame was
   * read; what was not, or had too many of them, is read for them.
   */
  public Dataset<Row> malformed() {
    Map<String, FileFacts> seen = facts.seen();
    List<FoundFile> unread = new ArrayList<>();
    List<Row> kept = new ArrayList<>();
    for (FoundFile item : items()) {
      FileFacts facts = seen.get(FactsAccumulator.key(item.path(), offset(item)));
      if (facts == null || !facts.keepsAll()) {
        unread.add(item);
      } else {
        facts.kept().forEach(line -> kept.add(row(item.path(), line)));
      }
    }
    Dataset<Row> rows = spark.createDataFrame(kept, QUARANTINE);
    return unread.isEmpty()
        ? rows
        : kept.isEmpty()
            ? frame(unread, FileLines.Kind.MALFORMED, QUARANTINE)
            : rows.union(frame(unread, FileLines.Kind.MALFORMED, QUARANTINE));
  }

  private Row row(String path, FileFacts.MalformedLine line) {
    List<Row> reasons =
        line.reasons().stream()
            .map(r -> RowFactory.create(r.rule(), r.column(), r.message()))
            .toList();
    return RowFactory.create(delivery, path, line.number(), run, line.raw(), reasons, "parse");
  }

  /**
   * What was seen of the files, or of their parts, once a frame has been read; what was read twice
   * counts once.
   */
  public Collection<FileFacts> facts() {
    return facts.seen().values();
  }

  private static long offset(FoundFile item) {
    return item.parts().isEmpty() ? 0 : item.parts().get(0).offset();
  }

  /** Whether a file is read in parts. */
  public boolean areDivided() {
    return areDivided(files);
  }

  static boolean areDivided(List<FoundFile> files) {
    return files.stream().anyMatch(f -> !f.parts().isEmpty());
  }

  static List<FoundFile> whole(List<FoundFile> files) {
    return files.stream().map(f -> f.with(List.of())).toList();
  }

  /**
   * The same, each file read as a whole: what a part has against it, the whole may not have; and of
   * several errors the first in the file is reported.
   */
  public DeliveryFiles undivided() {
    return new DeliveryFiles(spark, source, delivery, whole(files), reader, columns, run);
  }

  /**
   * The same, once it was looked whether a line is malformed: the first one, by file and place, is
   * an error, and nothing is read beyond it.
   *
   * @param refused the error, by what is first wrong with the line
   */
  public DeliveryFiles lookedThrough(BiFunction<RowPlace, Reason, PlatformException> refused) {
    return orUndivided(
        files -> {
          for (Row line : files.malformed().limit(1).collectAsList()) {
            Row reason = line.<Row>getList(line.fieldIndex("reasons")).get(0);
            throw refused.apply(
                new RowPlace(line.getAs("_file"), line.<Long>getAs("_line")),
                new Reason(reason.getString(0), reason.getString(1), reason.getString(2)));
          }
          return files;
        });
  }

  /** The same once its parts, if it has any, have been read and none breaks the contract. */
  public DeliveryFiles provenParts() {
    return orUndivided(
        files -> {
          if (files.areDivided()) {
            files.malformed().count();
          }
          return files;
        });
  }

  /**
   * What reading gives; where a file is broken by one of its parts, what reading it as a whole
   * does.
   */
  public <T> T orUndivided(Function<DeliveryFiles, T> read) {
    try {
      return read.apply(this);
    } catch (RuntimeException e) {
      if (!areDivided() || PlatformException.codeOf(e).group() != ErrorGroup.DATA) {
        throw e;
      }
      return read.apply(undivided());
    }
  }

  private List<FoundFile> items() {
    return items(files);
  }

  /** What one task reads at least: a file, or a part of one. */
  static List<FoundFile> items(List<FoundFile> files) {
    return files.stream()
        .flatMap(
            f ->
                f.parts().isEmpty()
                    ? Stream.of(f)
                    : f.parts().stream().map(part -> f.with(List.of(part))))
        .toList();
  }

  private Dataset<Row> frame(List<FoundFile> items, FileLines.Kind kind, StructType schema) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Broadcast<SerializableConfiguration> hadoop =
        context.broadcast(
            new SerializableConfiguration(spark.sparkContext().hadoopConfiguration()));
    Read read = new Read(source, delivery, run, reader, kind, hadoop, facts);
    JavaRDD<InternalRow> rows = context.parallelize(items, tasks(items)).mapPartitions(read::rows);
    return spark.internalCreateDataFrame(rows.rdd(), schema, false);
  }

  private int tasks(List<FoundFile> items) {
    long bytes = files.stream().mapToLong(FoundFile::bytes).sum();
    long tasks = Math.max(spark.sparkContext().defaultParallelism(), bytes / BYTES_A_TASK);
    return (int) Math.max(1, Math.min(items.size(), tasks));
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
      FactsAccumulator facts)
      implements Serializable {
    Iterator<InternalRow> rows(Iterator<FoundFile> files) {
      return new FileLines(
          source, delivery, run, files, reader, kind, hadoop.value().value(), facts::add);
    }
  }
}
