package io.tributary.online.rocksdb;

import io.tributary.core.Json;
import io.tributary.online.Differences;
import io.tributary.online.Layers;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineWriter;
import io.tributary.online.Origin;
import io.tributary.online.PartitionWriter;
import io.tributary.online.Publication;
import io.tributary.online.PublishedSnapshot;
import io.tributary.online.StoredView;
import io.tributary.online.WrittenPartition;
import io.tributary.online.WrittenRows;
import io.tributary.online.rocksdb.OpenRun.Reading;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A partition is an SST file in the view's folder; a manifest that names it publishes it. */
final class RocksDbWriter implements OnlineWriter {
  private final String address;
  private final Path folder;
  private final StoredView view;
  private final PublishedSnapshot snapshot;
  private final Origin origin;
  private final Optional<Manifest> former;
  private final Runnable published;
  private final Differences.Plan<SstFile> plan;

  /**
   * @param former what is published
   * @param published what is done once a publication is there
   */
  RocksDbWriter(
      OnlineStore store,
      Path folder,
      StoredView view,
      PublishedSnapshot snapshot,
      Origin origin,
      Optional<Manifest> former,
      Runnable published) {
    this.address = store.address();
    this.folder = folder;
    this.view = view;
    this.snapshot = snapshot;
    this.origin = origin;
    this.former = former;
    this.published = published;
    Optional<Manifest> beside = beside(former);
    this.plan =
        new Differences.Plan<>(
            view,
            snapshot,
            beside
                .filter(manifest -> manifest.codec() == Manifest.CODEC)
                .map(Manifest::publication),
            beside.map(Manifest::runs).orElse(List.of()),
            SstFile::rows,
            beside.flatMap(Manifest::pause));
  }

  /** What this stands beside: what is published, unless it replaces another lake's. */
  private Optional<Manifest> beside(Optional<Manifest> present) {
    return origin
        .beside(present.map(Manifest::publication), snapshot, address)
        .flatMap(own -> present);
  }

  @Override
  public boolean writesDifferences() {
    return plan.isOfDifferences();
  }

  @Override
  public void writeWhole() {
    plan.writeWhole();
  }

  @Override
  public Optional<WrittenRows> complete(List<WrittenPartition> partitions) {
    return plan.complete(
        partitions,
        () -> new OpenFiles(folder, plan.kept(), view, snapshot.instant(), Reading.ALL),
        () -> new SstWriter(folder));
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
  private record NewDifferences(
      String folder, String kept, String view, Instant instant, long limit)
      implements PartitionWriter.Factory {
    @Override
    public PartitionWriter open() {
      SstWriter file = new SstWriter(Path.of(folder));
      try {
        return Differences.writer(
            file,
            new OpenFiles(
                Path.of(folder),
                Json.read(kept, Runs.class).files(),
                Json.read(view, StoredView.class),
                instant,
                Reading.ALL),
            limit);
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
            folder.toString(),
            Json.write(new Runs(plan.kept())),
            Json.write(view),
            snapshot.instant(),
            plan.limit())
        : new NewFiles(folder.toString());
  }

  @Override
  public Publication publish(WrittenRows written, Map<String, Object> record) {
    Manifests manifests = new Manifests(folder);
    Optional<Manifest> present = manifests.newest();
    if (writesDifferences() && !present.equals(former)) {
      throw Layers.publishedMeanwhile(view.id(), null);
    }
    List<SstFile> files =
        written.receipts().stream().map(receipt -> Json.read(receipt, SstFile.class)).toList();
    Manifest next =
        writesDifferences()
            ? differing(written.rows(), files, record)
            : whole(files, present, record);
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

  private Manifest differing(long rows, List<SstFile> files, Map<String, Object> record) {
    SnapshotFiles layer = SnapshotFiles.of(snapshot, plan.with(files));
    return Manifest.of(
        view,
        origin.lake(),
        former,
        List.of(layer),
        layer.runs(),
        Manifest.CODEC,
        rows,
        plan.pause(),
        record);
  }

  private Manifest whole(
      List<SstFile> written, Optional<Manifest> present, Map<String, Object> record) {
    Optional<Manifest> beside = beside(present);
    SnapshotFiles added =
        SnapshotFiles.of(snapshot, written.isEmpty() ? List.of() : List.of(written));
    List<SnapshotFiles> layers =
        Layers.counting(
            view,
            snapshot,
            added,
            beside.map(Manifest::publication),
            beside.map(Manifest::layers).orElse(List.of()),
            SnapshotFiles::published);
    boolean changesNothing = beside.isPresent() && layers.equals(beside.get().layers());
    List<List<SstFile>> runs = changesNothing ? beside.get().runs() : merged(layers);
    return Manifest.of(
        view,
        origin.lake(),
        present,
        layers,
        runs,
        layers.equals(List.of(added))
            ? Manifest.CODEC
            : beside.map(Manifest::codec).orElse(Manifest.CODEC),
        changesNothing ? beside.get().rows() : rows(runs, layers.get(0)),
        plan.pause(),
        record);
  }

  private long rows(List<List<SstFile>> runs, SnapshotFiles newest) {
    if (runs.size() < 2) {
      return runs.stream().flatMap(List::stream).mapToLong(SstFile::rows).sum();
    }
    try (OpenFiles files = new OpenFiles(folder, runs, view, newest.instant(), Reading.ALL)) {
      return files.count();
    }
  }

  /** Files that are in no publication go by the next cleaning. */
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
    return new OpenFiles(folder, layer.runs(), view, layer.instant(), Reading.ALL);
  }
}
