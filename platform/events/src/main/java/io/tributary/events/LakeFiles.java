package io.tributary.events;

import io.delta.kernel.defaults.engine.hadoopio.HadoopFileIO;
import io.delta.kernel.internal.util.Utils;
import io.tributary.core.FailPoints;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * Small files below a folder of a lake, on a local disk or in a Hadoop file system; each is there
 * whole or not at all. Names are relative to the folder, with {@code /}. A killed writer leaves at
 * most a hidden file {@code .NAME.UUID.tmp}, which nobody reads.
 */
public sealed interface LakeFiles {
  /** The files below a local folder or a Hadoop URI; nothing is read or written yet. */
  static LakeFiles of(String folder) {
    LakePath path = LakePath.parse(folder);
    return path.local().<LakeFiles>map(Local::new).orElseGet(() -> new Hadoop(path.text()));
  }

  String folder();

  /** The bytes of a file; empty if there is none. */
  Optional<byte[]> read(String name) throws IOException;

  /**
   * Writes a file whose name identifies its bytes; an existing one is left as it is, and it does
   * not matter which of several writers wins.
   */
  default void keep(String name, byte[] bytes) throws IOException {
    keep(name, out -> out.write(bytes));
  }

  /** The same of content that is too large for memory. */
  void keep(String name, AtomicFiles.Content content) throws IOException;

  /**
   * A file's bytes, one after the other.
   *
   * @throws IOException when there is none
   */
  InputStream open(String name) throws IOException;

  /**
   * Writes a file that is not there yet; of several writers one wins. Not on a local disk, this is
   * as safe as commits to tables: by Delta's log store for the scheme.
   *
   * @param lines without line ends
   * @return false, with nothing changed, if the file exists
   */
  boolean create(String name, List<String> lines) throws IOException;

  /** Writes a file, replacing any of its name; readers see the old one or the new. */
  void replace(String name, List<String> lines) throws IOException;

  /**
   * The names of the entries of the folder itself, hidden ones too; empty if there is no folder.
   */
  List<String> names() throws IOException;

  /** Whether there is a folder of that name. */
  boolean hasFolder(String name) throws IOException;

  /**
   * Gives a folder the age of now, so that nobody takes it for one that is not needed; false if
   * there is none. Only on a local disk, the only place where folders are cleaned away.
   */
  boolean touch(String name) throws IOException;

  /** Renames a folder atomically; false, with nothing changed, if the name exists. */
  boolean renameFolder(String from, String to) throws IOException;

  void deleteFolder(String name) throws IOException;

  /** The files below a folder, by name relative to it; hidden entries at its top are left out. */
  SortedMap<String, byte[]> readFolder(String name) throws IOException;

  private static byte[] bytes(List<String> lines) {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line).append('\n'));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** On a local disk. */
  record Local(Path root) implements LakeFiles {
    @Override
    public String folder() {
      return root.toString();
    }

    @Override
    public Optional<byte[]> read(String name) throws IOException {
      // Also if the folder is a file: a write reports it.
      if (!Files.exists(root.resolve(name))) {
        return Optional.empty();
      }
      try {
        return Optional.of(Files.readAllBytes(root.resolve(name)));
      } catch (NoSuchFileException gone) {
        return Optional.empty();
      }
    }

    @Override
    public void keep(String name, AtomicFiles.Content content) throws IOException {
      if (!Files.exists(root.resolve(name))) {
        create(name, content);
      }
    }

    @Override
    public InputStream open(String name) throws IOException {
      return Files.newInputStream(root.resolve(name));
    }

    @Override
    public boolean create(String name, List<String> lines) throws IOException {
      byte[] bytes = bytes(lines);
      return create(name, out -> out.write(bytes));
    }

    private boolean create(String name, AtomicFiles.Content content) throws IOException {
      Path file = root.resolve(name);
      Files.createDirectories(file.getParent());
      try {
        AtomicFiles.create(file, content);
        return true;
      } catch (FileAlreadyExistsException another) {
        return false;
      }
    }

    @Override
    public void replace(String name, List<String> lines) throws IOException {
      AtomicFiles.replace(root.resolve(name), bytes(lines));
    }

    @Override
    public List<String> names() throws IOException {
      try (Stream<Path> files = Files.list(root)) {
        return files.map(f -> f.getFileName().toString()).toList();
      } catch (NoSuchFileException | NotDirectoryException none) {
        return List.of();
      }
    }

    @Override
    public boolean hasFolder(String name) {
      return Files.isDirectory(root.resolve(name));
    }

    @Override
    public boolean touch(String name) throws IOException {
      try {
        Files.setLastModifiedTime(root.resolve(name), FileTime.from(Instant.now()));
        return true;
      } catch (NoSuchFileException none) {
        return false;
      }
    }

    @Override
    public boolean renameFolder(String from, String to) throws IOException {
      try {
        FailPoints.before(root.resolve(to));
        Files.move(root.resolve(from), root.resolve(to), StandardCopyOption.ATOMIC_MOVE);
        FailPoints.after(root.resolve(to));
      } catch (IOException e) {
        if (hasFolder(to)) {
          return false;
        }
        throw e;
      }
      AtomicFiles.forceFolder(root.resolve(to).getParent());
      return true;
    }

    @Override
    public void deleteFolder(String name) throws IOException {
      try (Stream<Path> files = Files.walk(root.resolve(name))) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }

    @Override
    public SortedMap<String, byte[]> readFolder(String name) throws IOException {
      Path folder = root.resolve(name);
      SortedMap<String, byte[]> read = new TreeMap<>();
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          String relative =
              folder.relativize(file).toString().replace(java.io.File.separatorChar, '/');
          if (!relative.startsWith(".")) {
            read.put(relative, Files.readAllBytes(file));
          }
        }
      }
      return read;
    }
  }

  /** In a Hadoop file system. */
  record Hadoop(String folder) implements LakeFiles {
    @Override
    public Optional<byte[]> read(String name) throws IOException {
      try (var in = files().open(path(name))) {
        return Optional.of(in.readAllBytes());
      } catch (FileNotFoundException none) {
        return Optional.empty();
      }
    }

    @Override
    public InputStream open(String name) throws IOException {
      return files().open(path(name));
    }

    @Override
    public void keep(String name, AtomicFiles.Content content) throws IOException {
      FileSystem files = files();
      org.apache.hadoop.fs.Path file = path(name);
      if (files.exists(file)) {
        return;
      }
      org.apache.hadoop.fs.Path hidden =
          new org.apache.hadoop.fs.Path(
              file.getParent(), ".%s.%s.tmp".formatted(file.getName(), UUID.randomUUID()));
      try (var out = files.create(hidden, false)) {
        content.writeTo(out);
      }
      if (!files.rename(hidden, file)) {
        files.delete(hidden, false);
        if (!files.exists(file)) {
          throw new IOException("it can't be renamed to " + file);
        }
      }
    }

    @Override
    public boolean create(String name, List<String> lines) throws IOException {
      try {
        write(name, lines, false);
        return true;
      } catch (FileAlreadyExistsException | org.apache.hadoop.fs.FileAlreadyExistsException e) {
        return false;
      }
    }

    @Override
    public void replace(String name, List<String> lines) throws IOException {
      write(name, lines, true);
    }

    private void write(String name, List<String> lines, boolean overwrite) throws IOException {
      files().mkdirs(path(name).getParent());
      new HadoopFileIO(new Configuration())
          .newOutputFile(path(name).toString())
          .writeAtomically(Utils.toCloseableIterator(lines.iterator()), overwrite);
    }

    @Override
    public List<String> names() throws IOException {
      List<String> names = new ArrayList<>();
      try {
        for (FileStatus file : files().listStatus(path(""))) {
          names.add(file.getPath().getName());
        }
      } catch (FileNotFoundException none) {
        return List.of();
      }
      return names;
    }

    @Override
    public boolean hasFolder(String name) throws IOException {
      return files().exists(path(name));
    }

    @Override
    public boolean touch(String name) throws IOException {
      return hasFolder(name);
    }

    @Override
    public boolean renameFolder(String from, String to) throws IOException {
      // If another writer comes first, some file systems move the folder into that writer's, where
      // it is hidden and not read.
      return !hasFolder(to) && files().rename(path(from), path(to));
    }

    @Override
    public void deleteFolder(String name) throws IOException {
      files().delete(path(name), true);
    }

    @Override
    public SortedMap<String, byte[]> readFolder(String name) throws IOException {
      SortedMap<String, byte[]> read = new TreeMap<>();
      String below = files().makeQualified(path(name)).toString();
      RemoteIterator<LocatedFileStatus> found = files().listFiles(path(name), true);
      while (found.hasNext()) {
        org.apache.hadoop.fs.Path file = found.next().getPath();
        String relative = file.toString().substring(below.length() + 1);
        if (!relative.startsWith(".")) {
          try (var in = files().open(file)) {
            read.put(relative, in.readAllBytes());
          }
        }
      }
      return read;
    }

    private org.apache.hadoop.fs.Path path(String name) {
      return name.isEmpty()
          ? new org.apache.hadoop.fs.Path(folder)
          : new org.apache.hadoop.fs.Path(folder, name);
    }

    private FileSystem files() throws IOException {
      return path("").getFileSystem(new Configuration());
    }
  }
}
