package io.tributary.serving;

import io.tributary.core.ColumnReference;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Project;
import io.tributary.events.definitions.ColumnGraph;
import io.tributary.events.definitions.DefinitionStore;
import io.tributary.online.Publication;
import io.tributary.online.StoredFeature;
import io.tributary.online.StoredView;
import io.tributary.serving.ServedViews.Asked;
import io.tributary.serving.access.Tokens;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The features that not every token opens: those of a view that is tagged {@code pii}, and those
 * into which the values of a column go that is tagged so now, along the paths that the
 * publication's definition has in the lake, or was tagged then and is not declared any more. Where
 * these can't be read, all features of the view are guarded, if the project tags any column. What
 * is computed from what a request brings gives away nothing but that: there the view's own tag
 * counts.
 */
final class GuardedFeatures {
  private static final Logger LOG = LoggerFactory.getLogger(GuardedFeatures.class);

  private final Project project;
  private final DefinitionStore definitions;

  /** The tags of features of which nothing can be told: none where the project tags no column. */
  private final Set<String> untold;

  private final Map<Digest, Map<String, Set<String>>> known = new ConcurrentHashMap<>();

  /** By the meaning of a view when its definition could last not be read. */
  private final Map<Digest, Long> failures = new ConcurrentHashMap<>();

  GuardedFeatures(Project project, String lake) {
    this.project = project;
    this.definitions = DefinitionStore.open(lake);
    this.untold =
        project.sources().values().stream()
            .flatMap(source -> source.columns().stream())
            .flatMap(column -> guarded(column.tags()).stream())
            .findAny()
            .map(any -> Tokens.GUARDED)
            .orElse(Set.of());
  }

  private static Set<String> guarded(Iterable<String> tags) {
    Set<String> guarded = new TreeSet<>();
    tags.forEach(guarded::add);
    guarded.retainAll(Tokens.GUARDED);
    return guarded;
  }

  /**
   * Refuses features with a tag that a caller's token doesn't name.
   *
   * @throws Refused with the first of them
   */
  void require(Caller caller, Asked asked) {
    if (caller.tags().containsAll(Tokens.GUARDED)) {
      return;
    }
    StoredView view = asked.view();
    Map<String, Set<String>> tags =
        asked.published().map(this::tags).orElseGet(() -> all(view, ofView(view)));
    for (StoredFeature feature : asked.features()) {
      Set<String> missing = new TreeSet<>(tags.getOrDefault(feature.name(), Tokens.GUARDED));
      missing.removeAll(caller.tags());
      if (!missing.isEmpty()) {
        throw new Refused(
            Problem.forbidden(
                "Feature %s of %s is tagged %s, and %s. Leave it out, or have a token made that names the tag: tributary token create NAME --role read --tag %s."
                    .formatted(
                        feature.name(),
                        view.id(),
                        String.join(", ", missing),
                        caller
                            .token()
                            .map(token -> "token %s does not name that".formatted(token.name()))
                            .orElse("no token was shown"),
                        missing.iterator().next()),
                "read"));
      }
    }
  }

  private Set<String> ofView(StoredView view) {
    FeatureView defined = project.views().get(view.id());
    return defined == null ? Set.of() : guarded(defined.tags());
  }

  /** The guarded tags of a published view's features. */
  private Map<String, Set<String>> tags(Publication published) {
    StoredView view = published.view();
    Set<String> ofView = ofView(view);
    if (!ofView.isEmpty()) {
      return all(view, ofView);
    }
    Long failed = failures.get(view.definition());
    if (failed != null && System.nanoTime() - failed < Limits.REMEMBERED.toNanos()) {
      return all(view, untold);
    }
    try {
      Digest kept = kept(published);
      Map<String, Set<String>> found = known.get(kept);
      if (found == null) {
        found = flowing(kept);
        known.put(kept, found);
      }
      return found;
    } catch (PlatformException e) {
      if (failures.put(view.definition(), System.nanoTime()) == null) {
        LOG.warn(
            "All features of {} count as tagged {}, as what goes into them can't be told: {}",
            view.id(),
            untold,
            e.getMessage());
      }
      return all(view, untold);
    }
  }

  /** The definition in the lake that a publication was made by, as its record says. */
  private static Digest kept(Publication published) {
    String view = Definition.VIEW + " " + published.view().id();
    if (published.record().get("definitions") instanceof Map<?, ?> definitions
        && definitions.get(view) instanceof String digest) {
      return Digest.parse(digest);
    }
    throw new PlatformException(
        ErrorCode.NOT_FOUND,
        "Cannot tell the definition of %s: its publication does not name one. Publish it again: tributary publish."
            .formatted(view));
  }

  private static Map<String, Set<String>> all(StoredView view, Set<String> tags) {
    return view.features().stream().collect(Collectors.toMap(StoredFeature::name, feature -> tags));
  }

  private Map<String, Set<String>> flowing(Digest definition) {
    ColumnGraph graph = ColumnGraph.of(definition, definitions::read);
    Map<String, Set<String>> tags = new HashMap<>();
    for (String column : graph.root().columns().keySet()) {
      Set<String> of =
          guarded(graph.tags(new ColumnReference(graph.root().reference(), column), project::tags));
      tags.put(column, of);
    }
    return tags;
  }
}
