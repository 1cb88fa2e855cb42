package io.tributary.offline.internal.keys;

import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Runner;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/**
 * Keys of more label rows than one core's share, and the instants at which each is cut into slices,
 * so that no task has all of it. A slice has the label rows from one cut until the next, and every
 * event that can matter to one of them; so what a row sees is the same. Which keys are hot is
 * estimated from a part of the rows, and changes no value.
 */
public final class HotKeys implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Nothing is cut. */
  public static final HotKeys NONE = new HotKeys(new long[0], new long[0][]);

  private static final int MOST_PARTITIONS = 16;

  /** Of all partitions together: files are often in the order of time, so not the first few. */
  private static final int MOST_READ = 3_000_000;

  /** Of one partition. */
  private static final int MOST_SAMPLED = 10_000;

  /** Apart, for each slice of one key; odd, so that no two are equal. */
  private static final long STEP = 0x9E3779B97F4A7C15L;

  /** Hashes of keys, ascending. */
  private final long[] hashes;

  /** The first instant of each slice but the first, ascending. */
  private final long[][] cuts;

  /** The hashes of all slices, ascending. */
  private final long[] sliced;

  private HotKeys(long[] hashes, long[][] cuts) {
    this.hashes = hashes;
    this.cuts = cuts;
    this.sliced =
        IntStream.range(0, hashes.length)
            .boxed()
            .flatMapToLong(
                i -> IntStream.rangeClosed(0, cuts[i].length).mapToLong(s -> hash(hashes[i], s)))
            .sorted()
            .toArray();
  }

  /**
   * Those of each of several keys.
   *
   * @param spine rows of which some partitions are read
   * @param asOf their column, in microseconds
   */
  public static List<HotKeys> of(PartitionedRows spine, int asOf, List<Keys> keys, Runner runner) {
    int partitions = spine.rows().count();
    int read = Math.min(partitions, MOST_PARTITIONS);
    int[] some = IntStream.range(0, read).map(i -> (int) ((long) i * partitions / read)).toArray();
    List<Keys> travelling = new ArrayList<>(keys);
    int most = MOST_READ / Math.max(1, read);
    List<Sample> samples = spine.rows().each(some, part -> Sample.of(part, most, asOf, travelling));
    List<long[]> rows = together(samples);
    double mostOfOne = Math.max(runner.leastRows(), runner.share() * rows.size());
    return IntStream.range(0, keys.size()).mapToObj(k -> of(rows, k, mostOfOne)).toList();
  }

  /**
   * Rows of one partition, equally far apart.
   *
   * @param step of so many rows there is one here; a power of two
   * @param rows as-of and the hash of each key; a row without as-of is not there
   */
  record Sample(int step, List<long[]> rows) implements Serializable {
    public static Sample of(Iterator<InternalRow> part, int mostRead, int asOf, List<Keys> keys) {
      List<Keys.Writer> writers = keys.stream().map(Keys::writer).toList();
      Sample sample = new Sample(1, new ArrayList<>());
      for (int read = 0; read < mostRead && part.hasNext(); read++) {
        InternalRow row = part.next();
        if (read % sample.step != 0 || row.isNullAt(asOf)) {
          continue;
        }
        long[] sampled = new long[1 + keys.size()];
        sampled[0] = row.getLong(asOf);
        for (int k = 0; k < keys.size(); k++) {
          UnsafeRow key = writers.get(k).write(row);
          sampled[1 + k] = Bytes.hash(key);
        }
        sample.rows.add(sampled);
        if (sample.rows.size() == MOST_SAMPLED) {
          sample = sample.thinned(2 * sample.step);
        }
      }
      return sample;
    }

    Sample thinned(int wanted) {
      int every = wanted / step;
      List<long[]> left = new ArrayList<>();
      for (int i = 0; i < rows.size(); i += every) {
        left.add(rows.get(i));
      }
      return new Sample(wanted, left);
    }
  }

  /** All of them as far apart as the furthest, so that each partition counts by its rows. */
  private static List<long[]> together(List<Sample> samples) {
    int step = samples.stream().mapToInt(Sample::step).max().orElse(1);
    return samples.stream().flatMap(s -> s.thinned(step).rows().stream()).toList();
  }

  /** Of rows as a {@link Sample} has them. */
  public static HotKeys of(List<long[]> rows, int key, double most) {
    Map<Long, List<Long>> instants = new HashMap<>();
    for (long[] row : rows) {
      instants.computeIfAbsent(row[1 + key], h -> new ArrayList<>()).add(row[0]);
    }
    long[] hashes =
        instants.entrySet().stream()
            .filter(e -> e.getValue().size() > most)
            .mapToLong(Map.Entry::getKey)
            .sorted()
            .toArray();
    long[][] cuts = new long[hashes.length][];
    for (int i = 0; i < hashes.length; i++) {
      List<Long> of = instants.get(hashes[i]);
      cuts[i] = cuts(of, (int) Math.ceil(of.size() / most));
    }
    return new HotKeys(hashes, cuts);
  }

  /** Cuts between which about equally many instants lie. */
  private static long[] cuts(List<Long> instants, int slices) {
    long[] sorted = instants.stream().mapToLong(Long::longValue).sorted().toArray();
    return IntStream.range(1, slices)
        .mapToLong(s -> sorted[(int) ((long) s * sorted.length / slices)])
        .distinct()
        .toArray();
  }

  public boolean areNone() {
    return hashes.length == 0;
  }

  /** Whether a hash is of a slice, so that its entity may be in other tasks too. */
  public boolean isSlice(long hash) {
    return Arrays.binarySearch(sliced, hash) >= 0;
  }

  /** The hash of a slice of a key; of the first it is the key's own. */
  public static long hash(long hash, int slice) {
    return hash + slice * STEP;
  }

  /** Where a label row goes. */
  public long hashAt(long hash, long t) {
    long[] at = cutsOf(hash);
    if (at == null) {
      return hash;
    }
    int found = Arrays.binarySearch(at, t);
    return hash(hash, found >= 0 ? found + 1 : -found - 1);
  }

  /** Null where the key is not cut. */
  public long[] cutsOf(long hash) {
    if (hashes.length == 0) {
      return null;
    }
    int i = Arrays.binarySearch(hashes, hash);
    return i < 0 ? null : cuts[i];
  }
}
