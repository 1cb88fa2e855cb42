package io.tributary.lake;

import io.tributary.core.Digest;
import io.tributary.lake.internal.RowDigests;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * The digest of single rows: SHA-256 over a text in UTF-8, a zero byte, and the values of some
 * columns as {@link ContentDigest} encodes them. Not thread-safe.
 */
public final class RowDigest {
  private final byte[] text;
  private final DataType[] types;
  private final int[] places;
  private final MessageDigest sha = Digest.sha256();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
  private final DataOutputStream out = new DataOutputStream(bytes);

  private RowDigest(byte[] text, DataType[] types, int[] places) {
    this.text = text;
    this.types = types;
    this.places = places;
  }

  /**
   * Digests of rows of a schema.
   *
   * @param text the same for all rows
   * @param columns in the order in which their values enter
   */
  public static RowDigest of(String text, StructType schema, List<String> columns) {
    int[] places = columns.stream().mapToInt(schema::fieldIndex).toArray();
    DataType[] types = new DataType[places.length];
    StructType taken = new StructType();
    for (int i = 0; i < places.length; i++) {
      types[i] = schema.apply(places[i]).dataType();
      taken = taken.add(schema.apply(places[i]));
    }
    RowDigests.head(taken);
    return new RowDigest(text.getBytes(StandardCharsets.UTF_8), types, places);
  }

  /** The 32 bytes of a row's digest. */
  public byte[] of(InternalRow row) {
    bytes.reset();
    try {
      out.write(text);
      out.writeByte(0);
      for (int i = 0; i < places.length; i++) {
        RowDigests.value(out, types[i], row, places[i]);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sha.digest(bytes.toByteArray());
  }
}
