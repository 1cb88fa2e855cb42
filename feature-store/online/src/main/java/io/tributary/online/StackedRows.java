package io.tributary.online;

import java.util.Arrays;
import java.util.List;

/**
 * The rows of several runs as those of one: of a key that more than one has, the row of the first
 * of them. Not for several threads.
 */
public final class StackedRows implements Layers.Rows {
  private final List<? extends Layers.Rows> runs;
  private final boolean withWithdrawn;
  private Layers.Rows at;

  private StackedRows(List<? extends Layers.Rows> runs, boolean withWithdrawn) {
    this.runs = List.copyOf(runs);
    this.withWithdrawn = withWithdrawn;
    settle();
  }

  /**
   * What a reader sees: without rows that are withdrawn.
   *
   * @param runs the newest first; closed with this
   */
  public static StackedRows visible(List<? extends Layers.Rows> runs) {
    return new StackedRows(runs, false);
  }

  /** Also the rows that only say that there is none any more. */
  public static StackedRows all(List<? extends Layers.Rows> runs) {
    return new StackedRows(runs, true);
  }

  private void settle() {
    at = least();
    while (at != null && !withWithdrawn && RowCodec.isWithdrawn(at.value())) {
      pass();
      at = least();
    }
  }

  private Layers.Rows least() {
    Layers.Rows least = null;
    for (Layers.Rows run : runs) {
      if (run.isValid() && (least == null || Arrays.compareUnsigned(run.key(), least.key()) < 0)) {
        least = run;
      }
    }
    return least;
  }

  /** Leaves the key behind, in all runs. */
  private void pass() {
    byte[] key = at.key();
    for (Layers.Rows run : runs) {
      if (run.isValid() && Arrays.equals(run.key(), key)) {
        run.next();
      }
    }
  }

  @Override
  public boolean isValid() {
    return at != null;
  }

  @Override
  public byte[] key() {
    return at.key();
  }

  @Override
  public byte[] value() {
    return at.value();
  }

  @Override
  public StoredRow row() {
    return at.row();
  }

  @Override
  public void next() {
    pass();
    settle();
  }

  @Override
  public void close() {
    runs.forEach(Layers.Rows::close);
  }
}
