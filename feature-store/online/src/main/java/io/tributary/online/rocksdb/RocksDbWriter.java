package io.tributary.online.rocksdb;

import io.tributary.core.Json;
import io.tributary.online.Differences;
import io.tributary.online.Layers;
import io.tributary.online.OnlineWriter;
import io.tributary.online.PartitionWriter;
import io.tributary.online.Publication;
import io.tributary.online.PublishedSnapshot;
import io.tributary.online.StoredView;
import io.tributary.online.WrittenPartition;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A partition is an SST file in the view's folder; a manifest that names it publishes it. */
final class RocksDbWriter implements OnlineWriter {
  private final Path folder;
  private final StoredView view;
  private final PublishedSnapshot snapshot;
  private final Optional<Manifest> former;
  private final Runnable published;

  /** The runs of the former publication that stay; none where all is written. */
  private List<List<SstFile>> kept;

  /**
   * @param former what is published
   * @param published what is done once a publication is there
   */
  RocksDbWriter(
      Path folder,
      StoredView view,
      PublishedSnapshot snapshot,
      Optional<Manifest> former,
      Runnable published) {
    this.folder = folder;
    this.view = view;
    this.snapshot = snapshot;
    this.former = former;
    this.published = published;
    this.kept =
        former
            .filter(manifest -> manifest.codec() == Manifest.CODEC)
            .map(
                manifest ->
                    Differences.kept(
                        view,
                        snapshot,
                        manifest.publication(),
                        manifest.runs(),
                        SstFile::rows,
                        manifest.differences()))
            .orElse(List.of());
  }

  @Override
  public boolean writesDifferences() {
    return !kept.isEmpty();
  }

  @Override
  public void writeWhole() {
    kept = List.of();
  }

  /** Opens files in a folder. */
  private record NewFiles(String folder) implements PartitionWriter.Factory {
    @Override
    public PartitionWriter open() {
      return new SstWriter(Path.of(folder));
    }
  }

  /**
   * Opens files in a folder that have what differs.
   *
   * @param kept runs, as JSON
   */
  private record NewDifferences(String folder, String kept, String view, Instant instant)
      implements PartitionWriter.Factory {
    @Override
    public PartitionWriter open() {
      SstWriter file = new SstWriter(Path.of(folder));
      try {
        return new Beside(
            new OpenFiles(
                Path.of(folder),
                Json.read(kept, Runs.class).files(),
                Json.read(view, StoredView.class),
                instant),
            file);
      } catch (RuntimeException | Error e) {
        file.close();
        throw e;
      }
    }
  }

  private record Runs(List<List<SstFile>> files) {}

  @Override
  public PartitionWriter.Factory partitions() {
    return writesDifferences()
        ? new NewDifferences(
            folder.toString(), Json.write(new Runs(kept)), Json.write(view), snapshot.instant())
        : new NewFiles(folder.toString());
  }

  /** Writes what differs from files, which it closes. */
  private record Beside(OpenFiles former, PartitionWriter to) implements PartitionWriter {
    private Beside(OpenFiles former, SstWriter file) {
      this(former, Differences.writer(file, former));
    }

    @Override
    public void add(byte[] key, byte[] row) {
      to.add(key, row);
    }

    @Override
    public Optional<WrittenPartition> finish() {
      return to.finish();
    }

    @Override
    public void close() {
      try (former) {
        to.close();
      }
    }
  }

  @Override
  public Publication publish(List<WrittenPartition> partitions, Map<String, Object> record) {
    Manifests manifests = new Manifests(folder);
    Optional<Manifest> present = manifests.newest();
    if (writesDifferences() && !present.equals(former)) {
      throw Layers.publishedMeanwhile(view.id(), null);
    }
    Manifest next =
        writesDifferences() && !partitions.isEmpty()
            ? differing(partitions, record)
            : whole(partitions, present, record);
    try {
      manifests.add(next);
    } catch (FileAlreadyExistsException e) {
      throw Layers.publishedMeanwhile(view.id(), e);
    } catch (IOException e) {
      throw Manifests.unwritable("publish view " + view.id(), folder, e);
    }
    published.run();
    return next.publication();
  }

  private Manifest differing(List<WrittenPartition> partitions, Map<String, Object> record) {
    List<WrittenPartition> all = new ArrayList<>(partitions);
    try (OpenFiles below = new OpenFiles(folder, kept, view, snapshot.instant())) {
      all.addAll(Differences.withdrawn(partitions, below, () -> new SstWriter(folder)));
    }
    List<List<SstFile>> runs = new ArrayList<>(kept);
    List<SstFile> files = files(all);
    if (!files.isEmpty()) {
      runs.add(0, files);
    }
    long rows = partitions.stream().mapToLong(WrittenPartition::rows).sum();
    SnapshotFiles layer = SnapshotFiles.of(snapshot, runs);
    return Manifest.of(
        view,
        former,
        List.of(layer),
        layer.runs(),
        rows,
        Optional.of(
            new Differences(
                Manifest.next(former),
                rows,
                all.stream().mapToLong(WrittenPartition::written).sum())),
        record);
  }

  private static List<SstFile> files(Collection<WrittenPartition> partitions) {
    return partitions.stream()
        .flatMap(partition -> partition.receipt().stream())
        .map(receipt -> Json.read(receipt, SstFile.class))
        .toList();
  }

  private Manifest whole(
      List<WrittenPartition> partitions, Optional<Manifest> present, Map<String, Object> record) {
    List<SstFile> written = files(partitions);
    SnapshotFiles added =
        SnapshotFiles.of(snapshot, written.isEmpty() ? List.of() : List.of(written));
    List<SnapshotFiles> layers =
        Layers.counting(
            view,
            snapshot,
            added,
            present.map(Manifest::publication),
            present.map(Manifest::layers).orElse(List.of()),
            SnapshotFiles::published);
    boolean changesNothing = present.isPresent() && layers.equals(present.get().layers());
    List<List<SstFile>> runs = changesNothing ? present.get().runs() : merged(layers);
    return Manifest.of(
        view,
        present,
        layers,
        runs,
        changesNothing ? present.get().rows() : rows(runs, layers.get(0)),
        present.flatMap(Manifest::differences),
        record);
  }

  private long rows(List<List<SstFile>> runs, SnapshotFiles newest) {
    if (runs.size() < 2) {
      return runs.stream().flatMap(List::stream).mapToLong(SstFile::rows).sum();
    }
    try (OpenFiles files = new OpenFiles(folder, runs, view, newest.instant())) {
      return files.count();
    }
  }

  /** Files that are in no publication are named by their content: a rerun uses them. */
  @Override
  public void close() {}

  private List<List<SstFile>> merged(List<SnapshotFiles> layers) {
    SnapshotFiles merged = layers.get(0);
    for (SnapshotFiles earlier : layers.subList(1, layers.size())) {
      merged = SnapshotFiles.of(merged.published(), merged(merged, earlier));
    }
    return merged.runs();
  }

  private List<List<SstFile>> merged(SnapshotFiles later, SnapshotFiles earlier) {
    byte[] first = {};
    try (OpenFiles base = open(later);
        OpenFiles candidates = open(earlier);
        Layers.Rows a = base.from(first);
        Layers.Rows b = candidates.from(first);
        SstWriter writer = new SstWriter(folder)) {
      Layers.merge(a, b, writer);
      return writer.finishFile().map(List::of).stream().toList();
    }
  }

  private OpenFiles open(SnapshotFiles layer) {
    return new OpenFiles(folder, layer.runs(), view, layer.instant());
  }
}
