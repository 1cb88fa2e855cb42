package io.tributary.definition;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where a source's rows come from. */
public sealed interface SourceInput {
  /** What the format is called in the source's file; {@code query} for rows of another source. */
  String format();

  /**
   * Files.
   *
   * @param format {@code csv}, {@code json} (an object a line) or {@code parquet}
   * @param path relative to the project's folder or any Hadoop path; globs allowed, and {@code
   *     {from:PATTERN}} where an interval's beginning stands
   * @param header whether a CSV file's first line names its columns
   * @param nulls the texts that mean null in CSV, beside the empty one
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
   * A Delta table: first as it is, then by its change feed from version to version.
   *
   * @param path relative to the project's folder or any Hadoop path
   * @param change the contract's column that says how a row changed: {@code insert}, {@code
   *     update_postimage} or {@code delete}
   * @param changedAt the contract's column that holds the instant of the change's commit
   */
  record DeltaTable(String path, Optional<String> change, Optional<String> changedAt)
      implements SourceInput {
    @Override
    public String format() {
      return "delta";
    }
  }

  /**
   * A table of a database, loaded by a column that only grows.
   *
   * @param url {@code jdbc:…}, without user and password
   * @param table a table or a view, {@code schema.table}
   * @param watermark a delivery is what lies above the last delivery's greatest value of this
   *     column
   * @param credentials the name in the project's {@code credentials} to sign in with
   */
  record Jdbc(String url, String table, String watermark, Optional<String> credentials)
      implements SourceInput {
    @Override
    public String format() {
      return "jdbc";
    }
  }

  /**
   * Columns of another source, without rows of its own: {@code select <columns> from <source>
   * [where …]}.
   *
   * @param columns output name and expression, in order; a bare column is an expression too
   */
  record Query(String source, List<Derivation> columns, Optional<SqlText> where)
      implements SourceInput {
    public Query {
      columns = List.copyOf(columns);
    }

    @Override
    public String format() {
      return "query";
    }
  }
}
