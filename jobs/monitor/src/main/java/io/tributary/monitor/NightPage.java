package io.tributary.monitor;

import io.tributary.core.Digest;
import io.tributary.core.Interval;
import io.tributary.drift.DriftProfile;
import io.tributary.drift.DriftProfile.Distribution;
import io.tributary.drift.DriftProfile.LimitSetter;
import io.tributary.drift.Standing;
import io.tributary.lake.Lake;
import io.tributary.model.ModelBundle;
import io.tributary.model.ScoreColumns;
import io.tributary.monitor.NightReport.Answer;
import io.tributary.monitor.NightReport.Input;
import io.tributary.monitor.NightReport.Outcome;
import io.tributary.monitor.StoredVerdicts.Counts;
import io.tributary.monitor.StoredVerdicts.OfInterval;
import io.tributary.monitor.StoredVerdicts.OfWindow;
import io.tributary.registry.ArtefactStore;
import io.tributary.report.Answers;
import io.tributary.report.Badge;
import io.tributary.report.Badge.Tone;
import io.tributary.report.Block;
import io.tributary.report.Cell;
import io.tributary.report.Chart;
import io.tributary.report.Chart.Mark;
import io.tributary.report.Chart.Series;
import io.tributary.report.Charts;
import io.tributary.report.Fold;
import io.tributary.report.Page;
import io.tributary.report.Prose;
import io.tributary.report.Section;
import io.tributary.report.Table;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** A {@link NightReport} as a page: with the nights before it, and the distributions behind it. */
final class NightPage {
  private static final int SETTERS = 5;
  private static final int MOVERS = 10;

  private final ZoneId zone;
  private final NightReport report;
  private final NightText text;
  private final List<OfInterval> nights;
  private final List<OfWindow> windows;
  private final List<Counts> counts;
  private final Optional<ModelBundle> bundle;
  private final List<LocalDate> days;

  /**
   * Prepares.
   *
   * @param nights verdicts on the interval and on those before it, in order
   * @param windows those that end with them
   * @param counts of them
   */
  NightPage(
      Lake lake,
      ZoneId zone,
      NightReport report,
      NightText text,
      List<OfInterval> nights,
      List<OfWindow> windows,
      List<Counts> counts) {
    this.zone = zone;
    this.report = report;
    this.text = text;
    this.nights = nights.stream().filter(v -> v.interval().isInOneDay(zone)).toList();
    this.windows = windows;
    this.counts = counts.stream().filter(c -> c.interval().isInOneDay(zone)).toList();
    this.bundle =
        counts.stream()
            .filter(c -> c.interval().equals(report.interval()))
            .reduce((first, last) -> last)
            .map(Counts::artefact)
            .map(Digest::parse)
            .map(digest -> ModelBundle.of(ArtefactStore.open(lake.uri()).read(digest), digest));
    this.days = this.nights.stream().map(v -> day(v.interval())).distinct().sorted().toList();
  }

  private LocalDate day(Interval interval) {
    return Interval.dayOf(interval.snapshotInstant(), zone);
  }

  Page page() {
    List<Section> sections = new ArrayList<>();
    sections.add(new Section("Answers", answers()));
    sections.add(new Section("Inputs to look at first", first()));
    moved().ifPresent(sections::add);
    if (days.size() > 1) {
      sections.add(new Section("Nights", overNights()));
      sections.add(new Section("Inputs over the nights", heat()));
    }
    sections.add(new Section("All inputs", all()));
    sections.add(new Section("All verdicts", verdicts()));
    return new Page(
        "Monitor " + report.monitor(),
        text.title().substring(report.monitor().length() + 2) + ": " + text.headline(),
        sections);
  }

  private List<Block> answers() {
    return List.of(
        new Answers(
            report.answers().stream()
                .map(
                    a ->
                        new Answers.Answer(
                            question(a.question()),
                            new Badge(tone(a.outcome()), a.outcome().text()),
                            sentence(a)))
                .toList()));
  }

  private String sentence(Answer answer) {
    String said = answer.text() + answer.episode().map(e -> "; " + text.since(e)).orElse("");
    return said.substring(0, 1).toUpperCase(Locale.ROOT) + said.substring(1) + ".";
  }

  private static String question(Question question) {
    return switch (question) {
      case INPUTS -> "Are the inputs as in training?";
      case PREDICTIONS -> "Are the predictions?";
      case BOUNDS -> "Are scores within their bounds?";
      case ACTUALS -> "Does the model keep its promise?";
      case POPULATION -> "Are all rows there?";
    };
  }

  private static Tone tone(Outcome outcome) {
    return switch (outcome) {
      case BREACHED -> Tone.BAD;
      case MOVED, CANNOT_JUDGE -> Tone.UNKNOWN;
      case NOT_ASKED -> Tone.NEUTRAL;
      case FINE -> Tone.GOOD;
    };
  }

  private List<Block> first() {
    List<Block> blocks = new ArrayList<>();
    List<Input> inputs = text.inputs();
    if (inputs.isEmpty()) {
      blocks.add(Prose.of("None: no input broke, and none has moved unlike training."));
    } else {
      text.origin().map(Prose::of).ifPresent(blocks::add);
      blocks.add(table("The inputs that broke or moved", inputs));
      blocks.add(charts(inputs.stream().map(Input::name).toList()::contains));
    }
    // The page need not name the command that makes it.
    List<String> next =
        text.next().stream().filter(command -> !command.contains("--html")).toList();
    if (!next.isEmpty()) {
      blocks.add(Prose.of("To go on:"));
      next.stream().map(Prose::command).forEach(blocks::add);
    }
    return blocks;
  }

  private Table table(String caption, List<Input> inputs) {
    return new Table(
        caption,
        List.of(
            "Input",
            "Tonight",
            "Limit",
            "In",
            "Since",
            "Over the window",
            "Index",
            "From",
            "To",
            "Moves the score"),
        inputs.stream()
            .map(
                input ->
                    List.of(
                        Cell.of(input.name()),
                        input
                            .tonight()
                            .map(v -> Cell.bar(v.value(), 2, 2 * v.limit()))
                            .orElse(Cell.of(Double.NaN, 2)),
                        number(input.tonight(), MonitorVerdict::limit),
                        Cell.of(input.tonight().map(MonitorVerdict::detail).orElse("")),
                        Cell.of(
                            input.episode().map(e -> NightText.name(e.first(), zone)).orElse("")),
                        standing(input.window().flatMap(WindowVerdict::standing)),
                        number(input.window(), WindowVerdict::value),
                        number(input.window(), WindowVerdict::lower),
                        number(input.window(), WindowVerdict::upper),
                        Cell.of(part(input), 4)))
            .toList());
  }

  private static double part(Input input) {
    return input.window().map(WindowVerdict::part).orElse(Double.NaN);
  }

  /** What moved the mean score in the window, the most first. */
  private Optional<Section> moved() {
    List<Input> moved =
        report.inputs().stream()
            .filter(input -> !Double.isNaN(part(input)))
            .sorted(Comparator.comparingDouble(input -> -Math.abs(part(input))))
            .toList();
    return moved.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Section(
                "What moved the mean score",
                List.of(
                    Prose.of(
                        String.format(
                            Locale.ROOT,
                            "Beside training, the inputs of the window move the mean score by %+.4f altogether. These do most of it.",
                            moved.stream().mapToDouble(NightPage::part).sum())),
                    table(
                        "Inputs by what they do to the mean score",
                        moved.subList(0, Math.min(MOVERS, moved.size()))))));
  }

  private static <T> Cell number(Optional<T> of, ToDoubleFunction<T> value) {
    return Cell.of(of.map(value::applyAsDouble).orElse(Double.NaN), 2);
  }

  private static Cell standing(Optional<Standing> standing) {
    return standing
        .map(
            s ->
                Cell.of(
                    new Badge(
                        s.unlikeTraining()
                            ? Tone.BAD
                            : s == Standing.WITHIN ? Tone.GOOD : Tone.NEUTRAL,
                        s.text())))
        .orElse(Cell.of(""));
  }

  /** Distributions of some inputs in the interval, beside the window and training. */
  private Block charts(Predicate<String> wanted) {
    List<Chart> charts = new ArrayList<>();
    if (bundle.isPresent()) {
      DriftProfile profile = bundle.get().inputs();
      List<Counts> own =
          counts.stream().filter(c -> c.interval().equals(report.interval())).toList();
      List<Distribution> tonight = profile.distributions(grouped(profile, own));
      List<Distribution> window = profile.distributions(grouped(profile, ofTheSame(own)));
      for (int i = 0; i < tonight.size(); i++) {
        if (wanted.test(tonight.get(i).input())) {
          charts.add(chart(tonight.get(i), window.get(i)));
        }
      }
    }
    return charts.isEmpty()
        ? Prose.of(
            "No distributions: nothing was counted of this interval, or its model keeps none.")
        : new Charts(charts);
  }

  private List<Counts> ofTheSame(List<Counts> own) {
    return counts.stream()
        .filter(c -> own.stream().anyMatch(o -> o.artefact().equals(c.artefact())))
        .toList();
  }

  private static List<DriftProfile.Grouped> grouped(DriftProfile profile, List<Counts> counts) {
    return counts.stream().map(c -> profile.grouped(profile.state(c.inputs()))).toList();
  }

  private Chart chart(Distribution tonight, Distribution window) {
    int most = 0;
    double[] shifts = new double[tonight.groups().size()];
    for (int g = 0; g < shifts.length; g++) {
      shifts[g] = tonight.others()[g] - tonight.training()[g];
      most = Math.abs(shifts[g]) > Math.abs(shifts[most]) ? g : most;
    }
    return Chart.ofGroups(
        tonight.input(),
        String.format(
            Locale.ROOT,
            "Of the rows, %.1f %% are in group “%s”, and %.1f %% of training's.",
            100 * tonight.others()[most],
            tonight.groups().get(most),
            100 * tonight.training()[most]),
        tonight.groups(),
        Series.of("this interval", Mark.BARS, percent(tonight.others())),
        Series.of("training", Mark.BARS, percent(tonight.training())),
        Series.of("nights shown", Mark.POINTS, percent(window.others())));
  }

  private static double[] percent(double[] shares) {
    return Arrays.stream(shares).map(share -> 100 * share).toArray();
  }

  private List<Block> overNights() {
    List<Chart> charts = new ArrayList<>();
    deviation(Question.INPUTS, "Farthest input").ifPresent(charts::add);
    deviation(Question.PREDICTIONS, "Predictions").ifPresent(charts::add);
    charts.addAll(measures());
    charts.addAll(ofWindows());
    return List.of(new Charts(charts));
  }

  /** The verdicts of a question on each day. */
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

  private Optional<Chart> deviation(Question question, String title) {
    Map<LocalDate, List<MonitorVerdict>> byDay = byDay(v -> v.question() == question);
    double[] values = values(byDay, MonitorVerdict::value);
    double[] limits = values(byDay, MonitorVerdict::limit);
    return !hasNumbers(values)
        ? Optional.empty()
        : Optional.of(
            Chart.ofDays(
                title + ": deviation of each night",
                beyond(values, limits, (value, limit) -> value > limit),
                days,
                Series.of("deviation", Mark.LINE, values),
                Series.of("limit", Mark.LIMIT, limits)));
  }

  private static boolean hasNumbers(double[] values) {
    return !Arrays.stream(values).allMatch(Double::isNaN);
  }

  /** Whether a value is beyond its limit. */
  private interface Beyond {
    boolean test(double value, double limit);
  }

  private static String beyond(double[] values, double[] limits, Beyond beyond) {
    long judged = Arrays.stream(values).filter(x -> !Double.isNaN(x)).count();
    long nights = 0;
    for (int i = 0; i < values.length; i++) {
      nights += beyond.test(values[i], limits[i]) ? 1 : 0;
    }
    return "%s of %s nights %s beyond the limit."
        .formatted(nights == 0 ? "None" : nights, judged, nights == 1 ? "is" : "are");
  }

  /** Bounds, actuals and population: each measured item with its limits. */
  private List<Chart> measures() {
    Map<String, List<MonitorVerdict>> items = new LinkedHashMap<>();
    nights.stream()
        .map(OfInterval::verdict)
        .filter(v -> v.question() != Question.INPUTS && v.question() != Question.PREDICTIONS)
        .filter(v -> !Double.isNaN(v.value()))
        .forEach(v -> items.computeIfAbsent(title(v), title -> new ArrayList<>()).add(v));
    List<Chart> charts = new ArrayList<>();
    items.forEach(
        (title, verdicts) -> {
          boolean breached = verdicts.stream().anyMatch(MonitorVerdict::breached);
          if (breached || !verdicts.get(0).measure().equals("outside")) {
            charts.add(measure(title, verdicts.get(0).question()));
          }
        });
    return charts;
  }

  private Chart measure(String title, Question question) {
    Map<LocalDate, List<MonitorVerdict>> byDay = byDay(v -> title(v).equals(title));
    List<String> measures =
        byDay.values().stream()
            .flatMap(List::stream)
            .map(MonitorVerdict::measure)
            .distinct()
            .toList();
    double[] values = values(byDay, MonitorVerdict::value);
    List<Series> series = new ArrayList<>();
    series.add(Series.of("value", Mark.LINE, values));
    for (String measure : measures) {
      double[] limits = values(byDay, v -> v.measure().equals(measure) ? v.limit() : Double.NaN);
      if (hasNumbers(limits)) {
        series.add(
            Series.of(measures.size() == 1 ? "limit" : "limit of " + measure, Mark.LIMIT, limits));
      }
    }
    boolean isJudged = series.size() > 1;
    if (question == Question.POPULATION) {
      usual().ifPresent(series::add);
    }
    return Chart.ofDays(
        title,
        isJudged
            ? beyond(
                values,
                values(byDay, v -> v.breached() ? 1 : 0),
                (value, breached) -> breached == 1)
            : "Shown and not judged: one night says too little. Its window is judged.",
        days,
        series.toArray(Series[]::new));
  }

  private static String title(MonitorVerdict v) {
    return switch (v.measure()) {
      case "outside" -> "Scores outside their bounds";
      case "mean-above", "mean-below" -> "Mean score";
      case "rows" -> "Rows";
      default -> "Actuals: " + v.item() + (v.item().equals(v.measure()) ? "" : " " + v.measure());
    };
  }

  private Optional<Series> usual() {
    return bundle.map(
        b ->
            Series.of(
                "usual",
                Mark.USUAL,
                days.stream()
                    .mapToDouble(day -> b.inputs().usualRows(Questions.weekday(day)))
                    .toArray()));
  }

  /**
   * What was measured over windows: the inputs to look at first, predictions, and actuals of all
   * rows; slices stand in the table of verdicts.
   */
  private List<Chart> ofWindows() {
    List<String> first = text.inputs().stream().map(Input::name).toList();
    Map<String, Map<LocalDate, WindowVerdict>> items = new LinkedHashMap<>();
    windows.stream()
        .filter(w -> !Double.isNaN(w.verdict().value()))
        .filter(
            w -> w.verdict().question() != Question.INPUTS || first.contains(w.verdict().item()))
        .forEach(
            w ->
                items
                    .computeIfAbsent(
                        "%s over the window, %s%s"
                            .formatted(
                                w.verdict().item(),
                                w.verdict().measure(),
                                w.role().equals(ScoreColumns.CHAMPION)
                                    ? ""
                                    : " of " + w.role() + " " + w.model()),
                        key -> new TreeMap<>())
                    .put(day(w.window()), w.verdict()));
    List<Chart> charts = new ArrayList<>();
    items.forEach(
        (name, byDay) -> {
          Function<ToDoubleFunction<WindowVerdict>, double[]> values =
              value ->
                  days.stream()
                      .mapToDouble(
                          day ->
                              Optional.ofNullable(byDay.get(day))
                                  .map(value::applyAsDouble)
                                  .orElse(Double.NaN))
                      .toArray();
          WindowVerdict last = byDay.values().stream().reduce((a, b) -> b).orElseThrow();
          List<Series> series = new ArrayList<>();
          series.add(Series.of(last.measure(), Mark.LINE, values.apply(WindowVerdict::value)));
          series.add(
              Series.band(
                  "interval",
                  values.apply(WindowVerdict::lower),
                  values.apply(WindowVerdict::upper)));
          if (!Double.isNaN(last.limit())) {
            series.add(Series.of("limit", Mark.LIMIT, values.apply(WindowVerdict::limit)));
          }
          charts.add(
              Chart.ofDays(
                  name,
                  "Now %s."
                      .formatted(last.standing().map(Standing::text).orElse("cannot be judged")),
                  days,
                  series.toArray(Series[]::new)));
        });
    return charts;
  }

  private List<Block> heat() {
    Map<String, Map<LocalDate, Double>> ofLimit = new LinkedHashMap<>();
    report.inputs().forEach(input -> ofLimit.put(input.name(), new TreeMap<>()));
    nights.stream()
        .filter(v -> v.verdict().question() == Question.INPUTS)
        .filter(v -> !Double.isNaN(v.verdict().value()))
        .forEach(
            v ->
                ofLimit
                    .computeIfAbsent(v.verdict().item(), item -> new TreeMap<>())
                    .merge(
                        day(v.interval()), v.verdict().value() / v.verdict().limit(), Math::max));
    List<String> heading = new ArrayList<>(List.of("Input"));
    days.forEach(day -> heading.add(day.toString().substring(5)));
    List<List<Cell>> rows = new ArrayList<>();
    ofLimit.forEach(
        (input, byDay) -> {
          List<Cell> row = new ArrayList<>();
          row.add(Cell.of(input.equals(Questions.WHOLE) ? "the night as a whole" : input));
          days.forEach(day -> row.add(Cell.heat(byDay.getOrDefault(day, Double.NaN))));
          rows.add(row);
        });
    return List.of(
        Prose.of(
            "How far each input is from what training, the weekday and the other inputs lead one to expect, in parts of the limit: beyond 1 it alarms. A dash is a night that was not judged."),
        new Table("Deviation in parts of the limit", heading, rows));
  }

  private List<Block> all() {
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Fold(
            "%s inputs, tonight and over the window".formatted(report.inputs().size()),
            List.of(table("All inputs", report.inputs()))));
    blocks.add(new Fold("Distributions of all inputs", List.of(charts(input -> true))));
    bundle
        .map(b -> text.judging(b.inputs()).limitSetters(SETTERS))
        .filter(setters -> !setters.isEmpty())
        .ifPresent(
            setters ->
                blocks.add(
                    new Fold(
                        "Intervals of training that set the limit",
                        Stream.concat(
                                Stream.<Block>of(setters(setters)),
                                text.aside().stream().map(Prose::of))
                            .toList())));
    return blocks;
  }

  private static Table setters(List<LimitSetter> setters) {
    return new Table(
        "The farthest of training, each judged without itself",
        List.of("Interval", "Deviation", "Input", "In"),
        setters.stream()
            .map(
                s ->
                    List.of(
                        Cell.of(s.interval()),
                        Cell.of(s.score(), 2),
                        Cell.of(s.input()),
                        Cell.of(s.statistic())))
            .toList());
  }

  private List<Block> verdicts() {
    List<List<Cell>> ofInterval =
        report.verdicts().stream()
            .sorted(Comparator.comparing(v -> v.verdict().question()))
            .map(
                v ->
                    List.of(
                        Cell.of(v.verdict().item()),
                        Cell.of(v.verdict().question().text()),
                        Cell.of(v.verdict().measure()),
                        Cell.of(v.verdict().value(), 4),
                        Cell.of(v.verdict().limit(), 4),
                        Cell.of(verdict(v.verdict())),
                        Cell.of(v.verdict().detail()),
                        Cell.of(v.model())))
            .toList();
    List<List<Cell>> ofWindows =
        report.windows().stream()
            .map(
                w ->
                    List.of(
                        Cell.of(w.verdict().item()),
                        Cell.of(w.verdict().question().text()),
                        Cell.of(w.verdict().measure()),
                        Cell.of(w.verdict().value(), 4),
                        Cell.of(w.verdict().lower(), 4),
                        Cell.of(w.verdict().upper(), 4),
                        Cell.of(w.verdict().limit(), 4),
                        standing(w.verdict().standing()),
                        Cell.of(w.verdict().smallestFound(), 2),
                        Cell.of(w.verdict().detail()),
                        Cell.of(w.model())))
            .toList();
    List<Block> blocks = new ArrayList<>();
    blocks.add(
        new Fold(
            ofInterval.size() + " verdicts on the interval",
            List.of(
                new Table(
                    "Verdicts on the interval",
                    List.of(
                        "Item",
                        "Question",
                        "Measure",
                        "Value",
                        "Limit",
                        "Verdict",
                        "Detail",
                        "Model"),
                    ofInterval))));
    if (!ofWindows.isEmpty()) {
      blocks.add(
          new Fold(
              "%s verdicts on the window of %s days"
                  .formatted(ofWindows.size(), report.windows().get(0).days()),
              List.of(
                  new Table(
                      "Verdicts on the window",
                      List.of(
                          "Item",
                          "Question",
                          "Measure",
                          "Value",
                          "From",
                          "To",
                          "Limit",
                          "Standing",
                          "Smallest found",
                          "Detail",
                          "Model"),
                      ofWindows))));
    }
    return blocks;
  }

  private static Badge verdict(MonitorVerdict v) {
    return v.breached()
        ? new Badge(Tone.BAD, "breached")
        : Double.isNaN(v.value())
            ? new Badge(Tone.UNKNOWN, "cannot judge")
            : new Badge(Tone.GOOD, "fine");
  }
}
