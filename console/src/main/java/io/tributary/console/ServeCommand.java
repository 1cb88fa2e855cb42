package io.tributary.console;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Project;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.serving.FeatureServer;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tributary serve}. */
@Command(
    footer = {
      "",
      "It serves until it is ended (Ctrl-C, SIGTERM), and then finishes what it began. What is"
          + " published meanwhile is served within two seconds; changed definitions need a new"
          + " start. A line of JSON for each request goes to standard error. docs/serving.md says"
          + " what it answers; GET /openapi.json describes it for programs."
    })
final class ServeCommand implements Runnable {
  @Mixin private ProjectOptions options;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "The address of this machine to listen at (default: ${DEFAULT-VALUE}).")
  private String host;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "6566",
      description = "The port to listen at; 0: any that is free (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--insecure",
      description =
          "Listen at an address that others reach, though whoever asks is answered, unencrypted.")
  private boolean insecure;

  private ServeCommand() {}

  @Override
  public void run() {
    if (port < 0 || port > 65_535) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot serve at port %s: ports are 0 to 65535. Choose another --port.".formatted(port));
    }
    Project project = options.project();
    try (OnlineStore store = OnlineStores.open(project.online());
        FeatureServer server =
            FeatureServer.start(
                project, store, new FeatureServer.Address(host, port, insecure), System.err)) {
      Thread ended = new Thread(server::close, "end");
      Runtime.getRuntime().addShutdownHook(ended);
      if (options.json()) {
        options.print(Map.of("project", project.name(), "url", server.address().toString()));
      } else {
        options
            .out()
            .printf("Serving the features of %s at %s%n", project.name(), server.address());
      }
      options.out().flush();
      server.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
