package io.tributary.online.rocksdb;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.online.Layers;
import io.tributary.online.PublishedRows;
import io.tributary.online.RowCodec;
import io.tributary.online.StoredRow;
import io.tributary.online.StoredView;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileReaderIterator;

/** SST files of a view, ascending by key and not overlapping, opened for reading. */
final class OpenFiles implements PublishedRows {
  static {
    RocksDB.loadLibrary();
  }

  private final StoredView view;
  private final List<OpenFile> files = new ArrayList<>();
  private final Options options = new Options();
  private final ReadOptions read = new ReadOptions();

  private record OpenFile(Path path, byte[] firstKey, byte[] lastKey, SstFileReader reader) {}

  OpenFiles(Path folder, List<SstFile> files, StoredView view) {
    this.view = view;
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

  /** Files are looked into by one iterator each. */
  @Override
  public List<Optional<StoredRow>> findAll(List<? extends List<?>> keys) {
    SstFileReaderIterator[] iterators = new SstFileReaderIterator[files.size()];
    try {
      List<Optional<StoredRow>> rows = new ArrayList<>(keys.size());
      for (List<?> key : keys) {
        rows.add(view.keyBytes(key).flatMap(bytes -> find(bytes, iterators)));
      }
      return rows;
    } finally {
      for (SstFileReaderIterator iterator : iterators) {
        if (iterator != null) {
          iterator.close();
        }
      }
    }
  }

  private Optional<StoredRow> find(byte[] key, SstFileReaderIterator[] iterators) {
    int i = fileOf(key);
    if (i < 0) {
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
    return Arrays.equals(at.key(), key)
        ? Optional.of(RowCodec.decode(at.value(), view.features()))
        : Optional.empty();
  }

  /** The file whose range has a key; -1 if none has. */
  private int fileOf(byte[] key) {
    int low = 0;
    int high = files.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      OpenFile file = files.get(middle);
      if (Arrays.compareUnsigned(key, file.firstKey()) < 0) {
        high = middle - 1;
      } else if (Arrays.compareUnsigned(key, file.lastKey()) > 0) {
        low = middle + 1;
      } else {
        return middle;
      }
    }
    return -1;
  }

  @Override
  public void forEach(BiConsumer<byte[], StoredRow> reader) {
    try (Cursor at = cursor()) {
      for (; at.isValid(); at.next()) {
        reader.accept(at.key(), at.row());
      }
    }
  }

  @Override
  public long count() {
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

  /** At the first row. */
  Cursor cursor() {
    return new Cursor();
  }

  /** A position among the rows of all files. Not for several threads. */
  final class Cursor implements Layers.Rows, AutoCloseable {
    private int file = -1;
    private SstFileReaderIterator at;

    private Cursor() {
      nextFile();
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
      return RowCodec.decode(at.value(), view.features());
    }

    @Override
    public void next() {
      at.next();
      if (!at.isValid()) {
        nextFile();
      }
    }

    private void nextFile() {
      do {
        if (at != null) {
          requireOk(file, at);
          close();
        }
        file++;
        if (file == files.size()) {
          return;
        }
        at = files.get(file).reader().newIterator(read);
        at.seekToFirst();
      } while (!at.isValid());
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

  private static PlatformException corrupt(Path path, RocksDBException e) {
    return new PlatformException(
        ErrorCode.CORRUPT,
        "Cannot read online file " + path + ": " + e.getMessage() + ". Publish the view again.",
        e);
  }

  @Override
  public void close() {
    files.forEach(file -> file.reader().close());
    read.close();
    options.close();
  }
}
