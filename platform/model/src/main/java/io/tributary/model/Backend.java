package io.tributary.model;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.util.Map;
import java.util.TreeMap;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.factory.Nd4jBackend;

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
          "Cannot compute with ND4J on this machine: "
              + rootMessage(e)
              + ". A CUDA build needs a GPU of compute capability 3.7 to 8.9 with its driver; on any other machine use a build without -Dcuda, for the CPU.",
          e);
    }
  }

  /** What decides the last bits of its results beside the code and the CPU: backend and threads. */
  public static Map<String, String> facts() {
    require();
    Nd4jBackend backend = Nd4j.getBackend();
    Map<String, String> facts = new TreeMap<>();
    facts.put("nd4j-backend", backend.getClass().getSimpleName());
    facts.put("omp-threads", System.getenv().getOrDefault("OMP_NUM_THREADS", "unset"));
    return facts;
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root.getClass().getSimpleName() + " " + root.getMessage();
  }
}
