package io.tributary.analysis;

import io.tributary.core.Digest;
import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Window;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The normalised meaning of a feature view. */
final class ViewCanonicalForm {
  private final FeatureView view;
  private final Optional<AnalyzedSource> source;
  private final ExpressionAnalysis arguments;
  private final List<FeatureComputation> computations;
  private final ExpressionAnalysis derived;

  ViewCanonicalForm(
      FeatureView view,
      Optional<AnalyzedSource> source,
      ExpressionAnalysis arguments,
      List<FeatureComputation> computations,
      ExpressionAnalysis derived) {
    this.view = view;
    this.source = source;
    this.arguments = arguments;
    this.computations = computations;
    this.derived = derived;
  }

  /**
   * @param order the columns that decide between events of equal times
   */
  Digest digest(List<String> order) {
    CanonicalForm meaning = computed(order);
    meaning.fact("accuracy", view.accuracy());
    meaning.fact("publish-delay", view.publishDelay());
    meaning.fact("max-staleness", view.maxStaleness());
    meaning.byName("default", view.defaults());
    return meaning.digest(arguments.forms());
  }

  /** Of what snapshots hold, whatever becomes of them. */
  Digest snapshotDigest(List<String> order) {
    return computed(order).digest(arguments.forms());
  }

  private CanonicalForm computed(List<String> order) {
    CanonicalForm meaning = CanonicalForm.of("view 1").fact("id", view.id());
    source.ifPresent(s -> meaning.byName("source", s.eventMeaning()));
    meaning.inOrder("entity", view.entity().stream().map(this::column).toList());
    meaning.byName("request", view.request());
    if (view.where().isPresent()) {
      meaning.fact("where", arguments.identity(CheckedView.WHERE));
    }
    Map<String, String> features = new TreeMap<>();
    computations.forEach(c -> features.put(c.feature().name(), of(c, arguments)));
    derived.accepted().forEach(d -> features.put(d.column().name(), d.identity().hex()));
    meaning.byName("feature", features);
    meaning.fact("ttl", view.ttl());
    meaning.inOrder("order", order.stream().map(this::column).toList());
    meaning.fact("tie-breaks", view.tieBreak().size());
    meaning.fact("refuse-ambiguity", view.refuseAmbiguity());
    meaning.fact("knowledge-time", view.knowledgeTime());
    return meaning;
  }

  /** What a feature means inside its view. */
  static String of(FeatureComputation computation, ExpressionAnalysis arguments) {
    Feature feature = computation.feature();
    CanonicalForm meaning = CanonicalForm.of("feature 1");
    computation.argument().ifPresent(a -> meaning.fact("argument", arguments.identity(a)));
    computation.filter().ifPresent(f -> meaning.fact("filter", arguments.identity(f)));
    computation.dimension().ifPresent(d -> meaning.fact("by", arguments.identity(d)));
    if (feature instanceof Feature.Windowed windowed) {
      meaning.fact("aggregate", windowed.aggregate().text());
      if (windowed.aggregate().implementation().isPresent()) {
        meaning.fact("class", UserAggregates.digest(windowed.aggregate()));
      }
      meaning.inOrder("parameter", windowed.aggregate().parameters());
      meaning.fact(
          "window",
          windowed.window() instanceof Window.Physical physical
              ? physical.length()
              : windowed.window().text());
    }
    return meaning.digest(arguments.forms()).hex();
  }

  private String column(String name) {
    return name + " " + source.map(s -> s.identity(name)).orElse("");
  }
}
