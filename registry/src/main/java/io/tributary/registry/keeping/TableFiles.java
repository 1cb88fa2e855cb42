package io.tributary.registry.keeping;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.events.CommitLog;
import io.tributary.events.FileHistory;
import io.tributary.events.FileHistory.Span;
import io.tributary.events.runs.LakeTables;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The data files of a table on a local disk that its newest version does not have: those that may
 * go, and those that former versions need which must stay readable.
 *
 * @param live how many files the newest version has
 * @param small of them those of less than {@link #SMALL} bytes
 * @param smallBytes the size of these
 * @param gone that may go, in order of their paths
 * @param needed that would go, if nobody needed them
 * @param lost versions that must stay readable and are not any more, as the log has forgotten them,
 *     in words
 */
public record TableFiles(
    TableName table,
    long live,
    long small,
    long smallBytes,
    List<DataFile> gone,
    Map<DataFile, Set<String>> needed,
    List<String> lost) {
  /** A data file below this many bytes is small. */
  public static final long SMALL = 16L << 20;

  /** Of other files, such as those that mark rows as deleted, it is not known what they are for. */
  private static final String PARQUET = ".parquet";

  public TableFiles {
    gone = List.copyOf(gone);
    lost = List.copyOf(lost);
    needed = Collections.unmodifiableMap(new LinkedHashMap<>(needed));
  }

  /**
   * A data file.
   *
   * @param path relative to the table
   * @param files 2 where another program has written a checksum beside it
   * @param bytes of these
   */
  public record DataFile(String path, long files, long bytes, Instant modified) {}

  /** Where Hadoop's local file system keeps the checksum of a file. */
  public static Path checksum(Path file) {
    return file.resolveSibling("." + file.getFileName() + ".crc");
  }

  /**
   * Examines a table.
   *
   * @param kept its versions that must stay readable, beside the newest
   * @param before files may go that no version has had since, and that were written before
   * @throws PlatformException CORRUPT or NOT_FOUND when the log can't tell which files the newest
   *     version has
   */
  public static TableFiles of(
      String lake, TableName table, Collection<KeptVersion> kept, Instant before) {
    Path folder = LakeTables.local(LakeTables.path(lake, table)).orElseThrow();
    // Listed first: what is written meanwhile is then in the log, or not in the list.
    List<DataFile> files = list(folder);
    FileHistory history =
        CommitLog.open(folder.toString())
            .fileHistory()
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.NOT_FOUND,
                        "Cannot list the files of table %s: it is gone. Restore it from a copy of the lake."
                            .formatted(table)));
    Set<String> lacking = history.live();
    files.forEach(file -> lacking.remove(file.path()));
    if (!lacking.isEmpty()) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot tell which files of table %s may go: %d that its newest version has are not in its folder, among them %s. Restore them from a copy of the lake, or build the table anew."
              .formatted(
                  table, lacking.size(), lacking.stream().min(Comparator.naturalOrder()).get()));
    }
    TreeMap<Long, Set<String>> by = new TreeMap<>();
    Set<String> forgotten = new TreeSet<>();
    List<String> lost = new ArrayList<>();
    for (KeptVersion version : kept) {
      long number = version.version().version();
      if (number < history.from()) {
        forgotten.add(version.by());
        lost.add(
            "version %d of %s, which %s needs, can't be read: its log begins with version %d. Restore older commits from a copy of the lake, if there is one; files that may be of it stay"
                .formatted(number, table, version.by(), history.from()));
      } else {
        by.computeIfAbsent(number, n -> new TreeSet<>()).add(version.by());
      }
    }
    // A file of which the log knows nothing: one that was never committed, unless the log was cut.
    Instant unknown = history.from() == 0 ? Instant.MIN : history.since();
    List<DataFile> gone = new ArrayList<>();
    Map<DataFile, Set<String>> needed = new LinkedHashMap<>();
    long live = 0;
    long small = 0;
    long smallBytes = 0;
    for (DataFile file : files) {
      if (history.isLive(file.path())) {
        live++;
        if (file.bytes() < SMALL) {
          small++;
          smallBytes += file.bytes();
        }
      } else if (file.modified().isBefore(before)
          && history.removedAt(file.path()).orElse(unknown).isBefore(before)) {
        List<Span> spans = history.spans().getOrDefault(file.path(), List.of());
        boolean mayBeOfForgotten =
            spans.isEmpty() || spans.stream().anyMatch(span -> span.added() <= history.from());
        Set<String> needs = new LinkedHashSet<>(mayBeOfForgotten ? forgotten : Set.of());
        for (Span span : spans) {
          by.subMap(span.added(), true, span.removed().orElse(Long.MAX_VALUE), false)
              .values()
              .forEach(needs::addAll);
        }
        if (needs.isEmpty()) {
          gone.add(file);
        } else {
          needed.put(file, needs);
        }
      }
    }
    return new TableFiles(table, live, small, smallBytes, gone, needed, lost);
  }

  /** Parquet files: no hidden ones; of a partitioned table those in its folders. */
  private static List<DataFile> list(Path folder) {
    List<DataFile> files = new ArrayList<>();
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path sub, BasicFileAttributes attributes) {
              return sub.equals(folder) || !isHidden(sub)
                  ? FileVisitResult.CONTINUE
                  : FileVisitResult.SKIP_SUBTREE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (!isHidden(file) && file.toString().endsWith(PARQUET)) {
                Path checksum = checksum(file);
                boolean checked = Files.exists(checksum);
                files.add(
                    new DataFile(
                        folder.relativize(file).toString().replace(File.separatorChar, '/'),
                        checked ? 2 : 1,
                        attributes.size() + (checked ? checksum.toFile().length() : 0),
                        attributes.lastModifiedTime().toInstant()));
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
              if (e instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
              }
              throw e;
            }
          });
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot list the files of %s: %s. Check the disk and its permissions."
              .formatted(folder, e.getMessage()),
          e);
    }
    files.sort(Comparator.comparing(DataFile::path));
    return files;
  }

  private static boolean isHidden(Path path) {
    String name = path.getFileName().toString();
    return name.startsWith(".") || (name.startsWith("_") && !name.contains("="));
  }
}
