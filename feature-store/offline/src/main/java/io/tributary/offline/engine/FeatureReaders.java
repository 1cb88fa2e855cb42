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
  private final Cell.Sequence lookup;
  private final InputColumn[] inputs;

  FeatureReaders(ViewPlan plan, InputColumn[] inputs, EntitySweep.Cells cells) {
    this.inputs = inputs;
    this.lookup = plan.lookupSpan() < 0 ? null : cells.sequence(-1, plan.lookupSpan());
    this.readers =
        plan.slots().stream()
            .map(
                slot ->
                    slot.function() == null
                        ? lookup(slot)
                        : slot.dimension() >= 0
                            ? split(slot, cells)
                            : windowed(slot, cells, places(plan, slot)))
            .toList();
  }

  /** A state with places also answers minimum and maximum: one is enough. */
  private static boolean places(ViewPlan plan, ViewPlan.Slot slot) {
    return plan.slots().stream()
        .anyMatch(
            s -> s.is(Function.PERCENTILE) && s.input() == slot.input() && s.span() == slot.span());
  }

  Cell.Sequence lookup() {
    return lookup;
  }

  void read(long t, FeatureValues out, LongBuffer event) {
    out.clear();
    for (int i = 0; i < readers.size(); i++) {
      readers.get(i).read(t, i, out, event);
    }
  }

  private Reader lookup(ViewPlan.Slot slot) {
    InputColumn input = inputs[slot.input()];
    return (t, at, out, event) -> {
      if (!lookup.isEmpty()) {
        value(input, lookup.last(), at, out);
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

  private Reader windowed(ViewPlan.Slot slot, EntitySweep.Cells cells, boolean places) {
    int in = slot.input();
    int span = slot.span();
    InputColumn input = in < 0 ? null : inputs[in];
    return switch (slot.function()) {
      case COUNT -> {
        Cell.Count cell = cells.count(in, span);
        yield (t, at, out, event) -> out.put(at, cell.count());
      }
      case COUNT_DISTINCT, APPROX_COUNT_DISTINCT -> {
        Cell.Values cell = cells.equal(in, span);
        yield (t, at, out, event) -> out.put(at, (long) cell.distinct());
      }
      case MOST_COMMON -> {
        Cell.Values cell = cells.equal(in, span);
        yield (t, at, out, event) -> {
          if (cell.size() > 0) {
            value(input, cell.mostFrequent(), at, out);
            if (input.type().kind() == InputType.Kind.FLOATING) {
              out.put(at, out.doubleAt(at) + 0.0);
            }
          }
        };
      }
      case HISTOGRAM -> {
        Cell.Values cell = cells.equal(in, span);
        yield (t, at, out, event) -> {
          if (cell.size() > 0) {
            out.put(at, cell.histogram());
          }
        };
      }
      case SUM -> sum(slot, cells.sum(in, span));
      case MEAN -> {
        Cell.Sum cell = cells.sum(in, span);
        yield (t, at, out, event) -> {
          if (cell.count > 0) {
            out.put(at, cell.mean());
          }
        };
      }
      case MIN -> {
        Cell.Values cell = cells.ordered(in, span, places);
        yield (t, at, out, event) -> {
          if (cell.size() > 0) {
            value(input, cell.minimum(), at, out);
          }
        };
      }
      case MAX -> {
        Cell.Values cell = cells.ordered(in, span, places);
        yield (t, at, out, event) -> {
          if (cell.size() > 0) {
            value(input, cell.maximum(), at, out);
          }
        };
      }
      case PERCENTILE -> percentile(slot, input, cells.ordered(in, span, true));
      case FIRST, LAST -> {
        Cell.Sequence cell = cells.sequence(in, span);
        boolean last = slot.function() == Function.LAST;
        yield (t, at, out, event) -> {
          if (!cell.isEmpty()) {
            value(input, last ? cell.last() : cell.first(), at, out);
          }
        };
      }
      case FIRST_K, LAST_K -> {
        Cell.Sequence cell = cells.sequence(in, span);
        boolean last = slot.function() == Function.LAST_K;
        yield (t, at, out, event) -> {
          if (!cell.isEmpty()) {
            int[] items = cell.some(slot.k(), last);
            Object[] values = new Object[items.length];
            for (int i = 0; i < items.length; i++) {
              values[i] = input.boxed(items[i]);
            }
            out.put(at, values);
          }
        };
      }
      case VAR_POP, STDDEV_POP, VAR_SAMP, STDDEV_SAMP -> {
        Squares cell = cells.squares(in, span);
        yield (t, at, out, event) -> put(out, at, variance(slot, cell));
      }
      case CUSTOM -> {
        Merged cell = cells.merged(in, span, slot.own());
        yield (t, at, out, event) -> {
          put(out, at, cell.result());
        };
      }
      case TIME_SINCE_LAST -> {
        Cell.Sequence cell = cells.sequence(in, span);
        yield (t, at, out, event) -> {
          if (!cell.isEmpty()) {
            out.put(at, t - event.get(cell.last()));
          }
        };
      }
    };
  }

  private Reader split(ViewPlan.Slot slot, EntitySweep.Cells cells) {
    int in = slot.input();
    int by = slot.dimension();
    int span = slot.span();
    return switch (slot.function()) {
      case COUNT -> {
        SplitCell.Counts cell = cells.counts(in, by, span);
        yield split(cell, cell::count);
      }
      case COUNT_DISTINCT, APPROX_COUNT_DISTINCT -> {
        SplitCell.Ordered cell = cells.equal(in, by, span);
        yield split(cell, cell::distinct);
      }
      case SUM -> {
        SplitCell.Each<Cell.Sum> cell = cells.sums(in, by, span);
        yield split(cell, group -> cell.cell(group) == null ? null : total(slot, cell.cell(group)));
      }
      case MEAN -> {
        SplitCell.Each<Cell.Sum> cell = cells.sums(in, by, span);
        yield split(cell, group -> cell.cell(group) == null ? null : cell.cell(group).mean());
      }
      case MIN -> {
        SplitCell.Ordered cell = cells.ordered(in, by, span);
        yield split(cell, cell::first);
      }
      case MAX -> {
        SplitCell.Ordered cell = cells.ordered(in, by, span);
        yield split(cell, cell::last);
      }
      case FIRST -> {
        SplitCell.Ordered cell = cells.sequence(in, by, span);
        yield split(cell, cell::first);
      }
      case LAST -> {
        SplitCell.Ordered cell = cells.sequence(in, by, span);
        yield split(cell, cell::last);
      }
      case FIRST_K, LAST_K -> {
        SplitCell.Ordered cell = cells.sequence(in, by, span);
        boolean last = slot.function() == Function.LAST_K;
        yield split(cell, group -> cell.some(group, slot.k(), last));
      }
      case VAR_POP, STDDEV_POP, VAR_SAMP, STDDEV_SAMP -> {
        SplitCell.Each<Squares> cell = cells.squares(in, by, span);
        yield split(
            cell, group -> cell.cell(group) == null ? null : variance(slot, cell.cell(group)));
      }
      case PERCENTILE -> {
        SplitCell.Ordered cell = cells.places(in, by, span);
        Percentile place = new Percentile(slot.parameters()[0]);
        yield split(
            cell,
            group -> {
              int size = cell.size(group);
              return size == 0
                  ? null
                  : (Object) percentile(place, size, inputs[in], k -> cell.least(group, k));
            });
      }
      case MOST_COMMON -> {
        SplitCell.Ordered cell = cells.frequent(in, by, span);
        yield split(
            cell,
            group -> {
              int item = cell.mostFrequent(group);
              Object value = item < 0 ? null : inputs[in].boxed(item);
              return value instanceof Double number ? (Object) (number + 0.0) : value;
            });
      }
      case HISTOGRAM -> {
        SplitCell.Ordered cell = cells.equal(in, by, span);
        yield split(cell, cell::histogram);
      }
      case CUSTOM -> {
        SplitCell.Own cell = cells.merged(in, by, span, slot.own());
        yield split(cell, cell::result);
      }
      case TIME_SINCE_LAST -> {
        SplitCell.Ordered cell = cells.sequence(by, by, span);
        yield (t, at, out, event) -> {
          if (!cell.isEmpty()) {
            out.put(at, cell.pairs(group -> t - event.get(cell.lastItem(group))));
          }
        };
      }
    };
  }

  private static Reader split(SplitCell cell, IntFunction<Object> value) {
    return (t, at, out, event) -> {
      if (!cell.isEmpty()) {
        out.put(at, cell.pairs(value));
      }
    };
  }

  /** A sum of some values; as an object. */
  private static Object total(ViewPlan.Slot slot, Cell.Sum sum) {
    if (sum instanceof Cell.IntegerTotal cell) {
      return integer(slot, cell);
    }
    return sum instanceof Cell.FloatingTotal cell
        ? (Object) cell.sum()
        : decimal(slot, (Cell.DecimalTotal) sum);
  }

  private static long integer(ViewPlan.Slot slot, Cell.IntegerTotal cell) {
    if (!cell.sum().fitsLong()) {
      throw SumOverflow.ofIntegers(slot.name());
    }
    return cell.sum().longSum();
  }

  private static java.math.BigInteger decimal(ViewPlan.Slot slot, Cell.DecimalTotal cell) {
    if (cell.sum().abs().compareTo(LARGEST_DECIMAL) > 0) {
      throw SumOverflow.ofDecimals(slot.name(), cell.scale());
    }
    return cell.sum();
  }

  private static Reader sum(ViewPlan.Slot slot, Cell.Sum sum) {
    if (sum instanceof Cell.IntegerTotal cell) {
      return (t, at, out, event) -> {
        if (cell.count > 0) {
          out.put(at, integer(slot, cell));
        }
      };
    }
    if (sum instanceof Cell.FloatingTotal cell) {
      return (t, at, out, event) -> {
        if (cell.count > 0) {
          out.put(at, cell.sum());
        }
      };
    }
    Cell.DecimalTotal cell = (Cell.DecimalTotal) sum;
    return (t, at, out, event) -> {
      if (cell.count > 0) {
        out.put(at, decimal(slot, cell));
      }
    };
  }

  private static final java.math.BigInteger LARGEST_DECIMAL =
      java.math.BigInteger.TEN.pow(38).subtract(java.math.BigInteger.ONE);

  /** Null where there are too few values. */
  private static Double variance(ViewPlan.Slot slot, Squares cell) {
    boolean sample = slot.is(Function.VAR_SAMP) || slot.is(Function.STDDEV_SAMP);
    if (cell.count <= (sample ? 1 : 0)) {
      return null;
    }
    double variance = cell.variance(sample);
    return slot.is(Function.STDDEV_POP) || slot.is(Function.STDDEV_SAMP)
        ? Math.sqrt(variance)
        : variance;
  }

  private static Reader percentile(ViewPlan.Slot slot, InputColumn input, Cell.Values cell) {
    Percentile place = new Percentile(slot.parameters()[0]);
    return (t, at, out, event) -> {
      if (cell.size() > 0) {
        out.put(at, percentile(place, cell.size(), input, cell::least));
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
