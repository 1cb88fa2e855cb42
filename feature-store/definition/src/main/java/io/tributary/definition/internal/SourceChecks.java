package io.tributary.definition.internal;

import io.tributary.core.Nearest;
import io.tributary.definition.Column;
import io.tributary.definition.Source;
import io.tributary.definition.SqlText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What must hold between the keys of a source. */
final class SourceChecks {
  private SourceChecks() {}

  static void uniqueNames(Fields f) {
    Map<String, String> seen = new HashMap<>();
    for (Key<?> key : List.of(SourceForm.COLUMNS, SourceForm.LOOKUP, SourceForm.DERIVE)) {
      for (Value.Entry entry : f.value(key).map(Value::entries).orElse(List.of())) {
        String folded = entry.key().toLowerCase(Locale.ROOT);
        String first = seen.putIfAbsent(folded, key.name() + "." + entry.key());
        if (first != null && !first.equals(key.name() + "." + entry.key())) {
          f.problemAt(
              entry.line(),
              "\""
                  + entry.key()
                  + "\" in \""
                  + key.name()
                  + "\" is already the name of "
                  + first
                  + " (capitals make no difference). Rename it.");
        }
      }
    }
  }

  static void checkStatic(Fields f) {
    for (Key<?> key :
        List.of(
            SourceForm.EVENT_TIME,
            SourceForm.KNOWN_TIME,
            SourceForm.AVAILABILITY_DELAY,
            SourceForm.TOMBSTONE,
            SourceForm.SEQUENCE)) {
      if (f.has(key)) {
        f.problem(
            key,
            "a static source has no \"" + key.name() + "\": it is always known. Leave it out.");
      }
    }
    if (f.has(SourceForm.ON_DUPLICATE_KEY)) {
      f.problem(
          SourceForm.ON_DUPLICATE_KEY,
          "a static source has no \"on-duplicate-key\": a key twice always rejects its delivery."
              + " Leave it out.");
    }
  }

  /** Formats stand at dates and timestamps that a text writes. */
  static void checkFormats(Fields f, String format, List<Column> columns) {
    for (Column column : columns) {
      if (column.format().isEmpty()) {
        continue;
      }
      String type = column.type().ddl();
      String pattern = column.format().get().pattern();
      String why = null;
      if (!format.equals("csv") && !format.equals("json")) {
        why = "but format " + format + " has typed values. Leave it out";
      } else if (!type.equals("date") && !type.equals("timestamp")) {
        why = "but is " + type + ". Only a date or a timestamp has one";
      } else if (type.equals("date") && !column.format().get().isDay()) {
        why = "which has a time of day, but is a date. Write timestamp, or a format of days";
      }
      if (why != null) {
        f.problem(
            SourceForm.COLUMNS,
            "\"columns.%s\" has the format \"%s\", %s.".formatted(column.name(), pattern, why));
      }
    }
  }

  static void checkEvents(Fields f, List<Column> columns) {
    if (f.lacks(SourceForm.EVENT_TIME) && f.lacks(SourceForm.STATIC)) {
      f.problem(
          SourceForm.SOURCE,
          "missing \"event-time\". Write it: "
              + SourceForm.EVENT_TIME.doc()
              + " Or, for reference data, static: true.");
    }
    if (f.has(SourceForm.KNOWN_TIME) && f.has(SourceForm.AVAILABILITY_DELAY)) {
      f.problem(
          SourceForm.AVAILABILITY_DELAY,
          "\"known-time\" and \"availability-delay\" exclude each other. Keep one.");
    }
    if (f.lacks(SourceForm.EVENT_KEY)
        || f.find(SourceForm.EVENT_KEY).filter(List::isEmpty).isPresent()) {
      for (Key<?> key :
          f.has(SourceForm.READ)
              ? List.of(
                  SourceForm.KNOWN_TIME,
                  SourceForm.TOMBSTONE,
                  SourceForm.SEQUENCE,
                  SourceForm.ON_DUPLICATE_KEY)
              : List.of(SourceForm.TOMBSTONE, SourceForm.SEQUENCE)) {
        if (f.has(key)) {
          f.problem(
              key,
              "\""
                  + key.name()
                  + "\" needs \"event-key\": without it each row is an event of its own. Write"
                  + " \"event-key\".");
        }
      }
    }
    if (f.has(SourceForm.TOMBSTONE) && f.has(SourceForm.READ) && f.lacks(SourceForm.KNOWN_TIME)) {
      f.problem(
          SourceForm.TOMBSTONE,
          "\"tombstone\" needs \"known-time\": without it a withdrawal would be known when its row"
              + " happened, as the row that it withdraws is, and would never take effect. Write as"
              + " \"known-time\" when a change was known.");
    }
    Optional<SqlText> time = f.find(SourceForm.EVENT_TIME);
    boolean days =
        time.isPresent()
            && columns.stream()
                .anyMatch(c -> c.name().equals(time.get().sql()) && c.type().ddl().equals("date"));
    if (days && !f.has(SourceForm.AVAILABILITY_DELAY) && !f.has(SourceForm.KNOWN_TIME)) {
      f.problem(
          SourceForm.EVENT_TIME,
          "the event time \""
              + time.get().sql()
              + "\" is a day, which would be known when it begins. Write \"availability-delay\":"
              + " end-of-day, or end-of-day + 6h where its file arrives later.");
    }
  }

  static void checkSuite(Fields f, String file) {
    Path suites = f.mapping().origin().links().folder().resolve("expectations");
    if (Files.isRegularFile(suites.resolve(file))) {
      return;
    }
    List<String> known = new ArrayList<>();
    if (Files.isDirectory(suites)) {
      try (Stream<Path> files = Files.list(suites)) {
        files.map(p -> p.getFileName().toString()).sorted().forEach(known::add);
      } catch (IOException e) {
        f.problem(
            SourceForm.EXPECTATIONS,
            "the folder expectations/ can't be read: " + e.getMessage() + ".");
        return;
      }
    }
    f.problem(
        SourceForm.EXPECTATIONS,
        "no file expectations/"
            + file
            + "."
            + Nearest.of(file, known)
                .map(near -> " Did you mean \"" + near + "\"?")
                .orElse(" Write it there."));
  }

  static void checkKeys(Source own, List<String> keys, Value at) {
    List<String> contract = own.columns().stream().map(Column::name).toList();
    List<Value> items = at.items();
    for (int i = 0; i < keys.size(); i++) {
      if (!contract.contains(keys.get(i))) {
        items
            .get(i)
            .problem(
                Links.unknown("\"columns\" has no \"" + keys.get(i) + "\"", keys.get(i), contract));
      }
    }
  }
}
