package io.tributary.quality;

import io.tributary.core.Digest;
import java.util.List;

/**
 * How the rows of a delivery met a suite.
 *
 * @param rows how many were judged
 */
public record SuiteResult(
    String suite, Digest digest, long rows, List<ExpectationResult> verdicts) {
  public SuiteResult {
    verdicts = List.copyOf(verdicts);
  }

  /** The same as logs keep them. */
  public SuiteResult recorded() {
    return new SuiteResult(
        suite, digest, rows, verdicts.stream().map(ExpectationResult::recorded).toList());
  }

  /** Whether no verdict rejects the delivery. */
  public boolean admits() {
    return verdicts.stream().noneMatch(ExpectationResult::rejects);
  }

  /** The verdicts that reject the delivery, in the suite's order. */
  public List<ExpectationResult> rejecting() {
    return verdicts.stream().filter(ExpectationResult::rejects).toList();
  }

  /** The verdicts that are not met and only warn. */
  public List<ExpectationResult> warnings() {
    return verdicts.stream().filter(v -> !v.met() && !v.rejects()).toList();
  }
}
