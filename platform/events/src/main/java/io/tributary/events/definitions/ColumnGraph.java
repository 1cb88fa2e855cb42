package io.tributary.events.definitions;

import io.tributary.core.ColumnOrigin;
import io.tributary.core.ColumnReference;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The graph of columns of a definition and of all that it is made of, as a run used them, back to
 * the columns that sources declare.
 */
public final class ColumnGraph {
  private final Definition root;
  private final Map<String, Definition> definitions = new TreeMap<>();

  private ColumnGraph(Definition root) {
    this.root = root;
  }

  /**
   * The columns behind a definition.
   *
   * @param kept reads a stored definition by its digest, as {@link DefinitionStore#read}
   */
  public static ColumnGraph of(Digest root, Function<Digest, Definition> kept) {
    ColumnGraph graph = new ColumnGraph(kept.apply(root));
    graph.gather(graph.root, kept);
    return graph;
  }

  private void gather(Definition definition, Function<Digest, Definition> kept) {
    if (definitions.putIfAbsent(definition.reference(), definition) == null) {
      definition.uses().values().forEach(used -> gather(kept.apply(used), kept));
    }
  }

  /** The definition that the columns are of. */
  public Definition root() {
    return root;
  }

  /**
   * The definition of a thing, which is the root or something that it is made of.
   *
   * @param reference kind and name
   */
  public Optional<Definition> definition(String reference) {
    return Optional.ofNullable(definitions.get(reference));
  }

  /**
   * Whether a column of a thing enters a column or decides what does, directly or indirectly.
   *
   * @param thing kind and name
   */
  public boolean isFrom(ColumnReference column, String thing) {
    Set<ColumnReference> seen = new LinkedHashSet<>();
    Deque<ColumnReference> open = new ArrayDeque<>(List.of(column));
    while (!open.isEmpty()) {
      ColumnReference next = open.poll();
      if (next.thing().equals(thing)) {
        return true;
      }
      if (seen.add(next)) {
        open.addAll(origin(next).values());
        open.addAll(origin(next).conditions());
      }
    }
    return false;
  }

  /** The origin of every column of the definition and of those it is made of. */
  public Map<ColumnReference, ColumnOrigin> edges() {
    Map<ColumnReference, ColumnOrigin> edges = new TreeMap<>();
    for (Definition definition : definitions.values()) {
      definition
          .columns()
          .forEach(
              (column, origin) ->
                  edges.put(new ColumnReference(definition.reference(), column), origin));
    }
    return edges;
  }

  /**
   * The source columns whose values enter a column, directly or indirectly; {@code source rides.*}
   * if it counts that source's rows without using their values.
   */
  public Set<ColumnReference> sources(ColumnReference column) {
    Set<ColumnReference> sources = new TreeSet<>();
    for (ColumnReference each : behind(column)) {
      ColumnOrigin origin = origin(each);
      if (isOfSource(each) && origin.values().isEmpty()) {
        sources.add(each);
      } else if (origin.values().isEmpty()) {
        origin.conditions().stream()
            .flatMap(condition -> behind(condition).stream())
            .filter(ColumnGraph::isOfSource)
            .forEach(condition -> sources.add(new ColumnReference(condition.thing(), "*")));
      }
    }
    return sources;
  }

  private static boolean isOfSource(ColumnReference column) {
    return column.thing().startsWith("source ");
  }

  /** Its tags and those of every column whose values enter it. */
  public Set<String> tags(ColumnReference column) {
    return tags(column, each -> Optional.empty());
  }

  /**
   * The same with present tags in place of recorded ones.
   *
   * @param present the tags that a column has now; empty = those recorded
   */
  public Set<String> tags(
      ColumnReference column, Function<ColumnReference, Optional<Set<String>>> present) {
    Set<String> tags = new TreeSet<>();
    behind(column)
        .forEach(each -> tags.addAll(present.apply(each).orElseGet(() -> origin(each).tags())));
    return Collections.unmodifiableSet(tags);
  }

  /** A column and every one whose values enter it. */
  private Set<ColumnReference> behind(ColumnReference column) {
    Set<ColumnReference> behind = new LinkedHashSet<>();
    add(column, behind);
    return behind;
  }

  private void add(ColumnReference column, Set<ColumnReference> behind) {
    if (behind.add(column)) {
      origin(column).values().forEach(value -> add(value, behind));
    }
  }

  private ColumnOrigin origin(ColumnReference column) {
    Definition definition = definitions.get(column.thing());
    ColumnOrigin origin = definition == null ? null : definition.columns().get(column.column());
    return origin == null ? ColumnOrigin.of(Set.of(), Set.of()) : origin;
  }
}
