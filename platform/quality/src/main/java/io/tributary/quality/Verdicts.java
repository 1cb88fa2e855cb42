package io.tributary.quality;

import io.tributary.core.Digest;
import java.util.List;

/**
 * How the rows of a delivery met a suite.
 *
 * @param rows how many were judged
 */
public record Verdicts(String suite, Digest digest, long rows, List<Verdict> verdicts) {
  public Verdicts {
    verdicts = List.copyOf(verdicts);
  }

  /** The same as logs keep them. */
  public Verdicts recorded() {
    return new Verdicts(suite, digest, rows, verdicts.stream().map(Verdict::recorded).toList());
  }

  /** Whether no verdict rejects the delivery. */
  public boolean admits() {
    return verdicts.stream().noneMatch(Verdict::rejects);
  }

  /** The verdicts that reject the delivery, in the suite's order. */
  public List<Verdict> rejecting() {
    return verdicts.stream().filter(Verdict::rejects).toList();
  }

  /** The verdicts that are not met and only warn. */
  public List<Verdict> warnings() {
    return verdicts.stream().filter(v -> !v.met() && !v.rejects()).toList();
  }
}
