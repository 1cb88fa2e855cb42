package io.tributary.definition.internal;

import io.tributary.definition.Problems;
import io.tributary.definition.Source;
import io.tributary.definition.SourceLocation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What is defined under which name, and what refers to what: filled while files are read, checked
 * when all have been.
 */
final class Links {
  private final Path folder;
  private final Map<DefinitionKind, Map<String, SourceLocation>> declared =
      new EnumMap<>(DefinitionKind.class);
  private final Map<DefinitionKind, Map<String, Object>> bound =
      new EnumMap<>(DefinitionKind.class);
  private final Set<DefinitionKind> unreadable = EnumSet.noneOf(DefinitionKind.class);
  private final List<Runnable> later = new ArrayList<>();

  Links(Path folder) {
    this.folder = folder;
    for (DefinitionKind kind : DefinitionKind.values()) {
      declared.put(kind, new TreeMap<>());
      bound.put(kind, new TreeMap<>());
    }
  }

  Path folder() {
    return folder;
  }

  /** A thing has this name, whether or not the rest of its file can be read. */
  void declare(DefinitionKind kind, String name, YamlValue at) {
    SourceLocation first = declared.get(kind).putIfAbsent(name, at.location());
    if (first != null) {
      at.problem(
          kind.key() + " \"" + name + "\" is defined twice, first in " + first + ". Rename one.");
    }
  }

  /** A file of this kind can't be read at all, so what it defines is unknown. */
  void unreadable(DefinitionKind kind) {
    unreadable.add(kind);
  }

  /** Whether every file of this kind so far could be read whole. */
  boolean allRead(DefinitionKind kind) {
    return !unreadable.contains(kind) && bound.get(kind).size() == declared.get(kind).size();
  }

  void bound(DefinitionKind kind, String name, Object definition) {
    bound.get(kind).putIfAbsent(name, definition);
  }

  /** Everything of a kind that could be read, by name. */
  @SuppressWarnings("unchecked")
  <T> Map<String, T> all(DefinitionKind kind) {
    return (Map<String, T>) (Map<?, ?>) bound.get(kind);
  }

  boolean isEmpty() {
    return unreadable.isEmpty() && declared.values().stream().allMatch(Map::isEmpty);
  }

  /** Done once all files have been read. */
  void later(Runnable check) {
    later.add(check);
  }

  void check() {
    for (int i = 0; i < later.size(); i++) {
      later.get(i).run();
    }
  }

  /** A value names a thing; {@code then} sees it, if it exists and could be read. */
  <T> void refer(DefinitionKind kind, String name, YamlValue at, Consumer<T> then) {
    later(
        () -> {
          Map<String, SourceLocation> known = declared.get(kind);
          if (!known.containsKey(name)) {
            if (unreadable.contains(kind)) {
              return;
            }
            at.problem(
                Problems.unknown("no " + kind.key() + " \"" + name + "\"", name, known.keySet()));
            return;
          }
          this.<T>find(kind, name).ifPresent(then);
        });
  }

  @SuppressWarnings("unchecked")
  <T> Optional<T> find(DefinitionKind kind, String name) {
    return Optional.ofNullable((T) bound.get(kind).get(name));
  }

  Collection<String> names(DefinitionKind kind) {
    return declared.get(kind).keySet();
  }

  /** Says that a source has no such column; true if it has. */
  static boolean column(Source source, String column, YamlValue at) {
    List<String> columns = source.columnNames();
    if (columns.contains(column)) {
      return true;
    }
    at.problem(
        Problems.unknown(
            "source \"" + source.name() + "\" has no column \"" + column + "\"", column, columns));
    return false;
  }
}
