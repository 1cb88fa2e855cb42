package io.tributary.pipeline;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tributary.core.TableName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a cleaning does.
 *
 * @param before what was replaced, retired or written before it may go
 * @param removals in the order in which they are done
 * @param compactions tables whose small files are written together
 * @param keeps what stays only because somebody may go back to it
 * @param leftAlone things that are not cleaned, and why
 */
record CleaningPlan(
    Instant before,
    List<Removal> removals,
    List<Compaction> compactions,
    List<Keeping> keeps,
    List<String> leftAlone) {
  CleaningPlan {
    removals = List.copyOf(removals);
    compactions = List.copyOf(compactions);
    keeps = List.copyOf(keeps);
    leftAlone = List.copyOf(leftAlone);
  }

  /** What is removed, in words. */
  enum Kind {
    PUBLICATIONS("former publications"),
    UNPUBLISHED("rows that were never published"),
    ARTEFACTS("artefacts of retired versions"),
    IMPORTED("imported rows of retired versions"),
    STAGED("staged rows"),
    LEFTOVERS("leftovers"),
    TABLE_FILES("former files of a table");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  /**
   * Files of one thing.
   *
   * @param of whose they are
   * @param table the table that has them in its log; else they are of none
   */
  record Removal(Kind kind, String of, Optional<TableName> table, List<Entry> entries) {
    Removal {
      entries = List.copyOf(entries);
    }

    @JsonProperty
    long bytes() {
      return entries.stream().mapToLong(Entry::bytes).sum();
    }

    @JsonProperty
    long files() {
      return entries.stream().mapToLong(Entry::files).sum();
    }
  }

  /**
   * A file, or a folder with all that is in it.
   *
   * @param path relative to the lake, of what lies elsewhere absolute; of a server's its name
   */
  record Entry(String path, long files, long bytes) {}

  record Compaction(TableName table, long files, long bytes) {}

  /**
   * What somebody keeps that would go.
   *
   * @param by who
   * @param onlyBytes of these files, those that nobody else keeps
   */
  record Keeping(String by, TableName table, long files, long bytes, long onlyBytes) {}

  long bytes() {
    return removals.stream().mapToLong(Removal::bytes).sum();
  }

  long files() {
    return removals.stream().mapToLong(Removal::files).sum();
  }

  boolean isEmpty() {
    return removals.isEmpty() && compactions.isEmpty();
  }
}
