package io.tributary.monitor;

import io.tributary.core.Interval;
import io.tributary.core.Principal;
import io.tributary.definition.Monitor;
import io.tributary.definition.Project;
import io.tributary.events.facts.MonitoringFacts;
import io.tributary.events.facts.MonitoringFacts.Breach;
import io.tributary.events.runs.CommitFacts;
import io.tributary.lake.Lake;
import io.tributary.notify.Delivery;
import io.tributary.notify.Notice;
import io.tributary.notify.Outbox;
import io.tributary.registry.ModelReference;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.RegisteredVersion;
import io.tributary.registry.RetrainDecision;
import io.tributary.registry.Suspect;
import io.tributary.registry.Suspects;
import io.tributary.runtime.JobMain;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What follows from the breaches that monitors have committed. It is derived from their commits, so
 * that what a process could not do before it died the next one does.
 */
public final class Breaches {
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
   *
   * @return what was blocked or decided now, a sentence each
   */
  public List<String> note() {
    outbox.note(project);
    List<String> followed = new ArrayList<>();
    for (Monitor monitor : project.monitors().values()) {
      switch (monitor.breach()) {
        case ALERT -> {}
        case BLOCK_PROMOTION -> followed.addAll(block(monitor));
        case RETRAIN -> retrain(monitor).ifPresent(followed::add);
      }
    }
    return followed;
  }

  /** Why promotions of the models that monitors block are refused at present, a sentence each. */
  public List<String> blocked() {
    return project.monitors().values().stream()
        .filter(monitor -> monitor.breach() == Monitor.Breach.BLOCK_PROMOTION)
        .flatMap(
            monitor ->
                registry
                    .model(monitor.model())
                    .flatMap(model -> model.blocked(alias(monitor)))
                    .stream())
        .distinct()
        .toList();
  }

  /** The marks of suspect things that stand, a sentence each. */
  public List<String> suspects() {
    return Suspects.open(lake.uri()).standing().stream().map(Suspect::toString).toList();
  }

  private List<String> block(Monitor monitor) {
    List<Notice> standing =
        outbox.standing(monitor.name()).stream()
            .filter(notice -> notice.count() > 0 && notice.then().equals(monitor.breach().text()))
            .toList();
    Set<String> open =
        registry.notBlocked(standing.stream().map(Notice::id).collect(Collectors.toSet()));
    List<String> blocked = new ArrayList<>();
    for (Notice notice : standing) {
      if (open.contains(notice.id())
          && registry.block(
              ModelReference.parse(notice.breaches().get(0).model()),
              alias(monitor),
              notice.monitor(),
              notice.night(),
              notice.id(),
              Principal.osUser(lake.environment().user()),
              notice.run(),
              notice.what())) {
        blocked.add(
            "Promotions of %s to %s are blocked from now on: monitor %s, %s"
                .formatted(monitor.model(), alias(monitor), monitor.name(), notice.night()));
      }
    }
    return blocked;
  }

  /**
   * Decides to train again, where the champion breaches by actuals or a window in the newest day
   * that was judged, or goes on to: what is broken tonight must not be learnt. Labels are mature up
   * to a day that the champion was not tested on.
   */
  private Optional<String> retrain(Monitor monitor) {
    Map<Interval, CommitFacts> judged = outbox.newest(monitor.name());
    Optional<Interval> newest =
        judged.keySet().stream().filter(this::isDay).max(Comparator.comparing(Interval::from));
    Optional<ModelVersion> champion =
        registry
            .model(monitor.model())
            .flatMap(model -> model.holder(alias(monitor)))
            .map(RegisteredVersion::version);
    if (newest.isEmpty() || champion.isEmpty()) {
      return Optional.empty();
    }
    CommitFacts facts = judged.get(newest.get());
    List<Breach> breached =
        facts.facts(MonitoringFacts.class).stream()
            .flatMap(found -> Stream.concat(found.breaches().stream(), found.standing().stream()))
            .filter(Breach::isOfDays)
            .filter(breach -> breach.model().equals(champion.get().reference().toString()))
            .toList();
    LocalDate mature =
        Interval.dayOf(newest.get().to().minus(monitor.actualsAfter()), project.zone());
    Instant upTo = Interval.day(mature, project.zone()).from();
    if (breached.isEmpty() || !testedUpTo(champion.get()).isBefore(upTo)) {
      return Optional.empty();
    }
    RetrainDecision decision =
        RetrainDecision.of(
            ModelReference.of(monitor.model(), champion.get().number()),
            alias(monitor),
            monitor.name(),
            Interval.dayOf(newest.get().from(), project.zone()).toString(),
            began(monitor, newest.get(), breached.get(0)),
            upTo,
            breached.get(0).words()
                + (breached.size() > 1 ? ", and " + (breached.size() - 1) + " more" : ""));
    boolean decided =
        registry
            .retrainings()
            .decide(
                decision,
                project.models().get(monitor.model()).retrain().atMostEvery(),
                Principal.osUser(lake.environment().user()),
                facts.run().text());
    return decided
        ? Optional.of(
            "%s is trained again on days before %s: monitor %s, %s: %s"
                .formatted(
                    decision.model(),
                    mature,
                    decision.monitor(),
                    decision.night(),
                    decision.reason()))
        : Optional.empty();
  }

  /** What receivers were notified of when a breach began. */
  private Optional<String> began(Monitor monitor, Interval newest, Breach breach) {
    return outbox.standing(monitor.name()).stream()
        .filter(notice -> !notice.interval().from().isAfter(newest.from()))
        .filter(
            notice ->
                notice.breaches().stream()
                    .anyMatch(
                        found ->
                            found.question().equals(breach.question())
                                && found.item().equals(breach.item())
                                && found.measure().equals(breach.measure())
                                && found.model().equals(breach.model())))
        .map(Notice::id)
        .reduce((earlier, later) -> later);
  }

  private boolean isDay(Interval interval) {
    return interval.equals(
        Interval.day(Interval.dayOf(interval.from(), project.zone()), project.zone()));
  }

  /** By which the champion scores whose rows a monitor judges. */
  private String alias(Monitor monitor) {
    return project.scores().get(monitor.scores()).alias();
  }

  /**
   * Where a version's test rows end; of one that is split by keys alone, its data. Nobody knows it
   * of one that was trained elsewhere.
   */
  private static Instant testedUpTo(ModelVersion version) {
    return version
        .parameters()
        .map(
            fitted ->
                fitted.split().test().asOf().map(Interval::to).orElse(fitted.split().dataEnd()))
        .orElse(Instant.EPOCH);
  }

  /**
   * Does the same and notifies the project's receivers, at the end of a command. It fails no work
   * that is done: what could not be delivered is said, and delivered by the next one.
   */
  public void notify(JobMain main) {
    List<String> lines =
        Delivery.ofNight()
            .after("what follows from breaches is not all done yet", this::note, outbox, project);
    if (!lines.isEmpty()) {
      main.say("");
      lines.forEach(main::say);
    }
  }
}
