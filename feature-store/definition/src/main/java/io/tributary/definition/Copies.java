package io.tributary.definition;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Where copies of a source's rows lie: what is made of it, directly or by way of others. */
public final class Copies {
  private final Project project;
  private final Set<String> sources = new LinkedHashSet<>();
  private final Map<String, String> places = new LinkedHashMap<>();

  private Copies(Project project) {
    this.project = project;
  }

  /**
   * The places, each with what lies there, in the order in which they are made. What the
   * definitions say now; what former ones have left in the lake is not known here.
   */
  public static Map<String, String> of(Project project, String source) {
    Copies copies = new Copies(project);
    copies.read(source);
    copies.views();
    copies.trainingSets();
    return Collections.unmodifiableMap(copies.places);
  }

  /** A source, and those that look it up or select from it. */
  private void read(String name) {
    Source source = project.sources().get(name);
    if (!sources.add(name)) {
      return;
    }
    if (!source.isQuery()) {
      places.put("bronze." + name, "rows as they were delivered");
      places.put("quarantine." + name, "rows and lines that were held back");
      places.put("validated." + name, "rows that were admitted");
    }
    for (Source other : project.sources().values()) {
      boolean looksUp = other.lookup().stream().anyMatch(l -> l.source().equals(name));
      boolean selects =
          other.input() instanceof SourceInput.Query query && query.source().equals(name);
      if (looksUp || selects) {
        read(other.name());
      }
    }
  }

  private boolean isRead(FeatureView view) {
    return view.source().filter(sources::contains).isPresent();
  }

  private void views() {
    for (FeatureView view : project.views().values()) {
      if (isRead(view)) {
        places.put(view.id().table().toString(), "snapshots of view " + view.id());
        if (view.online()) {
          places.put("online:" + view.id(), "the published rows of view " + view.id());
        }
      }
    }
  }

  private void trainingSets() {
    List<String> sets = new ArrayList<>();
    for (TrainingSet set : project.trainingSets().values()) {
      boolean joins =
          set.features().stream().anyMatch(use -> isRead(project.views().get(use.view())));
      if (joins
          || sources.contains(set.rows().source())
          || sources.contains(set.label().source())) {
        sets.add(set.name());
        places.put("training." + set.name(), "rows of training set " + set.name());
      }
    }
    if (!sets.isEmpty()) {
      places.put("imported/", "rows of training sets that came with versions of other lakes");
    }
    for (Model model : project.models().values()) {
      if (sets.contains(model.trainingSet())) {
        places.put(
            "model:" + model.name(), "the categories of its text inputs, in each version's files");
      }
    }
    for (ScoreSet scores : project.scores().values()) {
      Model model = project.models().get(scores.model());
      if (sets.contains(scores.rows()) || (model != null && sets.contains(model.trainingSet()))) {
        places.put("scores." + scores.name(), "scored rows and their inputs");
      }
    }
  }
}
