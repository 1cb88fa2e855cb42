package io.tributary.pipeline;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.xxhash64;

import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.RunId;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.events.facts.DeliveryVerdict.Outcome;
import io.tributary.events.facts.ScoringFacts;
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
import io.tributary.score.Rescoring;
import io.tributary.source.DeliveredFile;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
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
  static final String RESTORE_SCORES =
      "Find out who changed the table; then score the night again, or restore the table from a copy of the lake";
  private static final String NOWHERE = "neither scores.%s nor superseded.%s has it";

  private final Lake lake;
  private final java.nio.file.Path project;
  private final RunnerChoice runner;
  private final Consumer<String> progress;
  private final ModelRegistry registry;
  private final ArtefactStore artefacts;
  private final PinnedData data;
  private final ValidatedRows validated;

  /** Whether rows of {@code bronze} of which those of a pin were made again were altered. */
  private final Map<Pin, Boolean> altered = new HashMap<>();

  private final DeliveryLedger ledger;
  private final Set<DeliveredFile> seen = new HashSet<>();
  private final Links links = new Links();
  private final Set<ModelVersion> versions = new LinkedHashSet<>();

  /** The scorings that rows name, by run; without those that nothing has. */
  private final Map<String, Optional<Scoring>> scorings = new HashMap<>();

  /** What the links lead to: pins that can be read, with the last delivery that was. */
  private final Map<Pin, Long> tables = new LinkedHashMap<>();

  /** Those of which it is not known what they were made of. */
  private final Set<TableName> underived = new HashSet<>();

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
    this.validated = new ValidatedRows(lake, data);
    this.ledger = new DeliveryLedger(lake.events(DeliveryLedger.LOG));
  }

  /**
   * Verifies all that was said under some ids. What can't be derived is a broken link, and ends
   * nothing.
   *
   * @throws PlatformException NOT_FOUND when nothing was said under any
   */
  Verification of(Collection<String> ids) {
    try (validated) {
      return verified(ids);
    }
  }

  private Verification verified(Collection<String> ids) {
    Map<String, List<String>> bySet =
        new TreeSet<>(ids)
            .stream()
                .collect(
                    Collectors.groupingBy(
                        id -> id.substring(0, id.indexOf('/')), TreeMap::new, Collectors.toList()));
    Map<String, Collection<Row>> rows = new TreeMap<>();
    bySet.forEach((scores, asked) -> rows.put(scores, rows(scores, asked)));
    if (rows.values().stream().allMatch(Collection::isEmpty)) {
      String scores = bySet.keySet().iterator().next();
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot verify prediction %s: %s. Copy an id from one of these tables."
              .formatted(bySet.get(scores).get(0), NOWHERE.formatted(scores, scores)));
    }
    rows.forEach(
        (scores, found) -> {
          missing(scores, bySet.get(scores), found);
          found.stream()
              .collect(
                  Collectors.groupingBy(
                      row -> String.valueOf(row.<String>getAs(ScoreColumns.RUN)),
                      TreeMap::new,
                      Collectors.toList()))
              .forEach(
                  (run, of) -> derive(Kind.INPUTS, predictions(of), () -> scored(scores, run, of)));
        });
    versions.forEach(this::trainingSet);
    lookedUp();
    for (Pin pin : tables.keySet()) {
      TableName table = pin.version().table();
      if (ValidatedRows.has(pin)
          && !underived.contains(table)
          && !isInAnother(pin)
          && !derive(Kind.TABLE, List.of(table.toString()), () -> table(pin))) {
        underived.add(table);
      }
    }
    tables.forEach(
        (pin, last) -> {
          if (ValidatedRows.has(pin) && !underived.contains(pin.version().table())) {
            derive(Kind.FILE, List.of(pin.version().table().toString()), () -> files(pin, last));
          }
        });
    return links.of(
        Set.copyOf(ids).size(), rows.values().stream().mapToLong(Collection::size).sum());
  }

  /** What stops a derivation breaks the links that it is for. */
  private boolean derive(Kind kind, List<String> names, Runnable derivation) {
    try {
      derivation.run();
      return true;
    } catch (Exception e) {
      // Spark's own are checked, and thrown where nothing says so.
      PlatformException why =
          PlatformException.causes(e).stream()
              .filter(PlatformException.class::isInstance)
              .map(PlatformException.class::cast)
              .findFirst()
              .orElse(null);
      if (why == null) {
        throw e;
      }
      names.forEach(
          name -> links.broken(kind, name, "it can't be derived: " + clause(why), act(why)));
      return false;
    }
  }

  private static List<String> predictions(List<Row> rows) {
    return rows.stream().map(row -> row.<String>getAs(ScoreColumns.PREDICTION)).toList();
  }

  /** The rows of ids, each once: one that a scoring copied before it died is in both tables. */
  private Collection<Row> rows(String scores, List<String> ids) {
    Map<List<Object>, Row> rows = new LinkedHashMap<>();
    for (String layer : List.of("scores", "superseded")) {
      TableName table = TableName.of(layer, scores);
      if (lake.find(table).isPresent()) {
        lake.table(table)
            .read(lake.table(table).requireVersion())
            .where(col(ScoreColumns.PREDICTION).isin(ids.toArray()))
            .orderBy(ScoreColumns.PREDICTION)
            .collectAsList()
            .forEach(
                row ->
                    rows.putIfAbsent(
                        Arrays.asList(
                            row.getAs(ScoreColumns.PREDICTION), row.getAs(ScoreColumns.SCORED_AT)),
                        row));
      }
    }
    return rows.values();
  }

  private void missing(String scores, List<String> ids, Collection<Row> rows) {
    Set<String> found = new HashSet<>(predictions(List.copyOf(rows)));
    ids.stream()
        .filter(id -> !found.contains(id))
        .forEach(
            id -> links.broken(Kind.ROW, id, NOWHERE.formatted(scores, scores), RESTORE_SCORES));
  }

  /**
   * What a scoring recorded: its run or, until that is in the log, its commit.
   *
   * @param interval of the as-of of its rows
   */
  private record Scoring(
      Optional<Interval> interval,
      List<Pin> inputs,
      Map<String, Digest> definitions,
      ScoringFacts facts) {
    static Optional<Scoring> of(
        JobKey key,
        List<Pin> inputs,
        Map<String, Digest> definitions,
        Optional<ScoringFacts> facts) {
      return facts.map(of -> new Scoring(key.interval(), inputs, definitions, of));
    }
  }

  private Optional<Scoring> scoring(String scores, String id) {
    return scorings.computeIfAbsent(
        id,
        text ->
            Optional.of(text)
                .filter(RunId::isId)
                .map(RunId::parse)
                .flatMap(run -> recorded(run).or(() -> committed(scores, run))));
  }

  private Optional<Scoring> recorded(RunId run) {
    return lake.runs()
        .find(run)
        .flatMap(
            found ->
                Scoring.of(
                    found.key(),
                    found.inputs(),
                    found.definitions(),
                    found.facts(ScoringFacts.class)));
  }

  /** A process may have died between its commit and its record, or not be there yet. */
  private Optional<Scoring> committed(String scores, RunId run) {
    return lake.table(TableName.of("scores", scores)).commits().stream()
        .flatMap(commit -> commit.facts().stream())
        .filter(found -> found.run().equals(run) && found.commitPoint())
        .flatMap(
            found ->
                Scoring.of(
                    found.key(),
                    found.inputs(),
                    found.definitions(),
                    found.facts(ScoringFacts.class))
                    .stream())
        .findFirst();
  }

  /** A version in a role, {@code name@number}. */
  private record Voice(String role, String model) {
    boolean said(Row row) {
      return role.equals(row.getAs(ScoreColumns.ROLE))
          && model.equals(
              row.getAs(ScoreColumns.MODEL) + "@" + row.getAs(ScoreColumns.MODEL_VERSION));
    }
  }

  /** Rows of one run, by one run of the engine. */
  private void scored(String scores, String id, List<Row> rows) {
    Optional<Scoring> scoring = scoring(scores, id);
    if (scoring.isEmpty()) {
      broken(rows, "the log has no scoring " + id + ", which the row names", RESTORE_SCORES);
      return;
    }
    List<Rescoring.Said> able = new ArrayList<>();
    List<Row> derivable = rows;
    for (Voice voice : saying(scoring.get().facts(), rows)) {
      Optional<ModelVersion> version = usable(voice, rows);
      version.ifPresent(found -> able.add(new Rescoring.Said(voice.role(), found)));
      if (version.isEmpty()) {
        derivable = derivable.stream().filter(row -> !voice.said(row)).toList();
      }
    }
    ValidatedRows.Readable read = validated.readable(scoring.get().inputs());
    if (!read.gone().isEmpty()) {
      broken(derivable, "they can't be derived: " + read.gone().get(0), "Then verify again");
      return;
    }
    scoring.get().inputs().forEach(this::read);
    if (derivable.isEmpty() || able.isEmpty()) {
      return;
    }
    List<Row> left = derivable;
    derive(
        Kind.INPUTS,
        predictions(left),
        () -> {
          Map<String, Row> again = again(scores, id, scoring.get(), left, read, able);
          List<Row> others =
              read.instead().isEmpty()
                  ? List.of()
                  : left.stream()
                      .filter(row -> isOther(scoring.get().facts(), row, again))
                      .toList();
          List<String> bronze =
              others.isEmpty() ? List.of() : altered(scoring.get().inputs(), read);
          for (Row row : left) {
            if (!bronze.isEmpty() && others.contains(row)) {
              broken(
                  List.of(row),
                  "it can't be derived: what it was made of is made again of %s, which was altered"
                      .formatted(String.join(", ", bronze)),
                  "Restore the table first, then verify again");
              continue;
            }
            Optional.ofNullable(again.get(row.<String>getAs(ScoreColumns.PREDICTION)))
                .ifPresentOrElse(
                    made -> compare(scores, scoring.get().facts(), row, made),
                    () ->
                        broken(
                            List.of(row),
                            "no row of its sources asks for it at the pins of run " + id,
                            RESTORE_SCORES));
          }
        });
  }

  /** Whether nothing asks for a row any more, or with other values or inputs. */
  private static boolean isOther(ScoringFacts facts, Row row, Map<String, Row> again) {
    Row made = again.get(row.<String>getAs(ScoreColumns.PREDICTION));
    if (made == null) {
      return true;
    }
    DerivedPrediction derived = new DerivedPrediction(row, made);
    return !derived.asked(facts).isEmpty() || !derived.inputs().isEmpty();
  }

  /** The tables of {@code bronze} that rows were made again of and that were altered since. */
  private List<String> altered(List<Pin> inputs, ValidatedRows.Readable read) {
    return inputs.stream()
        .filter(pin -> ValidatedRows.has(pin))
        .filter(pin -> read.instead().containsKey(pin.version().table().subject()))
        .filter(pin -> altered.computeIfAbsent(pin, this::isAltered))
        .map(ValidatedRows::bronze)
        .toList();
  }

  private boolean isAltered(Pin pin) {
    List<Reproduction.Cause> why = validated.otherwise(pin);
    why.forEach(
        cause -> {
          int end = cause.text().indexOf(". ");
          links.broken(
              Kind.TABLE,
              ValidatedRows.bronze(pin),
              end < 0 ? cause.text() : cause.text().substring(0, end),
              end < 0 ? ValidatedRows.RESTORE : cause.text().substring(end + 2));
        });
    return !why.isEmpty();
  }

  private Map<String, Row> again(
      String scores,
      String id,
      Scoring scoring,
      List<Row> rows,
      ValidatedRows.Readable read,
      List<Rescoring.Said> able) {
    KeptProject kept = KeptProject.of(lake, scoring.definitions());
    definitions(kept);
    Optional<Interval> asked = asked(predictions(rows), scoring.interval());
    if (asked.isEmpty()) {
      return Map.of();
    }
    FeatureStore store = FeatureStore.ofThen(kept.checked(), lake, runner, read.instead());
    progress.accept("run %s: %,d predictions".formatted(id, rows.size()));
    return Rescoring.of(store, scores, asked.get(), read.pins(), able)
        .where(col(ScoreColumns.PREDICTION).isin(predictions(rows).toArray()))
        .collectAsList()
        .stream()
        .collect(Collectors.toMap(row -> row.getAs(ScoreColumns.PREDICTION), row -> row));
  }

  private void broken(List<Row> rows, String found, String act) {
    predictions(rows).forEach(id -> links.broken(Kind.INPUTS, id, found, act));
  }

  /** Between the first slash of an id and the second. */
  private static LocalDate day(String id) {
    int from = id.indexOf('/') + 1;
    return LocalDate.parse(id.substring(from, id.indexOf('/', from)));
  }

  /** The days of some ids, as far as their scoring had them. */
  private static Optional<Interval> asked(List<String> ids, Optional<Interval> scored) {
    List<Interval> days =
        ids.stream()
            .map(id -> Interval.day(day(id), ZoneOffset.UTC))
            .sorted(Comparator.comparing(Interval::from))
            .toList();
    Interval all = Interval.of(days.get(0).from(), days.get(days.size() - 1).to());
    Interval in = scored.orElse(all);
    return in.overlaps(all)
        ? Optional.of(
            Interval.of(
                Collections.max(List.of(all.from(), in.from())),
                Collections.min(List.of(all.to(), in.to()))))
        : Optional.empty();
  }

  /**
   * What the versions said that some rows are of, the champion's first; of all where a row is of
   * none.
   */
  private static List<Voice> saying(ScoringFacts facts, List<Row> rows) {
    List<Voice> all =
        Stream.concat(
                Stream.of(new Voice(ScoreColumns.CHAMPION, facts.model())),
                facts.others().stream().map(said -> new Voice(said.role(), said.model())))
            .toList();
    return rows.stream().allMatch(row -> all.stream().anyMatch(voice -> voice.said(row)))
        ? all.stream().filter(voice -> rows.stream().anyMatch(voice::said)).toList()
        : all;
  }

  /** The version that said something, if it can be asked again; else its rows' inputs break. */
  private Optional<ModelVersion> usable(Voice voice, List<Row> rows) {
    List<Row> theirs = rows.stream().filter(voice::said).toList();
    try {
      ModelVersion version = registry.find(voice.model()).version();
      versions.add(version);
      if (isSound(version)) {
        return Optional.of(version);
      }
      broken(
          theirs,
          "they can't be derived, as the artefact of %s is broken".formatted(version.reference()),
          "Restore the artefact first");
    } catch (PlatformException e) {
      broken(theirs, "they can't be derived: " + clause(e), act(e));
    }
    return Optional.empty();
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

  /** A message's part with what to do. */
  private static String act(PlatformException e) {
    String message = e.getMessage();
    int end = message.indexOf(". ");
    return end < 0 ? "Then verify again" : message.substring(end + 2).replaceFirst("\\.$", "");
  }

  private void compare(String scores, ScoringFacts facts, Row row, Row made) {
    DerivedPrediction derived = new DerivedPrediction(row, made);
    String id = row.getAs(ScoreColumns.PREDICTION);
    List<String> asked = new ArrayList<>(derived.asked(facts));
    asked.addAll(superseded(scores, derived));
    link(Kind.ROW, id, asked, "what asked for it, and its run, give another %s");
    link(Kind.INPUTS, id, derived.inputs(), "the engine gives another %s at the pins of its run");
    link(
        Kind.SCORE,
        id,
        derived.said(),
        made.getAs(ScoreColumns.MODEL)
            + "@"
            + made.getAs(ScoreColumns.MODEL_VERSION)
            + " gives another %s for these inputs");
  }

  private void link(Kind kind, String id, List<String> differing, String found) {
    if (differing.isEmpty()) {
      links.proven(kind);
    } else {
      links.broken(kind, id, found.formatted(String.join(", ", differing)), RESTORE_SCORES);
    }
  }

  /** The columns that differ of those that say until when a row was in force. */
  private List<String> superseded(String scores, DerivedPrediction derived) {
    Row row = derived.stored();
    if (!List.of(row.schema().fieldNames()).contains(ScoreColumns.SUPERSEDED_BY)) {
      return List.of();
    }
    Instant asOf = derived.made().<Timestamp>getAs(CheckedTrainingSet.AS_OF).toInstant();
    Optional<Scoring> by =
        scoring(scores, String.valueOf(row.<String>getAs(ScoreColumns.SUPERSEDED_BY)))
            .filter(found -> found.interval().filter(in -> in.contains(asOf)).isPresent());
    if (by.isEmpty()) {
      return List.of(ScoreColumns.SUPERSEDED_BY);
    }
    return by.get()
        .facts()
        .at()
        .filter(at -> !Timestamp.from(at).equals(row.getAs(ScoreColumns.SUPERSEDED_AT)))
        .map(at -> List.of(ScoreColumns.SUPERSEDED_AT))
        .orElse(List.of());
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
    if (version.trainingSet().isEmpty()) {
      // It was trained elsewhere, on rows that the lake does not have: there is no such link.
      return;
    }
    Reproducer reproducer = new Reproducer(lake, runner, progress);
    Optional<String> elsewhere = reproducer.elsewhere(version);
    if (elsewhere.isPresent()) {
      links.broken(
          Kind.TRAINING_SET,
          version.trainedOn(),
          elsewhere.get(),
          "Make it again there, by tributary reproduce");
      return;
    }
    derive(Kind.TRAINING_SET, List.of(version.trainedOn()), () -> builtAgain(version, reproducer));
    version.trainingSet().get().pins().forEach(this::read);
  }

  private void builtAgain(ModelVersion version, Reproducer reproducer) {
    Reproduction made = reproducer.trainingSetOf(version, validated);
    if (made.equal()) {
      links.proven(Kind.TRAINING_SET);
    } else {
      links.broken(
          Kind.TRAINING_SET,
          version.trainedOn(),
          "built again it has other rows",
          "tributary reproduce %s says why".formatted(version.reference()));
    }
  }

  private void read(Pin pin) {
    tables.merge(data.readable(pin), pin.deliveries().orElse(0L), Math::max);
  }

  /** Whether all rows of a pin are rows of another too. */
  private boolean isInAnother(Pin pin) {
    return pin.deliveries().isPresent()
        && tables.keySet().stream()
            .anyMatch(
                other ->
                    other.version().table().equals(pin.version().table())
                        && other.version().id().equals(pin.version().id())
                        && other.deliveries().isPresent()
                        && isBefore(pin, other));
  }

  private static boolean isBefore(Pin one, Pin other) {
    int deliveries = one.deliveries().orElseThrow().compareTo(other.deliveries().orElseThrow());
    return deliveries < 0 || deliveries == 0 && one.version().version() < other.version().version();
  }

  /** The tables that rows of those that were read were made of by then, and so on. */
  private void lookedUp() {
    Set<Pin> seen = new HashSet<>();
    while (!seen.containsAll(tables.keySet())) {
      for (Pin pin : List.copyOf(tables.keySet())) {
        if (seen.add(pin)) {
          if (!derive(
              Kind.TABLE,
              List.of(pin.version().table().toString()),
              () -> madeOf(pin).forEach(this::read))) {
            underived.add(pin.version().table());
          }
        }
      }
    }
  }

  private List<Pin> madeOf(Pin pin) {
    return ValidatedRows.has(pin)
        ? validated.lookups(pin)
        : lake.table(pin.version().table()).commits().stream()
            .filter(commit -> commit.version().version() <= pin.version().version())
            .flatMap(commit -> commit.facts().stream())
            .flatMap(facts -> facts.inputs().stream())
            .toList();
  }

  private void table(Pin pin) {
    if (data.gone(pin).isPresent()) {
      return;
    }
    validated
        .firstOther(pin)
        .ifPresentOrElse(
            other -> {
              int end = other.indexOf(". ");
              links.broken(
                  Kind.TABLE,
                  pin.version().table().toString(),
                  other.substring(0, end),
                  other.substring(end + 2));
            },
            () -> links.proven(Kind.TABLE));
  }

  /** The files of the deliveries that a pin shows; of reference data those of the last alone. */
  private void files(Pin pin, long deliveries) {
    long last = deliveries > 0 ? deliveries : validated.last(pin);
    List<LedgerEntry> shown =
        ledger.entries(pin.version().table().subject()).stream()
            .filter(entry -> entry.delivery().number() <= last && entry.is(Outcome.ADMITTED))
            .toList();
    (validated.isStatic(pin) ? shown.subList(Math.max(0, shown.size() - 1), shown.size()) : shown)
        .stream()
            .flatMap(entry -> brought(entry))
            .filter(file -> file.range().isEmpty() && seen.add(file))
            .forEach(this::file);
  }

  /** The files of a delivery; of a release those that its rows came with. */
  private Stream<DeliveredFile> brought(LedgerEntry entry) {
    Set<Long> from =
        entry
            .delivery()
            .release()
            .map(release -> Set.copyOf(release.deliveries()))
            .orElse(Set.of());
    return Stream.concat(
        entry.delivery().files().stream(),
        from.isEmpty()
            ? Stream.of()
            : ledger.entries(entry.delivery().source()).stream()
                .filter(other -> from.contains(other.delivery().number()))
                .flatMap(other -> other.delivery().files().stream()));
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
