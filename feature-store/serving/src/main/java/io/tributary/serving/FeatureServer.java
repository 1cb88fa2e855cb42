package io.tributary.serving;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Project;
import io.tributary.online.OnlineStore;
import io.tributary.serving.access.Access;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process's HTTP server of the features that a project publishes. It needs the definitions, the
 * online store and of the lake what says who may ask, so any number of them may stand behind a
 * balancer. A new publication is answered from within two seconds; other definitions are read by a
 * new start.
 *
 * <p>Until a token is made for the project it answers the programs of its own machine, and listens
 * to no other unless somebody says otherwise.
 */
public final class FeatureServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FeatureServer.class);

  private final Address address;
  private final Server server;
  private final ServerConnector connector;
  private final Measurements measurements;
  private final AccessLog log;
  private final List<Route> routes;
  private final Turns turns = new Turns();
  private final ServedModels models;
  private final Recordings recordings;
  private final ScheduledExecutorService watch =
      Executors.newScheduledThreadPool(
          3,
          work -> {
            Thread thread = new Thread(work, "watch");
            thread.setDaemon(true);
            return thread;
          });
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicBoolean leaves = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();

  private FeatureServer(
      ServedViews views,
      ServedModels models,
      Recordings recordings,
      Measurements measurements,
      Access access,
      Address address,
      boolean loopback,
      PrintStream out) {
    this.address = address;
    this.recordings = recordings;
    this.measurements = measurements;
    Optional<PemFiles> pem = address.tls().map(tls -> new PemFiles(tls.certificate(), tls.key()));
    log = new AccessLog(out, measurements);
    QueuedThreadPool threads = new QueuedThreadPool(16, 4);
    threads.setName("serve");
    server = new Server(threads);
    connector = connector(pem);
    server.addConnector(connector);
    server.addBean(new NetworkConnectionLimit(Limits.CONNECTIONS, connector));
    Readiness readiness =
        new Readiness(
            views,
            access,
            () ->
                Stream.concat(
                        Stream.of(
                                access.trouble(), models.trouble(), pem.flatMap(PemFiles::trouble))
                            .flatMap(Optional::stream),
                        recordings.troubles().stream())
                    .toList(),
            leaves::get);
    routes = routes(views, models, recordings, readiness, measurements);
    server.setHandler(
        new GracefulHandler(
            new Router(
                routes,
                turns,
                new Door(access, loopback && !address.withoutTokens(), address.uriHost()),
                leaves::get)));
    server.setErrorHandler(new ErrorPages());
    server.setRequestLog(log);
    server.setStopTimeout(Limits.DRAIN.toMillis());
    this.models = models;
    // Each by its own thread: a lake that hangs, or a large model, must not hold up a revocation.
    watch(
        Access.EVERY,
        () -> {
          access.refresh();
          pem.ifPresent(PemFiles::refresh);
        });
    watch(Access.EVERY, models::refresh);
    watch(Readiness.EVERY, readiness::look);
    // A store that is away must not keep the port closed.
    readiness.firstLook(watch);
  }

  private void watch(Duration every, Runnable look) {
    var unused =
        watch.scheduleWithFixedDelay(
            () -> watched(look), every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static void watched(Runnable look) {
    try {
      look.run();
    } catch (RuntimeException | Error e) {
      // Thrown on, it would be the last look.
      LOG.error("The server could not look at what has changed; it does so again", e);
    }
  }

  private ServerConnector connector(Optional<PemFiles> pem) {
    HttpConfiguration http = new HttpConfiguration();
    http.setRequestHeaderSize(Limits.HEADER_BYTES);
    http.setSendServerVersion(false);
    http.setSendDateHeader(false);
    pem.ifPresent(tls -> http.addCustomizer(new SecureRequestCustomizer(false)));
    HttpConnectionFactory plain = new HttpConnectionFactory(http);
    ServerConnector of =
        pem.map(
                tls ->
                    new ServerConnector(
                        server,
                        1,
                        1,
                        new SslConnectionFactory(tls.context(), plain.getProtocol()),
                        plain))
            .orElseGet(() -> new ServerConnector(server, 1, 1, plain));
    of.setHost(address.host());
    of.setPort(address.port());
    of.setIdleTimeout(Limits.IDLE.toMillis());
    return of;
  }

  /**
   * Where a server listens.
   *
   * @param host an address of this machine
   * @param port 0: any that is free
   * @param insecure whether others may reach it without TLS
   * @param withoutTokens whether whoever reaches it may ask until a token is made
   * @param tls empty: as it is
   */
  public record Address(
      String host, int port, boolean insecure, boolean withoutTokens, Optional<Tls> tls) {
    /** One without TLS. */
    public Address(String host, int port, boolean insecure) {
      this(host, port, insecure, false, Optional.empty());
    }

    private String uriHost() {
      return host.contains(":") ? "[" + host + "]" : host;
    }
  }

  /** PEM files: a certificate, with those that sign it, and its key. */
  public record Tls(Path certificate, Path key) {}

  /**
   * Starts a server, which the store outlives.
   *
   * @param compiler compiles views on demand, beside requests, if there are any
   * @param access says who may ask; it is read again as long as the server runs
   * @param log gets a line for each request
   * @throws PlatformException REFUSED for an address that others reach, unless tokens and TLS are
   *     there, or that is meant; INVALID_REQUEST for one that is taken, for files that are no
   *     certificate, and for a project that publishes no view
   */
  public static FeatureServer start(
      Project project,
      OnlineStore store,
      OnDemandCompiler compiler,
      Access access,
      Address address,
      PrintStream log) {
    boolean loopback = isLoopback(address.host());
    if (!loopback) {
      requireTokensAndTls(access, address);
    }
    Measurements measurements = new Measurements(access);
    Recordings recordings = new Recordings(project.serving(), access.lake(), measurements);
    OnDemandViews onDemand = new OnDemandViews(project, compiler);
    ServedViews views =
        new ServedViews(
            project, store, onDemand, new GuardedFeatures(project, access.lake()), recordings);
    measurements.publications(views);
    if (views.views().isEmpty() && onDemand.views().isEmpty()) {
      recordings.close();
      measurements.close();
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot serve project %s: it publishes no view. Write one in features/, and run the project."
              .formatted(project.name()));
    }
    FeatureServer started =
        new FeatureServer(
            views,
            new ServedModels(project, access.lake()),
            recordings,
            measurements,
            access,
            address,
            loopback,
            log);
    try {
      started.server.start();
    } catch (Exception e) {
      started.close();
      throw cannotStart(address, e);
    }
    // Now, so that others don't wait for what it costs.
    onDemand.start();
    return started;
  }

  /** What it answers. */
  List<Route> routes() {
    return routes;
  }

  private static List<Route> routes(
      ServedViews views,
      ServedModels models,
      Recordings recordings,
      Readiness readiness,
      Measurements measurements) {
    ModelInputs inputs = new ModelInputs(views, models);
    FeastFeatures feast = new FeastFeatures(views, models, inputs);
    FeatureRows rows = new FeatureRows(views, models, inputs);
    Invocations invocations = new Invocations(views, models, inputs, recordings);
    ViewList list = new ViewList(views);
    return List.of(
        Route.post("/get-online-features", feast::get),
        Route.post("/features", rows::ofEntities),
        Route.post("/models/{model}/invocations", invocations::score).needing(Permission.SCORE),
        Route.get("/views", list::all),
        Route.get(
                "/views/{view}",
                call -> call.query().isEmpty() ? list.one(call) : rows.ofRequest(call))
            .with(Route.ANY),
        Route.get("/views/{view}/{key…}", rows::ofKey).with("at"),
        Route.get("/health", Readiness::health).urgently().needing(Permission.NONE),
        Route.get("/ready", readiness::ready).urgently().needing(Permission.NONE),
        Route.get("/metrics", measurements::scrape).needing(Permission.ANY),
        Route.get("/openapi.json", OpenApi::document).needing(Permission.ANY));
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot serve at %s: there is no such address. Name one of this machine, as in 127.0.0.1."
              .formatted(host),
          e);
    }
  }

  private static void requireTokensAndTls(Access access, Address address) {
    String why;
    if (!access.isKnown() && !address.withoutTokens()) {
      why = access.trouble().orElseThrow();
    } else if (!access.isAsked() && !address.withoutTokens()) {
      why =
          "project %s has no token, so that whoever reaches it could read all features. Make one: tributary token create. Behind a proxy that knows who asks say --no-tokens."
              .formatted(access.project());
    } else if (address.tls().isEmpty() && !address.insecure()) {
      why =
          "tokens and features would go there as they are. Give --tls-cert and --tls-key. Behind a proxy that speaks TLS say --insecure.";
    } else {
      return;
    }
    throw new PlatformException(
        ErrorCode.REFUSED, "Cannot serve at %s: %s".formatted(address.host(), why));
  }

  private static PlatformException cannotStart(Address address, Exception e) {
    return new PlatformException(
        e instanceof BindException || e.getCause() instanceof BindException
            ? ErrorCode.INVALID_REQUEST
            : ErrorCode.SERVER,
        "Cannot serve at %s:%s: %s. Choose another --port, or another --host of this machine."
            .formatted(address.host(), address.port(), e.getMessage()),
        e);
  }

  /** Where it answers. */
  public URI address() {
    return URI.create(
        "%s://%s:%s"
            .formatted(
                address.tls().isPresent() ? "https" : "http",
                address.uriHost(),
                connector.getLocalPort()));
  }

  /** Waits until it was stopped. */
  public void join() throws InterruptedException {
    server.join();
  }

  /**
   * Says that it is about to end, by {@code /ready} and by ending connections that are kept,
   * answers on for a while, so that others send no more requests here, and ends.
   */
  public void leave(Duration after) {
    leaves.set(true);
    try {
      if (!ended.await(after.toMillis(), TimeUnit.MILLISECONDS)) {
        close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
    }
  }

  /** Takes no further request, finishes those that it began, and ends. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    leaves.set(true);
    try {
      server.stop();
    } catch (TimeoutException e) {
      LOG.warn(
          "Requests that took longer than {} after the server was stopped were cut", Limits.DRAIN);
    } catch (Exception e) {
      throw new PlatformException(
          ErrorCode.SERVER, "Cannot stop the server: " + e.getMessage() + ". End its process.", e);
    } finally {
      watch.shutdownNow();
      models.close();
      turns.close();
      recordings.close();
      log.close();
      measurements.close();
      ended.countDown();
    }
  }
}
