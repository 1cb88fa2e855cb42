package io.tributary.definition;

import java.util.List;
import java.util.Optional;

/**
 * A format of files as sources name it, and what a source can say of it. What reads it is found by
 * the same name.
 *
 * @param delimited whether its files are records of cells, of which {@code header}, {@code nulls}
 *     and {@code options} say how they are written
 * @param text whether its values are text, so that a column's {@code format} says how its days are
 *     written
 */
public record FileType(String name, boolean delimited, boolean text) {
  /** All that there are. */
  public static final List<FileType> ALL =
      List.of(
          new FileType("csv", true, true),
          new FileType("json", false, true),
          new FileType("parquet", false, false));

  /** The one of a name; empty where it is none of files. */
  public static Optional<FileType> find(String name) {
    return ALL.stream().filter(type -> type.name().equals(name)).findFirst();
  }
}
