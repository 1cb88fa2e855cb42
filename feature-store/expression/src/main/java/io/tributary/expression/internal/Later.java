package io.tributary.expression.internal;

import java.util.function.Supplier;

/** A value that is made on first use, once. Safe for threads. */
public final class Later<T> implements Supplier<T> {
  private final Supplier<T> make;
  private T made;

  public Later(Supplier<T> make) {
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
