package io.tributary.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Interval;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class TestInstantOptions {
  private static List<Instant> named(String... args) {
    InstantOptions options = CommandLine.populateCommand(new InstantOptions(), args);
    return options.require("publish", ZoneId.of("America/New_York")).stream()
        .map(Interval::snapshotInstant)
        .toList();
  }

  @Test
  void aNightIsMeantAtItsLastInstantAndAnInstantAtItself() {
    assertThat(named("--night", "2013-12-30"))
        .containsExactly(Instant.parse("2013-12-31T04:59:59.999999Z"));
    assertThat(named("--at", "2013-12-31", "--at", "2013-12-30T06:00:00.000001-05:00"))
        .containsExactly(
            Instant.parse("2013-12-30T11:00:00.000001Z"), Instant.parse("2013-12-31T05:00:00Z"));
  }

  @Test
  void refusesWhatIsNotClear() {
    assertThatThrownBy(() -> named("--at", "2013-12-31", "--night", "2013-12-30"))
        .hasMessage(
            "Cannot use --at beside --night, --from and --to: both select snapshots. Use one of them.");
    assertThatThrownBy(() -> named("--at", "2013-12-31T06:00:00.0000001Z"))
        .hasMessageContaining("a bound is finer than a microsecond. Round it.");
    assertThatThrownBy(() -> named("--at", "noon"))
        .hasMessageContaining("Cannot read instant \"noon\"");
    assertThatThrownBy(() -> named()).hasMessageContaining("Cannot publish: no interval is given.");
  }
}
