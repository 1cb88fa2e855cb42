package io.tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.logging.log4j.Logger;
import org.apache.logging.log4j.ThreadContext;
import org.apache.logging.log4j.core.LoggerContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What {@code log4j2.properties} makes of events. */
class TestLogLines {
  private static final String RUN = "20240301T030000-ab12";

  @AfterEach
  void forgetFormat() {
    System.clearProperty("tributary.log.format");
    System.clearProperty("tributary.log.events");
  }

  @Test
  void anEventIsAReadableLineWithItsRun() throws Exception {
    List<String> lines = lines();
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0))
        .matches("\\d\\d:\\d\\d:\\d\\d WARN " + RUN + " JobRunner: said \"it\" … ?");
    assertThat(lines.get(1)).contains(" ERROR " + RUN + " JobRunner: failed").contains("why");
  }

  @Test
  void anEventIsALineOfJsonOnRequest() throws Exception {
    System.setProperty("tributary.log.format", "json");
    System.setProperty("tributary.log.events", "info");
    List<JsonNode> events = lines().stream().map(l -> Json.read(l, JsonNode.class)).toList();
    assertThat(events).hasSize(3);
    assertThat(events).extracting(e -> e.get("run").asText()).containsOnly(RUN);
    assertThat(events)
        .extracting(e -> e.get("message").asText())
        .containsExactly("begun", "said \"it\"\nin two lines", "failed");
    assertThat(events)
        .extracting(e -> e.get("level").asText())
        .containsExactly("INFO", "WARN", "ERROR");
    assertThat(events.get(0).get("at").asText()).matches("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z");
    assertThat(events.get(0).get("thrown").asText()).isEmpty();
    assertThat(events.get(2).get("thrown").asText())
        .contains("IllegalStateException: why", "TestLogLines");
  }

  private static List<String> lines() throws Exception {
    PrintStream before = System.err;
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    URI file = TestLogLines.class.getResource("/log4j2.properties").toURI();
    try (PrintStream err = new PrintStream(written, true, StandardCharsets.UTF_8)) {
      System.setErr(err);
      ThreadContext.put("run", RUN);
      try (LoggerContext context = new LoggerContext("test", null, file)) {
        context.start();
        context.getLogger("io.tributary.lake.JobMain").info("begun");
        Logger logger = context.getLogger("io.tributary.lake.JobRunner");
        logger.warn("said \"it\"\nin two lines");
        logger.error("failed", new IllegalStateException("why"));
      }
    } finally {
      ThreadContext.remove("run");
      System.setErr(before);
    }
    return written.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
