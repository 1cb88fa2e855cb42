package io.tributary.analysis;

import io.tributary.definition.Source;
import io.tributary.expression.Scope;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is known of a source for those that use it, also where a part of it is wrong.
 *
 * @param columns those of {@link CheckedSource#schema()} that could be typed
 * @param rows the columns and the times
 * @param identities lower-case column, or {@code column.field} → identity of what it means; the
 *     times are among them
 * @param declared lower-case column → the columns that the source declares itself which decide it
 * @param values those of these columns that no key, time or sequence is made of, in their order
 * @param identifying the others, in their order
 * @param sequence the column of {@code rows} that orders versions of equal known time
 * @param checked empty where something is wrong
 */
record AnalyzedSource(
    Source definition,
    Scope columns,
    Scope rows,
    Map<String, String> identities,
    Map<String, Set<String>> declared,
    List<String> values,
    List<String> identifying,
    Optional<String> sequence,
    Optional<CheckedSource> checked) {
  /** What is said among the identities of a query: which rows of which source it selects. */
  static final String ROWS = "_rows";

  AnalyzedSource {
    identities = Map.copyOf(identities);
    declared = Map.copyOf(declared);
    values = List.copyOf(values);
    identifying = List.copyOf(identifying);
  }

  /**
   * What the source means to those that see its events: its name, key, times and sequence, and of a
   * query which rows it selects.
   */
  Map<String, String> eventMeaning() {
    Map<String, String> meaning = new HashMap<>();
    meaning.put("source", definition.name());
    for (String column : definition.eventKey()) {
      meaning.put("event-key." + column, identity(column));
    }
    for (String time :
        List.of(CheckedSource.EVENT_TIME, CheckedSource.KNOWN_TIME, CheckedSource.DELETED)) {
      if (identities.containsKey(time)) {
        meaning.put(time, identity(time));
      }
    }
    sequence.ifPresent(column -> meaning.put("sequence", identity(column)));
    if (identities.containsKey(ROWS)) {
      meaning.put("rows", identities.get(ROWS));
    }
    return meaning;
  }

  /** The columns that the source declares itself which decide a column of it. */
  Set<String> deciding(String column) {
    return declared.getOrDefault(Scope.key(column), Set.of(column));
  }

  String identity(String column) {
    return identities.getOrDefault(Scope.key(column), column);
  }
}
