package io.tributary.offline.internal.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TestHotKeys {
  private static final long HOT = 77;

  @Test
  void aKeyOfMoreThanItsShareIsCutIntoSlicesOfEquallyManyRows() {
    Random random = new Random(1);
    List<long[]> rows = new ArrayList<>();
    for (int i = 0; i < 4_000; i++) {
      rows.add(new long[] {random.nextInt(1_000_000), i % 4 == 0 ? HOT : random.nextLong()});
    }
    HotKeys hot = HotKeys.of(rows, 0, 100);
    long[] cuts = hot.cutsOf(HOT);
    assertThat(cuts).hasSize(9).isSorted().doesNotHaveDuplicates();
    int[] sizes = new int[10];
    for (long[] row : rows) {
      if (row[1] == HOT) {
        sizes[slice(hot, row[0])]++;
      } else {
        assertThat(hot.hashAt(row[1], row[0])).isEqualTo(row[1]);
        assertThat(hot.isSlice(row[1])).isFalse();
      }
    }
    assertThat(sizes).containsOnly(100);
  }

  @Test
  void aSliceBeginsAtItsCut() {
    HotKeys hot = HotKeys.of(List.of(row(1), row(2), row(3), row(4)), 0, 2);
    assertThat(hot.cutsOf(HOT)).containsExactly(3);
    assertThat(hot.hashAt(HOT, 2)).isEqualTo(HOT);
    assertThat(hot.hashAt(HOT, 3)).isEqualTo(HotKeys.hash(HOT, 1));
    assertThat(hot.hashAt(HOT, Long.MAX_VALUE)).isEqualTo(HotKeys.hash(HOT, 1));
    assertThat(hot.isSlice(HOT)).isTrue();
    assertThat(hot.isSlice(HotKeys.hash(HOT, 1))).isTrue();
  }

  @Test
  void rowsOfOneInstantStayTogether() {
    HotKeys hot = HotKeys.of(List.of(row(5), row(5), row(5), row(5)), 0, 1);
    assertThat(hot.cutsOf(HOT)).containsExactly(5);
    assertThat(hot.hashAt(HOT, 5)).isEqualTo(HotKeys.hash(HOT, 1));
  }

  @Test
  void nothingIsCutWhereNoKeyHasMoreThanItsShare() {
    HotKeys hot = HotKeys.of(List.of(row(1), row(2)), 0, 2);
    assertThat(hot.areNone()).isTrue();
    assertThat(hot.cutsOf(HOT)).isNull();
  }

  private static long[] row(long asOf) {
    return new long[] {asOf, HOT};
  }

  private static int slice(HotKeys hot, long t) {
    long at = hot.hashAt(HOT, t);
    int slice = 0;
    while (HotKeys.hash(HOT, slice) != at) {
      slice++;
    }
    return slice;
  }
}
