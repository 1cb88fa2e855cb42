package io.tributary.report;

import java.util.List;

/**
 * A table. The first cell of a row names it, and stays in sight where the others scroll.
 *
 * @param caption what the table is of
 */
public record Table(String caption, List<String> heading, List<List<Cell>> rows) implements Block {
  public Table {
    heading = List.copyOf(heading);
    rows = rows.stream().map(List::copyOf).toList();
    for (List<Cell> row : rows) {
      if (row.size() != heading.size()) {
        throw new IllegalArgumentException(row.size() + " cells under " + heading);
      }
    }
  }

  @Override
  public void write(Html html) {
    html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", caption);
    html.open("table").element("caption", caption).open("thead").open("tr");
    for (int column = 0; column < heading.size(); column++) {
      String style = style(column);
      html.element(
          "th",
          heading.get(column),
          style.isEmpty()
              ? new String[] {"scope", "col"}
              : new String[] {"scope", "col", "class", style});
    }
    html.close("tr").close("thead").open("tbody");
    for (List<Cell> row : rows) {
      html.open("tr");
      row.get(0).write(html, "th", "scope", "row");
      row.subList(1, row.size()).forEach(cell -> cell.write(html, "td"));
      html.close("tr");
    }
    html.close("tbody").close("table").close("div").own("\n");
  }

  /** That of its cells, where they are all set alike. */
  private String style(int column) {
    List<String> styles =
        rows.stream().map(row -> row.get(column).style().split(" ", 2)[0]).distinct().toList();
    return column > 0 && styles.size() == 1 && !styles.get(0).equals(Cell.WRAPPED)
        ? styles.get(0)
        : "";
  }
}
