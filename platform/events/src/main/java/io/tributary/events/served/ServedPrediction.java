package io.tributary.events.served;

import io.tributary.core.Digest;
import io.tributary.core.TableVersion;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A score that a server gave for a row of a request.
 *
 * @param at when the request came
 * @param id {@code late_arrival@3/2013-12-30/REQUEST/1}: the version, the day in UTC, the request,
 *     the row's place in it from 1
 * @param artefact the digest of the version's bundle
 * @param principal who asked, {@code token:NAME}; empty where nobody has to show a token
 * @param server one start of a server
 * @param asked what the row said beside inputs: keys of entities, and what inputs were computed
 *     from, without nulls
 * @param inputs what the model was given, Doubles and Strings, without what is missing
 * @param publications where inputs were looked up; none where none were
 */
public record ServedPrediction(
    Instant at,
    String id,
    String model,
    long version,
    Digest artefact,
    Optional<String> principal,
    String server,
    Map<String, Object> asked,
    Map<String, Object> inputs,
    double score,
    List<LookedUp> publications) {
  private static final Pattern REQUEST =
      Pattern.compile("[a-z][a-z0-9_]*@[1-9][0-9]*/\\d{4}-\\d\\d-\\d\\d/[0-9a-f]{32}");
  private static final Pattern ID = Pattern.compile(REQUEST + "/[1-9][0-9]*");

  /**
   * A publication that inputs were looked up in.
   *
   * @param identity tells it from others of its number; else empty
   * @param instant that it is for
   * @param snapshots whose rows it has
   * @param run that published it; empty where its record says none
   */
  public record LookedUp(
      String view,
      long publication,
      String identity,
      Instant instant,
      List<TableVersion> snapshots,
      Optional<String> run) {}

  /** The id of all predictions of a request, each of which ends with its row's place. */
  public static String request(String reference, Instant at, String request) {
    return "%s/%s/%s".formatted(reference, day(at), request);
  }

  private static LocalDate day(Instant at) {
    return at.atOffset(ZoneOffset.UTC).toLocalDate();
  }

  /** Whether a text has the form of such an id, or of that of a whole request. */
  public static boolean isId(String text) {
    return ID.matcher(text).matches() || isRequest(text);
  }

  static boolean isRequest(String text) {
    return REQUEST.matcher(text).matches();
  }

  /** The version that said it, {@code name@number}. */
  public String reference() {
    return model + "@" + version;
  }
}
