package io.tributary.online.rocksdb;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.online.Layers;
import io.tributary.online.RowCodec;
import io.tributary.online.StoredRow;
import io.tributary.online.StoredView;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileReaderIterator;

/** SST files of a view, ascending by key and not overlapping, opened for reading. */
final class OpenRun implements AutoCloseable {
  static {
    RocksDB.loadLibrary();
  }

  /** Unpacked blocks of all files that this process looks keys up in. */
  private static final Cache BLOCKS = new LRUCache(256 << 20);

  private final StoredView view;
  private final Instant snapshot;
  private final List<OpenFile> files = new ArrayList<>();
  private final Options options = new Options();
  private final ReadOptions read = new ReadOptions();

  /** What is read of files. */
  enum Reading {
    /**
     * Any keys, again and again: blocks stay in memory, and are not looked at on the disk again.
     */
    KEYS,
    /** All rows in order, from the disk. */
    ALL
  }

  private record OpenFile(Path path, byte[] firstKey, byte[] lastKey, SstFileReader reader) {}

  /**
   * @param snapshot that its rows are read from
   * @param reading what is read of them
   */
  OpenRun(Path folder, List<SstFile> files, StoredView view, Instant snapshot, Reading reading) {
    this.view = view;
    this.snapshot = snapshot;
    if (reading == Reading.KEYS) {
      options.setTableFormatConfig(new BlockBasedTableConfig().setBlockCache(BLOCKS));
    }
    try {
      files.forEach(file -> open(folder.resolve(file.name()), file));
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private void open(Path path, SstFile file) {
    if (!Files.exists(path)) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot open the publication of %s: its file %s is missing. Publish the view again."
              .formatted(view.id(), path));
    }
    SstFileReader reader = new SstFileReader(options);
    files.add(
        new OpenFile(
            path,
            HexFormat.of().parseHex(file.firstKey()),
            HexFormat.of().parseHex(file.lastKey()),
            reader));
    try {
      reader.open(path.toString());
    } catch (RocksDBException e) {
      throw corrupt(path, e);
    }
  }

  /** Looks for keys, with one iterator a file. Not for several threads. */
  Finder finder() {
    return new Finder();
  }

  /** Finds the bytes of rows by key. */
  final class Finder implements AutoCloseable {
    private final SstFileReaderIterator[] iterators = new SstFileReaderIterator[files.size()];

    private Finder() {}

    Optional<byte[]> find(byte[] key) {
      int i = fileFrom(key);
      if (i == files.size() || Arrays.compareUnsigned(key, files.get(i).firstKey()) < 0) {
        return Optional.empty();
      }
      if (iterators[i] == null) {
        iterators[i] = files.get(i).reader().newIterator(read);
      }
      SstFileReaderIterator at = iterators[i];
      at.seek(key);
      if (!at.isValid()) {
        // Keys do not end before the greatest of the file.
        requireOk(i, at);
        return Optional.empty();
      }
      return Arrays.equals(at.key(), key) ? Optional.of(at.value()) : Optional.empty();
    }

    @Override
    public void close() {
      for (SstFileReaderIterator iterator : iterators) {
        if (iterator != null) {
          iterator.close();
        }
      }
    }
  }

  /** The first file that has the key or a greater one. */
  private int fileFrom(byte[] key) {
    int low = 0;
    int high = files.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Arrays.compareUnsigned(key, files.get(middle).lastKey()) > 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** How many rows the files have, also withdrawn ones. */
  long entries() {
    long rows = 0;
    for (OpenFile file : files) {
      try {
        rows += file.reader().getTableProperties().getNumEntries();
      } catch (RocksDBException e) {
        throw corrupt(file.path(), e);
      }
    }
    return rows;
  }

  /** At the first row from a key on. */
  Cursor from(byte[] key) {
    return new Cursor(key);
  }

  /** A position among the rows of all files. Not for several threads. */
  final class Cursor implements Layers.Rows {
    private int file;
    private SstFileReaderIterator at;

    private Cursor(byte[] from) {
      file = fileFrom(from);
      if (file < files.size()) {
        at = files.get(file).reader().newIterator(read);
        at.seek(from);
        skipEnded();
      }
    }

    @Override
    public boolean isValid() {
      return at != null;
    }

    @Override
    public byte[] key() {
      return at.key();
    }

    @Override
    public byte[] value() {
      return at.value();
    }

    @Override
    public StoredRow row() {
      return RowCodec.decode(at.value(), view.features(), snapshot);
    }

    @Override
    public void next() {
      at.next();
      skipEnded();
    }

    private void skipEnded() {
      while (at != null && !at.isValid()) {
        requireOk(file, at);
        close();
        file++;
        if (file < files.size()) {
          at = files.get(file).reader().newIterator(read);
          at.seekToFirst();
        }
      }
    }

    @Override
    public void close() {
      if (at != null) {
        at.close();
        at = null;
      }
    }
  }

  /** An iterator ends at the last row, or at what can't be read. */
  private void requireOk(int file, SstFileReaderIterator at) {
    try {
      at.status();
    } catch (RocksDBException e) {
      throw corrupt(files.get(file).path(), e);
    }
  }

  /** RocksDB's exception is not among its causes, as it could not come back from an executor. */
  private static PlatformException corrupt(Path path, RocksDBException e) {
    return new PlatformException(
        ErrorCode.CORRUPT,
        "Cannot read online file " + path + ": " + e.getMessage() + ". Publish the view again.");
  }

  @Override
  public void close() {
    files.forEach(file -> file.reader().close());
    read.close();
    options.close();
  }
}
