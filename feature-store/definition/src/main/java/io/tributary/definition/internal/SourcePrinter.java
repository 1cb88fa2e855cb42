package io.tributary.definition.internal;

import io.tributary.definition.Column;
import io.tributary.definition.Derivation;
import io.tributary.definition.Lookup;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A source in the form of its file, with every default written out. */
final class SourcePrinter {
  private SourcePrinter() {}

  static Map<String, Object> render(Source source) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("source", source.name());
    tree.put("description", source.description());
    tree.put("owner", source.owner());
    if (source.input() instanceof SourceInput.Query query) {
      tree.put("query", queryText(query));
    } else {
      tree.put("read", SourceInputParser.render(source.input()));
      Map<String, Object> columns = new LinkedHashMap<>();
      source.columns().forEach(c -> columns.put(c.name(), column(c)));
      tree.put("columns", columns);
      tree.put("other-columns", source.ignoresOthers() ? "ignore" : "refuse");
      Map<String, Object> lookups = new LinkedHashMap<>();
      source.lookup().forEach(l -> lookups.put(l.name(), lookupTree(l)));
      tree.put("lookup", lookups);
      tree.put("derive", derived(source.derive()));
    }
    tree.put("event-key", source.eventKey());
    if (isKeyed(source)) {
      tree.put("on-duplicate-key", source.refuseDuplicates() ? "refuse" : "count");
    }
    source.subjectKey().ifPresent(k -> tree.put("subject-key", k));
    source.eventTime().ifPresent(t -> tree.put("event-time", t.sql()));
    source.knownTime().ifPresent(t -> tree.put("known-time", t.sql()));
    source.availabilityDelay().ifPresent(d -> tree.put("availability-delay", d.toString()));
    source.tombstone().ifPresent(t -> tree.put("tombstone", t.sql()));
    source.sequence().ifPresent(column -> tree.put("sequence", column));
    tree.put("zone", source.zone().getId());
    source.expectations().ifPresent(e -> tree.put("expectations", e));
    source
        .expected()
        .ifPresent(
            expected -> {
              tree.put("expect-by", expected.by().toString());
              tree.put("overdue", expected.overdue().text());
            });
    if (!source.isQuery()) {
      tree.put("static", source.isStatic());
    }
    return tree;
  }

  /** Whether its deliveries can bring an event twice. */
  private static boolean isKeyed(Source source) {
    return !source.isQuery() && !source.isStatic() && !source.eventKey().isEmpty();
  }

  private static Map<String, Object> lookupTree(Lookup lookup) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("source", lookup.source());
    tree.put("keys", lookup.keys());
    return tree;
  }

  private static Object column(Column column) {
    if (column.equals(new Column(column.name(), column.type(), Set.of()))) {
      return column.type().ddl();
    }
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("type", column.type().ddl());
    tree.put("tags", column.tags().stream().sorted().toList());
    tree.put("optional", column.optional());
    tree.put("was", column.was());
    column.format().ifPresent(f -> tree.put("format", f.pattern()));
    return tree;
  }

  private static String queryText(SourceInput.Query query) {
    List<String> items =
        query.columns().stream()
            .map(
                c ->
                    c.expression().sql().equals(c.name())
                        ? c.name()
                        : c.expression().sql() + " as " + c.name())
            .toList();
    return "select\n  "
        + String.join(",\n  ", items)
        + "\nfrom "
        + query.source()
        + query.where().map(w -> "\nwhere " + w.sql()).orElse("")
        + "\n";
  }

  static Map<String, Object> derived(List<Derivation> derivations) {
    Map<String, Object> tree = new LinkedHashMap<>();
    derivations.forEach(d -> tree.put(d.name(), d.expression().sql()));
    return tree;
  }
}
