package io.tributary.definition.internal;

import io.tributary.core.FileType;
import io.tributary.core.Nearest;
import io.tributary.definition.Column;
import io.tributary.definition.LateDays;
import io.tributary.definition.Problems;
import io.tributary.definition.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** What must hold between the keys of a source. */
final class SourceChecks {
  private SourceChecks() {}

  static void uniqueNames(YamlFields f) {
    Map<String, String> seen = new HashMap<>();
    for (YamlKey<?> key : List.of(SourceParser.COLUMNS, SourceParser.LOOKUP, SourceParser.DERIVE)) {
      for (YamlValue.Entry entry : f.value(key).map(YamlValue::entries).orElse(List.of())) {
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

  static void checkStatic(YamlFields f) {
    for (YamlKey<?> key :
        List.of(
            SourceParser.EVENT_TIME,
            SourceParser.KNOWN_TIME,
            SourceParser.AVAILABILITY_DELAY,
            SourceParser.TOMBSTONE,
            SourceParser.SEQUENCE)) {
      if (f.has(key)) {
        f.problem(
            key,
            "a static source has no \"" + key.name() + "\": it is always known. Leave it out.");
      }
    }
    if (f.has(SourceParser.EXPECT_BY)) {
      f.problem(
          SourceParser.EXPECT_BY,
          "a static source has no \"expect-by\": no row of it is of a night. Leave it out.");
    }
    if (f.has(SourceParser.ON_DUPLICATE_KEY)) {
      f.problem(
          SourceParser.ON_DUPLICATE_KEY,
          "a static source has no \"on-duplicate-key\": a key twice always rejects its delivery."
              + " Leave it out.");
    }
  }

  /** Formats stand at dates and timestamps that a text writes. */
  static void checkFormats(YamlFields f, String format, List<Column> columns) {
    for (Column column : columns) {
      if (column.format().isEmpty()) {
        continue;
      }
      String type = column.type().ddl();
      String pattern = column.format().get().pattern();
      String why = null;
      if (FileType.find(format).filter(FileType::text).isEmpty()) {
        why = "but format " + format + " has typed values. Leave it out";
      } else if (!type.equals("date") && !type.equals("timestamp")) {
        why = "but is " + type + ". Only a date or a timestamp has one";
      } else if (type.equals("date") && !column.format().get().isDay()) {
        why = "which has a time of day, but is a date. Write timestamp, or a format of days";
      }
      if (why != null) {
        f.problem(
            SourceParser.COLUMNS,
            "\"columns.%s\" has the format \"%s\", %s.".formatted(column.name(), pattern, why));
      }
    }
  }

  static void checkEvents(YamlFields f) {
    if (f.lacks(SourceParser.EVENT_TIME) && f.lacks(SourceParser.STATIC)) {
      f.problem(
          SourceParser.SOURCE,
          "missing \"event-time\". Write it: "
              + SourceParser.EVENT_TIME.doc()
              + " Or, for reference data, static: true.");
    }
    if (f.has(SourceParser.KNOWN_TIME) && f.has(SourceParser.AVAILABILITY_DELAY)) {
      f.problem(
          SourceParser.AVAILABILITY_DELAY,
          "\"known-time\" and \"availability-delay\" exclude each other. Keep one.");
    }
    if (f.lacks(SourceParser.EVENT_KEY)
        || f.find(SourceParser.EVENT_KEY).filter(List::isEmpty).isPresent()) {
      for (YamlKey<?> key :
          f.has(SourceParser.READ)
              ? List.of(
                  SourceParser.KNOWN_TIME,
                  SourceParser.TOMBSTONE,
                  SourceParser.SEQUENCE,
                  SourceParser.ON_DUPLICATE_KEY)
              : List.of(SourceParser.TOMBSTONE, SourceParser.SEQUENCE)) {
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
    if (f.has(SourceParser.TOMBSTONE)
        && f.has(SourceParser.READ)
        && f.lacks(SourceParser.KNOWN_TIME)) {
      f.problem(
          SourceParser.TOMBSTONE,
          "\"tombstone\" needs \"known-time\": without it a withdrawal would be known when its row"
              + " happened, as the row that it withdraws is, and would never take effect. Write as"
              + " \"known-time\" when a change was known.");
    }
  }

  /** Typing finds this too, but is not reached by a source with other problems. */
  static void checkDay(YamlFields f, Source source) {
    boolean isDay =
        source.columns().stream()
            .filter(c -> source.eventTime().filter(t -> t.sql().equals(c.name())).isPresent())
            .anyMatch(c -> c.type().ddl().equals("date"));
    if (isDay && f.lacks(SourceParser.KNOWN_TIME) && f.lacks(SourceParser.AVAILABILITY_DELAY)) {
      f.problem(SourceParser.EVENT_TIME, LateDays.KNOWN_AS_IT_BEGINS);
    }
  }

  static void checkSuite(YamlFields f, String file) {
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
            SourceParser.EXPECTATIONS,
            "the folder expectations/ can't be read: " + e.getMessage() + ".");
        return;
      }
    }
    f.problem(
        SourceParser.EXPECTATIONS,
        "no file expectations/"
            + file
            + "."
            + Nearest.of(file, known)
                .map(near -> " Did you mean \"" + near + "\"?")
                .orElse(" Write it there."));
  }

  static void checkKeys(Source own, List<String> keys, YamlValue at) {
    List<String> contract = own.columns().stream().map(Column::name).toList();
    List<YamlValue> items = at.items();
    for (int i = 0; i < keys.size(); i++) {
      if (!contract.contains(keys.get(i))) {
        items
            .get(i)
            .problem(
                Problems.unknown(
                    "\"columns\" has no \"" + keys.get(i) + "\"", keys.get(i), contract));
      }
    }
  }
}
