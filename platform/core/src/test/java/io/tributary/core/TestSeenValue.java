package io.tributary.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TestSeenValue {
  @Test
  void isReadByWhoeverRanTheCommandAndNotStored() {
    PlatformException e =
        new PlatformException(
            ErrorCode.INVALID_VALUE,
            "Cannot read line 2: "
                + SeenValue.of("\"11.77\nx\" is no int")
                + "; line 3: "
                + SeenValue.of(12)
                + ".");

    assertThat(e).hasMessage("Cannot read line 2: \"11.77\nx\" is no int; line 3: 12.");
    assertThat(e.stored()).isEqualTo("Cannot read line 2: …; line 3: ….");
    assertThat(new PlatformException(ErrorCode.BUG, "no value").stored()).isEqualTo("no value");
  }

  @Test
  void marksInsideAValueDoNotEndIt() {
    String marked = SeenValue.of("a" + SeenValue.of("b") + "c\uFFFBd\uFFF9e");

    PlatformException e = new PlatformException(ErrorCode.BUG, "x " + marked + " y");

    assertThat(e).hasMessage("x abcde y");
    assertThat(e.stored()).isEqualTo("x … y");
  }
}
