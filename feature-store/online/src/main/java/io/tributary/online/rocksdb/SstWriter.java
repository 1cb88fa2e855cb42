package io.tributary.online.rocksdb;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.FailPoints;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.online.PartitionWriter;
import io.tributary.online.WrittenPartition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import org.rocksdb.EnvOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;

/**
 * Writes one immutable SST file, in a view's folder. The file is named by its content, appears
 * whole or not at all, and counts only once a manifest names it.
 */
final class SstWriter implements PartitionWriter {
  static {
    RocksDB.loadLibrary();
  }

  private final Path folder;
  private final Path temporary;
  private final Options options;
  private final EnvOptions environment;
  private final SstFileWriter writer;
  private byte[] firstKey;
  private byte[] lastKey;
  private long rows;

  SstWriter(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw storage(folder, e);
    }
    this.folder = folder;
    this.temporary = folder.resolve("." + UUID.randomUUID() + ".tmp");
    this.options = new Options();
    this.environment = new EnvOptions();
    this.writer = new SstFileWriter(environment, options);
    try {
      writer.open(temporary.toString());
    } catch (RocksDBException e) {
      close();
      throw storage(folder, e);
    }
  }

  @Override
  public void add(byte[] key, byte[] row) {
    if (lastKey != null && Arrays.compareUnsigned(lastKey, key) >= 0) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot write an online file: key %s is not above the one before it. Report this as a bug."
              .formatted(HexFormat.of().formatHex(key)));
    }
    try {
      writer.put(key, row);
    } catch (RocksDBException e) {
      throw storage(folder, e);
    }
    if (firstKey == null) {
      firstKey = key.clone();
    }
    lastKey = key.clone();
    rows++;
  }

  @Override
  public Optional<WrittenPartition> finish() {
    return finishFile()
        .map(
            file ->
                new WrittenPartition(
                    file.rows(),
                    file.rows(),
                    file.bytes(),
                    file.firstKey(),
                    file.lastKey(),
                    Optional.of(Json.write(file))));
  }

  /** Ends the file; nothing is left behind when no row was added. */
  Optional<SstFile> finishFile() {
    if (rows == 0) {
      return Optional.empty();
    }
    try {
      writer.finish();
      Digest sha256 = Digest.ofFile(temporary);
      String name = sha256 + ".sst";
      long bytes = Files.size(temporary);
      FailPoints.before(folder.resolve(name));
      Files.move(temporary, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
      FailPoints.after(folder.resolve(name));
      return Optional.of(
          new SstFile(
              name,
              rows,
              bytes,
              sha256,
              HexFormat.of().formatHex(firstKey),
              HexFormat.of().formatHex(lastKey)));
    } catch (RocksDBException e) {
      throw storage(folder, e);
    } catch (IOException e) {
      throw storage(folder, e);
    }
  }

  @Override
  public void close() {
    writer.close();
    environment.close();
    options.close();
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      throw storage(folder, e);
    }
  }

  private static PlatformException storage(Path folder, RocksDBException e) {
    // Not among its causes, as it could not come back from an executor.
    return storage(folder, new IOException(e.getMessage()));
  }

  private static PlatformException storage(Path folder, IOException e) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot write online files in %s: %s. Check that the folder is writable and has space."
            .formatted(folder, e.getMessage()),
        e);
  }
}
