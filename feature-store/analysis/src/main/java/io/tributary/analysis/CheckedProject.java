package io.tributary.analysis;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Model;
import io.tributary.definition.Monitor;
import io.tributary.definition.OnlineAddress;
import io.tributary.definition.Problem;
import io.tributary.definition.Problems;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.definition.ProjectReader.Reading;
import io.tributary.definition.ScoreSet;
import io.tributary.definition.SourceInput;
import io.tributary.definition.TrainingSet;
import io.tributary.definition.ViewId;
import io.tributary.expression.ExpressionResolver;
import io.tributary.expression.KeptExpressions;
import io.tributary.online.OnlineStores;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A project in which every expression is typed and compiled and everything fits together, before
 * any data is read.
 *
 * <p>Digests are of normalised meanings: resolved expressions and declarations; never description,
 * owner, path, tags, comments, or the order of keys. They are equal in every JVM; another Spark
 * version gives others.
 */
public final class CheckedProject {
  private final Project project;
  private final Map<String, CheckedSource> sources = new LinkedHashMap<>();
  private final Map<ViewId, CheckedView> views = new LinkedHashMap<>();
  private final Map<String, CheckedTrainingSet> trainingSets = new LinkedHashMap<>();
  private final Map<String, CheckedModel> models = new LinkedHashMap<>();
  private final Map<String, CheckedScores> scores = new LinkedHashMap<>();
  private final CanonicalForms forms;
  private final DefinitionTexts definitions;

  private CheckedProject(Analysis analysis) {
    this.project = analysis.project();
    this.forms = analysis.forms();
    this.definitions = new DefinitionTexts(this, forms);
  }

  /**
   * Reads a project and checks it. Costs some 10 ms an expression in a warm JVM.
   *
   * @param folder that holds {@code tributary.yaml}
   * @param environment what <code>${NAME}</code> in {@code tributary.yaml} stands for
   * @param lakeOverride in place of the project's {@code lake}
   * @throws PlatformException NOT_FOUND if the folder is no project; INVALID_DEFINITION that lists
   *     all problems, each with file and line, those of types beside those of syntax and names
   */
  public static CheckedProject read(
      Path folder, Map<String, String> environment, Optional<String> lakeOverride) {
    prepare(folder);
    Reading reading = ProjectReader.check(folder, environment, lakeOverride);
    Optional<Checking> checking = reading.project().map(CheckedProject::checking);
    Problems problems = new Problems();
    problems.addAll(reading.problems());
    checking.ifPresent(c -> problems.addAll(c.problems()));
    problems.throwIfAny(
        reading
            .project()
            .map(Project::name)
            .orElseGet(() -> folder.toAbsolutePath().normalize().toString()));
    return checking.orElseThrow().checked();
  }

  /**
   * Loads what the first expression needs, on a thread of its own, if it looks as if expressions of
   * a project had to be resolved: for whoever reads its definitions meanwhile.
   */
  public static void prepare(Path folder) {
    if (ProjectReader.lastChange(folder)
        .map(at -> KeptExpressions.isBehind(folder, at))
        .orElse(true)) {
      CompletableFuture<Void> unused = CompletableFuture.runAsync(ExpressionResolver::prepare);
    }
  }

  /**
   * Checks a project that {@link ProjectReader} has read: that its names lead somewhere is checked
   * there.
   *
   * @throws PlatformException INVALID_DEFINITION that lists all problems, each with file and line
   */
  public static CheckedProject check(Project project) {
    Checking checking = checking(project);
    if (!checking.problems().isEmpty()) {
      throw Problem.exception(project.name(), checking.problems());
    }
    checking.checked().requireAll();
    return checking.checked();
  }

  /**
   * What checking a project finds.
   *
   * @param checked what of it is right
   * @param problems what is not, by file and line
   */
  public record Checking(CheckedProject checked, List<Problem> problems) {
    public Checking {
      problems = List.copyOf(problems);
    }
  }

  /**
   * The same as {@link #check}, with problems as values; also of a project without the definitions
   * that have problems of their own. What refers to these is left out.
   */
  public static Checking checking(Project project) {
    return checking(project, KeptExpressions.of(project.folder()));
  }

  /** The same with what expressions were resolved to before. */
  public static Checking checking(Project project, KeptExpressions kept) {
    Analysis analysis = new Analysis(project, new Problems(), new CanonicalForms(), kept);
    CheckedProject checked = new CheckedProject(analysis);
    checked.checkAll(analysis);
    kept.save();
    return new Checking(checked, analysis.problems().sorted());
  }

  /**
   * The views of a project that are computed on demand, checked without all that they do not need.
   * Costs as much as their expressions, and nothing is kept of it.
   *
   * @throws PlatformException INVALID_DEFINITION that lists all problems of theirs
   */
  public static List<CheckedView> onDemand(Project project) {
    Analysis analysis =
        new Analysis(project, new Problems(), new CanonicalForms(), KeptExpressions.none());
    SourceChecker sources = new SourceChecker(analysis);
    List<CheckedView> views =
        project.views().values().stream()
            .filter(FeatureView::isOnDemand)
            .flatMap(view -> new ViewChecker(analysis, sources, view).check().stream())
            .toList();
    analysis.problems().throwIfAny(project.name());
    return views;
  }

  private void checkAll(Analysis analysis) {
    SourceChecker sourceChecker = new SourceChecker(analysis);
    for (String name : project.sources().keySet()) {
      sourceChecker
          .find(name)
          .flatMap(AnalyzedSource::checked)
          .ifPresent(s -> sources.put(name, s));
    }
    for (FeatureView view : project.views().values()) {
      new ViewChecker(analysis, sourceChecker, view).check().ifPresent(v -> views.put(v.id(), v));
    }
    for (TrainingSet set : project.trainingSets().values()) {
      new TrainingSetChecker(analysis, sourceChecker, views, set)
          .check()
          .ifPresent(s -> trainingSets.put(s.name(), s));
    }
    for (Model model : project.models().values()) {
      new ModelChecker(analysis, trainingSets, model)
          .check()
          .ifPresent(m -> models.put(m.name(), m));
    }
    ScoreChecker scoreChecker = new ScoreChecker(analysis, trainingSets, models);
    for (ScoreSet set : project.scores().values()) {
      scoreChecker.check(set).ifPresent(s -> scores.put(s.name(), s));
    }
    project.monitors().values().forEach(scoreChecker::check);
    checkOnline(analysis);
  }

  /** What publishes has a store to publish to. */
  private void checkOnline(Analysis analysis) {
    boolean publishes =
        !project.pipelines().isEmpty()
            || project.views().values().stream()
                .anyMatch(view -> view.online() && !view.isOnDemand());
    OnlineAddress online = project.online();
    if (publishes && online.location().isPresent()) {
      OnlineStores.problem(online)
          .ifPresent(
              problem ->
                  analysis.problem(
                      "project " + project.name(),
                      online.location().get(),
                      "its online store is %s, and %s".formatted(online, problem)));
    }
  }

  /** Nothing is left out in silence: of a project that was put together by hand, names may fail. */
  private void requireAll() {
    require("source", project.sources().keySet(), sources.keySet());
    require("view", project.views().keySet(), views.keySet());
    require("training-set", project.trainingSets().keySet(), trainingSets.keySet());
    require("model", project.models().keySet(), models.keySet());
    require("scores", project.scores().keySet(), scores.keySet());
    for (Monitor monitor : project.monitors().values()) {
      require("model", Set.of(monitor.model()), models.keySet());
      require("scores", Set.of(monitor.scores()), scores.keySet());
    }
  }

  private <K> void require(String kind, Set<K> defined, Set<K> checked) {
    for (K name : defined) {
      if (!checked.contains(name)) {
        throw new PlatformException(
            ErrorCode.INVALID_DEFINITION,
            "Cannot check %s %s: it is missing from project %s, or names what that lacks. Read the project's files, which tells where."
                .formatted(kind, name, project.name()));
      }
    }
  }

  public Project project() {
    return project;
  }

  /** All sources, by name. */
  public Map<String, CheckedSource> sources() {
    return Collections.unmodifiableMap(sources);
  }

  /** All views, in the project's order. */
  public Map<ViewId, CheckedView> views() {
    return Collections.unmodifiableMap(views);
  }

  /** The source whose rows another is made of, where that one is a query; else itself. */
  public String base(String source) {
    String name = source;
    while (source(name).definition().input() instanceof SourceInput.Query query) {
      name = query.source();
    }
    return name;
  }

  public CheckedSource source(String name) {
    return find("source", name, sources);
  }

  public CheckedView view(ViewId id) {
    return find("view", id, views);
  }

  public CheckedTrainingSet trainingSet(String name) {
    return find("training-set", name, trainingSets);
  }

  public CheckedModel model(String name) {
    return find("model", name, models);
  }

  public CheckedScores scores(String name) {
    return find("scores", name, scores);
  }

  /**
   * Of what it watches (with the label that actuals are read by), all its limits and the margin by
   * which challengers are judged.
   */
  public Digest digest(Monitor monitor) {
    return CanonicalForm.of("monitor 4")
        .fact("name", monitor.name())
        .fact("scores", scores(monitor.scores()).digest())
        .fact("actuals", model(monitor.model()).trainingSet().digest())
        .fact("input-psi", monitor.inputPsi())
        .fact("window", (long) monitor.window())
        .fact("matters", monitor.matters())
        .fact("prediction-psi", monitor.predictionPsi())
        .fact("lowest", monitor.lowest())
        .fact("highest", monitor.highest())
        .fact("lowest-mean", monitor.lowestMean())
        .fact("highest-mean", monitor.highestMean())
        .fact("mean", monitor.learntMean() ? Optional.of("learnt") : Optional.empty())
        .fact("actuals-after", monitor.actualsAfter())
        .fact("auc-drop", monitor.aucDrop())
        .fact("margin", model(monitor.model()).definition().margin())
        .inOrder("aside", monitor.nightsAside())
        .digest(forms);
  }

  /**
   * These definitions and all that they are made of, each once, as a run keeps them: what a thing
   * is made of comes before it. Suites are not among them.
   *
   * @param references kind and name, {@code view carrier_history@1}
   * @throws PlatformException NOT_FOUND for one that the project does not define
   */
  public List<Definition> definitions(Collection<String> references) {
    return definitions.of(references);
  }

  private <K, V> V find(String kind, K name, Map<K, V> known) {
    V found = known.get(name);
    if (found == null) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot find %s %s: project %s defines none of that name.%s"
              .formatted(
                  kind,
                  name,
                  project.name(),
                  Nearest.hint(
                      name.toString(), known.keySet().stream().map(Object::toString).toList())));
    }
    return found;
  }
}
