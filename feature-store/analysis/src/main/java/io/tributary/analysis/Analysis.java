package io.tributary.analysis;

import io.tributary.definition.Problems;
import io.tributary.definition.Project;
import io.tributary.definition.SourceLocation;
import io.tributary.expression.KeptExpressions;

/**
 * One analysis of a project: what is wrong with it, and the texts that its digests are of; beside
 * what earlier ones found.
 */
record Analysis(Project project, Problems problems, CanonicalForms forms, KeptExpressions kept) {
  /**
   * @param thing kind and name, {@code view carrier_history@1}
   * @param why what is wrong and what to do
   */
  void problem(String thing, SourceLocation at, String why) {
    problems.add(thing, at, why);
  }
}
