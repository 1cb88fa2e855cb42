package io.tributary.pipeline;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import io.tributary.definition.Pipeline;
import io.tributary.definition.Pipeline.Step;
import io.tributary.definition.Project;
import io.tributary.definition.Source;
import io.tributary.features.FeatureJobs;
import io.tributary.features.TrainingSetJob;
import io.tributary.ingest.IngestJob;
import io.tributary.lake.Lake;
import io.tributary.monitor.MonitorJobs;
import io.tributary.offline.FeatureStore;
import io.tributary.online.OnlineStore;
import io.tributary.runtime.Job;
import io.tributary.score.ScoreJob;
import io.tributary.train.TrainJob;
import io.tributary.train.TrainMain;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The jobs of a project, made as a flow comes to them. Where a step names no subject it means all
 * there are.
 */
final class Jobs {
  private final CheckedProject checked;
  private final Project project;
  private final Lake lake;
  private final FeatureStore store;
  private final OnlineStore online;

  Jobs(CheckedProject checked, Lake lake, OnlineStore online) {
    this.checked = checked;
    this.project = checked.project();
    this.lake = lake;
    this.store = FeatureStore.open(checked, lake);
    this.online = online;
  }

  /**
   * Kind and name of all that a pipeline's jobs use.
   *
   * @param all also of the history and the models, not of the nights alone
   */
  static List<String> uses(Project project, Pipeline pipeline, boolean all) {
    List<String> uses = new ArrayList<>();
    if (all) {
      uses.addAll(views(project, Optional.empty()));
      pipeline.train().forEach(model -> uses.add("model " + model));
    }
    for (Step step : pipeline.steps()) {
      uses.addAll(
          switch (step.verb()) {
            case "materialize", "publish" -> views(project, step.subject());
            case "training-set" -> uses("training-set ", step, project.trainingSets());
            case "train" -> uses("model ", step, project.models());
            case "score" -> uses("scores ", step, project.scores());
            case "monitor" -> uses("monitor ", step, project.monitors());
            default -> List.of();
          });
    }
    return uses;
  }

  private static List<String> uses(String kind, Step step, Map<String, ?> all) {
    return names(kind.strip(), step.subject(), all).stream().map(name -> kind + name).toList();
  }

  private static List<String> views(Project project, Optional<String> view) {
    return view
        .map(List::of)
        .orElseGet(
            () ->
                project.views().values().stream()
                    .filter(v -> !v.isOnDemand())
                    .map(v -> v.id().toString())
                    .toList())
        .stream()
        .map(name -> "view " + name)
        .toList();
  }

  /**
   * All sources that read files, in levels: those of one level look up only those of the levels
   * before.
   */
  List<List<Job>> ingest() {
    return ingest(Optional.empty());
  }

  /** The same; of sources with an interval in their path, that interval's files. */
  List<List<Job>> ingest(Optional<Interval> interval) {
    Map<String, Source> waiting = new TreeMap<>(project.sources());
    waiting.values().removeIf(Source::isQuery);
    List<List<Job>> levels = new ArrayList<>();
    while (!waiting.isEmpty()) {
      List<String> ready =
          waiting.values().stream()
              .filter(s -> s.lookup().stream().noneMatch(l -> waiting.containsKey(l.source())))
              .map(Source::name)
              .toList();
      List<IngestJob> level =
          ready.stream().map(source -> new IngestJob(checked, source, lake, interval)).toList();
      level.forEach(IngestJob::look);
      levels.add(List.copyOf(level));
      ready.forEach(waiting::remove);
    }
    return levels;
  }

  List<Job> materialize(Optional<String> view, Interval interval) {
    return FeatureJobs.materialize(store, view.stream().toList(), interval);
  }

  List<Job> publish(Optional<String> view, Interval interval) {
    return FeatureJobs.publish(store, online, view.stream().toList(), interval);
  }

  Job trainingSetOf(String model) {
    return trainingSet(named("model", model, project.models()).trainingSet());
  }

  List<Job> trainingSets(Optional<String> name) {
    return names("training set", name, project.trainingSets()).stream()
        .map(this::trainingSet)
        .toList();
  }

  private Job trainingSet(String name) {
    return TrainingSetJob.of(store, project.trainingSets().get(name));
  }

  Job train(String model) {
    named("model", model, project.models());
    return new TrainJob(store, project.models().get(model), Optional.of(TrainMain.PRODUCTION));
  }

  List<Job> train(Optional<String> model) {
    return names("model", model, project.models()).stream().map(this::train).toList();
  }

  List<Job> score(Optional<String> name, Interval interval) {
    return names("score set", name, project.scores()).stream()
        .<Job>map(n -> new ScoreJob(store, project.scores().get(n), interval))
        .toList();
  }

  List<Job> monitor(Optional<String> name, Interval interval) {
    return names("monitor", name, project.monitors()).stream()
        .flatMap(n -> MonitorJobs.of(store, project.monitors().get(n), interval).stream())
        .toList();
  }

  private static List<String> names(String kind, Optional<String> name, Map<String, ?> all) {
    name.ifPresent(n -> named(kind, n, all));
    return name.map(List::of).orElseGet(() -> List.copyOf(all.keySet()));
  }

  private static <T> T named(String kind, String name, Map<String, T> all) {
    T found = all.get(name);
    if (found == null) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot find "
              + kind
              + " "
              + name
              + ": the project has none of that name."
              + Nearest.hint(name, all.keySet()));
    }
    return found;
  }
}
