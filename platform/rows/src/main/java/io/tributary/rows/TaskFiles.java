package io.tributary.rows;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.storage.StorageUtils;

/**
 * Files for what a task can't keep on the heap. They have no name any more once they are mapped, so
 * none is left behind, and are unmapped when the task ends.
 */
public final class TaskFiles {
  private static final int ZEROS = 1 << 20;
  private static final String FOLDER = "spark.local.dir";

  /** Where this is set, Spark does not look at the other. */
  private static final String SPARKS_FOLDERS = "SPARK_LOCAL_DIRS";

  private final Path folder;
  private final List<MappedByteBuffer> mapped = new ArrayList<>();

  public TaskFiles(Path folder) {
    this.folder = folder;
  }

  /** Zeroed bytes of a new file, in native order. */
  public ByteBuffer map(int bytes) {
    try (FileChannel channel = unnamed(folder)) {
      // Taken now, where a full disk is an error; later it would be the end of the process.
      ByteBuffer zeros = ByteBuffer.allocate(Math.min(bytes, ZEROS));
      for (int at = 0; at < bytes; ) {
        zeros.clear().limit(Math.min(zeros.capacity(), bytes - at));
        at += channel.write(zeros, at);
      }
      MappedByteBuffer map = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes);
      mapped.add(map);
      return map.order(ByteOrder.nativeOrder());
    } catch (IOException e) {
      throw noRoom(folder, e);
    }
  }

  /** A file that is gone once it is closed, or the process ends. */
  public static FileChannel unnamed(Path folder) throws IOException {
    Path file = Files.createTempFile(folder, "rows-", ".tmp");
    try {
      return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } finally {
      Files.delete(file);
    }
  }

  public static PlatformException noRoom(Path folder, IOException e) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot keep rows in %s: %s. Make room there, or name another folder by %s."
            .formatted(
                folder,
                e.getMessage(),
                System.getenv(SPARKS_FOLDERS) == null ? FOLDER : SPARKS_FOLDERS),
        e);
  }

  /** Where such files go without Spark: the first folder of those that Spark would use. */
  public static Path folder() {
    String folders =
        Optional.ofNullable(System.getenv(SPARKS_FOLDERS))
            .orElse(System.getProperty(FOLDER, System.getProperty("java.io.tmpdir")));
    Path folder = Path.of(folders.split(",", -1)[0].strip());
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw noRoom(folder, e);
    }
  }

  public void unmap() {
    mapped.forEach(StorageUtils::dispose);
    mapped.clear();
  }
}
