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
 * A step of the platform, with a key that identifies its work. It reports cheaply what decides its
 * result, from which {@link JobRunner} determines whether there is anything to do; {@link #run}
 * does it.
 *
 * <p>A job writes its tables in a fixed order, each by one commit with the attempt's facts, the
 * {@link #commitPoint()} last.
 */
public interface Job {
  JobKey key();

  /**
   * What it locks: one job with this key runs at a time, and others end with {@code CONFLICT}. Only
   * in a lake that has locks.
   */
  default JobKey lockKey() {
    return key();
  }

  /**
   * What it reads, at the current versions. Called before the work and without an engine: from the
   * tables' logs alone. A missing input is a {@code NOT_FOUND} error that names the step which
   * makes it.
   */
  List<Pin> inputs();

  /**
   * The digest of everything else that decides the result: definitions, files that are not yet in a
   * table, the version of the code where its results depend on it.
   */
  Digest definition();

  /**
   * Every definition that it uses, and those they are made of. They are stored before the job runs,
   * and its commits name them.
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
   * What the newest complete run of this key recorded, in the newest such commit to the {@link
   * #commitPoint()}. No Spark. For work that is complete elsewhere it holds all that the run's
   * record needs, outputs other than tables included: the record of a run that died before it could
   * append one is made from it.
   */
  default Optional<CompletedRun> recorded(Lake lake) {
    return commitPoint().flatMap(table -> lake.table(table).recorded(key()));
  }

  /** There is nothing to do: keeps what was learnt by looking, so that the next look is cheaper. */
  default void unchanged() {}

  /** Does the work. */
  void run(Attempt attempt);
}
