package io.tributary.monitor;

import com.fasterxml.jackson.annotation.JsonValue;
import io.tributary.core.Interval;
import io.tributary.drift.Measure;
import io.tributary.drift.Standing;
import io.tributary.events.facts.MonitoringFacts.Breach;
import io.tributary.model.ScoreColumns;
import io.tributary.monitor.StoredVerdicts.OfInterval;
import io.tributary.monitor.StoredVerdicts.OfWindow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What a monitor's stored verdicts say of an interval, for people: the answer to each question,
 * since when it is so, and the inputs to look at first.
 *
 * @param models the versions that scored the interval's rows, or those that matured in it
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
    List<OfWindow> last =
        windows.stream().filter(w -> w.window().to().equals(interval.to())).toList();
    List<OfInterval> own = history.stream().filter(v -> v.interval().equals(interval)).toList();
    List<OfInterval> past =
        history.stream()
            .filter(v -> v.interval().length().equals(interval.length()) || isDay(v, interval))
            .toList();
    List<Answer> answers = new ArrayList<>();
    for (Question question : Question.values()) {
      answers.add(answer(question, interval.to(), own, past, windows));
    }
    return new NightReport(
        monitor,
        interval,
        own.stream().map(OfInterval::model).distinct().sorted().toList(),
        answers,
        inputs(own, past, last),
        own,
        last);
  }

  /** Days have 23 to 25 hours. */
  private static boolean isDay(OfInterval verdict, Interval interval) {
    return verdict.interval().length().toHours() / 23 == 1 && interval.length().toHours() / 23 == 1;
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
    if (question == Question.ACTUALS && !ofWindows.isEmpty()) {
      return actuals(ofWindows, formerWindows);
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
    } else if (asked.stream().allMatch(v -> Double.isNaN(v.verdict().value()))) {
      text = reason(asked.get(0).verdict());
      outcome = Outcome.CANNOT_JUDGE;
    } else {
      text = fine(question, asked.stream().map(OfInterval::verdict).toList());
      outcome = Outcome.FINE;
    }
    if (windowBreached) {
      outcome = Outcome.BREACHED;
    } else if (!moved.isEmpty() && outcome == Outcome.FINE) {
      outcome = Outcome.MOVED;
    }
    if (!moved.isEmpty()) {
      text +=
          "; over the last %d days %s unlike training"
              .formatted(
                  ofWindows.get(0).days(),
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

  /** Of actuals a day says too little: what its window says of the champion, slices behind it. */
  private static Answer actuals(List<OfWindow> windows, List<OfWindow> former) {
    List<OfWindow> champion =
        windows.stream().filter(w -> w.role().equals(ScoreColumns.CHAMPION)).toList();
    List<String> beyond =
        champion.stream().filter(NightReport::isOut).map(w -> w.verdict().item()).toList();
    return champion.stream()
        .filter(w -> w.verdict().item().equals(Measure.AUC.text()))
        .findFirst()
        .map(
            auc ->
                new Answer(
                    Question.ACTUALS,
                    !beyond.isEmpty()
                        ? Outcome.BREACHED
                        : auc.verdict().standing().isEmpty() ? Outcome.CANNOT_JUDGE : Outcome.FINE,
                    (beyond.isEmpty()
                            ? auc.verdict().standing().map(s -> s.text() + ": auc ").orElse("")
                            : String.join(", ", beyond) + " beyond: auc ")
                        + auc.verdict().detail(),
                    beyond.isEmpty() ? Optional.empty() : Optional.of(episode(points(former)))))
        .orElseGet(
            () ->
                new Answer(
                    Question.ACTUALS,
                    Outcome.CANNOT_JUDGE,
                    "no label of the champion's rows matured in it",
                    Optional.empty()));
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
            v.question().text(), v.item(), v.measure(), v.value(), v.limit(), v.detail(), "")
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
        yield text(
            "as in training's intervals: %s deviates most, %.2f, limit %.2f",
            farthest.item().equals(Questions.WHOLE) ? "the whole" : farthest.item(),
            farthest.value(),
            farthest.limit());
      }
      case BOUNDS, ACTUALS, POPULATION -> {
        MonitorVerdict first = judged.get(0);
        yield switch (question) {
          case BOUNDS -> text("%.0f %s", first.value(), first.detail());
          case POPULATION -> text("%.0f rows; %s", first.value(), first.detail());
          default ->
              text(
                  "%s %.4f, limit %.4f, %s",
                  first.item(), first.value(), first.limit(), first.detail());
        };
      }
    };
  }

  private static String text(String format, Object... parts) {
    return String.format(Locale.ROOT, format, parts);
  }

  /** Whether something was judged in an interval, and breached. */
  private record Point(Interval interval, boolean judged, boolean breached) {}

  private static List<Point> points(List<OfInterval> past, Predicate<MonitorVerdict> what) {
    return past.stream()
        .filter(v -> what.test(v.verdict()))
        .map(
            v ->
                new Point(v.interval(), !Double.isNaN(v.verdict().value()), v.verdict().breached()))
        .toList();
  }

  /** Whether the champion's window is unlike training, or surely worse than declared. */
  private static boolean isOut(OfWindow window) {
    Optional<Standing> standing = window.verdict().standing();
    return window.role().equals(ScoreColumns.CHAMPION)
        && (standing.filter(Standing::unlikeTraining).isPresent()
            || standing.filter(s -> s == Standing.BEYOND).isPresent()
                && !Double.isNaN(window.verdict().limit()));
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

  /** The worst that became of a question. */
  Outcome outcome() {
    return answers.stream().map(Answer::outcome).min(Comparator.naturalOrder()).orElseThrow();
  }

  /** The questions of an outcome. */
  List<Question> questions(Outcome outcome) {
    return answers.stream().filter(a -> a.outcome() == outcome).map(Answer::question).toList();
  }
}
