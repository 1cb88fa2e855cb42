package io.tributary.events.runs;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.JobKey;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.RunId;
import io.tributary.events.AtomicFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * The locks of jobs in a lake on a local disk, between all its processes. A lock is on one byte of
 * the file {@code platform/locks/jobs}, held by the operating system for the process, so that it
 * ends with the process in any case. A file beside it names the holder; one without a lock was left
 * by a process that died. One more byte is for the lake as a whole: runs share it, and who must be
 * alone in the lake has it for itself.
 */
public final class JobLocks {
  /**
   * Who holds a lock.
   *
   * @param key of the run
   * @param lock the key that it holds
   * @param process its id on that host
   */
  public record Holder(
      RunId run,
      JobKey key,
      JobKey lock,
      int attempt,
      Instant started,
      long process,
      Environment environment) {}

  // One channel per file and process: closing any channel of a file releases all of the process's
  // locks on it.
  private static final Map<Path, FileChannel> CHANNELS = new ConcurrentHashMap<>();

  /** The byte that stands for the lake: above those of keys. */
  private static final long LAKE = Long.MAX_VALUE - 1;

  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

  /** A process has one lock on a byte, however many of its runs share it. */
  private static final class Sharing {
    private FileLock lock;
    private int runs;
  }

  private static final Map<Path, Sharing> SHARING = new ConcurrentHashMap<>();

  private final Path folder;

  public JobLocks(Path lake) {
    this.folder = lake.resolve("platform").resolve("locks");
  }

  /** A lock that is held. */
  public final class Held implements AutoCloseable {
    private final FileLock lock;
    private final Path said;
    private boolean traced;

    private Held(FileLock lock, Path said) {
      this.lock = lock;
      this.said = said;
    }

    /** Marks the run as unrecorded: closing keeps the file from which the next start records it. */
    public void keepTrace() {
      traced = true;
    }

    /** Releases the lock. */
    @Override
    public void close() {
      try {
        if (!traced) {
          Files.deleteIfExists(said);
        }
      } catch (IOException e) {
        throw storage("give up", e);
      } finally {
        release(lock);
      }
    }
  }

  /**
   * Acquires the lock for a holder.
   *
   * @throws PlatformException CONFLICT when a living run holds it, naming the run
   */
  public Held acquire(Holder holder) {
    FileLock lock = lock(holder.lock()).orElseThrow(() -> conflict(holder));
    Path said = said(holder);
    try {
      AtomicFiles.replace(said, Json.write(holder).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      release(lock);
      throw storage("take", e);
    }
    return new Held(lock, said);
  }

  /** A lock that names no holder. */
  public static final class Lock implements AutoCloseable {
    private final FileLock lock;

    private Lock(FileLock lock) {
      this.lock = lock;
    }

    /** Releases the lock. */
    @Override
    public void close() {
      release(lock);
    }
  }

  /** Acquires a key's lock for work that is no run; empty while somebody else holds it. */
  public Optional<Lock> acquire(JobKey key) {
    return lock(key).map(Lock::new);
  }

  /** A share of the lake, for as long as a run works in it. */
  public final class Share implements AutoCloseable {
    private Share() {}

    /** Gives it up. */
    @Override
    public void close() {
      Sharing sharing = SHARING.get(folder);
      synchronized (sharing) {
        sharing.runs--;
        if (sharing.runs == 0) {
          release(sharing.lock);
          sharing.lock = null;
        }
      }
    }
  }

  /**
   * A share of the lake; waits while somebody is alone in it.
   *
   * @param waiting called once if it has to
   */
  public Share share(Runnable waiting) {
    Sharing sharing = SHARING.computeIfAbsent(folder, f -> new Sharing());
    boolean said = false;
    while (true) {
      synchronized (sharing) {
        if (sharing.runs == 0) {
          sharing.lock = lock(LAKE, true).orElse(null);
        }
        if (sharing.lock != null) {
          sharing.runs++;
          return new Share();
        }
      }
      if (!said) {
        waiting.run();
        said = true;
      }
      LockSupport.parkNanos(LOOK_AGAIN.toNanos());
    }
  }

  /** The lake for oneself; empty while a run works in it, or somebody else is alone in it. */
  public Optional<Lock> alone() {
    Optional<FileLock> lock = lock(LAKE, false);
    if (lock.isPresent() && !working().isEmpty()) {
      // Of a build that takes no share.
      release(lock.get());
      return Optional.empty();
    }
    return lock.map(Lock::new);
  }

  /** Who works in the lake, the oldest first. */
  public List<Holder> working() {
    return holders("").stream().filter(this::holds).toList();
  }

  /** Whether this run's process lives and holds its lock. */
  public boolean isHeld(RunId run) {
    return holders("").stream().filter(h -> h.run().equals(run)).anyMatch(this::holds);
  }

  private boolean holds(Holder holder) {
    List<Holder> holders = holders(holder.lock());
    if (holders.isEmpty() || !holders.get(holders.size() - 1).run().equals(holder.run())) {
      return false;
    }
    Optional<FileLock> free = lock(holder.lock());
    free.ifPresent(JobLocks::release);
    return free.isEmpty();
  }

  /** The runs whose processes died at work. */
  public List<Holder> abandoned() {
    List<Holder> dead = new ArrayList<>();
    for (Holder holder : holders("")) {
      Optional<FileLock> free = lock(holder.lock());
      if (free.isPresent()) {
        // Between listing and locking it may have been released.
        read(said(holder)).ifPresent(dead::add);
        release(free.get());
      }
    }
    return dead;
  }

  /** Deletes the trace of a run of {@link #abandoned()}, once it is recorded. */
  public void forget(Holder holder) {
    try {
      Files.deleteIfExists(said(holder));
    } catch (IOException e) {
      throw storage("clean", e);
    }
  }

  /**
   * The holders on file for a key's lock, oldest first: the newest is the present holder, if there
   * is one.
   */
  private List<Holder> holders(JobKey key) {
    return holders(prefix(key));
  }

  private List<Holder> holders(String prefix) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(
              f -> f.getFileName().toString().startsWith(prefix) && f.toString().endsWith(".json"))
          .flatMap(f -> read(f).stream())
          .sorted(Comparator.comparing(Holder::started))
          .toList();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (IOException e) {
      throw storage("list", e);
    }
  }

  private static Optional<Holder> read(Path said) {
    try {
      return Optional.of(Json.read(Files.readString(said), Holder.class));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Optional<FileLock> lock(JobKey key) {
    // 62 bits of a digest: keys that share a byte would only exclude each other.
    return lock(Long.parseUnsignedLong(digest(key).hex().substring(0, 16), 16) >>> 2, false);
  }

  private Optional<FileLock> lock(long position, boolean shared) {
    try {
      return Optional.ofNullable(channel().tryLock(position, 1, shared));
    } catch (OverlappingFileLockException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw storage("take", e);
    }
  }

  private FileChannel channel() throws IOException {
    Path file = folder.resolve("jobs");
    FileChannel open = CHANNELS.get(file);
    if (open != null && Files.exists(file)) {
      return open;
    }
    Files.createDirectories(folder);
    synchronized (CHANNELS) {
      open = CHANNELS.get(file);
      if (open == null || !Files.exists(file)) {
        open =
            FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        CHANNELS.put(file, open);
      }
      return open;
    }
  }

  private static void release(FileLock lock) {
    try {
      lock.release();
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot release a job's lock: " + e.getMessage() + ". Check the storage.",
          e);
    }
  }

  private Path said(Holder holder) {
    return folder.resolve(prefix(holder.lock()) + holder.run() + ".json");
  }

  private static String prefix(JobKey key) {
    return key.job() + "-" + digest(key).shortHex() + "-";
  }

  private static Digest digest(JobKey key) {
    return Digest.of(Json.write(key));
  }

  private PlatformException conflict(Holder refused) {
    JobKey key = refused.key();
    List<Holder> holders = holders(refused.lock());
    Holder holder = holders.isEmpty() ? null : holders.get(holders.size() - 1);
    String who =
        holder == null
            ? "another run works on it"
            : "run %s of %s (process %d on %s) works on %s since %s"
                .formatted(
                    holder.run(),
                    holder.environment().user(),
                    holder.process(),
                    holder.environment().host(),
                    holder.key().equals(key) ? "it" : holder.key(),
                    holder.started());
    return new PlatformException(
        ErrorCode.CONFLICT,
        "Cannot run " + key + ": " + who + ". Wait until it has ended, or stop it.");
  }

  private PlatformException storage(String verb, IOException e) {
    String why =
        e instanceof FileSystemException f && f.getReason() == null
            ? f.getClass().getSimpleName().replace("Exception", "") + " " + f.getFile()
            : e.getMessage();
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot %s a lock in lake %s: %s. Name a folder in which %s may write, with --lake or in tributary.yaml."
            .formatted(verb, folder.getParent().getParent(), why, System.getProperty("user.name")),
        e);
  }
}
