package io.tributary.definition.internal;

import io.tributary.core.TimeFormat;
import io.tributary.definition.AvailabilityDelay;
import io.tributary.definition.Column;
import io.tributary.definition.ColumnType;
import io.tributary.definition.Derivation;
import io.tributary.definition.Lookup;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.definition.SqlText;
import io.tributary.definition.internal.SqlTokens.Unreadable;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What stands in a file of {@code sources/}. */
final class SourceForm {
  static final Key<String> SOURCE = Key.required("source", Types.NAME_TYPE, "The source's name.");
  static final Key<String> DESCRIPTION =
      Key.withDefault("description", Types.TEXT, "\"\"", "What a row is, for people.");
  static final Key<String> OWNER =
      Key.withDefault("owner", Types.TEXT, "\"\"", "Who answers for it.");

  static final Key<SourceInput> READ =
      Key.optional(
          "read",
          ReadForm.TYPE,
          "then `query` says what is read",
          "What the source's rows are read from.");
  static final Key<SourceInput.Query> QUERY =
      Key.optional(
          "query",
          new Type<>("a query", "select a, b + 1 as c from s", List.of(), SourceForm::query),
          "then `read` says what is read",
          "Rows of another source: select EXPRESSION as NAME, ... from SOURCE where EXPRESSION.");

  static final Map<String, Boolean> OTHERS = others();
  private static final Key<ColumnType> TYPE =
      Key.required("type", ColumnTypes.TYPE, "The column's type.");
  private static final Key<List<String>> TAGS =
      Key.withDefault("tags", Structures.distinct(Types.TEXT), "[]", "Words to find it by.");
  private static final Key<Boolean> OPTIONAL =
      Key.withDefault(
          "optional", Types.BOOLEAN, "false", "Whether a delivery may lack it; it is null then.");
  private static final Key<List<String>> WAS =
      Key.withDefault(
          "was",
          Structures.oneOrMore(Types.COLUMN_TYPE),
          "[]",
          "Names that it had before: deliveries may still use them, and so may rows that are"
              + " already loaded.");
  private static final Key<TimeFormat> FORMAT =
      Key.optional(
          "format",
          Types.parsed(
              "a format of dates or timestamps",
              "dd/MM/yyyy or \"MM/dd/yyyy HH:mm:ss\"",
              (value, text) -> new TimeFormat(text)),
          "as ISO 8601 writes it, 2013-01-31",
          "How CSV or JSON writes a date or a timestamp.");
  private static final Type<Column> COLUMN_OBJECT =
      Structures.object(
          "a column's type",
          List.of(TYPE, TAGS, OPTIONAL, WAS, FORMAT),
          f ->
              f.find(TYPE)
                  .map(
                      t ->
                          new Column(
                              "",
                              t,
                              new LinkedHashSet<>(f.or(TAGS, List.of())),
                              f.or(OPTIONAL, false),
                              f.or(WAS, List.of()),
                              f.find(FORMAT))));
  private static final Type<Column> COLUMN =
      new Type<>(
          "a column's type",
          "string, or {type: string, tags: [person]}",
          COLUMN_OBJECT.keys(),
          value ->
              value.isMapping()
                  ? COLUMN_OBJECT.bind(value)
                  : ColumnTypes.TYPE.bind(value).map(t -> new Column("", t, Set.of())));
  static final Key<Map<String, Column>> COLUMNS =
      Key.optional(
          "columns",
          Structures.map(
              Types.COLUMN_TYPE,
              COLUMN,
              (entry, column) ->
                  new Column(
                      entry.key(),
                      column.type(),
                      column.tags(),
                      column.optional(),
                      column.was(),
                      column.format())),
          "needed with `read`, refused with `query`",
          "The contract of what is read: these columns (in CSV in this order), and no others.");
  static final Key<Boolean> OTHER_COLUMNS =
      Key.withDefault(
          "other-columns",
          Types.choice(OTHERS),
          "refuse",
          "What becomes of columns that the contract does not have: `refuse` the delivery, or"
              + " `ignore` them.");

  private static final Key<String> FROM =
      Key.required("source", Types.NAME_TYPE, "The static source that is looked up.");
  private static final Key<List<String>> LOOKUP_KEYS =
      Key.required(
          "keys",
          Structures.list(Types.COLUMN_TYPE),
          "Columns of this source, in the order of the static source's event key.");
  static final Key<Map<String, Lookup>> LOOKUP =
      Key.withDefault(
          "lookup",
          Structures.map(
              Types.COLUMN_TYPE,
              Structures.object(
                  "a look-up",
                  List.of(FROM, LOOKUP_KEYS),
                  f -> {
                    Optional<String> from = f.find(FROM);
                    Optional<List<String>> keys = f.find(LOOKUP_KEYS);
                    return from.flatMap(s -> keys.map(k -> lookup(f, s, k)));
                  }),
              (entry, l) -> new Lookup(entry.key(), l.source(), l.keys(), entry.value().mark())),
          "{}",
          "Rows of static sources beside each row, under a name; then NAME.COLUMN in expressions.");
  static final Key<Map<String, SqlText>> DERIVE =
      Key.withDefault(
          "derive",
          Structures.map(Types.COLUMN_TYPE, Types.SQL),
          "{}",
          "Computed columns, top to bottom.");
  static final Key<List<String>> EVENT_KEY =
      Key.withDefault(
          "event-key",
          Structures.distinct(Types.COLUMN_TYPE),
          "[]",
          "The columns that identify an event across its corrections; none = each row is an event"
              + " of its own. A static source's key, by which it is looked up; one without it can only"
              + " be the rows of a training set.");
  static final Key<Boolean> ON_DUPLICATE_KEY =
      Key.withDefault(
          "on-duplicate-key",
          Types.choice(duplicates()),
          "count",
          "What becomes of a delivery that brings two rows of one event key and equal known time with"
              + " other values, of which only one can count: the rows are counted, with a warning, or"
              + " the delivery is rejected.");
  static final Key<String> SUBJECT_KEY =
      Key.optional(
          "subject-key",
          Types.COLUMN_TYPE,
          "nobody's",
          "The column that says whose data a row is; `tributary show` lists where copies of it lie.");
  static final Key<SqlText> EVENT_TIME =
      Key.optional("event-time", Types.SQL, "needed unless `static`", "When the fact happened.");
  static final Key<SqlText> KNOWN_TIME =
      Key.optional(
          "known-time",
          Types.SQL,
          "event time + `availability-delay`; for a query its source's known time",
          "The first instant at which this version of the row could have been used.");
  static final Key<AvailabilityDelay> AVAILABILITY_DELAY =
      Key.optional(
          "availability-delay",
          Types.parsed(
              "a delay",
              "6h; of a source of days end-of-day or end-of-day + 6h",
              (value, text) -> AvailabilityDelay.parse(text)),
          "`0s`",
          "How long after its event time a row is known, in place of `known-time`.");
  static final Key<SqlText> TOMBSTONE =
      Key.optional(
          "tombstone",
          Types.SQL,
          "no row withdraws one",
          "True for a row that withdraws its event; needs `known-time`, which says when.");
  static final Key<String> SEQUENCE =
      Key.optional(
          "sequence",
          Types.COLUMN_TYPE,
          "none; for a query its source's",
          "A column, such as a log position, that orders versions of one event with equal known time:"
              + " the greatest counts, also if it withdraws the event. It never ranks different"
              + " events, and a row without it is set apart.");
  static final Key<ZoneId> ZONE =
      Key.optional(
          "zone",
          Types.ZONE,
          "the project's zone",
          "What local times in files and expressions mean.");
  static final Key<String> EXPECTATIONS =
      Key.optional(
          "expectations",
          Types.TEXT,
          "every row that fits the contract is admitted",
          "A Great Expectations suite, a file in expectations/.");
  static final Key<Boolean> STATIC =
      Key.withDefault(
          "static",
          Types.BOOLEAN,
          "false",
          "Reference data without event time, or label rows made elsewhere: the newest delivery is its"
              + " content.");

  static final List<Key<?>> KEYS =
      List.of(
          SOURCE,
          DESCRIPTION,
          OWNER,
          READ,
          QUERY,
          COLUMNS,
          OTHER_COLUMNS,
          LOOKUP,
          DERIVE,
          EVENT_KEY,
          ON_DUPLICATE_KEY,
          SUBJECT_KEY,
          EVENT_TIME,
          KNOWN_TIME,
          AVAILABILITY_DELAY,
          TOMBSTONE,
          SEQUENCE,
          ZONE,
          EXPECTATIONS,
          STATIC);

  private SourceForm() {}

  private static Map<String, Boolean> others() {
    Map<String, Boolean> others = new LinkedHashMap<>();
    others.put("refuse", false);
    others.put("ignore", true);
    return others;
  }

  private static Map<String, Boolean> duplicates() {
    Map<String, Boolean> duplicates = new LinkedHashMap<>();
    duplicates.put("count", false);
    duplicates.put("refuse", true);
    return duplicates;
  }

  static Optional<Source> bind(Fields f) {
    f.find(ZONE).ifPresent(zone -> f.mapping().origin().in(zone));
    Optional<String> name = f.find(SOURCE);
    Optional<SourceInput> input = input(f);
    boolean isStatic = f.or(STATIC, false);
    List<Column> columns = List.copyOf(f.or(COLUMNS, Map.of()).values());
    List<Lookup> lookups = List.copyOf(f.or(LOOKUP, Map.of()).values());
    List<Derivation> derive = derivations(f.or(DERIVE, Map.of()));
    List<String> eventKey = f.or(EVENT_KEY, List.of());
    Optional<SqlText> eventTime = f.find(EVENT_TIME);
    Optional<SqlText> knownTime = f.find(KNOWN_TIME);
    Optional<AvailabilityDelay> delay = f.find(AVAILABILITY_DELAY);
    Optional<SqlText> tombstone = f.find(TOMBSTONE);
    Optional<String> sequence = f.find(SEQUENCE);
    Optional<String> expectations = f.find(EXPECTATIONS);
    SourceChecks.uniqueNames(f);
    if (isStatic) {
      SourceChecks.checkStatic(f);
    } else if (!f.has(STATIC) || f.find(STATIC).isPresent()) {
      SourceChecks.checkEvents(f, columns);
    }
    expectations.ifPresent(file -> SourceChecks.checkSuite(f, file));
    Source source =
        new Source(
            name.orElse(""),
            f.or(DESCRIPTION, ""),
            f.or(OWNER, ""),
            input.orElse(new SourceInput.Files("csv", "", true, List.of(), Map.of())),
            columns,
            f.or(OTHER_COLUMNS, false),
            lookups,
            derive,
            eventKey,
            f.or(ON_DUPLICATE_KEY, false),
            f.find(SUBJECT_KEY),
            eventTime,
            knownTime,
            delay,
            tombstone,
            sequence,
            f.mapping().origin().zone(),
            expectations,
            isStatic,
            f.mapping().origin().mark(f.line(SOURCE)));
    if (f.has(EVENT_KEY) && input.isPresent() && !source.columnNames().isEmpty()) {
      f.value(EVENT_KEY)
          .ifPresent(
              list -> {
                List<Value> items = list.items();
                for (int i = 0; i < Math.min(items.size(), eventKey.size()); i++) {
                  Links.column(source, eventKey.get(i), items.get(i));
                }
              });
    }
    if (!source.columnNames().isEmpty()) {
      source
          .subjectKey()
          .ifPresent(key -> Links.column(source, key, f.value(SUBJECT_KEY).orElseThrow()));
    }
    if (sequence.isPresent() && input.isPresent() && !source.columnNames().isEmpty()) {
      f.value(SEQUENCE).ifPresent(at -> Links.column(source, sequence.get(), at));
    }
    return f.complete() && name.isPresent() && input.isPresent()
        ? Optional.of(source)
        : Optional.empty();
  }

  private static Optional<SourceInput> input(Fields f) {
    if ((f.has(READ) && f.has(QUERY)) || (f.lacks(READ) && f.lacks(QUERY))) {
      Key<?> at = f.has(READ) ? QUERY : SOURCE;
      f.problem(
          at,
          f.has(READ)
              ? "\"read\" and \"query\" exclude each other. Keep one."
              : "neither \"read\" nor \"query\" says where its rows come from. Write one.");
    }
    if (f.has(QUERY)) {
      for (Key<?> key :
          List.of(
              COLUMNS,
              OTHER_COLUMNS,
              LOOKUP,
              DERIVE,
              ON_DUPLICATE_KEY,
              SUBJECT_KEY,
              EXPECTATIONS,
              STATIC)) {
        if (f.has(key)) {
          f.problem(
              key,
              "a query has no \""
                  + key.name()
                  + "\": its columns are those that it selects, of rows that its source has already"
                  + " admitted. Leave it out.");
        }
      }
      return f.find(QUERY).map(q -> q);
    }
    if (f.has(READ) && f.lacks(COLUMNS)) {
      f.problem(READ, "missing \"columns\". Write it: " + COLUMNS.doc());
    }
    f.find(COLUMNS)
        .filter(Map::isEmpty)
        .ifPresent(none -> f.problem(COLUMNS, "\"columns\" names no column. Write the contract."));
    f.find(READ).ifPresent(read -> ReadForm.check(f, read));
    return f.find(READ);
  }

  private static Lookup lookup(Fields f, String from, List<String> keys) {
    Value at = f.value(FROM).orElseThrow();
    Value keysAt = f.value(LOOKUP_KEYS).orElseThrow();
    Links links = at.origin().links();
    links.<Source>refer(
        Kind.SOURCE,
        from,
        at,
        source -> {
          if (!source.isStatic()) {
            at.problem(
                "source \""
                    + from
                    + "\" is not static: only reference data without event time can be looked up"
                    + " beside a row. Use a feature view of it instead.");
          } else if (source.eventKey().isEmpty()) {
            at.problem(
                "source \""
                    + from
                    + "\" is looked up by its key, which it has not. Write its \"event-key\".");
          } else if (source.eventKey().size() != keys.size()) {
            keysAt.problem(
                "source \""
                    + from
                    + "\" has the key "
                    + source.eventKey()
                    + ", and "
                    + keysAt.subject()
                    + " names "
                    + keys.size()
                    + (keys.size() == 1 ? " column." : " columns.")
                    + " Name one for each.");
          }
        });
    links.later(
        () ->
            links.<Source>all(Kind.SOURCE).values().stream()
                .filter(s -> s.mark().file().equals(at.origin().file()))
                .forEach(own -> SourceChecks.checkKeys(own, keys, keysAt)));
    return new Lookup("", from, keys, at.mark());
  }

  private static Optional<SourceInput.Query> query(Value value) {
    Type<SourceInput.Query> type = QUERY.type();
    return Types.blockText(value, type)
        .flatMap(
            text -> {
              try {
                SourceInput.Query query = QueryText.parse(value, text);
                value.origin().links().refer(Kind.SOURCE, query.source(), value, source -> {});
                return Optional.of(query);
              } catch (Unreadable e) {
                e.report(value);
                return Optional.empty();
              }
            });
  }

  static List<Derivation> derivations(Map<String, SqlText> named) {
    List<Derivation> derivations = new ArrayList<>();
    named.forEach((name, sql) -> derivations.add(new Derivation(name, sql)));
    return derivations;
  }
}
