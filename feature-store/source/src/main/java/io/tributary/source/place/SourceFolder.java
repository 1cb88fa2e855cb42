package io.tributary.source.place;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.source.DeliveredFile;
import io.tributary.source.FileErrors;
import io.tributary.source.FileScan;
import io.tributary.source.FileStamp;
import io.tributary.source.FoundFile;
import io.tributary.source.RecordScan;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathFilter;

/**
 * Where a source's files are looked for: a path or a glob, in the project's folder or on any Hadoop
 * file system. No Spark. A file is read to its end once, for its digest; while its size and its
 * stamp are the same it is recognized. Not safe for threads.
 *
 * <p>An entity tag proves that an object is the same. A modification time proves it only where it,
 * and on a local disk that of the entry's change, lay {@link #SETTLED} before the file was read:
 * another file that is written later has a later one, however coarse the file system's clock is. A
 * file that was read sooner is read again.
 */
public final class SourceFolder implements Intake {
  /** The coarsest modification times that file systems keep. */
  static final Duration SETTLED = Duration.ofSeconds(2);

  private static final PathFilter VISIBLE = path -> !path.getName().startsWith(".");

  private final Supplier<Configuration> remote;
  private final String source;
  private final java.nio.file.Path project;
  private final String text;
  private final Set<String> paths;
  private final Supplier<List<DeliveredFile>> remembered;
  private final Supplier<Optional<RecordScan>> records;
  private final InstantSource clock;
  private final Map<Seen, Scanned> known = new HashMap<>();
  private final Map<Seen, DeliveredFile> read = new LinkedHashMap<>();
  private boolean recalled;

  /**
   * A file that lies there.
   *
   * @param isKnown whether it is a file, by path, size and stamp, that an earlier process has read
   */
  public record Listed(String path, FileStatus status, boolean isKnown) {}

  /** Made once, for it reads Hadoop's defaults. */
  private static final class Local {
    static final Configuration SETTINGS = new Configuration();
  }

  /** A file as its storage lists it. */
  private record Seen(String path, long bytes, FileStamp stamp) {}

  /**
   * What reading a file showed.
   *
   * @param isSettled whether its stamp tells it from any other file
   */
  private record Scanned(FileScan scan, boolean isSettled) {}

  /** One for a single look: it remembers nothing. */
  public SourceFolder(
      Source source,
      java.nio.file.Path project,
      SourceInput.Files files,
      Optional<Interval> interval,
      Supplier<Configuration> remote,
      Supplier<Optional<RecordScan>> records) {
    this(source, project, files, interval, remote, List::of, records, InstantSource.system());
  }

  /**
   * @param remembered files that earlier processes have read
   * @param records a new scan of a file that is to be read by several tasks
   * @param clock that says how old a file is
   */
  public SourceFolder(
      Source source,
      java.nio.file.Path project,
      SourceInput.Files files,
      Optional<Interval> interval,
      Supplier<Configuration> remote,
      Supplier<List<DeliveredFile>> remembered,
      Supplier<Optional<RecordScan>> records,
      InstantSource clock) {
    this.records = records;
    this.clock = clock;
    this.remote = remote;
    this.remembered = remembered;
    this.source = source.name();
    this.text = files.path();
    this.paths = new IntervalPath(files.path(), source.zone()).paths(interval);
    this.project = project.toAbsolutePath().normalize();
  }

  /**
   * The files that are there, by path; none only for a glob.
   *
   * @throws PlatformException UNREADABLE_FILE when the file is missing or can't be read, SERVER
   *     when its storage can't be reached or refuses, INVALID_DEFINITION when there can be none
   */
  @Override
  public List<FoundFile> find() {
    List<FoundFile> list = new ArrayList<>();
    for (String named : paths) {
      try {
        for (FileStatus status : files(named)) {
          list.add(found(fileSystem(status.getPath(), named), status));
        }
      } catch (IOException e) {
        throw FileErrors.of(source, named, pattern(named), e);
      }
    }
    list.sort(Comparator.comparing(FoundFile::path));
    return list;
  }

  /**
   * What lies there now, by path: a listing, no file is read.
   *
   * @throws PlatformException as {@link #find()}
   */
  public List<Listed> list() {
    recall();
    List<Listed> list = new ArrayList<>();
    for (String named : paths) {
      try {
        for (FileStatus status : files(named)) {
          Seen seen = seen(status);
          list.add(new Listed(seen.path(), status, known.containsKey(seen)));
        }
      } catch (IOException e) {
        throw FileErrors.of(source, named, pattern(named), e);
      }
    }
    list.sort(Comparator.comparing(Listed::path));
    return list;
  }

  /** The bytes of a file that was listed. */
  public InputStream open(Listed file) throws IOException {
    Path path = file.status().getPath();
    return fileSystem(path, file.path()).open(path);
  }

  /** Hadoop's, of the file system that a file lies in. */
  public Configuration settings(Path path) {
    return FileErrors.isLocal(path) ? Local.SETTINGS : remote.get();
  }

  private List<FileStatus> files(String named) throws IOException {
    Path pattern = pattern(named);
    FileSystem fileSystem = fileSystem(pattern, named);
    if (!isGlob(named)) {
      FileStatus status = fileSystem.getFileStatus(pattern);
      if (status.isFile()) {
        return List.of(status);
      }
      throw new PlatformException(
          ErrorCode.UNREADABLE_FILE,
          "Cannot read file %s of source %s: it is a folder. Name files in the source's path, as in %s/*.csv."
              .formatted(path(pattern), source, named));
    }
    FileStatus[] found = fileSystem.globStatus(pattern, VISIBLE);
    return found == null ? List.of() : Stream.of(found).filter(FileStatus::isFile).toList();
  }

  @Override
  public void look() {
    for (String named : paths) {
      if (!isGlob(named)) {
        Path path = pattern(named);
        try {
          fileSystem(path, named).getFileStatus(path);
        } catch (IOException e) {
          throw FileErrors.of(source, named, path, e);
        }
      }
    }
  }

  @Override
  public Optional<FoundFile> find(DeliveredFile delivered) {
    Path path = pattern(delivered.path().replaceAll("[*?\\[\\]{}\\\\]", "\\\\$0"));
    FileSystem fileSystem = fileSystem(path, delivered.path());
    try {
      FileStatus[] there = fileSystem.globStatus(path);
      if (there == null || there.length != 1 || !there[0].isFile()) {
        return Optional.empty();
      }
      return Optional.of(found(fileSystem, there[0]))
          .filter(f -> f.sha256().equals(delivered.sha256().hex()));
    } catch (IOException e) {
      throw FileErrors.of(source, delivered.path(), path, e);
    }
  }

  /**
   * Whether other bytes lie now where a file was found; false where nothing does.
   *
   * @throws PlatformException UNREADABLE_FILE or SERVER when that can't be found out
   */
  @Override
  public boolean isReplaced(FoundFile file) {
    Path path = new Path(file.location());
    FileSystem fileSystem = fileSystem(path, file.path());
    try {
      FileStatus status = fileSystem.getFileStatus(path);
      if (!FileErrors.isLocal(path)) {
        // What is ahead of the clock is no proof there: its bytes are read again.
        known.computeIfPresent(
            seen(status), (seen, scanned) -> scanned.isSettled() ? scanned : null);
      }
      return !found(fileSystem, status).sha256().equals(file.sha256());
    } catch (FileNotFoundException e) {
      return false;
    } catch (IOException e) {
      throw FileErrors.of(source, file.path(), path, e);
    }
  }

  @Override
  public String nothing() {
    return "no file matches " + text;
  }

  private static boolean isGlob(String path) {
    return path.matches(".*[*?\\[{].*");
  }

  private Path pattern(String path) {
    boolean remote = FileErrors.isUri(path);
    if (remote) {
      return new Path(path);
    }
    if (!isGlob(path) || path.startsWith("/")) {
      return new Path("file:" + project.resolve(path).normalize());
    }
    String folder = project.toString().replaceAll("[*?\\[\\]{}\\\\]", "\\\\$0");
    return new Path("file:" + folder + "/" + path);
  }

  /** The files that had to be read and will be recognized from now on. */
  @Override
  public List<DeliveredFile> recognizable() {
    return List.copyOf(read.values());
  }

  private FoundFile found(FileSystem fileSystem, FileStatus status) throws IOException {
    recall();
    Instant now = clock.instant();
    Seen seen = seen(status);
    FileStamp stamp = seen.stamp();
    Scanned scanned = known.get(seen);
    boolean isNew = scanned == null;
    if (isNew) {
      Instant changed = changed(status, stamp);
      boolean settled = FileStamp.hasTag(status) || changed.isBefore(now.minus(SETTLED));
      scanned = new Scanned(scan(fileSystem, status), settled);
      // What is ahead of the clock does not settle: each process reads it once.
      if (settled || changed.isAfter(now)) {
        known.put(seen, scanned);
      }
    }
    FoundFile file =
        new FoundFile(
            seen.path(),
            status.getPath().toString(),
            seen.bytes(),
            scanned.scan().digest().hex(),
            List.of(),
            List.of(stamp),
            scanned.isSettled(),
            scanned.scan().parts());
    if (isNew && scanned.isSettled()) {
      read.put(seen, file.delivered());
    }
    return file;
  }

  /** Fills in what earlier processes have read. */
  private void recall() {
    if (!recalled) {
      for (DeliveredFile file : remembered.get()) {
        Scanned scanned = new Scanned(new FileScan(file.sha256(), List.of()), true);
        file.stamp().ifPresent(s -> known.put(new Seen(file.path(), file.bytes(), s), scanned));
      }
      recalled = true;
    }
  }

  private FileScan scan(FileSystem fileSystem, FileStatus status) {
    Path path = status.getPath();
    try (InputStream in = fileSystem.open(path, 1 << 16)) {
      return FileScan.of(in, status.getLen(), records);
    } catch (IOException e) {
      throw FileErrors.of(source, path(path), path, e);
    }
  }

  private Seen seen(FileStatus status) throws IOException {
    return new Seen(path(status.getPath()), status.getLen(), FileStamp.of(status));
  }

  /** When anything of a file without an entity tag last changed, as far as its storage says. */
  private static Instant changed(FileStatus status, FileStamp stamp) {
    boolean hasChange = FileErrors.isLocal(status.getPath()) && !stamp.tag().isEmpty();
    Instant entry = hasChange ? Instant.parse(stamp.tag()) : stamp.modified();
    return entry.isAfter(stamp.modified()) ? entry : stamp.modified();
  }

  private String path(Path path) {
    if (!"file".equals(path.toUri().getScheme())) {
      return path.toString();
    }
    java.nio.file.Path local = java.nio.file.Path.of(path.toUri().getPath());
    return local.startsWith(project) ? project.relativize(local).toString() : local.toString();
  }

  private FileSystem fileSystem(Path path, String named) {
    try {
      return path.getFileSystem(settings(path));
    } catch (IOException | RuntimeException | NoClassDefFoundError e) {
      throw FileErrors.of(source, named, path, e);
    }
  }
}
