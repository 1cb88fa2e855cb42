package io.tributary.offline.internal.snapshot;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedView;
import io.tributary.core.ErrorCode;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.lake.Lake;
import java.util.List;

/** Where the snapshots of views are read. Safe for threads. */
public interface StoredSnapshots {
  /** Files have none. */
  StoredSnapshots NONE =
      (view, pins) -> {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot join view %s: it says accuracy: snapshot, and files have no snapshots. Join what the lake holds (tributary join --validated), or give the view accuracy: exact."
                .formatted(view.id()));
      };

  /** Those in the tables of a lake. */
  static StoredSnapshots in(Lake lake, CheckedProject project) {
    return (view, pins) -> SnapshotIndex.of(project, lake, view, pins).read();
  }

  /**
   * The snapshots of a view.
   *
   * @throws PlatformException INVALID_REQUEST where there are none
   */
  SnapshotRows of(CheckedView view, List<Pin> pins);
}
