package io.tributary.online;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * What it came to when a publication was last written as what it changes.
 *
 * <p>The rows of a publication lie in <em>runs</em>, the newest first: the last, its base, has all
 * rows as they once were, each one above it those that differ from what is below it, or are
 * withdrawn. A publication leaves runs of the one before where they are, and adds one of its own.
 * There are three at most, so that a look-up has three places to look into.
 *
 * @param sequence of the publication
 * @param rows that it has
 * @param changed how many of them were written, and how many withdrawn
 */
public record Differences(long sequence, long rows, long changed) {
  /** A base of less is written anew: it is one small piece. */
  static final long LEAST_BASE = 1_000;

  private static final int RUNS = 3;

  /** The newest run is replaced, together with its changes, until it has this part of the base. */
  private static final int SMALL = 20;

  /** From this part of the base on, all is written anew. */
  private static final int LARGE = 3;

  /** So many publications later it is tried again whether less has changed. */
  private static final int PATIENCE = 7;

  private boolean areMany() {
    return changed * LARGE > rows;
  }

  /** The rows of the publication before, from a key on, or from the first where that is empty. */
  public interface Former {
    Layers.Rows from(byte[] key);
  }

  /**
   * The runs of a publication that a new one leaves where they are, and is written as what differs
   * from them; none where all of it is written.
   *
   * @param runs of the former one, the newest first, in pieces
   * @param rows of a piece
   * @param last what it came to last
   */
  public static <P> List<List<P>> kept(
      StoredView view,
      PublishedSnapshot snapshot,
      Publication former,
      List<List<P>> runs,
      ToLongFunction<P> rows,
      Optional<Differences> last) {
    boolean isAlone =
        former.view().hasColumnsOf(view)
            && PublishedSnapshot.counting(former.snapshots(), snapshot).equals(List.of(snapshot));
    boolean mostChanges =
        last.filter(Differences::areMany)
            .filter(many -> former.sequence() - many.sequence() < PATIENCE)
            .isPresent();
    if (!isAlone || mostChanges || runs.isEmpty()) {
      return List.of();
    }
    List<Long> sizes = runs.stream().map(run -> run.stream().mapToLong(rows).sum()).toList();
    return runs.subList(runs.size() - staying(sizes), runs.size());
  }

  private static int staying(List<Long> sizes) {
    int runs = sizes.size();
    long base = sizes.get(runs - 1);
    long above = sizes.stream().mapToLong(Long::longValue).sum() - base;
    if (base < LEAST_BASE || above * LARGE > base) {
      return 0;
    }
    if (runs > 1 && sizes.get(0) * SMALL < base) {
      return runs - 1;
    }
    return runs < RUNS ? runs : 1;
  }

  /** Writes those rows that differ from the former ones, and withdraws those that are missing. */
  public static PartitionWriter writer(PartitionWriter to, Former former) {
    return new DifferencesWriter(to, former);
  }

  /**
   * Withdraws the former rows that are before, between and behind the keys of partitions.
   *
   * @param written the partitions, of which there is one at least
   */
  public static List<WrittenPartition> withdrawn(
      Collection<WrittenPartition> written, Former former, Supplier<PartitionWriter> writers) {
    List<WrittenPartition> ordered =
        written.stream().sorted(Comparator.comparing(WrittenPartition::firstKey)).toList();
    List<WrittenPartition> withdrawn = new ArrayList<>();
    byte[] from = {};
    for (int i = 0; i <= ordered.size(); i++) {
      Optional<byte[]> to =
          i < ordered.size() ? Optional.of(bytes(ordered.get(i).firstKey())) : Optional.empty();
      try (Layers.Rows rows = former.from(from);
          PartitionWriter writer = writers.get()) {
        if (rows.isValid() && Arrays.equals(rows.key(), from)) {
          rows.next();
        }
        for (; rows.isValid() && isBefore(rows.key(), to); rows.next()) {
          writer.add(rows.key(), RowCodec.WITHDRAWN);
        }
        writer.finish().ifPresent(withdrawn::add);
      }
      from = i < ordered.size() ? bytes(ordered.get(i).lastKey()) : from;
    }
    return withdrawn;
  }

  private static boolean isBefore(byte[] key, Optional<byte[]> bound) {
    return bound.isEmpty() || Arrays.compareUnsigned(key, bound.get()) < 0;
  }

  private static byte[] bytes(String key) {
    return HexFormat.of().parseHex(key);
  }

  /**
   * How many rows a reader sees, by what the runs hold.
   *
   * @param base how many the last run holds
   * @param above the rows of the others, also the withdrawn ones; closed at the end
   * @param isInBase whether the last run has each of some keys
   */
  public static long count(
      long base, StackedRows above, Function<List<byte[]>, List<Boolean>> isInBase) {
    long count = base;
    try (above) {
      while (above.isValid()) {
        List<byte[]> keys = new ArrayList<>();
        int visible = 0;
        while (above.isValid() && keys.size() < LEAST_BASE) {
          keys.add(above.key());
          visible += RowCodec.isWithdrawn(above.value()) ? 0 : 1;
          above.next();
        }
        count += visible - isInBase.apply(keys).stream().filter(found -> found).count();
      }
    }
    return count;
  }

  /** Makes runs of what a manifest of format 1 has: one. */
  public static void runsOfFormat1(ObjectNode json, String pieces) {
    json.putArray("runs").add(json.remove(pieces));
  }

  /** Rows of one partition, beside the former ones. */
  private static final class DifferencesWriter implements PartitionWriter {
    private final PartitionWriter to;
    private final Former former;
    private Layers.Rows before;
    private byte[] firstKey;
    private byte[] lastKey;
    private long rows;

    private DifferencesWriter(PartitionWriter to, Former former) {
      this.to = to;
      this.former = former;
    }

    @Override
    public void add(byte[] key, byte[] row) {
      if (before == null) {
        before = former.from(key);
        firstKey = key.clone();
      }
      lastKey = key.clone();
      rows++;
      while (before.isValid() && Arrays.compareUnsigned(before.key(), key) < 0) {
        to.add(before.key(), RowCodec.WITHDRAWN);
        before.next();
      }
      boolean isThere = before.isValid() && Arrays.equals(before.key(), key);
      if (!isThere || !Arrays.equals(before.value(), row)) {
        to.add(key, row);
      }
      if (isThere) {
        before.next();
      }
    }

    @Override
    public Optional<WrittenPartition> finish() {
      Optional<WrittenPartition> written = to.finish();
      return rows == 0
          ? Optional.empty()
          : Optional.of(
              new WrittenPartition(
                  rows,
                  written.map(WrittenPartition::written).orElse(0L),
                  written.map(WrittenPartition::bytes).orElse(0L),
                  HexFormat.of().formatHex(firstKey),
                  HexFormat.of().formatHex(lastKey),
                  written.flatMap(WrittenPartition::receipt)));
    }

    @Override
    public void close() {
      try (to) {
        if (before != null) {
          before.close();
        }
      }
    }
  }
}
