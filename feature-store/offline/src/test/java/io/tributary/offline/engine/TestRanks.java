package io.tributary.offline.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class TestRanks {
  @Test
  void aRankSetAnswersLikeATreeSet() {
    Random random = new Random(1);
    RankSet set = new RankSet();
    for (int size : new int[] {1, 2, 63, 64, 65, 4_096, 4_097, 300_000}) {
      set.clear(size);
      TreeSet<Integer> expected = new TreeSet<>();
      for (int i = 0; i < 4_000; i++) {
        int k = random.nextInt(size);
        if (random.nextBoolean()) {
          set.add(k);
          expected.add(k);
        } else {
          set.remove(k);
          expected.remove(k);
        }
        int asked = random.nextInt(size);
        assertThat(set.isEmpty()).isEqualTo(expected.isEmpty());
        assertThat(set.first()).isEqualTo(expected.isEmpty() ? -1 : expected.first());
        assertThat(set.last()).isEqualTo(expected.isEmpty() ? -1 : expected.last());
        Integer lower = expected.lower(asked);
        Integer higher = expected.higher(asked);
        assertThat(set.previous(asked)).isEqualTo(lower == null ? -1 : lower);
        assertThat(set.next(asked)).isEqualTo(higher == null ? -1 : higher);
      }
    }
  }

  @Test
  void rankCountsAnswerLikeASortedList() {
    Random random = new Random(2);
    RankCounts counts = new RankCounts(true, true, Arena.heap());
    for (int ranks : new int[] {1, 2, 3, 7, 8, 9, 64, 1_000}) {
      counts.clear(ranks);
      List<Integer> expected = new ArrayList<>();
      for (int i = 0; i < 1_500; i++) {
        if (expected.isEmpty() || random.nextInt(5) < 3) {
          int k = random.nextInt(ranks);
          counts.add(k);
          expected.add(k);
          expected.sort(null);
        } else {
          counts.remove(expected.remove(random.nextInt(expected.size())));
        }
        assertThat(counts.size()).isEqualTo(expected.size());
        TreeMap<Integer, Integer> often = new TreeMap<>();
        expected.forEach(v -> often.merge(v, 1, Integer::sum));
        assertThat(counts.distinct()).isEqualTo(often.size());
        if (!expected.isEmpty()) {
          int k = random.nextInt(expected.size());
          assertThat(counts.least(k)).isEqualTo(expected.get(k));
          int most = often.values().stream().max(Integer::compare).orElseThrow();
          int least =
              often.entrySet().stream()
                  .filter(e -> e.getValue() == most)
                  .findFirst()
                  .orElseThrow()
                  .getKey();
          assertThat(counts.mostFrequent()).isEqualTo(least);
        }
      }
    }
  }

  @Test
  void sortsIndexesStably() {
    Random random = new Random(3);
    Arena arena = Arena.heap();
    IndexSort sort = new IndexSort(arena);
    for (int n : new int[] {0, 1, 2, 13, 100, 5_000, 200_000}) {
      for (long range : new long[] {20, 1_000_000, Long.MAX_VALUE}) {
        LongBuffer keys = LongBuffer.wrap(random.longs(n, -range, range).toArray());
        IntBuffer index = IndexSort.identity(arena, IntBuffer.allocate(1), n);
        sort.sort(index, n, keys);
        requireStable(index, n, keys);
        for (int i = 0; i < n; i++) {
          index.put(i, n - 1 - i);
        }
        sort.sort(
            index,
            n,
            (a, b) -> {
              int c = Long.compare(keys.get(a), keys.get(b));
              return c == 0 ? Integer.compare(a, b) : c;
            });
        requireStable(index, n, keys);
      }
    }
  }

  private static void requireStable(IntBuffer index, int n, LongBuffer keys) {
    for (int i = 1; i < n; i++) {
      int before = index.get(i - 1);
      int item = index.get(i);
      int c = Long.compare(keys.get(before), keys.get(item));
      if (c > 0 || (c == 0 && before > item)) {
        fail("items %d and %d of %d are in the wrong order", before, item, n);
      }
    }
  }
}
