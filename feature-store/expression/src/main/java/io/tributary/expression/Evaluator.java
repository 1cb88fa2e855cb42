package io.tributary.expression;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.SeenValue;
import io.tributary.expression.internal.Step;
import io.tributary.expression.internal.StepEvaluator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/** Row expressions compiled for one thread; never to be shared by two. */
public final class Evaluator {
  private final List<StepEvaluator> steps;

  Evaluator(List<Step> steps) {
    this.steps = steps.stream().map(StepEvaluator::new).toList();
  }

  /**
   * The result for a row of the input, by the columns of {@link RowExpressions#schema()}: the same
   * object each time, valid until the next call.
   *
   * @throws ExpressionFailure for the first expression that fails, in their order
   */
  public UnsafeRow evaluate(InternalRow row) {
    InternalRow result = row;
    for (StepEvaluator step : steps) {
      result = step.evaluate(result);
    }
    return (UnsafeRow) result;
  }

  /**
   * The same; a failure says what can't be done for it, as in {@code Cannot compute view weather@1:
   * gust: …}.
   *
   * @param verb what is done with the row
   * @param what to which thing
   * @throws PlatformException INVALID_VALUE for the first expression that fails
   */
  public UnsafeRow evaluate(InternalRow row, String verb, String what) {
    try {
      return evaluate(row);
    } catch (ExpressionFailure e) {
      throw new PlatformException(
          ErrorCode.INVALID_VALUE,
          "Cannot %s %s: %s: %s. Correct the expression, or filter such rows out."
              .formatted(verb, what, e.expression(), SeenValue.of(e.reason())),
          e);
    }
  }

  /**
   * What can be computed of a row, also where {@link #evaluate} fails. Slow.
   *
   * @param row null in the columns {@code failed}; valid until the next call
   * @param failed the columns whose expression fails, or uses one that does: by their place, in
   *     order, with the reason
   */
  public record Part(InternalRow row, Map<Integer, String> failed) {}

  /** As much of the result as can be computed. */
  public Part partially(InternalRow row) {
    InternalRow result = row;
    Map<Integer, String> failed = new TreeMap<>();
    for (StepEvaluator step : steps) {
      result = step.partially(result, failed);
    }
    return new Part(result, failed);
  }

  /**
   * Every expression that fails on a row, in order; not those that only lack another one's result.
   * Empty where all succeed. Slow: for rows on which {@link #evaluate} has failed.
   */
  public List<ExpressionFailure> failures(InternalRow row) {
    InternalRow result = row;
    for (StepEvaluator step : steps) {
      List<ExpressionFailure> failures = step.failures(result);
      if (!failures.isEmpty()) {
        return failures;
      }
      result = step.evaluate(result);
    }
    return List.of();
  }
}
