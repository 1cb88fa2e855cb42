package io.tributary.model.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions;

final class TestEmbeddingColumns {
  private static final float[][] VECTORS = {
    {0.5f, -1f, 0, 2}, {1.5f, 2f, 1, 0}, {-0.5f, 0.25f, 2, 1}, {0.1f, 0.2f, 2, 2}
  };
  private static final float[][] LABELS = {{1}, {0}, {1}, {0}};

  private static MultiLayerNetwork network() {
    MultiLayerConfiguration configuration =
        new NeuralNetConfiguration.Builder()
            .seed(3)
            .updater(new Sgd(0.1))
            .list()
            .layer(new EmbeddingColumns(2, new int[] {3, 3}, new int[] {2, 3}, 11))
            .layer(new DenseLayer.Builder().nIn(7).nOut(5).activation(Activation.TANH).build())
            .layer(
                new OutputLayer.Builder(LossFunctions.LossFunction.XENT)
                    .nIn(5)
                    .nOut(1)
                    .activation(Activation.SIGMOID)
                    .build())
            .build();
    MultiLayerNetwork network = new MultiLayerNetwork(configuration);
    network.init();
    return network;
  }

  @Test
  void putsTableRowsInThePlaceOfTheirNumbers() {
    MultiLayerNetwork network = network();
    float[] tables = Floats.read(network.getLayer(0).params());
    float[] out = Floats.read(network.feedForward(Nd4j.create(VECTORS), false).get(1).dup('c'));
    assertThat(out).hasSize(4 * 7);
    assertThat(java.util.Arrays.copyOfRange(out, 7, 14))
        .containsExactly(1.5f, 2f, tables[2], tables[3], tables[6], tables[7], tables[8]);
    assertThat(java.util.Arrays.copyOfRange(out, 14, 21))
        .containsExactly(-0.5f, 0.25f, tables[4], tables[5], tables[9], tables[10], tables[11]);
  }

  @Test
  void gradientIsTheSlopeOfTheLoss() {
    MultiLayerNetwork network = network();
    // Larger vectors than the first ones, so that 32-bit differences of the loss mean something.
    network.params().muli(2);
    INDArray x = Nd4j.create(VECTORS);
    INDArray y = Nd4j.create(LABELS);
    network.setInput(x);
    network.setLabels(y);
    network.computeGradientAndScore();
    float[] gradient = Floats.read(network.getFlattenedGradients());
    int tables = 3 * 2 + 3 * 3;
    float step = 0.02f;
    for (int k = 0; k < tables; k++) {
      double old = network.params().getDouble(k);
      network.params().putScalar(k, old + step);
      double above = loss(network, x, y);
      network.params().putScalar(k, old - step);
      double below = loss(network, x, y);
      network.params().putScalar(k, old);
      assertThat(gradient[k] / VECTORS.length)
          .as("parameter %d", k)
          .isCloseTo((float) ((above - below) / (2 * step)), within(1e-3f));
    }
    assertThat(gradient[0]).isNotZero();
    assertThat(Math.abs(gradient[6]) + Math.abs(gradient[9])).isPositive();
  }

  @Test
  void survivesJson() {
    MultiLayerConfiguration configuration = network().getLayerWiseConfigurations();
    MultiLayerConfiguration read = MultiLayerConfiguration.fromJson(configuration.toJson());
    assertThat(read.toJson()).isEqualTo(configuration.toJson());
    assertThat(read.getConf(0).getLayer()).isEqualTo(configuration.getConf(0).getLayer());
  }

  private static double loss(MultiLayerNetwork network, INDArray x, INDArray y) {
    float[] scores = network.output(x).toFloatVector();
    double sum = 0;
    for (int k = 0; k < scores.length; k++) {
      sum -= Math.log(y.getDouble(k, 0) == 1 ? scores[k] : 1 - scores[k]);
    }
    return sum / scores.length;
  }
}
