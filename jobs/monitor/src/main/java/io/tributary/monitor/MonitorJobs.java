package io.tributary.monitor;

import io.tributary.core.Interval;
import io.tributary.core.TableName;
import io.tributary.definition.Monitor;
import io.tributary.lake.Lake;
import io.tributary.offline.FeatureStore;
import io.tributary.runtime.Fingerprint;
import io.tributary.runtime.Job;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The jobs of a project's monitors. */
public final class MonitorJobs {
  private MonitorJobs() {}

  /**
   * The job that judges an interval, followed by those of other intervals that were judged without
   * this one's present scores, or of its window's days without labels that have come since:
   * intervals may be run in any order, and scored again.
   */
  public static List<Job> of(FeatureStore store, Monitor monitor, Interval interval) {
    Lake lake = store.lake();
    List<Job> jobs = new ArrayList<>();
    jobs.add(new MonitorJob(store, monitor, interval));
    lake.table(TableName.of("monitor", monitor.name())).commits().stream()
        .flatMap(c -> c.facts().stream())
        .flatMap(f -> f.key().interval().stream())
        .distinct()
        .filter(judged -> !judged.equals(interval))
        .sorted(Comparator.comparing(Interval::from))
        .map(judged -> new MonitorJob(store, monitor, judged))
        .filter(
            job ->
                job.judges(interval) && isStale(lake, job)
                    || job.isInWindowOf(interval) && job.lacksLabels())
        .forEach(jobs::add);
    return jobs;
  }

  private static boolean isStale(Lake lake, MonitorJob job) {
    return job.recorded(lake)
        .filter(r -> r.fingerprint().equals(Fingerprint.of(lake, job.definition(), job.inputs())))
        .isEmpty();
  }
}
