package io.tributary.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * A logistic regression as an ONNX file, written by hand: {@code 1 / (1 + exp(-(weights · row +
 * bias)))}, a missing value counting as 0. Its output is {@code p}, {@code [rows, 1]}.
 */
public final class OnnxLogistic {
  private static final int FLOAT = 1;
  private static final int DOUBLE = 11;
  private static final String LOGISTIC = "Sigmoid";

  private final double[] weights;
  private final double bias;
  private final int type;
  private final String link;

  private OnnxLogistic(double[] weights, double bias, int type, String link) {
    this.weights = weights;
    this.bias = bias;
    this.type = type;
    this.link = link;
  }

  /** Of 32-bit floats. */
  public static OnnxLogistic ofFloats(double bias, double... weights) {
    return new OnnxLogistic(weights, bias, FLOAT, LOGISTIC);
  }

  /** Of 64-bit floats. */
  public static OnnxLogistic ofDoubles(double bias, double... weights) {
    return new OnnxLogistic(weights, bias, DOUBLE, LOGISTIC);
  }

  /** The same without the logistic function: a linear regression, {@code weights · row + bias}. */
  public OnnxLogistic linear() {
    return new OnnxLogistic(weights, bias, type, "Identity");
  }

  /** The same score, computed here; NaN is a missing value. */
  public double score(double... row) {
    double sum = bias;
    for (int i = 0; i < row.length; i++) {
      sum += Double.isNaN(row[i]) ? 0 : weights[i] * row[i];
    }
    return link.equals(LOGISTIC) ? 1 / (1 + Math.exp(-sum)) : sum;
  }

  /** A file that takes one matrix, {@code x}. */
  public byte[] ofMatrix() {
    return model(graph(List.of(input("x", weights.length)), "x", new byte[0]));
  }

  /** A file that takes an input of each name. */
  public byte[] ofColumns(String... names) {
    byte[] concat =
        message(
            Arrays.stream(names).map(name -> text(1, name)).toArray(byte[][]::new),
            text(2, "x"),
            text(4, "Concat"),
            field(5, message(text(1, "axis"), varint(20, 2), varint(3, 1))));
    return model(
        graph(Arrays.stream(names).map(name -> input(name, 1)).toList(), "x", field(1, concat)));
  }

  private byte[] graph(List<byte[]> inputs, String x, byte[] before) {
    return message(
        inputs.toArray(byte[][]::new),
        before,
        node("IsNaN", "missing", x),
        node("Where", "known", "missing", "zero", x),
        node("MatMul", "sum", "known", "weights"),
        node("Add", "logit", "sum", "bias"),
        node(link, "p", "logit"),
        text(2, "logistic"),
        tensor("zero", new long[] {1}, 0),
        tensor("weights", new long[] {weights.length, 1}, weights),
        tensor("bias", new long[] {1}, bias),
        field(12, value("p", 1)));
  }

  private static byte[] model(byte[] graph) {
    return message(varint(1, 8), field(8, message(text(1, ""), varint(2, 17))), field(7, graph));
  }

  private static byte[] node(String kind, String output, String... inputs) {
    return field(
        1,
        message(
            Arrays.stream(inputs).map(input -> text(1, input)).toArray(byte[][]::new),
            text(2, output),
            text(4, kind)));
  }

  private byte[] tensor(String name, long[] shape, double... values) {
    ByteBuffer raw =
        ByteBuffer.allocate(values.length * (type == FLOAT ? 4 : 8)).order(ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      if (type == FLOAT) {
        raw.putFloat((float) value);
      } else {
        raw.putDouble(value);
      }
    }
    return field(
        5,
        message(
            Arrays.stream(shape).mapToObj(size -> varint(1, size)).toArray(byte[][]::new),
            varint(2, type),
            text(8, name),
            field(9, raw.array())));
  }

  private byte[] input(String name, int columns) {
    return field(11, value(name, columns));
  }

  private byte[] value(String name, int columns) {
    byte[] shape = message(field(1, text(2, "rows")), field(1, varint(1, columns)));
    return message(text(1, name), field(2, field(1, message(varint(1, type), field(2, shape)))));
  }

  private static byte[] message(byte[][] first, byte[]... fields) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Arrays.stream(first).forEach(out::writeBytes);
    Arrays.stream(fields).forEach(out::writeBytes);
    return out.toByteArray();
  }

  private static byte[] message(byte[]... fields) {
    return message(fields, new byte[0]);
  }

  private static byte[] text(int number, String text) {
    return field(number, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] field(int number, byte[] bytes) {
    return message(number(number << 3 | 2), number(bytes.length), bytes);
  }

  private static byte[] varint(int number, long value) {
    return message(number((long) number << 3), number(value));
  }

  private static byte[] number(long value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    long left = value;
    for (; left >= 128; left >>= 7) {
      out.write((int) (left & 127 | 128));
    }
    out.write((int) left);
    return out.toByteArray();
  }
}
