package io.tributary.events.lake;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.events.EventLog;
import io.tributary.events.History;
import io.tributary.events.runs.LakeTables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the event logs of a lake hold up to now, as a text to keep elsewhere: with it, it can be
 * proven later that nothing that was in them has been changed or cut. Written {@code
 * LAKE,LOGS,LOG@VERSION#DIGEST,…} with the number of logs, so that a line that was cut is seen.
 *
 * @param lake the lake's id
 * @param logs those that had events, by name
 */
public record Anchor(String lake, List<Log> logs) {
  /** Every event log that a lake may have. */
  private static final List<TableName> ALL =
      List.of(
              "definitions",
              "deliveries",
              "lineage",
              "notices",
              "quality",
              "registry",
              "runs",
              "tokens")
          .stream()
          .map(name -> TableName.of("platform", name))
          .toList();

  private static final Pattern LOG = Pattern.compile("(.+)@(\\d{1,18})#([0-9a-f]{64})");

  public Anchor {
    logs = List.copyOf(logs);
  }

  /**
   * A log up to a version.
   *
   * @param digest {@link History#digest} of the version
   */
  public record Log(TableName table, long version, Digest digest) {
    @Override
    public String toString() {
      return table + "@" + version + "#" + digest.hex();
    }
  }

  /** What has become of a log. */
  public enum State {
    UNCHANGED,
    CHANGED,
    /** Another engine has rewritten rows without their commits. */
    UNKNOWN
  }

  /** What has become of a log since, as a clause. */
  public record Verdict(Log log, State state, String what) {}

  /**
   * The anchor of a lake as it is.
   *
   * @throws PlatformException NOT_FOUND when the lake has no id yet; as {@link EventLog#read}
   */
  public static Anchor of(String lake) {
    List<Log> logs = new ArrayList<>();
    for (TableName table : ALL) {
      History history = read(lake, table);
      if (history.version() >= 0) {
        logs.add(new Log(table, history.version(), history.digest(history.version())));
      }
    }
    return new Anchor(identity(lake, "anchor it").id(), logs);
  }

  /**
   * @throws PlatformException INVALID_REQUEST when the text is not an anchor, whole
   */
  public static Anchor parse(String text) {
    String[] parts = text.strip().split(",", -1);
    if (parts.length < 2 || !parts[1].equals(String.valueOf(parts.length - 2))) {
      throw unreadable(text, "it is cut");
    }
    return new Anchor(parts[0], Arrays.stream(parts).skip(2).map(part -> log(text, part)).toList());
  }

  private static PlatformException unreadable(String text, String why) {
    return new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot read anchor \"%s\": %s. Give the whole line that tributary doctor --anchor printed."
            .formatted(text, why));
  }

  private static Log log(String text, String part) {
    Matcher log = LOG.matcher(part);
    if (!log.matches()) {
      throw unreadable(text, "\"" + part + "\" is not LOG@VERSION#DIGEST");
    }
    return new Log(
        TableName.parse(log.group(1)), Long.parseLong(log.group(2)), new Digest(log.group(3)));
  }

  /**
   * Compares the logs of a lake with those that the anchor was made of; reads all of them.
   *
   * @throws PlatformException REFUSED when the anchor is of another lake
   */
  public List<Verdict> verify(String inLake) {
    LakeIdentity identity = identity(inLake, "verify its anchor");
    if (!identity.id().equals(lake) && !identity.formerIds().contains(lake)) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot verify anchor of lake %s: lake %s is %s. Name the lake that it was made of, as with --lake."
              .formatted(lake, inLake, identity.id()));
    }
    return logs.stream().map(log -> verdict(inLake, log)).toList();
  }

  private static Verdict verdict(String lake, Log log) {
    History now;
    try {
      now = read(lake, log.table);
    } catch (PlatformException e) {
      if (e.code() != ErrorCode.CORRUPT) {
        throw e;
      }
      return new Verdict(log, State.CHANGED, "can't be read: " + e.getMessage());
    }
    if (now.version() < 0) {
      return new Verdict(log, State.CHANGED, "is gone");
    }
    if (now.version() < log.version) {
      return new Verdict(
          log,
          State.CHANGED,
          "was cut: its newest version is %d, and was %d".formatted(now.version(), log.version));
    }
    if (now.digest(log.version).equals(log.digest)) {
      return new Verdict(
          log,
          State.UNCHANGED,
          "is unchanged: its events up to version %d are what they were".formatted(log.version));
    }
    return now.isRewritten()
        ? new Verdict(
            log,
            State.UNKNOWN,
            "can't be judged: another engine has rewritten rows, which don't say any more by which commit they came")
        : new Verdict(
            log,
            State.CHANGED,
            "was changed: its events up to version %d are not what they were"
                .formatted(log.version));
  }

  private static History read(String lake, TableName table) {
    return EventLog.open(LakeTables.path(lake, table)).read();
  }

  private static LakeIdentity identity(String lake, String what) {
    return LakeIdentity.require(lake)
        .orElseThrow(
            () ->
                new PlatformException(
                    ErrorCode.NOT_FOUND,
                    "Cannot %s: lake %s has no runs yet. Name another lake, as with --lake."
                        .formatted(what, lake)));
  }

  @Override
  public String toString() {
    return lake
        + ","
        + logs.size()
        + logs.stream().map(log -> "," + log).collect(Collectors.joining());
  }
}
