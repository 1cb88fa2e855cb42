package io.tributary.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.analysis.Flights.SourceText;
import io.tributary.analysis.Flights.ViewText;
import io.tributary.core.Digest;
import io.tributary.definition.Aggregate.Function;
import io.tributary.definition.Model.Encoding;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.definition.TrainingSet;
import io.tributary.definition.ViewId;
import io.tributary.definition.ViewUse;
import io.tributary.definition.Window;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Which edits change which digests. */
class TestDigests {
  private static final Map<String, Digest> BEFORE = digests(f -> {});

  private static Map<String, Digest> digests(Consumer<Flights> edit) {
    Flights flights = new Flights();
    edit.accept(flights);
    CheckedProject project = flights.check();
    Map<String, Digest> digests = new TreeMap<>();
    project
        .project()
        .sources()
        .values()
        .forEach(s -> digests.put("source " + s.name(), project.source(s.name()).digest()));
    project
        .project()
        .views()
        .values()
        .forEach(v -> digests.put("view " + v.id(), project.view(v.id()).digest()));
    digests.put("training-set", project.trainingSet(flights.trainingSet.name()).digest());
    digests.put("population", project.trainingSet("late_arrival").population());
    digests.put("model", project.model(flights.model.name()).digest());
    digests.put("scores", project.scores(flights.scores.name()).digest());
    digests.put("monitor", project.digest(flights.monitor));
    return digests;
  }

  private static List<String> changed(Consumer<Flights> edit) {
    Map<String, Digest> after = digests(edit);
    assertThat(after.keySet()).isEqualTo(BEFORE.keySet());
    return BEFORE.keySet().stream().filter(k -> !after.get(k).equals(BEFORE.get(k))).toList();
  }

  private static Source source(String name) {
    return new Flights().sources.get(name);
  }

  private static SourceText weather() {
    return new SourceText("weather")
        .times("time_hour", null)
        .delay(Duration.ofHours(1))
        .key("origin", "time_hour");
  }

  private static final String WEATHER =
      "origin string, visib double, precip double, time_hour timestamp";

  @Test
  void areDifferentFromOneAnother() {
    assertThat(BEFORE.values()).doesNotHaveDuplicates();
  }

  @Test
  void seeNoDescriptionPathCaseSpacesCommentsOrLines() {
    assertThat(
            changed(
                f -> {
                  f.put(weather().contract(WEATHER).told("Rain.", "elsewhere/*.csv"));
                  f.put(
                      new ViewText("weather@1")
                          .told("New words.")
                          .ttl(Duration.ofHours(3))
                          .orElse("visibility", "10")
                          .entity("origin")
                          .from("weather")
                          .lookup("visibility", " VISIB /* miles */")
                          .lookup("raining", "PRECIP>0"));
                }))
        .isEmpty();
  }

  @Test
  void seeNoOrderOfKeys() {
    assertThat(
            changed(
                f -> {
                  f.put(
                      new ViewText("weather@1")
                          .entity("origin")
                          .from("weather")
                          .lookup("raining", "precip > 0")
                          .lookup("visibility", "visib")
                          .ttl(Duration.ofHours(3))
                          .orElse("visibility", "10"));
                }))
        .isEmpty();
  }

  @Test
  void ofViewsDoNotSeeAColumnAddedAtTheEndOfTheContract() {
    assertThat(changed(f -> f.put(weather().contract(WEATHER + ", wind double"))))
        .containsExactly("source weather");
  }

  @Test
  void ofViewsDoNotSeeADerivedColumnOrAnotherFieldOfALookUp() {
    assertThat(changed(f -> f.put(weather().contract(WEATHER).derive("dry", "precip = 0"))))
        .containsExactly("source weather");
    assertThat(
            changed(
                f ->
                    f.put(
                        new SourceText("airports")
                            .contract("faa string, alt int, tzone string, name string")
                            .key("faa")
                            .fixed())))
        .containsExactly("source airports", "source flights");
  }

  @Test
  void ofViewsSeeAColumnThatComesBetweenThoseThatBreakTies() {
    assertThat(
            changed(
                f ->
                    f.put(
                        weather()
                            .contract(
                                "origin string, visib double, wind double, precip double, time_hour timestamp"))))
        .containsExactly(
            "model",
            "monitor",
            "population",
            "scores",
            "source weather",
            "training-set",
            "view weather@1");
  }

  @Test
  void followADerivedColumnToAllThatUseIt() {
    assertThat(
            changed(
                f -> {
                  Source s = source("flights");
                  f.sources.put(
                      "flights",
                      withDerived(s, "cancelled", "dep_time is null and arr_delay is null"));
                }))
        .containsExactly(
            "model",
            "monitor",
            "population",
            "scores",
            "source flights",
            "training-set",
            "view carrier_history@1");
  }

  private static Source withDerived(Source s, String name, String text) {
    var derive =
        s.derive().stream()
            .map(
                d ->
                    d.name().equals(name)
                        ? new io.tributary.definition.Derivation(
                            name, Flights.sql("sources/x.yaml:1", text))
                        : d)
            .toList();
    return new Source(
        s.name(),
        s.description(),
        s.owner(),
        s.input(),
        s.columns(),
        s.lookup(),
        derive,
        s.eventKey(),
        s.eventTime(),
        s.knownTime(),
        s.availabilityDelay(),
        s.tombstone(),
        s.zone(),
        s.expectations(),
        s.isStatic(),
        s.location());
  }

  @Test
  void takeADerivedColumnForWhatItMeansAndNotForItsName() {
    List<Digest> digests = new ArrayList<>();
    for (String name : List.of("dry", "rainless")) {
      Flights flights = new Flights();
      flights.put(weather().contract(WEATHER).derive(name, "precip = 0"));
      flights.put(
          new ViewText("weather@1")
              .entity("origin")
              .from("weather")
              .lookup("visibility", "visib")
              .lookup("raining", "not " + name));
      digests.add(flights.check().view(ViewId.parse("weather@1")).digest());
    }
    assertThat(digests.get(0)).isEqualTo(digests.get(1));
  }

  @Test
  void ofViewsSeeTheirSourcesKeyAndTimes() {
    assertThat(changed(f -> f.put(weather().contract(WEATHER).delay(Duration.ofHours(2)))))
        .contains("source weather", "view weather@1")
        .doesNotContain("view carrier_history@1");
    assertThat(changed(f -> f.put(weather().contract(WEATHER).tombstone("visib < 0"))))
        .contains("view weather@1");
    assertThat(changed(f -> f.put(weather().contract(WEATHER).key("origin"))))
        .contains("view weather@1");
    assertThat(changed(f -> f.put(weather().contract(WEATHER).sequence("time_hour"))))
        .contains("source weather", "view weather@1")
        .doesNotContain("view carrier_history@1");
  }

  @Test
  void ofViewsSeeTheZoneOfInstantsAndDaysThatTheyTake() {
    assertThat(changed(f -> f.put(weather().contract(WEATHER).zone("Asia/Tokyo"))))
        .contains("source weather", "view weather@1")
        .doesNotContain("view carrier_history@1");
    String days = WEATHER.replace("time_hour timestamp", "time_hour date");
    assertThat(
            digests(f -> f.put(weather().contract(days).zone("Asia/Tokyo"))).get("view weather@1"))
        .isNotEqualTo(digests(f -> f.put(weather().contract(days))).get("view weather@1"));
  }

  @Test
  void ofViewsDoNotSeeHowFilesAreWritten() {
    assertThat(
            changed(
                f -> {
                  Source s = source("weather");
                  SourceInput.Files files = (SourceInput.Files) s.input();
                  f.sources.put(
                      "weather",
                      readFrom(
                          s,
                          new SourceInput.Files(
                              files.format(),
                              files.path(),
                              !files.header(),
                              List.of("-"),
                              Map.of("sep", ";"))));
                }))
        .containsExactly("source weather");
  }

  private static Source readFrom(Source s, SourceInput input) {
    return new Source(
        s.name(),
        s.description(),
        s.owner(),
        input,
        s.columns(),
        s.lookup(),
        s.derive(),
        s.eventKey(),
        s.eventTime(),
        s.knownTime(),
        s.availabilityDelay(),
        s.tombstone(),
        s.zone(),
        s.expectations(),
        s.isStatic(),
        s.location());
  }

  @Test
  void ofViewsSeeWhichRowsTheQueriesBehindThemSelect() {
    assertThat(
            List.of(
                ofAQueryOfAQuery(dry()),
                ofAQueryOfAQuery(dry().only("precip = 0")),
                ofAQueryOfAQuery(dry().only("precip < 1"))))
        .doesNotHaveDuplicates();
  }

  private static SourceText dry() {
    return new SourceText("dry")
        .query("weather", "origin", "origin", "visib", "visib", "time_hour", "time_hour");
  }

  /** The digest of a view over a query of this query. */
  private static Digest ofAQueryOfAQuery(SourceText dry) {
    Flights flights = new Flights();
    flights.put(dry.key("origin", "time_hour").times("time_hour", null));
    flights.put(
        new SourceText("far")
            .query("dry", "origin", "origin", "visib", "visib", "time_hour", "time_hour")
            .key("origin", "time_hour")
            .times("time_hour", null));
    flights.put(
        new ViewText("weather@1")
            .entity("origin")
            .from("far")
            .lookup("visibility", "visib")
            .lookup("raining", "visib < 1"));
    return flights.check().view(ViewId.parse("weather@1")).digest();
  }

  @Test
  void ofViewsSeeWindowsFiltersTimeToLiveDefaultsAndTieBreaks() {
    ViewText base =
        new ViewText("weather@1").entity("origin").from("weather").lookup("visibility", "visib");
    Digest digest = digest(base);
    assertThat(
            List.of(
                digest(
                    new ViewText("weather@1")
                        .entity("origin")
                        .from("weather")
                        .lookup("visibility", "visib")
                        .ttl(Duration.ofHours(3))),
                digest(
                    new ViewText("weather@1")
                        .entity("origin")
                        .from("weather")
                        .lookup("visibility", "visib")
                        .where("visib > 0")),
                digest(
                    new ViewText("weather@1")
                        .entity("origin")
                        .from("weather")
                        .lookup("visibility", "visib")
                        .orElse("visibility", "1")),
                digest(
                    new ViewText("weather@1")
                        .entity("origin")
                        .from("weather")
                        .lookup("visibility", "visib")
                        .tieBreak("precip")),
                digest(
                    new ViewText("weather@1")
                        .entity("origin")
                        .from("weather")
                        .windowed("visibility", Function.LAST, "visib", null, "1d")),
                digest(
                    new ViewText("weather@1")
                        .entity("origin")
                        .from("weather")
                        .windowed("visibility", Function.LAST, "visib", null, "2d")),
                digest(
                    new ViewText("weather@1")
                        .entity("origin")
                        .from("weather")
                        .windowed(
                            "visibility", Function.LAST, "visib", null, calendarDays(1, "UTC"))),
                digest(
                    new ViewText("weather@1")
                        .entity("origin")
                        .from("weather")
                        .windowed(
                            "visibility", Function.LAST, "visib", null, calendarDays(2, "UTC"))),
                digest(
                    new ViewText("weather@1")
                        .entity("origin")
                        .from("weather")
                        .windowed(
                            "visibility",
                            Function.LAST,
                            "visib",
                            null,
                            calendarDays(1, "Europe/Berlin"))),
                digest(
                    new ViewText("weather@1")
                        .entity("origin")
                        .from("weather")
                        .windowed("visibility", Function.FIRST, "visib", null, "2d")),
                digest(
                    new ViewText("weather@1")
                        .entity("origin")
                        .from("weather")
                        .windowed("visibility", Function.FIRST, "visib", "visib > 0", "2d")),
                digest(
                    new ViewText("weather@1")
                        .entity("origin")
                        .from("weather")
                        .split("visibility", Function.FIRST, "visib", "origin", "2d")),
                digest(
                    new ViewText("weather@1")
                        .entity("origin")
                        .from("weather")
                        .split("visibility", Function.FIRST, "visib", "visib", "2d"))))
        .doesNotHaveDuplicates()
        .doesNotContain(digest);
    assertThat(
            digest(
                new ViewText("weather@1")
                    .entity("origin")
                    .from("weather")
                    .windowed("visibility", Function.LAST, "visib", null, "24h")))
        .isEqualTo(
            digest(
                new ViewText("weather@1")
                    .entity("origin")
                    .from("weather")
                    .windowed("visibility", Function.LAST, "visib", null, "1d")));
  }

  private static Window calendarDays(int days, String zone) {
    return new Window.CalendarDays(days, ZoneId.of(zone));
  }

  private static Digest digest(ViewText view) {
    Flights flights = new Flights();
    flights.views.clear();
    flights.put(view);
    List<ViewUse> uses = List.of();
    TrainingSet t = flights.trainingSet;
    flights.trainingSet =
        new TrainingSet(t.name(), "", t.rows(), t.label(), uses, t.knownUntil(), t.location());
    flights.model = Flights.model(Map.of("carrier", new Encoding.OneHot()), List.of());
    return flights.check().view(ViewId.parse("weather@1")).digest();
  }

  @Test
  void ofScoresDoNotSeeTheLabel() {
    assertThat(
            changed(
                f -> {
                  TrainingSet t = f.trainingSet;
                  TrainingSet.Label other =
                      new TrainingSet.Label(
                          "late",
                          "flights",
                          Flights.sql("training-sets/late_arrival.yaml:8", "arr_delay > 30"),
                          t.label().where());
                  f.trainingSet =
                      new TrainingSet(
                          t.name(),
                          "",
                          t.rows(),
                          other,
                          t.features(),
                          t.knownUntil(),
                          t.location());
                }))
        .containsExactly("model", "monitor", "training-set");
  }

  @Test
  void ofTrainingSetsSeeRolesKeysAndTakenFeatures() {
    assertThat(
            changed(
                f -> {
                  TrainingSet t = f.trainingSet;
                  List<ViewUse> uses = new ArrayList<>(t.features());
                  uses.set(
                      1,
                      new ViewUse(
                          ViewId.parse("weather@1"),
                          Map.of(),
                          Optional.of("origin_weather"),
                          List.of("visibility")));
                  f.trainingSet =
                      new TrainingSet(
                          t.name(), "", t.rows(), t.label(), uses, t.knownUntil(), t.location());
                }))
        .containsExactly("model", "monitor", "population", "scores", "training-set");
    assertThat(
            changed(
                f -> {
                  TrainingSet t = f.trainingSet;
                  List<ViewUse> uses = new ArrayList<>(t.features());
                  Collections.swap(uses, 0, 1);
                  f.trainingSet =
                      new TrainingSet(
                          t.name(), "", t.rows(), t.label(), uses, t.knownUntil(), t.location());
                }))
        .contains("training-set");
  }

  @Test
  void ofModelsSeeTheirInputs() {
    assertThat(
            changed(
                f ->
                    f.model =
                        Flights.model(
                            new LinkedHashMap<>(
                                Map.of(
                                    "default",
                                    new Encoding.Standardize(),
                                    "carrier",
                                    new Encoding.Embedding(5))),
                            List.of("origin"))))
        .containsExactly("model");
  }

  /** Its verdicts of challengers are by it, and are kept. */
  @Test
  void ofMonitorsSeeTheMarginOfTheirModel() {
    assertThat(
            changed(f -> f.model = Flights.model(f.model.inputs(), f.model.slices(), false, 0.01)))
        .containsExactly("monitor");
  }

  @Test
  void ofModelsSeeWhatTheyAllowOnline() {
    assertThat(changed(f -> f.model = Flights.model(f.model.inputs(), f.model.slices(), true)))
        .containsExactly("model");
  }
}
