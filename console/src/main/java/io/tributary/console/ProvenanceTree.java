package io.tributary.console;

import io.tributary.registry.provenance.Provenance;
import io.tributary.report.Page;
import io.tributary.report.Section;
import io.tributary.report.Tree;
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

/** A graph of things and what they were made of as a tree, for people: as text or a page. */
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
  private final Set<String> named = new HashSet<>();
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
   * @param inputs whether to name what a model was given
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

  void print(PrintWriter out) {
    print(out, branch(root), "", "");
    out.flush();
  }

  /**
   * The same as a page.
   *
   * @param what the tree tells, as a heading
   */
  Page page(String what) {
    Tree.Branch branch = branch(root);
    return new Page(
        branch.name(),
        "%s: %,d things.".formatted(what, nodes.size()),
        List.of(new Section(what, List.of(new Tree(List.of(branch))))));
  }

  /** A node and what is below it; what is in the tree already is only named. */
  private Tree.Branch branch(String id) {
    Provenance.Node node = nodes.get(id);
    String name = node.kind() + " " + node.name();
    if (!named.add(id)) {
      return leaf(name + (isMore(node) ? " (as above)" : ""));
    }
    List<String> facts = new ArrayList<>();
    node.facts().forEach((fact, value) -> facts.add(fact(fact, value)));
    facts.removeIf(String::isEmpty);
    return new Tree.Branch(
        name,
        facts,
        shown(below.get(id)).stream()
            .map(b -> nodes.containsKey(b) ? branch(b) : leaf(b))
            .toList());
  }

  private static Tree.Branch leaf(String name) {
    return new Tree.Branch(name, List.of(), List.of());
  }

  /**
   * Prints a branch.
   *
   * @param head stands before its name, {@code body} before the lines below it
   */
  private static void print(PrintWriter out, Tree.Branch branch, String head, String body) {
    out.println(head + branch.name());
    int last = branch.below().size() - 1;
    for (String line : lines(branch.facts())) {
      out.println(body + (last < 0 ? "   " : "│  ") + line);
    }
    for (int i = 0; i <= last; i++) {
      print(
          out,
          branch.below().get(i),
          body + (i == last ? "└─ " : "├─ "),
          body + (i == last ? "   " : "│  "));
    }
  }

  private boolean isMore(Provenance.Node node) {
    return !below.get(node.id()).isEmpty() || !node.facts().isEmpty();
  }

  /** Facts in as few lines as they need. */
  private static List<String> lines(List<String> facts) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String fact : facts) {
      if (line.length() > 0 && line.length() + fact.length() > WIDTH) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.length() == 0 ? "" : "; ").append(fact);
    }
    if (line.length() > 0) {
      lines.add(line.toString());
    }
    return lines;
  }

  /** Empty for an environment that is the one before it. */
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
