package io.tributary.console.doctor;

import io.tributary.core.ErrorGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Checks the Java and the memory that jobs get. */
final class Machine {
  private static final int JAVA = 17;
  private static final long LEAST_MEMORY = 2L << 30;
  private static final Path MEMORY = Path.of("/proc/meminfo");

  private Machine() {}

  static List<Finding> examine() {
    List<Finding> findings = new ArrayList<>();
    findings.add(java(Runtime.version().feature(), System.getProperty("java.version")));
    memory().ifPresent(bytes -> findings.add(memory(bytes)));
    return findings;
  }

  static Finding java(int feature, String version) {
    return feature == JAVA
        ? Finding.ok("java", version + " in " + System.getProperty("java.home"))
        : Finding.wrong(
            "java",
            ErrorGroup.USER,
            "Cannot run jobs on Java "
                + version
                + ": Spark 3.5 needs 17. Install a JDK 17 and set JAVA_HOME to it.");
  }

  static Finding memory(long available) {
    String said =
        gibibytes(available)
            + " available, "
            + Runtime.getRuntime().availableProcessors()
            + " cores";
    return available >= LEAST_MEMORY
        ? Finding.ok("memory", said)
        : Finding.wrong(
            "memory",
            ErrorGroup.EXTERNAL,
            "Cannot run jobs well with "
                + said
                + ": they need 2 GiB. End other programs, or use a larger machine.");
  }

  private static Optional<Long> memory() {
    try {
      return Files.readAllLines(MEMORY).stream()
          .filter(l -> l.startsWith("MemAvailable:"))
          .map(l -> Long.parseLong(l.replaceAll("\\D", "")) * 1024)
          .findFirst();
    } catch (IOException notLinux) {
      return Optional.empty();
    }
  }

  static String gibibytes(long bytes) {
    return bytes < 1L << 30
        ? String.format(Locale.ROOT, "%d MiB", bytes >> 20)
        : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
  }
}
