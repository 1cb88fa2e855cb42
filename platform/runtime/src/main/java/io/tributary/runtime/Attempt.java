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
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One attempt at a job, as the running job sees it: its identity, its inputs, and where its facts
 * go. Thread-safe.
 *
 * <p>What is recorded here goes into every later commit of the attempt and into its run record, so
 * that the record can be rebuilt from the commit point alone.
 */
public interface Attempt {
  RunId run();

  JobKey key();

  /** The number of the attempt at this key, from 1. */
  int number();

  Instant started();

  Lake lake();

  /** What {@link Job#inputs()} returned. */
  List<Pin> inputs();

  Digest fingerprint();

  Environment environment();

  /** The digests under which {@link Job#definitions()} are stored, by kind and name. */
  Map<String, Digest> definitions();

  Progress progress();

  /**
   * Reports what the attempt has done so far, in the platform's own jobs; the last report counts.
   */
  void report(RunFacts facts);

  /**
   * Records a fact of a user's own job; the key is kebab-case, the value one that JSON can hold.
   */
  void note(String key, Object value);

  /** Records an input that is not a table: a file, a model. */
  void reads(LineageNode node);

  /** Records an output that is not a table: a model, an online store. */
  void writes(LineageNode node);

  /** Adds resources that only the job can measure; parts add up. */
  void used(Resources part);

  /**
   * Notes what computes the rows, and says so where that had to be Spark.
   *
   * @param runner {@code local} or {@code spark}
   * @param why why it had to
   */
  default void computedBy(String runner, Optional<String> why) {
    used(Resources.ofRunner(runner));
    why.ifPresent(reason -> progress().say("%s: by Spark: %s".formatted(key(), reason)));
  }

  /** Facts for a commit before the commit point: all that is recorded so far. */
  CommitFacts facts();

  /** The same for a commit with a report of its own in place of the last one. */
  CommitFacts facts(RunFacts own);

  /** Facts for the commit that completes the work: all that is recorded so far. */
  CommitFacts commitPoint();
}
