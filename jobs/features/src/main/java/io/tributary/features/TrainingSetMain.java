package io.tributary.features;

import io.tributary.core.RunnerChoice;
import io.tributary.offline.FeatureStore;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.ProjectMain;
import io.tributary.runtime.RunnerOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tributary training-set}. */
@Command(description = "Builds training sets.")
public final class TrainingSetMain implements JobMain.Body {
  @Mixin private RunnerOption computing = new RunnerOption(RunnerChoice.spark);

  private TrainingSetMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("training-set", args, new TrainingSetMain()));
  }

  @Override
  public void run(JobMain main) {
    ProjectMain.run(
        main,
        (project, lake, runner) -> {
          FeatureStore store = FeatureStore.open(project, lake, computing.choice());
          for (String name : main.subjects(project.project().trainingSets().keySet())) {
            runner.accept(TrainingSetJob.of(store, project.trainingSet(name).definition()));
          }
        });
  }
}
