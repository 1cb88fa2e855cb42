package io.tributary.online.rocksdb;

import io.tributary.core.Json;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A partition is an SST file in the view's folder; a manifest that names it publishes it. */
final class RocksDbWriter implements OnlineWriter {
  private final Path folder;
  private final StoredView view;
  private final PublishedSnapshot snapshot;
  private final Runnable published;

  /**
   * @param published what is done once a publication is there
   */
  RocksDbWriter(Path folder, StoredView view, PublishedSnapshot snapshot, Runnable published) {
    this.folder = folder;
    this.view = view;
    this.snapshot = snapshot;
    this.published = published;
  }

  /** Opens files in a folder. */
  private record SstFiles(String folder) implements PartitionWriter.Factory {
    @Override
    public PartitionWriter open() {
      return new SstWriter(Path.of(folder));
    }
  }

  @Override
  public PartitionWriter.Factory partitions() {
    return new SstFiles(folder.toString());
  }

  @Override
  public Publication publish(List<WrittenPartition> partitions, Map<String, Object> record) {
    SnapshotFiles added =
        SnapshotFiles.of(
            snapshot, partitions.stream().map(p -> Json.read(p.receipt(), SstFile.class)).toList());
    Manifests manifests = new Manifests(folder);
    Optional<Manifest> present = manifests.newest();
    List<SnapshotFiles> layers =
        Layers.counting(
            view,
            snapshot,
            added,
            present.map(Manifest::publication),
            present.map(Manifest::layers).orElse(List.of()),
            SnapshotFiles::published);
    List<SstFile> files =
        present.isPresent() && layers.equals(present.get().layers())
            ? present.get().files()
            : merged(layers);
    Manifest next = Manifest.of(view, present, layers, files, record);
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

  /** Files that are in no publication are named by their content: a rerun uses them. */
  @Override
  public void close() {}

  private List<SstFile> merged(List<SnapshotFiles> layers) {
    List<SstFile> files = layers.get(0).files();
    for (SnapshotFiles earlier : layers.subList(1, layers.size())) {
      files = merged(files, earlier.files());
    }
    return files;
  }

  private List<SstFile> merged(List<SstFile> later, List<SstFile> earlier) {
    try (OpenFiles base = new OpenFiles(folder, later, view);
        OpenFiles candidates = new OpenFiles(folder, earlier, view);
        OpenFiles.Cursor a = base.cursor();
        OpenFiles.Cursor b = candidates.cursor();
        SstWriter writer = new SstWriter(folder)) {
      Layers.merge(a, b, writer);
      return writer.finishFile().stream().toList();
    }
  }
}
