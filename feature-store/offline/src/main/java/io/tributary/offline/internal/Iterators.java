package io.tributary.offline.internal;

import java.util.Iterator;
import java.util.function.Function;

/** Small iterators over rows. */
final class Iterators {
  private Iterators() {}

  /** Maps one by one, when asked. */
  static <A, B> Iterator<B> map(Iterator<A> items, Function<? super A, ? extends B> function) {
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
}
