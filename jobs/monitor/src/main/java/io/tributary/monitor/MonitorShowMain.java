package io.tributary.monitor;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.definition.Monitor;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.lake.Lake;
import io.tributary.monitor.StoredVerdicts.OfInterval;
import io.tributary.monitor.StoredVerdicts.OfWindow;
import io.tributary.runtime.IntervalOptions;
import io.tributary.runtime.JobMain;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tributary monitor show}: what a monitor's verdicts say, for people. No session. */
@Command(
    description = {
      "Shows what a monitor's verdicts say of a night: each question's answer, since when it is so, the inputs to look at first,",
      "and what to run next. It judges nothing itself: a night that was not judged is an error."
    },
    footer = {
      "",
      "Default: the newest night that was judged. Of --from and --to the interval itself if it was judged, else its last night.",
      "",
      "  tributary monitor show",
      "  tributary monitor show late_arrival --night 2013-12-30 --html night.html"
    })
public final class MonitorShowMain implements JobMain.Body {
  @Mixin private IntervalOptions named;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Also write it as a page that a browser opens, with charts and all verdicts.")
  private String html;

  public static void main(String[] args) {
    System.exit(
        JobMain.run(
            "monitor show", Arrays.copyOfRange(args, 1, args.length), new MonitorShowMain()));
  }

  @Override
  public void run(JobMain main) {
    Project project = ProjectReader.read(main.project(), System.getenv(), main.lake());
    List<Map<String, Object>> results = new ArrayList<>();
    List<String> names = List.copyOf(main.subjects(project.monitors().keySet()));
    if (html != null && names.size() != 1) {
      throw refused(
          "Cannot write page %s: the project has the monitors %s. Name one of them."
              .formatted(html, names));
    }
    try (Lake lake = main.open(project.lake(), project.retention())) {
      for (String name : names) {
        try {
          results.add(show(main, project, lake, name));
        } catch (PlatformException e) {
          // One that was not judged yet hides no other.
          if (e.code() != ErrorCode.NOT_FOUND || names.size() == 1) {
            throw e;
          }
          main.say(e.getMessage());
        }
      }
    }
    main.result(results);
  }

  private Map<String, Object> show(JobMain main, Project project, Lake lake, String name) {
    Monitor monitor = MonitorMain.monitor(project, name);
    StoredVerdicts stored = new StoredVerdicts(lake, name);
    Interval interval =
        interval(name, stored.judged(), named.intervals(project.zone()), project.zone());
    Interval span = span(interval, monitor, project.zone());
    List<OfInterval> nights = stored.ofIntervals(span);
    List<OfWindow> windows = stored.ofWindows(span);
    NightReport report = NightReport.of(name, interval, nights, windows);
    NightText text = new NightText(project, monitor, report);
    text.lines().forEach(main::say);
    if (html != null) {
      Path file = Path.of(main.path(html));
      new NightPage(lake, project.zone(), report, text, nights, windows, stored.counts(span))
          .page()
          .write(file);
      main.say("page: " + file);
    }
    return result(report, text);
  }

  /**
   * What is shown.
   *
   * @param judged the one that ends last leading
   * @param asked empty for the newest night
   */
  static Interval interval(
      String monitor, List<Interval> judged, List<Interval> asked, ZoneId zone) {
    if (judged.isEmpty()) {
      throw notFound(
          "Cannot show monitor %1$s: the lake has no verdicts of it. Judge a night by tributary monitor %1$s --night DAY."
              .formatted(monitor));
    }
    if (asked.size() > 1) {
      throw refused("Cannot show several nights at once. Name one, or --from and --to.");
    }
    if (asked.isEmpty()) {
      return judged.stream().filter(i -> i.isInOneDay(zone)).findFirst().orElse(judged.get(0));
    }
    Interval wanted = asked.get(0);
    return judged.stream()
        .filter(wanted::equals)
        .findFirst()
        .or(() -> judged.stream().filter(wanted::contains).findFirst())
        .orElseThrow(
            () ->
                notFound(
                    "Cannot show monitor %s over %s: it was not judged; the newest that was is %s. Judge it by tributary monitor %s %s."
                        .formatted(
                            monitor,
                            NightText.name(wanted, zone),
                            NightText.name(judged.get(0), zone),
                            monitor,
                            wanted.option(zone))));
  }

  private static PlatformException notFound(String message) {
    return new PlatformException(ErrorCode.NOT_FOUND, message);
  }

  /** What is looked at to say since when: as many days as a window has, or all that were asked. */
  private Interval span(Interval interval, Monitor monitor, ZoneId zone) {
    LocalDate last = Interval.dayOf(interval.snapshotInstant(), zone);
    Interval window =
        Interval.of(KeptWindows.start(last.minusDays(monitor.window()), zone), interval.to());
    return named.intervals(zone).stream()
        .filter(wanted -> wanted.from().isBefore(window.from()))
        .findFirst()
        .map(wanted -> Interval.of(wanted.from(), interval.to()))
        .orElse(window);
  }

  static Map<String, Object> result(NightReport report, NightText text) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("monitor", report.monitor());
    result.put("interval", report.interval());
    result.put("models", report.models());
    result.put("outcome", report.outcome().text());
    result.put("headline", text.headline());
    result.put("answers", report.answers());
    result.put("origin", text.origin());
    result.put(
        "inputs",
        text.inputs().stream()
            .map(
                input -> {
                  Map<String, Object> of = new LinkedHashMap<>(Map.of("name", input.name()));
                  input.tonight().ifPresent(v -> of.put("tonight", result(v)));
                  input.window().ifPresent(v -> of.put("window", result(v)));
                  input.episode().ifPresent(episode -> of.put("episode", episode));
                  return of;
                })
            .toList());
    result.put(
        "verdicts",
        report.verdicts().stream()
            .map(v -> result(result(v.verdict()), v.model(), v.role()))
            .toList());
    result.put(
        "windows",
        report.windows().stream()
            .map(
                w -> {
                  Map<String, Object> of = result(result(w.verdict()), w.model(), w.role());
                  of.put("window", w.window());
                  of.put("days", w.days());
                  of.put("breached", w.breached());
                  return of;
                })
            .toList());
    result.put("next", text.next());
    return result;
  }

  private static Map<String, Object> result(Map<String, Object> of, String model, String role) {
    of.put("model", model);
    of.put("role", role);
    return of;
  }

  private static Map<String, Object> result(MonitorVerdict v) {
    Map<String, Object> of = new LinkedHashMap<>();
    of.put("question", v.question());
    of.put("item", v.item());
    of.put("measure", v.measure());
    number(of, "value", v.value());
    number(of, "limit", v.limit());
    of.put("breached", v.breached());
    of.put("detail", v.detail());
    return of;
  }

  private static Map<String, Object> result(WindowVerdict v) {
    Map<String, Object> of = new LinkedHashMap<>();
    of.put("question", v.question());
    of.put("item", v.item());
    of.put("measure", v.measure());
    number(of, "value", v.value());
    number(of, "lower", v.lower());
    number(of, "upper", v.upper());
    number(of, "limit", v.limit());
    v.standing().ifPresent(standing -> of.put("standing", standing.text()));
    number(of, "smallestFound", v.smallestFound());
    number(of, "farthest", v.farthest());
    v.farthestFrom().ifPresent(from -> of.put("farthestFrom", from));
    number(of, "part", v.part());
    of.put("detail", v.detail());
    return of;
  }

  /** JSON has no number for what was not measured. */
  private static void number(Map<String, Object> of, String name, double value) {
    if (!Double.isNaN(value)) {
      of.put(name, value);
    }
  }

  private static PlatformException refused(String message) {
    return new PlatformException(ErrorCode.INVALID_REQUEST, message);
  }
}
