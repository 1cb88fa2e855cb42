package io.tributary.definition;

import com.fasterxml.jackson.annotation.JsonValue;
import io.tributary.core.Durations;
import java.io.Serializable;
import java.time.Duration;
import java.time.ZoneId;

/** How far back from an instant an aggregate looks; two are equal when their texts are. */
public sealed interface Window extends Serializable {
  /** As users write it, a zone always named. */
  @JsonValue
  String text();

  /** What the names of its features end with. */
  String suffix();

  /** A physical length such as {@code 24h}. */
  static Window parse(String text) {
    return new Physical(text.trim(), Durations.parse(text));
  }

  /**
   * A physical length; prints as it was written so that features keep their names: {@code 24h} is
   * not renamed {@code 1d}.
   */
  record Physical(String text, Duration length) implements Window {
    @Override
    public String suffix() {
      return text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * From the same local time so many days earlier, open below. A local time that does not exist
   * moves forward by the gap, an ambiguous one is the earlier instant.
   *
   * @param days from 1 to {@link #MOST_DAYS}
   */
  record CalendarDays(int days, ZoneId zone) implements Window {
    public static final int MOST_DAYS = 99_999;

    @Override
    public String text() {
      return days + (days == 1 ? " calendar-day in " : " calendar-days in ") + zone.getId();
    }

    /** {@code 7_calendar_days}: the zone is no part of a feature's name. */
    @Override
    public String suffix() {
      return days + (days == 1 ? "_calendar_day" : "_calendar_days");
    }

    @Override
    public String toString() {
      return text();
    }
  }
}
