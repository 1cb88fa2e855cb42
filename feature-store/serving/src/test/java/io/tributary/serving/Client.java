package io.tributary.serving;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Asks a server. */
final class Client {
  private final HttpClient http;
  private final URI server;
  private final Optional<String> token;

  Client(URI server) {
    this(server, HttpClient.newHttpClient(), Optional.empty());
  }

  /** One that shows a token. */
  Client(URI server, String token) {
    this(server, HttpClient.newHttpClient(), Optional.of(token));
  }

  Client(URI server, HttpClient http, Optional<String> token) {
    this.server = server;
    this.http = http;
    this.token = token;
  }

  /**
   * An answer: its status, its type, what it asks of whoever asks, where else, and what it says.
   */
  record Said(int status, String type, String challenge, String link, String text) {
    String detail() {
      return json().get("detail").textValue();
    }

    JsonNode json() {
      try {
        return Json.mapper().readTree(text);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  Said get(String path) {
    return send(HttpRequest.newBuilder(server.resolve(path)));
  }

  Said post(String path, String body) {
    return send(
        HttpRequest.newBuilder(server.resolve(path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  Said send(HttpRequest.Builder request) {
    token.ifPresent(text -> request.header("Authorization", "Bearer " + text));
    try {
      HttpResponse<String> answer =
          http.send(
              request.timeout(Duration.ofSeconds(30)).build(),
              HttpResponse.BodyHandlers.ofString());
      return new Said(
          answer.statusCode(),
          answer.headers().firstValue("Content-Type").orElse(""),
          answer.headers().firstValue("WWW-Authenticate").orElse(""),
          answer.headers().firstValue("Link").orElse(""),
          answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  HttpClient http() {
    return http;
  }

  URI uri(String path) {
    return server.resolve(path);
  }

  Socket connect() throws IOException {
    Socket socket = new Socket(server.getHost(), server.getPort());
    socket.setSoTimeout(30_000);
    return socket;
  }

  /**
   * Bytes as they are, but for the name of the host; all that is said until the connection ends.
   */
  String raw(String request) throws IOException {
    try (Socket socket = connect()) {
      socket
          .getOutputStream()
          .write(
              request
                  .replace("Host: x\r\n", "Host: %s\r\n".formatted(server.getAuthority()))
                  .getBytes(StandardCharsets.ISO_8859_1));
      socket.shutdownOutput();
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Holds soon. */
  static void eventually(Runnable holds) throws InterruptedException {
    for (int tries = 0; ; tries++) {
      try {
        holds.run();
        return;
      } catch (AssertionError e) {
        if (tries == 100) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
  }
}
