package io.tributary.online.redis;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.online.Layers;
import io.tributary.online.PublishedRows;
import io.tributary.online.RowCodec;
import io.tributary.online.StoredRow;
import io.tributary.online.StoredView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;

/**
 * The rows of one publication: the first key of each bucket is in memory, so that a look-up asks
 * for the one bucket that can have a key. Nothing to close.
 */
final class OpenRows implements PublishedRows {
  private static final int BUCKETS_AT_A_TIME = 50;

  private final RedisClient client;
  private final ViewKeys keys;
  private final Manifest manifest;
  private final StoredView view;
  private final byte[][] firstKeys;

  /** The number of the first bucket of each part, among all. */
  private final int[] starts;

  private OpenRows(RedisClient client, ViewKeys keys, Manifest manifest, List<byte[]> indexes) {
    this.client = client;
    this.keys = keys;
    this.manifest = manifest;
    this.view = manifest.view();
    this.firstKeys = new byte[manifest.parts().stream().mapToInt(Part::buckets).sum()][];
    this.starts = new int[manifest.parts().size()];
    int at = 0;
    for (int part = 0; part < starts.length; part++) {
      starts[part] = at;
      ByteBuffer index = ByteBuffer.wrap(indexes.get(part));
      for (int n = manifest.parts().get(part).buckets(); n > 0; n--) {
        firstKeys[at] = new byte[index.getInt()];
        index.get(firstKeys[at++]);
      }
    }
  }

  /** The rows that a manifest names; empty where the server does not have them any more. */
  static Optional<OpenRows> open(RedisClient client, ViewKeys keys, Manifest manifest) {
    byte[][] indexes =
        manifest.parts().stream().map(part -> keys.index(part.id())).toArray(byte[][]::new);
    List<byte[]> found =
        indexes.length == 0
            ? List.of()
            : client.read(reading(manifest.view()), jedis -> jedis.mget(indexes));
    return found.stream().anyMatch(Objects::isNull)
        ? Optional.empty()
        : Optional.of(new OpenRows(client, keys, manifest, found));
  }

  private static String reading(StoredView view) {
    return "read features of " + view.id();
  }

  Manifest manifest() {
    return manifest;
  }

  /** The error of rows that the server has lost. */
  static PlatformException gone(RedisClient client, Manifest manifest) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot %s: rows of its publication %d are not on %s any more: the server lost, evicted or removed them. Publish the view again; a server that keeps rows has maxmemory-policy noeviction."
            .formatted(reading(manifest.view()), manifest.sequence(), client.address()));
  }

  private byte[] bucket(int number) {
    int part = Arrays.binarySearch(starts, number);
    // Parts have at least one bucket, so that starts differ.
    part = part < 0 ? -part - 2 : part;
    return keys.bucket(manifest.parts().get(part).id(), number - starts[part]);
  }

  /** The only bucket that can have a key; of one below all, the first, which tells of itself. */
  private int bucketOf(byte[] key) {
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

  @Override
  public List<Optional<StoredRow>> findAll(List<? extends List<?>> entities) {
    return tryFindAll(entities).orElseThrow(() -> gone(client, manifest));
  }

  /** The row of each key; empty where a bucket is not there any more. */
  Optional<List<Optional<StoredRow>>> tryFindAll(List<? extends List<?>> entities) {
    List<Optional<StoredRow>> rows =
        new ArrayList<>(Collections.nCopies(entities.size(), Optional.empty()));
    Map<Integer, List<Integer>> byBucket = new TreeMap<>();
    byte[][] encoded = new byte[entities.size()][];
    for (int i = 0; i < encoded.length; i++) {
      Optional<byte[]> key = view.keyBytes(entities.get(i));
      if (key.isPresent() && firstKeys.length > 0) {
        encoded[i] = key.get();
        byBucket.computeIfAbsent(bucketOf(encoded[i]), b -> new ArrayList<>()).add(i);
      }
    }
    List<byte[]> buckets = byBucket.keySet().stream().map(this::bucket).toList();
    List<List<Integer>> asked = List.copyOf(byBucket.values());
    List<byte[][]> fields =
        asked.stream()
            .map(
                some -> {
                  byte[][] names = new byte[some.size() + 1][];
                  names[0] = PartWriter.COUNT;
                  for (int i = 0; i < some.size(); i++) {
                    names[i + 1] = encoded[some.get(i)];
                  }
                  return names;
                })
            .toList();
    List<List<byte[]>> found = values(buckets, fields);
    for (int b = 0; b < found.size(); b++) {
      if (found.get(b).get(0) == null) {
        return Optional.empty();
      }
      for (int i = 0; i < asked.get(b).size(); i++) {
        byte[] row = found.get(b).get(i + 1);
        if (row != null) {
          rows.set(asked.get(b).get(i), Optional.of(RowCodec.decode(row, view.features())));
        }
      }
    }
    return Optional.of(rows);
  }

  private List<List<byte[]>> values(List<byte[]> buckets, List<byte[][]> fields) {
    if (buckets.isEmpty()) {
      return List.of();
    }
    return client.read(
        reading(view),
        jedis -> {
          if (buckets.size() == 1) {
            return List.of(jedis.hmget(buckets.get(0), fields.get(0)));
          }
          try (Pipeline pipeline = jedis.pipelined()) {
            List<Response<List<byte[]>>> responses = new ArrayList<>();
            for (int i = 0; i < buckets.size(); i++) {
              responses.add(pipeline.hmget(buckets.get(i), fields.get(i)));
            }
            pipeline.sync();
            return responses.stream().map(Response::get).toList();
          }
        });
  }

  @Override
  public void forEach(BiConsumer<byte[], StoredRow> reader) {
    for (Cursor at = cursor(); at.isValid(); at.next()) {
      reader.accept(at.key(), at.row());
    }
  }

  @Override
  public long count() {
    long fields = 0;
    for (int from = 0; from < firstKeys.length; from += BUCKETS_AT_A_TIME * 20) {
      int first = from;
      int last = Math.min(firstKeys.length, from + BUCKETS_AT_A_TIME * 20);
      fields +=
          client.read(
              reading(view),
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

  /** At the first row. */
  Cursor cursor() {
    return new Cursor();
  }

  /**
   * A position among the rows of all parts, whose digests are compared. Not for several threads.
   */
  final class Cursor implements Layers.Rows {
    private final List<Map.Entry<byte[], byte[]>> rows = new ArrayList<>();
    private int at;
    private int nextBucket;
    private int part;
    private MessageDigest sha256 = Part.newDigest();

    private Cursor() {
      fill();
    }

    @Override
    public boolean isValid() {
      return at < rows.size();
    }

    @Override
    public byte[] key() {
      return rows.get(at).getKey();
    }

    @Override
    public byte[] value() {
      return rows.get(at).getValue();
    }

    @Override
    public StoredRow row() {
      return RowCodec.decode(value(), view.features());
    }

    @Override
    public void next() {
      at++;
      if (at == rows.size()) {
        fill();
      }
    }

    private void fill() {
      rows.clear();
      at = 0;
      int end = Math.min(firstKeys.length, nextBucket + BUCKETS_AT_A_TIME);
      for (Map<byte[], byte[]> bucket : buckets(nextBucket, end)) {
        List<Map.Entry<byte[], byte[]>> sorted = new ArrayList<>(bucket.entrySet());
        sorted.sort((a, b) -> Arrays.compareUnsigned(a.getKey(), b.getKey()));
        if (sorted.isEmpty() || sorted.get(0).getKey().length > 0) {
          throw gone(client, manifest);
        }
        String count = new String(sorted.remove(0).getValue(), StandardCharsets.US_ASCII);
        if (!count.equals(String.valueOf(sorted.size()))) {
          throw corrupt();
        }
        sorted.forEach(
            row -> {
              Part.add(sha256, row.getKey());
              Part.add(sha256, row.getValue());
            });
        rows.addAll(sorted);
        nextBucket++;
        endOfPart();
      }
    }

    private void endOfPart() {
      if (nextBucket == (part + 1 < starts.length ? starts[part + 1] : firstKeys.length)) {
        if (!Part.digest(sha256).equals(manifest.parts().get(part).sha256())) {
          throw corrupt();
        }
        part++;
        sha256 = Part.newDigest();
      }
    }

    private PlatformException corrupt() {
      return new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot %s: rows of its publication %d on %s are not those that were written. Publish the view again."
              .formatted(reading(view), manifest.sequence(), client.address()));
    }
  }

  private List<Map<byte[], byte[]>> buckets(int from, int end) {
    if (from == end) {
      return List.of();
    }
    return client.read(
        reading(view),
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

  @Override
  public void close() {}
}
