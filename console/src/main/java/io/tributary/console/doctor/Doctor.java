package io.tributary.console.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.ErrorGroup;
import io.tributary.core.Json;
import io.tributary.core.Outcome;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.definition.LateDays;
import io.tributary.definition.Project;
import io.tributary.events.AtomicFiles;
import io.tributary.events.CommitLog;
import io.tributary.events.LogCommit;
import io.tributary.events.TableHistory;
import io.tributary.events.definitions.LakeDefinitions;
import io.tributary.events.definitions.Staleness;
import io.tributary.events.facts.Duplicates;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.DeadRuns;
import io.tributary.events.runs.JobLocks;
import io.tributary.events.runs.LakeTables;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.notify.Outbox;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.online.Publication;
import io.tributary.registry.ArtefactStore;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.RegisteredModel;
import io.tributary.registry.RegisteredVersion;
import io.tributary.registry.Suspects;
import io.tributary.registry.TrainingSetReference;
import io.tributary.registry.keeping.Kept;
import io.tributary.registry.keeping.KeptVersion;
import io.tributary.registry.keeping.TableRetention;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Examines the machine, a project's lake and what killed runs left in it. Runs whose process died
 * are recorded at once, as the next job would do; files that nothing refers to are removed only on
 * request. No Spark.
 */
public final class Doctor {
  private static final long LEAST_ROOM = 1L << 30;

  /** The highest reader version of a table that every part of Tributary can read. */
  private static final int READER = 1;

  private static final int WRITER = 7;

  /** Layers of tables made from pinned inputs, with the word for one table. */
  private static final Map<String, String> PINNED =
      Map.of(
          "features", "view",
          "training", "training set",
          "scores", "score set",
          "monitor", "monitor");

  private final Project project;
  private final boolean mend;
  private final Instant now;
  private final String lake;
  private final Optional<Path> folder;
  private final List<Finding> findings = new ArrayList<>();
  private boolean knowsModels;
  private final Map<TableVersion, Optional<String>> lacking = new HashMap<>();

  private Doctor(Project project, boolean mend, Instant now) {
    this.project = project;
    this.mend = mend;
    this.now = now;
    this.lake = LakeTables.normal(project.lake());
    this.folder = LakeTables.local(project.lake());
  }

  /** The findings on the machine. */
  public static List<Finding> machine() {
    return Machine.examine();
  }

  /**
   * The findings on a project's lake.
   *
   * @param mend whether files that nothing refers to are removed
   * @param now the present, from which files' age is computed: young ones may belong to a run at
   *     work
   */
  public static List<Finding> examine(Project project, boolean mend, Instant now) {
    Doctor doctor = new Doctor(project, mend, now);
    doctor.examine();
    return doctor.findings;
  }

  private void examine() {
    if (folder.isPresent() && !Files.exists(folder.get())) {
      room(nearest(folder.get()));
      findings.add(Finding.ok("lake", lake + " is not there yet: the first run makes it"));
      return;
    }
    folder.ifPresent(this::room);
    boolean writable = reach();
    if (!isOfThisFormat()) {
      return;
    }
    Map<TableName, TableHistory> tables = tables();
    if (writable) {
      runs();
    }
    Map<String, RegisteredModel> models = models();
    stale(models);
    breaches(models);
    pins(tables, models);
    if (knowsModels && folder.isPresent()) {
      vacuums(tables, models);
    }
    sources(tables);
    // Of versions that can't be read nobody knows which files are theirs.
    folder
        .filter(f -> knowsModels)
        .ifPresent(
            f ->
                findings.addAll(
                    new LeftoverFiles(project, f, mend && writable, now).examine(models)));
  }

  private boolean isOfThisFormat() {
    try {
      LakeIdentity.require(lake)
          .ifPresent(
              i ->
                  findings.add(
                      Finding.ok("lake", "id %s, format %d".formatted(i.id(), i.format()))));
      return true;
    } catch (PlatformException e) {
      findings.add(Finding.wrong("lake", e));
      return false;
    }
  }

  /** Reports what was built from definitions that mean something else by now. */
  private void stale(Map<String, RegisteredModel> models) {
    Set<String> inUse = new HashSet<>();
    models.forEach(
        (name, model) ->
            model.aliases().values().forEach(a -> inUse.add("model " + name + "@" + a.number())));
    try {
      for (Staleness.Stale each :
          Staleness.of(LakeDefinitions.open(lake), RunLog.open(lake).list())) {
        if (each.thing().startsWith("model ") && !inUse.contains(each.thing())) {
          continue;
        }
        findings.add(
            Finding.notice(
                "definitions",
                "stale: %s. It was built when that meant something else; build it again where it matters"
                    .formatted(each)));
      }
    } catch (PlatformException e) {
      findings.add(Finding.wrong("definitions", e));
    }
  }

  /** Reports of which breaches somebody has not heard yet, and for which nothing is promoted. */
  private void breaches(Map<String, RegisteredModel> models) {
    try {
      Outbox.open(lake).owed(project).stream()
          .collect(
              Collectors.groupingBy(
                  owed -> owed.receiver().name(), TreeMap::new, Collectors.toList()))
          .forEach(
              (receiver, owed) ->
                  findings.add(
                      Finding.notice(
                          "notices",
                          "%s has not got %s yet, the first of %s. Deliver: tributary notify"
                              .formatted(
                                  receiver,
                                  owed.size() == 1 ? "a notice" : owed.size() + " notices",
                                  owed.get(0).notice().at()))));
    } catch (PlatformException e) {
      findings.add(Finding.wrong("notices", e));
    }
    try {
      Suspects.open(lake)
          .standing()
          .forEach(s -> findings.add(Finding.notice("suspects", s.toString())));
    } catch (PlatformException e) {
      findings.add(Finding.wrong("suspects", e));
    }
    models
        .values()
        .forEach(
            model -> model.blocked().forEach(why -> findings.add(Finding.notice("models", why))));
  }

  private static Path nearest(Path folder) {
    Path at = folder;
    while (!Files.exists(at)) {
      at = at.getParent();
    }
    return at;
  }

  private void room(Path at) {
    try {
      long room = Files.getFileStore(at).getUsableSpace();
      String said = Machine.gibibytes(room) + " free for " + lake;
      findings.add(
          room >= LEAST_ROOM
              ? Finding.ok("disk", said)
              : Finding.wrong(
                  "disk",
                  ErrorGroup.EXTERNAL,
                  "Cannot run jobs well with "
                      + said
                      + ": they need 1 GiB. Make room, or name another folder with --lake."));
    } catch (IOException e) {
      findings.add(
          Finding.wrong(
              "disk",
              ErrorGroup.EXTERNAL,
              "Cannot ask how much room " + at + " has: " + e.getMessage() + ". Check the disk."));
    }
  }

  /** Checks whether the lake can be written. */
  private boolean reach() {
    if (folder.isEmpty()) {
      try {
        LakeTables.list(lake);
        findings.add(Finding.ok("lake", lake + " can be listed; writing was not tried"));
        return true;
      } catch (PlatformException e) {
        findings.add(Finding.wrong("lake", e));
        return false;
      }
    }
    Path trial = folder.get().resolve(".doctor-" + UUID.randomUUID());
    try {
      AtomicFiles.create(trial, "trial".getBytes(StandardCharsets.UTF_8));
      Files.delete(trial);
      findings.add(Finding.ok("lake", lake + " can be written"));
      return true;
    } catch (IOException e) {
      findings.add(
          Finding.wrong(
              "lake",
              ErrorGroup.EXTERNAL,
              "Cannot write lake %s: %s %s. Let %s write there, or name another folder with --lake."
                  .formatted(
                      lake,
                      e.getClass().getSimpleName(),
                      e.getMessage(),
                      System.getProperty("user.name"))));
      return false;
    }
  }

  private Map<TableName, TableHistory> tables() {
    Map<TableName, TableHistory> tables = new LinkedHashMap<>();
    int before = findings.size();
    for (TableName table : list()) {
      try {
        String path = LakeTables.path(lake, table);
        CommitLog.open(path).read().ifPresent(c -> tables.put(table, c));
        LakeTables.local(path).flatMap(p -> protocol(table, p)).ifPresent(findings::add);
      } catch (PlatformException e) {
        findings.add(Finding.wrong("tables", e));
      }
    }
    if (findings.size() == before) {
      findings.add(Finding.ok("tables", tables.size() + ", all of a format that can be read"));
    }
    return tables;
  }

  private List<TableName> list() {
    try {
      return LakeTables.list(lake);
    } catch (PlatformException e) {
      return List.of();
    }
  }

  /** Reports a table that not every part of Tributary can read. */
  private static Optional<Finding> protocol(TableName table, Path path) {
    JsonNode newest = null;
    try (Stream<Path> files = Files.list(path.resolve("_delta_log"))) {
      for (Path file :
          files.filter(f -> f.toString().matches(".*/\\d{20}\\.json")).sorted().toList()) {
        for (String line : Files.readAllLines(file)) {
          if (line.startsWith("{\"protocol\"")) {
            newest = Json.read(line, JsonNode.class).get("protocol");
          }
        }
      }
    } catch (IOException e) {
      return Optional.of(
          Finding.wrong(
              "tables",
              ErrorGroup.EXTERNAL,
              "Cannot read the log of table "
                  + table
                  + ": "
                  + e.getMessage()
                  + ". Check the disk."));
    }
    if (newest == null
        || (newest.path("minReaderVersion").asInt() <= READER
            && newest.path("minWriterVersion").asInt() <= WRITER)) {
      return Optional.empty();
    }
    return Optional.of(
        Finding.wrong(
            "tables",
            ErrorGroup.USER,
            "Cannot be sure to read table %s: it needs reader version %s, writer version %s and %s, and was written or upgraded by another program. Restore it from a copy, or build it anew."
                .formatted(
                    table,
                    newest.path("minReaderVersion").asText(),
                    newest.path("minWriterVersion").asText(),
                    newest.path("readerFeatures").isMissingNode()
                        ? "no features"
                        : newest.path("readerFeatures"))));
  }

  private void runs() {
    try {
      RunLog log = RunLog.open(lake);
      List<RunRecord> recorded = DeadRuns.record(log, folder.map(JobLocks::new));
      for (RunRecord record : recorded) {
        findings.add(
            Finding.mended(
                "runs",
                record.outcome() == Outcome.FAILED
                    ? "run %s of %s was stopped before it ended; it is recorded now. Run it again: finished steps are not done twice"
                        .formatted(record.run(), record.key())
                    : "run %s of %s was complete and not in the run log; it is now"
                        .formatted(record.run(), record.key())));
      }
      if (recorded.isEmpty()) {
        findings.add(Finding.ok("runs", "all that ended are in the run log"));
      }
    } catch (PlatformException e) {
      findings.add(Finding.wrong("runs", e));
    }
  }

  private Map<String, RegisteredModel> models() {
    Map<String, RegisteredModel> models = new HashMap<>();
    try {
      ModelRegistry registry = ModelRegistry.open(lake);
      models.putAll(registry.models());
      registry.skews().forEach(skew -> findings.add(Finding.notice("clocks", skew + ".")));
      knowsModels = true;
    } catch (PlatformException e) {
      findings.add(Finding.wrong("models", e));
      return models;
    }
    ArtefactStore store = ArtefactStore.open(lake);
    int versions = 0;
    int before = findings.size();
    for (RegisteredModel model : models.values()) {
      for (RegisteredVersion version : model.versions()) {
        versions++;
        if (version.retirement().isEmpty()
            && !store.contains(version.version().artefact().digest())) {
          findings.add(
              Finding.wrong(
                  "models",
                  ErrorGroup.DATA,
                  "Cannot use model %s: its artefact %s is gone. Restore the folder, or train again and retire it."
                      .formatted(
                          version.version().reference(), version.version().artefact().path())));
        }
      }
    }
    if (findings.size() == before) {
      findings.add(Finding.ok("models", versions + " versions, each with its artefact"));
    }
    return models;
  }

  /**
   * Checks whether what was built can be rebuilt: the inputs of the newest build of each table made
   * from pins, and of the training sets of models in use.
   */
  private void pins(Map<TableName, TableHistory> tables, Map<String, RegisteredModel> models) {
    Map<String, List<Pin>> pinned = new LinkedHashMap<>();
    Map<String, Integer> counts = new TreeMap<>();
    tables.forEach(
        (table, commits) -> {
          String what = PINNED.get(table.layer());
          if (what != null) {
            newest(commits)
                .ifPresent(
                    f -> {
                      counts.merge(what, 1, Integer::sum);
                      pinned.put(what + " " + table, f.inputs());
                    });
          }
        });
    for (RegisteredModel model : models.values()) {
      for (RegisteredVersion version : model.versions()) {
        if (version.retirement().isEmpty() && version.version().trainingSet().isPresent()) {
          TrainingSetReference set = version.version().trainingSet().get();
          counts.merge("model version", 1, Integer::sum);
          pinned.put(
              "training set "
                  + set
                  + ", which model "
                  + version.version().reference()
                  + " learned from",
              set.pins().stream()
                  .filter(pin -> version.importedFrom().isEmpty() || isHere(pin, tables))
                  .toList());
        }
      }
    }
    int before = findings.size();
    Set<String> said = new HashSet<>();
    pinned.forEach(
        (what, pins) -> {
          for (Pin pin : pins) {
            gone(pin, tables)
                .filter(why -> said.add(what + why))
                .ifPresent(
                    why ->
                        findings.add(
                            Finding.wrong(
                                "pins",
                                ErrorGroup.DATA,
                                "Cannot build "
                                    + what
                                    + " again: "
                                    + why
                                    + ". Restore the table from a copy, or rebuild it.")));
          }
        });
    if (findings.size() == before) {
      findings.add(
          Finding.ok(
              "pins",
              counts.isEmpty()
                  ? "nothing was built yet"
                  : "all inputs are there of "
                      + counts.entrySet().stream()
                          .map(
                              c -> c.getValue() + " " + c.getKey() + (c.getValue() == 1 ? "" : "s"))
                          .collect(Collectors.joining(", "))));
    }
  }

  /** Reports what a VACUUM by hand, or Delta's own clean-up of logs, takes that is needed yet. */
  private void vacuums(Map<TableName, TableHistory> tables, Map<String, RegisteredModel> models) {
    try {
      Instant before = Kept.before(now, project.retention());
      List<KeptVersion> published = new ArrayList<>();
      try (OnlineStore store = OnlineStores.open(project.online())) {
        for (Publication publication : store.former(before, p -> isHere(p, tables)).staying()) {
          String by = "publication of " + publication.view().id();
          publication.madeFrom().forEach(v -> published.add(new KeptVersion(v, by)));
        }
      }
      Kept kept = Kept.of(lake, before, published, tables, models);
      for (TableName table : tables.keySet()) {
        if (!kept.versions(table).isEmpty()) {
          TableRetention.broken(lake, table, tables.get(table), kept.versions(table), now)
              .forEach(why -> findings.add(Finding.notice("pins", why)));
        }
      }
    } catch (PlatformException e) {
      findings.add(Finding.wrong("pins", e));
    }
  }

  private static boolean isHere(Publication publication, Map<TableName, TableHistory> tables) {
    return publication.madeFrom().stream().anyMatch(v -> isHere(Pin.of(v), tables));
  }

  /** Reports on sources: events in rows that contradict one another, and late days. */
  private void sources(Map<TableName, TableHistory> tables) {
    int before = findings.size();
    tables.forEach(
        (table, commits) -> {
          if (table.layer().equals("validated") && project.sources().containsKey(table.subject())) {
            duplicates(commits)
                .forEach((delivery, d) -> findings.add(duplicate(table.subject(), delivery, d)));
          }
        });
    project
        .sources()
        .values()
        .forEach(
            source ->
                LateDays.of(project, source)
                    .ifPresent(
                        why ->
                            findings.add(
                                Finding.notice(
                                    "sources",
                                    "the days of source " + source.name() + ": " + why))));
    if (findings.size() == before && !project.sources().isEmpty()) {
      findings.add(Finding.ok("sources", "no event is in rows that contradict one another"));
    }
  }

  private static Finding duplicate(String source, long delivery, Duplicates duplicates) {
    return Finding.notice(
        "sources",
        "source %s, delivery %d: %s; one row of each such event counts, and nothing decides which is meant. Add to event-key the column that distinguishes them, or declare with known-time or sequence which is later; on-duplicate-key: refuse keeps such deliveries out"
            .formatted(source, delivery, duplicates.line()));
  }

  /** Duplicates of a table's deliveries, since the commit that last rebuilt it. */
  private static Map<Long, Duplicates> duplicates(TableHistory commits) {
    Map<Long, Duplicates> found = new TreeMap<>();
    List<LogCommit> known = commits.known();
    for (int i = known.size() - 1; i >= 0; i--) {
      Optional<IngestFacts> facts =
          RunLog.facts(known.get(i)).flatMap(f -> f.facts(IngestFacts.class));
      facts.flatMap(IngestFacts::judged).ifPresent(j -> j.duplicates().forEach(found::putIfAbsent));
      if (facts.flatMap(IngestFacts::validated).filter(v -> v.rebuilt()).isPresent()) {
        break;
      }
    }
    return found;
  }

  private static Optional<CommitFacts> newest(TableHistory commits) {
    List<LogCommit> known = commits.known();
    for (int i = known.size() - 1; i >= 0; i--) {
      Optional<CommitFacts> facts = RunLog.facts(known.get(i)).filter(CommitFacts::commitPoint);
      if (facts.isPresent()) {
        return facts;
      }
    }
    return Optional.empty();
  }

  /** Whether a pin is of a table of this lake, and not of the one that a version came from. */
  private static boolean isHere(Pin pin, Map<TableName, TableHistory> tables) {
    TableHistory now = tables.get(pin.version().table());
    return now != null && now.tableId().equals(pin.version().id());
  }

  private Optional<String> gone(Pin pin, Map<TableName, TableHistory> tables) {
    TableVersion version = pin.version();
    TableHistory now = tables.get(version.table());
    if (now == null) {
      return Optional.of("its input " + version.table() + " is gone");
    }
    if (!now.tableId().equals(version.id())) {
      return Optional.of("its input " + version.table() + " was removed and recreated since");
    }
    if (version.version() > now.version()) {
      return Optional.of(
          "its input " + version.table() + " was set back to before version " + version.version());
    }
    // A pin by delivery is read from the newest version, any other from its own.
    long read = pin.deliveries().isPresent() ? now.version() : version.version();
    return lacking.computeIfAbsent(
        new TableVersion(version.table(), version.id(), read), this::lacking);
  }

  /** The data files that a version lacks; only for tables on a local disk. */
  private Optional<String> lacking(TableVersion version) {
    String path = LakeTables.path(lake, version.table());
    Optional<Path> root = LakeTables.local(path);
    if (root.isEmpty()) {
      return Optional.empty();
    }
    try {
      List<String> missing =
          CommitLog.open(path).files(version.version()).stream()
              .filter(f -> !Files.exists(root.get().resolve(f.replaceFirst("^file:/+", "/"))))
              .toList();
      return missing.isEmpty()
          ? Optional.empty()
          : Optional.of(
              "its input %s lacks %d data files, among them %s"
                  .formatted(version.shortName(), missing.size(), missing.get(0)));
    } catch (PlatformException e) {
      return Optional.of(
          "its input %s can't be read (%s)".formatted(version.shortName(), e.getMessage()));
    }
  }
}
