package io.tributary.train;

import io.tributary.analysis.CheckedProject;
import io.tributary.definition.Model;
import io.tributary.notify.Delivery;
import io.tributary.notify.Outbox;
import io.tributary.offline.FeatureStore;
import io.tributary.registry.Alias;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.ProjectMain;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;

/** {@code tributary train}. */
@Command(description = "Makes, registers and, if they are admitted, promotes versions of models.")
public final class TrainMain implements JobMain.Body {
  private TrainMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("train", args, new TrainMain()));
  }

  /** Those that this platform trains. */
  private static List<String> trained(CheckedProject project) {
    return project.project().models().values().stream()
        .filter(Model::isTrainedHere)
        .map(Model::name)
        .toList();
  }

  @Override
  public void run(JobMain main) {
    ProjectMain.run(
        main,
        (project, lake, runner) -> {
          FeatureStore store = FeatureStore.open(project, lake);
          try {
            for (String name : main.subjects(trained(project))) {
              runner.accept(
                  new TrainJob(
                      store, project.model(name).definition(), Optional.of(Alias.PRODUCTION)));
            }
          } finally {
            Delivery.ofNight()
                .afterChange(Outbox.open(lake.uri()), project.project())
                .forEach(main::say);
          }
        });
  }
}
