package io.tributary.definition;

import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** All that is wrong with a project, gathered while it is read and checked. Not for threads. */
public final class Problems {
  private final List<Problem> found = new ArrayList<>();

  /**
   * Adds what is wrong with a thing.
   *
   * @param thing kind and name, {@code view carrier_history@1}
   * @param why what is wrong and what to do
   */
  public void add(String thing, SourceLocation at, String why) {
    found.add(Problem.of(thing, at, why));
  }

  /** Adds a name that nothing has: {@code <what> "<name>". Did you mean …?} */
  public void addUnknown(
      String thing, SourceLocation at, String what, String name, Collection<String> known) {
    add(thing, at, unknown(what + " \"" + name + "\"", name, known));
  }

  public void addAll(Collection<Problem> problems) {
    found.addAll(problems);
  }

  /** {@code <what>. Did you mean …?}, or which names there are. */
  public static String unknown(String what, String name, Collection<String> known) {
    return what
        + "."
        + Nearest.of(name, known)
            .map(near -> " Did you mean \"" + near + "\"?")
            .orElse(
                known.isEmpty()
                    ? " There is none at all."
                    : " There are: " + String.join(", ", known) + ".");
  }

  public boolean isEmpty() {
    return found.isEmpty();
  }

  /** By file, line and text, each once. */
  public List<Problem> sorted() {
    return Problem.sorted(found);
  }

  /**
   * Throws them all as one.
   *
   * @param project its name, or its folder where that is unknown
   * @throws PlatformException INVALID_DEFINITION, if there is any
   */
  public void throwIfAny(String project) {
    if (!found.isEmpty()) {
      throw Problem.exception(project, found);
    }
  }
}
