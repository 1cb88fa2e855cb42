package io.tributary.events.internal;

import io.delta.kernel.defaults.engine.fileio.InputFile;
import io.delta.kernel.defaults.engine.fileio.OutputFile;
import io.delta.kernel.defaults.engine.fileio.PositionOutputStream;
import io.delta.kernel.defaults.engine.fileio.SeekableInputStream;
import io.delta.kernel.defaults.engine.hadoopio.HadoopFileIO;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import io.tributary.events.AtomicFiles;
import io.tributary.events.LakePath;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/**
 * Kernel's file access on a local disk: every write is atomic and exclusive through {@link
 * AtomicFiles}. Hadoop's own local file system checks and then renames, with which two writers can
 * destroy a table.
 */
final class LakeIO extends HadoopFileIO {
  public LakeIO() {
    super(configuration());
  }

  private static Configuration configuration() {
    Configuration configuration = new Configuration(false);
    configuration.set("fs.file.impl", "org.apache.hadoop.fs.RawLocalFileSystem");
    return configuration;
  }

  @Override
  public CloseableIterator<FileStatus> listFrom(String filePath) throws IOException {
    Path from = LakePath.local(filePath);
    String first = from.getFileName().toString();
    List<FileStatus> found = new ArrayList<>();
    try (Stream<Path> names = Files.list(from.getParent())) {
      for (Iterator<Path> i = names.iterator(); i.hasNext(); ) {
        Path file = i.next();
        String name = file.getFileName().toString();
        if (!name.startsWith(".") && name.compareTo(first) >= 0) {
          try {
            found.add(status(file));
          } catch (NoSuchFileException vanished) {
            continue;
          }
        }
      }
    } catch (NoSuchFileException e) {
      throw fileNotFound(from.getParent(), e);
    }
    found.sort((a, b) -> a.getPath().compareTo(b.getPath()));
    return iterator(found.iterator());
  }

  @Override
  public FileStatus getFileStatus(String path) throws IOException {
    try {
      return status(LakePath.local(path));
    } catch (NoSuchFileException e) {
      throw fileNotFound(LakePath.local(path), e);
    }
  }

  @Override
  public String resolvePath(String path) {
    return name(LakePath.local(path));
  }

  @Override
  public boolean mkdirs(String path) throws IOException {
    Files.createDirectories(LakePath.local(path));
    return true;
  }

  @Override
  public InputFile newInputFile(String path, long fileSize) {
    return new WholeFile(path);
  }

  @Override
  public OutputFile newOutputFile(String path) {
    return new AtomicOutput(path);
  }

  @Override
  public boolean delete(String path) throws IOException {
    return Files.deleteIfExists(LakePath.local(path));
  }

  private static String name(Path path) {
    return "file:" + path;
  }

  private static FileStatus status(Path file) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    return FileStatus.of(name(file), attributes.size(), attributes.lastModifiedTime().toMillis());
  }

  private static FileNotFoundException fileNotFound(Path path, Exception cause) {
    FileNotFoundException e = new FileNotFoundException(path + " does not exist");
    e.initCause(cause);
    return e;
  }

  private static <T> CloseableIterator<T> iterator(Iterator<T> iterator) {
    return new CloseableIterator<>() {
      @Override
      public boolean hasNext() {
        return iterator.hasNext();
      }

      @Override
      public T next() {
        return iterator.next();
      }

      @Override
      public void close() {}
    };
  }

  private record WholeFile(String path) implements InputFile {
    @Override
    public long length() throws IOException {
      return Files.size(LakePath.local(path));
    }

    @Override
    public SeekableInputStream newStream() throws IOException {
      try {
        return new Bytes(Files.readAllBytes(LakePath.local(path)));
      } catch (NoSuchFileException e) {
        throw fileNotFound(LakePath.local(path), e);
      }
    }
  }

  private record AtomicOutput(String path) implements OutputFile {
    @Override
    public PositionOutputStream create(boolean putIfAbsent) {
      ByteArrayOutputStream buffer = new ByteArrayOutputStream();
      return new PositionOutputStream() {
        private boolean closed;

        @Override
        public long getPos() {
          return buffer.size();
        }

        @Override
        public void write(int b) {
          buffer.write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
          buffer.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
          if (!closed) {
            closed = true;
            put(buffer.toByteArray(), !putIfAbsent);
          }
        }
      };
    }

    @Override
    public void writeAtomically(CloseableIterator<String> lines, boolean overwrite)
        throws IOException {
      StringBuilder text = new StringBuilder();
      try (lines) {
        while (lines.hasNext()) {
          text.append(lines.next()).append('\n');
        }
      }
      put(text.toString().getBytes(StandardCharsets.UTF_8), overwrite);
    }

    private void put(byte[] bytes, boolean overwrite) throws IOException {
      Path file = LakePath.local(path);
      if (overwrite) {
        AtomicFiles.replace(file, bytes);
      } else {
        AtomicFiles.create(file, bytes);
      }
    }
  }

  static final class Bytes extends SeekableInputStream {
    private final byte[] bytes;
    private int position;

    Bytes(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public long getPos() {
      return position;
    }

    @Override
    public void seek(long to) throws IOException {
      if (to < 0 || to > bytes.length) {
        throw new EOFException("no byte " + to + " in a file of " + bytes.length);
      }
      position = (int) to;
    }

    @Override
    public int read() {
      return position < bytes.length ? bytes[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      if (length == 0) {
        return 0;
      }
      if (position >= bytes.length) {
        return -1;
      }
      int n = Math.min(length, bytes.length - position);
      System.arraycopy(bytes, position, into, offset, n);
      position += n;
      return n;
    }

    @Override
    public void readFully(byte[] into, int offset, int length) throws IOException {
      if (bytes.length - position < length) {
        throw new EOFException("file ends before byte " + (position + (long) length));
      }
      System.arraycopy(bytes, position, into, offset, length);
      position += length;
    }
  }
}
