package io.tributary.model;

import io.tributary.definition.Model.Fit;
import io.tributary.definition.Model.Layer;
import io.tributary.model.internal.EmbeddingColumns;
import java.util.List;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/**
 * Builds the chain of layers for a vectorizer's vectors: embedding tables if there are any, the
 * hidden layers of the plan, and one sigmoid output with cross-entropy loss.
 */
final class Network {
  private Network() {}

  static MultiLayerConfiguration configuration(Vectorizer vectorizer, FitPlan plan) {
    NeuralNetConfiguration.ListBuilder chain =
        new NeuralNetConfiguration.Builder()
            .seed(plan.fit().seed())
            .dataType(DataType.FLOAT)
            .updater(updater(plan.fit()))
            .weightInit(WeightInit.XAVIER)
            .list();
    int width = vectorizer.width();
    List<Vectorizer.EmbeddingTable> tables = vectorizer.embeddings();
    if (!tables.isEmpty()) {
      EmbeddingColumns first =
          new EmbeddingColumns(
              vectorizer.denseWidth(),
              tables.stream().mapToInt(Vectorizer.EmbeddingTable::rows).toArray(),
              tables.stream().mapToInt(Vectorizer.EmbeddingTable::width).toArray(),
              plan.fit().seed());
      chain.layer(first);
      width = (int) first.getNOut();
    }
    for (Layer layer : plan.layers()) {
      if (layer instanceof Layer.Dense dense) {
        Activation activation = activation(dense.activation());
        chain.layer(
            new DenseLayer.Builder()
                .nIn(width)
                .nOut(dense.width())
                .activation(activation)
                .weightInit(
                    activation == Activation.RELU || activation == Activation.GELU
                        ? WeightInit.RELU
                        : WeightInit.XAVIER)
                .build());
        width = dense.width();
      } else if (layer instanceof Layer.Dropout dropout && dropout.share() > 0) {
        chain.layer(
            new DropoutLayer.Builder(new Dropout(1 - dropout.share()))
                .nIn(width)
                .nOut(width)
                .build());
      }
    }
    chain.layer(
        new OutputLayer.Builder(LossFunctions.LossFunction.XENT)
            .nIn(width)
            .nOut(1)
            .activation(Activation.SIGMOID)
            .build());
    return chain.build();
  }

  private static Activation activation(String name) {
    return switch (name) {
      case "relu" -> Activation.RELU;
      case "tanh" -> Activation.TANH;
      case "sigmoid" -> Activation.SIGMOID;
      case "identity" -> Activation.IDENTITY;
      case "gelu" -> Activation.GELU;
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static IUpdater updater(Fit fit) {
    return switch (fit.updater()) {
      case "sgd" -> new Sgd(fit.learningRate());
      case "nesterovs" -> new Nesterovs(fit.learningRate(), 0.9);
      case "rmsprop" -> new RmsProp(fit.learningRate());
      case "adagrad" -> new AdaGrad(fit.learningRate());
      default -> new Adam(fit.learningRate());
    };
  }
}
