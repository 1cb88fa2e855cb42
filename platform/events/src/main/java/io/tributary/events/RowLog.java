package io.tributary.events;

import io.delta.kernel.types.StructType;
import io.tributary.core.Interval;
import io.tributary.events.internal.FlatRows;
import io.tributary.events.internal.KernelTable;
import io.tributary.events.internal.LogFolder;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An append-only Delta table of flat rows, created by the first append, for numbers to chart and
 * judge: any engine can read it, and this class writes and reads it without one. Safe for
 * concurrent threads and processes.
 */
public final class RowLog {
  private static final Logger LOG = LoggerFactory.getLogger(RowLog.class);
  private static final int REWRITE_EVERY = 250;

  /** The type of a column. */
  public enum Type {
    /** A String. */
    TEXT,
    /** A Long. */
    WHOLE,
    /** A Double. */
    NUMBER,
    /** An {@link java.time.Instant}, exact to the microsecond. */
    INSTANT
  }

  /** A column; its values may be null. */
  public record Column(String name, Type type) {}

  private final LakePath path;
  private final List<Column> columns;
  private final int rewriteEvery;
  private final boolean passes;
  private Optional<KernelTable> table = Optional.empty();

  private RowLog(LakePath path, List<Column> columns, int rewriteEvery, boolean passes) {
    this.path = path;
    this.columns = List.copyOf(columns);
    this.rewriteEvery = rewriteEvery;
    this.passes = passes;
  }

  /** The table at a local path or a Hadoop URI; nothing is read or written yet. */
  public static RowLog open(String tablePath, List<Column> columns) {
    return open(tablePath, columns, REWRITE_EVERY);
  }

  /** A table whose small data files are rewritten as one every {@code rewriteEvery} versions. */
  static RowLog open(String tablePath, List<Column> columns, int rewriteEvery) {
    return new RowLog(LakePath.parse(tablePath), columns, rewriteEvery, false);
  }

  /**
   * A table whose old rows may be removed, by whatever engine, and whose former versions are soon
   * forgotten: for many small commits. Of its columns the first alone, an instant, has statistics.
   * Its small files are written together by an engine, not by who appends: Kernel would not see
   * that somebody removes rows meanwhile.
   */
  public static RowLog passing(String tablePath, List<Column> columns) {
    return new RowLog(LakePath.parse(tablePath), columns, REWRITE_EVERY, true);
  }

  /**
   * Appends rows in one commit, once per name: a second append under the name changes nothing.
   *
   * @param once the name
   * @param rows a value for each column
   * @throws io.tributary.core.PlatformException STORAGE when they could not be written
   */
  public void append(String once, List<List<Object>> rows) {
    append(once, 1, rows);
  }

  /**
   * The same by a writer that appends again and again, once per number.
   *
   * @param number greater than those before it
   */
  public void append(String once, long number, List<List<Object>> rows) {
    try {
      long version = table().append(once, number, new FlatRows(FlatRows.type(columns), rows));
      if (!passes && version % rewriteEvery == 0) {
        rewrite(version);
      }
    } catch (KernelTable.AlreadyCommitted done) {
      LOG.debug("{} is in {} already", once, path.text());
    }
  }

  private void rewrite(long version) {
    try {
      table().rewrite(rows -> new FlatRows(FlatRows.type(columns), rows));
    } catch (IOException | RuntimeException e) {
      LOG.warn("table {} was not rewritten at version {}: {}", path.text(), version, e.toString());
    }
  }

  /** Passes on all rows one by one, in no order; none if there is no table. */
  public void read(Consumer<List<Object>> rows) {
    LogFolder.list(path)
        .ifPresent(
            log -> table().read(log.last(), columns.stream().map(Column::name).toList(), rows));
  }

  /**
   * The same of the rows in whose first column, of instants, one of an interval lies; files that
   * can't have any are not opened.
   */
  public void read(Interval within, Consumer<List<Object>> rows) {
    List<String> names = columns.stream().map(Column::name).toList();
    LogFolder.list(path)
        .ifPresent(log -> table().read(log.last(), names, names.get(0), within, rows));
  }

  /** Created by the first use: Kernel takes a moment to load. */
  private synchronized KernelTable table() {
    if (table.isEmpty()) {
      StructType type = FlatRows.type(columns);
      table = Optional.of(passes ? KernelTable.passing(path, type) : KernelTable.open(path, type));
    }
    return table.get();
  }
}
