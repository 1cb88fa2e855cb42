package io.tributary.rows.local;

import io.tributary.rows.Task;
import io.tributary.rows.TaskFiles;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/** A task of this process; its files are gone when it is closed. */
final class LocalTask implements Task, AutoCloseable {
  private final int thread;
  private final int partition;
  private final TaskFiles files;
  private final Scratch scratch;
  private final Deque<Runnable> last = new ArrayDeque<>();

  LocalTask(int thread, int partition, Scratch scratch) {
    this.thread = thread;
    this.partition = partition;
    this.scratch = scratch;
    this.files = new TaskFiles(scratch.folder());
    atEnd(files::unmap);
  }

  /** The number of the thread that runs it; tasks of one thread run one after the other. */
  int thread() {
    return thread;
  }

  @Override
  public int partition() {
    return partition;
  }

  @Override
  public ByteBuffer map(int bytes) {
    return files.map(bytes);
  }

  /** At least so many bytes beside the heap, until the task ends. */
  ByteBuffer memory(int bytes) {
    ByteBuffer room = scratch.borrow(bytes);
    atEnd(() -> scratch.giveBack(room));
    return room;
  }

  @Override
  public int heapBytes(int most) {
    return most;
  }

  @Override
  public void atEnd(Runnable what) {
    last.push(what);
  }

  /** Does what is left, the last first. */
  @Override
  public void close() {
    Runnable next = last.poll();
    if (next != null) {
      try {
        next.run();
      } finally {
        close();
      }
    }
  }
}
