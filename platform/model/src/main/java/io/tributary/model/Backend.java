package io.tributary.model;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.nd4j.linalg.factory.Nd4j;

/** The ND4J backend that computes: the CPU, or CUDA where the build was made with it. */
public final class Backend {
  private Backend() {}

  /**
   * Starts the backend.
   *
   * @throws PlatformException {@code SERVER} if it can't compute on this machine, with what to do
   */
  public static void require() {
    try {
      Nd4j.scalar(1f).addi(1f);
    } catch (RuntimeException | LinkageError e) {
      throw new PlatformException(
          ErrorCode.SERVER,
          "Cannot compute with ND4J on this machine: %s. A CUDA build needs a GPU of compute capability 3.7 to 8.9 with its driver; on any other machine use a build without -Dcuda, for the CPU."
              .formatted(rootMessage(e)),
          e);
    }
  }

  /**
   * What computes, for a model's record: the processor's name, the backend and its threads. With
   * the code they decide the last bits of a fit.
   */
  public static String device() {
    require();
    return "%s, %s, OMP_NUM_THREADS %s"
        .formatted(
            processor(),
            Nd4j.getBackend().getClass().getSimpleName(),
            System.getenv().getOrDefault("OMP_NUM_THREADS", "unset"));
  }

  private static String processor() {
    Path cpuinfo = Path.of("/proc/cpuinfo");
    if (Files.isReadable(cpuinfo)) {
      try (Stream<String> lines = Files.lines(cpuinfo)) {
        return lines
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).trim())
            .findFirst()
            .orElse(System.getProperty("os.arch"));
      } catch (IOException | UncheckedIOException e) {
        return System.getProperty("os.arch");
      }
    }
    return System.getProperty("os.arch");
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root.getClass().getSimpleName() + " " + root.getMessage();
  }
}
