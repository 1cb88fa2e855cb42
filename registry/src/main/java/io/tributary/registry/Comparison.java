package io.tributary.registry;

import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A challenger beside the champion, on the same rows.
 *
 * @param champion its number
 * @param measures by how much the challenger's differs, by measure; empty where nothing can be said
 * @param notWorse whether it is surely not worse
 * @param words the finding, and where nothing can be said why
 */
public record Comparison(
    long champion, Map<String, Range> measures, boolean notWorse, String words) {
  /** By how much area may be smaller, or log loss larger, and not matter. */
  public static final double MATTERS = 0.01;

  public Comparison {
    measures = Collections.unmodifiableMap(new TreeMap<>(measures));
  }

  /**
   * A difference with its 95 % interval, for which nights are the sample.
   *
   * @param nights how many there were
   */
  public record Range(int nights, double mean, double lower, double upper) {}

  @Override
  public String toString() {
    String found =
        measures.entrySet().stream()
            .map(
                m ->
                    String.format(
                        Locale.ROOT,
                        "%s %+.4f (%+.4f to %+.4f)",
                        m.getKey(),
                        m.getValue().mean(),
                        m.getValue().lower(),
                        m.getValue().upper()))
            .collect(Collectors.joining(", "));
    return "beside @" + champion + ": " + (found.isEmpty() ? "" : found + ", ") + words;
  }
}
