package io.tributary.source;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.apache.hadoop.fs.EtagSource;
import org.apache.hadoop.fs.FileStatus;

/**
 * What a storage says of a file beside its size: a file of equal path, size and stamp has equal
 * bytes.
 *
 * @param modified as precise as the storage keeps it; beside an entity tag whole seconds, for an
 *     object's own answer is less precise than a listing
 * @param tag the entity tag of an object; of a local file the instant at which anything of it last
 *     changed; empty where the storage has neither
 */
public record FileStamp(Instant modified, String tag) implements Serializable {
  /**
   * A file's stamp as it is now, or was when it was listed.
   *
   * @throws IOException when the file is not there any more
   */
  public static FileStamp of(FileStatus status) throws IOException {
    Instant modified = Instant.ofEpochMilli(status.getModificationTime());
    if (hasTag(status)) {
      return new FileStamp(
          modified.truncatedTo(ChronoUnit.SECONDS), ((EtagSource) status).getEtag());
    }
    if (!FileErrors.isLocal(status.getPath())) {
      return new FileStamp(modified, "");
    }
    Path file = Path.of(status.getPath().toUri().getPath());
    if (!Files.exists(file)) {
      throw new FileNotFoundException(file + " is not there any more");
    }
    boolean unix = file.getFileSystem().supportedFileAttributeViews().contains("unix");
    return new FileStamp(
        Files.getLastModifiedTime(file).toInstant(),
        unix ? Files.getAttribute(file, "unix:ctime").toString() : "");
  }

  /** Whether the storage tells the states of an object apart itself. */
  public static boolean hasTag(FileStatus status) {
    return status instanceof EtagSource tagged
        && tagged.getEtag() != null
        && !tagged.getEtag().isEmpty();
  }
}
