package io.tributary.events.facts;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.time.Instant;
import java.util.List;

/**
 * What a cleaning removed.
 *
 * @param before what was replaced, retired or written earlier could go
 * @param removed by what it was; things of which nothing was removed are left out
 * @param compacted tables whose small files were written together
 */
@JsonDeserialize
public record CleaningFacts(Instant before, List<Removed> removed, List<String> compacted)
    implements RunFacts {
  static final String KIND = "cleaning";

  /**
   * Files of one thing.
   *
   * @param what they were, in words: {@code former files of a table}
   * @param of whose: a table, a view's publication, versions of a model; may be empty
   */
  public record Removed(String what, String of, long files, long bytes) {}

  public CleaningFacts {
    removed = List.copyOf(removed);
    compacted = List.copyOf(compacted);
  }

  @Override
  public String kind() {
    return KIND;
  }
}
