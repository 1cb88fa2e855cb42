package io.tributary.definition.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** The types of lists and mappings. */
final class Structures {
  private Structures() {}

  /** A list; an item that can't be read is said and makes the list unreadable. */
  static <T> YamlType<List<T>> list(YamlType<T> of) {
    List<YamlType<List<T>>> self = new ArrayList<>();
    self.add(
        new YamlType<>(
            "a list, each " + of.name(),
            of.example(),
            of.keys(),
            value -> {
              if (!value.isList()) {
                if (value.isScalar() && !value.isMissing()) {
                  value.problem(
                      value.subject()
                          + " is "
                          + value.found()
                          + ", not "
                          + self.get(0).name()
                          + ". Write it as a list: one \"- item\" a line, or [a, b].");
                } else {
                  value.mistyped(self.get(0));
                }
                return Optional.empty();
              }
              List<YamlValue> items = value.items();
              List<T> read = new ArrayList<>();
              items.forEach(item -> of.bind(item).ifPresent(read::add));
              return read.size() == items.size() ? Optional.of(read) : Optional.empty();
            }));
    return self.get(0);
  }

  /** The same, without repetition. */
  static <T> YamlType<List<T>> distinct(YamlType<T> of) {
    YamlType<List<T>> list = list(of);
    return new YamlType<>(
        list.name(),
        list.example(),
        list.keys(),
        value ->
            list.bind(value)
                .filter(
                    items -> {
                      Set<T> seen = new HashSet<>();
                      boolean once = true;
                      for (int i = 0; i < items.size(); i++) {
                        if (!seen.add(items.get(i))) {
                          YamlValue item = value.items().get(i);
                          item.problem(
                              "\""
                                  + items.get(i)
                                  + "\" stands twice in "
                                  + value.subject()
                                  + ". Keep one.");
                          once = false;
                        }
                      }
                      return once;
                    }));
  }

  /** The same, where one item may stand without a list. */
  static <T> YamlType<List<T>> oneOrMore(YamlType<T> of) {
    YamlType<List<T>> list = distinct(of);
    return new YamlType<>(
        of.name() + ", or a list of them",
        of.example(),
        of.keys(),
        value ->
            value.isScalar() && !value.isMissing()
                ? of.bind(value).map(List::of)
                : list.bind(value));
  }

  /** A mapping from names that the user chooses, in the order of the file. */
  static <T> YamlType<Map<String, T>> map(YamlType<String> key, YamlType<T> of) {
    return map(key, of, (entry, read) -> read);
  }

  /** The same, where what is read depends on the key. */
  static <T, V> YamlType<Map<String, V>> map(
      YamlType<String> key, YamlType<T> of, BiFunction<YamlValue.Entry, T, V> finish) {
    List<YamlType<Map<String, V>>> self = new ArrayList<>();
    self.add(
        new YamlType<>(
            "a mapping from " + key.name() + " to " + of.name(),
            of.example(),
            of.keys(),
            value -> {
              if (!value.isMapping()) {
                value.mistyped(self.get(0));
                return Optional.empty();
              }
              Map<String, V> read = new LinkedHashMap<>();
              Map<String, Integer> seen = new LinkedHashMap<>();
              boolean all = true;
              for (YamlValue.Entry entry : value.entries()) {
                Integer first = seen.putIfAbsent(entry.key(), entry.line());
                if (first != null) {
                  value
                      .origin()
                      .problem(
                          entry.line(),
                          "key \""
                              + entry.key()
                              + "\" in "
                              + value.subject()
                              + " stands twice, first in line "
                              + first
                              + ". Keep one.");
                  all = false;
                  continue;
                }
                boolean named = keyBinds(key, entry, value);
                Optional<T> item = of.bind(entry.value());
                if (named && item.isPresent()) {
                  read.put(entry.key(), finish.apply(entry, item.get()));
                } else {
                  all = false;
                }
              }
              return all ? Optional.of(read) : Optional.empty();
            }));
    return self.get(0);
  }

  private static boolean keyBinds(YamlType<String> key, YamlValue.Entry entry, YamlValue mapping) {
    YamlValue asValue =
        new YamlValue(
            new ScalarNode(Tag.STR, entry.key(), ScalarStyle.PLAIN),
            mapping.origin(),
            mapping.label() + "." + entry.key(),
            entry.line(),
            false);
    return key.bind(asValue).isPresent();
  }

  /** A mapping with fixed keys. */
  static <T> YamlType<T> object(
      String name, List<YamlKey<?>> keys, Function<YamlFields, Optional<T>> read) {
    List<YamlType<T>> self = new ArrayList<>();
    self.add(
        new YamlType<>(
            name,
            "",
            keys,
            value -> {
              if (!value.isMapping()) {
                value.mistyped(self.get(0));
                return Optional.empty();
              }
              YamlFields fields = new YamlFields(value, keys);
              Optional<T> result = read.apply(fields);
              return fields.complete() ? result : Optional.empty();
            }));
    return self.get(0);
  }
}
