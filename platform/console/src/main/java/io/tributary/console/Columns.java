package io.tributary.console;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows of text under a heading, padded so that their columns stand under each other; numbers to the
 * right.
 */
final class Columns {
  private final List<List<String>> rows = new ArrayList<>();

  Columns(String... heading) {
    rows.add(List.of(heading));
  }

  Columns add(Object... cells) {
    List<String> row = new ArrayList<>();
    for (Object cell : cells) {
      row.add(String.valueOf(cell));
    }
    rows.add(row);
    return this;
  }

  void print(PrintWriter out) {
    int[] widths = new int[rows.get(0).size()];
    boolean[] numbers = new boolean[widths.length];
    java.util.Arrays.fill(numbers, rows.size() > 1);
    for (int r = 0; r < rows.size(); r++) {
      for (int c = 0; c < widths.length; c++) {
        String cell = rows.get(r).get(c);
        widths[c] = Math.max(widths[c], cell.length());
        numbers[c] &= r == 0 || cell.matches("-?[0-9][0-9,.]*%?|");
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < widths.length; c++) {
        String gap = " ".repeat(widths[c] - row.get(c).length());
        line.append(numbers[c] ? gap + row.get(c) : row.get(c) + gap).append("  ");
      }
      out.println(line.toString().stripTrailing());
    }
    out.flush();
  }
}
