package io.tributary.model;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.ValueInfo;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.lang.ref.Cleaner;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A model that ONNX Runtime computes, on the CPU, with one thread and a row at a time, so that no
 * row's bits depend on those beside it.
 *
 * <p>It takes either one input of all columns in the signature's order, {@code [rows, columns]}, or
 * an input by each column's name, {@code [rows, 1]} or {@code [rows]}; of 32-bit or 64-bit floats.
 * A missing value is NaN. Of its output, {@code [rows]}, {@code [rows, 1]} or {@code [rows, 2]},
 * the last number of a row is the probability of true; where it foretells a number, that is the
 * only one.
 */
public final class OnnxModel implements ScoringModel {
  /** Frees what a session holds outside of the heap, once nobody scores by it any more. */
  private static final Cleaner CLEANER = Cleaner.create();

  /** What a session takes of a row. */
  private record Tensor(String name, OnnxJavaType type, long[] shape, int from, int columns) {}

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final ModelSignature signature;
  private final List<Tensor> tensors;

  /** By input, whether the model takes it as a 32-bit float. */
  private final boolean[] narrow;

  private final String foretells;
  private final String output;

  private OnnxModel(
      OrtEnvironment environment,
      OrtSession session,
      ModelSignature signature,
      List<Tensor> tensors,
      String foretells,
      String output) {
    this.environment = environment;
    this.session = session;
    this.signature = signature;
    this.tensors = tensors;
    this.narrow = new boolean[signature.inputs().size()];
    for (Tensor tensor : tensors) {
      Arrays.fill(
          narrow,
          tensor.from(),
          tensor.from() + tensor.columns(),
          tensor.type() != OnnxJavaType.DOUBLE);
    }
    this.foretells = foretells;
    this.output = output;
    CLEANER.register(this, () -> close(session));
  }

  private static void close(OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Opens a model.
   *
   * @param foretells what its scores are, as {@link #output} says
   * @param output the output with the score; empty if there is one alone
   * @throws PlatformException REFUSED, naming what it takes or gives, where that is not what the
   *     signature says or this build can't do it
   */
  static OnnxModel open(
      byte[] model, ModelSignature signature, String foretells, Optional<String> output) {
    try {
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      OrtSession session;
      try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
        options.setIntraOpNumThreads(1);
        options.setInterOpNumThreads(1);
        options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
        session = environment.createSession(model, options);
      }
      try {
        return new OnnxModel(
            environment,
            session,
            signature,
            tensors(session, signature),
            foretells,
            output(session, signature, output));
      } catch (OrtException | PlatformException e) {
        session.close();
        throw e;
      }
    } catch (LinkageError e) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot open ONNX model %s: ONNX Runtime can't be loaded here: %s. Whoever operates the machine gives its library a folder where files may be run, with 200 MB: -Djava.io.tmpdir=FOLDER in TRIBUTARY_JAVA_OPTS."
              .formatted(signature.model(), e.getMessage()),
          e);
    } catch (OrtException e) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot open ONNX model %s: %s. Whoever trained it exports it for ONNX Runtime 1.22, in one file, and registers it again."
              .formatted(signature.model(), e.getMessage()),
          e);
    }
  }

  @Override
  public ModelSignature signature() {
    return signature;
  }

  @Override
  public String output() {
    return foretells;
  }

  @Override
  public OnnxBlock block() {
    return new OnnxBlock(this);
  }

  /** A value as the model takes it; NaN where that is infinite. */
  double taken(int input, double value) {
    return Double.isInfinite(narrow[input] ? (float) value : value) ? Double.NaN : value;
  }

  private static List<Tensor> tensors(OrtSession session, ModelSignature signature)
      throws OrtException {
    Map<String, NodeInfo> takes = session.getInputInfo();
    List<String> columns = signature.inputs().stream().map(Input::column).toList();
    List<Tensor> tensors = new ArrayList<>();
    if (takes.keySet().equals(Set.copyOf(columns))) {
      for (int i = 0; i < columns.size(); i++) {
        tensors.add(tensor(signature, takes.get(columns.get(i)), i, 1));
      }
    } else if (takes.size() == 1) {
      tensors.add(tensor(signature, takes.values().iterator().next(), 0, columns.size()));
    } else {
      throw refused(
          signature,
          "it takes %s, and its registration says %s".formatted(takes.keySet(), columns));
    }
    return List.copyOf(tensors);
  }

  private static Tensor tensor(ModelSignature signature, NodeInfo of, int from, int columns) {
    if (!(of.getInfo() instanceof TensorInfo info)
        || info.type != OnnxJavaType.FLOAT && info.type != OnnxJavaType.DOUBLE) {
      throw refused(
          signature,
          "its input %s is %s; it can be of 32-bit or 64-bit floats alone"
              .formatted(of.getName(), words(of.getInfo())));
    }
    long[] shape = info.getShape();
    boolean flat = shape.length == 1 && columns == 1;
    boolean wide = shape.length == 2 && (shape[1] == columns || shape[1] == -1);
    if (!flat && !wide || shape[0] > 1) {
      throw refused(
          signature,
          "its input %s is %s; for %d columns it has to be [rows, %d]"
              .formatted(of.getName(), words(info), columns, columns));
    }
    return new Tensor(
        of.getName(), info.type, flat ? new long[] {1} : new long[] {1, columns}, from, columns);
  }

  private static String output(OrtSession session, ModelSignature signature, Optional<String> named)
      throws OrtException {
    Map<String, NodeInfo> gives = session.getOutputInfo();
    List<String> floats =
        gives.values().stream()
            .filter(of -> named.isEmpty() || named.get().equals(of.getName()))
            .filter(
                of ->
                    of.getInfo() instanceof TensorInfo info
                        && (info.type == OnnxJavaType.FLOAT || info.type == OnnxJavaType.DOUBLE))
            .map(NodeInfo::getName)
            .toList();
    if (floats.size() != 1) {
      Map<String, String> all = new LinkedHashMap<>();
      gives.forEach((name, of) -> all.put(name, words(of.getInfo())));
      throw refused(
          signature,
          "its outputs are %s, of which %s are floating-point tensors%s. Name one under output; a map of probabilities (zipmap) is none"
              .formatted(all, floats, named.map(name -> " by the name of " + name).orElse("")));
    }
    return floats.get(0);
  }

  private static String words(ValueInfo info) {
    return info instanceof TensorInfo tensor
        ? tensor.type + " " + Arrays.toString(tensor.getShape())
        : info.getClass().getSimpleName();
  }

  private static PlatformException refused(ModelSignature signature, String why) {
    return new PlatformException(
        ErrorCode.REFUSED,
        "Cannot score with ONNX model %s: %s. Whoever registered it registers it again as it is."
            .formatted(signature.model(), why));
  }

  /**
   * The score of a row.
   *
   * @param row its inputs, NaN where missing
   * @throws PlatformException INVALID_VALUE where the model gives no probability, or no number
   */
  double score(double[] row) {
    Map<String, OnnxTensor> given = new LinkedHashMap<>();
    try {
      for (Tensor tensor : tensors) {
        given.put(tensor.name(), given(tensor, row));
      }
      try (OrtSession.Result result = session.run(given, Set.of(output))) {
        double score = last((OnnxTensor) result.get(0));
        if (isNumber() && !Double.isFinite(score)) {
          throw new PlatformException(
              ErrorCode.INVALID_VALUE,
              "Cannot score with model %s: it gives %s, which is no number. Whoever trained it looks at what it does with missing values."
                  .formatted(signature.model(), score));
        }
        if (!isNumber() && !(score >= 0 && score <= 1)) {
          throw new PlatformException(
              ErrorCode.INVALID_VALUE,
              "Cannot score with model %s: it gives %s, which is no probability. Whoever trained it names the output that has one."
                  .formatted(signature.model(), score));
        }
        return score;
      }
    } catch (OrtException e) {
      throw new PlatformException(
          ErrorCode.INVALID_VALUE,
          "Cannot score with ONNX model %s: ONNX Runtime fails at a row: %s. Whoever trained it looks at what it does with missing values."
              .formatted(signature.model(), e.getMessage()),
          e);
    } finally {
      given.values().forEach(OnnxTensor::close);
    }
  }

  private boolean isNumber() {
    return foretells.equals(ScoreColumns.NUMBER);
  }

  private OnnxTensor given(Tensor tensor, double[] row) throws OrtException {
    if (tensor.type() == OnnxJavaType.DOUBLE) {
      return OnnxTensor.createTensor(
          environment, DoubleBuffer.wrap(row, tensor.from(), tensor.columns()), tensor.shape());
    }
    float[] values = new float[tensor.columns()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) row[tensor.from() + i];
    }
    return OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), tensor.shape());
  }

  private double last(OnnxTensor scores) {
    long values = scores.getInfo().getNumElements();
    if (values < 1 || values > (isNumber() ? 1 : 2)) {
      throw refused(
          signature,
          "its output %s has %d numbers a row; it has %s"
              .formatted(
                  output,
                  values,
                  isNumber()
                      ? "the one that it foretells"
                      : "the probability of true, or those of false and true"));
    }
    int at = (int) values - 1;
    return scores.getInfo().type == OnnxJavaType.DOUBLE
        ? scores.getDoubleBuffer().get(at)
        : scores.getFloatBuffer().get(at);
  }
}
