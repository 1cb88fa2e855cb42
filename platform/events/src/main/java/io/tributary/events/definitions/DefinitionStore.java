package io.tributary.events.definitions;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.events.AtomicFiles;
import io.tributary.events.LakePath;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;

/**
 * The definitions that a lake's runs used: {@code LAKE/definitions/<sha-256>.json}, each named by
 * the digest of its bytes. Nothing in it is ever changed or removed. Safe for threads and
 * processes; a writer that is killed leaves whole files only.
 */
public final class DefinitionStore {
  private static final String SUFFIX = ".json";

  private final LakePath folder;
  private final Set<Digest> there = ConcurrentHashMap.newKeySet();
  private final Map<Digest, Definition> read = new ConcurrentHashMap<>();

  private DefinitionStore(LakePath folder) {
    this.folder = folder;
  }

  /** The store of the lake at a local folder or Hadoop URI; nothing is read or written yet. */
  public static DefinitionStore open(String lake) {
    return new DefinitionStore(LakePath.parse(lake + "/definitions"));
  }

  /**
   * Keeps a definition; one that is there is left as it is. It is on the disk when this returns.
   *
   * @return the digest that it is kept under
   */
  public Digest put(Definition definition) {
    byte[] bytes = definition.json().getBytes(StandardCharsets.UTF_8);
    Digest digest = Digest.of(bytes);
    if (there.contains(digest)) {
      return digest;
    }
    try {
      if (folder.local().isPresent()) {
        write(folder.local().get(), digest, bytes);
      } else {
        write(new org.apache.hadoop.fs.Path(folder.text()), digest, bytes);
      }
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot keep the definition of %s in %s: %s. Check the storage and its permissions."
              .formatted(definition.reference(), folder.text(), e.getMessage()),
          e);
    }
    there.add(digest);
    return digest;
  }

  private static void write(Path folder, Digest digest, byte[] bytes) throws IOException {
    Path file = folder.resolve(digest.hex() + SUFFIX);
    if (!Files.exists(file)) {
      Files.createDirectories(folder);
      try {
        AtomicFiles.create(file, bytes);
      } catch (FileAlreadyExistsException another) {
        return;
      }
    }
  }

  private static void write(org.apache.hadoop.fs.Path folder, Digest digest, byte[] bytes)
      throws IOException {
    FileSystem files = folder.getFileSystem(new Configuration());
    org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path(folder, digest.hex() + SUFFIX);
    if (files.exists(file)) {
      return;
    }
    org.apache.hadoop.fs.Path hidden =
        new org.apache.hadoop.fs.Path(folder, "." + digest.hex() + "." + UUID.randomUUID());
    try (var out = files.create(hidden, false)) {
      out.write(bytes);
    }
    if (!files.rename(hidden, file)) {
      files.delete(hidden, false);
      if (!files.exists(file)) {
        throw new IOException("it can't be renamed to " + file);
      }
    }
  }

  /**
   * A definition that was kept.
   *
   * @throws PlatformException NOT_FOUND when there is none, CORRUPT when its bytes are not those
   *     that were kept, REFUSED when a newer build wrote it
   */
  public Definition read(Digest digest) {
    return read.computeIfAbsent(digest, this::load);
  }

  private Definition load(Digest digest) {
    byte[] bytes;
    try {
      bytes = bytes(digest);
    } catch (NoSuchFileException | FileNotFoundException e) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot read definition %s: %s has none of that digest. Name one that a run's record or a model version names."
              .formatted(digest.hex(), folder.text()),
          e);
    } catch (IOException e) {
      throw unreadable(digest.hex(), e);
    }
    if (!Digest.of(bytes).equals(digest)) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot read definition %s: its bytes in %s are not those that were kept. Restore the file from a copy."
              .formatted(digest.hex(), folder.text()));
    }
    return Definition.read(new String(bytes, StandardCharsets.UTF_8));
  }

  /**
   * The digests of all definitions that begin so, sorted.
   *
   * @param hex the first of its hexadecimal digits
   */
  public List<Digest> find(String hex) {
    List<Digest> found = new ArrayList<>();
    for (String name : names()) {
      if (name.startsWith(hex) && name.matches("[0-9a-f]{64}\\.json")) {
        found.add(Digest.parse(name.substring(0, name.length() - SUFFIX.length())));
      }
    }
    found.sort((a, b) -> a.hex().compareTo(b.hex()));
    return found;
  }

  private List<String> names() {
    List<String> names = new ArrayList<>();
    try {
      if (folder.local().isPresent()) {
        try (Stream<Path> files = Files.list(folder.local().get())) {
          files.forEach(f -> names.add(f.getFileName().toString()));
        }
      } else {
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(folder.text());
        for (FileStatus file : path.getFileSystem(new Configuration()).listStatus(path)) {
          names.add(file.getPath().getName());
        }
      }
    } catch (NoSuchFileException | NotDirectoryException | FileNotFoundException none) {
      return List.of();
    } catch (IOException e) {
      throw unreadable("", e);
    }
    return names;
  }

  private byte[] bytes(Digest digest) throws IOException {
    String name = digest.hex() + SUFFIX;
    if (folder.local().isPresent()) {
      return Files.readAllBytes(folder.local().get().resolve(name));
    }
    org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path(folder.text(), name);
    try (var in = file.getFileSystem(new Configuration()).open(file)) {
      return in.readAllBytes();
    }
  }

  private PlatformException unreadable(String what, IOException cause) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot read definition %sin %s: %s. Check the storage and its permissions."
            .formatted(what.isEmpty() ? "files " : what + " ", folder.text(), cause.getMessage()),
        cause);
  }
}
