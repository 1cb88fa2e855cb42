package io.tributary.definition;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A feature view's name and version, {@code carrier_history@1}. */
public record ViewId(String name, int version) implements Comparable<ViewId> {
  private static final Pattern TEXT = Pattern.compile("([a-z][a-z0-9_]*)@([1-9]\\d{0,5})");

  @JsonCreator
  public static ViewId parse(String text) {
    Matcher m = TEXT.matcher(text);
    if (!m.matches()) {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot read view \"%s\": a view is named name@version, as in carrier_history@1. Add its version."
              .formatted(text));
    }
    return new ViewId(m.group(1), Integer.parseInt(m.group(2)));
  }

  /** The table of its snapshots, {@code features.carrier_history_v1}. */
  public TableName table() {
    return TableName.of("features", name + "_v" + version);
  }

  /** By name, then version. */
  @Override
  public int compareTo(ViewId other) {
    int byName = name.compareTo(other.name);
    return byName != 0 ? byName : Integer.compare(version, other.version);
  }

  @JsonValue
  @Override
  public String toString() {
    return name + "@" + version;
  }
}
