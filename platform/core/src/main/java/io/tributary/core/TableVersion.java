package io.tributary.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Objects;

/**
 * One version of one table: what steps take and return.
 *
 * @param table the table's name
 * @param id Delta's table id; a recreated table has another id and starts again at version 0
 * @param version Delta's version, from 0
 */
public record TableVersion(TableName table, String id, long version) {
  public TableVersion {
    Objects.requireNonNull(table, "table");
    Objects.requireNonNull(id, "id");
    if (version < 0) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot name version %s of %s: versions start at 0. Report this as a bug."
              .formatted(version, table));
    }
  }

  /** Reads {@code layer.subject@version#id}. */
  @JsonCreator
  public static TableVersion parse(String text) {
    int at = text.indexOf('@');
    int hash = text.indexOf('#');
    if (at < 0 || hash < at) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read table version \"" + text + "\": write layer.subject@version#id.");
    }
    try {
      return new TableVersion(
          TableName.parse(text.substring(0, at)),
          text.substring(hash + 1),
          Long.parseLong(text.substring(at + 1, hash)));
    } catch (NumberFormatException e) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read table version \"%s\": the version is not a number. Write layer.subject@version#id."
              .formatted(text),
          e);
    }
  }

  /** {@code layer.subject@version}, for people. */
  public String shortName() {
    return table + "@" + version;
  }

  @JsonValue
  @Override
  public String toString() {
    return shortName() + "#" + id;
  }
}
