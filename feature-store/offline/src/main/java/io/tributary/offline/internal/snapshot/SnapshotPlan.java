package io.tributary.offline.internal.snapshot;

import io.tributary.analysis.CheckedView;
import io.tributary.core.Micros;
import io.tributary.offline.internal.keys.Keys;
import io.tributary.offline.internal.source.PinnedSources;
import io.tributary.offline.internal.sweep.AsOfRange;
import io.tributary.offline.internal.sweep.CompiledView;
import io.tributary.offline.internal.sweep.EventRows;
import io.tributary.offline.internal.sweep.SnapshotSweep;
import io.tributary.rows.PartitionedRows;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** A view at many instants. */
public final class SnapshotPlan {
  private SnapshotPlan() {}

  /** The snapshots; an instant that is named twice is taken once. */
  public static PartitionedRows of(
      CheckedView view, List<Instant> instants, PinnedSources sources) {
    List<String> entity = view.definition().entity();
    DataType[] types = Keys.types(view.input(), entity);
    StructType keys = new StructType();
    for (int i = 0; i < types.length; i++) {
      keys = keys.add(entity.get(i), types[i], true);
    }
    CompiledView compiled = CompiledView.of(view);
    long[] sorted = instants.stream().mapToLong(Micros::of).sorted().distinct().toArray();
    AsOfRange range =
        sorted.length == 0
            ? AsOfRange.ANY_TIME
            : new AsOfRange(sorted[0], sorted[sorted.length - 1], true);
    PartitionedRows versions =
        sources.versions(
            view.source().orElseThrow(),
            view.definition().tieBreak(),
            view.definition().knowledgeTime());
    EventRows events =
        EventRows.of(
            0,
            compiled,
            versions.schema(),
            Keys.of(versions.schema(), entity, types),
            IntStream.range(0, types.length).toArray(),
            Optional.of(view),
            range);
    return new SnapshotSweep(compiled, keys, sorted)
        .of(EventRows.all(versions, List.of(events)), sources.runner());
  }
}
