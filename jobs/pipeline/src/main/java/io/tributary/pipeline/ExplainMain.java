package io.tributary.pipeline;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.definition.ViewId;
import io.tributary.definition.ViewUse;
import io.tributary.expression.CheckedProject;
import io.tributary.ingest.DeliveryAdmission;
import io.tributary.lake.JobMain;
import io.tributary.lake.Lake;
import io.tributary.offline.Candidate;
import io.tributary.offline.Explanation;
import io.tributary.offline.FeatureStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tributary explain}: how one feature of one entity came by its value. */
@Command(
    description =
        "Explains a value: the events that it is made of, with file and line, and for each other candidate the one rule that keeps it out.",
    footer = {
      "",
      "The words are [PROJECT] VIEW@N.FEATURE. The value is what a training set has at that instant.",
      "Candidates are the versions of the entity's events within twice the window or TTL; of a look-up without TTL the newest.",
      "",
      "  tributary explain examples/nyc-flights carrier_history@1.late_share_6h --key carrier=UA --at 2013-06-01T12:00:00Z"
    })
public final class ExplainMain implements JobMain.Body {
  @Option(
      names = "--key",
      required = true,
      paramLabel = "COLUMN=VALUE",
      description = "The entity, as in carrier=UA; once for each of the view's entity columns.")
  private Map<String, String> key = new LinkedHashMap<>();

  @Option(
      names = "--at",
      required = true,
      paramLabel = "INSTANT",
      description = "When: 2013-06-01T12:00:00Z, or 2013-06-01 for the start of that day.")
  private String at;

  @Option(
      names = "--all",
      description =
          "Print all events and candidates, not only the newest of each (--json has all).")
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
    Project project = ProjectReader.read(main.project(), System.getenv(), main.lake());
    CheckedProject checked = CheckedProject.check(project);
    checked.view(view);
    try (Lake lake = main.open(project.lake(), project.retention())) {
      FeatureStore store = FeatureStore.open(checked, lake);
      ViewUse use = new ViewUse(view, Map.of(), Optional.empty(), List.of(feature));
      List<Pin> pins = store.pinsOf(List.of(use));
      Explanation explanation =
          store.explain(
              view, feature, new LinkedHashMap<>(key), Interval.instant(at, project.zone()), pins);
      Map<Long, DeliveryAdmission> deliveries = deliveries(lake, explanation);
      ExplanationText.of(explanation, deliveries, all).forEach(main::say);
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("explanation", explanation);
      result.put("deliveries", deliveries.values());
      main.result(result);
    }
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
    Map<Long, DeliveryAdmission> known = DeliveryAdmission.of(lake, explanation.source());
    Map<Long, DeliveryAdmission> named = new TreeMap<>();
    Stream.concat(explanation.winners().stream(), explanation.ruledOut().stream())
        .flatMap(ExplainMain::places)
        .filter(known::containsKey)
        .forEach(delivery -> named.put(delivery, known.get(delivery)));
    return named;
  }

  private static Stream<Long> places(Candidate candidate) {
    return Stream.concat(
        Stream.of(candidate.place().delivery()),
        candidate.ruling().flatMap(r -> r.by()).map(p -> p.delivery()).stream());
  }
}
