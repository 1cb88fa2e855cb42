package io.tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Principal;
import io.tributary.core.TableName;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.testing.JavaProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes with and without Spark append to one table on a local disk at the same time; some are
 * killed in the middle.
 */
class ITMixedWriters {
  private static final TableName TABLE = TableName.of("platform", "shared");
  private static final String KERNEL = "kernel";
  private static final String SPARK = "spark";
  private static final int NEVER = Integer.MAX_VALUE;

  @TempDir Path folder;

  /** How a process writes, and after how many acknowledged appends it is killed. */
  private record Writer(String kind, int killedAfter) {}

  @Test
  void threeProcessesOfWhichOneIsKilledLoseNothing() throws Exception {
    appendAtOnce(
        12, List.of(new Writer(KERNEL, NEVER), new Writer(KERNEL, 5), new Writer(SPARK, NEVER)));
  }

  @Test
  @Tag("long")
  void eightProcessesOfWhichFourAreKilledLoseNothing() throws Exception {
    appendAtOnce(
        40,
        List.of(
            new Writer(KERNEL, NEVER),
            new Writer(KERNEL, NEVER),
            new Writer(KERNEL, 17),
            new Writer(KERNEL, 30),
            new Writer(SPARK, NEVER),
            new Writer(SPARK, NEVER),
            new Writer(SPARK, 9),
            new Writer(SPARK, 23)));
  }

  /** Every acknowledged row is there once; one that was not acknowledged is there once or never. */
  private void appendAtOnce(int count, List<Writer> writers) throws Exception {
    Lake lake = LakeKit.lake(folder);
    EventLog.open(lake.path(TABLE)).append(List.of(event("first")));
    List<String> acknowledged = acknowledged(count, writers);

    Dataset<Row> rows = lake.table(TABLE).read(lake.table(TABLE).requireVersion());
    Map<String, Integer> stored = new TreeMap<>();
    rows.select("id").collectAsList().forEach(r -> stored.merge(r.getString(0), 1, Integer::sum));
    assertThat(stored.values()).containsOnly(1);
    assertThat(stored.keySet()).containsAll(acknowledged);
    assertThat(acknowledged)
        .hasSizeGreaterThanOrEqualTo(
            writers.stream().mapToInt(w -> Math.min(w.killedAfter(), count)).sum());
    int killed = (int) writers.stream().filter(w -> w.killedAfter() < count).count();
    assertThat(stored.size()).isBetween(acknowledged.size() + 1, acknowledged.size() + 1 + killed);
    assertThat(EventLog.open(lake.path(TABLE)).read().events())
        .extracting(Event::id)
        .containsExactlyInAnyOrderElementsOf(stored.keySet());
    assertThat(lake.table(TABLE).requireVersion().version()).isGreaterThan(stored.size() - 1L);
  }

  private List<String> acknowledged(int count, List<Writer> writers) throws Exception {
    List<ProcessBuilder> processes = new ArrayList<>();
    for (int i = 0; i < writers.size(); i++) {
      processes.add(process(writers.get(i).kind(), "p" + i, count));
    }
    return JavaProcess.race(processes, writers.stream().map(Writer::killedAfter).toList()).stream()
        .flatMap(List::stream)
        .toList();
  }

  private ProcessBuilder process(String kind, String name, int count) {
    return JavaProcess.of(
        List.of(kind.equals(SPARK) ? "-Xmx700m" : "-Xmx256m", "-Dspark.master=local[1]"),
        Appending.class.getName(),
        kind,
        folder.toString(),
        name,
        "" + count);
  }

  private static Event event(String id) {
    return new Event(id, LakeKit.NOON, "ran", "s", Principal.osUser("a"), "", "{}");
  }

  /** {@code KIND LAKE NAME COUNT}: says {@code ready}, waits for a line, says each id it stored. */
  static final class Appending {
    private Appending() {}

    public static void main(String[] args) throws IOException {
      int count = Integer.parseInt(args[3]);
      try (Lake lake = Lake.open(args[1])) {
        EventLog log = EventLog.open(lake.path(TABLE));
        boolean withSpark = args[0].equals(SPARK);
        if (withSpark) {
          lake.table(TABLE).read(lake.table(TABLE).requireVersion()).count();
        }
        say("ready");
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        for (int i = 0; i < count; i++) {
          String id = args[2] + "-" + i;
          if (withSpark) {
            lake.table(TABLE).append(row(lake, id), LakeKit.facts(id, true));
          } else {
            log.append(List.of(event(id)));
          }
          say(id);
        }
      }
    }

    private static Dataset<Row> row(Lake lake, String id) {
      return lake.spark()
          .sql(
              """
              select timestamp_micros(%d) as at, 'ran' as kind, 's' as subject, '%s' as id,
                'a' as principal, 'os-user' as established_by, '' as run,
                1 as format, 1 as needs, '{}' as body,
                cast(null as string) as _slot, cast(null as bigint) as _generation,
                cast(null as string) as _previous, cast(null as bigint) as _commit
              """
                  .formatted(LakeKit.NOON.toEpochMilli() * 1_000, id));
    }

    private static void say(String line) {
      System.out.println(line);
      System.out.flush();
    }
  }
}
