package io.tributary.features;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Interval;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a comparison of recorded answers with what was published found.
 *
 * @param interval in which requests came; empty: all that is recorded
 * @param views by name
 * @param differences some of each view's, with values and keys: for who runs the command alone
 * @param notCompared answers of publications of which there is nothing to compare them with
 */
public record Consistency(
    Optional<Interval> interval,
    List<OfView> views,
    List<Difference> differences,
    List<NotCompared> notCompared) {
  public Consistency {
    views = List.copyOf(views);
    differences = List.copyOf(differences);
    notCompared = List.copyOf(notCompared);
  }

  /**
   * Answers of one view.
   *
   * @param answers that were compared, each an entity's
   * @param values of these
   * @param different how many of the values are others than were published
   * @param oldest the longest time from an instant that was published to a question
   * @param stated how old an answer may be, as the project says it; empty: unbounded
   */
  public record OfView(
      String view,
      long answers,
      long values,
      long different,
      Duration oldest,
      Optional<Duration> stated) {}

  /**
   * A value that is another than was published.
   *
   * @param feature its name, or {@code event_time} or {@code published_for} of the row
   * @param key of the entity, a value a column
   * @param at when the request came
   * @param askedAt the instant of the question
   * @param request as the record has it
   * @param answered what was recorded
   * @param published what the snapshots of the publication say
   */
  public record Difference(
      String view,
      String feature,
      JsonNode key,
      Instant at,
      Instant askedAt,
      String request,
      long publication,
      JsonNode answered,
      JsonNode published) {
    @Override
    public String toString() {
      return "%s.%s of %s, asked for %s at %s (request %s, publication %d): %s, and published is %s"
          .formatted(view, feature, key, askedAt, at, request, publication, answered, published);
    }
  }

  /** Answers that there is nothing to compare with, and why. */
  public record NotCompared(String view, long publication, long answers, String why) {
    @Override
    public String toString() {
      return "%,d answers of %s, publication %d: %s".formatted(answers, view, publication, why);
    }
  }

  /** How many values differ. */
  public long different() {
    return views.stream().mapToLong(OfView::different).sum();
  }

  /** Whether there are answers, and none of them could be compared: nothing is proven then. */
  public boolean isWithoutProof() {
    return views.isEmpty() && !notCompared.isEmpty();
  }
}
