package io.tributary.console;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A text table: rows under a heading, columns padded, numbers right-aligned. */
final class TextTable {
  private static final Pattern NUMBER = Pattern.compile("-?[0-9][0-9,.]*%?|");

  private final List<List<String>> rows = new ArrayList<>();

  TextTable(String... heading) {
    rows.add(List.of(heading));
  }

  TextTable add(Object... cells) {
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
        numbers[c] = numbers[c] && (r == 0 || NUMBER.matcher(cell).matches());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < widths.length; c++) {
        String gap = " ".repeat(widths[c] - row.get(c).length());
        line.append(numbers[c] ? gap + row.get(c) : row.get(c) + gap).append("  ");
      }
      text.append(line.toString().stripTrailing()).append(System.lineSeparator());
    }
    out.print(text);
    out.flush();
  }
}
