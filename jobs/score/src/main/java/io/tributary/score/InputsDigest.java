package io.tributary.score;

import io.tributary.model.Input;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * The digest of a model's inputs for a row: the first 16 bytes, in hexadecimal, of the SHA-256 over
 * its inputs in the order of their names. Of each the name, as {@code length:name,} in UTF-8; then
 * {@code -} where it is missing, {@code n} and the 8 bytes of the IEEE double, or {@code t} and the
 * text as {@code length:text,}. Not thread-safe.
 */
final class InputsDigest {
  /** The length of the digest in bytes. */
  static final int BYTES = 16;

  private final boolean[] categorical;
  private final int[] places;
  private final byte[][] names;
  private final KeyBytes bytes = new KeyBytes();
  private final byte[] hex = new byte[2 * BYTES];
  private final UTF8String text = UTF8String.fromBytes(hex);

  /**
   * @param places the column of each input in a row, a double or a text
   */
  InputsDigest(List<Input> inputs, int[] places) {
    int[] order =
        IntStream.range(0, places.length)
            .boxed()
            .sorted(Comparator.comparing(i -> inputs.get(i).column()))
            .mapToInt(i -> i)
            .toArray();
    this.places = new int[order.length];
    categorical = new boolean[order.length];
    names = new byte[order.length][];
    for (int k = 0; k < order.length; k++) {
      Input input = inputs.get(order[k]);
      this.places[k] = places[order[k]];
      categorical[k] = input.categorical();
      names[k] = bytes.clear().text(input.column()).toByteArray();
    }
  }

  /** The digest of a row; valid until the next one. */
  UTF8String of(InternalRow row) {
    bytes.clear();
    for (int k = 0; k < places.length; k++) {
      bytes.write(names[k]);
      if (row.isNullAt(places[k])) {
        bytes.write('-');
      } else if (categorical[k]) {
        bytes.write('t').text(row.getUTF8String(places[k]));
      } else {
        double value = row.getDouble(places[k]);
        if (Double.isFinite(value)) {
          bytes.write('n').write(Double.doubleToLongBits(value));
        } else {
          bytes.write('-');
        }
      }
    }
    KeyBytes.hex(bytes.digest(), BYTES, hex, 0);
    return text;
  }
}
