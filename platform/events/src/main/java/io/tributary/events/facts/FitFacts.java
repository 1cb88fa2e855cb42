package io.tributary.events.facts;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.tributary.core.Digest;
import io.tributary.core.Interval;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a training run did.
 *
 * @param model the version that it registered, {@code name@number}
 * @param artefact the digest of the version's bundle
 * @param trainingSet the build that it was fitted to, in readable form
 * @param split as applied to the build's rows
 * @param rows counts of the build's rows; empty if an earlier run fitted it
 * @param metrics on the test rows, by name
 * @param baselines the same of each baseline, by its name
 * @param refused the admission rules that failed, a sentence each; empty = admitted
 * @param incumbent the version that had the alias before
 * @param promoted the alias that the version was promoted to
 * @param retraining why it was trained again, and what came of it; empty where no breach led to it
 * @param promotion what the model's policy came to; empty where it was not asked
 * @param suspect what was used although somebody had marked it, a sentence each; empty = nothing
 */
@JsonDeserialize
public record FitFacts(
    String model,
    Digest artefact,
    String trainingSet,
    Split split,
    Optional<Rows> rows,
    Map<String, Double> metrics,
    Map<String, Map<String, Double>> baselines,
    List<String> refused,
    Optional<Incumbent> incumbent,
    Optional<String> promoted,
    Optional<Retraining> retraining,
    Optional<Promotion> promotion,
    Optional<List<String>> suspect)
    implements RunFacts {
  static final String KIND = "fit";

  public FitFacts {
    metrics = Collections.unmodifiableMap(new TreeMap<>(metrics));
    baselines = Collections.unmodifiableMap(new TreeMap<>(baselines));
    refused = List.copyOf(refused);
    suspect = suspect.map(List::copyOf);
  }

  /**
   * Counts of a build's rows.
   *
   * @param inNoPart rows with a label in no part of the split
   */
  public record Rows(long train, long validate, long test, long inNoPart, long withoutLabel) {
    private String text() {
      return String.format(
          Locale.ROOT, ": %,d rows to train, %,d to validate, %,d to test", train, validate, test);
    }
  }

  /**
   * A split as applied to rows.
   *
   * @param by columns whose keys are assigned to parts; empty = rows are divided by as-of alone
   * @param dataEnd the instant from which durations count back
   * @param parts train, validate, test
   */
  public record Split(List<String> by, String salt, Instant dataEnd, List<Part> parts) {
    public Split {
      by = List.copyOf(by);
      parts = List.copyOf(parts);
    }

    /** Whether both test rows of the same as-ofs and keys. */
    public boolean testsAs(Split other) {
      return by.equals(other.by) && salt.equals(other.salt) && test().sameRows(other.test());
    }

    /** Whether another split's test part may have rows that this one fits to. */
    public boolean fitsTestOf(Split other) {
      boolean dealtAlike = by.equals(other.by) && salt.equals(other.salt);
      return parts.stream()
          .filter(part -> !part.equals(test()))
          .anyMatch(part -> part.mayShare(other.test(), dealtAlike));
    }

    /** The rows that nothing is fitted to. */
    public Part test() {
      return parts.get(parts.size() - 1);
    }
  }

  /**
   * A part of a split.
   *
   * @param written as in the definition; empty if it is cut from the training part
   * @param asOf of its rows; empty = any
   * @param fromBucket its first bucket of keys
   * @param toBucket the first bucket after it
   */
  public record Part(
      String name,
      Optional<String> written,
      Optional<Interval> asOf,
      int fromBucket,
      int toBucket) {
    private boolean sameRows(Part other) {
      return asOf.equals(other.asOf)
          && fromBucket == other.fromBucket
          && toBucket == other.toBucket;
    }

    private boolean mayShare(Part other, boolean dealtAlike) {
      return (!dealtAlike || (fromBucket < other.toBucket && other.fromBucket < toBucket))
          && (asOf.isEmpty() || other.asOf.isEmpty() || asOf.get().overlaps(other.asOf.get()));
    }

    private String text() {
      return name
          + " "
          + asOf.map(Interval::toString).orElse("any as-of")
          + (toBucket - fromBucket == 10_000
              ? ""
              : " of buckets " + fromBucket + " to " + (toBucket - 1));
    }
  }

  /**
   * The version that had the alias before.
   *
   * @param model {@code name@number}
   * @param metrics on its own test rows, by name
   * @param comparable whether those are the same rows with the same labels
   * @param better the measures by which it is better, if comparable
   */
  public record Incumbent(
      String model, Map<String, Double> metrics, boolean comparable, List<String> better) {
    public Incumbent {
      metrics = Collections.unmodifiableMap(new TreeMap<>(metrics));
      better = List.copyOf(better);
    }
  }

  /**
   * What came of a breach that led to another training.
   *
   * @param night by which the monitor's model breached, as users name it
   * @param reason what breached, in words
   * @param comparison with the champion, in words
   * @param followed whether it was promoted, or why not
   */
  public record Retraining(
      String monitor, String night, String reason, String comparison, String followed) {}

  /**
   * What a model's policy came to.
   *
   * @param alias that the version may get
   * @param inForce the version that had it, {@code name@number}
   * @param comparison with that one on the same rows, in words
   * @param verdict {@code not worse}, {@code worse} or {@code cannot tell}
   * @param followed whether the version got the alias, or why not, in words
   * @param byHand the command by which a person promotes it; empty where it has the alias
   */
  public record Promotion(
      String alias,
      Optional<String> inForce,
      Optional<String> comparison,
      Optional<String> verdict,
      String followed,
      Optional<String> byHand) {
    private List<String> report() {
      List<String> lines = new ArrayList<>();
      comparison.ifPresent(lines::add);
      lines.add(followed);
      byHand.ifPresent(
          command ->
              lines.add(
                  inForce.map(held -> held + " stays in " + alias + "; ").orElse("")
                      + "whoever promotes this version all the same: "
                      + command));
      return lines;
    }
  }

  public boolean admitted() {
    return refused.isEmpty();
  }

  @Override
  public List<String> report() {
    List<String> lines = new ArrayList<>();
    lines.add("%s, trained on %s%s".formatted(model, trainingSet, rows.map(Rows::text).orElse("")));
    lines.add(
        "data ends at %s: %s"
            .formatted(
                split.dataEnd(),
                split.parts().stream().map(Part::text).collect(Collectors.joining(", "))));
    Map<String, Map<String, Double>> beside = new LinkedHashMap<>();
    beside.put("model", metrics);
    incumbent.filter(Incumbent::comparable).ifPresent(i -> beside.put(i.model(), i.metrics()));
    beside.put("logistic", baselines.getOrDefault("logistic", Map.of()));
    beside.put("constant", baselines.getOrDefault("constant", Map.of()));
    StringBuilder heading = new StringBuilder("%-12s".formatted("test"));
    beside.keySet().forEach(name -> heading.append(" %14s".formatted(name)));
    lines.add(heading.toString());
    for (String metric : metrics.keySet()) {
      StringBuilder row = new StringBuilder("%-12s".formatted(metric));
      beside.values().forEach(of -> row.append(" %14s".formatted(decimal(of.get(metric)))));
      lines.add(row.toString());
    }
    lines.add(
        admitted()
            ? "admitted: all its rules hold"
            : "NOT admitted: " + String.join("; ", refused));
    if (promotion.isEmpty()) {
      incumbent.ifPresent(i -> lines.add(besides(i)));
    }
    retraining.ifPresent(
        again -> {
          lines.add(
              "trained again because of monitor %s, %s: %s"
                  .formatted(again.monitor(), again.night(), again.reason()));
          if (promotion.isEmpty()) {
            lines.add(again.comparison());
            lines.add(again.followed());
          }
        });
    promotion.ifPresent(found -> lines.addAll(found.report()));
    promoted.ifPresent(alias -> lines.add(model + " is in " + alias));
    suspect.ifPresent(lines::addAll);
    return lines;
  }

  private String besides(Incumbent incumbent) {
    String was =
        promoted.isPresent()
            ? "it takes %s from %s".formatted(promoted.get(), incumbent.model())
            : "%s stays".formatted(incumbent.model());
    if (!incumbent.comparable()) {
      return was
          + ", which was tested on other rows, not comparable:"
          + incumbent.metrics().entrySet().stream()
              .map(metric -> " %s %s".formatted(metric.getKey(), decimal(metric.getValue())))
              .collect(Collectors.joining(","));
    }
    return incumbent.better().isEmpty()
        ? was + ", which is better by no measure"
        : "%s, which is BETTER by %s".formatted(was, String.join(", ", incumbent.better()));
  }

  private static String decimal(Double value) {
    return value == null ? "-" : String.format(Locale.ROOT, "%.4f", value);
  }

  @Override
  public String kind() {
    return KIND;
  }

  /**
   * The same of a version of which is known what became of it.
   *
   * @param retraining of one that a breach led to
   */
  public FitFacts followedBy(Promotion promotion, Optional<Retraining> retraining) {
    return new FitFacts(
        model,
        artefact,
        trainingSet,
        split,
        rows,
        metrics,
        baselines,
        refused,
        incumbent,
        Optional.of(promotion.alias()).filter(alias -> promotion.byHand().isEmpty()),
        retraining,
        Optional.of(promotion),
        suspect);
  }

  /** The same of a run that used suspect things, in sentences. */
  public FitFacts using(List<String> suspect) {
    return new FitFacts(
        model,
        artefact,
        trainingSet,
        split,
        rows,
        metrics,
        baselines,
        refused,
        incumbent,
        promoted,
        retraining,
        promotion,
        Optional.of(suspect).filter(used -> !used.isEmpty()));
  }
}
