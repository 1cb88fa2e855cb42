package io.tributary.source.place;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Interval;
import java.time.ZoneId;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TestIntervalPath {
  private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");

  @Test
  void standsForTheIntervalsBeginning() {
    assertThat(paths("data/{from:yyyy-MM-dd}/*.csv", "2013-03-10/2013-03-11"))
        .containsExactly("data/2013-03-10/*.csv");
    assertThat(paths("d/{from:yyyy}/{from:MM}/x.csv", "2013-03-10T06:00:00Z/2013-03-10T07:00:00Z"))
        .containsExactly("d/2013/03/x.csv");
    assertThat(paths("d/{from:yyyyMMdd'T'HH}.csv", "2013-03-10T06:00:00Z/2013-03-10T09:00:00Z"))
        .containsExactly("d/20130310T01.csv", "d/20130310T03.csv", "d/20130310T04.csv");
  }

  @Test
  void anIntervalOfSeveralUnitsHasAPathForEach() {
    assertThat(paths("{from:yyyy-MM-dd}.csv", "2013-03-09/2013-03-12"))
        .containsExactly("2013-03-09.csv", "2013-03-10.csv", "2013-03-11.csv");
    assertThat(paths("{from:yyyy-MM}.csv", "2013-01-31/2013-03-02"))
        .containsExactly("2013-01.csv", "2013-02.csv", "2013-03.csv");
    assertThat(paths("{from:yyyy}/all.csv", "2013-12-31/2014-01-01"))
        .containsExactly("2013/all.csv");
  }

  @Test
  void withoutAnIntervalItMatchesAll() {
    IntervalPath path = new IntervalPath("data/{from:yyyy-MM-dd}/*.csv", NEW_YORK);

    assertThat(path.paths(Optional.empty())).containsExactly("data/*/*.csv");
    assertThat(new IntervalPath("data/{a,b}.csv", NEW_YORK).hasInterval()).isFalse();
    assertThat(paths("data/{a,b}.csv", "2013-03-09/2013-03-12")).containsExactly("data/{a,b}.csv");
  }

  private static Set<String> paths(String text, String interval) {
    return new IntervalPath(text, NEW_YORK).paths(Optional.of(Interval.parse(interval, NEW_YORK)));
  }
}
