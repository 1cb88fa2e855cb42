package io.tributary.registry;

import io.tributary.core.Durable;
import io.tributary.events.AtomicFiles;
import io.tributary.events.LakePath;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.RemoteIterator;

/** Folders below a lake; names are relative to it. */
sealed interface Folders {
  static Folders of(String lake) {
    LakePath path = LakePath.parse(lake);
    return path.local().<Folders>map(Local::new).orElseGet(() -> new Hadoop(path.text()));
  }

  String lake();

  boolean exists(String name) throws IOException;

  void write(String name, byte[] bytes) throws IOException;

  /** Gives a folder its final name at once; false, changing nothing, when that name is taken. */
  boolean rename(String from, String to) throws IOException;

  void delete(String name) throws IOException;

  /** The files below a folder, by name relative to it; what is hidden at its top is left out. */
  SortedMap<String, byte[]> read(String name) throws IOException;

  record Local(Path root) implements Folders {
    @Override
    public String lake() {
      return root.toString();
    }

    @Override
    public boolean exists(String name) {
      return Files.isDirectory(root.resolve(name));
    }

    @Override
    public void write(String name, byte[] bytes) throws IOException {
      Path file = root.resolve(name);
      Files.createDirectories(file.getParent());
      AtomicFiles.create(file, bytes);
    }

    @Override
    public boolean rename(String from, String to) throws IOException {
      try {
        Durable.before(root.resolve(to));
        Files.move(root.resolve(from), root.resolve(to), StandardCopyOption.ATOMIC_MOVE);
        Durable.after(root.resolve(to));
      } catch (IOException e) {
        if (exists(to)) {
          return false;
        }
        throw e;
      }
      AtomicFiles.forceFolder(root.resolve(to).getParent());
      return true;
    }

    @Override
    public void delete(String name) throws IOException {
      try (Stream<Path> files = Files.walk(root.resolve(name))) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }

    @Override
    public SortedMap<String, byte[]> read(String name) throws IOException {
      Path folder = root.resolve(name);
      SortedMap<String, byte[]> read = new TreeMap<>();
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          String relative = folder.relativize(file).toString().replace(File.separatorChar, '/');
          if (!relative.startsWith(".")) {
            read.put(relative, Files.readAllBytes(file));
          }
        }
      }
      return read;
    }
  }

  record Hadoop(String lake) implements Folders {
    @Override
    public boolean exists(String name) throws IOException {
      return files().exists(path(name));
    }

    @Override
    public void write(String name, byte[] bytes) throws IOException {
      try (var out = files().create(path(name), false)) {
        out.write(bytes);
      }
    }

    @Override
    public boolean rename(String from, String to) throws IOException {
      // Where another writer comes between, some file systems move the folder into the other's,
      // where it is hidden and not read.
      return !exists(to) && files().rename(path(from), path(to));
    }

    @Override
    public void delete(String name) throws IOException {
      files().delete(path(name), true);
    }

    @Override
    public SortedMap<String, byte[]> read(String name) throws IOException {
      SortedMap<String, byte[]> read = new TreeMap<>();
      String folder = files().makeQualified(path(name)).toString();
      RemoteIterator<LocatedFileStatus> found = files().listFiles(path(name), true);
      while (found.hasNext()) {
        org.apache.hadoop.fs.Path file = found.next().getPath();
        String relative = file.toString().substring(folder.length() + 1);
        if (!relative.startsWith(".")) {
          try (var in = files().open(file)) {
            read.put(relative, in.readAllBytes());
          }
        }
      }
      return read;
    }

    private org.apache.hadoop.fs.Path path(String name) {
      return new org.apache.hadoop.fs.Path(lake + "/" + name);
    }

    private FileSystem files() throws IOException {
      return path("").getFileSystem(new Configuration());
    }
  }
}
