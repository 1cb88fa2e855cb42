package io.tributary.definition.internal;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A kind of value that a key may have.
 *
 * @param name with its article, {@code a duration}
 * @param example {@code 90m or 7d}; empty where the name says enough
 * @param keys of a mapping with fixed keys; empty for any other type
 * @param binder reads a value; says what is wrong and returns nothing if it can't
 */
record YamlType<T>(
    String name, String example, List<YamlKey<?>> keys, Function<YamlValue, Optional<T>> binder) {
  Optional<T> bind(YamlValue value) {
    return binder.apply(value);
  }

  /** {@code a duration, as in 90m or 7d}. */
  String expected() {
    return example.isEmpty() ? name : name + ", as in " + example;
  }
}
