package io.tributary.analysis;

import io.tributary.core.Digest;
import io.tributary.definition.Model;
import io.tributary.expression.Types;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;

/**
 * A model whose inputs are columns of its training set that its encodings can take.
 *
 * @param inputs in the order of the training set's columns: every feature that is not left out for
 *     want of a default, and what else is named
 * @param fit the digest of what decides the fitted network: the training set's, split, encodings,
 *     network and fit
 * @param digest of its whole meaning: beside that metrics, slices, admission rules and, where it is
 *     allowed, stale online use
 */
public record CheckedModel(
    Model definition,
    CheckedTrainingSet trainingSet,
    List<Input> inputs,
    Digest fit,
    Digest digest) {
  public CheckedModel {
    inputs = List.copyOf(inputs);
  }

  public String name() {
    return definition.name();
  }

  /** The views that its inputs are features of, as the training set joins them. */
  public List<CheckedUse> uses() {
    Set<String> columns = inputs.stream().map(Input::column).collect(Collectors.toSet());
    return trainingSet.uses().stream()
        .filter(use -> use.columns().stream().anyMatch(c -> columns.contains(c.name())))
        .toList();
  }

  /**
   * The columns by whose hash rows are dealt to the parts of the split: those of {@code by}; where
   * neither that nor {@code validate} is said, all of a row that asks whose values can be compared,
   * the as-of among them. Empty = by as-of alone.
   */
  public List<String> dealtBy() {
    Model.Split split = definition.split();
    return !split.by().isEmpty() || split.validate().isPresent()
        ? split.by()
        : Arrays.stream(trainingSet.asking().fields())
            .filter(column -> Types.isKey(column.dataType()))
            .map(StructField::name)
            .toList();
  }

  /** A column of the training set, and how it becomes numbers. */
  public record Input(String column, DataType type, Model.Encoding encoding) {}
}
