package io.tributary.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A real Airflow of a test's own: on loopback, in a folder that goes with it, reading DAGs from a
 * folder of the test's. {@code airflow-dags/local} starts it, and Airflow itself is put into {@code
 * target/python} the first time.
 */
public final class AirflowServer implements AutoCloseable {
  private static final Path LOCAL = Folders.repository().resolve("airflow-dags/local");

  private final Path home;
  private final Path dags;
  private final Map<String, String> settings;
  private final int port;
  private final Thread atExit = new Thread(this::stopQuietly, "end of an Airflow");
  private String password;

  private AirflowServer(Path home, Path dags, Map<String, String> settings, int port) {
    this.home = home;
    this.dags = dags;
    this.settings = Map.copyOf(settings);
    this.port = port;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Starts one and waits until it is healthy.
   *
   * @param dags its folder of DAGs
   * @param settings Airflow's own, by the names of their environment variables
   */
  public static AirflowServer start(Path dags, Map<String, String> settings) throws IOException {
    AirflowServer server =
        new AirflowServer(
            Files.createTempDirectory("tributary-airflow-"),
            dags,
            settings,
            ServerProcess.freePort());
    try {
      server.resume();
      return server;
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** Starts it again, where it was, after {@link #stop}. */
  public void resume() throws IOException {
    String said = run("start", home.toString(), "--port", "" + port, "--dags", dags.toString());
    password = field(said, "password");
  }

  /** Ends its processes; what it knows stays. */
  public void stop() throws IOException {
    run("stop", home.toString());
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + port);
  }

  public String user() {
    return "admin";
  }

  public String password() {
    return password;
  }

  private String run(String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of(LOCAL.toString()));
    command.addAll(List.of(words));
    Path log = home.resolve("local.log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(settings);
    Process process = builder.start();
    try {
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      if (code != 0) {
        throw new IOException(
            "%s ended with %d: %s".formatted(command, code, Files.readString(log)));
      }
      return said;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + command, e);
    }
  }

  private static String field(String json, String name) {
    Matcher found = Pattern.compile("\"" + name + "\": ?\"([^\"]*)\"").matcher(json);
    if (!found.find()) {
      throw new IllegalStateException("no " + name + " in " + json);
    }
    return found.group(1);
  }

  private void stopQuietly() {
    try {
      stop();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    stop();
    Runtime.getRuntime().removeShutdownHook(atExit);
    Folders.delete(home);
  }
}
