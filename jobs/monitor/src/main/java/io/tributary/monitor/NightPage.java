package io.tributary.monitor;

import static io.tributary.monitor.Words.text;

import io.tributary.core.Interval;
import io.tributary.drift.DriftProfile.LimitSetter;
import io.tributary.drift.Standing;
import io.tributary.lake.Lake;
import io.tributary.monitor.NightReport.Answer;
import io.tributary.monitor.NightReport.Input;
import io.tributary.monitor.NightReport.Outcome;
import io.tributary.monitor.StoredVerdicts.Counts;
import io.tributary.monitor.StoredVerdicts.OfInterval;
import io.tributary.monitor.StoredVerdicts.OfWindow;
import io.tributary.report.Answers;
import io.tributary.report.Badge;
import io.tributary.report.Badge.Tone;
import io.tributary.report.Block;
import io.tributary.report.Cell;
import io.tributary.report.Fold;
import io.tributary.report.Page;
import io.tributary.report.Prose;
import io.tributary.report.Section;
import io.tributary.report.Table;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
  private final NightDistributions distributions;
  private final NightCharts charts;

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
    this.nights =
        nights.stream().filter(v -> v.isOfChampion() && v.interval().isInOneDay(zone)).toList();
    this.distributions = new NightDistributions(lake, zone, report.interval(), counts);
    this.charts =
        new NightCharts(
            zone, report, this.nights, windows.stream().filter(OfWindow::isOfChampion).toList());
  }

  Page page() {
    List<Section> sections = new ArrayList<>();
    sections.add(new Section("Answers", answers()));
    sections.add(new Section("Inputs to look at first", first()));
    besideChampion().ifPresent(sections::add);
    moved().ifPresent(sections::add);
    if (charts.days().size() > 1) {
      sections.add(
          new Section(
              "Nights",
              charts.blocks(
                  text.inputs().stream().map(Input::name).toList(), distributions::usualRows)));
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
    // A sentence that begins with an input begins as its name does.
    return report.inputs().stream().anyMatch(input -> said.startsWith(input.name()))
        ? said + "."
        : said.substring(0, 1).toUpperCase(Locale.ROOT) + said.substring(1) + ".";
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
      blocks.add(distributions.charts(inputs.stream().map(Input::name).toList()::contains));
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

  private Optional<Section> besideChampion() {
    List<OfWindow> beside = report.besideChampion();
    return beside.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Section(
                "Beside the champion",
                List.of(
                    new Table(
                        "On the same matured rows, with 95 % intervals by days",
                        List.of(
                            "Version",
                            "Role",
                            "Measure",
                            "Differs by",
                            "From",
                            "To",
                            "Is",
                            "In words"),
                        beside.stream()
                            .map(
                                w ->
                                    List.of(
                                        Cell.of(w.model()),
                                        Cell.of(w.role()),
                                        Cell.of(w.verdict().item()),
                                        Cell.of(w.verdict().value(), 4),
                                        Cell.of(w.verdict().lower(), 4),
                                        Cell.of(w.verdict().upper(), 4),
                                        standing(w.verdict().standing()),
                                        Cell.of(w.verdict().detail())))
                            .toList()))));
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
                        text(
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

  private List<Block> heat() {
    Map<String, Map<LocalDate, Double>> ofLimit = new LinkedHashMap<>();
    report.inputs().forEach(input -> ofLimit.put(input.name(), new TreeMap<>()));
    nights.stream()
        .filter(v -> v.verdict().question() == Question.INPUTS)
        .filter(v -> v.verdict().measure().equals(Questions.DEVIATION))
        .filter(v -> !Double.isNaN(v.verdict().value()))
        .forEach(
            v ->
                ofLimit
                    .computeIfAbsent(v.verdict().item(), item -> new TreeMap<>())
                    .merge(
                        Interval.dayOf(v.interval().snapshotInstant(), zone),
                        v.verdict().value() / v.verdict().limit(),
                        Math::max));
    List<String> heading = new ArrayList<>(List.of("Input"));
    charts.days().forEach(day -> heading.add(day.toString().substring(5)));
    List<List<Cell>> rows = new ArrayList<>();
    ofLimit.forEach(
        (input, byDay) -> {
          List<Cell> row = new ArrayList<>();
          row.add(Cell.of(input.equals(Questions.WHOLE) ? "the night as a whole" : input));
          charts.days().forEach(day -> row.add(Cell.heat(byDay.getOrDefault(day, Double.NaN))));
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
    blocks.add(
        new Fold(
            "Distributions of all inputs"
                + (report.models().size() > 1
                    ? distributions.model().map(model -> ", rows of " + model).orElse("")
                    : ""),
            List.of(distributions.charts(input -> true))));
    List<LimitSetter> setters = text.judging(distributions.profile()).limitSetters(SETTERS);
    if (!setters.isEmpty()) {
      blocks.add(
          new Fold(
              "Intervals of training that set the limit",
              Stream.concat(
                      Stream.<Block>of(setters(setters)), text.aside().stream().map(Prose::of))
                  .toList()));
    }
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
              ofWindows.size() + " verdicts on the windows that end with it",
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
            : v.isJudged() ? new Badge(Tone.GOOD, "fine") : new Badge(Tone.NEUTRAL, "shown");
  }
}
