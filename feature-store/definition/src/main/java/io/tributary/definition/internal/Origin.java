package io.tributary.definition.internal;

import io.tributary.definition.Problems;
import io.tributary.definition.SourceLocation;
import java.time.ZoneId;
import java.util.Optional;

/**
 * What the values of one file share: the file, the thing that it defines, the zone of its times,
 * the variables that may stand in it, the links to other files, and where problems go.
 */
final class Origin {
  private final String file;
  private final Problems problems;
  private final Links links;
  private final Optional<Variables> variables;
  private String thing;
  private ZoneId zone;

  Origin(
      String file,
      String thing,
      ZoneId zone,
      Problems problems,
      Links links,
      Optional<Variables> variables) {
    this.file = file;
    this.thing = thing;
    this.zone = zone;
    this.problems = problems;
    this.links = links;
    this.variables = variables;
  }

  String file() {
    return file;
  }

  String thing() {
    return thing;
  }

  ZoneId zone() {
    return zone;
  }

  Links links() {
    return links;
  }

  Optional<Variables> variables() {
    return variables;
  }

  SourceLocation location(int line) {
    return new SourceLocation(file, line);
  }

  /** From now on problems name this thing, {@code view carrier_history@1}. */
  void named(String name) {
    this.thing = name;
  }

  void in(ZoneId newZone) {
    this.zone = newZone;
  }

  void problem(int line, String why) {
    problems.add(thing, location(line), why);
  }
}
