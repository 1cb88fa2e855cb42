package io.tributary.pipeline;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.runtime.JobMain;
import java.util.Optional;
import picocli.CommandLine.Option;

/** {@code --runner}: what computes an answer that both runners give. */
final class RunnerOption {
  /** The runners, and the choice between them. */
  enum Choice {
    auto,
    local,
    spark
  }

  @Option(
      names = "--runner",
      defaultValue = "auto",
      description =
          "What computes: local, this process without a Spark session; spark; auto, local where it can (default). The answers are the same, to the bit.")
  private Choice choice;

  /** Whether this process is to compute what it can. */
  boolean maybeLocal() {
    return choice != Choice.spark;
  }

  /** Why this process is to compute nothing, wherever files lie. */
  static Optional<String> elsewhere() {
    return System.getProperty("spark.master", "local").startsWith("local")
        ? Optional.empty()
        : Optional.of("a cluster was named");
  }

  /**
   * Prints that Spark computes.
   *
   * @param what as in {@code join features to the rows of rides.csv}
   * @throws PlatformException INVALID_REQUEST where it is not to
   */
  void leaveToSpark(JobMain main, String what, String why) {
    if (choice == Choice.local) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot %s by --runner local: %s. Leave the option out, and Spark does it."
              .formatted(what, why));
    }
    main.say("By Spark: %s.".formatted(why));
  }
}
