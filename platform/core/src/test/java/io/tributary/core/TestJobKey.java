package io.tributary.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestJobKey {
  private static final JobKey TRAIN = JobKey.of("train", "delays");

  @Test
  void parametersTellWorksOnOneSubject() {
    JobKey seventh = TRAIN.with("trial", "7").with("device", "cpu");

    assertThat(seventh)
        .isEqualTo(TRAIN.with("device", "cpu").with("trial", "7"))
        .isNotEqualTo(TRAIN.with("trial", "8").with("device", "cpu"))
        .hasToString("train delays device=cpu trial=7");
    assertThat(seventh.with("trial", "8")).hasToString("train delays device=cpu trial=8");
  }

  @Test
  void isWrittenAsBeforeWhereThereAreNone() {
    assertThat(Json.write(TRAIN)).isEqualTo("{\"job\":\"train\",\"subject\":\"delays\"}");
    assertThat(Json.read("{\"job\":\"train\",\"subject\":\"delays\"}", JobKey.class))
        .isEqualTo(TRAIN);
    JobKey trial = TRAIN.with("trial", "7");
    assertThat(Json.read(Json.write(trial), JobKey.class)).isEqualTo(trial);
  }

  @ParameterizedTest
  @CsvSource({"Trial,7", "trial number,7", "trial,7 device=cpu", "trial,''"})
  void refusesWhatWouldReadAsAnotherKey(String name, String value) {
    assertThatThrownBy(() -> TRAIN.with(name, value))
        .isInstanceOf(PlatformException.class)
        .hasMessageStartingWith("Cannot identify work by parameter \"" + name + "=" + value);
  }
}
