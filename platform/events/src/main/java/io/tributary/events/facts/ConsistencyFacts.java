package io.tributary.events.facts;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a comparison of recorded answers with what was published came to.
 *
 * @param answers that were recorded: an entity's features of a view, each
 * @param compared how many of them could be compared
 * @param values of these
 * @param differences of values, by view and feature; none of a feature without any
 */
@JsonDeserialize
public record ConsistencyFacts(
    long answers, long compared, long values, List<Differing> differences) implements RunFacts {
  static final String KIND = "consistency";

  /**
   * A feature of which other values were answered than were published.
   *
   * @param view {@code carrier_history@1}
   */
  public record Differing(String view, String feature, long values) {}

  public ConsistencyFacts {
    differences = List.copyOf(differences);
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public List<String> report() {
    return Stream.concat(
            Stream.of(
                "%,d answers were recorded, %,d compared: %,d values, %,d differ"
                    .formatted(
                        answers,
                        compared,
                        values,
                        differences.stream().mapToLong(Differing::values).sum())),
            differences.stream()
                .map(
                    of ->
                        "%s: %s differs %,d times".formatted(of.view(), of.feature(), of.values())))
        .toList();
  }
}
