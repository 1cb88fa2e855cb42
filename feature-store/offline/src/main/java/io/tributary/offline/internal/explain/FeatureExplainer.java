package io.tributary.offline.internal.explain;

import io.tributary.analysis.CheckedView;
import io.tributary.analysis.FeatureComputation;
import io.tributary.core.Durations;
import io.tributary.core.ErrorCode;
import io.tributary.core.Micros;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.definition.Aggregate;
import io.tributary.definition.Derivation;
import io.tributary.definition.Feature;
import io.tributary.definition.ViewUse;
import io.tributary.expression.Division;
import io.tributary.expression.RowExpressions;
import io.tributary.offline.explanation.Candidate;
import io.tributary.offline.explanation.Evidence;
import io.tributary.offline.explanation.Exclusion;
import io.tributary.offline.explanation.Explanation;
import io.tributary.offline.explanation.Place;
import io.tributary.offline.explanation.Ruling;
import io.tributary.offline.internal.reference.ReferenceAggregates;
import io.tributary.offline.internal.reference.ReferenceEvaluator;
import io.tributary.offline.internal.source.PinnedSources;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Runner;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/**
 * One feature of one entity at one instant: of it, or of each feature that it is computed from, the
 * versions of the entity's events with their places, and what {@link ReferenceEvaluator} makes of
 * each.
 */
public final class FeatureExplainer {
  /** The label row's instant. */
  public static final String AS_OF = "_as_of";

  private final CheckedView view;
  private final List<String> features;
  private final long at;
  private final InternalRow entity;

  private FeatureExplainer(CheckedView view, List<String> features, long at, InternalRow entity) {
    this.view = view;
    this.features = List.copyOf(features);
    this.at = at;
    this.entity = entity;
  }

  /**
   * @param key by entity column, as text or as the column's type
   * @throws PlatformException NOT_FOUND for a feature that is not there, INVALID_REQUEST for a view
   *     on demand, and for another key than the view's
   */
  public static FeatureExplainer of(
      CheckedView view, String feature, Map<String, Object> key, Instant instant) {
    List<String> features = features(view, feature);
    requireKey(view, key);
    Object[] entity =
        view.definition().entity().stream().map(name -> typed(view, key, name)).toArray();
    return new FeatureExplainer(view, features, Micros.of(instant), new GenericInternalRow(entity));
  }

  private static Object typed(CheckedView view, Map<String, Object> key, String column) {
    RuntimeException cause = null;
    try {
      Cast cast =
          new Cast(
              functions.lit(key.get(column)).expr(),
              type(view, column),
              Option.apply("UTC"),
              EvalMode.ANSI());
      if (cast.resolved()) {
        return cast.eval(InternalRow.empty());
      }
    } catch (RuntimeException e) {
      if (!(e instanceof SparkThrowable)) {
        throw e;
      }
      cause = e;
    }
    throw new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot explain view %s for %s: its entity is %s. Give values of these types."
            .formatted(view.id(), key, typed(view)),
        cause);
  }

  /** A feature and, behind it, all that it is computed from, in the order of the view. */
  static List<String> features(CheckedView view, String feature) {
    List<String> all = List.of(view.schema().fieldNames());
    if (!all.contains(feature)) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot find feature \"%s\" of view %s: there is none of that name. It has %s."
              .formatted(feature, view.id(), String.join(", ", all)));
    }
    TreeSet<Integer> found = new TreeSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(feature));
    while (!open.isEmpty()) {
      for (String from : from(view, open.pop())) {
        if (found.add(all.indexOf(from))) {
          open.push(from);
        }
      }
    }
    List<String> features = new ArrayList<>(List.of(feature));
    found.forEach(i -> features.add(all.get(i)));
    return features;
  }

  /** The features that one is computed from; of a derived one. */
  static List<String> from(CheckedView view, String feature) {
    return derivation(view, feature).map(d -> alone(view, d).columns()).orElse(List.of());
  }

  private static Optional<Derivation> derivation(CheckedView view, String feature) {
    return view.definition().derived().stream().filter(d -> d.name().equals(feature)).findFirst();
  }

  /** A derived feature over the features before it, before defaults. */
  private static RowExpressions alone(CheckedView view, Derivation derivation) {
    StructType before = new StructType();
    for (int i = 0; i < view.schema().fieldIndex(derivation.name()); i++) {
      before = before.add(view.schema().fields()[i]);
    }
    return RowExpressions.compile(
        List.of(derivation), before, view.definition().zone(), Division.NULL_WHERE_ZERO);
  }

  private static void requireKey(CheckedView view, Map<String, Object> key) {
    if (view.definition().isOnDemand()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot explain view %s for %s: it is computed from a request, %s, and has no entity. Give what the request brings (--request COLUMN=VALUE)."
              .formatted(view.id(), key.isEmpty() ? "no key" : key, OnDemandExplainer.typed(view)));
    }
    List<String> entity = view.definition().entity();
    if (key.size() != entity.size() || !key.keySet().containsAll(entity)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot explain view %s for %s: its entity is %s. Give each of its columns, and no other."
              .formatted(view.id(), key.isEmpty() ? "no key" : key, typed(view)));
    }
  }

  private static String typed(CheckedView view) {
    return String.join(
        ", ",
        view.definition().entity().stream()
            .map(name -> name + " " + type(view, name).catalogString())
            .toList());
  }

  private static DataType type(CheckedView view, String column) {
    return view.input().fields()[view.input().fieldIndex(column)].dataType();
  }

  /** The label row: the entity's columns and {@link #AS_OF}. */
  public PartitionedRows labelRow(Runner runner) {
    StructType schema = new StructType();
    List<Object> values = new ArrayList<>();
    for (String name : view.definition().entity()) {
      values.add(entity.get(schema.size(), type(view, name)));
      schema = schema.add(name, type(view, name));
    }
    values.add(at);
    return runner.of(
        List.of(new GenericInternalRow(values.toArray())), schema.add(AS_OF, "timestamp"));
  }

  /** The rows of the view's source that its value is made of, among others. */
  public PartitionedRows events(PinnedSources sources) {
    TimeRange range =
        alike().values().stream()
            .map(computations -> new Candidates(view, computations, at, entity).reach())
            .reduce(TimeRange::or)
            .orElse(TimeRange.ALL);
    return EntityEvents.of(sources, view, entity, range);
  }

  /** The features that are computed from events, those together that have the same candidates. */
  private Map<List<Object>, List<FeatureComputation>> alike() {
    Map<List<Object>, List<FeatureComputation>> alike = new LinkedHashMap<>();
    for (String feature : features) {
      computation(feature)
          .ifPresent(
              c -> alike.computeIfAbsent(Candidates.sharedBy(c), k -> new ArrayList<>()).add(c));
    }
    return alike;
  }

  /** The features to join: the one that is explained, and what it is computed from. */
  public ViewUse use() {
    return new ViewUse(view.id(), Map.of(), Optional.empty(), features);
  }

  /**
   * What became of each candidate.
   *
   * @param rows {@link #events}
   * @param joined the label row with its features last, as a join gives them
   * @param most how many winners and how many others are listed
   * @throws PlatformException BUG where the join gives another value
   */
  public Explanation explain(PartitionedRows rows, Pin pin, PartitionedRows joined, int most) {
    Values values = new Values(joined);
    List<Evidence> events = new ArrayList<>();
    Map<String, Integer> eventsOf = new LinkedHashMap<>();
    for (List<FeatureComputation> computations : alike().values()) {
      Candidates candidates = new Candidates(view, computations, at, entity);
      Candidates.Found found = candidates.read(rows, most);
      computations.forEach(c -> values.compute(c, candidates, found));
      computations.forEach(c -> eventsOf.put(c.feature().name(), events.size()));
      events.add(evidence(computations, found, most));
    }
    view.definition().derived().stream()
        .filter(d -> features.contains(d.name()))
        .forEach(values::derive);
    List<Explanation.Step> steps = new ArrayList<>();
    for (String feature : features) {
      steps.add(
          new Explanation.Step(
              feature,
              definition(feature),
              values.before(feature),
              from(view, feature),
              Optional.ofNullable(eventsOf.get(feature))));
    }
    String feature = features.get(0);
    return new Explanation(
        view.id(),
        feature,
        keyOf(),
        Map.of(),
        Optional.of(Micros.instant(at)),
        Optional.empty(),
        values.joined(feature),
        values.isDefault(feature),
        values.unchecked.isEmpty(),
        Optional.of(pin.version().table().subject()),
        Optional.of(pin),
        steps,
        events);
  }

  /** Values of the features, each computed from events and compared with what a join gives. */
  private final class Values {
    private final InternalRow row;
    private final StructType schema;
    private final Object[] before = new Object[view.schema().size()];
    private final List<String> unchecked = new ArrayList<>();

    Values(PartitionedRows joined) {
      this.row = only(joined);
      this.schema = joined.schema();
    }

    /** Where a feature stands: they come last, in the order of the view. */
    private int place(String feature) {
      int behind = 0;
      for (int i = view.schema().fieldIndex(feature) + 1; i < view.schema().size(); i++) {
        behind += features.contains(view.schema().fields()[i].name()) ? 1 : 0;
      }
      return schema.size() - 1 - behind;
    }

    /** The type that the join gives it. */
    private DataType type(String feature) {
      return schema.fields()[place(feature)].dataType();
    }

    private Object plain(String feature) {
      return ReferenceValues.plain(row, place(feature), type(feature));
    }

    Object joined(String feature) {
      return ReferenceValues.java(plain(feature), type(feature));
    }

    /** In place of a null. */
    private Object fallback(String feature) {
      return ReferenceValues.plain(view.defaults().get(feature));
    }

    boolean isDefault(String feature) {
      return before[view.schema().fieldIndex(feature)] == null && fallback(feature) != null;
    }

    /** Before defaults, which is what derived features see. */
    Object before(String feature) {
      return before[view.schema().fieldIndex(feature)] == null ? null : joined(feature);
    }

    void compute(FeatureComputation computation, Candidates candidates, Candidates.Found found) {
      String name = computation.feature().name();
      Object computed;
      if (found.hasAllWinners()) {
        computed = seconds(computation, candidates.value(computation, found));
      } else if (isPlainCount(computation.feature())) {
        computed = found.won();
      } else {
        unchecked.add(name);
        take(name);
        return;
      }
      requireSame(name, computed == null ? fallback(name) : computed, plain(name));
      if (computed != null) {
        take(name);
      }
    }

    private void take(String feature) {
      int i = place(feature);
      before[view.schema().fieldIndex(feature)] =
          row.isNullAt(i) ? null : row.get(i, type(feature));
    }

    void derive(Derivation derivation) {
      RowExpressions alone = alone(view, derivation);
      InternalRow computed =
          alone
              .evaluator()
              .evaluate(
                  new GenericInternalRow(Arrays.copyOf(before, alone.input().size())),
                  "explain",
                  "view " + view.id());
      String name = derivation.name();
      Object value = ReferenceValues.plain(computed, 0, alone.schema().fields()[0].dataType());
      // Of a value that was not computed, whether it is a default is not known.
      boolean sure = unchecked.stream().noneMatch(f -> features.contains(f) && fallback(f) != null);
      if (sure) {
        requireSame(name, value == null ? fallback(name) : value, plain(name));
      }
      if (value != null) {
        take(name);
      }
    }
  }

  private static boolean isPlainCount(Feature feature) {
    return feature instanceof Feature.Windowed w
        && w.aggregate().function() == Aggregate.Function.COUNT
        && w.by().isEmpty();
  }

  /** As the feature has it, in seconds. */
  private static Object seconds(FeatureComputation computation, Object value) {
    if (computation.feature() instanceof Feature.Windowed w
        && w.aggregate().function() == Aggregate.Function.TIME_SINCE_LAST) {
      if (value instanceof Map<?, ?> split) {
        Map<Object, Object> seconds = new LinkedHashMap<>();
        split.forEach((key, micros) -> seconds.put(key, (Long) micros / 1e6));
        return seconds;
      }
      return value == null ? null : (Object) ((Long) value / 1e6);
    }
    return value;
  }

  private Optional<FeatureComputation> computation(String feature) {
    return view.computations().stream().filter(c -> c.feature().name().equals(feature)).findFirst();
  }

  /**
   * The same of a view that is read from its snapshots.
   *
   * @param then the value explained at the instant of the snapshot that is read
   * @param joined the label row with its features last, as a join gives them
   * @throws PlatformException BUG where the join gives another value; INVALID_REQUEST where the
   *     snapshot's row has expired since
   */
  public Explanation ofSnapshot(Explanation then, PartitionedRows joined) {
    Object value = new Values(joined).joined(features.get(0));
    if (!Objects.deepEquals(value, then.value())) {
      Optional<Duration> ttl = view.definition().servedTtl();
      for (Evidence evidence : then.events()) {
        for (Candidate winner : evidence.winners()) {
          Instant event = winner.event().orElse(Instant.MAX);
          if (ttl.isPresent() && event.isBefore(Micros.instant(at).minus(ttl.get()))) {
            throw new PlatformException(
                ErrorCode.INVALID_REQUEST,
                "Cannot explain feature %s.%s for %s at %s: there it reads as that of a key without events, for the newest event of its snapshot of %s, of %s, is older than the TTL, %s. Explain an earlier instant."
                    .formatted(
                        view.id(),
                        features.get(0),
                        keyOf(),
                        Micros.instant(at),
                        then.at().orElseThrow(),
                        event,
                        Durations.print(ttl.get())));
          }
        }
      }
      requireSame(features.get(0), then.value(), value);
    }
    return then.asSnapshotReadAt(Micros.instant(at));
  }

  private Map<String, Object> keyOf() {
    return ReferenceValues.java(entity, view.definition().entity(), column -> type(view, column));
  }

  /** The only row. */
  static InternalRow only(PartitionedRows rows) {
    return rows
        .rows()
        .each(part -> part.hasNext() ? List.of(part.next().copy()) : List.<InternalRow>of())
        .stream()
        .flatMap(List::stream)
        .findFirst()
        .orElseThrow();
  }

  private void requireSame(String feature, Object explained, Object joined) {
    if (!ReferenceAggregates.same(explained, joined)) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot explain feature %s.%s for %s at %s: a join gives %s, but what the contract says of the entity's events gives %s. One of the two is wrong; report this as a bug."
              .formatted(view.id(), feature, keyOf(), Micros.instant(at), joined, explained));
    }
  }

  private String definition(String name) {
    Optional<Derivation> derivation = derivation(view, name);
    if (derivation.isPresent()) {
      return derivation.get().expression().sql().strip();
    }
    Feature feature = computation(name).orElseThrow().feature();
    if (feature instanceof Feature.Windowed w) {
      String parameters =
          String.join(
              "",
              w.aggregate().parameters().stream()
                  .map(
                      p -> ", " + new BigDecimal(p.toString()).stripTrailingZeros().toPlainString())
                  .toList());
      return "%s(%s%s) over %s%s"
          .formatted(
              w.aggregate().text(),
              w.argument()
                  .map(a -> a.sql().strip())
                  .orElse(w.aggregate().function() == Aggregate.Function.COUNT ? "*" : ""),
              parameters,
              w.window(),
              w.by().map(d -> " by " + d.sql().strip()).orElse("")
                  + w.where().map(f -> " where " + f.sql().strip()).orElse(""));
    }
    String ttl = view.definition().ttl().map(t -> ", ttl " + Durations.print(t)).orElse("");
    return ((Feature.Lookup) feature).expression().sql().strip()
        + (view.source().orElseThrow().definition().isStatic()
            ? " of the row"
            : " of the newest event" + ttl);
  }

  private Evidence evidence(
      List<FeatureComputation> computations, Candidates.Found found, int most) {
    List<Candidate> winners = new ArrayList<>();
    found.winners().stream()
        .limit(most)
        .forEach(
            v ->
                winners.add(
                    candidate(
                        computations,
                        new ReferenceEvaluator.Outcome<>(v, Optional.empty(), Optional.empty()))));
    long lost = found.lost().values().stream().mapToLong(Long::longValue).sum();
    return new Evidence(
        computations.stream().map(c -> c.feature().name()).toList(),
        found.looked(),
        found.won(),
        winners,
        lost,
        found.lost().entrySet().stream()
            .map(e -> new Evidence.Count(e.getKey(), rule(computations, e.getKey()), e.getValue()))
            .toList(),
        found.losers().stream().map(o -> candidate(computations, o)).toList());
  }

  private Candidate candidate(
      List<FeatureComputation> computations, ReferenceEvaluator.Outcome<Place> outcome) {
    ReferenceEvaluator.Version<Place> version = outcome.version();
    boolean timed = !view.source().orElseThrow().definition().isStatic();
    return new Candidate(
        timed ? Optional.of(Micros.instant(version.time())) : Optional.empty(),
        timed ? Optional.of(Micros.instant(version.known())) : Optional.empty(),
        hasValue(outcome) ? Optional.ofNullable(taken(computations, version)) : Optional.empty(),
        version.row(),
        outcome
            .exclusion()
            .map(
                e ->
                    new Ruling(
                        e,
                        rule(computations, e),
                        outcome.by().map(ReferenceEvaluator.Version::row))));
  }

  private static int rule(List<FeatureComputation> computations, Exclusion exclusion) {
    return switch (exclusion) {
      case NOT_YET_KNOWN, NOT_YET_HAPPENED -> 3;
      case CORRECTED, WITHDRAWN, LEFT_OUT_BY_VIEW, LEFT_OUT_BY_FEATURE -> 4;
      case NULL -> 7;
      case TOO_OLD -> computations.get(0).feature() instanceof Feature.Lookup ? 5 : 6;
      case OUTRANKED -> 5;
    };
  }

  private static boolean hasValue(ReferenceEvaluator.Outcome<Place> outcome) {
    return outcome
        .exclusion()
        .map(e -> e == Exclusion.TOO_OLD || e == Exclusion.OUTRANKED)
        .orElse(true);
  }

  /** What features take from it; of several look-ups by their names. */
  private Object taken(
      List<FeatureComputation> computations, ReferenceEvaluator.Version<Place> version) {
    Object value = version.taken().get().value();
    FeatureComputation first = computations.get(0);
    if (!(first.feature() instanceof Feature.Lookup) || computations.size() == 1) {
      return taken(first, value);
    }
    Map<String, Object> values = new LinkedHashMap<>();
    for (int i = 0; i < computations.size(); i++) {
      values.put(
          computations.get(i).feature().name(),
          taken(computations.get(i), ((List<?>) value).get(i)));
    }
    return values;
  }

  private Object taken(FeatureComputation computation, Object value) {
    StructType arguments = view.arguments().schema();
    return computation
        .argument()
        .map(
            a ->
                ReferenceValues.java(value, arguments.fields()[arguments.fieldIndex(a)].dataType()))
        .orElse(null);
  }
}
