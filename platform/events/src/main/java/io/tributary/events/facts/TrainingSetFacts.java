package io.tributary.events.facts;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.tributary.core.Digest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a build of a training set did.
 *
 * @param number of the build, from 1
 * @param rows the number of its rows
 * @param content the digest of the rows, independent of their order
 * @param knownUntil the known time up to which labels were read; empty if it does not apply
 * @param knowledgeTimeOff views for which everything loaded counts as known
 * @param labels counts of the label rows
 * @param shared leaks and blind spots
 * @param joins the counts of the join
 * @param warnings what a person should know, and what to do about it, a sentence each
 * @param columns counts by column
 * @param definition the digest of the training set's meaning
 */
@JsonDeserialize
public record TrainingSetFacts(
    long number,
    long rows,
    Digest content,
    Optional<Instant> knownUntil,
    List<String> knowledgeTimeOff,
    LabelCounts labels,
    SharedEvents shared,
    JoinCounts joins,
    List<String> warnings,
    List<ColumnCounts> columns,
    Digest definition)
    implements RunFacts {
  static final String KIND = "training-set";

  public TrainingSetFacts {
    knowledgeTimeOff = List.copyOf(knowledgeTimeOff);
    warnings = List.copyOf(warnings);
    columns = List.copyOf(columns);
  }

  @Override
  public List<String> report() {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "build %d: %,d of %,d label rows (%,d unknown, %,d filtered, %,d missing, %,d immature)",
            number,
            rows,
            labels.asked(),
            labels.unknown(),
            labels.filtered(),
            labels.missing(),
            labels.immature()));
    lines.addAll(warnings);
    return lines;
  }

  @Override
  public String kind() {
    return KIND;
  }
}
