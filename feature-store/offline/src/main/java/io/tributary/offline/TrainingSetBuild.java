package io.tributary.offline;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.core.Digest;
import io.tributary.definition.TrainingSet;
import io.tributary.events.facts.ColumnCounts;
import io.tributary.events.facts.JoinCounts;
import io.tributary.events.facts.LabelCounts;
import io.tributary.events.facts.SharedEvents;
import io.tributary.events.facts.TrainingSetFacts;
import io.tributary.lake.ContentDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A training set's rows, computed once and kept until closed: the label row, its features, its
 * label. The same definition and pins give the same rows, whatever has arrived since.
 */
public final class TrainingSetBuild implements AutoCloseable {
  private final TrainingSet.Label label;
  private final Joined joined;
  private final Dataset<Row> rows;
  private final LabelCounts labels;
  private final SharedEvents shared;
  private final JoinCounts joins;
  private final ContentDigest content;
  private final Optional<Instant> knownUntil;
  private final Optional<String> farAhead;
  private final List<String> allKnown;

  private TrainingSetBuild(
      TrainingSet.Label label,
      Joined joined,
      Dataset<Row> rows,
      LabelCounts labels,
      SharedEvents shared,
      JoinCounts joins,
      ContentDigest content,
      Optional<Instant> knownUntil,
      Optional<String> farAhead,
      List<String> allKnown) {
    this.label = label;
    this.joined = joined;
    this.rows = rows;
    this.labels = labels;
    this.shared = shared;
    this.joins = joins;
    this.content = content;
    this.knownUntil = knownUntil;
    this.farAhead = farAhead;
    this.allKnown = allKnown;
  }

  /** Of label rows and their features, which are computed here. */
  static TrainingSetBuild of(
      CheckedProject project, TrainingSet set, LabelledRows labelled, Joined features) {
    Joined joined = features.materialize();
    try {
      Dataset<Row> rows = joined.rows();
      return new TrainingSetBuild(
          set.label(),
          joined,
          rows,
          labelled.counts(),
          labelled.shared(),
          joined.counts(),
          ContentDigest.of(rows),
          set.knownUntil().or(labelled::lastKnown),
          farAhead(set, labelled),
          allKnown(project, set));
    } catch (RuntimeException e) {
      joined.close();
      throw e;
    }
  }

  /** The views for which all that is loaded counts as known. */
  private static List<String> allKnown(CheckedProject project, TrainingSet set) {
    return set.features().stream()
        .map(use -> project.view(use.view()).definition())
        .filter(view -> !view.isOnDemand() && !view.knowledgeTime())
        .map(view -> view.id().toString())
        .distinct()
        .toList();
  }

  /** The warning where one known time makes labels of rows whose interval nobody has seen yet. */
  private static Optional<String> farAhead(TrainingSet set, LabelledRows labelled) {
    Optional<TrainingSet.Outcome> outcome = set.label().outcome();
    Optional<Instant> known = labelled.lastKnown();
    Optional<Instant> event = labelled.lastEvent();
    if (outcome.isEmpty() || known.isEmpty() || event.isEmpty()) {
      return Optional.empty();
    }
    long ahead = Duration.between(event.get().plus(outcome.get().maturity()), known.get()).toDays();
    return ahead < 1
        ? Optional.empty()
        : Optional.of(
            "labels count as known until %s, %d days and the maturity after the newest event (%s): intervals that end in between count as empty there. Write \"known-until\", or mend the known time"
                .formatted(known.get(), ahead, event.get()));
  }

  /** The columns of {@link CheckedTrainingSet#schema()}. */
  public Dataset<Row> rows() {
    return rows;
  }

  /** The same wherever and however it is built from the same pins. */
  public ContentDigest content() {
    return content;
  }

  public LabelCounts labels() {
    return labels;
  }

  /** Leaks and blind spots: events in both a row's features and its label, and in neither. */
  public SharedEvents shared() {
    return shared;
  }

  public JoinCounts joins() {
    return joins;
  }

  /**
   * Until when labels are read as known: as declared, else the greatest known time of what is
   * pinned of the label's source.
   */
  public Optional<Instant> knownUntil() {
    return knownUntil;
  }

  public List<ColumnCounts> columns() {
    return CountedColumns.of(rows);
  }

  /** What people should know of its labels, a sentence each. */
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    farAhead.ifPresent(warnings::add);
    if (!allKnown.isEmpty()) {
      warnings.add(
          "knowledge time is off in "
              + String.join(", ", allKnown)
              + ": rows see what was known only after their as-of");
    }
    if (labels.immature() > 0) {
      warnings.add("rows left out whose outcome is not known yet: " + labels.immature());
    }
    shared
        .inBoth()
        .forEach(
            (role, count) -> {
              if (count.rows() > 0) {
                warnings.add(
                    "LEAK: rows that see in %s what their label tells of: %d (events: %d). %s Models that learn from it are promoted only where their \"admit\" says leaks <= %d or leaks: allowed"
                        .formatted(
                            role, count.rows(), count.events(), remedy(label), count.rows()));
              }
            });
    shared
        .inNeither()
        .forEach(
            (role, count) -> {
              if (count.rows() > 0) {
                warnings.add(
                    "blind spot: rows with events that neither %s nor their label has: %d (events: %d)"
                        .formatted(role, count.rows(), count.events()));
              }
            });
    return warnings;
  }

  /** What a leak usually comes from, and what to write instead. */
  static String remedy(TrainingSet.Label label) {
    Optional<String> open =
        label
            .outcome()
            .map(TrainingSet.Outcome::during)
            .filter(during -> during.after().isNegative())
            .map(during -> "(" + during.text().substring(1));
    String delay =
        "say when such an event is really known: availability-delay or known-time of source "
            + label.source();
    if (open.isPresent()) {
      return "Its interval %s holds the as-of itself: write during: \"%s\", or %s."
          .formatted(label.outcome().get().during().text(), open.get(), delay);
    }
    return label.outcome().isPresent()
        ? "The view sees them before they happen: " + delay + "."
        : "The row's own event is known when it asks: let rows ask earlier, or " + delay + ".";
  }

  /** What is worth recording of it. */
  public TrainingSetFacts facts(long number, Digest definition) {
    return new TrainingSetFacts(
        number,
        content.rows(),
        content.digest(),
        knownUntil,
        allKnown,
        labels,
        shared,
        joins,
        warnings(),
        columns(),
        definition);
  }

  @Override
  public void close() {
    joined.close();
  }
}
