package io.tributary.model;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A model that scores rows, each by itself: a row's score depends on that row alone, bit for bit,
 * whatever rows are scored with it. Safe for threads.
 */
public sealed interface ScoringModel permits TrainedModel, OnnxModel {
  /** What it takes and gives. */
  ModelSignature signature();

  /**
   * What its scores are: {@link ScoreColumns#PROBABILITY}, in [0, 1], or {@link
   * ScoreColumns#NUMBER}, any finite one.
   */
  default String output() {
    return ScoreColumns.PROBABILITY;
  }

  /** An empty block, for rows that are scored as they come. */
  ScoringBlock block();

  /**
   * The scores of some rows, in the order of their numbers.
   *
   * @param rows of its inputs
   */
  default double[] score(InputRows rows, int[] numbers) {
    List<Input> inputs = signature().inputs();
    ScoringBlock block = block();
    double[] scores = new double[numbers.length];
    for (int from = 0; from < numbers.length; from += block.most()) {
      int to = Math.min(numbers.length, from + block.most());
      block.clear();
      for (int k = from; k < to; k++) {
        block.append();
        for (int i = 0; i < inputs.size(); i++) {
          if (inputs.get(i).categorical()) {
            int input = i;
            rows.textAt(i, numbers[k])
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .ifPresent(bytes -> block.text(input, bytes, 0, bytes.length));
          } else {
            block.number(i, rows.numberAt(i, numbers[k]));
          }
        }
      }
      block.score();
      for (int k = from; k < to; k++) {
        scores[k] = block.score(k - from);
      }
    }
    return scores;
  }
}
