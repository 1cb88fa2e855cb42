package io.tributary.events.definitions;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TestMeaningDifference {
  @Test
  void saysWhichLinesWentAndCame() {
    assertThat(MeaningDifference.changed(List.of("a", "b", "c"), List.of("a", "x", "c")))
        .containsExactly("- b", "+ x");
    assertThat(MeaningDifference.changed(List.of("a", "b", "a"), List.of("a")))
        .containsExactly("- b", "- a");
    assertThat(MeaningDifference.changed(List.of("a", "b", "c", "d"), List.of("x", "b", "d", "y")))
        .containsExactly("- a", "+ x", "- c", "+ y");
    assertThat(MeaningDifference.changed(List.of(), List.of("a"))).containsExactly("+ a");
    assertThat(MeaningDifference.changed(List.of("a"), List.of("a"))).isEmpty();
  }

  @Test
  void comparesDefinitionsOfAnyLength() {
    List<String> former = IntStream.range(0, 100_000).mapToObj(i -> "line " + i).toList();
    List<String> present = new ArrayList<>(former);
    present.set(70_000, "another");

    assertThat(MeaningDifference.changed(former, present))
        .containsExactly("- line 70000", "+ another");
  }
}
