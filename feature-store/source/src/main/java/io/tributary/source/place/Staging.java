package io.tributary.source.place;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.FailPoints;
import io.tributary.core.PlatformException;
import io.tributary.events.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The folder of the lake where copies of a growing table's ranges are kept until they are judged:
 * whole files, named by the SHA-256 of their bytes. Travels to executors. Safe for threads and
 * processes: two that copy the same rows keep the same files.
 */
public final class Staging implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String KEPT = ".jsonl.gz";

  private final String folder;
  private final String what;

  /**
   * @param table the table and its source, for messages
   */
  public Staging(String lake, String source, String table) {
    this.folder = (lake.startsWith("/") ? "file:" + lake : lake) + "/platform/staging/" + source;
    this.what = table;
  }

  /** A file that is kept. */
  public record Kept(String sha256, long bytes, String location) {}

  /** Begins a file; nobody sees it before {@link Writing#finish()}. */
  Writing begin(Configuration hadoop) {
    try {
      return new Writing(hadoop);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** A file, if it is kept as it was written. */
  public Optional<Kept> find(Digest sha256, long bytes) {
    Path path = path(sha256.hex());
    try {
      FileSystem files = path.getFileSystem(new Configuration());
      if (!files.exists(path) || files.getFileStatus(path).getLen() != bytes) {
        return Optional.empty();
      }
      try (InputStream in = files.open(path, 1 << 16)) {
        return Digest.of(in).equals(sha256)
            ? Optional.of(new Kept(sha256.hex(), bytes, path.toString()))
            : Optional.empty();
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Whether a file that was found once is still there. */
  public boolean has(String sha256) {
    try {
      return path(sha256).getFileSystem(new Configuration()).exists(path(sha256));
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Removes those finished files whose digest is meant. */
  public void remove(Predicate<String> sha256) {
    Path root = new Path(folder);
    try {
      FileSystem files = root.getFileSystem(new Configuration());
      if (!files.exists(root)) {
        return;
      }
      for (FileStatus file : files.listStatus(root, p -> p.getName().endsWith(KEPT))) {
        String name = file.getPath().getName();
        if (sha256.test(name.substring(0, name.length() - KEPT.length()))) {
          files.delete(file.getPath(), false);
        }
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private Path path(String sha256) {
    return new Path(folder, sha256 + KEPT);
  }

  /** A file that is being written; for one thread. */
  final class Writing implements AutoCloseable {
    private final FileSystem files;
    private final Path hidden;
    private final DigestOutputStream out;
    private final OutputStream stored;
    private boolean finished;

    private Writing(Configuration hadoop) throws IOException {
      hidden = new Path(folder, ".copy." + UUID.randomUUID() + ".tmp");
      files = hidden.getFileSystem(hadoop);
      if (isLocal()) {
        java.nio.file.Path file = local(hidden);
        Files.createDirectories(file.getParent());
        stored = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW);
      } else {
        stored = files.create(hidden, false);
      }
      out = new DigestOutputStream(stored, Digest.sha256());
    }

    OutputStream out() {
      return out;
    }

    /** Keeps what has been written. */
    Kept finish() {
      try {
        out.close();
        String sha256 = HexFormat.of().formatHex(out.getMessageDigest().digest());
        Path path = path(sha256);
        long bytes = files.getFileStatus(hidden).getLen();
        if (isLocal()) {
          force(local(hidden));
          FailPoints.before(local(path));
          Files.move(local(hidden), local(path), StandardCopyOption.ATOMIC_MOVE);
          FailPoints.after(local(path));
          AtomicFiles.forceFolder(local(path).getParent());
        } else if (!files.rename(hidden, path) && !files.exists(path)) {
          throw new IOException("can't rename " + hidden);
        }
        finished = true;
        return new Kept(sha256, bytes, path.toString());
      } catch (IOException e) {
        throw failed(e);
      }
    }

    private boolean isLocal() {
      return "file".equals(hidden.toUri().getScheme());
    }

    private java.nio.file.Path local(Path path) {
      return java.nio.file.Path.of(path.toUri().getPath());
    }

    private void force(java.nio.file.Path file) throws IOException {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
    }

    /** Lets go of what was not finished. */
    @Override
    public void close() {
      try {
        stored.close();
        if (!finished || !isLocal()) {
          files.delete(hidden, false);
        }
      } catch (IOException e) {
        throw failed(e);
      }
    }
  }

  PlatformException failed(IOException e) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot keep a copy of %s in %s: %s. Check that it can be written and that there is space."
            .formatted(what, folder, e.getMessage()),
        e);
  }
}
