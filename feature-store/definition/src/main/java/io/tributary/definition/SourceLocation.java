package io.tributary.definition;

/**
 * Where a definition stands.
 *
 * @param file the file, relative to the project's folder
 * @param line from 1
 */
public record SourceLocation(String file, int line) {
  @Override
  public String toString() {
    return file + ":" + line;
  }
}
