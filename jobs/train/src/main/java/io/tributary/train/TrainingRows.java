package io.tributary.train;

import io.tributary.core.ErrorCode;
import io.tributary.core.Micros;
import io.tributary.core.PlatformException;
import io.tributary.definition.DealtSplit.Dealt;
import io.tributary.definition.Model.Encoding;
import io.tributary.events.facts.FitFacts;
import io.tributary.model.Input;
import io.tributary.model.InputRows;
import io.tributary.model.ModelSignature;
import io.tributary.train.internal.RowBlock;
import io.tributary.train.internal.RowBlocks;
import java.io.FileNotFoundException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;

/**
 * The rows of a training set that a model is trained on, in the driver's memory, ordered by as-of,
 * then by a hash of inputs and label. The order depends on the rows alone, not on the table's
 * files.
 *
 * <p>It holds 8 bytes for each numeric value, 4 for each categorical one, and 21 for each row.
 */
final class TrainingRows {
  private final ModelSignature signature;
  private final InputRows inputs;
  private final Map<String, Integer> sliceColumns;
  private final InputRows slices;
  private final boolean[] labels;
  private final long[] asOf;
  private final int[] buckets;
  private final int[] order;
  private final long withoutLabel;

  /** Whether an error says that files of a table's version are there no more. */
  static boolean areGone(Exception e) {
    return PlatformException.causes(e).stream().anyMatch(FileNotFoundException.class::isInstance);
  }

  private TrainingRows(
      ModelSignature signature, List<String> sliceColumns, RowBlock rows, long withoutLabel) {
    this.signature = signature;
    this.inputs = rows.inputs();
    this.slices = rows.slices();
    this.sliceColumns = new TreeMap<>();
    for (int i = 0; i < sliceColumns.size(); i++) {
      this.sliceColumns.put(sliceColumns.get(i), i);
    }
    this.labels = rows.labels();
    this.asOf = rows.asOf();
    this.buckets = rows.buckets();
    this.order = sorted(rows.asOf(), rows.hashes());
    this.withoutLabel = withoutLabel;
  }

  /**
   * Reads a training set.
   *
   * @param rows with the signature's inputs and label, {@code _as_of}, and the columns of the
   *     slices and of {@code by}
   * @param by the columns by whose hash rows are dealt to the parts of a split
   * @param salt of that hash
   * @throws PlatformException {@code CONTRACT_BROKEN} if a column is missing or has another type,
   *     {@code INVALID_DEFINITION} if the label is not boolean
   */
  public static TrainingRows read(
      Dataset<Row> rows,
      ModelSignature signature,
      List<String> sliceColumns,
      List<String> by,
      String salt) {
    Map<String, String> columns = columns(rows);
    signature.check(columns);
    requireLabel(signature, columns);
    for (String slice : sliceColumns) {
      if (!columns.containsKey(slice)) {
        throw new PlatformException(
            ErrorCode.INVALID_DEFINITION,
            "Cannot evaluate model %s by slices of %s: its training set has no such column. Use one of its columns."
                .formatted(signature.model(), slice));
      }
    }
    for (String column : by) {
      if (!columns.containsKey(column)) {
        throw new PlatformException(
            ErrorCode.CONTRACT_BROKEN,
            "Cannot split the rows of model %s by %s: its training set has no such column. Build it again."
                .formatted(signature.model(), column));
      }
    }
    List<Input> sliceInputs =
        sliceColumns.stream()
            .map(name -> new Input(name, "string", new Encoding.OneHot()))
            .toList();
    RowBlocks.Collected collected = RowBlocks.collect(rows, signature, sliceInputs, by, salt);
    return new TrainingRows(signature, sliceColumns, collected.rows(), collected.withoutLabel());
  }

  public ModelSignature signature() {
    return signature;
  }

  /** The columns of rows, with their types in Spark SQL's DDL. */
  static Map<String, String> columns(Dataset<Row> rows) {
    Map<String, String> columns = new TreeMap<>();
    for (StructField field : rows.schema().fields()) {
      columns.put(field.name(), field.dataType().sql().toLowerCase(Locale.ROOT));
    }
    return columns;
  }

  /** The number of rows, which all have a label. */
  public int rows() {
    return order.length;
  }

  /** The number of rows without a label, which are left out. */
  public long withoutLabel() {
    return withoutLabel;
  }

  public InputRows inputs() {
    return inputs;
  }

  /** The labels, by row number. */
  boolean[] labels() {
    return labels;
  }

  /** The latest as-of; there must be a row. */
  Instant newest() {
    return Micros.instant(asOf[order[order.length - 1]]);
  }

  /** The numbers of the rows in a part of a split, in order. */
  int[] numbers(Dealt part) {
    int from = part.asOf().map(i -> firstNotBefore(i.from())).orElse(0);
    int to = part.asOf().map(i -> firstNotBefore(i.to())).orElse(order.length);
    return Arrays.stream(order, from, to)
        .filter(row -> buckets[row] >= part.fromBucket() && buckets[row] < part.toBucket())
        .toArray();
  }

  /** The same of a part of a split that was applied to rows. */
  int[] numbers(FitFacts.Part part) {
    return numbers(
        new Dealt(part.name(), Optional.empty(), part.asOf(), part.fromBucket(), part.toBucket()));
  }

  /** The as-of of a row. */
  Instant asOf(int number) {
    return Micros.instant(asOf[number]);
  }

  /** The labels of rows. */
  boolean[] labels(int[] numbers) {
    boolean[] found = new boolean[numbers.length];
    for (int k = 0; k < found.length; k++) {
      found[k] = labels[numbers[k]];
    }
    return found;
  }

  /** The day of each of some rows in a zone, as days since 1970-01-01. */
  int[] days(int[] numbers, ZoneId zone) {
    int[] days = new int[numbers.length];
    for (int k = 0; k < days.length; k++) {
      Instant instant = Micros.instant(asOf[numbers[k]]);
      days[k] = Math.toIntExact(instant.atZone(zone).toLocalDate().toEpochDay());
    }
    return days;
  }

  /**
   * The value of a slice's column in each of some rows, {@code null} as text where it is missing.
   */
  String[] slice(String column, int[] numbers) {
    int index = sliceColumns.get(column);
    String[] values = new String[numbers.length];
    for (int k = 0; k < values.length; k++) {
      values[k] = slices.textAt(index, numbers[k]).orElse("null");
    }
    return values;
  }

  private int firstNotBefore(Instant instant) {
    long micros = Micros.of(instant);
    int low = 0;
    int high = order.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (asOf[order[middle]] < micros) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static int[] sorted(long[] asOf, long[] hashes) {
    Integer[] order = new Integer[asOf.length];
    Arrays.setAll(order, k -> k);
    Arrays.parallelSort(
        order,
        (a, b) ->
            asOf[a] != asOf[b]
                ? Long.compare(asOf[a], asOf[b])
                : Long.compare(hashes[a], hashes[b]));
    return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
  }

  private static void requireLabel(ModelSignature signature, Map<String, String> columns) {
    String type = columns.get(signature.label());
    if (!"boolean".equals(type)) {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot train model %s: its label %s is %s. Make the label a condition, as in value: arr_delay > 15."
              .formatted(
                  signature.model(),
                  signature.label(),
                  type == null ? "no column of its training set" : "of type " + type));
    }
  }
}
