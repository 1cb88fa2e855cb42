package io.tributary.offline;

import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.definition.SqlText;
import io.tributary.definition.Window;
import io.tributary.offline.World.Event;
import io.tributary.offline.World.Label;
import io.tributary.offline.explanation.Exclusion;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The point-in-time contract as naive loops, written from its words alone: slow, plain, obviously
 * right. It shares nothing with the engine but the definition records. One method a rule, so that a
 * test can break one.
 */
class Reference {
  // The middle between two doubles has at most 768 digits; a quotient that is not there is further
  // away than this.
  private static final MathContext PLENTY = new MathContext(800, RoundingMode.HALF_EVEN);
  private static final MathContext PLENTY_OF_SQUARES =
      new MathContext(1400, RoundingMode.HALF_EVEN);

  /** Every feature of every label, by label and then in the order of the view. */
  List<List<Object>> answer(World world, FeatureView view) {
    List<List<Object>> answers = new ArrayList<>();
    for (Label label : world.labels()) {
      answers.add(answer(world, view, label));
    }
    return answers;
  }

  List<Object> answer(World world, FeatureView view, Label label) {
    List<Event> visible = label.asOf() == null ? List.of() : visible(world, view, label);
    List<Object> features = new ArrayList<>();
    for (Feature feature : view.features()) {
      features.add(
          feature instanceof Feature.Windowed w
              ? windowed(world, view, w, visible, label.asOf())
              : lookup(world, view, (Feature.Lookup) feature, visible, label.asOf()));
    }
    return features;
  }

  /**
   * Rules 2, 3 and 4: the events of the label's entity that are visible at its as-of, each as the
   * version known then.
   */
  List<Event> visible(World world, FeatureView view, Label label) {
    List<Event> visible = new ArrayList<>();
    for (List<Event> versions : eventsOf(world)) {
      version(world, view, versions, label.asOf())
          .filter(e -> !e.deleted())
          .filter(e -> happened(e, label.asOf()))
          .filter(e -> sameEntity(view, label, e))
          .filter(e -> passes(view.where(), e))
          .ifPresent(visible::add);
    }
    return visible;
  }

  Collection<List<Event>> eventsOf(World world) {
    if (world.eventKey().isEmpty()) {
      return world.events().stream().map(List::of).toList();
    }
    Map<List<Object>, List<Event>> events = new LinkedHashMap<>();
    for (Event e : world.events()) {
      List<Object> key =
          world.eventKey().stream().map(e.values()::get).collect(Collectors.toList());
      events.computeIfAbsent(key, k -> new ArrayList<>()).add(e);
    }
    return events.values();
  }

  /** Rule 4: the version with the greatest known time by {@code t}. */
  Optional<Event> version(World world, FeatureView view, List<Event> versions, long t) {
    List<Event> known =
        versions.stream().filter(e -> !view.knowledgeTime() || known(e, t)).toList();
    return known.stream().max(versionOrder(world, view));
  }

  /**
   * Rule 4: known time, sequence, tie-break columns, a live row before a tombstone; of live ones
   * the event time, then the values.
   */
  Comparator<Event> versionOrder(World world, FeatureView view) {
    return Comparator.comparingLong(Event::known)
        .thenComparing(versionRank(world, view))
        .thenComparing(e -> !e.deleted())
        .thenComparing((a, b) -> a.deleted() ? 0 : liveOrder(world).compare(a, b));
  }

  /** Rule 4: what also ranks a tombstone. */
  Comparator<Event> versionRank(World world, FeatureView view) {
    return byColumns(world.sequence().map(List::of).orElse(List.of()))
        .thenComparing(byColumns(view.tieBreak()));
  }

  /** Rule 4. */
  Comparator<Event> liveOrder(World world) {
    return Comparator.comparingLong(Event::event).thenComparing(byColumns(values(world)));
  }

  Comparator<Event> byColumns(List<String> columns) {
    return (a, b) -> {
      int c = 0;
      for (int i = 0; c == 0 && i < columns.size(); i++) {
        c = compare(a.values().get(columns.get(i)), b.values().get(columns.get(i)));
      }
      return c;
    };
  }

  /** Rule 3. */
  boolean known(Event e, long t) {
    return e.known() <= t;
  }

  /** Rule 3. */
  boolean happened(Event e, long t) {
    return e.event() <= t;
  }

  /** Rule 2: a null in any key column matches nothing. */
  boolean sameEntity(FeatureView view, Label label, Event e) {
    for (String column : view.entity()) {
      Object a = label.keys().get(column);
      Object b = e.values().get(column);
      if (a == null || b == null || !a.equals(b)) {
        return false;
      }
    }
    return true;
  }

  /** Rule 4: a filter that is null is not true. */
  boolean passes(Optional<SqlText> where, Event e) {
    return where.isEmpty() || Boolean.TRUE.equals(e.values().get(where.get().sql()));
  }

  /** Rule 5. */
  Comparator<Event> order(World world, FeatureView view) {
    return Comparator.comparingLong(Event::event)
        .thenComparingLong(Event::known)
        .thenComparing(byColumns(rankingColumns(world, view)));
  }

  /** Rule 5: tie-break columns, values, then what identifies an event and the view reads. */
  List<String> rankingColumns(World world, FeatureView view) {
    List<String> columns = new ArrayList<>(view.tieBreak());
    columns.addAll(values(world));
    world.columns().keySet().stream()
        .filter(c -> !values(world).contains(c) && reads(view).contains(c))
        .forEach(columns::add);
    return columns;
  }

  /** Rule 5: the columns that are neither event key nor sequence; times are no columns here. */
  List<String> values(World world) {
    return world.columns().keySet().stream()
        .filter(c -> !world.eventKey().contains(c) && !world.sequence().equals(Optional.of(c)))
        .toList();
  }

  /** The columns that a view reads. */
  Set<String> reads(FeatureView view) {
    Set<String> reads = new HashSet<>(view.entity());
    view.where().ifPresent(w -> reads.add(w.sql()));
    for (Feature feature : view.features()) {
      if (feature instanceof Feature.Windowed w) {
        Stream.of(w.argument(), w.where(), w.by())
            .flatMap(Optional::stream)
            .forEach(sql -> reads.add(sql.sql()));
      } else {
        reads.add(((Feature.Lookup) feature).expression().sql());
      }
    }
    return reads;
  }

  /** Rule 5: whether an answer could have been another one, had values ranked otherwise. */
  boolean ambiguous(World world, FeatureView view, Label label) {
    Long t = label.asOf();
    List<Event> visible = t == null ? List.of() : visible(world, view, label);
    for (Feature feature : view.features()) {
      if (feature instanceof Feature.Windowed w) {
        long lower = t == null ? 0 : lower(w.window(), t);
        if (visible.stream().anyMatch(e -> inWindow(e, t, lower) && hasRival(world, view, e, t))) {
          return true;
        }
      }
    }
    List<Feature.Lookup> lookups =
        view.features().stream()
            .filter(Feature.Lookup.class::isInstance)
            .map(Feature.Lookup.class::cast)
            .toList();
    List<Event> young =
        visible.stream()
            .filter(e -> view.ttl().isEmpty() || young(e, t, view.ttl().get().toNanos() / 1000))
            .toList();
    Optional<Event> winner = young.stream().max(order(world, view));
    if (lookups.isEmpty() || winner.isEmpty()) {
      return false;
    }
    return hasRival(world, view, winner.get(), t)
        || young.stream()
            .filter(e -> rivals(e, winner.get(), view))
            .anyMatch(e -> lookups.stream().anyMatch(l -> differ(e, winner.get(), l)));
  }

  /** Rule 5: equal up to the tie-break columns. */
  boolean rivals(Event a, Event b, FeatureView view) {
    return a.event() == b.event()
        && a.known() == b.known()
        && byColumns(view.tieBreak()).compare(a, b) == 0;
  }

  private boolean differ(Event a, Event b, Feature.Lookup lookup) {
    String column = lookup.expression().sql();
    return compare(a.values().get(column), b.values().get(column)) != 0;
  }

  /** Rule 5, of versions: whether one won by its values over one that differs for the view. */
  boolean hasRival(World world, FeatureView view, Event version, long t) {
    List<Event> versions =
        eventsOf(world).stream().filter(all -> all.contains(version)).findFirst().orElseThrow();
    return versions.size() > 1
        && versions.stream()
            .filter(v -> !v.deleted() && (!view.knowledgeTime() || known(v, t)))
            .filter(v -> v.known() == version.known() && v.event() == version.event())
            .filter(v -> versionRank(world, view).compare(v, version) == 0)
            .anyMatch(v -> byColumns(List.copyOf(reads(view))).compare(v, version) != 0);
  }

  /**
   * Rule 5: null lowest, NaN highest, −0.0 below 0.0, text by code point, lists element by element.
   */
  @SuppressWarnings("unchecked")
  int compare(Object a, Object b) {
    if (a == null || b == null) {
      return a == b ? 0 : a == null ? -1 : 1;
    }
    if (a instanceof String s) {
      int[] x = s.codePoints().toArray();
      int[] y = ((String) b).codePoints().toArray();
      return java.util.Arrays.compare(x, y);
    }
    if (a instanceof List<?> x) {
      List<?> y = (List<?>) b;
      for (int i = 0; i < Math.min(x.size(), y.size()); i++) {
        int c = compare(x.get(i), y.get(i));
        if (c != 0) {
          return c;
        }
      }
      return Integer.compare(x.size(), y.size());
    }
    return ((Comparable<Object>) a).compareTo(b);
  }

  /** Rule 5: the look-up's winner. */
  Object lookup(
      World world, FeatureView view, Feature.Lookup feature, List<Event> visible, Long t) {
    return visible.stream()
        .filter(e -> view.ttl().isEmpty() || young(e, t, view.ttl().get().toNanos() / 1000))
        .max(order(world, view))
        .map(e -> e.values().get(feature.expression().sql()))
        .orElse(null);
  }

  boolean young(Event e, long t, long ttl) {
    return e.event() >= t - ttl;
  }

  /** Rule 6. */
  boolean inWindow(Event e, long t, long lower) {
    return e.event() > lower && e.event() <= t;
  }

  /** Rules 6 and 8: the window at {@code t} begins after it. */
  long lower(Window window, long t) {
    if (window instanceof Window.CalendarDays days) {
      Instant at = Instant.EPOCH.plus(t, ChronoUnit.MICROS);
      LocalDateTime local = LocalDateTime.ofInstant(at, days.zone()).minusDays(days.days());
      return ChronoUnit.MICROS.between(Instant.EPOCH, resolved(local, days.zone()));
    }
    return t - ((Window.Physical) window).length().toNanos() / 1000;
  }

  /** Rule 8: forward by the gap, or the earlier instant. */
  Instant resolved(LocalDateTime local, ZoneId zone) {
    ZoneOffsetTransition change = zone.getRules().getTransition(local);
    if (change == null) {
      return local.toInstant(zone.getRules().getOffset(local));
    }
    return change.isGap()
        ? local.plus(change.getDuration()).toInstant(change.getOffsetAfter())
        : local.toInstant(change.getOffsetBefore());
  }

  Object windowed(
      World world, FeatureView view, Feature.Windowed feature, List<Event> visible, Long t) {
    long lower = t == null ? 0 : lower(feature.window(), t);
    List<Event> inside =
        visible.stream()
            .filter(e -> inWindow(e, t, lower))
            .filter(e -> passes(feature.where(), e))
            .sorted(order(world, view))
            .toList();
    return feature.by().isEmpty()
        ? over(world, feature, inside, t)
        : split(world, feature, inside, t);
  }

  /** Rule 7: a map from each value of the dimension that any event has. */
  Object split(World world, Feature.Windowed feature, List<Event> inside, Long t) {
    List<Object> keys =
        inside.stream()
            .map(e -> asOne(dimension(feature, e)))
            .filter(Objects::nonNull)
            .distinct()
            .sorted(this::compare)
            .toList();
    Map<Object, Object> map = new LinkedHashMap<>();
    for (Object key : keys) {
      List<Event> of =
          inside.stream().filter(e -> key.equals(asOne(dimension(feature, e)))).toList();
      map.put(key, over(world, feature, of, t));
    }
    return map.isEmpty() ? null : map;
  }

  Object dimension(Feature.Windowed feature, Event e) {
    return e.values().get(feature.by().orElseThrow().sql());
  }

  Object over(World world, Feature.Windowed feature, List<Event> inside, Long t) {
    if (feature.argument().isEmpty()) {
      return switch (feature.aggregate().function()) {
        case COUNT -> (long) inside.size();
        case TIME_SINCE_LAST -> inside.isEmpty() ? null : t - inside.get(inside.size() - 1).event();
        default -> throw new IllegalArgumentException(feature.toString());
      };
    }
    String column = feature.argument().get().sql();
    String type = world.columns().get(column).ddl();
    List<Object> values =
        inside.stream().map(e -> e.values().get(column)).filter(this::counts).toList();
    return aggregate(feature, type, values);
  }

  /** Rule 7: nulls are skipped. */
  boolean counts(Object value) {
    return value != null;
  }

  /** Rules 7 and 9, over values that are not null, in the order of rule 5. */
  Object aggregate(Feature.Windowed feature, String type, List<Object> values) {
    List<Double> parameters = feature.aggregate().parameters();
    int n = values.size();
    switch (feature.aggregate().function()) {
      case COUNT:
        return (long) n;
      case COUNT_DISTINCT:
      case APPROX_COUNT_DISTINCT:
        return (long) new HashSet<>(values.stream().map(this::asOne).toList()).size();
      default:
        if (n == 0) {
          return null;
        }
    }
    List<Object> sorted = new ArrayList<>(values);
    sorted.sort(this::compare);
    return switch (feature.aggregate().function()) {
      case SUM -> sum(type, values);
      case MEAN -> mean(values);
      case MIN -> sorted.get(0);
      case MAX -> sorted.get(n - 1);
      case FIRST -> values.get(0);
      case LAST -> values.get(n - 1);
      case FIRST_K -> values.subList(0, Math.min(n, parameters.get(0).intValue()));
      case LAST_K -> {
        List<Object> newest = new ArrayList<>(values);
        Collections.reverse(newest);
        yield newest.subList(0, Math.min(n, parameters.get(0).intValue()));
      }
      case VAR_POP -> variance(values, n);
      case VAR_SAMP -> variance(values, n - 1);
      case STDDEV_POP -> root(variance(values, n));
      case STDDEV_SAMP -> root(variance(values, n - 1));
      case PERCENTILE -> percentile(sorted, parameters.get(0));
      case MOST_COMMON -> mostCommon(sorted);
      case HISTOGRAM -> histogram(sorted);
      case CUSTOM -> {
        long factor = parameters.isEmpty() ? 1 : parameters.get(0).longValue();
        yield n + factor * values.stream().mapToLong(Fingerprint::mixed).sum();
      }
      case COUNT, COUNT_DISTINCT, APPROX_COUNT_DISTINCT, TIME_SINCE_LAST ->
          throw new IllegalArgumentException(feature.toString());
    };
  }

  /** Rule 9: all NaN are one value, and −0.0 and 0.0 are one. */
  Object asOne(Object value) {
    return value instanceof Double d ? (Object) (d + 0.0) : value;
  }

  static BigDecimal number(Object value) {
    if (value instanceof Boolean b) {
      return b ? BigDecimal.ONE : BigDecimal.ZERO;
    }
    if (value instanceof Double d) {
      return new BigDecimal(d);
    }
    return value instanceof Long l ? BigDecimal.valueOf(l) : (BigDecimal) value;
  }

  static BigDecimal exactSum(Collection<Object> values) {
    return values.stream().map(Reference::number).reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  /** What IEEE 754 says of a sum with NaN or infinities in it; empty when all are finite. */
  static Optional<Double> notFinite(Collection<Object> values) {
    double sum = 0;
    boolean any = false;
    for (Object v : values) {
      if (v instanceof Double d && !Double.isFinite(d)) {
        sum += d;
        any = true;
      }
    }
    return any ? Optional.of(Double.isNaN(sum) ? Double.NaN : sum) : Optional.empty();
  }

  Object sum(String type, List<Object> values) {
    if (type.equals("double") || type.equals("float")) {
      return notFinite(values).orElseGet(() -> exactSum(values).doubleValue() + 0.0);
    }
    BigDecimal sum = exactSum(values);
    return type.startsWith("decimal") ? sum : sum.longValueExact();
  }

  Object mean(List<Object> values) {
    return notFinite(values)
        .orElseGet(
            () ->
                exactSum(values).divide(BigDecimal.valueOf(values.size()), PLENTY).doubleValue()
                    + 0.0);
  }

  Object variance(List<Object> values, int divisor) {
    if (divisor == 0) {
      return null;
    }
    if (notFinite(values).isPresent()) {
      return Double.NaN;
    }
    // Σ(x − mean)² with all terms times n, so that they are exact.
    BigDecimal n = BigDecimal.valueOf(values.size());
    BigDecimal sum = exactSum(values);
    BigDecimal squares = BigDecimal.ZERO;
    for (Object v : values) {
      BigDecimal off = number(v).multiply(n).subtract(sum);
      squares = squares.add(off.multiply(off));
    }
    return squares
        .divide(n.multiply(n).multiply(BigDecimal.valueOf(divisor)), PLENTY_OF_SQUARES)
        .doubleValue();
  }

  static Object root(Object variance) {
    return variance == null ? null : (Object) Math.sqrt((Double) variance);
  }

  Object percentile(List<Object> sorted, double p) {
    BigDecimal position = BigDecimal.valueOf(p).multiply(BigDecimal.valueOf(sorted.size() - 1L));
    BigInteger lower = position.toBigInteger();
    BigDecimal part = position.subtract(new BigDecimal(lower));
    Object a = sorted.get(lower.intValue());
    if (part.signum() == 0) {
      return a instanceof Double d ? d + 0.0 : number(a).doubleValue();
    }
    Object b = sorted.get(lower.intValue() + 1);
    Optional<Double> special = notFinite(List.of(a, b));
    if (special.isPresent()) {
      return special.get();
    }
    return number(a)
            .multiply(BigDecimal.ONE.subtract(part))
            .add(number(b).multiply(part))
            .doubleValue()
        + 0.0;
  }

  /** Rule 7: ties to the least. */
  Object mostCommon(List<Object> sorted) {
    Map<Object, Integer> counts = new LinkedHashMap<>();
    sorted.forEach(v -> counts.merge(asOne(v), 1, Integer::sum));
    int most = Collections.max(counts.values());
    return counts.entrySet().stream()
        .filter(e -> e.getValue() == most)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  /** Rule 7: each value, in the order of values, with how often it is there. */
  Object histogram(List<Object> sorted) {
    Map<Object, Object> counts = new LinkedHashMap<>();
    sorted.forEach(v -> counts.merge(asOne(v), 1L, (a, b) -> (Long) a + (Long) b));
    return counts;
  }

  /**
   * Why a row of the world has no part in a feature of a label that has an as-of; empty = it has
   * part. Of equal versions of one event, and of equal events, the first counts.
   *
   * @param row of the label's entity, no tombstone
   */
  Optional<Exclusion> exclusion(
      World world, FeatureView view, Feature feature, Label label, int row) {
    Event e = world.events().get(row);
    long t = label.asOf();
    if (view.knowledgeTime() && !known(e, t)) {
      return Optional.of(Exclusion.NOT_YET_KNOWN);
    }
    if (!happened(e, t)) {
      return Optional.of(Exclusion.NOT_YET_HAPPENED);
    }
    if (!world.eventKey().isEmpty()) {
      List<Event> versions =
          eventsOf(world).stream().filter(all -> all.contains(e)).findFirst().orElseThrow();
      List<Event> live = versions.stream().filter(v -> !v.deleted()).toList();
      boolean repeats = world.events().indexOf(e) < row;
      if (repeats || !version(world, view, live, t).orElseThrow().equals(e)) {
        return Optional.of(Exclusion.CORRECTED);
      }
      if (version(world, view, versions, t).orElseThrow().deleted()) {
        return Optional.of(Exclusion.WITHDRAWN);
      }
    }
    if (!passes(view.where(), e)) {
      return Optional.of(Exclusion.LEFT_OUT_BY_VIEW);
    }
    if (feature instanceof Feature.Windowed w) {
      return excluded(w, e, t);
    }
    long ttl = view.ttl().map(d -> d.toNanos() / 1000).orElse(Long.MAX_VALUE / 4);
    if (!young(e, t, ttl)) {
      return Optional.of(Exclusion.TOO_OLD);
    }
    Event winner =
        visible(world, view, label).stream()
            .filter(v -> young(v, t, ttl))
            .max(order(world, view))
            .orElseThrow();
    boolean wins = winner.equals(e) && world.events().indexOf(e) == row;
    return wins ? Optional.empty() : Optional.of(Exclusion.OUTRANKED);
  }

  private Optional<Exclusion> excluded(Feature.Windowed feature, Event e, long t) {
    if (!passes(feature.where(), e)) {
      return Optional.of(Exclusion.LEFT_OUT_BY_FEATURE);
    }
    Optional<SqlText> needed = feature.by().or(feature::argument);
    if (needed.isPresent() && !counts(e.values().get(needed.get().sql()))) {
      return Optional.of(Exclusion.NULL);
    }
    return inWindow(e, t, lower(feature.window(), t))
        ? Optional.empty()
        : Optional.of(Exclusion.TOO_OLD);
  }

  /** Whether two answers are the same to the bit. */
  static boolean same(Object a, Object b) {
    if (a instanceof Double x && b instanceof Double y) {
      return Double.doubleToRawLongBits(x) == Double.doubleToRawLongBits(y);
    }
    if (a instanceof BigDecimal x && b instanceof BigDecimal y) {
      return x.compareTo(y) == 0;
    }
    if (a instanceof List<?> x && b instanceof List<?> y) {
      if (x.size() != y.size()) {
        return false;
      }
      for (int i = 0; i < x.size(); i++) {
        if (!same(x.get(i), y.get(i))) {
          return false;
        }
      }
      return true;
    }
    if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
      return same(List.copyOf(x.keySet()), List.copyOf(y.keySet()))
          && same(new ArrayList<>(x.values()), new ArrayList<>(y.values()));
    }
    return Objects.equals(a, b);
  }
}
