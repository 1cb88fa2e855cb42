package io.tributary.definition.internal;

import io.tributary.core.TimeFormat;
import io.tributary.definition.AvailabilityDelay;
import io.tributary.definition.Column;
import io.tributary.definition.ColumnType;
import io.tributary.definition.Derivation;
import io.tributary.definition.ExpectedDelivery;
import io.tributary.definition.ExpectedDelivery.Overdue;
import io.tributary.definition.Lookup;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.definition.SqlText;
import io.tributary.definition.internal.SqlTokens.Unreadable;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What stands in a file of {@code sources/}. */
final class SourceParser {
  static final YamlKey<String> SOURCE =
      YamlKey.required("source", YamlTypes.NAME_TYPE, "The source's name.");
  static final YamlKey<String> DESCRIPTION =
      YamlKey.withDefault("description", YamlTypes.TEXT, "\"\"", "What a row is, for people.");
  static final YamlKey<String> OWNER =
      YamlKey.withDefault("owner", YamlTypes.TEXT, "\"\"", "Who answers for it.");

  static final YamlKey<SourceInput> READ =
      YamlKey.optional(
          "read",
          SourceInputParser.TYPE,
          "then `query` says what is read",
          "What the source's rows are read from.");
  static final YamlKey<SourceInput.Query> QUERY =
      YamlKey.optional(
          "query",
          new YamlType<>("a query", "select a, b + 1 as c from s", List.of(), SourceParser::query),
          "then `read` says what is read",
          "Rows of another source: select EXPRESSION as NAME, ... from SOURCE where EXPRESSION.");

  static final Map<String, Boolean> OTHERS = others();
  private static final YamlKey<ColumnType> TYPE =
      YamlKey.required("type", ColumnTypes.TYPE, "The column's type.");
  private static final YamlKey<List<String>> TAGS =
      YamlKey.withDefault(
          "tags", Structures.distinct(YamlTypes.TEXT), "[]", "Words to find it by.");
  private static final YamlKey<Boolean> OPTIONAL =
      YamlKey.withDefault(
          "optional",
          YamlTypes.BOOLEAN,
          "false",
          "Whether a delivery may lack it; it is null then.");
  private static final YamlKey<List<String>> WAS =
      YamlKey.withDefault(
          "was",
          Structures.oneOrMore(YamlTypes.COLUMN_TYPE),
          "[]",
          "Names that it had before: deliveries may still use them, and so may rows that are"
              + " already loaded.");
  private static final YamlKey<TimeFormat> FORMAT =
      YamlKey.optional(
          "format",
          YamlTypes.parsed(
              "a format of dates or timestamps",
              "dd/MM/yyyy or \"MM/dd/yyyy HH:mm:ss\"",
              (value, text) -> new TimeFormat(text)),
          "as ISO 8601 writes it, 2013-01-31",
          "How CSV or JSON writes a date or a timestamp.");
  private static final YamlType<Column> COLUMN_OBJECT =
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
  private static final YamlType<Column> COLUMN =
      new YamlType<>(
          "a column's type",
          "string, or {type: string, tags: [person]}",
          COLUMN_OBJECT.keys(),
          value ->
              value.isMapping()
                  ? COLUMN_OBJECT.bind(value)
                  : ColumnTypes.TYPE.bind(value).map(t -> new Column("", t, Set.of())));
  static final YamlKey<Map<String, Column>> COLUMNS =
      YamlKey.optional(
          "columns",
          Structures.map(
              YamlTypes.COLUMN_TYPE,
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
  static final YamlKey<Boolean> OTHER_COLUMNS =
      YamlKey.withDefault(
          "other-columns",
          YamlTypes.choice(OTHERS),
          "refuse",
          "What becomes of columns that the contract does not have: `refuse` the delivery, or"
              + " `ignore` them.");

  private static final YamlKey<String> FROM =
      YamlKey.required("source", YamlTypes.NAME_TYPE, "The static source that is looked up.");
  private static final YamlKey<List<String>> LOOKUP_KEYS =
      YamlKey.required(
          "keys",
          Structures.list(YamlTypes.COLUMN_TYPE),
          "Columns of this source, in the order of the static source's event key.");
  static final YamlKey<Map<String, Lookup>> LOOKUP =
      YamlKey.withDefault(
          "lookup",
          Structures.map(
              YamlTypes.COLUMN_TYPE,
              Structures.object(
                  "a look-up",
                  List.of(FROM, LOOKUP_KEYS),
                  f -> {
                    Optional<String> from = f.find(FROM);
                    Optional<List<String>> keys = f.find(LOOKUP_KEYS);
                    return from.flatMap(s -> keys.map(k -> lookup(f, s, k)));
                  }),
              (entry, l) ->
                  new Lookup(entry.key(), l.source(), l.keys(), entry.value().location())),
          "{}",
          "Rows of static sources beside each row, under a name; then NAME.COLUMN in expressions.");
  static final YamlKey<Map<String, SqlText>> DERIVE =
      YamlKey.withDefault(
          "derive",
          Structures.map(YamlTypes.COLUMN_TYPE, YamlTypes.SQL),
          "{}",
          "Computed columns, top to bottom.");
  static final YamlKey<List<String>> EVENT_KEY =
      YamlKey.withDefault(
          "event-key",
          Structures.distinct(YamlTypes.COLUMN_TYPE),
          "[]",
          "The columns that identify an event across its corrections; none = each row is an event"
              + " of its own. A static source's key, by which it is looked up; one without it can only"
              + " be the rows of a training set.");
  static final YamlKey<Boolean> ON_DUPLICATE_KEY =
      YamlKey.withDefault(
          "on-duplicate-key",
          YamlTypes.choice(duplicates()),
          "count",
          "What becomes of a delivery that brings two rows of one event key and equal known time with"
              + " other values, of which only one can count: the rows are counted, with a warning, or"
              + " the delivery is rejected.");
  static final YamlKey<String> SUBJECT_KEY =
      YamlKey.optional(
          "subject-key",
          YamlTypes.COLUMN_TYPE,
          "nobody's",
          "The column that says whose data a row is; `tributary show` lists where copies of it lie.");
  static final YamlKey<SqlText> EVENT_TIME =
      YamlKey.optional(
          "event-time", YamlTypes.SQL, "needed unless `static`", "When the fact happened.");
  static final YamlKey<SqlText> KNOWN_TIME =
      YamlKey.optional(
          "known-time",
          YamlTypes.SQL,
          "event time + `availability-delay`; for a query its source's known time",
          "The first instant at which this version of the row could have been used.");
  static final YamlKey<AvailabilityDelay> AVAILABILITY_DELAY =
      YamlKey.optional(
          "availability-delay",
          YamlTypes.parsed(
              "a delay",
              "6h; of a source of days end-of-day or end-of-day + 6h",
              (value, text) -> AvailabilityDelay.parse(text)),
          "`0s`",
          "How long after its event time a row is known, in place of `known-time`.");
  static final YamlKey<SqlText> TOMBSTONE =
      YamlKey.optional(
          "tombstone",
          YamlTypes.SQL,
          "no row withdraws one",
          "True for a row that withdraws its event; needs `known-time`, which says when.");
  static final YamlKey<String> SEQUENCE =
      YamlKey.optional(
          "sequence",
          YamlTypes.COLUMN_TYPE,
          "none; for a query its source's",
          "A column, such as a log position, that orders versions of one event with equal known time:"
              + " the greatest counts, also if it withdraws the event. It never ranks different"
              + " events, and a row without it is set apart.");
  static final YamlKey<ZoneId> ZONE =
      YamlKey.optional(
          "zone",
          YamlTypes.ZONE,
          "the project's zone",
          "What local times in files and expressions mean.");
  static final YamlKey<String> EXPECTATIONS =
      YamlKey.optional(
          "expectations",
          YamlTypes.TEXT,
          "every row that fits the contract is admitted",
          "A Great Expectations suite, a file in expectations/.");
  static final YamlKey<LocalTime> EXPECT_BY =
      YamlKey.optional(
          "expect-by",
          YamlTypes.TIME_OF_DAY,
          "whenever it comes",
          "When rows of a night have to be there: a time on the day after, in the project's zone.");
  static final YamlKey<Overdue> OVERDUE =
      YamlKey.withDefault(
          "overdue",
          YamlTypes.choice(Overdue.class),
          "tell",
          "What follows where no row of the night is there by `expect-by`: the night goes on and says"
              + " it, receivers get an `alert` besides, or its ingest fails and is to `retry`.");
  static final YamlKey<Boolean> STATIC =
      YamlKey.withDefault(
          "static",
          YamlTypes.BOOLEAN,
          "false",
          "Reference data without event time, or label rows made elsewhere: the newest delivery is its"
              + " content.");

  static final List<YamlKey<?>> KEYS =
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
          EXPECT_BY,
          OVERDUE,
          STATIC);

  private SourceParser() {}

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

  static Optional<Source> bind(YamlFields f) {
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
    if (f.has(OVERDUE) && f.lacks(EXPECT_BY)) {
      f.problem(
          OVERDUE,
          "\"overdue\" says what follows where \"expect-by\" has passed, and there is none. Write it: "
              + EXPECT_BY.doc());
    }
    if (isStatic) {
      SourceChecks.checkStatic(f);
    } else if (!f.has(STATIC) || f.find(STATIC).isPresent()) {
      SourceChecks.checkEvents(f);
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
            f.find(EXPECT_BY).map(by -> new ExpectedDelivery(by, f.or(OVERDUE, Overdue.TELL))),
            isStatic,
            f.mapping().origin().location(f.line(SOURCE)));
    if (f.has(EVENT_KEY) && input.isPresent() && !source.columnNames().isEmpty()) {
      f.value(EVENT_KEY)
          .ifPresent(
              list -> {
                List<YamlValue> items = list.items();
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
    if (f.complete() && name.isPresent() && input.isPresent()) {
      return Optional.of(source);
    }
    SourceChecks.checkDay(f, source);
    return Optional.empty();
  }

  private static Optional<SourceInput> input(YamlFields f) {
    if ((f.has(READ) && f.has(QUERY)) || (f.lacks(READ) && f.lacks(QUERY))) {
      YamlKey<?> at = f.has(READ) ? QUERY : SOURCE;
      f.problem(
          at,
          f.has(READ)
              ? "\"read\" and \"query\" exclude each other. Keep one."
              : "neither \"read\" nor \"query\" says where its rows come from. Write one.");
    }
    if (f.has(QUERY)) {
      for (YamlKey<?> key :
          List.of(
              COLUMNS,
              OTHER_COLUMNS,
              LOOKUP,
              DERIVE,
              ON_DUPLICATE_KEY,
              SUBJECT_KEY,
              EXPECTATIONS,
              EXPECT_BY,
              OVERDUE,
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
    f.find(READ).ifPresent(read -> SourceInputParser.check(f, read));
    return f.find(READ);
  }

  private static Lookup lookup(YamlFields f, String from, List<String> keys) {
    YamlValue at = f.value(FROM).orElseThrow();
    YamlValue keysAt = f.value(LOOKUP_KEYS).orElseThrow();
    Links links = at.origin().links();
    links.<Source>refer(
        DefinitionKind.SOURCE,
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
            links.<Source>all(DefinitionKind.SOURCE).values().stream()
                .filter(s -> s.location().file().equals(at.origin().file()))
                .forEach(own -> SourceChecks.checkKeys(own, keys, keysAt)));
    return new Lookup("", from, keys, at.location());
  }

  private static Optional<SourceInput.Query> query(YamlValue value) {
    YamlType<SourceInput.Query> type = QUERY.type();
    return YamlTypes.blockText(value, type)
        .flatMap(
            text -> {
              try {
                SourceInput.Query query = QueryText.parse(value, text);
                value
                    .origin()
                    .links()
                    .refer(DefinitionKind.SOURCE, query.source(), value, source -> {});
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
