package io.tributary.online.redis;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;

/** The parts of a view that are in no publication: written down while they are written, removed. */
record Parts(RedisClient client, ViewKeys keys) {
  private static final int KEYS_AT_A_TIME = 500;

  /** How a part is registered: {@code SECONDS BUCKETS BYTES}, and {@code done} once it is whole. */
  record State(Instant touched, int buckets, long bytes) {
    static State parse(String text) {
      String[] words = text.split(" ", -1);
      return new State(
          Instant.ofEpochSecond(Long.parseLong(words[0])),
          Integer.parseInt(words[1]),
          Long.parseLong(words[2]));
    }

    static String of(Part part) {
      return "0 " + part.buckets() + " " + part.bytes();
    }
  }

  void register(
      String doing, String id, int buckets, long bytes, boolean isFirst, boolean isWhole) {
    Object registered =
        client.call(
            doing,
            jedis ->
                jedis.eval(
                    Scripts.REGISTER,
                    List.of(keys.written()),
                    List.of(
                        id,
                        buckets + " " + bytes + (isWhole ? " done" : ""),
                        isFirst ? "1" : "0")));
    if (!registered.equals(1L)) {
      throw lost(doing);
    }
  }

  PlatformException lost(String doing) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot %s: what was written is not on %s any more: the server lost it, or somebody removed it. Nothing was published; run it again."
            .formatted(doing, client.address()));
  }

  /** Those in no publication, by id. */
  Map<String, State> written() {
    return states(keys.written());
  }

  /** Those that somebody has begun to remove, by id. */
  Map<String, State> going() {
    return states(keys.going());
  }

  private Map<String, State> states(String key) {
    Map<String, State> states = new TreeMap<>();
    client
        .read("look for what nobody reads", jedis -> jedis.hgetAll(key))
        .forEach((id, text) -> states.put(id, State.parse(text)));
    return states;
  }

  /** Removes a part, unless it is in a publication. */
  void giveUp(String id) {
    client.call(
        "remove what was written",
        jedis -> jedis.eval(Scripts.GIVE_UP, List.of(keys.written(), keys.going()), List.of(id)));
    removeGoing();
  }

  /** Removes all that somebody has begun to remove. */
  void removeGoing() {
    going().forEach((id, state) -> remove(id, state.buckets()));
  }

  /** Removes the rows of a part that nobody can publish any more. */
  void remove(String id, int buckets) {
    List<byte[]> doomed =
        IntStream.range(0, buckets)
            .mapToObj(number -> keys.bucket(id, number))
            .collect(Collectors.toCollection(ArrayList::new));
    doomed.add(keys.index(id));
    for (int from = 0; from < doomed.size(); from += KEYS_AT_A_TIME) {
      byte[][] some =
          doomed
              .subList(from, Math.min(doomed.size(), from + KEYS_AT_A_TIME))
              .toArray(byte[][]::new);
      client.call("remove former rows", jedis -> jedis.unlink(some));
    }
    client.call("remove former rows", jedis -> jedis.hdel(keys.going(), id));
  }

  /** Those of parts of former publications that have not been removed. */
  List<Part> present(String doing, List<Part> parts) {
    List<Boolean> found =
        client.read(
            doing,
            jedis -> {
              try (Pipeline pipeline = jedis.pipelined()) {
                List<Response<Boolean>> indexes =
                    parts.stream().map(part -> pipeline.exists(keys.index(part.id()))).toList();
                pipeline.sync();
                return indexes.stream().map(Response::get).toList();
              }
            });
    return IntStream.range(0, parts.size()).filter(found::get).mapToObj(parts::get).toList();
  }

  /** Removes rows that nobody reads; their index goes last, by which they are found again. */
  void remove(List<Part> parts) {
    parts.forEach(part -> remove(part.id(), part.buckets()));
  }

  /** Whether each key of some parts is there. */
  boolean arePresent(String doing, List<Part> parts) {
    List<byte[]> needed = new ArrayList<>();
    for (Part part : parts) {
      IntStream.range(0, part.buckets()).forEach(n -> needed.add(keys.bucket(part.id(), n)));
      needed.add(keys.index(part.id()));
    }
    long found =
        client.read(
            doing,
            jedis -> {
              try (Pipeline pipeline = jedis.pipelined()) {
                List<Response<Long>> counts = new ArrayList<>();
                for (int from = 0; from < needed.size(); from += KEYS_AT_A_TIME) {
                  counts.add(
                      pipeline.exists(
                          needed
                              .subList(from, Math.min(needed.size(), from + KEYS_AT_A_TIME))
                              .toArray(byte[][]::new)));
                }
                pipeline.sync();
                return counts.stream().mapToLong(Response::get).sum();
              }
            });
    return found == needed.size();
  }
}
