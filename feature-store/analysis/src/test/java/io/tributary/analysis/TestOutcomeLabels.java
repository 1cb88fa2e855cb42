package io.tributary.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Digest;
import io.tributary.core.PlatformException;
import io.tributary.definition.Aggregate;
import io.tributary.definition.Aggregate.Function;
import io.tributary.definition.Feature;
import io.tributary.definition.Monitor;
import io.tributary.definition.OutcomeWindow;
import io.tributary.definition.ScoreSet;
import io.tributary.definition.SqlText;
import io.tributary.definition.TrainingSet;
import io.tributary.definition.Window;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Labels over an interval, and labels that are neither true nor false. */
class TestOutcomeLabels {
  private static final String FILE = "training-sets/late_arrival.yaml:";

  private final Flights flights = new Flights();

  private static SqlText sql(int line, String text) {
    return Flights.sql(FILE + line, text);
  }

  private static TrainingSet.Label label(
      String during,
      String maturity,
      Map<String, String> keys,
      Function function,
      String argument,
      String value,
      String filter) {
    OutcomeWindow interval = OutcomeWindow.parse(during);
    Optional<SqlText> where = Optional.ofNullable(filter).map(text -> sql(9, text));
    return new TrainingSet.Label(
        "late",
        "flights",
        sql(8, value + " from flights where not cancelled"),
        where,
        Optional.of(
            new TrainingSet.Outcome(
                interval,
                io.tributary.core.Durations.parse(maturity),
                keys,
                Optional.of(sql(8, "not cancelled")),
                List.of(
                    new Feature.Windowed(
                        "_of",
                        new Aggregate(function, List.of()),
                        Optional.ofNullable(argument).map(text -> sql(8, text)),
                        Optional.empty(),
                        new Window.Physical(during, interval.length()))),
                sql(8, value),
                where)));
  }

  private void take(TrainingSet.Label label) {
    TrainingSet t = flights.trainingSet;
    flights.trainingSet =
        new TrainingSet(t.name(), "", t.rows(), label, t.features(), t.knownUntil(), t.location());
  }

  /** Judges actuals so long after the as-of. */
  private void judgeAfter(Duration after) {
    judge(after, Monitor.Breach.ALERT);
  }

  private void judge(Duration after, Monitor.Breach breach) {
    Monitor m = flights.monitor;
    flights.monitor =
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
            after,
            m.aucDrop(),
            m.aside(),
            breach,
            m.location());
  }

  @BeforeEach
  void judgeLate() {
    judgeAfter(Duration.ofDays(100));
  }

  @Test
  void isJudgedOnlyOnceMature() {
    take(label("(0d, 7d]", "2d", CARRIER, Function.MEAN, "arr_delay > 15", "_of > 0.5", null));
    judgeAfter(Duration.ofDays(9));
    assertThat(problems()).isEmpty();
    judgeAfter(Duration.ofDays(9).minusSeconds(1));
    assertThat(problems())
        .containsExactly(
            "Cannot check monitor late_arrival (monitors/late_arrival.yaml:1): actuals are judged"
                + " 777599s after the as-of, when no outcome is known: the label's interval and its"
                + " maturity end after 9d. Write actuals: {after: 9d} or more.");
  }

  @Test
  void nothingIsTrainedAgainInThePlaceOfANumberedVersion() {
    judge(Duration.ofDays(100), Monitor.Breach.RETRAIN);
    assertThat(problems()).isEmpty();
    ScoreSet s = flights.scores;
    flights.scores =
        new ScoreSet(
            s.name(),
            "",
            s.model(),
            "7",
            List.of(),
            List.of(),
            s.rows(),
            s.decide(),
            Map.of(),
            s.location());
    assertThat(problems())
        .containsExactly(
            "Cannot check monitor late_arrival (monitors/late_arrival.yaml:1): a breach trains a"
                + " challenger, which could never take the place of version 7, as scores departures"
                + " names that by its number. Name an alias there, as in late_arrival@production, or"
                + " write breach: alert.");
  }

  private static final Map<String, String> CARRIER = Map.of("carrier", "carrier");

  @Test
  void isComputedAsAViewOverOneWindow() {
    take(label("(0d, 7d]", "2d", CARRIER, Function.MEAN, "arr_delay > 15", "_of > 0.5", "_of > 0"));
    CheckedTrainingSet set = flights.check().trainingSet("late_arrival");

    assertThat(set.labelType().catalogString()).isEqualTo("boolean");
    assertThat(set.schema().fieldNames()).endsWith("late");
    CheckedView outcome = set.outcome().orElseThrow();
    assertThat(outcome.schema().catalogString())
        .isEqualTo("struct<_of:double,late:boolean,_where:boolean>");
    assertThat(outcome.definition().entity()).containsExactly("carrier");
    assertThat(outcome.hasFilter()).isTrue();
    assertThat(set.labelSource().name()).isEqualTo("flights");
  }

  @Test
  void digestSeesAllThatDecidesTheValue() {
    Set<Digest> digests = new HashSet<>();
    for (TrainingSet.Label label :
        List.of(
            label("(0d, 7d]", "2d", CARRIER, Function.SUM, "arr_delay", "_of > 5", null),
            label("[0d, 7d]", "2d", CARRIER, Function.SUM, "arr_delay", "_of > 5", null),
            label("(0d, 7d)", "2d", CARRIER, Function.SUM, "arr_delay", "_of > 5", null),
            label("(1d, 8d]", "2d", CARRIER, Function.SUM, "arr_delay", "_of > 5", null),
            label("(0d, 7d]", "3d", CARRIER, Function.SUM, "arr_delay", "_of > 5", null),
            label("(0d, 7d]", "2d", CARRIER, Function.MAX, "arr_delay", "_of > 5", null),
            label("(0d, 7d]", "2d", CARRIER, Function.SUM, "dep_time", "_of > 5", null),
            label("(0d, 7d]", "2d", CARRIER, Function.SUM, "arr_delay", "_of > 6", null),
            label("(0d, 7d]", "2d", CARRIER, Function.SUM, "arr_delay", "_of > 5", "_of > 0"),
            label(
                "(0d, 7d]",
                "2d",
                Map.of("carrier", "origin"),
                Function.SUM,
                "arr_delay",
                "_of > 5",
                null),
            label(
                "(0d, 7d]",
                "2d",
                Map.of("origin", "origin"),
                Function.SUM,
                "arr_delay",
                "_of > 5",
                null))) {
      take(label);
      digests.add(flights.check().trainingSet("late_arrival").digest());
    }
    assertThat(digests).hasSize(11);
    take(label("(0h, 168h]", "48h", CARRIER, Function.SUM, " arr_delay", "_of>5", null));
    assertThat(digests).contains(flights.check().trainingSet("late_arrival").digest());
    take(
        new TrainingSet.Label(
            "late", "flights", sql(8, "arr_delay > 15"), Optional.of(sql(9, "not cancelled"))));
    assertThat(digests).doesNotContain(flights.check().trainingSet("late_arrival").digest());
  }

  @Test
  void isANumberOrATextWhereNoModelLearnsIt() {
    take(label("(0d, 7d]", "2d", CARRIER, Function.SUM, "arr_delay", "_of", null));
    assertThat(problems())
        .containsExactly(
            "Cannot check model late_arrival (models/late_arrival.yaml:1): label \"late\" of training-set late_arrival is"
                + " double, and models learn only labels that are true or false. Make a condition of it there, as in"
                + " value: amount > 100, or say problem: number in the model, which is then trained elsewhere.");
    take(new TrainingSet.Label("late", "flights", sql(8, "carrier"), Optional.empty()));
    assertThat(problems())
        .singleElement()
        .asString()
        .contains("is string, and models learn only")
        .endsWith("or train no model on this training set.");
  }

  @Test
  void saysWhatDoesNotFit() {
    take(
        label("(0d, 7d]", "0s", Map.of("flight", "carrier"), Function.SUM, "carrier", "_of", null));
    assertThat(problems())
        .contains(
            "Cannot check training-set late_arrival ("
                + FILE
                + "8): the label: sum needs a number, but carrier is string. Aggregate another expression.")
        .anyMatch(p -> p.contains(FILE + "8): key \"carrier\" is string, \"flight\" of source"));
    take(label("(0d, 7d]", "0s", CARRIER, Function.SUM, "arr_dely", "_of", null));
    assertThat(problems()).anyMatch(p -> p.contains(FILE + "8)") && p.contains("arr_delay"));
    take(label("(0d, 7d]", "0s", CARRIER, Function.SUM, "arr_delay", "_of", "_of"));
    assertThat(problems())
        .anyMatch(p -> p.contains(FILE + "9): a filter is true or false, but this is double."));
    take(label("(0d, 7d]", "0s", CARRIER, Function.MAX, "time_hour", "_of", null));
    assertThat(problems())
        .anyMatch(p -> p.contains(FILE + "8): a label is true or false, a number or a text, but"));
  }

  private List<String> problems() {
    try {
      flights.check();
      return List.of();
    } catch (PlatformException e) {
      return e.getMessage().lines().map(String::strip).toList();
    }
  }
}
