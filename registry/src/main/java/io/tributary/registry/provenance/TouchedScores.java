package io.tributary.registry.provenance;

import io.tributary.core.Interval;
import io.tributary.core.Micros;
import io.tributary.core.TableName;
import io.tributary.events.CommitLog;
import io.tributary.events.TableHistory;
import io.tributary.events.TableRows;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.runs.LakeTables;
import io.tributary.events.runs.RunRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Counts the predictions of scorings that something entered. */
final class TouchedScores {
  private static final List<String> OWN = List.of("_as_of", "_run", "model", "model_version");
  private static final String IDS = "_prediction_id";

  private final String lake;
  private final boolean ids;

  TouchedScores(String lake, boolean ids) {
    this.lake = lake;
    this.ids = ids;
  }

  /**
   * What rows read of a source.
   *
   * @param asking the columns that name a row's key
   */
  record Reach(List<String> asking, Spans spans) {}

  /** A scoring of which some predictions may be touched, and how many are. */
  static final class Scoring {
    private final RunRecord record;
    private final List<ScoringFacts.Said> said;
    private final Set<String> whole;
    private final Map<String, List<Reach>> byVersion;
    private final Set<String> from;
    private final Set<String> touchedIds = new TreeSet<>();
    private final Set<String> saying = new TreeSet<>();
    private final Set<String> copied = new HashSet<>();
    private long touched;
    private long superseded;

    /**
     * @param said by each version
     * @param whole versions whose predictions are all touched
     * @param byVersion of others what their rows read
     * @param from the ids of what they were made of
     */
    Scoring(
        RunRecord record,
        List<ScoringFacts.Said> said,
        Set<String> whole,
        Map<String, List<Reach>> byVersion,
        Set<String> from) {
      this.record = record;
      this.said = said;
      this.whole = whole;
      this.byVersion = byVersion;
      this.from = from;
    }

    RunRecord record() {
      return record;
    }

    Set<String> from() {
      return from;
    }

    /** The touched predictions, also those that have been superseded. */
    long touched() {
      return touched;
    }

    long superseded() {
      return superseded;
    }

    /** All predictions. */
    long rows() {
      return said.stream().mapToLong(ScoringFacts.Said::rows).sum();
    }

    Set<String> ids() {
      return touchedIds;
    }

    /** The versions that said the touched predictions. */
    Set<String> saying() {
      return saying;
    }

    /** Takes a touched prediction that was superseded; before those in force. */
    void superseded(String id, String version) {
      if (copied.add(id)) {
        touched++;
        superseded++;
        saying.add(version);
      }
    }

    /** Takes one in force, which a scoring may have copied before it died. */
    void inForce(String id, String version) {
      if (copied.remove(id)) {
        superseded--;
      } else {
        touched++;
        saying.add(version);
      }
    }

    /** Whether each version's predictions are touched all or not at all. */
    private boolean isToldByFacts() {
      return byVersion.isEmpty();
    }
  }

  /** Counts them, by the rows where the scorings' own facts don't tell. */
  void count(List<Scoring> scorings) {
    Map<String, Map<String, Scoring>> bySet = new TreeMap<>();
    for (Scoring scoring : scorings) {
      if (scoring.isToldByFacts() && !ids) {
        scoring.said.stream()
            .filter(s -> scoring.whole.contains(s.model()) && s.rows() > 0)
            .forEach(
                s -> {
                  scoring.touched += s.rows();
                  scoring.saying.add(s.model());
                });
      } else {
        bySet
            .computeIfAbsent(scoring.record.key().subject(), s -> new TreeMap<>())
            .put(scoring.record.run().text(), scoring);
      }
    }
    bySet.forEach(
        (set, byRun) -> {
          TableName superseded = TableName.of("superseded", set);
          TableName scores = TableName.of("scores", set);
          // As of before: a row that leaves it meanwhile is still there.
          Optional<TableHistory> inForce = history(scores);
          history(superseded).ifPresent(table -> read(superseded, table, byRun));
          inForce.ifPresent(table -> read(scores, table, byRun));
        });
  }

  private Optional<TableHistory> history(TableName name) {
    return CommitLog.open(LakeTables.path(lake, name)).read();
  }

  private void read(TableName name, TableHistory table, Map<String, Scoring> byRun) {
    boolean superseded = name.layer().equals("superseded");
    boolean identified =
        ids || superseded || byRun.values().stream().anyMatch(s -> !s.copied.isEmpty());
    Set<String> wanted = new LinkedHashSet<>(OWN);
    if (identified) {
      wanted.add(IDS);
    }
    byRun
        .values()
        .forEach(
            s ->
                s.byVersion
                    .values()
                    .forEach(reaches -> reaches.forEach(r -> wanted.addAll(r.asking()))));
    wanted.retainAll(table.columns());
    List<String> columns = List.copyOf(wanted);
    TableRows.read(
        LakeTables.path(lake, name),
        table.version(),
        columns,
        OWN.get(0),
        hull(byRun),
        row -> {
          Scoring scoring = byRun.get((String) row.get(1));
          if (scoring != null && isTouched(scoring, columns, row)) {
            String id = identified ? (String) row.get(columns.indexOf(IDS)) : "";
            String version = version(row);
            if (superseded) {
              scoring.superseded(id, version);
            } else {
              scoring.inForce(id, version);
            }
            if (ids) {
              scoring.touchedIds.add(id);
            }
          }
        });
  }

  private static Interval hull(Map<String, Scoring> byRun) {
    List<Interval> nights =
        byRun.values().stream().map(s -> s.record.key().interval().orElseThrow()).toList();
    return Interval.of(
        nights.stream().map(Interval::from).min(Instant::compareTo).orElseThrow(),
        nights.stream().map(Interval::to).max(Instant::compareTo).orElseThrow());
  }

  private static String version(List<Object> row) {
    return row.get(2) + "@" + row.get(3);
  }

  private static boolean isTouched(Scoring scoring, List<String> columns, List<Object> row) {
    String version = version(row);
    if (scoring.whole.contains(version)) {
      return true;
    }
    long asOf = Micros.of((Instant) row.get(0));
    for (Reach reach : scoring.byVersion.getOrDefault(version, List.of())) {
      if (!columns.containsAll(reach.asking())) {
        return true;
      }
      List<Object> key = new ArrayList<>(reach.asking().size());
      for (String column : reach.asking()) {
        key.add(row.get(columns.indexOf(column)));
      }
      if (reach.spans().contains(DeliveredEvents.normal(key), asOf)) {
        return true;
      }
    }
    return false;
  }
}
