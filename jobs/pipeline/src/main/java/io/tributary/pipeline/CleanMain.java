package io.tributary.pipeline;

import io.tributary.core.ErrorCode;
import io.tributary.core.JobKey;
import io.tributary.core.Outcome;
import io.tributary.core.PlatformException;
import io.tributary.core.RunId;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.events.facts.CleaningFacts;
import io.tributary.events.facts.CleaningFacts.Removed;
import io.tributary.events.runs.DeadRuns;
import io.tributary.events.runs.JobLocks;
import io.tributary.events.runs.RunError;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.pipeline.CleaningPlan.Keeping;
import io.tributary.pipeline.CleaningPlan.Removal;
import io.tributary.runtime.JobMain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tributary clean}: removes what nobody needs any more. */
@Command(
    description = {
      "Removes what nobody needs any more: files of tables that only former versions have, former publications, artefacts of retired versions, staged rows, and what killed runs left. Small files of some tables are written together.",
      "Everything stays for as long as the project's retention says, and at least seven days; longer stays what a version of a model, a hold, a prediction, a publication, an old night or a mark may go back to: it is said who keeps what, and what that costs.",
      "It runs alone: it is refused while a run works in the lake, and runs that begin meanwhile wait."
    },
    footer = {"", "  tributary clean --dry-run", "  tributary clean --json"})
public final class CleanMain implements JobMain.Body {
  private static final int SHOWN = 3;

  @Option(
      names = "--dry-run",
      description = "Say what would be removed, and what is kept for whom; nothing is changed.")
  private boolean dryRun;

  private final Clock clock;

  CleanMain() {
    this(Clock.systemUTC());
  }

  /**
   * @param clock by which things have an age
   */
  CleanMain(Clock clock) {
    this.clock = clock;
  }

  public static void main(String[] args) {
    System.exit(JobMain.run("clean", args, new CleanMain()));
  }

  @Override
  public void run(JobMain main) {
    if (!main.subjects().isEmpty()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot clean %s: a lake is cleaned as a whole. Leave it out."
              .formatted(String.join(" ", main.subjects())));
    }
    Project project = ProjectReader.read(main.project(), System.getenv(), main.lake());
    try (Lake lake = main.open(project.lake(), project.retention(), project::revision);
        OnlineStore online = OnlineStores.open(project.online())) {
      Path folder =
          lake.folder()
              .orElseThrow(
                  () ->
                      new PlatformException(
                          ErrorCode.REFUSED,
                          "Cannot clean lake %s: only a lake on a local disk has locks, by which it is known that nobody is writing. Clean it where it is mounted as a folder, or by tools of its storage while nothing runs."
                              .formatted(lake.uri())));
      requireOwn(main, project, folder);
      if (!Files.isDirectory(folder)) {
        tell(main, new CleaningPlan(clock.instant(), List.of(), List.of(), List.of(), List.of()));
      } else if (dryRun) {
        tell(main, new Cleaning(project, lake, online, clock.instant()).plan());
      } else {
        clean(main, project, lake, online, new JobLocks(folder));
      }
    }
  }

  /** A copied lake has what its original published from, and not where that was published to. */
  private static void requireOwn(JobMain main, Project project, Path folder) {
    Path store = Path.of(project.online().rest()).toAbsolutePath().normalize();
    if (main.lake().isPresent() && !store.startsWith(folder.toAbsolutePath().normalize())) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot clean lake %s: --lake names it, and the project's online store, %s, lies elsewhere and may be another lake's. Clean the lake that tributary.yaml names, or name a store of its own there."
              .formatted(folder, project.online()));
    }
  }

  private void clean(JobMain main, Project project, Lake lake, OnlineStore online, JobLocks locks) {
    DeadRuns.record(lake.runs(), Optional.of(locks));
    Instant started = clock.instant();
    JobKey key = JobKey.of("clean", project.name());
    RunId run = RunId.startingAt(started);
    try (JobLocks.Lock alone = alone(Path.of(lake.uri()), locks);
        JobLocks.Held held =
            locks.acquire(
                new JobLocks.Holder(
                    run,
                    key,
                    key,
                    lake.runs().attempts(key) + 1,
                    started,
                    ProcessHandle.current().pid(),
                    lake.environment()))) {
      Cleaning cleaning = new Cleaning(project, lake, online, started);
      cleaning
          .keepLogs()
          .forEach(table -> main.say("Delta forgets no version of " + table + " any more"));
      CleaningPlan plan = cleaning.plan();
      List<Removal> removed = new ArrayList<>();
      List<String> left = new ArrayList<>(plan.leftAlone());
      Optional<RuntimeException> failure = Optional.empty();
      if (!plan.isEmpty()) {
        try {
          left.addAll(cleaning.carryOut(plan, removed::add));
        } catch (RuntimeException e) {
          failure = Optional.of(e);
        }
        // Recorded before the lock is given up, so that a run that is killed here is found.
        record(lake, run, key, started, plan, removed, failure);
      }
      failure.ifPresent(
          e -> {
            throw e;
          });
      tell(main, new CleaningPlan(plan.before(), removed, plan.compactions(), plan.keeps(), left));
    }
  }

  /**
   * The lake for this cleaning.
   *
   * @throws PlatformException CONFLICT while somebody works in it
   */
  static JobLocks.Lock alone(Path lake, JobLocks locks) {
    Optional<JobLocks.Lock> alone = locks.alone();
    if (alone.isPresent()) {
      return alone.get();
    }
    String who =
        locks.working().stream()
            .map(h -> "run %s of %s (process %d)".formatted(h.run(), h.key(), h.process()))
            .collect(Collectors.joining(", "));
    throw new PlatformException(
        ErrorCode.CONFLICT,
        "Cannot clean lake %s: %s works in it. Clean it when that has ended; nothing was changed."
            .formatted(lake, who.isEmpty() ? "another run" : who));
  }

  private void record(
      Lake lake,
      RunId run,
      JobKey key,
      Instant started,
      CleaningPlan plan,
      List<Removal> removed,
      Optional<RuntimeException> failure) {
    CleaningFacts facts =
        new CleaningFacts(
            plan.before(),
            removed.stream()
                .map(r -> new Removed(r.kind().text(), r.of(), r.files(), r.bytes()))
                .toList(),
            failure.isPresent()
                ? List.of()
                : plan.compactions().stream().map(c -> c.table().toString()).toList());
    lake.runs()
        .append(
            List.of(
                new RunRecord(
                    run,
                    key,
                    lake.runs().attempts(key) + 1,
                    failure.isPresent() ? Outcome.FAILED : Outcome.SUCCEEDED,
                    Optional.empty(),
                    failure.map(e -> RunError.of(PlatformException.codeOf(e))),
                    failure.map(JobMain::stored).orElse(""),
                    started,
                    Math.max(0, Duration.between(started, clock.instant()).toMillis()) / 1e3,
                    List.of(),
                    List.of(),
                    Optional.of(facts),
                    Map.of(),
                    List.of(),
                    List.of(),
                    Map.of(),
                    Optional.empty(),
                    lake.environment())));
  }

  private void tell(JobMain main, CleaningPlan plan) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("dryRun", dryRun);
    result.put("files", plan.files());
    result.put("bytes", plan.bytes());
    result.put("plan", plan);
    main.result(result);
    for (Removal removal : plan.removals()) {
      main.say(
          "%s %s%s: %s, %s: %s%s"
              .formatted(
                  dryRun ? "would remove" : "removed",
                  removal.kind().text(),
                  removal.of().isEmpty() ? "" : " (" + removal.of() + ")",
                  files(removal.files()),
                  size(removal.bytes()),
                  removal.entries().stream()
                      .limit(SHOWN)
                      .map(CleaningPlan.Entry::path)
                      .collect(Collectors.joining(", ")),
                  removal.entries().size() > SHOWN ? " …" : ""));
    }
    plan.compactions()
        .forEach(
            c ->
                main.say(
                    "%s %s: %s, %s"
                        .formatted(
                            dryRun ? "would write together" : "wrote together",
                            c.table(),
                            files(c.files()),
                            size(c.bytes()))));
    for (Keeping keeping : plan.keeps()) {
      main.say(
          "kept of %s for %s: %s, %s, of them %s for nobody else"
              .formatted(
                  keeping.table(),
                  keeping.by(),
                  files(keeping.files()),
                  size(keeping.bytes()),
                  size(keeping.onlyBytes())));
    }
    plan.leftAlone().forEach(why -> main.say("left alone: " + why));
    main.say(
        "%s %s, %s, of what was replaced, retired or left before %s"
            .formatted(
                dryRun ? "Would remove" : "Removed",
                files(plan.files()),
                size(plan.bytes()),
                plan.before()));
  }

  private static String files(long files) {
    return files == 1 ? "1 file" : String.format(Locale.ROOT, "%,d files", files);
  }

  private static String size(long bytes) {
    return bytes < 1L << 20
        ? String.format(Locale.ROOT, "%.1f KiB", bytes / (double) (1L << 10))
        : bytes < 1L << 30
            ? String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1L << 20))
            : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
  }
}
