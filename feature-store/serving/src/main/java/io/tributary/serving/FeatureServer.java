package io.tributary.serving;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Project;
import io.tributary.online.OnlineStore;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process's HTTP server of the features that a project publishes. It needs nothing but the online
 * store and the definitions, so any number of them may stand behind a balancer. A new publication
 * is answered from within two seconds; other definitions are read by a new start.
 *
 * <p>It answers without asking who asks, so it listens to its own machine alone unless somebody
 * says otherwise.
 */
public final class FeatureServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FeatureServer.class);

  private final Server server;
  private final ServerConnector connector;
  private final Measurements measurements;
  private final Turns turns;
  private final AtomicBoolean closed = new AtomicBoolean();

  private FeatureServer(
      Server server, ServerConnector connector, Measurements measurements, Turns turns) {
    this.server = server;
    this.connector = connector;
    this.measurements = measurements;
    this.turns = turns;
  }

  /**
   * Where a server listens.
   *
   * @param host an address of this machine
   * @param port 0: any that is free
   * @param insecure whether the host may be another address than this machine's own
   */
  public record Address(String host, int port, boolean insecure) {}

  /**
   * Starts a server, which the store outlives.
   *
   * @param log gets a line for each request
   * @throws PlatformException REFUSED for an address that others reach, unless that is meant;
   *     INVALID_REQUEST for one that is taken, and for a project that publishes no view
   */
  public static FeatureServer start(
      Project project, OnlineStore store, Address address, PrintStream log) {
    requireLoopback(address);
    ServedViews views = new ServedViews(project, store);
    if (views.views().isEmpty()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot serve project %s: it publishes no view. Write one in features/, and run the project."
              .formatted(project.name()));
    }
    Measurements measurements = new Measurements(views);
    QueuedThreadPool threads = new QueuedThreadPool(16, 4);
    threads.setName("serve");
    Server server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setRequestHeaderSize(Limits.HEADER_BYTES);
    http.setSendServerVersion(false);
    http.setSendDateHeader(false);
    ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(address.host());
    connector.setPort(address.port());
    connector.setIdleTimeout(Limits.IDLE.toMillis());
    server.addConnector(connector);
    server.addBean(new NetworkConnectionLimit(Limits.CONNECTIONS, connector));
    Turns turns = new Turns();
    server.setHandler(new GracefulHandler(new Router(routes(views, measurements), turns)));
    server.setErrorHandler(new ErrorPages());
    server.setRequestLog(new AccessLog(log, measurements));
    server.setStopTimeout(Limits.DRAIN.toMillis());
    try {
      server.start();
    } catch (Exception e) {
      FeatureServer half = new FeatureServer(server, connector, measurements, turns);
      half.close();
      throw cannotStart(address, e);
    }
    return new FeatureServer(server, connector, measurements, turns);
  }

  static List<Route> routes(ServedViews views, Measurements measurements) {
    FeastFeatures feast = new FeastFeatures(views);
    FeatureRows rows = new FeatureRows(views);
    ViewList list = new ViewList(views);
    return List.of(
        Route.post("/get-online-features", feast::get),
        Route.post("/features", rows::ofEntities),
        Route.get("/views", list::all),
        Route.get("/views/{view}", list::one),
        Route.get("/views/{view}/{key…}", rows::ofKey).with("at"),
        Route.get("/health", ViewList::health).urgently(),
        Route.get("/ready", list::ready),
        Route.get("/metrics", measurements::scrape),
        Route.get("/openapi.json", OpenApi::document));
  }

  private static void requireLoopback(Address address) {
    boolean own;
    try {
      own = InetAddress.getByName(address.host()).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot serve at %s: there is no such address. Name one of this machine, as in 127.0.0.1."
              .formatted(address.host()),
          e);
    }
    if (!own && !address.insecure()) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot serve at %s: whoever reaches it could read all features. Put it behind a proxy that knows who asks, on 127.0.0.1; or say --insecure."
              .formatted(address.host()));
    }
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
    String host = connector.getHost();
    return URI.create(
        "http://%s:%s"
            .formatted(host.contains(":") ? "[" + host + "]" : host, connector.getLocalPort()));
  }

  /** Waits until it was stopped. */
  public void join() throws InterruptedException {
    server.join();
  }

  /** Takes no further request, finishes those that it began, and ends. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    try {
      server.stop();
    } catch (TimeoutException e) {
      LOG.warn(
          "Requests that took longer than {} after the server was stopped were cut", Limits.DRAIN);
    } catch (Exception e) {
      throw new PlatformException(
          ErrorCode.SERVER, "Cannot stop the server: " + e.getMessage() + ". End its process.", e);
    } finally {
      turns.close();
      measurements.close();
    }
  }
}
