package io.tributary.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TestNearest {
  private static final List<String> COLUMNS = List.of("dep_delay", "arr_delay", "carrier");

  @Test
  void findsSwappedLettersAndOtherCase() {
    assertThat(Nearest.of("arr_dely", COLUMNS)).contains("arr_delay");
    assertThat(Nearest.of("Carreir", COLUMNS)).contains("carrier");
    assertThat(Nearest.hint("arr_dealy", COLUMNS)).isEqualTo(" Did you mean \"arr_delay\"?");
  }

  @Test
  void saysNothingWhereNoNameIsNear() {
    assertThat(Nearest.of("visibility", COLUMNS)).isEmpty();
    assertThat(Nearest.hint("x", List.of())).isEmpty();
  }
}
