package io.tributary.core;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** The known name that an unknown one was probably meant to be. */
public final class Nearest {
  private Nearest() {}

  /**
   * The known name with the fewest edits (insert, delete, replace, swap of neighbours; case aside),
   * the first of equals; empty where even that one differs in more than a third of the longer name.
   */
  public static Optional<String> of(String unknown, Collection<String> known) {
    String best = null;
    int fewest = Integer.MAX_VALUE;
    for (String candidate : known) {
      int longer = Math.max(unknown.length(), candidate.length());
      if (Math.abs(unknown.length() - candidate.length()) > longer / 3) {
        // So many edits it takes at least.
        continue;
      }
      int edits = edits(unknown.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
      if (edits < fewest) {
        fewest = edits;
        best = candidate;
      }
    }
    return best != null && fewest <= Math.max(unknown.length(), best.length()) / 3
        ? Optional.of(best)
        : Optional.empty();
  }

  /** {@code " Did you mean "x"?"} with its leading blank, or nothing. */
  public static String hint(String unknown, Collection<String> known) {
    return of(unknown, known).map(name -> " Did you mean \"" + name + "\"?").orElse("");
  }

  private static int edits(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int replace = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        d[i][j] = Math.min(replace, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
