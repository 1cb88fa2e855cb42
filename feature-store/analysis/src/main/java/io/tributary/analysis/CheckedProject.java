package io.tributary.analysis;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Model;
import io.tributary.definition.Monitor;
import io.tributary.definition.Problem;
import io.tributary.definition.Project;
import io.tributary.definition.ScoreSet;
import io.tributary.definition.Source;
import io.tributary.definition.TrainingSet;
import io.tributary.definition.ViewId;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.types.StructType;

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
  private final CanonicalForms texts;
  private final DefinitionTexts definitions;

  private CheckedProject(Project project, CanonicalForms texts) {
    this.project = project;
    this.texts = texts;
    this.definitions = new DefinitionTexts(this, texts);
  }

  /**
   * Checks a project. Costs some 10 ms an expression in a warm JVM.
   *
   * @throws PlatformException INVALID_DEFINITION that lists all problems, each with file and line
   */
  public static CheckedProject check(Project project) {
    Checking checking = checking(project);
    if (!checking.problems().isEmpty()) {
      throw Problem.exception(project.name(), checking.problems());
    }
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

  /** The same as {@link #check}, with problems as values. */
  public static Checking checking(Project project) {
    Problems problems = new Problems();
    CheckedProject checked = new CheckedProject(project, problems.texts());
    checked.checkAll(problems);
    return new Checking(checked, problems.sorted());
  }

  private void checkAll(Problems problems) {
    SourceChecker sourceChecker = new SourceChecker(project, problems);
    for (String name : project.sources().keySet()) {
      sourceChecker
          .find(name)
          .flatMap(AnalyzedSource::checked)
          .ifPresent(s -> sources.put(name, s));
    }
    for (FeatureView view : project.views().values()) {
      new ViewChecker(project, sourceChecker, problems, view)
          .check()
          .ifPresent(v -> views.put(v.id(), v));
    }
    for (TrainingSet set : project.trainingSets().values()) {
      new TrainingSetChecker(project, sourceChecker, views, problems, set)
          .check()
          .ifPresent(s -> trainingSets.put(s.name(), s));
    }
    for (Model model : project.models().values()) {
      new ModelChecker(project, trainingSets, problems, model)
          .check()
          .ifPresent(m -> models.put(m.name(), m));
    }
    ScoreChecker scoreChecker = new ScoreChecker(project, trainingSets, models, problems);
    for (ScoreSet set : project.scores().values()) {
      scoreChecker.check(set).ifPresent(s -> scores.put(s.name(), s));
    }
    project.monitors().values().forEach(scoreChecker::check);
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

  /** The columns of a source that other definitions may use. */
  public StructType schema(String source) {
    return source(source).schema();
  }

  /** The features of a view, derived ones last. */
  public StructType featureSchema(ViewId view) {
    return view(view).schema();
  }

  /** The columns of a training set's table: the rows that ask, their as-of, features, label. */
  public StructType trainingSetSchema(String name) {
    return trainingSet(name).schema();
  }

  public Digest digest(Source source) {
    return source(source.name()).digest();
  }

  public Digest digest(FeatureView view) {
    return view(view.id()).digest();
  }

  public Digest digest(TrainingSet set) {
    return trainingSet(set.name()).digest();
  }

  public Digest digest(Model model) {
    return model(model.name()).digest();
  }

  public Digest digest(ScoreSet set) {
    return scores(set.name()).digest();
  }

  /** Of what it watches (with the label that actuals are read by) and all its limits. */
  public Digest digest(Monitor monitor) {
    return CanonicalForm.of("monitor 1")
        .fact("name", monitor.name())
        .fact("scores", scores(monitor.scores()).digest())
        .fact("actuals", model(monitor.model()).trainingSet().digest())
        .fact("input-psi", monitor.inputPsi())
        .fact("input-missing", monitor.inputMissing())
        .fact("prediction-psi", monitor.predictionPsi())
        .fact("lowest", monitor.lowest())
        .fact("highest", monitor.highest())
        .fact("lowest-mean", monitor.lowestMean())
        .fact("highest-mean", monitor.highestMean())
        .fact("actuals-after", monitor.actualsAfter())
        .fact("auc-drop", monitor.aucDrop())
        .fact("breach", monitor.breach())
        .digest(texts);
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
          "Cannot find "
              + kind
              + " "
              + name
              + ": project "
              + project.name()
              + " defines none of that name."
              + Nearest.hint(
                  name.toString(), known.keySet().stream().map(Object::toString).toList()));
    }
    return found;
  }
}
