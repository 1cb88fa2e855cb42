package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestRetrainMain {
  private final RuntimeException definition =
      new PlatformException(ErrorCode.INVALID_DEFINITION, "Cannot a.");
  private final RuntimeException bug = new IllegalStateException("b");
  private final RuntimeException outside = new PlatformException(ErrorCode.SERVER, "Cannot c.");

  @Test
  void endsAsWhatAnotherTryMayMend() {
    assertThat(RetrainMain.told(List.of(definition, bug, outside))).isSameAs(outside);
    assertThat(outside.getSuppressed()).containsExactly(definition, bug);
  }

  @Test
  void endsElseAsTheFirstThatFailed() {
    assertThat(RetrainMain.told(List.of(bug, definition))).isSameAs(bug);
    assertThat(bug.getSuppressed()).containsExactly(definition);
  }
}
