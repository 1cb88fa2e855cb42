package io.tributary.lake;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.RunId;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.LineageNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * One attempt at a job, as the job sees it while it works: who it is, what it read, and where its
 * facts go. Safe for threads.
 *
 * <p>What is noted goes into every later commit of the attempt and into its run record, so that the
 * record can be derived again from the commit point alone.
 */
public interface Attempt {
  RunId run();

  JobKey key();

  /** The number of the attempt at this key, from 1. */
  int number();

  Instant started();

  Lake lake();

  /** What {@link Job#inputs()} said. */
  List<Pin> inputs();

  Digest fingerprint();

  Environment environment();

  Progress progress();

  /** Notes a fact; the key in kebab-case, the value one that JSON can say. */
  void note(String key, Object value);

  /** Notes something other than a table that the attempt reads: a file, a model. */
  void reads(LineageNode node);

  /** Notes something other than a table that the attempt writes: a model, an online store. */
  void writes(LineageNode node);

  /** Facts for a commit before the commit point: what has been noted so far, and {@code more}. */
  CommitFacts facts(Map<String, Object> more);

  /** Facts for the commit that completes the work: what has been noted so far, and {@code more}. */
  CommitFacts commitPoint(Map<String, Object> more);
}
