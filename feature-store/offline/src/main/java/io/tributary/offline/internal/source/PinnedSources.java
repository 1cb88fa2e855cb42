package io.tributary.offline.internal.source;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedSource;
import io.tributary.core.Pin;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Runner;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A project's sources as some pins name them. Safe for threads. */
public final class PinnedSources {
  private final Sources sources;
  private final List<Pin> pins;

  PinnedSources(Sources sources, List<Pin> pins) {
    this.sources = sources;
    this.pins = List.copyOf(pins);
  }

  public CheckedProject project() {
    return sources.project();
  }

  public List<Pin> pins() {
    return pins;
  }

  /** What brings rows of one key together. */
  public Runner runner() {
    return sources.runner();
  }

  /** All rows of a source, tombstones too, with these of its columns or more. */
  public PartitionedRows rows(String name, Collection<String> columns) {
    return sources.rows(name, columns, pins);
  }

  /**
   * All rows of a source with all its columns and, behind them, where each came from: {@link
   * Sources#PLACE}.
   *
   * @param ranking columns that must be computable for tombstones too
   */
  public PartitionedRows placed(String name, Collection<String> ranking) {
    return sources.placed(name, Set.copyOf(ranking), pins);
  }

  /**
   * The same, of one source some rows alone.
   *
   * @param some of {@link #placed}, with all versions of their events
   */
  public PinnedSources with(String source, PartitionedRows some) {
    return new PinnedSources(sources.with(source, some), pins);
  }

  /** The size of the files that some sources are read from. */
  public long bytes(Collection<String> names) {
    return sources.bytes(names, pins);
  }

  /** The same for reading one source, of it these rows alone where that saves reading. */
  public PinnedSources where(String source, Wanted wanted) {
    return new PinnedSources(sources.where(source, wanted), pins);
  }

  /** Why Spark must read a source, where these are read without it. */
  public Optional<String> leftToSpark(String source) {
    return sources.leftToSpark(source, List.of(), pins);
  }

  /** The same with where each row came from. */
  public Optional<String> placedLeftToSpark(String source) {
    return sources.leftToSpark(source, Sources.PLACE, pins);
  }

  /** The versions of a source's events with their valid periods: see {@link VersionRows}. */
  public PartitionedRows versions(CheckedSource source) {
    return versions(source, List.of(), true);
  }

  /**
   * The same as a view sees them.
   *
   * @param tieBreak columns that decide between versions of equal known time, after the sequence
   * @param knowledgeTime whether known time bounds what is visible; if not, each event has its last
   *     version alone
   */
  public PartitionedRows versions(
      CheckedSource source, List<String> tieBreak, boolean knowledgeTime) {
    return sources.versions(source, tieBreak, knowledgeTime, pins);
  }
}
