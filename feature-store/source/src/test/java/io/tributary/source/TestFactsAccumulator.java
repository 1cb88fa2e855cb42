package io.tributary.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.source.FileFacts.MalformedLine;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestFactsAccumulator {
  private static final int CHARACTERS = 1 << 22;

  @Test
  void keepsNoMoreLinesOfAllFilesThanOneProcessHolds() {
    FactsAccumulator all = new FactsAccumulator();
    for (int task = 0; task < 3; task++) {
      FactsAccumulator of = new FactsAccumulator();
      for (int file = 0; file < 3; file++) {
        of.add(facts(task + "/" + file));
      }
      all.merge(of.copy());
    }

    assertThat(all.value()).hasSize(9).allMatch(f -> f.malformed() == 1 && f.lines() == 2);
    assertThat(all.value().stream().filter(FileFacts::keepsAll))
        .hasSize((int) (FactsAccumulator.MOST_KEPT / (CHARACTERS + FileFacts.CHARACTERS_A_LINE)));
  }

  private static FileFacts facts(String path) {
    MalformedLine line = new MalformedLine(1, "x".repeat(CHARACTERS), List.of());
    return new FileFacts(path, 0, 2, 1, 0, List.of(line));
  }
}
