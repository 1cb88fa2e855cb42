package io.tributary.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.events.Event;
import io.tributary.events.definitions.DefinitionStore;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.registry.ArchiveFile.Entry;
import io.tributary.registry.ArchiveFile.Manifest;
import io.tributary.registry.ArchiveFile.Writer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Exports versions of a lake's models to archives, a file each, and imports those of other lakes:
 * the version as it was registered, its artefacts, the definitions that it is made of, and if
 * wanted the rows of its training set. Nothing travels that people said and decided of the version
 * since: aliases, tags, marks. Memory holds one artefact at a time, and of rows nothing. Safe for
 * concurrent threads and processes.
 */
public final class VersionArchives {
  private static final String VERSION = "version.json";
  private static final String DEFINITIONS = "definitions/";
  private static final String SUFFIX = ".json";
  private static final Pattern ROWS =
      Pattern.compile(Pattern.quote(ImportedRows.ENTRIES) + "part-\\d{5,9}\\.parquet");

  private final String lake;
  private final ModelRegistry registry;
  private final ArtefactStore artefacts;
  private final DefinitionStore definitions;
  private final ImportedRows rows;

  private VersionArchives(String lake) {
    this.lake = lake;
    this.registry = ModelRegistry.open(lake);
    this.artefacts = ArtefactStore.open(lake);
    this.definitions = DefinitionStore.open(lake);
    this.rows = ImportedRows.open(lake);
  }

  /** What travels beside the version. */
  public enum Data {
    /** No row. */
    NONE,
    /** The rows of its training set's build, as files. */
    TRAINING_SET
  }

  /** For the lake at a local folder or Hadoop URI; nothing is read or written yet. */
  public static VersionArchives open(String lake) {
    return new VersionArchives(lake);
  }

  /**
   * An archive that was written.
   *
   * @param digest of its manifest, and so of all that is in it
   */
  public record Exported(ModelReference version, Path file, Digest digest) {}

  /**
   * Writes the archive of a version, in place of a file of that name. The same version with the
   * same data gives the same bytes whenever and by whomever it is exported.
   *
   * @param project whose name the archive says beside the lake's id
   * @param reference {@code name@number} or {@code name@alias}
   * @throws PlatformException NOT_FOUND when there is no such version, or something of it is gone;
   *     REFUSED when it is retired or {@link Suspects suspect}, which no other lake would know;
   *     CORRUPT when something of it was altered; STORAGE when the file can't be written
   */
  public Exported export(String project, String reference, Path file, Data data) {
    ModelVersion version = registry.find(reference).version();
    String what = "export " + version.reference();
    Event event = registry.registration(version.reference(), what);
    String id =
        LakeIdentity.require(lake)
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.NOT_FOUND,
                        "Cannot %s: lake %s has no id, by which the archive would say where the version is from. The first run gives it one."
                            .formatted(what, lake)))
            .id();
    try {
      Digest digest =
          ArchiveFile.write(
              file,
              writer -> {
                add(writer, version);
                if (data == Data.TRAINING_SET) {
                  rows.export(trainingSet(version, what), writer);
                }
                return Manifest.of(
                    id,
                    project,
                    version.reference(),
                    event.id(),
                    event.at(),
                    event.principal(),
                    writer.entries());
              });
      return new Exported(version.reference(), file, digest);
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot %s to %s: %s. Name a file in a folder that can be written."
              .formatted(
                  what,
                  file,
                  e instanceof NoSuchFileException ? "there is no such folder" : e.getMessage()),
          e);
    }
  }

  private static TrainingSetReference trainingSet(ModelVersion version, String what) {
    return version
        .trainingSet()
        .orElseThrow(
            () ->
                new PlatformException(
                    ErrorCode.NOT_FOUND,
                    "Cannot %s with its data: it was trained elsewhere, on rows that this lake does not have. Export it without --with-data."
                        .formatted(what)));
  }

  private void add(Writer writer, ModelVersion version) throws IOException {
    writer.add(
        VERSION, Json.write(registry.body(version.reference())).getBytes(StandardCharsets.UTF_8));
    Map<Digest, String> made = new TreeMap<>((a, b) -> a.hex().compareTo(b.hex()));
    version.definitions().values().forEach(digest -> addDefinitions(digest, made));
    for (Map.Entry<Digest, String> definition : made.entrySet()) {
      writer.add(
          DEFINITIONS + definition.getKey() + SUFFIX,
          definition.getValue().getBytes(StandardCharsets.UTF_8));
    }
    for (Digest artefact : version.artefacts()) {
      for (Map.Entry<String, byte[]> part : artefacts.read(artefact).entrySet()) {
        writer.add(folder(artefact) + part.getKey(), part.getValue());
      }
    }
  }

  private void addDefinitions(Digest digest, Map<Digest, String> made) {
    if (!made.containsKey(digest)) {
      String stored = definitions.stored(digest);
      made.put(digest, stored);
      Definition.read(stored).uses().values().forEach(used -> addDefinitions(used, made));
    }
  }

  private static String folder(Digest artefact) {
    return ArtefactStore.path(artefact) + "/";
  }

  /**
   * Registers the version of an archive under the next number of its model. A version with its
   * artefact and run fingerprint that is there already is that version: nothing is registered, so
   * that an import that was killed can be done again. Before anything is written all of the archive
   * is checked. A lake that has none yet gets an id.
   *
   * @return the version as it is registered here
   * @throws PlatformException as {@link ArchiveFile#open}; CORRUPT also when something is missing
   *     of what the version refers to; STORAGE when the lake can't be written
   */
  public RegisteredVersion restore(Path file, Principal principal) {
    try (ArchiveFile archive = ArchiveFile.open(file)) {
      Parts parts = Parts.of(archive);
      Environment here = Environment.ofProcess();
      LakeIdentity.ensure(lake, new LakeIdentity.Build(Instant.now(), here.code(), here.dirty()));
      parts.definitions().values().forEach(definitions::put);
      for (Map<String, Entry> artefact : parts.artefacts().values()) {
        Map<String, byte[]> files = new TreeMap<>();
        artefact.forEach((name, entry) -> files.put(name, archive.read(entry)));
        artefacts.put(files);
      }
      if (!parts.rows().isEmpty()) {
        rows.restore(parts.version().trainingSet().orElseThrow(), parts.rows(), archive);
      }
      ModelReference registered =
          registry
              .registerImported(parts.body(), parts.version(), parts.origin(archive), principal)
              .reference();
      return registry.find(registered.toString());
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot import %s: %s. Check that it can be read.".formatted(file, e.getMessage()),
          e);
    }
  }

  /**
   * What an archive holds, checked against what its version refers to.
   *
   * @param definitions in their stored form, by digest
   * @param artefacts the files of each, by their names in it
   * @param rows the files of its training set; none where they didn't travel
   */
  private record Parts(
      ObjectNode body,
      ModelVersion version,
      Map<Digest, String> definitions,
      Map<Digest, Map<String, Entry>> artefacts,
      List<Entry> rows) {
    static Parts of(ArchiveFile archive) {
      Map<String, Entry> left = new LinkedHashMap<>();
      archive.manifest().entries().forEach(entry -> left.put(entry.name(), entry));
      ObjectNode body = body(archive, taken(archive, left, VERSION));
      ModelVersion version = version(archive, body);
      Map<Digest, String> definitions = new LinkedHashMap<>();
      version.definitions().values().forEach(d -> takeDefinitions(archive, left, d, definitions));
      Map<Digest, Map<String, Entry>> artefacts = new LinkedHashMap<>();
      version.artefacts().forEach(digest -> artefacts.put(digest, artefact(archive, left, digest)));
      requireDescribed(archive, version, artefacts.get(version.artefact().digest()));
      List<Entry> rows =
          left.values().stream().filter(entry -> ROWS.matcher(entry.name()).matches()).toList();
      rows.forEach(entry -> left.remove(entry.name()));
      if (!left.isEmpty()) {
        throw ArchiveFile.corrupt(
            archive.file(),
            "its version doesn't refer to " + String.join(", ", new TreeSet<>(left.keySet())));
      }
      return new Parts(body, version, definitions, artefacts, rows);
    }

    private static Entry taken(ArchiveFile archive, Map<String, Entry> left, String name) {
      return Optional.ofNullable(left.remove(name))
          .orElseThrow(() -> ArchiveFile.corrupt(archive.file(), name + " is missing"));
    }

    private static String text(ArchiveFile archive, Entry entry) {
      return new String(archive.read(entry), StandardCharsets.UTF_8);
    }

    private static ObjectNode body(ArchiveFile archive, Entry entry) {
      return Json.read(text(archive, entry), ObjectNode.class);
    }

    private static ModelVersion version(ArchiveFile archive, ObjectNode body) {
      ModelVersion version = Json.read(body.toString(), ModelVersion.class);
      if (!version.reference().equals(archive.manifest().version())) {
        throw ArchiveFile.corrupt(
            archive.file(),
            "%s is of %s, and %s names %s"
                .formatted(
                    VERSION,
                    version.reference(),
                    ArchiveFile.MANIFEST,
                    archive.manifest().version()));
      }
      return version;
    }

    private static void takeDefinitions(
        ArchiveFile archive,
        Map<String, Entry> left,
        Digest digest,
        Map<Digest, String> definitions) {
      if (definitions.containsKey(digest)) {
        return;
      }
      Entry entry = taken(archive, left, DEFINITIONS + digest + SUFFIX);
      if (!entry.sha256().equals(digest)) {
        throw ArchiveFile.corrupt(archive.file(), entry.name() + " has another digest");
      }
      String stored = text(archive, entry);
      definitions.put(digest, stored);
      Definition.read(stored)
          .uses()
          .values()
          .forEach(used -> takeDefinitions(archive, left, used, definitions));
    }

    private static Map<String, Entry> artefact(
        ArchiveFile archive, Map<String, Entry> left, Digest digest) {
      String folder = folder(digest);
      Map<String, Entry> files = new TreeMap<>();
      Map<String, Digest> digests = new TreeMap<>();
      for (String name : Set.copyOf(left.keySet())) {
        if (name.startsWith(folder)) {
          Entry entry = left.remove(name);
          files.put(name.substring(folder.length()), entry);
          digests.put(name.substring(folder.length()), entry.sha256());
        }
      }
      if (!ArtefactStore.digest(digests).equals(digest)) {
        throw ArchiveFile.corrupt(
            archive.file(),
            files.isEmpty()
                ? ArtefactStore.path(digest) + " is missing"
                : ArtefactStore.path(digest) + " has other files");
      }
      return files;
    }

    private static void requireDescribed(
        ArchiveFile archive, ModelVersion version, Map<String, Entry> files) {
      Map<String, StoredFile> described = new TreeMap<>();
      files.forEach(
          (name, entry) -> described.put(name, new StoredFile(entry.size(), entry.sha256())));
      Digest digest = version.artefact().digest();
      if (!version.artefact().equals(new Artefact(ArtefactStore.path(digest), digest, described))) {
        throw ArchiveFile.corrupt(
            archive.file(), VERSION + " describes other files than " + ArtefactStore.path(digest));
      }
    }

    Origin origin(ArchiveFile archive) {
      Manifest manifest = archive.manifest();
      return new Origin(
          manifest.lake(),
          manifest.project(),
          manifest.version(),
          manifest.event(),
          manifest.at(),
          manifest.by(),
          archive.digest(),
          ModelEvents.importedFrom(body.toString()));
    }
  }
}
