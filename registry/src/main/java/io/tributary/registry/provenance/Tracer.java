package io.tributary.registry.provenance;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.RunId;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.core.command.Commands;
import io.tributary.events.definitions.DefinitionStore;
import io.tributary.events.definitions.Meanings;
import io.tributary.events.facts.TrainingSetFacts;
import io.tributary.events.runs.LineageNode;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.events.served.ServedPrediction;
import io.tributary.events.served.ServedPredictions;
import io.tributary.registry.BuiltTrainingSet;
import io.tributary.registry.ModelReference;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.Origin;
import io.tributary.registry.RegisteredVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Follows what a lake has recorded of a thing, from run to run back to the files that were
 * delivered. It reads logs and, of a prediction, its row; what it says was written by the runs, and
 * nothing is computed again. Neither a thread-safe object nor one to keep: it holds what it has
 * read.
 */
public final class Tracer {
  private final String lake;
  private final RunLog runs;
  private final ModelRegistry registry;
  private final DefinitionStore definitions;
  private final Map<String, Provenance.Node> nodes = new LinkedHashMap<>();
  private final Set<String> open = new LinkedHashSet<>();
  private Optional<Deliveries> deliveries = Optional.empty();

  private Tracer(String lake) {
    this.lake = lake;
    this.runs = RunLog.open(lake).asOfNow();
    this.registry = ModelRegistry.open(lake).asOfNow();
    this.definitions = DefinitionStore.open(lake);
  }

  /** For the lake at a local folder or Hadoop URI. */
  public static Tracer open(String lake) {
    return new Tracer(lake);
  }

  /**
   * Whether a text has the form of a prediction's id, {@code SET/DAY/DIGEST}, or of one that a
   * server gave.
   */
  public static boolean isPrediction(String text) {
    return Prediction.isId(text) || isServed(text);
  }

  /** Whether a text has the form of an id of a prediction that a server gave. */
  public static boolean isServed(String text) {
    return ServedPrediction.isId(text);
  }

  /**
   * The provenance of what was said under a prediction's id.
   *
   * @param at of the answers the one in force then; empty = the newest, in force or not
   * @throws PlatformException NOT_FOUND when there is none
   */
  public Provenance prediction(String id, Optional<Instant> at) {
    if (ServedPrediction.isId(id)) {
      return served(id);
    }
    List<Prediction> said = Prediction.of(lake, id);
    Prediction chosen =
        said.stream()
            .filter(p -> at.isEmpty() || p.isInForce(at.get()))
            .findFirst()
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.NOT_FOUND,
                        "Cannot trace prediction %s as of %s: the first answer came into force at %s. Name an instant from then on."
                            .formatted(id, at.orElseThrow(), said.get(said.size() - 1).since())));
    Map<String, Object> facts = chosen.facts();
    List<Map<String, Object>> others =
        said.stream()
            .filter(p -> !p.since().equals(chosen.since()))
            .map(
                p -> {
                  Map<String, Object> other = new LinkedHashMap<>();
                  other.put("score", p.score());
                  other.put("model", p.model());
                  other.put("in-force-since", p.since());
                  p.until().ifPresent(end -> other.put("in-force-until", end));
                  other.put("run", p.run().text());
                  return other;
                })
            .toList();
    if (!others.isEmpty()) {
      facts.put("other-answers", others);
    }
    return traced(
        node(
            "prediction",
            id,
            facts,
            () -> {
              List<String> from = new ArrayList<>();
              from.add(model(ModelReference.parse(chosen.model())));
              from.add(run(chosen.run()));
              return from;
            }));
  }

  /** The provenance of what a server said. */
  private Provenance served(String id) {
    List<ServedPrediction> found = ServedPredictions.open(lake).find(id);
    if (found.size() > 1) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot trace one prediction of request %s: it has %d. Name one: %s to %s."
              .formatted(id, found.size(), found.get(0).id(), found.get(found.size() - 1).id()));
    }
    ServedPrediction said = found.get(0);
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("score", said.score());
    facts.put("at", said.at());
    said.principal().ifPresent(who -> facts.put("asked-by", who));
    facts.put("server", said.server());
    if (!said.asked().isEmpty()) {
      facts.put("asked-with", said.asked());
    }
    facts.put("inputs", said.inputs());
    facts.put("artefact", said.artefact().hex());
    return traced(
        node(
            "prediction",
            said.id(),
            facts,
            () -> {
              List<String> from = new ArrayList<>();
              from.add(model(ModelReference.parse(said.reference())));
              said.publications().forEach(of -> from.add(publication(of)));
              return from;
            }));
  }

  /** A publication by the run that made it; where that is not known, by the snapshots it has. */
  private String publication(ServedPrediction.LookedUp of) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("for", of.instant());
    return node(
        "publication",
        of.view() + "#" + of.publication(),
        facts,
        () -> {
          List<String> from = new ArrayList<>();
          of.run().filter(RunId::isId).ifPresent(run -> from.add(run(RunId.parse(run))));
          of.snapshots().forEach(snapshot -> from.add(table(Pin.of(snapshot))));
          return from;
        });
  }

  /**
   * The ids of the predictions that were asked for with these keys at an as-of.
   *
   * @param keys columns that the rows asked with, and their values as text
   * @throws PlatformException NOT_FOUND when there is none
   */
  public List<String> predictions(
      String scores, Map<String, String> keys, Instant asOf, String role) {
    return Prediction.ids(lake, scores, keys, asOf, role);
  }

  /** The provenance of a version of a model; an alias stands for the version that it points to. */
  public Provenance model(String reference) {
    return traced(model(registry.find(reference).version().reference()));
  }

  /** Whether the registry has a model of that name. */
  public boolean isModel(String name) {
    return registry.names().contains(name);
  }

  /** The provenance of what a run did. */
  public Provenance run(String id) {
    RunId run = RunId.parse(id);
    if (runs.find(run).isEmpty()) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot trace run " + id + ": the log has no such run. See tributary runs.");
    }
    return traced(run(run));
  }

  /**
   * The provenance of a table.
   *
   * @param version empty = the newest that a run wrote
   */
  public Provenance table(TableName table, Optional<Long> version) {
    List<TableVersion> versions =
        runs.writing(table).stream()
            .flatMap(r -> r.outputs().stream())
            .filter(v -> v.table().equals(table))
            .filter(v -> version.isEmpty() || v.version() == version.get())
            .toList();
    if (versions.isEmpty()) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot trace table %s%s: no run wrote it. See tributary runs."
              .formatted(table, version.map(v -> "@" + v).orElse("")));
    }
    return traced(table(Pin.of(versions.get(versions.size() - 1))));
  }

  /** The provenance of a build of a training set. */
  public Provenance trainingSet(String name, long build) {
    return BuiltTrainingSet.run(runs, name, build)
        .map(r -> traced(table(Pin.of(r.outputs().get(r.outputs().size() - 1)))))
        .orElseThrow(
            () ->
                new PlatformException(
                    ErrorCode.NOT_FOUND,
                    "Cannot trace training set %s@%d: no run built it. See tributary runs --job training-set."
                        .formatted(name, build)));
  }

  /**
   * The provenance of the delivery of a file.
   *
   * @param file its path as it was delivered, or its SHA-256
   * @throws PlatformException NOT_FOUND when it was not delivered, INVALID_REQUEST when it was more
   *     than once
   */
  public Provenance file(String file) {
    Deliveries.Delivery found =
        deliveries()
            .only(file, "trace", "tributary trace delivery:%s@%d"::formatted)
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.NOT_FOUND,
                        "Cannot trace %s: it is no prediction's id, run, model, view, table or training set with @VERSION, and no delivered file's path or SHA-256. See tributary trace --help."
                            .formatted(file)));
    return delivered(found.source(), found.number());
  }

  /**
   * The provenance of a delivery.
   *
   * @throws PlatformException NOT_FOUND when the ledger has none
   */
  public Provenance delivered(String source, long number) {
    if (deliveries().delivery(source, number).isEmpty()) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot trace delivery %d of %s: the ledger has none. See tributary trace validated.%s."
              .formatted(number, source, source));
    }
    return traced(delivery(source, number));
  }

  /**
   * The provenance of a version of a view: each definition that runs used under its name, and the
   * tables of its sources as the last one that used it had pinned them.
   *
   * @param view {@code carrier_history@1}
   * @throws PlatformException NOT_FOUND when no run used it
   */
  public Provenance view(String view) {
    String reference = Definition.VIEW + " " + view;
    Map<Digest, String> used = runs.firstUsing(reference);
    if (used.isEmpty()) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot trace %s: no run used such a view, and the registry has no such model. See tributary features list."
              .formatted(view));
    }
    Optional<Meanings.Change> fixed = Meanings.open(lake).fixed(reference);
    Set<String> tables = new LinkedHashSet<>();
    used.keySet().forEach(digest -> tables(digest, tables));
    Optional<RunRecord> last = lastPinning(reference, tables);
    Map<String, Object> facts = new LinkedHashMap<>();
    fixed.ifPresent(
        f -> {
          facts.put("meaning", f.meaning().hex());
          facts.put("since", f.toString());
        });
    last.ifPresent(run -> facts.put("pinned-by", run.run() + ", " + run.key()));
    return traced(
        node(
            Definition.VIEW,
            view,
            facts,
            () -> {
              List<String> from = new ArrayList<>();
              used.forEach((digest, run) -> from.add(definition(digest, run, fixed)));
              last.stream()
                  .flatMap(run -> run.inputs().stream())
                  .filter(isOf(tables))
                  .forEach(pin -> from.add(table(pin)));
              return from;
            }));
  }

  /** The last run that used a definition and pinned one of some tables, other than to monitor. */
  private Optional<RunRecord> lastPinning(String reference, Set<String> tables) {
    String used = Json.write(reference) + ":";
    List<String> pinned = tables.stream().map(table -> "\"" + table + "@").toList();
    List<RunLog.Succeeded> all = runs.succeeded();
    for (int i = all.size() - 1; i >= 0; i--) {
      RunLog.Succeeded run = all.get(i);
      if (!run.key().startsWith("monitor ") && run.mentions(used) && run.mentionsAny(pinned)) {
        RunRecord record = run.record();
        if (record.definitions().containsKey(reference)
            && record.inputs().stream().anyMatch(isOf(tables))) {
          return Optional.of(record);
        }
      }
    }
    return Optional.empty();
  }

  private static Predicate<Pin> isOf(Set<String> tables) {
    return pin -> tables.contains(pin.version().table().toString());
  }

  /** Adds the tables of the sources that a kept definition is made of. */
  private void tables(Digest digest, Set<String> tables) {
    Definition definition;
    try {
      definition = definitions.read(digest);
    } catch (PlatformException e) {
      // Its node says so.
      return;
    }
    if (definition.kind().equals("source")) {
      tables.add(TableName.of("validated", definition.name()).toString());
    }
    definition.uses().values().forEach(used -> tables(used, tables));
  }

  private Provenance traced(String root) {
    return new Provenance(root, List.copyOf(nodes.values()));
  }

  /** Adds a node after what it was made of, once. */
  private String node(
      String kind, String name, Map<String, Object> facts, Supplier<List<String>> from) {
    String id = id(kind, name);
    if (!nodes.containsKey(id) && open.add(id)) {
      List<String> made = from.get();
      nodes.put(
          id,
          new Provenance.Node(
              id,
              kind,
              name,
              facts,
              made.stream().filter(n -> !open.contains(n)).distinct().toList()));
      open.remove(id);
    }
    return id;
  }

  private static String id(String kind, String name) {
    return kind + ":" + name;
  }

  /** Whether a thing is there already: what is known of it need not be looked up again. */
  private boolean isKnown(String kind, String name) {
    return nodes.containsKey(id(kind, name)) || open.contains(id(kind, name));
  }

  private String model(ModelReference reference) {
    Optional<RegisteredVersion> registered =
        registry.find(reference.model(), reference.number().orElseThrow());
    if (registered.isEmpty()) {
      return lost("model", reference.toString(), "the registry has no such version");
    }
    ModelVersion version = registered.get().version();
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("registered", registered.get().at());
    facts.put("by", registered.get().principal().name());
    List<String> aliases = registry.aliasesOf(version.reference());
    if (!aliases.isEmpty()) {
      facts.put("aliases", aliases);
    }
    registered.get().retirement().ifPresent(r -> facts.put("retired", r.at() + ": " + r.reason()));
    facts.put("metrics", version.metrics());
    facts.put("trained-on", version.trainedOn());
    facts.put("artefact", version.artefact().digest().hex());
    version
        .environment()
        .ifPresent(
            fittedIn -> {
              facts.put("device", fittedIn.device());
              facts.put("dependencies", fittedIn.dependencyDigest().hex());
            });
    version
        .elsewhere()
        .ifPresent(
            said -> {
              facts.put("trained", "elsewhere, as its registration says");
              facts.put("kind", said.kind().toString());
              said.code().ifPresent(code -> facts.put("code", code));
            });
    Optional<Origin> origin = registered.get().importedFrom();
    origin.ifPresent(from -> facts.put("imported-from", from.toString()));
    return node(
        "model",
        reference.toString(),
        facts,
        () ->
            version
                .run()
                .map(fittedBy -> List.of(fit(fittedBy, origin)))
                .orElseGet(
                    () ->
                        version.trainingSet().map(set -> table(Pin.of(set.table()))).stream()
                            .toList()));
  }

  private String fit(RunId run, Optional<Origin> origin) {
    return origin.isPresent() && runs.find(run).isEmpty()
        ? lost(
            "run",
            run.text(),
            "lake %s has it, where the version was trained".formatted(origin.get().first().lake()))
        : run(run);
  }

  private String run(RunId id) {
    return isKnown("run", id.text())
        ? id("run", id.text())
        : runs.find(id).map(this::run).orElseGet(() -> lost("run", id.text(), "the log has none"));
  }

  private String run(RunRecord run) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("work", run.key().toString());
    facts.put("outcome", run.outcome().name().toLowerCase(Locale.ROOT));
    facts.put("ended", run.ended());
    facts.put("seconds", run.seconds());
    facts.put("environment", environment(run.environment()));
    return node(
        "run",
        run.run().text(),
        facts,
        () -> {
          List<String> from = new ArrayList<>();
          for (LineageNode read : run.reads()) {
            if (read.kind().equals("model")) {
              from.add(model(ModelReference.of(read.name(), Long.parseLong(read.version()))));
            }
          }
          run.inputs().forEach(pin -> from.add(table(pin)));
          Commands.definition(run.key())
              .flatMap(name -> Optional.ofNullable(run.definitions().get(name)))
              .ifPresent(digest -> from.add(definition(digest)));
          return from;
        });
  }

  private static Map<String, Object> environment(Environment at) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("by", at.user());
    facts.put("host", at.host());
    facts.put("code", at.code() + (at.dirty() ? " with uncommitted changes" : ""));
    facts.put("java", at.java());
    facts.put("os", at.os());
    at.project()
        .ifPresent(
            p -> {
              p.commit()
                  .ifPresent(
                      c ->
                          facts.put("project", c + (p.dirty() ? " with changed definitions" : "")));
              facts.put("project-files", p.files().hex());
            });
    List<String> advice = advice(at);
    if (!advice.isEmpty()) {
      facts.put("advice", advice);
    }
    return facts;
  }

  /** What can't be looked up by a revision, and who sees to it that the next run's can. */
  private static List<String> advice(Environment at) {
    List<String> advice = new ArrayList<>();
    if (at.isOfNoRevision()) {
      advice.add(
          "no revision says what Tributary was: whoever installs it builds it from its repository");
    } else if (at.dirty()) {
      advice.add(
          "what was changed of Tributary has who built it for %s: they commit it, and build again"
              .formatted(at.user()));
    }
    at.project()
        .ifPresent(
            p -> {
              if (p.commit().isEmpty()) {
                advice.add(
                    "the project was in no git repository: the lake has its definitions, and whoever keeps it commits it to one");
              } else if (p.dirty()) {
                advice.add(
                    "the definitions were not those of the commit: the lake has them as they were, and whoever keeps the project commits them");
              }
            });
    return advice;
  }

  private String table(Pin pin) {
    TableVersion version = pin.version();
    TableName table = version.table();
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("id", version.id());
    if (pin.deliveries().isPresent()) {
      String source = table.subject();
      List<Long> admitted = deliveries().admitted(source, pin.deliveries().get());
      List<Long> numbers =
          deliveries().isStatic(source)
              ? admitted.subList(Math.max(0, admitted.size() - 1), admitted.size())
              : admitted;
      return node(
          "table",
          version.shortName() + " deliveries <= " + pin.deliveries().get(),
          facts,
          () -> numbers.stream().map(n -> delivery(source, n)).toList());
    }
    List<RunRecord> made = makers(version);
    if (table.layer().equals("training")) {
      made.stream()
          .flatMap(r -> r.facts(TrainingSetFacts.class).stream())
          .findFirst()
          .ifPresent(
              f -> {
                facts.put("training-set", table.subject() + "@" + f.number());
                facts.put("rows", f.rows());
                facts.put("content", f.content().hex());
                f.knownUntil().ifPresent(until -> facts.put("known-until", until));
              });
    }
    return node("table", version.shortName(), facts, () -> made.stream().map(this::run).toList());
  }

  /**
   * The runs whose rows a table's version may have: of a training set, which is replaced as a
   * whole, the one that wrote the version.
   */
  private List<RunRecord> makers(TableVersion version) {
    boolean whole = version.table().layer().equals("training");
    return runs.writing(version.table()).stream()
        .filter(
            run ->
                run.outputs().stream()
                    .anyMatch(
                        wrote ->
                            wrote.id().equals(version.id())
                                && (whole
                                    ? wrote.version() == version.version()
                                    : wrote.version() <= version.version())))
        .toList();
  }

  private String delivery(String source, long number) {
    String name = source + "@" + number;
    if (isKnown("delivery", name)) {
      return id("delivery", name);
    }
    Optional<Deliveries.Delivery> delivery = deliveries().delivery(source, number);
    if (delivery.isEmpty()) {
      return lost("delivery", name, "the ledger has none");
    }
    Optional<Deliveries.Judged> judged = deliveries().judged(source, number);
    return node(
        "delivery",
        name,
        deliveries().facts(source, number),
        () -> {
          List<String> from = new ArrayList<>();
          delivery.get().files().forEach(file -> from.add(file(file)));
          judged.ifPresent(j -> from.add(run(RunId.parse(j.run()))));
          return from;
        });
  }

  private String file(Deliveries.DeliveredFile file) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("sha256", file.sha256().hex());
    facts.put("bytes", file.bytes());
    file.range()
        .ifPresent(r -> facts.put("range", r.of() + " above " + r.after() + " up to " + r.upTo()));
    return node("file", file.path() + "@" + file.sha256().shortHex(), facts, List::of);
  }

  private String definition(Digest digest) {
    return definition(digest, definition -> Map.of());
  }

  /** A definition of a view, with the run that used it first and whether it means what counts. */
  private String definition(Digest digest, String run, Optional<Meanings.Change> fixed) {
    return definition(
        digest,
        definition -> {
          Map<String, Object> facts = new LinkedHashMap<>();
          facts.put("status", definition.status());
          facts.put("meaning", definition.meaningDigest().hex());
          fixed.ifPresent(
              f -> facts.put("in-force", f.meaning().equals(definition.meaningDigest())));
          facts.put("first-used-by", run);
          return facts;
        });
  }

  private String definition(Digest digest, Function<Definition, Map<String, Object>> more) {
    Definition definition;
    try {
      definition = definitions.read(digest);
    } catch (PlatformException e) {
      return lost("definition", digest.hex(), e.getMessage());
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("digest", digest.hex());
    facts.put("file", definition.file());
    facts.putAll(more.apply(definition));
    return node(
        "definition",
        definition.reference() + "#" + digest.shortHex(),
        facts,
        () -> definition.uses().values().stream().map(this::definition).toList());
  }

  /** A thing that something recorded names, and of which the lake has nothing. */
  private String lost(String kind, String name, String why) {
    return node(kind, name, Map.of("lost", why), List::of);
  }

  private Deliveries deliveries() {
    if (deliveries.isEmpty()) {
      deliveries = Optional.of(Deliveries.open(lake));
    }
    return deliveries.get();
  }
}
