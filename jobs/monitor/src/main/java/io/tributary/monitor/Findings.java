package io.tributary.monitor;

import io.tributary.core.Interval;
import io.tributary.drift.Standing;
import io.tributary.events.facts.MonitoringFacts;
import io.tributary.events.facts.MonitoringFacts.Breach;
import io.tributary.model.ScoreColumns;
import io.tributary.monitor.KeptWindows.Judged;
import io.tributary.monitor.Matured.Scorer;
import java.sql.Timestamp;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** What a run finds: the rows of its verdicts, and what its commit says of them. */
final class Findings {
  static final StructType VERDICTS =
      new StructType()
          .add("_at", DataTypes.TimestampType, false)
          .add("interval_from", DataTypes.TimestampType, false)
          .add("interval_to", DataTypes.TimestampType, false)
          .add("question", DataTypes.StringType, false)
          .add("item", DataTypes.StringType, false)
          .add("measure", DataTypes.StringType, false)
          .add("value", DataTypes.DoubleType, true)
          .add("limit", DataTypes.DoubleType, true)
          .add("breached", DataTypes.BooleanType, false)
          .add("detail", DataTypes.StringType, false)
          .add("model", DataTypes.StringType, false)
          .add("model_version", DataTypes.LongType, false)
          .add("role", DataTypes.StringType, true)
          .add("_run", DataTypes.StringType, false);

  private final Interval interval;
  private final String run;
  private final List<Row> rows = new ArrayList<>();
  private final Map<Question, List<String>> answers = new EnumMap<>(Question.class);
  private final List<Breach> ofInterval = new ArrayList<>();
  private final List<Breach> ofWindows = new ArrayList<>();
  private final List<Breach> standing = new ArrayList<>();

  Findings(Interval interval, String run) {
    this.interval = interval;
    this.run = run;
  }

  /** The rows of {@link #VERDICTS}. */
  List<Row> rows() {
    return rows;
  }

  /**
   * Adds verdicts on the interval.
   *
   * @param several whether other versions are judged beside this one
   */
  void add(List<MonitorVerdict> verdicts, Scorer scorer, String role, boolean several) {
    for (MonitorVerdict v : verdicts) {
      if (v.isJudged()) {
        answers.computeIfAbsent(v.question(), q -> new ArrayList<>());
      }
      if (v.breached()) {
        String what = v.item() + " " + v.measure();
        answers.get(v.question()).add(several ? what + " of " + scorer.reference() : what);
        ofInterval.add(breach(v, scorer));
      }
      rows.add(
          RowFactory.create(
              Timestamp.from(interval.snapshotInstant()),
              Timestamp.from(interval.from()),
              Timestamp.from(interval.to()),
              v.question().text(),
              v.item(),
              v.measure(),
              Double.isNaN(v.value()) ? null : v.value(),
              Double.isNaN(v.limit()) ? null : v.limit(),
              v.breached(),
              v.detail(),
              scorer.model(),
              scorer.number(),
              role,
              run));
    }
  }

  /** Adds what the champion's window that ends with the interval answers of actuals. */
  void answered(Judged window) {
    if (window.last().role().equals(ScoreColumns.CHAMPION)) {
      window.verdicts().stream()
          .filter(v -> v.question() == Question.ACTUALS && v.hasLimit())
          .filter(v -> v.standing().filter(s -> s != Standing.CANNOT_TELL).isPresent())
          .forEach(v -> answers.computeIfAbsent(v.question(), q -> new ArrayList<>()));
    }
  }

  /**
   * Adds a breach of a window.
   *
   * @param until what says of which window, if it doesn't end with the interval
   */
  void add(Question question, Breach breach, String until) {
    answers
        .computeIfAbsent(question, q -> new ArrayList<>())
        .add(breach.item() + " " + breach.measure() + until);
    ofWindows.add(breach);
  }

  /** Adds what the window that ends with the interval breaches as the day before did. */
  void goesOn(Breach breach) {
    standing.add(breach);
  }

  /**
   * What the commit says.
   *
   * @param wanted what is to be done about a breach
   */
  MonitoringFacts facts(String wanted) {
    Map<String, List<String>> verdicts = new TreeMap<>();
    answers.forEach((question, items) -> verdicts.put(question.text(), items));
    // What leads to training comes first: receivers are told of some only.
    ofWindows.sort(
        Comparator.comparing(breach -> !breach.question().equals(Question.ACTUALS.text())));
    List<Breach> breaches = Stream.concat(ofWindows.stream(), ofInterval.stream()).toList();
    return new MonitoringFacts(
        verdicts,
        rows.size(),
        breaches,
        breaches.isEmpty() ? Optional.empty() : Optional.of(wanted),
        standing);
  }

  /** A verdict that breached, without a category's name: commits hold no values of rows. */
  private static Breach breach(MonitorVerdict verdict, Scorer scorer) {
    return new Breach(
        verdict.question().text(),
        verdict.item(),
        verdict.measure(),
        verdict.value(),
        verdict.limit(),
        verdict
            .detail()
            .replaceFirst("(?s)^share of .*", "share of one category")
            .replaceFirst("(?s)" + Questions.NEW_SINCE_TRAINING + ".*", ""),
        scorer.reference(),
        Optional.empty());
  }

  /** The same of a window: a slice is named by its column. */
  static Breach breach(WindowVerdict verdict, String words, Scorer scorer, LocalDate last) {
    return new Breach(
        verdict.question().text(),
        item(verdict),
        verdict.measure(),
        verdict.value(),
        verdict.limit(),
        words,
        scorer.reference(),
        Optional.of(last));
  }

  /** What a window's verdict is on, without a value of rows. */
  static String item(WindowVerdict verdict) {
    return verdict.item().replaceFirst("(?s) of (\\S+) .*", " of a slice by $1");
  }
}
