package io.tributary.report;

import java.util.List;

/** Things and what is below them, in the order of the tree. What lies deep is seen once opened. */
public record Tree(List<Branch> branches) implements Block {
  /** How deep a reader sees before opening anything. */
  private static final int OPEN = 3;

  public Tree {
    branches = List.copyOf(branches);
  }

  /**
   * A thing.
   *
   * @param facts what is known of it, a clause each
   */
  public record Branch(String name, List<String> facts, List<Branch> below) {
    public Branch {
      facts = List.copyOf(facts);
      below = List.copyOf(below);
    }

    private void write(Html html, int depth) {
      html.open("li");
      if (below.isEmpty()) {
        html.element("span", name);
      } else {
        html.open("details", depth < OPEN ? new String[] {"open", ""} : new String[0])
            .element("summary", name);
      }
      if (!facts.isEmpty()) {
        html.element("p", String.join("; ", facts));
      }
      if (!below.isEmpty()) {
        Tree.write(html, below, depth + 1);
        html.close("details");
      }
      html.close("li").own("\n");
    }
  }

  @Override
  public void write(Html html) {
    html.open("div", "class", "tree");
    write(html, branches, 0);
    html.close("div");
  }

  private static void write(Html html, List<Branch> branches, int depth) {
    html.open("ul");
    branches.forEach(branch -> branch.write(html, depth));
    html.close("ul");
  }
}
