package io.tributary.console;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.registry.provenance.Provenance;
import io.tributary.registry.provenance.Tracer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tributary trace THING}: what a prediction, model or table was made of. */
@Command(
    description =
        "What a thing was made of, step by step: a prediction's run, model, training set, tables, deliveries and files, with code, environment and definitions. It says what the runs recorded.")
final class TraceCommand implements Runnable {
  private static final Pattern RUN = Pattern.compile("[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}");
  private static final Pattern NUMBERED =
      Pattern.compile("(?:(table|model|training-set):)?([a-z][a-z0-9_.]*)(?:@([a-z0-9-]+))?");

  /** A digest or a revision, of which the first digits are printed. */
  private static final Pattern DIGEST = Pattern.compile("\\b([0-9a-f]{12})[0-9a-f]{20,52}\\b");

  private static final int WIDTH = 110;

  /** The maximum number of things of one kind that are printed below another. */
  private static final int MOST = 6;

  @Mixin private ProjectOptions options;

  @Parameters(
      paramLabel = "THING",
      description =
          "A prediction's id (_prediction_id); a score set, with --key and --as-of; late_arrival@3 or late_arrival@production, a model's version; training-set:late_arrival@2, a build; scores.departures or scores.departures@4, a table; a run; a delivered file, by path or SHA-256.")
  private String thing;

  @Option(
      names = "--key",
      paramLabel = "COLUMN=VALUE",
      description = "Of a prediction: a column that its row asked with. Several are possible.")
  private Map<String, String> keys = new LinkedHashMap<>();

  @Option(
      names = "--as-of",
      paramLabel = "INSTANT",
      description = "Of a prediction: its row's as-of.")
  private String asOf;

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      defaultValue = "champion",
      description = "Of a prediction by keys: whose (default: ${DEFAULT-VALUE}).")
  private String role;

  @Option(
      names = "--in-force",
      paramLabel = "INSTANT",
      description = "Of a prediction: the answer that was in force then, not the newest.")
  private String inForce;

  @Option(names = "--inputs", description = "Of a prediction: also what the model was given.")
  private boolean inputs;

  @Option(
      names = "--all",
      description = "Print all runs, deliveries and files, however many there are.")
  private boolean all;

  private final Map<String, Provenance.Node> nodes = new LinkedHashMap<>();
  private final Set<String> printed = new HashSet<>();
  private Object environment;

  @Override
  public void run() {
    Provenance provenance = trace(Tracer.open(options.lake()));
    if (options.json()) {
      options.print(provenance);
      return;
    }
    provenance.nodes().forEach(node -> nodes.put(node.id(), node));
    print(provenance.root(), "", "");
    options.out().flush();
  }

  private Provenance trace(Tracer tracer) {
    if (!keys.isEmpty() || asOf != null) {
      if (keys.isEmpty() || asOf == null) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot trace a prediction of "
                + thing
                + " by its row: write --key COLUMN=VALUE and --as-of INSTANT, both.");
      }
      List<String> ids = tracer.predictions(thing, keys, instant(asOf), role);
      if (ids.size() > 1) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot trace one prediction of %s: %d rows have these keys at that as-of. Write more keys, or an id: %s."
                .formatted(
                    thing, ids.size(), ids.stream().limit(MOST).collect(Collectors.joining(", "))));
      }
      return tracer.prediction(ids.get(0), atInstant());
    }
    if (Tracer.isPrediction(thing)) {
      return tracer.prediction(thing, atInstant());
    }
    if (RUN.matcher(thing).matches()) {
      return tracer.run(thing);
    }
    Matcher numbered = NUMBERED.matcher(thing);
    if (numbered.matches()) {
      String kind = Optional.ofNullable(numbered.group(1)).orElse("");
      String name = numbered.group(2);
      Optional<String> version = Optional.ofNullable(numbered.group(3));
      Optional<Long> number = version.filter(v -> v.matches("[0-9]{1,18}")).map(Long::parseLong);
      if (kind.equals("table") || kind.isEmpty() && isTable(name)) {
        return tracer.table(TableName.parse(name), number);
      }
      if (kind.equals("training-set") && number.isPresent()) {
        return tracer.trainingSet(name, number.get());
      }
      if (version.isPresent() && (kind.equals("model") || tracer.isModel(name))) {
        return tracer.model(name + "@" + version.get());
      }
    }
    return tracer.file(thing);
  }

  private static boolean isTable(String name) {
    int dot = name.indexOf('.');
    return dot > 0 && TableName.LAYERS.contains(name.substring(0, dot));
  }

  private Optional<Instant> atInstant() {
    return Optional.ofNullable(inForce).map(this::instant);
  }

  private Instant instant(String text) {
    return Interval.instant(text, options.project().zone());
  }

  /**
   * Prints a node and what it was made of; what was printed before is only named.
   *
   * @param head stands before its name, {@code body} before the lines below it
   */
  private void print(String id, String head, String body) {
    Provenance.Node node = nodes.get(id);
    boolean again = !printed.add(id);
    options
        .out()
        .println(
            head + node.kind() + " " + node.name() + (again && isMore(node) ? " (as above)" : ""));
    if (again) {
      return;
    }
    List<String> from = shown(node.from());
    for (String line : lines(node)) {
      options.out().println(body + (from.isEmpty() ? "   " : "│  ") + line);
    }
    for (int i = 0; i < from.size(); i++) {
      boolean last = i == from.size() - 1;
      String branch = body + (last ? "└─ " : "├─ ");
      if (nodes.containsKey(from.get(i))) {
        print(from.get(i), branch, body + (last ? "   " : "│  "));
      } else {
        options.out().println(branch + from.get(i));
      }
    }
  }

  private static boolean isMore(Provenance.Node node) {
    return !node.from().isEmpty() || !node.facts().isEmpty();
  }

  /** The facts in as few lines as they need; an environment is printed where it is another. */
  private List<String> lines(Provenance.Node node) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    node.facts()
        .forEach(
            (name, value) -> {
              String fact = fact(name, value);
              if (line.length() > 0 && line.length() + fact.length() > WIDTH) {
                lines.add(line.toString());
                line.setLength(0);
              }
              if (!fact.isEmpty()) {
                line.append(line.length() == 0 ? "" : "; ").append(fact);
              }
            });
    if (line.length() > 0) {
      lines.add(line.toString());
    }
    return lines;
  }

  private String fact(String name, Object value) {
    if (name.equals("environment")) {
      boolean same = value.equals(environment);
      environment = value;
      return same ? "" : text(value);
    }
    if (name.equals("inputs") && !inputs) {
      return ((Map<?, ?>) value).size() + " inputs (--inputs)";
    }
    return name + " " + text(value);
  }

  /** Of many of a kind the first and last ones, with a line for those between. */
  private List<String> shown(List<String> from) {
    Map<String, List<String>> byKind =
        from.stream()
            .collect(
                Collectors.groupingBy(
                    id -> nodes.get(id).kind(), LinkedHashMap::new, Collectors.toList()));
    List<String> shown = new ArrayList<>();
    byKind.forEach(
        (kind, ids) -> {
          if (all || ids.size() <= MOST) {
            shown.addAll(ids);
          } else {
            shown.addAll(ids.subList(0, 2));
            shown.add("… %,d more of kind %s (--all)".formatted(ids.size() - 4, kind));
            shown.addAll(ids.subList(ids.size() - 2, ids.size()));
          }
        });
    return shown;
  }

  /** For people: digests by their first digits, instants to the second. */
  private static String text(Object value) {
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(e -> e.getKey() + " " + text(e.getValue()))
          .collect(Collectors.joining(", "));
    }
    if (value instanceof List<?> list) {
      return list.isEmpty()
          ? "none"
          : list.stream().map(TraceCommand::text).collect(Collectors.joining(", "));
    }
    if (value instanceof Instant at) {
      return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }
    String text = String.valueOf(value);
    return DIGEST.matcher(text).replaceAll("$1");
  }
}
