package io.tributary.offline.engine;

import io.tributary.core.ErrorCode;
import io.tributary.core.Micros;
import io.tributary.core.PlatformException;
import io.tributary.definition.Aggregate.Function;
import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Window;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What the sweep computes for one view: its distinct inputs, its spans of time and, for each
 * feature in the order of the view, which function of which input over which span. Derived features
 * are not in it.
 */
public final class ViewPlan implements Serializable {
  /** A span without lower bound. */
  static final long UNBOUNDED = Long.MAX_VALUE;

  private static final int MOST_SPANS = 63;

  /**
   * A value that a feature takes in, null where an event does not count: the argument where the
   * filter is true.
   *
   * @param argument a column; empty = whether the event counts at all, as any value that is not
   *     null
   * @param filter a boolean column
   * @param dimension a column that splits the feature
   */
  public record Input(
      Optional<String> argument, Optional<String> filter, Optional<String> dimension) {
    /** One that is not split. */
    public Input(Optional<String> argument, Optional<String> filter) {
      this(argument, filter, Optional.empty());
    }

    Input whole() {
      return new Input(argument, filter);
    }

    Optional<Input> splitting() {
      return dimension.map(d -> new Input(Optional.of(d), filter));
    }

    boolean isAlways() {
      return argument.isEmpty() && filter.isEmpty();
    }
  }

  /**
   * A feature.
   *
   * @param function null = a look-up
   * @param input index of its input, -1 = each event counts
   * @param dimension index of the input that splits it, -1 = none
   * @param span index of its span
   * @param aggregate the user-defined one, else null
   */
  record Slot(
      String name,
      Function function,
      double[] parameters,
      int input,
      int dimension,
      int span,
      UserAggregate aggregate)
      implements Serializable {
    boolean is(Function other) {
      return function == other;
    }

    int k() {
      return (int) parameters[0];
    }
  }

  private static final long serialVersionUID = 1L;

  private final String view;
  private final InputType[] types;
  private final Window.CalendarDays[] calendars;
  private final long[] lengths;
  private final Slot[] slots;
  private final int lookupSpan;

  /** Null = the columns that decide between ties come as bytes. */
  private final int[] orderInputs;

  private final int orderTieBreak;

  private ViewPlan(
      String view,
      InputType[] types,
      Window.CalendarDays[] calendars,
      long[] lengths,
      Slot[] slots,
      int lookupSpan,
      int[] orderInputs,
      int orderTieBreak) {
    this.view = view;
    this.types = types;
    this.calendars = calendars;
    this.lengths = lengths;
    this.slots = slots;
    this.lookupSpan = lookupSpan;
    this.orderInputs = orderInputs;
    this.orderTieBreak = orderTieBreak;
  }

  /**
   * The same where inputs have all columns that decide between events of equal event and known
   * time: then these need not come as bytes.
   *
   * @param inputs of the columns, in their order
   * @param tieBreak how many of them are declared to break ties
   */
  public ViewPlan orderedBy(int[] inputs, int tieBreak) {
    return new ViewPlan(
        view, types, calendars, lengths, slots, lookupSpan, inputs.clone(), tieBreak);
  }

  /** Null where the columns that decide between ties come as bytes. */
  int[] orderInputs() {
    return orderInputs;
  }

  int orderTieBreak() {
    return orderTieBreak;
  }

  /** The distinct inputs among those of a view's features, in the order of their first use. */
  public static List<Input> distinct(List<Input> inputs) {
    return inputs.stream()
        .flatMap(input -> Stream.concat(Stream.of(input.whole()), input.splitting().stream()))
        .filter(input -> !input.isAlways())
        .distinct()
        .toList();
  }

  /**
   * The plan of a view.
   *
   * @param inputs of its features, in their order
   * @param types of the {@link #distinct} inputs, in their order
   * @param ttl how old a look-up's winner may be; empty = any age
   */
  public static ViewPlan of(
      FeatureView view, List<Input> inputs, List<InputType> types, Optional<Duration> ttl) {
    return of(view, inputs, types, ttl, List.of());
  }

  /**
   * The same for a view with user-defined aggregates.
   *
   * @param aggregates one for each feature, null where it is none; empty = none is
   */
  public static ViewPlan of(
      FeatureView view,
      List<Input> inputs,
      List<InputType> types,
      Optional<Duration> ttl,
      List<UserAggregate> aggregates) {
    List<Input> distinct = distinct(inputs);
    TreeSet<Long> lengths = new TreeSet<>();
    LinkedHashSet<Window.CalendarDays> days = new LinkedHashSet<>();
    // An event as old as the TTL still answers, one as old as a window does not.
    long lookup = ttl.map(d -> Math.addExact(Micros.of(d), 1)).orElse(UNBOUNDED);
    for (Feature feature : view.features()) {
      if (!(feature instanceof Feature.Windowed w)) {
        lengths.add(lookup);
      } else if (w.window() instanceof Window.CalendarDays calendar) {
        days.add(calendar);
      } else if (w.window() instanceof Window.Physical physical) {
        lengths.add(Micros.of(physical.length()));
      }
    }
    if (days.size() + lengths.size() > MOST_SPANS) {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot compute view %s: it has %s different windows. Split it into views of at most %s."
              .formatted(view.id(), days.size() + lengths.size(), MOST_SPANS));
    }
    List<Object> spans = new ArrayList<>(days);
    spans.addAll(lengths);
    List<Slot> slots = new ArrayList<>();
    int lookupSpan = -1;
    for (int i = 0; i < view.features().size(); i++) {
      Feature feature = view.features().get(i);
      int input = distinct.indexOf(inputs.get(i).whole());
      int dimension = inputs.get(i).splitting().map(distinct::indexOf).orElse(-1);
      if (feature instanceof Feature.Windowed w) {
        int span =
            spans.indexOf(
                w.window() instanceof Window.Physical physical
                    ? Micros.of(physical.length())
                    : w.window());
        check(view, w, input < 0 ? null : types.get(input));
        double[] parameters = w.aggregate().parameters().stream().mapToDouble(d -> d).toArray();
        slots.add(
            new Slot(
                w.name(),
                w.aggregate().function(),
                parameters,
                input,
                dimension,
                span,
                aggregates.isEmpty() ? null : aggregates.get(i)));
      } else {
        lookupSpan = spans.indexOf(lookup);
        slots.add(new Slot(feature.name(), null, new double[0], input, -1, lookupSpan, null));
      }
    }
    return new ViewPlan(
        view.id().toString(),
        types.toArray(InputType[]::new),
        days.toArray(Window.CalendarDays[]::new),
        lengths.stream().mapToLong(Long::longValue).toArray(),
        slots.toArray(Slot[]::new),
        lookupSpan,
        null,
        0);
  }

  /** A plan of look-ups without TTL, one of each input. */
  public static ViewPlan lookups(String name, List<InputType> types) {
    Slot[] slots = new Slot[types.size()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = new Slot("value" + i, null, new double[0], i, -1, 0, null);
    }
    return new ViewPlan(
        name,
        types.toArray(InputType[]::new),
        new Window.CalendarDays[0],
        new long[] {UNBOUNDED},
        slots,
        0,
        null,
        0);
  }

  /** A plan that counts the events that are visible, however old. */
  public static ViewPlan count(String name) {
    return new ViewPlan(
        name,
        new InputType[0],
        new Window.CalendarDays[0],
        new long[] {UNBOUNDED},
        new Slot[] {new Slot("count", Function.COUNT, new double[0], -1, -1, 0, null)},
        -1,
        null,
        0);
  }

  private static void check(FeatureView view, Feature.Windowed feature, InputType type) {
    Function function = feature.aggregate().function();
    if (function.argument().isNumeric() && (type == null || type.kind() == InputType.Kind.OBJECT)) {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot compute feature %s.%s: %s takes numbers. Give it a numeric argument."
              .formatted(view.id(), feature.name(), function.text()));
    }
  }

  /** The view's name, for messages. */
  String view() {
    return view;
  }

  /** How many features the sweep computes. */
  public int size() {
    return slots.length;
  }

  /** Whether feature {@code i} is a {@code time_since_last}, in microseconds. */
  public boolean isTimeSinceLast(int i) {
    return slots[i].is(Function.TIME_SINCE_LAST);
  }

  List<Slot> slots() {
    return List.of(slots);
  }

  List<InputType> types() {
    return List.of(types);
  }

  /** The spans of calendar days, which are the first. */
  List<Window.CalendarDays> calendars() {
    return List.of(calendars);
  }

  /**
   * Lengths in microseconds of the spans after those, ascending; an event of event time {@code e}
   * is in such a span until {@code e + length}, exclusive.
   */
  long[] lengths() {
    return lengths;
  }

  int lookupSpan() {
    return lookupSpan;
  }

  /** The inputs of look-ups, each once. */
  int[] lookupInputs() {
    return Arrays.stream(slots)
        .filter(s -> s.function() == null)
        .mapToInt(Slot::input)
        .distinct()
        .toArray();
  }

  /** Whether all features are look-ups, which take what one event has. */
  public boolean onlyLooksUp() {
    return slots.length > 0 && Arrays.stream(slots).allMatch(s -> s.function() == null);
  }

  /** The input that feature {@code i} takes, -1 = none. */
  public int input(int i) {
    return slots[i].input();
  }

  /** Whether no feature but look-ups reads an input: of few items, then. */
  public boolean onlyLooksUp(int input) {
    return Arrays.stream(slots)
        .allMatch(s -> s.function() == null || (s.input() != input && s.dimension() != input));
  }

  /** The spans that are windows of features, a bit for each. */
  long windows() {
    return Arrays.stream(slots)
        .filter(s -> s.function() != null)
        .mapToLong(s -> 1L << s.span())
        .reduce(0, (a, b) -> a | b);
  }

  /**
   * In microseconds, what no span is longer than; {@link Long#MAX_VALUE} when there is one without
   * bound.
   */
  public long longestSpan() {
    long longest = lengths.length == 0 ? 0 : lengths[lengths.length - 1];
    for (Window.CalendarDays calendar : calendars) {
      longest = Math.max(longest, CalendarSpan.longest(calendar));
    }
    return longest;
  }

  /**
   * In microseconds, what the span of feature {@code i} is not longer than; {@link Long#MAX_VALUE}
   * when it has no bound.
   */
  public long span(int i) {
    int span = slots[i].span();
    return span < calendars.length
        ? CalendarSpan.longest(calendars[span])
        : lengths[span - calendars.length];
  }

  /**
   * Whether events of equal event and known time must be distinguished by the bytes of their other
   * columns.
   */
  public boolean needsOrderBytes() {
    return orderInputs == null && ordersEvents();
  }

  /** Whether any feature depends on the order of events. */
  public boolean ordersEvents() {
    return lookupSpan >= 0
        || Arrays.stream(slots).anyMatch(s -> s.function() != null && s.function().isInOrder());
  }
}
