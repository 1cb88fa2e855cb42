package io.tributary.definition.internal;

import io.tributary.definition.Problem;
import io.tributary.definition.SourceLocation;
import java.util.ArrayList;
import java.util.List;

/** All that is wrong with a project, gathered while it is read. */
public final class Problems {
  private final List<Problem> found = new ArrayList<>();

  public void add(String thing, SourceLocation location, String why) {
    found.add(Problem.of(thing, location, why));
  }

  public List<Problem> sorted() {
    return Problem.sorted(found);
  }

  public boolean isEmpty() {
    return found.isEmpty();
  }
}
