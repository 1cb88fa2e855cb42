package io.tributary.online;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.ViewId;
import io.tributary.online.Answer.Status;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * An online store of immutable SST files under a folder: each view has files named by content and
 * numbered manifests; the manifest with the greatest number is what is published. A new one appears
 * whole or not at all, so readers see a publication change at once, and any number of processes may
 * read.
 */
public final class RocksDbOnlineStore implements OnlineStore {
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
        new Manifests(folder).newest().ifPresent(p -> views.add(p.view()));
      }
    } catch (IOException e) {
      throw Manifests.unreadable(root, e);
    }
    return views;
  }

  @Override
  public Optional<Publication> publication(ViewId view) {
    return manifests(view).newest();
  }

  /** What is published of a view; an error that names the published ones when it never was. */
  public Publication published(ViewId view) {
    return publication(view).orElseThrow(() -> neverPublished(view));
  }

  /** All publications of a view, oldest first. */
  public List<Publication> publications(ViewId view) {
    return manifests(view).all();
  }

  /** The publication of a view with this sequence. */
  public Optional<Publication> publication(ViewId view, long sequence) {
    return manifests(view).find(sequence);
  }

  private Manifests manifests(ViewId view) {
    return new Manifests(folder(view));
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
    for (StoredFeature feature : features) {
      if (!RowCodec.reads(feature.type())) {
        throw new PlatformException(
            ErrorCode.INVALID_DEFINITION,
            "Cannot publish view "
                + view
                + ": the online store holds no "
                + feature.type()
                + ", the type of feature "
                + feature.name()
                + ". Cast it, or say online: false.");
      }
    }
    Optional<Publication> present = publication(view);
    Layer added =
        new Layer(
            snapshot.instant(),
            snapshot.snapshot(),
            snapshot.known(),
            snapshot.files().stream().sorted(Comparator.comparing(SstFile::firstKey)).toList());
    Publication alone =
        new Publication(
            Publication.FORMAT,
            Publication.CODEC,
            view,
            1,
            definition,
            added.instant(),
            keys,
            features,
            Publication.schema(keys, features),
            ttl,
            maxStaleness,
            added.files(),
            List.of(added),
            added.rows(),
            Optional.empty(),
            record);
    Publication next = present.map(p -> beside(p, alone, added).after(p)).orElse(alone);
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
              + ". Publish that instant with the new columns first: tributary materialize "
              + present.view()
              + " --at "
              + present.instant()
              + ", tributary publish "
              + present.view()
              + " --at "
              + present.instant()
              + ".");
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
    try {
      manifests(publication.view()).add(publication);
    } catch (FileAlreadyExistsException e) {
      throw new PlatformException(
          ErrorCode.CONFLICT,
          "Cannot publish view "
              + publication.view()
              + ": another run published it meanwhile. Nothing was changed; run it again.",
          e);
    } catch (IOException e) {
      throw unwritable("publish view " + publication.view(), publication, e);
    }
  }

  /** Keeps what the comparison of a publication with its snapshots found; the first one stays. */
  public void keep(Publication publication, Parity parity) {
    try {
      manifests(publication.view()).add(publication, parity);
    } catch (IOException e) {
      throw unwritable("keep the comparison of view " + publication.view(), publication, e);
    }
  }

  private PlatformException unwritable(String doing, Publication publication, IOException e) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot "
            + doing
            + ": "
            + e.getMessage()
            + ". Check that "
            + folder(publication.view())
            + " is writable and has space.",
        e);
  }

  /** What the comparison of a publication with its snapshots found; empty while there was none. */
  public Optional<Parity> parity(Publication publication) {
    return manifests(publication.view()).parity(publication);
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

  /** How many rows the files of a publication hold, by their own account. */
  public long count(Publication publication) {
    try (OpenPublication files = new OpenPublication(folder(publication.view()), publication)) {
      return files.rows();
    }
  }

  /** What a publication stores of a key; nothing for a key with a null. */
  public Optional<StoredRow> find(Publication publication, List<?> key) {
    return find(opened(publication.view(), view -> publication), key);
  }

  private static Optional<StoredRow> find(OpenPublication published, List<?> key) {
    return key.stream().anyMatch(Objects::isNull)
        ? Optional.empty()
        : published.find(KeyCodec.encode(published.publication().keys(), key));
  }

  private OpenPublication opened(ViewId asked, Function<ViewId, Publication> which) {
    return open.compute(
        asked,
        (view, known) -> {
          Publication publication = which.apply(view);
          if (known != null && known.publication().sequence() == publication.sequence()) {
            return known;
          }
          if (known != null) {
            replaced.add(known);
          }
          return new OpenPublication(folder(view), publication);
        });
  }

  @Override
  public List<Answer> read(ViewId view, List<?> key, Instant at) {
    OpenPublication published = opened(view, this::published);
    return answers(published.publication(), find(published, key), at);
  }

  /** What is answered at an instant of what a publication stores of a key. */
  public static List<Answer> answers(Publication publication, Optional<StoredRow> row, Instant at) {
    if (row.isEmpty() || row.get().isAbsent()) {
      return empty(publication, Status.ABSENT, row);
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
