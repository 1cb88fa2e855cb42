package io.tributary.console;

import io.tributary.core.ColumnOrigin;
import io.tributary.core.ColumnReference;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Json;
import io.tributary.core.Outcome;
import io.tributary.core.Pin;
import io.tributary.core.Principal;
import io.tributary.core.ProjectRevision;
import io.tributary.core.RunId;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.definition.DefinitionPrinter;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.events.definitions.DefinitionStore;
import io.tributary.events.facts.DeliveryVerdict;
import io.tributary.events.facts.FitFacts;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.facts.JoinCounts;
import io.tributary.events.facts.LabelCounts;
import io.tributary.events.facts.MonitoringFacts;
import io.tributary.events.facts.PublicationFacts;
import io.tributary.events.facts.RowCounts;
import io.tributary.events.facts.RunFacts;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.facts.SharedEvents;
import io.tributary.events.facts.SnapshotFacts;
import io.tributary.events.facts.TrainingSetFacts;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.events.runs.LineageNode;
import io.tributary.events.runs.Resources;
import io.tributary.events.runs.RunError;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.registry.AdmissionVerdict;
import io.tributary.registry.Artefact;
import io.tributary.registry.ArtefactStore;
import io.tributary.registry.FitParameters;
import io.tributary.registry.ModelEnvironment;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.StoredFile;
import io.tributary.registry.TrainingSetReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What years of nights leave in a lake's logs, without its tables: runs of every step with their
 * lineage, some failed, some unchanged, and model versions that are trained every other night, of
 * which some are promoted, rolled back and retired. The same arguments make the same events. The
 * newest runs have a commit each, as in a lake that is at work; before them many share one.
 */
final class LongLake {
  /** Runs, and decisions, that have a commit of their own. */
  static final int SINGLE = 20;

  private static final Instant START = Instant.parse("2011-01-01T05:00:00Z");
  private static final LocalDate FIRST_NIGHT = LocalDate.parse("2011-01-01");
  private static final Environment HERE =
      new Environment("4f0d2c", false, "17.0.9", "Linux 6.1 amd64", "ada", "nightly-1")
          .with(new ProjectRevision(Optional.of("8c41aa"), false, Digest.of("project")));

  private static final FitFacts.Split SPLIT =
      new FitFacts.Split(
          List.of("carrier"),
          "",
          START,
          List.of(
              new FitFacts.Part("train", Optional.of("-300d/-60d"), Optional.empty(), 0, 8_000),
              new FitFacts.Part("test", Optional.of("-60d/0d"), Optional.empty(), 8_000, 10_000)));

  private final Project project;
  private final String lake;
  private final Map<String, Definition> definitions = new LinkedHashMap<>();
  private final Map<String, Digest> kept = new TreeMap<>();
  private final Map<String, Long> versions = new HashMap<>();
  private final List<RunRecord> runs = new ArrayList<>();
  private final List<Event> decisions = new ArrayList<>();
  private final List<Event> deliveries = new ArrayList<>();
  private long models;

  private LongLake(Project project) {
    this.project = project;
    this.lake = project.lake();
  }

  /**
   * Writes a lake for the example's project.
   *
   * @param sharing how many runs share a commit
   */
  static void write(Path project, Path lake, int runs, int versions, int sharing) {
    LongLake written =
        new LongLake(ProjectReader.read(project, Map.of(), Optional.of(lake.toString())));
    written.define();
    for (int night = 0; written.runs.size() < runs; night++) {
      written.night(night, versions);
    }
    written.write(runs, sharing);
  }

  /** PROJECT LAKE RUNS VERSIONS SHARING. */
  public static void main(String[] args) {
    write(
        Path.of(args[0]),
        Path.of(args[1]),
        Integer.parseInt(args[2]),
        Integer.parseInt(args[3]),
        Integer.parseInt(args[4]));
  }

  private void write(int count, int sharing) {
    LakeIdentity.ensure(lake, new LakeIdentity.Build(START, "4f0d2c", false));
    DefinitionStore store = DefinitionStore.open(lake);
    definitions.values().forEach(store::put);
    ArtefactStore.open(lake)
        .put(Map.of("dependencies.txt", libraries().getBytes(StandardCharsets.UTF_8)));
    RunLog log = RunLog.open(lake);
    List<RunRecord> all = runs.subList(0, count);
    int shared = Math.max(0, count - SINGLE);
    for (int i = 0; i < shared; i += sharing) {
      log.append(all.subList(i, Math.min(shared, i + sharing)));
    }
    for (int i = shared; i < count; i++) {
      log.append(all.subList(i, i + 1));
    }
    EventLog ledger = EventLog.open(lake + "/platform/deliveries");
    for (int i = 0; i < deliveries.size(); i += sharing) {
      ledger.append(deliveries.subList(i, Math.min(deliveries.size(), i + sharing)));
    }
    EventLog registry = EventLog.open(lake + "/platform/registry");
    int together = Math.max(0, decisions.size() - SINGLE);
    long generation = 0;
    for (int i = 0; i < decisions.size(); ) {
      int next = i < together ? Math.min(together, i + sharing / 10 + 1) : i + 1;
      registry.decide("model/late_arrival", generation++, decisions.subList(i, next));
      i = next;
    }
  }

  private void define() {
    List<String> all = DefinitionPrinter.things(project);
    for (String kind : List.of("source", "view", "training-set", "model", "scores", "monitor")) {
      List<String> before = List.copyOf(definitions.keySet());
      for (String reference : all) {
        if (reference.startsWith(kind + " ")) {
          define(kind, reference, uses(kind, before));
        }
      }
    }
  }

  private static List<String> uses(String kind, List<String> before) {
    return switch (kind) {
      case "source" -> List.of();
      case "view" -> before.stream().filter(r -> r.startsWith("source flights")).toList();
      case "training-set" -> before.stream().filter(r -> r.startsWith("view ")).toList();
      case "model" -> before.stream().filter(r -> r.startsWith("training-set ")).toList();
      default -> before.stream().filter(r -> r.startsWith("model ")).toList();
    };
  }

  private void define(String kind, String reference, List<String> used) {
    String text = DefinitionPrinter.yaml(project, reference);
    Map<String, Digest> uses = new TreeMap<>();
    used.forEach(u -> uses.put(u, kept.get(u)));
    Map<String, ColumnOrigin> columns = new TreeMap<>();
    if (kind.equals("source")) {
      columns.put(
          "arr_delay", new ColumnOrigin(Set.of(), Set.of(), Set.of("operations", "measured")));
      columns.put("dest", ColumnOrigin.of(Set.of(), Set.of()));
    } else {
      Set<ColumnReference> from = new java.util.TreeSet<>();
      for (String u : used) {
        definitions.get(u).columns().keySet().stream()
            .limit(3)
            .forEach(column -> from.add(new ColumnReference(u, column)));
      }
      List<String> names =
          DefinitionPrinter.view(project, reference)
              .map(FeatureView::featureNames)
              .orElse(List.of("p"));
      names.forEach(name -> columns.put(name, ColumnOrigin.of(from, Set.of())));
    }
    if (kind.equals("scores")) {
      ColumnReference asking = new ColumnReference("training-set late_arrival", "_as_of");
      columns.put("_as_of", ColumnOrigin.of(Set.of(asking), Set.of()));
    }
    Map<String, String> parts = new TreeMap<>();
    String meaning = meaning(kind, columns.keySet(), text, parts);
    Definition definition =
        new Definition(
            kind,
            reference.substring(kind.length() + 1),
            kind + ".yaml",
            "active",
            text,
            meaning,
            parts,
            uses,
            columns);
    definitions.put(reference, definition);
    kept.put(reference, definition.digest());
  }

  /** Facts by which an impact tells what is read of flights: in views a day, by rows their own. */
  private static String meaning(
      String kind, Set<String> columns, String text, Map<String, String> parts) {
    return switch (kind) {
      case "source" -> fact("text", text);
      case "view" -> {
        String window = part("kind 6 window\nwindow 5 PT24H\n", parts);
        StringBuilder facts = new StringBuilder(fact("source.source", "flights"));
        columns.forEach(column -> facts.append(fact("feature." + column, window)));
        yield facts.toString();
      }
      case "training-set" -> {
        String rows =
            fact("spine.source", "flights")
                + fact("spine.event-key.flight", "flights.flight string");
        yield fact("population", part(rows, parts));
      }
      default -> text;
    };
  }

  private static String fact(String name, String value) {
    return "%s %d %s\n".formatted(name, value.length(), value);
  }

  private static String part(String text, Map<String, String> parts) {
    String digest = Digest.of(text).hex();
    parts.put(digest, text);
    return digest;
  }

  private void night(int night, int mostVersions) {
    Instant start = START.plusSeconds(86_400L * night);
    Interval day = Interval.day(FIRST_NIGHT.plusDays(night), project.zone());
    for (String source : List.of("flights", "weather")) {
      ingest(source, night, start);
    }
    unchanged(JobKey.of("ingest", "airlines"), start);
    for (String view : List.of("carrier_history", "origin_history")) {
      JobKey key = JobKey.of("materialize", view + "@1", day);
      if (night % 17 == 3) {
        failed(key, start);
      }
      TableVersion features = next("features." + view + "_v1");
      succeeded(
          key,
          start,
          List.of(Pin.upTo(last("validated.flights"), night + 1L)),
          List.of(features),
          new SnapshotFacts(24, List.of(), Digest.of(view), Optional.empty()),
          List.of(),
          List.of(),
          List.of("view " + view + "@1", "source flights"));
      PublicationFacts published = PublicationFacts.of(day.snapshotInstant(), 16);
      succeeded(
          JobKey.of("publish", view + "@1", day),
          start,
          List.of(Pin.of(features)),
          List.of(),
          published.compared(night + 1L, 16, 0),
          List.of(),
          List.of(new LineageNode("online", view + "@1", day.snapshotInstant().toString())),
          List.of("view " + view + "@1", "source flights"));
    }
    if (night % 2 == 0 && models < mostVersions) {
      train(start);
    }
    String model = "late_arrival@" + Math.max(1, models);
    succeeded(
        JobKey.of("score", "departures", day),
        start,
        List.of(
            Pin.upTo(last("validated.flights"), night + 1L),
            Pin.of(last("features.carrier_history_v1")),
            Pin.of(last("features.origin_history_v1"))),
        List.of(next("scores.departures"), next("superseded.departures")),
        ScoringFacts.of(
                model,
                Digest.of(model),
                900,
                Optional.of(120L),
                Optional.of(0.21 + night % 10 / 100.0),
                Map.of("missing", 3L, "clamped", 11L))
            .inForce(1, start, 0, 0),
        List.of(LineageNode.model("late_arrival", Math.max(1, models))),
        List.of(),
        List.copyOf(kept.keySet()));
    succeeded(
        JobKey.of("monitor", "late_arrival", day),
        start,
        List.of(Pin.of(last("scores.departures")), Pin.of(last("validated.flights"))),
        List.of(next("monitor.late_arrival")),
        new MonitoringFacts(
            Map.of("drift", List.of(), "calibration", List.of("bin 7 is off by 0.04")),
            4,
            List.of(),
            Optional.empty(),
            List.of()),
        List.of(),
        List.of(),
        List.copyOf(kept.keySet()));
  }

  private void ingest(String source, int night, Instant start) {
    RowCounts counts = new RowCounts(1_000, 1, 4, 995, 0, 0);
    DeliveryVerdict verdict =
        new DeliveryVerdict(
            source,
            night + 1L,
            DeliveryVerdict.Outcome.ADMITTED,
            Digest.of("rules"),
            Optional.of(Digest.of("suite")),
            Optional.of(Digest.of("reading")),
            "",
            counts);
    String file = "data/" + source + "/" + FIRST_NIGHT.plusDays(night) + ".csv";
    RunRecord run =
        succeeded(
            JobKey.of("ingest", source),
            start,
            List.of(),
            List.of(
                next("bronze." + source),
                next("quarantine." + source),
                next("validated." + source)),
            new IngestFacts(
                List.of(),
                List.of(),
                Optional.of(
                    new IngestFacts.Judged(
                        List.of(night + 1L),
                        counts,
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        List.of("expect_column_values_to_not_be_null(tailnum): 0.2 % unmet"),
                        List.of(verdict))),
                Optional.of(
                    new IngestFacts.Validated(
                        night + 1L, Digest.of(source), false, Optional.empty()))),
            List.of(LineageNode.file(file, Digest.of(source + night))),
            List.of(),
            List.of("source " + source));
    delivered(
        "delivered",
        run,
        source,
        night + 1L,
        Map.of(
            "source",
            source,
            "number",
            night + 1L,
            "files",
            List.of(Map.of("path", file, "bytes", 90_000, "sha256", Digest.of(source + night)))));
    delivered("judged", run, source, night + 1L, verdict);
  }

  private void delivered(String kind, RunRecord run, String source, long number, Object body) {
    deliveries.add(
        new Event(
            kind + "/" + source + "/" + number + "/" + run.run(),
            run.ended(),
            kind,
            source,
            Principal.osUser("ada"),
            run.run().text(),
            Json.write(body)));
  }

  private void train(Instant start) {
    long number = ++models;
    String reference = "late_arrival@" + number;
    TableVersion rows = next("training.late_arrival");
    double auc = 0.70 + number % 50 / 1_000.0;
    List<Pin> pins = List.of(Pin.upTo(last("validated.flights"), number));
    succeeded(
        JobKey.of("training-set", "late_arrival"),
        start,
        pins,
        List.of(rows),
        new TrainingSetFacts(
            number,
            320_000,
            Digest.of("rows " + number),
            Optional.empty(),
            List.of(),
            new LabelCounts(330_000, 0, 10_000, 0, 0),
            new SharedEvents(Map.of(), Map.of()),
            new JoinCounts(
                330_000, 330_000, 0, Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Map.of()),
            List.of(),
            List.of(),
            Digest.of("late_arrival")),
        List.of(),
        List.of(),
        List.of("training-set late_arrival", "view carrier_history@1", "source flights"));
    RunRecord run =
        succeeded(
            JobKey.of("train", "late_arrival"),
            start,
            List.of(Pin.of(rows)),
            List.of(),
            new FitFacts(
                reference,
                Digest.of(reference),
                "late_arrival@" + number,
                SPLIT,
                Optional.of(new FitFacts.Rows(250_000, 30_000, 40_000, 0, 0)),
                Map.of("auc", auc, "log-loss", 0.44, "brier", 0.14),
                Map.of("logistic", Map.of("auc", 0.69, "log-loss", 0.46, "brier", 0.15)),
                auc >= 0.72 ? List.of() : List.of("auc >= 0.72"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()),
            List.of(),
            List.of(LineageNode.model("late_arrival", number)),
            List.copyOf(kept.keySet()));
    Map<String, StoredFile> files = new TreeMap<>();
    for (String file : List.of("bundle.json", "network.zip", "profile.json", "signature.json")) {
      files.put(file, new StoredFile(90_000, Digest.of(file + number)));
    }
    Map<String, Digest> used = new TreeMap<>(kept);
    used.keySet().removeIf(r -> r.startsWith("monitor ") || r.startsWith("scores "));
    ModelVersion version =
        new ModelVersion(
            "late_arrival",
            number,
            new Artefact("models/" + Digest.of(reference), Digest.of(reference), files),
            Map.of("auc", auc, "log-loss", 0.44, "brier", 0.14),
            Map.of(
                "logistic", Map.of("auc", 0.69, "log-loss", 0.46, "brier", 0.15),
                "constant", Map.of("auc", 0.5, "log-loss", 0.51, "brier", 0.17)),
            Optional.of(
                new FitParameters(
                    SPLIT,
                    inputs(),
                    List.of("dense(128, relu)", "dense(64, relu)"),
                    "adam",
                    0.001,
                    512,
                    20,
                    3,
                    20131031L,
                    1,
                    40_000,
                    9_000,
                    14,
                    11)),
            List.of(
                AdmissionVerdict.judge("auc >= 0.72", "auc", ">=", 0.72, Optional.of(auc)),
                AdmissionVerdict.judge(
                    "log-loss < baseline", "log-loss", "<", 0.46, Optional.of(0.44))),
            Optional.of(new ModelEnvironment(HERE, "cpu", Map.of(), Digest.of(libraries()))),
            Optional.of(
                new TrainingSetReference(
                    "late_arrival",
                    number,
                    rows,
                    pins,
                    kept.get("training-set late_arrival"),
                    Digest.of("rows " + number),
                    new SharedEvents(
                        Map.of("carrier_history", new SharedEvents.Count(3, 2)), Map.of()))),
            Optional.empty(),
            kept.get("model late_arrival"),
            Digest.of("fit " + number),
            used,
            Optional.of(run.run()),
            Digest.of("fingerprint " + number),
            Optional.empty(),
            Optional.empty());
    decided(run.ended(), "registered", reference, run.run().text(), version);
    if (number % 9 == 0) {
      moved(run.ended(), "promoted", number, number == 9 ? 0 : number - 9);
    } else if (number % 36 == 5 && number > 36) {
      moved(run.ended(), "rolled-back", number - 14, number - 5);
    } else if (number % 11 == 4 && number > 11) {
      long retired = number - 3;
      decided(
          run.ended(),
          "retired",
          "late_arrival@" + retired,
          "",
          Map.of("model", "late_arrival", "number", retired, "reason", "of no use"));
    }
  }

  private Map<String, String> inputs() {
    Map<String, String> inputs = new TreeMap<>();
    definitions
        .get("view carrier_history@1")
        .columns()
        .keySet()
        .forEach(column -> inputs.put("carrier_history__" + column, "standardized"));
    return inputs;
  }

  private void moved(Instant at, String kind, long to, long former) {
    Map<String, Object> body = new TreeMap<>();
    body.put("model", "late_arrival");
    body.put("number", to);
    body.put("alias", "production");
    body.put("reason", "the better one");
    if (former > 0) {
      body.put("former", former);
    }
    decided(at.plusSeconds(60), kind, "late_arrival@" + to, "", body);
  }

  private void decided(Instant at, String kind, String subject, String run, Object body) {
    decisions.add(
        new Event(
            "decision " + decisions.size(),
            at,
            kind,
            subject,
            Principal.osUser("ada"),
            run,
            Json.write(body)));
  }

  private static String libraries() {
    StringBuilder lines = new StringBuilder();
    for (int i = 100; i < 340; i++) {
      lines.append("library-" + i + ".jar " + Digest.of("library " + i) + "\n");
    }
    return lines.toString();
  }

  private TableVersion next(String table) {
    return version(table, versions.merge(table, 1L, Long::sum));
  }

  private TableVersion last(String table) {
    return version(table, versions.getOrDefault(table, 0L));
  }

  static TableVersion version(String table, long version) {
    return new TableVersion(
        TableName.parse(table), Digest.of(table).hex().substring(0, 32), version);
  }

  private RunRecord succeeded(
      JobKey key,
      Instant start,
      List<Pin> inputs,
      List<TableVersion> outputs,
      RunFacts facts,
      List<LineageNode> reads,
      List<LineageNode> writes,
      List<String> used) {
    Map<String, Digest> digests = new TreeMap<>();
    used.forEach(u -> digests.put(u, kept.get(u)));
    return add(
        new RunRecord(
            id(start),
            key,
            1,
            Outcome.SUCCEEDED,
            Optional.empty(),
            Optional.empty(),
            "",
            start,
            4.25,
            inputs,
            outputs,
            Optional.of(facts),
            Map.of(),
            reads,
            writes,
            digests,
            Optional.of(
                Resources.ofTasks(6.5, 10_000, 9_950, 1_300_000, 900_000, 40_000, 40_000)
                    .plus(Resources.NONE)),
            HERE));
  }

  private void failed(JobKey key, Instant start) {
    add(
        new RunRecord(
            id(start),
            key,
            1,
            Outcome.FAILED,
            Optional.empty(),
            Optional.of(RunError.of(ErrorCode.STORAGE)),
            "Cannot write table: No space left on device. Check that the storage has room.",
            start,
            1.5,
            List.of(),
            List.of(),
            Optional.empty(),
            Map.of(),
            List.of(),
            List.of(),
            Map.of(),
            Optional.empty(),
            HERE));
  }

  private void unchanged(JobKey key, Instant start) {
    Optional<RunRecord> done =
        runs.stream()
            .limit(20)
            .filter(r -> r.key().equals(key) && r.outcome() == Outcome.SUCCEEDED)
            .findFirst();
    if (done.isEmpty()) {
      ingest(key.subject(), 0, start);
      return;
    }
    RunRecord found = done.get();
    add(
        new RunRecord(
            id(start),
            key,
            found.attempt(),
            Outcome.UNCHANGED,
            Optional.of(found.run()),
            Optional.empty(),
            "as run " + found.run() + " left it",
            start,
            0.125,
            found.inputs(),
            found.outputs(),
            found.facts(),
            found.notes(),
            found.reads(),
            found.writes(),
            found.definitions(),
            Optional.empty(),
            HERE));
  }

  private RunRecord add(RunRecord run) {
    runs.add(run);
    return run;
  }

  private RunId id(Instant start) {
    return RunId.parse(
        "%s-%08x"
            .formatted(
                start.plusSeconds(10L * (runs.size() % 12)).toString().replaceAll("[-:]", ""),
                runs.size()));
  }
}
