package io.tributary.analysis;

import io.tributary.core.Nearest;
import io.tributary.definition.Problem;
import io.tributary.definition.SourceLocation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * All that is wrong with a project, gathered while it is checked, and what is found to be meant.
 */
final class Problems {
  private final List<Problem> found = new ArrayList<>();
  private final CanonicalForms texts = new CanonicalForms();

  /**
   * @param thing kind and name, {@code view carrier_history@1}
   * @param why what is wrong and what to do
   */
  void add(String thing, SourceLocation location, String why) {
    found.add(Problem.of(thing, location, why));
  }

  /** A name that nothing has. */
  void addUnknown(
      String thing, SourceLocation location, String what, String name, Collection<String> known) {
    String near =
        Nearest.of(name, known)
            .map(n -> " Did you mean \"" + n + "\"?")
            .orElse(
                known.isEmpty()
                    ? " There is none at all."
                    : " There are: " + String.join(", ", known) + ".");
    add(thing, location, what + " \"" + name + "\"." + near);
  }

  /** What the digests of the project are of. */
  CanonicalForms texts() {
    return texts;
  }

  List<Problem> sorted() {
    return Problem.sorted(found);
  }
}
