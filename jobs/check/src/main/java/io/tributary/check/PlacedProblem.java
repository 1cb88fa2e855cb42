package io.tributary.check;

import io.tributary.core.ErrorCode;
import io.tributary.core.ErrorGroup;
import io.tributary.core.PlatformException;
import io.tributary.definition.Problem;

/**
 * One thing that is wrong with a project, and where.
 *
 * @param group who must act
 * @param file relative to the project's folder, or where it lies
 * @param line from 1
 * @param column from 1: of the first thing on the line that the message quotes, else where the line
 *     begins
 * @param message a whole sentence, and what to do
 */
public record PlacedProblem(
    ErrorCode code, ErrorGroup group, String file, int line, int column, String message) {

  static PlacedProblem of(ErrorCode code, String file, int line, String message) {
    return new PlacedProblem(code, code.group(), file, line, 1, message);
  }

  static PlacedProblem of(Problem problem) {
    return of(
        ErrorCode.INVALID_DEFINITION,
        problem.location().file(),
        problem.location().line(),
        problem.message());
  }

  static PlacedProblem of(PlatformException thrown, String file) {
    return of(thrown.code(), file, 1, thrown.getMessage());
  }

  PlacedProblem at(int newLine, int newColumn) {
    return new PlacedProblem(code, group, file, newLine, newColumn, message);
  }

  /** {@code sources/flights.yaml:12:3: Cannot check …}. */
  @Override
  public String toString() {
    return file + ":" + line + ":" + column + ": " + message;
  }
}
