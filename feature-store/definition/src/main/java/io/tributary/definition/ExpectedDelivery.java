package io.tributary.definition;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Locale;

/**
 * By when a source has rows of each night, and what follows where it has none.
 *
 * @param by the time of day, on the day after the night, in the project's zone
 */
public record ExpectedDelivery(LocalTime by, Overdue overdue) {
  /** What follows where nothing was delivered in time. */
  public enum Overdue {
    /** The night goes on; its ingest and its summary say it. */
    TELL,
    /** The night goes on; receivers are notified, too. */
    ALERT,
    /** The night's ingest fails as by something outside, to be tried again. */
    RETRY;

    /** As users write it. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** When a night's rows are to be there. */
  public Instant deadline(LocalDate night, ZoneId zone) {
    return night.plusDays(1).atTime(by).atZone(zone).toInstant();
  }
}
