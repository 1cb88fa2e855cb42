package io.tributary.online.redis;

import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.online.PartitionWriter;
import io.tributary.online.WrittenPartition;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;

/**
 * Writes one part: hashes of about a hundred rows, some thousand rows on their way at a time. What
 * is written is registered before, so that it can be removed whenever this ends.
 */
final class PartWriter implements PartitionWriter {
  /** The field of each bucket that says how many rows it has: no entity's key is empty. */
  static final byte[] COUNT = {};

  private static final Logger LOG = LoggerFactory.getLogger(PartWriter.class);

  /** So many small rows take the least memory. */
  private static final int ROWS_IN_A_BUCKET = 100;

  private static final int BYTES_IN_A_BUCKET = 1 << 16;
  private static final int BUCKETS_ON_THEIR_WAY = 100;

  private final RedisClient client;
  private final ViewKeys keys;
  private final String doing;
  private final Parts parts;
  private final String id;
  private final MessageDigest sha256 = Part.newDigest();
  private final ByteArrayOutputStream index = new ByteArrayOutputStream();
  private final List<Map<byte[], byte[]>> onTheirWay = new ArrayList<>();
  private Map<byte[], byte[]> bucket = new LinkedHashMap<>();
  private int bytesInBucket;
  private int sent;
  private byte[] firstKey;
  private byte[] lastKey;
  private long rows;
  private long bytes;
  private boolean isOpen = true;

  /**
   * @param client of its own, which it closes
   */
  PartWriter(RedisClient client, ViewKeys keys, String doing, String id) {
    this.client = client;
    this.keys = keys;
    this.doing = doing;
    this.parts = new Parts(client, keys);
    this.id = id;
  }

  /** Usable until this is closed. */
  RedisClient client() {
    return client;
  }

  @Override
  public void add(byte[] key, byte[] row) {
    if (lastKey != null && Arrays.compareUnsigned(lastKey, key) >= 0) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot write an online row: key %s is not above the one before it. Report this as a bug."
              .formatted(HexFormat.of().formatHex(key)));
    }
    if (bucket.isEmpty()) {
      index.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(key.length).array());
      index.writeBytes(key);
    }
    bucket.put(key, row);
    bytesInBucket += key.length + row.length;
    Part.add(sha256, key);
    Part.add(sha256, row);
    firstKey = firstKey == null ? key : firstKey;
    lastKey = key;
    rows++;
    bytes += key.length + row.length;
    if (bucket.size() == ROWS_IN_A_BUCKET || bytesInBucket >= BYTES_IN_A_BUCKET) {
      endBucket();
    }
  }

  private void endBucket() {
    bucket.put(COUNT, String.valueOf(bucket.size()).getBytes(StandardCharsets.US_ASCII));
    onTheirWay.add(bucket);
    bucket = new LinkedHashMap<>();
    bytesInBucket = 0;
    if (onTheirWay.size() == BUCKETS_ON_THEIR_WAY) {
      send();
    }
  }

  private void send() {
    parts.register(doing, id, sent + onTheirWay.size(), bytes, sent == 0, false);
    client.call(
        doing,
        jedis -> {
          try (Pipeline pipeline = jedis.pipelined()) {
            List<Response<Long>> responses = new ArrayList<>();
            for (int i = 0; i < onTheirWay.size(); i++) {
              responses.add(pipeline.hset(keys.bucket(id, sent + i), onTheirWay.get(i)));
            }
            pipeline.sync();
            responses.forEach(Response::get);
            return responses.size();
          }
        });
    sent += onTheirWay.size();
    onTheirWay.clear();
  }

  @Override
  public Optional<WrittenPartition> finish() {
    if (rows == 0) {
      return Optional.empty();
    }
    if (!bucket.isEmpty()) {
      endBucket();
    }
    if (!onTheirWay.isEmpty()) {
      send();
    }
    String stored = client.call(doing, jedis -> jedis.set(keys.index(id), index.toByteArray()));
    parts.register(doing, id, sent, bytes, false, true);
    isOpen = false;
    Part part =
        new Part(id, sent, rows, bytes, Part.digest(sha256), HexFormat.of().formatHex(firstKey));
    LOG.debug("Part {} of {} rows is written: {}", id, rows, stored);
    return Optional.of(
        new WrittenPartition(
            rows,
            rows,
            bytes,
            part.firstKey(),
            HexFormat.of().formatHex(lastKey),
            Optional.of(Json.write(part))));
  }

  @Override
  public void close() {
    try (client) {
      if (isOpen && sent + onTheirWay.size() > 0) {
        parts.giveUp(id);
        // Whoever gave it up before has not seen what was on its way.
        parts.remove(id, sent + onTheirWay.size());
      }
    } catch (PlatformException e) {
      LOG.warn("What was written stays for the next publication or tributary clean", e);
    }
  }
}
