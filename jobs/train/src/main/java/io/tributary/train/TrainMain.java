package io.tributary.train;

import io.tributary.expression.CheckedProject;
import io.tributary.lake.JobMain;
import io.tributary.offline.StoreMain;
import java.util.Optional;
import picocli.CommandLine.Command;

/** {@code tributary train}. */
@Command(description = "Makes, registers and, if they are admitted, promotes versions of models.")
public final class TrainMain implements JobMain.Body {
  /** The alias that scoring uses by default. */
  public static final String PRODUCTION = "production";

  private TrainMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("train", args, new TrainMain()));
  }

  @Override
  public void run(JobMain main) {
    StoreMain.run(
        main,
        (store, runner) -> {
          CheckedProject checked = store.project();
          for (String name : main.subjects(checked.project().models().keySet())) {
            runner.accept(
                new TrainJob(store, checked.model(name).definition(), Optional.of(PRODUCTION)));
          }
        });
  }
}
