package io.tributary.events.runs;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.TableVersion;
import java.util.regex.Pattern;

/**
 * One thing that a run read or wrote, at one version. Prints as {@code kind:name@version} and
 * parses back.
 *
 * @param kind {@code table}, {@code file}, {@code model}, {@code online}; {@code view} and {@code
 *     training-set}, and {@code definition} for anything else that a project defines
 * @param name the table's, the file's path, the model's, the view's; of a definition kind and name,
 *     {@code scores departures}
 * @param version a table's {@code version#id}, a file's SHA-256, a model's number, an online
 *     store's publish instant, the digest that a definition is stored under
 */
public record LineageNode(String kind, String name, String version) {
  private static final Pattern KIND = Pattern.compile("[a-z]+(-[a-z]+)*");

  public LineageNode {
    if (!KIND.matcher(kind).matches()
        || name.isEmpty()
        || version.isEmpty()
        || version.indexOf('@') >= 0) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot name lineage node %s:%s@%s: kind is made of lower-case words, name and version are not empty. Report this as a bug."
              .formatted(kind, name, version));
    }
  }

  public static LineageNode table(TableVersion version) {
    return new LineageNode(
        "table", version.table().toString(), version.version() + "#" + version.id());
  }

  public static LineageNode file(String path, Digest digest) {
    return new LineageNode("file", path, digest.hex());
  }

  public static LineageNode model(String name, long number) {
    return new LineageNode("model", name, Long.toString(number));
  }

  /**
   * The node of a definition that a run used.
   *
   * @param reference kind and name, {@code view carrier_history@1}
   */
  public static LineageNode definition(String reference, Digest digest) {
    String kind = reference.substring(0, reference.indexOf(' '));
    return kind.equals("view") || kind.equals("training-set")
        ? new LineageNode(kind, reference.substring(kind.length() + 1), digest.hex())
        : new LineageNode("definition", reference, digest.hex());
  }

  /**
   * The node's name where lakes meet, {@code LAKE-ID/table:scores.departures@4#…}, which
   * distinguishes tables of one name in two lakes.
   */
  public String qualified(String lake) {
    return lake + "/" + this;
  }

  @JsonCreator
  public static LineageNode parse(String text) {
    int colon = text.indexOf(':');
    int at = text.lastIndexOf('@');
    if (colon < 0 || at < colon) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read lineage node \"" + text + "\": write kind:name@version.");
    }
    return new LineageNode(
        text.substring(0, colon), text.substring(colon + 1, at), text.substring(at + 1));
  }

  @JsonValue
  @Override
  public String toString() {
    return kind + ":" + name + "@" + version;
  }
}
