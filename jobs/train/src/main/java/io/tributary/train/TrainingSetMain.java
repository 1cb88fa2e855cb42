package io.tributary.train;

import io.tributary.expression.CheckedProject;
import io.tributary.lake.JobMain;
import io.tributary.offline.StoreMain;
import io.tributary.offline.TrainingSetJob;
import picocli.CommandLine.Command;

/** {@code tributary training-set}. */
@Command(description = "Builds training sets.")
public final class TrainingSetMain implements JobMain.Body {
  private TrainingSetMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("training-set", args, new TrainingSetMain()));
  }

  @Override
  public void run(JobMain main) {
    StoreMain.run(
        main,
        (store, runner) -> {
          CheckedProject checked = store.project();
          for (String name : main.subjects(checked.project().trainingSets().keySet())) {
            runner.accept(TrainingSetJob.of(store, checked.trainingSet(name).definition()));
          }
        });
  }
}
