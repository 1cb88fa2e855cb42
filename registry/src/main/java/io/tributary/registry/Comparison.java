package io.tributary.registry;

import io.tributary.core.Interval;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A version beside the one in force, or a challenger beside the champion, on the same rows.
 *
 * @param champion the number of the version in force
 * @param measures by how much the version's differs, by measure; empty where nothing can be said
 * @param notWorse whether it is surely not worse by the margin
 * @param words the finding, and where nothing can be said why
 * @param margin by how much area may be smaller, or log loss larger, and not matter; empty in
 *     comparisons of before, which had {@value #FORMER_MARGIN}
 * @param sameRows what both come to on all of the rows; empty where one can't score them, and in
 *     comparisons of before
 */
public record Comparison(
    long champion,
    Map<String, Range> measures,
    boolean notWorse,
    String words,
    Optional<Double> margin,
    Optional<SameRows> sameRows) {
  private static final double FORMER_MARGIN = 0.01;

  public Comparison {
    measures = Collections.unmodifiableMap(new TreeMap<>(measures));
  }

  /** What a comparison says of a version. */
  public enum Verdict {
    NOT_WORSE,
    WORSE,
    CANNOT_TELL;

    /** As people read it: {@code not worse}. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /**
   * A difference with its 95 % interval, for which nights are the sample.
   *
   * @param nights how many there were
   */
  public record Range(int nights, double mean, double lower, double upper) {
    private boolean isNone() {
      return lower == 0 && upper == 0;
    }
  }

  /**
   * The rows of a comparison, and what both versions come to on all of them.
   *
   * @param trainingSet the build, {@code name@number}
   * @param asOf of the rows; empty = any
   * @param metrics of the version, by name
   * @param champion the same of the version in force
   */
  public record SameRows(
      String trainingSet,
      Optional<Interval> asOf,
      long rows,
      Map<String, Double> metrics,
      Map<String, Double> champion) {
    public SameRows {
      metrics = Collections.unmodifiableMap(new TreeMap<>(metrics));
      champion = Collections.unmodifiableMap(new TreeMap<>(champion));
    }
  }

  /** A comparison of which nothing can be said. */
  public static Comparison cannotTell(
      long champion, String why, double margin, Optional<SameRows> sameRows) {
    return new Comparison(champion, Map.of(), false, why, Optional.of(margin), sameRows);
  }

  /**
   * A comparison of versions with the same artefact, whose scores are equal: not worse by any
   * margin.
   *
   * @param nights of the rows, which may be few
   */
  public static Comparison ofSameArtefact(
      long champion, int nights, double margin, SameRows sameRows) {
    Range none = new Range(nights, 0, 0, 0);
    return new Comparison(
        champion,
        Map.of("auc", none, "log-loss", none),
        true,
        "the same artefact, not worse",
        Optional.of(margin),
        Optional.of(sameRows));
  }

  /** A comparison by the differences of area ({@code auc}) and log loss ({@code log-loss}). */
  public static Comparison of(
      long champion, Range auc, Range logLoss, double margin, Optional<SameRows> sameRows) {
    Map<String, Range> measures = Map.of("auc", auc, "log-loss", logLoss);
    Verdict verdict = verdict(measures, margin);
    String words =
        switch (verdict) {
          case NOT_WORSE -> "surely not worse by " + margin;
          case WORSE -> "surely worse, and perhaps by more than " + margin;
          case CANNOT_TELL -> "cannot tell whether it is worse by " + margin;
        };
    return new Comparison(
        champion,
        measures,
        verdict == Verdict.NOT_WORSE,
        "over %d nights: %s".formatted(auc.nights(), words),
        Optional.of(margin),
        sameRows);
  }

  /**
   * Whether it tells anything of the two on the same rows, be it that these are too few. One that
   * does not may be made again, as its cause may be gone.
   */
  public boolean tells() {
    return !measures.isEmpty() || sameRows.isPresent();
  }

  /**
   * Not worse where neither area nor log loss can be worse by the margin, with 95 % each; worse
   * where one of them is surely worse at all. What differs in nothing is not worse.
   */
  public Verdict verdict(double margin) {
    return verdict(measures, margin);
  }

  /** The same by the margin that it was made with. */
  public Verdict verdict() {
    return verdict(margin.orElse(FORMER_MARGIN));
  }

  private static Verdict verdict(Map<String, Range> measures, double margin) {
    Range auc = measures.get("auc");
    Range logLoss = measures.get("log-loss");
    if (auc == null || logLoss == null) {
      return Verdict.CANNOT_TELL;
    }
    if (auc.lower() > -margin && logLoss.upper() < margin || auc.isNone() && logLoss.isNone()) {
      return Verdict.NOT_WORSE;
    }
    return auc.upper() < 0 || logLoss.lower() > 0 ? Verdict.WORSE : Verdict.CANNOT_TELL;
  }

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
