package io.tributary.monitor;

import static io.tributary.monitor.Words.text;

import io.tributary.core.Interval;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Monitor;
import io.tributary.definition.Project;
import io.tributary.definition.ScoreSet;
import io.tributary.definition.TrainingSet;
import io.tributary.definition.ViewId;
import io.tributary.definition.ViewUse;
import io.tributary.drift.DriftProfile;
import io.tributary.drift.Standing;
import io.tributary.monitor.NightReport.Answer;
import io.tributary.monitor.NightReport.Episode;
import io.tributary.monitor.NightReport.Input;
import io.tributary.monitor.NightReport.Outcome;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A {@link NightReport} in words: what is wrong, since when, what to look at and to run next. */
final class NightText {
  /** How many inputs are shown. */
  static final int INPUTS = 5;

  private final Project project;
  private final Monitor monitor;
  private final NightReport report;

  NightText(Project project, Monitor monitor, NightReport report) {
    this.project = project;
    this.monitor = monitor;
    this.report = report;
  }

  /** All of it. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(title() + ": " + headline());
    for (Answer answer : report.answers()) {
      lines.add(
          text(
              "  %-12s %-12s %s",
              answer.question().text(),
              answer.outcome().text(),
              answer.text() + answer.episode().map(e -> "; " + since(e)).orElse("")));
    }
    lines.addAll(besideChampion());
    origin().ifPresent(lines::add);
    aside().ifPresent(lines::add);
    List<Input> first = inputs();
    if (!first.isEmpty()) {
      lines.add("inputs to look at first%s:".formatted(limit()));
      first.forEach(input -> lines.add("  " + line(input)));
    }
    next().forEach(command -> lines.add("next: " + command));
    return lines;
  }

  /** How each version that scores beside the champion compares with it, a line each. */
  private List<String> besideChampion() {
    Map<String, String> lines = new LinkedHashMap<>();
    report
        .besideChampion()
        .forEach(
            w ->
                lines.merge(
                    text("%s %s: ", w.role(), w.model()),
                    text("%s %s", w.verdict().item(), w.verdict().detail()),
                    (former, next) -> former + "; " + next));
    return lines.entrySet().stream().map(line -> line.getKey() + line.getValue()).toList();
  }

  /** A profile as the monitor judges by it. */
  DriftProfile judging(DriftProfile profile) {
    return profile.without(monitor.nightsAside());
  }

  /** The nights of training that have no say in the limit, and the rate that it then has. */
  Optional<String> aside() {
    return monitor.aside().isEmpty()
        ? Optional.empty()
        : Optional.of(
            monitor.aside().stream()
                    .map(of -> "%s (%s)".formatted(of.night(), of.reason()))
                    .collect(Collectors.joining(", ", "set aside in training: ", ""))
                + report.verdicts().stream()
                    .map(StoredVerdicts.OfInterval::verdict)
                    .filter(v -> v.question() == Question.INPUTS)
                    .filter(v -> v.item().equals(Questions.WHOLE))
                    .findFirst()
                    .map(v -> "; " + v.detail())
                    .orElse(""));
  }

  /** The monitor, the interval and the version whose scores it is about. */
  String title() {
    return "%s, %s%s"
        .formatted(
            report.monitor(),
            name(report.interval(), project.zone()),
            report.models().isEmpty() ? "" : ", " + String.join(" and ", report.models()));
  }

  /** A day, or the last instant of one, by its date; another interval by its ends. */
  static String name(Interval interval, ZoneId zone) {
    LocalDate day = Interval.dayOf(interval.from(), zone);
    return interval.equals(Interval.day(day, zone)) || interval.equals(Interval.at(interval.from()))
        ? day.toString()
        : interval.toString();
  }

  /** What is wrong, in a clause. */
  String headline() {
    return switch (report.outcome()) {
      case BREACHED -> "breached: " + questions(Outcome.BREACHED);
      case MOVED ->
          "nothing broke, and yet the last weeks are unlike training: " + questions(Outcome.MOVED);
      case CANNOT_JUDGE -> "nothing breached; cannot judge " + questions(Outcome.CANNOT_JUDGE);
      case NOT_ASKED -> "nothing breached; no verdict on " + questions(Outcome.NOT_ASKED);
      case FINE -> "nothing is wrong";
    };
  }

  private String questions(Outcome outcome) {
    return report.questions(outcome).stream().map(Question::text).collect(Collectors.joining(", "));
  }

  /** Since when, in words. */
  String since(Episode episode) {
    String first = name(episode.first(), project.zone());
    if (episode.intervals() == 1) {
      return episode.isWhole() ? "the first of its kind" : "nothing before it is known";
    }
    return episode.isWhole()
        ? "since %s, %d in a row".formatted(first, episode.intervals())
        : "since %s or earlier".formatted(first);
  }

  /** The inputs that broke or moved, at most five; where none did, none. */
  List<Input> inputs() {
    return report.inputs().stream()
        .filter(
            input ->
                input.isBroken()
                    || input
                        .window()
                        .flatMap(WindowVerdict::standing)
                        .map(Standing::unlikeTraining)
                        .orElse(false))
        .limit(INPUTS)
        .toList();
  }

  private String limit() {
    return report.inputs().stream()
        .flatMap(input -> input.tonight().stream())
        .filter(v -> v.measure().equals(Questions.DEVIATION))
        .findFirst()
        .map(v -> text(", deviation of the night (limit %.2f)", v.limit()))
        .orElse("");
  }

  private static String line(Input input) {
    List<String> parts = new ArrayList<>();
    input
        .tonight()
        .ifPresent(
            v ->
                parts.add(
                    v.measure().equals(Questions.PSI)
                        ? v.detail()
                        : text("%.2f in %s", v.value(), v.detail())));
    input
        .window()
        .flatMap(w -> w.standing().filter(Standing::unlikeTraining))
        .ifPresent(standing -> parts.add("window " + standing.text()));
    input
        .window()
        .map(WindowVerdict::part)
        .filter(part -> !part.isNaN())
        .ifPresent(part -> parts.add(text("moves the mean score by %+.4f", part)));
    return input.name() + ": " + String.join("; ", parts);
  }

  /**
   * Which view the inputs that broke are of, where half of them or more are of one: an input seldom
   * breaks alone.
   */
  Optional<String> origin() {
    long broken = report.inputs().stream().filter(Input::isBroken).count();
    return view()
        .map(
            view -> {
              long of = broken().get(view.id());
              String source = view.source().map(name -> ", made of source " + name).orElse("");
              return broken == 1
                  ? "it is of view %s%s".formatted(view.id(), source)
                  : of == broken
                      ? "all %s inputs that broke are of view %s%s".formatted(of, view.id(), source)
                      : "%s of the %s inputs that broke are of view %s%s"
                          .formatted(of, broken, view.id(), source);
            });
  }

  /** The view that most of the broken inputs are of, at least half of them. */
  private Optional<FeatureView> view() {
    long broken = report.inputs().stream().filter(Input::isBroken).count();
    return broken().entrySet().stream()
        .filter(of -> 2 * of.getValue() >= broken)
        .max(Map.Entry.comparingByValue())
        .map(of -> project.views().get(of.getKey()));
  }

  /** How many of each view's inputs broke. */
  private Map<ViewId, Long> broken() {
    return report.inputs().stream()
        .filter(Input::isBroken)
        .flatMap(input -> use(input.name()).stream())
        .collect(Collectors.groupingBy(ViewUse::view, LinkedHashMap::new, Collectors.counting()));
  }

  private Optional<ViewUse> use(String input) {
    return Optional.ofNullable(project.scores().get(monitor.scores()))
        .map(ScoreSet::rows)
        .flatMap(rows -> Optional.ofNullable(project.trainingSets().get(rows)))
        .map(TrainingSet::features)
        .orElse(List.of())
        .stream()
        .filter(use -> input.startsWith(use.prefix() + "__"))
        .findFirst();
  }

  /** Commands that lead on, the most useful first; at most three. */
  List<String> next() {
    List<String> next = new ArrayList<>();
    for (Answer answer : report.answers()) {
      if (answer.outcome() == Outcome.BREACHED) {
        switch (answer.question()) {
          case INPUTS -> {
            view()
                .ifPresent(
                    view -> {
                      view.source()
                          .ifPresent(source -> next.add("tributary lineage validated." + source));
                      next.add("tributary show " + view.id());
                    });
            if (next.isEmpty()) {
              next.add("tributary lineage scores." + monitor.scores() + " --columns");
            }
          }
          case PREDICTIONS -> next.add("tributary registry history " + monitor.model());
          case BOUNDS -> report.models().forEach(m -> next.add("tributary registry show " + m));
          case ACTUALS -> next.add("tributary train " + monitor.model());
          case POPULATION -> next.add("tributary runs --job score");
        }
      }
    }
    if (report.outcome() != Outcome.FINE) {
      next.add(
          "tributary monitor show %s %s --html %s.html"
              .formatted(
                  report.monitor(), report.interval().option(project.zone()), report.monitor()));
    }
    return next.stream().distinct().limit(3).toList();
  }
}
