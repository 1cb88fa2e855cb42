package io.tributary.registry;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.JobKey;
import io.tributary.core.Outcome;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.events.facts.TrainingSetFacts;
import io.tributary.events.runs.LakeTables;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A build of a training set, by what its run recorded.
 *
 * @param definitions what it is made of, by kind and name, as the lake stores them
 */
public record BuiltTrainingSet(TrainingSetReference reference, Map<String, Digest> definitions) {
  public BuiltTrainingSet {
    definitions = Map.copyOf(definitions);
  }

  /**
   * Finds a build.
   *
   * @param what is done with it, as in {@code register a model trained on}
   * @param otherwise what a person does who has no such build, as an imperative
   * @throws PlatformException NOT_FOUND when no run built it, or its table is gone
   */
  public static BuiltTrainingSet find(
      String lake, String name, long number, String what, String otherwise) {
    List<RunRecord> builds = builds(RunLog.open(lake), name).toList();
    RunRecord run =
        builds.stream()
            .filter(built -> facts(built).number() == number)
            .findFirst()
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.NOT_FOUND,
                        "Cannot %s %s@%d: %s. Name a build of this lake, or %s."
                            .formatted(
                                what,
                                name,
                                number,
                                builds.isEmpty()
                                    ? "no run built training set " + name
                                    : "the builds of " + name + " are " + numbers(builds),
                                otherwise)));
    TableName table = TableName.of("training", name);
    if (!LakeTables.list(lake).contains(table)) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot %s %s@%d: run %s built it, but table %s is gone. Whoever operates the lake restores it; or %s."
              .formatted(what, name, number, run.run(), table, otherwise));
    }
    TrainingSetFacts facts = facts(run);
    return new BuiltTrainingSet(
        new TrainingSetReference(
            name,
            number,
            run.outputs().get(run.outputs().size() - 1),
            run.inputs(),
            facts.definition(),
            facts.content(),
            facts.shared()),
        run.definitions());
  }

  /** The run that made a build; one that failed may have had its number before. */
  public static Optional<RunRecord> run(RunLog runs, String name, long number) {
    return builds(runs, name).filter(built -> facts(built).number() == number).findFirst();
  }

  private static Stream<RunRecord> builds(RunLog runs, String name) {
    return runs.list(JobKey.of("training-set", name)).stream()
        .filter(run -> run.found().isEmpty() && run.outcome() == Outcome.SUCCEEDED)
        .filter(run -> run.facts(TrainingSetFacts.class).isPresent());
  }

  private static TrainingSetFacts facts(RunRecord run) {
    return run.facts(TrainingSetFacts.class).orElseThrow();
  }

  private static String numbers(List<RunRecord> builds) {
    return String.join(
        ", ",
        builds.stream().map(run -> facts(run).number()).sorted().map(Object::toString).toList());
  }
}
