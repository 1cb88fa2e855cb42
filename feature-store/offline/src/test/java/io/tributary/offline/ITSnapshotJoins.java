package io.tributary.offline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.tributary.core.Digest;
import io.tributary.core.Durations;
import io.tributary.core.Interval;
import io.tributary.core.Pin;
import io.tributary.definition.Accuracy;
import io.tributary.definition.FeatureView;
import io.tributary.events.facts.JoinCounts;
import io.tributary.lake.ContentDigest;
import io.tributary.offline.ITFeatureStore.Stored;
import io.tributary.offline.SnapshotReference.Night;
import io.tributary.offline.World.Event;
import io.tributary.offline.World.Label;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Views at the accuracy of snapshots against the naive reference, to the bit. */
@TestInstance(Lifecycle.PER_CLASS)
class ITSnapshotJoins {
  private static final int WORLDS = Worlds.count(8, 12);
  private static final int[] PARTITIONS = {1, 2, 3, 9};

  /** A world with the nights that were taken of it, and what a join of them gave. */
  private record Slept(
      Stored stored,
      List<Night> nights,
      Map<Integer, List<List<Object>>> answers,
      JoinCounts counts) {}

  @TempDir private static Path folder;
  private final List<Slept> worlds = new ArrayList<>();

  @BeforeAll
  void joins() {
    for (int seed = 0; seed < WORLDS; seed++) {
      worlds.add(slept(seed));
    }
  }

  private Slept slept(long seed) {
    Random random = new Random(seed);
    TreeSet<Long> times = new TreeSet<>();
    World world = asking(snapshots(Worlds.world(seed), random), times, random);
    Stored stored = ITFeatureStore.empty(world, folder.resolve("world" + seed));
    int late = world.events().isEmpty() ? 0 : random.nextInt(world.events().size());
    List<Event> first = world.events().subList(late, world.events().size());
    List<Long> all = List.copyOf(times);
    TreeMap<Long, Night> nights = new TreeMap<>();
    ITFeatureStore.deliver(stored, first, 1);
    take(stored, all.subList(0, all.size() - all.size() / 3), first, nights);
    // What comes late: some nights are taken again, others after them for the first time.
    ITFeatureStore.deliver(stored, world.events().subList(0, late), 2);
    take(stored, all.subList(all.size() / 3, all.size()), world.events(), nights);
    List<Pin> pins = stored.store().pins().ofViews(stored.uses());
    Stored pinned = new Stored(world, stored.store(), stored.uses(), pins);
    FeatureStore store = stored.store().withPartitions(PARTITIONS[(int) seed % PARTITIONS.length]);
    Joined joined =
        store.historicalFeatures(
            ITFeatureStore.labels(world, world.labels()), "as_of", stored.uses(), pins);
    Map<Integer, List<List<Object>>> answers = ITFeatureStore.answers(pinned, joined);
    return new Slept(pinned, List.copyOf(nights.values()), answers, joined.counts());
  }

  /** Most views of a world at the accuracy of snapshots, with delays and bounds that matter. */
  private static World snapshots(World world, Random random) {
    String[] delays = {"0s", "0s", "1s", "1h", "1d"};
    String[] stale = {"1s", "1h", "2h", "1d", "30d"};
    List<FeatureView> views = new ArrayList<>();
    for (FeatureView v : world.views()) {
      boolean exact = random.nextInt(5) == 0;
      views.add(
          exact
              ? v
              : served(
                  v,
                  Durations.parse(delays[random.nextInt(delays.length)]),
                  random.nextInt(3) == 0
                      ? Optional.empty()
                      : Optional.of(Durations.parse(stale[random.nextInt(stale.length)]))));
    }
    return new World(
        world.seed(),
        world.columns(),
        world.eventKey(),
        world.sequence(),
        world.events(),
        views,
        world.labels());
  }

  static FeatureView served(FeatureView view, Duration delay, Optional<Duration> stale) {
    return Worlds.changed(
        view, Map.of("accuracy", Accuracy.SNAPSHOT, "publishDelay", delay, "maxStaleness", stale));
  }

  /**
   * More labels of entities that have events, most of them at a bound of some snapshot, or a
   * microsecond beside it.
   *
   * @param times gets the snapshots' instants
   */
  private static World asking(World world, TreeSet<Long> times, Random random) {
    List<Label> labels = new ArrayList<>(world.labels());
    for (Label label : world.labels()) {
      if (label.asOf() != null && random.nextInt(4) == 0) {
        times.add(label.asOf() - random.nextInt(7) * 3_600_000_000L);
      }
    }
    for (int i = 0; i < 40 && !world.events().isEmpty(); i++) {
      Event e = world.events().get(random.nextInt(world.events().size()));
      FeatureView view = world.views().get(random.nextInt(world.views().size()));
      long seen = Math.max(e.event(), e.known()) + random.nextInt(3) * 60_000_000L;
      if (i < 12 && i % 3 == 0) {
        times.add(seen);
      }
      long night = Optional.ofNullable(times.floor(seen)).orElse(seen);
      long bound =
          switch (random.nextInt(3)) {
            case 0 -> night + SnapshotReference.micros(view.publishDelay());
            case 1 -> night + view.maxStaleness().map(SnapshotReference::micros).orElse(0L);
            default -> e.event() + view.ttl().map(SnapshotReference::micros).orElse(0L);
          };
      Map<String, Object> keys = new HashMap<>();
      List.of("k1", "k2", "part", "part2", "d", "b", "day")
          .forEach(column -> keys.put(column, e.values().get(column)));
      labels.add(new Label(labels.size(), bound + random.nextInt(3) - 1, keys));
    }
    if (times.isEmpty()) {
      times.add(0L);
    }
    return new World(
        world.seed(),
        world.columns(),
        world.eventKey(),
        world.sequence(),
        world.events(),
        world.views(),
        labels);
  }

  /** Takes the snapshots from the first instant to the last in one commit of each view. */
  private static void take(
      Stored stored, List<Long> times, List<Event> delivered, TreeMap<Long, Night> nights) {
    nights.subMap(times.get(0), true, times.get(times.size() - 1), true).clear();
    times.forEach(time -> nights.put(time, new Night(time, delivered)));
    take(stored.store(), stored.world().views(), times);
  }

  /** The same without a record of them. */
  static void take(FeatureStore store, List<FeatureView> views, List<Long> times) {
    List<Instant> instants = times.stream().map(ITFeatureStore::instant).toList();
    for (FeatureView view : views) {
      if (view.accuracy() == Accuracy.SNAPSHOT) {
        Lakes.take(store, view, instants, store.pins().ofSources(List.of("world")));
      }
    }
  }

  /** The first cell that a reading of rule 13 gives otherwise than the join. */
  private Optional<String> difference(Slept slept, SnapshotReference reading) {
    World world = slept.stored().world();
    for (Label label : world.labels()) {
      for (int v = 0; v < world.views().size(); v++) {
        FeatureView view = world.views().get(v);
        List<Object> expected =
            view.accuracy() == Accuracy.EXACT
                ? new Reference().answer(world, view, label)
                : reading.answer(world, view, slept.nights(), label);
        for (int f = 0; f < expected.size(); f++) {
          Object e = expected.get(f);
          Object a = slept.answers().get(label.id()).get(v).get(f);
          if (ITFeatureStore.isSinceLast(view.features().get(f))) {
            e = ITFeatureStore.seconds(e);
          }
          if (!Reference.same(e, a)) {
            return Optional.of(
                "%s nights %s delay %s stale %s label %s, feature %s: expected %s but was %s"
                    .formatted(
                        world,
                        slept.nights(),
                        view.publishDelay(),
                        view.maxStaleness(),
                        label,
                        view.features().get(f),
                        e,
                        a));
          }
        }
      }
    }
    return Optional.empty();
  }

  @Test
  void agreeWithTheReferenceToTheBit() {
    for (Slept slept : worlds) {
      difference(slept, new SnapshotReference()).ifPresent(why -> fail(why));
      assertThat(slept.answers()).hasSize(slept.stored().world().labels().size());
    }
    assertThat(worlds.stream().mapToInt(w -> w.nights().size()).sum()).isGreaterThan(WORLDS);
  }

  @TestFactory
  List<DynamicTest> someWorldTellsThatRule13IsBroken() {
    Map<String, SnapshotReference> broken = new LinkedHashMap<>();
    broken.put(
        "a snapshot is served only after its delay",
        new SnapshotReference() {
          @Override
          boolean isServed(FeatureView view, Night night, long t) {
            return night.at() + micros(view.publishDelay()) < t;
          }
        });
    broken.put(
        "no publish delay",
        new SnapshotReference() {
          @Override
          boolean isServed(FeatureView view, Night night, long t) {
            return night.at() <= t;
          }
        });
    broken.put(
        "max-staleness exclusive",
        new SnapshotReference() {
          @Override
          boolean isFresh(FeatureView view, Night night, long t) {
            return view.maxStaleness().map(most -> t - night.at() < micros(most)).orElse(true);
          }
        });
    broken.put(
        "no snapshot is stale",
        new SnapshotReference() {
          @Override
          boolean isFresh(FeatureView view, Night night, long t) {
            return true;
          }
        });
    broken.put(
        "TTL checked at the snapshot",
        new SnapshotReference() {
          @Override
          long expiry(FeatureView view, Night night, long t) {
            return super.expiry(view, night, night.at());
          }
        });
    broken.put(
        "TTL exclusive",
        new SnapshotReference() {
          @Override
          long expiry(FeatureView view, Night night, long t) {
            return super.expiry(view, night, t) + 1;
          }
        });
    broken.put(
        "an older snapshot where the newest is stale",
        new SnapshotReference() {
          @Override
          Optional<Night> night(FeatureView view, List<Night> nights, long t) {
            return nights.stream().filter(n -> isServed(view, n, t)).findFirst();
          }
        });
    broken.put(
        "all that was delivered, whenever the snapshot was taken",
        new SnapshotReference() {
          @Override
          List<Object> answer(World world, FeatureView view, List<Night> nights, Label label) {
            return super.answer(
                world,
                view,
                nights.stream().map(n -> new Night(n.at(), world.events())).toList(),
                label);
          }
        });
    return broken.entrySet().stream()
        .map(
            rule ->
                DynamicTest.dynamicTest(
                    rule.getKey(),
                    () ->
                        assertThat(
                                worlds.stream()
                                    .anyMatch(w -> difference(w, rule.getValue()).isPresent()))
                            .isTrue()))
        .toList();
  }

  @Test
  void countRowsThatAskBeforeAsnapshotOrOfAstaleOne() {
    long early = 0;
    long stale = 0;
    for (Slept slept : worlds) {
      World world = slept.stored().world();
      Map<String, Long> expectedEarly = new TreeMap<>();
      Map<String, Long> expectedStale = new TreeMap<>();
      for (int v = 0; v < world.views().size(); v++) {
        FeatureView view = world.views().get(v);
        if (view.accuracy() == Accuracy.SNAPSHOT) {
          SnapshotReference rule = new SnapshotReference();
          long[] counts = new long[2];
          for (Label label : world.labels()) {
            if (label.asOf() != null) {
              Optional<Night> night = rule.night(view, slept.nights(), label.asOf());
              if (night.isEmpty()) {
                counts[0]++;
              } else if (!rule.isFresh(view, night.get(), label.asOf())) {
                counts[1]++;
              }
            }
          }
          String role = slept.stored().uses().get(v).prefix();
          expectedEarly.put(role, counts[0]);
          expectedStale.put(role, counts[1]);
          early += counts[0];
          stale += counts[1];
        }
      }
      assertThat(slept.counts().beforeSnapshots()).isEqualTo(expectedEarly);
      assertThat(slept.counts().staleSnapshots()).isEqualTo(expectedStale);
    }
    assertThat(early).isPositive();
    assertThat(stale).isPositive();
  }

  @Test
  void giveTheSameToRowsThatAskInAnInterval() {
    int rows = 0;
    for (Slept slept : worlds) {
      World world = slept.stored().world();
      List<Label> asking = world.labels().stream().filter(l -> l.asOf() != null).toList();
      if (asking.isEmpty()) {
        continue;
      }
      long least = asking.stream().mapToLong(Label::asOf).min().orElseThrow();
      List<Label> first = asking.stream().filter(l -> l.asOf() == least).toList();
      Instant at = ITFeatureStore.instant(least);
      Joined joined =
          slept
              .stored()
              .store()
              .historicalFeatures(
                  ITFeatureStore.labels(world, first),
                  "as_of",
                  Interval.of(at, at.plusNanos(1_000)),
                  slept.stored().uses(),
                  slept.stored().pins());
      Map<Integer, List<List<Object>>> answers = ITFeatureStore.answers(slept.stored(), joined);
      for (Label label : first) {
        assertThat(Reference.same(answers.get(label.id()), slept.answers().get(label.id())))
            .as("%s %s", world, label)
            .isTrue();
        rows++;
      }
    }
    assertThat(rows).isPositive();
  }

  @Test
  void recordedPinsGiveTheSameWhateverIsTakenLater() {
    for (Slept slept : worlds.subList(0, Math.min(Worlds.count(3, 6), WORLDS))) {
      Stored stored = slept.stored();
      World world = stored.world();
      Digest before = content(stored);
      TreeMap<Long, Night> nights = new TreeMap<>();
      TreeSet<Long> times = new TreeSet<>();
      slept.nights().forEach(night -> times.addAll(List.of(night.at(), night.at() + 1)));
      take(stored, List.copyOf(times), world.events(), nights);
      for (FeatureView view : world.views()) {
        if (stored.store().lake().table(view.id().table()).version().isPresent()) {
          String path = stored.store().lake().path(view.id().table());
          Lakes.SESSION.spark().sql("OPTIMIZE delta.`" + path + "`").count();
          Lakes.SESSION.spark().sql("VACUUM delta.`" + path + "`").count();
        }
      }
      assertThat(content(stored)).isEqualTo(before);
    }
  }

  private static Digest content(Stored stored) {
    Dataset<Row> rows =
        stored
            .store()
            .historicalFeatures(
                ITFeatureStore.labels(stored.world(), stored.world().labels()),
                "as_of",
                stored.uses(),
                stored.pins())
            .rows();
    return ContentDigest.of(rows).digest();
  }
}
