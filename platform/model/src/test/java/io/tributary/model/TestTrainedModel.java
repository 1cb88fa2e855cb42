package io.tributary.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tributary.core.Digest;
import io.tributary.definition.Model.Encoding;
import io.tributary.definition.Model.Layer;
import io.tributary.drift.Column;
import io.tributary.drift.DriftProfile;
import io.tributary.drift.InputName;
import io.tributary.drift.IntervalState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;

final class TestTrainedModel {
  private static Synthetic data;
  private static ModelBundle bundle;

  @BeforeAll
  static void fit() {
    data = Synthetic.of(9_001, 9, new Encoding.Embedding(3), 1, (x1, x2, c) -> x1 - x2 + c * 0.1);
    bundle = bundle();
  }

  private static ModelBundle bundle() {
    FittedNetwork network =
        data.fit(
            Synthetic.plan(
                2,
                2,
                new Layer.Dense(17, "relu"),
                new Layer.Dropout(0.1),
                new Layer.Dense(9, "relu")));
    Vectorizer vectorizer = data.vectorizer();
    TrainedModel model = TrainedModel.of(vectorizer, network);
    BinaryMetrics test = BinaryMetrics.of(model.score(data.test()), data.test().labels());
    int n = data.labels().length;
    int[] days = new int[n];
    ReferenceProfile.Part[] parts = new ReferenceProfile.Part[3];
    int[] cuts = {0, n * 6 / 10, n * 8 / 10, n};
    double[] scores = model.score(data.rows());
    for (int p = 0; p < 3; p++) {
      parts[p] =
          new ReferenceProfile.Part(
              ReferenceProfile.Range.values()[p],
              Arrays.copyOfRange(days, cuts[p], cuts[p + 1]),
              Arrays.copyOfRange(scores, cuts[p], cuts[p + 1]),
              Arrays.copyOfRange(data.labels(), cuts[p], cuts[p + 1]));
    }
    return ModelBundle.of(
        network,
        vectorizer,
        ReferenceProfile.of(ZoneId.of("UTC"), parts[0], parts[1], parts[2]),
        drift(data.signature().inputs(), data.rows().columns(), n),
        drift(
            List.of(new Input("score", "double", new Encoding.Raw())),
            List.of(new Column.Numbers(scores)),
            n),
        new ModelMetrics(
            test,
            test,
            Map.of("constant", test),
            Map.of(),
            Map.of(),
            network.history(),
            network.bestEpoch()));
  }

  private static DriftProfile drift(List<Input> inputs, List<Column> columns, int rows) {
    return DriftProfile.of(
        inputs.stream().map(input -> new InputName(input.column(), "rows")).toList(),
        columns,
        new int[rows],
        List.of(new DriftProfile.TrainedInterval("2024-01-01", 0, true, rows)));
  }

  @Test
  void scoreDependsOnTheRowAlone() {
    TrainedModel model = TrainedModel.open(bundle);
    double[] together = model.score(data.rows());
    SplittableRandom random = new SplittableRandom(2);
    int[] order = IntStream.range(0, data.labels().length).toArray();
    for (int k = order.length - 1; k > 0; k--) {
      int other = random.nextInt(k + 1);
      int swap = order[k];
      order[k] = order[other];
      order[other] = swap;
    }
    int from = 0;
    while (from < order.length) {
      int to = Math.min(order.length, from + 1 + random.nextInt(3_000));
      InputRows some = model.rows();
      for (int k = from; k < to; k++) {
        some.append();
        some.number(0, data.rows().numberAt(0, order[k]));
        some.number(1, data.rows().numberAt(1, order[k]));
        some.text(2, data.rows().textAt(2, order[k]).orElseThrow());
      }
      double[] scores = model.score(some);
      for (int k = from; k < to; k++) {
        assertThat(scores[k - from]).isEqualTo(together[order[k]]);
      }
      from = to;
    }
  }

  /** Beside rows made anew, each with another's value of one input. */
  @Test
  void aMeanScoreIsThatOfRowsWithOthersValues() {
    TrainedModel model = TrainedModel.open(bundle);
    int[] rows = IntStream.range(0, 500).map(k -> 3 * k).toArray();
    DriftProfile.MeanScore means = model.meanScore(data.rows(), rows);
    for (int input = 0; input < 3; input++) {
      for (int[] from : new int[][] {{7}, {1, 2, 3}, {}, IntStream.range(0, 500).toArray()}) {
        InputRows made = data.vectorizer().rows(rows.length);
        for (int k = 0; k < rows.length; k++) {
          made.append();
          for (int i = 0; i < 3; i++) {
            if (i == input && from.length == 0) {
              continue;
            }
            int row = i == input ? rows[from[k % from.length]] : rows[k];
            if (i < 2) {
              made.number(i, data.rows().numberAt(i, row));
            } else {
              made.text(i, data.rows().textAt(i, row).orElseThrow());
            }
          }
        }
        double expected = Arrays.stream(model.score(made)).average().orElseThrow();
        assertThat(means.of(input, from)).isEqualTo(expected);
      }
    }
  }

  @Test
  void threadsDoNotDisturbEachOther() throws Exception {
    TrainedModel model = TrainedModel.open(bundle);
    double[] expected = model.score(data.rows());
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<double[]>> scored = new ArrayList<>();
      for (int k = 0; k < 12; k++) {
        scored.add(threads.submit(() -> model.score(data.rows())));
      }
      for (Future<double[]> scores : scored) {
        assertThat(scores.get()).isEqualTo(expected);
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void bundleComesBackFromAFolder(@TempDir Path folder) {
    bundle.write(folder);
    ModelBundle read = ModelBundle.read(folder, bundle.digest());
    assertThat(read.files().firstKey()).isEqualTo(ModelBundle.HEADER);
    assertThat(read.files().keySet()).containsAll(ModelBundle.FILES);
    assertThat(read.files()).hasSameSizeAs(bundle.files());
    assertThat(read.signature()).isEqualTo(data.signature());
    assertThat(read.profile()).isEqualTo(bundle.profile());
    assertThat(read.metrics()).isEqualTo(bundle.metrics());
    assertThat(TrainedModel.open(read).score(data.rows()))
        .isEqualTo(TrainedModel.open(bundle).score(data.rows()));
  }

  @Test
  void sameFitGivesTheSameBytes() {
    assertThat(bundle().digest()).isEqualTo(bundle.digest());
  }

  @Test
  void digestIsOfNamesAndDigests() {
    StringBuilder lines = new StringBuilder();
    for (String name : bundle.files().keySet()) {
      lines.append(name).append(' ').append(Digest.of(bundle.files().get(name)).hex()).append('\n');
    }
    assertThat(bundle.digest()).isEqualTo(Digest.of(lines.toString()));
  }

  @Test
  void refusesAnAlteredArtefact(@TempDir Path folder) throws Exception {
    for (String name : ModelBundle.FILES) {
      bundle.write(folder);
      byte[] bytes = Files.readAllBytes(folder.resolve(name));
      bytes[bytes.length / 2] ^= 1;
      Files.write(folder.resolve(name), bytes);
      assertThatThrownBy(() -> ModelBundle.read(folder, bundle.digest()))
          .hasMessageContaining("Cannot open artefact " + bundle.digest().shortHex())
          .hasMessageContaining("they are not what was registered");
    }
    Files.delete(folder.resolve("profile.json"));
    assertThatThrownBy(() -> ModelBundle.read(folder, bundle.digest()))
        .hasMessageContaining("Cannot read profile.json of artefact");
  }

  /**
   * The bundle with another file, without some, and a header that is made of what the bundle's
   * says.
   */
  private static ModelBundle open(
      Map<String, byte[]> more, UnaryOperator<String> header, String... without) {
    TreeMap<String, byte[]> files = new TreeMap<>(bundle.files());
    files.putAll(more);
    files.keySet().removeAll(List.of(without));
    String text = new String(files.get(ModelBundle.HEADER), StandardCharsets.UTF_8);
    files.put(ModelBundle.HEADER, header.apply(text).getBytes(StandardCharsets.UTF_8));
    StringBuilder lines = new StringBuilder();
    files.forEach((name, bytes) -> lines.append(name + " " + Digest.of(bytes) + "\n"));
    ModelBundle read = ModelBundle.of(files, Digest.of(lines.toString()));
    assertThat(TrainedModel.open(read).score(data.rows()))
        .isEqualTo(TrainedModel.open(bundle).score(data.rows()));
    return read;
  }

  @Test
  void headerSaysWhatTheBundleIs() {
    String header = new String(bundle.files().get(ModelBundle.HEADER), StandardCharsets.UTF_8);
    assertThat(header)
        .startsWith(
            "{\"format\":1,\"problem\":\"binary\",\"outputs\":[{\"name\":\"score\",\"kind\":\"probability\",\"label\":\"label\"}],\"preprocess\":1,\"files\":{\"inputs-drift.bin\":\""
                + Digest.of(bundle.files().get("inputs-drift.bin")));
  }

  /** As the builds before drift profiles wrote them. */
  @Test
  void aBundleWithoutDriftProfilesScoresAndJudgesNothing() {
    ModelBundle read =
        open(
            Map.of(),
            header ->
                header
                    .replaceFirst("\"inputs-drift.bin\":\"[0-9a-f]*\",", "")
                    .replaceFirst("\"scores-drift.bin\":\"[0-9a-f]*\",", ""),
            "inputs-drift.bin",
            "scores-drift.bin");
    IntervalState state = read.inputs().empty();
    read.inputs().count(data.rows().columns(), data.rows().rows(), state);
    assertThat(state.rows()).isEqualTo(data.rows().rows());
    assertThat(read.inputs().tonight(state, 0).cannotJudge())
        .hasValue("the model's version keeps nothing of its training's intervals; a new one does");
  }

  @Test
  void furtherFilesAreKept() {
    byte[] more = {1, 2, 3};
    open(
        Map.of("explainer.bin", more),
        header ->
            header
                .replace("\"files\":{", "\"files\":{\"explainer.bin\":\"" + Digest.of(more) + "\",")
                .replace("\"problem\"", "\"weights\":[1],\"problem\""));
  }

  @Test
  void refusesWhatANewerBuildWroteByName() {
    assertThatThrownBy(() -> open(Map.of(), h -> h.replace("\"format\":1", "\"format\":2")))
        .hasMessageMatching(
            "Cannot open artefact [0-9a-f]{12}: its bundle.json says format 2, and this build reads"
                + " formats up to 1. It was written by a newer build: use that one.");
    assertThatThrownBy(() -> open(Map.of(), h -> h.replace("binary", "multiclass")))
        .hasMessageContaining(
            "says problem \"multiclass\", and this build scores \"binary\" alone. It was written by");
    assertThatThrownBy(() -> open(Map.of(), h -> h.replace("\"preprocess\":1", "\"preprocess\":3")))
        .hasMessageContaining(
            "says preprocessing of version 3, and this build knows versions up to 1");
  }

  @Test
  void refusesFilesThatTheHeaderDoesNotName() {
    assertThatThrownBy(() -> open(Map.of("stray.txt", new byte[1]), h -> h))
        .hasMessageContaining("stray.txt")
        .hasMessageContaining("are not those of its bundle.json");
    String profile = Digest.of(bundle.files().get("profile.json")).hex();
    assertThatThrownBy(() -> open(Map.of(), h -> h.replace(profile, Digest.of("another").hex())))
        .hasMessageContaining("are not those of its bundle.json");
    TreeMap<String, byte[]> files = new TreeMap<>(bundle.files());
    files.remove(ModelBundle.HEADER);
    StringBuilder lines = new StringBuilder();
    files.forEach((name, bytes) -> lines.append(name + " " + Digest.of(bytes) + "\n"));
    assertThatThrownBy(() -> ModelBundle.of(files, Digest.of(lines.toString())))
        .hasMessageEndingWith("it has no bundle.json. Restore it.");
  }

  @Test
  void networkCanBeReadByDeeplearning4jItself(@TempDir Path folder) throws Exception {
    bundle.write(folder);
    MultiLayerNetwork network =
        ModelSerializer.restoreMultiLayerNetwork(folder.resolve("network.zip").toFile(), false);
    Examples test = data.test();
    float[] vectors = new float[test.rows() * test.width()];
    for (int row = 0; row < test.rows(); row++) {
      test.copy(row, vectors, row * test.width());
    }
    float[] scores =
        network
            .output(Nd4j.create(vectors, new long[] {test.rows(), test.width()}, 'c'))
            .toFloatVector();
    double[] expected = TrainedModel.open(bundle).score(test);
    for (int row = 0; row < test.rows(); row++) {
      assertThat((double) scores[row]).isCloseTo(expected[row], within(1e-5));
    }
  }

  @Test
  void everyActivationIsDeeplearning4js() {
    for (String activation : List.of("relu", "tanh", "sigmoid", "identity", "gelu")) {
      Synthetic some = Synthetic.of(500, 3, new Encoding.OneHot(), 2, (x1, x2, c) -> x1);
      FittedNetwork fitted =
          some.fit(
              Synthetic.plan(1, 1, new Layer.Dense(7, activation), new Layer.Dense(5, activation)));
      MultiLayerNetwork network =
          new MultiLayerNetwork(MultiLayerConfiguration.fromJson(fitted.configuration()));
      network.init(
          Nd4j.create(fitted.parameters(), new long[] {1, fitted.parameters().length}, 'c'), false);
      Examples test = some.test();
      float[] vectors = new float[test.rows() * test.width()];
      for (int row = 0; row < test.rows(); row++) {
        test.copy(row, vectors, row * test.width());
      }
      float[] scores =
          network
              .output(Nd4j.create(vectors, new long[] {test.rows(), test.width()}, 'c'))
              .toFloatVector();
      double[] mine = TrainedModel.of(some.vectorizer(), fitted).score(test);
      for (int row = 0; row < test.rows(); row++) {
        assertThat((double) scores[row]).as(activation).isCloseTo(mine[row], within(1e-5));
      }
    }
  }
}
