package io.tributary.source.place;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.hash;
import static org.apache.spark.sql.functions.pmod;

import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * How the rows of a table's versions become files, written by executors: a function of the rows
 * alone, whatever the partitions. Versions stand in their order; several that fit go into one file,
 * one that does not fit is divided by a hash of its lines. In a file lines stand by version, then
 * by their bytes.
 *
 * @param rowsAPart more rows than this make a further file
 */
public record RangeParts(long rowsAPart) {
  /** The column of the line that is written. */
  static final String LINE = "line";

  private static final String FIRST = "first";
  private static final String OVER = "over";
  private static final String PART = "part";

  /** A file that was written. */
  private record Written(int part, long rows, Staging.Kept kept) {}

  /**
   * Keeps rows as files.
   *
   * @param rows {@link #LINE} and the version
   * @param counts the rows of each version, at least one
   * @return the files by their places; none is empty
   */
  List<Staging.Kept> keep(
      Dataset<Row> rows, String version, SortedMap<Long, Long> counts, Staging staging) {
    SparkSession spark = rows.sparkSession();
    List<Row> places = places(counts);
    Row last = places.get(places.size() - 1);
    int parts = last.getInt(1) + last.getInt(2);
    StructType schema =
        new StructType()
            .add(version, DataTypes.LongType)
            .add(FIRST, DataTypes.IntegerType)
            .add(OVER, DataTypes.IntegerType);
    Column part = col(FIRST).plus(pmod(hash(col(LINE)), col(OVER))).as(PART);
    Dataset<Row> divided =
        rows.join(broadcast(spark.createDataFrame(places, schema)), version)
            .select(part, col(version), col(LINE))
            .repartition(parts, col(PART))
            .sortWithinPartitions(PART, version, LINE)
            .select(PART, LINE);
    Broadcast<SerializableConfiguration> hadoop =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .broadcast(new SerializableConfiguration(spark.sparkContext().hadoopConfiguration()));
    MapPartitionsFunction<Row, String> write =
        lines -> write(lines, staging, hadoop.value().value());
    SortedMap<Integer, Staging.Kept> kept = new TreeMap<>();
    long written = 0;
    for (String told : divided.mapPartitions(write, Encoders.STRING()).collectAsList()) {
      Written file = Json.read(told, Written.class);
      kept.put(file.part(), file.kept());
      written += file.rows();
    }
    long expected = counts.values().stream().mapToLong(Long::longValue).sum();
    if (written != expected) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot account for the rows of a copied range: %,d were to be written, %,d were. Report this as a bug."
              .formatted(expected, written));
    }
    return List.copyOf(kept.values());
  }

  /** Version, first file, and over how many files its rows go. */
  private List<Row> places(SortedMap<Long, Long> counts) {
    List<Row> places = new ArrayList<>();
    int part = 0;
    long inPart = 0;
    for (var version : counts.entrySet()) {
      long rows = version.getValue();
      if (inPart > 0 && inPart + rows > rowsAPart) {
        part++;
        inPart = 0;
      }
      int over = Math.toIntExact((rows + rowsAPart - 1) / rowsAPart);
      places.add(RowFactory.create(version.getKey(), part, over));
      if (over > 1) {
        part += over;
      } else {
        inPart += rows;
      }
    }
    return places;
  }

  /** Writes the files of one partition one after the other. */
  private static Iterator<String> write(Iterator<Row> lines, Staging staging, Configuration hadoop)
      throws IOException {
    List<String> written = new ArrayList<>();
    Row line = lines.hasNext() ? lines.next() : null;
    while (line != null) {
      int part = line.getInt(0);
      long rows = 0;
      try (Staging.Writing file = staging.begin(hadoop)) {
        try (OutputStream packed = new GZIPOutputStream(file.out(), 1 << 16)) {
          while (line != null && line.getInt(0) == part) {
            packed.write(line.getString(1).getBytes(StandardCharsets.UTF_8));
            packed.write('\n');
            rows++;
            line = lines.hasNext() ? lines.next() : null;
          }
        } catch (IOException e) {
          throw staging.failed(e);
        }
        written.add(Json.write(new Written(part, rows, file.finish())));
      }
    }
    return written.iterator();
  }
}
