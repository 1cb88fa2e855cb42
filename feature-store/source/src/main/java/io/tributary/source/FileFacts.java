package io.tributary.source;

import java.io.Serializable;
import java.util.List;

/**
 * What reading a file, or a part of it, to its end showed.
 *
 * @param offset where the part begins
 * @param kept its malformed lines; fewer where all would be too many to be sent
 */
public record FileFacts(
    String path,
    long offset,
    long lines,
    long malformed,
    long shiftedTimes,
    List<MalformedLine> kept)
    implements Serializable {
  /** A line that is none of the contract's. */
  record MalformedLine(long number, String raw, List<Reason> reasons) implements Serializable {}

  /** What a line takes beside its text: its reasons, above all. */
  static final int CHARACTERS_A_LINE = 200;

  boolean keepsAll() {
    return kept.size() == malformed;
  }

  long keptCharacters() {
    return kept.stream().mapToLong(line -> line.raw().length() + CHARACTERS_A_LINE).sum();
  }

  FileFacts withoutLines() {
    return new FileFacts(path, offset, lines, malformed, shiftedTimes, List.of());
  }
}
