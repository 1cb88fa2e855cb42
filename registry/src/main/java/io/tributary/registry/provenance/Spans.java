package io.tributary.registry.provenance;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Half-open spans of time by key, in microseconds since 1970. */
final class Spans {
  private final Map<List<Object>, TreeMap<Long, Long>> byKey = new HashMap<>();
  private long first = Long.MAX_VALUE;
  private long end = Long.MIN_VALUE;

  void add(List<Object> key, long from, long to) {
    if (from >= to) {
      return;
    }
    first = Math.min(first, from);
    end = Math.max(end, to);
    TreeMap<Long, Long> spans = byKey.computeIfAbsent(key, k -> new TreeMap<>());
    long start = from;
    long stop = to;
    Map.Entry<Long, Long> before = spans.floorEntry(start);
    if (before != null && before.getValue() >= start) {
      start = before.getKey();
      stop = Math.max(stop, before.getValue());
    }
    for (Map.Entry<Long, Long> next = spans.ceilingEntry(start);
        next != null && next.getKey() <= stop;
        next = spans.ceilingEntry(start)) {
      stop = Math.max(stop, next.getValue());
      spans.remove(next.getKey());
    }
    spans.put(start, stop);
  }

  boolean isEmpty() {
    return byKey.isEmpty();
  }

  boolean contains(List<Object> key, long at) {
    TreeMap<Long, Long> spans = byKey.get(key);
    Map.Entry<Long, Long> from = spans == null ? null : spans.floorEntry(at);
    return from != null && at < from.getValue();
  }

  /** Whether a span of any key has an instant of {@code [from, to)}. */
  boolean overlaps(long from, long to) {
    return first < to
        && from < end
        && byKey.values().stream()
            .anyMatch(
                spans -> {
                  Map.Entry<Long, Long> before = spans.lowerEntry(to);
                  return before != null && from < before.getValue();
                });
  }

  /** The first instant of any; of none the greatest possible. */
  long first() {
    return first;
  }

  /** The end of the last; of none the least possible. */
  long end() {
    return end;
  }
}
