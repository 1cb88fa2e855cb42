package io.tributary.definition;

import com.fasterxml.jackson.annotation.JsonValue;

/**
 * An SQL expression as it was written, not yet parsed, and where. Two are equal when their text is,
 * wherever they stand.
 */
public record SqlText(@JsonValue String sql, SourceLocation location) {
  @Override
  public boolean equals(Object other) {
    return other instanceof SqlText o && o.sql.equals(sql);
  }

  @Override
  public int hashCode() {
    return sql.hashCode();
  }

  @Override
  public String toString() {
    return sql;
  }
}
