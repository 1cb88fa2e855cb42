package io.tributary.analysis;

import io.tributary.core.Digest;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The normalised meaning of a definition, from which its digest is made: one line a fact, each with
 * its length, so that no two meanings print alike.
 */
final class CanonicalForm {
  private final StringBuilder text = new StringBuilder();

  private CanonicalForm(String kind) {
    fact("kind", kind);
  }

  /**
   * @param kind what it is of, and the version of this way to write it down
   */
  static CanonicalForm of(String kind) {
    return new CanonicalForm(kind);
  }

  CanonicalForm fact(String name, Object value) {
    String printed = String.valueOf(value);
    text.append(name).append(' ').append(printed.length()).append(' ').append(printed).append('\n');
    return this;
  }

  CanonicalForm fact(String name, Optional<?> value) {
    return value.isPresent() ? fact(name, value.get()) : this;
  }

  /** In this order. */
  CanonicalForm inOrder(String name, Collection<?> values) {
    int i = 0;
    for (Object value : values) {
      fact(name + "[" + i++ + "]", value);
    }
    return this;
  }

  /** By name: the order in which they were written means nothing. */
  CanonicalForm byName(String name, Map<String, ?> values) {
    new TreeMap<>(values).forEach((key, value) -> fact(name + "." + key, value));
    return this;
  }

  Digest digest(CanonicalForms texts) {
    return texts.keep(text.toString());
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
