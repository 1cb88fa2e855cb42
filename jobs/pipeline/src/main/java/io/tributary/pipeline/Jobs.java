package io.tributary.pipeline;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import io.tributary.core.RunnerChoice;
import io.tributary.definition.Model;
import io.tributary.definition.PipelineGraph;
import io.tributary.definition.PipelineGraph.Step;
import io.tributary.definition.Project;
import io.tributary.events.runs.RunLog;
import io.tributary.features.FeatureJobs;
import io.tributary.features.TrainingSetJob;
import io.tributary.ingest.Arrivals;
import io.tributary.ingest.IngestJob;
import io.tributary.lake.Lake;
import io.tributary.monitor.Breaches;
import io.tributary.monitor.MonitorJobs;
import io.tributary.offline.FeatureStore;
import io.tributary.online.OnlineStore;
import io.tributary.registry.Alias;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.RegisteredVersion;
import io.tributary.registry.RetrainDecision;
import io.tributary.registry.Retrainings;
import io.tributary.runtime.Job;
import io.tributary.score.ScoreJob;
import io.tributary.train.RetrainJob;
import io.tributary.train.TrainJob;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
  private final Breaches breaches;
  private final ModelRegistry registry;

  Jobs(CheckedProject checked, Lake lake, OnlineStore online, RunnerChoice runner) {
    this.checked = checked;
    this.project = checked.project();
    this.lake = lake;
    this.store = FeatureStore.open(checked, lake, runner);
    this.online = online;
    this.breaches = new Breaches(project, lake);
    this.registry = ModelRegistry.open(lake.uri());
  }

  /**
   * Follows up on what monitors have found so far.
   *
   * @return what was blocked or decided now, a sentence each
   */
  List<String> followUp() {
    return breaches.note();
  }

  /** The jobs of a step; of one that takes no interval the same for each. */
  List<Job> of(Step step, Interval interval) {
    Optional<String> subject = Optional.of(step.subject());
    return switch (step.command()) {
      case "ingest" -> List.of(ingest(step.subject(), Optional.of(interval)));
      case "materialize" -> materialize(subject, interval);
      case "publish" -> publish(subject, interval);
      case "training-set" -> List.of(trainingSet(step.subject()));
      case "train" -> List.of(train(step.subject()));
      case "score" -> score(subject, interval);
      case "monitor" -> monitor(subject, interval);
      default -> throw new IllegalArgumentException("no job for step " + step.id());
    };
  }

  /**
   * What trains models again, as decided because of breaches, and compares challengers with
   * champions, for each such model; of a challenger that is trained already its comparison alone.
   * Of one that is compared, whose process died before it could record that, the same, which leaves
   * it unchanged and recorded.
   */
  List<List<Job>> retraining() {
    return project.models().values().stream().flatMap(model -> retraining(model).stream()).toList();
  }

  /** The same of one model; without jobs where nothing is decided, or all is done. */
  List<Job> retraining(String model) {
    return retraining(named("model", model, project.models())).orElse(List.of());
  }

  private Optional<List<Job>> retraining(Model model) {
    Retrainings retrainings = registry.retrainings();
    Optional<RetrainDecision> newest = retrainings.newest(model.name());
    Optional<RegisteredVersion> challenger = newest.flatMap(retrainings::challenger);
    if (newest.isEmpty() || isDone(retrainings, newest.get(), challenger)) {
      return Optional.empty();
    }
    Job job = new RetrainJob(store, model, newest.get());
    return Optional.of(
        challenger.isPresent() ? List.of(job) : List.of(trainingSet(model.trainingSet()), job));
  }

  private boolean isDone(
      Retrainings retrainings, RetrainDecision decision, Optional<RegisteredVersion> challenger) {
    return retrainings.isAnswered(decision)
        && challenger
            .map(v -> RunLog.open(lake.uri()).isRecorded(v.version().run().orElseThrow()))
            .orElse(true);
  }

  private Job ingest(String source, Optional<Interval> interval) {
    IngestJob job = new IngestJob(checked, source, lake, interval);
    job.look();
    return job;
  }

  /** What sources should have of a night and have not, and what came late, a sentence each. */
  List<String> arrivals(List<String> sources, Interval night) {
    return new Arrivals(project, lake).look(sources, List.of(night));
  }

  /** All sources that read files, what others look up first. */
  List<Job> ingest() {
    return PipelineGraph.sources(project).stream()
        .map(source -> ingest(source, Optional.empty()))
        .toList();
  }

  List<Job> materialize(Optional<String> view, Interval interval) {
    return FeatureJobs.materialize(store, view.stream().toList(), interval);
  }

  List<Job> publish(Optional<String> view, Interval interval) {
    return FeatureJobs.publish(store, online, view.stream().toList(), interval, false);
  }

  Job trainingSetOf(String model) {
    return trainingSet(named("model", model, project.models()).trainingSet());
  }

  private Job trainingSet(String name) {
    return TrainingSetJob.of(store, project.trainingSets().get(name));
  }

  Job train(String model) {
    named("model", model, project.models());
    return new TrainJob(store, project.models().get(model), Optional.of(Alias.PRODUCTION));
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
          "Cannot find %s %s: the project has none of that name.%s"
              .formatted(kind, name, Nearest.hint(name, all.keySet())));
    }
    return found;
  }
}
