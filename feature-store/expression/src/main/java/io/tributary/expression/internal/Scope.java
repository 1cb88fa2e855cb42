package io.tributary.expression.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.types.StructField;

/**
 * The columns that an expression may use, and what they belong to.
 *
 * @param owner as messages call it, {@code source "flights"}
 */
public record Scope(String owner, List<StructField> columns) {
  public Scope {
    columns = List.copyOf(columns);
  }

  /** Ignoring case, as SQL does. */
  public Optional<StructField> find(String name) {
    return columns.stream().filter(c -> c.name().equalsIgnoreCase(name)).findFirst();
  }

  /** Names that users know; the platform's own begin with an underscore. */
  List<String> names() {
    return columns.stream()
        .map(StructField::name)
        .filter(n -> !n.startsWith("_") && !n.startsWith("\0"))
        .toList();
  }

  Scope with(StructField column) {
    List<StructField> more = new ArrayList<>(columns);
    more.add(column);
    return new Scope(owner, more);
  }

  /** With a column that has a place but no name that an expression could say. */
  Scope withHidden(StructField column) {
    String unsayable = "\0" + columns.size();
    return with(
        new StructField(unsayable, column.dataType(), column.nullable(), column.metadata()));
  }

  boolean contains(String name) {
    return find(name).isPresent();
  }

  static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
