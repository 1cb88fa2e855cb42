package io.tributary.offline.internal.snapshot;

import io.tributary.core.Micros;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableVersion;
import io.tributary.lake.Lake;
import io.tributary.lake.StoredFiles;
import io.tributary.offline.internal.sweep.SnapshotSweep;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.local.LocalRunner;
import io.tributary.rows.local.ParquetRows;
import java.time.Instant;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/** A snapshot in files of this machine, read by this process. */
public final class OwnSnapshot {
  private final LocalRunner runner;
  private final Optional<String> leftToSpark;
  private final Optional<ParquetRows> files;
  private final StructType schema;
  private final long at;

  private OwnSnapshot(
      LocalRunner runner,
      Optional<String> leftToSpark,
      Optional<ParquetRows> files,
      StructType schema,
      long at) {
    this.runner = runner;
    this.leftToSpark = leftToSpark;
    this.files = files;
    this.schema = schema;
    this.at = at;
  }

  /** Reads the footers of the files that may have rows of an instant. */
  public static OwnSnapshot open(Lake lake, TableVersion version, Instant instant) {
    String name = "table " + version.table();
    try {
      Optional<StoredFiles> stored = lake.table(version.table()).files(Pin.of(version));
      if (stored.isEmpty()) {
        return left(lake, name + " is not here, or its log needs Delta");
      }
      ParquetRows all = ParquetRows.open(stored.get().files());
      if (all.leftToSpark().isPresent()) {
        return left(lake, name + " can't be read here: " + all.leftToSpark().get());
      }
      long at = Micros.of(instant);
      return new OwnSnapshot(
          lake.threads(),
          Optional.empty(),
          Optional.of(all.between(SnapshotSweep.AT, at, at)),
          stored.get().schema().asNullable(),
          at);
    } catch (PlatformException e) {
      // Spark reports better what is wrong with a table.
      return left(lake, name + " can't be read here: " + e.getMessage());
    }
  }

  private static OwnSnapshot left(Lake lake, String why) {
    return new OwnSnapshot(lake.threads(), Optional.of(why), Optional.empty(), new StructType(), 0);
  }

  /** Why Spark must read it; empty = this process can. */
  public Optional<String> leftToSpark() {
    return leftToSpark;
  }

  /** The size of the files. */
  public long bytes() {
    return files.map(ParquetRows::bytes).orElse(0L);
  }

  /** With the columns of the table. */
  public PartitionedRows rows() {
    int place = schema.fieldIndex(SnapshotSweep.AT);
    long instant = at;
    return files
        .orElseThrow()
        .read(
            runner, schema, schema, (partition, file, rows) -> new OfInstant(rows, place, instant));
  }

  private static final class OfInstant implements Iterator<InternalRow> {
    private final Iterator<InternalRow> rows;
    private final int place;
    private final long instant;
    private InternalRow next;

    OfInstant(Iterator<InternalRow> rows, int place, long instant) {
      this.rows = rows;
      this.place = place;
      this.instant = instant;
    }

    @Override
    public boolean hasNext() {
      while (next == null && rows.hasNext()) {
        InternalRow row = rows.next();
        next = !row.isNullAt(place) && row.getLong(place) == instant ? row : null;
      }
      return next != null;
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      InternalRow row = next;
      next = null;
      return row;
    }
  }
}
