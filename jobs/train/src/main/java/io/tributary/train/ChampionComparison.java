package io.tributary.train;

import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.core.ErrorGroup;
import io.tributary.core.Interval;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.drift.MeanOfIntervals;
import io.tributary.drift.Outcomes;
import io.tributary.events.facts.FitFacts;
import io.tributary.lake.Lake;
import io.tributary.model.BinaryMetrics;
import io.tributary.model.ModelBundle;
import io.tributary.model.ModelSignature;
import io.tributary.model.TrainedModel;
import io.tributary.registry.ArtefactStore;
import io.tributary.registry.Comparison;
import io.tributary.registry.Comparison.Range;
import io.tributary.registry.Comparison.SameRows;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.TrainingSetReference;
import java.sql.Timestamp;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * A version beside the one in force, on rows that neither was fitted to: the newer one's test rows,
 * by nights; where the other one may have been fitted to some of these, or they are in another
 * lake, the other one's.
 */
final class ChampionComparison {
  private ChampionComparison() {}

  /**
   * @param margin by how much area may be smaller, or log loss larger, and not matter
   */
  static Comparison of(
      Lake lake, ModelVersion version, ModelVersion champion, double margin, ZoneId zone) {
    Optional<Comparison> unknown = ofElsewhere(version, champion, margin);
    if (unknown.isPresent()) {
      return unknown.get();
    }
    Optional<String> away = rowsElsewhere(lake, version);
    boolean theirs =
        (away.isPresent() || split(champion).fitsTestOf(split(version)))
            && !split(version).fitsTestOf(split(champion));
    Optional<String> awayToo = theirs ? rowsElsewhere(lake, champion) : away;
    if (awayToo.isPresent()) {
      return cannotTell(champion, margin, awayToo.get());
    }
    ModelVersion tested = theirs ? champion : version;
    ModelVersion other = theirs ? version : champion;
    try {
      TrainingSetReference set = tested.trainingSet().orElseThrow();
      Dataset<Row> frame =
          lake.table(TableName.of("training", set.name())).read(Pin.of(set.table()));
      ArtefactStore store = ArtefactStore.open(lake.uri());
      ModelBundle bundle = bundle(store, version);
      ModelBundle held = bundle(store, champion);
      boolean same = version.artefact().digest().equals(champion.artefact().digest());
      ModelRegistry registry = ModelRegistry.open(lake.uri());
      TrainedMeaning takes = TrainedMeaning.of(lake, other);
      TrainedMeaning told = TrainedMeaning.of(lake, tested);
      Optional<String> why =
          incomparable(
                  split(other),
                  split(tested),
                  (other.equals(champion) ? held : bundle).signature(),
                  TrainingRows.columns(frame))
              .or(
                  () ->
                      takes.unlike(
                          told,
                          registry.outdated(version).isEmpty()
                              && registry.outdated(champion).isEmpty()));
      if (why.isPresent() && !same) {
        return cannotTell(champion, margin, why.get());
      }
      Optional<Interval> asOf = split(tested).test().asOf();
      Dataset<Row> rows = asOf.map(in -> frame.where(within(in))).orElse(frame);
      Scored mine = Scored.by(bundle, rows, split(tested), zone, Optional.empty());
      if (same) {
        return Comparison.ofSameArtefact(
            champion.number(), mine.nights().size(), margin, sameRows(set, asOf, mine, mine));
      }
      Scored beside = Scored.by(held, rows, split(tested), zone, Optional.of(mine));
      return between(
          champion.number(),
          mine.nights(),
          beside.nights(),
          margin,
          sameRows(set, asOf, mine, beside));
    } catch (PlatformException e) {
      if (e.code().group() == ErrorGroup.USER || e.code().group() == ErrorGroup.DATA) {
        return cannotTell(champion, margin, e.getMessage());
      }
      throw e;
    } catch (Exception e) {
      // Spark's own are checked, and thrown where nothing says so.
      if (TrainingRows.areGone(e)) {
        return cannotTell(
            champion, margin, "the rows of " + tested.trainedOn() + " are there no more");
      }
      throw e;
    }
  }

  /** Where the rows are that an imported version was trained on, if they are not in this lake. */
  private static Optional<String> rowsElsewhere(Lake lake, ModelVersion version) {
    TrainingSetReference set = version.trainingSet().orElseThrow();
    return ModelRegistry.open(lake.uri())
        .find(version.reference().toString())
        .importedFrom()
        .filter(
            origin ->
                lake.find(set.table().table())
                    .filter(table -> table.id().equals(set.table().id()))
                    .isEmpty())
        .map(
            origin ->
                "the rows of training set %s are in lake %s, where %s was trained"
                    .formatted(set, origin.first().lake(), version.reference()));
  }

  /** Where one was trained elsewhere no rows are certain to be unseen by both. */
  static Optional<Comparison> ofElsewhere(
      ModelVersion version, ModelVersion champion, double margin) {
    return Stream.of(version, champion)
        .filter(of -> of.elsewhere().isPresent())
        .findFirst()
        .map(
            of ->
                cannotTell(
                    champion,
                    margin,
                    of.reference() + " was trained elsewhere, and nobody knows on which rows"));
  }

  private static SameRows sameRows(
      TrainingSetReference set, Optional<Interval> asOf, Scored mine, Scored theirs) {
    return new SameRows(
        set.toString(), asOf, mine.all().rows(), mine.all().named(), theirs.all().named());
  }

  private static FitFacts.Split split(ModelVersion version) {
    return version.parameters().orElseThrow().split();
  }

  /**
   * By what the scores of both come to in each night.
   *
   * @param champion its number
   */
  static Comparison between(
      long champion,
      SortedMap<Integer, Outcomes> mine,
      SortedMap<Integer, Outcomes> theirs,
      double margin,
      SameRows rows) {
    List<Integer> both =
        mine.keySet().stream()
            .filter(
                night -> mine.get(night).auc().isPresent() && theirs.get(night).auc().isPresent())
            .toList();
    if (both.size() < MeanOfIntervals.LEAST_INTERVALS) {
      return Comparison.cannotTell(
          champion,
          "cannot tell: %d nights have labels of both kinds, and %d are needed"
              .formatted(both.size(), MeanOfIntervals.LEAST_INTERVALS),
          margin,
          Optional.of(rows));
    }
    return Comparison.of(
        champion,
        difference(both, mine, theirs, o -> o.auc().orElseThrow()),
        difference(both, mine, theirs, Outcomes::logLoss),
        margin,
        Optional.of(rows));
  }

  /**
   * Why a version can't score another one's test rows as rows that it has not seen; empty if it
   * can.
   *
   * @param columns of the other one's training set, with their types
   */
  static Optional<String> incomparable(
      FitFacts.Split scores,
      FitFacts.Split tested,
      ModelSignature takes,
      Map<String, String> columns) {
    if (scores.fitsTestOf(tested)) {
      return Optional.of(
          "each may have been fitted to some of the rows that the other is tested on");
    }
    List<String> wrong = new ArrayList<>(takes.wrong(columns));
    if (!columns.containsKey(takes.label())) {
      wrong.add("no column " + takes.label());
    }
    return wrong.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "one takes what the training set of the other does not have: "
                + String.join("; ", wrong));
  }

  private static Comparison cannotTell(ModelVersion champion, double margin, String why) {
    return Comparison.cannotTell(
        champion.number(), "cannot tell: " + why, margin, Optional.empty());
  }

  private static ModelBundle bundle(ArtefactStore store, ModelVersion version) {
    return ModelBundle.of(store.read(version.artefact().digest()), version.artefact().digest());
  }

  static Column within(Interval asOf) {
    Column at = functions.col(CheckedTrainingSet.AS_OF);
    return at.geq(functions.lit(Timestamp.from(asOf.from())))
        .and(at.lt(functions.lit(Timestamp.from(asOf.to()))));
  }

  private static Range difference(
      List<Integer> nights,
      Map<Integer, Outcomes> mine,
      Map<Integer, Outcomes> theirs,
      ToDoubleFunction<Outcomes> measure) {
    MeanOfIntervals mean =
        MeanOfIntervals.of(
            nights.stream()
                .mapToDouble(
                    n -> measure.applyAsDouble(mine.get(n)) - measure.applyAsDouble(theirs.get(n)))
                .toArray());
    return new Range(mean.intervals(), mean.mean(), mean.lower(), mean.upper());
  }

  /**
   * What a bundle's scores of test rows come to.
   *
   * @param nights by day since 1970-01-01
   * @param all of all nights together
   */
  private record Scored(TrainingRows rows, SortedMap<Integer, Outcomes> nights, BinaryMetrics all) {
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
      HeldOut tested =
          HeldOut.scored(TrainedModel.open(bundle), rows, rows.numbers(split.test()), zone);
      return new Scored(rows, tested.byDay(), tested.metrics());
    }
  }
}
