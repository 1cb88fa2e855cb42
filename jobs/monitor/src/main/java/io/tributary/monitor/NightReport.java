package io.tributary.monitor;

import static io.tributary.monitor.Words.text;

import com.fasterxml.jackson.annotation.JsonValue;
import io.tributary.core.Interval;
import io.tributary.drift.Measure;
import io.tributary.drift.Standing;
import io.tributary.events.facts.MonitoringFacts.Breach;
import io.tributary.monitor.StoredVerdicts.OfInterval;
import io.tributary.monitor.StoredVerdicts.OfWindow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What a monitor's stored verdicts say of an interval, for people: the answer to each question,
 * since when it is so, and the inputs to look at first.
 *
 * @param models the versions that, as champion, scored the interval's rows or those that matured in
 *     it
 * @param inputs all that were judged, the one to look at first leading
 * @param verdicts all on the interval
 * @param windows all on the windows that end with it
 */
record NightReport(
    String monitor,
    Interval interval,
    List<String> models,
    List<Answer> answers,
    List<Input> inputs,
    List<OfInterval> verdicts,
    List<OfWindow> windows) {
  private static final int MOST_CLAUSES = 2;
  private static final int HOURS = 24;

  /** What an answer says beside what was judged. */
  private static final Set<String> TOLD = Set.of(Predictions.SCORE, Questions.LATE);

  private static final String CANNOT_JUDGE = "cannot judge: ";

  /** What became of a question. */
  enum Outcome {
    BREACHED("breached"),
    /** Nothing broke, and yet a window is unlike training. */
    MOVED("moved"),
    CANNOT_JUDGE("cannot judge"),
    NOT_ASKED("not asked"),
    FINE("fine");

    private final String text;

    Outcome(String text) {
      this.text = text;
    }

    /** For people, and in JSON. */
    @JsonValue
    String text() {
      return text;
    }
  }

  /**
   * The answer to a question.
   *
   * @param episode of the breach, if there is one
   */
  record Answer(Question question, Outcome outcome, String text, Optional<Episode> episode) {}

  /**
   * The intervals in a row, up to the last, in which something breached; those in which it could
   * not be judged don't end it.
   *
   * @param first of them; of windows the instant of their end
   * @param intervals how many
   * @param isWhole whether the interval before the first was looked at, and had no breach
   */
  record Episode(Interval first, int intervals, boolean isWhole) {}

  /**
   * An input.
   *
   * @param tonight how far it is from what training leads one to expect; empty if not judged
   * @param window where it stands in the window that ends with the interval
   */
  record Input(
      String name,
      Optional<MonitorVerdict> tonight,
      Optional<WindowVerdict> window,
      Optional<Episode> episode) {
    boolean isBroken() {
      return tonight.map(MonitorVerdict::breached).orElse(false);
    }

    private boolean hasMoved() {
      return window.flatMap(WindowVerdict::standing).map(Standing::unlikeTraining).orElse(false);
    }

    /** By how much its move moves the mean score. */
    private double matters() {
      return hasMoved() && !Double.isNaN(window.get().part()) ? Math.abs(window.get().part()) : 0;
    }
  }

  /**
   * The report of an interval.
   *
   * @param history verdicts on the interval and on those before it, in order
   * @param windows verdicts on the windows that end with them, in order
   */
  static NightReport of(
      String monitor, Interval interval, List<OfInterval> history, List<OfWindow> windows) {
    List<OfWindow> ofDays = isDay(interval) ? windows : List.of();
    List<OfWindow> last =
        ofDays.stream().filter(w -> w.window().to().equals(interval.to())).toList();
    List<OfWindow> champion = ofDays.stream().filter(OfWindow::isOfChampion).toList();
    List<OfInterval> own = history.stream().filter(v -> v.interval().equals(interval)).toList();
    List<OfInterval> past =
        history.stream()
            .filter(OfInterval::isOfChampion)
            .filter(
                v ->
                    v.interval().length().equals(interval.length())
                        || isDay(v.interval()) && isDay(interval))
            .toList();
    List<OfInterval> asked = own.stream().filter(OfInterval::isOfChampion).toList();
    List<Answer> answers = new ArrayList<>();
    for (Question question : Question.values()) {
      answers.add(answer(question, interval.to(), asked, past, champion));
    }
    return new NightReport(
        monitor,
        interval,
        asked.stream().map(OfInterval::model).distinct().sorted().toList(),
        answers,
        inputs(asked, past, last),
        own,
        last);
  }

  /** Days have 23 to 25 hours. */
  private static boolean isDay(Interval interval) {
    return interval.length().toHours() >= 23 && interval.length().toHours() <= 25;
  }

  private static Answer answer(
      Question question,
      Instant end,
      List<OfInterval> own,
      List<OfInterval> past,
      List<OfWindow> windows) {
    List<OfInterval> asked = own.stream().filter(v -> v.verdict().question() == question).toList();
    List<OfInterval> breached = asked.stream().filter(v -> v.verdict().breached()).toList();
    List<OfWindow> formerWindows =
        windows.stream().filter(w -> w.verdict().question() == question).toList();
    List<OfWindow> ofWindows =
        formerWindows.stream().filter(w -> w.window().to().equals(end)).toList();
    if (question == Question.ACTUALS && !asked.isEmpty()) {
      return actuals(asked.get(0).verdict(), ofWindows, formerWindows);
    }
    List<String> moved =
        ofWindows.stream()
            .filter(NightReport::isOut)
            .map(w -> w.verdict().item())
            .distinct()
            .toList();
    boolean windowBreached = ofWindows.stream().anyMatch(OfWindow::breached);
    String text;
    Outcome outcome;
    if (!breached.isEmpty()) {
      text = clauses(breached);
      outcome = Outcome.BREACHED;
    } else if (asked.isEmpty()) {
      text = "no verdict on it";
      outcome = Outcome.NOT_ASKED;
    } else if (asked.stream().noneMatch(v -> v.verdict().isJudged())) {
      text = reason(asked.get(0).verdict());
      outcome = Outcome.CANNOT_JUDGE;
    } else {
      text =
          fine(
              question,
              asked.stream().map(OfInterval::verdict).filter(MonitorVerdict::isJudged).toList());
      outcome = Outcome.FINE;
    }
    boolean several = asked.stream().map(OfInterval::model).distinct().count() > 1;
    text +=
        asked.stream()
            .filter(v -> v.verdict().isShown() && TOLD.contains(v.verdict().item()))
            .map(v -> "; " + v.verdict().detail() + (several ? " by " + v.model() : ""))
            .collect(Collectors.joining());
    if (windowBreached) {
      outcome = Outcome.BREACHED;
    } else if (!moved.isEmpty() && outcome.compareTo(Outcome.MOVED) > 0) {
      outcome = Outcome.MOVED;
    }
    if (!moved.isEmpty()) {
      text +=
          text(
              "; over %s %s unlike training",
              span(ofWindows.get(0)),
              moved.size() == 1 ? moved.get(0) + " is" : moved.size() + " inputs are");
    }
    return new Answer(
        question,
        outcome,
        text,
        !breached.isEmpty()
            ? Optional.of(episode(points(past, v -> v.question() == question)))
            : moved.isEmpty() ? Optional.empty() : Optional.of(episode(points(formerWindows))));
  }

  private static String span(OfWindow window) {
    return KeptWindows.span(
        window.days(), Math.round(window.window().length().toHours() / (float) HOURS));
  }

  /**
   * Of actuals an interval says too little: what the champion's window says, slices behind it.
   *
   * @param shown what matured in the interval
   * @param windows those that end with it
   */
  private static Answer actuals(
      MonitorVerdict shown, List<OfWindow> windows, List<OfWindow> former) {
    Optional<OfWindow> auc =
        windows.stream().filter(w -> w.verdict().item().equals(Measure.AUC.text())).findFirst();
    List<String> beyond =
        windows.stream().filter(NightReport::isOut).map(w -> w.verdict().item()).toList();
    if (auc.isEmpty()) {
      return new Answer(
          Question.ACTUALS,
          Outcome.CANNOT_JUDGE,
          "one interval says too little: " + shown.detail(),
          Optional.empty());
    }
    WindowVerdict judged = auc.get().verdict();
    return new Answer(
        Question.ACTUALS,
        !beyond.isEmpty()
            ? Outcome.BREACHED
            : judged.standing().filter(s -> s != Standing.CANNOT_TELL).isEmpty()
                ? Outcome.CANNOT_JUDGE
                : Outcome.FINE,
        (beyond.isEmpty()
                ? judged.standing().map(s -> s.text() + ": auc ").orElse("")
                : String.join(", ", beyond) + " beyond: auc ")
            + judged.detail(),
        beyond.isEmpty() ? Optional.empty() : Optional.of(episode(points(former))));
  }

  private static String clauses(List<OfInterval> breached) {
    List<String> clauses =
        new ArrayList<>(
            breached.stream()
                .limit(MOST_CLAUSES)
                .map(OfInterval::verdict)
                .map(NightReport::clause)
                .toList());
    if (breached.size() > MOST_CLAUSES) {
      clauses.add((breached.size() - MOST_CLAUSES) + " more");
    }
    return String.join("; ", clauses);
  }

  private static String clause(MonitorVerdict v) {
    return new Breach(
            v.question().text(),
            v.item(),
            v.measure(),
            v.value(),
            v.limit(),
            v.detail(),
            "",
            Optional.empty())
        .words();
  }

  private static String reason(MonitorVerdict verdict) {
    return verdict.detail().startsWith(CANNOT_JUDGE)
        ? verdict.detail().substring(CANNOT_JUDGE.length())
        : verdict.detail();
  }

  private static String fine(Question question, List<MonitorVerdict> judged) {
    return switch (question) {
      case INPUTS, PREDICTIONS -> {
        MonitorVerdict farthest =
            judged.stream().max(Comparator.comparingDouble(MonitorVerdict::value)).orElseThrow();
        yield farthest.measure().equals(Questions.PSI)
            ? farthest.item() + " has moved most: " + farthest.detail()
            : text(
                "as in training's intervals: %s deviates most, %.2f, limit %.2f",
                farthest.item().equals(Questions.WHOLE) ? "the whole" : farthest.item(),
                farthest.value(),
                farthest.limit());
      }
      case BOUNDS -> text("%.0f %s", judged.get(0).value(), judged.get(0).detail());
      case POPULATION -> text("%.0f rows; %s", judged.get(0).value(), judged.get(0).detail());
      case ACTUALS -> throw new IllegalArgumentException("answered by windows");
    };
  }

  /** Whether something was judged in an interval, and breached. */
  private record Point(Interval interval, boolean judged, boolean breached) {}

  private static List<Point> points(List<OfInterval> past, Predicate<MonitorVerdict> what) {
    return past.stream()
        .filter(v -> what.test(v.verdict()))
        .map(v -> new Point(v.interval(), v.verdict().isJudged(), v.verdict().breached()))
        .toList();
  }

  /** Whether a window is unlike training, or surely worse than declared. */
  private static boolean isOut(OfWindow window) {
    Optional<Standing> standing = window.verdict().standing();
    return standing.filter(Standing::unlikeTraining).isPresent()
        || standing.filter(s -> s == Standing.BEYOND).isPresent() && window.verdict().hasLimit();
  }

  /** Windows by the days that they end with. */
  private static List<Point> points(List<OfWindow> windows) {
    return windows.stream()
        .map(
            w ->
                new Point(
                    Interval.at(w.window().snapshotInstant()),
                    w.verdict().standing().isPresent(),
                    isOut(w)))
        .toList();
  }

  /** How long what is so in the last interval has been so. */
  private static Episode episode(List<Point> points) {
    Interval first = null;
    int intervals = 0;
    for (int i = points.size() - 1; i >= 0; ) {
      Interval interval = points.get(i).interval();
      boolean judged = false;
      boolean breached = false;
      for (; i >= 0 && points.get(i).interval().equals(interval); i--) {
        judged |= points.get(i).judged();
        breached |= points.get(i).breached();
      }
      if (breached) {
        first = interval;
        intervals++;
      } else if (judged) {
        return new Episode(first, intervals, true);
      }
    }
    return new Episode(first, intervals, false);
  }

  private static List<Input> inputs(
      List<OfInterval> own, List<OfInterval> past, List<OfWindow> windows) {
    List<Input> inputs = new ArrayList<>();
    for (OfInterval judged : own) {
      MonitorVerdict v = judged.verdict();
      if (v.question() == Question.INPUTS && !v.item().equals(Questions.WHOLE)) {
        inputs.add(
            new Input(
                v.item(),
                Optional.of(v),
                windows.stream()
                    .map(OfWindow::verdict)
                    .filter(w -> w.question() == Question.INPUTS && w.item().equals(v.item()))
                    .findFirst(),
                v.breached()
                    ? Optional.of(
                        episode(
                            points(
                                past,
                                p -> p.question() == Question.INPUTS && p.item().equals(v.item()))))
                    : Optional.empty()));
      }
    }
    windows.stream()
        .map(OfWindow::verdict)
        .filter(w -> w.question() == Question.INPUTS && w.standing().isPresent())
        .filter(w -> inputs.stream().noneMatch(input -> input.name().equals(w.item())))
        .forEach(
            w ->
                inputs.add(
                    new Input(w.item(), Optional.empty(), Optional.of(w), Optional.empty())));
    // Stable: verdicts are stored in the order in which they are to be looked at.
    inputs.sort(
        Comparator.comparing(Input::isBroken)
            .reversed()
            .thenComparing(Input::hasMoved, Comparator.reverseOrder())
            .thenComparing(Input::matters, Comparator.reverseOrder()));
    return inputs;
  }

  /** What is said of versions beside the champion, on the same matured rows. */
  List<OfWindow> besideChampion() {
    return windows.stream()
        .filter(w -> w.verdict().measure().equals(BesideChampion.BESIDE))
        .toList();
  }

  /** The worst that became of a question. */
  Outcome outcome() {
    return answers.stream().map(Answer::outcome).min(Comparator.naturalOrder()).orElseThrow();
  }

  /** The questions of an outcome. */
  List<Question> questions(Outcome outcome) {
    return answers.stream().filter(a -> a.outcome() == outcome).map(Answer::question).toList();
  }
}
