package io.tributary.core;

import java.util.function.Supplier;

/** A value that is made when it is first wanted, once. Safe for threads. */
public final class Lazy<T> implements Supplier<T> {
  private final Supplier<T> made;
  private volatile T value;

  private Lazy(Supplier<T> made) {
    this.made = made;
  }

  /** One that is made at most once, and is not null. */
  public static <T> Lazy<T> of(Supplier<T> made) {
    return new Lazy<>(made);
  }

  @Override
  public T get() {
    T known = value;
    if (known == null) {
      synchronized (this) {
        known = value;
        if (known == null) {
          known = made.get();
          value = known;
        }
      }
    }
    return known;
  }
}
