package io.tributary.core;

import static io.tributary.core.ErrorGroup.DATA;
import static io.tributary.core.ErrorGroup.EXTERNAL;
import static io.tributary.core.ErrorGroup.INTERNAL;
import static io.tributary.core.ErrorGroup.USER;

/** What went wrong, coarse enough to count by and fine enough to act on. */
public enum ErrorCode {
  /** A definition file is wrong. */
  INVALID_DEFINITION(USER),
  /** A command line or a call is wrong. */
  INVALID_REQUEST(USER),
  /** A requested thing does not exist. */
  NOT_FOUND(USER),
  /** A rule forbids it: an artefact that is not registered, a model below its admission rules. */
  REFUSED(USER),
  /** A file does not have the columns or types that its contract states. */
  CONTRACT_BROKEN(DATA),
  /** A delivery failed its expectations. */
  EXPECTATIONS_FAILED(DATA),
  /** A value can't be computed: overflow, refused ambiguity. */
  INVALID_VALUE(DATA),
  /** A file that a source names is missing or can't be read whole. */
  UNREADABLE_FILE(DATA),
  /** Stored bytes differ from what was recorded of them. */
  CORRUPT(DATA),
  /** Storage failed or denied access. */
  STORAGE(EXTERNAL),
  /** Somebody else won a race; nothing was changed. */
  CONFLICT(EXTERNAL),
  /** A server did not answer or refused. */
  SERVER(EXTERNAL),
  /** What was expected by now has not come yet. */
  NOT_DELIVERED(EXTERNAL),
  /** The process ran out of the memory that it may use. */
  MEMORY(EXTERNAL),
  /** The process was stopped from outside before it could end. */
  KILLED(EXTERNAL),
  /** A bug. */
  BUG(INTERNAL);

  private final ErrorGroup group;

  ErrorCode(ErrorGroup group) {
    this.group = group;
  }

  /** Who must act. */
  public ErrorGroup group() {
    return group;
  }
}
