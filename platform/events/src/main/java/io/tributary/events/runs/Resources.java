package io.tributary.events.runs;

/**
 * What a run used of the engine, as the engine's own tasks count it. Rows and bytes include what
 * the engine reads and writes for itself, such as a table's log; what a run produced stands in its
 * facts.
 *
 * @param executorCpuSeconds CPU time of the tasks' own threads
 */
public record Resources(
    long rowsRead, long rowsWritten, long bytesRead, long bytesWritten, double executorCpuSeconds) {
  /** Nothing used: the engine was never started. */
  public static final Resources NONE = new Resources(0, 0, 0, 0, 0);

  public Resources plus(Resources other) {
    return new Resources(
        rowsRead + other.rowsRead,
        rowsWritten + other.rowsWritten,
        bytesRead + other.bytesRead,
        bytesWritten + other.bytesWritten,
        executorCpuSeconds + other.executorCpuSeconds);
  }
}
