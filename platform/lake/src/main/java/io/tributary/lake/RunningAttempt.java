package io.tributary.lake;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.RunId;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.LineageEvent;
import io.tributary.events.runs.LineageNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** An attempt that {@link JobRunner} has begun. */
record RunningAttempt(
    RunId run,
    JobKey key,
    int number,
    Instant started,
    Lake lake,
    List<Pin> inputs,
    Digest fingerprint,
    Environment environment,
    Progress progress,
    Map<String, Object> noted)
    implements Attempt {
  @Override
  public void note(String fact, Object value) {
    synchronized (noted) {
      noted.put(fact, value);
    }
  }

  @Override
  public void reads(LineageNode node) {
    add(LineageEvent.READS, node);
  }

  @Override
  public void writes(LineageNode node) {
    add(LineageEvent.WRITES, node);
  }

  private void add(String fact, LineageNode node) {
    synchronized (noted) {
      List<Object> nodes = new ArrayList<>();
      if (noted.get(fact) instanceof List<?> before) {
        nodes.addAll(before);
      }
      if (!nodes.contains(node.toString())) {
        nodes.add(node.toString());
      }
      noted.put(fact, List.copyOf(nodes));
    }
  }

  /** What was noted so far, and {@code more} over it. */
  Map<String, Object> noted(Map<String, Object> more) {
    synchronized (noted) {
      Map<String, Object> all = new TreeMap<>(noted);
      all.putAll(more);
      return all;
    }
  }

  @Override
  public CommitFacts facts(Map<String, Object> more) {
    return commit(more, false);
  }

  @Override
  public CommitFacts commitPoint(Map<String, Object> more) {
    return commit(more, true);
  }

  private CommitFacts commit(Map<String, Object> more, boolean commitPoint) {
    return new CommitFacts(
        run,
        key,
        number,
        started,
        inputs,
        fingerprint,
        noted(more),
        lake.written(run),
        environment,
        commitPoint);
  }
}
