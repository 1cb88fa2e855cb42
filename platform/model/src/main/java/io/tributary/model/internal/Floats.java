package io.tributary.model.internal;

import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Bulk copies between Java arrays and contiguous arrays of 32-bit floats in ND4J's memory. */
public final class Floats {
  private Floats() {}

  /** The array's values in its own order; the array must be contiguous. */
  public static float[] read(INDArray array) {
    float[] values = new float[Math.toIntExact(array.length())];
    Nd4j.getAffinityManager().ensureLocation(array, AffinityManager.Location.HOST);
    pointer(array).get(values, 0, values.length);
    return values;
  }

  /** Overwrites the array's values in its own order; the array must be contiguous. */
  public static void write(float[] values, INDArray array) {
    write(values, 0, Math.toIntExact(array.length()), array);
  }

  /**
   * Overwrites the first {@code count} values of the array in its own order; the array must be
   * contiguous.
   */
  public static void write(float[] values, int from, int count, INDArray array) {
    pointer(array).put(values, from, count);
    Nd4j.getAffinityManager().tagLocation(array, AffinityManager.Location.HOST);
  }

  private static FloatPointer pointer(INDArray array) {
    FloatPointer start = (FloatPointer) array.data().addressPointer();
    return start.position(array.offset());
  }
}
