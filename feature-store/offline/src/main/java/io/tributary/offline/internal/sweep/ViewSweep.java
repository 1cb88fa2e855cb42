package io.tributary.offline.internal.sweep;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.SeenValue;
import io.tributary.expression.Evaluator;
import io.tributary.expression.ExpressionFailure;
import io.tributary.offline.engine.Arena;
import io.tributary.offline.engine.EntitySweep;
import io.tributary.offline.engine.FeatureValues;
import io.tributary.offline.internal.keys.Keys;
import io.tributary.offline.internal.values.FeatureRow;
import io.tributary.rows.HeldRows;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** A view's sweep over one entity at a time, in terms of rows. For one thread. */
final class ViewSweep {
  /** Events whose inputs are set column by column: where they lie is in a core's cache by then. */
  private static final int AT_ONCE = 1_024;

  private final CompiledView compiled;
  private final EntitySweep sweep;
  private final DataType[] inputTypes;
  private final FeatureValues values;
  private final FeatureRow computed;
  private final boolean derives;
  private final Evaluator completion;
  private final UnsafeRow arguments;
  private final boolean areHeld;
  private final boolean[] holds;
  private final HeldArguments held;

  private ViewSweep(CompiledView compiled, EntitySweep sweep, Arena arena, boolean areHeld) {
    this.compiled = compiled;
    this.sweep = sweep;
    StructType brought = compiled.arguments().schema();
    this.inputTypes = new DataType[compiled.inputs().length];
    for (int i = 0; i < inputTypes.length; i++) {
      int argument = compiled.inputs()[i][0];
      inputTypes[i] = argument < 0 ? null : brought.fields()[argument].dataType();
    }
    DataType[] types = Keys.types(compiled.computed(), List.of(compiled.computed().fieldNames()));
    boolean[] seconds = new boolean[types.length];
    for (int i = 0; i < seconds.length; i++) {
      seconds[i] = compiled.plan().isTimeSinceLast(i);
    }
    this.values = new FeatureValues(types.length);
    this.computed = new FeatureRow(values, types, seconds);
    this.derives = compiled.features().size() > compiled.computed().size();
    this.completion = derives ? compiled.completion().evaluator() : null;
    this.areHeld = areHeld;
    this.arguments = new UnsafeRow(brought.size());
    this.holds = new boolean[inputTypes.length];
    this.held = new HeldArguments(brought.size(), arena);
    for (int i = 0; i < holds.length; i++) {
      holds[i] = areHeld && inputTypes[i] != null && compiled.plan().onlyLooksUp(i);
      if (holds[i]) {
        int[] input = compiled.inputs()[i];
        sweep.input(i).hold(held.input(input[0], input[1], inputTypes[i]));
      }
    }
  }

  static ViewSweep of(CompiledView compiled, Arena arena) {
    return new ViewSweep(compiled, EntitySweep.of(compiled.plan(), arena), arena, false);
  }

  /**
   * One that is given events of {@link HeldRows}: what is only looked up is read there, and all
   * else once all events are there.
   */
  static ViewSweep ofHeld(CompiledView compiled, Arena arena) {
    return new ViewSweep(compiled, EntitySweep.of(compiled.plan(), arena), arena, true);
  }

  static ViewSweep trackingNewest(CompiledView compiled, Arena arena) {
    return new ViewSweep(
        compiled, EntitySweep.trackingNewest(compiled.plan(), arena), arena, false);
  }

  CompiledView compiled() {
    return compiled;
  }

  EntitySweep sweep() {
    return sweep;
  }

  /** Where the arguments of events are, of a sweep that has them stay there. */
  HeldArguments held() {
    return held;
  }

  /** Takes in an event of this view. */
  void add(EventRow row) {
    int item =
        sweep.add(
            row.event(),
            row.known(),
            compiled.knowledgeTime() ? row.known() : Long.MIN_VALUE,
            row.until(),
            row.order(),
            row.tieSize(),
            row.isAmbiguous());
    if (areHeld) {
      held.add(item, row);
      return;
    }
    row.arguments(arguments);
    for (int i = 0; i < inputTypes.length; i++) {
      int[] input = compiled.inputs()[i];
      HeldArguments.set(sweep.input(i), item, arguments, input[0], input[1], inputTypes[i]);
    }
  }

  /** All events of the entity are there. */
  void begin() {
    int size = areHeld ? sweep.size() : 0;
    for (int from = 0; from < size; from += AT_ONCE) {
      int to = Math.min(size, from + AT_ONCE);
      for (int i = 0; i < inputTypes.length; i++) {
        if (!holds[i]) {
          int[] input = compiled.inputs()[i];
          held.set(sweep.input(i), from, to, input[0], input[1], inputTypes[i]);
        }
      }
    }
    sweep.begin();
  }

  /** The features at an instant, not before the last one; the same row each time. */
  InternalRow at(long t, Object entity) {
    sweep.at(t);
    return read(t, entity);
  }

  /** The features at the instant to which the sweep has moved. */
  InternalRow read(long t, Object entity) {
    sweep.read(t, values, entity);
    if (!derives) {
      return computed;
    }
    try {
      return completion.evaluate(computed);
    } catch (ExpressionFailure e) {
      throw new PlatformException(
          ErrorCode.INVALID_VALUE,
          "Cannot compute feature %s.%s of %s: %s. Correct the expression."
              .formatted(
                  compiled.view(), e.expression(), SeenValue.of(entity), SeenValue.of(e.reason())),
          e);
    }
  }
}
