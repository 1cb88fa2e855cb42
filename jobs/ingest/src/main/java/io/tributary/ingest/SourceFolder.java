package io.tributary.ingest;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathFilter;

/**
 * Where a source's files are looked for: a path or a glob, in the project's folder or on any Hadoop
 * file system. No Spark. What has been read of a file once is not read again while its size and
 * time are the same. Not safe for threads.
 */
final class SourceFolder implements Intake {
  private static final PathFilter VISIBLE = path -> !path.getName().startsWith(".");

  private final String source;
  private final java.nio.file.Path project;
  private final String text;
  private final Set<String> paths;
  private final Map<String, FoundFile> known = new HashMap<>();

  SourceFolder(
      Source source,
      java.nio.file.Path project,
      SourceInput.Files files,
      Optional<Interval> interval) {
    this.source = source.name();
    this.text = files.path();
    this.paths = new IntervalPath(files.path(), source.zone()).paths(interval);
    this.project = project.toAbsolutePath().normalize();
  }

  /**
   * The files that are there, by path; none only for a glob.
   *
   * @throws PlatformException UNREADABLE_FILE when the file is missing or can't be read
   */
  @Override
  public List<FoundFile> find() {
    List<FoundFile> list = new ArrayList<>();
    paths.forEach(path -> find(path, list));
    list.sort(Comparator.comparing(FoundFile::path));
    return list;
  }

  private void find(String named, List<FoundFile> list) {
    Path pattern = pattern(named);
    try {
      FileSystem fileSystem = pattern.getFileSystem(new Configuration());
      FileStatus[] found =
          isGlob(named)
              ? fileSystem.globStatus(pattern, VISIBLE)
              : new FileStatus[] {fileSystem.getFileStatus(pattern)};
      for (FileStatus status : found == null ? new FileStatus[0] : found) {
        if (status.isFile()) {
          list.add(found(fileSystem, status));
        } else if (!isGlob(named)) {
          throw unreadable(
              status.getPath().toString(),
              "it is a folder. Name files, as in " + named + "/*.csv",
              null);
        }
      }
    } catch (FileNotFoundException e) {
      throw unreadable(named, "there is no such file", e);
    } catch (IOException e) {
      throw unreadable(named, reason(e), e);
    }
  }

  @Override
  public Optional<FoundFile> find(DeliveredFile delivered) {
    Path path = pattern(delivered.path().replaceAll("[*?\\[\\]{}\\\\]", "\\\\$0"));
    try {
      FileSystem fileSystem = path.getFileSystem(new Configuration());
      FileStatus[] there = fileSystem.globStatus(path);
      if (there == null || there.length != 1 || !there[0].isFile()) {
        return Optional.empty();
      }
      return Optional.of(found(fileSystem, there[0]))
          .filter(f -> f.sha256().equals(delivered.sha256().hex()));
    } catch (IOException e) {
      throw unreadable(delivered.path(), reason(e), e);
    }
  }

  /**
   * Whether other bytes lie now where a file was found; false where nothing does.
   *
   * @throws PlatformException UNREADABLE_FILE when that can't be told
   */
  @Override
  public boolean isReplaced(FoundFile file) {
    Path path = new Path(file.location());
    try {
      FileSystem fileSystem = path.getFileSystem(new Configuration());
      return !found(fileSystem, fileSystem.getFileStatus(path)).sha256().equals(file.sha256());
    } catch (FileNotFoundException e) {
      return false;
    } catch (IOException e) {
      throw unreadable(file.path(), reason(e), e);
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
    boolean remote = path.matches("[a-zA-Z][a-zA-Z0-9+.-]+:/.*");
    if (remote) {
      return new Path(path);
    }
    if (!isGlob(path) || path.startsWith("/")) {
      return new Path("file:" + project.resolve(path).normalize());
    }
    String folder = project.toString().replaceAll("[*?\\[\\]{}\\\\]", "\\\\$0");
    return new Path("file:" + folder + "/" + path);
  }

  private FoundFile found(FileSystem fileSystem, FileStatus status) throws IOException {
    String location = status.getPath().toString();
    String seen = location + "|" + status.getLen() + "|" + status.getModificationTime();
    FoundFile before = known.get(seen);
    if (before != null) {
      return before;
    }
    Digest digest;
    try (InputStream in = fileSystem.open(status.getPath(), 1 << 16)) {
      digest = Digest.of(in);
    } catch (IOException e) {
      throw unreadable(path(status.getPath()), reason(e), e);
    }
    FoundFile file = new FoundFile(path(status.getPath()), location, status.getLen(), digest.hex());
    known.put(seen, file);
    return file;
  }

  private String path(Path path) {
    if (!"file".equals(path.toUri().getScheme())) {
      return path.toString();
    }
    java.nio.file.Path local = java.nio.file.Path.of(path.toUri().getPath());
    return local.startsWith(project) ? project.relativize(local).toString() : local.toString();
  }

  private static String reason(IOException e) {
    return Optional.ofNullable(e.getMessage())
        .flatMap(m -> m.lines().findFirst())
        .orElse(e.getClass().getSimpleName());
  }

  private PlatformException unreadable(String path, String why, IOException cause) {
    return new PlatformException(
        ErrorCode.UNREADABLE_FILE,
        "Cannot read file "
            + path
            + " of source "
            + source
            + ": "
            + why
            + ". Deliver it, or correct the source's path.",
        cause);
  }
}
