package io.tributary.definition;

import com.fasterxml.jackson.annotation.JsonValue;

/**
 * A column's type in Spark SQL's DDL, normalised: {@code boolean tinyint smallint int bigint float
 * double decimal(p,s) string binary date timestamp}, and {@code array<…> map<…,…> struct<…>} of
 * them.
 */
public record ColumnType(@JsonValue String ddl) {
  @Override
  public String toString() {
    return ddl;
  }
}
