package io.tributary.train;

import io.tributary.definition.DealtSplit.Dealt;
import io.tributary.drift.Difference;
import io.tributary.drift.Outcomes;
import io.tributary.events.facts.FitFacts;
import io.tributary.model.Examples;
import io.tributary.model.ModelBundle;
import io.tributary.model.TrainedModel;
import io.tributary.registry.ArtefactStore;
import io.tributary.registry.Comparison;
import io.tributary.registry.Comparison.Range;
import io.tributary.registry.ModelVersion;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.ToDoubleFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A challenger beside the champion on the challenger's test rows, which neither was fitted to, by
 * nights. It is surely not worse where both area and log loss can't be worse by a hundredth, with
 * 95 % each.
 */
final class ChampionComparison {
  private static final double MATTERS = 0.01;

  private ChampionComparison() {}

  static Comparison of(
      Dataset<Row> frame,
      ModelVersion challenger,
      ModelVersion champion,
      ArtefactStore store,
      List<String> dealtBy,
      String salt,
      ZoneId zone) {
    FitFacts.Part tested = part(challenger, "test");
    for (String fitted : List.of("train", "validate")) {
      if (overlap(part(champion, fitted), tested)) {
        return cannotSay(
            champion, "cannot be compared: the champion was fitted to some of the same rows");
      }
    }
    SortedMap<Integer, Outcomes> mine =
        nights(frame, bundle(store, challenger), tested, dealtBy, salt, zone);
    SortedMap<Integer, Outcomes> theirs =
        nights(frame, bundle(store, champion), tested, dealtBy, salt, zone);
    List<Integer> both =
        mine.keySet().stream()
            .filter(
                night -> mine.get(night).auc().isPresent() && theirs.get(night).auc().isPresent())
            .toList();
    Optional<Difference> auc = difference(both, mine, theirs, o -> o.auc().orElseThrow());
    Optional<Difference> loss = difference(both, mine, theirs, Outcomes::logLoss);
    if (auc.isEmpty() || loss.isEmpty()) {
      return cannotSay(
          champion,
          "cannot be compared: %d nights have labels of both kinds, and %d are needed"
              .formatted(both.size(), Difference.LEAST_INTERVALS));
    }
    boolean notWorse = auc.get().lower() > -MATTERS && loss.get().upper() < MATTERS;
    return new Comparison(
        champion.number(),
        Map.of("auc", range(auc.get()), "log-loss", range(loss.get())),
        notWorse,
        "over %d nights: %s"
            .formatted(
                both.size(),
                notWorse
                    ? "surely not worse by %s".formatted(MATTERS)
                    : "may be worse by " + MATTERS));
  }

  private static Comparison cannotSay(ModelVersion champion, String why) {
    return new Comparison(champion.number(), Map.of(), false, why);
  }

  private static Range range(Difference d) {
    return new Range(d.intervals(), d.mean(), d.lower(), d.upper());
  }

  private static ModelBundle bundle(ArtefactStore store, ModelVersion version) {
    return ModelBundle.of(store.read(version.artefact().digest()), version.artefact().digest());
  }

  private static FitFacts.Part part(ModelVersion version, String name) {
    return version.parameters().split().parts().stream()
        .filter(part -> part.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static boolean overlap(FitFacts.Part a, FitFacts.Part b) {
    return a.fromBucket() < b.toBucket()
        && b.fromBucket() < a.toBucket()
        && (a.asOf().isEmpty() || b.asOf().isEmpty() || a.asOf().get().overlaps(b.asOf().get()));
  }

  private static Optional<Difference> difference(
      List<Integer> nights,
      Map<Integer, Outcomes> mine,
      Map<Integer, Outcomes> theirs,
      ToDoubleFunction<Outcomes> measure) {
    return Difference.of(
        nights.stream()
            .mapToDouble(
                n -> measure.applyAsDouble(mine.get(n)) - measure.applyAsDouble(theirs.get(n)))
            .toArray());
  }

  /** What a bundle's scores of the test rows come to, by day since 1970-01-01. */
  private static SortedMap<Integer, Outcomes> nights(
      Dataset<Row> frame,
      ModelBundle bundle,
      FitFacts.Part tested,
      List<String> dealtBy,
      String salt,
      ZoneId zone) {
    TrainingRows rows = TrainingRows.read(frame, bundle.signature(), List.of(), dealtBy, salt);
    int[] numbers =
        rows.numbers(
            new Dealt(
                tested.name(),
                Optional.empty(),
                tested.asOf(),
                tested.fromBucket(),
                tested.toBucket()));
    boolean[] labels = rows.labels(numbers);
    double[] scores =
        TrainedModel.open(bundle)
            .score(
                Examples.of(
                    bundle.vectorizer(), rows.inputs(), rows.labels(), numbers, 0, numbers.length));
    return new HeldOut(rows.days(numbers, zone), scores, labels, 0).byDay();
  }
}
