package io.tributary.pipeline;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedView;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.RunnerChoice;
import io.tributary.definition.ColumnType;
import io.tributary.definition.Project;
import io.tributary.definition.ViewId;
import io.tributary.definition.ViewUse;
import io.tributary.ingest.DeliveryAdmission;
import io.tributary.lake.Lake;
import io.tributary.offline.FeatureStore;
import io.tributary.offline.explanation.Candidate;
import io.tributary.offline.explanation.Explanation;
import io.tributary.rows.local.LocalRunner;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.RunnerOption;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tributary explain}: how one feature of one entity came by its value. */
@Command(
    description =
        "Explains a value: the events that it is made of, with file and line, and for each other candidate the one rule that keeps it out.",
    footer = {
      "",
      "The words are [PROJECT] VIEW@N.FEATURE. The value is what a training set has at that instant.",
      "Candidates are the versions of the entity's events within twice the window or TTL; of a look-up without TTL the newest.",
      "All of them are counted. A derived feature is explained by the features that it is computed from, one on demand by its request.",
      "",
      "  tributary explain examples/nyc-flights carrier_history@1.late_share_6h --key carrier=UA --at 2013-06-01T12:00:00Z",
      "  tributary explain examples/nyc-flights carrier_history@1.trend --key carrier=UA --at 2013-06-01T12:00:00Z --list 3",
      "  tributary explain examples/nyc-flights clock@1.hour --request scheduled_departure=2013-06-01T12:00:00Z"
    })
public final class ExplainMain implements JobMain.Body {
  private static final int MOST = 200_000;

  @Option(
      names = "--key",
      paramLabel = "COLUMN=VALUE",
      description = "The entity, as in carrier=UA; once for each of the view's entity columns.")
  private Map<String, String> key = new LinkedHashMap<>();

  @Option(
      names = "--at",
      paramLabel = "INSTANT",
      description = "When: 2013-06-01T12:00:00Z, or 2013-06-01 for the start of that day.")
  private String at;

  @Option(
      names = "--request",
      paramLabel = "COLUMN=VALUE",
      description =
          "What the request brings to a view on demand, in place of --key and --at; once for each of its columns that the feature needs. Nothing behind the = is null, or an empty text.")
  private Map<String, String> request = new LinkedHashMap<>();

  @Option(
      names = "--list",
      paramLabel = "N",
      description =
          "How many events, and how many other candidates, are listed of each feature, newest first (default: 20; with --json 1000).")
  private Integer list;

  @Mixin private RunnerOption runner = new RunnerOption(RunnerChoice.auto);

  @Option(names = "--all", description = "List up to 200000 of each.")
  private boolean all;

  ExplainMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("explain", args, new ExplainMain()));
  }

  @Override
  public void run(JobMain main) {
    String subject = subject(main.subjects());
    int dot = subject.indexOf('.');
    ViewId view = ViewId.parse(subject.substring(0, dot));
    String feature = subject.substring(dot + 1);
    if (runner.maybeLocal()) {
      CompletableFuture<Void> unused =
          CompletableFuture.runAsync(
              () -> {
                LocalRunner.prepare();
                Lake.prepare();
              });
    }
    CheckedProject checked = CheckedProject.read(main.project(), System.getenv(), main.lake());
    Project project = checked.project();
    boolean isOnDemand = checked.view(view).definition().isOnDemand();
    require(view, isOnDemand);
    try (Lake lake = main.open(project.lake(), project.retention())) {
      Explanation explanation =
          runner.maybeLocal()
              ? locally(main, checked, lake, view, feature)
              : explained(FeatureStore.open(checked, lake), view, feature, main.json());
      Map<Long, DeliveryAdmission> deliveries = deliveries(lake, explanation);
      new ExplanationText(explanation, deliveries).lines().forEach(main::say);
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("explanation", explanation);
      result.put("deliveries", deliveries.values());
      main.result(result);
    }
  }

  /** Explains without a Spark session where that can be, else with one. */
  private Explanation locally(
      JobMain main, CheckedProject checked, Lake lake, ViewId view, String feature) {
    try (LocalRunner threads = LocalRunner.open()) {
      FeatureStore store = FeatureStore.open(checked, lake, threads);
      Optional<String> left =
          RunnerOption.elsewhere()
              .or(() -> store.leftToSpark(uses(view, feature), pins(store, view, feature)));
      if (left.isEmpty()) {
        return explained(store, view, feature, main.json());
      }
      runner.leaveToSpark(main, "explain view " + view, left.get());
    }
    return explained(FeatureStore.open(checked, lake), view, feature, main.json());
  }

  private Explanation explained(FeatureStore store, ViewId view, String feature, boolean json) {
    CheckedView checked = store.project().view(view);
    if (checked.definition().isOnDemand()) {
      return store.explain(view, feature, request(checked));
    }
    Instant instant = Interval.instant(at, store.project().project().zone());
    int most = list != null ? list : all ? MOST : json ? 1_000 : 20;
    return store.explain(
        view, feature, new LinkedHashMap<>(key), instant, pins(store, view, feature), most);
  }

  private static List<ViewUse> uses(ViewId view, String feature) {
    return List.of(new ViewUse(view, Map.of(), Optional.empty(), List.of(feature)));
  }

  private static List<Pin> pins(FeatureStore store, ViewId view, String feature) {
    return store.pins().ofViews(uses(view, feature));
  }

  private void require(ViewId view, boolean isOnDemand) {
    String why = null;
    if (list != null && (list < 0 || list > MOST)) {
      why = "--list is %d. Say a number from 0 to %,d.".formatted(list, MOST);
    } else if (isOnDemand && !key.isEmpty()) {
      why = "it is computed on demand and has no entity. Give --request in place of --key.";
    } else if (!isOnDemand && !request.isEmpty()) {
      why = "it is computed from events, not from a request. Give --key and --at.";
    } else if (!isOnDemand && at == null) {
      why = "at which instant is missing. Give --at, as in --at 2013-06-01T12:00:00Z.";
    }
    if (why != null) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST, "Cannot explain view " + view + ": " + why);
    }
  }

  private Map<String, Object> request(CheckedView view) {
    Map<String, Object> values = new LinkedHashMap<>();
    request.forEach(
        (column, text) -> {
          ColumnType type = view.definition().request().get(column);
          boolean isText = type != null && type.ddl().equals("string");
          values.put(column, text.isEmpty() && !isText ? null : text);
        });
    return values;
  }

  private static String subject(List<String> words) {
    if (words.size() == 1 && words.get(0).indexOf('.') > 0) {
      return words.get(0);
    }
    throw new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot explain %s: one feature is explained at a time. Name it as in carrier_history@1.late_share_6h."
            .formatted(words.isEmpty() ? "nothing" : String.join(" ", words)));
  }

  /** The admissions of the deliveries that a candidate came with. */
  private static Map<Long, DeliveryAdmission> deliveries(Lake lake, Explanation explanation) {
    Map<Long, DeliveryAdmission> named = new TreeMap<>();
    if (explanation.source().isPresent()) {
      Map<Long, DeliveryAdmission> known =
          DeliveryAdmission.of(lake, explanation.source().orElseThrow());
      explanation.events().stream()
          .flatMap(e -> Stream.concat(e.winners().stream(), e.ruledOut().stream()))
          .flatMap(ExplainMain::places)
          .filter(known::containsKey)
          .forEach(delivery -> named.put(delivery, known.get(delivery)));
    }
    return named;
  }

  private static Stream<Long> places(Candidate candidate) {
    return Stream.concat(
        Stream.of(candidate.place().delivery()),
        candidate.ruling().flatMap(r -> r.by()).map(p -> p.delivery()).stream());
  }
}
