package io.tributary.online;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * Publications that are written as what they change of the one before.
 *
 * <p>The rows of a publication lie in <em>runs</em>, the newest first: the last, its base, has all
 * rows as they once were, each one above it those that differ from what is below it, or are
 * withdrawn. A publication leaves runs of the one before where they are, and adds one of its own.
 * There are three at most, so that a look-up has three places to look into.
 */
public final class Differences {
  /** A base of less is written anew: it is one small piece. */
  static final long LEAST_BASE = 1_000;

  private static final int RUNS = 3;

  /** The newest run is replaced, together with its changes, until it has this part of the base. */
  private static final int SMALL = 20;

  /** Where this part of the base lies above it, all is written anew. */
  private static final int LARGE = 3;

  /** A run of more than this part of the base is not worth it: all is written anew at once. */
  private static final int MOST = 2;

  private static final int LONGEST_PAUSE = 7;

  private Differences() {}

  /**
   * Publications that are written whole, since most rows had changed the last time that differences
   * were written. Longer each time that this is so again, without one between that changed less.
   *
   * @param since the number of the publication
   * @param publications how many come after it
   */
  public record Pause(long since, int publications) {
    /** A pause that begins now. */
    private static Pause after(Optional<Pause> before, long now) {
      return new Pause(
          now, before.map(pause -> Math.min(LONGEST_PAUSE, 2 * pause.publications + 1)).orElse(0));
    }

    private boolean lasts(long former) {
      return former - since < publications;
    }
  }

  /** Rows of the publication before. */
  public interface Former extends AutoCloseable {
    /** From a key on, or from the first where that is empty. */
    Layers.Rows from(byte[] key);

    @Override
    void close();
  }

  /**
   * How one publication is written. Not for several threads.
   *
   * @param <P> what a run consists of
   */
  public static final class Plan<P> {
    private final ToLongFunction<P> rows;
    private final Optional<Publication> former;
    private final Optional<Pause> before;
    private List<List<P>> kept;
    private Optional<Pause> pause;

    /**
     * @param former what it stands beside; empty where all is to be written
     * @param runs of that, the newest first, in pieces
     * @param rows of a piece
     * @param before the pause that it says
     */
    public Plan(
        StoredView view,
        PublishedSnapshot snapshot,
        Optional<Publication> former,
        List<List<P>> runs,
        ToLongFunction<P> rows,
        Optional<Pause> before) {
      this.rows = rows;
      this.former = former;
      this.before = before;
      this.kept = former.map(of -> kept(view, snapshot, of, runs)).orElse(List.of());
      this.pause = kept.isEmpty() ? before : Optional.empty();
    }

    private List<List<P>> kept(
        StoredView view, PublishedSnapshot snapshot, Publication of, List<List<P>> runs) {
      boolean isAlone =
          of.view().hasColumnsOf(view)
              && PublishedSnapshot.counting(of.snapshots(), snapshot).equals(List.of(snapshot));
      if (!isAlone
          || runs.isEmpty()
          || before.filter(last -> last.lasts(of.sequence())).isPresent()) {
        return List.of();
      }
      List<Long> sizes = runs.stream().map(this::rows).toList();
      return runs.subList(runs.size() - staying(sizes), runs.size());
    }

    private long rows(List<P> run) {
      return run.stream().mapToLong(rows).sum();
    }

    /** Whether what differs from {@link #kept()} is written. */
    public boolean isOfDifferences() {
      return !kept.isEmpty();
    }

    /** The runs of the former publication that stay; none where all is written. */
    public List<List<P>> kept() {
      return kept;
    }

    public void writeWhole() {
      kept = List.of();
    }

    /** How many rows what is written above the base may have. */
    public long limit() {
      return rows(kept.get(kept.size() - 1)) / MOST;
    }

    /** What the publication says of those after it. */
    public Optional<Pause> pause() {
      return pause;
    }

    /** The runs that stay, below one of pieces that are written. */
    public List<List<P>> with(List<P> written) {
      List<List<P>> runs = new ArrayList<>(kept);
      if (!written.isEmpty()) {
        runs.add(0, written);
      }
      return runs;
    }

    /**
     * {@link OnlineWriter#complete}.
     *
     * @param below opens the rows of {@link #kept()}
     * @param writers open what withdrawn rows are written to
     */
    public Optional<WrittenRows> complete(
        List<WrittenPartition> partitions,
        Supplier<? extends Former> below,
        Supplier<? extends PartitionWriter> writers) {
      if (!isOfDifferences()) {
        return Optional.of(new WrittenRows(partitions));
      }
      List<WrittenPartition> all = new ArrayList<>(partitions);
      if (!partitions.isEmpty() && !areMany(partitions)) {
        try (Former rowsBelow = below.get()) {
          all.addAll(withdrawn(partitions, rowsBelow, writers));
        }
      }
      if (partitions.isEmpty() || areMany(all)) {
        pause = Optional.of(Pause.after(before, former.orElseThrow().sequence() + 1));
        writeWhole();
        return Optional.empty();
      }
      return Optional.of(new WrittenRows(all));
    }

    private boolean areMany(List<WrittenPartition> partitions) {
      return partitions.stream().mapToLong(WrittenPartition::written).sum() > limit();
    }
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

  /**
   * Writes those rows that differ from the former ones, and withdraws those that are missing.
   *
   * @param to closed with it, as are the former rows
   * @param limit from so many on they are counted and not written
   */
  public static PartitionWriter writer(PartitionWriter to, Former former, long limit) {
    return new DifferencesWriter(to, former, limit);
  }

  /**
   * Withdraws the former rows that are before, between and behind the keys of partitions.
   *
   * @param written the partitions, of which there is one at least
   */
  private static List<WrittenPartition> withdrawn(
      List<WrittenPartition> written, Former former, Supplier<? extends PartitionWriter> writers) {
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
        writer.finish().map(WrittenPartition::ofWithdrawn).ifPresent(withdrawn::add);
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
    private final long limit;
    private Layers.Rows before;
    private byte[] firstKey;
    private byte[] lastKey;
    private long rows;
    private long written;

    private DifferencesWriter(PartitionWriter to, Former former, long limit) {
      this.to = to;
      this.former = former;
      this.limit = limit;
    }

    @Override
    public void add(byte[] key, byte[] row) {
      if (before == null) {
        before = former.from(key);
        firstKey = key.clone();
      } else if (Arrays.compareUnsigned(lastKey, key) >= 0) {
        throw new PlatformException(
            ErrorCode.BUG,
            "Cannot write an online row: key %s is not above the one before it. Report this as a bug."
                .formatted(HexFormat.of().formatHex(key)));
      }
      lastKey = key.clone();
      rows++;
      while (before.isValid() && Arrays.compareUnsigned(before.key(), key) < 0) {
        write(before.key(), RowCodec.WITHDRAWN);
        before.next();
      }
      boolean isThere = before.isValid() && Arrays.equals(before.key(), key);
      if (!isThere || !Arrays.equals(before.value(), row)) {
        write(key, row);
      }
      if (isThere) {
        before.next();
      }
    }

    private void write(byte[] key, byte[] row) {
      written++;
      if (written <= limit) {
        to.add(key, row);
      }
    }

    @Override
    public Optional<WrittenPartition> finish() {
      if (rows == 0) {
        return Optional.empty();
      }
      // What has too many is given up when this is closed.
      Optional<WrittenPartition> part = written <= limit ? to.finish() : Optional.empty();
      return Optional.of(
          new WrittenPartition(
              rows,
              written,
              part.map(WrittenPartition::bytes).orElse(0L),
              HexFormat.of().formatHex(firstKey),
              HexFormat.of().formatHex(lastKey),
              part.flatMap(WrittenPartition::receipt)));
    }

    @Override
    public void close() {
      try (former;
          to) {
        if (before != null) {
          before.close();
        }
      }
    }
  }
}
