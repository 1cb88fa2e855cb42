package io.tributary.ingest.gate;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.array_distinct;
import static org.apache.spark.sql.functions.array_position;
import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.filter;
import static org.apache.spark.sql.functions.lag;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import io.tributary.analysis.CheckedSource;
import io.tributary.core.RowPlace;
import io.tributary.events.facts.Duplicates;
import io.tributary.lake.LakeTable;
import io.tributary.source.rows.DerivedRows;
import io.tributary.source.rows.SourceRules;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Finds events that came in two rows of equal known time, equal in the source's sequence too, and
 * of other values: nothing says which is the later version, so that the contract lets one of them
 * count by the order of values (rule 4). Rows that are equal in all columns of the source's
 * contract are exact repeats and change nothing; a row that withdraws its event has no values; maps
 * have no order and don't tell rows apart.
 *
 * <p>A hash of event key and known time that comes twice tells whether there can be any; only then
 * are keys and values compared. Of what was admitted before, only rows are read that were known
 * between the least and the greatest known time of the new ones, and of these the key alone unless
 * one is met again.
 */
public final class DuplicateKeys {
  private static final String KEY = "_key_hash";
  private static final String VALUES = "_values_hash";
  private static final String PLACE = "_place";
  private static final String BEFORE = "_before";
  private static final String NUMBER = "_number";

  /** The refused delivery beside whose rows a row is looked at; 0 = beside all that is kept. */
  private static final String ASKED = "_asked";

  private static final String NAME = LakeTable.DELIVERY;
  private static final Column RANK = col(PLACE + ".rank");
  private static final Column DELIVERY = col(PLACE + "." + NAME);

  private final List<String> key;
  private final List<StructField> values;

  /** What is kept in memory until the tables are written. */
  private final List<Dataset<Row>> held = new ArrayList<>();

  private Optional<Dataset<Row>> further = Optional.empty();

  public DuplicateKeys(SourceRules rules) {
    this.key =
        Stream.of(
                rules.source().definition().eventKey().stream(),
                Stream.of(CheckedSource.KNOWN_TIME),
                rules.source().definition().sequence().stream())
            .flatMap(Function.identity())
            .toList();
    this.values =
        Arrays.stream(rules.reader().columns().fields())
            .filter(f -> !holdsMap(f.dataType()))
            .toList();
  }

  /** Whether rows of a source can be versions of one event. */
  public static boolean canBe(CheckedSource source) {
    return !source.definition().isStatic() && !source.definition().eventKey().isEmpty();
  }

  private static boolean holdsMap(DataType type) {
    return type instanceof MapType
        || (type instanceof ArrayType array && holdsMap(array.elementType()))
        || (type instanceof StructType struct
            && Arrays.stream(struct.fields()).anyMatch(f -> holdsMap(f.dataType())));
  }

  /**
   * What there is of them, by the delivery that brings them: where an earlier one has a version of
   * the event, each further one counts, else each but the first by file and line.
   *
   * @param of of those that are refused each beside what is kept before it
   */
  public record Found(Map<Long, Duplicates> of, Set<Long> refused) {}

  /**
   * Looks for them once, however many deliveries there are, and decides which are refused: in
   * order, each that has a further version of an event beside what is kept before it. Those that
   * are not {@code refusable} are kept and come before these, behind all former rows.
   *
   * @param events the fresh rows by their {@link #eventColumns()}
   * @param fresh rows that are about to be admitted, as {@code validated} has them
   * @param count how many they are
   * @param former rows that have been admitted before
   * @param refusable deliveries in order of their numbers, those first that were admitted before
   */
  public Found find(
      Dataset<Row> events,
      Dataset<Row> fresh,
      long count,
      Optional<Dataset<Row>> former,
      List<Set<Long>> refusable) {
    Optional<Dataset<Row>> shared = shared(events, fresh, count, former, refusable);
    if (shared.isEmpty()) {
      return new Found(Map.of(), Set.of());
    }
    Dataset<Row> rows = held(shared.get());
    Set<Long> refused = refusable.isEmpty() ? Set.of() : refused(rows);
    further = Optional.of(held(further(asked(rows, refused))));
    return new Found(count(further.get()), refused);
  }

  private Map<Long, Duplicates> count(Dataset<Row> further) {
    Map<Long, Duplicates> found = new TreeMap<>();
    Column begins = col(NUMBER).equalTo(2).or(DELIVERY.notEqual(col(BEFORE + "." + NAME)));
    List<Row> deliveries =
        further
            .groupBy(DELIVERY.as(NAME))
            .agg(
                sum(when(begins, 1L).otherwise(0L)).as("_events"),
                functions.count(lit(1)).as("_rows"),
                min(struct(col(PLACE), col(BEFORE))).as("_first"))
            .collectAsList();
    for (Row row : deliveries) {
      Row first = row.getStruct(3);
      found.put(
          row.getLong(0),
          new Duplicates(
              row.getLong(1),
              row.getLong(2),
              List.of(place(first.getStruct(1)), place(first.getStruct(0)))));
    }
    return found;
  }

  /**
   * Which deliveries are refused. What is kept of one event has one value but for what can't be
   * refused, so that pairs of deliveries decide: of two that contradict one another the later is
   * refused if the earlier is kept. Events with the same pattern of deliveries and values count
   * once, and only the pairs come to the driver.
   */
  private Set<Long> refused(Dataset<Row> shared) {
    Column open = struct(RANK.as("rank"), DELIVERY.as(NAME), col(VALUES).as("value"));
    Dataset<Row> events =
        shared
            .groupBy(columns(key))
            .agg(
                collect_set(when(RANK.leq(0), col(VALUES))).as("_kept"),
                array_sort(collect_set(when(RANK.gt(0), open))).as("_all"))
            .withColumn(
                "_open",
                filter(col("_all"), o -> not(array_contains(col("_kept"), o.getField("value")))))
            .withColumn("_values", array_distinct(col("_open.value")))
            .select(
                size(col("_kept")).gt(0).as("_sure"),
                transform(
                        col("_open"),
                        o ->
                            struct(
                                struct(o.getField("rank"), o.getField(NAME)).as("order"),
                                array_position(col("_values"), o.getField("value")).as("value")))
                    .as("_pattern"))
            .distinct();
    List<Row> pairs =
        events
            .select(col("*"), explode(col("_pattern")).as("_a"))
            .select(
                col("_sure"),
                col("_a"),
                explode(when(col("_sure"), array(col("_a"))).otherwise(col("_pattern"))).as("_b"))
            .where(
                col("_sure")
                    .or(
                        col("_a.value")
                            .notEqual(col("_b.value"))
                            .and(col("_a.order").leq(col("_b.order")))))
            .select(col("_b.order").as("_later"), col("_a.order").as("_earlier"))
            .distinct()
            .orderBy("_later")
            .collectAsList();
    Set<Long> refused = new TreeSet<>();
    for (Row pair : pairs) {
      long later = pair.getStruct(0).getLong(1);
      long earlier = pair.getStruct(1).getLong(1);
      if (earlier == later || !refused.contains(earlier)) {
        refused.add(later);
      }
    }
    return refused;
  }

  /** What is kept, and for each delivery that is refused its rows beside what is kept before it. */
  private Dataset<Row> asked(Dataset<Row> shared, Set<Long> refused) {
    Column isRefused = RANK.gt(0).and(DELIVERY.isin(refused.toArray()));
    Dataset<Row> kept = shared.where(not(isRefused));
    if (refused.isEmpty()) {
      return kept.withColumn(ASKED, lit(0L));
    }
    Dataset<Row> theirs = shared.where(isRefused).withColumn(ASKED, DELIVERY);
    Dataset<Row> events =
        theirs.select(col(KEY), col(ASKED), struct(RANK, DELIVERY).as("_order")).distinct();
    Dataset<Row> beside =
        kept.join(events, KEY).where(struct(RANK, DELIVERY).lt(col("_order"))).drop("_order");
    return kept.withColumn(ASKED, lit(0L)).unionByName(theirs).unionByName(beside);
  }

  /**
   * Adds to each row of a delivery that was refused {@code true} where it brings a further version
   * of the row's event, else null.
   */
  Dataset<Row> marked(Dataset<Row> rows, long delivery, String column) {
    Dataset<Row> events =
        further
            .orElseThrow()
            .where(DELIVERY.equalTo(delivery))
            .select(struct(columns(key)).as("_event"), lit(true).as(column))
            .distinct();
    // A sequence may be null.
    return rows.join(
        events, struct(columns(key, rows)).eqNullSafe(events.col("_event")), "left_outer");
  }

  private Dataset<Row> held(Dataset<Row> rows) {
    held.add(rows.persist(StorageLevel.MEMORY_AND_DISK()));
    return rows;
  }

  public void release() {
    held.forEach(rows -> rows.unpersist(false));
  }

  /**
   * Rows whose event, by the hash, has two of equal known time and other values: key, place and
   * hash of values. Empty where there are none.
   */
  private Optional<Dataset<Row>> shared(
      Dataset<Row> events,
      Dataset<Row> fresh,
      long count,
      Optional<Dataset<Row>> former,
      List<Set<Long>> refusable) {
    Optional<Dataset<Row>> near = former.flatMap(f -> near(events, f));
    Dataset<Row> keys = keys(events);
    RepeatedHashes repeated =
        RepeatedHashes.of(near.map(n -> keys.union(met(keys(n), keys))).orElse(keys), KEY, count);
    if (repeated.areNone()) {
      return Optional.empty();
    }
    Column rank = lit(0);
    for (int i = 0; i < refusable.size(); i++) {
      Column isOne = col(LakeTable.DELIVERY).isin(refusable.get(i).toArray());
      rank = when(isOne, i + 1).otherwise(rank);
    }
    Dataset<Row> all = repeated.of(hashed(fresh, rank));
    if (near.isPresent()) {
      all = all.union(repeated.of(hashed(near.get(), lit(-1))));
    }
    Dataset<Row> several =
        all.groupBy(KEY)
            .agg(min(VALUES).as("_least"), max(VALUES).as("_greatest"))
            .where(col("_least").notEqual(col("_greatest")))
            .select(KEY);
    return several.isEmpty() ? Optional.empty() : Optional.of(all.join(several, KEY));
  }

  /** The former rows that were known when fresh ones were; empty where there can be none. */
  private static Optional<Dataset<Row>> near(Dataset<Row> events, Dataset<Row> former) {
    Column known = col(CheckedSource.KNOWN_TIME);
    Row span = events.agg(min(known), max(known)).head();
    return span.isNullAt(0)
        ? Optional.empty()
        : Optional.of(former.where(known.between(lit(span.get(0)), lit(span.get(1)))));
  }

  /** Those keys that fresh rows have too. */
  private static Dataset<Row> met(Dataset<Row> former, Dataset<Row> fresh) {
    return former.join(fresh, former.col(KEY).equalTo(fresh.col(KEY)), "left_semi");
  }

  /** The columns by which rows are told to be of one event and of equal known time. */
  public Column[] eventColumns() {
    return Stream.concat(Arrays.stream(columns(key)), Stream.of(col(CheckedSource.DELETED)))
        .toArray(Column[]::new);
  }

  /** The key's hash of live rows. */
  private Dataset<Row> keys(Dataset<Row> rows) {
    return rows.where(not(col(CheckedSource.DELETED))).select(xxhash64(columns(key)).as(KEY));
  }

  /**
   * Live rows: key, place, and the hashes of key and of values.
   *
   * @param rank of a row's delivery, which comes after those of less: -1 = it was admitted before,
   *     0 = it can't be refused
   */
  private Dataset<Row> hashed(Dataset<Row> rows, Column rank) {
    Column[] added = {
      struct(rank.as("rank"), col(LakeTable.DELIVERY), col("_file"), col("_line")).as(PLACE),
      xxhash64(columns(key)).as(KEY),
      xxhash64(
              values.stream()
                  .map(f -> hash(DerivedRows.column(f.name()), f.dataType()))
                  .toArray(Column[]::new))
          .as(VALUES)
    };
    return rows.where(not(col(CheckedSource.DELETED)))
        .select(
            Stream.concat(Arrays.stream(columns(key)), Arrays.stream(added))
                .toArray(Column[]::new));
  }

  /**
   * A value's hash, never null: {@code xxhash64} alone passes over nulls, and takes the elements of
   * an array like so many columns.
   */
  private static Column hash(Column value, DataType type) {
    List<Column> parts = new ArrayList<>(List.of(value.isNull()));
    if (type instanceof ArrayType array) {
      parts.add(size(value));
      parts.add(transform(value, element -> hash(element, array.elementType())));
    } else if (type instanceof StructType struct) {
      for (StructField field : struct.fields()) {
        parts.add(hash(value.getField(field.name()), field.dataType()));
      }
    } else {
      parts.add(value);
    }
    return xxhash64(parts.toArray(Column[]::new));
  }

  /**
   * Of each event the versions of equal known time but the first, each with the one before it; of
   * one that is refused only its own.
   */
  private Dataset<Row> further(Dataset<Row> asked) {
    Column[] event =
        Stream.concat(Stream.of(col(ASKED)), Arrays.stream(columns(key))).toArray(Column[]::new);
    WindowSpec byPlace = Window.partitionBy(event).orderBy(col(PLACE));
    Column[] version =
        Stream.concat(Arrays.stream(event), Stream.of(col(VALUES))).toArray(Column[]::new);
    return asked
        .groupBy(version)
        .agg(min(PLACE).as(PLACE))
        .withColumn(BEFORE, lag(PLACE, 1).over(byPlace))
        .withColumn(NUMBER, row_number().over(byPlace))
        .where(col(BEFORE).isNotNull().and(RANK.geq(0)))
        .where(col(ASKED).equalTo(0).or(col(ASKED).equalTo(DELIVERY)));
  }

  private static String place(Row place) {
    return new RowPlace(place.getString(2), place.getLong(3)).toString();
  }

  private static Column[] columns(List<String> names, Dataset<Row> of) {
    return names.stream().map(n -> of.col("`" + n + "`").as(n)).toArray(Column[]::new);
  }

  private static Column[] columns(List<String> names) {
    return names.stream().map(DerivedRows::column).toArray(Column[]::new);
  }
}
