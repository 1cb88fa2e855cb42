package io.tributary.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.drift.Standing;
import io.tributary.model.ScoreColumns;
import io.tributary.monitor.KeptWindows.Judged;
import io.tributary.monitor.KeptWindows.Windows;
import io.tributary.monitor.Matured.Scorer;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TestKeptWindows {
  private static final LocalDate FIRST = LocalDate.of(2013, 10, 1);
  private static final int LENGTH = 7;

  /** A day of a version, on which the wind is beyond or is not. */
  private record Day(LocalDate date, Scorer scorer, boolean beyond) implements KeptWindows.Day {
    @Override
    public String role() {
      return ScoreColumns.CHAMPION;
    }
  }

  /** A letter for each day: 'b' beyond, 'w' within, upper case by a second version, ' ' not run. */
  private static List<Day> days(String letters) {
    List<Day> days = new ArrayList<>();
    for (int d = 0; d < letters.length(); d++) {
      char letter = letters.charAt(d);
      if (letter != ' ') {
        days.add(
            new Day(
                FIRST.plusDays(d),
                new Scorer("late", Character.isUpperCase(letter) ? 2 : 1, "a"),
                Character.toLowerCase(letter) == 'b'));
      }
    }
    return days;
  }

  private static List<WindowVerdict> judge(List<Day> window) {
    return List.of(
        new WindowVerdict(
            Question.INPUTS,
            "wind",
            "psi",
            window.size(),
            0,
            1,
            0.2,
            Optional.of(Standing.BEYOND_ALONE),
            0,
            0,
            Optional.empty(),
            0.02,
            window.get(window.size() - 1).beyond(),
            ""));
  }

  private static List<Judged> judged(String letters) {
    return new Windows<>(days(letters), LENGTH, (window, all) -> judge(window)).from(FIRST);
  }

  private static String breaches(String letters) {
    StringBuilder found = new StringBuilder(" ".repeat(letters.length()));
    for (Judged window : judged(letters)) {
      if (!window.breached().isEmpty()) {
        found.setCharAt((int) FIRST.datesUntil(window.last().date()).count(), '!');
      }
    }
    return found.toString();
  }

  @Test
  void aBreachIsTheFirstOfItsEpisode() {
    assertThat(breaches("wbbbwwbb")).isEqualTo(" !    ! ");
    assertThat(breaches("bbb")).isEqualTo("!  ");
  }

  @Test
  void daysThatWereNotRunEndNoEpisode() {
    assertThat(breaches("bb  bb")).isEqualTo("!     ");
    assertThat(breaches("bw  bb")).isEqualTo("!   ! ");
    assertThat(breaches("b      b")).as("no day of it in the window").isEqualTo("!      !");
  }

  @Test
  void anotherVersionBeginsAnother() {
    assertThat(breaches("bbBBbb")).isEqualTo("! !   ");
  }

  @Test
  void aWindowHasTheDaysOfItsVersionUpToItsLength() {
    assertThat(judged("wwwwwwwwww"))
        .extracting(Judged::days)
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 7, 7, 7);
    assertThat(judged("ww WWw")).extracting(Judged::days).containsExactly(1, 2, 1, 2, 3);
  }
}
