package io.tributary.source;

import java.io.Serializable;

/**
 * The part of a growing table that a delivery is: above one value of its watermark, up to and with
 * another.
 *
 * @param of the watermark's column
 * @param after empty = from the beginning
 */
public record SourceRange(String of, String after, String upTo) implements Serializable {
  @Override
  public String toString() {
    return of + " " + (after.isEmpty() ? "" : "above " + after + " ") + "up to " + upTo;
  }
}
