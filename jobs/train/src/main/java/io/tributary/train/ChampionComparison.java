package io.tributary.train;

import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.definition.DealtSplit.Dealt;
import io.tributary.drift.MeanOfIntervals;
import io.tributary.drift.Outcomes;
import io.tributary.events.facts.FitFacts;
import io.tributary.model.Examples;
import io.tributary.model.ModelBundle;
import io.tributary.model.ModelSignature;
import io.tributary.model.TrainedModel;
import io.tributary.registry.ArtefactStore;
import io.tributary.registry.Comparison;
import io.tributary.registry.Comparison.Range;
import io.tributary.registry.ModelVersion;
import java.sql.Timestamp;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.ToDoubleFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * A challenger beside the champion on the challenger's test rows, which neither was fitted to, by
 * nights. It is surely not worse where both area and log loss can't be worse by a hundredth, with
 * 95 % each.
 */
final class ChampionComparison {
  private ChampionComparison() {}

  /**
   * @param frame the build that the challenger was trained on
   */
  static Comparison of(
      Dataset<Row> frame,
      ModelVersion challenger,
      ModelVersion champion,
      ArtefactStore store,
      ZoneId zone) {
    FitFacts.Split split = challenger.parameters().split();
    ModelBundle held;
    try {
      held = bundle(store, champion);
    } catch (PlatformException e) {
      return cannotSay(champion.number(), "cannot be compared: " + e.getMessage());
    }
    Optional<String> why =
        incomparable(
            champion.parameters().split(), split, held.signature(), TrainingRows.columns(frame));
    if (why.isPresent()) {
      return cannotSay(champion.number(), "cannot be compared: " + why.get());
    }
    Dataset<Row> rows = split.test().asOf().map(asOf -> frame.where(within(asOf))).orElse(frame);
    Scored mine = Scored.by(bundle(store, challenger), rows, split, zone, Optional.empty());
    Scored theirs = Scored.by(held, rows, split, zone, Optional.of(mine));
    return between(champion.number(), mine.nights(), theirs.nights());
  }

  /**
   * By what the scores of both come to in each night.
   *
   * @param champion its number
   */
  static Comparison between(
      long champion, SortedMap<Integer, Outcomes> mine, SortedMap<Integer, Outcomes> theirs) {
    List<Integer> both =
        mine.keySet().stream()
            .filter(
                night -> mine.get(night).auc().isPresent() && theirs.get(night).auc().isPresent())
            .toList();
    if (both.size() < MeanOfIntervals.LEAST_INTERVALS) {
      return cannotSay(
          champion,
          "cannot be compared: %d nights have labels of both kinds, and %d are needed"
              .formatted(both.size(), MeanOfIntervals.LEAST_INTERVALS));
    }
    MeanOfIntervals auc = difference(both, mine, theirs, o -> o.auc().orElseThrow());
    MeanOfIntervals loss = difference(both, mine, theirs, Outcomes::logLoss);
    boolean notWorse = auc.lower() > -Comparison.MATTERS && loss.upper() < Comparison.MATTERS;
    return new Comparison(
        champion,
        Map.of("auc", range(auc), "log-loss", range(loss)),
        notWorse,
        "over %d nights: %s"
            .formatted(
                both.size(),
                notWorse
                    ? "surely not worse by %s".formatted(Comparison.MATTERS)
                    : "may be worse by " + Comparison.MATTERS));
  }

  /**
   * Why a champion can't score the challenger's test rows as rows that it has not seen; empty if it
   * can.
   *
   * @param columns of the challenger's training set, with their types
   */
  static Optional<String> incomparable(
      FitFacts.Split champion,
      FitFacts.Split challenger,
      ModelSignature takes,
      Map<String, String> columns) {
    if (champion.fitsTestOf(challenger)) {
      return Optional.of("the champion may have been fitted to some of the same rows");
    }
    List<String> wrong = new ArrayList<>(takes.wrong(columns));
    if (!columns.containsKey(takes.label())) {
      wrong.add("no column " + takes.label());
    }
    return wrong.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "the champion takes what the training set no longer has: " + String.join("; ", wrong));
  }

  private static Comparison cannotSay(long champion, String why) {
    return new Comparison(champion, Map.of(), false, why);
  }

  private static Range range(MeanOfIntervals d) {
    return new Range(d.intervals(), d.mean(), d.lower(), d.upper());
  }

  private static ModelBundle bundle(ArtefactStore store, ModelVersion version) {
    return ModelBundle.of(store.read(version.artefact().digest()), version.artefact().digest());
  }

  private static Column within(Interval asOf) {
    Column at = functions.col(CheckedTrainingSet.AS_OF);
    return at.geq(functions.lit(Timestamp.from(asOf.from())))
        .and(at.lt(functions.lit(Timestamp.from(asOf.to()))));
  }

  private static MeanOfIntervals difference(
      List<Integer> nights,
      Map<Integer, Outcomes> mine,
      Map<Integer, Outcomes> theirs,
      ToDoubleFunction<Outcomes> measure) {
    return MeanOfIntervals.of(
        nights.stream()
            .mapToDouble(
                n -> measure.applyAsDouble(mine.get(n)) - measure.applyAsDouble(theirs.get(n)))
            .toArray());
  }

  /**
   * What a bundle's scores of test rows come to.
   *
   * @param nights by day since 1970-01-01
   */
  private record Scored(TrainingRows rows, SortedMap<Integer, Outcomes> nights) {
    /**
     * @param split whose test rows are scored, dealt as it says
     * @param read who has read the rows already, which serve again where the inputs are the same
     */
    static Scored by(
        ModelBundle bundle,
        Dataset<Row> frame,
        FitFacts.Split split,
        ZoneId zone,
        Optional<Scored> read) {
      TrainingRows rows =
          read.map(Scored::rows)
              .filter(known -> known.signature().inputs().equals(bundle.signature().inputs()))
              .orElseGet(
                  () ->
                      TrainingRows.read(
                          frame, bundle.signature(), List.of(), split.by(), split.salt()));
      FitFacts.Part tested = split.test();
      int[] numbers =
          rows.numbers(
              new Dealt(
                  tested.name(),
                  Optional.empty(),
                  tested.asOf(),
                  tested.fromBucket(),
                  tested.toBucket()));
      double[] scores =
          TrainedModel.open(bundle)
              .score(
                  Examples.of(
                      bundle.vectorizer(),
                      rows.inputs(),
                      rows.labels(),
                      numbers,
                      0,
                      numbers.length));
      return new Scored(
          rows, new HeldOut(rows.days(numbers, zone), scores, rows.labels(numbers), 0).byDay());
    }
  }
}
