package io.tributary.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.definition.Monitor;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.drift.Standing;
import io.tributary.monitor.StoredVerdicts.OfInterval;
import io.tributary.monitor.StoredVerdicts.OfWindow;
import io.tributary.testing.Folders;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What an operator reads of a night of the example. */
class TestNightText {
  private static final Project PROJECT =
      ProjectReader.read(
          Folders.repository().resolve("examples/nyc-flights"), Map.of(), Optional.of("/lake"));

  private final List<OfInterval> history = new ArrayList<>();
  private final List<OfWindow> windows = new ArrayList<>();

  private static Interval night(int day) {
    return Interval.day(LocalDate.of(2013, 12, day), PROJECT.zone());
  }

  private void add(
      int day,
      Question question,
      String item,
      String measure,
      double value,
      double limit,
      boolean breached,
      String detail) {
    history.add(
        new OfInterval(
            night(day),
            "late_arrival@3",
            "champion",
            new MonitorVerdict(question, item, measure, value, limit, breached, detail)));
  }

  private void input(int day, String name, double deviation, String detail) {
    add(day, Question.INPUTS, name, "deviation", deviation, 2.09, deviation > 2.09, detail);
  }

  private List<String> lines(int day) {
    return new NightText(
            PROJECT,
            PROJECT.monitors().get("late_arrival"),
            NightReport.of("late_arrival", night(day), history, windows))
        .lines();
  }

  /** The rate is the one that the verdict was given by. */
  @Test
  void saysWhichNightsOfTrainingAreSetAside() {
    Monitor m = PROJECT.monitors().get("late_arrival");
    Monitor without =
        new Monitor(
            m.name(),
            m.description(),
            m.model(),
            m.scores(),
            m.window(),
            m.matters(),
            m.inputPsi(),
            m.predictionPsi(),
            m.lowest(),
            m.highest(),
            m.lowestMean(),
            m.highestMean(),
            m.learntMean(),
            m.actualsAfter(),
            m.aucDrop(),
            List.of(new Monitor.Aside(LocalDate.of(2013, 2, 9), "Blizzard.")),
            m.breach(),
            m.location());
    String rate = "of intervals like training's 1.2 % alarm, at most 2.9 %";
    add(30, Question.INPUTS, Questions.WHOLE, "deviation", 0.5, 2.09, false, rate);
    NightReport report = NightReport.of("late_arrival", night(30), history, List.of());
    assertThat(new NightText(PROJECT, without, report).lines())
        .contains("set aside in training: 2013-02-09 (Blizzard.); " + rate);
    assertThat(lines(30)).noneMatch(line -> line.contains("set aside"));
  }

  @Test
  void saysWhatIsWrongSinceWhenWhereItComesFromAndWhatToRun() {
    input(28, "origin_weather__rain", 0.5, "missing");
    input(29, "origin_weather__rain", 9.604, "missing");
    input(30, "origin_weather__rain", 9.604, "missing");
    input(30, "origin_weather__gust", 9.5, "missing");
    input(30, "carrier_history__trend", 0.5, "spread");
    add(30, Question.BOUNDS, "score", "outside", 0, 0, false, "scores outside [0, 1], of 968");
    add(
        30,
        Question.POPULATION,
        "rows",
        "rows",
        400,
        526,
        true,
        "on this weekday 957 rows are usual");

    assertThat(lines(30))
        .containsExactly(
            "late_arrival, 2013-12-30, late_arrival@3: breached: inputs, population",
            "  inputs       breached     origin_weather__rain is unlike training's intervals (missing):"
                + " deviation 9.604, limit 2.090; origin_weather__gust is unlike training's intervals"
                + " (missing): deviation 9.500, limit 2.090; since 2013-12-29, 2 in a row",
            "  predictions  not asked    no verdict on it",
            "  bounds       fine         0 scores outside [0, 1], of 968",
            "  actuals      not asked    no verdict on it",
            "  population   breached     400 rows are fewer than 526: on this weekday 957 rows are usual;"
                + " nothing before it is known",
            "all 2 inputs that broke are of view weather@1, made of source weather",
            "inputs to look at first, deviation of the night (limit 2.09):",
            "  origin_weather__rain: 9.60 in missing",
            "  origin_weather__gust: 9.50 in missing",
            "next: tributary lineage validated.weather",
            "next: tributary show weather@1",
            "next: tributary runs --job score");
  }

  @Test
  void saysLittleWhereNothingIsWrong() {
    input(30, "origin_weather__rain", 0.5, "missing");
    add(30, Question.PREDICTIONS, "score", "deviation", 0.2, 1.7, false, "location");
    add(30, Question.BOUNDS, "score", "outside", 0, 0, false, "scores outside [0, 1], of 968");
    add(30, Question.ACTUALS, "auc", "auc", 0.75, Double.NaN, false, "813 matured rows");
    windows.add(
        new OfWindow(
            Interval.of(night(3).from(), night(30).to()),
            28,
            "late_arrival@3",
            "champion",
            false,
            new WindowVerdict(
                Question.ACTUALS,
                "auc",
                Actuals.BESIDE,
                -0.01,
                -0.02,
                0.0,
                -0.05,
                Optional.of(Standing.WITHIN),
                -0.04,
                Double.NaN,
                Optional.empty(),
                Double.NaN,
                false,
                "-0.0100 beside its promise")));
    add(
        30,
        Question.POPULATION,
        "rows",
        "rows",
        968,
        526,
        false,
        "on this weekday 957 rows are usual");

    assertThat(lines(30).get(0))
        .isEqualTo("late_arrival, 2013-12-30, late_arrival@3: nothing is wrong");
    assertThat(lines(30)).hasSize(6);
  }

  @Test
  void namesAViewThatHalfOfTheBrokenInputsAreOfAndNoSmallerPart() {
    input(30, "origin_weather__rain", 9.6, "missing");
    input(30, "carrier_history__trend", 9.5, "spread");
    input(30, "nobodys__gust", 9.4, "missing");

    assertThat(lines(30)).noneMatch(line -> line.contains("of view"));
    assertThat(lines(30)).contains("next: tributary lineage scores.departures --columns");

    input(30, "origin_weather__gust", 9.3, "missing");
    assertThat(lines(30))
        .contains("2 of the 4 inputs that broke are of view weather@1, made of source weather");
  }

  /** The commands that it names are those that this command takes. */
  @Test
  void ofPartOfADaySaysThatOneIntervalIsTooLittleAndHowToSeeMore() {
    Interval morning = Interval.of(night(30).from(), night(30).from().plusSeconds(43_200));
    history.add(
        new OfInterval(
            morning,
            "late_arrival@3",
            "champion",
            new MonitorVerdict(
                Question.ACTUALS, "auc", "auc", 0.75, Double.NaN, false, "400 matured rows")));

    assertThat(
            new NightText(
                    PROJECT,
                    PROJECT.monitors().get("late_arrival"),
                    NightReport.of("late_arrival", morning, history, windows))
                .lines())
        .contains(
            "  actuals      cannot judge one interval says too little: 400 matured rows",
            "next: tributary monitor show late_arrival --from 2013-12-30T05:00:00Z --to"
                + " 2013-12-30T17:00:00Z --html late_arrival.html");
  }

  /** For machines: all verdicts, and no text in the place of a number. */
  @Test
  void saysHowAChallengerComparesWithTheChampion() {
    input(30, "origin_weather__rain", 0.5, "missing");
    for (String item : List.of("auc", "log-loss")) {
      windows.add(
          new OfWindow(
              Interval.of(night(3).from(), night(30).to()),
              28,
              "late_arrival@4",
              "challenger",
              false,
              new WindowVerdict(
                  Question.ACTUALS,
                  item,
                  BesideChampion.BESIDE,
                  0.02,
                  0.01,
                  0.03,
                  -0.01,
                  Optional.of(Standing.WITHIN),
                  Double.NaN,
                  Double.NaN,
                  Optional.empty(),
                  Double.NaN,
                  false,
                  "+0.0200 beside late_arrival@3")));
    }
    assertThat(lines(30))
        .contains(
            "challenger late_arrival@4: auc +0.0200 beside late_arrival@3; log-loss +0.0200 beside late_arrival@3");
  }

  @Test
  void jsonHasNumbersAlone() {
    add(30, Question.ACTUALS, "auc", "auc", 0.75, Double.NaN, false, "813 matured rows");
    windows.add(
        new OfWindow(
            Interval.of(night(3).from(), night(30).to()),
            28,
            "late_arrival@3",
            "champion",
            false,
            new WindowVerdict(
                Question.INPUTS,
                "origin_weather__rain",
                Questions.PSI,
                0.4,
                0.3,
                0.5,
                0.2,
                Optional.of(Standing.BEYOND_ALONE),
                0.3,
                0.1,
                Optional.of("2013-01-01"),
                Double.NaN,
                false,
                "index")));
    NightReport report = NightReport.of("late_arrival", night(30), history, windows);
    String json =
        Json.write(
            MonitorShowMain.result(
                report, new NightText(PROJECT, PROJECT.monitors().get("late_arrival"), report)));

    JsonNode read = Json.read(json, JsonNode.class);
    assertThat(json).doesNotContain("NaN");
    assertThat(read.at("/verdicts/0/value").asDouble()).isEqualTo(0.75);
    assertThat(read.at("/verdicts/0/limit").isMissingNode()).isTrue();
    assertThat(read.at("/windows/0/lower").asDouble()).isEqualTo(0.3);
    assertThat(read.at("/windows/0/standing").asText()).isEqualTo("beyond, alone");
    assertThat(read.at("/inputs/0/window/value").asDouble()).isEqualTo(0.4);
  }

  @Test
  void saysWhyWhatCouldNotBeJudged() {
    add(
        30,
        Question.INPUTS,
        "interval",
        "deviation",
        Double.NaN,
        Double.NaN,
        false,
        "cannot judge: 12 rows, fewer than 50");

    assertThat(lines(30))
        .contains(
            "late_arrival, 2013-12-30, late_arrival@3: nothing breached; cannot judge inputs",
            "  inputs       cannot judge 12 rows, fewer than 50",
            "next: tributary monitor show late_arrival --night 2013-12-30 --html late_arrival.html");
  }
}
