package io.tributary.events.internal;

import io.tributary.events.LakePath;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;

/** The files of one Delta table, as a light reader needs them. */
public sealed interface TableFiles {
  /** The name of a table's log folder. */
  String LOG = "_delta_log";

  /**
   * A file of the log.
   *
   * @param modified milliseconds since 1970
   */
  record LogFile(String name, long size, long modified) {}

  static TableFiles of(LakePath path) {
    return path.local().<TableFiles>map(Local::new).orElseGet(() -> new Hadoop(path.text()));
  }

  /**
   * The visible files of the log folder in order of their names; none when there is no such folder.
   */
  List<LogFile> log() throws IOException;

  /**
   * A whole file.
   *
   * @param name relative to the table's folder, not escaped
   */
  byte[] read(String name) throws IOException;

  record Local(Path table) implements TableFiles {
    @Override
    public List<LogFile> log() throws IOException {
      List<LogFile> found = new ArrayList<>();
      try (Stream<Path> files = Files.list(table.resolve(LOG))) {
        for (Iterator<Path> i = files.iterator(); i.hasNext(); ) {
          Path file = i.next();
          String name = file.getFileName().toString();
          if (!name.startsWith(".")) {
            try {
              BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
              found.add(new LogFile(name, a.size(), a.lastModifiedTime().toMillis()));
            } catch (NoSuchFileException vanished) {
              continue;
            }
          }
        }
      } catch (NoSuchFileException | NotDirectoryException none) {
        return List.of();
      }
      found.sort((a, b) -> a.name().compareTo(b.name()));
      return found;
    }

    @Override
    public byte[] read(String name) throws IOException {
      return Files.readAllBytes(table.resolve(name));
    }
  }

  record Hadoop(String table) implements TableFiles {
    @Override
    public List<LogFile> log() throws IOException {
      org.apache.hadoop.fs.Path folder = new org.apache.hadoop.fs.Path(table, LOG);
      List<LogFile> found = new ArrayList<>();
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
      found.sort((a, b) -> a.name().compareTo(b.name()));
      return found;
    }

    @Override
    public byte[] read(String name) throws IOException {
      org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path(table + "/" + name);
      try (var in = fileSystem(file).open(file)) {
        return in.readAllBytes();
      }
    }

    private static FileSystem fileSystem(org.apache.hadoop.fs.Path path) throws IOException {
      return path.getFileSystem(new Configuration());
    }
  }
}
