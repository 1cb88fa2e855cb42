package io.tributary.events;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.tributary.core.FailPoints;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Writes files to a local disk whole or not at all: to a hidden temporary file, forced to the disk,
 * then linked or moved to its name. A writer that is killed leaves at most a hidden file.
 */
public final class AtomicFiles {
  private AtomicFiles() {}

  /**
   * Writes a file that must not exist yet; of several writers exactly one wins.
   *
   * @throws FileAlreadyExistsException when the file is there; nothing was changed
   */
  public static void create(Path file, byte[] bytes) throws IOException {
    write(file, out -> out.write(bytes), false);
  }

  /** Writes a file, replacing any of its name; readers see the old bytes or the new. */
  public static void replace(Path file, byte[] bytes) throws IOException {
    write(file, out -> out.write(bytes), true);
  }

  /** What a file is to hold. */
  public interface Content {
    /** Writes all of it; the stream is left open. */
    void writeTo(OutputStream out) throws IOException;
  }

  /** As {@link #create(Path, byte[])}, of content that is too large for memory. */
  public static void create(Path file, Content content) throws IOException {
    write(file, content, false);
  }

  /** As {@link #replace(Path, byte[])}, of content that is too large for memory. */
  public static void replace(Path file, Content content) throws IOException {
    write(file, content, true);
  }

  /** Forces a folder's entries to the disk. */
  public static void forceFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, READ)) {
      channel.force(true);
    }
  }

  private static void write(Path named, Content content, boolean overwrite) throws IOException {
    Path file = named.toAbsolutePath();
    Path hidden = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      try (FileChannel channel = FileChannel.open(hidden, CREATE_NEW, WRITE)) {
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel));
        content.writeTo(out);
        out.flush();
        channel.force(true);
      }
      FailPoints.before(file);
      if (overwrite) {
        Files.move(hidden, file, ATOMIC_MOVE);
        // Hadoop's checksum of the old bytes would make its readers refuse the new ones.
        Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
      } else {
        link(file, hidden);
      }
      FailPoints.after(file);
    } finally {
      Files.deleteIfExists(hidden);
    }
    forceFolder(file.getParent());
  }

  private static void link(Path file, Path hidden) throws IOException {
    try {
      Files.createLink(file, hidden);
    } catch (UnsupportedOperationException e) {
      throw new IOException("the file system of " + file.getParent() + " has no hard links", e);
    }
  }
}
