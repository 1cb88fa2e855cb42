package io.tributary.pipeline;

import io.tributary.core.RunnerChoice;
import io.tributary.definition.Model;
import io.tributary.definition.Project;
import io.tributary.monitor.Breaches;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.ProjectMain;
import java.util.Collection;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code tributary retrain}: what {@code run} does after a night, for a scheduler. */
@Command(
    description = {
      "Trains models again where a monitor's breach decided that, and compares each with what is in production.",
      "What is decided is derived from the monitors' verdicts. Without a decision, or done already, it does nothing."
    })
public final class RetrainMain implements JobMain.Body {
  private RetrainMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("retrain", args, new RetrainMain()));
  }

  @Override
  public void run(JobMain main) {
    ProjectMain.run(
        main,
        (checked, lake, runner) -> {
          Project project = checked.project();
          Collection<String> models = main.subjects(trained(project));
          try (OnlineStore online = OnlineStores.open(project.online())) {
            Jobs jobs = new Jobs(checked, lake, online, RunnerChoice.spark);
            jobs.followUp().forEach(main::say);
            RuntimeException failed = null;
            for (String model : models) {
              try {
                jobs.retraining(model).forEach(runner);
              } catch (RuntimeException e) {
                // Of another model it is nothing.
                if (failed == null) {
                  failed = e;
                } else {
                  failed.addSuppressed(e);
                }
              }
            }
            if (failed != null) {
              throw failed;
            }
          } finally {
            new Breaches(project, lake).notify(main);
          }
        });
  }

  private static List<String> trained(Project project) {
    return project.models().values().stream()
        .filter(Model::isTrainedHere)
        .map(Model::name)
        .toList();
  }
}
