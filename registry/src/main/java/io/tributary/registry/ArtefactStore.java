package io.tributary.registry;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.events.LakeFiles;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The artefacts of a lake's models, each in a folder {@code LAKE/models/DIGEST}, named by its
 * content, that is there whole or not at all. Storing the same files again changes nothing. Every
 * read is checked against the name.
 */
public final class ArtefactStore {
  private static final String FOLDER = "models";
  private static final String PARTS = "registrations";

  private final LakeFiles lake;
  private final String folder;

  private ArtefactStore(LakeFiles lake, String folder) {
    this.lake = lake;
    this.folder = folder;
  }

  /** The store of the lake at a local path or a Hadoop URI; nothing is read or written yet. */
  public static ArtefactStore open(String lake) {
    return new ArtefactStore(LakeFiles.of(lake), FOLDER);
  }

  /**
   * The store of what registrations say that is too large for their log: folder {@code
   * LAKE/registrations}. It belongs to the log, as a version is known by it after its artefact is
   * gone.
   */
  ArtefactStore ofRegistrations() {
    return new ArtefactStore(lake, PARTS);
  }

  /** The SHA-256 of the lines {@code NAME DIGEST} of files, by name. */
  public static Digest digest(Map<String, Digest> files) {
    return Digest.of(lines(files));
  }

  /** The lines {@code NAME DIGEST} of files, by name. */
  static String lines(Map<String, Digest> files) {
    StringBuilder lines = new StringBuilder();
    new TreeMap<>(files)
        .forEach((name, digest) -> lines.append(name).append(' ').append(digest).append('\n'));
    return lines.toString();
  }

  /** Stores files by name, sub-folders with {@code /}. */
  public Artefact put(Map<String, byte[]> files) {
    Artefact artefact = describe(files);
    try {
      if (lake.touch(place(artefact.digest()))) {
        verify(artefact.digest());
        return artefact;
      }
      String hidden = folder + "/." + artefact.digest().shortHex() + "." + UUID.randomUUID();
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        lake.keep(hidden + "/" + file.getKey(), file.getValue());
      }
      if (!lake.renameFolder(hidden, place(artefact.digest()))) {
        lake.deleteFolder(hidden);
      }
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot store artefact %s in %s: %s. Check that the lake can be written and has room."
              .formatted(artefact.digest(), lake.folder(), e.getMessage()),
          e);
    }
    verify(artefact.digest());
    return artefact;
  }

  /** Stores all files below a local folder. */
  public Artefact put(Path folder) {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> found = Files.walk(folder)) {
      for (Path file : found.filter(Files::isRegularFile).toList()) {
        String name = folder.relativize(file).toString().replace(File.separatorChar, '/');
        files.put(name, Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot read folder " + folder + ": " + e.getMessage() + ". Check that it can be read.",
          e);
    }
    return put(files);
  }

  public boolean contains(Digest digest) {
    try {
      return lake.hasFolder(place(digest));
    } catch (IOException e) {
      throw unreadable(digest, e);
    }
  }

  /**
   * The files of an artefact, by name.
   *
   * @throws PlatformException NOT_FOUND when it is not here; CORRUPT when its files differ from
   *     those that were stored
   */
  public SortedMap<String, byte[]> read(Digest digest) {
    SortedMap<String, byte[]> files;
    try {
      if (!lake.hasFolder(place(digest))) {
        throw new PlatformException(
            ErrorCode.NOT_FOUND,
            "Cannot use artefact %s: there is no %s/%s. Restore the folder, or train again."
                .formatted(digest, lake.folder(), place(digest)));
      }
      files = lake.readFolder(place(digest));
    } catch (IOException e) {
      throw unreadable(digest, e);
    }
    Digest found = describe(files).digest();
    if (!found.equals(digest)) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot use artefact %s: its files %s in %s/%s have digest %s. Restore them, or roll back to another version."
              .formatted(digest, files.keySet(), lake.folder(), place(digest), found));
    }
    return files;
  }

  /** Recomputes an artefact's digest; see {@link #read}. */
  public void verify(Digest digest) {
    read(digest);
  }

  /** What files by name come to as an artefact; nothing is stored. */
  public static Artefact describe(Map<String, byte[]> files) {
    Map<String, StoredFile> stored = new TreeMap<>();
    Map<String, Digest> digests = new TreeMap<>();
    files.forEach(
        (name, bytes) -> {
          Digest digest = Digest.of(bytes);
          digests.put(name, digest);
          stored.put(name, new StoredFile(bytes.length, digest));
        });
    Digest digest = digest(digests);
    return new Artefact(path(digest), digest, stored);
  }

  private String place(Digest digest) {
    return folder + "/" + digest;
  }

  /** Where an artefact of a model lies, relative to the lake. */
  static String path(Digest digest) {
    return FOLDER + "/" + digest;
  }

  private PlatformException unreadable(Digest digest, IOException e) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot read artefact %s in %s: %s. Check the storage and its permissions."
            .formatted(digest, lake.folder(), e.getMessage()),
        e);
  }
}
