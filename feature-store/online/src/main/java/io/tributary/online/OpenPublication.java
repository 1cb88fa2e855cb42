package io.tributary.online;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileReaderIterator;

/**
 * The files of one publication, opened for reading. Safe for threads: each read has an iterator of
 * its own.
 */
final class OpenPublication implements AutoCloseable {
  static {
    RocksDB.loadLibrary();
  }

  private final Path folder;
  private final Publication publication;
  private final Options options = new Options();
  private final List<SstFileReader> readers = new ArrayList<>();

  OpenPublication(Path folder, Publication publication) {
    this.folder = folder;
    this.publication = publication;
    for (SstFile file : publication.files()) {
      Path path = folder.resolve(file.name());
      if (!Files.exists(path)) {
        close();
        throw new PlatformException(
            ErrorCode.CORRUPT,
            "Cannot open publication "
                + publication.sequence()
                + " of "
                + publication.view()
                + ": its file "
                + path
                + " is missing. Publish the view again.");
      }
      SstFileReader reader = new SstFileReader(options);
      readers.add(reader);
      try {
        reader.open(path.toString());
      } catch (RocksDBException e) {
        close();
        throw corrupt(path, e);
      }
    }
  }

  Publication publication() {
    return publication;
  }

  Optional<StoredRow> find(byte[] key) {
    String hex = RocksDbOnlineStore.hex(key);
    for (int i = 0; i < readers.size(); i++) {
      SstFile file = publication.files().get(i);
      if (file.firstKey().compareTo(hex) <= 0 && file.lastKey().compareTo(hex) >= 0) {
        return find(readers.get(i), key);
      }
    }
    return Optional.empty();
  }

  private Optional<StoredRow> find(SstFileReader reader, byte[] key) {
    try (ReadOptions read = new ReadOptions();
        SstFileReaderIterator at = reader.newIterator(read)) {
      at.seek(key);
      return at.isValid() && Arrays.equals(at.key(), key)
          ? Optional.of(RowCodec.decode(at.value(), publication.features()))
          : Optional.empty();
    }
  }

  void scan(BiConsumer<byte[], StoredRow> consumer) {
    for (int i = 0; i < readers.size(); i++) {
      try (ReadOptions read = new ReadOptions();
          SstFileReaderIterator at = readers.get(i).newIterator(read)) {
        for (at.seekToFirst(); at.isValid(); at.next()) {
          consumer.accept(at.key(), RowCodec.decode(at.value(), publication.features()));
        }
        at.status();
      } catch (RocksDBException e) {
        throw corrupt(folder.resolve(publication.files().get(i).name()), e);
      }
    }
  }

  private PlatformException corrupt(Path path, RocksDBException e) {
    return new PlatformException(
        ErrorCode.CORRUPT,
        "Cannot read online file " + path + ": " + e.getMessage() + ". Publish the view again.",
        e);
  }

  @Override
  public void close() {
    readers.forEach(SstFileReader::close);
    options.close();
  }
}
