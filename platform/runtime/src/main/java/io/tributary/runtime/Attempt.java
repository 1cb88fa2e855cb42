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

/**
 * One attempt at a job, as the job sees it while it works: who it is, what it read, and where its
 * facts go. Safe for threads.
 *
 * <p>What is said and noted goes into every later commit of the attempt and into its run record, so
 * that the record can be derived again from the commit point alone.
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

  /** What {@link Job#definitions()} are kept under, by kind and name. */
  Map<String, Digest> definitions();

  Progress progress();

  /**
   * Says what the attempt has done so far, in the platform's own jobs; what is said last counts.
   */
  void did(RunFacts facts);

  /** Notes a fact of a user's own job; the key in kebab-case, the value one that JSON can say. */
  void note(String key, Object value);

  /** Notes something other than a table that the attempt reads: a file, a model. */
  void reads(LineageNode node);

  /** Notes something other than a table that the attempt writes: a model, an online store. */
  void writes(LineageNode node);

  /** Says what the attempt has used that only the job can measure; parts add up. */
  void used(Resources part);

  /** Facts for a commit before the commit point: what has been said and noted so far. */
  CommitFacts facts();

  /** The same for a commit that says something of its own in place of what was said so far. */
  CommitFacts facts(RunFacts own);

  /** Facts for the commit that completes the work: what has been said and noted so far. */
  CommitFacts commitPoint();
}
