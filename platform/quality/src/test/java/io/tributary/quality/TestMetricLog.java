package io.tributary.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.RunId;
import io.tributary.events.RowLog;
import io.tributary.quality.MetricLog.Measured;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestMetricLog {
  private static final Instant AT = Instant.parse("2026-01-31T06:15:00.000001Z");
  private static final RunId RUN = RunId.startingAt(AT);

  @TempDir Path lake;

  private static Measured measured(String subject, double value, Optional<Digest> suite) {
    return new Measured(
        AT, subject, 3, "a, b", new Metric("unexpected", value), "expect_x(a, b)", suite, RUN);
  }

  @Test
  void keepsWhatARunMeasuredOnceAndTellsItOfSomeSubjects() {
    List<Measured> rides = List.of(measured("rides", 2, Optional.of(Digest.of("suite"))));
    List<Measured> drivers = List.of(measured("drivers", Double.NaN, Optional.empty()));
    MetricLog log = MetricLog.open(lake.toString());
    assertThat(log.read(s -> true)).isEmpty();

    log.append(RUN, "rides", rides);
    log.append(RUN, "rides", rides);
    log.append(RUN, "drivers", drivers);
    log.append(RUN, "none", List.of());

    assertThat(log.read("rides"::equals)).isEqualTo(rides);
    assertThat(log.read("drivers"::equals)).isEqualTo(drivers);
    assertThat(log.read(s -> true)).hasSize(2);
  }

  /** Also where the former run was killed before it decided by them. */
  @Test
  void tellsOfADeliveryWhatItsNewestRunMeasured() {
    MetricLog log = MetricLog.open(lake.toString());
    Instant later = AT.plusSeconds(60);
    RunId rerun = RunId.startingAt(later);
    Metric metric = new Metric("rows", 5);
    Measured again = new Measured(later, "rides", 3, "", metric, "", Optional.empty(), rerun);
    log.append(rerun, "rides", List.of(again));
    Measured other = new Measured(AT, "rides", 2, "", metric, "", Optional.empty(), RUN);
    log.append(RUN, "rides", List.of(measured("rides", 2, Optional.empty()), other));

    assertThat(log.read("rides"::equals)).containsExactlyInAnyOrder(again, other);
  }

  @Test
  void refusesRowsOfANewerBuild() {
    MetricLog log = MetricLog.open(lake.toString());
    log.append(RUN, "rides", List.of(measured("rides", 2, Optional.empty())));
    List<Object> newer =
        new ArrayList<>(List.of(AT, "rides", 4L, "x", "", 1.0, "", "", RUN.text()));
    newer.add(2L);
    RowLog.open(lake.resolve("platform/metrics").toString(), MetricLog.COLUMNS)
        .append("later", List.of(newer));

    assertThat(log.read("drivers"::equals)).isEmpty();
    assertThatThrownBy(() -> log.read("rides"::equals))
        .hasMessage(
            "Cannot read table platform.metrics: it has rows of format 2, which a newer build wrote, and this one reads up to 1. Use that build.")
        .extracting(e -> PlatformException.codeOf(e))
        .isEqualTo(ErrorCode.REFUSED);
  }
}
