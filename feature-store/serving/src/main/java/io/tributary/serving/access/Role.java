package io.tributary.serving.access;

import java.util.Locale;

/** What a token lets its bearer do. */
public enum Role {
  /** Read published features. */
  READ,
  /** Ask for scores. */
  SCORE,
  /** Whatever a server does for any role. */
  ADMIN;

  /** Its name on the command line and in the log. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether it lets its bearer do what asks for another one. */
  public boolean includes(Role needed) {
    return this == ADMIN || this == needed;
  }
}
