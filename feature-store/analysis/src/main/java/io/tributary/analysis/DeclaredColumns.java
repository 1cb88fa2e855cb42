package io.tributary.analysis;

import io.tributary.definition.Source;
import io.tributary.expression.ResolvedExpression;
import io.tributary.expression.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The columns that a source's rows begin with, in the making: types, and what each means. */
final class DeclaredColumns {
  Scope scope;
  final Map<String, String> identities = new HashMap<>();
  final Map<String, Set<String>> decides = new HashMap<>();
  final List<String> order = new ArrayList<>();
  boolean failed;

  DeclaredColumns(Source source) {
    scope = new Scope(SourceChecker.owner(source), new StructType());
  }

  void add(String name, DataType type) {
    scope = scope.with(new StructField(name, type, true, Metadata.empty()));
  }

  void addBroken(String name) {
    scope = scope.withBroken(name);
    failed = true;
  }

  void record(String name, ResolvedExpression resolved) {
    identities.put(Scope.key(name), resolved.identity().hex());
    Set<String> deciding = new TreeSet<>();
    resolved.columns().forEach(c -> deciding.addAll(decides.getOrDefault(column(c), Set.of())));
    decides.put(Scope.key(name), deciding);
  }

  /**
   * The columns that the source declares itself which event key, times and sequence are made of.
   */
  Set<String> identifying(Source source) {
    List<String> columns = new ArrayList<>(source.eventKey());
    columns.add(CheckedSource.EVENT_TIME);
    columns.add(CheckedSource.KNOWN_TIME);
    source.sequence().ifPresent(columns::add);
    Set<String> identifying = new HashSet<>();
    columns.forEach(c -> identifying.addAll(decides.getOrDefault(Scope.key(c), Set.of())));
    String inherited = identities.get(SourceTimes.BASE_SEQUENCE);
    order.stream()
        .filter(c -> inherited != null && inherited.equals(identities.get(Scope.key(c))))
        .forEach(identifying::add);
    return identifying;
  }

  private static String column(String path) {
    int dot = path.indexOf('.');
    return dot < 0 ? path : path.substring(0, dot);
  }
}
