package io.tributary.bench;

import io.tributary.drift.Column;
import io.tributary.drift.DriftProfile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * What is found in the very night in which it breaks, in nights after training, judged as a monitor
 * judges: what an input's break does to the other inputs' ties and to the night's unrest is part of
 * it.
 */
final class FirstNight {
  private static final double CERTAIN = 0.99;
  private static final double NEAR = 0.1;

  private final History history;
  private final DriftProfile profile;
  private final int[] nights;
  private final List<Break.Usual> usual;

  FirstNight(History history, DriftProfile profile, Effort effort) {
    this.history = history;
    this.profile = profile;
    // A night that alarms by itself says nothing of what is planted in it.
    nights =
        Arrays.stream(history.later())
            .filter(night -> night % effort.each == 0)
            .filter(night -> history.judged(profile, night).cannotJudge().isEmpty())
            .filter(night -> !history.judged(profile, night).alarms())
            .toArray();
    int[] trained = history.rowsOf(IntStream.range(0, history.parts().trained()).toArray());
    usual = history.taken(trained).stream().map(Break.Usual::of).toList();
  }

  List<Finding> findings() {
    List<Map<Break, Double>> found =
        IntStream.range(0, usual.size()).parallel().mapToObj(this::found).toList();
    List<Finding> findings = new ArrayList<>();
    findings.add(views());
    for (Break broken : Break.values()) {
      findings.add(certain(broken, found));
    }
    findings.add(blindSpots("blind spots", found, false));
    findings.add(blindSpots("blind spots of shuffled rows", found, true));
    return findings;
  }

  private Map<Break, Double> found(int input) {
    Map<Break, Double> found = new EnumMap<>(Break.class);
    for (Break broken : Break.of(history.columns().get(input))) {
      found.put(
          broken,
          share(
              night -> {
                List<Column> columns = new ArrayList<>(history.columns(night));
                columns.set(
                    input,
                    broken.broken(
                        columns.get(input), usual.get(input), new Random(1_000L * night + input)));
                return columns;
              }));
    }
    return found;
  }

  /** The share of nights that alarm. */
  private double share(IntFunction<List<Column>> columns) {
    return Arrays.stream(nights)
            .filter(
                night ->
                    profile
                        .tonight(
                            History.counted(profile, columns.apply(night), history.rows(night)),
                            history.weekday(night))
                        .alarms())
            .count()
        / (double) nights.length;
  }

  private Finding views() {
    Map<String, List<Integer>> views = new TreeMap<>();
    for (int i = 0; i < usual.size(); i++) {
      views.computeIfAbsent(history.inputs().get(i).group(), view -> new ArrayList<>()).add(i);
    }
    Map<String, Double> found = new TreeMap<>();
    views.forEach(
        (view, inputs) ->
            found.put(
                view,
                share(
                    night -> {
                      List<Column> columns = new ArrayList<>(history.columns(night));
                      inputs.forEach(
                          i ->
                              columns.set(i, History.missing(columns.get(i), history.rows(night))));
                      return columns;
                    })));
    return certain("view's look-up gone", found, found.size());
  }

  private Finding certain(Break broken, List<Map<Break, Double>> found) {
    Map<String, Double> byInput = new TreeMap<>();
    for (int i = 0; i < found.size(); i++) {
      if (found.get(i).containsKey(broken)) {
        byInput.put(history.inputs().get(i).name(), found.get(i).get(broken));
      }
    }
    int of = byInput.size();
    return certain(
        broken.text(),
        byInput,
        switch (broken) {
          case MISSING, RENAMED, PERMUTED -> of - 1;
          case STUCK, PARTLY_MISSING -> of * 60 / 70;
          case RESCALED, SIGN_FLIPPED -> of * 48 / 65;
          case ZERO, SHUFFLED -> 0;
        });
  }

  /** How many are found in 99 of 100 nights, and should be. */
  private Finding certain(String what, Map<String, Double> found, int least) {
    List<String> others = new ArrayList<>();
    found.forEach(
        (name, share) -> {
          if (share < CERTAIN) {
            others.add("%s %.0f %%".formatted(name, 100 * share));
          }
        });
    int certain = found.size() - others.size();
    double mean = found.values().stream().mapToDouble(x -> x).average().orElse(0);
    return new Finding(
        history.name(),
        "found in the first night",
        what,
        least == 0 ? "" : "≥ 99 %% for %d of %d".formatted(least, found.size()),
        "%d of %d, mean %.1f %%".formatted(certain, found.size(), 100 * mean),
        least == 0 ? Optional.empty() : Optional.of(certain >= least),
        others);
  }

  /** What training says would be found, beside what is. */
  private Finding blindSpots(String question, List<Map<Break, Double>> found, boolean shuffled) {
    int pairs = 0;
    int kept = 0;
    int near = 0;
    List<String> others = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      String input = history.inputs().get(i).name();
      Map<String, Double> stated = profile.found().getOrDefault(input, Map.of());
      for (Map.Entry<Break, Double> seen : found.get(i).entrySet()) {
        Double said = stated.get(seen.getKey().text());
        if (said == null || (seen.getKey() == Break.SHUFFLED) != shuffled) {
          continue;
        }
        pairs++;
        kept += seen.getValue() >= said - NEAR ? 1 : 0;
        near += Math.abs(seen.getValue() - said) <= NEAR ? 1 : 0;
        if (Math.abs(seen.getValue() - said) > NEAR) {
          others.add(
              "%s, %s: stated %.0f %%, found %.0f %%"
                  .formatted(input, seen.getKey().text(), 100 * said, 100 * seen.getValue()));
        }
      }
    }
    return new Finding(
        history.name(),
        question,
        "each break in each input",
        shuffled ? "" : "95 % found no more than 10 points less often than stated",
        "%d of %d (%.1f %%); within 10 points both ways %d"
            .formatted(kept, pairs, 100.0 * kept / Math.max(1, pairs), near),
        shuffled ? Optional.empty() : Optional.of(kept >= 0.95 * pairs),
        others);
  }
}
