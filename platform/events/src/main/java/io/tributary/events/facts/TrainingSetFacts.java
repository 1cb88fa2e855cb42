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
 * @param rows that it has
 * @param content the digest of the rows, the same in whatever order they lie
 * @param knownUntil until when labels were read as known; empty where that means nothing
 * @param knowledgeTimeOff views for which all that is loaded counts as known
 * @param labels what became of the rows that asked
 * @param shared leaks and blind spots
 * @param joins what the join counted
 * @param warnings what people should know of it, and what to do about it, a sentence each
 * @param columns what is counted of each
 * @param definition the digest of what the training set means
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
            "build %d: %,d rows of %,d that asked (%,d unknown, %,d filtered, %,d missing, %,d immature)",
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
