package io.tributary.offline.internal.snapshot;

import io.tributary.core.ErrorCode;
import io.tributary.core.Micros;
import io.tributary.core.PlatformException;
import io.tributary.core.TableVersion;
import io.tributary.lake.Lake;
import io.tributary.lake.StoredFiles;
import io.tributary.offline.internal.sweep.SnapshotSweep;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.local.ParquetRows;
import java.time.Instant;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/** A snapshot in files of this machine, read by this process. */
public final class OwnSnapshot {
  private final Lake lake;
  private final ParquetRows files;
  private final StructType schema;
  private final long at;

  private OwnSnapshot(Lake lake, ParquetRows files, StructType schema, long at) {
    this.lake = lake;
    this.files = files;
    this.schema = schema;
    this.at = at;
  }

  /** One, or why Spark must read it. */
  public record Found(Optional<OwnSnapshot> snapshot, Optional<String> leftToSpark) {
    private static Found left(String why) {
      return new Found(Optional.empty(), Optional.of(why));
    }
  }

  /**
   * Reads the footers of the files that may have rows of an instant.
   *
   * @throws PlatformException NOT_FOUND where the table no longer has the version
   */
  public static Found find(Lake lake, TableVersion version, Instant instant) {
    String name = "table " + version.table();
    try {
      Optional<StoredFiles> stored =
          lake.table(version.table()).files(version, SnapshotSweep.AT, instant);
      if (stored.isEmpty()) {
        return Found.left(name + " is not here, or its log needs Delta");
      }
      ParquetRows files = ParquetRows.open(stored.get().whole());
      if (files.leftToSpark().isPresent()) {
        return Found.left(name + " can't be read here: " + files.leftToSpark().get());
      }
      long at = Micros.of(instant);
      return new Found(
          Optional.of(
              new OwnSnapshot(
                  lake,
                  files.between(SnapshotSweep.AT, at, at),
                  stored.get().schema().asNullable(),
                  at)),
          Optional.empty());
    } catch (PlatformException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        throw e;
      }
      // Spark reports better what is wrong with a table.
      return Found.left(name + " can't be read here: " + e.getMessage());
    }
  }

  /** The size of the files. */
  public long bytes() {
    return files.bytes();
  }

  /** With the columns of the table. */
  public PartitionedRows rows() {
    int place = schema.fieldIndex(SnapshotSweep.AT);
    long instant = at;
    return files.read(
        lake.threads(),
        schema,
        schema,
        (partition, file, rows) -> new OfInstant(rows, place, instant));
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
