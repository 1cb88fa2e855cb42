package io.tributary.events.runs;

import io.tributary.core.ErrorCode;

/**
 * The error of a failed run, as text: an unknown code, of a newer build, is preserved as it was
 * written.
 *
 * @param code the name of an {@link ErrorCode}
 * @param group the name of its {@link io.tributary.core.ErrorGroup}: who must act
 */
public record RunError(String code, String group) {
  public static RunError of(ErrorCode code) {
    return new RunError(code.name(), code.group().name());
  }

  public boolean is(ErrorCode code) {
    return this.code.equals(code.name());
  }
}
