package io.tributary.definition;

/** One thing that is wrong with a definition, where it stands, and what to do. */
public record Problem(Mark mark, String message) {
  @Override
  public String toString() {
    return mark + ": " + message;
  }
}
