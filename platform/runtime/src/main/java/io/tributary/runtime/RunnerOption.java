package io.tributary.runtime;

import io.tributary.core.PlatformException;
import io.tributary.core.RunnerChoice;
import java.util.Optional;
import picocli.CommandLine.Option;

/** {@code --runner}: what computes an answer that both runners give. */
public final class RunnerOption {
  @Option(
      names = "--runner",
      description =
          "What computes: local, the threads of this process; spark; auto, local where it can. The answers are the same, to the bit. Default: ${DEFAULT-VALUE}.")
  private RunnerChoice choice;

  /**
   * An option of a command.
   *
   * @param otherwise what computes where the option is not given
   */
  public RunnerOption(RunnerChoice otherwise) {
    choice = otherwise;
  }

  public RunnerChoice choice() {
    return choice;
  }

  /** Whether this process is to compute what it can. */
  public boolean maybeLocal() {
    return choice != RunnerChoice.spark;
  }

  /** Why this process is to compute nothing, wherever files lie. */
  public static Optional<String> elsewhere() {
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
  public void leaveToSpark(JobMain main, String what, String why) {
    if (choice == RunnerChoice.local) {
      throw RunnerChoice.leftToSpark(what, why);
    }
    main.say("By Spark: %s.".formatted(why));
  }
}
