package io.tributary.events.runs;

import io.tributary.core.ErrorCode;
import io.tributary.core.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Records the runs of a lake whose processes ended before they could. */
public final class DeadRuns {
  private DeadRuns() {}

  /**
   * Records each of them once: as complete if its commit point exists, else as killed; and deletes
   * what they left beside their locks.
   *
   * @param locks the locks of the lake; empty for one that is not on a local disk, which has none
   * @return what was recorded
   */
  public static List<RunRecord> record(RunLog log, Optional<JobLocks> locks) {
    if (locks.isEmpty()) {
      return log.repair(facts -> false);
    }
    List<JobLocks.Holder> dead = locks.get().abandoned();
    if (dead.isEmpty()) {
      return List.of();
    }
    List<RunRecord> recorded =
        new ArrayList<>(log.repair(facts -> locks.get().isHeld(facts.run())));
    for (JobLocks.Holder holder : dead) {
      if (log.find(holder.run()).isEmpty()) {
        RunRecord killed = killed(holder);
        log.append(List.of(killed));
        recorded.add(killed);
      }
      locks.get().forget(holder);
    }
    return recorded;
  }

  private static RunRecord killed(JobLocks.Holder holder) {
    return new RunRecord(
        holder.run(),
        holder.key(),
        holder.attempt(),
        Outcome.FAILED,
        Optional.empty(),
        Optional.of(RunError.of(ErrorCode.KILLED)),
        "Cannot determine how run %s of %s ended: its process %d on %s was stopped. Run it again."
            .formatted(holder.run(), holder.key(), holder.process(), holder.environment().host()),
        holder.started(),
        0,
        List.of(),
        List.of(),
        Optional.empty(),
        Map.of(),
        List.of(),
        List.of(),
        Map.of(),
        Optional.empty(),
        holder.environment());
  }
}
