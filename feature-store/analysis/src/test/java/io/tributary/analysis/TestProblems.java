package io.tributary.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tributary.analysis.Flights.SourceText;
import io.tributary.analysis.Flights.ViewText;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Aggregate.Function;
import io.tributary.definition.AvailabilityDelay;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Model;
import io.tributary.definition.Model.Encoding;
import io.tributary.definition.ScoreSet;
import io.tributary.definition.TrainingSet;
import io.tributary.definition.ViewId;
import io.tributary.definition.ViewUse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;

/**
 * What is wrong with a project is said before any data is read, all at once, with file and line.
 */
class TestProblems {
  private static final String HINT_KEY =
      ", which can't be compared beyond doubt. Use whole numbers, decimals, text, booleans, dates or timestamps.";

  private final Flights flights = new Flights();

  private List<String> problems() {
    PlatformException e = catchThrowableOfType(PlatformException.class, flights::check);
    assertThat(e).as("a problem").isNotNull();
    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DEFINITION);
    return e.getMessage()
        .lines()
        .map(String::strip)
        .filter(line -> line.startsWith("Cannot check ") && !line.contains("problems."))
        .toList();
  }

  @Test
  void readsLikeTheFile() {
    flights.put(
        new ViewText("carrier_history@1")
            .entity("carrier")
            .from("flights")
            .windowed("late_1d", Function.MEAN, "arr_dely > 15", null, "1d"));
    assertThat(problems())
        .contains(
            "Cannot check view carrier_history@1 (features/carrier_history.yaml:10): source \"flights\" has no column \"arr_dely\"."
                + " Did you mean \"arr_delay\"? (position 1 of: arr_dely > 15)");
  }

  @Test
  void saysOnlyWhatIsWrongAndNotWhatFollowsFromIt() {
    flights.put(
        new SourceText("airports")
            .contract("faa string, alt int, tzone string")
            .key("faa")
            .derive("high", "al > 5")
            .derive("low", "not high")
            .fixed());
    assertThat(problems())
        .containsExactly(
            "Cannot check source airports (sources/airports.yaml:10): source \"airports\" has no column \"al\". Did you mean \"alt\"?"
                + " (position 1 of: al > 5)");
  }

  @Test
  void gathersProblemsOfAllKinds() {
    flights.put(
        new SourceText("weather")
            .contract("origin string, visib floating, precip double")
            .key("origin")
            .times("visib + 1", null));
    flights.put(
        new ViewText("airport@1")
            .entity("faa")
            .from("airports")
            .where("alt")
            .lookup("height", "alt"));
    flights.scores =
        new ScoreSet(
            "departures",
            "",
            "late_arrival",
            "production",
            List.of(),
            List.of(),
            "late_arrival",
            Optional.of(Flights.sql("scores/departures.yaml:4", "score * 2")),
            Map.of(),
            Flights.location("scores/departures.yaml:1"));
    assertThat(problems())
        .containsExactly(
            "Cannot check view airport@1 (features/airport.yaml:10): a filter is true or false, but this is int. Write a condition.",
            "Cannot check scores departures (scores/departures.yaml:4): a decision is true or false, but this is double. Write a condition, as in"
                + " score > 0.5.",
            "Cannot check source weather (sources/weather.yaml:1): column \"visib\" has no type that Spark knows: floating. Write one, as in"
                + " bigint.");
  }

  private static SourceText events(String contract) {
    return new SourceText("events").contract(contract).key("id");
  }

  @Test
  void refusesTimesOfAnotherType() {
    flights.put(events("id int, t string").times("t", "id"));
    assertThat(problems())
        .containsExactly(
            "Cannot check source events (sources/events.yaml:10): an event time is a timestamp or a date, but this is string. Write one.",
            "Cannot check source events (sources/events.yaml:11): a known time is a timestamp, but this is int. Write one.");
  }

  @Test
  void wantsToBeToldWhenADayIsKnown() {
    flights.put(events("id int, t timestamp").times("cast(t as date)", null));
    assertThat(problems())
        .containsExactly(
            "Cannot check source events (sources/events.yaml:10): the event time is a day, which would be known when it begins. Write"
                + " \"availability-delay\": end-of-day, or end-of-day + 6h where its file arrives later.");
    flights.put(events("id int, t timestamp").times("cast(t as date)", null).delay(Duration.ZERO));
    assertThat(flights.check().source("events").rowSchema().catalogString())
        .contains("_event_time:timestamp,_known_time:timestamp");
  }

  @Test
  void refusesTheEndOfTheDayOfAnInstant() {
    flights.put(
        events("id int, t timestamp")
            .times("t", null)
            .delay(AvailabilityDelay.parse("end-of-day")));
    assertThat(problems())
        .containsExactly(
            "Cannot check source events (sources/events.yaml:10): the event time is an instant, and \"end-of-day\" is for days. Write a duration, as in 6h.");
  }

  @Test
  void refusesATombstoneThatIsNoCondition() {
    flights.put(events("id int, t timestamp, gone string").times("t", null).tombstone("gone"));
    assertThat(problems())
        .containsExactly(
            "Cannot check source events (sources/events.yaml:11): a tombstone is true or false, but this is string. Write a condition.");
  }

  @Test
  void refusesASequenceWithoutOrderBeyondDoubt() {
    flights.put(events("id int, t timestamp, at double").times("t", "t").sequence("at"));
    assertThat(problems())
        .containsExactly(
            "Cannot check source events (sources/events.yaml:1): sequence column \"at\" is double, which has no order beyond doubt."
                + " Use whole numbers, decimals, text, dates or timestamps.");
  }

  @Test
  void refusesAQuerysTombstoneWhoseTimeNobodyKnows() {
    flights.put(events("id int, t timestamp").times("t", null));
    flights.put(
        new Flights.SourceText("some")
            .query("events", "id", "id", "t", "t")
            .key("id")
            .times("t", null)
            .tombstone("id > 1"));
    assertThat(problems())
        .containsExactly(
            "Cannot check source some (sources/some.yaml:13): a withdrawal needs a known time of its own, and neither the query nor"
                + " what it reads has a \"known-time\": it would be known when its row happened, as the row that it withdraws is,"
                + " and would never take effect. Write \"known-time\".");
  }

  @Test
  void refusesKeysThatDoNotCompare() {
    flights.put(events("id double, t timestamp").times("t", null));
    flights.put(new ViewText("airport@1").entity("alt").from("airports").lookup("name", "faa"));
    flights.put(new ViewText("weather@1").entity("visib").from("weather").lookup("rain", "precip"));
    assertThat(problems())
        .contains(
            "Cannot check source events (sources/events.yaml:1): event-key column \"id\" is double"
                + HINT_KEY,
            "Cannot check view weather@1 (features/weather.yaml:1): entity column \"visib\" is double"
                + HINT_KEY);
  }

  @Test
  void refusesALookUpByAKeyOfAnotherType() {
    flights.put(
        events("id int, t timestamp, place int")
            .lookup("airport", "airports", "place")
            .derive("zone", "airport.tzone")
            .times("t", null));
    assertThat(problems())
        .containsExactly(
            "Cannot check source events (sources/events.yaml:5): look-up \"airport\": key \"place\" is int, \"faa\" of source \"airports\" is"
                + " string. Make them the same type, and none a floating-point number.");
  }

  @Test
  void typesAQueryAgainstItsSourcesDerivedColumns() {
    flights.put(
        new SourceText("cancellations")
            .query("flights", "carrier", "carrier", "soon", "scheduled_departur")
            .only("cancelled + 1")
            .key("carrier")
            .times("arrived", null));
    assertThat(problems())
        .hasSize(3)
        .anySatisfy(
            p ->
                assertThat(p)
                    .contains(
                        "source \"flights\" has no column \"scheduled_departur\". Did you mean \"scheduled_departure\"?"))
        .anySatisfy(
            p ->
                assertThat(p)
                    .startsWith(
                        "Cannot check source cancellations (sources/cancellations.yaml:12): Cannot resolve \"(cancelled + 1)\""))
        .anySatisfy(
            p ->
                assertThat(p)
                    .contains(
                        "(sources/cancellations.yaml:13): source \"cancellations\" has no column \"arrived\"."));
  }

  @Test
  void refusesFiltersAndAggregatesOfTheWrongType() {
    flights.put(
        new ViewText("carrier_history@1")
            .entity("carrier")
            .from("flights")
            .where("distance")
            .windowed("a_1d", Function.MEAN, "origin", null, "1d")
            .windowed("b_1d", Function.PERCENTILE, "cancelled", null, "1d")
            .windowed("c_1d", Function.SUM, "distance", "origin", "1d")
            .windowed("e_1d", Function.COUNT, "origin", null, "1d")
            .derived("f", "e_1d + a_1d")
            .derived("g", "e_1d + h"));
    assertThat(problems())
        .containsExactlyInAnyOrder(
            "Cannot check view carrier_history@1 (features/carrier_history.yaml:10): a filter is true or false, but this is int. Write a condition.",
            "Cannot check view carrier_history@1 (features/carrier_history.yaml:11): feature \"a_1d\": mean needs a number, but origin is string."
                + " Aggregate another expression.",
            "Cannot check view carrier_history@1 (features/carrier_history.yaml:12): feature \"b_1d\": percentile needs a number, but cancelled is"
                + " boolean. Aggregate another expression.",
            "Cannot check view carrier_history@1 (features/carrier_history.yaml:14): a filter is true or false, but this is string. Write a"
                + " condition.",
            "Cannot check view carrier_history@1 (features/carrier_history.yaml:17): view carrier_history@1 has no column \"h\"."
                + " (position 8 of: e_1d + h)");
  }

  @Test
  void refusesDimensionsThatAreNoKeysOfAMap() {
    flights.put(
        new ViewText("carrier_history@1")
            .entity("carrier")
            .from("flights")
            .split("a_1d", Function.SUM, "distance", "map('x', origin)", "1d")
            .split("b_1d", Function.SUM, "distance", "orgin", "1d")
            .windowed("c_1d", Function.HISTOGRAM, "cast(origin as binary)", null, "1d")
            .split("d_1d", Function.COUNT, null, "origin", "1d")
            .derived("e", "d_1d + 1"));
    assertThat(problems())
        .satisfiesExactlyInAnyOrder(
            p ->
                assertThat(p)
                    .contains(
                        "feature \"a_1d\": a dimension needs values that can be a map's keys, but"
                            + " map('x', origin) is map<string,string>. Split by another"
                            + " expression."),
            p -> assertThat(p).contains("has no column \"orgin\". Did you mean \"origin\"?"),
            p ->
                assertThat(p)
                    .contains(
                        "feature \"c_1d\": histogram needs a value that can be a map's key, but"
                            + " cast(origin as binary) is binary. Aggregate another expression."),
            p -> assertThat(p).contains("(position 1 of: d_1d + 1)"));
  }

  @Test
  void refusesAggregatesOfTheProjectsOwnThatCanNotBeUsed() {
    flights.put(
        new ViewText("own@1")
            .entity("carrier")
            .from("flights")
            .own("a_1d", UserSums.Naive.class, "cast(distance as double)")
            .own("b_1d", "com.acme.Missing", "distance")
            .own("c_1d", String.class, "distance")
            .own("d_1d", UserSums.Wrapping.class, "distance", 1, 2)
            .own("e_1d", UserSums.Wrapping.class, "origin")
            .own("f_1d", UserSums.Wrapping.class, "array(distance)")
            .own("g_1d", UserSums.Wrapping.class, "distanc"));
    assertThat(problems())
        .satisfiesExactlyInAnyOrder(
            p ->
                assertThat(p)
                    .contains(
                        "feature \"a_1d\": class io.tributary.analysis.UserSums$Naive is no aggregate:"
                            + " merging is not commutative and associative: ["),
            p ->
                assertThat(p)
                    .contains(
                        "feature \"b_1d\": no class \"com.acme.Missing\" is on the class path"),
            p ->
                assertThat(p)
                    .contains(
                        "feature \"c_1d\": class java.lang.String is no"
                            + " io.tributary.core.aggregate.MergeableAggregate. Implement it."),
            p ->
                assertThat(p)
                    .contains(
                        "feature \"d_1d\": class io.tributary.analysis.UserSums$Wrapping can't be made"
                            + " with the parameters [1.0, 2.0]"),
            p ->
                assertThat(p)
                    .contains(
                        "feature \"e_1d\": io.tributary.analysis.UserSums$Wrapping does not take"
                            + " string: it takes whole numbers. Give it another expression."),
            p ->
                assertThat(p)
                    .contains(
                        "feature \"f_1d\": an aggregate of a class takes numbers, booleans and text,"
                            + " not array<int>. Cast the expression."),
            p -> assertThat(p).contains("has no column \"distanc\""));
  }

  @Test
  void takesAggregatesOfTheProjectsOwnAndDigestsTheirBytes() {
    Digest one = digestWith(UserSums.Wrapping.class);
    assertThat(digestWith(UserSums.Wrapping.class)).isEqualTo(one);
    assertThat(digestWith(UserSums.WrappingToo.class)).isNotEqualTo(one);
    assertThat(digestWith(UserSums.Wrapping.class, 3)).isNotEqualTo(one);
  }

  private Digest digestWith(Class<?> implementation, double... parameters) {
    flights.put(
        new ViewText("own@1")
            .entity("carrier")
            .from("flights")
            .own("a_1d", implementation, "distance", parameters));
    CheckedView view = flights.check().view(ViewId.parse("own@1"));
    assertThat(view.schema().apply("a_1d").dataType()).isEqualTo(DataTypes.LongType);
    return view.digest();
  }

  @Test
  void refusesDefaultsThatAreNoValueOfTheirFeature() {
    flights.put(
        new ViewText("weather@1")
            .entity("origin")
            .from("weather")
            .lookup("raining", "precip > 0")
            .lookup("visibility", "visib")
            .orElse("raining", "perhaps"));
    assertThat(problems())
        .containsExactly(
            "Cannot check view weather@1 (features/weather.yaml:1): the default \"perhaps\" of feature \"raining\" is no boolean. Write one.");
  }

  private void trainingSet(String asOf, String label, ViewUse... uses) {
    flights.trainingSet =
        new TrainingSet(
            "late_arrival",
            "",
            new TrainingSet.Spine.Listed(
                "schedule",
                Optional.empty(),
                Flights.sql("training-sets/late_arrival.yaml:4", asOf)),
            new TrainingSet.Label(
                "late",
                "flights",
                Flights.sql("training-sets/late_arrival.yaml:8", label),
                Optional.empty()),
            List.of(uses),
            Optional.empty(),
            Flights.location("training-sets/late_arrival.yaml:1"));
  }

  private static ViewUse use(String view, Map<String, String> keys, String role, String... take) {
    return new ViewUse(ViewId.parse(view), keys, Optional.ofNullable(role), List.of(take));
  }

  @Test
  void checksHowATrainingSetFitsTogether() {
    trainingSet(
        "cast(scheduled_departure as date)",
        "time_hour",
        use("carrier_history@1", Map.of("carrier", "flight"), "numbers"),
        use("carrier_history@1", Map.of("carier", "carrier"), "typo"),
        use("airport@1", Map.of(), null),
        use("clock@1", Map.of("scheduled_departure", "origin"), null));
    String thing = "Cannot check training-set late_arrival (training-sets/late_arrival.yaml:";
    assertThat(problems())
        .containsExactlyInAnyOrder(
            thing + "4): an as-of is a timestamp, but this is date. Write an instant.",
            thing
                + "8): a label is true or false, a number or a text, but this is timestamp. Write a condition, a number or a class.",
            thing
                + "1): key \"flight\" is int, \"carrier\" of view carrier_history@1 is string. Make them the same type, and none a floating-point"
                + " number.",
            thing + "1): view carrier_history@1 has no key \"carier\". Did you mean \"carrier\"?",
            thing
                + "1): source \"schedule\" has no column \"faa\" for view airport@1. Say which one it is, as in keys: {faa: carrier}.",
            thing
                + "1): column \"origin\" is string, view clock@1 asks for timestamp. Make one like the other.");
  }

  private void rows(TrainingSet.Spine rows, TrainingSet.Label label, ViewUse... uses) {
    flights.trainingSet =
        new TrainingSet(
            "late_arrival",
            "",
            rows,
            label,
            List.of(uses),
            Optional.empty(),
            Flights.location("training-sets/late_arrival.yaml:1"));
  }

  @Test
  void keepsWhatALabelOfTheRowIsMadeOfOutOfTheRow() {
    rows(
        new TrainingSet.Spine.Listed(
            "flights",
            Optional.of(Flights.sql("training-sets/late_arrival.yaml:5", "arr_delay is not null")),
            Flights.sql("training-sets/late_arrival.yaml:4", "scheduled_departure")),
        TrainingSet.Label.ofRow(
            "late",
            "flights",
            Flights.sql("training-sets/late_arrival.yaml:8", "arr_delay > 15"),
            Optional.empty()),
        use("clock@1", Map.of("distance", "arr_delay"), null));
    String thing = "Cannot check training-set late_arrival (training-sets/late_arrival.yaml:";
    assertThat(problems())
        .anySatisfy(
            p ->
                assertThat(p)
                    .contains(
                        thing
                            + "5): the rows are chosen by \"arr_delay\", of which their label is"
                            + " made: a filter on the outcome does not exist when scoring."))
        .anySatisfy(
            p ->
                assertThat(p)
                    .contains(
                        "source \"flights\" (without what the label is made of) has no column"
                            + " \"arr_delay\" for view clock@1."));
  }

  @Test
  void showsNoRowItsOwnLabelByAView() {
    String told =
        "Cannot check training-set late_arrival (training-sets/late_arrival.yaml:1): view airport@1"
            + " shows \"alt\" of the rows that ask, of which their label \"late\" is made: each row"
            + " would be shown its own. Leave it out of the view, or read the view from another"
            + " source.";
    airports("alt > 100");
    assertThat(problems()).contains(told);
    airports("tzone is not null");
    assertThat(problems()).doesNotContain(told);
  }

  private void airports(String label) {
    rows(
        new TrainingSet.Spine.Listed(
            "airports",
            Optional.empty(),
            Flights.sql("training-sets/late_arrival.yaml:4", "timestamp'2013-01-01 00:00:00'")),
        TrainingSet.Label.ofRow(
            "late",
            "airports",
            Flights.sql("training-sets/late_arrival.yaml:8", label),
            Optional.empty()),
        use("airport@1", Map.of(), null));
  }

  @Test
  void checksWhoAsksEverySoOften() {
    TrainingSet.Label label =
        new TrainingSet.Label(
            "late",
            "flights",
            Flights.sql("training-sets/late_arrival.yaml:8", "arr_delay > 15"),
            Optional.empty());
    rows(
        new TrainingSet.Spine.Periodic(
            "flights",
            Optional.of(Flights.sql("training-sets/late_arrival.yaml:5", "carrier")),
            List.of("carrier", "arr_delay"),
            Duration.ofDays(7),
            Optional.empty(),
            Optional.empty()),
        label);
    String thing = "Cannot check training-set late_arrival (training-sets/late_arrival.yaml:";
    assertThat(problems())
        .contains(
            thing + "5): a filter is true or false, but this is string. Write a condition.",
            thing
                + "1): entity column \"arr_delay\" is double, which can't be compared beyond doubt."
                + " Use whole numbers, decimals, text, booleans, dates or timestamps.");
  }

  @Test
  void splitsByKeysOfTheRowsAlone() {
    Model by = flights.model;
    flights.model =
        new Model(
            by.name(),
            by.description(),
            by.trainingSet(),
            new Model.Split(
                List.of("carrier", "carrier_history__trend", "_as_of"),
                "",
                Model.Part.of(7000),
                Optional.of(Model.Part.of(1500)),
                Model.Part.of(1500)),
            by.inputs(),
            by.network(),
            by.fit(),
            by.metrics(),
            by.slices(),
            by.admit(),
            by.staleOnline(),
            Model.Promotion.AUTOMATIC,
            0.005,
            new Model.Retrain(Duration.ofDays(7)),
            by.location());
    String none =
        "Cannot check model late_arrival (models/late_arrival.yaml:1): split by: training-set"
            + " late_arrival has no column ";
    assertThat(problems())
        .satisfiesExactlyInAnyOrder(
            p -> assertThat(p).startsWith(none + "\"carrier_history__trend\""),
            p -> assertThat(p).startsWith(none + "\"_as_of\""));
  }

  @Test
  void neverLetsTheLabelIntoAFeature() {
    trainingSet(
        "scheduled_departure", "arr_delay > 15", use("clock@1", Map.of("distance", "late"), null));
    assertThat(problems())
        .anySatisfy(
            p ->
                assertThat(p)
                    .contains("source \"schedule\" has no column \"late\" for view clock@1."));
  }

  @Test
  void givesEachInputAnEncodingThatCanTakeIt() {
    flights.model =
        Flights.model(
            Map.of(
                "default", new Encoding.OneHot(),
                "carrier", new Encoding.Standardize(),
                "distnce", new Encoding.Raw(),
                "scheduled_departure", new Encoding.Raw()),
            List.of("origins"));
    String thing = "Cannot check model late_arrival (models/late_arrival.yaml:1): ";
    assertThat(problems())
        .contains(
            thing
                + "input \"carrier\" is string, which is no number. Give it an encoding, carrier: one-hot or carrier: embedding(4).",
            thing
                + "input: training-set late_arrival has no column \"distnce\". Did you mean \"distance\"?",
            thing
                + "slice: training-set late_arrival has no column \"origins\". Did you mean \"origin\"?",
            thing
                + "input \"scheduled_departure\" is timestamp, which no encoding takes. Make a number or text of it in its view, or leave it out"
                + " by \"take\".",
            thing
                + "input \"carrier_history__late_share_1d\" is double, which has too many values to be a category. Use standardize or raw.");
  }

  @Test
  void allowsNothingOnlineThatIsNotStale() {
    flights.model = Flights.model(Map.of("carrier", new Encoding.OneHot()), List.of(), true);
    assertThat(problems())
        .containsExactly(
            "Cannot check model late_arrival (models/late_arrival.yaml:1): \"online: stale\" allows"
                + " nothing: none of its inputs comes from a view of accuracy: exact, so the online"
                + " store answers as in training. Take it out.");
    flights.model =
        Flights.model(Map.of("carrier_history__flights_1d", new Encoding.Raw()), List.of(), true);
    assertThat(flights.check().model("late_arrival").uses()).hasSize(1);
    FeatureView view = flights.views.get(ViewId.parse("carrier_history@1"));
    flights.views.put(view.id(), Flights.unpublished(view));
    assertThat(problems())
        .containsExactly(
            "Cannot check model late_arrival (models/late_arrival.yaml:1): \"online: stale\" allows"
                + " nothing: view carrier_history@1 says online: false, so the online store has"
                + " nothing of it. Publish it, or take \"online\" out of the model.");
  }

  @Test
  void givesNoMapToAModel() {
    flights.put(
        new ViewText("carrier_history@1")
            .entity("carrier")
            .from("flights")
            .split("flights_1d", Function.COUNT, null, "origin", "1d"));
    assertThat(problems())
        .contains(
            "Cannot check model late_arrival (models/late_arrival.yaml:1): input"
                + " \"carrier_history__flights_1d\" is map<string,bigint>, which no encoding takes."
                + " Take values out of it in \"derived\" of its view, as in spent_7d['books'], and"
                + " leave it out by \"take\".");
  }

  @Test
  void decidesByTheScoreAlone() {
    flights.scores =
        new ScoreSet(
            "departures",
            "",
            "late_arrival",
            "production",
            List.of(),
            List.of(),
            "late_arrival",
            Optional.of(Flights.sql("scores/departures.yaml:4", "scor > 1")),
            Map.of(),
            Flights.location("scores/departures.yaml:1"));
    assertThat(problems())
        .containsExactly(
            "Cannot check scores departures (scores/departures.yaml:4): a score has no column \"scor\". Did you mean \"score\"? (position 1 of:"
                + " scor > 1)");
    flights.scores =
        new ScoreSet(
            "departures",
            "",
            "late_arrival",
            "production",
            List.of(),
            List.of(),
            "late_arrival",
            Optional.of(Flights.sql("scores/departures.yaml:4", "score * 2")),
            Map.of(),
            Flights.location("scores/departures.yaml:1"));
    assertThat(problems())
        .containsExactly(
            "Cannot check scores departures (scores/departures.yaml:4): a decision is true or false, but this is double. Write a condition, as in"
                + " score > 0.5.");
  }

  @Test
  void refusesRowsWithAColumnThatScoresHave() {
    flights.put(
        new SourceText("schedule")
            .query(
                "flights",
                "carrier",
                "carrier",
                "flight",
                "flight",
                "origin",
                "origin",
                "year",
                "year",
                "month",
                "month",
                "day",
                "day",
                "distance",
                "distance",
                "Model",
                "dest",
                "scheduled_departure",
                "scheduled_departure")
            .key("carrier", "flight", "origin", "year", "month", "day")
            .times("scheduled_departure", "scheduled_departure - interval 168 hours"));
    assertThat(problems())
        .containsExactly(
            "Cannot check scores departures (scores/departures.yaml:1): the rows of training-set"
                + " late_arrival have a column \"Model\", which is a column of scores too. Name it"
                + " otherwise in a query source, and take its rows.");
  }
}
