package io.tributary.online;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
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

  /** How many rows the files say that they hold. */
  long rows() {
    long rows = 0;
    for (int i = 0; i < readers.size(); i++) {
      try {
        rows += readers.get(i).getTableProperties().getNumEntries();
      } catch (RocksDBException e) {
        throw corrupt(folder.resolve(publication.files().get(i).name()), e);
      }
    }
    return rows;
  }

  /** All rows, ascending by key. */
  RowCursor cursor() {
    return new RowCursor();
  }

  /**
   * A position among the rows of all files; at the first row when it is made. Not for several
   * threads.
   */
  final class RowCursor implements AutoCloseable {
    private final ReadOptions read = new ReadOptions();
    private int file = -1;
    private SstFileReaderIterator at;

    private RowCursor() {
      nextFile();
    }

    boolean isValid() {
      return at != null;
    }

    byte[] key() {
      return at.key();
    }

    byte[] value() {
      return at.value();
    }

    StoredRow row() {
      return RowCodec.decode(at.value(), publication.features());
    }

    void next() {
      at.next();
      if (!at.isValid()) {
        nextFile();
      }
    }

    private void nextFile() {
      do {
        endFile();
        file++;
        if (file == readers.size()) {
          return;
        }
        at = readers.get(file).newIterator(read);
        at.seekToFirst();
      } while (!at.isValid());
    }

    private void endFile() {
      if (at == null) {
        return;
      }
      try {
        at.status();
      } catch (RocksDBException e) {
        throw corrupt(folder.resolve(publication.files().get(file).name()), e);
      } finally {
        at.close();
        at = null;
      }
    }

    @Override
    public void close() {
      if (at != null) {
        at.close();
        at = null;
      }
      read.close();
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
