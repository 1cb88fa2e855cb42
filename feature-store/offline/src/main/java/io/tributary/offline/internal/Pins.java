package io.tributary.offline.internal;

import io.tributary.core.ErrorCode;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.expression.CheckedProject;
import io.tributary.lake.Commit;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** Pins of validated tables as they are now. */
public final class Pins {
  /** The fact in a validated table's commits that says which delivery is the last in it. */
  public static final String DELIVERIES = "deliveries";

  private Pins() {}

  public static List<Pin> of(CheckedProject project, Lake lake, Collection<String> sources) {
    TreeSet<TableName> tables = new TreeSet<>();
    sources.forEach(source -> tables.add(Sources.table(project, source)));
    return tables.stream().map(table -> pin(lake.table(table))).toList();
  }

  private static Pin pin(LakeTable table) {
    if (table.version().isEmpty()) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot read source "
              + table.name().subject()
              + ": table "
              + table.name()
              + " is not there. Run ingest first.");
    }
    List<Commit> commits = table.commits();
    for (int i = commits.size() - 1; i >= 0; i--) {
      Object last = commits.get(i).facts().map(f -> f.facts().get(DELIVERIES)).orElse(null);
      if (last instanceof Number number) {
        return table.pin(number.longValue());
      }
    }
    throw new PlatformException(
        ErrorCode.CORRUPT,
        "Cannot pin table "
            + table.name()
            + ": no commit says which delivery is the last in it. Run ingest again.");
  }
}
