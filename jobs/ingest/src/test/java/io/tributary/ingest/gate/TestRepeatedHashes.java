package io.tributary.ingest.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.junit.jupiter.api.Test;

class TestRepeatedHashes {
  private static List<Long> repeated(List<Long> hashes) {
    List<Long> repeated = new ArrayList<>();
    RepeatedHashes.repeated(
            hashes.stream()
                .<InternalRow>map(h -> new GenericInternalRow(new Object[] {h}))
                .iterator())
        .forEachRemaining(row -> repeated.add(row.getLong(0)));
    return repeated;
  }

  @Test
  void givesEachOnceHoweverOftenItStandsThere() {
    assertThat(repeated(List.of(7L, -1L, 7L, 3L, 7L, -1L, 7L))).containsExactly(-1L, 7L);
    assertThat(repeated(List.of(1L, 2L))).isEmpty();
    assertThat(repeated(List.of())).isEmpty();
  }

  /** More distinct ones than its first array has room for, and one that would fill any. */
  @Test
  void givesThoseOfManyAlsoWhereItsArrayIsCompactedAndGrows() {
    List<Long> hashes = new ArrayList<>();
    LongStream.range(0, 20_000).forEach(hashes::add);
    LongStream.range(0, 20_000).filter(h -> h % 3 == 0).forEach(hashes::add);
    hashes.addAll(Collections.nCopies(30_000, 5L));
    Collections.shuffle(hashes, new Random(1));

    Map<Long, Integer> counts = new HashMap<>();
    hashes.forEach(hash -> counts.merge(hash, 1, Integer::sum));
    assertThat(repeated(hashes))
        .hasSize(6_668)
        .containsExactlyElementsOf(
            counts.keySet().stream().filter(hash -> counts.get(hash) > 1).sorted().toList());
  }
}
