package io.tributary.ingest.ledger;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Numbers of lines of one file, written {@code 3,7-9}.
 *
 * @param ranges ascending, without touching each other
 */
public record LineSet(List<Range> ranges) {
  private static final Pattern PART = Pattern.compile("(\\d{1,18})(?:-(\\d{1,18}))?");
  private static final Pattern TEXT = Pattern.compile(PART + "(?:," + PART + ")*");

  /** Lines that follow each other, both ends included. */
  public record Range(long first, long last) {
    @Override
    public String toString() {
      return first == last ? String.valueOf(first) : first + "-" + last;
    }
  }

  public LineSet {
    ranges = List.copyOf(ranges);
  }

  public static LineSet of(Iterable<Long> lines) {
    TreeSet<Long> sorted = new TreeSet<>();
    lines.forEach(sorted::add);
    List<Range> ranges = new ArrayList<>();
    for (long line : sorted) {
      int last = ranges.size() - 1;
      if (last >= 0 && ranges.get(last).last() == line - 1) {
        ranges.set(last, new Range(ranges.get(last).first(), line));
      } else {
        ranges.add(new Range(line, line));
      }
    }
    return new LineSet(ranges);
  }

  /**
   * Reads {@code 3,7-9}.
   *
   * @throws PlatformException INVALID_REQUEST when the text is no such list
   */
  @JsonCreator
  public static LineSet parse(String text) {
    List<Range> ranges = new ArrayList<>();
    if (!TEXT.matcher(text).matches()) {
      throw invalid(text);
    }
    Matcher part = PART.matcher(text);
    while (part.find()) {
      long first = Long.parseLong(part.group(1));
      long last = part.group(2) == null ? first : Long.parseLong(part.group(2));
      boolean behind = ranges.isEmpty() || ranges.get(ranges.size() - 1).last() < first;
      if (first > last || !behind) {
        throw invalid(text);
      }
      ranges.add(new Range(first, last));
    }
    return new LineSet(ranges);
  }

  private static PlatformException invalid(String text) {
    return new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot read lines \"" + text + "\": they are no ascending list. Write them as in 3,7-9.");
  }

  /** Whether it has a line. */
  public boolean contains(long line) {
    int low = 0;
    int high = ranges.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (ranges.get(middle).last() < line) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return low < ranges.size() && ranges.get(low).first() <= line;
  }

  /** How many lines they are. */
  public long count() {
    return ranges.stream().mapToLong(r -> r.last() - r.first() + 1).sum();
  }

  @JsonValue
  @Override
  public String toString() {
    return ranges.stream().map(Range::toString).collect(Collectors.joining(","));
  }
}
