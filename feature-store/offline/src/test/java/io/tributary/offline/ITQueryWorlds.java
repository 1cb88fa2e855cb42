package io.tributary.offline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Pin;
import io.tributary.core.RunnerChoice;
import io.tributary.definition.AvailabilityDelay;
import io.tributary.definition.Derivation;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.offline.ITFeatureStore.Stored;
import io.tributary.offline.World.Event;
import io.tributary.offline.World.Label;
import io.tributary.testing.DrawnRunner;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Worlds seen through a query whose filter leaves out a good half of the versions, and whose
 * expressions fail on each of these: in the reference they are tombstones.
 */
class ITQueryWorlds {
  private static final int WORLDS = Worlds.count(12, 24);

  /** Beside the columns, whether the source itself withdrew a version. */
  private static final String GONE = "gone";

  private static final long DAY = Duration.ofDays(1).toNanos() / 1_000;

  @TempDir private static Path folder;

  @Test
  void whatAQueryLeavesOutIsWithdrawnWhateverItsExpressionsMakeOfIt() {
    int leftOut = 0;
    for (long seed = 0; seed < WORLDS; seed++) {
      World world = Worlds.world(seed);
      if (world.eventKey().isEmpty()) {
        continue;
      }
      World seen = asked(through(world));
      leftOut += (int) seen.events().stream().filter(Event::deleted).count();
      agrees(world, seen, query(world, Optional.empty(), ZoneId.of("America/New_York")));
    }
    assertThat(leftOut).isPositive();
  }

  /** All rows of one day are known at once, so that rule 4 is asked for each version. */
  @Test
  void daysAreKnownWhenTheyAreOverWhateverClocksDo() {
    int changes = 0;
    int told = 0;
    for (long seed = 0; seed < WORLDS; seed++) {
      World world = Worlds.world(seed);
      if (world.eventKey().isEmpty() || world.events().isEmpty()) {
        continue;
      }
      ZoneId zone = zone(world);
      AvailabilityDelay delay =
          AvailabilityDelay.parse(seed % 2 == 0 ? "end-of-day" : "end-of-day + 6h");
      long after = delay.duration().toNanos() / 1_000 - 1;
      World seen = asked(inDays(through(world), zone, day -> start(day.plusDays(1), zone) + after));
      World physical = inDays(through(world), zone, day -> start(day, zone) + DAY + after);
      changes +=
          (int)
              world.events().stream()
                  .map(e -> day(e, zone))
                  .filter(day -> start(day.plusDays(1), zone) != start(day, zone) + DAY)
                  .count();
      told += answers(seen, seen).equals(answers(physical, seen)) ? 0 : 1;
      agrees(world, seen, query(world, Optional.of(delay), zone));
    }
    assertThat(changes).isPositive();
    assertThat(told).as("worlds in which a day is no 24 hours").isPositive();
  }

  private static void agrees(World world, World seen, Source query) {
    Path home = folder.resolve("world" + world.seed() + "-" + System.nanoTime());
    List<Source> sources = List.of(Lakes.source("world", world, 0), query);
    CheckedProject project =
        CheckedProject.check(Lakes.project(home, sources, seen.views(), List.of()));
    FeatureStore store =
        FeatureStore.open(project, Lakes.lake(home), RunnerChoice.valueOf(DrawnRunner.name()));
    Stored stored = new Stored(seen, store, ITFeatureStore.uses(seen), List.of());
    ITFeatureStore.deliver(new Stored(world, store, stored.uses(), List.of()), world.events(), 1);
    List<Pin> pins = store.pins().ofViews(stored.uses());
    Joined joined =
        store.historicalFeatures(
            ITFeatureStore.labels(seen, seen.labels()), "as_of", stored.uses(), pins);
    ITFeatureStore.compare(stored, seen.labels(), ITFeatureStore.answers(stored, joined));
  }

  /** What the reference answers to the labels of another world. */
  private static List<List<List<Object>>> answers(World world, World asking) {
    World asked = with(world, world.events(), asking.labels());
    return world.views().stream().map(view -> new Reference().answer(asked, view)).toList();
  }

  /** One whose clocks change near the first event, where there is one. */
  private static ZoneId zone(World world) {
    Instant at = ITFeatureStore.instant(world.events().get(0).event());
    return Stream.of("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia")
        .map(ZoneId::of)
        .filter(
            zone -> {
              ZoneOffsetTransition next =
                  zone.getRules().nextTransition(at.minus(Duration.ofDays(1)));
              return next != null && next.getInstant().isBefore(at.plus(Duration.ofDays(2)));
            })
        .findFirst()
        .orElse(ZoneId.of("America/New_York"));
  }

  private static LocalDate day(Event e, ZoneId zone) {
    return ITFeatureStore.instant(e.event()).atZone(zone).toLocalDate();
  }

  private static long start(LocalDate day, ZoneId zone) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, day.atStartOfDay(zone).toInstant());
  }

  /** The events on their days, each known as its day says, but what the source withdrew. */
  private static World inDays(World world, ZoneId zone, ToLongFunction<LocalDate> known) {
    List<Event> events =
        world.events().stream()
            .map(
                e ->
                    new Event(
                        start(day(e, zone), zone),
                        isGone(e) ? e.known() : known.applyAsLong(day(e, zone)),
                        e.deleted(),
                        e.values()))
            .toList();
    return with(world, events, world.labels());
  }

  private static boolean isGone(Event e) {
    return Boolean.TRUE.equals(e.values().get(GONE));
  }

  /**
   * With labels of entities that have events, each when one of their versions gets known and a
   * microsecond before.
   */
  private static World asked(World world) {
    List<Label> labels = new ArrayList<>(world.labels());
    for (Event e : world.events()) {
      Map<String, Object> keys = new HashMap<>();
      List.of("k1", "k2", "part", "part2", "d", "b", "day")
          .forEach(column -> keys.put(column, e.values().get(column)));
      long from = Math.max(e.event(), e.known());
      labels.add(new Label(labels.size(), from, keys));
      labels.add(new Label(labels.size(), from - 1, keys));
    }
    return with(world, world.events(), labels);
  }

  private static World with(World world, List<Event> events, List<Label> labels) {
    return new World(
        world.seed(),
        world.columns(),
        world.eventKey(),
        world.sequence(),
        events,
        world.views(),
        labels);
  }

  /** A query of instants, or of their days. */
  private static Source query(World world, Optional<AvailabilityDelay> delay, ZoneId zone) {
    List<Derivation> columns = new ArrayList<>();
    world.columns().keySet().forEach(c -> columns.add(new Derivation(c, Lakes.sql(c))));
    columns.add(new Derivation("et", Lakes.sql("et")));
    columns.add(new Derivation("trap", Lakes.sql("cast(if(ok, '1', s || '?') as int)")));
    return new Source(
        "chosen",
        "",
        "",
        new SourceInput.Query("world", columns, Optional.of(Lakes.sql("ok"))),
        List.of(),
        false,
        List.of(),
        List.of(),
        world.eventKey(),
        false,
        Optional.empty(),
        Optional.of(Lakes.sql(delay.isPresent() ? "cast(et as date)" : "et")),
        Optional.empty(),
        delay,
        Optional.empty(),
        // Every other query takes its source's.
        world.sequence().filter(column -> world.seed() % 2 == 0),
        zone,
        Optional.empty(),
        Optional.empty(),
        false,
        Lakes.sql("").location());
  }

  /** The same world, with what is left out as tombstones, and views of the query. */
  private static World through(World world) {
    List<Event> events =
        world.events().stream()
            .map(
                e -> {
                  Map<String, Object> values = new HashMap<>(e.values());
                  values.put(GONE, e.deleted());
                  boolean isLeftOut = !Boolean.TRUE.equals(e.values().get("ok"));
                  return new Event(e.event(), e.known(), e.deleted() || isLeftOut, values);
                })
            .toList();
    List<FeatureView> views = world.views().stream().map(ITQueryWorlds::ofQuery).toList();
    return new World(
        world.seed(),
        world.columns(),
        world.eventKey(),
        world.sequence(),
        events,
        views,
        world.labels());
  }

  private static FeatureView ofQuery(FeatureView view) {
    return Worlds.changed(view, Map.of("source", Optional.of("chosen")));
  }
}
