package io.tributary.ingest.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestLineSet {
  @Test
  void printsSoThatItParsesBack() {
    LineSet lines = LineSet.of(List.of(9L, 3L, 7L, 8L, 3L));

    assertThat(lines).hasToString("3,7-9");
    assertThat(LineSet.parse("3,7-9")).isEqualTo(lines);
    assertThat(lines.count()).isEqualTo(4);
    assertThat(Json.read(Json.write(lines), LineSet.class)).isEqualTo(lines);
  }

  @Test
  void refusesWhatIsNoAscendingList() {
    for (String text : List.of("", "x", "3,2", "3,3", "9-7", "3,", "-1", "3-4-5", "1,2-9,9")) {
      assertThatThrownBy(() -> LineSet.parse(text))
          .hasMessage(
              "Cannot read lines \""
                  + text
                  + "\": they are no ascending list. Write them as in 3,7-9.");
    }
  }

  @Test
  void knowsItsLines() {
    LineSet lines = LineSet.parse("3,7-9,20");
    assertThat(java.util.stream.LongStream.rangeClosed(0, 25).filter(lines::contains))
        .containsExactly(3L, 7L, 8L, 9L, 20L);
    assertThat(LineSet.of(java.util.List.of()).contains(1)).isFalse();
  }
}
