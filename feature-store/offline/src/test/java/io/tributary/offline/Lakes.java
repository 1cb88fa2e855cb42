package io.tributary.offline;

import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.SuspectUse;
import io.tributary.core.TableName;
import io.tributary.definition.AvailabilityDelay;
import io.tributary.definition.Column;
import io.tributary.definition.ColumnType;
import io.tributary.definition.FeatureView;
import io.tributary.definition.OnlineAddress;
import io.tributary.definition.Project;
import io.tributary.definition.Recording;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.definition.SourceLocation;
import io.tributary.definition.SqlText;
import io.tributary.definition.TrainingSet;
import io.tributary.definition.ViewId;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.SampleFacts;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;

/** Small lakes with a validated table, and values between plain Java and Spark. */
final class Lakes {
  /**
   * One session for all tests; it ends with the JVM. Sweeps have so little heap that files are
   * used, and nearly all keys are cut into slices.
   */
  static final LakeSession SESSION =
      LakeSession.lazy(
          Map.of(
              "spark.sql.shuffle.partitions", "2",
              "spark.tributary.sweep.heapBytes", "256",
              "spark.tributary.join.share", "0.01",
              "spark.tributary.join.leastRows", "2"));

  private static final SourceLocation MARK = new SourceLocation("test", 1);

  private Lakes() {}

  static Lake lake(Path folder) {
    return Lake.open(folder.toString(), Lake.DEFAULT_RETENTION, SESSION);
  }

  /**
   * A source of files whose times are columns of their own: {@code et}, {@code kt}, {@code gone}.
   */
  static Source source(String name, World world, long delay) {
    LinkedHashMap<String, ColumnType> columns = world.columns();
    List<String> eventKey = world.eventKey();
    List<Column> declared = new ArrayList<>();
    columns.forEach((n, t) -> declared.add(new Column(n, t, Set.of())));
    declared.add(new Column("et", new ColumnType("timestamp"), Set.of()));
    boolean corrected = !eventKey.isEmpty();
    if (corrected) {
      declared.add(new Column("kt", new ColumnType("timestamp"), Set.of()));
      declared.add(new Column("gone", new ColumnType("boolean"), Set.of()));
    }
    return new Source(
        name,
        "",
        "",
        new SourceInput.Files("csv", "data.csv", true, List.of(), Map.of()),
        declared,
        false,
        List.of(),
        List.of(),
        eventKey,
        false,
        Optional.empty(),
        Optional.of(sql("et")),
        corrected ? Optional.of(sql("kt")) : Optional.empty(),
        corrected
            ? Optional.empty()
            : Optional.of(AvailabilityDelay.of(Duration.ofNanos(delay * 1000))),
        corrected ? Optional.of(sql("gone")) : Optional.empty(),
        world.sequence(),
        ZoneId.of("America/New_York"),
        Optional.empty(),
        Optional.empty(),
        false,
        MARK);
  }

  static SqlText sql(String text) {
    return new SqlText(text, MARK);
  }

  static Project project(
      Path folder, List<Source> sources, List<FeatureView> views, List<TrainingSet> sets) {
    Map<String, Source> bySource = new LinkedHashMap<>();
    sources.forEach(s -> bySource.put(s.name(), s));
    Map<ViewId, FeatureView> byView = new LinkedHashMap<>();
    views.forEach(v -> byView.put(v.id(), v));
    Map<String, TrainingSet> bySet = new LinkedHashMap<>();
    sets.forEach(s -> bySet.put(s.name(), s));
    return new Project(
        "test",
        folder,
        ZoneId.of("America/New_York"),
        folder.toString(),
        OnlineAddress.of("rocksdb:" + folder),
        List.of("delta"),
        Lake.DEFAULT_RETENTION,
        SuspectUse.REFUSE,
        Recording.DEFAULT,
        Optional.empty(),
        bySource,
        byView,
        bySet,
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        List.of());
  }

  static CommitFacts facts(String source, long deliveries) {
    Instant at = Instant.parse("2014-01-01T00:00:00Z");
    return SampleFacts.ingested(source, at, deliveries);
  }

  /** Appends rows as the gate would. */
  static void deliver(Lake lake, String source, Dataset<Row> rows, long delivery) {
    lake.table(TableName.of("validated", source))
        .append(
            rows.withColumn("_delivery", org.apache.spark.sql.functions.lit(delivery)),
            facts(source, delivery));
  }

  /** Takes a view's snapshots at instants in one commit, in place of those between them. */
  static void take(
      FeatureStore store, FeatureView view, List<Instant> instants, List<Pin> sources) {
    Interval interval =
        Interval.of(instants.get(0), instants.get(instants.size() - 1).plusNanos(1_000));
    CommitFacts like = facts("snapshots", 1);
    store
        .lake()
        .table(view.id().table())
        .replaceWhere(
            store.snapshots().of(view, instants, sources),
            "_at >= timestamp'%s' AND _at < timestamp'%s'"
                .formatted(interval.from(), interval.to()),
            SampleFacts.of(
                JobKey.of("materialize", view.id().toString(), interval),
                like.started(),
                sources,
                Optional.of(store.snapshots().facts(view, instants, Optional.empty()))));
  }

  static Dataset<Row> frame(List<Row> rows, StructType schema) {
    return SESSION.spark().createDataFrame(rows, schema);
  }

  static Row row(StructType schema, Map<String, Object> values) {
    Object[] cells = new Object[schema.size()];
    for (int i = 0; i < cells.length; i++) {
      cells[i] = external(values.get(schema.fields()[i].name()), schema.fields()[i].dataType());
    }
    return RowFactory.create(cells);
  }

  static Object external(Object value, DataType type) {
    if (value == null) {
      return null;
    }
    if (type instanceof TimestampType) {
      return timestamp((Long) value);
    }
    if (type instanceof DateType) {
      return Date.valueOf(LocalDate.ofEpochDay((Long) value));
    }
    if (type instanceof IntegerType) {
      return ((Long) value).intValue();
    }
    if (type instanceof ShortType) {
      return ((Long) value).shortValue();
    }
    if (type instanceof ByteType) {
      return ((Long) value).byteValue();
    }
    if (type instanceof FloatType) {
      return ((Double) value).floatValue();
    }
    if (type instanceof DecimalType d && value instanceof BigDecimal b) {
      return b.setScale(d.scale());
    }
    if (type instanceof ArrayType array) {
      return ((List<?>) value)
          .stream().map(v -> external(v, array.elementType())).toList().toArray();
    }
    if (type instanceof StructType struct) {
      List<?> fields = (List<?>) value;
      Object[] cells = new Object[fields.size()];
      for (int i = 0; i < cells.length; i++) {
        cells[i] = external(fields.get(i), struct.fields()[i].dataType());
      }
      return RowFactory.create(cells);
    }
    return value;
  }

  private static Timestamp timestamp(long micros) {
    Timestamp t = new Timestamp(Math.floorDiv(micros, 1000L));
    t.setNanos((int) (Math.floorMod(micros, 1_000_000L) * 1000));
    return t;
  }

  /** As the reference has values. */
  static Object plain(Object value) {
    if (value instanceof Timestamp t) {
      return Math.floorDiv(t.getTime(), 1000L) * 1_000_000 + t.getNanos() / 1000;
    }
    if (value instanceof Date d) {
      return d.toLocalDate().toEpochDay();
    }
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof Float f) {
      return (double) f;
    }
    if (value instanceof Row row) {
      List<Object> fields = new ArrayList<>();
      for (int i = 0; i < row.size(); i++) {
        fields.add(plain(row.get(i)));
      }
      return fields;
    }
    if (value instanceof scala.collection.Seq<?> seq) {
      List<Object> elements = new ArrayList<>();
      scala.collection.JavaConverters.seqAsJavaList(seq).forEach(e -> elements.add(plain(e)));
      return elements;
    }
    return value instanceof Object[] array
        ? Arrays.stream(array).map(Lakes::plain).toList()
        : value;
  }
}
