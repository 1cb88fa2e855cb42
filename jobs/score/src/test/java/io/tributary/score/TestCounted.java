package io.tributary.score;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.model.ScoreColumns;
import io.tributary.rows.Tally;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TestCounted {
  @Test
  void theMeanScoreOfBillionsOfRowsIsTheirs() throws Exception {
    Counted.Counts counts = new Counted.Counts(0);
    counts.add(0.3, false);
    long rows = 100_000_000_000L;
    Tally tally = new Tally();
    // As if each of so many rows had been counted.
    counts.to((name, count) -> tally.put(name, 0, Math.multiplyExact(count, rows)));

    assertThat(Counted.mean(0, tally)).isEqualTo(Optional.of(0.3));
    assertThat(tally.total(ScoreColumns.FLAG_NAMES.get(0) + " 0")).isZero();
  }
}
