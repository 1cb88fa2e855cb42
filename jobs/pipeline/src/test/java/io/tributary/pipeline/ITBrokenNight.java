package io.tributary.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.tributary.core.Json;
import io.tributary.testing.JavaProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A night in which the drivers come in capitals, so that nothing is known of any: what a person is
 * told of it, everywhere.
 */
class ITBrokenNight {
  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  @TempDir Path folder;

  @Test
  void isToldInTheSummaryByTheWebhookByMonitorShowAndOnThePage() throws Exception {
    List<String> got = Collections.synchronizedList(new ArrayList<>());
    HttpServer hook =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    hook.createContext(
        "/",
        exchange -> {
          got.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    hook.start();
    List<String> summary;
    try {
      Path project = folder.resolve("project");
      TinyProject.writeWatched(
          project, 1, night -> driver -> night == 0 ? driver.toUpperCase(Locale.ROOT) : driver);
      TinyProject.edit(
          project.resolve("monitors/lateness.yaml"),
          text -> text.replace("breach: alert", "breach: block-promotion"));
      Files.writeString(
          project.resolve("tributary.yaml"),
          """
          notify:
            webhooks:
              ops: {url: "http://127.0.0.1:%d/hook", secret: "${ALERTS_SECRET}"}
          """
              .formatted(hook.getAddress().getPort()),
          StandardOpenOption.APPEND);
      summary = run("io.tributary.pipeline.RunMain", project.toString());
    } finally {
      hook.stop(0);
    }
    assertThat(summary)
        .contains("BREACH in 1 of 1 that were judged")
        .anyMatch(line -> line.matches("Notified ops \\(.*\\): 1 notice delivered"))
        .anyMatch(line -> line.matches(" *2024-01-25 +lateness: inputs BREACH \\[.*\\], .*"))
        .anyMatch(
            line ->
                line.matches(
                    " *2024-01-25 +lateness: driver is unlike training's intervals \\(new categories\\):"
                        + " deviation [0-9.e+]+, limit [0-9.]+"))
        .anyMatch(
            line ->
                line.contains("tributary registry unblock lateness --night 2024-01-25 --reason"));
    assertThat(summary)
        .as("no driver's name in what is logged")
        .noneMatch(l -> l.contains("\"A\""));

    JsonNode event = Json.read(got.get(0), JsonNode.class);
    assertThat(got).hasSize(1);
    assertThat(event.path("type").asText()).isEqualTo("monitor.breached");
    assertThat(event.path("text").asText())
        .startsWith("tiny: monitor lateness breaches on 2024-01-25.\n\n- ")
        .contains(
            "driver is unlike training's intervals (new categories)",
            "Model: lateness@1",
            "More: tributary monitor show lateness --night 2024-01-25");

    Path page = folder.resolve("night.html");
    List<String> shown =
        run(
            "io.tributary.monitor.MonitorShowMain",
            "show",
            "--project",
            folder.resolve("project").toString(),
            "--html",
            page.toString());
    assertThat(shown.get(0)).startsWith("lateness, 2024-01-25, lateness@1: breached: inputs");
    assertThat(shown)
        .anyMatch(line -> line.startsWith("  driver: ") && line.contains(" in new categories"))
        .anyMatch(
            line ->
                line.startsWith("  population   fine         72 rows; ")
                    && line.contains("new since training: driver \"A\" in "))
        .anyMatch(line -> line.startsWith("next: tributary "));
    Document read = Jsoup.parse(page);
    assertThat(read.select("header p").text()).contains("2024-01-25").contains("breached: inputs");
    assertThat(read.select(".answers .badge").first().text()).isEqualTo("breached");
    assertThat(read.select("figure:has(strong:matchesOwn(^driver$)) figcaption span").text())
        .startsWith("Of the rows, 100.0 % are in group “others”, and 0.0 % of training's.");
  }

  private List<String> run(String main, String... words) throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(main));
    all.addAll(List.of(words));
    all.addAll(List.of("--lake", folder.resolve("lake").toString()));
    ProcessBuilder process = JavaProcess.of(List.of("-Xmx2g"), all.toArray(String[]::new));
    process.environment().put("ALERTS_SECRET", SECRET);
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    int code = process.redirectOutput(out.toFile()).redirectError(err.toFile()).start().waitFor();
    assertThat(code).as(Files.readString(err)).isZero();
    return Files.readAllLines(out).stream().map(String::stripTrailing).toList();
  }
}
