package io.tributary.core.command;

/**
 * Whether a command works on intervals of data, which {@code --night}, or {@code --from} and {@code
 * --to}, name.
 */
public enum IntervalUse {
  NONE,
  OPTIONAL,
  REQUIRED
}
