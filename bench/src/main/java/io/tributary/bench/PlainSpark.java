package io.tributary.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.unix_micros;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The works on Spark without Tributary, parquet to parquet: {@code limit} shuffles and sorts the
 * rows and writes as much as the work does; {@code spark-sql} is what people would write.
 */
public final class PlainSpark {
  private static final long DAY = 86_400_000_000L;
  private static final int[] WINDOWS = {1, 7, 30, 90, 365};
  private static final Set<String> NOT_VALUES = Set.of("key", "t", "known", "deleted", "event_id");

  private final SparkSession spark;
  private final Dataset<Row> rows;
  private final List<String> values;

  private PlainSpark(SparkSession spark, String folder) {
    this.spark = spark;
    Dataset<Row> events = spark.read().parquet(folder + "/events");
    Dataset<Row> labels = spark.read().parquet(folder + "/labels.parquet");
    this.values =
        Arrays.stream(events.columns()).filter(name -> !NOT_VALUES.contains(name)).toList();
    this.rows =
        labels
            .selectExpr("key", "as_of as t", "id")
            .unionByName(events, true)
            .withColumn("u", unix_micros(col("t")));
  }

  /** Usage: {@code PlainSpark limit|spark-sql lookup|windows FOLDER OUT}. */
  public static void main(String[] arguments) {
    try (SparkSession spark = SparkSession.builder().getOrCreate()) {
      PlainSpark plain = new PlainSpark(spark, arguments[2]);
      boolean lookup = arguments[1].equals("lookup");
      Dataset<Row> result =
          switch (arguments[0]) {
            case "limit" -> plain.limit(lookup);
            case "spark-sql" -> lookup ? plain.lookup() : plain.windows();
            default -> throw new IllegalArgumentException("no system " + arguments[0]);
          };
      result.write().parquet(arguments[3]);
    }
  }

  /**
   * Of the sorted rows those that ask, below the planner's eyes, which would choose them before the
   * shuffle. A look-up gets the values of the row before it, whosever they are: as many values, as
   * often repeated, as the work's answer has, for that decides what writing them costs. Windows get
   * made-up numbers.
   */
  private Dataset<Row> limit(boolean lookup) {
    int partitions = spark.sessionState().conf().numShufflePartitions();
    Dataset<Row> sorted =
        rows.drop("u").repartition(partitions, col("key")).sortWithinPartitions("key", "t", "id");
    StructType schema = sorted.schema();
    StructType asking = lookup ? before(schema) : schema;
    Dataset<Row> chosen =
        spark.internalCreateDataFrame(
            sorted
                .queryExecution()
                .toRdd()
                .toJavaRDD()
                .mapPartitions(part -> new Asking(part, lookup ? schema.size() : 0), true)
                .rdd(),
            asking,
            false);
    if (lookup) {
      return chosen.selectExpr(
          columns("id", "key", "t as as_of", values.stream().map(v -> "before_" + v + " as " + v)));
    }
    List<String> made = new ArrayList<>();
    for (String feature : features()) {
      int i = made.size() + 1;
      made.add(
          feature.contains("_count_")
              ? "id * " + i + " % 997 as " + feature
              : "cast(id * 1000003 * " + i + " % 1000000007 as double) / 100 as " + feature);
    }
    return chosen.selectExpr(columns("id", "key", "t as as_of", made.stream()));
  }

  private static StructType before(StructType schema) {
    StructType both = schema;
    for (StructField field : schema.fields()) {
      both = both.add("before_" + field.name(), field.dataType(), true);
    }
    return both;
  }

  /** The rows that ask, each with the row before it that does not, if that is wanted. */
  private static final class Asking implements Iterator<InternalRow> {
    private static final int ID = 2;

    private final Iterator<InternalRow> rows;
    private final boolean withBefore;
    private final UnsafeRow before;
    private final JoinedRow joined = new JoinedRow();
    private InternalRow next;

    Asking(Iterator<InternalRow> rows, int columns) {
      this.rows = rows;
      this.withBefore = columns > 0;
      this.before = new UnsafeRow(columns);
      if (withBefore) {
        byte[] nulls = new byte[8 * (columns + 1 + columns / 64)];
        before.pointTo(nulls, nulls.length);
        for (int i = 0; i < columns; i++) {
          before.setNullAt(i);
        }
      }
    }

    @Override
    public boolean hasNext() {
      while (next == null && rows.hasNext()) {
        InternalRow row = rows.next();
        if (!row.isNullAt(ID)) {
          next = withBefore ? joined.apply(row, before) : row;
        } else if (withBefore) {
          before.copyFrom((UnsafeRow) row);
        }
      }
      return next != null;
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      InternalRow row = next;
      next = null;
      return row;
    }
  }

  private Dataset<Row> lookup() {
    rows.createOrReplaceTempView("rows");
    return spark.sql(
        ("select id, key, as_of, newest.* from (select id, key, t as as_of,"
                + " last(if(id is null, struct(%s), null), true) over (partition by key order by u, id"
                + " rows between unbounded preceding and current row) as newest from rows)"
                + " where id is not null")
            .formatted(String.join(", ", values)));
  }

  private Dataset<Row> windows() {
    rows.createOrReplaceTempView("rows");
    List<String> columns = new ArrayList<>();
    for (String feature : features()) {
      String[] parts = feature.split("_", -1);
      long days = Long.parseLong(parts[2].substring(0, parts[2].length() - 1));
      columns.add(
          String.format(
              Locale.ROOT,
              "%s(%s) over (partition by key order by u range between %d preceding and current row) as %s",
              parts[1],
              parts[0],
              days * DAY - 1,
              feature));
    }
    return spark.sql(
        "select * from (select id, key, t as as_of, %s from rows) where id is not null"
            .formatted(String.join(", ", columns)));
  }

  private List<String> features() {
    return values.stream()
        .flatMap(
            column ->
                Stream.of("sum", "count")
                    .flatMap(
                        aggregate ->
                            Arrays.stream(WINDOWS)
                                .mapToObj(days -> column + "_" + aggregate + "_" + days + "d")))
        .collect(Collectors.toList());
  }

  private static String[] columns(String id, String key, String asOf, Stream<String> others) {
    return Stream.concat(Stream.of(id, key, asOf), others).toArray(String[]::new);
  }
}
