package io.tributary.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestServerProcess {
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir Path folder;

  private Path log() {
    return folder.resolve("log");
  }

  private static ProcessBuilder shell(String script) {
    return new ProcessBuilder("bash", "-c", script);
  }

  @Test
  void closesItWithItsChildrenAlsoWhereItDoesNotEndThem() throws IOException {
    List<Long> ids;
    try (ServerProcess server =
        ServerProcess.start(
            shell("sleep 300 & echo $! $$; wait"), log(), SOON, log -> log.contains("\n"))) {
      ids =
          List.of(Files.readString(log()).strip().split(" ", -1)).stream()
              .map(Long::parseLong)
              .toList();
      assertThat(server.descendants().map(ProcessHandle::pid)).containsExactly(ids.get(0));
      assertThat(ids).hasSize(2).allMatch(TestServerProcess::isAlive);
    }
    assertThat(ids).noneMatch(TestServerProcess::isAlive);
  }

  private static boolean isAlive(long id) {
    Optional<ProcessHandle> process = ProcessHandle.of(id);
    return process.isPresent() && process.get().isAlive();
  }

  @Test
  void waitsUntilItListens() throws IOException {
    int port = ServerProcess.freePort();
    try (ServerProcess server =
        ServerProcess.start(
            JavaProcess.of(List.of(), Listening.class.getName(), "" + port),
            log(),
            SOON,
            ServerProcess.listening(port))) {
      assertThat(server.descendants()).isEmpty();
      assertThat(log()).content().contains("listens");
    }
  }

  /** A server. */
  static final class Listening {
    private Listening() {}

    public static void main(String[] args) throws Exception {
      try (var socket =
          new java.net.ServerSocket(
              Integer.parseInt(args[0]), 1, java.net.InetAddress.getLoopbackAddress())) {
        System.out.println("listens");
        while (true) {
          socket.accept().close();
        }
      }
    }
  }

  @Test
  void saysWhyItIsNotThere() {
    assertThatThrownBy(
            () ->
                ServerProcess.start(new ProcessBuilder("no-such-server"), log(), SOON, log -> true))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Cannot run program \"no-such-server\"");
    assertThatThrownBy(
            () ->
                ServerProcess.start(
                    shell("echo port in use; exit 3"), log(), SOON, ServerProcess.logged("ready")))
        .isInstanceOf(IOException.class)
        .hasMessage("Cannot start bash: it ended with 3. Its output:\nport in use\n");
    assertThatThrownBy(
            () ->
                ServerProcess.start(
                    shell("echo not yet; sleep 300"),
                    log(),
                    Duration.ofSeconds(1),
                    ServerProcess.logged("ready")))
        .isInstanceOf(IOException.class)
        .hasMessage("Cannot start bash: it was not ready within 1 s. Its output:\nnot yet\n");
  }

  @Test
  void racersStartTogetherAndTheSlowerIsKilled() throws Exception {
    assertThat(
            JavaProcess.race(
                List.of(
                    shell("echo ready; read; echo a; echo b"),
                    shell("echo ready; read; echo a; exec sleep 300")),
                List.of(Integer.MAX_VALUE, 1)))
        .containsExactly(List.of("a", "b"), List.of("a"));
    assertThatThrownBy(
            () ->
                JavaProcess.race(
                    List.of(shell("echo ready; read; exit 4")), List.of(Integer.MAX_VALUE)))
        .hasMessageContaining("a process ended with 4");
  }
}
