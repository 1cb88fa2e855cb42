package io.tributary.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A Redis server of a test's own: on loopback, on a free port, with nothing on disk, so that it is
 * empty whenever it starts. Its program is the machine's {@code redis-server}.
 */
public final class RedisServer implements AutoCloseable {
  private final Path folder;
  private final List<String> command = new ArrayList<>();
  private final int port;
  private ServerProcess process;

  /**
   * Starts one.
   *
   * @param folder for its log
   * @param options further ones, as on its command line; they may name another port, 0, and one for
   *     TLS in its place
   */
  public RedisServer(Path folder, String... options) throws IOException {
    this.folder = folder;
    this.port = ServerProcess.freePort();
    command.addAll(
        List.of("redis-server", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"));
    if (List.of(options).contains("--tls-cert-file")) {
      command.addAll(List.of("--port", "0", "--tls-port", String.valueOf(port)));
    } else {
      command.addAll(List.of("--port", String.valueOf(port)));
    }
    command.addAll(List.of(options));
    start();
  }

  /** Starts it on its port, where it has ended. */
  public void start() throws IOException {
    process =
        ServerProcess.start(
            new ProcessBuilder(command),
            folder.resolve("redis-" + port + ".log"),
            Duration.ofSeconds(30),
            ServerProcess.logged("Ready to accept connections"));
  }

  public int port() {
    return port;
  }

  /** {@code redis://127.0.0.1:PORT}. */
  public String address() {
    return "redis://127.0.0.1:" + port;
  }

  /** Ends it at once. */
  public void fail() {
    process.fail();
    process.close();
  }

  @Override
  public void close() {
    process.close();
  }
}
