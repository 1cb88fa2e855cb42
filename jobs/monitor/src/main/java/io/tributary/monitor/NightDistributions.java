package io.tributary.monitor;

import static io.tributary.monitor.Words.text;

import io.tributary.core.Digest;
import io.tributary.core.Interval;
import io.tributary.drift.DriftProfile;
import io.tributary.drift.DriftProfile.Distribution;
import io.tributary.lake.Lake;
import io.tributary.model.ModelBundle;
import io.tributary.monitor.StoredVerdicts.Counts;
import io.tributary.registry.ArtefactStore;
import io.tributary.report.Block;
import io.tributary.report.Chart;
import io.tributary.report.Chart.Mark;
import io.tributary.report.Chart.Series;
import io.tributary.report.Charts;
import io.tributary.report.Prose;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * How the inputs of an interval are distributed, beside training and the nights before it: the rows
 * that one version scored, by the groups of its own training. Of several versions it is the last.
 */
final class NightDistributions {
  private final Optional<Counts> counted;
  private final DriftProfile profile;
  private final List<Distribution> own;
  private final List<Distribution> nights;

  /**
   * Prepares.
   *
   * @param counts of the interval, and of nights
   */
  NightDistributions(Lake lake, ZoneId zone, Interval interval, List<Counts> counts) {
    this.counted =
        counts.stream().filter(c -> c.interval().equals(interval)).reduce((first, last) -> last);
    this.profile =
        counted
            .map(c -> Digest.parse(c.artefact()))
            .map(digest -> ModelBundle.of(ArtefactStore.open(lake.uri()).read(digest), digest))
            .map(ModelBundle::inputs)
            .orElse(DriftProfile.NONE);
    this.own = distributions(counts, c -> c.interval().equals(interval));
    this.nights = distributions(counts, c -> c.interval().isInOneDay(zone));
  }

  private List<Distribution> distributions(List<Counts> counts, Predicate<Counts> wanted) {
    return profile.distributions(
        counts.stream()
            .filter(wanted)
            .filter(c -> c.artefact().equals(counted.orElseThrow().artefact()))
            .map(c -> profile.grouped(profile.state(c.inputs())))
            .toList());
  }

  /** The version whose rows they are of. */
  Optional<String> model() {
    return counted.map(Counts::model);
  }

  /** How many rows are usual on a weekday, 0 to 6; 0 where that is not known. */
  double usualRows(int weekday) {
    return profile.usualRows(weekday);
  }

  /** How the inputs were in training. */
  DriftProfile profile() {
    return profile;
  }

  /** Charts of some inputs. */
  Block charts(Predicate<String> wanted) {
    List<Chart> charts = new ArrayList<>();
    for (int i = 0; i < own.size(); i++) {
      if (wanted.test(own.get(i).input())) {
        charts.add(chart(own.get(i), nights.get(i)));
      }
    }
    return charts.isEmpty()
        ? Prose.of(
            "No distributions: nothing was counted of this interval, or its model keeps none.")
        : new Charts(charts);
  }

  private static Chart chart(Distribution own, Distribution nights) {
    int most = 0;
    double[] shifts = new double[own.groups().size()];
    for (int g = 0; g < shifts.length; g++) {
      shifts[g] = own.others()[g] - own.training()[g];
      most = Math.abs(shifts[g]) > Math.abs(shifts[most]) ? g : most;
    }
    return Chart.ofGroups(
        own.input(),
        text(
            "Of the rows, %.1f %% are in group “%s”, and %.1f %% of training's.",
            100 * own.others()[most], own.groups().get(most), 100 * own.training()[most]),
        own.groups(),
        Series.of("this interval", Mark.BARS, percent(own.others())),
        Series.of("training", Mark.BARS, percent(own.training())),
        Series.of("nights shown", Mark.POINTS, percent(nights.others())));
  }

  private static double[] percent(double[] shares) {
    return Arrays.stream(shares).map(share -> 100 * share).toArray();
  }
}
