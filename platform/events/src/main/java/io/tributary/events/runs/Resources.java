package io.tributary.events.runs;

import java.util.Optional;
import java.util.function.BinaryOperator;

/**
 * The resources that a run used; one that could not be measured, or does not apply, is empty. Rows
 * and bytes include what the engine reads and writes for itself, such as a table's log; what a run
 * produced is in its facts.
 *
 * @param driverCpuSeconds CPU time of the run's process apart from the engine's tasks: planning,
 *     reading of logs, compilation, garbage collection; empty while other runs shared the process
 * @param executorCpuSeconds CPU time of the engine's tasks' own threads
 * @param nativeTrainingSeconds wall-clock time of fitting a model in the native library
 * @param peakMemoryBytes the peak resident memory of the process up to the run's end, also from
 *     before the run; empty if the operating system does not report it
 * @param rowsRead by the engine's tasks
 * @param rowsWritten by the engine's tasks
 * @param bytesRead by the engine's tasks, from storage
 * @param bytesWritten by the engine's tasks, to storage
 * @param shuffleBytesRead by the engine's tasks, from one another
 * @param shuffleBytesWritten by the engine's tasks, for one another
 * @param onlineFiles files that were added to the online store
 * @param onlineBytes the size of these files
 * @param runner what computed the rows, where two could: {@code local}, this process without Spark,
 *     or {@code spark}
 */
public record Resources(
    Optional<Double> driverCpuSeconds,
    Optional<Double> executorCpuSeconds,
    Optional<Double> nativeTrainingSeconds,
    Optional<Long> peakMemoryBytes,
    Optional<Long> rowsRead,
    Optional<Long> rowsWritten,
    Optional<Long> bytesRead,
    Optional<Long> bytesWritten,
    Optional<Long> shuffleBytesRead,
    Optional<Long> shuffleBytesWritten,
    Optional<Long> onlineFiles,
    Optional<Long> onlineBytes,
    Optional<String> runner) {
  /** Nothing measured. */
  public static final Resources NONE = new Parts().all();

  /** What is measured of them, the rest being empty. */
  private static final class Parts {
    Optional<Double> driverCpuSeconds = Optional.empty();
    Optional<Double> executorCpuSeconds = Optional.empty();
    Optional<Double> nativeTrainingSeconds = Optional.empty();
    Optional<Long> peakMemoryBytes = Optional.empty();
    Optional<Long> rowsRead = Optional.empty();
    Optional<Long> rowsWritten = Optional.empty();
    Optional<Long> bytesRead = Optional.empty();
    Optional<Long> bytesWritten = Optional.empty();
    Optional<Long> shuffleBytesRead = Optional.empty();
    Optional<Long> shuffleBytesWritten = Optional.empty();
    Optional<Long> onlineFiles = Optional.empty();
    Optional<Long> onlineBytes = Optional.empty();
    Optional<String> runner = Optional.empty();

    Resources all() {
      return new Resources(
          driverCpuSeconds,
          executorCpuSeconds,
          nativeTrainingSeconds,
          peakMemoryBytes,
          rowsRead,
          rowsWritten,
          bytesRead,
          bytesWritten,
          shuffleBytesRead,
          shuffleBytesWritten,
          onlineFiles,
          onlineBytes,
          runner);
    }
  }

  /** What the engine's tasks used. */
  public static Resources ofTasks(
      double cpuSeconds,
      long rowsRead,
      long rowsWritten,
      long bytesRead,
      long bytesWritten,
      long shuffleBytesRead,
      long shuffleBytesWritten) {
    Parts parts = new Parts();
    parts.executorCpuSeconds = Optional.of(cpuSeconds);
    parts.rowsRead = Optional.of(rowsRead);
    parts.rowsWritten = Optional.of(rowsWritten);
    parts.bytesRead = Optional.of(bytesRead);
    parts.bytesWritten = Optional.of(bytesWritten);
    parts.shuffleBytesRead = Optional.of(shuffleBytesRead);
    parts.shuffleBytesWritten = Optional.of(shuffleBytesWritten);
    return parts.all();
  }

  /** What the process used. */
  public static Resources ofDriver(Optional<Double> cpuSeconds, Optional<Long> peakMemoryBytes) {
    Parts parts = new Parts();
    parts.driverCpuSeconds = cpuSeconds;
    parts.peakMemoryBytes = peakMemoryBytes;
    return parts.all();
  }

  /** The time that fitting a model took. */
  public static Resources ofTraining(double seconds) {
    Parts parts = new Parts();
    parts.nativeTrainingSeconds = Optional.of(seconds);
    return parts.all();
  }

  /** Files that were added to the online store. */
  public static Resources ofOnline(long files, long bytes) {
    Parts parts = new Parts();
    parts.onlineFiles = Optional.of(files);
    parts.onlineBytes = Optional.of(bytes);
    return parts.all();
  }

  /** What computed the rows. */
  public static Resources ofRunner(String runner) {
    Parts parts = new Parts();
    parts.runner = Optional.of(runner);
    return parts.all();
  }

  /** CPU time of driver and tasks, as far as measured; empty if neither was. */
  public Optional<Double> cpuSeconds() {
    return merged(driverCpuSeconds, executorCpuSeconds, Double::sum);
  }

  /** The sum of both; of memory the maximum, of runners both. */
  public Resources plus(Resources other) {
    return new Resources(
        merged(driverCpuSeconds, other.driverCpuSeconds, Double::sum),
        merged(executorCpuSeconds, other.executorCpuSeconds, Double::sum),
        merged(nativeTrainingSeconds, other.nativeTrainingSeconds, Double::sum),
        merged(peakMemoryBytes, other.peakMemoryBytes, Math::max),
        merged(rowsRead, other.rowsRead, Long::sum),
        merged(rowsWritten, other.rowsWritten, Long::sum),
        merged(bytesRead, other.bytesRead, Long::sum),
        merged(bytesWritten, other.bytesWritten, Long::sum),
        merged(shuffleBytesRead, other.shuffleBytesRead, Long::sum),
        merged(shuffleBytesWritten, other.shuffleBytesWritten, Long::sum),
        merged(onlineFiles, other.onlineFiles, Long::sum),
        merged(onlineBytes, other.onlineBytes, Long::sum),
        merged(runner, other.runner, (a, b) -> a.equals(b) ? a : a + "+" + b));
  }

  private static <T> Optional<T> merged(Optional<T> a, Optional<T> b, BinaryOperator<T> both) {
    return a.isPresent() && b.isPresent()
        ? Optional.of(both.apply(a.get(), b.get()))
        : a.or(() -> b);
  }
}
