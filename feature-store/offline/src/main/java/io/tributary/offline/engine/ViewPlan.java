package io.tributary.offline.engine;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Aggregate.Function;
import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.definition.SqlText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the sweep computes for one view: its distinct inputs, its spans of time and, for each
 * feature in the order of the view, which function of which input over which span. Derived features
 * are not in it.
 */
public final class ViewPlan {
  /** A span without lower bound. */
  static final long UNBOUNDED = Long.MAX_VALUE;

  private static final int MOST_SPANS = 64;
  private static final Set<Function> ORDERED =
      EnumSet.of(Function.FIRST, Function.LAST, Function.FIRST_K, Function.LAST_K);
  private static final Set<Function> NUMERIC =
      EnumSet.of(
          Function.SUM,
          Function.MEAN,
          Function.VAR_POP,
          Function.VAR_SAMP,
          Function.STDDEV_POP,
          Function.STDDEV_SAMP,
          Function.PERCENTILE);

  /**
   * A value that features take in, null where an event does not count: the argument where {@code
   * where} is true.
   *
   * @param argument empty = whether the event counts at all, as any value that is not null
   */
  public record Input(Optional<SqlText> argument, Optional<SqlText> where) {
    boolean isAlways() {
      return argument.isEmpty() && where.isEmpty();
    }
  }

  /**
   * A feature.
   *
   * @param function empty = a look-up
   * @param input index of its input, -1 = each event counts
   * @param span index of its span
   */
  record Slot(
      String name, Optional<Function> function, List<Double> parameters, int input, int span) {
    int k() {
      return parameters.get(0).intValue();
    }
  }

  private final String view;
  private final List<Input> inputs;
  private final List<InputType> types;
  private final long[] spans;
  private final List<Slot> slots;
  private final int lookupSpan;
  private final int widestWindow;

  private ViewPlan(
      String view,
      List<Input> inputs,
      List<InputType> types,
      long[] spans,
      List<Slot> slots,
      int lookupSpan,
      int widestWindow) {
    this.view = view;
    this.inputs = inputs;
    this.types = types;
    this.spans = spans;
    this.slots = slots;
    this.lookupSpan = lookupSpan;
    this.widestWindow = widestWindow;
  }

  /** The distinct inputs of a view over a source, in the order of their first use. */
  public static List<Input> inputs(FeatureView view) {
    List<Input> inputs = new ArrayList<>();
    for (Feature feature : view.features()) {
      Input input = input(feature);
      if (!input.isAlways() && !inputs.contains(input)) {
        inputs.add(input);
      }
    }
    return List.copyOf(inputs);
  }

  private static Input input(Feature feature) {
    if (feature instanceof Feature.Windowed w) {
      return new Input(w.argument(), w.where());
    }
    return new Input(Optional.of(((Feature.Lookup) feature).expression()), Optional.empty());
  }

  /** The plan of a view whose {@link #inputs} have these types. */
  public static ViewPlan of(FeatureView view, List<InputType> types) {
    List<Input> inputs = inputs(view);
    TreeSet<Long> lengths = new TreeSet<>();
    // An event as old as the TTL still answers, one as old as a window does not.
    long lookup = view.ttl().map(ttl -> Math.addExact(micros(ttl), 1)).orElse(UNBOUNDED);
    for (Feature feature : view.features()) {
      lengths.add(feature instanceof Feature.Windowed w ? micros(w.window().length()) : lookup);
    }
    if (lengths.size() > MOST_SPANS) {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot compute view "
              + view.id()
              + ": it has "
              + lengths.size()
              + " different windows. Split it into views of at most "
              + MOST_SPANS
              + ".");
    }
    List<Long> spans = List.copyOf(lengths);
    List<Slot> slots = new ArrayList<>();
    int lookupSpan = -1;
    int widest = -1;
    for (Feature feature : view.features()) {
      Input in = input(feature);
      int input = in.isAlways() ? -1 : inputs.indexOf(in);
      if (feature instanceof Feature.Windowed w) {
        int span = spans.indexOf(micros(w.window().length()));
        check(view, w, input < 0 ? null : types.get(input));
        slots.add(
            new Slot(
                w.name(),
                Optional.of(w.aggregate().function()),
                w.aggregate().parameters(),
                input,
                span));
        widest = Math.max(widest, span);
      } else {
        lookupSpan = spans.indexOf(lookup);
        slots.add(new Slot(feature.name(), Optional.empty(), List.of(), input, lookupSpan));
      }
    }
    long[] lengthsInOrder = spans.stream().mapToLong(Long::longValue).toArray();
    return new ViewPlan(
        view.id().toString(),
        inputs,
        List.copyOf(types),
        lengthsInOrder,
        List.copyOf(slots),
        lookupSpan,
        widest);
  }

  private static void check(FeatureView view, Feature.Windowed feature, InputType type) {
    Function function = feature.aggregate().function();
    if (NUMERIC.contains(function) && (type == null || type.kind() == InputType.Kind.OBJECT)) {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot compute feature "
              + view.id()
              + "."
              + feature.name()
              + ": "
              + function.text()
              + " takes numbers. Give it a numeric argument.");
    }
  }

  static long micros(Duration duration) {
    return Math.addExact(
        Math.multiplyExact(duration.getSeconds(), 1_000_000L), duration.getNano() / 1_000);
  }

  /** The view's name, for messages. */
  String view() {
    return view;
  }

  /** How many features the sweep computes. */
  public int size() {
    return slots.size();
  }

  List<Slot> slots() {
    return slots;
  }

  List<Input> inputs() {
    return inputs;
  }

  List<InputType> types() {
    return types;
  }

  /**
   * Lengths in microseconds, ascending; an event of event time {@code e} is in a span until {@code
   * e + length}, exclusive.
   */
  long[] spans() {
    return spans;
  }

  int lookupSpan() {
    return lookupSpan;
  }

  int widestWindow() {
    return widestWindow;
  }

  /** The longest span in microseconds, {@link Long#MAX_VALUE} when there is one without bound. */
  public long longestSpan() {
    return spans[spans.length - 1];
  }

  /** Whether events of equal event and known time must be told apart by their other columns. */
  public boolean needsValueOrder() {
    return lookupSpan >= 0
        || slots.stream().anyMatch(s -> s.function().filter(ORDERED::contains).isPresent());
  }
}
