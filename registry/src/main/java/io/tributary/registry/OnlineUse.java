package io.tributary.registry;

import io.tributary.core.Durations;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How the values that the online store answers with compare with those that a model version was
 * trained on (rule 10 of the point-in-time contract).
 *
 * @param stale whether the model's definition allows {@code online: stale}
 * @param views that its inputs are features of
 */
public record OnlineUse(boolean stale, List<View> views) {
  public OnlineUse {
    views = List.copyOf(views);
  }

  /** Where a view's values in a training row come from. */
  public enum Accuracy {
    /** From events, at the row's as-of: the online store answers as of its last publication. */
    EXACT,
    /** From the snapshot that the online store answers with at the row's as-of. */
    SNAPSHOT,
    /** From what the request brings. */
    REQUEST
  }

  /** Whether the online store may be asked for a version's inputs. */
  public enum Verdict {
    EQUAL_TO_TRAINING,
    ALLOWED_STALE,
    NOT_ALLOWED
  }

  /**
   * A view.
   *
   * @param role its prefix among the columns of the training set
   * @param view {@code carrier_history@1}
   * @param published whether it goes online; a view of requests need not
   * @param largestAge how old an answer can be as far as the project said when the model was
   *     trained, the time that runs take left out; empty = nothing bounds it
   * @param by what bounds it, or why nothing does
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

  /** The verdict for people, with what to do. */
  @Override
  public String toString() {
    List<String> missing = unpublished().map(View::view).distinct().toList();
    if (!missing.isEmpty()) {
      return "not allowed: the online store has nothing of "
          + String.join(", ", missing)
          + "; say \"online: true\" there";
    }
    return switch (verdict()) {
      case EQUAL_TO_TRAINING -> "equal to training";
      case ALLOWED_STALE -> "allowed stale";
      case NOT_ALLOWED ->
          "not allowed: trained on exact views "
              + String.join(", ", exact().map(View::view).distinct().toList())
              + "; say \"online: stale\" in the model's definition and train again";
    };
  }

  private Stream<View> exact() {
    return views.stream().filter(v -> v.accuracy() == Accuracy.EXACT);
  }

  private Stream<View> unpublished() {
    return views.stream().filter(v -> v.accuracy() != Accuracy.REQUEST && !v.published());
  }
}
