package io.tributary.model;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Model.Layer;
import java.util.ArrayList;
import java.util.List;

/**
 * A fitted network as plain arrays, and the way through it from vectors to scores. Each sum is
 * taken in the order of its layer's inputs, for each row apart, in 32-bit arithmetic that every
 * machine does alike: a row's score depends on that row alone, bit for bit, and not on how rows are
 * put together in blocks. (A matrix library's does: it sums by another kernel at the edge of a
 * tile.) No native library is loaded. Immutable and safe for threads.
 */
final class ForwardPass {
  private static final int ROWS_AT_ONCE = 4;

  private final int numbers;
  private final int vectorWidth;
  private final List<float[]> tables = new ArrayList<>();
  private final List<Integer> tableWidths = new ArrayList<>();
  private final List<Dense> layers = new ArrayList<>();
  private final int widest;

  /**
   * Weights input by input, so that a row's inputs are taken in order and its outputs side by side.
   */
  private record Dense(int in, int out, float[] weights, float[] bias, String activation) {}

  /**
   * The network of these layers.
   *
   * @param parameters as Deeplearning4j holds them: tables row by row, then each layer's weights
   *     output by output and its biases
   */
  ForwardPass(Vectorizer vectorizer, List<Layer> hidden, float[] parameters) {
    numbers = vectorizer.denseWidth();
    vectorWidth = vectorizer.width();
    int at = 0;
    int width = numbers;
    for (Vectorizer.EmbeddingTable table : vectorizer.embeddings()) {
      float[] values = new float[Math.multiplyExact(table.rows(), table.width())];
      at = take(parameters, at, values);
      tables.add(values);
      tableWidths.add(table.width());
      width += table.width();
    }
    int most = width;
    List<Layer.Dense> dense = new ArrayList<>();
    for (Layer layer : hidden) {
      if (layer instanceof Layer.Dense d) {
        dense.add(d);
      }
    }
    dense.add(new Layer.Dense(1, "sigmoid"));
    for (Layer.Dense layer : dense) {
      float[] byOutput = new float[Math.multiplyExact(width, layer.width())];
      at = take(parameters, at, byOutput);
      float[] byInput = new float[byOutput.length];
      for (int i = 0; i < width; i++) {
        for (int j = 0; j < layer.width(); j++) {
          byInput[i * layer.width() + j] = byOutput[j * width + i];
        }
      }
      float[] bias = new float[layer.width()];
      at = take(parameters, at, bias);
      layers.add(new Dense(width, layer.width(), byInput, bias, layer.activation()));
      width = layer.width();
      most = Math.max(most, width);
    }
    if (at != parameters.length) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot use a network of %s parameters: its layers have %s. Restore the artefact."
              .formatted(parameters.length, at));
    }
    widest = most;
  }

  /**
   * The scores of {@code rows} vectors that lie one after the other in {@code vectors}, written to
   * {@code out} from {@code at} on.
   */
  void run(float[] vectors, int rows, double[] out, int at) {
    float[][] inputs = new float[ROWS_AT_ONCE][widest];
    float[][] outputs = new float[ROWS_AT_ONCE][widest];
    for (int row = 0; row < rows; row += ROWS_AT_ONCE) {
      int now = Math.min(ROWS_AT_ONCE, rows - row);
      for (int r = 0; r < now; r++) {
        first(vectors, (row + r) * vectorWidth, inputs[r]);
      }
      for (Dense layer : layers) {
        // Rows beyond the last are computed with what was left there, and forgotten.
        multiply(
            layer,
            inputs[0],
            inputs[1],
            inputs[2],
            inputs[3],
            outputs[0],
            outputs[1],
            outputs[2],
            outputs[3]);
        for (int r = 0; r < now; r++) {
          activate(layer, outputs[r]);
        }
        float[][] swap = inputs;
        inputs = outputs;
        outputs = swap;
      }
      for (int r = 0; r < now; r++) {
        out[at + row + r] = inputs[r][0];
      }
    }
  }

  private void first(float[] vectors, int start, float[] to) {
    System.arraycopy(vectors, start, to, 0, numbers);
    int at = numbers;
    for (int t = 0; t < tables.size(); t++) {
      int width = tableWidths.get(t);
      System.arraycopy(tables.get(t), (int) vectors[start + numbers + t] * width, to, at, width);
      at += width;
    }
  }

  private static void multiply(
      Dense layer,
      float[] x0,
      float[] x1,
      float[] x2,
      float[] x3,
      float[] z0,
      float[] z1,
      float[] z2,
      float[] z3) {
    int out = layer.out;
    float[] weights = layer.weights;
    System.arraycopy(layer.bias, 0, z0, 0, out);
    System.arraycopy(layer.bias, 0, z1, 0, out);
    System.arraycopy(layer.bias, 0, z2, 0, out);
    System.arraycopy(layer.bias, 0, z3, 0, out);
    float[] w = new float[out];
    for (int i = 0; i < layer.in; i++) {
      System.arraycopy(weights, i * out, w, 0, out);
      add(x0[i], w, z0, out);
      add(x1[i], w, z1, out);
      add(x2[i], w, z2, out);
      add(x3[i], w, z3, out);
    }
  }

  private static void add(float x, float[] w, float[] z, int n) {
    if (x != 0) {
      for (int j = 0; j < n; j++) {
        z[j] += x * w[j];
      }
    }
  }

  private static void activate(Dense layer, float[] z) {
    switch (layer.activation) {
      case "relu" -> {
        for (int j = 0; j < layer.out; j++) {
          z[j] = Math.max(z[j], 0f);
        }
      }
      case "tanh" -> {
        for (int j = 0; j < layer.out; j++) {
          z[j] = (float) StrictMath.tanh(z[j]);
        }
      }
      case "sigmoid" -> {
        for (int j = 0; j < layer.out; j++) {
          z[j] = (float) sigmoid(z[j]);
        }
      }
      case "gelu" -> {
        for (int j = 0; j < layer.out; j++) {
          z[j] = (float) (z[j] * sigmoid(1.702 * z[j]));
        }
      }
      case "identity" -> {}
      default -> throw new IllegalStateException("no activation " + layer.activation);
    }
  }

  private static double sigmoid(double z) {
    return 1 / (1 + StrictMath.exp(-z));
  }

  private static int take(float[] from, int at, float[] to) {
    if (at + to.length > from.length) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot use a network of %s parameters: its layers have more. Restore the artefact."
              .formatted(from.length));
    }
    System.arraycopy(from, at, to, 0, to.length);
    return at + to.length;
  }
}
