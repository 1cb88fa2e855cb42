package io.tributary.monitor;

import static io.tributary.monitor.Words.text;

import io.tributary.core.Interval;
import io.tributary.drift.Standing;
import io.tributary.monitor.StoredVerdicts.OfInterval;
import io.tributary.monitor.StoredVerdicts.OfWindow;
import io.tributary.report.Block;
import io.tributary.report.Chart;
import io.tributary.report.Chart.Mark;
import io.tributary.report.Chart.Series;
import io.tributary.report.Charts;
import io.tributary.report.Fold;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/** What was measured over the nights up to one: a line each, with its limit and interval. */
final class NightCharts {
  private final ZoneId zone;
  private final LocalDate tonight;
  private final List<LocalDate> days;
  private final List<OfInterval> nights;
  private final List<OfWindow> windows;

  /**
   * Prepares.
   *
   * @param nights the champion's verdicts on them
   * @param windows the champion's, that end with them
   */
  NightCharts(ZoneId zone, NightReport report, List<OfInterval> nights, List<OfWindow> windows) {
    this.zone = zone;
    this.tonight = day(report.interval());
    this.nights = nights;
    this.days = nights.stream().map(v -> day(v.interval())).distinct().sorted().toList();
    // Another version's windows are other ones: a promotion begins them anew.
    this.windows = windows.stream().filter(w -> report.models().contains(w.model())).toList();
  }

  List<LocalDate> days() {
    return days;
  }

  private LocalDate day(Interval interval) {
    return Interval.dayOf(interval.snapshotInstant(), zone);
  }

  /**
   * All of them; the slices' are folded, but for the one that is worst.
   *
   * @param inputs whose windows are shown
   * @param usualRows by weekday, 0 to 6
   */
  List<Block> blocks(List<String> inputs, IntToDoubleFunction usualRows) {
    List<Chart> charts = new ArrayList<>();
    deviation(Question.INPUTS, "Farthest input").ifPresent(charts::add);
    deviation(Question.PREDICTIONS, "Predictions").ifPresent(charts::add);
    charts.addAll(measures(usualRows));
    charts.addAll(
        ofWindows(
            v ->
                v.question() == Question.INPUTS ? inputs.contains(v.item()) : v.slice().isEmpty()));
    List<Chart> slices = ofWindows(v -> v.slice().isPresent());
    if (!slices.isEmpty()) {
      charts.add(slices.remove(0));
    }
    List<Block> blocks = new ArrayList<>(List.of(new Charts(charts)));
    if (!slices.isEmpty()) {
      blocks.add(
          new Fold(
              slices.size() == 1 ? "One other slice" : slices.size() + " other slices",
              List.of(new Charts(slices))));
    }
    return blocks;
  }

  private Chart chart(
      String title, String sentence, String name, double[] values, List<Series> more) {
    List<Series> series = new ArrayList<>(List.of(Series.of(name, Mark.LINE, values)));
    more.stream().filter(s -> hasNumbers(s.values())).forEach(series::add);
    return Chart.ofDays(title, sentence, days, series.toArray(Series[]::new));
  }

  private Map<LocalDate, List<MonitorVerdict>> byDay(Predicate<MonitorVerdict> wanted) {
    Map<LocalDate, List<MonitorVerdict>> byDay = new TreeMap<>();
    nights.stream()
        .filter(v -> wanted.test(v.verdict()))
        .forEach(
            v -> byDay.computeIfAbsent(day(v.interval()), d -> new ArrayList<>()).add(v.verdict()));
    return byDay;
  }

  private double[] values(
      Map<LocalDate, List<MonitorVerdict>> byDay, ToDoubleFunction<MonitorVerdict> value) {
    return days.stream()
        .mapToDouble(
            day ->
                byDay.getOrDefault(day, List.of()).stream()
                    .mapToDouble(value)
                    .filter(x -> !Double.isNaN(x))
                    .max()
                    .orElse(Double.NaN))
        .toArray();
  }

  private static boolean hasNumbers(double[] values) {
    return !Arrays.stream(values).allMatch(Double::isNaN);
  }

  private static String beyond(Map<LocalDate, List<MonitorVerdict>> byDay) {
    long judged =
        byDay.values().stream()
            .filter(of -> of.stream().anyMatch(v -> !Double.isNaN(v.value())))
            .count();
    long nights =
        byDay.values().stream()
            .filter(of -> of.stream().anyMatch(MonitorVerdict::breached))
            .count();
    return text(
        "%s of %s %s beyond the limit.",
        nights == 0 ? "None" : nights,
        judged == 1 ? "1 night" : judged + " nights",
        nights > 1 ? "are" : "is");
  }

  private Optional<Chart> deviation(Question question, String title) {
    Map<LocalDate, List<MonitorVerdict>> byDay =
        byDay(v -> v.question() == question && v.measure().equals(Questions.DEVIATION));
    double[] values = values(byDay, MonitorVerdict::value);
    return !hasNumbers(values)
        ? Optional.empty()
        : Optional.of(
            chart(
                title + ": deviation of each night",
                beyond(byDay),
                "deviation",
                values,
                List.of(Series.of("limit", Mark.LIMIT, values(byDay, MonitorVerdict::limit)))));
  }

  /** Bounds, actuals and population: each measured item with its limits. */
  private List<Chart> measures(IntToDoubleFunction usualRows) {
    Map<String, List<MonitorVerdict>> items = new LinkedHashMap<>();
    nights.stream()
        .map(OfInterval::verdict)
        .filter(v -> v.question() != Question.INPUTS && v.question() != Question.PREDICTIONS)
        .filter(v -> !Double.isNaN(v.value()) && !v.item().equals(Questions.LATE))
        .forEach(v -> items.computeIfAbsent(title(v), title -> new ArrayList<>()).add(v));
    List<Chart> charts = new ArrayList<>();
    items.forEach(
        (title, verdicts) -> {
          boolean breached = verdicts.stream().anyMatch(MonitorVerdict::breached);
          if (breached || !verdicts.get(0).measure().equals("outside")) {
            charts.add(measure(title, verdicts.get(0).question(), usualRows));
          }
        });
    return charts;
  }

  private Chart measure(String title, Question question, IntToDoubleFunction usualRows) {
    Map<LocalDate, List<MonitorVerdict>> byDay = byDay(v -> title(v).equals(title));
    List<String> measures =
        byDay.values().stream()
            .flatMap(List::stream)
            .map(MonitorVerdict::measure)
            .distinct()
            .toList();
    List<Series> more = new ArrayList<>();
    for (String measure : measures) {
      more.add(
          Series.of(
              measures.size() == 1 ? "limit" : "limit of " + measure,
              Mark.LIMIT,
              values(byDay, v -> v.measure().equals(measure) ? v.limit() : Double.NaN)));
    }
    boolean isJudged = more.stream().anyMatch(s -> hasNumbers(s.values()));
    if (question == Question.POPULATION) {
      more.add(
          Series.of(
              "usual",
              Mark.USUAL,
              days.stream()
                  .mapToDouble(day -> usualRows.applyAsDouble(Questions.weekday(day)))
                  .map(usual -> usual == 0 ? Double.NaN : usual)
                  .toArray()));
    }
    return chart(
        title,
        isJudged
            ? beyond(byDay)
            : "Shown and not judged: one night says too little. Its window is judged.",
        "value",
        values(byDay, MonitorVerdict::value),
        more);
  }

  private static String title(MonitorVerdict v) {
    return switch (v.measure()) {
      case "outside" -> "Scores outside their bounds";
      case "mean-above", "mean-below" -> "Mean score";
      case "rows" -> "Rows";
      default -> "Actuals: " + v.item() + (v.item().equals(v.measure()) ? "" : " " + v.measure());
    };
  }

  /** What was measured over windows, the worst tonight first. */
  private List<Chart> ofWindows(Predicate<WindowVerdict> wanted) {
    Map<String, Map<LocalDate, WindowVerdict>> items = new LinkedHashMap<>();
    windows.stream()
        .filter(w -> wanted.test(w.verdict()))
        .forEach(
            w ->
                items
                    .computeIfAbsent(
                        text(
                            "%s over the window, %s%s",
                            w.verdict().item(),
                            w.verdict().measure(),
                            windows.stream().map(OfWindow::model).distinct().count() == 1
                                ? ""
                                : " of " + w.model()),
                        key -> new TreeMap<>())
                    .put(day(w.window()), w.verdict()));
    List<Chart> charts = new ArrayList<>();
    items.entrySet().stream()
        .sorted(
            Comparator.comparing(
                item ->
                    Optional.ofNullable(item.getValue().get(tonight))
                        .flatMap(WindowVerdict::standing)
                        .map(standing -> -standing.ordinal())
                        .orElse(1)))
        .forEach(item -> ofWindows(item.getKey(), item.getValue()).ifPresent(charts::add));
    return charts;
  }

  private Optional<Chart> ofWindows(String title, Map<LocalDate, WindowVerdict> byDay) {
    double[] values = over(byDay, WindowVerdict::value);
    return !hasNumbers(values)
        ? Optional.empty()
        : Optional.of(
            chart(
                title,
                Optional.ofNullable(byDay.get(tonight))
                    .map(v -> v.standing().map(Standing::text).orElse("cannot be judged"))
                    .map(standing -> "Now: " + standing + ".")
                    .orElse("Not judged on this night."),
                byDay.values().iterator().next().measure(),
                values,
                List.of(
                    Series.band(
                        "interval",
                        over(byDay, WindowVerdict::lower),
                        over(byDay, WindowVerdict::upper)),
                    Series.of("limit", Mark.LIMIT, over(byDay, WindowVerdict::limit)))));
  }

  private double[] over(
      Map<LocalDate, WindowVerdict> byDay, ToDoubleFunction<WindowVerdict> value) {
    return days.stream()
        .mapToDouble(
            day -> Optional.ofNullable(byDay.get(day)).map(value::applyAsDouble).orElse(Double.NaN))
        .toArray();
  }
}
