package io.tributary.notify;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A receiver on this machine that does what a webhook must: an id that it has seen is a repetition.
 */
final class HookServer implements AutoCloseable {
  /** What it does with a request, which it has understood by then. */
  interface Answer {
    void to(HttpExchange exchange, int request) throws IOException;
  }

  /** A request as it arrived. */
  record Got(String id, String timestamp, String signature, String contentType, String body) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  final List<Got> got = Collections.synchronizedList(new ArrayList<>());
  final Set<String> inEffect = Collections.synchronizedSet(new LinkedHashSet<>());

  HookServer(int port, Answer answer) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          String id = header(exchange, "webhook-id");
          got.add(
              new Got(
                  id,
                  header(exchange, "webhook-timestamp"),
                  header(exchange, "webhook-signature"),
                  header(exchange, "content-type"),
                  body));
          inEffect.add(id);
          answer.to(exchange, got.size());
        });
    server.start();
  }

  private static String header(HttpExchange exchange, String name) {
    return String.valueOf(exchange.getRequestHeaders().getFirst(name));
  }

  static Answer status(int code) {
    return (exchange, request) -> answer(exchange, code);
  }

  static void answer(HttpExchange exchange, int code) throws IOException {
    exchange.sendResponseHeaders(code, -1);
    exchange.close();
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
