package io.tributary.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.tributary.console.AirflowProjectFolder.Said;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of addresses, of who signs in, and of servers that are no Airflow 3. */
class TestAirflowCommands {
  private static final String SECRET = "hunter2";

  @TempDir private Path folder;
  private HttpServer server;
  private URI url;

  @BeforeEach
  void listen() throws IOException {
    // Not one of this machine's usual names, so that it passes for another one.
    server = HttpServer.create(new InetSocketAddress("127.0.0.2", 0), 0);
    server.start();
    url = URI.create("http://127.0.0.2:" + server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answers(String path, int status, String type, String body) {
    server.createContext(
        path,
        exchange -> {
          try (exchange) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("content-type", type);
            exchange.getResponseHeaders().add("location", "https://elsewhere.org/");
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
          }
        });
  }

  private Said status(String yaml, Map<String, String> environment) throws IOException {
    Said said = AirflowProjectFolder.write(folder, yaml).run(environment, "status");
    assertThat(said.out() + said.err()).doesNotContain(SECRET);
    return said;
  }

  private Map<String, String> signedIn() {
    return AirflowProjectFolder.environment(url, "admin", SECRET);
  }

  @Test
  void saysWhereAnAirflowIsNamed() throws IOException {
    Said said = status("", Map.of());

    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err())
        .isEqualToIgnoringNewLines(
            "Cannot ask Airflow about project tiny: nobody says where it is. Write \"airflow: {url: http://HOST:8080}\" in its tributary.yaml, or set TRIBUTARY_AIRFLOW_URL.");
  }

  @Test
  void readsTheAddressFromTheProjectAndFromTheEnvironmentFirst() throws IOException {
    answers("/first/api/v2/version", 200, "application/json", "{\"version\":\"4.0.1\"}");
    answers("/second/api/v2/version", 200, "application/json", "{\"version\":\"2.99.0\"}");
    String yaml = "airflow: {url: \"%s/first\"}\n".formatted(url);
    Map<String, String> environment = signedIn();
    environment.remove("TRIBUTARY_AIRFLOW_URL");

    assertThat(status(yaml, environment).err()).contains("Cannot use Airflow 4.0.1 at " + url);

    environment.put("TRIBUTARY_AIRFLOW_URL", url + "/second/");
    assertThat(status(yaml, environment).err()).contains("Cannot use Airflow 2.99.0 at " + url);
  }

  @Test
  void refusesAddressesThatAreNone() throws IOException {
    Map<String, String> environment = signedIn();
    for (Map.Entry<String, String> wrong :
        Map.of(
                "http://a:" + SECRET + "@b.org",
                "it holds a user or a password (before the @).",
                "b.org:8080",
                "it is not the address of a server.",
                "http://b.org/api/v2",
                "it names the REST interface.",
                "http://b org",
                "it is no address: Illegal character in authority.")
            .entrySet()) {
      environment.put("TRIBUTARY_AIRFLOW_URL", wrong.getKey());
      Said said = status("", environment);
      assertThat(said.code()).isEqualTo(2);
      assertThat(said.err()).startsWith("Cannot use TRIBUTARY_AIRFLOW_URL: " + wrong.getValue());
    }
    assertThat(status("airflow: {url: \"ftp://b.org\"}\n", environment).err())
        .contains("tributary.yaml:4")
        .contains("\"airflow.url\" is not the address of a server.");
  }

  @Test
  void saysWhoMustSignInAndHow() throws IOException {
    Map<String, String> environment = new HashMap<>(signedIn());
    environment.remove("TRIBUTARY_AIRFLOW_PASSWORD");
    assertThat(status("", environment).err())
        .isEqualToIgnoringNewLines(
            "Cannot sign in at Airflow: the environment has no password. Set TRIBUTARY_AIRFLOW_USER and TRIBUTARY_AIRFLOW_PASSWORD, or TRIBUTARY_AIRFLOW_TOKEN.");
    environment.remove("TRIBUTARY_AIRFLOW_USER");
    assertThat(status("", environment).err()).contains("the environment names no user.");
  }

  @Test
  void warnsWhereAPasswordGoesInTheClear() throws IOException {
    answers("/api/v2/version", 200, "application/json", "{\"version\":\"2.99.0\"}");

    assertThat(status("", signedIn()).err())
        .startsWith(
            "WARN %s is http: anybody on the way there can read who signs in. Name an https address."
                .formatted(url));
  }

  @Test
  void refusesAirflow2ByName() throws IOException {
    answers("/", 404, "text/html", "<html>Airflow 404 = lots of circles</html>");
    answers("/api/v1/version", 200, "application/json", "{\"version\":\"2.11.2\"}");

    Said said = status("", signedIn());

    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err())
        .endsWith(
            "Cannot use Airflow 2.11.2 at %s: its REST interface is another one than that of 3.x, which is needed. Name an Airflow 3; DAGs alone work on 2.11 too.%n"
                .formatted(url));
  }

  @Test
  void saysWhatIsNoAirflow() throws IOException {
    answers("/", 200, "text/html", "<html>Hello</html>");

    Said said = status("", signedIn());

    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err())
        .endsWith(
            "Cannot ask Airflow for its version: %s is not an Airflow, or something stands before it: it answered 200 with text/html. Correct the address: \"airflow\" in tributary.yaml, or TRIBUTARY_AIRFLOW_URL.%n"
                .formatted(url));
  }

  @Test
  void followsNoRedirect() throws IOException {
    answers("/", 302, "text/html", "");

    Said said = status("", signedIn());

    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err())
        .endsWith(
            "Cannot ask Airflow for its version: %s redirects with 302, and nothing is sent elsewhere than asked. Name the address that it leads to.%n"
                .formatted(url));
  }
}
