package io.tributary.online.redis;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.online.Differences;
import io.tributary.online.PublishedRows;
import io.tributary.online.RowCodec;
import io.tributary.online.StackedRows;
import io.tributary.online.StoredRow;
import io.tributary.online.StoredView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;

/**
 * The rows of a snapshot: runs of parts, of which the first that has a key counts. All are asked at
 * once. Nothing to close.
 */
final class OpenRows implements PublishedRows, Differences.Former {
  private final RedisClient client;
  private final ViewKeys keys;
  private final Manifest manifest;
  private final List<OpenRun> runs = new ArrayList<>();

  private OpenRows(RedisClient client, ViewKeys keys, Manifest manifest) {
    this.client = client;
    this.keys = keys;
    this.manifest = manifest;
  }

  /** The rows that a manifest names; empty where the server does not have them any more. */
  static Optional<OpenRows> open(RedisClient client, ViewKeys keys, Manifest manifest) {
    byte[][] indexes =
        manifest.runs().stream()
            .flatMap(List::stream)
            .map(part -> keys.index(part.id()))
            .toArray(byte[][]::new);
    List<byte[]> found =
        indexes.length == 0
            ? List.of()
            : client.read(reading(manifest.view()), jedis -> jedis.mget(indexes));
    if (found.stream().anyMatch(Objects::isNull)) {
      return Optional.empty();
    }
    OpenRows opened = new OpenRows(client, keys, manifest);
    int from = 0;
    for (List<Part> parts : manifest.runs()) {
      opened.runs.add(new OpenRun(opened, parts, found.subList(from, from + parts.size())));
      from += parts.size();
    }
    return Optional.of(opened);
  }

  RedisClient client() {
    return client;
  }

  ViewKeys keys() {
    return keys;
  }

  Manifest manifest() {
    return manifest;
  }

  private static String reading(StoredView view) {
    return "read features of " + view.id();
  }

  String reading() {
    return reading(manifest.view());
  }

  private PlatformException gone() {
    return gone(client, manifest);
  }

  /** The error of rows that the server has lost. */
  static PlatformException gone(RedisClient client, Manifest manifest) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot %s: rows of its publication %d are not on %s any more: the server lost, evicted or removed them. Publish the view again; a server that keeps rows has maxmemory-policy noeviction."
            .formatted(reading(manifest.view()), manifest.sequence(), client.address()));
  }

  /** The error of rows that were changed. */
  PlatformException corrupt() {
    return new PlatformException(
        ErrorCode.CORRUPT,
        "Cannot %s: rows of its publication %d on %s are not those that were written. Publish the view again."
            .formatted(reading(), manifest.sequence(), client.address()));
  }

  /** Fields of one bucket that are asked for, and what they are asked for. */
  private record Question(byte[] bucket, byte[][] fields, List<Integer> entities) {}

  @Override
  public List<Optional<StoredRow>> findAll(List<? extends List<?>> entities) {
    return tryFindAll(entities).orElseThrow(this::gone);
  }

  /** The row of each key; empty where a bucket is not there any more. */
  Optional<List<Optional<StoredRow>>> tryFindAll(List<? extends List<?>> entities) {
    StoredView view = manifest.view();
    byte[][] encoded =
        entities.stream().map(entity -> view.keyBytes(entity).orElse(null)).toArray(byte[][]::new);
    return find(encoded, runs)
        .map(
            found ->
                Arrays.stream(found)
                    .map(
                        row ->
                            Optional.ofNullable(row)
                                .filter(bytes -> !RowCodec.isWithdrawn(bytes))
                                .map(b -> RowCodec.decode(b, view.features(), manifest.instant())))
                    .toList());
  }

  /** What the first run that has a key has; empty where a bucket is not there any more. */
  private Optional<byte[][]> find(byte[][] encoded, List<OpenRun> among) {
    List<Question> questions =
        among.stream().flatMap(run -> questions(run, encoded).stream()).toList();
    List<List<byte[]>> answers = ask(questions);
    byte[][] found = new byte[encoded.length][];
    for (int q = 0; q < answers.size(); q++) {
      if (answers.get(q).get(0) == null) {
        return Optional.empty();
      }
      List<Integer> asked = questions.get(q).entities();
      for (int i = 0; i < asked.size(); i++) {
        int entity = asked.get(i);
        found[entity] = found[entity] == null ? answers.get(q).get(i + 1) : found[entity];
      }
    }
    return Optional.of(found);
  }

  private static List<Question> questions(OpenRun run, byte[][] encoded) {
    Map<Integer, List<Integer>> byBucket = new TreeMap<>();
    for (int i = 0; i < encoded.length; i++) {
      if (encoded[i] != null && !run.isEmpty()) {
        byBucket.computeIfAbsent(run.bucketOf(encoded[i]), b -> new ArrayList<>()).add(i);
      }
    }
    List<Question> questions = new ArrayList<>();
    byBucket.forEach(
        (bucket, entities) -> {
          byte[][] fields = new byte[entities.size() + 1][];
          fields[0] = PartWriter.COUNT;
          for (int i = 0; i < entities.size(); i++) {
            fields[i + 1] = encoded[entities.get(i)];
          }
          questions.add(new Question(run.bucket(bucket), fields, entities));
        });
    return questions;
  }

  private List<List<byte[]>> ask(List<Question> questions) {
    if (questions.isEmpty()) {
      return List.of();
    }
    return client.read(
        reading(),
        jedis -> {
          if (questions.size() == 1) {
            Question only = questions.get(0);
            return List.of(jedis.hmget(only.bucket(), only.fields()));
          }
          try (Pipeline pipeline = jedis.pipelined()) {
            List<Response<List<byte[]>>> responses = new ArrayList<>();
            for (Question question : questions) {
              responses.add(pipeline.hmget(question.bucket(), question.fields()));
            }
            pipeline.sync();
            return responses.stream().map(Response::get).toList();
          }
        });
  }

  @Override
  public void forEach(BiConsumer<byte[], StoredRow> reader) {
    for (StackedRows at = from(new byte[0]); at.isValid(); at.next()) {
      reader.accept(at.key(), at.row());
    }
  }

  @Override
  public long count() {
    if (runs.isEmpty()) {
      return 0;
    }
    OpenRun base = runs.get(runs.size() - 1);
    List<OpenRun.Cursor> above =
        runs.subList(0, runs.size() - 1).stream().map(run -> run.from(new byte[0])).toList();
    return Differences.count(
        base.entries(),
        StackedRows.all(above),
        some ->
            Arrays.stream(find(some.toArray(byte[][]::new), List.of(base)).orElseThrow(this::gone))
                .map(Objects::nonNull)
                .toList());
  }

  @Override
  public StackedRows from(byte[] key) {
    return StackedRows.visible(runs.stream().map(run -> run.from(key)).toList());
  }

  @Override
  public void close() {}
}
