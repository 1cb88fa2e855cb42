package io.tributary.events.definitions;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.events.LakeFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The definitions that a lake's runs used: {@code LAKE/definitions/<sha-256>.json}, each named by
 * the digest of its bytes. Nothing in it is ever changed or removed. Safe for concurrent threads
 * and processes; a killed writer leaves whole files only.
 */
public final class DefinitionStore {
  private static final String SUFFIX = ".json";

  private final LakeFiles files;
  private final Set<Digest> there = ConcurrentHashMap.newKeySet();
  private final Map<Digest, Definition> read = new ConcurrentHashMap<>();

  private DefinitionStore(LakeFiles files) {
    this.files = files;
  }

  /** The store of the lake at a local folder or Hadoop URI; nothing is read or written yet. */
  public static DefinitionStore open(String lake) {
    return new DefinitionStore(LakeFiles.of(lake + "/definitions"));
  }

  /**
   * Stores a definition, durably when this returns; an existing one is left as it is.
   *
   * @return the digest that it is stored under
   */
  public Digest put(Definition definition) {
    return put(definition.json(), definition.reference());
  }

  /**
   * Stores a definition in the form that {@link #stored} returned, of whatever lake.
   *
   * @return the digest that it is stored under
   * @throws PlatformException REFUSED when a newer build wrote it, CORRUPT when it is none
   */
  public Digest put(String stored) {
    return put(stored, Definition.read(stored).reference());
  }

  private Digest put(String stored, String reference) {
    byte[] bytes = stored.getBytes(StandardCharsets.UTF_8);
    Digest digest = Digest.of(bytes);
    if (there.contains(digest)) {
      return digest;
    }
    try {
      files.keep(digest.hex() + SUFFIX, bytes);
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot store the definition of %s in %s: %s. Check the storage and its permissions."
              .formatted(reference, files.folder(), e.getMessage()),
          e);
    }
    there.add(digest);
    return digest;
  }

  /**
   * Reads a stored definition.
   *
   * @throws PlatformException NOT_FOUND when there is none, CORRUPT when its bytes differ from
   *     those stored, REFUSED when a newer build wrote it
   */
  public Definition read(Digest digest) {
    return read.computeIfAbsent(digest, this::load);
  }

  /**
   * How two kept definitions differ in meaning, in lines for people; empty if they mean the same.
   *
   * @param used those that the present one is made of, by kind and name
   */
  public List<String> difference(Digest former, Digest present, Map<String, Digest> used) {
    if (former.equals(present)) {
      return List.of();
    }
    Definition then = read(former);
    Definition now = read(present);
    return then.meaningDigest().equals(now.meaningDigest())
        ? List.of()
        : MeaningDifference.lines(
            then, now, this::read, name -> Optional.ofNullable(used.get(name)).map(this::read));
  }

  /**
   * A definition in its stored form, byte for byte.
   *
   * @throws PlatformException as {@link #read}, whatever build wrote it
   */
  public String stored(Digest digest) {
    byte[] bytes;
    try {
      bytes =
          files
              .read(digest.hex() + SUFFIX)
              .orElseThrow(
                  () ->
                      new PlatformException(
                          ErrorCode.NOT_FOUND,
                          "Cannot read definition %s: %s has none of that digest. If a run's record or a model version names it, restore %s.json there from a copy of the lake; else name one of those."
                              .formatted(digest.hex(), files.folder(), digest.hex())));
    } catch (IOException e) {
      throw unreadable(digest.hex(), e);
    }
    if (!Digest.of(bytes).equals(digest)) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot read definition %s: its bytes in %s differ from those that were stored. Restore the file from a copy."
              .formatted(digest.hex(), files.folder()));
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private Definition load(Digest digest) {
    return Definition.read(stored(digest));
  }

  /**
   * The digests of stored definitions that begin with some digits, sorted.
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
    try {
      return files.names();
    } catch (IOException e) {
      throw unreadable("", e);
    }
  }

  private PlatformException unreadable(String what, IOException cause) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot read definition %sin %s: %s. Check the storage and its permissions."
            .formatted(what.isEmpty() ? "files " : what + " ", files.folder(), cause.getMessage()),
        cause);
  }
}
