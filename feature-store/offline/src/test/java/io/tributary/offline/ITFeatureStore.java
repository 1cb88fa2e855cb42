package io.tributary.offline;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.map_entries;
import static org.apache.spark.sql.functions.transform_values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.RunnerChoice;
import io.tributary.definition.Aggregate.Function;
import io.tributary.definition.ColumnType;
import io.tributary.definition.Derivation;
import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Source;
import io.tributary.definition.ViewUse;
import io.tributary.events.facts.JoinCounts;
import io.tributary.offline.World.Event;
import io.tributary.offline.World.Label;
import io.tributary.offline.explanation.Candidate;
import io.tributary.offline.explanation.Evidence;
import io.tributary.offline.explanation.Exclusion;
import io.tributary.offline.explanation.Explanation;
import io.tributary.offline.explanation.Ruling;
import io.tributary.offline.internal.explain.FeatureExplainer;
import io.tributary.offline.internal.source.PinnedSources;
import io.tributary.offline.internal.source.Sources;
import io.tributary.offline.internal.source.StoredRows;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.local.LocalRunner;
import io.tributary.rows.spark.SparkRows;
import io.tributary.rows.spark.SparkRunner;
import io.tributary.testing.DrawnRunner;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine on Spark against the naive reference, to the bit. */
class ITFeatureStore {
  private static final int WORLDS = Worlds.count(12, 24);
  private static final int[] PARTITIONS = {1, 2, 3, 5, 64};

  /** Each is delivered once for all tests, which read alone. */
  private static final Map<Long, Stored> STORED = new HashMap<>();

  @TempDir private static Path folder;

  /** A world in a lake. */
  record Stored(World world, FeatureStore store, List<ViewUse> uses, List<Pin> pins) {}

  private static Stored stored(long seed) {
    return STORED.computeIfAbsent(seed, s -> stored(Worlds.world(s)));
  }

  private static Stored stored(World world) {
    Stored stored = empty(world, folder.resolve("world" + world.seed() + "-" + System.nanoTime()));
    deliver(stored, world.events(), 1);
    return new Stored(
        world, stored.store(), stored.uses(), stored.store().pins().ofViews(stored.uses()));
  }

  /** A world's project, and nothing delivered. */
  static Stored empty(World world, Path home) {
    long delay =
        world.events().isEmpty() || !world.eventKey().isEmpty()
            ? 0
            : world.events().get(0).known() - world.events().get(0).event();
    Source source = Lakes.source("world", world, delay);
    CheckedProject project =
        CheckedProject.check(Lakes.project(home, List.of(source), world.views(), List.of()));
    FeatureStore store =
        FeatureStore.open(project, Lakes.lake(home), RunnerChoice.valueOf(DrawnRunner.name()));
    return new Stored(world, store, uses(world), List.of());
  }

  /** A world's views, each joined by the labels' columns. */
  static List<ViewUse> uses(World world) {
    List<ViewUse> uses = new ArrayList<>();
    for (FeatureView view : world.views()) {
      Map<String, String> keys = new LinkedHashMap<>();
      view.entity().forEach(column -> keys.put(column, "l_" + column));
      uses.add(new ViewUse(view.id(), keys, Optional.empty(), List.of()));
    }
    return uses;
  }

  /** Delivers events in any order, each with its number among all as its line. */
  static void deliver(Stored stored, List<Event> events, long delivery) {
    StructType schema =
        stored
            .store()
            .project()
            .source("world")
            .rowSchema()
            .add("_file", "string")
            .add("_line", "bigint")
            .add("_run", "string");
    List<Row> rows = new ArrayList<>();
    for (Event e : events) {
      Map<String, Object> values = new HashMap<>(e.values());
      values.put("et", e.event());
      values.put("kt", e.known());
      values.put("gone", e.deleted());
      values.put("_event_time", e.event());
      values.put("_known_time", e.known());
      values.put("_deleted", e.deleted());
      values.put("_file", "world.csv");
      values.put("_line", (long) rows.size());
      values.put("_run", "run");
      rows.add(Lakes.row(schema, values));
    }
    Collections.shuffle(rows, new Random(stored.world().seed()));
    Lakes.deliver(stored.store().lake(), "world", Lakes.frame(rows, schema), delivery);
  }

  static Dataset<Row> labels(World world, List<Label> labels) {
    StructType schema = new StructType().add("id", "int").add("as_of", "timestamp");
    // Keys of other widths than the source's.
    for (String column : List.of("k1", "k2", "part", "part2", "d", "b", "day")) {
      ColumnType type = world.columns().get(column);
      String ddl = column.equals("k2") ? "int" : column.equals("d") ? "decimal(14,3)" : type.ddl();
      schema = schema.add("l_" + column, ddl);
    }
    List<Row> rows = new ArrayList<>();
    for (Label label : labels) {
      Map<String, Object> values = new HashMap<>();
      values.put("id", (long) label.id());
      values.put("as_of", label.asOf());
      label.keys().forEach((column, value) -> values.put("l_" + column, value));
      rows.add(Lakes.row(schema, values));
    }
    return Lakes.frame(rows, schema);
  }

  /** Answers by label id, then view, then feature. */
  static Map<Integer, List<List<Object>>> answers(Stored stored, Joined joined) {
    return answers(stored, joined.rows());
  }

  private static Map<Integer, List<List<Object>>> answers(Stored stored, Dataset<Row> rows) {
    Map<Integer, List<List<Object>>> answers = new HashMap<>();
    for (Row row : collected(rows)) {
      List<List<Object>> views = new ArrayList<>();
      for (ViewUse use : stored.uses()) {
        List<Object> features = new ArrayList<>();
        for (Feature feature : stored.store().project().view(use.view()).definition().features()) {
          features.add(plain(rows, row, row.fieldIndex(use.column(feature.name()))));
        }
        views.add(features);
      }
      assertThat(answers.put(row.getInt(0), views)).isNull();
    }
    return answers;
  }

  /** Rows with maps as their entries: Spark's own maps forget the order of their keys. */
  private static List<Row> collected(Dataset<Row> rows) {
    Dataset<Row> entries = rows;
    for (StructField field : rows.schema().fields()) {
      if (field.dataType() instanceof MapType map) {
        Column column = col(field.name());
        entries =
            entries.withColumn(
                field.name(),
                map_entries(
                    map.valueType() instanceof MapType
                        ? transform_values(column, (key, value) -> map_entries(value))
                        : column));
      }
    }
    return entries.collectAsList();
  }

  /** A value of a {@link #collected} row. */
  private static Object plain(Dataset<Row> rows, Row row, int i) {
    return plain(Lakes.plain(row.get(i)), rows.schema().fields()[i].dataType());
  }

  private static Object plain(Object value, DataType type) {
    if (value == null || !(type instanceof MapType mapType)) {
      return value;
    }
    Map<Object, Object> map = new LinkedHashMap<>();
    for (Object entry : (List<?>) value) {
      List<?> pair = (List<?>) entry;
      map.put(pair.get(0), plain(pair.get(1), mapType.valueType()));
    }
    return map;
  }

  static void compare(Stored stored, List<Label> asked, Map<Integer, List<List<Object>>> answers) {
    World world = stored.world();
    assertThat(answers).hasSize(asked.size());
    for (Label label : asked) {
      for (int v = 0; v < world.views().size(); v++) {
        FeatureView view = world.views().get(v);
        List<Object> expected = new Reference().answer(world, view, label);
        for (int f = 0; f < expected.size(); f++) {
          Object e = expected.get(f);
          Object a = answers.get(label.id()).get(v).get(f);
          if (isSinceLast(view.features().get(f))) {
            e = seconds(e);
          }
          if (!Reference.same(e, a)) {
            fail(
                "%s label %s, feature %s: expected %s but was %s",
                world, label, view.features().get(f), e, a);
          }
        }
      }
    }
  }

  /** Of microseconds, or of a map of them. */
  static Object seconds(Object micros) {
    if (micros instanceof Map<?, ?> split) {
      Map<Object, Object> seconds = new LinkedHashMap<>();
      split.forEach((key, value) -> seconds.put(key, seconds(value)));
      return seconds;
    }
    return micros == null ? null : (Object) ((Long) micros / 1e6);
  }

  static boolean isSinceLast(Feature feature) {
    return feature instanceof Feature.Windowed w
        && w.aggregate().function() == Function.TIME_SINCE_LAST;
  }

  private static void agrees(Stored stored, FeatureStore store) {
    Joined joined =
        store.historicalFeatures(
            labels(stored.world(), stored.world().labels()), "as_of", stored.uses(), stored.pins());
    compare(stored, stored.world().labels(), answers(stored, joined));
    agree(stored, joined.counts(), 1);
  }

  /**
   * @param times how often each label asked
   */
  private static void agree(Stored stored, JoinCounts counts, int times) {
    assertThat(counts.rowsIn()).isEqualTo((long) times * stored.world().labels().size());
    assertThat(counts.rowsOut()).isEqualTo(counts.rowsIn());
    assertThat(counts.nullAsOf())
        .isEqualTo(times * stored.world().labels().stream().filter(l -> l.asOf() == null).count());
    Reference reference = new Reference();
    for (FeatureView view : stored.world().views()) {
      assertThat(counts.ambiguousRows().get(view.id().name()))
          .as("%s ambiguous %s", stored.world(), view.id())
          .isEqualTo(
              times
                  * stored.world().labels().stream()
                      .filter(label -> reference.ambiguous(stored.world(), view, label))
                      .count());
    }
  }

  @Test
  void agreesWithTheReferenceToTheBit() {
    for (int seed = 0; seed < WORLDS; seed++) {
      Stored stored = stored(seed);
      agrees(stored, stored.store().withPartitions(PARTITIONS[seed % PARTITIONS.length]));
    }
  }

  /**
   * Few bytes, so that rows lie in files; more threads than cores, so that hot keys are cut; rows
   * one by one and in columns, those that ask, the events, and the answer. In columns each label
   * asks often, so that a join leaves in several batches, whose rows share what they look up.
   */
  @Test
  void agreesOnTheLocalRunnerToTheBit() {
    int cameInColumns = 0;
    int batchesAfterOthers = 0;
    int lookedUp = 0;
    int shared = 0;
    int held = 0;
    for (int seed = 0; seed < WORLDS; seed++) {
      Stored stored = stored(seed);
      boolean inColumns = Integer.bitCount(seed) % 2 == 1;
      int times = inColumns ? 16_000 / Math.max(1, stored.world().labels().size()) : 1;
      int buckets = 1 << (inColumns ? seed / 4 % 3 : seed % 6);
      try (LocalRunner runner =
          LocalRunner.open(1 + seed % 4, buckets, seed / 2 % 3 * 100_000L, folder)) {
        LocalRows rows =
            new LocalRows(
                runner,
                Lakes.SESSION.spark(),
                Optional.of(folder.resolve("world-" + seed)).filter(world -> inColumns));
        Joined joined =
            rows.over(new LocalRows.Stored(stored.store(), stored.pins()))
                .historicalFeatures(
                    rows.of(labels(stored.world(), asking(stored.world(), times))),
                    "as_of",
                    stored.uses(),
                    List.of());
        compare(stored, times, answers(stored, rows.frame(joined.partitions())));
        agree(stored, joined.counts(), times);
        cameInColumns += rows.inColumns() > 0 ? 1 : 0;
        batchesAfterOthers += rows.batchesAfterOthers();
        lookedUp += rows.lookedUp();
        shared += rows.shared();
        held += rows.held();
      }
    }
    assertThat(cameInColumns).isGreaterThanOrEqualTo(WORLDS / 4);
    assertThat(batchesAfterOthers).isGreaterThanOrEqualTo(WORLDS / 4);
    assertThat(lookedUp).isPositive();
    assertThat(shared).isPositive();
    assertThat(held).isPositive();
  }

  /** A world's labels, each so many times. */
  private static List<Label> asking(World world, int times) {
    List<Label> asking = new ArrayList<>();
    for (int k = 0; k < times; k++) {
      for (Label label : world.labels()) {
        int id = label.id() + k * world.labels().size();
        asking.add(new Label(id, label.asOf(), label.keys()));
      }
    }
    return asking;
  }

  private static void compare(Stored stored, int times, Map<Integer, List<List<Object>>> answers) {
    List<Label> labels = stored.world().labels();
    assertThat(answers).hasSize(times * labels.size());
    Map<Integer, List<List<Object>>> first = new HashMap<>();
    labels.forEach(label -> first.put(label.id(), answers.get(label.id())));
    compare(stored, labels, first);
    answers.forEach(
        (id, answer) -> {
          if (!Reference.same(answer, first.get(id % labels.size()))) {
            fail("%s label %s: %s", stored.world(), id, answer);
          }
        });
  }

  /**
   * That a join gives the value that is explained, the explanation makes sure of itself; by both
   * runners it is the same.
   */
  @Test
  void explanationsAgreeWithTheReferenceOnEachCandidate() {
    int cells = 0;
    int derived = 0;
    for (long seed = 0; cells <= WORLDS; seed++) {
      Random random = new Random(seed);
      World world = withDerived(Worlds.world(seed));
      Stored stored = stored(world);
      List<Label> labels = world.labels().stream().filter(l -> l.asOf() != null).toList();
      for (FeatureView view : labels.isEmpty() ? List.<FeatureView>of() : world.views()) {
        Label label = labels.get(random.nextInt(labels.size()));
        boolean isDerived = random.nextBoolean();
        String feature =
            isDerived
                ? "twice"
                : view.features().get(random.nextInt(view.features().size())).name();
        Map<String, Object> key = new HashMap<>();
        for (String column : view.entity()) {
          Object value = label.keys().get(column);
          boolean isDay = column.equals("day") && value != null;
          key.put(column, isDay ? LocalDate.ofEpochDay((Long) value) : value);
        }
        Instant at = instant(label.asOf());
        Explanation explanation =
            stored.store().explain(view.id(), feature, key, at, stored.pins());
        assertThat(explanation.isComputedAgain()).isTrue();
        try (LocalRunner runner = LocalRunner.open(2, 4, 0, folder)) {
          FeatureStore local =
              FeatureStore.open(stored.store().project(), stored.store().lake(), runner);
          assertThat(local.leftToSpark(stored.uses(), stored.pins())).isEmpty();
          assertThat(Json.write(local.explain(view.id(), feature, key, at, stored.pins())))
              .isEqualTo(Json.write(explanation));
        }
        int made = 0;
        for (Explanation.Step step : explanation.steps()) {
          if (step.events().isPresent()) {
            Feature of = feature(view, step.feature());
            assertThat(actual(explanation.events().get(step.events().get())))
                .as("%s %s of %s", world, of, label)
                .isEqualTo(expected(world, view, of, label));
            made++;
          }
        }
        assertThat(made).isEqualTo(isDerived ? Math.min(2, view.features().size()) : 1);
        if (isDerived) {
          List<Object> answer = new Reference().answer(world, view, label);
          long first = answer.get(0) == null ? 1 : 0;
          long last = answer.get(view.features().size() - 1) == null ? 2 : 0;
          assertThat(explanation.value())
              .as("%s of %s", world, label)
              .isEqualTo(2 * (first + last));
          derived++;
        }
        requireShorter(
            stored.store().explain(view.id(), feature, key, at, stored.pins(), 1), explanation);
        cells++;
      }
    }
    assertThat(derived).isGreaterThan(WORLDS / 4);
  }

  /** Each view with a derived feature of a derived feature of its first and its last. */
  private static World withDerived(World world) {
    List<FeatureView> views = new ArrayList<>();
    for (FeatureView view : world.views()) {
      String first = view.features().get(0).name();
      String last = view.features().get(view.features().size() - 1).name();
      String once = "if(%s is null, 1, 0) + if(%s is null, 2, 0)".formatted(first, last);
      views.add(
          Worlds.withDerived(
              view,
              List.of(
                  new Derivation("once", Worlds.sql(once)),
                  new Derivation("twice", Worlds.sql("once + once")))));
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

  private static Feature feature(FeatureView view, String name) {
    return view.features().stream().filter(f -> f.name().equals(name)).findFirst().orElseThrow();
  }

  private static Map<Long, Optional<Exclusion>> actual(Evidence evidence) {
    Map<Long, Optional<Exclusion>> actual = new TreeMap<>();
    evidence.winners().forEach(c -> actual.put(c.place().line(), Optional.empty()));
    evidence
        .ruledOut()
        .forEach(c -> actual.put(c.place().line(), c.ruling().map(Ruling::exclusion)));
    assertThat(evidence.won()).isEqualTo(evidence.winners().size());
    assertThat(evidence.lost()).isEqualTo(evidence.ruledOut().size());
    for (Evidence.Count count : evidence.lostBy()) {
      assertThat(actual.values().stream().filter(Optional.of(count.exclusion())::equals))
          .hasSize((int) count.candidates());
    }
    return actual;
  }

  /** The same counts and value, with the newest of each kind alone. */
  private static void requireShorter(Explanation one, Explanation all) {
    assertThat(one.value()).isEqualTo(all.value());
    for (int i = 0; i < all.events().size(); i++) {
      Evidence few = one.events().get(i);
      Evidence many = all.events().get(i);
      assertThat(few.won()).isEqualTo(many.won());
      assertThat(few.lostBy()).isEqualTo(many.lostBy());
      assertThat(few.winners().stream().map(Candidate::place))
          .isEqualTo(many.winners().stream().map(Candidate::place).limit(1).toList());
      assertThat(few.ruledOut().stream().map(Candidate::place))
          .isEqualTo(many.ruledOut().stream().map(Candidate::place).limit(1).toList());
    }
  }

  @Test
  void anExplanationThatAJoinContradictsIsABug() {
    Stored stored = stored(hot());
    FeatureView view = stored.world().views().get(0);
    Map<String, Object> key = new HashMap<>();
    view.entity().forEach(column -> key.put(column, null));
    CheckedProject project = stored.store().project();
    FeatureExplainer explainer =
        FeatureExplainer.of(
            project.view(view.id()), view.features().get(0).name(), key, instant(0));
    PinnedSources sources =
        new Sources(
                project,
                StoredRows.in(stored.store().lake(), project),
                SparkRunner.on(Lakes.SESSION.spark(), 1))
            .at(stored.pins());
    PartitionedRows events = explainer.events(sources);
    PartitionedRows wrong =
        SparkRows.of(
            SparkRows.frame(explainer.labelRow(sources.runner()), Lakes.SESSION.spark())
                .withColumn("f", functions.lit("another value")));
    assertThatThrownBy(() -> explainer.explain(events, stored.pins().get(0), wrong, 10))
        .hasMessageContaining("a join gives another value, but what the contract says")
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BUG));
  }

  /** By line, for the versions within twice the window or TTL. */
  private static Map<Long, Optional<Exclusion>> expected(
      World world, FeatureView view, Feature feature, Label label) {
    Reference reference = new Reference();
    Optional<Long> span =
        feature instanceof Feature.Windowed w
            ? Optional.of(label.asOf() - reference.lower(w.window(), label.asOf()))
            : view.ttl().map(ttl -> ttl.toNanos() / 1000);
    Map<Long, Optional<Exclusion>> expected = new TreeMap<>();
    for (int row = 0; row < world.events().size(); row++) {
      Event e = world.events().get(row);
      boolean near = span.isEmpty() || Math.abs(e.event() - label.asOf()) <= 2 * span.orElseThrow();
      if (near && !e.deleted() && reference.sameEntity(view, label, e)) {
        expected.put((long) row, reference.exclusion(world, view, feature, label, row));
      }
    }
    return expected;
  }

  @Test
  void snapshotsAgreeWithTheReferenceToTheBit() {
    for (int seed = 0; seed < WORLDS; seed++) {
      Stored stored = stored(seed);
      World world = stored.world();
      List<Instant> instants =
          world.labels().stream()
              .filter(l -> l.asOf() != null)
              .map(l -> instant(l.asOf()))
              .limit(4)
              .toList();
      for (FeatureView view : world.views()) {
        Map<List<Object>, List<Object>> expected = new HashMap<>();
        for (Instant at : instants) {
          expected.putAll(snapshot(world, view, micros(at)));
        }
        Map<List<Object>, List<Object>> actual = new HashMap<>();
        Dataset<Row> rows = stored.store().snapshots().of(view, instants, stored.pins());
        for (Row row : collected(rows)) {
          List<Object> cells = new ArrayList<>();
          for (int i = 0; i < row.size(); i++) {
            cells.add(plain(rows, row, i));
          }
          int keys = view.entity().size() + 1;
          assertThat(actual.put(cells.subList(0, keys), cells.subList(keys, cells.size())))
              .isNull();
        }
        assertThat(actual.keySet()).as("%s %s", world, instants).isEqualTo(expected.keySet());
        expected.forEach(
            (key, values) -> {
              if (!Reference.same(values, actual.get(key))) {
                fail(
                    "%s %s, snapshot of %s: expected %s but was %s",
                    world, view.features(), key, values, actual.get(key));
              }
            });
      }
    }
  }

  /** By entity and instant: times of the newest visible event, then the features. */
  private static Map<List<Object>, List<Object>> snapshot(World world, FeatureView view, long at) {
    Map<List<Object>, List<Object>> snapshot = new HashMap<>();
    Reference reference = new Reference();
    for (Event moment : world.events()) {
      for (long t : new long[] {moment.event(), moment.known()}) {
        for (List<Object> key :
            t > at ? List.<List<Object>>of() : seen(reference, world, view, t)) {
          Map<String, Object> keys = new HashMap<>();
          view.entity().forEach(c -> keys.put(c, key.get(view.entity().indexOf(c))));
          Label label = new Label(0, at, keys);
          List<Object> row = new ArrayList<>();
          Optional<Event> newest =
              reference.visible(world, view, label).stream().max(reference.order(world, view));
          row.add(newest.map(Event::event).orElse(null));
          row.add(newest.map(Event::known).orElse(null));
          List<Object> features = reference.answer(world, view, label);
          for (int f = 0; f < features.size(); f++) {
            Object value = features.get(f);
            row.add(isSinceLast(view.features().get(f)) ? seconds(value) : value);
          }
          List<Object> entityAndInstant = new ArrayList<>(key);
          entityAndInstant.add(at);
          snapshot.put(entityAndInstant, row);
        }
      }
    }
    return snapshot;
  }

  /** The entities of which an event is visible at an instant. */
  private static List<List<Object>> seen(
      Reference reference, World world, FeatureView view, long t) {
    List<List<Object>> keys = new ArrayList<>();
    for (List<Event> versions : reference.eventsOf(world)) {
      reference
          .version(world, view, versions, t)
          .filter(e -> !e.deleted() && reference.happened(e, t))
          .filter(e -> reference.passes(view.where(), e))
          .map(e -> view.entity().stream().map(e.values()::get).collect(Collectors.toList()))
          .filter(key -> !key.contains(null))
          .ifPresent(keys::add);
    }
    return keys;
  }

  static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  private static long micros(Instant at) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, at);
  }

  @Test
  void aJoinThatKnowsWhenItsRowsAskGivesTheSame() {
    for (int seed = 0; seed < WORLDS; seed += 2) {
      Stored stored = stored(seed);
      List<Label> labels =
          stored.world().labels().stream()
              .sorted(Comparator.comparing(l -> l.asOf() == null ? Long.MIN_VALUE : l.asOf()))
              .toList();
      List<Label> part = labels.subList(labels.size() / 3, labels.size());
      List<Long> instants = part.stream().map(Label::asOf).filter(Objects::nonNull).toList();
      if (!instants.isEmpty()) {
        Interval asked =
            Interval.of(instant(Collections.min(instants)), instant(Collections.max(instants) + 1));
        Joined joined =
            stored
                .store()
                .historicalFeatures(
                    labels(stored.world(), part), "as_of", asked, stored.uses(), stored.pins());
        compare(stored, part, answers(stored, joined));
      }
    }
  }

  @Test
  void refusesARowOutsideOfWhenItsRowsAsk() {
    Stored stored = stored(hot());
    Interval longAgo = Interval.parse("1800-01-01/1800-01-02");
    Joined joined =
        stored
            .store()
            .historicalFeatures(
                labels(stored.world(), stored.world().labels()),
                "as_of",
                longAgo,
                stored.uses(),
                stored.pins());
    assertThatThrownBy(joined::materialize)
        .hasStackTraceContaining("the caller gave as-of from 1800-01-01T00:00:00Z");
  }

  @Test
  void anyNumberOfPartitionsGivesTheSame() {
    Stored stored = stored(hot());
    for (int partitions : new int[] {1, 2, 7, 16, 64}) {
      agrees(stored, stored.store().withPartitions(partitions));
    }
  }

  @Test
  void aSecondJoinOfTheSameStoreGivesTheSame() {
    Stored stored = stored(hot());
    agrees(stored, stored.store());
    agrees(stored, stored.store());
  }

  @Test
  void aBatchSplitInTwoGivesTheSame() {
    Stored stored = stored(hot());
    List<Label> all = stored.world().labels();
    for (List<Label> part :
        List.of(all.subList(0, all.size() / 3), all.subList(all.size() / 3, all.size()))) {
      Joined joined =
          stored
              .store()
              .historicalFeatures(
                  labels(stored.world(), part), "as_of", stored.uses(), stored.pins());
      compare(stored, part, answers(stored, joined));
    }
  }

  @Test
  void theSessionsZoneChangesNothing() {
    Stored stored = stored(hot());
    var conf = Lakes.SESSION.spark().conf();
    try {
      conf.set("spark.sql.session.timeZone", "Asia/Kathmandu");
      agrees(stored, stored.store());
    } finally {
      conf.set("spark.sql.session.timeZone", "UTC");
    }
  }

  /** A world with many rows that ask of many events. */
  private static long hot() {
    long best = 0;
    int most = -1;
    for (long seed = 0; seed < 200; seed++) {
      World world = Worlds.world(seed);
      int size =
          world.events().size() * world.labels().size() * (world.eventKey().isEmpty() ? 1 : 2);
      if (size > most) {
        most = size;
        best = seed;
      }
    }
    return best;
  }
}
