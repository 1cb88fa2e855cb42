package io.tributary.online;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Digest;
import io.tributary.core.Durable;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.definition.ViewId;
import io.tributary.online.Answer.Status;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/**
 * An online store of immutable SST files under a folder: each view has files named by content and
 * numbered manifests; the manifest with the greatest number is what is published. A new one appears
 * whole or not at all, so readers see a publication change at once, and any number of processes may
 * read.
 */
public final class RocksDbOnlineStore implements OnlineStore {
  private static final String MANIFEST = "manifest-";
  private static final String PARITY = "parity-";

  private final Path root;
  private final Map<ViewId, OpenPublication> open = new ConcurrentHashMap<>();

  /** Former publications, kept open until the store closes because a reader may still be inside. */
  private final Queue<OpenPublication> replaced = new ConcurrentLinkedQueue<>();

  private RocksDbOnlineStore(Path root) {
    this.root = root;
  }

  /** A store under a local or mounted folder, which need not exist yet. */
  public static RocksDbOnlineStore open(Path root) {
    return new RocksDbOnlineStore(root);
  }

  /** A store at a project's address, {@code rocksdb:FOLDER}. */
  public static RocksDbOnlineStore open(String address) {
    if (!address.startsWith("rocksdb:")) {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot open online store " + address + ": its kind is not known. Write rocksdb:FOLDER.");
    }
    String folder = address.substring("rocksdb:".length());
    if (folder.startsWith("file:")) {
      folder = folder.substring("file:".length());
    }
    if (folder.matches("[a-z][a-z0-9+.-]+:.*")) {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot open online store "
              + address
              + ": RocksDB files are served from a local or mounted folder. Name one as online: rocksdb:FOLDER.");
    }
    return open(Path.of(folder));
  }

  /** The folder of all views. */
  public Path root() {
    return root;
  }

  /** Where a view's files lie: what {@link SstWriter} is opened on. */
  public Path folder(ViewId view) {
    return root.resolve(view.table().subject());
  }

  /** Views that have a publication, in name order. */
  public List<ViewId> views() {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    List<ViewId> views = new ArrayList<>();
    try (Stream<Path> folders = Files.list(root)) {
      for (Path folder : folders.sorted().toList()) {
        newest(folder).ifPresent(p -> views.add(p.view()));
      }
    } catch (IOException e) {
      throw unreadable(root, e);
    }
    return views;
  }

  @Override
  public Optional<Publication> publication(ViewId view) {
    return newest(folder(view));
  }

  /** What is published of a view; an error that names the published ones when it never was. */
  public Publication published(ViewId view) {
    return publication(view).orElseThrow(() -> neverPublished(view));
  }

  /** All publications of a view, oldest first. */
  public List<Publication> publications(ViewId view) {
    return manifests(folder(view)).stream().map(RocksDbOnlineStore::manifest).toList();
  }

  /**
   * Publishes the rows of a snapshot; a reader sees all of them or none.
   *
   * <p>They replace all rows of earlier instants and those of the same instant: what is not among
   * them is gone. Only where the snapshot of an earlier instant knows deliveries that no later one
   * knows, its rows stand beside: a key that the later ones lack is added, and a row replaces a
   * later one if its event is newer, by event time, then known time. So what is stored does not
   * depend on the order in which instants are published.
   *
   * @param snapshot with what {@link SstWriter}s wrote into {@link #folder}, in any order
   * @throws PlatformException CONFLICT if another process published the view meanwhile; nothing is
   *     changed then. REFUSED for an earlier instant with other columns than the published ones
   */
  public Publication publish(
      ViewId view,
      Digest definition,
      Layer snapshot,
      List<Field> keys,
      List<StoredFeature> features,
      Optional<Duration> ttl,
      Optional<Duration> maxStaleness,
      Map<String, Object> record) {
    Optional<Publication> present = publication(view);
    Layer added =
        new Layer(
            snapshot.instant(),
            snapshot.known(),
            snapshot.files().stream().sorted(Comparator.comparing(SstFile::firstKey)).toList());
    Publication alone =
        new Publication(
            view,
            present.map(Publication::sequence).orElse(0L) + 1,
            definition,
            added.instant(),
            keys,
            features,
            ttl,
            maxStaleness,
            added.files(),
            List.of(added),
            added.rows(),
            record);
    Publication next = present.map(p -> beside(p, alone, added)).orElse(alone);
    swapIn(next);
    return next;
  }

  private Publication beside(Publication present, Publication alone, Layer added) {
    if (!present.hasColumnsOf(alone)) {
      if (!added.instant().isBefore(present.instant())) {
        return alone;
      }
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot publish view "
              + present.view()
              + " at "
              + added.instant()
              + ": its columns differ from those published at "
              + present.instant()
              + ". Publish the newer instant again first.");
    }
    List<Layer> layers = present.layersWith(added);
    if (layers.equals(present.layers())) {
      return alone.of(layers, present.files());
    }
    List<SstFile> files = layers.get(0).files();
    for (Layer earlier : layers.subList(1, layers.size())) {
      files = merged(alone.of(layers, files), alone.of(layers, earlier.files()));
    }
    return alone.of(layers, files);
  }

  private List<SstFile> merged(Publication later, Publication earlier) {
    try (OpenPublication base = new OpenPublication(folder(later.view()), later);
        OpenPublication candidates = new OpenPublication(folder(later.view()), earlier);
        OpenPublication.RowCursor a = base.cursor();
        OpenPublication.RowCursor b = candidates.cursor();
        SstWriter writer = SstWriter.open(folder(later.view()))) {
      while (a.isValid() || b.isValid()) {
        int order = !a.isValid() ? 1 : !b.isValid() ? -1 : Arrays.compareUnsigned(a.key(), b.key());
        boolean takeEarlier = order > 0 || (order == 0 && b.row().hasNewerEventThan(a.row()));
        writer.add((takeEarlier ? b : a).key(), (takeEarlier ? b : a).value());
        if (order <= 0) {
          a.next();
        }
        if (order >= 0) {
          b.next();
        }
      }
      return writer.finish().stream().toList();
    }
  }

  private void swapIn(Publication publication) {
    Path folder = folder(publication.view());
    try {
      create(numbered(MANIFEST, publication), publication);
    } catch (FileAlreadyExistsException e) {
      throw new PlatformException(
          ErrorCode.CONFLICT,
          "Cannot publish view "
              + publication.view()
              + ": another run published it meanwhile. Nothing was changed; run it again.",
          e);
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot publish view "
              + publication.view()
              + ": "
              + e.getMessage()
              + ". Check that "
              + folder
              + " is writable and has space.",
          e);
    }
  }

  /** Keeps what the comparison of a publication with its snapshot found; the first one stays. */
  public void keep(Publication publication, Parity parity) {
    Path file = numbered(PARITY, publication);
    try {
      create(file, parity);
    } catch (FileAlreadyExistsException e) {
      // Another run has compared the same files with the same snapshot.
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot keep the comparison of view "
              + publication.view()
              + ": "
              + e.getMessage()
              + ". Check that "
              + file.getParent()
              + " is writable and has space.",
          e);
    }
  }

  /** What the comparison of a publication with its snapshot found; empty while there was none. */
  public Optional<Parity> parity(Publication publication) {
    Path file = numbered(PARITY, publication);
    try {
      return Optional.of(Json.read(Files.readString(file), Parity.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private Path numbered(String kind, Publication publication) {
    return folder(publication.view())
        .resolve(kind + String.format("%012d", publication.sequence()) + ".json");
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
      Durable.before(file);
      Files.createLink(file, temporary);
      Durable.after(file);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Hands over all rows of a publication in key order: key bytes and row. */
  public void scan(Publication publication, BiConsumer<byte[], StoredRow> reader) {
    try (OpenPublication files = new OpenPublication(folder(publication.view()), publication);
        OpenPublication.RowCursor at = files.cursor()) {
      for (; at.isValid(); at.next()) {
        reader.accept(at.key(), at.row());
      }
    }
  }

  @Override
  public List<Answer> read(ViewId view, List<?> key, Instant at) {
    OpenPublication published =
        open.compute(
            view,
            (v, known) -> {
              Publication newest = published(v);
              if (known != null && known.publication().sequence() == newest.sequence()) {
                return known;
              }
              if (known != null) {
                replaced.add(known);
              }
              return new OpenPublication(folder(v), newest);
            });
    Publication publication = published.publication();
    Optional<StoredRow> row =
        key.stream().anyMatch(Objects::isNull)
            ? Optional.empty()
            : published.find(KeyCodec.encode(publication.keys(), key));
    if (row.isEmpty()) {
      return empty(publication, Status.ABSENT, Optional.empty());
    }
    StoredRow stored = row.get();
    boolean expired =
        publication
                .ttl()
                .flatMap(ttl -> stored.eventTime().map(e -> e.isBefore(at.minus(ttl))))
                .orElse(false)
            || publication
                .maxStaleness()
                .map(most -> stored.publishedFor().isBefore(at.minus(most)))
                .orElse(false);
    if (expired) {
      return empty(publication, Status.EXPIRED, row);
    }
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < publication.features().size(); i++) {
      answers.add(answer(publication.features().get(i), stored.values().get(i), stored));
    }
    return answers;
  }

  private static Answer answer(StoredFeature feature, Object value, StoredRow row) {
    Optional<Object> replaced =
        value == null
            ? feature.defaultValue().map(d -> parsed(d, feature.type()))
            : Optional.empty();
    return new Answer(
        feature.name(),
        value == null ? Status.NULL : Status.PRESENT,
        replaced.isPresent() ? replaced : Optional.ofNullable(value),
        replaced.isPresent(),
        row.eventTime(),
        Optional.of(row.publishedFor()));
  }

  private static List<Answer> empty(
      Publication publication, Status status, Optional<StoredRow> row) {
    List<Answer> answers = new ArrayList<>();
    for (StoredFeature feature : publication.features()) {
      Optional<Object> empty = feature.empty().map(v -> parsed(v, feature.type()));
      Optional<Object> replaced =
          empty.isPresent()
              ? Optional.empty()
              : feature.defaultValue().map(d -> parsed(d, feature.type()));
      answers.add(
          new Answer(
              feature.name(),
              status,
              replaced.isPresent() ? replaced : empty,
              replaced.isPresent(),
              row.flatMap(StoredRow::eventTime),
              row.map(StoredRow::publishedFor)));
    }
    return answers;
  }

  private static Object parsed(JsonNode node, String type) {
    return RowCodec.value(node, type);
  }

  private Optional<Publication> newest(Path folder) {
    List<Path> manifests = manifests(folder);
    return manifests.isEmpty()
        ? Optional.empty()
        : Optional.of(manifest(manifests.get(manifests.size() - 1)));
  }

  private static List<Path> manifests(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.getFileName().toString().startsWith(MANIFEST)).sorted().toList();
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }

  private static Publication manifest(Path file) {
    try {
      return Json.read(Files.readString(file), Publication.class);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private PlatformException neverPublished(ViewId view) {
    List<ViewId> known = views();
    return new PlatformException(
        ErrorCode.NOT_FOUND,
        "Cannot read features of "
            + view
            + ": it was never published to "
            + root
            + ". "
            + (known.isEmpty()
                ? "Publish it first."
                : "Publish it first, or ask for one of " + known + "."));
  }

  private static PlatformException unreadable(Path path, IOException e) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot read online store "
            + path
            + ": "
            + e.getMessage()
            + ". Check that it is mounted and readable.",
        e);
  }

  @Override
  public void close() {
    open.values().forEach(OpenPublication::close);
    open.clear();
    replaced.forEach(OpenPublication::close);
    replaced.clear();
  }

  /** The hexadecimal form in which manifests hold keys. */
  static String hex(byte[] key) {
    return HexFormat.of().formatHex(key);
  }
}
