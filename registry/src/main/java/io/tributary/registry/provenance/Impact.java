package io.tributary.registry.provenance;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Micros;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.RunId;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.events.CommitLog;
import io.tributary.events.definitions.ColumnGraph;
import io.tributary.events.definitions.DefinitionStore;
import io.tributary.events.facts.FitFacts;
import io.tributary.events.facts.PublicationFacts;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.facts.TrainingSetFacts;
import io.tributary.events.runs.LakeTables;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.registry.Coverage;
import io.tributary.registry.ModelReference;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.RegisteredModel;
import io.tributary.registry.RegisteredVersion;
import io.tributary.registry.TrainedElsewhere;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds what was made from a thing: later tables, builds of training sets, model versions, scored
 * intervals with the predictions that it entered, and what is published online now. It goes once
 * over the runs that succeeded, in the order in which they were recorded, with those that are
 * committed and not recorded yet, and follows the inputs that each pinned; what a run read of a
 * delivery is told from its definitions: by column, by time and, for predictions, by key. One is
 * left out where the definitions say that it read nothing of it, and in the cases that decision 56
 * lists. Reads logs, and of tables the rows of the source and of the scores in question; nothing is
 * computed again. Not thread-safe; for one question.
 */
public final class Impact {
  private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("9999-12-31T00:00:00Z");

  private final String lake;
  private final boolean ids;
  private final RunLog log;
  private final DefinitionStore definitions;
  private final Map<String, RegisteredModel> models;
  private final Map<String, Provenance.Node> nodes = new LinkedHashMap<>();
  private final Map<String, List<Touched>> tables = new HashMap<>();
  private final Map<Digest, ColumnGraph> graphs = new HashMap<>();
  private final Map<String, Snapshots> snapshots = new HashMap<>();
  private final Map<String, RunLog.Succeeded> published = new TreeMap<>();
  private final Map<String, RunLog.Succeeded> newestScorings = new TreeMap<>();
  private final List<TouchedScores.Scoring> scorings = new ArrayList<>();
  private final Map<Reading, Spans> spans = new HashMap<>();
  private final Map<String, long[]> bounds = new HashMap<>();
  private final Map<Asked, Set<Reading>> asked = new HashMap<>();
  private final Map<Long, Boolean> newest = new HashMap<>();
  private Optional<Deliveries> deliveries = Optional.empty();

  private String root = "";

  /** What is followed by the definitions that read it: {@code source rides}; else empty. */
  private String thing = "";

  private Set<Long> numbers = Set.of();

  /** Whether the newest delivery is the content of the source. */
  private boolean isStatic;

  private Optional<DeliveredEvents> events = Optional.empty();
  private Set<String> wanted = new TreeSet<>(Set.of("_event_time"));
  private final Set<String> touchedModels = new LinkedHashSet<>();
  private final Set<String> followed = new HashSet<>();

  /**
   * A version of a table from which on it has what was touched.
   *
   * @param within the interval that is touched; empty = all of it
   */
  private record Touched(TableVersion version, Optional<Interval> within, String node) {}

  private Impact(String lake, boolean ids) {
    this.lake = lake;
    this.ids = ids;
    this.log = RunLog.open(lake);
    this.definitions = DefinitionStore.open(lake);
    this.models = ModelRegistry.open(lake).models();
  }

  /**
   * For the lake at a local folder or Hadoop URI.
   *
   * @param ids whether scored intervals name each prediction
   */
  public static Impact open(String lake, boolean ids) {
    return new Impact(lake, ids);
  }

  /**
   * What was made from a delivery.
   *
   * @throws PlatformException NOT_FOUND when the ledger has none
   */
  public Provenance delivery(String source, long number) {
    if (ledger().delivery(source, number).isEmpty()) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot tell the impact of delivery %d of %s: the ledger has none. See tributary trace validated.%s."
              .formatted(number, source, source));
    }
    root = node("delivery", source + "@" + number, ledger().facts(source, number), Set.of());
    follow(source, Set.of(number));
    return walked();
  }

  /**
   * The same for the delivery of a file.
   *
   * @param file its path as it was delivered, or its SHA-256
   * @throws PlatformException NOT_FOUND when it was not delivered, INVALID_REQUEST when it was more
   *     than once
   */
  public Provenance file(String file) {
    Deliveries.Delivery found =
        ledger()
            .only(file, "tell the impact of", "tributary impact %s --delivery %d"::formatted)
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.NOT_FOUND,
                        "Cannot tell the impact of %s: it is no run, model or view with @VERSION, no source with --delivery, and no delivered file's path or SHA-256. See tributary impact --help."
                            .formatted(file)));
    return delivery(found.source(), found.number());
  }

  /**
   * The same for what was made with a view, whatever it meant.
   *
   * @param view {@code carrier_history@1}
   */
  public Provenance view(String view) {
    root = node("view", view, Map.of(), Set.of());
    thing = "view " + view;
    Provenance found = walked();
    if (found.nodes().size() == 1 && log.newestUsing(thing, run -> true).isEmpty()) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot tell the impact of %s: no run used such a view, and the registry has no such model. See tributary features list."
              .formatted(view));
    }
    return found;
  }

  /** Whether the registry has a model of that name. */
  public boolean isModel(String name) {
    return models.containsKey(name);
  }

  /** The same for a version of a model; an alias stands for the version that it points to. */
  public Provenance model(String reference) {
    ModelReference named = ModelReference.parse(reference);
    ModelReference version =
        named.number().isPresent()
            ? named
            : Optional.ofNullable(models.get(named.model()))
                .flatMap(m -> m.holder(named.version()))
                .map(v -> v.version().reference())
                .orElse(named);
    if (version.number().isEmpty()
        || !isModel(named.model())
        || models.get(named.model()).version(version.number().getAsLong()).isEmpty()) {
      // Says what there is.
      ModelRegistry.open(lake).find(reference);
    }
    root = model(version, Set.of());
    return walked();
  }

  /**
   * The same for what a run wrote.
   *
   * @throws PlatformException NOT_FOUND when the log has no such run
   */
  public Provenance run(String id) {
    RunRecord run =
        log.find(RunId.parse(id))
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.NOT_FOUND,
                        "Cannot tell the impact of run "
                            + id
                            + ": the log has no such run. See tributary runs."));
    root = node("run", id, facts("work", run.key().toString(), "ended", run.ended()), Set.of());
    if (run.found().isPresent()) {
      return walked();
    }
    if (run.key().job().equals("ingest")) {
      follow(run.key().subject(), ledger().judgedBy(run.key().subject(), id));
    } else if (run.key().job().equals("materialize")) {
      thing = "view " + run.key().subject();
    }
    outputs(run, run.key().interval(), Map.of(), Set.of(root));
    registered(run, version -> true);
    return walked();
  }

  private void follow(String source, Set<Long> of) {
    thing = "source " + source;
    numbers = new TreeSet<>();
    of.forEach(number -> numbers.addAll(ledger().withReleased(source, number)));
    isStatic = ledger().isStatic(source);
  }

  /**
   * Who read the source's table is told by the deliveries that it pinned, whichever run had written
   * them: a rebuild takes the place of the one that first did, and a record may be lost.
   */
  private void seed() {
    CommitLog.open(LakeTables.path(lake, ownTable()))
        .read()
        .ifPresent(
            t -> touch(new TableVersion(ownTable(), t.tableId(), 0), Optional.empty(), root));
  }

  /** The table of validated rows of the delivery that was asked about. */
  public TableName ownTable() {
    return TableName.of("validated", thing.substring("source ".length()));
  }

  /** That delivery, and those that brought rows of it which a person released. */
  public Set<Long> deliveries() {
    return Set.copyOf(numbers);
  }

  /** What the run of a listed scoring did; of one that is not recorded yet, as its commit says. */
  public RunRecord scoring(String run) {
    return scorings.stream()
        .map(TouchedScores.Scoring::record)
        .filter(record -> record.run().text().equals(run))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(run));
  }

  /** What a mark on the thing that was asked about covers. */
  public Coverage coverage() {
    Map<String, Interval> reaches = new TreeMap<>();
    Map<String, Set<Digest>> readers = new TreeMap<>();
    if (!numbers.isEmpty()) {
      newestScorings.forEach(
          (set, run) -> {
            RunRecord record = run.record();
            Optional<ScoringFacts> facts = record.facts(ScoringFacts.class);
            Optional<ColumnGraph> graph = graph(record, "scores " + set);
            if (facts.isPresent() && graph.isPresent()) {
              reaches.put(set, hull(graph.get(), facts.get()));
              readers.put(set, readers(record, set, facts.get()));
            }
          });
    }
    Map<String, Long> newest = new TreeMap<>();
    models.forEach((model, known) -> newest.put(model, newest(known)));
    return new Coverage(
        nodes.keySet().stream().filter(id -> !id.equals(root)).toList(),
        reaches,
        readers,
        Optional.of(newest));
  }

  /** The newest version whose run was followed: one that is being compared is not recorded yet. */
  private long newest(RegisteredModel model) {
    return model.versions().stream()
        .map(RegisteredVersion::version)
        .filter(version -> version.run().filter(run -> followed.contains(run.text())).isPresent())
        .mapToLong(ModelVersion::number)
        .max()
        .orElse(0);
  }

  private Set<Digest> readers(RunRecord record, String set, ScoringFacts facts) {
    Set<Digest> readers = new LinkedHashSet<>();
    readers.add(record.definitions().get("scores " + set));
    said(facts).forEach(said -> version(said.model()).ifPresent(v -> readers.add(v.definition())));
    return readers;
  }

  private Optional<ModelVersion> version(String reference) {
    ModelReference named = ModelReference.parse(reference);
    return Optional.ofNullable(models.get(named.model()))
        .flatMap(m -> m.version(named.number().orElseThrow()))
        .map(RegisteredVersion::version);
  }

  private Interval hull(ColumnGraph scores, ScoringFacts facts) {
    long first = Long.MAX_VALUE;
    long end = Long.MIN_VALUE;
    for (ScoringFacts.Said said : said(facts)) {
      for (Reading reading : ofScores(scores, said.model())) {
        // Also of snapshots that will be taken.
        Spans spans = events.orElseThrow().spansWhenever(reading, this::taken);
        first = Math.min(first, spans.first());
        end = Math.max(end, spans.end());
      }
    }
    return first >= end
        ? Interval.of(FIRST, FIRST.plusNanos(1_000))
        : Interval.of(instant(first), instant(end));
  }

  private static Instant instant(long micros) {
    return micros <= Micros.of(FIRST)
        ? FIRST
        : micros >= Micros.of(LAST) ? LAST : Micros.instant(micros);
  }

  private Provenance walked() {
    String own = nodes.get(root).name();
    List<RunLog.Succeeded> later = new ArrayList<>();
    if (!numbers.isEmpty()) {
      seed();
    }
    if (isView()) {
      // The run that trained them is in another lake.
      versions()
          .filter(v -> v.importedFrom().isPresent())
          .filter(v -> v.version().definitions().containsKey(thing))
          .forEach(v -> model(v.version().reference(), Set.of(root)));
    }
    for (RunLog.Succeeded run : log.succeededOrCommitted()) {
      followed.add(run.run());
      if (!run.run().equals(own)) {
        String job = run.key().substring(0, run.key().indexOf(' '));
        if (job.equals("monitor")) {
          later.add(run);
        } else {
          walk(job, run);
        }
      }
    }
    published.forEach(this::publication);
    new TouchedScores(lake, ids).count(scorings);
    scorings.forEach(this::scored);
    later.forEach(this::monitored);
    return new Provenance(root, List.copyOf(nodes.values()));
  }

  private void walk(String job, RunLog.Succeeded run) {
    switch (job) {
      case "ingest" -> ingested(run);
      case "materialize" -> materialized(run);
      case "publish" -> published.put(run.key().split(" ", -1)[1], run);
      case "training-set" -> built(run);
      case "train" -> trained(run);
      case "score" -> scored(run);
      default -> copied(run);
    }
  }

  private void ingested(RunLog.Succeeded run) {
    String source = run.key().substring("ingest ".length());
    if (!numbers.isEmpty() && thing.equals("source " + source)) {
      boolean brought = numbers.stream().anyMatch(n -> ledger().isJudgedBy(source, n, run.run()));
      if (brought) {
        outputs(run.record(), Optional.empty(), Map.of(), Set.of(root));
      }
    } else {
      copied(run);
    }
  }

  /** Any run that read something touched: all that it wrote is. */
  private void copied(RunLog.Succeeded run) {
    if (!mentionsTouched(run, "")) {
      return;
    }
    RunRecord record = run.record();
    Set<String> from = from(record);
    if (!from.isEmpty()) {
      outputs(record, record.key().interval(), Map.of(), from);
    }
  }

  private void materialized(RunLog.Succeeded run) {
    String[] key = run.key().split(" ", -1);
    String view = key[1];
    Interval interval = Interval.parse(key[2]);
    snapshots.computeIfAbsent(view, v -> new Snapshots()).add(interval);
    if (isOutOfReach(run, "view " + view, interval) || !mentionsTouched(run, "validated.")) {
      return;
    }
    RunRecord record = run.record();
    Set<String> from = from(record);
    Optional<ColumnGraph> graph = graph(record, "view " + view);
    if (!from.isEmpty() && graph.isPresent()) {
      Set<Reading> readings =
          asked(
              graph.get(),
              "snapshots",
              () ->
                  Readings.ofView(graph.get(), thing).stream()
                      .map(Impact::atOwnTime)
                      .collect(Collectors.toSet()));
      bound("view " + view, record, readings);
      if (readings.stream().anyMatch(r -> reaches(r, interval))) {
        outputs(record, Optional.of(interval), Map.of(), from);
      }
    }
  }

  /** Whether the snapshots of an interval have values from within a reading's times. */
  private boolean reaches(Reading reading, Interval interval) {
    long last = Micros.of(interval.snapshotInstant());
    long first = Snapshots.isOfSeveral(interval) ? Micros.of(interval.from()) : last;
    return spans(reading).overlaps(first, last + 1);
  }

  /** As a snapshot itself reads: not from another one. */
  private static Reading atOwnTime(Reading r) {
    return new Reading(r.asking(), r.stored(), r.event(), r.known(), r.micros(), Optional.empty());
  }

  private void built(RunLog.Succeeded run) {
    if (!mentionsTouched(run, "")) {
      return;
    }
    RunRecord record = run.record();
    Set<String> from = from(record);
    String set = "training-set " + record.key().subject();
    Optional<ColumnGraph> graph = graph(record, set);
    if (from.isEmpty() || graph.isEmpty()) {
      return;
    }
    boolean touched = readings(graph.get(), set).stream().anyMatch(r -> !spans(r).isEmpty());
    if (touched) {
      Map<String, Object> facts = new LinkedHashMap<>();
      record
          .facts(TrainingSetFacts.class)
          .ifPresent(f -> facts.put("training-set", record.key().subject() + "@" + f.number()));
      outputs(record, Optional.empty(), facts, from);
      registered(
          record,
          version -> {
            Set<String> inputs = inputs(version, graph.get().definition(set).orElseThrow());
            return Readings.isLabel(graph.get(), set, thing)
                || read(graph.get(), Readings.ofRows(graph.get(), set, inputs, thing)).stream()
                    .anyMatch(r -> !spans(r).isEmpty());
          });
    }
  }

  /** Where it does not say, or says others than the training set has: by any column. */
  private static Set<String> inputs(ModelVersion version, Definition set) {
    Set<String> said =
        version.elsewhere().stream()
            .flatMap(elsewhere -> elsewhere.inputs().stream())
            .map(TrainedElsewhere.Input::column)
            .collect(Collectors.toSet());
    Set<String> columns = set.columns().keySet();
    return said.isEmpty() || !columns.containsAll(said) ? columns : said;
  }

  /**
   * Versions that were trained elsewhere on a build that a run wrote: no run trained them.
   *
   * @param reads whether one reads what was touched
   */
  private void registered(RunRecord built, Predicate<ModelVersion> reads) {
    for (TableVersion build : built.outputs()) {
      versions()
          .map(RegisteredVersion::version)
          .filter(version -> version.elsewhere().isPresent())
          .filter(version -> version.trainingSet().filter(s -> s.table().equals(build)).isPresent())
          .filter(reads)
          .forEach(version -> model(version.reference(), Set.of("table:" + build.shortName())));
    }
  }

  private Stream<RegisteredVersion> versions() {
    return models.values().stream().flatMap(model -> model.versions().stream());
  }

  private void trained(RunLog.Succeeded run) {
    if (!mentionsTouched(run, "training.")) {
      return;
    }
    RunRecord record = run.record();
    Set<String> from = from(record);
    if (from.isEmpty() || !fitted(record)) {
      return;
    }
    record.writes().stream()
        .filter(node -> node.kind().equals("model"))
        .forEach(
            node -> model(ModelReference.of(node.name(), Long.parseLong(node.version())), from));
  }

  /** Whether rows of the split have something of the delivery in a column that the model reads. */
  private boolean fitted(RunRecord record) {
    Optional<FitFacts> facts = record.facts(FitFacts.class);
    Optional<ColumnGraph> graph = graph(record, "model " + record.key().subject());
    if (thing.isEmpty() || facts.isEmpty() || graph.isEmpty()) {
      return true;
    }
    String set =
        graph.get().root().uses().keySet().stream()
            .filter(r -> r.startsWith("training-set "))
            .findFirst()
            .orElseThrow();
    List<Interval> parts = new ArrayList<>();
    facts.get().split().parts().forEach(part -> part.asOf().ifPresent(parts::add));
    boolean always = parts.size() < facts.get().split().parts().size();
    return readings(graph.get(), set).stream()
        .anyMatch(
            r ->
                always && !spans(r).isEmpty()
                    || parts.stream()
                        .anyMatch(p -> spans(r).overlaps(Micros.of(p.from()), Micros.of(p.to()))));
  }

  /** What the rows of a training set read, and what their labels do: that at any time. */
  private Set<Reading> readings(ColumnGraph graph, String set) {
    Set<Reading> readings =
        new LinkedHashSet<>(Readings.ofRows(graph, set, graph.root().columns().keySet(), thing));
    if (Readings.isLabel(graph, set, thing)) {
      readings.add(Reading.ALL);
    }
    return read(graph, readings);
  }

  private void scored(RunLog.Succeeded run) {
    String[] key = run.key().split(" ", -1);
    newestScorings.put(key[1], run);
    boolean byModel = run.mentionsAny(touchedModels);
    if (!byModel
        && (isOutOfReach(run, "scores " + key[1], Interval.parse(key[2]))
            || !mentionsTouched(run, ""))) {
      return;
    }
    RunRecord record = run.record();
    String scores = "scores " + record.key().subject();
    Optional<ScoringFacts> facts = record.facts(ScoringFacts.class);
    Optional<ColumnGraph> graph = graph(record, scores);
    if (facts.isEmpty()) {
      return;
    }
    Set<String> from = from(record);
    if (!from.isEmpty() && graph.isPresent()) {
      String set = asking(graph.get());
      Set<String> columns = graph.get().definition(set).orElseThrow().columns().keySet();
      bound(
          scores,
          record,
          asked(graph.get(), "", () -> Readings.ofRows(graph.get(), set, columns, thing)));
    }
    Map<String, List<TouchedScores.Reach>> byVersion = new TreeMap<>();
    Set<String> whole = new TreeSet<>();
    for (ScoringFacts.Said said : said(facts.get())) {
      String node = "model:" + said.model();
      if (nodes.containsKey(node)) {
        whole.add(said.model());
      } else if (!from.isEmpty() && graph.isPresent()) {
        List<TouchedScores.Reach> reaches =
            ofScores(graph.get(), said.model()).stream()
                .map(r -> new TouchedScores.Reach(r.asking(), spans(r)))
                .filter(
                    r ->
                        r.spans()
                            .overlaps(
                                Micros.of(record.key().interval().orElseThrow().from()),
                                Micros.of(record.key().interval().orElseThrow().to())))
                .toList();
        if (!reaches.isEmpty()) {
          byVersion.put(said.model(), reaches);
        }
      }
    }
    Set<String> made = new LinkedHashSet<>();
    if (!byVersion.isEmpty()) {
      made.addAll(from);
    }
    whole.forEach(version -> made.add("model:" + version));
    if (!made.isEmpty()) {
      scorings.add(new TouchedScores.Scoring(record, said(facts.get()), whole, byVersion, made));
    }
  }

  private static List<ScoringFacts.Said> said(ScoringFacts facts) {
    List<ScoringFacts.Said> said = new ArrayList<>();
    said.add(
        new ScoringFacts.Said(
            "champion",
            facts.model(),
            facts.artefact(),
            facts.rows(),
            facts.decided(),
            facts.meanScore(),
            facts.flagged()));
    said.addAll(facts.others());
    return said;
  }

  /** The training set whose rows a score set asks with. */
  private static String asking(ColumnGraph scores) {
    return scores.root().columns().get("_as_of").values().iterator().next().thing();
  }

  /** Keeps when a definition's readings begin and end, by any key and column. */
  private void bound(String reference, RunRecord record, Set<Reading> readings) {
    String definition = named(reference) + record.definitions().get(reference).hex() + "\"";
    if (numbers.isEmpty() || bounds.containsKey(definition)) {
      return;
    }
    long first = Long.MAX_VALUE;
    long end = Long.MIN_VALUE;
    for (Reading reading : readings) {
      Spans spans = spans(atOwnTime(reading));
      first = Math.min(first, spans.first());
      end = reading.snapshots().isPresent() ? Long.MAX_VALUE : Math.max(end, spans.end());
    }
    bounds.put(definition, new long[] {first, end});
  }

  /** As a record names the definition that it used, up to the digest. */
  private static String named(String reference) {
    return "\"" + reference + "\":\"";
  }

  /** Whether a run's definition is known to read nothing in an interval; it is not decoded. */
  private boolean isOutOfReach(RunLog.Succeeded run, String reference, Interval interval) {
    return bounds.entrySet().stream()
        .anyMatch(
            bound ->
                (Micros.of(interval.to()) <= bound.getValue()[0]
                        || Micros.of(interval.from()) >= bound.getValue()[1])
                    && bound.getKey().startsWith(named(reference))
                    && run.mentions(bound.getKey()));
  }

  /**
   * What a version's scores read: by the columns that its definition takes, or that whoever
   * registered it says.
   */
  private Set<Reading> ofScores(ColumnGraph scores, String version) {
    String set = asking(scores);
    Definition rows = scores.definition(set).orElseThrow();
    Set<String> columns = rows.columns().keySet();
    Set<String> inputs =
        version(version)
            .map(
                v ->
                    Optional.ofNullable(v.definitions().get("model " + v.model()))
                        .map(digest -> graph(digest).root().columns().keySet())
                        .orElseGet(() -> inputs(v, rows)))
            .orElse(columns);
    return asked(
        scores,
        version,
        () ->
            Readings.ofRows(
                scores,
                set,
                inputs.stream().filter(columns::contains).collect(Collectors.toSet()),
                thing));
  }

  private void scored(TouchedScores.Scoring scoring) {
    if (scoring.touched() == 0) {
      return;
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("predictions", scoring.touched());
    facts.put("of", scoring.rows());
    facts.put("said-by", List.copyOf(scoring.saying()));
    if (scoring.superseded() > 0) {
      facts.put("superseded", scoring.superseded());
    }
    if (ids) {
      facts.put("ids", List.copyOf(scoring.ids()));
    }
    outputs(scoring.record(), scoring.record().key().interval(), facts, scoring.from());
  }

  private void monitored(RunLog.Succeeded run) {
    if (!mentionsTouched(run, "scores.")) {
      return;
    }
    RunRecord record = run.record();
    Set<String> from = new LinkedHashSet<>();
    for (Pin pin : record.inputs()) {
      if (pin.version().table().layer().equals("scores")) {
        touched(pin)
            .filter(t -> overlaps(t.within(), record.key().interval()))
            .forEach(t -> from.add(t.node()));
      }
    }
    if (!from.isEmpty()) {
      outputs(record, record.key().interval(), Map.of(), from);
    }
  }

  private static boolean overlaps(Optional<Interval> a, Optional<Interval> b) {
    return a.isEmpty() || b.isEmpty() || a.get().overlaps(b.get());
  }

  /** What a view's newest publication serves, if it was taken from a touched snapshot. */
  private void publication(String view, RunLog.Succeeded run) {
    if (!mentionsTouched(run, "features.")) {
      return;
    }
    RunRecord record = run.record();
    Optional<PublicationFacts> facts = record.facts(PublicationFacts.class);
    if (facts.isEmpty()) {
      return;
    }
    Set<String> from = new LinkedHashSet<>();
    for (Pin pin : record.inputs()) {
      touched(pin)
          .filter(t -> t.within().map(in -> in.contains(facts.get().instant())).orElse(true))
          .forEach(t -> from.add(t.node()));
    }
    if (!from.isEmpty()) {
      node(
          "online",
          view + "@" + facts.get().instant(),
          facts("rows", facts.get().rows(), "run", record.run().text()),
          from);
    }
  }

  /** The touched things that a run read, by what it pinned. */
  private Set<String> from(RunRecord record) {
    if (isView()) {
      return record.definitions().containsKey(thing) ? Set.of(root) : Set.of();
    }
    Set<String> from = new LinkedHashSet<>();
    record.inputs().forEach(pin -> touched(pin).forEach(t -> from.add(t.node())));
    return from;
  }

  private Stream<Touched> touched(Pin pin) {
    Stream<Touched> held =
        tables.getOrDefault(pin.version().table().toString(), List.of()).stream()
            .filter(t -> holds(pin, t));
    // Of the source itself the version that was read; else each version that it has in it.
    return isOwn(pin.version().table())
        ? held
            .filter(t -> t.version().version() <= pin.version().version())
            .max(Comparator.comparingLong(t -> t.version().version()))
            .stream()
        : held;
  }

  /** Of the source itself by its deliveries; of any other table by the version. */
  private boolean holds(Pin pin, Touched touched) {
    TableVersion version = pin.version();
    if (!version.id().equals(touched.version().id())) {
      return false;
    }
    if (pin.deliveries().isPresent() && isOwn(version.table())) {
      if (!isStatic) {
        return numbers.stream().anyMatch(n -> n <= pin.deliveries().get());
      }
      return newest.computeIfAbsent(
          pin.deliveries().get(), n -> isNewest(version.table().subject(), n));
    }
    return version.table().layer().equals("training")
        ? version.version() == touched.version().version()
        : version.version() >= touched.version().version();
  }

  private boolean isNewest(String source, long upTo) {
    List<Long> admitted = ledger().admitted(source, upTo);
    return !admitted.isEmpty() && numbers.contains(admitted.get(admitted.size() - 1));
  }

  private boolean isOwn(TableName table) {
    return !numbers.isEmpty()
        && table.layer().equals("validated")
        && thing.equals("source " + table.subject());
  }

  /** Whether a run may have read something touched; records of others are not decoded. */
  private boolean mentionsTouched(RunLog.Succeeded run, String layer) {
    List<String> touched = new ArrayList<>();
    if (isView()) {
      touched.add("\"" + thing + "\"");
    }
    tables.keySet().stream()
        .filter(table -> table.startsWith(layer))
        .forEach(table -> touched.add("\"" + table + "@"));
    return run.mentionsAny(touched);
  }

  private boolean isView() {
    return nodes.get(root).kind().equals("view");
  }

  private void outputs(
      RunRecord run, Optional<Interval> within, Map<String, Object> more, Set<String> from) {
    for (TableVersion version : run.outputs()) {
      Map<String, Object> facts = new LinkedHashMap<>();
      within.ifPresent(in -> facts.put("interval", in.toString()));
      if (version.equals(run.outputs().get(run.outputs().size() - 1))) {
        facts.putAll(more);
      }
      facts.put("run", run.run().text());
      String id = node("table", version.shortName(), facts, from);
      touch(version, within, id);
    }
    run.writes().stream()
        .filter(node -> node.kind().equals("model"))
        .forEach(
            node -> model(ModelReference.of(node.name(), Long.parseLong(node.version())), from));
  }

  private void touch(TableVersion version, Optional<Interval> within, String node) {
    tables
        .computeIfAbsent(version.table().toString(), t -> new ArrayList<>())
        .add(new Touched(version, within, node));
  }

  private String model(ModelReference reference, Set<String> from) {
    touchedModels.add("model:" + reference);
    Optional<RegisteredModel> model = Optional.ofNullable(models.get(reference.model()));
    Optional<RegisteredVersion> version =
        model.flatMap(m -> m.version(reference.number().orElseThrow()));
    Map<String, Object> facts = new LinkedHashMap<>();
    version.ifPresent(v -> facts.put("registered", v.at()));
    List<String> aliases =
        model.map(m -> m.aliasesOf(reference.number().orElseThrow())).orElse(List.of());
    if (!aliases.isEmpty()) {
      facts.put("aliases", aliases);
    }
    version
        .flatMap(RegisteredVersion::retirement)
        .ifPresent(r -> facts.put("retired", r.at() + ": " + r.reason()));
    return node("model", reference.toString(), facts, from);
  }

  private String node(String kind, String name, Map<String, Object> facts, Set<String> from) {
    String id = kind + ":" + name;
    nodes.putIfAbsent(id, new Provenance.Node(id, kind, name, facts, List.copyOf(from)));
    return id;
  }

  private static Map<String, Object> facts(String a, Object first, String b, Object second) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put(a, first);
    facts.put(b, second);
    return facts;
  }

  private Optional<ColumnGraph> graph(RunRecord record, String reference) {
    return Optional.ofNullable(record.definitions().get(reference)).map(this::graph);
  }

  private ColumnGraph graph(Digest digest) {
    return graphs.computeIfAbsent(digest, d -> ColumnGraph.of(d, definitions::read));
  }

  private Spans spans(Reading reading) {
    return reading.snapshots().isPresent()
        ? computed(reading)
        : spans.computeIfAbsent(reading, this::computed);
  }

  private Spans computed(Reading reading) {
    if (numbers.isEmpty()) {
      Spans always = new Spans();
      always.add(List.of(), Long.MIN_VALUE, Long.MAX_VALUE);
      return always;
    }
    return events.orElseThrow().spans(reading, this::taken);
  }

  /** The snapshots of a view that runs before the one that is looked at have taken. */
  private Snapshots taken(String view) {
    return snapshots.getOrDefault(view, new Snapshots());
  }

  /**
   * Readings, determined once.
   *
   * @param of distinguishes those of one graph
   */
  private Set<Reading> asked(ColumnGraph graph, String of, Supplier<Set<Reading>> readings) {
    return read(graph, asked.computeIfAbsent(new Asked(graph, of), a -> readings.get()));
  }

  private record Asked(ColumnGraph graph, String of) {}

  /** Reads the events' columns that some readings need. */
  private Set<Reading> read(ColumnGraph graph, Set<Reading> readings) {
    boolean more =
        readings.stream()
            .map(r -> wanted.addAll(r.stored()) | r.event().filter(wanted::add).isPresent())
            .reduce(false, (a, b) -> a || b);
    if (!numbers.isEmpty() && !readings.isEmpty() && (more || events.isEmpty())) {
      Map<String, String> source =
          Definition.facts(graph.definition(thing).orElseThrow().meaning());
      List<String> keys = new ArrayList<>();
      for (int i = 0; source.containsKey("event-key[" + i + "]"); i++) {
        keys.add(source.get("event-key[" + i + "]"));
      }
      events =
          Optional.of(
              DeliveredEvents.read(
                  lake, thing.substring("source ".length()), numbers, keys, wanted));
    }
    return readings;
  }

  private Deliveries ledger() {
    if (deliveries.isEmpty()) {
      deliveries = Optional.of(Deliveries.open(lake));
    }
    return deliveries.get();
  }
}
