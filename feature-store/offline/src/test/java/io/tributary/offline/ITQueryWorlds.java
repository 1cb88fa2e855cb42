package io.tributary.offline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Pin;
import io.tributary.definition.Derivation;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.expression.CheckedProject;
import io.tributary.offline.ITFeatureStore.Stored;
import io.tributary.offline.World.Event;
import io.tributary.offline.World.Label;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Worlds seen through a query whose filter leaves out a good half of the versions, and whose
 * expressions fail on each of these: in the reference they are tombstones.
 */
class ITQueryWorlds {
  private static final int WORLDS = Worlds.count(12, 24);

  @TempDir private static Path folder;

  @Test
  void whatAQueryLeavesOutIsWithdrawnWhateverItsExpressionsMakeOfIt() {
    int leftOut = 0;
    for (long seed = 0; seed < WORLDS; seed++) {
      World world = asked(Worlds.world(seed));
      if (world.eventKey().isEmpty()) {
        continue;
      }
      World seen = through(world);
      leftOut += (int) seen.events().stream().filter(Event::deleted).count();
      Path home = folder.resolve("world" + seed);
      List<Source> sources = List.of(Lakes.source("world", world, 0), query(world));
      CheckedProject project =
          CheckedProject.check(Lakes.project(home, sources, seen.views(), List.of()));
      FeatureStore store = FeatureStore.open(project, Lakes.lake(home));
      Stored stored = new Stored(seen, store, ITFeatureStore.uses(seen), List.of());
      ITFeatureStore.deliver(new Stored(world, store, stored.uses(), List.of()), world.events(), 1);
      List<Pin> pins = store.pinsOf(stored.uses());
      Joined joined =
          store.join(ITFeatureStore.labels(world, world.labels()), "as_of", stored.uses(), pins);
      ITFeatureStore.compare(stored, world.labels(), ITFeatureStore.answers(stored, joined));
    }
    assertThat(leftOut).isPositive();
  }

  /** With labels of entities that have events, each after one of their versions is known. */
  private static World asked(World world) {
    List<Label> labels = new ArrayList<>(world.labels());
    for (Event e : world.events()) {
      Map<String, Object> keys = new HashMap<>();
      List.of("k1", "k2", "part", "part2", "d", "b", "day")
          .forEach(column -> keys.put(column, e.values().get(column)));
      labels.add(new Label(labels.size(), Math.max(e.event(), e.known()), keys));
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

  private static Source query(World world) {
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
        Optional.of(Lakes.sql("et")),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        // Every other query takes its source's.
        world.sequence().filter(column -> world.seed() % 2 == 0),
        ZoneId.of("America/New_York"),
        Optional.empty(),
        false,
        Lakes.sql("").mark());
  }

  /** The same world, with what is left out as tombstones, and views of the query. */
  private static World through(World world) {
    List<Event> events =
        world.events().stream()
            .map(
                e ->
                    new Event(
                        e.event(),
                        e.known(),
                        e.deleted() || !Boolean.TRUE.equals(e.values().get("ok")),
                        e.values()))
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
