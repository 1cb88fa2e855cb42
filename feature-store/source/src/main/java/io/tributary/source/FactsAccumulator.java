package io.tributary.source;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.util.AccumulatorV2;

/**
 * Gathers what tasks saw of files, with their malformed lines as long as all that are kept are not
 * too many for one process: those of further files are read again.
 */
final class FactsAccumulator extends AccumulatorV2<FileFacts, List<FileFacts>> {
  private static final long serialVersionUID = 1L;

  /** Characters of malformed lines of all files. */
  static final long MOST_KEPT = 16L << 20;

  private final List<FileFacts> facts = new ArrayList<>();
  private long kept;

  @Override
  public synchronized boolean isZero() {
    return facts.isEmpty();
  }

  @Override
  public synchronized AccumulatorV2<FileFacts, List<FileFacts>> copy() {
    FactsAccumulator copy = new FactsAccumulator();
    facts.forEach(copy::add);
    return copy;
  }

  @Override
  public synchronized void reset() {
    facts.clear();
    kept = 0;
  }

  @Override
  public synchronized void add(FileFacts of) {
    long with = kept + of.keptCharacters();
    facts.add(with > MOST_KEPT ? of.withoutLines() : of);
    kept = with > MOST_KEPT ? kept : with;
  }

  @Override
  public void merge(AccumulatorV2<FileFacts, List<FileFacts>> other) {
    other.value().forEach(this::add);
  }

  /** By path and offset, so that what was read twice counts once. */
  Map<String, FileFacts> seen() {
    Map<String, FileFacts> seen = new TreeMap<>();
    value().forEach(f -> seen.put(key(f.path(), f.offset()), f));
    return seen;
  }

  static String key(String path, long offset) {
    return path + "\n" + offset;
  }

  @Override
  public synchronized List<FileFacts> value() {
    return List.copyOf(facts);
  }
}
