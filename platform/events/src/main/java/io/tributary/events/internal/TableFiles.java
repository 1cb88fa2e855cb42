package io.tributary.events.internal;

import io.tributary.events.LakePath;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;

/** The files of one Delta table, as a light reader needs them. */
public sealed interface TableFiles {
  /** The name of a table's log folder. */
  String LOG = "_delta_log";

  /** A file of the log as listed; details beyond its name may cost a call. */
  interface Listed {
    String name();

    LogFile file() throws IOException;
  }

  /**
   * A file of the log.
   *
   * @param modified milliseconds since 1970
   */
  record LogFile(String name, long size, long modified) implements Listed {
    @Override
    public LogFile file() {
      return this;
    }
  }

  static TableFiles of(LakePath path) {
    return path.local().<TableFiles>map(Local::new).orElseGet(() -> new Hadoop(path.text()));
  }

  /** The visible files of the log folder, in no order; none when there is no such folder. */
  List<Listed> log() throws IOException;

  /**
   * A whole file.
   *
   * @param name relative to the table's folder, not escaped
   */
  byte[] read(String name) throws IOException;

  /** Deletes a file if it exists. */
  void delete(String name) throws IOException;

  record Local(Path table) implements TableFiles {
    @Override
    public List<Listed> log() throws IOException {
      List<Listed> found = new ArrayList<>();
      try (Stream<Path> files = Files.list(table.resolve(LOG))) {
        files.forEach(
            file -> {
              String name = file.getFileName().toString();
              if (!name.startsWith(".")) {
                found.add(new OnDisk(name, file));
              }
            });
      } catch (NoSuchFileException | NotDirectoryException none) {
        return List.of();
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
      return found;
    }

    private record OnDisk(String name, Path path) implements Listed {
      @Override
      public LogFile file() throws IOException {
        BasicFileAttributes a = Files.readAttributes(path, BasicFileAttributes.class);
        return new LogFile(name, a.size(), a.lastModifiedTime().toMillis());
      }
    }

    @Override
    public byte[] read(String name) throws IOException {
      return Reads.file(Files.readAllBytes(table.resolve(name)));
    }

    @Override
    public void delete(String name) throws IOException {
      Files.deleteIfExists(table.resolve(name));
    }
  }

  record Hadoop(String table) implements TableFiles {
    @Override
    public List<Listed> log() throws IOException {
      org.apache.hadoop.fs.Path folder = new org.apache.hadoop.fs.Path(table, LOG);
      List<Listed> found = new ArrayList<>();
      try {
        for (FileStatus status : fileSystem(folder).listStatus(folder)) {
          String name = status.getPath().getName();
          if (!name.startsWith(".")) {
            found.add(new LogFile(name, status.getLen(), status.getModificationTime()));
          }
        }
      } catch (FileNotFoundException none) {
        return List.of();
      }
      return found;
    }

    @Override
    public byte[] read(String name) throws IOException {
      org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path(table + "/" + name);
      try (var in = fileSystem(file).open(file)) {
        return Reads.file(in.readAllBytes());
      }
    }

    @Override
    public void delete(String name) throws IOException {
      org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path(table + "/" + name);
      fileSystem(file).delete(file, false);
    }

    private static FileSystem fileSystem(org.apache.hadoop.fs.Path path) throws IOException {
      return path.getFileSystem(new Configuration());
    }
  }
}
