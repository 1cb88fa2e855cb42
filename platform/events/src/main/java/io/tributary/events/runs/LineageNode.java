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
 * @param kind {@code table}, {@code file}, {@code model}, {@code online}
 * @param name the table's, the file's path, the model's, the view's
 * @param version a table's {@code version#id}, a file's SHA-256, a model's number, an online
 *     store's publish instant
 */
public record LineageNode(String kind, String name, String version) {
  private static final Pattern KIND = Pattern.compile("[a-z]+");

  public LineageNode {
    if (!KIND.matcher(kind).matches()
        || name.isEmpty()
        || version.isEmpty()
        || version.indexOf('@') >= 0) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot name lineage node "
              + kind
              + ":"
              + name
              + "@"
              + version
              + ": kind is a lower-case word, name and version are not empty. Report this as a bug.");
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
