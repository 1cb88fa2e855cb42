package io.tributary.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tributary.definition.Model.Encoding;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class TestVectorizer {
  private static final Input X = new Input("x", "double", new Encoding.Standardize());
  private static final Input RAW = new Input("r", "int", new Encoding.Raw());
  private static final Input COLOUR = new Input("colour", "string", new Encoding.OneHot());
  private static final Input PLANE = new Input("plane", "string", new Encoding.Embedding(3));

  private static ModelSignature signature(Input... inputs) {
    return new ModelSignature("m", List.of(inputs), "late");
  }

  private static InputRows rows(List<Input> inputs, Object[]... values) {
    InputRows rows = new InputRows(inputs, 1);
    for (Object[] row : values) {
      rows.append();
      for (int i = 0; i < row.length; i++) {
        rows.value(i, row[i]);
      }
    }
    return rows;
  }

  private static Object[] row(Object... values) {
    return values;
  }

  private static float[] encode(Vectorizer vectorizer, InputRows rows) {
    float[] out = new float[rows.rows() * vectorizer.width()];
    vectorizer.encode(rows, 0, rows.rows(), out, 0);
    return out;
  }

  @Test
  void standardizesToMeanZeroAndVarianceOne() {
    ModelSignature signature = signature(X);
    InputRows rows = new InputRows(signature.inputs(), 10);
    SplittableRandom random = new SplittableRandom(1);
    for (int k = 0; k < 5_000; k++) {
      rows.append();
      rows.number(0, 1e9 + random.nextDouble());
    }
    float[] vectors = encode(Vectorizer.fitting(signature).add(rows).fitted(), rows);
    double mean =
        IntStream.range(0, vectors.length).mapToDouble(k -> vectors[k]).average().orElseThrow();
    double square =
        IntStream.range(0, vectors.length)
            .mapToDouble(k -> vectors[k] * vectors[k])
            .average()
            .orElseThrow();
    assertThat(mean).isCloseTo(0, within(1e-6));
    assertThat(square).isCloseTo(1, within(1e-6));
  }

  @Test
  void missingValueIsTheMeanAndSetsTheIndicator() {
    ModelSignature signature = signature(X, RAW);
    InputRows rows =
        rows(
            signature.inputs(),
            row(1.0, 4),
            row(3.0, null),
            row(Double.NaN, 2),
            row(Double.POSITIVE_INFINITY, 0));
    Vectorizer vectorizer = Vectorizer.fitting(signature).add(rows).fitted();
    assertThat(vectorizer.columns()).containsExactly("x", "x is missing", "r", "r is missing");
    assertThat(encode(vectorizer, rows))
        .containsExactly(-1, 0, 4, 0, 1, 0, 0, 1, 0, 1, 2, 0, 0, 1, 0, 0);
  }

  @Test
  void hasNoIndicatorForWhatWasNeverMissing() {
    ModelSignature signature = signature(X);
    Vectorizer vectorizer =
        Vectorizer.fitting(signature).add(rows(signature.inputs(), row(1.0), row(3.0))).fitted();
    assertThat(vectorizer.columns()).containsExactly("x");
    assertThat(encode(vectorizer, rows(signature.inputs(), row((Object) null), row(5.0))))
        .containsExactly(0, 3);
  }

  @Test
  void constantInputIsAlwaysZero() {
    ModelSignature signature = signature(X);
    Vectorizer vectorizer =
        Vectorizer.fitting(signature)
            .add(rows(signature.inputs(), row(0.1), row(0.1), row(0.1)))
            .fitted();
    assertThat(encode(vectorizer, rows(signature.inputs(), row(0.1), row(7.0))))
        .containsExactly(0, 0);
  }

  @Test
  void booleanIsZeroOrOne() {
    ModelSignature signature =
        signature(
            new Input("flag", "boolean", new Encoding.Raw()),
            new Input("other", "boolean", new Encoding.OneHot()));
    InputRows rows = rows(signature.inputs(), row(true, true), row(false, false));
    Vectorizer vectorizer = Vectorizer.fitting(signature).add(rows).fitted();
    assertThat(vectorizer.columns())
        .containsExactly("flag", "other=false", "other=true", "other=*");
    assertThat(encode(vectorizer, rows)).containsExactly(1, 0, 1, 0, 0, 1, 0, 0);
  }

  @Test
  void unseenCategoryIsTheOneForMissingOnesIfThatWasLearnt() {
    ModelSignature signature = signature(COLOUR);
    Vectorizer vectorizer =
        Vectorizer.fitting(signature)
            .add(rows(signature.inputs(), row("red"), row("blue"), row((Object) null)))
            .fitted();
    assertThat(vectorizer.columns()).containsExactly("colour=blue", "colour=red", "colour=*");
    assertThat(
            encode(
                vectorizer, rows(signature.inputs(), row("red"), row("green"), row((Object) null))))
        .containsExactly(0, 1, 0, 0, 0, 1, 0, 0, 1);
  }

  @Test
  void unseenCategoryIsTheSharesOfTheOthersIfNoneWasMissing() {
    ModelSignature signature = signature(COLOUR);
    Vectorizer vectorizer =
        Vectorizer.fitting(signature)
            .add(rows(signature.inputs(), row("red"), row("blue"), row("red"), row("red")))
            .fitted();
    assertThat(encode(vectorizer, rows(signature.inputs(), row("green"))))
        .containsExactly(0.25f, 0.75f, 0);
  }

  @Test
  void embeddingsStandLastAsTableRows() {
    ModelSignature signature = signature(PLANE, X);
    InputRows rows = rows(signature.inputs(), row("n2", 1.0), row("n1", 3.0), row("n2", 1.0));
    Vectorizer vectorizer = Vectorizer.fitting(signature).add(rows).fitted();
    assertThat(vectorizer.denseWidth()).isEqualTo(1);
    assertThat(vectorizer.embeddings())
        .containsExactly(
            new Vectorizer.EmbeddingTable("plane", 3, 3, List.of(0.0, 1.0 / 3, 2.0 / 3)));
    InputRows asked =
        rows(
            signature.inputs(), row("n1", null), row("n2", null), row("n3", null), row(null, null));
    assertThat(encode(vectorizer, asked)).containsExactly(0, 1, 0, 2, 0, 0, 0, 0);
  }

  @Test
  void fitDependsNeitherOnOrderNorOnBlocks() {
    ModelSignature signature = signature(X, COLOUR, PLANE);
    SplittableRandom random = new SplittableRandom(3);
    int n = 3_000;
    InputRows all = new InputRows(signature.inputs(), n);
    for (int k = 0; k < n; k++) {
      all.append();
      all.value(
          0,
          random.nextInt(10) == 0 ? null : random.nextDouble() * Math.pow(10, random.nextInt(12)));
      all.value(1, "c" + random.nextInt(20));
      all.value(2, random.nextInt(5) == 0 ? null : "p" + random.nextInt(100));
    }
    int[] order = IntStream.range(0, n).toArray();
    Vectorizer inOrder = Vectorizer.fitting(signature).add(all).fitted();
    int[] reversed = IntStream.range(0, n).map(k -> n - 1 - k).toArray();
    Vectorizer.Fitting left = Vectorizer.fitting(signature).add(all, reversed, 0, 700);
    Vectorizer.Fitting right =
        Vectorizer.fitting(signature).add(all, reversed, 700, 1_234).add(all, reversed, 1_234, n);
    assertThat(right.add(left).fitted().json()).isEqualTo(inOrder.json());
    assertThat(Vectorizer.fitting(signature).add(all, order, 0, n - 1).fitted().json())
        .isNotEqualTo(inOrder.json());
  }

  @Test
  void survivesJsonToTheBit() {
    ModelSignature signature = signature(X, RAW, COLOUR, PLANE);
    InputRows rows =
        rows(
            signature.inputs(),
            row(0.1, 3, "red", "n1"),
            row(0.7, null, "blue", null),
            row(1 / 3.0, 5, "red", "n2"));
    Vectorizer vectorizer = Vectorizer.fitting(signature).add(rows).fitted();
    Vectorizer read = Vectorizer.read(vectorizer.json());
    assertThat(read.json()).isEqualTo(vectorizer.json());
    assertThat(read.signature()).isEqualTo(signature);
    assertThat(encode(read, rows)).isEqualTo(encode(vectorizer, rows));
  }

  @Test
  void refusesTooManyOneHotValues() {
    ModelSignature signature = signature(COLOUR);
    InputRows rows = new InputRows(signature.inputs(), 10);
    for (int k = 0; k < 1_001; k++) {
      rows.append();
      rows.text(0, "c" + k);
    }
    assertThatThrownBy(() -> Vectorizer.fitting(signature).add(rows).fitted())
        .hasMessage(
            "Cannot encode input colour by one-hot: it has 1001 values, more than 1000. Encode it by embedding(n).");
  }

  @Test
  void refusesAFitWithoutRows() {
    assertThatThrownBy(() -> Vectorizer.fitting(signature(X)).fitted())
        .hasMessage(
            "Cannot fit the inputs of model m: there is no training row. Widen the train interval of its split.");
  }

  @Test
  void refusesEncodingsThatDoNotFitTheType() {
    assertThatThrownBy(() -> new Input("origin", "string", new Encoding.Standardize()))
        .hasMessage(
            "Cannot encode input origin by standardize: it is of type string. Encode it by one-hot or embedding(n).");
    assertThatThrownBy(() -> new Input("delay", "double", new Encoding.Embedding(4)))
        .hasMessage(
            "Cannot encode input delay by embedding(4): it is of type double. Encode it by standardize or raw, or turn it into a string or an integer.");
    assertThatThrownBy(() -> new Input("at", "timestamp", new Encoding.Raw()))
        .hasMessage(
            "Cannot encode input at by raw: it is of type timestamp. Turn it into a number, a boolean or a string by a derived feature.");
  }

  @Test
  void signatureNamesAllThatIsWrongWithRows() {
    ModelSignature signature = signature(X, RAW, COLOUR);
    signature.check(
        java.util.Map.of("x", "double", "r", "int", "colour", "string", "more", "date"));
    assertThatThrownBy(() -> signature.check(java.util.Map.of("x", "double", "r", "bigint")))
        .hasMessage(
            "Cannot use model m on these rows: column r is bigint, not int; no column colour. Use rows as it was trained on, or train it again.");
  }
}
