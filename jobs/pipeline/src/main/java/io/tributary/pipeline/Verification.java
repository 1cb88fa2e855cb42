package io.tributary.pipeline;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The links of some predictions' provenance, each derived again.
 *
 * @param predictions how many ids were asked for
 * @param answers their rows, in force or superseded
 * @param proven how many links of each kind came out as recorded
 * @param broken the others
 */
record Verification(long predictions, long answers, Map<Kind, Long> proven, List<Broken> broken) {
  /** What a link leads to. */
  enum Kind {
    /** From a row to what asked for it, at which as-of and in which role, and to its scoring. */
    ROW,
    /** From a row to the inputs that an engine run at its run's pins gives. */
    INPUTS,
    /** From inputs to what the artefact makes of them: score, decision and flags. */
    SCORE,
    /** From a version to the bytes of its artefact. */
    ARTEFACT,
    /** From a version to the rows of its training set, built again. */
    TRAINING_SET,
    /** From definitions to what this build takes them to mean. */
    DEFINITION,
    /** From the rows of a table to what was delivered. */
    TABLE,
    /** From a delivery to the bytes of its file. */
    FILE
  }

  /**
   * A link that did not come out as recorded.
   *
   * @param name what it is about: a prediction's id, a version, a file
   * @param found as a clause
   * @param act who must act, and how
   */
  record Broken(Kind kind, String name, String found, String act) {
    /** The same where what it is derived from is broken too: then the row may be the right one. */
    private Broken after() {
      return new Broken(
          kind, name, found, "Mend the tables and definitions named here first, then verify again");
    }

    @Override
    public String toString() {
      return "%s %s: %s. %s.".formatted(text(kind), name, found, act);
    }
  }

  Verification {
    proven = Collections.unmodifiableMap(new TreeMap<>(proven));
    broken = List.copyOf(broken);
  }

  static String text(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** Gathers links; each that is shared by several predictions once. */
  static final class Links {
    private final Map<Kind, Long> proven = new TreeMap<>();
    private final List<Broken> broken = new ArrayList<>();

    void proven(Kind kind) {
      proven.merge(kind, 1L, Long::sum);
    }

    void broken(Kind kind, String name, String found, String act) {
      broken.add(new Broken(kind, name, found, act));
    }

    Verification of(long predictions, long answers) {
      boolean behind =
          broken.stream().anyMatch(b -> b.kind() == Kind.TABLE || b.kind() == Kind.DEFINITION);
      return new Verification(
          predictions,
          answers,
          proven,
          broken.stream()
              .map(b -> behind && b.act().equals(Verifier.RESTORE_SCORES) ? b.after() : b)
              .toList());
    }
  }
}
