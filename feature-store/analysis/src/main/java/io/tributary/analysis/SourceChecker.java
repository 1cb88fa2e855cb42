package io.tributary.analysis;

import io.tributary.definition.Column;
import io.tributary.definition.Derivation;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.definition.SqlText;
import io.tributary.expression.Division;
import io.tributary.expression.ResolvedExpression;
import io.tributary.expression.RowExpressions;
import io.tributary.expression.Scope;
import io.tributary.expression.SqlDialect;
import io.tributary.expression.Types;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;

/** Types sources, each after those that it reads or looks up. */
final class SourceChecker {
  private final Analysis analysis;
  private final Map<String, Optional<AnalyzedSource>> checked = new HashMap<>();
  private final Set<String> open = new HashSet<>();

  SourceChecker(Analysis analysis) {
    this.analysis = analysis;
  }

  /** Empty where there is no such source, or it depends on itself. */
  Optional<AnalyzedSource> find(String name) {
    if (checked.containsKey(name)) {
      return checked.get(name);
    }
    Source source = analysis.project().sources().get(name);
    if (source == null) {
      return Optional.empty();
    }
    if (!open.add(name)) {
      return Optional.empty();
    }
    Optional<AnalyzedSource> facts =
        source.input() instanceof SourceInput.Query query
            ? query(source, query)
            : Optional.of(files(source));
    open.remove(name);
    checked.put(name, facts);
    return facts;
  }

  static String thing(Source source) {
    return "source " + source.name();
  }

  static String owner(Source source) {
    return "source \"" + source.name() + "\"";
  }

  private AnalyzedSource files(Source source) {
    DeclaredColumns declared = declared(source);
    new LookupChecker(analysis, this, source, declared).check();
    SqlDialect profile = new SqlDialect(source.zone(), Division.FAILS);
    ExpressionAnalysis rows =
        new ExpressionAnalysis(
            analysis, thing(source), profile, declared.scope, declared.identities);
    for (Derivation d : source.derive()) {
      rows.add(d.name(), d.expression()).ifPresent(r -> declared.record(d.name(), r));
    }
    Scope columns = rows.scope();
    SourceTimes.add(source, rows, Optional.empty())
        .forEach(r -> declared.record(r.column().name(), r));
    boolean keyed = eventKey(source, columns) & sequence(source, columns);
    Order order = Order.of(source, declared);
    Optional<CheckedSource> complete = Optional.empty();
    if (!rows.failed() && !declared.failed && keyed) {
      RowExpressions expressions = rows.finish().withInput();
      CanonicalForm meaning =
          SourceCanonicalForm.of(source, columns, declared.identities, source.sequence());
      complete =
          Optional.of(
              new CheckedSource(
                  source,
                  declared.scope.schema(),
                  columns.schema(),
                  expressions,
                  Optional.empty(),
                  order.all(),
                  source.sequence(),
                  meaning.digest(analysis.forms())));
    }
    return new AnalyzedSource(
        source,
        columns,
        rows.scope(),
        declared.identities,
        declared.decides,
        order.values(),
        order.identifying(),
        source.sequence(),
        complete);
  }

  /** The columns that a source declares itself: those of its values, and the others. */
  private record Order(List<String> values, List<String> identifying) {
    static Order of(Source source, DeclaredColumns declared) {
      Set<String> identifying = declared.identifying(source);
      return new Order(
          declared.order.stream().filter(c -> !identifying.contains(c)).toList(),
          declared.order.stream().filter(identifying::contains).toList());
    }

    List<String> all() {
      return Stream.concat(values.stream(), identifying.stream()).toList();
    }
  }

  private DeclaredColumns declared(Source source) {
    DeclaredColumns declared = new DeclaredColumns(source);
    for (Column column : source.columns()) {
      Optional<DataType> type = Types.of(column.type());
      if (type.isEmpty()) {
        analysis.problem(
            thing(source),
            source.location(),
            "column \""
                + column.name()
                + "\" has no type that Spark knows: "
                + column.type()
                + ". Write one, as in bigint.");
        declared.addBroken(column.name());
        continue;
      }
      declared.add(column.name(), type.get());
      declared.order.add(column.name());
      String key = Scope.key(column.name());
      String zone = Types.hasInstants(type.get()) ? " in " + source.zone() : "";
      declared.identities.put(key, source.name() + "." + key + " " + Types.json(type.get()) + zone);
      declared.decides.put(key, Set.of(column.name()));
    }
    return declared;
  }

  static boolean comparable(StructField one, StructField other) {
    return Types.isKey(one.dataType()) && Types.comparable(one.dataType(), other.dataType());
  }

  static String differ(StructField mine, StructField theirs, Source reference) {
    return "key \""
        + mine.name()
        + "\" is "
        + Types.name(mine.dataType())
        + ", \""
        + theirs.name()
        + "\" of "
        + owner(reference)
        + " is "
        + Types.name(theirs.dataType())
        + ". Make them the same type, and none a floating-point number.";
  }

  private Optional<AnalyzedSource> query(Source source, SourceInput.Query query) {
    Optional<AnalyzedSource> found = find(query.source());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    AnalyzedSource base = found.get();
    SqlDialect profile = new SqlDialect(source.zone(), Division.FAILS);
    ExpressionAnalysis select =
        new ExpressionAnalysis(analysis, thing(source), profile, base.rows(), base.identities());
    DeclaredColumns declared = new DeclaredColumns(source);
    for (Derivation column : query.columns()) {
      Optional<ResolvedExpression> resolved = select.add(column.name(), column.expression());
      resolved.ifPresentOrElse(
          r -> {
            declared.add(column.name(), r.column().dataType());
            declared.order.add(column.name());
            declared.identities.put(Scope.key(column.name()), r.identity().hex());
            declared.decides.put(Scope.key(column.name()), Set.of(column.name()));
          },
          () -> declared.addBroken(column.name()));
    }
    Scope columns = declared.scope;
    boolean timed = base.rows().find(CheckedSource.KNOWN_TIME).isPresent();
    if (timed) {
      SqlText known = new SqlText(CheckedSource.KNOWN_TIME, source.location());
      SqlText deleted = new SqlText(CheckedSource.DELETED, source.location());
      inherit(declared, select.addOwn(SourceTimes.BASE_KNOWN, known));
      inherit(declared, select.addOwn(SourceTimes.BASE_DELETED, deleted));
    }
    boolean takesSequence = SourceTimes.takesSequence(source, Optional.of(base));
    if (takesSequence) {
      SqlText sequence = new SqlText("`" + base.sequence().get() + "`", source.location());
      inherit(declared, select.addOwn(SourceTimes.BASE_SEQUENCE, sequence));
    }
    Optional<RowExpressions> filter = where(source, query, base, profile);
    ExpressionAnalysis last =
        new ExpressionAnalysis(
            analysis, thing(source), profile, declared.scope, declared.identities);
    for (StructField column : columns.columns()) {
      last.addOwn(column.name(), new SqlText("`" + column.name() + "`", source.location()));
    }
    List<ResolvedExpression> times =
        SourceTimes.add(source, last, timed ? Optional.of(base) : Optional.empty());
    times.forEach(r -> declared.record(r.column().name(), r));
    boolean keyed = eventKey(source, columns) & sequence(source, columns);
    if (source.tombstone().isPresent() && !tellsChanges(source)) {
      keyed = false;
      analysis.problem(
          thing(source),
          source.tombstone().get().location(),
          "a withdrawal needs a known time of its own, and neither the query nor what it reads has a"
              + " \"known-time\": it would be known when its row happened, as the row that it"
              + " withdraws is, and would never take effect. Write \"known-time\".");
    }
    Optional<String> sequence =
        takesSequence ? Optional.of(CheckedSource.SEQUENCE) : source.sequence();
    Order order = Order.of(source, declared);
    boolean whereFailed = query.where().isPresent() && filter.isEmpty();
    CanonicalForm chosen = CanonicalForm.of("rows 1").fact("from", query.source());
    Optional.ofNullable(base.identities().get(AnalyzedSource.ROWS))
        .ifPresent(rows -> chosen.fact("of", rows));
    filter.ifPresent(f -> chosen.fact("where", f.identity()));
    declared.identities.put(AnalyzedSource.ROWS, chosen.digest(analysis.forms()).hex());
    Scope rows = columns;
    for (ResolvedExpression time : times) {
      rows = rows.with(time.column());
    }
    Optional<CheckedSource> complete = Optional.empty();
    if (!select.failed()
        && !last.failed()
        && !declared.failed
        && keyed
        && !whereFailed
        && base.checked().isPresent()) {
      RowExpressions expressions = select.finish().then(last.finish());
      CanonicalForm meaning =
          SourceCanonicalForm.of(source, columns, declared.identities, sequence)
              .fact("from", query.source());
      filter.ifPresent(f -> meaning.fact("where", f.identity()));
      complete =
          Optional.of(
              new CheckedSource(
                  source,
                  base.rows().schema(),
                  columns.schema(),
                  expressions,
                  filter,
                  order.all(),
                  sequence,
                  meaning.digest(analysis.forms())));
    }
    return Optional.of(
        new AnalyzedSource(
            source,
            columns,
            rows,
            declared.identities,
            declared.decides,
            order.values(),
            order.identifying(),
            sequence,
            complete));
  }

  private static void inherit(DeclaredColumns declared, ResolvedExpression time) {
    declared.add(time.column().name(), time.column().dataType());
    declared.identities.put(time.column().name(), time.identity().hex());
    declared.decides.put(time.column().name(), Set.of());
  }

  private Optional<RowExpressions> where(
      Source source, SourceInput.Query query, AnalyzedSource base, SqlDialect profile) {
    if (query.where().isEmpty()) {
      return Optional.empty();
    }
    ExpressionAnalysis where =
        new ExpressionAnalysis(analysis, thing(source), profile, base.rows(), base.identities());
    return Conditions.add(where, CheckedView.WHERE, query.where().get())
            && base.checked().isPresent()
        ? Optional.of(where.finish())
        : Optional.empty();
  }

  private boolean eventKey(Source source, Scope columns) {
    boolean good = true;
    for (String column : source.eventKey()) {
      Optional<StructField> field = columns.find(column);
      if (field.isPresent() && Types.isKey(field.get().dataType())) {
        continue;
      }
      good = false;
      if (field.isPresent()) {
        analysis.problem(
            thing(source),
            source.location(),
            "event-key column \""
                + column
                + "\" is "
                + Types.name(field.get().dataType())
                + ", which can't be compared beyond doubt. Use whole numbers, decimals, text, booleans, dates or timestamps.");
      }
    }
    return good;
  }

  private boolean sequence(Source source, Scope columns) {
    Optional<StructField> field = source.sequence().flatMap(columns::find);
    if (field.isPresent() && !Types.isKey(field.get().dataType())) {
      analysis.problem(
          thing(source),
          source.location(),
          "sequence column \""
              + field.get().name()
              + "\" is "
              + Types.name(field.get().dataType())
              + ", which has no order beyond doubt. Use whole numbers, decimals, text, dates or timestamps.");
      return false;
    }
    return field.isPresent() == source.sequence().isPresent();
  }

  /** Whether its rows say when a change was known. */
  private boolean tellsChanges(Source source) {
    return source.knownTime().isPresent()
        || source.input() instanceof SourceInput.Query query
            && analysis.project().sources().containsKey(query.source())
            && tellsChanges(analysis.project().sources().get(query.source()));
  }
}
