package io.tributary.pipeline;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.RunnerChoice;
import io.tributary.events.facts.TrainingSetFacts;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.ContentDigest;
import io.tributary.lake.Lake;
import io.tributary.model.Backend;
import io.tributary.offline.FeatureStore;
import io.tributary.offline.TrainingSetBuild;
import io.tributary.pipeline.Reproduction.Cause;
import io.tributary.registry.Artefact;
import io.tributary.registry.BuiltTrainingSet;
import io.tributary.registry.ImportedRows;
import io.tributary.registry.ModelEnvironment;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.Origin;
import io.tributary.registry.TrainingSetReference;
import io.tributary.train.ModelReproduction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Makes builds of training sets and versions of models again, from the definitions and pins that
 * the lake keeps of them. What it makes is in memory and files without names alone: no table is
 * written, and whoever kills it leaves nothing. That a thing came out the same is recorded.
 */
final class Reproducer {
  /** What stands before the name and number of a build. */
  static final String TRAINING_SET = "training-set:";

  private final Lake lake;
  private final RunnerChoice runner;
  private final Consumer<String> progress;
  private final ModelRegistry registry;
  private final PinnedData data;

  Reproducer(Lake lake, RunnerChoice runner, Consumer<String> progress) {
    this.lake = lake;
    this.runner = runner;
    this.progress = progress;
    this.registry = ModelRegistry.open(lake.uri());
    this.data = new PinnedData(lake);
  }

  /**
   * What is recorded of a thing that a training set's rows are needed for.
   *
   * @param digest of its rows, or its artefact
   * @param content the digest of the training set's rows
   * @param others asked where it differs: in what the environment and the code are others now
   */
  private record Recorded(
      String thing,
      Digest digest,
      String trainingSet,
      List<Pin> pins,
      Digest content,
      Map<String, Digest> definitions,
      Supplier<List<Cause>> others) {
    Reproduction equal(long rows) {
      return new Reproduction(thing, true, digest, Optional.of(digest), rows, List.of());
    }

    Reproduction isNotHere(String why) {
      return new Reproduction(
          thing, false, digest, Optional.empty(), 0, List.of(new Cause("data", why)));
    }

    Reproduction differs(Optional<Digest> found, long rows, List<Cause> also) {
      List<Cause> why = new ArrayList<>(others.get());
      why.addAll(also);
      return new Reproduction(thing, false, digest, found, rows, why);
    }
  }

  /** What is made of a training set's rows, which are those that were recorded. */
  private interface Making {
    Reproduction of(FeatureStore store, TrainingSetBuild build);
  }

  /**
   * Builds a training set again.
   *
   * @throws PlatformException NOT_FOUND when no run built it
   */
  Reproduction trainingSet(String name, long number) {
    RunRecord built = built(lake.runs(), name, number, "reproduce");
    Digest content = built.facts(TrainingSetFacts.class).orElseThrow().content();
    Recorded recorded =
        new Recorded(
            TRAINING_SET + name + "@" + number,
            content,
            name,
            built.inputs(),
            content,
            built.definitions(),
            () -> code(built.environment()));
    return noted(
        recorded.thing(), made(recorded, (store, build) -> recorded.equal(build.content().rows())));
  }

  /**
   * The run that built a training set.
   *
   * @throws PlatformException NOT_FOUND when there is none
   */
  static RunRecord built(RunLog runs, String name, long number, String what) {
    return BuiltTrainingSet.run(runs, name, number)
        .orElseThrow(
            () ->
                new PlatformException(
                    ErrorCode.NOT_FOUND,
                    "Cannot %s training set %s@%d: no run built it. See tributary runs --job training-set."
                        .formatted(what, name, number)));
  }

  /**
   * Builds the training set of a model's version again; nothing is recorded.
   *
   * @param validated with rows that were made again before, which stay its caller's
   */
  Reproduction trainingSetOf(ModelVersion version, ValidatedRows validated) {
    TrainingSetReference set = version.trainingSet().orElseThrow();
    Recorded recorded =
        new Recorded(
            TRAINING_SET + set,
            set.content(),
            set.name(),
            set.pins(),
            set.content(),
            version.definitions(),
            () -> environment(version));
    return elsewhere(version)
        .map(where -> isElsewhere(recorded, where))
        .orElseGet(
            () ->
                made(
                    recorded, validated, (store, build) -> recorded.equal(build.content().rows())));
  }

  /**
   * Which lake has what a version was trained on; empty where this one has. A sentence without its
   * end.
   */
  Optional<String> elsewhere(ModelVersion version) {
    return registry
        .find(version.reference().toString())
        .importedFrom()
        .map(Origin::first)
        .filter(
            origin -> !version.trainingSet().orElseThrow().pins().stream().allMatch(data::isHere))
        .map(
            origin ->
                "the rows of training set %s are in lake %s (%s), where the version was trained: it is %s there"
                    .formatted(
                        version.trainedOn(), origin.lake(), origin.project(), origin.version()));
  }

  /** Builds the training set of a model's version again, and fits the version. */
  Reproduction model(ModelVersion version) {
    version.requireFittedHere("reproduce " + version.reference());
    TrainingSetReference set = version.trainingSet().orElseThrow();
    Recorded recorded =
        new Recorded(
            "model:" + version.reference(),
            version.artefact().digest(),
            set.name(),
            set.pins(),
            set.content(),
            version.definitions(),
            () -> environment(version));
    List<String> imported =
        elsewhere(version).isPresent()
            ? ImportedRows.open(lake.uri()).files(set)
            : List.<String>of();
    if (!imported.isEmpty()) {
      // Its training set is not built again, so that it is not recorded as made again.
      return ofImported(recorded, version, imported);
    }
    return noted(
        version.reference().toString(),
        made(
            version,
            recorded,
            (store, build) ->
                fitted(recorded, version, store, build.rows(), build.content().rows())));
  }

  private Reproduction noted(String thing, Reproduction reproduction) {
    if (reproduction.equal()) {
      registry.reproduced(
          thing, reproduction.recorded(), lake.environment(), Principal.ofProcess());
    }
    return reproduction;
  }

  private Reproduction made(ModelVersion version, Recorded recorded, Making making) {
    return elsewhere(version)
        .map(where -> isElsewhere(recorded, where))
        .orElseGet(() -> made(recorded, making));
  }

  private static Reproduction isElsewhere(Recorded recorded, String where) {
    return recorded.isNotHere("%s. Make it again there, by tributary reproduce".formatted(where));
  }

  private Reproduction made(Recorded recorded, Making making) {
    try (ValidatedRows validated = new ValidatedRows(lake, data)) {
      return made(recorded, validated, making);
    }
  }

  private Reproduction made(Recorded recorded, ValidatedRows validated, Making making) {
    KeptProject kept = KeptProject.of(lake, recorded.definitions());
    ValidatedRows.Readable rows = validated.readable(recorded.pins());
    return rows.gone().isEmpty()
        ? made(recorded, making, kept, validated, rows)
        : recorded.differs(
            Optional.empty(), 0, rows.gone().stream().map(why -> new Cause("data", why)).toList());
  }

  private Reproduction made(
      Recorded recorded,
      Making making,
      KeptProject kept,
      ValidatedRows validated,
      ValidatedRows.Readable read) {
    read.instead()
        .keySet()
        .forEach(
            source ->
                progress.accept(
                    "validated.%s: its version of then is gone, and was made again of bronze"
                        .formatted(source)));
    FeatureStore store = FeatureStore.ofThen(kept.checked(), lake, runner, read.instead());
    try (TrainingSetBuild build =
        store
            .trainingSets()
            .build(kept.checked().trainingSet(recorded.trainingSet()).definition(), read.pins())) {
      long rows = build.content().rows();
      progress.accept("training set %s: %,d rows".formatted(recorded.trainingSet(), rows));
      if (build.content().digest().equals(recorded.content())) {
        return making.of(store, build);
      }
      return recorded.differs(
          recorded.digest().equals(recorded.content())
              ? Optional.of(build.content().digest())
              : Optional.empty(),
          rows,
          otherRows(recorded, kept, validated, read));
    }
  }

  private List<Cause> otherRows(
      Recorded recorded, KeptProject kept, ValidatedRows validated, ValidatedRows.Readable read) {
    List<Cause> why = new ArrayList<>();
    kept.otherwise()
        .forEach(
            definition ->
                why.add(
                    new Cause(
                        "code",
                        "this build of Tributary takes the definition of %s to mean something else than the one that used it"
                            .formatted(definition))));
    for (Pin pin : read.pins().stream().filter(ValidatedRows::has).toList()) {
      try {
        if (read.instead().containsKey(pin.version().table().subject())) {
          why.addAll(validated.otherwise(pin));
        } else {
          validated.firstOther(pin).ifPresent(other -> why.add(new Cause("row", other)));
        }
      } catch (PlatformException e) {
        why.add(new Cause("data", e.getMessage().replaceFirst("\\.$", "")));
      }
    }
    if (why.isEmpty()) {
      why.add(
          new Cause(
              "row",
              "the rows of training set %s are others, and all rows that they are made of are as they were delivered"
                  .formatted(recorded.trainingSet())));
    }
    return why;
  }

  /** Fits a version again to the rows that came with it. */
  private Reproduction ofImported(Recorded recorded, ModelVersion version, List<String> files) {
    Dataset<Row> rows = lake.spark().read().parquet(files.toArray(String[]::new));
    ContentDigest content = ContentDigest.of(rows);
    if (!content.digest().equals(recorded.content())) {
      return recorded.isNotHere(
          "the rows of training set %s that were imported are not those that the version was trained on. Remove %s, and import the archive again"
              .formatted(
                  version.trainedOn(), files.get(0).substring(0, files.get(0).lastIndexOf('/'))));
    }
    progress.accept(
        "training set %s: %,d rows, as they were imported"
            .formatted(version.trainedOn(), content.rows()));
    FeatureStore store =
        FeatureStore.ofThen(KeptProject.of(lake, recorded.definitions()).checked(), lake, runner);
    return fitted(recorded, version, store, rows, content.rows());
  }

  private Reproduction fitted(
      Recorded recorded, ModelVersion version, FeatureStore store, Dataset<Row> rows, long count) {
    ModelReproduction again = ModelReproduction.of(store, version, rows, progress);
    Artefact found = again.artefact();
    if (found.digest().equals(recorded.digest())) {
      return recorded.equal(count);
    }
    List<Cause> why = new ArrayList<>();
    if (!again.sameRules()) {
      why.add(
          new Cause(
              "code", "this build of Tributary fits by other rules than the one that fitted it"));
    }
    List<String> files =
        Stream.concat(version.artefact().files().keySet().stream(), found.files().keySet().stream())
            .distinct()
            .filter(
                name ->
                    !Objects.equals(version.artefact().files().get(name), found.files().get(name)))
            .sorted()
            .toList();
    why.add(new Cause("files", "the files that differ are " + String.join(", ", files)));
    return recorded.differs(Optional.of(found.digest()), count, why);
  }

  /**
   * Of one that was trained elsewhere nothing: there is no run of this platform to compare with.
   */
  private List<Cause> environment(ModelVersion version) {
    return version.environment().map(fittedIn -> environment(version, fittedIn)).orElse(List.of());
  }

  private List<Cause> environment(ModelVersion version, ModelEnvironment fittedIn) {
    ModelEnvironment now = ModelEnvironment.current(lake.environment(), Backend.device());
    Map<String, Digest> then = Map.of();
    try {
      then = registry.dependencies(version);
    } catch (PlatformException e) {
      // Without the list the digest alone tells whether they are the same.
    }
    List<Cause> why = new ArrayList<>();
    now.differences(fittedIn, then)
        .forEach(difference -> why.add(new Cause("environment", difference)));
    why.addAll(code(fittedIn.machine()));
    return why;
  }

  private List<Cause> code(Environment then) {
    Environment now = lake.environment();
    if (then.isOfNoRevision()) {
      return List.of(
          new Cause(
              "code",
              "nobody knows which revision of Tributary made it, as that was built outside of its repository, so that it may be another than this one. Whoever reproduces it does so with the same build; whoever installs Tributary builds it from its repository"));
    }
    if (then.code().equals(now.code()) && !then.dirty() && !now.dirty()) {
      return List.of();
    }
    return List.of(
        new Cause(
            "code",
            "it was made by revision %s%s of Tributary, and this is %s%s. Whoever reproduces it does so with a build of %s"
                .formatted(
                    then.code(),
                    changed(then),
                    now.code(),
                    changed(now),
                    then.dirty()
                        ? "the changes that were made then, which nobody keeps but who made them"
                        : "that revision")));
  }

  private static String changed(Environment at) {
    return at.dirty() ? " with uncommitted changes" : "";
  }
}
