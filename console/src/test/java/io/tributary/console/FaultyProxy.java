package io.tributary.console;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A proxy between, which passes requests on and does to some of them what is told beforehand. */
final class FaultyProxy implements AutoCloseable {
  /** A request that arrived. */
  record Request(String method, String path, String query, String body) {
    @Override
    public String toString() {
      return method + " " + path + (query == null ? "" : "?" + query);
    }
  }

  /** What becomes of a request, once. */
  private record Fault(String request, Optional<Integer> status) {}

  private final URI server;
  private final int port;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
  private final Queue<Request> seen = new ConcurrentLinkedQueue<>();
  private HttpServer listening;

  FaultyProxy(URI server) throws IOException {
    this.server = server;
    listen(0);
    this.port = listening.getAddress().getPort();
  }

  private void listen(int at) throws IOException {
    listening = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), 0);
    listening.createContext("/", this::answer);
    listening.setExecutor(threads);
    listening.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** Answers the next request that contains a text by itself. */
  void answerOnce(String request, int status) {
    faults.add(new Fault(request, Optional.of(status)));
  }

  /** Passes the next request that contains a text on, and loses the answer. */
  void loseAnswerOnce(String request) {
    faults.add(new Fault(request, Optional.empty()));
  }

  /** Whether all that was told beforehand has happened. */
  boolean isDone() {
    return faults.isEmpty();
  }

  /** The requests that arrived and contain a text, {@code POST /auth/token}. */
  List<Request> seen(String request) {
    return seen.stream().filter(s -> s.toString().contains(request)).toList();
  }

  /** Is there no more, as a server that is restarted. */
  void goAway() {
    listening.stop(0);
  }

  void comeBack() throws IOException {
    listen(port);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      Request arrived =
          new Request(
              exchange.getRequestMethod(),
              exchange.getRequestURI().getRawPath(),
              exchange.getRequestURI().getRawQuery(),
              new String(body, StandardCharsets.UTF_8));
      String request = arrived.toString();
      seen.add(arrived);
      Optional<Fault> fault =
          faults.stream().filter(f -> request.contains(f.request())).findFirst();
      fault.ifPresent(faults::remove);
      if (fault.isPresent() && fault.get().status().isPresent()) {
        byte[] page = "<html>Bad Gateway</html>".getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("content-type", "text/html");
        exchange.sendResponseHeaders(fault.get().status().get(), page.length);
        exchange.getResponseBody().write(page);
        return;
      }
      HttpResponse<byte[]> answered = passedOn(exchange, body);
      if (fault.isPresent()) {
        return;
      }
      answered
          .headers()
          .firstValue("content-type")
          .ifPresent(type -> exchange.getResponseHeaders().add("content-type", type));
      exchange.sendResponseHeaders(answered.statusCode(), answered.body().length);
      exchange.getResponseBody().write(answered.body());
    }
  }

  private HttpResponse<byte[]> passedOn(HttpExchange exchange, byte[] body) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.toString() + exchange.getRequestURI()))
            .method(
                exchange.getRequestMethod(),
                body.length == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body));
    for (String header : List.of("authorization", "content-type", "accept")) {
      exchange
          .getRequestHeaders()
          .getOrDefault(header, List.of())
          .forEach(value -> request.header(header, value));
    }
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Override
  public void close() {
    listening.stop(0);
    threads.shutdownNow();
  }
}
