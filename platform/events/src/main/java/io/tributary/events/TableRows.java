package io.tributary.events;

import io.tributary.core.Interval;
import io.tributary.events.internal.KernelTable;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads the rows of a Delta table in one thread, without Spark: for tables small enough to look at.
 */
public final class TableRows {
  private TableRows() {}

  /**
   * Passes on the rows of a version one by one, in no order.
   *
   * @param table a local path or a Hadoop URI
   * @param columns of a primitive type, an array of texts or of structs, or a struct; in this
   *     order. A value is a Long, a Double, a BigDecimal, a String, an Instant, a LocalDate, a
   *     Boolean, a byte[], a List (of Lists, for structs), a Map by field for a struct, or null
   * @throws io.tributary.core.PlatformException STORAGE or CORRUPT when it can't be read
   */
  public static void read(
      String table, long version, List<String> columns, Consumer<List<Object>> rows) {
    KernelTable.open(LakePath.parse(table)).read(version, columns, rows);
  }

  /**
   * The same for the rows in whose column of instants one of an interval lies; files that can't
   * have any, by the statistics that the log has of them, are not opened. Those of one file come in
   * their order.
   *
   * @param instants one of the columns
   */
  public static void read(
      String table,
      long version,
      List<String> columns,
      String instants,
      Interval within,
      Consumer<List<Object>> rows) {
    KernelTable.open(LakePath.parse(table)).read(version, columns, instants, within, rows);
  }
}
