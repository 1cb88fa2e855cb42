package io.tributary.online.redis;

import io.tributary.online.Layers;
import io.tributary.online.RowCodec;
import io.tributary.online.StoredRow;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;

/**
 * Parts that are ascending by key and don't overlap. The first key of each bucket is in memory, so
 * that a look-up asks for the one bucket that can have a key.
 */
final class OpenRun {
  private static final int BUCKETS_AT_A_TIME = 50;

  private final OpenRows rows;
  private final List<Part> parts;
  private final byte[][] firstKeys;

  /** The number of the first bucket of each part, among all. */
  private final int[] starts;

  /**
   * @param indexes of each part, as {@link PartWriter} writes them
   */
  OpenRun(OpenRows rows, List<Part> parts, List<byte[]> indexes) {
    this.rows = rows;
    this.parts = parts;
    this.firstKeys = new byte[parts.stream().mapToInt(Part::buckets).sum()][];
    this.starts = new int[parts.size()];
    int at = 0;
    for (int part = 0; part < starts.length; part++) {
      starts[part] = at;
      ByteBuffer index = ByteBuffer.wrap(indexes.get(part));
      for (int n = parts.get(part).buckets(); n > 0; n--) {
        firstKeys[at] = new byte[index.getInt()];
        index.get(firstKeys[at++]);
      }
    }
  }

  boolean isEmpty() {
    return firstKeys.length == 0;
  }

  /** The server's key of a bucket. */
  byte[] bucket(int number) {
    int part = partOf(number);
    return rows.keys().bucket(parts.get(part).id(), number - starts[part]);
  }

  private int partOf(int bucket) {
    int part = Arrays.binarySearch(starts, bucket);
    // Parts have at least one bucket, so that starts differ.
    return part < 0 ? -part - 2 : part;
  }

  /** The only bucket that can have a key; of one below all, the first, which tells of itself. */
  int bucketOf(byte[] key) {
    int low = 0;
    int high = firstKeys.length - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (Arrays.compareUnsigned(firstKeys[middle], key) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** How many rows its buckets have, also withdrawn ones. */
  long entries() {
    long fields = 0;
    for (int from = 0; from < firstKeys.length; from += BUCKETS_AT_A_TIME * 20) {
      int first = from;
      int last = Math.min(firstKeys.length, from + BUCKETS_AT_A_TIME * 20);
      fields +=
          rows.client()
              .read(
                  rows.reading(),
                  jedis -> {
                    try (Pipeline pipeline = jedis.pipelined()) {
                      List<Response<Long>> lengths = new ArrayList<>();
                      for (int bucket = first; bucket < last; bucket++) {
                        lengths.add(pipeline.hlen(bucket(bucket)));
                      }
                      pipeline.sync();
                      return lengths.stream().mapToLong(r -> Math.max(0, r.get() - 1)).sum();
                    }
                  });
    }
    return fields;
  }

  /** At the first row from a key on. */
  Cursor from(byte[] key) {
    return new Cursor(key);
  }

  /**
   * A position among the rows of all parts. Digests are compared of those that are read from their
   * first row to their last. Not for several threads.
   */
  final class Cursor implements Layers.Rows {
    private final List<Map.Entry<byte[], byte[]>> some = new ArrayList<>();
    private int at;
    private int nextBucket;
    private MessageDigest sha256 = Part.newDigest();
    private boolean isFromStart;

    private Cursor(byte[] from) {
      nextBucket = isEmpty() ? 0 : bucketOf(from);
      isFromStart = isStart(nextBucket);
      fill();
      while (isValid() && Arrays.compareUnsigned(key(), from) < 0) {
        next();
      }
    }

    private boolean isStart(int bucket) {
      return Arrays.binarySearch(starts, bucket) >= 0;
    }

    @Override
    public boolean isValid() {
      return at < some.size();
    }

    @Override
    public byte[] key() {
      return some.get(at).getKey();
    }

    @Override
    public byte[] value() {
      return some.get(at).getValue();
    }

    @Override
    public StoredRow row() {
      return RowCodec.decode(value(), rows.manifest().view().features(), rows.manifest().instant());
    }

    @Override
    public void next() {
      at++;
      if (at == some.size()) {
        fill();
      }
    }

    private void fill() {
      some.clear();
      at = 0;
      int end = Math.min(firstKeys.length, nextBucket + BUCKETS_AT_A_TIME);
      for (Map<byte[], byte[]> bucket : buckets(nextBucket, end)) {
        List<Map.Entry<byte[], byte[]>> sorted = new ArrayList<>(bucket.entrySet());
        sorted.sort((a, b) -> Arrays.compareUnsigned(a.getKey(), b.getKey()));
        if (sorted.isEmpty() || sorted.get(0).getKey().length > 0) {
          throw OpenRows.gone(rows.client(), rows.manifest());
        }
        String count = new String(sorted.remove(0).getValue(), StandardCharsets.US_ASCII);
        if (!count.equals(String.valueOf(sorted.size()))) {
          throw rows.corrupt();
        }
        sorted.forEach(
            row -> {
              Part.add(sha256, row.getKey());
              Part.add(sha256, row.getValue());
            });
        some.addAll(sorted);
        nextBucket++;
        endOfPart();
      }
    }

    private void endOfPart() {
      if (nextBucket == firstKeys.length || isStart(nextBucket)) {
        Part part = parts.get(partOf(nextBucket - 1));
        if (isFromStart && !Part.digest(sha256).equals(part.sha256())) {
          throw rows.corrupt();
        }
        sha256 = Part.newDigest();
        isFromStart = true;
      }
    }

    private List<Map<byte[], byte[]>> buckets(int from, int end) {
      if (from == end) {
        return List.of();
      }
      return rows.client()
          .read(
              rows.reading(),
              jedis -> {
                try (Pipeline pipeline = jedis.pipelined()) {
                  List<Response<Map<byte[], byte[]>>> responses = new ArrayList<>();
                  for (int bucket = from; bucket < end; bucket++) {
                    responses.add(pipeline.hgetAll(bucket(bucket)));
                  }
                  pipeline.sync();
                  return responses.stream().map(Response::get).toList();
                }
              });
    }
  }
}
