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
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.functions;

/** Writes the rows of a snapshot to an online store in key order, by what reads them. */
final class SnapshotWriter {
  private static final int ROWS_IN_A_FILE = 2_000_000;

  /** Of the heap, what rows may take while this process orders them. */
  private static final int PARTS_OF_HEAP = 16;

  private final Lake lake;
  private final StoredSnapshot snapshot;
  private final PartitionedRows encoded;

  /**
   * @param rows how those of the snapshot become the store's
   * @param instant of the snapshot
   */
  SnapshotWriter(Lake lake, StoredSnapshot snapshot, OnlineRows rows, Instant instant) {
    this.lake = lake;
    this.snapshot = snapshot;
    this.encoded =
        snapshot
            .rows()
            .map(OnlineRows.ENCODED, (task, some) -> rows.encoded(some, Optional.of(instant)));
  }

  /** Writes all of them. */
  List<WrittenPartition> write(PartitionWriter.Factory writers) {
    return snapshot.by().isLocal() ? here(writers) : bySpark(writers);
  }

  private List<WrittenPartition> here(PartitionWriter.Factory writers) {
    long most = Runtime.getRuntime().maxMemory() / PARTS_OF_HEAP;
    try (KeyOrder order = new KeyOrder(most, lake.threads().threads(), TaskFiles.folder())) {
      encoded
          .rows()
          .each(
              rows -> {
                KeyOrder.Part part = order.part();
                while (rows.hasNext()) {
                  InternalRow row = rows.next();
                  part.add(new Encoded(row.getBinary(0), row.getBinary(1)));
                }
                part.end();
                return 0;
              });
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
  }

  private List<WrittenPartition> bySpark(PartitionWriter.Factory writers) {
    Dataset<Row> frame = SparkRows.frame(encoded, lake.spark()).persist();
    try {
      int partitions = (int) Math.max(1, frame.count() / ROWS_IN_A_FILE);
      Dataset<Row> ordered =
          (partitions == 1
                  ? frame.coalesce(1)
                  : frame.repartitionByRange(partitions, functions.col("key")))
              .sortWithinPartitions("key");
      return SparkRows.of(ordered).rows().each(rows -> written(rows, writers)).stream()
          .flatMap(List::stream)
          .map(json -> Json.read(json, WrittenPartition.class))
          .toList();
    } finally {
      frame.unpersist();
    }
  }

  private static List<String> written(Iterator<InternalRow> rows, PartitionWriter.Factory writers) {
    try (PartitionWriter writer = writers.open()) {
      while (rows.hasNext()) {
        InternalRow row = rows.next();
        writer.add(row.getBinary(0), row.getBinary(1));
      }
      return writer.finish().map(Json::write).stream().toList();
    }
  }
}
