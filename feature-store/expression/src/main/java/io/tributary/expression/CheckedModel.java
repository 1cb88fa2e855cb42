package io.tributary.expression;

import io.tributary.core.Digest;
import io.tributary.definition.Model;
import java.util.List;
import org.apache.spark.sql.types.DataType;

/**
 * A model whose inputs are columns of its training set that its encodings can take.
 *
 * @param inputs in the order of the training set's columns: every feature that is not left out for
 *     want of a default, and what else is named
 * @param digest of its meaning: the training set's, split, encodings, network, fit, metrics, slices
 *     and admission rules
 */
public record CheckedModel(
    Model definition, CheckedTrainingSet trainingSet, List<Input> inputs, Digest digest) {
  public CheckedModel {
    inputs = List.copyOf(inputs);
  }

  public String name() {
    return definition.name();
  }

  /** A column of the training set, and how it becomes numbers. */
  public record Input(String column, DataType type, Model.Encoding encoding) {}
}
