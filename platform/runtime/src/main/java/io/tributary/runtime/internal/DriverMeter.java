package io.tributary.runtime.internal;

import com.sun.management.OperatingSystemMXBean;
import io.tributary.events.runs.Resources;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Measures what this process uses during a run. The use of runs that share the process at any time
 * can't be separated: their CPU time stays unknown.
 */
public final class DriverMeter implements AutoCloseable {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String PEAK = "VmHWM:";
  private static final Set<DriverMeter> RUNNING = new HashSet<>();

  private final long before = cpuNanos();
  private boolean shared;

  private DriverMeter() {}

  /** Starts measuring. */
  public static DriverMeter begin() {
    DriverMeter meter = new DriverMeter();
    synchronized (RUNNING) {
      RUNNING.add(meter);
      if (RUNNING.size() > 1) {
        RUNNING.forEach(m -> m.shared = true);
      }
    }
    return meter;
  }

  /**
   * What was used since the start.
   *
   * @param tasksInProcess CPU seconds of tasks that ran in this process, which are not the driver's
   */
  public Resources used(double tasksInProcess) {
    long now = cpuNanos();
    boolean alone;
    synchronized (RUNNING) {
      alone = !shared;
    }
    return Resources.ofDriver(
        alone && before >= 0 && now >= 0
            ? Optional.of(Math.max(0, (now - before) / 1e9 - tasksInProcess))
            : Optional.empty(),
        peakMemory());
  }

  @Override
  public void close() {
    synchronized (RUNNING) {
      RUNNING.remove(this);
    }
  }

  private static long cpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : -1;
  }

  private static Optional<Long> peakMemory() {
    try {
      return Files.readAllLines(STATUS, StandardCharsets.UTF_8).stream()
          .filter(line -> line.startsWith(PEAK))
          .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
          .findFirst();
    } catch (IOException notLinux) {
      return Optional.empty();
    }
  }
}
