package io.tributary.registry.provenance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TestSpans {
  private static final List<Object> KEY = List.of("a");

  @Test
  void aSpanHoldsItsStartAndNotItsEnd() {
    Spans spans = new Spans();
    spans.add(KEY, 10, 20);
    assertThat(spans.contains(KEY, 10)).isTrue();
    assertThat(spans.contains(KEY, 19)).isTrue();
    assertThat(spans.contains(KEY, 20)).isFalse();
    assertThat(spans.contains(List.of("b"), 15)).isFalse();
    assertThat(spans.overlaps(0, 10)).isFalse();
    assertThat(spans.overlaps(19, 30)).isTrue();
    assertThat(spans.overlaps(20, 30)).isFalse();
    spans.add(KEY, 30, 30);
    assertThat(spans.end()).isEqualTo(20);
  }

  @Test
  void anyNumberOfSpansEqualsTheirUnion() {
    for (long seed = 0; seed < 200; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Spans spans = new Spans();
      boolean[] in = new boolean[60];
      for (int i = 0; i < 1 + random.nextInt(12); i++) {
        int from = random.nextInt(50);
        int to = from + random.nextInt(10);
        spans.add(KEY, from, to);
        for (int at = from; at < to; at++) {
          in[at] = true;
        }
      }
      for (int at = 0; at < in.length; at++) {
        assertThat(spans.contains(KEY, at)).as("seed %d at %d", seed, at).isEqualTo(in[at]);
        assertThat(spans.overlaps(at, at + 1)).isEqualTo(in[at]);
      }
    }
  }
}
