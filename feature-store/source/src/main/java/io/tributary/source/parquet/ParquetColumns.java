package io.tributary.source.parquet;

import io.tributary.source.Contract;
import io.tributary.source.cell.CellParser.BadCell;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.execution.datasources.parquet.ParquetToSparkSchemaConverter;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/** Where a contract's columns are in one Parquet file, and how their values become its types. */
final class ParquetColumns {
  private static final long NANOS_A_MICRO = 1_000;

  private final StructType stored;
  private final int[] places;
  private final Widening[] widenings;
  private final boolean[] nanos;
  private final Widening[] locals;
  private final boolean exact;
  private final boolean named;
  private final int[] looked;

  private ParquetColumns(
      StructType stored,
      int[] places,
      Widening[] widenings,
      boolean[] nanos,
      Widening[] locals,
      boolean exact,
      boolean named) {
    this.stored = stored;
    this.places = places;
    this.widenings = widenings;
    this.nanos = nanos;
    this.locals = locals;
    this.exact = exact;
    this.named = named;
    this.looked =
        IntStream.range(0, places.length)
            .filter(
                c ->
                    !exact
                        || stored
                            .apply(places[c])
                            .dataType()
                            .existsRecursively(type -> type instanceof StringType))
            .toArray();
  }

  static ParquetColumns of(
      Contract contract, ZoneId zone, String path, MessageType file, Configuration conf) {
    ParquetToSparkSchemaConverter converter = new ParquetToSparkSchemaConverter(conf);
    List<Optional<DataType>> types = new ArrayList<>();
    List<String> names = new ArrayList<>();
    List<String> shown = new ArrayList<>();
    for (Type field : file.getFields()) {
      Optional<DataType> type = type(converter, file.getName(), field);
      types.add(type);
      names.add(field.getName());
      shown.add(field.getName() + " " + type.map(t -> shown(field, t)).orElse(field.toString()));
    }
    int[] matched = contract.match("file " + path, names, shown);
    StructType stored = new StructType();
    int columns = matched.length;
    int[] places = new int[columns];
    Widening[] widenings = new Widening[columns];
    boolean[] nanos = new boolean[columns];
    Widening[] locals = new Widening[columns];
    List<String> wrong = new ArrayList<>();
    boolean exact = true;
    boolean named =
        names.stream().map(n -> n.toLowerCase(Locale.ROOT)).distinct().count() == names.size();
    for (int c = 0; c < columns; c++) {
      places[c] = Contract.MISSING;
      exact &= matched[c] != Contract.MISSING;
      named &=
          matched[c] != Contract.MISSING
              && names.get(matched[c]).equals(contract.columns().apply(c).name());
      if (matched[c] == Contract.MISSING) {
        continue;
      }
      DataType wanted = contract.columns().apply(c).dataType();
      Type field = file.getType(matched[c]);
      Optional<DataType> type = types.get(matched[c]);
      nanos[c] = isNanos(field) && wanted.equals(DataTypes.TimestampType);
      Optional<Widening> widening =
          nanos[c]
              ? Widening.of(DataTypes.TimestampType, wanted, zone)
              : type.flatMap(t -> Widening.of(t, wanted, zone));
      if (widening.isEmpty() || (isNanos(field) && !nanos[c])) {
        wrong.add(shown.get(matched[c]) + " can't become " + wanted.catalogString());
        continue;
      }
      if (nanos[c] && isLocal(field)) {
        locals[c] = Widening.of(DataTypes.TimestampNTZType, wanted, zone).orElseThrow();
      }
      exact &= !nanos[c] && type.get().catalogString().equals(wanted.catalogString());
      widenings[c] = widening.get();
      places[c] = stored.size();
      stored = stored.add(field.getName(), type.orElseThrow());
    }
    if (!wrong.isEmpty()) {
      throw contract.broken(
          "file " + path,
          "column "
              + String.join("; column ", wrong)
              + " without loss. It has ["
              + String.join(", ", shown)
              + "], the contract ["
              + String.join(", ", Contract.typed(contract.columns()))
              + "]. Deliver the contract's types, or widen them in the source.");
    }
    return new ParquetColumns(stored, places, widenings, nanos, locals, exact, named);
  }

  /** What is read of the file. */
  StructType stored() {
    return stored;
  }

  /** Whether each value is the contract's as it is stored. */
  boolean areAsDeclared() {
    return exact;
  }

  /** Whether they have the contract's names, too, which no other column has in another case. */
  boolean areNamedAsDeclared() {
    return exact && named;
  }

  /** The contract's columns whose values must be looked at: all, or those with text in them. */
  int[] looked() {
    return looked;
  }

  /** Where a column's value is in a row of {@link #stored()}; negative where the file has none. */
  int place(int column) {
    return places[column];
  }

  /** A value, not null, in the contract's type. */
  Object value(int column, Object value) throws BadCell {
    if (!nanos[column]) {
      return widenings[column].apply(value);
    }
    long time = (Long) value;
    if (time % NANOS_A_MICRO != 0) {
      throw new BadCell(time + " ns is finer than a microsecond");
    }
    long micros = time / NANOS_A_MICRO;
    return locals[column] == null ? micros : locals[column].apply(micros);
  }

  long shiftedTimes() {
    long shifted = 0;
    for (int c = 0; c < widenings.length; c++) {
      shifted += widenings[c] == null ? 0 : widenings[c].shiftedTimes();
      shifted += locals[c] == null ? 0 : locals[c].shiftedTimes();
    }
    return shifted;
  }

  private static Optional<DataType> type(
      ParquetToSparkSchemaConverter converter, String file, Type field) {
    try {
      return Optional.of(converter.convert(new MessageType(file, field)).apply(0).dataType());
    } catch (Exception e) {
      // Spark's checked exceptions come undeclared out of Scala.
      if (e instanceof AnalysisException) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static String shown(Type field, DataType type) {
    return isNanos(field) ? "timestamp in nanoseconds" : type.catalogString();
  }

  private static boolean isNanos(Type field) {
    return timestamp(field).filter(t -> t.getUnit() == TimeUnit.NANOS).isPresent();
  }

  private static boolean isLocal(Type field) {
    return timestamp(field).filter(t -> !t.isAdjustedToUTC()).isPresent();
  }

  private static Optional<TimestampLogicalTypeAnnotation> timestamp(Type field) {
    LogicalTypeAnnotation annotation = field.getLogicalTypeAnnotation();
    return annotation instanceof TimestampLogicalTypeAnnotation t
        ? Optional.of(t)
        : Optional.empty();
  }
}
