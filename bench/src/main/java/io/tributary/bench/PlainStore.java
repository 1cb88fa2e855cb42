package io.tributary.bench;

import io.tributary.bench.PlainRows.Stored;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rocksdb.EnvOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileReaderIterator;
import org.rocksdb.SstFileWriter;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisPooled;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;

/** The least that a store can do with rows: load them, give them back, and find some. */
interface PlainStore extends AutoCloseable {
  /** Loads rows, whose keys ascend. */
  void load(List<Stored> rows);

  /** All that was loaded, in any order. */
  List<Stored> readBack();

  /**
   * The rows at some places among those that were loaded, in any order.
   *
   * @param rows what was loaded
   */
  List<byte[]> find(List<Stored> rows, int[] places);

  @Override
  void close();

  /** The store at {@code rocksdb:FOLDER}, which is made, or {@code redis://HOST:PORT}. */
  static PlainStore at(String address) throws IOException {
    if (address.startsWith("redis:")) {
      URI server = URI.create(address);
      return new Hashes(new JedisPooled(new HostAndPort(server.getHost(), server.getPort())));
    }
    Path folder = Path.of(address.substring("rocksdb:".length()));
    Files.createDirectories(folder);
    return new Sst(folder);
  }

  /** Hashes of a hundred rows, as Tributary has them, a hundred on their way at a time. */
  final class Hashes implements PlainStore {
    private static final int ROWS = 100;
    private static final int ON_THEIR_WAY = 100;

    private final JedisPooled jedis;
    private int buckets;

    Hashes(JedisPooled jedis) {
      this.jedis = jedis;
    }

    private static byte[] name(int bucket) {
      return ("plain:" + bucket).getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void load(List<Stored> rows) {
      buckets = (rows.size() + ROWS - 1) / ROWS;
      for (int from = 0; from < buckets; from += ON_THEIR_WAY) {
        try (Pipeline pipeline = jedis.pipelined()) {
          for (int b = from; b < Math.min(buckets, from + ON_THEIR_WAY); b++) {
            Map<byte[], byte[]> bucket = new LinkedHashMap<>();
            rows.subList(b * ROWS, Math.min(rows.size(), (b + 1) * ROWS))
                .forEach(row -> bucket.put(row.key(), row.row()));
            pipeline.hset(name(b), bucket);
          }
          pipeline.sync();
        }
      }
    }

    @Override
    public List<Stored> readBack() {
      List<Stored> rows = new ArrayList<>();
      for (int from = 0; from < buckets; from += ON_THEIR_WAY) {
        try (Pipeline pipeline = jedis.pipelined()) {
          List<Response<Map<byte[], byte[]>>> some = new ArrayList<>();
          for (int b = from; b < Math.min(buckets, from + ON_THEIR_WAY); b++) {
            some.add(pipeline.hgetAll(name(b)));
          }
          pipeline.sync();
          some.forEach(of -> of.get().forEach((key, row) -> rows.add(new Stored(key, row))));
        }
      }
      return rows;
    }

    @Override
    public List<byte[]> find(List<Stored> rows, int[] places) {
      if (places.length == 1) {
        return jedis.hmget(name(places[0] / ROWS), rows.get(places[0]).key());
      }
      List<byte[]> found = new ArrayList<>();
      try (Pipeline pipeline = jedis.pipelined()) {
        List<Response<List<byte[]>>> some = new ArrayList<>();
        for (int place : places) {
          some.add(pipeline.hmget(name(place / ROWS), rows.get(place).key()));
        }
        pipeline.sync();
        some.forEach(of -> found.addAll(of.get()));
      }
      return found;
    }

    @Override
    public void close() {
      jedis.close();
    }
  }

  /** One SST file, and to find rows the database that it is given to. */
  final class Sst implements PlainStore {
    static {
      RocksDB.loadLibrary();
    }

    private final Path file;
    private final Path folder;
    private final Options options = new Options().setCreateIfMissing(true);
    private RocksDB database;

    Sst(Path folder) {
      this.file = folder.resolve("rows.sst");
      this.folder = folder.resolve("database");
    }

    @Override
    public void load(List<Stored> rows) {
      try (EnvOptions environment = new EnvOptions();
          SstFileWriter writer = new SstFileWriter(environment, options)) {
        writer.open(file.toString());
        for (Stored row : rows) {
          writer.put(row.key(), row.row());
        }
        writer.finish();
      } catch (RocksDBException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public List<Stored> readBack() {
      List<Stored> rows = new ArrayList<>();
      try (SstFileReader reader = new SstFileReader(options);
          ReadOptions read = new ReadOptions()) {
        reader.open(file.toString());
        try (SstFileReaderIterator at = reader.newIterator(read)) {
          for (at.seekToFirst(); at.isValid(); at.next()) {
            rows.add(new Stored(at.key(), at.value()));
          }
          at.status();
        }
      } catch (RocksDBException e) {
        throw new IllegalStateException(e);
      }
      return rows;
    }

    @Override
    public List<byte[]> find(List<Stored> rows, int[] places) {
      try {
        if (places.length == 1) {
          return List.of(opened().get(rows.get(places[0]).key()));
        }
        List<byte[]> keys = new ArrayList<>();
        for (int place : places) {
          keys.add(rows.get(place).key());
        }
        return opened().multiGetAsList(keys);
      } catch (RocksDBException e) {
        throw new IllegalStateException(e);
      }
    }

    private synchronized RocksDB opened() throws RocksDBException {
      if (database == null) {
        database = RocksDB.open(options, folder.toString());
        try (IngestExternalFileOptions ingest = new IngestExternalFileOptions()) {
          database.ingestExternalFile(List.of(file.toString()), ingest);
        }
      }
      return database;
    }

    @Override
    public synchronized void close() {
      if (database != null) {
        database.close();
      }
      options.close();
    }
  }
}
