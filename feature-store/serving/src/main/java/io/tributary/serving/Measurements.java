package io.tributary.serving;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tributary.definition.FeatureView;
import io.tributary.online.Publication;
import io.tributary.serving.access.Access;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/** What a server measures of itself, as Prometheus reads it. */
final class Measurements implements AutoCloseable {
  private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";
  private static final Duration[] BUCKETS = {
    Duration.ofNanos(250_000),
    Duration.ofNanos(500_000),
    Duration.ofMillis(1),
    Duration.ofMillis(2),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(50),
    Duration.ofMillis(250),
    Duration.ofSeconds(1)
  };

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<List<String>, Timer> timers = new ConcurrentHashMap<>();
  private final Counter lostLines =
      Counter.builder("tributary.access.log.lost")
          .description("lines of the log of requests that were not written, as nobody read it")
          .register(registry);
  private final JvmGcMetrics collections = new JvmGcMetrics();

  Measurements(Access access) {
    Gauge.builder(
            "tributary.tokens.age",
            () -> access.age().map(age -> age.toMillis() / 1_000.0).orElse(Double.NaN))
        .description("since the project's tokens were read")
        .baseUnit("seconds")
        .register(registry);
    new JvmMemoryMetrics().bindTo(registry);
    collections.bindTo(registry);
  }

  /** Measures what is published of views, too. */
  void publications(ServedViews views) {
    for (FeatureView view : views.views()) {
      gauge(
          "tributary.publication.age",
          "seconds",
          "since the instant that a view's values are for",
          view,
          views,
          of -> Duration.between(of.instant(), Instant.now()).toMillis() / 1_000.0);
      gauge(
          "tributary.publication.sequence",
          null,
          "which of a view's publications is served",
          view,
          views,
          Publication::sequence);
    }
  }

  private void gauge(
      String name,
      String unit,
      String description,
      FeatureView view,
      ServedViews views,
      ToDoubleFunction<Publication> value) {
    Gauge.builder(name, () -> published(views, view).map(value::applyAsDouble).orElse(Double.NaN))
        .description(description)
        .baseUnit(unit)
        .tag("view", view.id().toString())
        .register(registry);
  }

  private static Optional<Publication> published(ServedViews views, FeatureView view) {
    try {
      return Optional.of(views.inForce(view.id()));
    } catch (RuntimeException e) {
      // Not published, or not to be read: readiness says why.
      return Optional.empty();
    }
  }

  /** Counts what of the answers is recorded in a table, and what is lost. */
  Recorder.Meter meter(String table) {
    Counter recorded =
        Counter.builder("tributary.recorded")
            .description("rows of what was answered that were recorded in the lake")
            .tag("table", table)
            .register(registry);
    Counter lost =
        Counter.builder("tributary.recorded.lost")
            .description("rows of what was answered that are not recorded, as there was no room")
            .tag("table", table)
            .register(registry);
    return new Recorder.Meter() {
      @Override
      public void recorded(long rows) {
        recorded.increment(rows);
      }

      @Override
      public void lost(long rows) {
        lost.increment(rows);
      }
    };
  }

  /** A line of the log of requests is lost: whoever reads it is too slow. */
  void lostLine() {
    lostLines.increment();
  }

  /** A request has been answered. */
  void answered(String route, int status, long nanos) {
    timers
        .computeIfAbsent(
            List.of(route, String.valueOf(status)),
            of ->
                Timer.builder("tributary.requests")
                    .description(
                        "how long requests took, from their first byte to the last of the answer")
                    .tag("route", of.get(0))
                    .tag("status", of.get(1))
                    .serviceLevelObjectives(BUCKETS)
                    .register(registry))
        .record(Duration.ofNanos(nanos));
  }

  Reply scrape(Call call) {
    return new Reply(200, TYPE, registry.scrape().getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }
}
