package io.tributary.ingest.csv;

import io.tributary.core.ErrorCode;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Compares a file's columns with a contract's: these, in this order, and no others. */
final class HeaderContract {
  private static final int MOST_COLUMNS = 40;
  private static final int MOST_CHARACTERS = 60;

  private HeaderContract() {}

  static void check(String source, String path, List<String> file, List<String> contract) {
    if (file.equals(contract)) {
      return;
    }
    Set<String> missing = new LinkedHashSet<>(contract);
    file.forEach(missing::remove);
    Set<String> extra = new LinkedHashSet<>(file);
    contract.forEach(extra::remove);
    List<String> why = new ArrayList<>();
    if (!missing.isEmpty()) {
      why.add("it lacks " + shown(missing));
    }
    if (!extra.isEmpty()) {
      List<String> named = new ArrayList<>();
      for (String name : extra) {
        String shown = name.isEmpty() ? "a column without name" : shown(name);
        named.add(shown + Nearest.of(name, missing).map(n -> " (is " + n + " meant?)").orElse(""));
      }
      why.add("it has " + few(named) + ", which the contract does not");
    }
    Set<String> seen = new LinkedHashSet<>();
    List<String> twice = file.stream().filter(n -> !seen.add(n)).distinct().toList();
    if (!twice.isEmpty()) {
      why.add("it has " + shown(twice) + " more than once");
    }
    if (why.isEmpty()) {
      int first = 0;
      while (file.get(first).equals(contract.get(first))) {
        first++;
      }
      why.add(
          "its columns stand in another order: column "
              + (first + 1)
              + " is "
              + shown(file.get(first))
              + ", not "
              + contract.get(first));
    }
    throw new PlatformException(
        ErrorCode.CONTRACT_BROKEN,
        "Cannot load file "
            + path
            + " of source "
            + source
            + ": "
            + String.join("; ", why)
            + ". The file has ["
            + shown(file)
            + "], the contract ["
            + shown(contract)
            + "]. Deliver the contract's columns, or correct them in the source.");
  }

  private static String shown(Collection<String> names) {
    return few(names.stream().map(HeaderContract::shown).toList());
  }

  private static String few(List<String> names) {
    return names.size() <= MOST_COLUMNS
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, MOST_COLUMNS))
            + " and "
            + (names.size() - MOST_COLUMNS)
            + " more";
  }

  /**
   * A name that a terminal can show: a file that is no table has any bytes where its header should
   * be.
   */
  private static String shown(String name) {
    StringBuilder shown = new StringBuilder();
    name.codePoints()
        .limit(MOST_CHARACTERS)
        .forEach(
            c -> {
              if (Character.isISOControl(c)) {
                shown.append("\\x%02X".formatted(c));
              } else {
                shown.appendCodePoint(c);
              }
            });
    return name.codePointCount(0, name.length()) > MOST_CHARACTERS ? shown + "…" : shown.toString();
  }
}
