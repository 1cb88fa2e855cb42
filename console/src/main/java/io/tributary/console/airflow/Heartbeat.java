package io.tributary.console.airflow;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether an Airflow goes on with what is waited for: its API answers while its scheduler is dead,
 * and then nothing ever ends. Asked now and then.
 */
public final class Heartbeat {
  private static final Duration BETWEEN = Duration.ofSeconds(30);

  private final Airflow airflow;
  private final Clock clock;
  private Instant asked;
  private Optional<Instant> deadSince = Optional.empty();

  public Heartbeat(Airflow airflow) {
    this(airflow, Clock.systemUTC());
  }

  Heartbeat(Airflow airflow, Clock clock) {
    this.airflow = airflow;
    this.clock = clock;
    this.asked = clock.instant();
  }

  /**
   * Asks, where that is due; says once that its processes don't work.
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
}
