package io.tributary.pipeline;

import io.tributary.registry.keeping.Kept;
import io.tributary.runtime.JobMain;
import java.time.Clock;

/** {@code tributary clean} in a process of its own, by a clock that is a day past the least age. */
final class CleanLater {
  private CleanLater() {}

  public static void main(String[] args) {
    Clock later = Clock.offset(Clock.systemUTC(), Kept.LEAST.plusDays(1));
    System.exit(JobMain.run("clean", args, new CleanMain(later)));
  }
}
