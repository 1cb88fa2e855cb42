package io.tributary.registry;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.events.CommitLog;
import io.tributary.events.LakeFiles;
import io.tributary.events.TableHistory;
import io.tributary.events.runs.LakeTables;
import io.tributary.registry.ArchiveFile.Entry;
import io.tributary.registry.ArchiveFile.Writer;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;

/**
 * The rows of training sets that came to a lake in archives, as Parquet files in {@code
 * LAKE/imported/CONTENT}, where {@code CONTENT} is the digest of the rows. A folder is there whole
 * or not at all; what its rows come to has to be computed by whoever relies on them.
 */
public final class ImportedRows {
  /** The folder of the rows in an archive. */
  static final String ENTRIES = "training-set/";

  private static final String FOLDER = "imported";

  private final LakeFiles lake;
  private final String place;

  private ImportedRows(String lake) {
    this.lake = LakeFiles.of(lake);
    this.place = lake;
  }

  /** Those of the lake at a local folder or Hadoop URI; nothing is read or written yet. */
  public static ImportedRows open(String lake) {
    return new ImportedRows(lake);
  }

  /** The paths of the files with a build's rows; none where these were not imported. */
  public List<String> files(TrainingSetReference set) {
    String folder = place + "/" + path(set);
    try {
      return lake.hasFolder(path(set))
          ? LakeFiles.of(folder).names().stream()
              .filter(name -> name.endsWith(".parquet"))
              .sorted()
              .map(name -> folder + "/" + name)
              .toList()
          : List.of();
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot read the imported rows of %s in %s: %s. Check the storage and its permissions."
              .formatted(set, folder, e.getMessage()),
          e);
    }
  }

  private static String path(TrainingSetReference set) {
    return FOLDER + "/" + set.content();
  }

  /** Adds the files of a build of this lake to an archive. */
  void export(TrainingSetReference set, Writer writer) throws IOException {
    String table = LakeTables.path(place, set.table().table());
    CommitLog log = CommitLog.open(table);
    if (log.read().map(TableHistory::tableId).filter(set.table().id()::equals).isEmpty()) {
      throw gone(set, "table " + set.table().table() + " is gone, or was made anew");
    }
    LakeFiles files = LakeFiles.of(table);
    int number = 0;
    for (String file : new TreeSet<>(log.files(set.table().version()))) {
      String name = "%spart-%05d.parquet".formatted(ENTRIES, ++number);
      try {
        writer.add(name, () -> files.open(file));
      } catch (IOException e) {
        throw gone(set, "file %s of table %s: %s".formatted(file, set.table().table(), e));
      }
    }
  }

  private static PlatformException gone(TrainingSetReference set, String why) {
    return new PlatformException(
        ErrorCode.NOT_FOUND,
        "Cannot export the rows of training set %s: %s. Restore it from a copy of the lake, or export without --with-data."
            .formatted(set, why));
  }

  /** Stores the rows that an archive has. */
  void restore(TrainingSetReference set, Collection<Entry> rows, ArchiveFile archive)
      throws IOException {
    if (lake.touch(path(set))) {
      return;
    }
    String hidden = "%s/.%s.%s".formatted(FOLDER, set.content().shortHex(), UUID.randomUUID());
    for (Entry entry : rows) {
      lake.keep(
          hidden + "/" + entry.name().substring(ENTRIES.length()), out -> archive.copy(entry, out));
    }
    if (!lake.renameFolder(hidden, path(set))) {
      lake.deleteFolder(hidden);
    }
  }
}
