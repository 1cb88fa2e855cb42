package io.tributary.offline.engine;

import static org.assertj.core.api.Assertions.assertThat;

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
    RankCounts counts = new RankCounts(true, true);
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
    IndexSort sort = new IndexSort();
    for (int n : new int[] {0, 1, 2, 13, 100, 5_000}) {
      int[] keys = random.ints(n, 0, 20).toArray();
      int[] index = IndexSort.identity(new int[1], n);
      sort.sort(index, n, (a, b) -> Integer.compare(keys[a], keys[b]));
      for (int i = 1; i < n; i++) {
        assertThat(keys[index[i - 1]]).isLessThanOrEqualTo(keys[index[i]]);
        if (keys[index[i - 1]] == keys[index[i]]) {
          assertThat(index[i - 1]).isLessThan(index[i]);
        }
      }
    }
  }
}
