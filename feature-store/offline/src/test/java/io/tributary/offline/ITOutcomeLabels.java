package io.tributary.offline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.tributary.core.Pin;
import io.tributary.definition.Aggregate;
import io.tributary.definition.Aggregate.Function;
import io.tributary.definition.During;
import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Mark;
import io.tributary.definition.Source;
import io.tributary.definition.SqlText;
import io.tributary.definition.TrainingSet;
import io.tributary.definition.ViewUse;
import io.tributary.definition.Window;
import io.tributary.expression.CheckedProject;
import io.tributary.lake.Lake;
import io.tributary.offline.World.Event;
import io.tributary.offline.World.Label;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labels over an interval on Spark against naive loops, to the bit. */
class ITOutcomeLabels {
  private static final int WORLDS = Integer.getInteger("worlds", 30);
  private static final List<String> KEYS =
      List.of("k1", "k2", "part", "part2", "d", "b", "day", "id");

  @TempDir private static Path folder;

  /** A generated label over a generated world, and who asks. */
  private static final class Case {
    final Random random;
    final World world;
    final TrainingSet set;
    final OutcomeReference reference;
    final List<Label> rows = new ArrayList<>();
    final CheckedProject project;
    final FeatureStore store;
    final List<Pin> pins;

    Case(long seed, boolean overInterval) {
      this.random = new Random(seed);
      World made = Worlds.world(seed);
      List<FeatureView> views = made.views().stream().map(this::physical).toList();
      this.world =
          new World(seed, made.columns(), made.eventKey(), made.events(), views, List.of());
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
      During interval = During.parse(during);
      String maturity = pick("0s", "0s", "1h", "1d");
      Feature.Windowed aggregate = aggregate(during, interval);
      Optional<SqlText> events =
          random.nextInt(3) == 0 ? Optional.of(Worlds.sql(pick("ok", "b"))) : Optional.empty();
      FeatureView view =
          Worlds.view(
              "label", entity, events, List.of(aggregate), Optional.empty(), List.of(), true);
      String[] bounds = during.replaceAll("[\\[\\]() ]", "").split(",", -1);
      this.reference =
          new OutcomeReference(
              world,
              view,
              micros(bounds[0]),
              during.startsWith("["),
              micros(bounds[1]),
              during.endsWith("]"),
              micros(maturity));
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
                  .map(v -> new ViewUse(v.id(), Map.of(), Optional.empty(), List.of()))
                  .toList(),
              Optional.empty(),
              new Mark("world", 1));
      Path home = folder.resolve("world" + seed + "-" + System.nanoTime());
      Lake lake = Lakes.lake(home);
      long delay =
          world.events().isEmpty() || !world.eventKey().isEmpty()
              ? 0
              : world.events().get(0).known() - world.events().get(0).event();
      Source source = Lakes.source("world", world.columns(), world.eventKey(), delay);
      this.project =
          CheckedProject.check(Lakes.project(home, List.of(source), views, List.of(set)));
      deliver(lake);
      this.store = FeatureStore.open(project, lake);
      this.pins = store.pinsOf(set);
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

    private Feature.Windowed aggregate(String during, During interval) {
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
              Function.MOST_COMMON);
      Optional<SqlText> argument =
          switch (function) {
            case COUNT -> Optional.empty();
            case SUM, MEAN -> Optional.of(Worlds.sql(pick("x", "y", "d", "b")));
            case PERCENTILE -> Optional.of(Worlds.sql(pick("x", "y", "d")));
            default -> Optional.of(Worlds.sql(pick("x", "y", "s", "b", "f", "d")));
          };
      return new Feature.Windowed(
          "_of",
          new Aggregate(function, function == Function.PERCENTILE ? List.of(0.5) : List.of()),
          argument,
          Optional.empty(),
          new Window.Physical(during, interval.length()));
    }

    private void deliver(Lake lake) {
      StructType schema = project.source("world").rowSchema();
      List<Row> frame = new ArrayList<>();
      for (Event e : world.events()) {
        Map<String, Object> values = new HashMap<>(e.values());
        values.put("et", e.event());
        values.put("kt", e.known());
        values.put("gone", e.deleted());
        values.put("_event_time", e.event());
        values.put("_known_time", e.known());
        values.put("_deleted", e.deleted());
        frame.add(Lakes.row(schema, values));
      }
      Collections.shuffle(frame, random);
      Lakes.deliver(lake, "world", Lakes.frame(frame, schema), 1);
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
        }
        rows.add(new Label(i, random.nextInt(20) == 0 ? null : t, keys));
      }
    }

    Dataset<Row> frame() {
      StructType schema = new StructType().add("n", "int");
      for (String column : KEYS) {
        schema = schema.add(column, world.columns().get(column).ddl());
      }
      schema = schema.add("_as_of", "timestamp");
      List<Row> frame = new ArrayList<>();
      for (Label row : rows) {
        Map<String, Object> values = new HashMap<>(row.keys());
        values.put("n", (long) row.id());
        values.put("_as_of", row.asOf());
        frame.add(Lakes.row(schema, values));
      }
      return Lakes.frame(frame, schema);
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

  private static Map<Integer, Object> values(Labelled labelled) {
    Map<Integer, Object> values = new TreeMap<>();
    for (Row row : labelled.rows().collectAsList()) {
      assertThat(values.put(row.getInt(0), Lakes.plain(row.getAs("out")))).isNull();
    }
    return values;
  }

  private static void same(Object expected, Object actual, Case at, String what) {
    if (!Reference.same(expected, actual)) {
      fail("%s %s: %s expected %s but was %s", at.world, at.set.label(), what, expected, actual);
    }
  }

  private static Map<String, SharedEvents.Count> counts(Map<String, List<Long>> byView) {
    Map<String, SharedEvents.Count> counts = new TreeMap<>();
    byView.forEach(
        (view, each) ->
            counts.put(
                view,
                new SharedEvents.Count(
                    each.stream().mapToLong(n -> n).sum(),
                    each.stream().filter(n -> n > 0).count())));
    return counts;
  }

  @Test
  void agreeWithNaiveLoops() {
    long labelled = 0;
    long immature = 0;
    Map<String, Long> shared = new TreeMap<>();
    for (long seed = 1; seed <= WORLDS; seed++) {
      Case at = new Case(seed, true);
      Optional<Instant> knownUntil = at.knownUntil();
      Labelled found =
          at.store
              .withPartitions(1 + (int) (seed % 3))
              .labelAndCompare(at.set, at.frame(), knownUntil, at.pins);
      Map<Integer, Object> values = values(found);

      long until =
          knownUntil
              .map(i -> ChronoUnit.MICROS.between(Instant.EPOCH, i))
              .orElseGet(at.reference::lastKnown);
      long timeless = 0;
      long early = 0;
      long missing = 0;
      Map<String, List<Long>> both = new TreeMap<>();
      Map<String, List<Long>> neither = new TreeMap<>();
      for (FeatureView view : at.world.views()) {
        both.put(view.id().name(), new ArrayList<>());
        if (view.entity().stream()
            .sorted()
            .toList()
            .equals(at.reference.label.entity().stream().sorted().toList())) {
          neither.put(view.id().name(), new ArrayList<>());
        }
      }
      for (Label row : at.rows) {
        Object value = null;
        if (row.asOf() == null) {
          timeless++;
        } else if (!at.reference.isMature(row.asOf(), until)) {
          early++;
        } else {
          value = at.reference.value(row);
          missing += value == null ? 1 : 0;
        }
        same(value, values.get(row.id()), at, "label of " + row);
        if (value != null) {
          for (FeatureView view : at.world.views()) {
            both.get(view.id().name()).add(at.reference.both(view, row));
            if (neither.containsKey(view.id().name())) {
              neither.get(view.id().name()).add(at.reference.neither(view, row));
            }
          }
        }
      }
      assertThat(found.counts())
          .isEqualTo(new LabelCounts(at.rows.size(), timeless, 0, missing, early));
      assertThat(found.lastKnown().isPresent()).isEqualTo(until != Long.MIN_VALUE);
      assertThat(found.shared())
          .as(() -> at.world + " " + at.set.label() + " " + at.rows)
          .isEqualTo(new SharedEvents(counts(both), counts(neither)));
      labelled += values.size();
      immature += early;
      counts(both).values().forEach(c -> shared.merge("both", c.events(), Long::sum));
      counts(neither).values().forEach(c -> shared.merge("neither", c.events(), Long::sum));
    }
    assertThat(labelled).isGreaterThan(WORLDS * 3L);
    assertThat(immature).isGreaterThan(WORLDS);
    assertThat(shared.get("both")).isGreaterThan(WORLDS / 6);
    assertThat(shared.get("neither")).isGreaterThan(WORLDS / 6);
  }

  @Test
  void countTheEventThatALabelIsReadFrom() {
    long shown = 0;
    for (long seed = 1; seed <= WORLDS; seed++) {
      if (Worlds.world(seed).eventKey().isEmpty()) {
        continue;
      }
      Case at = new Case(seed, false);
      Labelled found = at.store.labelAndCompare(at.set, at.frame(), Optional.empty(), at.pins);
      Map<Integer, Object> values = values(found);
      Map<String, List<Long>> both = new TreeMap<>();
      at.world.views().forEach(view -> both.put(view.id().name(), new ArrayList<>()));
      for (Label row : at.rows) {
        Object value =
            at.world.eventKey().stream().anyMatch(c -> row.keys().get(c) == null)
                ? null
                : at.reference.own(row, Long.MAX_VALUE).map(e -> e.values().get("b")).orElse(null);
        same(value, values.get(row.id()), at, "label of " + row);
        if (value != null && row.asOf() != null) {
          for (FeatureView view : at.world.views()) {
            both.get(view.id().name()).add(at.reference.shownOwn(view, row));
          }
        }
      }
      assertThat(found.shared())
          .as(() -> at.world + " " + at.rows)
          .isEqualTo(new SharedEvents(counts(both), Map.of()));
      shown += counts(both).values().stream().mapToLong(SharedEvents.Count::events).sum();
    }
    assertThat(shown).isGreaterThan(WORLDS / 3);
  }
}
