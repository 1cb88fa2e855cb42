package io.tributary.ingest.csv;

import io.tributary.core.ErrorCode;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Compares a file's columns with a contract's: these, in this order, and no others. */
final class HeaderContract {
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
      why.add("it lacks " + String.join(", ", missing));
    }
    if (!extra.isEmpty()) {
      List<String> named = new ArrayList<>();
      for (String name : extra) {
        String shown = name.isEmpty() ? "a column without name" : name;
        named.add(shown + Nearest.of(name, missing).map(n -> " (is " + n + " meant?)").orElse(""));
      }
      why.add("it has " + String.join(", ", named) + ", which the contract does not");
    }
    Set<String> seen = new LinkedHashSet<>();
    List<String> twice = file.stream().filter(n -> !seen.add(n)).distinct().toList();
    if (!twice.isEmpty()) {
      why.add("it has " + String.join(", ", twice) + " more than once");
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
              + file.get(first)
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
            + String.join(", ", file)
            + "], the contract ["
            + String.join(", ", contract)
            + "]. Deliver the contract's columns, or correct them in the source.");
  }
}
