package io.tributary.pipeline;

import io.tributary.analysis.CheckedScores;
import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.model.ScoreColumns;
import java.math.BigDecimal;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Row;

/**
 * A prediction as a table has it, beside the same derived again.
 *
 * @param stored a row of {@code scores} or {@code superseded}
 * @param made what its run's pins and versions give
 */
record DerivedPrediction(Row stored, Row made) {
  /**
   * The columns that differ of those that its row asked with, its role, and those of its scoring.
   */
  List<String> asked(ScoringFacts scoring) {
    Map<String, Object> then = columns(stored);
    Map<String, Object> now = columns(made);
    Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    names.addAll(then.keySet());
    names.addAll(now.keySet());
    names.removeIf(CheckedScores::isOwn);
    names.addAll(List.of(CheckedTrainingSet.AS_OF, ScoreColumns.ROLE));
    now.put(ScoreColumns.CHANNEL, ScoreColumns.BATCH);
    now.put(ScoreColumns.REQUEST, null);
    names.addAll(List.of(ScoreColumns.CHANNEL, ScoreColumns.REQUEST));
    scoring
        .at()
        .ifPresent(
            at -> {
              now.put(ScoreColumns.SCORING, scoring.number());
              now.put(ScoreColumns.SCORED_AT, Timestamp.from(at));
              names.addAll(List.of(ScoreColumns.SCORING, ScoreColumns.SCORED_AT));
            });
    return differing(names, then, now);
  }

  /** The inputs that differ; a digest of them where the values are equal and it is not. */
  List<String> inputs() {
    Map<String, Object> then = values(stored.getAs(ScoreColumns.INPUTS));
    Map<String, Object> now = values(made.getAs(ScoreColumns.INPUTS));
    Set<String> names = new TreeSet<>(then.keySet());
    names.addAll(now.keySet());
    List<String> differing = differing(names, then, now);
    return differing.isEmpty() ? differing(List.of(ScoreColumns.INPUTS_DIGEST)) : differing;
  }

  /** The columns that differ of those that the version says. */
  List<String> said() {
    return differing(
        List.of(
            ScoreColumns.OUTPUT,
            CheckedScores.DECISION,
            ScoreColumns.FLAGS,
            ScoreColumns.MODEL,
            ScoreColumns.MODEL_VERSION,
            ScoreColumns.ARTEFACT));
  }

  private List<String> differing(List<String> names) {
    return differing(names, columns(stored), columns(made));
  }

  private static List<String> differing(
      Collection<String> names, Map<String, Object> then, Map<String, Object> now) {
    List<String> differing = new ArrayList<>();
    for (String name : names) {
      if (!same(then.get(name), now.get(name))) {
        differing.add(name);
      }
    }
    return differing;
  }

  /** By name, whatever its case. */
  private static Map<String, Object> columns(Row row) {
    Map<String, Object> columns = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (int i = 0; i < row.length(); i++) {
      columns.put(row.schema().apply(i).name(), row.get(i));
    }
    return columns;
  }

  /** By name, of those that are not missing. */
  private static Map<String, Object> values(Row kinds) {
    Map<String, Object> values = new TreeMap<>();
    for (int kind = 0; kinds != null && kind < kinds.length(); kind++) {
      Row of = kinds.getStruct(kind);
      for (int i = 0; of != null && i < of.length(); i++) {
        if (!of.isNullAt(i)) {
          values.put(of.schema().apply(i).name(), of.get(i));
        }
      }
    }
    return values;
  }

  /** Doubles by their bits; a column of the table may have a wider type. */
  private static boolean same(Object one, Object other) {
    if (Objects.deepEquals(one, other)) {
      return true;
    }
    if (!(one instanceof Number a) || !(other instanceof Number b)) {
      return false;
    }
    return isFloating(a) || isFloating(b)
        ? Double.compare(a.doubleValue(), b.doubleValue()) == 0
        : new BigDecimal(a.toString()).compareTo(new BigDecimal(b.toString())) == 0;
  }

  private static boolean isFloating(Number number) {
    return number instanceof Double || number instanceof Float;
  }
}
