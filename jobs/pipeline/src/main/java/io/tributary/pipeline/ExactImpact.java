package io.tributary.pipeline;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;

import io.tributary.analysis.CheckedScores;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.events.facts.ScoringFacts;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.model.ScoreColumns;
import io.tributary.offline.FeatureStore;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.provenance.Impact;
import io.tributary.registry.provenance.Provenance;
import io.tributary.score.Rescoring;
import java.io.FileNotFoundException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Which of the predictions that an impact lists are others without the delivery: each scoring again
 * by the engine at its pins, once as it was and once without the delivery's rows. Writes nothing.
 */
final class ExactImpact {
  /** As Spark names a file that is there and not what it was. */
  private static final String UNREADABLE = "Encountered error while reading file";

  private final Lake lake;
  private final RunnerChoice runner;
  private final Consumer<String> progress;
  private final ModelRegistry registry;
  private final PinnedData data;

  ExactImpact(Lake lake, RunnerChoice runner, Consumer<String> progress) {
    this.lake = lake;
    this.runner = runner;
    this.progress = progress;
    this.registry = ModelRegistry.open(lake.uri());
    this.data = new PinnedData(lake);
  }

  /**
   * What became of a scoring that the impact lists.
   *
   * @param listed its predictions that the delivery may have entered
   * @param changed those of them with other inputs, score, decision or flags without it, or that
   *     nobody would have asked for; empty where it can't be computed
   * @param why that can't be, and what to do; else empty
   */
  record Scored(
      String scores,
      Interval interval,
      String run,
      long listed,
      Optional<Set<String>> changed,
      Optional<String> why) {}

  /**
   * Recomputes what an impact lists.
   *
   * @param impact that told it, of a delivery
   * @param told with the ids of predictions
   */
  List<Scored> of(Impact impact, Provenance told) {
    List<Scored> scored = new ArrayList<>();
    for (Provenance.Node node : told.nodes()) {
      if (node.facts().get("ids") instanceof List<?> ids && !ids.isEmpty()) {
        Set<String> listed = new TreeSet<>();
        ids.forEach(id -> listed.add((String) id));
        scored.add(again(impact, told.root(), node, listed));
      }
    }
    return scored;
  }

  private Scored again(Impact impact, String root, Provenance.Node node, Set<String> listed) {
    RunRecord run = impact.scoring((String) node.facts().get("run"));
    TableName own = impact.ownTable();
    Optional<Set<String>> changed = Optional.empty();
    Optional<String> why =
        node.from().stream()
            .filter(from -> !from.equals(root) && !from.startsWith("table:" + own + "@"))
            .findFirst()
            .map(
                from ->
                    "it is made from %s too, which has the delivery in it: make that anew without, and score again"
                        .formatted(from.replaceFirst(":", " ")));
    if (why.isEmpty()) {
      try {
        List<Pin> pins = run.inputs().stream().map(data::readable).toList();
        why = pins.stream().flatMap(pin -> data.gone(pin).stream()).findFirst();
        if (why.isEmpty()) {
          Set<?> saying = Set.copyOf((List<?>) node.facts().get("said-by"));
          changed = Optional.of(changed(run, pins, impact, listed, saying));
        }
      } catch (Exception e) {
        // Spark's own are checked, and thrown where nothing says so.
        why = reason(e);
        if (why.isEmpty()) {
          throw e;
        }
      }
    }
    return new Scored(
        run.key().subject(),
        run.key().interval().orElseThrow(),
        run.run().text(),
        listed.size(),
        changed,
        why);
  }

  /** Why one scoring can't be computed, where that is no bug. */
  private static Optional<String> reason(Exception e) {
    for (Throwable cause : PlatformException.causes(e)) {
      if (cause instanceof PlatformException) {
        return Optional.of(cause.getMessage());
      }
      String message = String.valueOf(cause.getMessage());
      if (cause instanceof FileNotFoundException
          || cause instanceof NoSuchFileException
          || message.contains(UNREADABLE)) {
        return Optional.of(
            "rows that it read can't be read any more: %s. Restore the file from a copy of the lake"
                .formatted(message.lines().findFirst().orElse("")));
      }
    }
    return Optional.empty();
  }

  /**
   * Refuses definitions that mean something else to this build; of a model the scoring takes that
   * of its training.
   */
  static void requireSame(List<String> otherwise) {
    otherwise.stream()
        .filter(name -> !name.startsWith("model "))
        .findFirst()
        .ifPresent(
            name -> {
              throw new PlatformException(
                  ErrorCode.REFUSED,
                  "this build of Tributary takes the definition of %s to mean something else than the one that scored. Ask with the build that the run names"
                      .formatted(name));
            });
  }

  private Set<String> changed(
      RunRecord run, List<Pin> pins, Impact impact, Set<String> listed, Set<?> saying) {
    String scores = run.key().subject();
    ScoringFacts facts = run.facts(ScoringFacts.class).orElseThrow();
    List<Rescoring.Said> said = new ArrayList<>();
    if (saying.contains(facts.model())) {
      said.add(said(ScoreColumns.CHAMPION, facts.model()));
    }
    facts.others().stream()
        .filter(other -> saying.contains(other.model()))
        .forEach(other -> said.add(said(other.role(), other.model())));
    KeptProject kept = KeptProject.of(lake, run.definitions());
    requireSame(kept.otherwise());
    FeatureStore store = FeatureStore.ofThen(kept.checked(), lake, runner);
    progress.accept("run %s: %,d predictions".formatted(run.run(), listed.size()));
    Interval interval = run.key().interval().orElseThrow();
    List<Pin> without =
        pins.stream()
            .map(
                pin ->
                    pin.version().table().equals(impact.ownTable())
                        ? pin.without(impact.deliveries())
                        : pin)
            .toList();
    Dataset<Row> as = Rescoring.of(store, scores, interval, pins, said).as("was");
    Dataset<Row> would = Rescoring.of(store, scores, interval, without, said).as("would");
    Column same = is("was", "would", ScoreColumns.INPUTS_DIGEST);
    for (String column : List.of(ScoreColumns.OUTPUT, CheckedScores.DECISION, ScoreColumns.FLAGS)) {
      same = same.and(is("was", "would", column));
    }
    Set<String> changed = new TreeSet<>();
    as.join(would, is("was", "would", ScoreColumns.PREDICTION), "left")
        .where(not(same))
        .select(col("was." + ScoreColumns.PREDICTION))
        .collectAsList()
        .forEach(row -> changed.add(row.getString(0)));
    changed.retainAll(listed);
    return changed;
  }

  /** Missing values are equal. */
  private static Column is(String one, String other, String column) {
    return col(one + "." + column).eqNullSafe(col(other + "." + column));
  }

  private Rescoring.Said said(String role, String model) {
    return new Rescoring.Said(role, registry.find(model).version());
  }
}
