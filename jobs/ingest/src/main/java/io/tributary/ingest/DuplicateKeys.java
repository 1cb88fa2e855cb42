package io.tributary.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
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

import io.tributary.core.RowPlace;
import io.tributary.events.facts.Duplicates;
import io.tributary.expression.CheckedSource;
import io.tributary.lake.LakeTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Finds events that came in two rows of equal known time, equal in the source's sequence too, and
 * of other values: nothing says which is the later version, so that the contract lets one of them
 * count by the order of values (rule 4). Rows that are equal in all columns of the source's
 * contract are exact repeats and change nothing; a row that withdraws its event has no values; maps
 * have no order and don't tell rows apart.
 *
 * <p>One grouping by a hash of event key and known time tells whether there are any; only then are
 * keys and values compared. Of what was admitted before, only rows are read that were known between
 * the least and the greatest known time of the new ones, and of these the key alone unless one is
 * met again.
 */
final class DuplicateKeys {
  private static final String KEY = "_key_hash";
  private static final String VALUES = "_values_hash";
  private static final String PLACE = "_place";
  private static final String BEFORE = "_before";
  private static final String NUMBER = "_number";

  private final List<String> key;
  private final List<StructField> values;

  DuplicateKeys(SourceRules rules) {
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
  static boolean canBe(CheckedSource source) {
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
   * @param fresh rows that are about to be admitted, as {@code validated} has them
   * @param former rows that have been admitted before
   */
  Map<Long, Duplicates> find(Dataset<Row> fresh, Optional<Dataset<Row>> former) {
    Map<Long, Duplicates> found = new TreeMap<>();
    Optional<Dataset<Row>> shared = shared(fresh, former);
    if (shared.isEmpty()) {
      return found;
    }
    Column delivery = col(PLACE + "." + LakeTable.DELIVERY);
    Column begins =
        col(NUMBER).equalTo(2).or(delivery.notEqual(col(BEFORE + "." + LakeTable.DELIVERY)));
    List<Row> deliveries =
        further(shared.get())
            .groupBy(delivery.as(LakeTable.DELIVERY))
            .agg(
                sum(when(begins, 1L).otherwise(0L)).as("_events"),
                count(lit(1)).as("_rows"),
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
   * Adds to each row {@code true} where its event has another of equal known time and other values,
   * else null.
   */
  Dataset<Row> marked(Dataset<Row> rows, Dataset<Row> former, String column) {
    Optional<Dataset<Row>> shared = shared(rows, Optional.of(former));
    if (shared.isEmpty()) {
      return rows.withColumn(column, lit(null).cast(DataTypes.BooleanType));
    }
    Dataset<Row> events =
        shared
            .get()
            .groupBy(columns(key))
            .agg(min(VALUES).as("_least"), max(VALUES).as("_greatest"))
            .where(col("_least").notEqual(col("_greatest")))
            .select(struct(columns(key)).as("_event"), lit(true).as(column));
    // A sequence may be null.
    return rows.join(
        events, struct(columns(key, rows)).eqNullSafe(events.col("_event")), "left_outer");
  }

  /**
   * Rows whose event, by the hash, has two of equal known time and other values: key, place and
   * hash of values. Empty where there are none.
   */
  private Optional<Dataset<Row>> shared(Dataset<Row> fresh, Optional<Dataset<Row>> former) {
    Dataset<Row> all = hashed(fresh);
    if (former.isPresent()) {
      Optional<Dataset<Row>> again = again(fresh, former.get());
      all = again.isPresent() ? all.union(hashed(again.get())) : all;
    }
    Dataset<Row> several =
        all.groupBy(KEY)
            .agg(min(VALUES).as("_least"), max(VALUES).as("_greatest"))
            .where(col("_least").notEqual(col("_greatest")))
            .select(KEY);
    return several.isEmpty() ? Optional.empty() : Optional.of(all.join(several, KEY));
  }

  /** The former rows that have key and known time of a fresh one; empty where there are none. */
  private Optional<Dataset<Row>> again(Dataset<Row> fresh, Dataset<Row> former) {
    Column known = col(CheckedSource.KNOWN_TIME);
    Row span = fresh.agg(min(known), max(known)).head();
    if (span.isNullAt(0)) {
      return Optional.empty();
    }
    Dataset<Row> near =
        former
            .where(known.between(lit(span.get(0)), lit(span.get(1))))
            .withColumn(KEY, xxhash64(columns(key)));
    Dataset<Row> wanted = fresh.select(xxhash64(columns(key)).as(KEY));
    Dataset<Row> met = near.join(wanted, near.col(KEY).equalTo(wanted.col(KEY)), "left_semi");
    // Asked for the key alone, so that no other column is read where none is met.
    return met.select(near.col(KEY)).isEmpty() ? Optional.empty() : Optional.of(met.drop(KEY));
  }

  /** Live rows: key, place, and the hashes of key and of values. */
  private Dataset<Row> hashed(Dataset<Row> rows) {
    Column[] added = {
      struct(col(LakeTable.DELIVERY), col("_file"), col("_line")).as(PLACE),
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

  /** Of each event the versions of equal known time but the first, each with the one before it. */
  private Dataset<Row> further(Dataset<Row> shared) {
    WindowSpec byPlace = Window.partitionBy(columns(key)).orderBy(col(PLACE));
    Column[] version =
        Stream.concat(Arrays.stream(columns(key)), Stream.of(col(VALUES))).toArray(Column[]::new);
    return shared
        .groupBy(version)
        .agg(min(PLACE).as(PLACE))
        .withColumn(BEFORE, lag(PLACE, 1).over(byPlace))
        .withColumn(NUMBER, row_number().over(byPlace))
        .where(col(BEFORE).isNotNull());
  }

  private static String place(Row place) {
    return new RowPlace(place.getString(1), place.getLong(2)).toString();
  }

  private static Column[] columns(List<String> names, Dataset<Row> of) {
    return names.stream().map(n -> of.col("`" + n + "`").as(n)).toArray(Column[]::new);
  }

  private static Column[] columns(List<String> names) {
    return names.stream().map(DerivedRows::column).toArray(Column[]::new);
  }
}
