package io.tributary.notify;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.tributary.core.Interval;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What receivers are told of one monitor and one interval. The same breaches, found again, are the
 * same notice, though by other numbers; other ones are another notice, which says what it replaces.
 *
 * @param id computed from what it reports, the same at every receiver and attempt
 * @param type {@link #BREACHED}, {@link #CHANGED} or {@link #CLEARED}
 * @param replaces the notice of the interval's former verdicts
 * @param lake whose verdicts they are; empty in notices of former builds
 * @param model whose scores the monitor judges
 * @param night the interval as users name it: a calendar day of the project's zone, else both ends
 * @param breaches the first of them, in the order of the verdicts; empty if it was cleared
 * @param count how many there are
 * @param then what the breach leads to: {@code alert}, {@code block-promotion}, {@code retrain}
 * @param run the run that reached the verdicts
 * @param show the command that shows more
 */
@JsonPropertyOrder("version")
@JsonDeserialize
public record Notice(
    String id,
    Instant at,
    String type,
    Optional<String> replaces,
    String project,
    Optional<NoticedLake> lake,
    String monitor,
    String model,
    Interval interval,
    String night,
    List<Found> breaches,
    int count,
    String then,
    String run,
    String show)
    implements Dispatch {
  /** Breaches were found. */
  public static final String BREACHED = "monitor.breached";

  /** Judged again, other breaches were found than before. */
  public static final String CHANGED = "monitor.changed";

  /** Judged again, nothing breaches any more. */
  public static final String CLEARED = "monitor.cleared";

  /** How many breaches are said one by one. */
  static final int MOST = 20;

  public Notice {
    breaches = List.copyOf(breaches);
  }

  /**
   * One breach.
   *
   * @param words what breached, as a clause
   * @param model the version whose scores were judged
   * @param since the start of the first of the intervals before, one after the other, that breached
   *     in the same way, as known when the notice was made
   */
  @JsonDeserialize
  public record Found(
      String words,
      String question,
      String item,
      String measure,
      double value,
      double limit,
      String model,
      Instant since) {}

  /** The version of the schema. */
  @JsonProperty
  public int version() {
    return 1;
  }

  @Override
  public String source() {
    return "monitors/" + monitor;
  }

  @Override
  public String title() {
    return switch (type) {
      case CLEARED -> "%s: monitor %s no longer breaches on %s".formatted(project, monitor, night);
      case CHANGED ->
          "%s: monitor %s breaches on %s otherwise than before".formatted(project, monitor, night);
      default -> "%s: monitor %s breaches on %s".formatted(project, monitor, night);
    };
  }

  /** What breached, in a clause. */
  public String what() {
    return breaches.stream().limit(1).map(Found::words).collect(Collectors.joining())
        + (count > 1 ? ", and " + (count - 1) + " more" : "");
  }

  @Override
  public String text() {
    String found =
        breaches.stream()
            .map(b -> "- " + b.words() + (isOld(b) ? "; since " + b.since() : "") + "\n")
            .collect(Collectors.joining());
    String more = count > breaches.size() ? "- and " + (count - breaches.size()) + " more\n" : "";
    String judged =
        breaches.stream().map(Found::model).distinct().collect(Collectors.joining(", "));
    return title()
        + ".\n"
        + (replaces.isPresent() ? "The night was judged again; this replaces what was sent.\n" : "")
        + (found.isEmpty() ? "" : "\n" + found + more + "\nModel: " + judged + "\n")
        + "Interval: "
        + interval
        + lake.map(l -> "\nLake: " + l.place()).orElse("")
        + "\nMore: "
        + show
        + "\n"
        + switch (then) {
          case "block-promotion" ->
              "%s: tributary registry unblock %s --night %s --reason \"…\"\n"
                  .formatted(
                      type.equals(CLEARED)
                          ? "Promotions stay blocked until somebody allows them again"
                          : "No version of the model is promoted until somebody allows it again",
                      model,
                      night);
          case "retrain" ->
              type.equals(CLEARED)
                  ? ""
                  : "Where actuals or a window breach, a challenger is trained, as often as the model allows.\n";
          default -> "";
        };
  }

  private boolean isOld(Found breach) {
    return breach.since().isBefore(interval.from());
  }
}
