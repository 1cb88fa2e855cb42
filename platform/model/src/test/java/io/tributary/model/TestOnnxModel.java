package io.tributary.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.testing.OnnxLogistic;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Scores of ONNX models against the same formula, computed here. */
class TestOnnxModel {
  private static final OnnxLogistic FLOATS = OnnxLogistic.ofFloats(-0.5, 0.25, -1.5, 2);
  private static final OnnxLogistic DOUBLES = OnnxLogistic.ofDoubles(-0.5, 0.25, -1.5, 2);

  private static Map<String, byte[]> files(byte[] model, String more) {
    return Map.of(
        "trees/model.onnx",
        model,
        "signature.json",
        """
        {"model":"late","problem":"binary","label":"late","inputs":[
         {"column":"a","type":"double","encoding":{"kind":"raw"}},
         {"column":"b","type":"int","encoding":{"kind":"raw"}},
         {"column":"c","type":"boolean","encoding":{"kind":"raw"}}]%s}
        """
            .formatted(more)
            .getBytes(UTF_8));
  }

  private static StoredModel stored(Map<String, byte[]> files) {
    return StoredModel.of(files, Digest.of("not looked at: the artefact store has checked it"));
  }

  private static ScoringModel open(byte[] model) {
    return stored(files(model, "")).open();
  }

  private static double[][] rows() {
    SplittableRandom random = new SplittableRandom(7);
    double[][] rows = new double[300][3];
    for (double[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        row[i] = random.nextInt(6) == 0 ? Double.NaN : random.nextDouble(-3, 3);
      }
    }
    rows[0][0] = Double.POSITIVE_INFINITY;
    return rows;
  }

  private static double[] scores(ScoringModel model, double[][] rows, int from, int to) {
    ScoringBlock block = model.block();
    double[] scores = new double[to - from];
    for (int first = from; first < to; first += block.most()) {
      int last = Math.min(to, first + block.most());
      block.clear();
      for (int row = first; row < last; row++) {
        block.append();
        for (int i = 0; i < 3; i++) {
          block.number(i, rows[row][i]);
        }
      }
      block.score();
      for (int row = first; row < last; row++) {
        scores[row - from] = block.score(row - first);
      }
    }
    return scores;
  }

  private static void requireEqual(byte[] model, OnnxLogistic oracle, double tolerance) {
    double[][] rows = rows();
    double[] scores = scores(open(model), rows, 0, rows.length);
    rows[0][0] = Double.NaN;
    for (int row = 0; row < rows.length; row++) {
      assertThat(scores[row]).isCloseTo(oracle.score(rows[row]), within(tolerance));
    }
  }

  @Test
  void scoresAsTheSameFormulaWhateverItsInputsAre() {
    requireEqual(FLOATS.ofMatrix(), FLOATS, 1e-6);
    requireEqual(DOUBLES.ofMatrix(), DOUBLES, 1e-14);
    requireEqual(FLOATS.ofColumns("a", "b", "c"), FLOATS, 1e-6);
    requireEqual(DOUBLES.ofColumns("a", "b", "c"), DOUBLES, 1e-14);
    requireEqual(
        OnnxLogistic.ofDoubles(-0.5, 2, 0.25, -1.5).ofColumns("c", "a", "b"), DOUBLES, 1e-14);
  }

  @Test
  void aRowsScoreIsTheSameBitsWhateverIsBesideIt() {
    double[][] rows = rows();
    ScoringModel model = open(FLOATS.ofMatrix());
    double[] together = scores(model, rows, 0, rows.length);
    for (int row = 0; row < rows.length; row++) {
      assertThat(scores(model, rows, row, row + 1)).containsExactly(together[row]);
    }
  }

  @Test
  void flagsWhatIsMissing() {
    ScoringBlock block = open(FLOATS.ofMatrix()).block();
    block.append();
    block.number(0, 1);
    block.number(2, Double.NEGATIVE_INFINITY);
    block.append();
    for (int i = 0; i < 3; i++) {
      block.number(i, i);
    }
    block.score();

    assertThat(block.flagged(0)).isTrue();
    assertThat(block.flagged(1)).isFalse();
    assertThat(block.taken(0, 0)).isEqualTo(Vectorizer.Taken.WHOLE);
    assertThat(block.taken(1, 0)).isEqualTo(Vectorizer.Taken.MISSING);
    assertThat(block.taken(2, 0)).isEqualTo(Vectorizer.Taken.MISSING);
    assertThat(block.score(0)).isCloseTo(FLOATS.score(1, Double.NaN, Double.NaN), within(1e-6));
  }

  @Test
  void flagsWhatA32BitFloatCannotHold() {
    for (boolean narrow : List.of(true, false)) {
      ScoringBlock block = open((narrow ? FLOATS : DOUBLES).ofMatrix()).block();
      block.append();
      block.number(0, 1e39);
      block.number(1, 1);
      block.number(2, 1);
      assertThat(block.flagged(0)).isEqualTo(narrow);
    }
  }

  private static void refused(Map<String, byte[]> files, String message) {
    assertThatThrownBy(() -> stored(files).open())
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
        .hasMessageContaining(message);
  }

  @Test
  void refusesByNameWhatItTakesAndGives() {
    refused(
        files(OnnxLogistic.ofFloats(0, 1, 1).ofMatrix(), ""),
        "Cannot score with ONNX model late: its input x is FLOAT [-1, 2]; for 3 columns it has to be [rows, 3]. Whoever registered it registers it again as it is.");
    refused(
        files(FLOATS.ofColumns("a", "b", "d"), ""),
        "Cannot score with ONNX model late: it takes [a, b, d], and its registration says [a, b, c].");
    refused(
        files(FLOATS.ofMatrix(), ",\"output\":\"label\""),
        "its outputs are {p=FLOAT [-1, 1]}, of which [] are floating-point tensors by the name of label. Name one under output");
    refused(
        files("no model".getBytes(UTF_8), ""),
        "Whoever trained it exports it for ONNX Runtime 1.22, in one file, and registers it again.");
    refused(
        ofProblem("classes", FLOATS.ofMatrix()),
        "Cannot score with a model of late: it foretells classes, and this build scores models of problem binary and number alone. Score its rows where it was trained.");
  }

  private static Map<String, byte[]> ofProblem(String problem, byte[] model) {
    return Map.of(
        "model.onnx",
        model,
        "signature.json",
        new String(files(model, "").get("signature.json"), UTF_8)
            .replace("binary", problem)
            .getBytes(UTF_8));
  }

  @Test
  void givesNumbersWhereThatIsWhatItForetells() {
    for (boolean wide : List.of(true, false)) {
      OnnxLogistic linear =
          (wide
                  ? OnnxLogistic.ofDoubles(400, 25, -150, 2)
                  : OnnxLogistic.ofFloats(400, 25, -150, 2))
              .linear();
      ScoringModel model = stored(ofProblem("number", linear.ofMatrix())).open();
      assertThat(model.output()).isEqualTo("number");
      double[][] rows = rows();
      double[] scores = scores(model, rows, 0, rows.length);
      rows[0][0] = Double.NaN;
      for (int row = 0; row < rows.length; row++) {
        assertThat(scores[row]).isCloseTo(linear.score(rows[row]), within(wide ? 1e-11 : 1e-3));
        assertThat(scores(model, rows, row, row + 1)).containsExactly(scores[row]);
      }
      assertThat(Arrays.stream(scores).min().orElseThrow()).isNegative();
      assertThat(Arrays.stream(scores).max().orElseThrow()).isGreaterThan(100);
    }
    assertThat(open(FLOATS.ofMatrix()).output()).isEqualTo("probability");
    ScoringModel tooLarge =
        stored(ofProblem("number", OnnxLogistic.ofFloats(0, 3e38, 3e38, 3e38).linear().ofMatrix()))
            .open();
    assertThatThrownBy(() -> scores(tooLarge, new double[][] {{9, 9, 9}}, 0, 1))
        .hasMessage(
            "Cannot score with model late: it gives Infinity, which is no number. Whoever trained it looks at what it does with missing values.");
  }

  @Test
  void refusesANumberWhereAProbabilityIsAsked() {
    ScoringModel model = open(OnnxLogistic.ofDoubles(400, 25, -150, 2).linear().ofMatrix());
    assertThatThrownBy(() -> scores(model, new double[][] {{1, 1, 1}}, 0, 1))
        .hasMessage(
            "Cannot score with model late: it gives 277.0, which is no probability. Whoever trained it names the output that has one.");
  }

  @Test
  void takesTheOutputThatIsNamed() {
    assertThat(stored(files(FLOATS.ofMatrix(), ",\"output\":\"p\"")).open().signature().label())
        .isEqualTo("late");
  }
}
