package io.tributary.expression;

import io.tributary.definition.Column;
import io.tributary.definition.Derivation;
import io.tributary.definition.Lookup;
import io.tributary.definition.Project;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.definition.SqlText;
import io.tributary.expression.internal.Profile;
import io.tributary.expression.internal.Resolved;
import io.tributary.expression.internal.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;

/** Types sources, each after those that it reads or looks up. */
final class SourceChecker {
  private final Project project;
  private final Problems problems;
  private final Map<String, Optional<SourceFacts>> checked = new HashMap<>();
  private final Set<String> open = new HashSet<>();

  SourceChecker(Project project, Problems problems) {
    this.project = project;
    this.problems = problems;
  }

  /** Empty where there is no such source, or it depends on itself. */
  Optional<SourceFacts> find(String name) {
    if (checked.containsKey(name)) {
      return checked.get(name);
    }
    Source source = project.sources().get(name);
    if (source == null) {
      return Optional.empty();
    }
    if (!open.add(name)) {
      problems.add(
          thing(source),
          source.mark(),
          "it is made of itself by way of "
              + String.join(", ", new TreeSet<>(open))
              + ". Break the circle.");
      return Optional.empty();
    }
    Optional<SourceFacts> facts =
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

  private SourceFacts files(Source source) {
    DeclaredColumns declared = declared(source);
    lookups(source, declared);
    Profile profile = new Profile(source.zone(), Division.FAILS);
    Compilation rows =
        new Compilation(problems, thing(source), profile, declared.scope, declared.identities);
    for (Derivation d : source.derive()) {
      if (isNew(source, d.name(), d.expression(), rows.scope())) {
        rows.add(d.name(), d.expression()).ifPresent(r -> declared.record(d.name(), r));
      }
    }
    Scope columns = rows.scope();
    SourceTimes.add(source, rows, Optional.empty())
        .forEach(r -> declared.record(r.column().name(), r));
    boolean keyed = eventKey(source, columns);
    Optional<CheckedSource> complete = Optional.empty();
    if (!rows.failed() && !declared.failed && keyed) {
      RowExpressions expressions = rows.finish().withInput();
      Meaning meaning = meaning(source, columns, declared.identities);
      complete =
          Optional.of(
              new CheckedSource(
                  source,
                  declared.scope.schema(),
                  columns.schema(),
                  expressions,
                  Optional.empty(),
                  declared.order,
                  meaning.digest()));
    }
    return new SourceFacts(
        source,
        columns,
        rows.scope(),
        declared.identities,
        declared.decides,
        declared.order,
        complete);
  }

  private DeclaredColumns declared(Source source) {
    DeclaredColumns declared = new DeclaredColumns(source);
    Scope taken = declared.scope;
    for (Column column : source.columns()) {
      if (taken.find(column.name()).isPresent()) {
        problems.add(
            thing(source),
            source.mark(),
            "column \"" + column.name() + "\" is declared twice. Rename one.");
        declared.failed = true;
        continue;
      }
      Optional<DataType> type = Types.of(column.type());
      if (type.isEmpty()) {
        problems.add(
            thing(source),
            source.mark(),
            "column \""
                + column.name()
                + "\" has no type that Spark knows: "
                + column.type()
                + ". Write one, as in bigint.");
        declared.addBroken(column.name());
        continue;
      }
      declared.add(column.name(), type.get());
      taken = declared.scope;
      declared.order.add(column.name());
      String key = Scope.key(column.name());
      declared.identities.put(key, source.name() + "." + key + " " + type.get().json());
      declared.decides.put(key, Set.of(column.name()));
    }
    return declared;
  }

  private void lookups(Source source, DeclaredColumns declared) {
    Scope own = declared.scope;
    for (Lookup lookup : source.lookup()) {
      Optional<SourceFacts> found = find(lookup.source());
      if (found.isEmpty()) {
        if (!project.sources().containsKey(lookup.source())) {
          problems.addUnknown(
              thing(source),
              source.mark(),
              "there is no source",
              lookup.source(),
              project.sources().keySet());
        }
        declared.addBroken(lookup.name());
      } else if (declared.scope.find(lookup.name()).isPresent()) {
        problems.add(
            thing(source),
            source.mark(),
            "look-up \"" + lookup.name() + "\" has the name of a column. Rename it.");
        declared.failed = true;
      } else {
        lookup(source, lookup, found.get(), own, declared);
      }
    }
  }

  private void lookup(
      Source source, Lookup lookup, SourceFacts reference, Scope own, DeclaredColumns declared) {
    List<String> referenceKey = reference.definition().eventKey();
    if (!reference.definition().isStatic() || referenceKey.size() != lookup.keys().size()) {
      problems.add(
          thing(source),
          source.mark(),
          "look-up \""
              + lookup.name()
              + "\" needs a static source with as many columns in its event-key as it has keys. Name one key for each of "
              + referenceKey
              + ".");
      declared.addBroken(lookup.name());
      return;
    }
    List<String> keyMeaning = new ArrayList<>();
    Set<String> deciding = new TreeSet<>();
    for (int i = 0; i < referenceKey.size(); i++) {
      String key = lookup.keys().get(i);
      Optional<StructField> mine = own.find(key);
      Optional<StructField> theirs = reference.columns().find(referenceKey.get(i));
      if (mine.isEmpty() && !own.broken().contains(Scope.key(key))) {
        problems.add(
            thing(source),
            source.mark(),
            owner(source)
                + " has no column \""
                + key
                + "\"."
                + io.tributary.core.Nearest.hint(key, own.names()));
      } else if (mine.isPresent() && theirs.isPresent() && !comparable(mine.get(), theirs.get())) {
        problems.add(
            thing(source),
            source.mark(),
            "look-up \""
                + lookup.name()
                + "\": "
                + differ(mine.get(), theirs.get(), reference.definition()));
      } else {
        keyMeaning.add(declared.identities.getOrDefault(Scope.key(key), key));
        deciding.addAll(declared.decides.getOrDefault(Scope.key(key), Set.of()));
        continue;
      }
      declared.failed = true;
    }
    declared.add(lookup.name(), reference.columns().schema());
    String name = Scope.key(lookup.name());
    String meaning = "lookup(" + reference.definition().name() + " " + keyMeaning + ").";
    StringBuilder whole = new StringBuilder();
    for (StructField field : reference.columns().columns()) {
      String identity = meaning + reference.identity(field.name());
      declared.identities.put(name + "." + Scope.key(field.name()), identity);
      whole.append(field.name()).append(' ').append(identity).append('\n');
    }
    declared.identities.put(name, io.tributary.core.Digest.of(whole.toString()).hex());
    declared.decides.put(name, deciding);
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

  private Optional<SourceFacts> query(Source source, SourceInput.Query query) {
    Optional<SourceFacts> found = find(query.source());
    if (found.isEmpty()) {
      if (!project.sources().containsKey(query.source())) {
        problems.addUnknown(
            thing(source),
            source.mark(),
            "there is no source",
            query.source(),
            project.sources().keySet());
      }
      return Optional.empty();
    }
    SourceFacts base = found.get();
    Profile profile = new Profile(source.zone(), Division.FAILS);
    Compilation select =
        new Compilation(problems, thing(source), profile, base.rows(), base.identities());
    DeclaredColumns declared = new DeclaredColumns(source);
    for (Derivation column : query.columns()) {
      if (!isNew(source, column.name(), column.expression(), declared.scope)) {
        declared.failed = true;
        continue;
      }
      Optional<Resolved> resolved = select.add(column.name(), column.expression());
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
      SqlText known = new SqlText(CheckedSource.KNOWN_TIME, source.mark());
      SqlText deleted = new SqlText(CheckedSource.DELETED, source.mark());
      inherit(declared, select.addOwn(SourceTimes.BASE_KNOWN, known));
      inherit(declared, select.addOwn(SourceTimes.BASE_DELETED, deleted));
    }
    Optional<RowExpressions> filter = where(source, query, base, profile);
    Compilation last =
        new Compilation(problems, thing(source), profile, declared.scope, declared.identities);
    for (StructField column : columns.columns()) {
      last.addOwn(column.name(), new SqlText("`" + column.name() + "`", source.mark()));
    }
    List<Resolved> times =
        SourceTimes.add(source, last, timed ? Optional.of(base) : Optional.empty());
    times.forEach(r -> declared.record(r.column().name(), r));
    boolean keyed = eventKey(source, columns);
    boolean whereFailed = query.where().isPresent() && filter.isEmpty();
    Scope rows = columns;
    for (Resolved time : times) {
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
      Meaning meaning = meaning(source, columns, declared.identities).fact("from", query.source());
      filter.ifPresent(f -> meaning.fact("where", f.identity()));
      complete =
          Optional.of(
              new CheckedSource(
                  source,
                  base.rows().schema(),
                  columns.schema(),
                  expressions,
                  filter,
                  declared.order,
                  meaning.digest()));
    }
    return Optional.of(
        new SourceFacts(
            source,
            columns,
            rows,
            declared.identities,
            declared.decides,
            declared.order,
            complete));
  }

  private static void inherit(DeclaredColumns declared, Resolved time) {
    declared.add(time.column().name(), time.column().dataType());
    declared.identities.put(time.column().name(), time.identity().hex());
    declared.decides.put(time.column().name(), Set.of());
  }

  private Optional<RowExpressions> where(
      Source source, SourceInput.Query query, SourceFacts base, Profile profile) {
    if (query.where().isEmpty()) {
      return Optional.empty();
    }
    Compilation where =
        new Compilation(problems, thing(source), profile, base.rows(), base.identities());
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
        problems.add(
            thing(source),
            source.mark(),
            "event-key column \""
                + column
                + "\" is "
                + Types.name(field.get().dataType())
                + ", which can't be compared beyond doubt. Use whole numbers, decimals, text, booleans, dates or timestamps.");
      } else if (!columns.broken().contains(Scope.key(column))) {
        problems.add(
            thing(source),
            source.mark(),
            owner(source)
                + " has no column \""
                + column
                + "\"."
                + io.tributary.core.Nearest.hint(column, columns.names()));
      }
    }
    return good;
  }

  private boolean isNew(Source source, String name, SqlText at, Scope taken) {
    if (taken.find(name).isEmpty() && !taken.broken().contains(Scope.key(name))) {
      return true;
    }
    problems.add(
        thing(source), at.mark(), "there is a column \"" + name + "\" already. Rename one.");
    return false;
  }

  private static Meaning meaning(Source source, Scope columns, Map<String, String> identities) {
    Meaning meaning =
        Meaning.of("source 1").fact("name", source.name()).fact("static", source.isStatic());
    if (source.input() instanceof SourceInput.Files files) {
      meaning
          .fact("format", files.format())
          .fact("header", files.header())
          .byName("null", nulls(files))
          .byName("option", files.options())
          .fact("zone", source.zone());
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
    return meaning
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
