package io.tributary.registry.provenance;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a thing was made of, step by step back to delivered files: a graph without cycles, in which
 * a thing that several others were made of is there once.
 *
 * @param root the id of the thing asked about
 * @param nodes each after what it was made of
 */
public record Provenance(String root, List<Node> nodes) {
  public Provenance {
    nodes = List.copyOf(nodes);
  }

  /**
   * One thing.
   *
   * @param id {@code kind:name}
   * @param kind {@code prediction}, {@code run}, {@code model}, {@code view}, {@code table}, {@code
   *     delivery}, {@code file} or {@code definition}
   * @param name distinguishes it from others of the kind
   * @param facts what the lake recorded of it, in the order in which a person reads it; values are
   *     texts, numbers, instants, booleans, lists and maps of those
   * @param from the ids of what it was made of
   */
  public record Node(
      String id, String kind, String name, Map<String, Object> facts, List<String> from) {
    public Node {
      facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
      from = List.copyOf(from);
    }
  }
}
