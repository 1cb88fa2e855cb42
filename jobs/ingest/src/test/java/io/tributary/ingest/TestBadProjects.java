package io.tributary.ingest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.ErrorGroup;
import io.tributary.core.PlatformException;
import io.tributary.definition.ProjectReader;
import io.tributary.definition.SourceInput;
import io.tributary.ingest.gate.SourceSuite;
import io.tributary.source.rows.SourceRules;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The example's definitions, broken in many ways: each is an error that says who must act, and
 * where.
 */
class TestBadProjects {
  private static final Path EXAMPLE = Path.of("../../examples/nyc-flights");
  private static final long SEED = 20131031;

  /**
   * A broken file.
   *
   * @param line where it is broken; 0 where that is the file as a whole: then any line may be
   *     named, and none of a suite
   */
  private record Broken(String kind, String file, byte[] bytes, int line, String name) {
    @Override
    public String toString() {
      return kind + ", " + file + (line == 0 ? "" : ":" + line) + ": " + name;
    }
  }

  @TempDir Path folder;
  private final Map<String, String> files = new TreeMap<>();
  private final List<Broken> broken = new ArrayList<>();

  @Test
  void saysWhereItIsBrokenAndNeverHow() throws IOException {
    try (Stream<Path> paths = Files.walk(EXAMPLE)) {
      for (Path path : paths.filter(p -> p.toString().matches(".*\\.(yaml|json)")).toList()) {
        files.put(EXAMPLE.relativize(path).toString(), Files.readString(path));
      }
    }
    files.forEach((file, text) -> write(file, text.getBytes(UTF_8)));
    check();
    spelled();
    meant();
    suites();
    assertThat(broken).hasSizeGreaterThan(100);

    List<String> wrong = new ArrayList<>();
    Map<String, Integer> tally = new TreeMap<>();
    for (Broken one : broken) {
      write(one.file(), one.bytes());
      problem(one).ifPresentOrElse(wrong::add, () -> tally.merge(one.kind(), 1, Integer::sum));
      write(one.file(), files.get(one.file()).getBytes(UTF_8));
    }

    assertThat(wrong).isEmpty();
    tally.forEach((kind, count) -> System.out.printf("%-28s%6d errors of the user%n", kind, count));
    System.out.printf("%-28s%6d%n", "all", broken.size());
  }

  /** What is wrong with the error that a broken file leads to; empty where nothing is. */
  private Optional<String> problem(Broken one) {
    String message;
    try {
      check();
      return Optional.of(one + " -> accepted");
    } catch (PlatformException e) {
      message = e.getMessage();
      if (e.group() != ErrorGroup.USER) {
        return Optional.of(one + " -> " + e.group() + " " + message);
      }
    } catch (RuntimeException | Error e) {
      return Optional.of(one + " -> " + e);
    }
    if (!message.startsWith("Cannot ")
        || Pattern.compile(
                "Exception|\\tat |org\\.apache|scala\\.|java\\.|io\\.tributary|snakeyaml")
            .matcher(message)
            .find()) {
      return Optional.of(one + " -> " + message);
    }
    Matcher places = Pattern.compile(Pattern.quote(one.file()) + ":(\\d+)").matcher(message);
    List<Integer> lines = new ArrayList<>();
    while (places.find()) {
      lines.add(Integer.valueOf(places.group(1)));
    }
    boolean named =
        one.line() == 0
            ? message.contains(one.file()) && (one.file().endsWith(".json") || !lines.isEmpty())
            : lines.stream().anyMatch(l -> Math.abs(l - one.line()) <= 1);
    return named ? Optional.empty() : Optional.of(one + " -> " + message);
  }

  private void check() {
    CheckedProject project =
        CheckedProject.check(ProjectReader.read(folder, Map.of(), Optional.empty()));
    project
        .sources()
        .forEach(
            (name, source) -> {
              if (source.definition().input() instanceof SourceInput.Files) {
                SourceSuite.of(project, name);
                SourceRules.of(project, name);
              }
            });
  }

  private void write(String file, byte[] bytes) {
    try {
      Files.createDirectories(folder.resolve(file).getParent());
      Files.write(folder.resolve(file), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Faults of spelling, of whichever files the seed says. */
  private void spelled() {
    Random random = new Random(SEED);
    List<String> yaml =
        new ArrayList<>(files.keySet().stream().filter(f -> f.endsWith(".yaml")).toList());
    for (int round = 0; round < 6; round++) {
      Collections.shuffle(yaml, random);
      int next = 0;
      misspelled(yaml.get(next++), random);
      tabbed(yaml, random);
      twice(yaml.get(next++));
      add("an open bracket", yaml.get(next++), text -> text + "x: [1, 2\n", 0);
      add("an open quote", yaml.get(next++), text -> text + "x: \"1\n", 0);
      add("no mapping", yaml.get(next++), text -> "hello\n", 1);
      add(
          "a list",
          yaml.get(next++),
          text -> "- " + text.replace("\n", "\n  ").stripTrailing() + "\n",
          0);
      add("empty", yaml.get(next++), text -> "", 0);
      add("its first key lost", yaml.get(next++), TestBadProjects::withoutKind, 0);
      add("another kind", yaml.get(next++), text -> kindLine(text).replace("\n", "\n"), 0);
      notUtf8(yaml.get(next++));
      add("a second document", yaml.get(next++), text -> text + "---\n" + text, 0);
      add("an anchor", yaml.get(next), text -> text + "x: *nowhere\n", 0);
    }
  }

  private interface Change {
    String of(String text);
  }

  private void add(String kind, String file, Change change, int line) {
    broken.add(new Broken(kind, file, change.of(files.get(file)).getBytes(UTF_8), line, ""));
  }

  private static String withoutKind(String text) {
    return text.replaceFirst("(?m)^[a-z].*\n", "");
  }

  /** The file with its kind misspelled, as the first key says it. */
  private static String kindLine(String text) {
    return text.replaceFirst("(?m)^([a-z-]+):", "$1s-of:");
  }

  private void misspelled(String file, Random random) {
    List<String> lines = new ArrayList<>(files.get(file).lines().toList());
    List<Integer> keys = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).matches("[a-z-]{4,}:.*")) {
        keys.add(i);
      }
    }
    int at = keys.get(random.nextInt(keys.size()));
    String line = lines.get(at);
    lines.set(at, line.charAt(0) + line.substring(2));
    broken.add(
        new Broken(
            "a key misspelled",
            file,
            String.join("\n", lines).getBytes(UTF_8),
            keys.get(0) == at ? 0 : at + 1,
            lines.get(at)));
  }

  private void tabbed(List<String> yaml, Random random) {
    List<String> nested =
        yaml.stream().filter(f -> files.get(f).lines().anyMatch(l -> l.startsWith("  "))).toList();
    String file = nested.get(random.nextInt(nested.size()));
    List<String> lines = new ArrayList<>(files.get(file).lines().toList());
    int at = 0;
    while (!lines.get(at).matches("  [a-z-].*")) {
      at++;
    }
    lines.set(at, "\t" + lines.get(at).strip());
    broken.add(
        new Broken("a tab", file, String.join("\n", lines).getBytes(UTF_8), at + 1, lines.get(at)));
  }

  private void twice(String file) {
    List<String> lines = new ArrayList<>(files.get(file).lines().toList());
    int at = 0;
    while (!lines.get(at).matches("[a-z-]+:.+")) {
      at++;
    }
    lines.add(at, lines.get(at));
    broken.add(
        new Broken(
            "a key twice", file, String.join("\n", lines).getBytes(UTF_8), at + 2, lines.get(at)));
  }

  private void notUtf8(String file) {
    String text = files.get(file) + "# Zo\u00eb\n";
    broken.add(new Broken("no UTF-8", file, text.getBytes(ISO_8859_1), 0, ""));
  }

  /** Puts one text for another; the error is to name the line that it begins in. */
  private void edit(String kind, String file, String from, String to) {
    String text = files.get(file);
    int at = text.indexOf(from);
    assertThat(at).as(file + " has " + from).isNotNegative();
    int line = 1 + (int) text.substring(0, at).chars().filter(c -> c == '\n').count();
    String changed = text.substring(0, at) + to + text.substring(at + from.length());
    broken.add(new Broken(kind, file, changed.getBytes(UTF_8), line, to));
  }

  /** Faults of meaning. */
  private void meant() {
    String flights = "sources/flights.yaml";
    edit("a type", flights, "year: int", "year: integr");
    edit("a type", flights, "carrier: string", "carrier: 5");
    edit("a type", flights, "time_hour: timestamp", "time_hour: [timestamp]");
    edit("a value", flights, "header: true", "header: maybe");
    edit("a value", flights, "format: csv", "format: cvs");
    edit("a value", flights, "path: data/flights.csv.gz, ", "");
    edit("a value", flights, "nulls: [NA]", "nulls: {NA: 1}");
    edit("a reference", flights, "source: airports", "source: airport");
    edit("a reference", flights, "keys: [dest]", "keys: [destination]");
    edit("a reference", flights, "event-key: [carrier", "event-key: [carier");
    edit(
        "a reference",
        flights,
        "event-time: scheduled_departure",
        "event-time: scheduled_departur");
    edit("a reference", flights, "expectations: flights.json", "expectations: flight.json");
    for (String wrong :
        List.of(
            "dep_time is nul",
            "dep_time is null)",
            "(dep_time is null",
            "dep_tme is null",
            "isnul(dep_time)",
            "dep_time + carrier",
            "select 1",
            "exists(select 1)",
            "now() > time_hour",
            "rand() > 0.5",
            "sum(dep_time) > 1",
            "dep_time is null;",
            "row_number() over (order by year)",
            "landing is null",
            "year = month = day =",
            "cast(carrier as integr)",
            "current_date() > date '2013-01-01'",
            "1 +",
            "{a: b}",
            "",
            "\u201cdep_time\u201d is null")) {
      edit(
          "an expression of a source",
          flights,
          "cancelled: dep_time is null",
          "cancelled: " + wrong);
    }
    edit(
        "an expression of a source",
        flights,
        "event-time: scheduled_departure",
        "event-time: carrier");
    edit(
        "an expression of a source",
        flights,
        "known-time: coalesce(arrived",
        "known-time: coalesce(carrier");
    String history = "features/carrier_history.yaml";
    edit("a view", history, "carrier_history@1", "carrier_history");
    edit("a view", history, "carrier_history@1", "carrier history@1");
    edit("a view", history, "carrier_history@1", "carrier_history@x");
    edit("a view", history, "entity: [carrier]", "entity: [carriers]");
    edit("a view", history, "source: flights", "source: flight");
    edit("a view", history, "where: not cancelled", "where: carrier");
    edit("a view", history, "where: not cancelled", "where: not canceled");
    for (String wrong :
        List.of(
            "count(*)",
            "count(*) over",
            "count(*) over 6",
            "count(*) over 6 hours",
            "count(*) over 1d, 24h",
            "cont(*) over 6h",
            "count(* over 6h",
            "mean() over 6h",
            "mean(carrier) over 6h",
            "mean(arr_dely) over 6h",
            "percentile(arr_delay, 2) over 7d",
            "percentile(arr_delay) over 7d",
            "mean(sum(arr_delay)) over 6h",
            "count(*) over -1d",
            "count(*) where over 6h")) {
      edit("a window", history, "flights: count(*) over 6h, 1d, 7d", "flights: " + wrong);
    }
    edit(
        "a view",
        history,
        "trend: late_share_1d - late_share_30d",
        "trend: late_share_1d - late_share_31d");
    edit(
        "a view",
        history,
        "trend: late_share_1d - late_share_30d",
        "late_share_1d: late_share_1d - late_share_30d");
    edit("a view", "features/weather.yaml", "ttl: 3h", "ttl: 3 hours");
    edit("a view", "features/weather.yaml", "temperature: temp", "temperature: tmp");
    edit("a view", "features/clock.yaml", "distance: int", "distance: integer number");
    edit(
        "a view",
        "features/clock.yaml",
        "hour: hour(scheduled_departure)",
        "hour: hour(departure)");
    String training = "training-sets/late_arrival.yaml";
    edit("a training set", training, "source: schedule", "source: schedules");
    edit("a training set", training, "interval 1 hour", "interval 1 houres");
    edit("a training set", training, "arr_delay > 15", "arr_delay > '15' + carrier");
    edit("a training set", training, "value: arr_delay > 15", "value: arr_dely > 15");
    edit("a training set", training, "carrier_history@1", "carrier_history@2");
    edit("a training set", training, "- route_history@1", "- carrier_history@1");
    edit("a training set", training, "keys: {airport: origin}", "keys: {airprt: origin}");
    edit("a training set", training, "keys: {airport: origin}", "keys: {airport: orign}");
    String model = "models/late_arrival.yaml";
    edit("a model", model, "training-set: late_arrival", "training-set: late_arrivals");
    edit("a model", model, "train: 2013-01-01/2013-10-01", "train: 2013-10-01/2013-01-01");
    edit("a model", model, "train: 2013-01-01/2013-10-01", "train: 2013-01-01");
    edit("a model", model, "train: 2013-01-01/2013-10-01", "train: 2013-01-01/2013-11-31");
    edit(
        "a model",
        model,
        "training-set: late_arrival",
        "problem: nummber\ntraining-set: late_arrival");
    edit("a model", model, "carrier: embedding(4)", "carier: embedding(4)");
    edit("a model", model, "carrier: embedding(4)", "carrier: embeding(4)");
    edit("a model", model, "dense(64, relu)", "dense(64, rellu)");
    edit("a model", model, "dropout(0.2)", "dropout(2)");
    edit("a model", model, "updater: adam", "updater: adm");
    edit("a model", model, "batch: 1024", "batch: many");
    edit("a model", model, "auc >= 0.72", "auc >= high");
    edit("a model", model, "auc >= 0.72", "acu >= 0.72");
    edit(
        "scores",
        "scores/departures.yaml",
        "model: late_arrival@production",
        "model: late_arival@production");
    edit("scores", "scores/departures.yaml", "rows: late_arrival", "rows: late_arrivals");
    edit("scores", "scores/departures.yaml", "decide: score > 0.4", "decide: scor > 0.4");
    edit("a monitor", "monitors/late_arrival.yaml", "inputs: {psi: 0.2}", "inputs: {psi: high}");
    edit("a monitor", "monitors/late_arrival.yaml", "score: [0, 1]", "score: [1, 0]");
    edit("a monitor", "monitors/late_arrival.yaml", "after: 2d", "after: two days");
    edit("a monitor", "monitors/late_arrival.yaml", "breach: alert", "breach: alrt");
    edit("a monitor", "monitors/late_arrival.yaml", "scores: departures", "scores: arrivals");
    edit(
        "a pipeline", "pipelines/nightly.yaml", "schedule: \"0 6 * * *\"", "schedule: \"0 6 * *\"");
    edit("a pipeline", "pipelines/nightly.yaml", "- materialize", "- materialise");
    edit("a pipeline", "pipelines/nightly.yaml", "- score departures", "- score arrivals");
    edit("a pipeline", "pipelines/nightly.yaml", "train: [late_arrival]", "train: [late_arivals]");
    edit("the project", "tributary.yaml", "zone: America/New_York", "zone: America/NewYork");
    edit(
        "the project", "tributary.yaml", "lake: ${TRIBUTARY_LAKE:-lake}", "lake: ${TRIBUTARY_LAKE");
    edit(
        "the project",
        "tributary.yaml",
        "online: rocksdb:${lake}/online",
        "online: rockdb:${lake}/online");
    edit("the project", "tributary.yaml", "lineage: [delta]", "lineage: [dleta]");
    edit("the project", "tributary.yaml", "project: nyc-flights", "project: nyc flights!");
  }

  /** Faults of suites; JSON has no lines of its own worth naming. */
  private void suites() {
    String suite = "expectations/weather.json";
    for (String[] change :
        new String[][] {
          {"\"name\": \"weather\",", "\"name\": \"weather\""},
          {"expect_column_values_to_not_be_null", "expect_column_values_to_not_be_nul"},
          {"\"column\": \"temp\"", "\"column\": \"tmp\""},
          {"\"column\": \"temp\", \"mostly\": 0.99", "\"column\": \"temp\", \"mostly\": 99"},
          {"\"min_value\": -20", "\"min_value\": \"cold\""},
          {"\"min_value\": -20, \"max_value\": 110", "\"min_value\": 110, \"max_value\": -20"},
          {"\"kwargs\": {\"column\": \"origin\"}", "\"kwargs\": {}"},
          {"\"column_list\": [", "\"columns\": ["},
          {"\"value_set\": [\"EWR\"", "\"value_set\": [5, \"EWR\""},
          {"]\n}", "]\n"},
        }) {
      String text = files.get(suite);
      assertThat(text).contains(change[0]);
      broken.add(
          new Broken(
              "a suite", suite, text.replace(change[0], change[1]).getBytes(UTF_8), 0, change[1]));
    }
    broken.add(new Broken("a suite", suite, new byte[0], 0, "empty"));
    broken.add(new Broken("a suite", suite, "[]".getBytes(UTF_8), 0, "a list"));
  }
}
