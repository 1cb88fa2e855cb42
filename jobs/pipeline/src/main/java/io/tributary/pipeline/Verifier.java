package io.tributary.pipeline;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.xxhash64;

import io.tributary.analysis.CheckedScores;
import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.RunId;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.events.facts.DeliveryVerdict.Outcome;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.runs.RunRecord;
import io.tributary.ingest.ledger.DeliveryLedger;
import io.tributary.ingest.ledger.LedgerEntry;
import io.tributary.lake.Lake;
import io.tributary.model.ScoreColumns;
import io.tributary.offline.FeatureStore;
import io.tributary.pipeline.Verification.Kind;
import io.tributary.pipeline.Verification.Links;
import io.tributary.registry.ArtefactStore;
import io.tributary.registry.ModelReference;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.RegisteredVersion;
import io.tributary.score.Rescoring;
import io.tributary.source.DeliveredFile;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Derives the links of predictions' provenance again, instead of reading what was written: inputs
 * by the engine at the pins of the scoring, scores by the artefact, artefacts and files by their
 * bytes. One run of the engine serves all predictions of one scoring. Writes nothing.
 */
final class Verifier {
  private static final String RESTORE_SCORES =
      "Find out who changed the table; then score the night again, or restore the table from a copy of the lake";

  private final Lake lake;
  private final java.nio.file.Path project;
  private final RunnerChoice runner;
  private final Consumer<String> progress;
  private final ModelRegistry registry;
  private final ArtefactStore artefacts;
  private final PinnedData data;
  private final Links links = new Links();
  private final Set<ModelVersion> versions = new LinkedHashSet<>();

  /** What the links lead to: of each table the pin that shows the most. */
  private final Map<TableName, Pin> tables = new TreeMap<>();

  /** Whether the artefact of a version is as it was registered, by the version. */
  private final Map<ModelReference, Boolean> sound = new LinkedHashMap<>();

  /**
   * A verifier of one request.
   *
   * @param project the folder that paths of delivered files are relative to
   */
  Verifier(Lake lake, java.nio.file.Path project, RunnerChoice runner, Consumer<String> progress) {
    this.lake = lake;
    this.project = project;
    this.runner = runner;
    this.progress = progress;
    this.registry = ModelRegistry.open(lake.uri());
    this.artefacts = ArtefactStore.open(lake.uri());
    this.data = new PinnedData(lake);
  }

  /**
   * Verifies all that was said under some ids.
   *
   * @throws PlatformException NOT_FOUND when nothing was said under one
   */
  Verification of(Collection<String> ids) {
    Map<String, List<String>> bySet =
        new TreeSet<>(ids)
            .stream().collect(Collectors.groupingBy(id -> id.substring(0, id.indexOf('/'))));
    long answers = 0;
    for (Map.Entry<String, List<String>> set : bySet.entrySet()) {
      Map<String, List<Row>> byRun = new TreeMap<>();
      rows(set.getKey(), set.getValue())
          .forEach(
              row ->
                  byRun
                      .computeIfAbsent(row.getAs(ScoreColumns.RUN), run -> new ArrayList<>())
                      .add(row));
      for (Map.Entry<String, List<Row>> run : byRun.entrySet()) {
        answers += run.getValue().size();
        scored(set.getKey(), run.getKey(), run.getValue());
      }
    }
    versions.forEach(this::trainingSet);
    lookedUp();
    tables.values().forEach(this::table);
    files();
    return links.of(Set.copyOf(ids).size(), answers);
  }

  /** The rows of ids, each once: one that a scoring copied before it died is in both tables. */
  private Collection<Row> rows(String scores, List<String> ids) {
    Map<List<Object>, Row> rows = new LinkedHashMap<>();
    for (String layer : List.of("superseded", "scores")) {
      TableName table = TableName.of(layer, scores);
      if (lake.find(table).isPresent()) {
        lake.table(table)
            .read(lake.table(table).requireVersion())
            .where(col(ScoreColumns.PREDICTION).isin(ids.toArray()))
            .orderBy(ScoreColumns.PREDICTION)
            .collectAsList()
            .forEach(
                row ->
                    rows.put(
                        List.of(
                            row.getAs(ScoreColumns.PREDICTION), row.getAs(ScoreColumns.SCORED_AT)),
                        row));
      }
    }
    Set<String> found =
        rows.values().stream()
            .map(row -> row.<String>getAs(ScoreColumns.PREDICTION))
            .collect(Collectors.toSet());
    ids.stream()
        .filter(id -> !found.contains(id))
        .findFirst()
        .ifPresent(
            id -> {
              throw new PlatformException(
                  ErrorCode.NOT_FOUND,
                  "Cannot verify prediction %s: neither scores.%s nor superseded.%s has it. Copy an id from one of these tables."
                      .formatted(id, scores, scores));
            });
    return rows.values();
  }

  /** Rows of one run, by one run of the engine. */
  private void scored(String scores, String id, List<Row> rows) {
    Optional<RunRecord> run =
        Optional.of(id)
            .filter(RunId::isId)
            .flatMap(text -> lake.runs().find(RunId.parse(text)))
            .filter(found -> found.facts(ScoringFacts.class).isPresent());
    if (run.isEmpty()) {
      broken(rows, "the log has no scoring " + id + ", which the row names", RESTORE_SCORES);
      return;
    }
    List<Rescoring.Said> said = said(run.get());
    List<Rescoring.Said> able = said.stream().filter(s -> isSound(s.version())).toList();
    said.stream()
        .filter(s -> !able.contains(s))
        .forEach(
            s ->
                broken(
                    rows.stream().filter(row -> isBy(s, row)).toList(),
                    "they can't be derived, as the artefact of %s is broken"
                        .formatted(s.version().reference()),
                    "Restore the artefact first"));
    List<Row> derivable =
        rows.stream()
            .filter(row -> said.stream().noneMatch(s -> isBy(s, row) && !able.contains(s)))
            .toList();
    List<Pin> pins = run.get().inputs().stream().map(data::readable).toList();
    Optional<String> gone = pins.stream().flatMap(pin -> data.gone(pin).stream()).findFirst();
    if (gone.isPresent()) {
      broken(derivable, "they can't be derived: " + gone.get(), "Then verify again");
      return;
    }
    pins.forEach(this::read);
    if (derivable.isEmpty() || able.isEmpty()) {
      return;
    }
    KeptProject kept = KeptProject.of(lake, run.get().definitions());
    definitions(kept);
    FeatureStore store = FeatureStore.open(kept.checked(), lake, runner);
    progress.accept("run %s: %,d predictions".formatted(id, derivable.size()));
    Map<String, Row> again =
        Rescoring.of(store, scores, asked(derivable), pins, able)
            .where(
                col(ScoreColumns.PREDICTION)
                    .isin(
                        derivable.stream()
                            .map(row -> row.getAs(ScoreColumns.PREDICTION))
                            .toArray()))
            .collectAsList()
            .stream()
            .collect(Collectors.toMap(row -> row.getAs(ScoreColumns.PREDICTION), row -> row));
    for (Row row : derivable) {
      Optional.ofNullable(again.get(row.<String>getAs(ScoreColumns.PREDICTION)))
          .ifPresentOrElse(
              made -> compare(row, made),
              () ->
                  broken(
                      List.of(row),
                      "no row of its sources asks for it at the pins of run " + id,
                      RESTORE_SCORES));
    }
  }

  private void broken(List<Row> rows, String found, String act) {
    for (Row row : rows) {
      links.broken(Kind.INPUTS, row.getAs(ScoreColumns.PREDICTION), found, act);
    }
  }

  /** The as-of of some rows, as narrow as can be. */
  private static Interval asked(List<Row> rows) {
    List<Instant> asOf =
        rows.stream()
            .map(row -> row.<Timestamp>getAs(CheckedTrainingSet.AS_OF).toInstant())
            .sorted()
            .toList();
    return Interval.of(asOf.get(0), asOf.get(asOf.size() - 1).plusNanos(1_000));
  }

  /** The versions that a run scored with, the champion's first. */
  private List<Rescoring.Said> said(RunRecord run) {
    ScoringFacts facts = run.facts(ScoringFacts.class).orElseThrow();
    return Stream.concat(
            Stream.of(Map.entry(ScoreColumns.CHAMPION, facts.model())),
            facts.others().stream().map(said -> Map.entry(said.role(), said.model())))
        .map(said -> new Rescoring.Said(said.getKey(), version(said.getValue())))
        .toList();
  }

  private ModelVersion version(String reference) {
    RegisteredVersion found = registry.find(reference);
    versions.add(found.version());
    return found.version();
  }

  private static boolean isBy(Rescoring.Said said, Row row) {
    return said.role().equals(row.getAs(ScoreColumns.ROLE))
        && said.version().number() == row.<Long>getAs(ScoreColumns.MODEL_VERSION);
  }

  private boolean isSound(ModelVersion version) {
    return sound.computeIfAbsent(
        version.reference(),
        reference -> {
          try {
            artefacts.verify(version.artefact().digest());
            links.proven(Kind.ARTEFACT);
            return true;
          } catch (PlatformException e) {
            links.broken(
                Kind.ARTEFACT,
                reference.toString(),
                clause(e),
                "Whoever runs the lake restores the folder from a copy");
            return false;
          }
        });
  }

  /** A message's part between what can't be done and what to do. */
  private static String clause(PlatformException e) {
    String message = e.getMessage().replaceFirst("^Cannot .+?: ", "");
    int end = message.indexOf(". ");
    return end < 0 ? message : message.substring(0, end);
  }

  private void compare(Row row, Row made) {
    String id = row.getAs(ScoreColumns.PREDICTION);
    List<String> inputs = inputs(row, made);
    if (inputs.isEmpty()) {
      links.proven(Kind.INPUTS);
    } else {
      links.broken(
          Kind.INPUTS,
          id,
          "the engine gives another %s at the pins of its run".formatted(String.join(", ", inputs)),
          RESTORE_SCORES);
    }
    List<String> said =
        List.of(
                ScoreColumns.OUTPUT,
                CheckedScores.DECISION,
                ScoreColumns.FLAGS,
                ScoreColumns.MODEL,
                ScoreColumns.MODEL_VERSION,
                ScoreColumns.ARTEFACT)
            .stream()
            .filter(column -> !same(row.getAs(column), made.getAs(column)))
            .toList();
    if (said.isEmpty()) {
      links.proven(Kind.SCORE);
    } else {
      links.broken(
          Kind.SCORE,
          id,
          "%s gives another %s for these inputs"
              .formatted(
                  made.getAs(ScoreColumns.MODEL) + "@" + made.getAs(ScoreColumns.MODEL_VERSION),
                  String.join(", ", said)),
          RESTORE_SCORES);
    }
  }

  /** The inputs that differ; a digest of them where the values are equal and it is not. */
  private static List<String> inputs(Row row, Row made) {
    Map<String, Object> stored = values(row.getAs(ScoreColumns.INPUTS));
    Map<String, Object> derived = values(made.getAs(ScoreColumns.INPUTS));
    Set<String> names = new TreeSet<>(stored.keySet());
    names.addAll(derived.keySet());
    List<String> differing =
        new ArrayList<>(
            names.stream().filter(name -> !same(stored.get(name), derived.get(name))).toList());
    if (differing.isEmpty()
        && !same(row.getAs(ScoreColumns.INPUTS_DIGEST), made.getAs(ScoreColumns.INPUTS_DIGEST))) {
      differing.add(ScoreColumns.INPUTS_DIGEST);
    }
    return differing;
  }

  /** By name, of those that are not missing. */
  private static Map<String, Object> values(Row kinds) {
    Map<String, Object> values = new TreeMap<>();
    for (int kind = 0; kind < kinds.length(); kind++) {
      Row of = kinds.getStruct(kind);
      for (int i = 0; of != null && i < of.length(); i++) {
        if (!of.isNullAt(i)) {
          values.put(of.schema().apply(i).name(), of.get(i));
        }
      }
    }
    return values;
  }

  /** Doubles by their bits. */
  private static boolean same(Object one, Object other) {
    return one == null ? other == null : one.equals(other);
  }

  private void definitions(KeptProject kept) {
    // A scoring takes the model's definition of its training beside the present one of the rows.
    List<String> otherwise =
        kept.otherwise().stream().filter(name -> !name.startsWith("model ")).toList();
    if (otherwise.isEmpty()) {
      links.proven(Kind.DEFINITION);
    }
    otherwise.forEach(
        name ->
            links.broken(
                Kind.DEFINITION,
                name,
                "this build of Tributary takes it to mean something else than the one that scored",
                "Verify with the build that the run names"));
  }

  private void trainingSet(ModelVersion version) {
    Reproduction made = new Reproducer(lake, runner, progress).trainingSetOf(version);
    if (made.equal()) {
      links.proven(Kind.TRAINING_SET);
    } else {
      links.broken(
          Kind.TRAINING_SET,
          version.trainingSet().toString(),
          "built again it has other rows",
          "tributary reproduce %s says why".formatted(version.reference()));
    }
    version.trainingSet().pins().stream().map(data::readable).forEach(this::read);
  }

  private void read(Pin pin) {
    tables.merge(
        pin.version().table(),
        pin,
        (one, other) ->
            one.deliveries().orElse(Long.MAX_VALUE) >= other.deliveries().orElse(Long.MAX_VALUE)
                ? one
                : other);
  }

  /** The tables that rows of those that were read were completed from, and so on. */
  private void lookedUp() {
    Set<TableName> seen = new HashSet<>();
    while (!seen.containsAll(tables.keySet())) {
      for (TableName table : List.copyOf(tables.keySet())) {
        if (seen.add(table)) {
          lake.table(table).commits().stream()
              .flatMap(commit -> commit.facts().stream())
              .flatMap(facts -> facts.inputs().stream())
              .map(data::readable)
              .forEach(this::read);
        }
      }
    }
  }

  private void table(Pin pin) {
    if (!pin.version().table().layer().equals("validated") || data.gone(pin).isPresent()) {
      return;
    }
    data.firstAltered(pin)
        .ifPresentOrElse(
            altered -> {
              int end = altered.indexOf(". ");
              links.broken(
                  Kind.TABLE,
                  pin.version().table().toString(),
                  altered.substring(0, end),
                  altered.substring(end + 2));
            },
            () -> links.proven(Kind.TABLE));
  }

  /** The files of all deliveries that the tables' pins have. */
  private void files() {
    DeliveryLedger ledger = new DeliveryLedger(lake.events(DeliveryLedger.LOG));
    Map<String, Long> upTo = new TreeMap<>();
    tables.values().stream()
        .filter(pin -> pin.version().table().layer().equals("validated"))
        .forEach(
            pin ->
                upTo.merge(
                    pin.version().table().subject(),
                    pin.deliveries().orElse(Long.MAX_VALUE),
                    Math::max));
    Set<DeliveredFile> seen = new HashSet<>();
    upTo.forEach(
        (source, last) -> {
          for (LedgerEntry entry : ledger.entries(source)) {
            if (entry.delivery().number() <= last && entry.is(Outcome.ADMITTED)) {
              entry.delivery().files().stream()
                  .filter(file -> file.range().isEmpty() && seen.add(file))
                  .forEach(this::file);
            }
          }
        });
  }

  private void file(DeliveredFile file) {
    Path path =
        file.path().matches("[A-Za-z][A-Za-z0-9+.-]+:.*")
            ? new Path(file.path())
            : new Path(project.resolve(file.path()).toUri());
    String act = "Whoever keeps deliveries restores the file as it was delivered";
    try (InputStream in =
        path.getFileSystem(lake.spark().sessionState().newHadoopConf()).open(path)) {
      Digest found = Digest.of(in);
      if (found.equals(file.sha256())) {
        links.proven(Kind.FILE);
      } else {
        links.broken(
            Kind.FILE,
            file.path(),
            "its bytes have SHA-256 %s, and %s was delivered"
                .formatted(found.shortHex(), file.sha256().shortHex()),
            act);
      }
    } catch (IOException e) {
      links.broken(Kind.FILE, file.path(), "it can't be read: " + e.getMessage(), act);
    }
  }

  /**
   * Ids of a score set's night at random, without repetition: all where there are fewer.
   *
   * @param seed the same gives the same ids
   */
  List<String> sample(String scores, Interval night, int count, long seed) {
    TableName table = TableName.of("scores", scores);
    Dataset<Row> rows =
        lake.table(table)
            .read(lake.table(table).requireVersion())
            .where(
                col(CheckedTrainingSet.AS_OF)
                    .geq(Timestamp.from(night.from()))
                    .and(col(CheckedTrainingSet.AS_OF).lt(Timestamp.from(night.to()))));
    return rows
        .select(col(ScoreColumns.PREDICTION))
        .distinct()
        .orderBy(xxhash64(col(ScoreColumns.PREDICTION), lit(seed)))
        .limit(count)
        .collectAsList()
        .stream()
        .map(row -> row.getString(0))
        .toList();
  }
}
