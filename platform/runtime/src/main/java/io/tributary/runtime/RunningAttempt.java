package io.tributary.runtime;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.RunId;
import io.tributary.events.facts.RunFacts;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.LineageNode;
import io.tributary.events.runs.Resources;
import io.tributary.lake.Lake;
import io.tributary.runtime.internal.DriverMeter;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** An attempt that {@link JobRunner} has begun. */
final class RunningAttempt implements Attempt {
  private final RunId run;
  private final JobKey key;
  private final int number;
  private final Instant started;
  private final Lake lake;
  private final List<Pin> inputs;
  private final Digest fingerprint;
  private final Environment environment;
  private final Map<String, Digest> definitions;
  private final Progress progress;
  private final Map<String, Object> notes = new TreeMap<>();
  private final Set<LineageNode> reads = new LinkedHashSet<>();
  private final Set<LineageNode> writes = new LinkedHashSet<>();
  private final DriverMeter meter = DriverMeter.begin();
  private Optional<RunFacts> did = Optional.empty();
  private Resources used = Resources.NONE;

  RunningAttempt(
      RunId run,
      JobKey key,
      int number,
      Instant started,
      Lake lake,
      List<Pin> inputs,
      Digest fingerprint,
      Environment environment,
      Map<String, Digest> definitions,
      Progress progress) {
    this.run = run;
    this.key = key;
    this.number = number;
    this.started = started;
    this.lake = lake;
    this.inputs = inputs;
    this.fingerprint = fingerprint;
    this.environment = environment;
    this.definitions = definitions;
    this.progress = progress;
  }

  @Override
  public RunId run() {
    return run;
  }

  @Override
  public JobKey key() {
    return key;
  }

  @Override
  public int number() {
    return number;
  }

  @Override
  public Instant started() {
    return started;
  }

  @Override
  public Lake lake() {
    return lake;
  }

  @Override
  public List<Pin> inputs() {
    return inputs;
  }

  @Override
  public Digest fingerprint() {
    return fingerprint;
  }

  @Override
  public Environment environment() {
    return environment;
  }

  @Override
  public Map<String, Digest> definitions() {
    return definitions;
  }

  @Override
  public Progress progress() {
    return progress;
  }

  @Override
  public synchronized void report(RunFacts facts) {
    did = Optional.of(facts);
  }

  @Override
  public synchronized void note(String fact, Object value) {
    notes.put(fact, value);
  }

  @Override
  public synchronized void reads(LineageNode node) {
    reads.add(node);
  }

  @Override
  public synchronized void writes(LineageNode node) {
    writes.add(node);
  }

  @Override
  public synchronized void used(Resources part) {
    used = used.plus(part);
  }

  synchronized Resources used() {
    return used;
  }

  DriverMeter meter() {
    return meter;
  }

  @Override
  public synchronized CommitFacts facts() {
    return commit(did, false);
  }

  @Override
  public synchronized CommitFacts facts(RunFacts own) {
    return commit(Optional.of(own), false);
  }

  @Override
  public synchronized CommitFacts commitPoint() {
    return commit(did, true);
  }

  private CommitFacts commit(Optional<RunFacts> facts, boolean commitPoint) {
    return new CommitFacts(
        run,
        key,
        number,
        started,
        inputs,
        fingerprint,
        facts,
        notes,
        List.copyOf(reads),
        List.copyOf(writes),
        definitions,
        lake.written(run),
        environment,
        commitPoint);
  }
}
