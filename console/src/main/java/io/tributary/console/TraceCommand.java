package io.tributary.console;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.core.RunId;
import io.tributary.core.TableName;
import io.tributary.registry.ModelReference;
import io.tributary.registry.provenance.Provenance;
import io.tributary.registry.provenance.Tracer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tributary trace THING}: what a prediction, model, view or table was made of. */
@Command(
    description =
        "What a thing was made of, step by step: a prediction's run, model, training set, tables, deliveries and files, with code, environment and definitions. It says what the runs recorded; with --verify predictions are derived again: tributary trace --verify --help.")
final class TraceCommand implements Runnable {
  private static final String TRAINING_SET = "training-set:";

  private static final Pattern DELIVERY =
      Pattern.compile("delivery:([a-z][a-z0-9_]*)@([0-9]{1,18})");
  private static final Pattern VIEW = Pattern.compile("(?:view:)?([a-z][a-z0-9_]*@[0-9]{1,18})");

  /** Of a table. */
  private static final Pattern VERSION = Pattern.compile("@([0-9]{1,18})$");

  /** The maximum number of ids that a message names. */
  private static final int MOST = 6;

  @Mixin private ProjectOptions options;

  @Parameters(
      paramLabel = "THING",
      description =
          "A prediction's id (_prediction_id, or the Tributary-Predictions of a server's answer with /1 for its first row); a score set, with --key and --as-of; late_arrival@3 or late_arrival@production, a model's version; training-set:late_arrival@2, a build; carrier_history@1, a view; scores.departures or scores.departures@4, a table; a run; a delivered file, by path or SHA-256; delivery:flights@17.")
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

  @Option(names = "--html", paramLabel = "FILE", description = "Write it as a page.")
  private Path html;

  @Override
  public void run() {
    Provenance provenance = trace(Tracer.open(options.lake()));
    if (html != null) {
      options.write(
          ProvenanceTree.madeOf(provenance, inputs, all).page("What it was made of"), html);
      return;
    }
    if (options.json()) {
      options.print(provenance);
      return;
    }
    ProvenanceTree.madeOf(provenance, inputs, all).print(options.out());
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
    if (RunId.isId(thing)) {
      return tracer.run(thing);
    }
    if (thing.startsWith(TRAINING_SET)) {
      ModelReference build = ModelReference.parse(thing.substring(TRAINING_SET.length()));
      return tracer.trainingSet(build.model(), build.number().orElseThrow(this::unnumbered));
    }
    String name = thing.replaceFirst("^(table|model):", "");
    Matcher version = VERSION.matcher(name);
    Optional<TableName> table = TableName.find(version.replaceFirst(""));
    if (table.isPresent()) {
      return tracer.table(
          table.get(),
          version.reset().find()
              ? Optional.of(Long.parseLong(version.group(1)))
              : Optional.empty());
    }
    return ModelReference.find(name)
        .filter(m -> thing.startsWith("model:") || tracer.isModel(m.model()))
        .map(m -> tracer.model(m.toString()))
        .orElseGet(() -> other(tracer));
  }

  /** A view, a delivery or a file. */
  private Provenance other(Tracer tracer) {
    Matcher view = VIEW.matcher(thing);
    Matcher delivery = DELIVERY.matcher(thing);
    return view.matches()
        ? tracer.view(view.group(1))
        : delivery.matches()
            ? tracer.delivered(delivery.group(1), Long.parseLong(delivery.group(2)))
            : tracer.file(thing);
  }

  private PlatformException unnumbered() {
    return new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot trace %s: a build of a training set has a number and no alias. Write training-set:late_arrival@2."
            .formatted(thing));
  }

  private Optional<Instant> atInstant() {
    return Optional.ofNullable(inForce).map(this::instant);
  }

  private Instant instant(String text) {
    return Interval.instant(text, options.project().zone());
  }
}
