package io.tributary.console.init;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The files of a new project, as text by path.
 *
 * @param name the project's
 * @param source the source's name, which is also its data file's
 * @param from where the data came from, for comments
 * @param dataFile the copy of the data, below the project's folder
 * @param today the day of reference data, which has no time of its own
 */
record ProjectDraft(
    String name,
    String source,
    String from,
    String dataFile,
    char delimiter,
    ZoneId zone,
    LocalDate today,
    Guess guess) {
  private static final String UNIQUE = "no two rows of the file are equal in it";
  private static final int MOST_FEATURES = 3;
  private static final int MOST_LOOKUPS = 20;
  private static final int FEW_VALUES = 12;
  private static final Duration SNAPSHOTS = Duration.ofDays(30);
  private static final Set<String> SQL_WORDS =
      Set.of(
          "and",
          "as",
          "between",
          "case",
          "cast",
          "distinct",
          "else",
          "end",
          "false",
          "from",
          "if",
          "in",
          "interval",
          "is",
          "like",
          "not",
          "null",
          "or",
          "over",
          "select",
          "then",
          "true",
          "when",
          "where");

  /** The files' texts. */
  Map<String, String> files() {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("tributary.yaml", project());
    files.put("sources/" + source + ".yaml", sourceFile());
    files.put("expectations/" + source + ".json", suite());
    viewName().ifPresent(v -> files.put("features/" + v + ".yaml", view(v)));
    files.put("pipelines/nightly.yaml", pipeline());
    files.put(".gitignore", "lake/\n");
    return files;
  }

  private boolean isStatic() {
    return guess.time().isEmpty();
  }

  /** The view's name, without its version; empty if there is nothing to make features from. */
  Optional<String> viewName() {
    if (isStatic()) {
      return lookups().isEmpty() ? Optional.empty() : Optional.of(source + "_facts");
    }
    return guess.entity().map(e -> Guess.snake(e).replaceAll("_id$", "") + "_history");
  }

  private String project() {
    return """
    # Made by tributary init from %s. All the files of this project are guesses at that file: change what is wrong.
    # Run it:  tributary run .
    project: %s
    zone: %s        # days, and times without an offset, are read in this zone
    lake: ${TRIBUTARY_LAKE:-lake}
    """
        .formatted(from, name, zone);
  }

  private String sourceFile() {
    StringBuilder text = new StringBuilder();
    text.append("# Guessed from the %,d rows of %s.\n".formatted(guess.rows(), from));
    guess.attention().forEach(a -> text.append("# Look at this: ").append(a).append(".\n"));
    text.append("source: ").append(source).append('\n');
    text.append("description: Rows of ").append(dataFile).append(".\n");
    if (isStatic()) {
      text.append(
          "static: true        # no column is a time: reference data, its newest delivery is its content\n");
    }
    text.append("read: {format: csv, path: ").append(dataFile).append(", header: true");
    if (!guess.nulls().isEmpty()) {
      text.append(", nulls: [")
          .append(guess.nulls().stream().map(n -> '"' + n + '"').collect(Collectors.joining(", ")))
          .append(']');
    }
    if (delimiter != ',') {
      text.append(", options: {delimiter: \"")
          .append(delimiter == '\t' ? "\\t" : String.valueOf(delimiter))
          .append("\"}");
    }
    text.append("}\ncolumns:\n");
    int width =
        guess.columns().stream()
            .mapToInt(c -> c.name().length() + type(c).length())
            .max()
            .orElse(0);
    for (GuessedColumn c : guess.columns()) {
      text.append("  ").append(c.name()).append(": ").append(type(c));
      text.append(" ".repeat(width - c.name().length() - type(c).length() + 3));
      text.append("# ").append(c.why()).append('\n');
    }
    guess.time().ifPresent(t -> time(text, t));
    key(text);
    text.append("expectations: ").append(source).append(".json\n");
    return text.toString();
  }

  private static String type(GuessedColumn column) {
    return column
        .format()
        .map(
            f ->
                "{type: %s, format: %s}"
                    .formatted(column.type(), f.contains(":") ? '"' + f + '"' : f))
        .orElse(column.type());
  }

  private void key(StringBuilder text) {
    if (guess.key().isEmpty()) {
      text.append(
          "# No event-key: no column identifies a row, so that each row is an event of its own.\n");
    } else {
      text.append("event-key: [")
          .append(String.join(", ", guess.key()))
          .append("]        # ")
          .append(
              guess.repeats().map(ProjectDraft::repeated).orElse(UNIQUE)
                  + (isStatic() ? "" : "; a row of equal key that is known later is a correction"))
          .append('\n');
      if (!isStatic()) {
        text.append(
            "on-duplicate-key: refuse        # a delivery with two rows of equal key and time that differ; count lets one of them count\n");
      }
    }
  }

  /** What was found about a key that the user specified. */
  private static String repeated(KeyCheck.Repeats repeats) {
    if (repeats.contradictions() > 0) {
      return String.format(
          Locale.ROOT,
          "TOO COARSE: %,d rows have key and time of a row before them and other values",
          repeats.contradictions());
    }
    return repeats.corrections() > 0
        ? String.format(
            Locale.ROOT,
            "%,d rows have the key of a row before them, at another time",
            repeats.corrections())
        : "rows of the file that are equal in it are equal in all columns";
  }

  private void time(StringBuilder text, EventTime t) {
    t.derived()
        .ifPresent(
            d -> text.append("derive:\n  ").append(d).append(": ").append(t.sql()).append('\n'));
    text.append("event-time: ").append(t.derived().orElse(t.sql()));
    text.append("        # %s to %s".formatted(t.first(), t.last()));
    if (t.missingShare() > 0) {
      text.append(
          "; rows without it (%.1f %%) go into quarantine".formatted(100 * t.missingShare()));
    }
    text.append('\n');
    if (t.day()) {
      text.append(
          "availability-delay: end-of-day        # a day is known when it is over; for a file that arrives later, as in  end-of-day + 6h\n");
    } else {
      text.append(
          "# A row counts as known when it happens. If it comes later, declare that, as in  availability-delay: 1h\n");
    }
  }

  private String suite() {
    List<Map<String, Object>> expectations = new ArrayList<>();
    expectations.add(
        expectation(
            "expect_table_row_count_to_be_between",
            Map.of("min_value", 1),
            "",
            "no empty delivery"));
    Set<String> needed = new LinkedHashSet<>(guess.key());
    guess.time().filter(t -> t.missingShare() == 0).ifPresent(t -> needed.add(t.column().name()));
    for (String column : needed) {
      expectations.add(
          expectation(
              "expect_column_values_to_not_be_null",
              Map.of("column", column),
              "",
              "it identifies a row or says when it happened"));
    }
    if (isStatic()) {
      expectations.add(
          guess.key().size() == 1
              ? expectation(
                  "expect_column_values_to_be_unique",
                  Map.of("column", guess.key().get(0)),
                  "",
                  "it is looked up by it")
              : expectation(
                  "expect_compound_columns_to_be_unique",
                  Map.of("column_list", guess.key()),
                  "",
                  "it is looked up by them"));
    }
    for (GuessedColumn column : guess.columns()) {
      if (!needed.contains(column.name())) {
        warnings(column, expectations);
      }
    }
    Map<String, Object> suite = new LinkedHashMap<>();
    suite.put("name", source);
    suite.put("expectations", expectations);
    try {
      return Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(suite) + "\n";
    } catch (JsonProcessingException e) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot write the suite of %s: %s. Report this as a bug."
              .formatted(source, e.getOriginalMessage()),
          e);
    }
  }

  /** Properties of the first file that need not always hold: warnings only. */
  private void warnings(GuessedColumn column, List<Map<String, Object>> expectations) {
    ColumnProfile p = column.profile();
    if (p.values() == 0) {
      return;
    }
    double present = Math.floor((1 - column.missingShare()) * 90) / 100;
    if (present > 0) {
      Map<String, Object> kwargs = new LinkedHashMap<>();
      kwargs.put("column", column.name());
      kwargs.put("mostly", present);
      expectations.add(
          expectation(
              "expect_column_values_to_not_be_null",
              kwargs,
              "warning",
              String.format(Locale.ROOT, "%.1f %% were missing", 100 * column.missingShare())));
    }
    if (column.isNumber() && p.least() <= p.greatest()) {
      Map<String, Object> kwargs = new LinkedHashMap<>();
      double margin = Math.max(p.greatest() - p.least(), 1);
      kwargs.put("column", column.name());
      kwargs.put(
          "min_value",
          bound(column, p.least() >= 0 ? Math.max(0, p.least() - margin) : p.least() - margin));
      kwargs.put("max_value", bound(column, p.greatest() + margin));
      expectations.add(
          expectation(
              "expect_column_values_to_be_between",
              kwargs,
              "warning",
              "seen were "
                  + GuessedColumn.number(p.least())
                  + " to "
                  + GuessedColumn.number(p.greatest())));
    }
    boolean few =
        column.type().equals("string")
            && p.distinct().filter(n -> n <= FEW_VALUES).isPresent()
            && p.values() >= 4L * FEW_VALUES;
    if (few) {
      Map<String, Object> kwargs = new LinkedHashMap<>();
      kwargs.put("column", column.name());
      kwargs.put("value_set", List.copyOf(p.distinctValues()));
      expectations.add(
          expectation("expect_column_values_to_be_in_set", kwargs, "warning", "no other was seen"));
    }
  }

  private static Object bound(GuessedColumn column, double value) {
    return column.type().equals("double") ? (Object) value : (Object) (long) value;
  }

  private static Map<String, Object> expectation(
      String type, Map<String, ?> kwargs, String severity, String notes) {
    Map<String, Object> expectation = new LinkedHashMap<>();
    expectation.put("type", type);
    expectation.put("kwargs", kwargs);
    if (!severity.isEmpty()) {
      expectation.put("severity", severity);
    }
    expectation.put("meta", Map.of("notes", notes));
    return expectation;
  }

  private String view(String view) {
    StringBuilder text = new StringBuilder();
    if (isStatic()) {
      text.append("# The columns of a row, looked up by its key.\n");
    } else {
      text.append("# What each ")
          .append(guess.entity().orElseThrow())
          .append(" has been doing. A feature is made for each window: events_7d.\n");
    }
    text.append("view: ").append(view).append("@1\n");
    text.append("entity: [")
        .append(isStatic() ? String.join(", ", guess.key()) : guess.entity().orElseThrow())
        .append("]\nsource: ")
        .append(source)
        .append("\nfeatures:\n");
    if (isStatic()) {
      lookups()
          .forEach(
              (feature, column) ->
                  text.append("  ").append(feature).append(": ").append(column).append('\n'));
    } else {
      windowed(text);
    }
    return text.toString();
  }

  private Map<String, String> lookups() {
    Map<String, String> lookups = new LinkedHashMap<>();
    Set<String> taken = new LinkedHashSet<>();
    guess.key().forEach(k -> taken.add(Guess.snake(k)));
    for (GuessedColumn c : guess.values()) {
      String feature = Guess.snake(c.name());
      if (lookups.size() < MOST_LOOKUPS && usable(c) && taken.add(feature)) {
        lookups.put(feature, c.name());
      }
    }
    return lookups;
  }

  private void windowed(StringBuilder text) {
    String windows = windows();
    Set<String> taken = new LinkedHashSet<>(Set.of("events"));
    guess.entity().ifPresent(taken::add);
    text.append("  events: count(*) over ").append(windows).append('\n');
    int made = 0;
    for (GuessedColumn c : guess.values()) {
      String name = Guess.snake(c.name());
      if (made == MOST_FEATURES || !usable(c)) {
        continue;
      }
      if (c.isNumber() && !isName(c) && taken.add("mean_" + name)) {
        text.append("  mean_")
            .append(name)
            .append(": mean(")
            .append(c.name())
            .append(") over ")
            .append(windows)
            .append('\n');
        made++;
      } else if (c.isBoolean() && taken.add("share_" + name)) {
        text.append("  share_")
            .append(name)
            .append(": mean(")
            .append(c.name())
            .append(") over ")
            .append(windows)
            .append("        # of rows with true\n");
        made++;
      }
    }
    text.append("  since_last: time_since_last() over ")
        .append(windows.replaceFirst(".*, ", ""))
        .append('\n');
  }

  private static boolean usable(GuessedColumn c) {
    return c.profile().values() > 0 && !SQL_WORDS.contains(c.name().toLowerCase(Locale.ROOT));
  }

  private static boolean isName(GuessedColumn c) {
    return Guess.snake(c.name())
        .matches(
            "id|.*_id|.*(code|number|key)|.*_no|year|month|day|weekday|week|hour|minute|second");
  }

  private String windows() {
    EventTime t = guess.time().orElseThrow();
    Duration span = Duration.between(t.first(), t.last());
    return span.compareTo(Duration.ofDays(3)) < 0
        ? "1h, 1d"
        : span.compareTo(Duration.ofDays(60)) < 0 ? "1d, 7d" : "7d, 30d";
  }

  private String pipeline() {
    LocalDate last = today;
    LocalDate first = today.minusDays(1);
    String why = "any day does: reference data has no time";
    if (guess.time().isPresent()) {
      EventTime t = guess.time().get();
      last = t.last().atZone(zone).toLocalDate().plusDays(t.day() ? 1 : 0);
      LocalDate begin = t.first().atZone(zone).toLocalDate();
      LocalDate kept = last.minusDays(SNAPSHOTS.toDays());
      first = begin.isAfter(kept) ? begin : kept;
      first = first.isBefore(last) ? first : last.minusDays(1);
      why =
          begin.isBefore(first)
              ? "snapshots of the last 30 days that the file covers; all rows are loaded"
              : "all that the file covers but its last day";
    }
    List<String> steps = new ArrayList<>(List.of("ingest"));
    if (viewName().isPresent()) {
      steps.addAll(List.of("materialize", "publish"));
    }
    return """
    # What runs each night. Without --night: first the history in one go, then each night up to "until".
    pipeline: nightly
    schedule: "0 6 * * *"
    history: %s/%s        # %s
    until: %s
    steps: [%s]
    """
        .formatted(first, last, why, last.plusDays(1), String.join(", ", steps));
  }
}
