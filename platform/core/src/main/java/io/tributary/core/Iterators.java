package io.tributary.core;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;

/** Lazy iterators over rows. */
public final class Iterators {
  private Iterators() {}

  /** Maps items lazily, one by one. */
  public static <A, B> Iterator<B> map(
      Iterator<A> items, Function<? super A, ? extends B> function) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return items.hasNext();
      }

      @Override
      public B next() {
        return function.apply(items.next());
      }
    };
  }

  /** Maps items lazily, one by one, and drops those mapped to null. */
  public static <A, B> Iterator<B> mapSome(
      Iterator<A> items, Function<? super A, ? extends B> function) {
    return new Iterator<>() {
      private B next;

      @Override
      public boolean hasNext() {
        while (next == null && items.hasNext()) {
          next = function.apply(items.next());
        }
        return next != null;
      }

      @Override
      public B next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        B given = next;
        next = null;
        return given;
      }
    };
  }

  /** The same items, with an action at the end. */
  public static <A> Iterator<A> atEnd(Iterator<A> items, Runnable action) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        boolean more = items.hasNext();
        if (!more) {
          action.run();
        }
        return more;
      }

      @Override
      public A next() {
        return items.next();
      }
    };
  }
}
