package io.tributary.check;

import io.tributary.runtime.JobMain;

/**
 * The part of {@code check} in the training run of a class data archive. The first check resolves
 * the project's expressions, the second finds them kept.
 */
public final class CheckRehearsal {
  private CheckRehearsal() {}

  /** Takes what {@code check} takes. */
  public static void main(String[] args) {
    for (int i = 0; i < 2; i++) {
      int code = JobMain.run("check", args, new CheckMain());
      if (code != 0) {
        throw new IllegalStateException("Cannot rehearse check: it ended with " + code + ".");
      }
    }
  }
}
