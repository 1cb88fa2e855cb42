package io.tributary.definition;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A source: where its rows come from, the contract of their columns, and what their time and
 * identity are.
 *
 * @param columns the contract of what is read; empty for a query, whose columns are its own
 * @param ignoresOthers whether columns that the contract does not have are left out; else they
 *     break it
 * @param lookup static rows beside each row; visible to {@code derive}
 * @param derive computed columns, top to bottom
 * @param eventKey the columns that identify an event across its corrections; empty = each row is an
 *     event of its own. For a static source its key
 * @param refuseDuplicates whether a delivery is rejected when it brings an event in two rows of
 *     equal known time and other values; else such rows are counted
 * @param subjectKey the column that says whose data a row is
 * @param eventTime when the fact happened; empty only for a static source
 * @param knownTime the first instant at which this version could have been used; excludes {@code
 *     availabilityDelay}
 * @param availabilityDelay known time = event time, or the end of its day, + this; empty = not
 *     said, which counts as zero after the event time (for a query: as its source's known time)
 * @param tombstone true for a row that says its event is withdrawn
 * @param sequence the column by which versions of one event and of equal known time follow one
 *     another, the greatest last; it never ranks different events
 * @param zone decides what local times in files and expressions mean
 * @param expectations a Great Expectations suite in {@code expectations/}
 * @param expected by when rows of a night are there; empty = whenever
 * @param isStatic reference data without event time; its newest delivery is its content
 */
public record Source(
    String name,
    String description,
    String owner,
    SourceInput input,
    List<Column> columns,
    boolean ignoresOthers,
    List<Lookup> lookup,
    List<Derivation> derive,
    List<String> eventKey,
    boolean refuseDuplicates,
    Optional<String> subjectKey,
    Optional<SqlText> eventTime,
    Optional<SqlText> knownTime,
    Optional<AvailabilityDelay> availabilityDelay,
    Optional<SqlText> tombstone,
    Optional<String> sequence,
    ZoneId zone,
    Optional<String> expectations,
    Optional<ExpectedDelivery> expected,
    boolean isStatic,
    SourceLocation location) {
  public Source {
    columns = List.copyOf(columns);
    lookup = List.copyOf(lookup);
    derive = List.copyOf(derive);
    eventKey = List.copyOf(eventKey);
  }

  /**
   * One without a sequence, whose contract has all columns that may be there. It counts duplicates.
   */
  public Source(
      String name,
      String description,
      String owner,
      SourceInput input,
      List<Column> columns,
      List<Lookup> lookup,
      List<Derivation> derive,
      List<String> eventKey,
      Optional<SqlText> eventTime,
      Optional<SqlText> knownTime,
      Optional<AvailabilityDelay> availabilityDelay,
      Optional<SqlText> tombstone,
      ZoneId zone,
      Optional<String> expectations,
      boolean isStatic,
      SourceLocation location) {
    this(
        name,
        description,
        owner,
        input,
        columns,
        false,
        lookup,
        derive,
        eventKey,
        false,
        Optional.empty(),
        eventTime,
        knownTime,
        availabilityDelay,
        tombstone,
        Optional.empty(),
        zone,
        expectations,
        Optional.empty(),
        isStatic,
        location);
  }

  /**
   * The names that its expressions may use, in order: its contract's columns, its look-ups, its
   * derived columns; for a query its own columns.
   */
  public List<String> columnNames() {
    List<String> names = new ArrayList<>();
    if (input instanceof SourceInput.Query query) {
      query.columns().forEach(c -> names.add(c.name()));
    }
    columns.forEach(c -> names.add(c.name()));
    lookup.forEach(l -> names.add(l.name()));
    derive.forEach(d -> names.add(d.name()));
    return names;
  }

  /** Whether it is made of another source and has no table of its own. */
  public boolean isQuery() {
    return input instanceof SourceInput.Query;
  }
}
