package io.tributary.core;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A table's name, {@code layer.subject}; its data lies in {@code LAKE/layer/subject}. Prints so
 * that it parses back.
 */
public record TableName(String layer, String subject) implements Comparable<TableName> {
  /** The layers of a lake. */
  public static final Set<String> LAYERS =
      Set.of(
          "bronze",
          "validated",
          "quarantine",
          "features",
          "training",
          "scores",
          "superseded",
          "served",
          "monitor",
          "counts",
          "actuals",
          "windows",
          "platform");

  private static final Pattern SUBJECT = Pattern.compile("[a-z][a-z0-9_]*");

  public TableName {
    if (!LAYERS.contains(layer)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot name table %s.%s: no layer \"%s\". Use one of %s."
              .formatted(layer, subject, layer, LAYERS));
    }
    if (!SUBJECT.matcher(subject).matches()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot name table " + layer + "." + subject + ": a subject is snake_case. Rename it.");
    }
  }

  public static TableName of(String layer, String subject) {
    return new TableName(layer, subject);
  }

  /** The table that a text names; empty where it has another form. */
  public static Optional<TableName> find(String text) {
    int dot = text.indexOf('.');
    return dot >= 0
            && LAYERS.contains(text.substring(0, dot))
            && SUBJECT.matcher(text.substring(dot + 1)).matches()
        ? Optional.of(parse(text))
        : Optional.empty();
  }

  @JsonCreator
  public static TableName parse(String text) {
    int dot = text.indexOf('.');
    if (dot < 0) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read table name \"%s\": it has no layer. Write layer.subject, as in bronze.flights."
              .formatted(text));
    }
    return new TableName(text.substring(0, dot), text.substring(dot + 1));
  }

  @Override
  public int compareTo(TableName other) {
    return toString().compareTo(other.toString());
  }

  @JsonValue
  @Override
  public String toString() {
    return layer + "." + subject;
  }
}
