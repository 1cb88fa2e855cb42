package io.tributary.model;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a model takes and gives: its input columns, and the label that its score is the probability
 * of.
 *
 * @param model the model's name
 * @param inputs in the order in which they become a vector
 * @param label the boolean label's name
 */
public record ModelSignature(String model, List<Input> inputs, String label) {
  public ModelSignature {
    inputs = List.copyOf(inputs);
    if (inputs.isEmpty()) {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot use model %s: it has no input. Name columns of its training set under inputs."
              .formatted(model));
    }
    Set<String> seen = new HashSet<>();
    for (Input input : inputs) {
      if (!seen.add(input.column())) {
        throw new PlatformException(
            ErrorCode.INVALID_DEFINITION,
            "Cannot use model %s: it has input %s twice. Remove one."
                .formatted(model, input.column()));
      }
    }
  }

  /**
   * Checks that rows have what the model takes.
   *
   * @param columns the rows' columns with their types in Spark SQL's DDL
   * @throws PlatformException {@code CONTRACT_BROKEN}, naming every column that is missing or has
   *     another type
   */
  public void check(Map<String, String> columns) {
    List<String> wrong = wrong(columns);
    if (!wrong.isEmpty()) {
      throw new PlatformException(
          ErrorCode.CONTRACT_BROKEN,
          "Cannot use model %s on these rows: %s. Use rows as it was trained on, or train it again."
              .formatted(model, String.join("; ", wrong)));
    }
  }

  /** Every column that rows lack or have of another type, as a phrase. */
  public List<String> wrong(Map<String, String> columns) {
    List<String> wrong = new ArrayList<>();
    for (Input input : inputs) {
      String type = columns.get(input.column());
      if (type == null) {
        wrong.add("no column " + input.column());
      } else if (!type.equals(input.type())) {
        wrong.add("column " + input.column() + " is " + type + ", not " + input.type());
      }
    }
    return wrong;
  }
}
