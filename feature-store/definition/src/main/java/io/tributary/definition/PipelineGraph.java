package io.tributary.definition;

import com.fasterxml.jackson.annotation.JsonValue;
import io.tributary.core.Interval;
import io.tributary.core.command.CommandEntry;
import io.tributary.core.command.Commands;
import io.tributary.core.command.IntervalUse;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A pipeline as data: each step with what it needs, for whoever runs it, in one process or by a
 * scheduler.
 *
 * <p>Steps stand in an order in which they can run one after the other. Steps that need each other
 * neither directly nor by others may run side by side. The order that a pipeline's author wrote is
 * kept: a step needs all of what stands in the line before its own.
 *
 * @param format of this record as JSON; counts up when a field changes its meaning
 * @param schedule cron: minute, hour, day of month, month, day of week, in the zone
 * @param history the interval of the steps that run once; empty = there are none
 * @param until where data that ends does; empty = open
 * @param mains by command, for {@code spark-submit}: the main classes of the steps' and of what a
 *     scheduler runs besides
 */
public record PipelineGraph(
    int format,
    String project,
    String pipeline,
    String schedule,
    String zone,
    Optional<Interval> history,
    Optional<Instant> until,
    List<Step> steps,
    Map<String, String> mains) {
  /** What this build writes. */
  public static final int FORMAT = 1;

  /** Commands that are no steps and that a scheduler runs for a project. */
  private static final List<String> BESIDES = List.of("check", "run", "retrain", "clean");

  public PipelineGraph {
    steps = List.copyOf(steps);
    mains = Collections.unmodifiableMap(new LinkedHashMap<>(mains));
  }

  /** The part of a pipeline that a step belongs to. */
  public enum Phase {
    /** Once: what was delivered for the history. */
    LOAD,
    /** Once: snapshots of the history. */
    HISTORY,
    /** Once: the models that are trained on it. */
    TRAIN,
    /**
     * For each interval of data, a day unless it is said otherwise, one interval after the other.
     */
    INTERVAL;

    @JsonValue
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What interval of data a step works on. */
  public enum Span {
    /** The pipeline's history. */
    HISTORY,
    /** The one that its run is for. */
    INTERVAL,
    /** All that there is when it runs. */
    NONE;

    @JsonValue
    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * One step: one command on one thing.
   *
   * @param id unique in the pipeline, of letters, digits, {@code _ - .} alone; the same as long as
   *     the pipeline's definition and what it names are
   * @param command what does it, as a person types it behind {@code tributary}
   * @param subject what the command works on, by its name
   * @param needs ids of steps of the same run that must have succeeded before
   * @param makes what others read of what it leaves, by name: tables as runs name them, without
   *     their versions; {@code online.VIEW} and {@code models.MODEL} of what is none
   */
  public record Step(
      String id,
      Phase phase,
      String command,
      String subject,
      Span span,
      List<String> needs,
      List<String> makes) {
    public Step {
      needs = List.copyOf(needs);
      makes = List.copyOf(makes);
    }

    /** Kind and name of the definition that it works on, {@code view carrier_history@1}. */
    public String definition() {
      return Commands.find(command).orElseThrow().subject().text() + " " + subject;
    }
  }

  /** The graph of a project's pipeline. Where a line names no subject it means all there are. */
  public static PipelineGraph of(Project project, Pipeline pipeline) {
    Builder graph = new Builder(project);
    if (pipeline.history().isPresent()) {
      graph.begin(Phase.LOAD);
      graph.line("ingest", Optional.empty());
      graph.begin(Phase.HISTORY);
      graph.line("materialize", Optional.empty());
      graph.begin(Phase.TRAIN);
      pipeline.train().forEach(graph::model);
    }
    graph.begin(Phase.INTERVAL);
    pipeline.steps().forEach(step -> graph.line(step.verb(), step.subject()));
    return new PipelineGraph(
        FORMAT,
        project.name(),
        pipeline.name(),
        pipeline.schedule(),
        project.zone().getId(),
        pipeline.history(),
        pipeline.until(),
        graph.steps,
        mainClasses());
  }

  private static Map<String, String> mainClasses() {
    Map<String, String> mains = new LinkedHashMap<>();
    Stream.concat(BESIDES.stream(), Commands.steps().stream().map(CommandEntry::words))
        .forEach(
            words -> mains.put(words, Commands.find(words).orElseThrow().main().orElseThrow()));
    return mains;
  }

  /** A project's sources that read files, each behind those that it looks up. */
  public static List<String> sources(Project project) {
    return new Builder(project).sources(Optional.empty());
  }

  /** The steps of one phase, in order. */
  public List<Step> steps(Phase phase) {
    return steps.stream().filter(step -> step.phase() == phase).toList();
  }

  /** Adds line after line. */
  private static final class Builder {
    private final Project project;
    private final List<Step> steps = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();
    private Phase phase = Phase.LOAD;
    private List<String> before = List.of();

    Builder(Project project) {
      this.project = project;
    }

    void begin(Phase next) {
      phase = next;
      // What runs once is no part of an interval's run.
      before = next == Phase.INTERVAL ? List.of() : before;
    }

    /** One command on each of its subjects; all need the line before. */
    void line(String command, Optional<String> subject) {
      Map<String, String> line = new LinkedHashMap<>();
      for (String name : subjects(command, subject)) {
        List<String> needs = new ArrayList<>(before);
        if (command.equals("ingest")) {
          lookedUp(name).map(line::get).filter(Objects::nonNull).distinct().forEach(needs::add);
        }
        line.put(name, add(command, name, needs));
      }
      before = line.isEmpty() ? before : List.copyOf(line.values());
    }

    /** A model after its training set; several models do not need each other. */
    void model(String name) {
      String set = project.models().get(name).trainingSet();
      String built =
          steps.stream()
              .filter(step -> step.command().equals("training-set") && step.subject().equals(set))
              .map(Step::id)
              .findFirst()
              .orElseGet(() -> add("training-set", set, before));
      add("train", name, List.of(built));
    }

    private String add(String command, String subject, List<String> needs) {
      String name = String.join(".", phase.text(), command, subject.replace("@", ".v"));
      String id = name;
      for (int again = 2; !ids.add(id); again++) {
        id = name + "." + again;
      }
      steps.add(
          new Step(
              id, phase, command, subject, span(command), needs, List.of(made(command, subject))));
      return id;
    }

    private static String made(String command, String subject) {
      return switch (command) {
        case "ingest" -> "validated." + subject;
        case "materialize" -> "features." + subject.replace("@", "_v");
        case "publish" -> "online." + subject.replace("@", "_v");
        case "training-set" -> "training." + subject;
        case "train" -> "models." + subject;
        case "score" -> "scores." + subject;
        case "monitor" -> "monitor." + subject;
        default -> throw new IllegalArgumentException("no step " + command);
      };
    }

    private Span span(String command) {
      if (Commands.find(command).orElseThrow().interval() == IntervalUse.NONE) {
        return Span.NONE;
      }
      return phase == Phase.INTERVAL ? Span.INTERVAL : Span.HISTORY;
    }

    private List<String> subjects(String command, Optional<String> subject) {
      return switch (command) {
        case "ingest" -> sources(subject);
        case "materialize" -> subject.map(List::of).orElseGet(() -> views(view -> true));
        case "publish" -> subject.map(List::of).orElseGet(() -> views(FeatureView::online));
        case "training-set" -> named(subject, project.trainingSets());
        case "train" ->
            subject
                .map(List::of)
                .orElseGet(
                    () ->
                        project.models().values().stream()
                            .filter(Model::isTrainedHere)
                            .map(Model::name)
                            .toList());
        case "score" -> named(subject, project.scores());
        case "monitor" -> named(subject, project.monitors());
        default -> throw new IllegalArgumentException("no step " + command);
      };
    }

    private List<String> views(Predicate<FeatureView> wanted) {
      return project.views().values().stream()
          .filter(view -> !view.isOnDemand())
          .filter(wanted)
          .map(view -> view.id().toString())
          .toList();
    }

    private static List<String> named(Optional<String> subject, Map<String, ?> all) {
      return subject.map(List::of).orElseGet(() -> List.copyOf(all.keySet()));
    }

    /** Those that read files, in levels: those of one level look up only those of levels before. */
    private List<String> sources(Optional<String> subject) {
      Set<String> waiting = new TreeSet<>();
      Deque<String> open = new ArrayDeque<>(named(subject, project.sources()));
      while (!open.isEmpty()) {
        String source = stored(open.pop());
        if (waiting.add(source)) {
          lookedUp(source).forEach(open::push);
        }
      }
      List<String> order = new ArrayList<>();
      while (!waiting.isEmpty()) {
        List<String> level =
            waiting.stream().filter(s -> lookedUp(s).noneMatch(waiting::contains)).toList();
        if (level.isEmpty()) {
          throw new IllegalStateException("sources look up each other: " + waiting);
        }
        order.addAll(level);
        level.forEach(waiting::remove);
      }
      return order;
    }

    private Stream<String> lookedUp(String source) {
      return project.sources().get(source).lookup().stream().map(lookup -> stored(lookup.source()));
    }

    /** The source itself, or the one with files that a query reads. */
    private String stored(String source) {
      String at = source;
      while (project.sources().get(at).input() instanceof SourceInput.Query query) {
        at = query.source();
      }
      return at;
    }
  }
}
