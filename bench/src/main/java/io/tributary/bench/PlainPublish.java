package io.tributary.bench;

import io.tributary.bench.PlainRows.Stored;
import io.tributary.core.Json;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The least that publishing costs: to load the same bytes, read them back, and compare them. */
public final class PlainPublish {
  private PlainPublish() {}

  /** FROM TO EACH: the store that has the rows, the one that gets them, and of how many one. */
  public static void main(String[] args) throws IOException {
    List<Stored> rows = PlainRows.read(args[0], Integer.parseInt(args[2]));
    try (PlainStore store = PlainStore.at(args[1])) {
      long start = System.nanoTime();
      long cpu = cpuNanos();
      store.load(rows);
      List<Stored> found = store.readBack();
      found.sort(Comparator.comparing(Stored::key, Arrays::compareUnsigned));
      boolean same = rows.size() == found.size();
      for (int i = 0; same && i < rows.size(); i++) {
        same =
            Arrays.equals(rows.get(i).key(), found.get(i).key())
                && Arrays.equals(rows.get(i).row(), found.get(i).row());
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      if (!same) {
        throw new IllegalStateException("What was read back is not what was loaded.");
      }
      System.out.println(
          Json.write(
              Map.of(
                  "seconds",
                  seconds,
                  "cpu_seconds",
                  (cpuNanos() - cpu) / 1e9,
                  "rows",
                  rows.size(),
                  "bytes",
                  rows.stream().mapToLong(r -> r.key().length + r.row().length).sum())));
    }
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }
}
