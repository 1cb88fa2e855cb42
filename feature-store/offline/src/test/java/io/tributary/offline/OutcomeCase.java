package io.tributary.offline;

import io.tributary.core.Durations;
import io.tributary.definition.Aggregate;
import io.tributary.definition.Aggregate.Function;
import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.definition.OutcomeWindow;
import io.tributary.definition.SourceLocation;
import io.tributary.definition.SqlText;
import io.tributary.definition.TrainingSet;
import io.tributary.definition.ViewId;
import io.tributary.definition.ViewUse;
import io.tributary.definition.Window;
import io.tributary.offline.SnapshotReference.Night;
import io.tributary.offline.World.Event;
import io.tributary.offline.World.Label;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;

/** A generated label over a generated world, and who asks. */
final class OutcomeCase {
  static final List<String> KEYS = List.of("k1", "k2", "part", "part2", "d", "b", "day", "id");

  final Random random;
  final World world;
  final TrainingSet set;
  final OutcomeReference reference;
  final List<Label> rows = new ArrayList<>();

  OutcomeCase(long seed, boolean overInterval) {
    this(seed, overInterval, false);
  }

  /**
   * @param served whether views may be read from snapshots, of the reference's nights
   */
  OutcomeCase(long seed, boolean overInterval, boolean served) {
    this.random = new Random(seed);
    World made = Worlds.world(seed);
    List<FeatureView> views =
        made.views().stream().map(this::physical).map(v -> served ? served(v) : v).toList();
    this.world =
        new World(
            seed,
            made.columns(),
            made.eventKey(),
            made.sequence(),
            made.events(),
            views,
            List.of());
    List<String> entity =
        random.nextInt(6) == 0 ? List.of("k1") : views.get(random.nextInt(views.size())).entity();
    String during =
        pick(
            "[0d, 1h)",
            "[0d, 1d)",
            "[0d, 1h]",
            "[0s, 0s]",
            "(0d, 1h]",
            "(0d, 1d)",
            "[1h, 2h]",
            "(1h, 1d]");
    OutcomeWindow interval = OutcomeWindow.parse(during);
    String maturity = pick("0s", "0s", "1h", "1d");
    Feature.Windowed aggregate = aggregate(during, interval);
    Optional<SqlText> events =
        random.nextInt(3) == 0 ? Optional.of(Worlds.sql(pick("ok", "b"))) : Optional.empty();
    FeatureView view =
        Worlds.view("label", entity, events, List.of(aggregate), Optional.empty(), List.of(), true);
    Map<ViewId, List<String>> taken = new HashMap<>();
    views.forEach(v -> taken.put(v.id(), taken(v)));
    List<Night> nights = served ? nights() : List.of();
    String[] bounds = during.replaceAll("[\\[\\]() ]", "").split(",", -1);
    this.reference =
        new OutcomeReference(
            world,
            view,
            micros(bounds[0]),
            during.startsWith("["),
            micros(bounds[1]),
            during.endsWith("]"),
            micros(maturity),
            taken,
            nights);
    Map<String, String> keys = new LinkedHashMap<>();
    entity.forEach(c -> keys.put(c, c));
    this.set =
        new TrainingSet(
            "set",
            "",
            new TrainingSet.Spine.Listed("world", Optional.empty(), Worlds.sql("et")),
            overInterval
                ? new TrainingSet.Label(
                    "out",
                    "world",
                    Worlds.sql("_of"),
                    Optional.empty(),
                    Optional.of(
                        new TrainingSet.Outcome(
                            interval,
                            Duration.of(micros(maturity), ChronoUnit.MICROS),
                            keys,
                            events,
                            List.of(aggregate),
                            Worlds.sql("_of"),
                            Optional.empty())))
                : new TrainingSet.Label("out", "world", Worlds.sql("b"), Optional.empty()),
            views.stream()
                .map(v -> new ViewUse(v.id(), Map.of(), Optional.empty(), taken.get(v.id())))
                .toList(),
            Optional.empty(),
            new SourceLocation("world", 1));
    ask();
  }

  @SafeVarargs
  private <T> T pick(T... values) {
    return values[random.nextInt(values.length)];
  }

  private static long micros(String duration) {
    return io.tributary.core.Durations.parse(duration).toNanos() / 1000;
  }

  /** Without calendar windows, whose longest span is known as a bound only. */
  private FeatureView physical(FeatureView view) {
    List<Feature> features =
        view.features().stream()
            .filter(
                f -> !(f instanceof Feature.Windowed w) || w.window() instanceof Window.Physical)
            .toList();
    if (features.isEmpty()) {
      features =
          List.of(
              new Feature.Windowed(
                  "n",
                  new Aggregate(Function.COUNT, List.of()),
                  Optional.empty(),
                  Optional.empty(),
                  Window.parse("2h")));
    }
    return Worlds.view(
        view.id().name(),
        view.entity(),
        view.where(),
        features,
        view.ttl(),
        view.tieBreak(),
        view.knowledgeTime());
  }

  /** Some of the view's features, or all. */
  private List<String> taken(FeatureView view) {
    List<String> some = new ArrayList<>();
    for (String name : view.featureNames()) {
      if (random.nextBoolean()) {
        some.add(name);
      }
    }
    return some.isEmpty() || random.nextBoolean() ? view.featureNames() : some;
  }

  private FeatureView served(FeatureView view) {
    return random.nextInt(4) == 0
        ? view
        : ITSnapshotJoins.served(
            view,
            Durations.parse(pick("0s", "0s", "1s", "1h")),
            random.nextBoolean()
                ? Optional.empty()
                : Optional.of(Durations.parse(pick("1h", "2h", "1d"))));
  }

  /** Snapshots at times at which anything changes. */
  private List<Night> nights() {
    TreeSet<Long> times = new TreeSet<>();
    for (int i = 0; i < 6 && !world.events().isEmpty(); i++) {
      Event e = world.events().get(random.nextInt(world.events().size()));
      times.add(Math.max(e.event(), e.known()) + pick(-1L, 0L, 0L, 60_000_000L, 3_600_000_000L));
    }
    if (times.isEmpty()) {
      times.add(0L);
    }
    return times.stream().map(at -> new Night(at, world.events())).toList();
  }

  private Feature.Windowed aggregate(String during, OutcomeWindow interval) {
    Function function =
        pick(
            Function.COUNT,
            Function.SUM,
            Function.MEAN,
            Function.MIN,
            Function.LAST,
            Function.FIRST,
            Function.COUNT_DISTINCT,
            Function.PERCENTILE,
            Function.MOST_COMMON,
            Function.CUSTOM);
    Optional<SqlText> argument =
        switch (function) {
          case COUNT -> Optional.empty();
          case SUM, MEAN -> Optional.of(Worlds.sql(pick("x", "y", "d", "b")));
          case PERCENTILE -> Optional.of(Worlds.sql(pick("x", "y", "d")));
          case CUSTOM -> Optional.of(Worlds.sql(pick("x", "y", "d", "s", "b", "f")));
          default -> Optional.of(Worlds.sql(pick("x", "y", "s", "b", "f", "d")));
        };
    return new Feature.Windowed(
        "_of",
        new Aggregate(
            function,
            function == Function.PERCENTILE ? List.of(0.5) : List.of(),
            function == Function.CUSTOM
                ? Optional.of(Fingerprint.class.getName())
                : Optional.empty()),
        argument,
        Optional.empty(),
        new Window.Physical(during, interval.length()));
  }

  /** Rows that ask around the times at which anything changes. */
  private void ask() {
    for (int i = 0; i < 25; i++) {
      Map<String, Object> keys = new HashMap<>();
      long t = 0;
      if (!world.events().isEmpty()) {
        Event of = world.events().get(random.nextInt(world.events().size()));
        KEYS.forEach(c -> keys.put(c, of.values().get(c)));
        Event at =
            random.nextBoolean() ? of : world.events().get(random.nextInt(world.events().size()));
        long back = pick(0L, 0L, reference.from, reference.to, reference.to + reference.maturity);
        t = (random.nextInt(3) == 0 ? at.known() : at.event()) - back + pick(-1L, 0L, 0L, 1L);
        if (!reference.nights.isEmpty() && random.nextInt(3) == 0) {
          FeatureView view = world.views().get(random.nextInt(world.views().size()));
          t =
              reference.nights.get(random.nextInt(reference.nights.size())).at()
                  + SnapshotReference.micros(
                      pick(view.publishDelay(), view.maxStaleness().orElse(Duration.ZERO)))
                  + pick(-1L, 0L, 0L, 1L);
        }
      }
      rows.add(new Label(i, random.nextInt(20) == 0 ? null : t, keys));
    }
  }

  Optional<Instant> knownUntil() {
    if (world.events().isEmpty() || random.nextInt(3) == 0) {
      return Optional.empty();
    }
    Event e = world.events().get(random.nextInt(world.events().size()));
    return Optional.of(
        Instant.EPOCH.plus(e.known() + pick(0L, 86_400_000_000L, -1L), ChronoUnit.MICROS));
  }
}
