package io.tributary.console.airflow;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether an Airflow goes on with what is waited for: its API answers while its scheduler is dead
 * or the DAG is paused, and then nothing ever ends. Asked now and then.
 */
public final class Heartbeat {
  private static final Duration BETWEEN = Duration.ofSeconds(30);

  private final Airflow airflow;
  private final String dag;
  private final Clock clock;
  private Instant asked;
  private Optional<Instant> deadSince = Optional.empty();
  private boolean paused;

  /**
   * @param dag whose runs are waited for
   */
  public Heartbeat(Airflow airflow, String dag) {
    this(airflow, dag, Clock.systemUTC());
  }

  Heartbeat(Airflow airflow, String dag, Clock clock) {
    this.airflow = airflow;
    this.dag = dag;
    this.clock = clock;
    this.asked = clock.instant();
  }

  /**
   * Asks, where that is due; says once that its processes don't work, and that the DAG is paused.
   *
   * @throws PlatformException SERVER where they have not for as long as the server is waited for
   */
  public void check() {
    Instant now = clock.instant();
    if (now.isBefore(asked.plus(BETWEEN))) {
      return;
    }
    asked = now;
    Health health = airflow.health();
    if (health.isWorking()) {
      deadSince = Optional.empty();
      notePause();
      return;
    }
    if (deadSince.isEmpty()) {
      deadSince = Optional.of(now);
      airflow.note(
          "Airflow %s does not go on: %s. It is waited for %s s at most."
              .formatted(airflow.server(), health.parts(), airflow.waits().toSeconds()));
    } else if (!now.isBefore(deadSince.get().plus(airflow.waits()))) {
      throw new PlatformException(
          ErrorCode.SERVER,
          "Cannot go on waiting: Airflow %s works on nothing: %s. Start what is not healthy there, and ask again."
              .formatted(airflow.server(), health.parts()));
    }
  }

  private void notePause() {
    boolean isPaused = airflow.dag("wait for a run of DAG " + dag, dag).isPaused();
    if (isPaused && !paused) {
      airflow.note(
          "DAG %s is paused: what it has not begun waits until it is unpaused in Airflow."
              .formatted(dag));
    } else if (!isPaused && paused) {
      airflow.note("DAG %s is paused no more.".formatted(dag));
    }
    paused = isPaused;
  }
}
