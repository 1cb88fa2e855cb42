package io.tributary.online;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.FailPoints;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * The numbered files in a view's folder that say what is published, and what came of comparing it.
 * One is there whole or not at all, and never changes. What a newer build wrote is refused, never
 * guessed at.
 */
record Manifests(Path folder) {
  private static final String MANIFEST = "manifest-";
  private static final String PARITY = "parity-";

  /** All publications, oldest first. */
  List<Publication> all() {
    return files().stream().map(Manifests::read).toList();
  }

  Optional<Publication> newest() {
    List<Path> files = files();
    return files.isEmpty() ? Optional.empty() : Optional.of(read(files.get(files.size() - 1)));
  }

  Optional<Publication> find(long sequence) {
    Path file = numbered(MANIFEST, sequence);
    return Files.exists(file) ? Optional.of(read(file)) : Optional.empty();
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

  private static Publication read(Path file) {
    JsonNode json = json(file);
    requireKnown(file, json, "format", Publication.FORMAT);
    requireKnown(file, json, "codec", Publication.CODEC);
    Publication publication = record(file, json, Publication.class);
    for (StoredFeature feature : publication.features()) {
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
    if (!publication
        .schema()
        .equals(Publication.schema(publication.keys(), publication.features()))) {
      throw corrupt(
          file,
          "its files were written with other columns than it names, "
              + Publication.columns(publication.keys(), publication.features()));
    }
    return publication;
  }

  /** Adds the manifest of a publication. */
  void add(Publication publication) throws IOException {
    create(numbered(MANIFEST, publication.sequence()), publication);
  }

  /** Adds what a comparison found; the first one stays. */
  void add(Publication publication, Parity parity) throws IOException {
    try {
      create(numbered(PARITY, publication.sequence()), parity);
    } catch (FileAlreadyExistsException e) {
      // Another run has compared the same files with the same snapshots.
    }
  }

  Optional<Parity> parity(Publication publication) {
    Path file = numbered(PARITY, publication.sequence());
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
        "Cannot read "
            + file
            + ": a newer build of Tributary wrote it: "
            + why
            + ". Use that build.");
  }

  private static PlatformException corrupt(Path file, String why) {
    return new PlatformException(
        ErrorCode.CORRUPT,
        "Cannot read "
            + file
            + ": "
            + why
            + ". Restore the file, or publish the view to another folder.");
  }

  static PlatformException unreadable(Path path, IOException e) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot read online store "
            + path
            + ": "
            + e.getMessage()
            + ". Check that it is mounted and readable.",
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
