package io.tributary.model.internal;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@link EmbeddingColumns} at work. */
final class EmbeddingColumnsLayer extends BaseLayer<EmbeddingColumns> {
  private static final long serialVersionUID = 1L;

  EmbeddingColumnsLayer(NeuralNetConfiguration conf, DataType type) {
    super(conf, type);
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
    assertInputSet(false);
    EmbeddingColumns conf = layerConf();
    int rows = (int) input.size(0);
    int in = (int) conf.getNIn();
    int out = (int) conf.getNOut();
    float[] vectors = Floats.read(input);
    float[] tables = Floats.read(params.get(EmbeddingColumns.Tables.KEY));
    float[] result = new float[rows * out];
    int[] widths = conf.getTableWidths();
    for (int row = 0; row < rows; row++) {
      System.arraycopy(vectors, row * in, result, row * out, conf.getNumbers());
    }
    int at = conf.getNumbers();
    for (int t = 0; t < widths.length; t++) {
      int offset = conf.offset(t);
      for (int row = 0; row < rows; row++) {
        int index = (int) vectors[row * in + conf.getNumbers() + t];
        System.arraycopy(tables, offset + index * widths[t], result, row * out + at, widths[t]);
      }
      at += widths[t];
    }
    INDArray activations =
        workspaces.createUninitialized(
            ArrayType.ACTIVATIONS, DataType.FLOAT, new long[] {rows, out}, 'c');
    Floats.write(result, activations);
    return activations;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
    assertInputSet(true);
    EmbeddingColumns conf = layerConf();
    int rows = (int) input.size(0);
    int in = (int) conf.getNIn();
    int out = (int) conf.getNOut();
    float[] vectors = Floats.read(input);
    float[] errors =
        Floats.read(epsilon.ordering() == 'c' && !epsilon.isView() ? epsilon : epsilon.dup('c'));
    float[] gradients = new float[conf.parameters()];
    int[] widths = conf.getTableWidths();
    int at = conf.getNumbers();
    for (int t = 0; t < widths.length; t++) {
      int offset = conf.offset(t);
      for (int row = 0; row < rows; row++) {
        int index = (int) vectors[row * in + conf.getNumbers() + t];
        int to = offset + index * widths[t];
        int from = row * out + at;
        for (int k = 0; k < widths[t]; k++) {
          gradients[to + k] += errors[from + k];
        }
      }
      at += widths[t];
    }
    INDArray view = gradientViews.get(EmbeddingColumns.Tables.KEY);
    Floats.write(gradients, view);
    Gradient gradient = new DefaultGradient();
    gradient.gradientForVariable().put(EmbeddingColumns.Tables.KEY, view);
    return new Pair<>(gradient, null);
  }

  @Override
  public boolean isPretrainLayer() {
    return false;
  }

  @Override
  public boolean hasBias() {
    return false;
  }
}
