package io.tributary.online.rocksdb;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.FailPoints;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.online.Differences;
import io.tributary.online.Parity;
import io.tributary.online.RowCodec;
import io.tributary.online.StoredFeature;
import io.tributary.online.StoredView;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The numbered files in a view's folder that say what is published, and what came of comparing it.
 * One is there whole or not at all, and never changes. What a newer build wrote is refused, never
 * guessed at.
 */
record Manifests(Path folder) {
  private static final String MANIFEST = "manifest-";
  private static final String PARITY = "parity-";

  /** The newest, and the one that it is compared with. */
  private static final int STAYING = 2;

  /** All publications, oldest first. */
  List<Manifest> all() {
    return files().stream().map(Manifests::read).toList();
  }

  /**
   * The oldest publications, up to the last that was replaced before an instant, but for the newest
   * and the one before it.
   */
  List<Manifest> replacedBefore(Instant instant) {
    List<Path> files = files();
    int gone = 0;
    while (gone + STAYING < files.size() && modified(files.get(gone + 1)).isBefore(instant)) {
      gone++;
    }
    return files.subList(0, gone).stream().map(Manifests::read).toList();
  }

  private static Instant modified(Path file) {
    try {
      return Files.getLastModifiedTime(file).toInstant();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /**
   * The files that say what came of comparing a publication, and that it was published; in the
   * order in which they are removed, so that none is left that names nothing.
   */
  List<Path> said(Manifest manifest) {
    return List.of(numbered(PARITY, manifest.sequence()), numbered(MANIFEST, manifest.sequence()));
  }

  Optional<Manifest> newest() {
    return inForce().map(InForce::manifest);
  }

  /** The newest manifest, and what tells its file from another of the same number. */
  record InForce(Manifest manifest, String file) {}

  Optional<InForce> inForce() {
    List<Path> files = files();
    return files.isEmpty() ? Optional.empty() : inForce(files.get(files.size() - 1));
  }

  /** Empty where the file is not there any more. */
  private static Optional<InForce> inForce(Path path) {
    // Before it is read: a file that replaces it meanwhile is then found by the next look.
    return identity(path).map(file -> new InForce(read(path), file));
  }

  Optional<Manifest> find(long sequence) {
    Path file = numbered(MANIFEST, sequence);
    return Files.exists(file) ? Optional.of(read(file)) : Optional.empty();
  }

  /**
   * What replaced a manifest; nothing where it is the newest, or the folder is gone. Numbers have
   * no gaps, so that this looks for the next one and lists the folder only where the one that is
   * known was removed: then the view was published anew, from the first number on.
   */
  Optional<InForce> newerThan(InForce known) {
    long newest = known.manifest().sequence();
    if (!identity(numbered(MANIFEST, newest)).equals(Optional.of(known.file()))) {
      // Where files have no lasting identity it may be the same.
      return inForce().filter(now -> !now.manifest().equals(known.manifest()));
    }
    while (identity(numbered(MANIFEST, newest + 1)).isPresent()) {
      newest++;
    }
    return newest == known.manifest().sequence()
        ? Optional.empty()
        : inForce(numbered(MANIFEST, newest));
  }

  private static Optional<String> identity(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return Optional.of(attributes.fileKey() + " " + attributes.lastModifiedTime());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private List<Path> files() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.getFileName().toString().startsWith(MANIFEST)).sorted().toList();
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }

  private static Manifest read(Path file) {
    JsonNode json = json(file);
    requireKnown(file, json, "format", Manifest.FORMAT);
    requireKnown(file, json, "codec", Manifest.CODEC);
    if (json.path("format").intValue() == 1) {
      ofFormat1((ObjectNode) json);
    }
    Manifest manifest = record(file, json, Manifest.class);
    for (StoredFeature feature : manifest.features()) {
      if (!RowCodec.reads(feature.type())) {
        throw newer(
            file,
            "its feature "
                + feature.name()
                + " is of type "
                + feature.type()
                + ", which this one does not read");
      }
    }
    StoredView view = manifest.stored();
    if (!manifest.schema().equals(Manifest.schema(view))) {
      throw corrupt(
          file,
          "its files were written with other columns than it names, "
              + view.columns().stream()
                  .map(column -> column.name() + " " + column.type())
                  .collect(Collectors.joining(", ")));
    }
    return manifest;
  }

  private static void ofFormat1(ObjectNode json) {
    Differences.runsOfFormat1(json, "files");
    json.path("layers").forEach(layer -> Differences.runsOfFormat1((ObjectNode) layer, "files"));
    json.remove("change");
  }

  /** Adds the manifest of a publication. */
  void add(Manifest manifest) throws IOException {
    create(numbered(MANIFEST, manifest.sequence()), manifest);
  }

  /** Adds what a comparison found; the first one stays. */
  void add(long sequence, Parity parity) throws IOException {
    try {
      create(numbered(PARITY, sequence), parity);
    } catch (FileAlreadyExistsException e) {
      // Another run has compared the same files with the same snapshots.
    }
  }

  Optional<Parity> parity(long sequence) {
    Path file = numbered(PARITY, sequence);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    JsonNode json = json(file);
    requireKnown(file, json, "format", Parity.FORMAT);
    return Optional.of(record(file, json, Parity.class));
  }

  private Path numbered(String kind, long sequence) {
    return folder.resolve(kind + String.format("%012d", sequence) + ".json");
  }

  private static JsonNode json(Path file) {
    try {
      return Json.mapper().readTree(Files.readString(file));
    } catch (JsonProcessingException e) {
      throw corrupt(file, e.getOriginalMessage());
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static <T> T record(Path file, JsonNode json, Class<T> type) {
    try {
      return Json.mapper().treeToValue(json, type);
    } catch (JsonProcessingException e) {
      throw corrupt(file, e.getOriginalMessage());
    }
  }

  private static void requireKnown(Path file, JsonNode json, String what, int known) {
    JsonNode version = json.path(what);
    if (!version.isInt() || version.intValue() < 1) {
      throw corrupt(file, "it does not say its " + what);
    }
    if (version.intValue() > known) {
      throw newer(file, "it is of " + what + " " + version + ", and this one reads up to " + known);
    }
  }

  private static PlatformException newer(Path file, String why) {
    return new PlatformException(
        ErrorCode.REFUSED,
        "Cannot read %s: a newer build of Tributary wrote it: %s. Use that build."
            .formatted(file, why));
  }

  private static PlatformException corrupt(Path file, String why) {
    return new PlatformException(
        ErrorCode.CORRUPT,
        "Cannot read %s: %s. Restore the file, or publish the view to another folder."
            .formatted(file, why));
  }

  static PlatformException unreadable(Path path, IOException e) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot read online store %s: %s. Check that it is mounted and readable."
            .formatted(path, e.getMessage()),
        e);
  }

  static PlatformException unwritable(String doing, Path folder, IOException e) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot %s: %s. Check that %s is writable and has space."
            .formatted(doing, e.getMessage(), folder),
        e);
  }

  /** Writes a file that is there whole or not at all. */
  private static void create(Path file, Object value) throws IOException {
    Path temporary = file.resolveSibling("." + UUID.randomUUID() + ".tmp");
    Files.createDirectories(file.getParent());
    try {
      Files.writeString(temporary, Json.write(value));
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      FailPoints.before(file);
      Files.createLink(file, temporary);
      FailPoints.after(file);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
