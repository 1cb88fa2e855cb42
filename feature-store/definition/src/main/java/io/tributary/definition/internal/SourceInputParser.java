package io.tributary.definition.internal;

import io.tributary.core.FileType;
import io.tributary.definition.Column;
import io.tributary.definition.Problems;
import io.tributary.definition.SourceInput;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What stands below {@code read} in a source's file. */
final class SourceInputParser {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([a-z]+):([^{}]*)}");
  private static final Pattern SECRET =
      Pattern.compile(
          "(?i).*(//[^/@]*:[^/@]*@|:[^/@:]+/[^/@]+@"
              + "|[?&;](user|[^=&;]*(password|passwd|pwd|secret|token|key))=).*");
  private static final Pattern TABLE = Pattern.compile("[A-Za-z_]\\w*(\\.[A-Za-z_]\\w*){0,2}");
  private static final Set<String> GROWING =
      Set.of("smallint", "int", "bigint", "date", "timestamp");

  static final YamlKey<String> FORMAT =
      YamlKey.withDefault(
          "format",
          YamlTypes.choice(
              Stream.concat(FileType.ALL.stream().map(FileType::name), Stream.of("delta", "jdbc"))
                  .toList()),
          "csv",
          FileType.ALL.stream()
              .map(FileType::title)
              .collect(
                  Collectors.joining(
                      ", ",
                      "What is read: files of ",
                      "; a Delta table by its change feed, or a database's table by a watermark.")));
  static final YamlKey<String> PATH =
      YamlKey.optional(
          "path",
          YamlTypes.TEXT,
          "needed, but for `jdbc`",
          "Where the files or the Delta table are: below the project's folder, or any Hadoop path."
              + " For files * and ? match, and {from:yyyy-MM-dd} stands for an interval's beginning.");
  static final YamlKey<Boolean> HEADER =
      YamlKey.withDefault(
          "header",
          YamlTypes.BOOLEAN,
          "true",
          "Whether a CSV file's first line names its columns.");
  static final YamlKey<List<String>> NULLS =
      YamlKey.withDefault(
          "nulls",
          Structures.distinct(YamlTypes.TEXT),
          "[]",
          "Texts that mean null in CSV, beside the empty one.");
  static final YamlKey<Map<String, String>> OPTIONS =
      YamlKey.withDefault(
          "options",
          Structures.map(
              YamlTypes.choice(List.of("delimiter", "quote", "escape", "encoding")),
              YamlTypes.TEXT),
          "{}",
          "Further options of CSV.");
  static final YamlKey<String> CHANGE =
      YamlKey.optional(
          "change",
          YamlTypes.COLUMN_TYPE,
          "the Delta table must only grow",
          "The column, a string of the contract, that takes how a row of a Delta table changed:"
              + " insert, update_postimage or delete.");
  static final YamlKey<String> CHANGED_AT =
      YamlKey.optional(
          "changed-at",
          YamlTypes.COLUMN_TYPE,
          "no column has it",
          "The column, a timestamp of the contract, that takes the instant of the change's commit.");
  static final YamlKey<String> URL =
      YamlKey.optional(
          "url", YamlTypes.TEXT, "needed for `jdbc`", "The database, without user and password.");
  static final YamlKey<String> TABLE_NAME =
      YamlKey.optional(
          "table", YamlTypes.TEXT, "needed for `jdbc`", "The database's table or view.");
  static final YamlKey<String> WATERMARK =
      YamlKey.optional(
          "watermark",
          YamlTypes.COLUMN_TYPE,
          "needed for `jdbc`",
          "The column that only grows: a delivery is what lies above the last one's greatest value.");
  static final YamlKey<String> CREDENTIALS =
      YamlKey.optional(
          "credentials",
          YamlTypes.NAME_TYPE,
          "nobody signs in",
          "Which of the project's `credentials` signs in at the database.");

  private static final List<YamlKey<?>> CSV_ALONE = List.of(HEADER, NULLS, OPTIONS);
  private static final List<YamlKey<?>> DELTA_ALONE = List.of(CHANGE, CHANGED_AT);
  private static final List<YamlKey<?>> JDBC_ALONE =
      List.of(URL, TABLE_NAME, WATERMARK, CREDENTIALS);

  static final YamlType<SourceInput> TYPE =
      Structures.object(
          "what is read",
          List.of(
              FORMAT,
              PATH,
              HEADER,
              NULLS,
              OPTIONS,
              CHANGE,
              CHANGED_AT,
              URL,
              TABLE_NAME,
              WATERMARK,
              CREDENTIALS),
          SourceInputParser::bind);

  private SourceInputParser() {}

  private static Optional<SourceInput> bind(YamlFields f) {
    Optional<String> chosen = f.find(FORMAT);
    if (chosen.isEmpty()) {
      return Optional.empty();
    }
    String format = chosen.get();
    refuse(f, format, isDelimited(format) ? List.of() : CSV_ALONE);
    refuse(f, format, format.equals("delta") ? List.of() : DELTA_ALONE);
    refuse(f, format, format.equals("jdbc") ? List.of(PATH) : JDBC_ALONE);
    List<YamlKey<String>> needed =
        format.equals("jdbc") ? List.of(URL, TABLE_NAME, WATERMARK) : List.of(PATH);
    boolean all = true;
    for (YamlKey<String> key : needed) {
      if (f.lacks(key)) {
        f.problemAt(
            f.mapping().line(),
            f.mapping().subject() + ": missing \"" + key.name() + "\". Write it: " + key.doc());
      }
      all &= f.find(key).isPresent();
    }
    if (FileType.find(format).isPresent()) {
      f.find(PATH).ifPresent(path -> checkPlaceholders(f, path));
    }
    f.find(PATH)
        .filter(path -> SECRET.matcher(path).matches())
        .ifPresent(
            path ->
                f.problem(
                    PATH,
                    "\"path\" holds a password. Take it out: the storage's client finds it in the"
                        + " environment or its own settings."));
    f.find(URL).ifPresent(url -> checkUrl(f, url));
    f.find(TABLE_NAME)
        .filter(t -> !TABLE.matcher(t).matches())
        .ifPresent(
            t ->
                f.problem(
                    TABLE_NAME,
                    "\"table\" is \""
                        + t
                        + "\", not a table's name. Write schema.table; a query"
                        + " stands in a view of the database."));
    Optional<String> change = f.find(CHANGE);
    Optional<String> changedAt = f.find(CHANGED_AT);
    Optional<String> credentials = f.find(CREDENTIALS);
    if (!all || !f.complete()) {
      return Optional.empty();
    }
    return Optional.of(
        switch (format) {
          case "delta" -> new SourceInput.DeltaTable(f.find(PATH).orElseThrow(), change, changedAt);
          case "jdbc" ->
              new SourceInput.Jdbc(
                  f.find(URL).orElseThrow(),
                  f.find(TABLE_NAME).orElseThrow(),
                  f.find(WATERMARK).orElseThrow(),
                  credentials);
          default ->
              new SourceInput.Files(
                  format,
                  f.find(PATH).orElseThrow(),
                  f.or(HEADER, true),
                  f.or(NULLS, List.of()),
                  f.or(OPTIONS, Map.of()));
        });
  }

  private static boolean isDelimited(String format) {
    return FileType.find(format).filter(FileType::delimited).isPresent();
  }

  private static void refuse(YamlFields f, String format, List<YamlKey<?>> keys) {
    for (YamlKey<?> key : keys) {
      if (f.has(key)) {
        f.problem(key, "format " + format + " has no \"" + key.name() + "\". Leave it out.");
      }
    }
  }

  private static void checkPlaceholders(YamlFields f, String path) {
    Matcher m = PLACEHOLDER.matcher(path);
    while (m.find()) {
      try {
        if (!m.group(1).equals("from")) {
          throw new IllegalArgumentException("only an interval's beginning can stand there");
        }
        DateTimeFormatter unused = DateTimeFormatter.ofPattern(m.group(2));
        if (m.group(2).isBlank()) {
          throw new IllegalArgumentException("it has no pattern");
        }
      } catch (IllegalArgumentException e) {
        f.problem(
            PATH,
            "\"path\" has "
                + m.group()
                + ", which says nothing ("
                + e.getMessage()
                + "). Write it as in {from:yyyy-MM-dd}.");
      }
    }
  }

  private static void checkUrl(YamlFields f, String url) {
    if (SECRET.matcher(url).matches()) {
      f.problem(
          URL,
          "\"url\" holds a user or a password. Take it out, write it below \"credentials\" in"
              + " tributary.yaml, and name it here: credentials: NAME.");
    } else if (!url.startsWith("jdbc:")) {
      f.problem(
          URL,
          "\"url\" is \""
              + YamlValue.shortened(url)
              + "\", not the address of a database. Write it as in"
              + " jdbc:postgresql://host:5432/database.");
    }
  }

  /** What must hold between what is read and the contract. */
  static void check(YamlFields source, SourceInput read) {
    List<Column> columns = List.copyOf(source.or(SourceParser.COLUMNS, Map.of()).values());
    checkFormerNames(source, columns);
    if (columns.isEmpty()) {
      return;
    }
    SourceChecks.checkFormats(source, read.format(), columns);
    if (read instanceof SourceInput.Files files && isDelimited(files.format()) && !files.header()) {
      boolean differs =
          source.or(SourceParser.OTHER_COLUMNS, false)
              || columns.stream().anyMatch(c -> c.optional() || !c.was().isEmpty());
      if (differs) {
        source.problem(
            SourceParser.READ,
            "files without a header have the contract's columns and no others: \"optional\", \"was\""
                + " and \"other-columns\" need names to go by. Leave them out, or write header:"
                + " true.");
      }
    } else if (read instanceof SourceInput.DeltaTable table) {
      requireColumn(source, columns, CHANGE, table.change(), Set.of("string"));
      requireColumn(source, columns, CHANGED_AT, table.changedAt(), Set.of("timestamp"));
      boolean isStatic = source.or(SourceParser.STATIC, false);
      if (table.change().isPresent() && !isStatic && source.lacks(SourceParser.TOMBSTONE)) {
        source.problem(
            SourceParser.READ,
            "rows of a change feed may withdraw events, and nothing says which. Write tombstone: "
                + table.change().get()
                + " = 'delete'.");
      }
    } else if (read instanceof SourceInput.Jdbc jdbc) {
      requireColumn(source, columns, WATERMARK, Optional.of(jdbc.watermark()), GROWING);
    }
  }

  private static void requireColumn(
      YamlFields source,
      List<Column> columns,
      YamlKey<?> key,
      Optional<String> name,
      Set<String> types) {
    if (name.isEmpty()) {
      return;
    }
    Optional<Column> found = columns.stream().filter(c -> c.name().equals(name.get())).findFirst();
    if (found.isEmpty()) {
      source.problem(
          SourceParser.READ,
          Problems.unknown(
              "\""
                  + key.name()
                  + "\" names a column that \"columns\" does not have: \""
                  + name.get()
                  + "\"",
              name.get(),
              columns.stream().map(Column::name).toList()));
    } else if (!types.contains(found.get().type().ddl())) {
      source.problem(
          SourceParser.READ,
          "\""
              + key.name()
              + "\" names "
              + name.get()
              + ", which is "
              + found.get().type()
              + ". It must be "
              + String.join(" or ", types.stream().sorted().toList())
              + ".");
    }
  }

  private static void checkFormerNames(YamlFields source, List<Column> columns) {
    Map<String, String> taken = new HashMap<>();
    columns.forEach(c -> taken.put(c.name(), "the name of a column"));
    List<String> problems = new ArrayList<>();
    for (Column column : columns) {
      for (String was : column.was()) {
        String before = taken.putIfAbsent(was, "a former name of " + column.name());
        if (before != null) {
          problems.add(
              "\"columns."
                  + column.name()
                  + "\" was \""
                  + was
                  + "\", which is also "
                  + before
                  + ". One name leads to one column: take it out.");
        }
      }
    }
    problems.forEach(p -> source.problem(SourceParser.COLUMNS, p));
  }

  static Map<String, Object> render(SourceInput input) {
    Map<String, Object> read = new LinkedHashMap<>();
    read.put("format", input.format());
    if (input instanceof SourceInput.Files files) {
      read.put("path", files.path());
      if (isDelimited(files.format())) {
        read.put("header", files.header());
        read.put("nulls", files.nulls());
        read.put("options", new TreeMap<>(files.options()));
      }
    } else if (input instanceof SourceInput.DeltaTable table) {
      read.put("path", table.path());
      table.change().ifPresent(c -> read.put("change", c));
      table.changedAt().ifPresent(c -> read.put("changed-at", c));
    } else if (input instanceof SourceInput.Jdbc jdbc) {
      read.put("url", jdbc.url());
      read.put("table", jdbc.table());
      read.put("watermark", jdbc.watermark());
      jdbc.credentials().ifPresent(c -> read.put("credentials", c));
    }
    return read;
  }
}
