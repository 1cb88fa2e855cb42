package io.tributary.expression;

import java.util.function.Supplier;

/** A value that is made on first use, once. Safe for threads. */
final class Later<T> implements Supplier<T> {
  private final Supplier<T> make;
  private T made;

  Later(Supplier<T> make) {
    this.make = make;
  }

  @Override
  public synchronized T get() {
    if (made == null) {
      made = make.get();
    }
    return made;
  }
}
