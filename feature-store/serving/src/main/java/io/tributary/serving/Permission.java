package io.tributary.serving;

/** What a route asks of whoever asks it, once tokens are made for the project. */
enum Permission {
  /** Nothing. */
  NONE,
  /** A token of any role. */
  ANY,
  /** One with role {@code read}. */
  READ,
  /** One with role {@code score}. */
  SCORE
}
