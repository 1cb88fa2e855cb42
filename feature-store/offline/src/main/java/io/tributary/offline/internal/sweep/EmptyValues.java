package io.tributary.offline.internal.sweep;

import io.tributary.analysis.CheckedView;
import io.tributary.definition.Feature;
import java.io.Serializable;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;

/** A view's features for an entity without events, before defaults (rule 7). */
public final class EmptyValues {
  private EmptyValues() {}

  /** 0 for counts, null for all else, and what derived features make of these. */
  public static InternalRow of(CheckedView view) {
    GenericInternalRow computed = new GenericInternalRow(view.computations().size());
    for (int i = 0; i < view.computations().size(); i++) {
      if (view.computations().get(i).feature() instanceof Feature.Windowed windowed
          && windowed.by().isEmpty()
          && windowed.aggregate().function().counts()) {
        computed.update(i, 0L);
      }
    }
    return view.completion().evaluator().evaluate(computed).copy();
  }

  /** The same as Spark holds them, each by itself. */
  static Serializable[] literals(CheckedView view) {
    InternalRow row = of(view);
    Serializable[] values = new Serializable[view.schema().size()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          row.isNullAt(i) ? null : (Serializable) row.get(i, view.schema().fields()[i].dataType());
    }
    return values;
  }
}
