package io.tributary.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A server that a test has started as a process of its own: ready once it is there, ended with all
 * its children once it is closed, at the latest with the tests' process. Its output goes to a file.
 *
 * <pre>{@code
 * int port = ServerProcess.freePort();
 * try (ServerProcess redis =
 *     ServerProcess.start(
 *         new ProcessBuilder("redis-server", "--port", "" + port),
 *         folder.resolve("redis.log"),
 *         Duration.ofSeconds(30),
 *         ServerProcess.listening(port))) {
 *   …
 * }
 * }</pre>
 */
public final class ServerProcess implements AutoCloseable {
  private static final long LOOKS_EVERY_MILLIS = 50;
  private static final long STOPS_WITHIN_SECONDS = 20;

  private final Process process;
  private final Path log;
  private final Thread atExit = new Thread(this::kill, "end of a server");

  private ServerProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** Whether a server can be used; looked at again and again until it can. */
  public interface Probe {
    /**
     * @param log what the server has written so far
     * @throws IOException is a no as well
     */
    boolean isReady(String log) throws IOException;
  }

  /** That something listens on a port of loopback. */
  public static Probe listening(int port) {
    return log -> {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
        return true;
      }
    };
  }

  /** That the server has written a text. */
  public static Probe logged(String text) {
    return log -> log.contains(text);
  }

  /**
   * Starts a server and waits until it is ready.
   *
   * @throws IOException where its program is not there, it ends, or the deadline passes; with its
   *     output
   */
  public static ServerProcess start(
      ProcessBuilder command, Path log, Duration deadline, Probe ready) throws IOException {
    ServerProcess server =
        new ServerProcess(
            command.redirectErrorStream(true).redirectOutput(log.toFile()).start(), log);
    try {
      server.await(command.command().get(0), deadline, ready);
      return server;
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** A port of loopback that nothing listens on. */
  public static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private void await(String program, Duration deadline, Probe ready) throws IOException {
    long end = System.nanoTime() + deadline.toNanos();
    while (!isReady(ready)) {
      if (endsWithin(LOOKS_EVERY_MILLIS)) {
        throw notReady(program, "it ended with " + process.exitValue());
      }
      if (System.nanoTime() > end) {
        throw notReady(program, "it was not ready within " + deadline.toSeconds() + " s");
      }
    }
  }

  private boolean isReady(Probe ready) {
    try {
      return ready.isReady(Files.readString(log));
    } catch (IOException e) {
      return false;
    }
  }

  private IOException notReady(String program, String why) throws IOException {
    return new IOException(
        "Cannot start %s: %s. Its output:\n%s".formatted(program, why, Files.readString(log)));
  }

  private boolean endsWithin(long millis) {
    try {
      return process.waitFor(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  /** The processes that it has started, and those that these have. */
  public Stream<ProcessHandle> descendants() {
    return process.descendants();
  }

  /** Ends it at once, as a machine that fails does; it still has to be closed. */
  public void fail() {
    kill();
    process.onExit().join();
  }

  /** Asks it to end, and kills it and its children where it does not within seconds. */
  @Override
  public void close() {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroy();
    if (!endsWithin(TimeUnit.SECONDS.toMillis(STOPS_WITHIN_SECONDS))) {
      process.destroyForcibly();
    }
    children.forEach(ProcessHandle::destroyForcibly);
    children.forEach(child -> child.onExit().join());
    process.onExit().join();
    Runtime.getRuntime().removeShutdownHook(atExit);
  }

  private void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static IllegalStateException interrupted() {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while waiting for a server");
  }
}
