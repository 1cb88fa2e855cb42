package io.tributary.lake;

import java.util.Locale;

/**
 * How far a run's tasks have come.
 *
 * @param known how many tasks are known so far; later stages add theirs
 */
public record TasksDone(int done, int known, long rowsRead, long rowsWritten) {
  public static final TasksDone NONE = new TasksDone(0, 0, 0, 0);

  /** Tasks that must have ended before the remaining time is estimated. */
  private static final int MIN_DONE = 4;

  public TasksDone plus(TasksDone more) {
    return new TasksDone(
        done + more.done,
        known + more.known,
        rowsRead + more.rowsRead,
        rowsWritten + more.rowsWritten);
  }

  /**
   * A line of progress after {@code seconds}: rows, their rate, tasks, and an estimate for the
   * known ones.
   */
  public String after(long seconds) {
    StringBuilder text = new StringBuilder(seconds + " s");
    rows(text, rowsRead, "read", seconds);
    rows(text, rowsWritten, "written", seconds);
    if (known > 0) {
      text.append(", ").append(done).append(" of ").append(known).append(" tasks");
      if (done >= MIN_DONE && done < known) {
        long left = Math.round((double) seconds * (known - done) / done);
        text.append(", about ").append(left).append(" s for the others at hand");
      }
    }
    return text.toString();
  }

  private static void rows(StringBuilder text, long rows, String verb, long seconds) {
    if (rows > 0) {
      text.append(String.format(Locale.ROOT, ", %,d rows %s", rows, verb));
      if (seconds > 0) {
        text.append(String.format(Locale.ROOT, " (%,d/s)", rows / seconds));
      }
    }
  }
}
