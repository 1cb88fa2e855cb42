package io.tributary.monitor;

import io.tributary.core.Interval;
import io.tributary.core.TableName;
import io.tributary.drift.Standing;
import io.tributary.events.TableRows;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.model.ScoreColumns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What a lake holds of a monitor's verdicts, read without Spark. */
final class StoredVerdicts {
  private final Lake lake;
  private final String monitor;

  StoredVerdicts(Lake lake, String monitor) {
    this.lake = lake;
    this.monitor = monitor;
  }

  /**
   * A verdict on an interval, and the version whose scores it is on.
   *
   * @param role what the version was to the rows
   */
  record OfInterval(Interval interval, String model, String role, MonitorVerdict verdict) {
    boolean isOfChampion() {
      return role.equals(ScoreColumns.CHAMPION);
    }
  }

  /**
   * A verdict on the window that ends with a day.
   *
   * @param days of the window that were counted
   * @param role what the version was to the last day's rows
   * @param breached whether it is a breach, the first of its episode
   */
  record OfWindow(
      Interval window,
      long days,
      String model,
      String role,
      boolean breached,
      WindowVerdict verdict) {
    boolean isOfChampion() {
      return role.equals(ScoreColumns.CHAMPION);
    }
  }

  /** What was counted of an interval's rows that one version scored. */
  record Counts(Interval interval, String model, String artefact, byte[] inputs, byte[] scores) {}

  /** The intervals that were judged, the one that ends last leading. */
  List<Interval> judged() {
    return table("monitor").commits().stream()
        .flatMap(commit -> commit.facts().stream())
        .filter(facts -> facts.key().job().equals("monitor"))
        .flatMap(facts -> facts.key().interval().stream())
        .distinct()
        .sorted(Comparator.comparing(Interval::to).thenComparing(Interval::from).reversed())
        .toList();
  }

  /**
   * The verdicts on all intervals that end in a stretch of time, in the order of their ends; those
   * of one interval as they were judged, what to look at first leading.
   */
  List<OfInterval> ofIntervals(Interval within) {
    List<OfInterval> verdicts =
        read(
            "monitor",
            within,
            row ->
                new OfInterval(
                    row.interval(),
                    row.model(),
                    // Who judged before roles were stored judged most by the champion's rows.
                    row.<String>find("role").orElse(ScoreColumns.CHAMPION),
                    new MonitorVerdict(
                        Question.parse(row.get("question")),
                        row.get("item"),
                        row.get("measure"),
                        row.number("value"),
                        row.number("limit"),
                        row.get("breached"),
                        row.get("detail"))));
    verdicts.sort(Comparator.comparing(v -> v.interval().to()));
    return verdicts;
  }

  /** The verdicts on all windows that end in a stretch of time, in the order of their ends. */
  List<OfWindow> ofWindows(Interval within) {
    List<OfWindow> verdicts =
        read(
            "windows",
            within,
            row ->
                new OfWindow(
                    row.interval(),
                    row.get("days"),
                    row.model(),
                    row.get("role"),
                    row.get("breached"),
                    new WindowVerdict(
                        Question.parse(row.get("question")),
                        row.get("item"),
                        row.get("measure"),
                        row.number("value"),
                        row.number("lower"),
                        row.number("upper"),
                        row.number("limit"),
                        standing(row.get("standing")),
                        row.number("smallest_found"),
                        row.number("farthest"),
                        row.find("farthest_from"),
                        row.number("part"),
                        row.get("breached"),
                        row.get("detail"))));
    verdicts.sort(Comparator.comparing(v -> v.window().to()));
    return verdicts;
  }

  /**
   * What was counted of all intervals that end in a stretch of time, in the order of their ends.
   */
  List<Counts> counts(Interval within) {
    List<Counts> counts =
        read(
            "counts",
            within,
            row ->
                new Counts(
                    row.interval(),
                    row.model(),
                    row.get("artefact"),
                    row.get("inputs"),
                    row.get("scores")));
    counts.sort(Comparator.comparing(c -> c.interval().to()));
    return counts;
  }

  /** A stored row, by the names of its columns. */
  private record Stored(List<String> columns, List<Object> values) {
    @SuppressWarnings("unchecked")
    <T> Optional<T> find(String column) {
      int at = columns.indexOf(column);
      return at < 0 ? Optional.empty() : Optional.ofNullable((T) values.get(at));
    }

    <T> T get(String column) {
      return this.<T>find(column).orElseThrow();
    }

    double number(String column) {
      return this.<Double>find(column).orElse(Double.NaN);
    }

    Interval interval() {
      return Interval.of(get("interval_from"), get("interval_to"));
    }

    String model() {
      return this.<String>get("model") + "@" + this.<Long>get("model_version");
    }
  }

  private static Optional<Standing> standing(String text) {
    return Arrays.stream(Standing.values()).filter(s -> s.text().equals(text)).findFirst();
  }

  private LakeTable table(String layer) {
    return lake.table(TableName.of(layer, monitor));
  }

  private <T> List<T> read(String layer, Interval within, Function<Stored, T> row) {
    List<T> rows = new ArrayList<>();
    table(layer)
        .description()
        .ifPresent(
            table -> {
              List<String> columns = table.columns();
              TableRows.read(
                  table(layer).path(),
                  table.version(),
                  columns,
                  "_at",
                  within,
                  values -> rows.add(row.apply(new Stored(columns, values))));
            });
    return rows;
  }
}
