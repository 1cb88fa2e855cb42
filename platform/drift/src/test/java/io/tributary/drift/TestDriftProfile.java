package io.tributary.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tributary.core.PlatformException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TestDriftProfile {
  private static final int TRAINING = 150;
  private static final World WORLD = new World(9, TRAINING + 5, 300);
  private static final DriftProfile PROFILE = WORLD.profile(TRAINING);

  private static IntervalState state(DriftProfile profile, int day) {
    IntervalState state = profile.empty();
    profile.count(WORLD.columns(day, day + 1), WORLD.rows(day, day + 1), state);
    return state;
  }

  @Test
  void judgesTheSameWhenItIsReadAgain() {
    DriftProfile read = DriftProfile.read(PROFILE.bytes());
    assertThat(read.bytes()).isEqualTo(PROFILE.bytes());
    assertThat(read.tonight(state(read, 151), 151 % 7))
        .isEqualTo(PROFILE.tonight(state(PROFILE, 151), 151 % 7));
    assertThat(WORLD.profile(TRAINING).bytes()).isEqualTo(PROFILE.bytes());
  }

  @Test
  void aStateIsTheSameWhenItIsReadAgain() {
    IntervalState state = state(PROFILE, 151);
    assertThat(PROFILE.state(state.bytes())).isEqualTo(state);
    assertThatThrownBy(() -> PROFILE.state(new byte[8 + state.bytes().length]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void judgesAWindowByTrainingsOwnWindows() {
    List<DriftProfile.Grouped> window =
        IntStream.range(147, 155).mapToObj(day -> PROFILE.grouped(state(PROFILE, day))).toList();
    List<LocalDate> days = IntStream.range(147, 155).mapToObj(World::date).toList();
    Trailing trailing = PROFILE.trailing(window, days, 0.2);
    assertThat(trailing.cannotJudge()).isEmpty();
    assertThat(trailing.shifts()).hasSameSizeAs(WORLD.columns(0, 1));
    assertThat(DriftProfile.read(PROFILE.bytes()).trailing(window, days, 0.2)).isEqualTo(trailing);
    assertThat(PROFILE.trailing(window.subList(0, 7), days, 0.2).cannotJudge())
        .hasValue("7 intervals, fewer than 8");
    assertThat(WORLD.profile(40).trailing(window, days, 0.2).cannotJudge())
        .hasValue("training has 10 full intervals, and two windows of 8, 30 at least, are needed");
  }

  /** Four hundred days: a window is compared with the days a year before, which are of its kind. */
  @Test
  void looksAtTheSameWeeksOfTheYearBefore() {
    int days = 440;
    int rows = 60 * days;
    SplittableRandom random = new SplittableRandom(5);
    double[] season = new double[rows];
    Arrays.setAll(
        season,
        row -> 3 * Math.sin(2 * Math.PI * Math.floorDiv(row, 60) / 365.0) + random.nextDouble());
    Column column = new Column.Numbers(season);
    Function<Integer, DriftProfile> trained =
        length ->
            DriftProfile.of(
                List.of(new InputName("season", "rows")),
                List.of(column),
                IntStream.range(0, 60 * length).map(row -> row / 60).toArray(),
                IntStream.range(0, length)
                    .mapToObj(
                        d ->
                            new DriftProfile.TrainedInterval(
                                World.date(d).toString(), d % 7, true, 60))
                    .toList());
    List<LocalDate> window = IntStream.range(412, 440).mapToObj(World::date).toList();
    Function<DriftProfile, Trailing.Shift> judged =
        profile ->
            profile
                .trailing(
                    IntStream.range(412, 440)
                        .mapToObj(
                            d -> {
                              IntervalState state = profile.empty();
                              int[] own = IntStream.range(60 * d, 60 * d + 60).toArray();
                              profile.count(List.of(column.taken(own)), 60, state);
                              return profile.grouped(state);
                            })
                        .toList(),
                    window,
                    0.2)
                .shifts()
                .get(0);
    Trailing.Shift two = judged.apply(trained.apply(400));
    assertThat(two.index()).isGreaterThan(1);
    assertThat(two.sameWeeks().orElseThrow()).isLessThan(0.4 * two.index());
    assertThat(judged.apply(trained.apply(390)).sameWeeks()).isEmpty();
  }

  /** The score is by how much "plain" is above 8, nothing else. */
  @Test
  void aShiftsPartIsWhatItDoesToTheMeanScore() {
    List<Column> columns = WORLD.columns(0, TRAINING);
    double[] plain = ((Column.Numbers) columns.get(0)).values();
    DriftProfile.MeanScore score =
        (input, from) ->
            input > 0
                ? 0.5
                : Arrays.stream(from).mapToDouble(row -> plain[row] - 8).average().orElse(0);
    DriftProfile with = PROFILE.with(columns, plain.length, score);
    List<DriftProfile.Grouped> window =
        IntStream.range(147, 155).mapToObj(day -> with.grouped(state(with, day))).toList();
    List<LocalDate> days = IntStream.range(147, 155).mapToObj(World::date).toList();
    Trailing trailing = DriftProfile.read(with.bytes()).trailing(window, days, 0.2);
    double now = mean(147, 155) - mean(30, TRAINING);
    assertThat(trailing.shifts().get(0).part().orElseThrow())
        .isCloseTo(now, within(0.1 * Math.abs(now)));
    assertThat(trailing.shifts().subList(1, 9))
        .allSatisfy(shift -> assertThat(shift.part().orElseThrow()).isCloseTo(0, within(1e-9)));
    assertThat(with.trailing(window, days, 0.2)).isEqualTo(trailing);
    assertThat(PROFILE.trailing(window, days, 0.2).shifts())
        .as("of a profile that does not know it")
        .allSatisfy(shift -> assertThat(shift.part()).isEmpty());
  }

  private static double mean(int from, int to) {
    return Arrays.stream(((Column.Numbers) WORLD.columns(from, to).get(0)).values())
        .average()
        .orElseThrow();
  }

  @Test
  void anInputWithoutAValueHasNothingThatCouldBreak() {
    int days = 70;
    int rows = 60 * days;
    double[] numbers = new SplittableRandom(3).doubles(rows).toArray();
    int[] missing = new int[rows];
    Arrays.fill(missing, ValueBins.MISSING);
    DriftProfile profile =
        DriftProfile.of(
            List.of(new InputName("number", "rows"), new InputName("none", "rows")),
            List.of(new Column.Numbers(numbers), new Column.Categories(missing, List.of())),
            IntStream.range(0, rows).map(row -> row / 60).toArray(),
            IntStream.range(0, days)
                .mapToObj(d -> new DriftProfile.TrainedInterval("day " + d, d % 7, true, 60))
                .toList());
    assertThat(profile.cannotJudge()).isEmpty();
    assertThat(profile.found().get("none")).isEmpty();
    assertThat(profile.found().get("number")).containsEntry("all missing", 1.0);
    assertThat(DriftProfile.read(profile.bytes()).bytes()).isEqualTo(profile.bytes());
  }

  @Test
  void namesTheIntervalsThatSetTheLimit() {
    List<DriftProfile.LimitSetter> setters = PROFILE.limitSetters(3);
    assertThat(setters).hasSize(3);
    Tonight tonight = PROFILE.tonight(state(PROFILE, 151), 151 % 7);
    // Of 150 − 30 intervals the largest sets a limit of one in a hundred.
    assertThat(setters.get(0).score()).isEqualTo(tonight.limit());
    assertThat(tonight.rate()).isEqualTo(1.0 / 121);
  }

  /** The limit falls to the next interval, and what was set aside counts as an alarm. */
  @Test
  void judgesWithoutTheIntervalsThatAPersonSetsAside() {
    List<DriftProfile.LimitSetter> setters = PROFILE.limitSetters(3);
    String farthest = setters.get(0).interval();
    DriftProfile without = PROFILE.without(Set.of(farthest, "no such day"));
    assertThat(without.setAside()).containsExactly(farthest);
    assertThat(without.limitSetters(100))
        .extracting(DriftProfile.LimitSetter::interval)
        .doesNotContain(farthest);
    Tonight tonight = without.tonight(state(without, 151), 151 % 7);
    assertThat(tonight.limit()).isLessThan(setters.get(0).score());
    assertThat(tonight.rate()).isCloseTo(1.0 / 120 + 119.0 / 120 / 120, within(1e-12));
    assertThat(without.bytes()).as("what is kept").isEqualTo(PROFILE.bytes());
  }

  @Test
  void judgesNoWeekdayThatTrainingHasNot() {
    int rows = 60 * 70;
    double[] numbers = new SplittableRandom(3).doubles(rows).toArray();
    DriftProfile workdays =
        DriftProfile.of(
            List.of(new InputName("number", "rows")),
            List.of(new Column.Numbers(numbers)),
            IntStream.range(0, rows).map(row -> row / 60).toArray(),
            IntStream.range(0, 70)
                .mapToObj(d -> new DriftProfile.TrainedInterval("day " + d, d % 5, true, 60))
                .toList());
    IntervalState state = workdays.empty();
    workdays.count(List.of(new Column.Numbers(numbers)), 60, state);
    assertThat(workdays.tonight(state, 4).cannotJudge()).isEmpty();
    assertThat(workdays.tonight(state, 5).cannotJudge()).hasValue("training has no such weekday");
  }

  /** Of 45 intervals, too few to plant breaks in. */
  @Test
  void allowsForFewRowsWhereverItJudges() {
    DriftProfile young = WORLD.profile(75);
    assertThat(young.found()).isEmpty();
    String header = new String(young.bytes(), StandardCharsets.UTF_8);
    assertThat(header).containsPattern("\"noise\":\\[[^\\]]*[1-9]");
  }

  @Test
  void judgesNoIntervalOfFewRows() {
    IntervalState few = PROFILE.empty();
    PROFILE.count(WORLD.columns(151, 152), 160, few);
    Tonight tonight = PROFILE.tonight(few, 151 % 7);
    assertThat(tonight.cannotJudge()).hasValue("160 rows, and 300 are usual on this weekday");
    assertThat(tonight.alarms()).isFalse();
    assertThat(PROFILE.tonight(PROFILE.empty(), 0).cannotJudge()).hasValue("0 rows, fewer than 50");
  }

  @Test
  void judgesNothingByAHandfulOfIntervals() {
    DriftProfile young = WORLD.profile(40);
    assertThat(young.tonight(state(young, 151), 151 % 7).cannotJudge())
        .hasValue(
            "training has 10 full intervals of 50 rows and more, and 30 are the least that can set a limit");
    assertThat(young.limitSetters(3)).isEmpty();
  }

  @Test
  void refusesTornBytes() {
    byte[] bytes = PROFILE.bytes();
    assertThatThrownBy(() -> DriftProfile.read(Arrays.copyOf(bytes, bytes.length - 1)))
        .isInstanceOf(PlatformException.class)
        .hasMessage(
            "Cannot read a model's drift profile: its bytes are not whole. Restore the artefact.");
  }
}
