package io.tributary.ingest;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Column;
import io.tributary.definition.Source;
import io.tributary.events.TableHistory;
import io.tributary.events.facts.IngestFacts;
import io.tributary.lake.LakeTable;
import io.tributary.lake.LosslessCast;
import io.tributary.runtime.Attempt;
import io.tributary.source.Contract;
import io.tributary.source.DeliveryFiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What becomes of rows in {@code bronze} when the contract of their source has changed since: a
 * column that was added is null in older rows, one that was renamed has its values under its former
 * name, one that was dropped stays in {@code bronze} alone, one that was widened is widened there.
 * Any other change of a type is refused.
 */
final class Evolution {
  private final Source source;
  private final StructType contract;

  Evolution(Source source) {
    this.source = source;
    this.contract = Contract.of(source).columns();
  }

  /**
   * Makes {@code bronze} ready for rows of the contract: rewrites it, in one commit, if a column
   * has been widened.
   *
   * @return what was widened, as {@code amount int to bigint}
   * @throws PlatformException INVALID_DEFINITION when a column's type is not one that can hold what
   *     the table has
   */
  List<String> widen(LakeTable bronze, Attempt attempt) {
    Optional<StructType> stored =
        bronze
            .description()
            .map(TableHistory::schemaString)
            .map(s -> (StructType) DataType.fromJson(s));
    if (stored.isEmpty()) {
      return List.of();
    }
    List<String> widened = new ArrayList<>();
    List<org.apache.spark.sql.Column> columns = new ArrayList<>();
    Map<String, DataType> wanted = types(contract);
    checkTypes(stored.get(), false);
    for (StructField field : stored.get().fields()) {
      DataType type = wanted.getOrDefault(field.name(), field.dataType());
      boolean same = sameType(field.dataType(), type);
      columns.add(same ? named(field.name()) : named(field.name()).cast(type).as(field.name()));
      if (!same) {
        widened.add(
            field.name() + " " + field.dataType().catalogString() + " to " + type.catalogString());
      }
    }
    if (!widened.isEmpty()) {
      attempt.progress().say("  " + bronze.name() + ": widen " + String.join(", ", widened));
      Dataset<Row> rows = bronze.read(bronze.requireVersion());
      bronze.replace(
          rows.select(columns.toArray(org.apache.spark.sql.Column[]::new)),
          attempt.facts(new IngestFacts(List.of(), widened, Optional.empty(), Optional.empty())));
    }
    return widened;
  }

  /** The contract's columns and {@link DeliveryFiles#META} out of rows that are stored. */
  org.apache.spark.sql.Column[] columns(StructType stored) {
    return columns(stored, false);
  }

  /**
   * The same where the contract is one that rows were loaded by: what was widened since is as it
   * was delivered. A value that nobody delivered, as it doesn't fit, is null.
   */
  org.apache.spark.sql.Column[] columnsOfThen(StructType stored) {
    return columns(stored, true);
  }

  private org.apache.spark.sql.Column[] columns(StructType stored, boolean ofThen) {
    checkTypes(stored, ofThen);
    List<org.apache.spark.sql.Column> columns = new ArrayList<>();
    Map<String, DataType> there = types(stored);
    for (Column column : source.columns()) {
      DataType type = contract.apply(column.name()).dataType();
      List<String> names = new ArrayList<>();
      names.add(there.containsKey(column.name()) ? "`" + column.name() + "`" : "null");
      column.was().stream().filter(there::containsKey).forEach(was -> names.add("`" + was + "`"));
      String cast = (ofThen ? "try_cast" : "cast") + "(%s as " + type.sql() + ")";
      org.apache.spark.sql.Column[] values =
          names.stream()
              .map(name -> expr(cast.formatted(name)))
              .toArray(org.apache.spark.sql.Column[]::new);
      columns.add((values.length == 1 ? values[0] : coalesce(values)).as(column.name()));
    }
    for (String meta : DeliveryFiles.META.fieldNames()) {
      columns.add(named(meta));
    }
    return columns.toArray(org.apache.spark.sql.Column[]::new);
  }

  private void checkTypes(StructType stored, boolean ofThen) {
    Map<String, DataType> there = types(stored);
    List<String> wrong = new ArrayList<>();
    for (Column column : source.columns()) {
      DataType wanted = contract.apply(column.name()).dataType();
      List<String> names = new ArrayList<>(column.was());
      names.add(0, column.name());
      for (String name : names) {
        DataType type = there.get(name);
        if (type != null
            && !sameType(type, wanted)
            && !LosslessCast.allows(type, wanted)
            && !(ofThen && LosslessCast.allows(wanted, type))) {
          wrong.add(
              "column "
                  + name
                  + " is "
                  + type.catalogString()
                  + " there, which can't become "
                  + wanted.catalogString()
                  + " without loss");
        }
      }
    }
    if (ofThen && !wrong.isEmpty()) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot read bronze.%s by the contract that its rows were loaded by: %s. Restore the table's folder from a copy of the lake."
              .formatted(source.name(), String.join("; ", wrong)));
    }
    if (!wrong.isEmpty()) {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot load source %s by its contract of now into bronze.%s: %s. The table has [%s], the contract [%s]. Keep the type and derive the other, or give the source a new name."
              .formatted(
                  source.name(),
                  source.name(),
                  String.join("; ", wrong),
                  String.join(", ", Contract.typed(withoutMeta(stored))),
                  String.join(", ", Contract.typed(contract))));
    }
  }

  private static StructType withoutMeta(StructType stored) {
    List<String> meta = List.of(DeliveryFiles.META.fieldNames());
    return new StructType(
        Arrays.stream(stored.fields())
            .filter(f -> !meta.contains(f.name()))
            .toArray(StructField[]::new));
  }

  private static Map<String, DataType> types(StructType columns) {
    Map<String, DataType> types = new HashMap<>();
    for (StructField field : columns.fields()) {
      types.put(field.name(), field.dataType());
    }
    return types;
  }

  private static boolean sameType(DataType one, DataType other) {
    return one.catalogString().equals(other.catalogString());
  }

  private static org.apache.spark.sql.Column named(String name) {
    return col("`" + name + "`");
  }
}
