package io.tributary.registry.provenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Interval;
import io.tributary.core.Micros;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TestDeliveredEvents {
  private static final Duration DELAY = Duration.ofMinutes(30);
  private static final Instant MIDNIGHT = Instant.parse("2024-01-27T00:00:00Z");
  private static final Interval NIGHT = Interval.of(MIDNIGHT.minus(Duration.ofDays(1)), MIDNIGHT);
  private static final Interval NEXT = Interval.of(MIDNIGHT, MIDNIGHT.plus(Duration.ofDays(1)));

  /** At 18:30, known at 19:00. */
  private static final Instant EVENT = Instant.parse("2024-01-26T18:30:00Z");

  private static DeliveredEvents events() {
    DeliveredEvents events =
        new DeliveredEvents(List.of("_delivery", "id", "_known_time", "driver", "_event_time"));
    events.brought(List.of(2L, 9001L, EVENT.plus(DELAY), "a", EVENT), 1);
    return events;
  }

  private static Reading over(Duration window) {
    return new Reading(
        List.of("driver"),
        List.of("driver"),
        Optional.of("_event_time"),
        true,
        Micros.of(window),
        Optional.of(new Reading.Served("fuel_day", Micros.of(DELAY))));
  }

  private static Snapshots taken(Interval... intervals) {
    Snapshots taken = new Snapshots();
    for (Interval interval : intervals) {
      taken.add(interval);
    }
    return taken;
  }

  private static boolean isRead(Spans spans, Instant at) {
    return spans.contains(List.of("a"), Micros.of(at));
  }

  @Test
  void anEventIsReadOfTheSnapshotsThatHoldIt() {
    Spans spans = events().spans(over(Duration.ofHours(6)), view -> taken(NIGHT, NEXT));
    Instant first = NIGHT.snapshotInstant().plus(DELAY);
    assertThat(isRead(spans, EVENT.plus(DELAY))).as("no snapshot holds it yet").isFalse();
    assertThat(isRead(spans, first.minusNanos(1_000))).isFalse();
    assertThat(isRead(spans, first)).isTrue();
    assertThat(isRead(spans, NEXT.snapshotInstant())).isTrue();
    assertThat(isRead(spans, NEXT.snapshotInstant().plus(DELAY))).as("the next does not").isFalse();
  }

  @Test
  void anEventThatNoSnapshotHoldsIsNotRead() {
    DeliveredEvents events = events();
    assertThat(events.spans(over(Duration.ofHours(5)), view -> taken(NIGHT, NEXT)).isEmpty())
        .as("its window ends at 23:30")
        .isTrue();
    assertThat(events.spans(over(Duration.ofHours(6)), view -> taken()).isEmpty()).isTrue();
    assertThat(events.spans(over(Duration.ofHours(6)), view -> taken(NEXT)).isEmpty()).isTrue();
    assertThat(isRead(events.spans(over(Duration.ofDays(90)), view -> taken(NEXT)), MIDNIGHT))
        .isFalse();
  }

  /** Which snapshots an interval of several days has, its run's record does not say. */
  @Test
  void anEventInAnIntervalOfSeveralDaysIsPerhapsHeld() {
    Interval week = Interval.of(MIDNIGHT.minus(Duration.ofDays(5)), MIDNIGHT.plus(DELAY));
    Spans spans = events().spans(over(Duration.ofHours(5)), view -> taken(week));
    assertThat(isRead(spans, EVENT.plus(DELAY).plus(DELAY))).isTrue();
    assertThat(isRead(spans, EVENT.plus(DELAY))).isFalse();
  }

  @Test
  void aSnapshotThatIsYetToBeTakenMayHoldAnyEvent() {
    Spans spans = events().spansWhenever(over(Duration.ofHours(5)), view -> taken(NIGHT, NEXT));
    assertThat(isRead(spans, EVENT.plus(DELAY))).isTrue();
    assertThat(isRead(spans, NIGHT.snapshotInstant())).isTrue();
    assertThat(isRead(spans, NIGHT.snapshotInstant().plus(DELAY))).isFalse();
  }
}
