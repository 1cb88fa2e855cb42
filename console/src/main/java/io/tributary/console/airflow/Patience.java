package io.tributary.console.airflow;

import java.time.Duration;

/**
 * How long a server is waited for.
 *
 * @param attempt how long one answer may take
 * @param within how long requests are sent again to a server that can't be reached, that a proxy
 *     answers for, or that fails
 * @param first how long it waits before the second attempt; each wait is twice the one before
 */
public record Patience(Duration attempt, Duration within, Duration first) {
  /** The longest wait between two attempts. */
  static final Duration LONGEST_WAIT = Duration.ofSeconds(15);

  /** Of a command that asks and ends. */
  public static Patience ofCommand() {
    return new Patience(Duration.ofMinutes(1), Duration.ofSeconds(15), Duration.ofMillis(500));
  }

  /** Of what stays until a run has ended, while servers are restarted. */
  public static Patience ofFollowing(Duration within) {
    return new Patience(Duration.ofMinutes(1), within, Duration.ofMillis(500));
  }
}
