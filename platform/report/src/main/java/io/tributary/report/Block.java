package io.tributary.report;

/** A part of a page, one below the other. */
public sealed interface Block permits Answers, Chart, Charts, Facts, Fold, Prose, Table, Tree {
  /** Appends it. */
  void write(Html html);
}
