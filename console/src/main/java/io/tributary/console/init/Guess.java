package io.tributary.console.init;

import io.tributary.core.ErrorCode;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The guessed contents of a file: its columns with their types, the time, the key and the entity of
 * its rows, and what a user should look at.
 *
 * @param header the names that the columns must have, in order
 * @param renamed invalid column names in the file, with their replacements
 * @param nulls the words that mean a missing value
 * @param key the columns that identify a row; empty where none do
 * @param repeats how rows repeat a key that a person named; empty where none was named
 * @param entity the column that says whose features are made; empty where none repeats
 */
record Guess(
    List<GuessedColumn> columns,
    Map<String, String> renamed,
    Set<String> nulls,
    Optional<EventTime> time,
    List<String> key,
    Optional<KeyCheck.Repeats> repeats,
    Optional<String> entity,
    long rows,
    List<String> attention) {
  private static final Pattern IDENTITY =
      Pattern.compile("id|.*_id|.*id_.*|.*(key|code|number|uuid|sku|name)|.*_no|no|nr");
  private static final Pattern OWNER =
      Pattern.compile(
          ".*(customer|client|user|account|device|sensor|station|product|item|store|shop|vehicle|driver|carrier|patient|machine|host).*");
  private static final int FEW_ROWS = 20;
  private static final int PAIR_COLUMNS = 8;

  /**
   * Reads the file, and again where pairs of columns may be a key.
   *
   * @param progress is told every two seconds how many rows were read
   */
  static Guess of(DelimitedFile file, Choices said, Consumer<String> progress) {
    Map<String, String> renamed = new LinkedHashMap<>();
    List<String> names = names(file, renamed);
    Choices choices = renamed(said, renamed, names);
    List<ColumnProfile> profiles = new ArrayList<>();
    names.forEach(n -> profiles.add(new ColumnProfile(n, choices.zone())));
    long[] rows = new long[2];
    Counter counter = new Counter(progress);
    file.read(
        cells -> {
          counter.count();
          if (cells.size() != names.size()) {
            rows[1]++;
            return;
          }
          rows[0]++;
          for (int i = 0; i < cells.size(); i++) {
            profiles.get(i).add(cells.get(i));
          }
        });
    checkRows(file, rows[0], rows[1], names.size());
    List<GuessedColumn> columns =
        profiles.stream().map(p -> GuessedColumn.of(p.name(), p, choices.dayFirst())).toList();
    checkHeader(file, columns);
    List<String> attention = new ArrayList<>();
    renamed.forEach(
        (from, to) ->
            attention.add(
                "column \"%s\" is called %s in the copy below data/: files that come later must call it so too"
                    .formatted(GuessedColumn.shortened(from), to)));
    if (rows[1] > 0) {
      attention.add(
          "%,d lines have not %d cells: they will be in quarantine"
              .formatted(rows[1], names.size()));
    }
    columns.forEach(c -> c.attention().ifPresent(attention::add));
    Set<String> nulls = nulls(columns, attention);
    Optional<EventTime> time = EventTime.guess(columns, choices, attention);
    List<String> key = key(file, columns, time, choices, attention);
    Optional<KeyCheck.Repeats> repeats =
        choices.key().isEmpty()
            ? Optional.empty()
            : Optional.of(repeats(file, columns, key, time, attention));
    Optional<String> entity = entity(columns, time, key, choices, attention);
    return new Guess(columns, renamed, nulls, time, key, repeats, entity, rows[0], attention);
  }

  /** Reports every two seconds how many rows were read. */
  private static final class Counter {
    private static final int LOOK_AT_THE_CLOCK = 1024;
    private static final long PAUSE_NANOS = 2_000_000_000L;

    private final Consumer<String> progress;
    private final long begun = System.nanoTime();
    private long next = begun + PAUSE_NANOS;
    private long rows;

    Counter(Consumer<String> progress) {
      this.progress = progress;
    }

    void count() {
      rows++;
      if (rows % LOOK_AT_THE_CLOCK == 0 && System.nanoTime() > next) {
        long now = System.nanoTime();
        next = now + PAUSE_NANOS;
        progress.accept(
            String.format(
                Locale.ROOT, "%,d rows read (%,.0f/s)", rows, rows * 1e9 / (now - begun)));
      }
    }
  }

  /** Valid column names; replaced ones are recorded. */
  private static List<String> names(DelimitedFile file, Map<String, String> renamed) {
    List<String> names = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (String original : file.header()) {
      String name = original;
      if (!name.matches("[A-Za-z][A-Za-z0-9_]{0,254}") || name.contains("__")) {
        name =
            original
                .strip()
                .replaceAll("[^A-Za-z0-9]+", "_")
                .replaceAll("^_+|_+$", "")
                .toLowerCase(Locale.ROOT);
        name = name.isEmpty() || !Character.isLetter(name.charAt(0)) ? "c_" + name : name;
        name = name.length() > 100 ? name.substring(0, 100) : name;
        name = name.equals("c_") ? "column_" + (names.size() + 1) : name;
        renamed.put(original.isEmpty() ? "(column " + (names.size() + 1) + ")" : original, name);
      }
      if (!taken.add(name.toLowerCase(Locale.ROOT))) {
        throw DelimitedFile.refused(
            file.path(),
            "two of its columns would be called "
                + name
                + " (capitals make no difference). Rename one");
      }
      names.add(name);
    }
    return names;
  }

  private static Choices renamed(Choices said, Map<String, String> renamed, List<String> names) {
    List<String> key = said.key().stream().map(k -> renamed.getOrDefault(k, k)).toList();
    Optional<String> entity = said.entity().map(e -> renamed.getOrDefault(e, e));
    List<String> all = new ArrayList<>(key);
    entity.ifPresent(all::add);
    for (String name : all) {
      if (!names.contains(name)) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot make a project: the file has no column %s.%s"
                .formatted(name, Nearest.hint(name, names)));
      }
    }
    return new Choices(
        said.time().map(t -> renamed.getOrDefault(t, t)),
        key,
        entity,
        said.dayFirst(),
        said.zone());
  }

  private static void checkRows(DelimitedFile file, long fit, long others, int cells) {
    if (fit == 0 && others == 0) {
      throw DelimitedFile.refused(file.path(), "it has a header line and no rows");
    }
    if (others * 10 > fit) {
      throw DelimitedFile.refused(
          file.path(),
          "its first line has %d cells, and %,d of %,d other lines have not. Give it a header line with a name for each column"
              .formatted(cells, others, fit + others));
    }
  }

  private static void checkHeader(DelimitedFile file, List<GuessedColumn> columns) {
    boolean data =
        file.header().stream()
            .anyMatch(h -> h.matches("[+-]?\\d+([.,]\\d+)?|\\d{4}-\\d{2}-\\d{2}.*"));
    if (data) {
      throw DelimitedFile.refused(
          file.path(),
          "its first line holds values (%s), where the names of its %d columns should be. Add a header line"
              .formatted(
                  GuessedColumn.shortened(String.join(", ", file.header())), columns.size()));
    }
  }

  private static Set<String> nulls(List<GuessedColumn> columns, List<String> attention) {
    Set<String> nulls = new TreeSet<>();
    for (GuessedColumn column : columns) {
      if (column.nullWords()) {
        nulls.addAll(column.profile().nullWords().keySet());
      }
    }
    for (GuessedColumn column : columns) {
      Set<String> here = new TreeSet<>(column.profile().nullWords().keySet());
      if (!column.nullWords() && !here.isEmpty()) {
        Set<String> lost = new TreeSet<>(here);
        lost.retainAll(nulls);
        attention.add(
            lost.isEmpty()
                ? "column %s has cells %s: they are read as text, not as missing"
                    .formatted(column.name(), here)
                : "column %s has cells %s, which other columns use for a missing value: they become missing here as well"
                    .formatted(column.name(), lost));
      }
    }
    return nulls;
  }

  private static List<String> key(
      DelimitedFile file,
      List<GuessedColumn> columns,
      Optional<EventTime> time,
      Choices choices,
      List<String> attention) {
    if (!choices.key().isEmpty()) {
      return choices.key();
    }
    long rows = columns.get(0).profile().rows();
    Optional<GuessedColumn> one =
        columns.stream()
            .filter(c -> c.identifies() && !c.nullWords() && c.profile().isUnique())
            .filter(c -> rows >= FEW_ROWS || isIdentity(c) || c.equals(columns.get(0)))
            .filter(c -> time.filter(t -> t.column().equals(c)).isEmpty())
            .filter(c -> KeyCheck.isUnique(file, columns, List.of(c)))
            .max(
                Comparator.comparing(
                    c -> (isIdentity(c) ? 2 : 0) + (c.equals(columns.get(0)) ? 1 : 0)));
    if (one.isPresent()) {
      if (!isIdentity(one.get())) {
        attention.add(
            "column %s was chosen as the key, for its values don't repeat (--key COLUMN,COLUMN)"
                .formatted(one.get().name()));
      }
      return List.of(one.get().name());
    }
    Optional<List<String>> pair = together(file, columns, time);
    pair.ifPresent(
        p ->
            attention.add(
                "%s were chosen as the key, for they don't repeat together (--key COLUMN,COLUMN)"
                    .formatted(String.join(" and ", p))));
    if (pair.isEmpty() && time.isEmpty()) {
      throw DelimitedFile.refused(
          file.path(),
          "no column is a time, so that it would be reference data; but no column and no pair of columns identifies its rows, by which they could be looked up. Name them with --time COLUMN or --key COLUMN,COLUMN");
    }
    return pair.orElse(List.of());
  }

  private static boolean isIdentity(GuessedColumn column) {
    return IDENTITY.matcher(snake(column.name())).matches();
  }

  /**
   * The first columns that don't repeat together: the entity and what numbers its rows, each column
   * and the time, other pairs, the entity with the time and one column more.
   */
  private static Optional<List<String>> together(
      DelimitedFile file, List<GuessedColumn> columns, Optional<EventTime> time) {
    List<GuessedColumn> candidates = new ArrayList<>();
    for (GuessedColumn c : columns) {
      boolean isTime = time.filter(t -> t.column().equals(c)).isPresent();
      if (!isTime && c.identifies() && c.missingShare() == 0 && c.profile().nullWords().isEmpty()) {
        candidates.add(c);
      }
    }
    candidates = candidates.subList(0, Math.min(PAIR_COLUMNS, candidates.size()));
    Set<List<GuessedColumn>> tried = new LinkedHashSet<>();
    Optional<GuessedColumn> entity =
        ranked(columns, time, List.of()).stream().filter(candidates::contains).findFirst();
    for (GuessedColumn c : candidates) {
      entity.filter(e -> !e.equals(c) && isIdentity(c)).ifPresent(e -> tried.add(List.of(e, c)));
    }
    for (GuessedColumn c : candidates) {
      time.ifPresent(t -> tried.add(List.of(c, t.column())));
    }
    for (GuessedColumn a : candidates) {
      for (GuessedColumn b : candidates) {
        boolean before = columns.indexOf(a) < columns.indexOf(b);
        if (before
            && (time.isEmpty() || entity.filter(e -> e.equals(a) || e.equals(b)).isPresent())) {
          tried.add(List.of(a, b));
        }
      }
    }
    for (GuessedColumn c : candidates) {
      entity
          .filter(e -> !e.equals(c) && time.isPresent())
          .ifPresent(e -> tried.add(List.of(e, time.get().column(), c)));
    }
    return tried.stream()
        .filter(k -> KeyCheck.isUnique(file, columns, k))
        .findFirst()
        .map(k -> k.stream().map(GuessedColumn::name).toList());
  }

  /** How often the given key repeats; reports whether it identifies rows, and what would. */
  private static KeyCheck.Repeats repeats(
      DelimitedFile file,
      List<GuessedColumn> columns,
      List<String> key,
      Optional<EventTime> time,
      List<String> attention) {
    List<GuessedColumn> named = key.stream().map(k -> column(columns, k)).toList();
    KeyCheck.Repeats repeats = KeyCheck.repeats(file, columns, named, time.map(EventTime::column));
    if (repeats.contradictions() > 0) {
      List<Long> rows = repeats.example().orElseThrow();
      Optional<GuessedColumn> more =
          columns.stream()
              .filter(c -> c.identifies() && c.missingShare() == 0 && !named.contains(c))
              .limit(PAIR_COLUMNS)
              .filter(
                  c ->
                      KeyCheck.isUnique(
                          file, columns, Stream.concat(named.stream(), Stream.of(c)).toList()))
              .findFirst();
      attention.add(
          "key %s does not distinguish rows: %,d rows have key and time of a row before them and other values, as rows %,d and %,d behind the header; as it stands the file is rejected. %s"
              .formatted(
                  String.join(", ", key),
                  repeats.contradictions(),
                  rows.get(0),
                  rows.get(1),
                  more.map(
                          c ->
                              "With %s it does: --key %s,%s"
                                  .formatted(c.name(), String.join(",", key), c.name()))
                      .orElse("Name more columns, or none: then each row is an event of its own")));
    }
    return repeats;
  }

  private static GuessedColumn column(List<GuessedColumn> columns, String name) {
    return columns.stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
  }

  private static Optional<String> entity(
      List<GuessedColumn> columns,
      Optional<EventTime> time,
      List<String> key,
      Choices choices,
      List<String> attention) {
    if (choices.entity().isPresent() || time.isEmpty()) {
      return choices.entity();
    }
    List<GuessedColumn> ranked = ranked(columns, time, key);
    if (ranked.size() > 1) {
      attention.add(
          "features are made for each %s; they could be for %s (--entity COLUMN)"
              .formatted(
                  ranked.get(0).name(),
                  String.join(
                      " or ", ranked.stream().skip(1).limit(3).map(GuessedColumn::name).toList())));
    }
    if (ranked.isEmpty()) {
      attention.add(
          "no column identifies what several rows belong to, so there is no feature view yet (--entity COLUMN)");
    }
    return ranked.stream().findFirst().map(GuessedColumn::name);
  }

  /** The columns that may be the entity, the likeliest first. */
  private static List<GuessedColumn> ranked(
      List<GuessedColumn> columns, Optional<EventTime> time, List<String> key) {
    Map<GuessedColumn, Integer> scores = new HashMap<>();
    for (GuessedColumn c : columns) {
      int distinct = c.profile().distinct().orElse(ColumnProfile.DISTINCT_KEPT);
      boolean isTime = time.filter(t -> t.column().equals(c)).isPresent();
      if (isTime
          || !c.identifies()
          || c.profile().isCalendar()
          || distinct < 2
          || distinct * 3L > c.profile().values() * 2
          || c.missingShare() > 0.2) {
        continue;
      }
      String name = snake(c.name());
      int score =
          (OWNER.matcher(name).matches() ? 6 : 0) + (IDENTITY.matcher(name).matches() ? 4 : 0);
      score += c.type().equals("string") ? 2 : 0;
      score += key.contains(c.name()) ? 3 : 0;
      score += c.missingShare() == 0 ? 1 : 0;
      if (score > 2) {
        scores.put(c, score);
      }
    }
    return scores.keySet().stream()
        .sorted(
            Comparator.comparing((GuessedColumn c) -> -scores.get(c))
                .thenComparing(columns::indexOf))
        .toList();
  }

  /** A name in snake_case: orderId is order_id. */
  static String snake(String name) {
    String snake =
        name.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9]+", "_")
            .replaceAll("^_+|_+$", "");
    return snake.isEmpty() || !Character.isLetter(snake.charAt(0)) ? "x_" + snake : snake;
  }

  /** The columns that features may be made of: neither key nor entity nor time. */
  List<GuessedColumn> values() {
    Set<String> taken = new LinkedHashSet<>(key);
    entity.ifPresent(taken::add);
    time.ifPresent(t -> taken.add(t.column().name()));
    return columns.stream().filter(c -> !taken.contains(c.name())).toList();
  }
}
