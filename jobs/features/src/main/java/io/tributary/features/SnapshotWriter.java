package io.tributary.features;

import io.tributary.core.Json;
import io.tributary.features.KeyOrder.Encoded;
import io.tributary.lake.Lake;
import io.tributary.offline.StoredSnapshot;
import io.tributary.online.PartitionWriter;
import io.tributary.online.WrittenPartition;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.TaskFiles;
import io.tributary.rows.spark.SparkRows;
import io.tributary.runtime.SideBySide;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.functions;

/**
 * Writes the rows of a snapshot to an online store in key order, as often as is asked; they are
 * read once, by what reads the snapshot.
 */
interface SnapshotWriter extends AutoCloseable {
  /** Rows of a file, of which there are as many as it takes. */
  int ROWS_IN_A_FILE = 2_000_000;

  /**
   * Reads a snapshot.
   *
   * @param rows how those of the snapshot become the store's
   * @param instant of the snapshot
   */
  static SnapshotWriter of(Lake lake, StoredSnapshot snapshot, OnlineRows rows, Instant instant) {
    PartitionedRows encoded =
        snapshot
            .rows()
            .map(OnlineRows.ENCODED, (task, some) -> rows.encoded(some, Optional.of(instant)));
    return snapshot.by().isLocal() ? new Here(lake, encoded) : new BySpark(lake, encoded);
  }

  /** Writes all of them. */
  List<WrittenPartition> write(PartitionWriter.Factory writers);

  @Override
  void close();

  /** By this process. */
  final class Here implements SnapshotWriter {
    /** Of the heap, what rows may take while they are put into order, of all views together. */
    private static final int PARTS_OF_HEAP = 8;

    private final KeyOrder order;

    private Here(Lake lake, PartitionedRows encoded) {
      long most = Runtime.getRuntime().maxMemory() / PARTS_OF_HEAP / SideBySide.AT_ONCE;
      order = new KeyOrder(most, lake.threads().threads(), TaskFiles.folder());
      try {
        encoded.rows().each(this::add);
      } catch (RuntimeException | Error e) {
        order.close();
        throw e;
      }
    }

    private int add(Iterator<InternalRow> rows) {
      KeyOrder.Part part = order.part();
      while (rows.hasNext()) {
        InternalRow row = rows.next();
        part.add(new Encoded(row.getBinary(0), row.getBinary(1)));
      }
      part.end();
      return 0;
    }

    @Override
    public List<WrittenPartition> write(PartitionWriter.Factory writers) {
      List<WrittenPartition> written = new ArrayList<>();
      for (Iterator<Encoded> rows = order.sorted(); rows.hasNext(); ) {
        try (PartitionWriter writer = writers.open()) {
          for (int i = 0; i < ROWS_IN_A_FILE && rows.hasNext(); i++) {
            Encoded row = rows.next();
            writer.add(row.key(), row.row());
          }
          writer.finish().ifPresent(written::add);
        }
      }
      return written;
    }

    @Override
    public void close() {
      order.close();
    }
  }

  /** By executors. */
  final class BySpark implements SnapshotWriter {
    private final Dataset<Row> rows;
    private final int partitions;

    private BySpark(Lake lake, PartitionedRows encoded) {
      rows = SparkRows.frame(encoded, lake.spark()).persist();
      partitions = (int) Math.max(1, rows.count() / ROWS_IN_A_FILE);
    }

    @Override
    public List<WrittenPartition> write(PartitionWriter.Factory writers) {
      Dataset<Row> ordered =
          (partitions == 1
                  ? rows.coalesce(1)
                  : rows.repartitionByRange(partitions, functions.col("key")))
              .sortWithinPartitions("key");
      return SparkRows.of(ordered).rows().each(some -> written(some, writers)).stream()
          .flatMap(List::stream)
          .map(json -> Json.read(json, WrittenPartition.class))
          .toList();
    }

    private static List<String> written(
        Iterator<InternalRow> rows, PartitionWriter.Factory writers) {
      try (PartitionWriter writer = writers.open()) {
        while (rows.hasNext()) {
          InternalRow row = rows.next();
          writer.add(row.getBinary(0), row.getBinary(1));
        }
        return writer.finish().map(Json::write).stream().toList();
      }
    }

    @Override
    public void close() {
      rows.unpersist();
    }
  }
}
