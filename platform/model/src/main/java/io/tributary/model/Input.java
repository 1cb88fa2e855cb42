package io.tributary.model;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Model.Encoding;
import java.io.Serializable;
import java.util.Objects;
import java.util.Set;

/**
 * One input column of a model.
 *
 * @param column its name in training sets and in the rows that are scored
 * @param type its type in Spark SQL's DDL
 * @param encoding how it becomes numbers
 */
public record Input(String column, String type, Encoding encoding) implements Serializable {
  private static final Set<String> INTEGERS = Set.of("tinyint", "smallint", "int", "bigint");

  public Input {
    Objects.requireNonNull(column, "column");
    Objects.requireNonNull(encoding, "encoding");
    boolean fraction = type.equals("float") || type.equals("double") || type.startsWith("decimal(");
    boolean whole = INTEGERS.contains(type) || type.equals("boolean");
    if (encoding.categorical() ? !(whole || type.equals("string")) : !(whole || fraction)) {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot encode input %s by %s: it is of type %s. %s"
              .formatted(
                  column,
                  encoding.text(),
                  type,
                  encoding.categorical()
                      ? "Encode it by standardize or raw, or turn it into a string or an integer."
                      : type.equals("string")
                          ? "Encode it by one-hot or embedding(n)."
                          : "Turn it into a number, a boolean or a string by a derived feature."));
    }
  }

  /**
   * Whether it is read as a category: its values are then texts, integers in decimal digits,
   * booleans {@code true} and {@code false}.
   */
  public boolean categorical() {
    return encoding.categorical();
  }
}
