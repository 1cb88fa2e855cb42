package io.tributary.expression;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The columns that an expression may use, and what they belong to.
 *
 * @param owner as messages call it, {@code source "flights"}
 * @param broken lower-case names that exist but have no type, because something is wrong with them
 *     that was said already
 */
public record Scope(String owner, List<StructField> columns, Set<String> broken) {
  public Scope {
    columns = List.copyOf(columns);
    broken = Set.copyOf(broken);
  }

  public Scope(String owner, StructType columns) {
    this(owner, List.of(columns.fields()), Set.of());
  }

  /** Ignoring case, as SQL does. */
  public Optional<StructField> find(String name) {
    return columns.stream().filter(c -> c.name().equalsIgnoreCase(name)).findFirst();
  }

  /** Names that users know; the platform's own begin with an underscore. */
  public List<String> names() {
    return columns.stream()
        .map(StructField::name)
        .filter(n -> !n.startsWith("_") && !n.startsWith("\0"))
        .toList();
  }

  public Scope with(StructField column) {
    List<StructField> more = new ArrayList<>(columns);
    more.add(column);
    return new Scope(owner, more, broken);
  }

  /** With a name that exists but must not be used. */
  public Scope withBroken(String name) {
    Set<String> more = new HashSet<>(broken);
    more.add(key(name));
    return new Scope(owner, columns, more);
  }

  /** The columns as a schema. */
  public StructType schema() {
    return new StructType(columns.toArray(StructField[]::new));
  }

  /** With a column that has a place but no name that an expression could say. */
  Scope withHidden(StructField column) {
    String unsayable = "\0" + columns.size();
    return with(
        new StructField(unsayable, column.dataType(), column.nullable(), column.metadata()));
  }

  /** A name as keys of maps hold it. */
  public static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
