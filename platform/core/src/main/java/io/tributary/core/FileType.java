package io.tributary.core;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A format of files as sources name it, and what a source can say of it. What reads it is found by
 * the same name. Its files end with that name, {@code .csv}.
 *
 * @param title as people call it
 * @param delimited whether its files are records of cells, of which {@code header}, {@code nulls}
 *     and {@code options} say how they are written
 * @param text whether its files are lines of text, so that a column's {@code format} says how its
 *     days are written; else rows of typed values, which have a number
 */
public record FileType(String name, String title, boolean delimited, boolean text) {
  /** All that there are. */
  public static final List<FileType> ALL =
      List.of(
          new FileType("csv", "CSV", true, true),
          new FileType("json", "JSON (an object a line)", false, true),
          new FileType("parquet", "Parquet", false, false));

  /** The one of a name; empty where it is none of files. */
  public static Optional<FileType> find(String name) {
    return ALL.stream().filter(type -> type.name().equals(name)).findFirst();
  }

  /** The one that a file's name ends with; empty for another end. */
  static Optional<FileType> ofFile(String file) {
    return find(file.substring(file.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
  }
}
