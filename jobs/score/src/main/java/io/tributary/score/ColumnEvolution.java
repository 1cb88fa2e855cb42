package io.tributary.score;

import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import io.tributary.lake.LosslessCast;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Evolves the columns of a table: rows add columns, also inside structs, and remove none. */
final class ColumnEvolution {
  private ColumnEvolution() {}

  /**
   * The fields of a table, then those that are new in rows; all nullable. A field of both has the
   * rows' type; a table with a wider type keeps its own when the rows are written.
   */
  static StructType merged(StructType table, StructType rows) {
    Map<String, StructField> fields = new LinkedHashMap<>();
    for (StructField field : table.fields()) {
      fields.put(key(field), nullable(field));
    }
    for (StructField field : rows.fields()) {
      fields.merge(
          key(field),
          nullable(field),
          (known, now) ->
              known.dataType() instanceof StructType a && now.dataType() instanceof StructType b
                  ? new StructField(known.name(), merged(a, b), true, known.metadata())
                  : new StructField(known.name(), now.dataType(), true, known.metadata()));
    }
    return new StructType(fields.values().toArray(StructField[]::new));
  }

  /** The fields of a table that need a wider type, as {@code id int to bigint}. */
  static List<String> widened(StructType table, StructType wanted) {
    List<String> widened = new ArrayList<>();
    for (StructField field : table.fields()) {
      DataType has = field.dataType();
      DataType wants = named(wanted, field.name()).orElse(field).dataType();
      if (has instanceof StructType a && wants instanceof StructType b) {
        widened(a, b).forEach(member -> widened.add(field.name() + "." + member));
      } else if (!LosslessCast.allows(wants, has) && LosslessCast.allows(has, wants)) {
        widened.add(field.name() + " " + has.catalogString() + " to " + wants.catalogString());
      }
    }
    return widened;
  }

  /** The rows with exactly these columns; missing ones are null. */
  static Dataset<Row> conform(Dataset<Row> rows, StructType columns) {
    List<Column> conformed = new ArrayList<>();
    for (StructField field : columns.fields()) {
      conformed.add(
          named(rows.schema(), field.name())
              .map(own -> value(Scoring.quoted(own.name()), own, field))
              .orElseGet(() -> lit(null).cast(field.dataType()))
              .as(field.name()));
    }
    return rows.select(conformed.toArray(Column[]::new));
  }

  private static Column value(Column column, StructField own, StructField wanted) {
    if (own.dataType().catalogString().equals(wanted.dataType().catalogString())) {
      return column;
    }
    if (!(own.dataType() instanceof StructType has)
        || !(wanted.dataType() instanceof StructType wants)) {
      return LosslessCast.allows(own.dataType(), wanted.dataType())
          ? column.cast(wanted.dataType())
          : column;
    }
    Column[] members =
        Arrays.stream(wants.fields())
            .map(
                field ->
                    named(has, field.name())
                        .map(member -> value(column.getField(member.name()), member, field))
                        .orElseGet(() -> lit(null).cast(field.dataType()))
                        .as(field.name()))
            .toArray(Column[]::new);
    return when(column.isNotNull(), struct(members));
  }

  private static Optional<StructField> named(StructType schema, String name) {
    return Arrays.stream(schema.fields())
        .filter(f -> key(f).equals(name.toLowerCase(Locale.ROOT)))
        .findFirst();
  }

  private static String key(StructField field) {
    return field.name().toLowerCase(Locale.ROOT);
  }

  private static StructField nullable(StructField field) {
    return new StructField(field.name(), field.dataType(), true, field.metadata());
  }
}
