package io.tributary.definition.internal;

import io.tributary.core.Nearest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A mapping with fixed keys, checked: unknown, repeated and missing keys are said on creation. */
final class YamlFields {
  private final YamlValue mapping;
  private final Map<String, YamlValue> values = new LinkedHashMap<>();
  private final Map<String, Optional<?>> bound = new HashMap<>();
  private final Set<String> meant = new HashSet<>();
  private boolean complete = true;

  YamlFields(YamlValue mapping, List<YamlKey<?>> keys) {
    this.mapping = mapping;
    List<String> known = keys.stream().map(YamlKey::name).toList();
    for (YamlValue.Entry entry : mapping.entries()) {
      if (!known.contains(entry.key())) {
        Nearest.of(entry.key(), known).ifPresent(meant::add);
        mapping
            .origin()
            .problem(
                entry.line(),
                "unknown key \""
                    + entry.key()
                    + "\""
                    + (mapping.label().isEmpty() ? "" : " in " + mapping.subject())
                    + "."
                    + Nearest.of(entry.key(), known)
                        .map(near -> " Did you mean \"" + near + "\"?")
                        .orElse(" Known keys: " + String.join(", ", known) + "."));
      } else if (values.putIfAbsent(entry.key(), entry.value()) != null) {
        mapping
            .origin()
            .problem(
                entry.line(),
                "key \""
                    + entry.key()
                    + "\" stands twice, first in line "
                    + values.get(entry.key()).line()
                    + ". Keep one.");
      }
    }
    List<YamlKey<?>> missing =
        keys.stream().filter(k -> k.required() && !values.containsKey(k.name())).toList();
    complete = missing.isEmpty() && meant.isEmpty();
    missing = missing.stream().filter(k -> !meant.contains(k.name())).toList();
    if (!missing.isEmpty()) {
      mapping.problem(
          (mapping.label().isEmpty() ? "" : mapping.subject() + ": ")
              + "missing "
              + missing.stream().map(k -> "\"" + k.name() + "\"").collect(Collectors.joining(", "))
              + ". Write it: "
              + missing.get(0).doc());
    }
  }

  /** False where a required key is missing or a value that was asked for can't be read. */
  boolean complete() {
    return complete;
  }

  YamlValue mapping() {
    return mapping;
  }

  boolean has(YamlKey<?> key) {
    return values.containsKey(key.name());
  }

  /** Whether it is neither written nor probably misspelt, which has been said already. */
  boolean lacks(YamlKey<?> key) {
    return !has(key) && !meant.contains(key.name());
  }

  /** The value as it stands in the file. */
  Optional<YamlValue> value(YamlKey<?> key) {
    return Optional.ofNullable(values.get(key.name()));
  }

  /** The line of the key, or of the mapping where it is not written. */
  int line(YamlKey<?> key) {
    return value(key).map(YamlValue::line).orElse(mapping.line());
  }

  void problem(YamlKey<?> key, String why) {
    problemAt(line(key), why);
  }

  /** The same, at a line inside. */
  void problemAt(int line, String why) {
    complete = false;
    mapping.origin().problem(line, why);
  }

  /** What was written or is the default; empty where neither is, or where it can't be read. */
  @SuppressWarnings("unchecked")
  <T> Optional<T> find(YamlKey<T> key) {
    return (Optional<T>) bound.computeIfAbsent(key.name(), name -> read(key));
  }

  private <T> Optional<T> read(YamlKey<T> key) {
    YamlValue value = values.get(key.name());
    if (value == null) {
      return key.defaultAt(mapping);
    }
    Optional<T> read = key.type().bind(value);
    if (read.isEmpty()) {
      complete = false;
    }
    return read;
  }

  /** The same, with what stands in for a value that is not there. */
  <T> T or(YamlKey<T> key, T fallback) {
    return find(key).orElse(fallback);
  }
}
