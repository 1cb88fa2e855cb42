package io.tributary.online.rocksdb;

import io.tributary.core.FailPoints;
import io.tributary.definition.ViewId;
import io.tributary.online.Answer;
import io.tributary.online.FormerPublications;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineWriter;
import io.tributary.online.Origin;
import io.tributary.online.Parity;
import io.tributary.online.Publication;
import io.tributary.online.PublishedRows;
import io.tributary.online.PublishedSnapshot;
import io.tributary.online.StoredPiece;
import io.tributary.online.StoredRow;
import io.tributary.online.StoredView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * An online store of immutable SST files under a folder: each view has files named by content and
 * numbered manifests; the manifest with the greatest number is what is published.
 */
final class RocksDbOnlineStore implements OnlineStore {
  private static final Duration REFRESH = Duration.ofSeconds(1);

  private final Path root;
  private final PublicationsInForce inForce;

  RocksDbOnlineStore(Path root) {
    this(root, REFRESH);
  }

  RocksDbOnlineStore(Path root, Duration refresh) {
    this.root = root;
    this.inForce = new PublicationsInForce(this::folder, refresh);
  }

  @Override
  public String address() {
    return "rocksdb:" + root.toAbsolutePath();
  }

  @Override
  public Factory factory() {
    String folder = root.toAbsolutePath().toString();
    return () -> new RocksDbOnlineStore(Path.of(folder));
  }

  private Path folder(ViewId view) {
    return root.resolve(view.table().subject());
  }

  private Manifests manifests(ViewId view) {
    return new Manifests(folder(view));
  }

  @Override
  public List<List<Answer>> readAll(ViewId view, List<? extends List<?>> keys, Instant at) {
    return inForce.read(
        view,
        this::newest,
        open -> {
          StoredView stored = open.publication().view();
          List<List<Answer>> answers = new ArrayList<>(keys.size());
          for (Optional<StoredRow> row : open.files().findAll(keys)) {
            answers.add(stored.answers(row, at));
          }
          return answers;
        });
  }

  @Override
  public Publication inForce(ViewId view) {
    return inForce.read(view, this::newest, OpenPublication::publication);
  }

  private Manifests.InForce newest(ViewId view) {
    return manifests(view).inForce().orElseThrow(() -> neverPublished(view));
  }

  @Override
  public void refresh() {
    inForce.refresh();
  }

  @Override
  public List<ViewId> views() {
    List<ViewId> views = new ArrayList<>();
    for (Path folder : list(root)) {
      new Manifests(folder).newest().ifPresent(m -> views.add(m.view()));
    }
    return views;
  }

  private static List<Path> list(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw Manifests.unreadable(folder, e);
    }
  }

  @Override
  public Optional<Publication> publication(ViewId view) {
    return manifests(view).newest().map(Manifest::publication);
  }

  @Override
  public Optional<Publication> publication(ViewId view, long sequence) {
    return manifests(view).find(sequence).map(Manifest::publication);
  }

  @Override
  public List<Publication> publications(ViewId view) {
    return manifests(view).all().stream().map(Manifest::publication).toList();
  }

  @Override
  public PublishedRows rows(Publication publication) {
    ViewId view = publication.view().id();
    return manifests(view)
        .find(publication.sequence())
        .orElseThrow(() -> neverPublished(view))
        .open(folder(view));
  }

  @Override
  public OnlineWriter begin(StoredView view, PublishedSnapshot snapshot, Origin origin) {
    return new RocksDbWriter(
        this,
        folder(view.id()),
        view,
        snapshot,
        origin,
        manifests(view.id()).newest(),
        () -> inForce.refresh(view.id()));
  }

  @Override
  public Optional<Parity> parity(Publication publication) {
    return manifests(publication.view().id()).parity(publication.sequence());
  }

  @Override
  public void keep(Publication publication, Parity parity) {
    ViewId view = publication.view().id();
    try {
      manifests(view).add(publication.sequence(), parity);
    } catch (IOException e) {
      throw Manifests.unwritable("keep the comparison of view " + view, folder(view), e);
    }
  }

  @Override
  public FormerPublications former(Instant replacedBefore, Predicate<Publication> asked) {
    List<Publication> gone = new ArrayList<>();
    List<Publication> staying = new ArrayList<>();
    List<StoredPiece> pieces = new ArrayList<>();
    for (Path folder : list(root.toAbsolutePath())) {
      Manifests manifests = new Manifests(folder);
      List<Manifest> stay = new ArrayList<>(manifests.all());
      if (stay.isEmpty() || !asked.test(stay.get(stay.size() - 1).publication())) {
        continue;
      }
      List<Manifest> go = manifests.replacedBefore(replacedBefore);
      stay.removeIf(manifest -> go.stream().anyMatch(m -> m.sequence() == manifest.sequence()));
      Set<String> only = names(go);
      only.removeAll(names(stay));
      go.forEach(manifest -> manifests.said(manifest).forEach(file -> add(pieces, file)));
      only.forEach(name -> add(pieces, folder.resolve(name)));
      go.forEach(manifest -> gone.add(manifest.publication()));
      stay.forEach(manifest -> staying.add(manifest.publication()));
    }
    return new FormerPublications(gone, staying, pieces);
  }

  private void add(List<StoredPiece> pieces, Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      pieces.add(
          new StoredPiece(
              file.getParent().getFileName().toString(),
              file.toString(),
              attributes.size(),
              attributes.lastModifiedTime().toInstant()));
    } catch (NoSuchFileException gone) {
      // Its writer has ended meanwhile, or there was none.
      return;
    } catch (IOException e) {
      throw Manifests.unreadable(file, e);
    }
  }

  /** The files of publications, and of the layers that they are made of. */
  private static Set<String> names(List<Manifest> manifests) {
    Set<String> names = new TreeSet<>();
    for (Manifest manifest : manifests) {
      manifest.allFiles().forEach(file -> names.add(file.name()));
    }
    return names;
  }

  @Override
  public List<StoredPiece> unused() {
    List<StoredPiece> unused = new ArrayList<>();
    for (Path folder : list(root.toAbsolutePath())) {
      Set<String> used = names(new Manifests(folder).all());
      for (Path file : list(folder)) {
        String name = file.getFileName().toString();
        if (name.endsWith(".tmp") || (name.endsWith(".sst") && !used.contains(name))) {
          add(unused, file);
        }
      }
    }
    return unused;
  }

  @Override
  public void remove(String piece) {
    Path file = Path.of(piece);
    try {
      FailPoints.before(file);
      Files.deleteIfExists(file);
      FailPoints.after(file);
    } catch (IOException e) {
      throw Manifests.unwritable("remove " + file, file.getParent(), e);
    }
  }

  @Override
  public void close() {
    inForce.close();
  }
}
