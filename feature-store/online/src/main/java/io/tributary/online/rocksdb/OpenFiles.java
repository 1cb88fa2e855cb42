package io.tributary.online.rocksdb;

import io.tributary.online.Differences;
import io.tributary.online.PublishedRows;
import io.tributary.online.RowCodec;
import io.tributary.online.StackedRows;
import io.tributary.online.StoredRow;
import io.tributary.online.StoredView;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/** The rows of a snapshot: runs of files, of which the first that has a key counts. */
final class OpenFiles implements PublishedRows, Differences.Former {
  private final StoredView view;
  private final Instant snapshot;
  private final List<OpenRun> runs = new ArrayList<>();

  OpenFiles(
      Path folder,
      List<List<SstFile>> runs,
      StoredView view,
      Instant snapshot,
      OpenRun.Reading reading) {
    this.view = view;
    this.snapshot = snapshot;
    try {
      runs.forEach(files -> this.runs.add(new OpenRun(folder, files, view, snapshot, reading)));
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  @Override
  public List<Optional<StoredRow>> findAll(List<? extends List<?>> keys) {
    List<OpenRun.Finder> finders = runs.stream().map(OpenRun::finder).toList();
    try {
      List<Optional<StoredRow>> rows = new ArrayList<>(keys.size());
      for (List<?> key : keys) {
        rows.add(view.keyBytes(key).flatMap(bytes -> find(bytes, finders)));
      }
      return rows;
    } finally {
      finders.forEach(OpenRun.Finder::close);
    }
  }

  private Optional<StoredRow> find(byte[] key, List<OpenRun.Finder> finders) {
    for (OpenRun.Finder finder : finders) {
      Optional<byte[]> row = finder.find(key);
      if (row.isPresent()) {
        return row.filter(bytes -> !RowCodec.isWithdrawn(bytes))
            .map(bytes -> RowCodec.decode(bytes, view.features(), snapshot));
      }
    }
    return Optional.empty();
  }

  @Override
  public void forEach(BiConsumer<byte[], StoredRow> reader) {
    try (StackedRows at = from(new byte[0])) {
      for (; at.isValid(); at.next()) {
        reader.accept(at.key(), at.row());
      }
    }
  }

  @Override
  public long count() {
    if (runs.isEmpty()) {
      return 0;
    }
    OpenRun base = runs.get(runs.size() - 1);
    return Differences.count(
        base.entries(),
        StackedRows.all(cursors(runs.subList(0, runs.size() - 1), new byte[0])),
        keys -> {
          try (OpenRun.Finder finder = base.finder()) {
            return keys.stream().map(key -> finder.find(key).isPresent()).toList();
          }
        });
  }

  @Override
  public StackedRows from(byte[] key) {
    return StackedRows.visible(cursors(runs, key));
  }

  private static List<OpenRun.Cursor> cursors(List<OpenRun> runs, byte[] from) {
    List<OpenRun.Cursor> cursors = new ArrayList<>();
    try {
      runs.forEach(run -> cursors.add(run.from(from)));
      return cursors;
    } catch (RuntimeException | Error e) {
      cursors.forEach(OpenRun.Cursor::close);
      throw e;
    }
  }

  @Override
  public void close() {
    runs.forEach(OpenRun::close);
  }
}
