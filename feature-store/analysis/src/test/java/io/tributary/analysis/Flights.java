package io.tributary.analysis;

import io.tributary.core.Interval;
import io.tributary.core.SuspectUse;
import io.tributary.definition.Accuracy;
import io.tributary.definition.Aggregate;
import io.tributary.definition.AvailabilityDelay;
import io.tributary.definition.Column;
import io.tributary.definition.ColumnType;
import io.tributary.definition.Derivation;
import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Lookup;
import io.tributary.definition.Model;
import io.tributary.definition.Model.Encoding;
import io.tributary.definition.Monitor;
import io.tributary.definition.OnlineAddress;
import io.tributary.definition.Project;
import io.tributary.definition.Recording;
import io.tributary.definition.ScoreSet;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.definition.SourceLocation;
import io.tributary.definition.SqlText;
import io.tributary.definition.TrainingSet;
import io.tributary.definition.ViewId;
import io.tributary.definition.ViewUse;
import io.tributary.definition.Window;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The flights project as records, in parts that a test may change. */
final class Flights {
  static final ZoneId ZONE = ZoneId.of("America/New_York");

  final Map<String, Source> sources = new LinkedHashMap<>();
  final Map<ViewId, FeatureView> views = new LinkedHashMap<>();
  TrainingSet trainingSet;
  Model model;
  ScoreSet scores;
  Monitor monitor;

  Flights() {
    put(
        new SourceText("airports")
            .contract("faa string, alt int, tzone string")
            .key("faa")
            .fixed());
    put(
        new SourceText("flights")
            .contract(
                "year int, month int, day int, dep_time int, arr_delay double, carrier string, flight int, origin string, dest string,"
                    + " distance int, sched_arr_time int, minute int, time_hour timestamp")
            .lookup("destination", "airports", "dest")
            .derive("scheduled_departure", "time_hour + make_dt_interval(0, 0, minute)")
            .derive("cancelled", "dep_time is null")
            .derive(
                "landing",
                "make_timestamp(year, month, day, sched_arr_time div 100, sched_arr_time % 100, 0, coalesce(destination.tzone,"
                    + " 'America/Puerto_Rico'))")
            .derive(
                "scheduled_arrival",
                "if(landing < scheduled_departure, landing + interval 24 hours, landing)")
            .derive("arrived", "scheduled_arrival + make_dt_interval(0, 0, cast(arr_delay as int))")
            .key("carrier", "flight", "origin", "year", "month", "day")
            .times(
                "scheduled_departure",
                "coalesce(arrived, scheduled_departure + interval 24 hours)"));
    put(
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
                "scheduled_departure",
                "scheduled_departure")
            .key("carrier", "flight", "origin", "year", "month", "day")
            .times("scheduled_departure", "scheduled_departure - interval 168 hours"));
    put(
        new SourceText("weather")
            .contract("origin string, visib double, precip double, time_hour timestamp")
            .key("origin", "time_hour")
            .times("time_hour", null)
            .delay(Duration.ofHours(1)));
    put(
        new ViewText("carrier_history@1")
            .entity("carrier")
            .from("flights")
            .where("not cancelled")
            .windowed("flights_1d", Aggregate.Function.COUNT, null, null, "1d")
            .windowed("late_share_1d", Aggregate.Function.MEAN, "arr_delay > 15", null, "1d")
            .windowed("late_share_30d", Aggregate.Function.MEAN, "arr_delay > 15", null, "30d")
            .windowed(
                "longhaul_delay_7d", Aggregate.Function.MEAN, "arr_delay", "distance > 1500", "7d")
            .windowed("worst_7d", Aggregate.Function.MAX, "arr_delay", null, "7d")
            .derived("trend", "late_share_1d - late_share_30d")
            .derived("ratio", "late_share_1d / late_share_30d"));
    put(
        new ViewText("weather@1")
            .entity("origin")
            .from("weather")
            .lookup("visibility", "visib")
            .lookup("raining", "precip > 0")
            .ttl(Duration.ofHours(3))
            .orElse("visibility", "10"));
    put(
        new ViewText("clock@1")
            .request("scheduled_departure", "timestamp")
            .request("distance", "double")
            .lookup("hour", "hour(scheduled_departure)")
            .lookup("weekday", "weekday(scheduled_departure)")
            .derived("late_hour", "hour > 17")
            .derived("far_per_hour", "distance_km / hour")
            .lookup("distance_km", "distance * 1.6"));
    put(new ViewText("airport@1").entity("faa").from("airports").lookup("height", "alt"));
    trainingSet =
        new TrainingSet(
            "late_arrival",
            "",
            new TrainingSet.Spine.Listed(
                "schedule",
                Optional.empty(),
                sql("training-sets/late_arrival.yaml:4", "scheduled_departure - interval 1 hour")),
            new TrainingSet.Label(
                "late",
                "flights",
                sql("training-sets/late_arrival.yaml:8", "arr_delay > 15"),
                Optional.of(sql("training-sets/late_arrival.yaml:9", "not cancelled"))),
            List.of(
                new ViewUse(
                    ViewId.parse("carrier_history@1"), Map.of(), Optional.empty(), List.of()),
                new ViewUse(
                    ViewId.parse("weather@1"),
                    Map.of("origin", "origin"),
                    Optional.of("origin_weather"),
                    List.of("raining", "visibility")),
                new ViewUse(
                    ViewId.parse("airport@1"),
                    Map.of("faa", "origin"),
                    Optional.empty(),
                    List.of()),
                new ViewUse(ViewId.parse("clock@1"), Map.of(), Optional.empty(), List.of())),
            Optional.empty(),
            location("training-sets/late_arrival.yaml:1"));
    model =
        model(
            new LinkedHashMap<>(
                Map.of(
                    "default", new Encoding.Standardize(), "carrier", new Encoding.Embedding(4))),
            List.of("origin"));
    scores =
        new ScoreSet(
            "departures",
            "",
            "late_arrival",
            "production",
            List.of(),
            List.of(),
            "late_arrival",
            Optional.of(sql("scores/departures.yaml:4", "score > 0.4")),
            Map.of(),
            location("scores/departures.yaml:1"));
    monitor =
        new Monitor(
            "late_arrival",
            "",
            "late_arrival",
            "departures",
            28,
            0.01,
            0.2,
            0.2,
            0,
            1,
            Optional.of(0.05),
            Optional.of(0.6),
            false,
            Duration.ofDays(2),
            0.05,
            List.of(),
            Monitor.Breach.RETRAIN,
            location("monitors/late_arrival.yaml:1"));
  }

  static Model model(Map<String, Encoding> inputs, List<String> slices) {
    return model(inputs, slices, false);
  }

  static Model model(Map<String, Encoding> inputs, List<String> slices, boolean staleOnline) {
    return model(inputs, slices, staleOnline, 0.005);
  }

  static Model model(
      Map<String, Encoding> inputs, List<String> slices, boolean staleOnline, double margin) {
    Interval train = Interval.parse("2013-01-01/2013-10-01", ZONE);
    Interval validate = Interval.parse("2013-10-01/2013-11-01", ZONE);
    Interval test = Interval.parse("2013-11-01/2014-01-01", ZONE);
    return new Model(
        "late_arrival",
        "",
        "late_arrival",
        new Model.Split(train, validate, test),
        inputs,
        List.of(new Model.Layer.Dense(64, "relu")),
        new Model.Fit("adam", 0.001, 1024, 30, 4, 7),
        List.of("auc"),
        slices,
        List.of(new Model.AdmissionRule("auc", ">=", Optional.of(0.72))),
        staleOnline,
        Model.Promotion.AUTOMATIC,
        margin,
        new Model.Retrain(Duration.ofDays(7)),
        location("models/late_arrival.yaml:1"));
  }

  static FeatureView unpublished(FeatureView v) {
    return new FeatureView(
        v.id(),
        v.description(),
        v.owner(),
        v.entity(),
        v.request(),
        v.source(),
        v.where(),
        v.features(),
        v.derived(),
        v.ttl(),
        v.tieBreak(),
        v.refuseAmbiguity(),
        v.knowledgeTime(),
        v.accuracy(),
        v.publishDelay(),
        v.maxStaleness(),
        false,
        v.defaults(),
        v.zone(),
        v.tags(),
        v.status(),
        v.location());
  }

  void put(SourceText source) {
    sources.put(source.name, source.build());
  }

  void put(ViewText view) {
    views.put(view.id, view.build());
  }

  Project project() {
    return new Project(
        "nyc-flights",
        Path.of("/projects/nyc-flights"),
        ZONE,
        "lake",
        OnlineAddress.of("rocksdb:lake/online"),
        List.of("delta"),
        Duration.ofDays(730),
        SuspectUse.REFUSE,
        Recording.DEFAULT,
        Optional.empty(),
        sources,
        views,
        Map.of("late_arrival", trainingSet),
        Map.of("late_arrival", model),
        Map.of("departures", scores),
        Map.of("late_arrival", monitor),
        Map.of(),
        Map.of(),
        List.of());
  }

  CheckedProject check() {
    return CheckedProject.check(project());
  }

  static SourceLocation location(String place) {
    int colon = place.lastIndexOf(':');
    return new SourceLocation(
        place.substring(0, colon), Integer.parseInt(place.substring(colon + 1)));
  }

  static SqlText sql(String place, String text) {
    return new SqlText(text, location(place));
  }

  /**
   * A source in the making; its look-ups stand in line 5 of its file, its expressions in lines 10,
   * 11, ….
   */
  static final class SourceText {
    private final String name;
    private int line = 10;
    private SourceInput input;
    private final List<Column> columns = new ArrayList<>();
    private final List<Lookup> lookups = new ArrayList<>();
    private final List<Derivation> derive = new ArrayList<>();
    private List<String> key = List.of();
    private Optional<SqlText> eventTime = Optional.empty();
    private Optional<SqlText> knownTime = Optional.empty();
    private Optional<AvailabilityDelay> delay = Optional.empty();
    private ZoneId zone = ZONE;
    private Optional<SqlText> tombstone = Optional.empty();
    private Optional<String> sequence = Optional.empty();
    private boolean isStatic;
    private String description = "";
    private String path = "data/x.csv";

    SourceText(String name) {
      this.name = name;
    }

    private SqlText next(String text) {
      return sql("sources/" + name + ".yaml:" + line++, text);
    }

    SourceText contract(String ddl) {
      for (String column : ddl.split(",", -1)) {
        String[] parts = column.strip().split(" ", 2);
        columns.add(new Column(parts[0], new ColumnType(parts[1]), Set.of()));
      }
      return this;
    }

    SourceText query(String source, String... namesAndTexts) {
      List<Derivation> selected = new ArrayList<>();
      for (int i = 0; i < namesAndTexts.length; i += 2) {
        selected.add(new Derivation(namesAndTexts[i], next(namesAndTexts[i + 1])));
      }
      input = new SourceInput.Query(source, selected, Optional.empty());
      return this;
    }

    SourceText only(String where) {
      SourceInput.Query query = (SourceInput.Query) input;
      input = new SourceInput.Query(query.source(), query.columns(), Optional.of(next(where)));
      return this;
    }

    SourceText lookup(String column, String source, String... keys) {
      lookups.add(
          new Lookup(column, source, List.of(keys), location("sources/" + name + ".yaml:5")));
      return this;
    }

    SourceText derive(String column, String text) {
      derive.add(new Derivation(column, next(text)));
      return this;
    }

    SourceText key(String... columns) {
      key = List.of(columns);
      return this;
    }

    SourceText times(String event, String known) {
      eventTime = Optional.of(next(event));
      knownTime = Optional.ofNullable(known).map(this::next);
      return this;
    }

    SourceText delay(Duration after) {
      return delay(AvailabilityDelay.of(after));
    }

    SourceText delay(AvailabilityDelay after) {
      delay = Optional.of(after);
      return this;
    }

    SourceText zone(String id) {
      zone = ZoneId.of(id);
      return this;
    }

    SourceText sequence(String column) {
      sequence = Optional.of(column);
      return this;
    }

    SourceText tombstone(String text) {
      tombstone = Optional.of(next(text));
      return this;
    }

    SourceText fixed() {
      isStatic = true;
      return this;
    }

    SourceText told(String about, String where) {
      description = about;
      path = where;
      return this;
    }

    Source build() {
      SourceInput from =
          input == null ? new SourceInput.Files("csv", path, true, List.of("NA"), Map.of()) : input;
      return new Source(
          name,
          description,
          "",
          from,
          columns,
          false,
          lookups,
          derive,
          key,
          false,
          Optional.empty(),
          eventTime,
          knownTime,
          delay,
          tombstone,
          sequence,
          zone,
          Optional.empty(),
          Optional.empty(),
          isStatic,
          location("sources/" + name + ".yaml:1"));
    }
  }

  /** A view in the making; its expressions stand in lines 10, 11, … of its file. */
  static final class ViewText {
    private final ViewId id;
    private int line = 10;
    private List<String> entity = List.of();
    private final Map<String, ColumnType> request = new LinkedHashMap<>();
    private Optional<String> source = Optional.empty();
    private Optional<SqlText> where = Optional.empty();
    private final List<Feature> features = new ArrayList<>();
    private final List<Derivation> derived = new ArrayList<>();
    private Optional<Duration> ttl = Optional.empty();
    private List<String> tieBreak = List.of();
    private final Map<String, String> defaults = new LinkedHashMap<>();
    private String description = "";

    ViewText(String id) {
      this.id = ViewId.parse(id);
    }

    private SqlText next(String text) {
      return sql("features/" + id.name() + ".yaml:" + line++, text);
    }

    ViewText entity(String... columns) {
      entity = List.of(columns);
      return this;
    }

    ViewText request(String column, String type) {
      request.put(column, new ColumnType(type));
      return this;
    }

    ViewText from(String name) {
      source = Optional.of(name);
      return this;
    }

    ViewText where(String text) {
      where = Optional.of(next(text));
      return this;
    }

    ViewText lookup(String name, String text) {
      features.add(new Feature.Lookup(name, next(text)));
      return this;
    }

    ViewText windowed(
        String name, Aggregate.Function function, String argument, String filter, String window) {
      return windowed(name, function, argument, filter, Window.parse(window));
    }

    ViewText windowed(
        String name, Aggregate.Function function, String argument, String filter, Window window) {
      Aggregate aggregate =
          new Aggregate(
              function, function == Aggregate.Function.PERCENTILE ? List.of(0.9) : List.of());
      features.add(
          new Feature.Windowed(
              name,
              aggregate,
              Optional.ofNullable(argument).map(this::next),
              Optional.ofNullable(filter).map(this::next),
              window));
      return this;
    }

    ViewText own(String name, Class<?> implementation, String argument, double... parameters) {
      return own(name, implementation.getName(), argument, parameters);
    }

    ViewText own(String name, String implementation, String argument, double... parameters) {
      features.add(
          new Feature.Windowed(
              name,
              new Aggregate(
                  Aggregate.Function.CUSTOM,
                  Arrays.stream(parameters).boxed().toList(),
                  Optional.of(implementation)),
              Optional.of(next(argument)),
              Optional.empty(),
              Window.parse("1d")));
      return this;
    }

    ViewText split(
        String name, Aggregate.Function function, String argument, String by, String window) {
      features.add(
          new Feature.Windowed(
              name,
              new Aggregate(function, List.of()),
              Optional.ofNullable(argument).map(this::next),
              Optional.empty(),
              Optional.of(next(by)),
              Window.parse(window)));
      return this;
    }

    ViewText derived(String name, String text) {
      derived.add(new Derivation(name, next(text)));
      return this;
    }

    ViewText ttl(Duration age) {
      ttl = Optional.of(age);
      return this;
    }

    ViewText tieBreak(String... columns) {
      tieBreak = List.of(columns);
      return this;
    }

    ViewText orElse(String feature, String value) {
      defaults.put(feature, value);
      return this;
    }

    ViewText told(String about) {
      description = about;
      return this;
    }

    FeatureView build() {
      return new FeatureView(
          id,
          description,
          "",
          entity,
          request,
          source,
          where,
          features,
          derived,
          ttl,
          tieBreak,
          false,
          true,
          Accuracy.EXACT,
          Duration.ZERO,
          Optional.empty(),
          true,
          defaults,
          ZONE,
          List.of(),
          "active",
          location("features/" + id.name() + ".yaml:1"));
    }
  }
}
