package io.tributary.registry;

import io.tributary.core.Durations;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How values of the online store compare with those that a model version was trained on (rule 10 of
 * the point-in-time contract).
 *
 * @param stale whether the model's definition allows {@code online: stale}
 * @param views the views of its inputs
 */
public record OnlineUse(boolean stale, List<View> views) {
  public OnlineUse {
    views = List.copyOf(views);
  }

  /** The origin of a view's values in a training row. */
  public enum Accuracy {
    /** From events, at the row's as-of: the online store has them as of its last publication. */
    EXACT,
    /** From the snapshot that the online store serves at the row's as-of. */
    SNAPSHOT,
    /** From the request. */
    REQUEST
  }

  /** Whether a version's inputs may come from the online store. */
  public enum Verdict {
    EQUAL_TO_TRAINING,
    ALLOWED_STALE,
    NOT_ALLOWED
  }

  /**
   * A view that inputs come from.
   *
   * @param role its prefix among the columns of the training set
   * @param view {@code carrier_history@1}
   * @param published whether it is published online; a view on requests need not be
   * @param largestAge the maximum age of an online value, as the project declared it when the model
   *     was trained, not counting the time of runs; empty = unbounded
   * @param by what bounds the age, or why nothing does
   */
  public record View(
      String role,
      String view,
      Accuracy accuracy,
      boolean published,
      Optional<Duration> largestAge,
      String by) {
    @Override
    public String toString() {
      String name =
          role + (view.startsWith(role + "@") ? view.substring(role.length()) : " " + view);
      if (accuracy == Accuracy.REQUEST) {
        return name + ": computed from the request, as in training";
      }
      if (!published) {
        return name + ": not published (" + by + ")";
      }
      String age =
          largestAge.map(a -> "up to " + Durations.print(a)).orElse("unbounded") + " (" + by + ")";
      return name
          + (accuracy == Accuracy.EXACT
              ? ": exact in training; age of an online answer: "
              : ": snapshot, the same online as in training if published within its publish-delay; age of both: ")
          + age;
    }
  }

  public Verdict verdict() {
    if (unpublished().findAny().isPresent() || (exact().findAny().isPresent() && !stale)) {
      return Verdict.NOT_ALLOWED;
    }
    return exact().findAny().isPresent() ? Verdict.ALLOWED_STALE : Verdict.EQUAL_TO_TRAINING;
  }

  /** The verdict in words, with what to do. */
  @Override
  public String toString() {
    List<String> missing = unpublished().map(View::view).distinct().toList();
    if (!missing.isEmpty()) {
      return "not allowed: the online store has nothing of "
          + String.join(", ", missing)
          + "; set \"online: true\" there";
    }
    return switch (verdict()) {
      case EQUAL_TO_TRAINING -> "equal to training";
      case ALLOWED_STALE -> "allowed stale";
      case NOT_ALLOWED ->
          "not allowed: trained on exact views "
              + String.join(", ", exact().map(View::view).distinct().toList())
              + "; set \"online: stale\" in the model's definition and train again";
    };
  }

  private Stream<View> exact() {
    return views.stream().filter(v -> v.accuracy() == Accuracy.EXACT);
  }

  private Stream<View> unpublished() {
    return views.stream().filter(v -> v.accuracy() != Accuracy.REQUEST && !v.published());
  }
}
