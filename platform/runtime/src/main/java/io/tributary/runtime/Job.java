package io.tributary.runtime;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.TableName;
import io.tributary.events.runs.CompletedRun;
import io.tributary.lake.Lake;
import java.util.List;
import java.util.Optional;

/**
 * A step of the platform over parameters that identify its work. It says cheaply what decides its
 * result, so that {@link JobRunner} can tell whether there is anything to do; {@link #run} does it.
 *
 * <p>A job writes its tables in a fixed order, each by one commit with the attempt's facts, the
 * {@link #commitPoint()} last.
 */
public interface Job {
  JobKey key();

  /**
   * What it works on alone: of all jobs with this key one runs at a time, and others end with
   * {@code CONFLICT}. In a lake that has locks.
   */
  default JobKey lockKey() {
    return key();
  }

  /**
   * What it reads, at the versions that are there now. Called before the work and without an
   * engine: from the tables' logs alone. An input that is missing is a {@code NOT_FOUND} error that
   * names the step which makes it.
   */
  List<Pin> inputs();

  /**
   * The digest of all that decides the result beside the inputs: definitions, files that are not
   * yet in a table, the version of the code where its results depend on it.
   */
  Digest definition();

  /**
   * Each thing that it uses, and what those are made of, as the project defines them. They are kept
   * before it is run, and its commits name them.
   */
  default List<Definition> definitions() {
    return List.of();
  }

  /**
   * The table whose commit completes the work; empty for a job whose work is complete elsewhere,
   * which overrides {@link #recorded}.
   */
  default Optional<TableName> commitPoint() {
    return Optional.empty();
  }

  /**
   * What the newest complete run of this key left: from the newest commit of the {@link
   * #commitPoint()} that says so. No Spark. For work that is complete elsewhere it says all that
   * the run's record needs, what it wrote beside tables too: the record of a run that died before
   * it could append one is made of it.
   */
  default Optional<CompletedRun> recorded(Lake lake) {
    return commitPoint().flatMap(table -> lake.table(table).recorded(key()));
  }

  /** Does the work. */
  void run(Attempt attempt);
}
