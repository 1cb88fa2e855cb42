package io.tributary.console;

import io.tributary.registry.provenance.Provenance;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Prints a graph of things and what they were made of as a tree, for people. */
final class ProvenanceTree {
  /** A digest or a revision, of which the first digits are printed. */
  private static final Pattern DIGEST = Pattern.compile("\\b([0-9a-f]{12})[0-9a-f]{20,52}\\b");

  private static final int WIDTH = 110;

  /** The maximum number of things of one kind that are printed below another. */
  private static final int MOST = 6;

  private final String root;
  private final Map<String, Provenance.Node> nodes = new LinkedHashMap<>();
  private final Map<String, List<String>> below = new HashMap<>();
  private final boolean inputs;
  private final boolean all;
  private final Set<String> printed = new HashSet<>();
  private PrintWriter out;
  private Object environment;

  private ProvenanceTree(Provenance provenance, boolean inputs, boolean all) {
    this.root = provenance.root();
    this.inputs = inputs;
    this.all = all;
    provenance.nodes().forEach(node -> nodes.put(node.id(), node));
  }

  /**
   * What was made of what, from the root back.
   *
   * @param inputs whether to print what a model was given
   * @param all however many things there are of a kind
   */
  static ProvenanceTree madeOf(Provenance provenance, boolean inputs, boolean all) {
    ProvenanceTree tree = new ProvenanceTree(provenance, inputs, all);
    provenance.nodes().forEach(node -> tree.below.put(node.id(), node.from()));
    return tree;
  }

  /** What was made from the root, forward. */
  static ProvenanceTree madeFrom(Provenance provenance, boolean all) {
    ProvenanceTree tree = new ProvenanceTree(provenance, false, all);
    provenance.nodes().forEach(node -> tree.below.put(node.id(), new ArrayList<>()));
    provenance
        .nodes()
        .forEach(node -> node.from().forEach(id -> tree.below.get(id).add(node.id())));
    return tree;
  }

  void print(PrintWriter to) {
    out = to;
    print(root, "", "");
    to.flush();
  }

  /**
   * Prints a node and what is below it; what was printed before is only named.
   *
   * @param head stands before its name, {@code body} before the lines below it
   */
  private void print(String id, String head, String body) {
    Provenance.Node node = nodes.get(id);
    boolean again = !printed.add(id);
    out.println(
        head + node.kind() + " " + node.name() + (again && isMore(node) ? " (as above)" : ""));
    if (again) {
      return;
    }
    List<String> from = shown(below.get(node.id()));
    for (String line : lines(node)) {
      out.println(body + (from.isEmpty() ? "   " : "│  ") + line);
    }
    for (int i = 0; i < from.size(); i++) {
      boolean last = i == from.size() - 1;
      String branch = body + (last ? "└─ " : "├─ ");
      if (nodes.containsKey(from.get(i))) {
        print(from.get(i), branch, body + (last ? "   " : "│  "));
      } else {
        out.println(branch + from.get(i));
      }
    }
  }

  private boolean isMore(Provenance.Node node) {
    return !below.get(node.id()).isEmpty() || !node.facts().isEmpty();
  }

  /** The facts in as few lines as they need; an environment is printed where it is another. */
  private List<String> lines(Provenance.Node node) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    node.facts()
        .forEach(
            (name, value) -> {
              String fact = fact(name, value);
              if (line.length() > 0 && line.length() + fact.length() > WIDTH) {
                lines.add(line.toString());
                line.setLength(0);
              }
              if (!fact.isEmpty()) {
                line.append(line.length() == 0 ? "" : "; ").append(fact);
              }
            });
    if (line.length() > 0) {
      lines.add(line.toString());
    }
    return lines;
  }

  private String fact(String name, Object value) {
    if (name.equals("environment")) {
      boolean same = value.equals(environment);
      environment = value;
      return same ? "" : text(value);
    }
    if (name.equals("inputs") && !inputs) {
      return ((Map<?, ?>) value).size() + " inputs (--inputs)";
    }
    return name + " " + text(value);
  }

  /** Of many of a kind the first and last ones, with a line for those between. */
  private List<String> shown(List<String> from) {
    Map<String, List<String>> byKind =
        from.stream()
            .collect(
                Collectors.groupingBy(
                    id -> nodes.get(id).kind(), LinkedHashMap::new, Collectors.toList()));
    List<String> shown = new ArrayList<>();
    byKind.forEach(
        (kind, ids) -> {
          if (all || ids.size() <= MOST) {
            shown.addAll(ids);
          } else {
            shown.addAll(ids.subList(0, 2));
            shown.add("… %,d more of kind %s (--all)".formatted(ids.size() - 4, kind));
            shown.addAll(ids.subList(ids.size() - 2, ids.size()));
          }
        });
    return shown;
  }

  /** For people: digests by their first digits, instants to the second. */
  private static String text(Object value) {
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(e -> e.getKey() + " " + text(e.getValue()))
          .collect(Collectors.joining(", "));
    }
    if (value instanceof List<?> list) {
      return list.isEmpty()
          ? "none"
          : list.stream().map(ProvenanceTree::text).collect(Collectors.joining(", "));
    }
    if (value instanceof Instant at) {
      return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }
    String text = String.valueOf(value);
    return DIGEST.matcher(text).replaceAll("$1");
  }
}
