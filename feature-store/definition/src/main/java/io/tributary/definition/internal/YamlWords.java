package io.tributary.definition.internal;

import java.util.Locale;
import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/** A YAML parser's complaint in the words of somebody who writes definitions. */
final class YamlWords {
  private YamlWords() {}

  /** What is wrong and what to do, with the column. */
  static String explain(MarkedYamlEngineException e, String text) {
    Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
    String line = mark.map(m -> lineAt(text, m.getLine())).orElse("");
    String problem = String.valueOf(e.getProblem());
    String at = mark.map(m -> ", column " + (m.getColumn() + 1)).orElse("");
    return "bad YAML" + at + ": " + plain(problem, String.valueOf(e.getContext()), line);
  }

  private static String plain(String problem, String context, String line) {
    String p = problem.toLowerCase(Locale.ROOT);
    if (p.contains("\\t(tab)") || p.contains("'\t'") || line.stripTrailing().matches("\\s*\t.*")) {
      return "a tab. YAML is indented by blanks; replace the tab.";
    }
    if (p.contains("mapping values are not allowed")) {
      return "a second \": \" in one value, or a key indented more than the keys before it. Quote"
          + " the value or correct the indentation.";
    }
    if (p.contains("found character") && p.contains("cannot start any token")) {
      return "a value begins with a character that YAML keeps for itself. Quote the value.";
    }
    if (context.contains("while scanning a quoted scalar")) {
      return "a quote is never closed. Close it.";
    }
    if (line.matches("\\s*(-\\s+)?[^'\"]*:\\s+['\"].*")
        || p.contains("expected <block end>")
        || p.contains("expected the node content")) {
      return "a value goes on after its closing quote or bracket, or the indentation changes within"
          + " a block. Quote the whole value, or write an expression that begins with a quote or a"
          + " bracket below \"|\".";
    }
    if (p.contains("could not find expected ':'")) {
      return "a key without \": \" after it. Write \"key: value\".";
    }
    if (context.contains("flow mapping") || p.contains("',' or '}'")) {
      return "inside {} a comma or the closing } is missing. A value that holds a comma, a colon or"
          + " a bracket can't stand inside {}: write it on a line of its own.";
    }
    if (context.contains("flow sequence") || p.contains("',' or ']'")) {
      return "inside [] a comma or the closing ] is missing. A value that holds a comma or a bracket"
          + " can't stand inside []: write a list with one \"- item\" a line.";
    }
    if (p.contains("undefined alias") || context.contains("while scanning an alias")) {
      return "a value begins with *, which names an alias in YAML. Quote the value.";
    }
    if (context.contains("while scanning an anchor")) {
      return "a value begins with &, which names an anchor in YAML. Quote the value.";
    }
    if (context.contains("tag")) {
      return "a value begins with !, which names a tag in YAML. Quote the value.";
    }
    if (context.contains("block scalar")) {
      return "what follows | or > on its line is no part of the text. Begin the text on the next"
          + " line.";
    }
    return problem
        + (context.equals("null") || context.isEmpty() ? "" : " (" + context + ")")
        + ". Correct it.";
  }

  private static String lineAt(String text, int index) {
    return text.lines().skip(index).findFirst().orElse("");
  }
}
