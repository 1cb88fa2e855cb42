package io.tributary.score;

import io.tributary.core.Digest;
import io.tributary.model.Input;
import io.tributary.model.InputRows;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

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
  private final MessageDigest sha = Digest.sha256();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1_024);
  private final ByteBuffer number = ByteBuffer.allocate(Double.BYTES);

  InputsDigest(List<Input> inputs) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      order.add(i);
    }
    order.sort(Comparator.comparing(i -> inputs.get(i).column()));
    places = order.stream().mapToInt(i -> i).toArray();
    categorical = new boolean[places.length];
    names = new byte[places.length][];
    for (int k = 0; k < places.length; k++) {
      Input input = inputs.get(places[k]);
      categorical[k] = input.categorical();
      names[k] = text(input.column());
    }
  }

  /** The digest of a row. */
  String of(InputRows rows, int row) {
    bytes.reset();
    for (int k = 0; k < places.length; k++) {
      bytes.writeBytes(names[k]);
      if (categorical[k]) {
        Optional<String> text = rows.textAt(places[k], row);
        bytes.write(text.isPresent() ? 't' : '-');
        text.map(InputsDigest::text).ifPresent(bytes::writeBytes);
      } else {
        double value = rows.numberAt(places[k], row);
        bytes.write(Double.isNaN(value) ? '-' : 'n');
        if (!Double.isNaN(value)) {
          bytes.writeBytes(number.putDouble(0, value).array());
        }
      }
    }
    return HexFormat.of().formatHex(sha.digest(bytes.toByteArray()), 0, BYTES);
  }

  /** A text as {@code LENGTH:TEXT,}. */
  static byte[] text(String value) {
    return text(value.getBytes(StandardCharsets.UTF_8));
  }

  /** The same for a text as UTF-8, or for a binary. */
  static byte[] text(byte[] utf8) {
    byte[] head = (utf8.length + ":").getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(head.length + utf8.length + 1)
        .put(head)
        .put(utf8)
        .put((byte) ',')
        .array();
  }
}
