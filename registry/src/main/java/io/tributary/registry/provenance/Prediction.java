package io.tributary.registry.provenance;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.core.RunId;
import io.tributary.core.TableName;
import io.tributary.events.CommitLog;
import io.tributary.events.TableRows;
import io.tributary.events.runs.LakeTables;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A row of a score set, in force or superseded.
 *
 * @param until when it was superseded; empty while it is in force
 * @param columns all that the row says, by column; structs by field
 */
record Prediction(
    String id, Instant since, Optional<Instant> until, RunId run, Map<String, Object> columns) {
  private static final Pattern ID =
      Pattern.compile("([a-z][a-z0-9_]*)/(\\d{4}-\\d\\d-\\d\\d)/[0-9a-f]{32}(/[1-9][0-9]*)?");
  private static final String IDS = "_prediction_id";
  private static final String AS_OF = "_as_of";

  /** Columns of the platform's that do not begin with an underscore. */
  private static final Set<String> OWN =
      Set.of("output", "decision", "flags", "model", "model_version", "artefact", "inputs");

  /** Whether a text has the form of a prediction's id. */
  static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  /**
   * What was said under an id, newest first.
   *
   * @throws PlatformException NOT_FOUND when nothing was
   */
  static List<Prediction> of(String lake, String id) {
    Matcher parts = ID.matcher(id);
    if (!parts.matches()) {
      throw new IllegalArgumentException(id);
    }
    String scores = parts.group(1);
    Interval day = Interval.day(LocalDate.parse(parts.group(2)), ZoneOffset.UTC);
    List<Prediction> found = new ArrayList<>();
    for (Scores table : Scores.of(lake, scores)) {
      Set<Instant> asOfs = new TreeSet<>();
      table.read(
          List.of(IDS, AS_OF),
          day,
          row -> {
            if (id.equals(row.get(IDS))) {
              asOfs.add((Instant) row.get(AS_OF));
            }
          });
      for (Instant asOf : asOfs) {
        table.read(
            table.columns(),
            Interval.at(asOf),
            row -> {
              if (id.equals(row.get(IDS))) {
                found.add(of(row));
              }
            });
      }
    }
    if (found.isEmpty()) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot trace prediction %s: neither scores.%s nor superseded.%s has it. Copy an id from one of these tables."
              .formatted(id, scores, scores));
    }
    return newestFirst(found);
  }

  /**
   * The ids of the rows that were asked with these keys at an as-of, sorted.
   *
   * @param keys columns that the rows asked with, and their values as text
   * @param role {@code champion} or another
   * @throws PlatformException NOT_FOUND when there is none, or no such column or score set
   */
  static List<String> ids(
      String lake, String scores, Map<String, String> keys, Instant asOf, String role) {
    Set<String> ids = new TreeSet<>();
    Set<String> unknown = new TreeSet<>(keys.keySet());
    for (Scores table : Scores.of(lake, scores)) {
      List<String> columns = new ArrayList<>(List.of(IDS, AS_OF, "_role"));
      table.columns().stream().filter(keys::containsKey).forEach(columns::add);
      unknown.removeAll(columns);
      table.read(
          columns,
          Interval.at(asOf),
          row -> {
            if (role.equals(row.get("_role"))
                && keys.entrySet().stream()
                    .allMatch(k -> k.getValue().equals(String.valueOf(row.get(k.getKey()))))) {
              ids.add((String) row.get(IDS));
            }
          });
    }
    if (ids.isEmpty()) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot trace the prediction of %s for %s at %s: %s."
              .formatted(
                  scores,
                  words(keys),
                  asOf,
                  unknown.isEmpty()
                      ? "no row that its "
                          + role
                          + " scored has these values at this as-of. Write the values and the as-of as scores."
                          + scores
                          + " has them"
                      : "its rows have no column "
                          + String.join(", ", unknown)
                          + ". Write columns that the rows asked with"));
    }
    return List.copyOf(ids);
  }

  private static String words(Map<String, String> keys) {
    return keys.entrySet().stream()
        .map(k -> k.getKey() + " " + k.getValue())
        .collect(Collectors.joining(", "));
  }

  /** Each once: what a scoring had copied before it died is in both tables, and in force. */
  private static List<Prediction> newestFirst(List<Prediction> rows) {
    Map<Instant, Prediction> distinct = new LinkedHashMap<>();
    rows.forEach(r -> distinct.merge(r.since, r, (a, b) -> a.until.isEmpty() ? a : b));
    return distinct.values().stream()
        .sorted(Comparator.comparing(Prediction::since).reversed())
        .toList();
  }

  private static Prediction of(Map<String, Object> row) {
    return new Prediction(
        (String) row.get(IDS),
        (Instant) row.get("_scored_at"),
        Optional.ofNullable((Instant) row.get("_superseded_at")),
        RunId.parse((String) row.get("_run")),
        row);
  }

  /** The version that said it, {@code name@number}. */
  String model() {
    return columns.get("model") + "@" + columns.get("model_version");
  }

  /** What it said: the member of the output that is there. */
  Object score() {
    return ((Map<?, ?>) columns.get("output"))
        .values().stream()
            .filter(member -> member != null)
            .map(member -> (Object) member)
            .findFirst()
            .orElse("nothing");
  }

  /** Whether it was in force at an instant. */
  boolean isInForce(Instant at) {
    return !since.isAfter(at) && until.filter(end -> !end.isAfter(at)).isEmpty();
  }

  /** What a person wants to know of it. */
  Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("score", score());
    put(facts, "decision", columns.get("decision"));
    put(facts, "as-of", columns.get(AS_OF));
    put(facts, "role", columns.get("_role"));
    put(facts, "in-force-since", since);
    until.ifPresent(end -> facts.put("in-force-until", end));
    put(facts, "scoring", columns.get("_scoring"));
    facts.put("asked-with", asked());
    put(facts, "flags", columns.get("flags"));
    facts.put("inputs", inputs());
    put(facts, "inputs-digest", columns.get("_inputs_digest"));
    put(facts, "artefact", columns.get("artefact"));
    return facts;
  }

  private static void put(Map<String, Object> facts, String name, Object value) {
    if (value != null) {
      facts.put(name, value);
    }
  }

  private Map<String, Object> asked() {
    Map<String, Object> asked = new LinkedHashMap<>(columns);
    asked.keySet().removeIf(name -> name.startsWith("_") || OWN.contains(name));
    return asked;
  }

  /** What the model was given that is not missing, by input. */
  private Map<String, Object> inputs() {
    Map<String, Object> inputs = new LinkedHashMap<>();
    ((Map<?, ?>) columns.get("inputs"))
        .values()
        .forEach(
            kind -> {
              if (kind instanceof Map<?, ?> values) {
                values.forEach((name, value) -> put(inputs, (String) name, value));
              }
            });
    return inputs;
  }

  /** A table of predictions, as it is now. */
  private record Scores(String path, long version, List<String> columns) {
    static List<Scores> of(String lake, String scores) {
      List<Scores> tables = new ArrayList<>();
      for (String layer : List.of("scores", "superseded")) {
        String path = LakeTables.path(lake, TableName.of(layer, scores));
        CommitLog.open(path)
            .read()
            .ifPresent(t -> tables.add(new Scores(path, t.version(), t.columns())));
      }
      if (tables.isEmpty()) {
        throw new PlatformException(
            ErrorCode.NOT_FOUND,
            "Cannot trace a prediction of %s: the lake has no table scores.%s. Name a score set that has scored: tributary score."
                .formatted(scores, scores));
      }
      return tables;
    }

    void read(List<String> wanted, Interval within, Consumer<Map<String, Object>> rows) {
      TableRows.read(
          path,
          version,
          wanted,
          AS_OF,
          within,
          values -> {
            Map<String, Object> row = new LinkedHashMap<>();
            for (int i = 0; i < wanted.size(); i++) {
              row.put(wanted.get(i), values.get(i));
            }
            rows.accept(row);
          });
    }
  }
}
