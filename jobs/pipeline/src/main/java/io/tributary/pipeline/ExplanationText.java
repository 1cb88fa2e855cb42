package io.tributary.pipeline;

import io.tributary.ingest.DeliveryAdmission;
import io.tributary.offline.Candidate;
import io.tributary.offline.Explanation;
import io.tributary.offline.Ruling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** An explanation as lines for people. */
final class ExplanationText {
  private static final int NEWEST = 20;

  private ExplanationText() {}

  static List<String> of(
      Explanation explanation, Map<Long, DeliveryAdmission> deliveries, boolean all) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s.%s of %s at %s is %s%s"
            .formatted(
                explanation.view(),
                explanation.feature(),
                explanation.key().entrySet().stream()
                    .map(e -> e.getKey() + "=" + e.getValue())
                    .collect(Collectors.joining(", ")),
                explanation.at(),
                explanation.value(),
                explanation.isDefault() ? ", its default" : ""));
    lines.add("  " + explanation.definition());
    explanation
        .snapshot()
        .ifPresent(at -> lines.add("  as its snapshot of " + at + " saw the events"));
    lines.add(
        "  from %s%s"
            .formatted(
                explanation.read().version().shortName(),
                explanation.read().deliveries().map(n -> ", deliveries up to " + n).orElse("")));
    lines.add("");
    lines.add("made of %,d:".formatted(explanation.winners().size()));
    add(lines, explanation.winners(), all);
    lines.add("");
    lines.add("ruled out %,d (%s):".formatted(explanation.ruledOut().size(), explanation.looked()));
    add(lines, explanation.ruledOut(), all);
    lines.add("");
    lines.add("deliveries:");
    deliveries
        .values()
        .forEach(
            d -> lines.add("  %d  %s, %s".formatted(d.delivery(), d.description(), d.verdict())));
    return lines;
  }

  private static void add(List<String> lines, List<Candidate> candidates, boolean all) {
    int shown = all ? candidates.size() : Math.min(NEWEST, candidates.size());
    candidates.subList(0, shown).forEach(c -> lines.add("  " + line(c)));
    if (shown < candidates.size()) {
      lines.add("  and %,d older; --all prints them".formatted(candidates.size() - shown));
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
