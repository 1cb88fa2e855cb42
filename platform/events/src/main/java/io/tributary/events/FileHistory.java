package io.tributary.events;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The data files of a table's versions, as its log has them.
 *
 * @param from the oldest version that the log can still tell the files of
 * @param since when that was made
 * @param spans of each file, by its path relative to the table, or absolute; in order
 */
public record FileHistory(long from, Instant since, Map<String, List<Span>> spans) {
  public FileHistory {
    Map<String, List<Span>> copied = new LinkedHashMap<>();
    spans.forEach((file, of) -> copied.put(file, List.copyOf(of)));
    spans = Collections.unmodifiableMap(copied);
  }

  /**
   * The versions that have a file.
   *
   * @param added the first
   * @param removed the first without it again; empty while the newest has it
   * @param at when it was removed
   */
  public record Span(long added, Optional<Long> removed, Optional<Instant> at) {
    public boolean has(long version) {
      return version >= added && removed.map(end -> version < end).orElse(true);
    }
  }

  /** Whether the newest version has a file. */
  public boolean isLive(String file) {
    return spans.getOrDefault(file, List.of()).stream().anyMatch(span -> span.removed().isEmpty());
  }

  /** The files of the newest version. */
  public Set<String> live() {
    return spans.keySet().stream().filter(this::isLive).collect(Collectors.toSet());
  }

  /** Whether a version has a file. */
  public boolean has(String file, long version) {
    return spans.getOrDefault(file, List.of()).stream().anyMatch(span -> span.has(version));
  }

  /** When the last version that had a file was replaced; empty if none is known that had it. */
  public Optional<Instant> removedAt(String file) {
    return spans.getOrDefault(file, List.of()).stream()
        .flatMap(span -> span.at().stream())
        .max(Instant::compareTo);
  }

  static Builder from(long version, Instant at) {
    return new Builder(version, at);
  }

  static final class Builder {
    private final long from;
    private final Instant since;
    private final Map<String, List<Span>> spans = new LinkedHashMap<>();

    private Builder(long from, Instant since) {
      this.from = from;
      this.since = since;
    }

    /** An add of a file that is there changes what is said of it, and no more. */
    void add(String file, long version) {
      List<Span> of = spans.computeIfAbsent(file, f -> new ArrayList<>());
      if (of.isEmpty() || of.get(of.size() - 1).removed().isPresent()) {
        of.add(new Span(version, Optional.empty(), Optional.empty()));
      }
    }

    void remove(String file, long version, Instant at) {
      List<Span> of = spans.computeIfAbsent(file, f -> new ArrayList<>());
      int last = of.size() - 1;
      if (last >= 0 && of.get(last).removed().isEmpty()) {
        of.set(last, new Span(of.get(last).added(), Optional.of(version), Optional.of(at)));
      }
    }

    FileHistory build() {
      return new FileHistory(from, since, spans);
    }
  }
}
