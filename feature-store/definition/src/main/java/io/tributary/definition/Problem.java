package io.tributary.definition;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One thing that is wrong with a definition, where it stands, and what to do.
 *
 * @param message a whole sentence, {@code Cannot check view v@1 (features/v.yaml:9): <why>. <what
 *     to do>}
 */
public record Problem(SourceLocation location, String message) {
  /**
   * A problem whose message is put together from its parts.
   *
   * @param thing kind and name, {@code view carrier_history@1}
   * @param why what is wrong and what to do, without the place
   */
  public static Problem of(String thing, SourceLocation location, String why) {
    return new Problem(location, "Cannot check " + thing + " (" + location + "): " + why);
  }

  /** One exception, INVALID_DEFINITION, that lists them all by file and line. */
  public static PlatformException exception(String project, Collection<Problem> problems) {
    return exceptionOf("project " + project, problems);
  }

  /**
   * The same of anything.
   *
   * @param thing kind and name
   */
  public static PlatformException exceptionOf(String thing, Collection<Problem> problems) {
    List<Problem> sorted = sorted(problems);
    if (sorted.size() == 1) {
      return new PlatformException(ErrorCode.INVALID_DEFINITION, sorted.get(0).message());
    }
    return new PlatformException(
        ErrorCode.INVALID_DEFINITION,
        "Cannot check %s: %s problems. Correct them all:\n%s"
            .formatted(
                thing,
                sorted.size(),
                sorted.stream().map(p -> "  " + p.message()).collect(Collectors.joining("\n"))));
  }

  /** By file, line and text, each once. */
  public static List<Problem> sorted(Collection<Problem> problems) {
    return problems.stream()
        .distinct()
        .sorted(
            Comparator.comparing((Problem p) -> p.location().file())
                .thenComparingInt(p -> p.location().line())
                .thenComparing(Problem::message))
        .toList();
  }

  @Override
  public String toString() {
    return message;
  }
}
