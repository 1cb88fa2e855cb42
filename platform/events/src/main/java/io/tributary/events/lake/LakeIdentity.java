package io.tributary.events.lake;

import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.events.LakeFiles;
import io.tributary.events.runs.LakeTables;
import io.tributary.events.runs.RunLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The identity of a lake: the file {@code LAKE/tributary.json}. The first run that writes to a lake
 * creates it; a copied lake keeps the id until it is given another.
 *
 * @param format of all that the lake holds; see {@link #FORMAT}
 * @param id a UUID, with which names of things in this lake begin where lakes meet
 * @param made when and by which build
 * @param formerIds its previous ids, oldest first
 */
public record LakeIdentity(int format, String id, Build made, List<String> formerIds) {
  /** The format that this build writes, and the newest that it reads. */
  public static final int FORMAT = 1;

  /** The file's name in the lake's folder. */
  public static final String FILE = "tributary.json";

  /**
   * A build that did something, and when.
   *
   * @param code the code's revision, or {@code unknown}
   * @param dirty whether the code's tree had uncommitted changes
   */
  public record Build(Instant at, String code, boolean dirty) {}

  public LakeIdentity {
    formerIds = formerIds == null ? List.of() : List.copyOf(formerIds);
  }

  private record Head(int format) {}

  /**
   * The identity of a lake; empty for a lake that no run has written to yet.
   *
   * @throws PlatformException REFUSED when the lake is of a newer format, or of an older one; when
   *     it has runs but no format; CORRUPT when the file can't be parsed; STORAGE when it can't be
   *     reached
   */
  public static Optional<LakeIdentity> require(String lake) {
    Optional<LakeIdentity> identity = read(lake, FORMAT);
    if (identity.isEmpty() && hasRuns(lake)) {
      // Another process may have created the file in between.
      identity = read(lake, FORMAT);
    }
    if (identity.isEmpty() && hasRuns(lake)) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot open lake %s: it has runs, but no file %s with its format. It was written before lakes had one, or the file was lost. Restore the file from a copy, or rebuild the lake."
              .formatted(lake, FILE));
    }
    if (identity.filter(i -> i.format() < FORMAT).isPresent()) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot open lake %s: it is of format %d, and this build writes format %d. Bring it up to date first: tributary upgrade."
              .formatted(lake, identity.get().format(), FORMAT));
    }
    return identity;
  }

  /**
   * The identity of a lake; empty where there is no file.
   *
   * @throws PlatformException REFUSED when it is of a format after {@code newest}
   */
  static Optional<LakeIdentity> read(String lake, int newest) {
    Optional<String> text = text(lake);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    int format = parsed(lake, text.get(), Head.class).format();
    if (format > newest) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot open lake %s: it is of format %d, which a newer build wrote, and this one reads up to %d. Use the build that wrote it, or a later one."
              .formatted(lake, format, newest));
    }
    LakeIdentity identity = parsed(lake, text.get(), LakeIdentity.class);
    if (format < 1 || identity.id() == null) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot open lake %s: %s has no format or no id. Restore the file from a copy."
              .formatted(lake, FILE));
    }
    return Optional.of(identity);
  }

  private static <T> T parsed(String lake, String text, Class<T> type) {
    try {
      return Json.read(text, type);
    } catch (PlatformException e) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot open lake %s: %s can't be understood. Restore the file from a copy."
              .formatted(lake, FILE),
          e);
    }
  }

  /**
   * The identity of a lake that is about to be written, created if it has none; of several
   * concurrent processes one creates it.
   */
  public static LakeIdentity ensure(String lake, Build build) {
    Optional<LakeIdentity> known = require(lake);
    if (known.isPresent()) {
      return known.get();
    }
    write(lake, new LakeIdentity(FORMAT, UUID.randomUUID().toString(), build, List.of()), false);
    return require(lake).orElseThrow();
  }

  /**
   * Gives a copied lake an id of its own; the former one stays among {@link #formerIds}.
   *
   * @throws PlatformException NOT_FOUND when it has none yet
   */
  public static LakeIdentity renew(String lake) {
    LakeIdentity former =
        require(lake)
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.NOT_FOUND,
                        "Cannot give lake %s a new id: it has none yet. The first run gives it one."
                            .formatted(lake)));
    List<String> ids = new ArrayList<>(former.formerIds());
    ids.add(former.id());
    LakeIdentity renewed =
        new LakeIdentity(former.format(), UUID.randomUUID().toString(), former.made(), ids);
    write(lake, renewed, true);
    return renewed;
  }

  /** The identity with a later format. */
  LakeIdentity upgradedTo(int later) {
    return new LakeIdentity(later, id, made, formerIds);
  }

  static void write(String lake, LakeIdentity identity, boolean replace) {
    LakeFiles files = LakeFiles.of(LakeTables.normal(lake));
    List<String> lines = List.of(Json.write(identity));
    try {
      if (replace) {
        files.replace(FILE, lines);
      } else {
        files.create(FILE, lines);
      }
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot write %s/%s: %s. Name a folder in which %s may write, as with --lake."
              .formatted(files.folder(), FILE, e.getMessage(), System.getProperty("user.name")),
          e);
    }
  }

  private static Optional<String> text(String lake) {
    LakeFiles files = LakeFiles.of(LakeTables.normal(lake));
    try {
      return files.read(FILE).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw unreadable(files, e);
    }
  }

  private static PlatformException unreadable(LakeFiles files, IOException e) {
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot read %s/%s: %s. Check the storage and its permissions."
            .formatted(files.folder(), FILE, e.getMessage()),
        e);
  }

  /** Why a folder is not a lake. */
  static String missing(String lake) {
    LakeFiles files = LakeFiles.of(LakeTables.normal(lake));
    try {
      return files.names().isEmpty()
          ? "there is no lake yet"
          : "the folder is no lake, for it has no file " + FILE;
    } catch (IOException e) {
      throw unreadable(files, e);
    }
  }

  private static boolean hasRuns(String lake) {
    return LakeTables.list(lake).contains(RunLog.RUNS);
  }
}
