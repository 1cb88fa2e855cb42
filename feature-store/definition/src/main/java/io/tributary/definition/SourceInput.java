package io.tributary.definition;

import java.util.List;
import java.util.Map;

/** Where a source's rows come from. */
public sealed interface SourceInput {
  /**
   * Files.
   *
   * @param format {@code csv}; others join
   * @param path relative to the project's folder or any Hadoop path; globs allowed
   * @param header whether a CSV file's first line names its columns
   * @param nulls the texts that mean null, beside the empty one
   * @param options further options of the format, by name
   */
  record Files(
      String format, String path, boolean header, List<String> nulls, Map<String, String> options)
      implements SourceInput {
    public Files {
      nulls = List.copyOf(nulls);
      options = Map.copyOf(options);
    }
  }

  /**
   * Columns of another source, without rows of its own: {@code select <columns> from <source>
   * [where …]}.
   *
   * @param columns output name and expression, in order; a bare column is an expression too
   */
  record Query(String source, List<Derivation> columns, java.util.Optional<SqlText> where)
      implements SourceInput {
    public Query {
      columns = List.copyOf(columns);
    }
  }
}
