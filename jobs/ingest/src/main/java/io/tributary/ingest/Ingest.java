package io.tributary.ingest;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.definition.Lookup;
import io.tributary.definition.SourceInput;
import io.tributary.events.facts.DeliveryVerdict;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.runs.RunRecord;
import io.tributary.ingest.gate.SourceSuite;
import io.tributary.ingest.ledger.DeliveryLedger;
import io.tributary.ingest.ledger.LedgerEntry;
import io.tributary.lake.Lake;
import io.tributary.runtime.JobRunner;
import io.tributary.source.rows.SourceRules;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The ingest of a project's sources: what is looked up before what looks it up, the rest side by
 * side.
 */
public final class Ingest {
  private static final int AT_ONCE = 3;

  private final CheckedProject project;
  private final Map<String, IngestJob> jobs = new TreeMap<>();

  /**
   * Prepares the ingest of all sources that read files.
   *
   * @throws PlatformException INVALID_DEFINITION when a suite is wrong or does not fit its source
   */
  public Ingest(CheckedProject project, Lake lake) {
    this(project, lake, Optional.empty());
  }

  /**
   * The same for an interval: of sources with an interval in their path, that interval's files.
   *
   * @throws PlatformException INVALID_DEFINITION when a suite is wrong or does not fit its source
   */
  public Ingest(CheckedProject project, Lake lake, Optional<Interval> interval) {
    this(project, lake, interval, InstantSource.system());
  }

  /** The same by a clock that says how old the files are. */
  Ingest(CheckedProject project, Lake lake, Optional<Interval> interval, InstantSource clock) {
    this.project = project;
    project
        .sources()
        .forEach(
            (name, source) -> {
              if (!source.definition().isQuery()) {
                jobs.put(name, new IngestJob(project, name, lake, interval, clock));
              }
            });
  }

  /** The sources that read files. */
  public Set<String> sources() {
    return java.util.Collections.unmodifiableSet(jobs.keySet());
  }

  /** The same for all sources. */
  public List<RunRecord> run(JobRunner runner) {
    return run(runner, jobs.keySet());
  }

  /**
   * Runs the ingest of some sources, and of the sources that they read or look up.
   *
   * @return a record each, in the order of the sources' names
   * @throws PlatformException before any has run, when a file that one names is not there; else
   *     what the first failing source threw, after the others are done; what looks up a source that
   *     failed does not run
   */
  public List<RunRecord> run(JobRunner runner, Collection<String> sources) {
    Set<String> wanted = new LinkedHashSet<>();
    sources.forEach(s -> require(s, wanted));
    wanted.forEach(s -> jobs.get(s).look());
    ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    try {
      Map<String, CompletableFuture<RunRecord>> runs = new LinkedHashMap<>();
      for (String source : wanted) {
        CompletableFuture<?>[] before =
            lookedUp(source).stream().map(runs::get).toArray(CompletableFuture[]::new);
        runs.put(
            source,
            CompletableFuture.allOf(before)
                .thenApplyAsync(done -> runner.run(jobs.get(source)), threads));
      }
      return results(runs);
    } finally {
      threads.shutdown();
    }
  }

  private static List<RunRecord> results(Map<String, CompletableFuture<RunRecord>> runs) {
    Map<String, RunRecord> records = new TreeMap<>();
    List<RuntimeException> failures = new ArrayList<>();
    runs.forEach(
        (source, run) -> {
          try {
            records.put(source, run.join());
          } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
              throw error;
            }
            // Spark throws what it does not declare.
            RuntimeException failure = e.getCause() instanceof RuntimeException cause ? cause : e;
            if (!failures.contains(failure)) {
              failures.add(failure);
            }
          }
        });
    if (!failures.isEmpty()) {
      RuntimeException first = failures.get(0);
      failures.subList(1, failures.size()).forEach(first::addSuppressed);
      throw first;
    }
    return new ArrayList<>(records.values());
  }

  /**
   * What to know of suites and ways of reading that were changed and have met no delivery since, a
   * line for each. No Spark.
   */
  public static List<String> changed(CheckedProject project, Lake lake) {
    DeliveryLedger ledger = new DeliveryLedger(lake.events(DeliveryLedger.LOG));
    List<String> lines = new ArrayList<>();
    project
        .sources()
        .forEach(
            (name, source) -> {
              if (!source.definition().isQuery()) {
                SourceRules rules = SourceRules.of(project, name);
                List<LedgerEntry> entries = ledger.entries(name);
                long next = entries.size() + 1L;
                LedgerEntry.last(entries, DeliveryVerdict::suite)
                    .filter(last -> !last.equals(SourceSuite.of(project, name).suite().digest()))
                    .ifPresent(last -> lines.add(newSuite(name, next)));
                LedgerEntry.last(entries, DeliveryVerdict::reading)
                    .filter(last -> !last.equals(rules.reading()))
                    .ifPresent(last -> lines.add(readOtherwise(name, next)));
              }
            });
    return lines;
  }

  /**
   * What has changed by the record of a run that judged deliveries of a source, a line for each.
   */
  public static List<String> changes(String source, IngestFacts.Judged judged) {
    List<String> lines = new ArrayList<>();
    judged.newSuiteFrom().ifPresent(from -> lines.add(newSuite(source, from)));
    judged.readOtherwiseFrom().ifPresent(from -> lines.add(readOtherwise(source, from)));
    return lines;
  }

  private static String newSuite(String source, long from) {
    return "source %s: its expectations have changed. They count from delivery %d on; what was admitted before stays as it is."
        .formatted(source, from);
  }

  private static String readOtherwise(String source, long from) {
    return "source %s: its files are read otherwise from delivery %d on, by another format, header, null marker, option or zone; what was delivered before stays as it was read."
        .formatted(source, from);
  }

  /** Adds a source behind those that it needs. */
  private void require(String source, Set<String> wanted) {
    if (project.source(source).definition().input() instanceof SourceInput.Query query) {
      require(query.source(), wanted);
      return;
    }
    for (String lookedUp : lookedUp(source)) {
      require(lookedUp, wanted);
    }
    wanted.add(source);
  }

  private List<String> lookedUp(String source) {
    return project.source(source).definition().lookup().stream().map(Lookup::source).toList();
  }
}
