package io.tributary.definition.internal;

import io.tributary.definition.Mark;
import io.tributary.definition.Problem;
import java.util.ArrayList;
import java.util.List;

/** All that is wrong with a project, gathered while it is read. */
public final class Problems {
  private final List<Problem> found = new ArrayList<>();

  public void add(String thing, Mark mark, String why) {
    found.add(Problem.of(thing, mark, why));
  }

  public List<Problem> sorted() {
    return Problem.sorted(found);
  }

  public boolean isEmpty() {
    return found.isEmpty();
  }
}
