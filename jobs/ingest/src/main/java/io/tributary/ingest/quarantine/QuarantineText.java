package io.tributary.ingest.quarantine;

import io.tributary.ingest.quarantine.Quarantine.Held;
import io.tributary.ingest.quarantine.Quarantine.HeldRow;
import io.tributary.ingest.quarantine.Quarantine.Released;
import io.tributary.ingest.quarantine.Quarantine.State;
import io.tributary.source.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What is in quarantine, and what a release did, as lines for a terminal. */
public final class QuarantineText {
  private static final int RAW = 160;

  private QuarantineText() {}

  public static List<String> of(Held held) {
    List<String> lines = new ArrayList<>();
    if (held.rows() == 0) {
      lines.add("No such row of " + held.source() + " is in quarantine.");
      return lines;
    }
    lines.add(
        "quarantine.%s: %s of %s"
            .formatted(
                held.source(),
                counted(held.rows(), "row", "rows"),
                counted(held.deliveries(), "delivery", "deliveries")));
    held.states().forEach((state, rows) -> lines.add("  %,10d  %s".formatted(rows, text(state))));
    lines.add("");
    int rule = "REASON".length();
    int column = "COLUMN".length();
    for (Quarantine.ReasonCount reason : held.reasons()) {
      rule = Math.max(rule, reason.rule().length());
      column = Math.max(column, reason.column().length());
    }
    String row = "%-" + rule + "s  %-" + column + "s  %10s";
    lines.add(row.formatted("REASON", "COLUMN", "ROWS"));
    for (Quarantine.ReasonCount reason : held.reasons()) {
      lines.add(row.formatted(reason.rule(), reason.column(), "%,d".formatted(reason.rows())));
    }
    for (HeldRow one : held.list()) {
      lines.add("");
      lines.add(
          "%s:%d  delivery %d  %s"
              .formatted(printable(one.file()), one.line(), one.delivery(), word(one.state())));
      for (Reason reason : one.reasons()) {
        lines.add(
            "    "
                + reason.rule()
                + (reason.column().isEmpty() ? "" : "(" + reason.column() + ")")
                + ": "
                + printable(reason.message()));
      }
      lines.add("    | " + shortened(printable(one.raw())));
    }
    lines.add("");
    if (held.list().size() < held.rows()) {
      lines.add(
          "These are %,d of %,d rows. All: --json. More: --limit N. Fewer: --delivery N, --reason RULE, --rows FILE:LINES."
              .formatted(held.list().size(), held.rows()));
    }
    if (held.states().containsKey(State.HELD)) {
      lines.add(
          "Release rows that are good as they are: tributary quarantine release "
              + held.source()
              + " --rows FILE:LINES --because TEXT");
    }
    return lines;
  }

  static List<String> of(Released released) {
    List<String> lines = new ArrayList<>();
    if (released.delivery().isPresent()) {
      lines.add(
          "Released %s of %s, as its delivery %d. The next ingest admits them: tributary ingest %s"
              .formatted(
                  counted(released.released(), "row", "rows"),
                  released.source(),
                  released.delivery().get(),
                  released.source()));
    } else {
      lines.add("Nothing to do: all that can be released has been.");
    }
    if (released.before() > 0) {
      lines.add(
          "%s had been released before, and will not enter twice."
              .formatted(counted(released.before(), "row", "rows")));
    }
    if (released.malformed() + released.unusable() > 0) {
      lines.add(
          "%s cannot be released (%,d malformed, %,d without key or time or with a failing expression). Mend the lines, and deliver the file again."
              .formatted(
                  counted(released.malformed() + released.unusable(), "row", "rows"),
                  released.malformed(),
                  released.unusable()));
    }
    if (!released.settled().isEmpty()) {
      lines.add(
          "Ingest no longer fails for the rejected delivery %s."
              .formatted(numbers(released.settled())));
    }
    if (!released.refused().isEmpty()) {
      lines.add(
          "Ingest still fails for the rejected delivery %s, of which other rows are held back by the rejection alone."
              .formatted(numbers(released.refused())));
    }
    return lines;
  }

  private static String text(State state) {
    return switch (state) {
      case HELD -> "held back by expectations or a rejection: can be released";
      case MALFORMED -> "malformed lines: mend them, and deliver the file again";
      case UNUSABLE ->
          "without key or time, sharing a key, or with a failing expression: mend them, and deliver the file again";
      case RELEASED -> "released: the next ingest admits them";
    };
  }

  private static String word(State state) {
    return switch (state) {
      case HELD -> "can be released";
      case MALFORMED -> "malformed";
      case UNUSABLE -> "unusable";
      case RELEASED -> "released, waits for ingest";
    };
  }

  private static String numbers(List<Long> deliveries) {
    return deliveries.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  private static String counted(long number, String one, String many) {
    return "%,d %s".formatted(number, number == 1 ? one : many);
  }

  private static String shortened(String text) {
    return text.codePointCount(0, text.length()) <= RAW
        ? text
        : text.substring(0, text.offsetByCodePoints(0, RAW)) + "…";
  }

  /** On one line, and without what would move a terminal's cursor. */
  private static String printable(String text) {
    StringBuilder printable = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              if (c == '\n') {
                printable.append("\\n");
              } else if (Character.isISOControl(c)) {
                printable.append("\\x%02X".formatted(c));
              } else {
                printable.appendCodePoint(c);
              }
            });
    return printable.toString();
  }
}
