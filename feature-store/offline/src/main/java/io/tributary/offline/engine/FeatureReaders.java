package io.tributary.offline.engine;

import io.tributary.definition.Aggregate.Function;
import java.nio.LongBuffer;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;

/** Reads each feature of a plan from the state that it stands on. */
final class FeatureReaders {
  /** Reads one feature into place. */
  private interface Reader {
    void read(long t, int at, FeatureValues out, LongBuffer event);
  }

  private final List<Reader> readers;
  private final SweepState.Sequence lookup;
  private final InputColumn[] inputs;

  /** The winner of the look-ups, -1 = none. */
  private int winner;

  FeatureReaders(ViewPlan plan, InputColumn[] inputs, EntitySweep.StateFactory states) {
    this.inputs = inputs;
    this.lookup = plan.lookupSpan() < 0 ? null : states.sequence(-1, plan.lookupSpan());
    this.readers =
        plan.slots().stream()
            .map(
                slot ->
                    slot.function() == null
                        ? lookup(slot)
                        : slot.dimension() >= 0
                            ? grouped(slot, states)
                            : windowed(slot, states, places(plan, slot), isSummed(plan, slot)))
            .toList();
  }

  /** A state with places also answers minimum and maximum: one is enough. */
  private static boolean places(ViewPlan plan, ViewPlan.Slot slot) {
    return plan.slots().stream()
        .anyMatch(
            s -> s.is(Function.PERCENTILE) && s.input() == slot.input() && s.span() == slot.span());
  }

  /** A sum counts its values, too. */
  private static boolean isSummed(ViewPlan plan, ViewPlan.Slot slot) {
    return slot.input() >= 0
        && plan.slots().stream()
            .filter(s -> s.is(Function.SUM) || s.is(Function.MEAN))
            .anyMatch(
                s -> s.dimension() < 0 && s.input() == slot.input() && s.span() == slot.span());
  }

  SweepState.Sequence lookup() {
    return lookup;
  }

  /** The item that look-ups take their values from now, -1 = none. */
  int winner() {
    return lookup == null || lookup.isEmpty() ? -1 : lookup.last();
  }

  void read(long t, FeatureValues out, LongBuffer event) {
    out.clear();
    winner = winner();
    for (int i = 0; i < readers.size(); i++) {
      readers.get(i).read(t, i, out, event);
    }
  }

  private Reader lookup(ViewPlan.Slot slot) {
    InputColumn input = inputs[slot.input()];
    return (t, at, out, event) -> {
      if (winner >= 0) {
        value(input, winner, at, out);
      }
    };
  }

  private static void value(InputColumn input, int item, int at, FeatureValues out) {
    if (!input.isPresent(item)) {
      return;
    }
    switch (input.type().kind()) {
      case INTEGER -> out.put(at, input.longAt(item));
      case FLOATING -> out.put(at, input.doubleAt(item));
      default -> out.put(at, input.objectAt(item));
    }
  }

  private static void put(FeatureValues out, int at, Object value) {
    if (value instanceof Long number) {
      out.put(at, number.longValue());
    } else if (value instanceof Double number) {
      out.put(at, number.doubleValue());
    } else if (value != null) {
      out.put(at, value);
    }
  }

  private Reader windowed(
      ViewPlan.Slot slot, EntitySweep.StateFactory states, boolean places, boolean summed) {
    int in = slot.input();
    int span = slot.span();
    InputColumn input = in < 0 ? null : inputs[in];
    return switch (slot.function()) {
      case COUNT -> {
        if (summed) {
          SweepState.Sum state = states.sum(in, span);
          yield (t, at, out, event) -> out.put(at, state.count);
        }
        SweepState.Count state = states.count(in, span);
        yield (t, at, out, event) -> out.put(at, state.count());
      }
      case COUNT_DISTINCT, APPROX_COUNT_DISTINCT -> {
        SweepState.Values state = states.equal(in, span);
        yield (t, at, out, event) -> out.put(at, (long) state.distinct());
      }
      case MOST_COMMON -> {
        SweepState.Values state = states.equal(in, span);
        yield (t, at, out, event) -> {
          if (state.size() > 0) {
            value(input, state.mostFrequent(), at, out);
            if (input.type().kind() == InputType.Kind.FLOATING) {
              out.put(at, out.doubleAt(at) + 0.0);
            }
          }
        };
      }
      case HISTOGRAM -> {
        SweepState.Values state = states.equal(in, span);
        yield (t, at, out, event) -> {
          if (state.size() > 0) {
            out.put(at, state.histogram());
          }
        };
      }
      case SUM -> sum(slot, states.sum(in, span));
      case MEAN -> {
        SweepState.Sum state = states.sum(in, span);
        yield (t, at, out, event) -> {
          if (state.count > 0) {
            out.put(at, state.mean());
          }
        };
      }
      case MIN -> {
        SweepState.Values state = states.ordered(in, span, places);
        yield (t, at, out, event) -> {
          if (state.size() > 0) {
            value(input, state.minimum(), at, out);
          }
        };
      }
      case MAX -> {
        SweepState.Values state = states.ordered(in, span, places);
        yield (t, at, out, event) -> {
          if (state.size() > 0) {
            value(input, state.maximum(), at, out);
          }
        };
      }
      case PERCENTILE -> percentile(slot, input, states.ordered(in, span, true));
      case FIRST, LAST -> {
        SweepState.Sequence state = states.sequence(in, span);
        boolean last = slot.function() == Function.LAST;
        yield (t, at, out, event) -> {
          if (!state.isEmpty()) {
            value(input, last ? state.last() : state.first(), at, out);
          }
        };
      }
      case FIRST_K, LAST_K -> {
        SweepState.Sequence state = states.sequence(in, span);
        boolean last = slot.function() == Function.LAST_K;
        yield (t, at, out, event) -> {
          if (!state.isEmpty()) {
            int[] items = state.some(slot.k(), last);
            Object[] values = new Object[items.length];
            for (int i = 0; i < items.length; i++) {
              values[i] = input.boxed(items[i]);
            }
            out.put(at, values);
          }
        };
      }
      case VAR_POP, STDDEV_POP, VAR_SAMP, STDDEV_SAMP -> {
        MomentsState state = states.moments(in, span);
        yield (t, at, out, event) -> put(out, at, variance(slot, state));
      }
      case CUSTOM -> {
        MergeTree state = states.userDefined(in, span, slot.aggregate());
        yield (t, at, out, event) -> {
          put(out, at, state.result());
        };
      }
      case TIME_SINCE_LAST -> {
        SweepState.Sequence state = states.sequence(in, span);
        yield (t, at, out, event) -> {
          if (!state.isEmpty()) {
            out.put(at, t - event.get(state.last()));
          }
        };
      }
    };
  }

  private Reader grouped(ViewPlan.Slot slot, EntitySweep.StateFactory states) {
    int in = slot.input();
    int by = slot.dimension();
    int span = slot.span();
    return switch (slot.function()) {
      case COUNT -> {
        GroupedState.Counts state = states.counts(in, by, span);
        yield grouped(state, state::count);
      }
      case COUNT_DISTINCT, APPROX_COUNT_DISTINCT -> {
        GroupedState.Ordered state = states.equal(in, by, span);
        yield grouped(state, state::distinct);
      }
      case SUM -> {
        GroupedState.Each<SweepState.Sum> state = states.sums(in, by, span);
        yield grouped(
            state, group -> state.state(group) == null ? null : total(slot, state.state(group)));
      }
      case MEAN -> {
        GroupedState.Each<SweepState.Sum> state = states.sums(in, by, span);
        yield grouped(
            state, group -> state.state(group) == null ? null : state.state(group).mean());
      }
      case MIN -> {
        GroupedState.Ordered state = states.ordered(in, by, span);
        yield grouped(state, state::first);
      }
      case MAX -> {
        GroupedState.Ordered state = states.ordered(in, by, span);
        yield grouped(state, state::last);
      }
      case FIRST -> {
        GroupedState.Ordered state = states.sequence(in, by, span);
        yield grouped(state, state::first);
      }
      case LAST -> {
        GroupedState.Ordered state = states.sequence(in, by, span);
        yield grouped(state, state::last);
      }
      case FIRST_K, LAST_K -> {
        GroupedState.Ordered state = states.sequence(in, by, span);
        boolean last = slot.function() == Function.LAST_K;
        yield grouped(state, group -> state.some(group, slot.k(), last));
      }
      case VAR_POP, STDDEV_POP, VAR_SAMP, STDDEV_SAMP -> {
        GroupedState.Each<MomentsState> state = states.moments(in, by, span);
        yield grouped(
            state, group -> state.state(group) == null ? null : variance(slot, state.state(group)));
      }
      case PERCENTILE -> {
        GroupedState.Ordered state = states.places(in, by, span);
        Percentile place = new Percentile(slot.parameters()[0]);
        yield grouped(
            state,
            group -> {
              int size = state.size(group);
              return size == 0
                  ? null
                  : (Object) percentile(place, size, inputs[in], k -> state.least(group, k));
            });
      }
      case MOST_COMMON -> {
        GroupedState.Ordered state = states.frequent(in, by, span);
        yield grouped(
            state,
            group -> {
              int item = state.mostFrequent(group);
              Object value = item < 0 ? null : inputs[in].boxed(item);
              return value instanceof Double number ? (Object) (number + 0.0) : value;
            });
      }
      case HISTOGRAM -> {
        GroupedState.Ordered state = states.equal(in, by, span);
        yield grouped(state, state::histogram);
      }
      case CUSTOM -> {
        GroupedState.UserDefined state = states.userDefined(in, by, span, slot.aggregate());
        yield grouped(state, state::result);
      }
      case TIME_SINCE_LAST -> {
        GroupedState.Ordered state = states.sequence(by, by, span);
        yield (t, at, out, event) -> {
          if (!state.isEmpty()) {
            out.put(at, state.pairs(group -> t - event.get(state.lastItem(group))));
          }
        };
      }
    };
  }

  private static Reader grouped(GroupedState state, IntFunction<Object> value) {
    return (t, at, out, event) -> {
      if (!state.isEmpty()) {
        out.put(at, state.pairs(value));
      }
    };
  }

  /** A sum of some values; as an object. */
  private static Object total(ViewPlan.Slot slot, SweepState.Sum sum) {
    if (sum instanceof SweepState.IntegerTotal state) {
      return integer(slot, state);
    }
    return sum instanceof SweepState.FloatingTotal state
        ? (Object) state.sum()
        : decimal(slot, (SweepState.DecimalTotal) sum);
  }

  private static long integer(ViewPlan.Slot slot, SweepState.IntegerTotal state) {
    if (!state.sum().fitsLong()) {
      throw SumOverflow.ofIntegers(slot.name());
    }
    return state.sum().longSum();
  }

  private static java.math.BigInteger decimal(ViewPlan.Slot slot, SweepState.DecimalTotal state) {
    if (state.sum().abs().compareTo(LARGEST_DECIMAL) > 0) {
      throw SumOverflow.ofDecimals(slot.name(), state.scale());
    }
    return state.sum();
  }

  private static Reader sum(ViewPlan.Slot slot, SweepState.Sum sum) {
    if (sum instanceof SweepState.IntegerTotal state) {
      return (t, at, out, event) -> {
        if (state.count > 0) {
          out.put(at, integer(slot, state));
        }
      };
    }
    if (sum instanceof SweepState.FloatingTotal state) {
      return (t, at, out, event) -> {
        if (state.count > 0) {
          out.put(at, state.sum());
        }
      };
    }
    SweepState.DecimalTotal state = (SweepState.DecimalTotal) sum;
    return (t, at, out, event) -> {
      if (state.count > 0) {
        out.put(at, decimal(slot, state));
      }
    };
  }

  private static final java.math.BigInteger LARGEST_DECIMAL =
      java.math.BigInteger.TEN.pow(38).subtract(java.math.BigInteger.ONE);

  /** Null where there are too few values. */
  private static Double variance(ViewPlan.Slot slot, MomentsState state) {
    boolean sample = slot.is(Function.VAR_SAMP) || slot.is(Function.STDDEV_SAMP);
    if (state.count <= (sample ? 1 : 0)) {
      return null;
    }
    double variance = state.variance(sample);
    return slot.is(Function.STDDEV_POP) || slot.is(Function.STDDEV_SAMP)
        ? Math.sqrt(variance)
        : variance;
  }

  private static Reader percentile(ViewPlan.Slot slot, InputColumn input, SweepState.Values state) {
    Percentile place = new Percentile(slot.parameters()[0]);
    return (t, at, out, event) -> {
      if (state.size() > 0) {
        out.put(at, percentile(place, state.size(), input, state::least));
      }
    };
  }

  /**
   * The percentile of some values.
   *
   * @param least an item with the k-th least
   */
  private static double percentile(
      Percentile place, int size, InputColumn input, IntUnaryOperator least) {
    place.locate(size);
    int lower = least.applyAsInt(place.lower());
    int upper = place.isExact() ? lower : least.applyAsInt(place.lower() + 1);
    return switch (input.type().kind()) {
      case INTEGER -> place.between(input.longAt(lower), input.longAt(upper));
      case FLOATING -> place.between(input.doubleAt(lower), input.doubleAt(upper));
      case DECIMAL ->
          place.between(input.decimalAt(lower), input.decimalAt(upper), input.type().scale());
      default -> throw new IllegalStateException("a percentile of objects");
    };
  }
}
