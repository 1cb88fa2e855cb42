package io.tributary.events.definitions;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The difference of two definitions of one thing, in lines for people: by file, removed lines as
 * {@code -}, added ones as {@code +}. Things that they are made of are compared if their meaning
 * differs; description, owner, tags and status never are.
 */
final class MeaningDifference {
  private static final Set<String> IGNORED_KEYS = Set.of("description", "owner", "tags", "status");

  private final Function<Digest, Definition> formerOnes;
  private final Function<String, Optional<Definition>> presentOnes;
  private final List<String> lines = new ArrayList<>();
  private final Set<String> seen = new TreeSet<>();

  private MeaningDifference(
      Function<Digest, Definition> formerOnes, Function<String, Optional<Definition>> presentOnes) {
    this.formerOnes = formerOnes;
    this.presentOnes = presentOnes;
  }

  /**
   * @param formerOnes the definitions that {@code former} uses, by digest
   * @param presentOnes those that {@code present} uses, by reference
   */
  static List<String> lines(
      Definition former,
      Definition present,
      Function<Digest, Definition> formerOnes,
      Function<String, Optional<Definition>> presentOnes) {
    MeaningDifference difference = new MeaningDifference(formerOnes, presentOnes);
    difference.compare(former, present);
    if (difference.lines.isEmpty()) {
      difference.unwritten(former, present);
    }
    return difference.lines;
  }

  private void compare(Definition former, Definition present) {
    if (!seen.add(present.reference()) || former.meaning().equals(present.meaning())) {
      return;
    }
    List<String> changed = changed(significant(former.text()), significant(present.text()));
    if (!changed.isEmpty()) {
      lines.add("  " + present.file());
      changed.forEach(line -> lines.add("    " + line));
    }
    former
        .uses()
        .forEach(
            (reference, digest) ->
                presentOnes
                    .apply(reference)
                    .ifPresent(now -> compare(formerOnes.apply(digest), now)));
  }

  /** For equal texts whose computation differs: through Spark, or the class of an aggregate. */
  private void unwritten(Definition former, Definition present) {
    lines.add("  " + present.file() + " has the same text, but computes something else in:");
    Map<String, String> then = Definition.facts(former.meaning());
    Map<String, String> now = Definition.facts(present.meaning());
    Set<String> names = new TreeSet<>(then.keySet());
    names.addAll(now.keySet());
    names.removeIf(n -> Optional.ofNullable(then.get(n)).equals(Optional.ofNullable(now.get(n))));
    names.forEach(n -> lines.add("    " + n));
  }

  /** The lines of a text without the keys that don't affect its meaning. */
  private static List<String> significant(String text) {
    List<String> significant = new ArrayList<>();
    boolean kept = true;
    for (String line : text.lines().toList()) {
      if (!line.isEmpty() && !Character.isWhitespace(line.charAt(0)) && line.charAt(0) != '-') {
        kept = !IGNORED_KEYS.contains(line.split(":", 2)[0]);
      }
      if (kept) {
        significant.add(line);
      }
    }
    return significant;
  }

  /** The changed lines, by the longest common subsequence between the equal lines at both ends. */
  static List<String> changed(List<String> formerLines, List<String> presentLines) {
    int shorter = Math.min(formerLines.size(), presentLines.size());
    int head = 0;
    while (head < shorter && formerLines.get(head).equals(presentLines.get(head))) {
      head++;
    }
    int tail = 0;
    while (tail < shorter - head
        && fromEnd(formerLines, tail).equals(fromEnd(presentLines, tail))) {
      tail++;
    }
    List<String> former = formerLines.subList(head, formerLines.size() - tail);
    List<String> present = presentLines.subList(head, presentLines.size() - tail);
    int[][] common = new int[former.size() + 1][present.size() + 1];
    for (int i = former.size() - 1; i >= 0; i--) {
      for (int j = present.size() - 1; j >= 0; j--) {
        common[i][j] =
            former.get(i).equals(present.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    List<String> changed = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < former.size() || j < present.size()) {
      if (i < former.size() && j < present.size() && former.get(i).equals(present.get(j))) {
        i++;
        j++;
      } else if (j == present.size() || i < former.size() && common[i + 1][j] >= common[i][j + 1]) {
        changed.add("- " + former.get(i++));
      } else {
        changed.add("+ " + present.get(j++));
      }
    }
    return changed;
  }

  private static String fromEnd(List<String> lines, int index) {
    return lines.get(lines.size() - 1 - index);
  }
}
