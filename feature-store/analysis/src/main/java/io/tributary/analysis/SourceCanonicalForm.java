package io.tributary.analysis;

import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.expression.Scope;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.types.StructField;

/** The normalised meaning of a source. */
final class SourceCanonicalForm {
  private SourceCanonicalForm() {}

  static CanonicalForm of(
      Source source, Scope columns, Map<String, String> identities, Optional<String> sequence) {
    CanonicalForm meaning =
        CanonicalForm.of("source 1").fact("name", source.name()).fact("static", source.isStatic());
    if (source.input() instanceof SourceInput.Files files) {
      meaning
          .fact("format", files.format())
          .fact("header", files.header())
          .byName("null", nulls(files))
          .byName("option", files.options())
          .fact("zone", source.zone());
    } else if (!source.isQuery()) {
      meaning.fact("format", source.input().format()).fact("zone", source.zone());
    }
    List<String> ordered = new ArrayList<>();
    Map<String, String> computed = new TreeMap<>();
    Set<String> declared = new HashSet<>();
    source.columns().forEach(c -> declared.add(c.name()));
    for (StructField column : columns.columns()) {
      String identity = column.name() + " " + identities.get(Scope.key(column.name()));
      if (source.isQuery() || declared.contains(column.name())) {
        ordered.add(identity);
      } else {
        computed.put(column.name(), identity);
      }
    }
    Map<String, String> times = new LinkedHashMap<>();
    for (String time :
        List.of(CheckedSource.EVENT_TIME, CheckedSource.KNOWN_TIME, CheckedSource.DELETED)) {
      if (identities.containsKey(time)) {
        times.put(time, identities.get(time));
      }
    }
    Map<String, String> formats = new TreeMap<>();
    source.columns().forEach(c -> c.format().ifPresent(f -> formats.put(c.name(), f.pattern())));
    sequence.ifPresent(
        column -> meaning.fact("sequence", identities.getOrDefault(Scope.key(column), column)));
    return meaning
        .byName("column-format", formats)
        .inOrder("column", ordered)
        .byName("computed", computed)
        .inOrder("event-key", source.eventKey())
        .byName("time", times);
  }

  private static Map<String, String> nulls(SourceInput.Files files) {
    Map<String, String> nulls = new TreeMap<>();
    files.nulls().forEach(n -> nulls.put(n, ""));
    return nulls;
  }
}
