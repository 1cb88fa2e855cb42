package io.tributary.offline.internal.join;

import io.tributary.offline.internal.keys.Bytes;
import io.tributary.offline.internal.keys.Keys;
import io.tributary.rows.PartitionedRows;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How many different keys rows have, by several keys at once, counted up to a bound: enough to tell
 * few from many.
 */
final class KeyCounts {
  private static final int BOUND = 2_000;

  private KeyCounts() {}

  /** By each of the keys, at most the bound. */
  static int[] of(PartitionedRows rows, List<Keys> keys) {
    List<Keys> travelling = new ArrayList<>(keys);
    List<ArrayList<HashSet<Long>>> parts =
        rows.rows()
            .each(
                part -> {
                  List<Keys.Writer> writers = travelling.stream().map(Keys::writer).toList();
                  ArrayList<HashSet<Long>> hashes = new ArrayList<>();
                  writers.forEach(w -> hashes.add(new HashSet<>()));
                  while (part.hasNext()) {
                    var row = part.next();
                    for (int i = 0; i < hashes.size(); i++) {
                      if (hashes.get(i).size() < BOUND) {
                        hashes.get(i).add(Bytes.hash(writers.get(i).write(row)));
                      }
                    }
                  }
                  return hashes;
                });
    int[] counts = new int[keys.size()];
    for (int i = 0; i < counts.length; i++) {
      Set<Long> all = new HashSet<>();
      for (ArrayList<HashSet<Long>> part : parts) {
        all.addAll(part.get(i));
      }
      counts[i] = Math.min(BOUND, all.size());
    }
    return counts;
  }
}
