package io.tributary.score;

import io.tributary.core.Micros;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.function.Function;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.unsafe.types.UTF8String;

/** Writes the ids of rows into one array. Not thread-safe. */
final class PredictionId {
  private static final long DAY = 86_400_000_000L;

  private final String scores;
  private final int asOf;
  private final Function<InternalRow, byte[]> digest;
  private long day = Long.MIN_VALUE;
  private byte[] bytes = {};
  private UTF8String text = UTF8String.EMPTY_UTF8;

  /**
   * @param asOf the column of a row's as-of
   * @param digest of what a row asks, at least {@link InputsDigest#BYTES} long
   */
  PredictionId(String scores, int asOf, Function<InternalRow, byte[]> digest) {
    this.scores = scores;
    this.asOf = asOf;
    this.digest = digest;
  }

  /** The id of a row; valid until the next one. */
  UTF8String of(InternalRow row) {
    long at = row.getLong(asOf);
    if (Math.floorDiv(at, DAY) != day) {
      day = Math.floorDiv(at, DAY);
      String head = scores + "/" + Micros.instant(at).atOffset(ZoneOffset.UTC).toLocalDate() + "/";
      bytes = (head + "0".repeat(2 * InputsDigest.BYTES)).getBytes(StandardCharsets.UTF_8);
      text = UTF8String.fromBytes(bytes);
    }
    KeyBytes.hex(
        digest.apply(row), InputsDigest.BYTES, bytes, bytes.length - 2 * InputsDigest.BYTES);
    return text;
  }
}
