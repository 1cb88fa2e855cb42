package io.tributary.analysis;

import static io.tributary.expression.Rows.row;
import static io.tributary.expression.Rows.values;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Interval;
import io.tributary.definition.AvailabilityDelay;
import io.tributary.definition.ViewId;
import io.tributary.expression.Evaluator;
import io.tributary.expression.RowExpressions;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.InternalRow;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestCheckedProject {
  private static CheckedProject project;

  @BeforeAll
  static void check() {
    project = new Flights().check();
  }

  private static InternalRow flight(
      Integer departed, Double delay, Integer scheduledArrival, InternalRow destination) {
    Instant hour =
        Instant.parse("2013-03-10T01:00:00Z"); // 20:00 on the 9th; that night has 23 hours
    return row(
        2013,
        3,
        9,
        departed,
        delay,
        "UA",
        15,
        "EWR",
        "DEN",
        1600,
        scheduledArrival,
        45,
        hour,
        destination);
  }

  @Test
  void makesAFlightsTimesFromItsFile() {
    CheckedSource flights = project.source("flights");
    Evaluator rows = flights.rows().evaluator();
    List<Object> flown =
        values(
            rows.evaluate(flight(2050, 25.0, 105, row("DEN", 5431, "America/Denver"))),
            flights.rowSchema());
    List<Object> cancelled =
        values(rows.evaluate(flight(null, null, 105, null)), flights.rowSchema());

    assertThat(flights.input().fieldNames()).endsWith("time_hour", "destination");
    assertThat(flights.schema().catalogString())
        .endsWith(
            "time_hour:timestamp,destination:struct<faa:string,alt:int,tzone:string>,scheduled_departure:timestamp,cancelled:boolean,"
                + "landing:timestamp,scheduled_arrival:timestamp,arrived:timestamp>");
    assertThat(flights.rowSchema().catalogString())
        .endsWith(
            "arrived:timestamp,_event_time:timestamp,_known_time:timestamp,_deleted:boolean>");
    Instant departure = Instant.parse("2013-03-10T01:45:00Z");
    Instant landing = Instant.parse("2013-03-09T08:05:00Z"); // 01:05 in Denver, before it left
    Instant arrived = landing.plusSeconds(86_400 + 25 * 60);
    assertThat(flown.subList(14, 22))
        .containsExactly(
            departure,
            false,
            landing,
            landing.plusSeconds(86_400),
            arrived,
            departure,
            arrived,
            false);
    Instant atlantic = Instant.parse("2013-03-09T05:05:00Z");
    assertThat(cancelled.subList(13, 22))
        .containsExactly(
            null,
            departure,
            true,
            atlantic,
            atlantic.plusSeconds(86_400),
            null,
            departure,
            departure.plusSeconds(86_400),
            false);
  }

  @Test
  void makesAQuerysRowsFromThoseOfItsSource() {
    CheckedSource flights = project.source("flights");
    CheckedSource schedule = project.source("schedule");
    assertThat(schedule.input()).isEqualTo(flights.rowSchema());
    assertThat(schedule.rowSchema().catalogString())
        .isEqualTo(
            "struct<carrier:string,flight:int,origin:string,year:int,month:int,day:int,distance:int,scheduled_departure:timestamp,"
                + "_event_time:timestamp,_known_time:timestamp,_deleted:boolean>");
    InternalRow flown = flights.rows().evaluator().evaluate(flight(2050, 25.0, 105, null)).copy();
    Instant departure = Instant.parse("2013-03-10T01:45:00Z");

    assertThat(values(schedule.rows().evaluator().evaluate(flown), schedule.rowSchema()))
        .containsExactly(
            "UA",
            15,
            "EWR",
            2013,
            3,
            9,
            1600,
            departure,
            departure,
            departure.minusSeconds(168 * 3600),
            false);
  }

  private static CheckedProject with(Flights.SourceText... sources) {
    Flights flights = new Flights();
    for (Flights.SourceText source : sources) {
      flights.put(source);
    }
    return flights.check();
  }

  @Test
  void letsAQueryInheritWhenItsRowsAreKnownAndWithdrawn() {
    CheckedProject project =
        with(
            new Flights.SourceText("orders")
                .contract("id int, t timestamp, gone boolean, amount double")
                .key("id")
                .times("t", "t + interval 2 hours")
                .tombstone("gone"),
            new Flights.SourceText("large")
                .query("orders", "id", "id", "t", "t", "amount", "amount * 2")
                .only("amount > 10")
                .key("id")
                .times("t", null)
                .tombstone("amount > 100"));
    CheckedSource large = project.source("large");
    Instant t = Instant.parse("2013-07-01T00:00:00Z");
    Evaluator orders = project.source("orders").rows().evaluator();
    Evaluator rows = large.rows().evaluator();
    Evaluator filter = large.filter().orElseThrow().evaluator();

    InternalRow order = orders.evaluate(row(1, t, null, 20.0)).copy();
    assertThat(values(rows.evaluate(order), large.rowSchema()))
        .containsExactly(1, t, 40.0, t, t.plusSeconds(7200), false);
    assertThat(filter.evaluate(order).getBoolean(0)).isTrue();
    InternalRow withdrawn = orders.evaluate(row(1, t, true, null)).copy();
    assertThat(values(rows.evaluate(withdrawn), large.rowSchema()))
        .containsExactly(1, t, null, t, t.plusSeconds(7200), true);
    assertThat(filter.evaluate(withdrawn).getBoolean(0)).isFalse();
    InternalRow huge = orders.evaluate(row(1, t, false, 90.0)).copy();
    assertThat(values(rows.evaluate(huge), large.rowSchema()).get(5)).isEqualTo(true);
  }

  @Test
  void takesADayForItsStartInTheSourcesZone() {
    CheckedSource days =
        with(new Flights.SourceText("days")
                .contract("id int, d date")
                .key("id")
                .times("d", null)
                .delay(java.time.Duration.ofDays(1)))
            .source("days");
    Evaluator rows = days.rows().evaluator();
    Instant midnight = Instant.parse("2013-03-10T05:00:00Z"); // in New York, on the day of 23 hours
    assertThat(
            values(rows.evaluate(row(1, java.time.LocalDate.of(2013, 3, 10))), days.rowSchema())
                .subList(2, 5))
        .containsExactly(midnight, midnight.plusSeconds(86_400), false);
    assertThat(values(rows.evaluate(row(1, null)), days.rowSchema()).subList(2, 5))
        .containsExactly(null, null, false);
  }

  /** Against a naive computation, in zones whose midnights are skipped, repeated or half hours. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "UTC",
        "America/New_York",
        "America/Sao_Paulo",
        "America/Havana",
        "Australia/Lord_Howe",
        "Pacific/Apia"
      })
  void knowsADayAtItsLastMicrosecond(String id) {
    ZoneId zone = ZoneId.of(id);
    Evaluator alone = days(id, "end-of-day").rows().evaluator();
    CheckedSource later = days(id, "end-of-day + 6h");
    Evaluator sixHours = later.rows().evaluator();
    int changes = 0;
    for (LocalDate day = LocalDate.of(2011, 1, 1);
        day.isBefore(LocalDate.of(2013, 1, 1));
        day = day.plusDays(1)) {
      Instant begins = day.atStartOfDay(zone).toInstant();
      Instant over = day.plusDays(1).atStartOfDay(zone).toInstant();
      Instant last = over.minusNanos(1_000);
      assertThat(values(alone.evaluate(row(1, day)), later.rowSchema()).subList(2, 4))
          .as("%s in %s", day, id)
          .containsExactly(begins, last);
      if (begins.isBefore(over)) {
        // So the night's snapshot holds the day that it ends.
        assertThat(last).isEqualTo(Interval.of(begins, over).snapshotInstant());
      }
      assertThat(values(sixHours.evaluate(row(1, day)), later.rowSchema()).get(3))
          .isEqualTo(last.plusSeconds(6 * 3600));
      changes += Duration.between(begins, over).equals(Duration.ofDays(1)) ? 0 : 1;
    }
    assertThat(changes).isGreaterThanOrEqualTo(id.equals("UTC") ? 0 : 4);
    assertThat(values(alone.evaluate(row(1, null)), later.rowSchema()).subList(2, 5))
        .containsExactly(null, null, false);
  }

  private CheckedSource days(String zone, String delay) {
    return with(new Flights.SourceText("days")
            .contract("id int, d date")
            .key("id")
            .times("d", null)
            .zone(zone)
            .delay(AvailabilityDelay.parse(delay)))
        .source("days");
  }

  @Test
  void addsTheAvailabilityDelayPhysically() {
    CheckedSource weather = project.source("weather");
    Instant hour = Instant.parse("2013-03-10T06:30:00Z");
    assertThat(
            values(
                weather.rows().evaluator().evaluate(row("EWR", 10.0, 0.1, hour)),
                weather.rowSchema()))
        .containsExactly("EWR", 10.0, 0.1, hour, hour, hour.plusSeconds(3600), false);
  }

  @Test
  void computesEachDifferentArgumentOfAViewOnce() {
    CheckedView view = project.view(ViewId.parse("carrier_history@1"));
    assertThat(view.arguments().schema().catalogString())
        .isEqualTo(
            "struct<_where:boolean,_of_late_share_1d:int,_where_longhaul_delay_7d:boolean,_of_longhaul_delay_7d:double,_of_worst_7d:double>");
    assertThat(view.computations())
        .extracting(
            c ->
                c.feature().name()
                    + " "
                    + c.argument().orElse("*")
                    + " "
                    + c.filter().orElse("-")
                    + " "
                    + c.type().catalogString())
        .containsExactly(
            "flights_1d * - bigint",
            "late_share_1d _of_late_share_1d - double",
            "late_share_30d _of_late_share_1d - double",
            "longhaul_delay_7d _of_longhaul_delay_7d _where_longhaul_delay_7d double",
            "worst_7d _of_worst_7d - double");
    InternalRow flown =
        project.source("flights").rows().evaluator().evaluate(flight(2050, 25.0, 105, null)).copy();
    Evaluator arguments = view.arguments().over(project.source("flights").rowSchema()).evaluator();
    assertThat(values(arguments.evaluate(flown), view.arguments().schema()))
        .containsExactly(true, 1, true, 25.0, 25.0);
  }

  @Test
  void completesAViewWithItsDerivedFeatures() {
    CheckedView view = project.view(ViewId.parse("carrier_history@1"));
    assertThat(view.schema().catalogString())
        .isEqualTo(
            "struct<flights_1d:bigint,late_share_1d:double,late_share_30d:double,longhaul_delay_7d:double,worst_7d:double,trend:double,"
                + "ratio:double>");
    Evaluator completion = view.completion().evaluator();
    assertThat(values(completion.evaluate(row(3L, 0.5, 0.25, null, 9.0)), view.schema()))
        .containsExactly(3L, 0.5, 0.25, null, 9.0, 0.25, 2.0);
    assertThat(values(completion.evaluate(row(0L, 0.5, 0.0, null, null)), view.schema()))
        .containsExactly(0L, 0.5, 0.0, null, null, 0.5, null);
  }

  @Test
  void readsDefaultsAsTheFeaturesType() {
    assertThat(project.view(ViewId.parse("weather@1")).defaults())
        .isEqualTo(Map.of("visibility", 10.0));
    assertThat(project.view(ViewId.parse("weather@1")).schema().catalogString())
        .isEqualTo("struct<visibility:double,raining:boolean>");
  }

  @Test
  void ordersEventsOfEqualTimesByTheSourcesColumnsUpToTheLastThatCounts() {
    assertThat(project.view(ViewId.parse("weather@1")).order()).containsExactly("visib", "precip");
    assertThat(project.view(ViewId.parse("airport@1")).order()).containsExactly("alt");
    assertThat(project.source("weather").order())
        .containsExactly("visib", "precip", "origin", "time_hour");
  }

  private static CheckedProject changes(Flights.ViewText... views) {
    Flights flights = new Flights();
    flights.put(
        new Flights.SourceText("changes")
            .contract("id int, lsn bigint, who string, t timestamp, seen timestamp, a int, b int")
            .key("id")
            .times("t", "seen")
            .tombstone("a < 0")
            .sequence("lsn"));
    flights.put(
        new Flights.SourceText("some")
            .query("changes", "id", "id", "who", "who", "at", "lsn", "t", "t", "a", "a")
            .only("b > 0")
            .key("id")
            .times("t", null));
    for (Flights.ViewText view : views) {
      flights.put(view);
    }
    return flights.check();
  }

  private static Flights.ViewText ofChanges(String name, String... columns) {
    Flights.ViewText view = new Flights.ViewText(name + "@1").from("changes").entity("who");
    for (String column : columns) {
      view.lookup("its_" + column, column);
    }
    return view;
  }

  @Test
  void ordersEventsByWhatIdentifiesThemOnlyWhereAViewReadsItAndThenLast() {
    CheckedProject project =
        changes(
            ofChanges("value", "a"),
            ofChanges("times", "a", "t", "seen", "who"),
            ofChanges("key", "id"),
            ofChanges("sequence", "lsn", "b"));
    assertThat(project.source("changes").order())
        .containsExactly("who", "a", "b", "id", "lsn", "t", "seen");
    assertThat(project.view(ViewId.parse("value@1")).order()).containsExactly("who", "a");
    assertThat(project.view(ViewId.parse("times@1")).order()).containsExactly("who", "a");
    assertThat(project.view(ViewId.parse("key@1")).order()).containsExactly("who", "a", "b", "id");
    assertThat(project.view(ViewId.parse("sequence@1")).order())
        .containsExactly("who", "a", "b", "lsn");
    assertThat(project.view(ViewId.parse("times@1")).reads())
        .containsExactlyInAnyOrder("who", "a", "t", "seen");
  }

  @Test
  void aQueryTakesItsSourcesSequence() {
    CheckedProject project = changes(ofChanges("value", "a"));
    CheckedSource some = project.source("some");
    assertThat(some.sequence()).contains(CheckedSource.SEQUENCE);
    assertThat(some.rowSchema().fieldNames())
        .endsWith("_event_time", "_known_time", "_deleted", "_sequence");
    // The column of the same meaning is no value either.
    assertThat(some.order()).containsExactly("who", "a", "id", "at", "t");
    assertThat(project.source("changes").sequence()).contains("lsn");
    assertThat(project.source("changes").rowSchema().fieldNames()).doesNotContain("_sequence");
  }

  @Test
  void answersARequestOnDemand() {
    CheckedView clock = project.view(ViewId.parse("clock@1"));
    assertThat(clock.input().catalogString())
        .isEqualTo("struct<scheduled_departure:timestamp,distance:double>");
    assertThat(
            values(
                clock
                    .onDemand()
                    .evaluator()
                    .evaluate(row(Instant.parse("2013-07-01T22:10:00Z"), 100.0)),
                clock.schema()))
        .containsExactly(18, 0, 160.0, true, 160.0 / 18);
  }

  @Test
  void fitsATrainingSetTogether() {
    CheckedTrainingSet set = project.trainingSet("late_arrival");
    assertThat(set.schema().fieldNames())
        .containsExactly(
            "carrier",
            "flight",
            "origin",
            "year",
            "month",
            "day",
            "distance",
            "scheduled_departure",
            "_as_of",
            "carrier_history__flights_1d",
            "carrier_history__late_share_1d",
            "carrier_history__late_share_30d",
            "carrier_history__longhaul_delay_7d",
            "carrier_history__worst_7d",
            "carrier_history__trend",
            "carrier_history__ratio",
            "origin_weather__visibility",
            "origin_weather__raining",
            "airport__height",
            "clock__hour",
            "clock__weekday",
            "clock__distance_km",
            "clock__late_hour",
            "clock__far_per_hour",
            "late");
    assertThat(set.labelType().catalogString()).isEqualTo("boolean");
    assertThat(set.uses().get(2).keys()).isEqualTo(Map.of("faa", "origin"));
    Instant departure = Instant.parse("2013-07-01T22:10:00Z");
    InternalRow asking = row("UA", 15, "EWR", 2013, 7, 1, 100, departure);
    assertThat(
            values(
                set.spine().asOf().orElseThrow().evaluator().evaluate(asking),
                set.spine().asOf().orElseThrow().schema()))
        .containsExactly(departure.minusSeconds(3600));
    RowExpressions clock = set.uses().get(3).onDemand().orElseThrow();
    InternalRow asked =
        row("UA", 15, "EWR", 2013, 7, 1, 100, departure, departure.minusSeconds(3600));
    assertThat(clock.schema().fieldNames())
        .containsExactly(
            "clock__hour",
            "clock__weekday",
            "clock__distance_km",
            "clock__late_hour",
            "clock__far_per_hour");
    assertThat(values(clock.evaluator().evaluate(asked), clock.schema()))
        .containsExactly(18, 0, 160.0, true, 160.0 / 18);
  }

  @Test
  void readsTheLabelWithItsFilter() {
    CheckedTrainingSet set = project.trainingSet("late_arrival");
    assertThat(set.label().schema().catalogString())
        .isEqualTo("struct<late:boolean,_where:boolean>");
    CheckedSource flights = project.source("flights");
    Evaluator label = set.label().over(flights.rowSchema()).evaluator();
    InternalRow flown = flights.rows().evaluator().evaluate(flight(2050, 25.0, 105, null)).copy();
    InternalRow cancelled =
        flights.rows().evaluator().evaluate(flight(null, null, 105, null)).copy();
    assertThat(values(label.evaluate(flown), set.label().schema())).containsExactly(true, true);
    assertThat(values(label.evaluate(cancelled), set.label().schema()))
        .containsExactly(null, false);
  }

  @Test
  void givesAModelItsInputsInTheOrderOfTheColumns() {
    CheckedModel model = project.model("late_arrival");
    assertThat(model.inputs())
        .extracting(CheckedModel.Input::column)
        .startsWith("carrier", "carrier_history__flights_1d")
        .hasSize(16);
    assertThat(model.inputs())
        .extracting(CheckedModel.Input::column)
        .doesNotContain("late", "_as_of", "year");
    CheckedScores scores = project.scores("departures");
    assertThat(
            values(
                scores.decide().orElseThrow().evaluator().evaluate(row(0.5)),
                scores.decide().orElseThrow().schema()))
        .containsExactly(true);
  }
}
