package io.tributary.offline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.definition.SqlText;
import io.tributary.definition.Window;
import io.tributary.offline.World.Event;
import io.tributary.offline.World.Label;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Breaks the rules of the contract one at a time and shows that the worlds tell the difference. */
class TestBrokenRules {
  private static final int WORLDS = 4_000;

  @TestFactory
  List<DynamicTest> someWorldTellsThatARuleIsBroken() {
    Map<String, Reference> broken = new LinkedHashMap<>();
    broken.put(
        "2: keys compared as joined text",
        new Reference() {
          @Override
          boolean sameEntity(FeatureView view, Label label, Event e) {
            return joined(view, label.keys()).equals(joined(view, e.values()));
          }

          private String joined(FeatureView view, Map<String, Object> values) {
            StringBuilder text = new StringBuilder();
            view.entity().forEach(c -> text.append(values.get(c)));
            return text.toString();
          }
        });
    broken.put(
        "2: null keys match one another",
        new Reference() {
          @Override
          boolean sameEntity(FeatureView view, Label label, Event e) {
            return view.entity().stream()
                .allMatch(c -> Objects.equals(label.keys().get(c), e.values().get(c)));
          }
        });
    broken.put(
        "3: event time exclusive",
        new Reference() {
          @Override
          boolean happened(Event e, long t) {
            return e.event() < t;
          }

          @Override
          boolean inWindow(Event e, long t, long lower) {
            return e.event() > lower;
          }
        });
    broken.put(
        "3: known time exclusive",
        new Reference() {
          @Override
          boolean known(Event e, long t) {
            return e.known() < t;
          }
        });
    broken.put(
        "3: known time ignored",
        new Reference() {
          @Override
          boolean known(Event e, long t) {
            return true;
          }
        });
    broken.put(
        "3: an event is known before it happens",
        new Reference() {
          @Override
          boolean happened(Event e, long t) {
            return true;
          }

          @Override
          boolean inWindow(Event e, long t, long lower) {
            return e.event() > lower;
          }
        });
    broken.put(
        "4: corrections count beside what they correct",
        new Reference() {
          @Override
          Collection<List<Event>> eventsOf(World world) {
            return world.events().stream().map(List::of).toList();
          }
        });
    broken.put(
        "4: a tombstone before a live row",
        new Reference() {
          @Override
          Comparator<Event> versionOrder(World world, FeatureView view) {
            return Comparator.comparingLong(Event::known)
                .thenComparing(versionRank(world, view))
                .thenComparing(Event::deleted)
                .thenComparing((a, b) -> a.deleted() ? 0 : liveOrder(world).compare(a, b));
          }
        });
    broken.put(
        "4: a live row before any tombstone of equal known time",
        new Reference() {
          @Override
          Comparator<Event> versionOrder(World world, FeatureView view) {
            return Comparator.comparingLong(Event::known)
                .thenComparing(e -> !e.deleted())
                .thenComparing(super.versionOrder(world, view));
          }
        });
    broken.put(
        "4: versions of equal known time in any order",
        new Reference() {
          @Override
          Comparator<Event> versionOrder(World world, FeatureView view) {
            return Comparator.comparingLong(Event::known).thenComparing(e -> !e.deleted());
          }
        });
    broken.put(
        "4: the sequence not looked at",
        new Reference() {
          @Override
          Comparator<Event> versionRank(World world, FeatureView view) {
            return byColumns(view.tieBreak());
          }
        });
    broken.put(
        "4: the sequence before known time",
        new Reference() {
          @Override
          Comparator<Event> versionOrder(World world, FeatureView view) {
            return byColumns(world.sequence().map(List::of).orElse(List.of()))
                .thenComparing(super.versionOrder(world, view));
          }
        });
    broken.put(
        "4: tie-break columns before the sequence",
        new Reference() {
          @Override
          Comparator<Event> versionRank(World world, FeatureView view) {
            return byColumns(view.tieBreak()).thenComparing(super.versionRank(world, view));
          }
        });
    broken.put(
        "4: tie-break columns of versions not looked at",
        new Reference() {
          @Override
          Comparator<Event> versionRank(World world, FeatureView view) {
            return byColumns(world.sequence().map(List::of).orElse(List.of()));
          }
        });
    broken.put(
        "4: a tombstone without tie-break columns",
        new Reference() {
          @Override
          Comparator<Event> versionRank(World world, FeatureView view) {
            Comparator<Event> rank = super.versionRank(world, view);
            return (a, b) -> a.deleted() != b.deleted() ? 0 : rank.compare(a, b);
          }
        });
    broken.put(
        "4: the event time of live versions before their tie-break columns",
        new Reference() {
          @Override
          Comparator<Event> versionOrder(World world, FeatureView view) {
            return Comparator.comparingLong(Event::known)
                .thenComparing((a, b) -> a.deleted() || b.deleted() ? 0 : later(a, b))
                .thenComparing(super.versionOrder(world, view));
          }

          private int later(Event a, Event b) {
            return Long.compare(a.event(), b.event());
          }
        });
    broken.put(
        "4: the values of live versions before their event time",
        new Reference() {
          @Override
          Comparator<Event> liveOrder(World world) {
            return byColumns(values(world)).thenComparingLong(Event::event);
          }
        });
    broken.put(
        "4: the version is chosen among those that have happened",
        new Reference() {
          @Override
          Optional<Event> version(World world, FeatureView view, List<Event> versions, long t) {
            return super.version(
                world,
                view,
                versions.stream().filter(e -> e.deleted() || happened(e, t)).toList(),
                t);
          }
        });
    broken.put(
        "4: the version is chosen among those of the entity",
        new Reference() {
          @Override
          Collection<List<Event>> eventsOf(World world) {
            Map<List<Object>, List<Event>> events = new LinkedHashMap<>();
            List<String> columns = new ArrayList<>(world.eventKey());
            columns.addAll(world.views().get(0).entity());
            for (Event e : world.events()) {
              List<Object> key = new ArrayList<>();
              columns.forEach(c -> key.add(e.values().get(c)));
              events.computeIfAbsent(key, k -> new ArrayList<>()).add(e);
            }
            return world.eventKey().isEmpty() ? super.eventsOf(world) : events.values();
          }
        });
    broken.put(
        "4: the filter is applied before the version is chosen",
        new Reference() {
          @Override
          Optional<Event> version(World world, FeatureView view, List<Event> versions, long t) {
            return super.version(
                world,
                view,
                versions.stream().filter(e -> e.deleted() || passes(view.where(), e)).toList(),
                t);
          }
        });
    broken.put(
        "4: a filter that is null is true",
        new Reference() {
          @Override
          boolean passes(Optional<SqlText> where, Event e) {
            return where.isEmpty() || !Boolean.FALSE.equals(e.values().get(where.get().sql()));
          }
        });
    broken.put(
        "5: TTL exclusive",
        new Reference() {
          @Override
          boolean young(Event e, long t, long ttl) {
            return e.event() > t - ttl;
          }
        });
    broken.put(
        "5: known time before event time",
        new Reference() {
          @Override
          Comparator<Event> order(World world, FeatureView view) {
            return Comparator.comparingLong(Event::known).thenComparing(super.order(world, view));
          }
        });
    broken.put(
        "5: known time not looked at",
        new Reference() {
          @Override
          Comparator<Event> order(World world, FeatureView view) {
            return Comparator.comparingLong(Event::event)
                .thenComparing(byColumns(rankingColumns(world, view)));
          }
        });
    broken.put(
        "5: tie-break columns not looked at first",
        new Reference() {
          @Override
          List<String> rankingColumns(World world, FeatureView view) {
            return super.rankingColumns(world, Worlds.changed(view, Map.of("tieBreak", List.of())));
          }
        });
    broken.put(
        "5: columns in another order",
        new Reference() {
          @Override
          List<String> values(World world) {
            List<String> columns = new ArrayList<>(super.values(world));
            java.util.Collections.reverse(columns);
            return columns;
          }
        });
    broken.put(
        "5: the event key ranks as values do",
        new Reference() {
          @Override
          List<String> rankingColumns(World world, FeatureView view) {
            List<String> columns = new ArrayList<>(view.tieBreak());
            world.columns().keySet().stream()
                .filter(c -> values(world).contains(c) || world.eventKey().contains(c))
                .forEach(columns::add);
            return columns;
          }
        });
    broken.put(
        "5: an event-key column that the view reads ranks before the values",
        new Reference() {
          @Override
          List<String> rankingColumns(World world, FeatureView view) {
            List<String> columns = new ArrayList<>(view.tieBreak());
            world.eventKey().stream().filter(reads(view)::contains).forEach(columns::add);
            columns.addAll(super.rankingColumns(world, view));
            return columns;
          }
        });
    broken.put(
        "5: an event-key column that the view reads does not rank",
        new Reference() {
          @Override
          List<String> rankingColumns(World world, FeatureView view) {
            return super.rankingColumns(world, view).stream()
                .filter(c -> view.tieBreak().contains(c) || !world.eventKey().contains(c))
                .toList();
          }
        });
    broken.put(
        "5: the sequence ranks different events",
        new Reference() {
          @Override
          List<String> rankingColumns(World world, FeatureView view) {
            List<String> columns = new ArrayList<>(view.tieBreak());
            world.sequence().ifPresent(columns::add);
            columns.addAll(super.rankingColumns(world, view));
            return columns;
          }
        });
    broken.put(
        "5: a rival is one that differs in any column",
        new Reference() {
          @Override
          boolean ambiguous(World world, FeatureView view, Label label) {
            return super.ambiguous(world, view, label) || hasOther(world, view, label);
          }

          private boolean hasOther(World world, FeatureView view, Label label) {
            if (label.asOf() == null || view.features().get(0) instanceof Feature.Windowed) {
              return false;
            }
            List<Event> visible = visible(world, view, label);
            Optional<Event> winner = visible.stream().max(order(world, view));
            return winner.isPresent()
                && visible.stream()
                    .filter(e -> rivals(e, winner.get(), view))
                    .anyMatch(e -> !e.values().equals(winner.get().values()));
          }
        });
    broken.put(
        "5: of versions, a rival is one that differs in any column",
        new Reference() {
          @Override
          Set<String> reads(FeatureView view) {
            return Worlds.COLUMNS.keySet();
          }

          @Override
          List<String> rankingColumns(World world, FeatureView view) {
            return new Reference().rankingColumns(world, view);
          }
        });
    broken.put(
        "5: a rival may differ in tie-break columns",
        new Reference() {
          @Override
          boolean rivals(Event a, Event b, FeatureView view) {
            return a.event() == b.event() && a.known() == b.known();
          }
        });
    broken.put(
        "5: versions have no rivals",
        new Reference() {
          @Override
          boolean hasRival(World world, FeatureView view, Event version, long t) {
            return false;
          }
        });
    broken.put(
        "5: null highest",
        new Reference() {
          @Override
          int compare(Object a, Object b) {
            return a == null || b == null ? -super.compare(a, b) : super.compare(a, b);
          }
        });
    broken.put(
        "5: NaN lowest",
        new Reference() {
          @Override
          int compare(Object a, Object b) {
            boolean x = a instanceof Double d && d.isNaN();
            boolean y = b instanceof Double d && d.isNaN();
            return x != y && a != null && b != null ? -super.compare(a, b) : super.compare(a, b);
          }
        });
    broken.put(
        "5: zeros equal",
        new Reference() {
          @Override
          int compare(Object a, Object b) {
            return super.compare(asOne(a), asOne(b));
          }
        });
    broken.put(
        "5: text by UTF-16 unit",
        new Reference() {
          @Override
          int compare(Object a, Object b) {
            return a instanceof String x && b instanceof String y
                ? x.compareTo(y)
                : super.compare(a, b);
          }
        });
    broken.put(
        "6: window closed below",
        new Reference() {
          @Override
          boolean inWindow(Event e, long t, long lower) {
            return e.event() >= lower && e.event() <= t;
          }
        });
    broken.put(
        "6: window open above",
        new Reference() {
          @Override
          boolean inWindow(Event e, long t, long lower) {
            return e.event() > lower && e.event() < t;
          }
        });
    broken.put(
        "6: window rounded to the hour",
        new Reference() {
          @Override
          boolean inWindow(Event e, long t, long lower) {
            long hour = 3_600_000_000L;
            return e.event() > lower - Math.floorMod(t, hour) && e.event() <= t;
          }
        });
    broken.put(
        "7: an empty sum is zero",
        new Reference() {
          @Override
          Object aggregate(Feature.Windowed feature, String type, List<Object> values) {
            return values.isEmpty()
                    && feature.aggregate().function()
                        == io.tributary.definition.Aggregate.Function.SUM
                ? sum(type, values)
                : super.aggregate(feature, type, values);
          }
        });
    broken.put(
        "7: first and last take nulls",
        new Reference() {
          @Override
          Object windowed(
              World world,
              FeatureView view,
              Feature.Windowed feature,
              List<Event> visible,
              Long t) {
            if (feature.aggregate().function() != io.tributary.definition.Aggregate.Function.LAST) {
              return super.windowed(world, view, feature, visible, t);
            }
            return visible.stream()
                .filter(e -> inWindow(e, t, lower(feature.window(), t)))
                .filter(e -> passes(feature.where(), e))
                .max(order(world, view))
                .map(e -> e.values().get(feature.argument().get().sql()))
                .orElse(null);
          }
        });
    broken.put(
        "7: the most common value's ties to the greatest",
        new Reference() {
          @Override
          Object mostCommon(List<Object> sorted) {
            List<Object> reversed = new ArrayList<>(sorted);
            java.util.Collections.reverse(reversed);
            return super.mostCommon(reversed);
          }
        });
    broken.put(
        "7: an event without a dimension counts as if it had one",
        new Reference() {
          @Override
          Object dimension(Feature.Windowed feature, Event e) {
            Object value = super.dimension(feature, e);
            return value == null && feature.by().orElseThrow().sql().equals("s") ? "" : value;
          }
        });
    broken.put(
        "7: a dimension's value without values is left out",
        new Reference() {
          @Override
          Object split(World world, Feature.Windowed feature, List<Event> inside, Long t) {
            Object map = super.split(world, feature, inside, t);
            if (map != null) {
              ((Map<?, ?>) map).values().removeIf(Objects::isNull);
            }
            return map;
          }
        });
    broken.put(
        "7: of a split, each value of the dimension has the aggregate of all",
        new Reference() {
          @Override
          Object split(World world, Feature.Windowed feature, List<Event> inside, Long t) {
            Object map = super.split(world, feature, inside, t);
            if (map == null) {
              return null;
            }
            Map<Object, Object> all = new LinkedHashMap<>((Map<?, ?>) map);
            all.replaceAll((key, value) -> over(world, feature, inside, t));
            return all;
          }
        });
    broken.put(
        "7: a histogram's keys in no order",
        new Reference() {
          @Override
          Object histogram(List<Object> sorted) {
            return super.histogram(
                sorted.stream().sorted(Comparator.comparing(Objects::hashCode)).toList());
          }
        });
    broken.put(
        "7: percentile takes the nearest value",
        new Reference() {
          @Override
          Object percentile(List<Object> sorted, double p) {
            Object nearest = sorted.get((int) Math.round(p * (sorted.size() - 1)));
            return nearest instanceof Double d ? d : number(nearest).doubleValue();
          }
        });
    broken.put(
        "8: a calendar day is 24 hours",
        new Reference() {
          @Override
          long lower(Window window, long t) {
            return window instanceof Window.CalendarDays days
                ? t - days.days() * 86_400_000_000L
                : super.lower(window, t);
          }
        });
    broken.put(
        "8: a calendar window begins at midnight",
        new Reference() {
          @Override
          Instant resolved(LocalDateTime local, ZoneId zone) {
            return super.resolved(local.toLocalDate().atStartOfDay(), zone);
          }
        });
    broken.put(
        "8: the later of two equal local times",
        new Reference() {
          @Override
          Instant resolved(LocalDateTime local, ZoneId zone) {
            return local.atZone(zone).withLaterOffsetAtOverlap().toInstant();
          }
        });
    broken.put(
        "8: a local time that does not exist is the end of the gap",
        new Reference() {
          @Override
          Instant resolved(LocalDateTime local, ZoneId zone) {
            ZoneOffsetTransition change = zone.getRules().getTransition(local);
            return change != null && change.isGap()
                ? change.getInstant()
                : super.resolved(local, zone);
          }
        });
    broken.put(
        "8: an event that has left a calendar window never comes again",
        new Reference() {
          @Override
          long lower(Window window, long t) {
            long greatest = super.lower(window, t);
            if (window instanceof Window.CalendarDays) {
              for (long earlier = t - 7_200_000_000L; earlier < t; earlier += 600_000_000L) {
                greatest = Math.max(greatest, super.lower(window, earlier));
              }
            }
            return greatest;
          }
        });
    broken.put(
        "9: naive sums",
        new Reference() {
          @Override
          Object sum(String type, List<Object> values) {
            return type.equals("double")
                ? values.stream().map(v -> (Double) v).reduce(0.0, Double::sum)
                : super.sum(type, values);
          }
        });
    broken.put(
        "9: a mean rounded twice",
        new Reference() {
          @Override
          Object mean(List<Object> values) {
            return notFinite(values)
                .orElseGet(() -> exactSum(values).doubleValue() / values.size() + 0.0);
          }
        });
    broken.put(
        "9: sample and population variance mixed up",
        new Reference() {
          @Override
          Object variance(List<Object> values, int divisor) {
            return super.variance(values, values.size());
          }
        });
    broken.put(
        "9: zeros counted apart",
        new Reference() {
          @Override
          Object asOne(Object value) {
            return value;
          }
        });
    return broken.entrySet().stream()
        .map(
            b ->
                DynamicTest.dynamicTest(
                    b.getKey(), () -> assertThat(tells(b.getValue())).as(b.getKey()).isTrue()))
        .toList();
  }

  private static boolean tells(Reference broken) {
    for (long seed = 0; seed < WORLDS; seed++) {
      World world = Worlds.world(seed);
      for (FeatureView view : world.views()) {
        List<List<Object>> engine = EngineRun.answer(world, view, world.events());
        for (int row = 0; row < engine.size(); row++) {
          List<Object> other = broken.answer(world, view, world.labels().get(row));
          for (int f = 0; f < other.size(); f++) {
            if (!Reference.same(other.get(f), engine.get(row).get(f))) {
              return true;
            }
          }
        }
        List<Boolean> ambiguous = EngineRun.ambiguous(world, view, world.events());
        for (int row = 0; row < ambiguous.size(); row++) {
          if (broken.ambiguous(world, view, world.labels().get(row)) != ambiguous.get(row)) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
