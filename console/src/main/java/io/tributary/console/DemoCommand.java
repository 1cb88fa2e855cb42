package io.tributary.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tributary.console.airflow.Nights;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.definition.PipelineGraph;
import io.tributary.definition.Project;
import io.tributary.events.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tributary airflow demo}: the project's pipelines in a local Airflow. */
@Command(
    description = {
      "Starts a local Airflow with the project's pipelines as DAGs, and says where it answers: to look at, not for work.",
      "It needs Python 3.11 or newer; Airflow is fetched the first time. It writes to a folder of its own, and answers on this machine alone."
    })
final class DemoCommand implements Runnable {
  /** The folder of {@code bin/}, which the launcher tells. */
  private static final String HOME = "tributary.home";

  @Mixin private ProjectOptions options;

  @Option(
      names = "--stop",
      description = "End it, with all that it started; what it knew stays for the next time.")
  private boolean stop;

  /** What the script prints once Airflow is there. */
  record Server(String url, String user, String password) {}

  @Override
  public void run() {
    Project project = options.project();
    options.lake();
    Path home = folder(project);
    Path script = script();
    if (stop) {
      launch(new ProcessBuilder(script.toString(), "stop", home.toString()));
      options.print(Map.of("stopped", home.toString()));
      return;
    }
    try {
      write(project, home.resolve("dags"));
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot write the DAGs of project %s to %s: %s. Check the disk."
              .formatted(project.name(), home, e),
          e);
    }
    ProcessBuilder start =
        new ProcessBuilder(
            script.toString(), "start", home.toString(), "--dags", home.resolve("dags").toString());
    start
        .environment()
        .put(
            "AIRFLOW_CONN_TRIBUTARY",
            Json.write(
                Map.of(
                    "conn_type",
                    "generic",
                    "extra",
                    Map.of(
                        "tributary",
                        root().resolve("bin/tributary").toString(),
                        "lake",
                        options.lake()))));
    say(project, server(launch(start)));
  }

  private void say(Project project, Server server) {
    if (options.json()) {
      options.print(server);
      return;
    }
    options
        .out()
        .printf(
            """
            Airflow answers at %1$s, user %2$s, password %3$s.
            Its DAGs are paused. From here:

              export TRIBUTARY_AIRFLOW_URL=%1$s TRIBUTARY_AIRFLOW_USER=%2$s TRIBUTARY_AIRFLOW_PASSWORD=%3$s
              tributary airflow status --project %4$s
              tributary airflow trigger history --unpause --follow --project %4$s   # once: the history through every step
              tributary airflow trigger --night %5$s --unpause --project %4$s # the pipeline's own, for a night

            To end it: tributary airflow demo --project %4$s --stop
            """,
            server.url(), server.user(), server.password(), project.folder(), night(project));
    options.out().flush();
  }

  /** One that has data: the last of a pipeline that ends, else yesterday. */
  private static LocalDate night(Project project) {
    Instant end = project.pipelines().values().iterator().next().until().orElseGet(Instant::now);
    return new Nights(project.zone()).endedBy(end);
  }

  /** The pipelines as they are exported, and a DAG file for each. */
  private static void write(Project project, Path dags) throws IOException {
    Files.createDirectories(dags);
    List<Path> written = new ArrayList<>();
    for (String name : project.pipelines().keySet()) {
      Path exported = dags.resolve(name + ".json");
      Path file = dags.resolve(name + ".py");
      AtomicFiles.replace(
          exported,
          Json.write(PipelineGraph.of(project, project.pipelines().get(name)))
              .getBytes(StandardCharsets.UTF_8));
      // What a project has once comes with its first pipeline.
      AtomicFiles.replace(
          file,
          "from tributary_airflow import dags%n%nglobals().update(dags(%s, project=%s, besides=%s))%n"
              .formatted(
                  Json.write(name + ".json"),
                  Json.write(project.folder().toString()),
                  written.isEmpty() ? "True" : "False")
              .getBytes(StandardCharsets.UTF_8));
      written.addAll(List.of(exported, file));
    }
    if (written.isEmpty()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot show project %s in Airflow: it has no pipeline. Write one, as pipelines/nightly.yaml."
              .formatted(project.name()));
    }
    try (var files = Files.list(dags)) {
      for (Path old : files.filter(Files::isRegularFile).toList()) {
        if (!written.contains(old)) {
          Files.delete(old);
        }
      }
    }
  }

  /** One for each folder and lake of a project: two may have one name. */
  private Path folder(Project project) {
    return Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
        .filter(cache -> !cache.isBlank())
        .map(Path::of)
        .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache"))
        .resolve("tributary")
        .resolve("airflow")
        .resolve(
            project.name()
                + "-"
                + Digest.of(project.folder() + "\n" + options.lake()).hex().substring(0, 8));
  }

  private static Path root() {
    return Optional.ofNullable(System.getProperty(HOME))
        .map(Path::of)
        .orElseThrow(
            () ->
                new PlatformException(
                    ErrorCode.INVALID_REQUEST,
                    "Cannot start a local Airflow: where Tributary lies is not known. Start the command by bin/tributary."));
  }

  private static Path script() {
    return root().resolve("airflow-dags").resolve("local");
  }

  /** What a script prints; what it says goes to standard error as it does. */
  private static String launch(ProcessBuilder process) {
    try {
      Process started = process.redirectError(ProcessBuilder.Redirect.INHERIT).start();
      started.getOutputStream().close();
      String printed = new String(started.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = started.waitFor();
      if (code != 0) {
        throw new PlatformException(
            ErrorCode.SERVER,
            "Cannot go on with the local Airflow: %s ended with %d, and said why. Mend that and ask again."
                .formatted(process.command().get(0), code));
      }
      return printed;
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.SERVER,
          "Cannot start %s: %s. Is the installation whole?"
              .formatted(process.command().get(0), e.getMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PlatformException(
          ErrorCode.KILLED, "Cannot go on with the local Airflow: interrupted. Ask again.", e);
    }
  }

  private static Server server(String printed) {
    try {
      return Json.mapper().readValue(printed, Server.class);
    } catch (JsonProcessingException e) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot read where Airflow answers: \"%s\". Report this as a bug.".formatted(printed),
          e);
    }
  }
}
