package io.tributary.model.internal;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The first layer of a network with embeddings: passes the numbers of a vector on and puts, for
 * each table number behind them, that row of the table in its place. It makes of a graph with one
 * embedding layer an input a plain chain, which is faster. Its one parameter array holds the tables
 * one after the other, each row by row.
 */
public final class EmbeddingColumns extends FeedForwardLayer {
  private static final long serialVersionUID = 1L;
  private static final float LARGEST_FIRST_VALUE = 0.05f;

  private int numbers;
  private int[] tableRows;
  private int[] tableWidths;
  private long seed;

  /** For reading from JSON. */
  public EmbeddingColumns() {}

  public EmbeddingColumns(int numbers, int[] tableRows, int[] tableWidths, long seed) {
    super(new Builder());
    this.numbers = numbers;
    this.tableRows = tableRows.clone();
    this.tableWidths = tableWidths.clone();
    this.seed = seed;
    nIn = (long) numbers + tableRows.length;
    nOut = (long) numbers + Arrays.stream(tableWidths).sum();
  }

  public int getNumbers() {
    return numbers;
  }

  public void setNumbers(int numbers) {
    this.numbers = numbers;
  }

  public int[] getTableRows() {
    return tableRows;
  }

  public void setTableRows(int[] tableRows) {
    this.tableRows = tableRows;
  }

  public int[] getTableWidths() {
    return tableWidths;
  }

  public void setTableWidths(int[] tableWidths) {
    this.tableWidths = tableWidths;
  }

  public long getSeed() {
    return seed;
  }

  public void setSeed(long seed) {
    this.seed = seed;
  }

  /** How many parameters there are before a table's. */
  int offset(int table) {
    int at = 0;
    for (int t = 0; t < table; t++) {
      at += Math.multiplyExact(tableRows[t], tableWidths[t]);
    }
    return at;
  }

  int parameters() {
    return offset(tableRows.length);
  }

  @Override
  public Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int index,
      INDArray parameters,
      boolean initialize,
      DataType type) {
    EmbeddingColumnsLayer layer = new EmbeddingColumnsLayer(conf, type);
    layer.setListeners(listeners);
    layer.setIndex(index);
    layer.setParamsViewArray(parameters);
    layer.setParamTable(initializer().init(conf, parameters, initialize));
    layer.setConf(conf);
    return layer;
  }

  @Override
  public ParamInitializer initializer() {
    return Tables.INSTANCE;
  }

  @Override
  public void setNIn(InputType type, boolean override) {}

  @Override
  public LayerMemoryReport getMemoryReport(InputType type) {
    return new LayerMemoryReport.Builder(
            layerName, EmbeddingColumns.class, type, InputType.feedForward(nOut))
        .standardMemory(parameters(), parameters())
        .workingMemory(0, 0, 0, nOut)
        .cacheMemory(MemoryReport.CACHE_MODE_ALL_ZEROS, MemoryReport.CACHE_MODE_ALL_ZEROS)
        .build();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EmbeddingColumns o
        && super.equals(other)
        && numbers == o.numbers
        && seed == o.seed
        && Arrays.equals(tableRows, o.tableRows)
        && Arrays.equals(tableWidths, o.tableWidths);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(tableRows) + Arrays.hashCode(tableWidths);
  }

  private static final class Builder extends FeedForwardLayer.Builder<Builder> {
    @Override
    @SuppressWarnings("unchecked")
    public EmbeddingColumns build() {
      throw new UnsupportedOperationException("made by its constructor");
    }
  }

  /** The one parameter, {@code W}, a vector. */
  static final class Tables implements ParamInitializer {
    static final String KEY = "W";
    private static final Tables INSTANCE = new Tables();

    @Override
    public long numParams(NeuralNetConfiguration conf) {
      return numParams(conf.getLayer());
    }

    @Override
    public long numParams(org.deeplearning4j.nn.conf.layers.Layer layer) {
      return ((EmbeddingColumns) layer).parameters();
    }

    @Override
    public List<String> paramKeys(org.deeplearning4j.nn.conf.layers.Layer layer) {
      return List.of(KEY);
    }

    @Override
    public List<String> weightKeys(org.deeplearning4j.nn.conf.layers.Layer layer) {
      return List.of(KEY);
    }

    @Override
    public List<String> biasKeys(org.deeplearning4j.nn.conf.layers.Layer layer) {
      return List.of();
    }

    @Override
    public boolean isWeightParam(org.deeplearning4j.nn.conf.layers.Layer layer, String key) {
      return key.equals(KEY);
    }

    @Override
    public boolean isBiasParam(org.deeplearning4j.nn.conf.layers.Layer layer, String key) {
      return false;
    }

    @Override
    public Map<String, INDArray> init(
        NeuralNetConfiguration conf, INDArray view, boolean initialize) {
      EmbeddingColumns layer = (EmbeddingColumns) conf.getLayer();
      if (initialize) {
        SplittableRandom random = new SplittableRandom(layer.seed);
        for (int k = 0; k < layer.parameters(); k++) {
          view.putScalar(k, (float) (random.nextDouble() * 2 - 1) * LARGEST_FIRST_VALUE);
        }
      }
      conf.addVariable(KEY);
      Map<String, INDArray> table = new LinkedHashMap<>();
      table.put(KEY, row(view, layer));
      return table;
    }

    @Override
    public Map<String, INDArray> getGradientsFromFlattened(
        NeuralNetConfiguration conf, INDArray view) {
      Map<String, INDArray> table = new LinkedHashMap<>();
      table.put(KEY, row(view, (EmbeddingColumns) conf.getLayer()));
      return table;
    }

    private static INDArray row(INDArray view, EmbeddingColumns layer) {
      return view.reshape(layer.parameters());
    }
  }
}
