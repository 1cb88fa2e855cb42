package io.tributary.lake;

import io.tributary.core.Digest;
import io.tributary.lake.internal.RowDigests;
import java.math.BigInteger;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The digest of a frame's rows, independent of their order and partitions: equal for equal columns
 * (names, order, types) and equal rows with the same repetitions, and practically never otherwise.
 *
 * <p>Each row is written as bytes, value by value: 0 for null, else 1 and the value. Integers,
 * dates (days) and timestamps (microseconds since 1970) are 8 bytes, the highest first; booleans 1
 * byte; floating-point numbers the 8 bytes of the IEEE double, one NaN for all, −0.0 apart from
 * 0.0; decimals the text of their unscaled value; strings (UTF-8), binaries and decimals come after
 * their length in 4 bytes; structs are their fields; arrays their length in 4 bytes, then their
 * elements; maps their size, then keys and values ordered by the bytes of the keys. The SHA-256
 * digests of the rows are added modulo 2^256. The digest is the SHA-256 of the text {@code <names
 * and types of the columns>\n<rows>\n<sum in hexadecimal>}.
 */
public record ContentDigest(long rows, Digest digest) {
  /** Reads the frame once. */
  public static ContentDigest of(Dataset<Row> frame) {
    RowDigests.Sum sum = RowDigests.sum(frame);
    BigInteger total = sum.total();
    return new ContentDigest(
        sum.rows(),
        Digest.of(RowDigests.head(frame.schema()) + "\n" + sum.rows() + "\n" + total.toString(16)));
  }
}
