package io.tributary.bench;

import io.tributary.core.Json;
import io.tributary.drift.DriftProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Whether monitoring alarms when it should and only then: measured through what monitors call, on
 * the example's flights and on meters that nothing was tuned on.
 */
final class Monitoring {
  private static final int SEED = 44;

  private final Path out;
  private final Effort effort;

  private Monitoring(Path out, Effort effort) {
    this.out = out;
    this.effort = effort;
  }

  /** Usage: {@code Monitoring OUT [LAKE]}; without a lake few rows of the made-up data alone. */
  public static void main(String[] arguments) throws IOException {
    Effort effort = arguments.length == 1 ? Effort.SMALL : Effort.WHOLE;
    Path out = Path.of(arguments[0]);
    Files.deleteIfExists(out);
    Monitoring monitoring = new Monitoring(out, effort);
    if (effort == Effort.WHOLE) {
      monitoring.measure(LakeHistory.read(arguments[1]));
    }
    monitoring.measure(MeterHistory.of(effort.rowsADay, SEED));
  }

  private void measure(History history) throws IOException {
    DriftProfile profile = history.profile();
    FalseAlarms alarms = new FalseAlarms(history, effort);
    write(List.of(alarms.later(profile)));
    write(alarms.folds());
    write(new FirstNight(history, profile, effort).findings());
    MovedWorld moved = new MovedWorld(history, profile, effort);
    write(moved.parts());
    write(moved.findings());
    write(new FallenArea(history, profile, effort).findings());
  }

  /** What is known is there, though others are still to be measured. */
  private void write(List<Finding> findings) throws IOException {
    Files.write(
        out,
        findings.stream().map(Json::write).toList(),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
