package io.tributary.registry.keeping;

import io.tributary.core.TableName;
import io.tributary.events.CommitLog;
import io.tributary.events.FileHistory;
import io.tributary.events.TableHistory;
import io.tributary.events.runs.LakeTables;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long a table keeps former files and its log by its own properties, which Delta goes by. */
public final class TableRetention {
  private static final String FILES = "delta.deletedFileRetentionDuration";
  private static final String LOG = "delta.logRetentionDuration";

  /** What Delta goes by where a table says nothing. */
  private static final Map<String, Duration> BY_DELTA =
      Map.of(FILES, Duration.ofDays(7), LOG, Duration.ofDays(30));

  /** What {@code tributary} gives the logs of its tables. */
  private static final Duration FOR_EVER = Duration.ofDays(36_500);

  private static final Pattern INTERVAL =
      Pattern.compile("(?:interval\\s+)?(\\d+)\\s+(week|day|hour|minute|second)s?");
  private static final Map<String, Duration> UNITS =
      Map.of(
          "week", Duration.ofDays(7),
          "day", Duration.ofDays(1),
          "hour", Duration.ofHours(1),
          "minute", Duration.ofMinutes(1),
          "second", Duration.ofSeconds(1));

  private TableRetention() {}

  /** How long former files stay; empty where the property is written in a way of its own. */
  public static Optional<Duration> ofFiles(TableHistory table) {
    return of(table, FILES);
  }

  /** Whether Delta forgets versions of a table within a life's time. */
  public static boolean forgets(TableHistory table) {
    return of(table, LOG).filter(kept -> kept.compareTo(FOR_EVER) >= 0).isEmpty();
  }

  private static Optional<Duration> of(TableHistory table, String property) {
    String written = table.properties().get(property);
    if (written == null) {
      return Optional.of(BY_DELTA.get(property));
    }
    Matcher matcher = INTERVAL.matcher(written.strip().toLowerCase(Locale.ROOT));
    return matcher.matches()
        ? Optional.of(UNITS.get(matcher.group(2)).multipliedBy(Long.parseLong(matcher.group(1))))
        : Optional.empty();
  }

  /**
   * What of versions that must stay readable a VACUUM by hand would remove now, and Delta's own
   * clean-up of the log with its next checkpoint; each as a sentence with what to do.
   *
   * @param lake on a local disk
   */
  public static List<String> broken(
      String lake, TableName name, TableHistory table, Collection<KeptVersion> kept, Instant now) {
    List<String> broken = new ArrayList<>();
    Path folder = LakeTables.local(LakeTables.path(lake, name)).orElseThrow();
    Optional<Instant> files = of(table, FILES).map(now::minus);
    if (files.isPresent()) {
      FileHistory history = CommitLog.open(folder.toString()).fileHistory().orElseThrow();
      Set<String> needed = new TreeSet<>();
      Set<String> by = new TreeSet<>();
      for (String file : history.spans().keySet()) {
        if (!history.isLive(file)
            && history.removedAt(file).filter(at -> at.isBefore(files.get())).isPresent()
            && Files.exists(folder.resolve(file))) {
          for (KeptVersion version : kept) {
            if (history.has(file, version.version().version())) {
              needed.add(file);
              by.add(version.by());
            }
          }
        }
      }
      if (!needed.isEmpty()) {
        broken.add(
            "a VACUUM of table %s by hand would remove %d files that are needed by %s. Clean by tributary clean, which leaves them; or keep them: %s"
                .formatted(name, needed.size(), String.join(", ", by), longer(folder, FILES)));
      }
    }
    Optional<Instant> log = of(table, LOG).map(now::minus);
    Set<String> by = new TreeSet<>();
    for (KeptVersion version : kept) {
      if (log.isPresent()
          && table
              .commit(version.version().version())
              .filter(commit -> commit.at().isBefore(log.get()))
              .isPresent()) {
        by.add(version.by());
      }
    }
    if (!by.isEmpty()) {
      broken.add(
          "Delta forgets versions of table %s with its next checkpoint that are needed by %s. Keep its log: %s"
              .formatted(name, String.join(", ", by), longer(folder, LOG)));
    }
    return broken;
  }

  private static String longer(Path folder, String property) {
    return "ALTER TABLE delta.`%s` SET TBLPROPERTIES ('%s' = 'interval 36500 days')"
        .formatted(folder, property);
  }
}
