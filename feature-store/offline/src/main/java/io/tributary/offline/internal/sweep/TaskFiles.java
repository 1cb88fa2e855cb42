package io.tributary.offline.internal.sweep;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.offline.engine.Arena;
import io.tributary.rows.Task;
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
import org.apache.spark.storage.StorageUtils;

/**
 * Files for what a task's sweeps can't keep on the heap, in the executor's local folder. They have
 * no name any more once they are mapped, so none is left behind, and are unmapped when the task
 * ends.
 */
final class TaskFiles implements Arena.Files {
  private static final int ZEROS = 1 << 20;

  private final Path folder;
  private final List<MappedByteBuffer> mapped = new ArrayList<>();

  private TaskFiles(Path folder) {
    this.folder = folder;
  }

  /** An arena of a task's. */
  static Arena arena(Task task) {
    TaskFiles files = new TaskFiles(task.folder());
    task.atEnd(files::unmap);
    return Arena.of(task.heapBytes(Arena.HEAP_BYTES), files);
  }

  @Override
  public ByteBuffer map(int bytes) {
    try {
      Path file = Files.createTempFile(folder, "sweep-", ".tmp");
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        // Taken now, where a full disk is an error; later it would be the end of the process.
        ByteBuffer zeros = ByteBuffer.allocate(Math.min(bytes, ZEROS));
        for (int at = 0; at < bytes; ) {
          zeros.clear().limit(Math.min(zeros.capacity(), bytes - at));
          at += channel.write(zeros, at);
        }
        MappedByteBuffer map = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes);
        mapped.add(map);
        return map.order(ByteOrder.nativeOrder());
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot keep the events of one key in %s: %s. Make room there, or name another folder by spark.local.dir."
              .formatted(folder, e.getMessage()),
          e);
    }
  }

  private void unmap() {
    mapped.forEach(StorageUtils::dispose);
    mapped.clear();
  }
}
