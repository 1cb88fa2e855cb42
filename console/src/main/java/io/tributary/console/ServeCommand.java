package io.tributary.console;

import io.tributary.core.Durations;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Project;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.serving.FeatureServer;
import io.tributary.serving.OnDemandCompiler;
import io.tributary.serving.access.Access;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tributary serve}. */
@Command(
    footer = {
      "",
      "It serves until it is ended (Ctrl-C, SIGTERM), and then finishes what it began. What is"
          + " published meanwhile is served within two seconds; changed definitions need a new"
          + " start. Who may ask is said by tributary token; until one is made, programs of this"
          + " machine. A line of JSON for each request goes to standard error. docs/serving.md says"
          + " what it answers; GET /openapi.json describes it for programs."
    })
public final class ServeCommand implements Runnable {
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
      description = "Listen at an address that others reach, though there is no TLS.")
  private boolean insecure;

  @Option(
      names = "--no-tokens",
      description =
          "Until a token is made, answer whoever reaches it, also at an address that others reach.")
  private boolean withoutTokens;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description =
          "Speak TLS with this certificate: PEM, with those that sign it behind it. Read again when it changes.")
  private Path certificate;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "The certificate's key: PEM, PKCS #8, without a password.")
  private Path key;

  @Option(
      names = "--lame-duck",
      paramLabel = "TIME",
      defaultValue = "2s",
      description =
          "How long it answers on after SIGTERM, while /ready says that it ends (default: ${DEFAULT-VALUE}).")
  private String lameDuck;

  private final OnDemandCompiler compiler;

  /**
   * The command of a main class.
   *
   * @param compiler of the project's views on demand
   */
  public ServeCommand(OnDemandCompiler compiler) {
    this.compiler = compiler;
  }

  @Override
  public void run() {
    if (port < 0 || port > 65_535) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot serve at port %s: ports are 0 to 65535. Choose another --port.".formatted(port));
    }
    if ((certificate == null) != (key == null)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot speak TLS: it takes a certificate and its key. Give both --tls-cert and --tls-key.");
    }
    Duration after = Durations.parse(lameDuck);
    Project project = options.project();
    Access access = Access.open(options.lake(), project.name());
    FeatureServer.Address address =
        new FeatureServer.Address(
            host,
            port,
            insecure,
            withoutTokens,
            Optional.ofNullable(certificate).map(cert -> new FeatureServer.Tls(cert, key)));
    try (OnlineStore store = OnlineStores.open(project.online());
        FeatureServer server =
            FeatureServer.start(project, store, compiler, access, address, System.err)) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> server.leave(after), "end"));
      if (options.json()) {
        options.print(Map.of("project", project.name(), "url", server.address().toString()));
      } else {
        options
            .out()
            .printf(
                "Serving the features of %s at %s, to %s%n",
                project.name(),
                server.address(),
                access.isAsked()
                    ? "whoever shows a token"
                    : !access.isKnown()
                        ? "nobody until its lake can be read"
                        : withoutTokens ? "whoever reaches it" : "programs of this machine");
      }
      options.out().flush();
      server.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
