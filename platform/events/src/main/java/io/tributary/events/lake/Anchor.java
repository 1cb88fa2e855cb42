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
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the event logs of a lake hold up to now, as a text to keep elsewhere: with it, it can be
 * proven later that nothing that was in them has been changed or cut. Written {@code
 * LAKE,LOG@VERSION#DIGEST,…}.
 *
 * @param lake the lake's id
 * @param logs those that had events, by name
 */
public record Anchor(String lake, List<Log> logs) {
  /** Every event log that a lake may have. */
  private static final List<TableName> ALL =
      List.of("definitions", "deliveries", "lineage", "notices", "quality", "registry", "runs")
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

  /** What has become of a log since; {@code changed} says what is wrong, empty if nothing is. */
  public record Verdict(Log log, Optional<String> changed) {}

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
    return new Anchor(parts[0], Arrays.stream(parts).skip(1).map(part -> log(text, part)).toList());
  }

  private static Log log(String text, String part) {
    Matcher log = LOG.matcher(part);
    if (!log.matches()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read anchor \"%s\": \"%s\" is not LOG@VERSION#DIGEST. Give the whole line that tributary doctor --anchor printed."
              .formatted(text, part));
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
    return logs.stream().map(log -> new Verdict(log, changed(inLake, log))).toList();
  }

  private static Optional<String> changed(String lake, Log log) {
    History now;
    try {
      now = read(lake, log.table);
    } catch (PlatformException e) {
      if (e.code() != ErrorCode.CORRUPT) {
        throw e;
      }
      return Optional.of("can't be read: " + e.getMessage());
    }
    if (now.version() < log.version) {
      return Optional.of(
          now.version() < 0
              ? "is gone"
              : "was cut: its newest version is %d, and was %d"
                  .formatted(now.version(), log.version));
    }
    return now.digest(log.version).equals(log.digest)
        ? Optional.empty()
        : Optional.of(
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
    return lake + logs.stream().map(log -> "," + log).collect(Collectors.joining());
  }
}
