package io.tributary.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.Layout;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.message.SimpleMessage;
import org.apache.logging.log4j.util.SortedArrayStringMap;
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
    List<String> lines = lines(false);
    assertThat(lines.get(1))
        .matches("\\d\\d:\\d\\d:\\d\\d WARN " + RUN + " JobRunner: said \"it\" \u2026 ?\n");
    assertThat(lines.get(2)).endsWith(" ERROR " + RUN + " JobRunner: failed why \u2026\n");
  }

  @Test
  void anEventIsALineOfJsonOnRequest() throws Exception {
    System.setProperty("tributary.log.format", "json");
    System.setProperty("tributary.log.events", "info");
    List<String> lines = lines(true);
    assertThat(lines).allSatisfy(l -> assertThat(l).hasLineCount(1));
    List<JsonNode> events = lines.stream().map(l -> Json.read(l, JsonNode.class)).toList();
    assertThat(events).extracting(e -> e.get("run").asText()).containsOnly(RUN);
    assertThat(events)
        .extracting(e -> e.get("message").asText())
        .containsExactly("begun", "said \"it\"\nin two lines", "failed");
    assertThat(events)
        .extracting(e -> e.get("level").asText())
        .containsExactly("INFO", "WARN", "ERROR");
    assertThat(events.get(0).get("at").asText()).isEqualTo("2024-03-01T03:00:00.000Z");
    assertThat(events.get(0).get("thrown").asText()).isEmpty();
    assertThat(events.get(2).get("thrown").asText())
        .contains("IllegalStateException: why", "TestLogLines");
  }

  /** What fails a task fails the run, which says it in one line. */
  @Test
  void whatAnExecutorFindsIsNotSaidASecondTimeWithAStackTrace() throws Exception {
    URI file = TestLogLines.class.getResource("/log4j2.properties").toURI();
    try (LoggerContext context = new LoggerContext("test", null, file)) {
      context.start();
      Map<String, String> known =
          Map.of(
              "org.apache.spark.executor.Executor", "Exception in task 0.0 in stage 1.0 (TID 1)",
              "org.apache.spark.scheduler.TaskSetManager", "Lost task 0.0 in stage 1.0: a\n\tat b",
              "org.apache.spark.sql.execution.datasources.FileFormatWriter", "Aborting job 1a-2b.",
              "org.apache.spark.sql.delta.files.DeltaFileFormatWriter", "Aborting job 1a-2b.",
              "org.apache.spark.util.Utils", "Aborting task");
      known.forEach(
          (logger, message) -> {
            assertThat(denied(context, logger, message)).as(logger).isTrue();
            assertThat(denied(context, logger, "Something else")).as(logger).isFalse();
          });
    }
  }

  private static boolean denied(LoggerContext context, String logger, String message) {
    LoggerConfig config = context.getConfiguration().getLoggerConfig(logger);
    assertThat(config.getName()).isEqualTo(logger);
    return config.isFiltered(
        Log4jLogEvent.newBuilder()
            .setLoggerName(logger)
            .setLevel(Level.ERROR)
            .setMessage(new SimpleMessage(message))
            .build());
  }

  /**
   * The lines of three events, as the appender of the configuration lays them out: where they go is
   * the whole process's, and not this test's to change.
   */
  private static List<String> lines(boolean begun) throws Exception {
    URI file = TestLogLines.class.getResource("/log4j2.properties").toURI();
    try (LoggerContext context = new LoggerContext("test", null, file)) {
      context.start();
      assertThat(context.getLogger("io.tributary.runtime.JobMain").isInfoEnabled())
          .isEqualTo(begun);
      assertThat(context.getLogger("io.tributary.runtime.JobRunner").isInfoEnabled()).isFalse();
      Layout<?> layout =
          context
              .getConfiguration()
              .getRootLogger()
              .getAppenders()
              .values()
              .iterator()
              .next()
              .getLayout();
      return List.of(
          line(layout, "JobMain", Level.INFO, "begun", null),
          line(layout, "JobRunner", Level.WARN, "said \"it\"\nin two lines", null),
          line(
              layout,
              "JobRunner",
              Level.ERROR,
              "failed",
              new IllegalStateException("why\n\tat a.b.C\n")));
    }
  }

  private static String line(
      Layout<?> layout, String name, Level level, String message, Throwable thrown) {
    return layout
        .toSerializable(
            Log4jLogEvent.newBuilder()
                .setLoggerName("io.tributary.runtime." + name)
                .setLevel(level)
                .setMessage(new SimpleMessage(message))
                .setThrown(thrown)
                .setTimeMillis(Instant.parse("2024-03-01T03:00:00Z").toEpochMilli())
                .setContextData(new SortedArrayStringMap(Map.of("run", RUN)))
                .build())
        .toString();
  }
}
