package io.tributary.offline;

import io.tributary.core.Durations;
import io.tributary.definition.Accuracy;
import io.tributary.definition.Aggregate;
import io.tributary.definition.Aggregate.Function;
import io.tributary.definition.ColumnType;
import io.tributary.definition.Derivation;
import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.definition.SourceLocation;
import io.tributary.definition.SqlText;
import io.tributary.definition.ViewId;
import io.tributary.definition.Window;
import io.tributary.offline.World.Event;
import io.tributary.offline.World.Label;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * A seeded maker of small nasty worlds: equal times, corrections that move keys and times, events
 * that differ in one column, versions that a sequence orders, tombstones, null keys, composite keys
 * whose concatenations collide, instants at boundaries and a microsecond beside them, nights on
 * which clocks change, empty windows, repeated rows, one hot key, values whose naive sum is wrong.
 */
final class Worlds {
  /** How many worlds a test makes: few by default, {@code all} with the long tests. */
  static int count(int few, int all) {
    return Integer.getInteger("worlds", Boolean.getBoolean("long") ? all : few);
  }

  static final LinkedHashMap<String, ColumnType> COLUMNS = new LinkedHashMap<>();

  static {
    String[][] columns = {
      {"k1", "string"}, {"k2", "bigint"}, {"part", "string"}, {"part2", "string"}, {"id", "bigint"},
      {"tb", "int"}, {"x", "double"}, {"y", "bigint"}, {"d", "decimal(12,2)"}, {"s", "string"},
      {"b", "boolean"}, {"ok", "boolean"}, {"f", "float"}, {"day", "date"}, {"ts", "timestamp"},
      {"list", "array<double>"}, {"pair", "struct<a:bigint,b:string>"}, {"lsn", "bigint"}
    };
    for (String[] c : columns) {
      COLUMNS.put(c[0], new ColumnType(c[1]));
    }
  }

  /** When a world begins, and a zone whose clocks change then or a day later. */
  private static final String[][] BASES = {
    {"2021-03-28T00:00:00Z", "Europe/Berlin"},
    {"2021-10-30T00:00:00Z", "Europe/Berlin"},
    {"2021-10-31T00:00:00Z", "Europe/Berlin"},
    {"2013-03-10T06:00:00Z", "America/New_York"},
    {"2021-10-02T14:00:00Z", "Australia/Lord_Howe"},
    {"2011-12-29T08:00:00Z", "Pacific/Apia"},
    {"1970-01-01T00:00:00Z", "UTC"},
    {"1899-12-31T22:00:00Z", "Europe/Amsterdam"},
    {"2150-06-01T00:00:00Z", "America/New_York"}
  };

  private static final String[] WINDOWS = {"1s", "1h", "90m", "2h", "1d", "30d"};
  private static final String[] TEXTS = {
    "", "a", "ab", "abc", "b", "bc", "c", "\u00e9", "\ud83d\ude00", "\uff5e"
  };
  private static final double[] ODD = {
    0.0,
    -0.0,
    0.1,
    0.2,
    0.3,
    1e16,
    -1e16,
    1.0,
    1e-20,
    3.5,
    -2.5,
    1e100,
    -1e100,
    Double.MIN_VALUE,
    1e-300,
    9007199254740993.0,
    1.0 / 3
  };
  private static final double[] EXTREME = {
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.MAX_VALUE,
    -Double.MAX_VALUE,
    1e-310
  };
  private static final List<List<String>> ENTITIES =
      List.of(
          List.of("k1"),
          List.of("k1", "k2"),
          List.of("part", "part2"),
          List.of("k2"),
          List.of("d"),
          List.of("b", "day"));

  private final Random random;
  private final long seed;
  private final long base;
  private final ZoneId zone;
  private final boolean extreme;
  private final boolean hot;
  private final double[] palette;

  private Worlds(long seed) {
    this.seed = seed;
    this.random = new Random(seed * 0x9e3779b97f4a7c15L);
    String[] begin = BASES[random.nextInt(BASES.length)];
    this.base = micros(Instant.parse(begin[0]));
    this.zone = ZoneId.of(begin[1]);
    this.extreme = random.nextInt(4) == 0;
    this.hot = random.nextInt(4) == 0;
    this.palette = new double[] {0.0, -0.0, ODD[random.nextInt(ODD.length)]};
  }

  static World world(long seed) {
    return new Worlds(seed).make();
  }

  private static long micros(Instant at) {
    return at.getEpochSecond() * 1_000_000 + at.getNano() / 1_000;
  }

  private World make() {
    List<String> eventKey =
        switch (random.nextInt(4)) {
          case 0 -> List.of();
          case 1 -> List.of("id");
          case 2 -> List.of("part", "part2");
          default -> List.of("k1", "id");
        };
    Optional<String> sequence =
        eventKey.isEmpty() || random.nextInt(3) == 0 ? Optional.empty() : Optional.of("lsn");
    long delay = pick(0L, 0L, 3_600_000_000L, 1L);
    int count = random.nextInt(hot ? 60 : 25);
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      if (!events.isEmpty() && random.nextInt(12) == 0) {
        events.add(events.get(random.nextInt(events.size())));
        continue;
      }
      long event = time();
      boolean deleted = !eventKey.isEmpty() && random.nextInt(8) == 0;
      long known =
          eventKey.isEmpty() || random.nextInt(3) == 0
              ? event + delay
              : random.nextInt(3) == 0 ? event - 7_200_000_000L : Math.max(event, time());
      Map<String, Object> values = values();
      values.putIfAbsent("lsn", 0L);
      for (String key : eventKey) {
        if (values.get(key) == null) {
          values.put(key, key.equals("k1") || key.startsWith("part") ? "a" : (Object) 1L);
        }
      }
      if (!events.isEmpty() && !eventKey.isEmpty() && random.nextInt(3) == 0) {
        // A correction, often of one thing only, at times known at the same instant.
        Event other = events.get(random.nextInt(events.size()));
        Map<String, Object> changed = new HashMap<>(random.nextBoolean() ? values : other.values());
        eventKey.forEach(k -> changed.put(k, other.values().get(k)));
        if (random.nextBoolean()) {
          changed.put("x", values.get("x"));
        }
        changed.put("lsn", values.get("lsn"));
        values = changed;
        event = random.nextBoolean() ? other.event() : event;
        known = random.nextInt(3) == 0 ? other.known() : known;
        deleted |= known == other.known() && random.nextInt(3) == 0;
      } else if (!events.isEmpty() && random.nextInt(6) == 0) {
        // Another event of the same times, or another version, that differs in little.
        Event other = events.get(random.nextInt(events.size()));
        Map<String, Object> changed = new HashMap<>(other.values());
        for (String column : List.of(pick("id", "part2"), pick("lsn", "tb", "s", "list", "x"))) {
          boolean isNeeded = eventKey.contains(column) || column.equals("lsn");
          if (random.nextBoolean() && !(isNeeded && values.get(column) == null)) {
            changed.put(column, values.get(column));
          }
        }
        values = changed;
        event = other.event();
        known = other.known();
      }
      events.add(new Event(event, known, deleted, values));
    }
    List<FeatureView> views = new ArrayList<>();
    int viewCount = 1 + random.nextInt(2);
    for (int v = 0; v < viewCount; v++) {
      views.add(view("view" + v));
    }
    List<Label> labels = new ArrayList<>();
    int labelCount = random.nextInt(14);
    for (int i = 0; i < labelCount; i++) {
      if (i > 0 && random.nextInt(8) == 0) {
        Label other = labels.get(random.nextInt(i));
        labels.add(new Label(i, other.asOf(), other.keys()));
        continue;
      }
      Map<String, Object> keys = new HashMap<>();
      for (String column : List.of("k1", "k2", "part", "part2", "d", "b", "day")) {
        keys.put(column, value(column));
      }
      labels.add(new Label(i, random.nextInt(20) == 0 ? null : labelTime(), keys));
    }
    return new World(
        seed,
        COLUMNS,
        eventKey,
        sequence,
        List.copyOf(events),
        List.copyOf(views),
        List.copyOf(labels));
  }

  @SafeVarargs
  private <T> T pick(T... values) {
    return values[random.nextInt(values.length)];
  }

  private long time() {
    long hour = 3_600_000_000L;
    long at = base + hour * random.nextInt(6);
    return switch (random.nextInt(5)) {
      case 0 -> at - 1;
      case 1 -> at + 1;
      case 2 -> at + 1_800_000_000L;
      default -> at;
    };
  }

  private long labelTime() {
    long at = time();
    return switch (random.nextInt(9)) {
      case 0, 3, 4 -> at + 86_400_000_000L;
      case 1 -> at + 30 * 86_400_000_000L;
      case 2 -> at + 1_000_000L;
      default -> at;
    };
  }

  private Map<String, Object> values() {
    Map<String, Object> values = new HashMap<>();
    for (String column : COLUMNS.keySet()) {
      values.put(column, value(column));
    }
    return values;
  }

  private Object value(String column) {
    if (!column.equals("id") && random.nextInt(14) == 0) {
      return null;
    }
    return switch (column) {
      case "k1" -> hot ? "a" : pick("a", "b", "ab", "");
      case "k2" -> hot ? 1L : (Object) (long) random.nextInt(3);
      case "part", "part2", "s" -> TEXTS[random.nextInt(TEXTS.length)];
      case "id" -> (long) random.nextInt(5);
      case "tb" -> (long) random.nextInt(2);
      case "lsn" -> (long) random.nextInt(3);
      case "x" -> number();
      case "y" -> random.nextInt(5) == 0 ? random.nextLong() >> 7 : (long) random.nextInt(7) - 3;
      case "d" -> BigDecimal.valueOf(random.nextInt(hot ? 1 : 4) * 5L - 5, 2);
      case "b", "ok" -> random.nextBoolean();
      case "f" -> (double) (float) (random.nextInt(9) * 0.1 - 0.3);
      case "day" -> 18_000L + random.nextInt(2);
      case "ts" -> base + random.nextInt(3);
      case "list" -> {
        List<Object> list = new ArrayList<>();
        int n = random.nextInt(3);
        for (int i = 0; i < n; i++) {
          list.add(random.nextInt(5) == 0 ? null : (Object) (double) random.nextInt(2));
        }
        yield list;
      }
      case "pair" -> Arrays.asList((Object) (long) random.nextInt(2), pick("a", "b", null));
      default -> throw new IllegalArgumentException(column);
    };
  }

  private double number() {
    if (extreme && random.nextInt(6) == 0) {
      return EXTREME[random.nextInt(EXTREME.length)];
    }
    if (seed % 3 == 0) {
      return palette[random.nextInt(palette.length)];
    }
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(5) - 2;
      case 1 -> random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20);
      default -> ODD[random.nextInt(ODD.length)];
    };
  }

  static SqlText sql(String text) {
    return new SqlText(text, new SourceLocation("world", 1));
  }

  private FeatureView view(String name) {
    boolean lookups = random.nextInt(3) == 0;
    List<Feature> features = new ArrayList<>();
    int n = 1 + random.nextInt(8);
    for (int i = 0; i < n; i++) {
      features.add(lookups ? lookup("f" + i) : windowed("f" + i));
    }
    // How many there are of what is summed: the engine knows that from the sum.
    for (Feature feature : List.copyOf(features)) {
      if (feature instanceof Feature.Windowed of
          && (of.aggregate().function() == Function.SUM
              || of.aggregate().function() == Function.MEAN)) {
        features.add(
            new Feature.Windowed(
                "n_" + of.name(),
                new Aggregate(Function.COUNT, List.of(), Optional.empty()),
                of.argument(),
                of.where(),
                of.by(),
                of.window()));
      }
    }
    if (lookups && random.nextInt(3) == 0) {
      features.clear();
      COLUMNS
          .keySet()
          .forEach(column -> features.add(new Feature.Lookup("f_" + column, sql(column))));
    }
    return view(
        name,
        ENTITIES.get(hot ? random.nextInt(2) : random.nextInt(ENTITIES.size())),
        random.nextInt(3) == 0 ? Optional.of(sql(pick("ok", "b"))) : Optional.empty(),
        features,
        random.nextInt(3) == 0
            ? Optional.empty()
            : Optional.of(Durations.parse(pick("1h", "2h", "1d", "1s"))),
        pick(List.of(), List.of(), List.of("tb"), List.of("s", "tb")),
        random.nextInt(10) != 0);
  }

  /** A view with features computed from its own. */
  static FeatureView withDerived(FeatureView view, List<Derivation> derived) {
    return changed(view, Map.of("derived", derived));
  }

  /** The same view with some of its components replaced, by name. */
  static FeatureView changed(FeatureView view, Map<String, Object> components) {
    RecordComponent[] all = FeatureView.class.getRecordComponents();
    Map<String, Object> left = new HashMap<>(components);
    try {
      Object[] values = new Object[all.length];
      for (int i = 0; i < all.length; i++) {
        String name = all[i].getName();
        values[i] = left.containsKey(name) ? left.remove(name) : all[i].getAccessor().invoke(view);
      }
      if (!left.isEmpty()) {
        throw new IllegalArgumentException("no such components: " + left.keySet());
      }
      Class<?>[] types = Arrays.stream(all).map(RecordComponent::getType).toArray(Class<?>[]::new);
      return FeatureView.class.getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  static FeatureView view(
      String name,
      List<String> entity,
      Optional<SqlText> where,
      List<Feature> features,
      Optional<Duration> ttl,
      List<String> tieBreak,
      boolean knowledgeTime) {
    return new FeatureView(
        new ViewId(name, 1),
        "",
        "",
        entity,
        Map.of(),
        Optional.of("world"),
        where,
        features,
        List.of(),
        ttl,
        tieBreak,
        false,
        knowledgeTime,
        Accuracy.EXACT,
        Duration.ZERO,
        Optional.empty(),
        true,
        Map.of(),
        ZoneId.of("America/New_York"),
        List.of(),
        "active",
        new SourceLocation("world", 1));
  }

  private Feature lookup(String name) {
    return new Feature.Lookup(
        name,
        sql(
            pick(
                "x", "y", "d", "s", "b", "f", "day", "ts", "list", "pair", "k1", "id", "part2",
                "lsn")));
  }

  private Feature windowed(String name) {
    Function function = pick(Function.values());
    Optional<SqlText> argument =
        switch (function.argument()) {
          case NONE -> Optional.empty();
          case ANY_OR_ALL ->
              random.nextBoolean()
                  ? Optional.empty()
                  : Optional.of(sql(pick("x", "s", "ok", "y", "d", "b")));
          case NUMBER_OR_BOOLEAN -> Optional.of(sql(pick("x", "x", "y", "d", "b", "f")));
          case NUMBER -> Optional.of(sql(pick("x", "x", "y", "d", "f")));
          case OWN -> Optional.of(sql(pick("x", "y", "d", "s", "b", "f")));
          case ANY, ORDERED, MAP_KEY ->
              Optional.of(
                  sql(
                      pick(
                          "x", "x", "y", "d", "s", "b", "f", "day", "ts", "list", "pair", "id",
                          "part2", "lsn")));
        };
    List<Double> parameters =
        switch (function.parameter()) {
          case SHARE -> List.of(pick(0.0, 0.1, 0.25, 0.5, 0.9, 0.95, 1.0));
          case LENGTH -> List.of((double) (1 + random.nextInt(3)));
          case OWN -> random.nextBoolean() ? List.of() : List.of(3.0);
          case NONE -> List.of();
        };
    return new Feature.Windowed(
        name,
        new Aggregate(
            function,
            parameters,
            function == Function.CUSTOM
                ? Optional.of(Fingerprint.class.getName())
                : Optional.empty()),
        argument,
        random.nextInt(3) == 0 ? Optional.of(sql(pick("ok", "b"))) : Optional.empty(),
        random.nextInt(3) == 0
            ? Optional.of(sql(pick("x", "y", "d", "s", "s", "b", "f", "day", "ts", "list", "pair")))
            : Optional.empty(),
        window());
  }

  private Window window() {
    return random.nextInt(3) == 0
        ? new Window.CalendarDays(
            pick(1, 1, 2, 30), pick(zone, zone, ZoneId.of("America/New_York")))
        : Window.parse(WINDOWS[random.nextInt(WINDOWS.length)]);
  }
}
