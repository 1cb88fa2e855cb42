package io.tributary.monitor;

import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.definition.Monitor;
import io.tributary.definition.Project;
import io.tributary.lake.Lake;
import io.tributary.notify.Delivery;
import io.tributary.notify.Notice;
import io.tributary.notify.Outbox;
import io.tributary.registry.Alias;
import io.tributary.registry.ModelReference;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.RegisteredVersion;
import io.tributary.registry.RetrainDecision;
import io.tributary.runtime.JobMain;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows from the breaches that monitors have committed. It is derived from their commits, so
 * that what a process could not do before it died the next one does.
 */
public final class Breaches {
  private static final Logger LOG = LoggerFactory.getLogger(Breaches.class);

  private static final String ACTUALS = Question.ACTUALS.text();

  private final Project project;
  private final Lake lake;
  private final Outbox outbox;
  private final ModelRegistry registry;

  public Breaches(Project project, Lake lake) {
    this.project = project;
    this.lake = lake;
    this.outbox = Outbox.open(lake.uri());
    this.registry = ModelRegistry.open(lake.uri());
  }

  /**
   * Notes what was found; blocks promotions, or decides to train again, where a monitor is to do
   * that.
   */
  public void note() {
    outbox.note(project);
    for (Monitor monitor : project.monitors().values()) {
      if (monitor.breach() != Monitor.Breach.ALERT) {
        outbox.standing(monitor.name()).stream()
            .filter(notice -> notice.count() > 0 && notice.then().equals(monitor.breach().text()))
            .forEach(
                notice -> {
                  if (monitor.breach() == Monitor.Breach.RETRAIN) {
                    retrain(monitor, notice);
                  } else {
                    block(notice);
                  }
                });
      }
    }
  }

  /**
   * Decides to train again, where the breach is one of actuals or of a window: what is broken
   * tonight must not be learnt. Labels are mature up to a day that the champion was not tested on.
   */
  private void retrain(Monitor monitor, Notice notice) {
    if (notice.breaches().stream()
        .noneMatch(b -> b.question().equals(ACTUALS) || b.measure().equals(Questions.PSI))) {
      return;
    }
    Instant upTo =
        Interval.day(
                Interval.dayOf(
                    notice.interval().to().minus(monitor.actualsAfter()), project.zone()),
                project.zone())
            .from();
    Optional<ModelVersion> champion = champion(monitor.model());
    if (champion.filter(v -> testedUpTo(v).isBefore(upTo)).isPresent()) {
      registry.decideRetraining(
          RetrainDecision.of(
              monitor.model(),
              champion.get().number(),
              monitor.name(),
              notice.night(),
              notice.id(),
              upTo,
              notice.what()),
          project.models().get(monitor.model()).retrain().atMostEvery(),
          Principal.osUser(lake.environment().user()),
          notice.run());
    }
  }

  private Optional<ModelVersion> champion(String model) {
    return Optional.ofNullable(registry.models().get(model))
        .flatMap(
            known ->
                Optional.ofNullable(known.aliases().get(Alias.PRODUCTION))
                    .flatMap(alias -> known.version(alias.number())))
        .map(RegisteredVersion::version);
  }

  /** Where a version's test rows end; of one that is split by keys alone, its data. */
  private static Instant testedUpTo(ModelVersion version) {
    return version.parameters().split().parts().stream()
        .filter(part -> part.name().equals("test"))
        .flatMap(part -> part.asOf().stream())
        .map(Interval::to)
        .findFirst()
        .orElse(version.parameters().split().dataEnd());
  }

  private void block(Notice notice) {
    registry.block(
        ModelReference.parse(notice.breaches().get(0).model()),
        notice.monitor(),
        notice.night(),
        notice.id(),
        Principal.osUser(lake.environment().user()),
        notice.run(),
        notice.what());
  }

  /**
   * Does the same and notifies the project's receivers, at the end of a command. It fails no work
   * that is done: what could not be delivered is said, and delivered by the next one.
   */
  public void notify(JobMain main) {
    List<String> lines = new ArrayList<>();
    try {
      note();
      for (Delivery.Result result : Delivery.ofNight().deliver(outbox, project)) {
        lines.add((result.owed() > 0 ? "WARN notify " : "Notified ") + result);
      }
      if (lines.stream().anyMatch(line -> line.startsWith("WARN"))) {
        lines.add("Nothing is lost: the next run tries again, and so does tributary notify.");
      }
    } catch (PlatformException e) {
      LOG.warn("Receivers are not notified of breaches yet: {}", e.getMessage());
    }
    if (!lines.isEmpty()) {
      main.say("");
      lines.forEach(main::say);
    }
  }
}
