package io.tributary.analysis;

import io.tributary.core.Nearest;
import io.tributary.definition.SourceLocation;
import io.tributary.definition.ViewUse;
import io.tributary.expression.Scope;
import io.tributary.expression.Types;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;

/** Finds the columns of an asking row that a view is joined by, or that its request is made of. */
final class KeyMatch {
  private final Analysis analysis;
  private final String thing;
  private final SourceLocation location;
  private final ViewUse use;
  private final CheckedView view;

  KeyMatch(
      Analysis analysis, String thing, SourceLocation location, ViewUse use, CheckedView view) {
    this.analysis = analysis;
    this.thing = thing;
    this.location = location;
    this.use = use;
    this.view = view;
  }

  /**
   * The view's column → the asking row's, in the view's order; empty where one is missing or
   * differs.
   */
  Optional<Map<String, String>> check(Scope asking) {
    List<String> columns =
        view.definition().isOnDemand()
            ? List.copyOf(view.definition().request().keySet())
            : view.definition().entity();
    boolean good = true;
    for (String named : use.keys().keySet()) {
      if (!columns.contains(named)) {
        good = false;
        problem(
            "view " + use.view() + " has no key \"" + named + "\"." + Nearest.hint(named, columns));
      }
    }
    Map<String, String> keys = new LinkedHashMap<>();
    for (String column : columns) {
      Optional<StructField> found = find(column, asking);
      found.ifPresent(f -> keys.put(column, f.name()));
      good &= found.isPresent();
    }
    return good ? Optional.of(keys) : Optional.empty();
  }

  private Optional<StructField> find(String column, Scope asking) {
    String wanted = use.keys().getOrDefault(column, column);
    Optional<StructField> mine = asking.find(wanted);
    if (mine.isEmpty()) {
      if (!asking.broken().contains(Scope.key(wanted))) {
        String how =
            Nearest.of(wanted, asking.names())
                .map(near -> " Did you mean \"" + near + "\"?")
                .orElse(
                    " Say which one it is, as in keys: {"
                        + column
                        + ": "
                        + asking.names().stream().findFirst().orElse("column")
                        + "}.");
        problem(
            asking.owner()
                + " has no column \""
                + wanted
                + "\" for view "
                + use.view()
                + "."
                + how);
      }
      return Optional.empty();
    }
    StructField theirs = new Scope("", view.input()).find(column).orElseThrow();
    if (view.definition().isOnDemand()) {
      if (!isTheSame(mine.get().dataType(), theirs.dataType())) {
        problem(
            "column \""
                + wanted
                + "\" is "
                + Types.name(mine.get().dataType())
                + ", view "
                + use.view()
                + " asks for "
                + Types.name(theirs.dataType())
                + ". Make one like the other.");
        return Optional.empty();
      }
    } else if (!SourceChecker.comparable(mine.get(), theirs)) {
      problem(
          "key \""
              + wanted
              + "\" is "
              + Types.name(mine.get().dataType())
              + ", \""
              + column
              + "\" of view "
              + use.view()
              + " is "
              + Types.name(theirs.dataType())
              + ". Make them the same type, and none a floating-point number.");
      return Optional.empty();
    }
    return mine;
  }

  private void problem(String why) {
    analysis.problem(thing, location, why);
  }

  /**
   * Whether what a request says of a column is what training computes with. A float's digits, read
   * as a double, are another number than the float.
   */
  private static boolean isTheSame(DataType mine, DataType theirs) {
    return mine.equals(theirs)
        || Types.widens(mine, theirs) && !mine.catalogString().contains("float");
  }
}
