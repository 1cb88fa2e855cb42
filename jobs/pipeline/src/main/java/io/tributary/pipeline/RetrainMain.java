package io.tributary.pipeline;

import io.tributary.core.ErrorGroup;
import io.tributary.core.PlatformException;
import io.tributary.core.RunnerChoice;
import io.tributary.definition.Model;
import io.tributary.definition.Project;
import io.tributary.monitor.Breaches;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.ProjectMain;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code tributary retrain}: what {@code run} does after a night, for a scheduler. */
@Command(
    description = {
      "Trains models again where a monitor's breach decided that, and compares each with what is in production.",
      "What is decided is derived from the monitors' verdicts. Without a decision, or done already, it does nothing.",
      "Where several models fail it ends with 4 if something outside failed one of them, else as the first that failed."
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
            List<RuntimeException> failed = new ArrayList<>();
            tried(() -> jobs.followUp().forEach(main::say), failed);
            for (String model : models) {
              tried(() -> jobs.retraining(model).forEach(runner), failed);
            }
            if (!failed.isEmpty()) {
              throw told(failed);
            }
          } finally {
            new Breaches(project, lake).notify(main);
          }
        });
  }

  /** What one model, or what follows from breaches, fails by is nothing to another. */
  private static void tried(Runnable work, List<RuntimeException> failed) {
    try {
      work.run();
    } catch (RuntimeException e) {
      failed.add(e);
    }
  }

  /**
   * One that another try may mend, if there is one: whoever retries by the exit code must not miss
   * it.
   */
  static RuntimeException told(List<RuntimeException> failed) {
    RuntimeException told =
        failed.stream()
            .filter(e -> PlatformException.codeOf(e).group() == ErrorGroup.EXTERNAL)
            .findFirst()
            .orElse(failed.get(0));
    failed.stream().filter(e -> e != told).forEach(told::addSuppressed);
    return told;
  }

  private static List<String> trained(Project project) {
    return project.models().values().stream()
        .filter(Model::isTrainedHere)
        .map(Model::name)
        .toList();
  }
}
