package io.tributary.core;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The definition of a thing in a project, as it was when a run used it.
 *
 * @param kind {@code source}, {@code suite}, {@code view}, {@code training-set}, {@code model},
 *     {@code scores}, {@code monitor} or {@code pipeline}
 * @param name within its kind, {@code carrier_history@1}
 * @param file where it was written, relative to the project's folder
 * @param status a view's {@code draft}, {@code active} …; {@code active} for all others
 * @param text its YAML with every default written out; a suite's file as it is. Secrets remain
 *     variables
 * @param meaning what decides its results, one fact a line: equal meanings compute equal values.
 *     Description, owner, comments and the order of keys are not in it
 * @param parts the texts behind the digests in {@code meaning}, and in parts, by the digest's hex
 *     digits
 * @param uses the digests of the definitions that it is made of, by {@link #reference()}
 * @param columns the origin of each of its columns, from its typed expressions; empty if it has
 *     none
 */
public record Definition(
    String kind,
    String name,
    String file,
    String status,
    String text,
    String meaning,
    Map<String, String> parts,
    Map<String, Digest> uses,
    Map<String, ColumnOrigin> columns) {
  private static final int FORMAT = 1;

  public static final String VIEW = "view";
  public static final String DRAFT = "draft";

  public Definition {
    parts = Collections.unmodifiableMap(new TreeMap<>(parts));
    uses = Collections.unmodifiableMap(new TreeMap<>(uses));
    columns = Collections.unmodifiableMap(new TreeMap<>(columns));
  }

  /** Kind and name, {@code view carrier_history@1}. */
  public String reference() {
    return kind + " " + name;
  }

  /** The digest under which it is stored: that of {@link #json()}. */
  public Digest digest() {
    return Digest.of(json());
  }

  /** The digest of the meaning: equal for definitions that compute the same. */
  public Digest meaningDigest() {
    return Digest.of(meaning);
  }

  /** Whether its name has a version, for which a lake enforces one meaning. */
  public boolean isVersioned() {
    return kind.equals(VIEW);
  }

  public boolean isDraft() {
    return status.equals(DRAFT);
  }

  /**
   * The same with {@code other} in place of the definition of that name that it uses, if it uses
   * one.
   */
  public Definition using(Definition other) {
    if (!uses.containsKey(other.reference())) {
      return this;
    }
    Map<String, Digest> used = new TreeMap<>(uses);
    used.put(other.reference(), other.digest());
    return new Definition(kind, name, file, status, text, meaning, parts, used, columns);
  }

  /** The facts of a meaning by name; also those of a part that is made of facts. */
  public static Map<String, String> facts(String meaning) {
    Map<String, String> facts = new TreeMap<>();
    int at = 0;
    while (at < meaning.length()) {
      int name = meaning.indexOf(' ', at);
      int length = meaning.indexOf(' ', name + 1);
      int end = length + 1 + Integer.parseInt(meaning.substring(name + 1, length));
      facts.put(meaning.substring(at, name), meaning.substring(length + 1, end));
      at = end + 1;
    }
    return facts;
  }

  /** Its stored form: one line of JSON. */
  public String json() {
    return Json.write(
        new Kept(
            FORMAT,
            kind,
            name,
            file,
            status,
            text,
            meaning,
            meaningDigest(),
            parts,
            uses,
            columns));
  }

  /**
   * Reads what {@link #json} wrote.
   *
   * @throws PlatformException REFUSED when a newer build wrote it, CORRUPT when it is not a
   *     definition
   */
  public static Definition read(String json) {
    int format = Json.read(json, Head.class).format();
    if (format > FORMAT) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot read a definition of format %d: a newer build wrote it, and this one reads up to %d. Use that build."
              .formatted(format, FORMAT));
    }
    Kept kept = Json.read(json, Kept.class);
    return new Definition(
        kept.kind,
        kept.name,
        kept.file,
        kept.status,
        kept.text,
        kept.meaning,
        kept.parts,
        kept.uses,
        kept.columns);
  }

  private record Head(int format) {}

  private record Kept(
      int format,
      String kind,
      String name,
      String file,
      String status,
      String text,
      String meaning,
      Digest meaningDigest,
      Map<String, String> parts,
      Map<String, Digest> uses,
      Map<String, ColumnOrigin> columns) {}
}
