package io.tributary.pipeline;

import io.tributary.ingest.DeliveryAdmission;
import io.tributary.offline.explanation.Candidate;
import io.tributary.offline.explanation.Evidence;
import io.tributary.offline.explanation.Explanation;
import io.tributary.offline.explanation.Ruling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** An explanation as lines for people. */
final class ExplanationText {
  private final Explanation explanation;
  private final Map<Long, DeliveryAdmission> deliveries;
  private final List<String> lines = new ArrayList<>();

  ExplanationText(Explanation explanation, Map<Long, DeliveryAdmission> deliveries) {
    this.explanation = explanation;
    this.deliveries = deliveries;
  }

  List<String> lines() {
    lines.clear();
    Map<String, Object> asked =
        explanation.key().isEmpty() ? explanation.request() : explanation.key();
    lines.add(
        "%s.%s of %s%s is %s%s"
            .formatted(
                explanation.view(),
                explanation.feature(),
                asked.entrySet().stream()
                    .map(e -> e.getKey() + "=" + e.getValue())
                    .collect(Collectors.joining(", ")),
                explanation.at().map(at -> " at " + at).orElse(""),
                explanation.value(),
                explanation.isDefault() ? ", its default" : ""));
    lines.add("  " + explanation.steps().get(0).definition());
    explanation
        .snapshot()
        .ifPresent(at -> lines.add("  as its snapshot of " + at + " saw the events"));
    lines.add(
        "  "
            + explanation
                .read()
                .map(
                    pin ->
                        "from %s%s"
                            .formatted(
                                pin.version().shortName(),
                                pin.deliveries().map(n -> ", deliveries up to " + n).orElse("")))
                .orElse("from the request alone"));
    if (!explanation.isComputedAgain()) {
      lines.add("  as a join says; of so many events it was not computed a second time");
    }
    List<Explanation.Step> others = explanation.steps().subList(1, explanation.steps().size());
    others.stream().filter(s -> s.events().isEmpty()).forEach(this::add);
    for (int i = 0; i < explanation.events().size(); i++) {
      int events = i;
      others.stream()
          .filter(s -> s.events().filter(e -> e == events).isPresent())
          .forEach(this::add);
      add(explanation.events().get(i));
    }
    if (explanation.read().isPresent()) {
      lines.add("");
      lines.add("deliveries:");
      deliveries
          .values()
          .forEach(
              d -> lines.add("  %d  %s, %s".formatted(d.delivery(), d.description(), d.verdict())));
    }
    return lines;
  }

  private void add(Explanation.Step step) {
    lines.add("");
    lines.add("%s is %s".formatted(step.feature(), step.value()));
    lines.add("  " + step.definition());
  }

  private void add(Evidence evidence) {
    lines.add("");
    lines.add("made of %,d:".formatted(evidence.won()));
    add(evidence.winners(), evidence.won());
    lines.add("");
    lines.add("ruled out %,d (%s):".formatted(evidence.lost(), evidence.looked()));
    add(evidence.ruledOut(), evidence.lost());
    if (evidence.ruledOut().size() < evidence.lost()) {
      for (Evidence.Count count : evidence.lostBy()) {
        Ruling ruling = new Ruling(count.exclusion(), count.rule(), Optional.empty());
        lines.add("  %,d in all by %s".formatted(count.candidates(), why(ruling)));
      }
    }
  }

  private void add(List<Candidate> candidates, long all) {
    candidates.forEach(c -> lines.add("  " + line(c)));
    if (candidates.size() < all) {
      lines.add(
          "  and %,d older, not listed (--list N lists more)".formatted(all - candidates.size()));
    }
  }

  private static String line(Candidate candidate) {
    StringBuilder line = new StringBuilder();
    candidate.event().ifPresent(t -> line.append(t).append("  "));
    candidate.known().ifPresent(t -> line.append("known ").append(t).append("  "));
    candidate.value().ifPresent(v -> line.append(v).append("  "));
    line.append("%s  delivery %d".formatted(candidate.place(), candidate.place().delivery()));
    candidate.ruling().ifPresent(r -> line.append("  ").append(why(r)));
    return line.toString();
  }

  private static String why(Ruling ruling) {
    String by = ruling.by().map(p -> " by " + p).orElse("");
    String why =
        switch (ruling.exclusion()) {
          case NOT_YET_KNOWN -> "not yet known";
          case NOT_YET_HAPPENED -> "not yet happened";
          case CORRECTED -> "corrected" + by;
          case WITHDRAWN -> "withdrawn" + by;
          case LEFT_OUT_BY_VIEW -> "left out by the view's filter";
          case LEFT_OUT_BY_FEATURE -> "left out by the feature's filter";
          case NULL -> "its value is null";
          case TOO_OLD -> ruling.rule() == 5 ? "older than the TTL" : "older than the window";
          case OUTRANKED -> "outranked" + by;
        };
    return "rule %d: %s".formatted(ruling.rule(), why);
  }
}
