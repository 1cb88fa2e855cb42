package io.tributary.source.rows;

import java.util.Optional;

/** Why Spark must compute what this process was to; its message is a clause without a stop. */
public final class LeftToSpark extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public LeftToSpark(String why) {
    super(why);
  }

  public static void throwIf(Optional<String> why) {
    why.ifPresent(
        reason -> {
          throw new LeftToSpark(reason);
        });
  }
}
