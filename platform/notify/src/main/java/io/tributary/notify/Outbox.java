package io.tributary.notify;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.TableName;
import io.tributary.definition.Monitor;
import io.tributary.definition.Project;
import io.tributary.definition.Receiver;
import io.tributary.events.CommitLog;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.events.History;
import io.tributary.events.LogCommit;
import io.tributary.events.TableHistory;
import io.tributary.events.facts.MonitoringFacts;
import io.tributary.events.facts.MonitoringFacts.Breach;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.JobLocks;
import io.tributary.events.runs.LakeTables;
import io.tributary.events.runs.RunLog;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The notices of a lake and who has them: the log {@code platform.notices}. A notice is derived
 * from the commit that holds its verdicts, or the registry's event, so that a process that dies
 * after that commit loses none, and is there once, however often and by however many processes it
 * is derived. Not thread-safe, but for {@link #turn} and {@link #delivered}.
 */
public final class Outbox {
  private static final String NOTED = "noted";
  private static final String NOTED_CHANGE = "noted-change";
  private static final String NOTED_ARRIVAL = "noted-arrival";
  private static final String DELIVERED = "delivered";

  /** How far back a receiver that is new is told of changes. */
  private static final Duration RECENT = Duration.ofDays(7);

  private static final int ATTEMPTS = 50;

  private final String lake;
  private final EventLog log;
  private final EventLog registry;
  private final Clock clock;
  private final Map<String, Verdicts> verdicts = new HashMap<>();
  private final Map<String, Notice> notices = new HashMap<>();

  private Outbox(String lake, Clock clock) {
    this.lake = lake;
    this.log = EventLog.open(LakeTables.path(lake, TableName.of("platform", "notices")));
    this.registry = EventLog.open(LakeTables.path(lake, TableName.of("platform", "registry")));
    this.clock = clock;
  }

  /** The outbox of the lake at a local folder or Hadoop URI; nothing is read yet. */
  public static Outbox open(String lake) {
    return open(lake, Clock.systemUTC());
  }

  static Outbox open(String lake, Clock clock) {
    return new Outbox(lake, clock);
  }

  /**
   * The body of a notice's event.
   *
   * @param verdicts the digest of what it says of the interval
   * @param receivers who is to have it
   */
  @JsonDeserialize
  record Noted(Notice notice, Digest verdicts, List<String> receivers) {}

  /**
   * The body of the event of a change's notice.
   *
   * @param receivers who is to have it
   */
  @JsonDeserialize
  record NotedChange(ChangeNotice notice, List<String> receivers) {}

  /**
   * The body of the event of what is overdue, or has arrived.
   *
   * @param receivers who is to have it
   */
  @JsonDeserialize
  record NotedArrival(ArrivalNotice notice, List<String> receivers) {}

  /** The body of a delivery's event. */
  record Delivered(String notice, String receiver) {}

  /** A notice that a receiver has not got yet. */
  public record Owed(Dispatch notice, Receiver receiver) {}

  /**
   * Notes what monitors have found that is not noted yet: the newest verdicts of each interval,
   * where they breach or once did, and differ from those that were noted last. Notes what was
   * changed in the registry, too, if somebody is notified of that.
   *
   * @return what was noted now of monitors, in the order of the intervals
   */
  public List<Notice> note(Project project) {
    List<Notice> noted =
        project.monitors().values().stream().flatMap(m -> note(project, m).stream()).toList();
    noteChanges(project);
    return noted;
  }

  /**
   * Notes what was changed in the registry, for each receiver that is told of such: all changes of
   * a kind since it was first told of one, and those of the last days before, for the command that
   * made one may have died before it noted it. What a receiver has been noted for is so whatever
   * project noted it, and with it whatever others are told.
   */
  public void noteChanges(Project project) {
    List<Receiver> asked =
        project.receivers().stream().filter(r -> !r.changes().isEmpty()).toList();
    if (asked.isEmpty()) {
      return;
    }
    History history = log.read();
    Map<String, Instant> first = new HashMap<>();
    history.events().stream()
        .filter(e -> e.kind().equals(NOTED_CHANGE))
        .forEach(
            e ->
                first.putIfAbsent(
                    e.id().substring(e.id().lastIndexOf('/') + 1)
                        + "/"
                        + e.body(NotedChange.class).notice().change(),
                    e.at()));
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    List<Event> noted = new ArrayList<>();
    for (Event event : registry.read().events()) {
      Optional<String> change = ChangeNotice.change(event);
      if (change.isPresent()) {
        for (Receiver receiver : asked) {
          String id = noted(event, receiver);
          if (receiver.changes().contains(change.get())
              && event
                  .at()
                  .isAfter(
                      first.getOrDefault(receiver.name() + "/" + change.get(), now).minus(RECENT))
              && !history.contains(id)) {
            ChangeNotice notice =
                ChangeNotice.of(event, change.get(), project.name(), NoticedLake.of(lake));
            noted.add(
                new Event(
                    id,
                    now,
                    NOTED_CHANGE,
                    event.subject(),
                    event.principal(),
                    event.run(),
                    Json.write(new NotedChange(notice, List.of(receiver.name())))));
          }
        }
      }
    }
    if (!noted.isEmpty()) {
      log.append(noted);
    }
  }

  /**
   * Notes whether rows of a source's night are there in time: once that they are not, and once, if
   * that was noted, that they have come.
   *
   * @param overdue whether they are not there by now
   * @param alert whether receivers are told, all that are told of every monitor
   * @return whether it was noted now
   */
  public boolean noteArrival(
      Project project, String source, LocalDate night, Instant by, boolean overdue, boolean alert) {
    String slot = "arrival/" + source + " " + night;
    History history = log.read();
    long generation = history.generation(slot);
    Optional<ArrivalNotice> last =
        history.decision(slot, generation).stream()
            .findFirst()
            .map(e -> e.body(NotedArrival.class).notice());
    if (overdue == last.map(l -> l.type().equals(ArrivalNotice.OVERDUE)).orElse(false)) {
      return false;
    }
    String type = overdue ? ArrivalNotice.OVERDUE : ArrivalNotice.ARRIVED;
    ArrivalNotice notice =
        new ArrivalNotice(
            Digest.of(slot + "\n" + type + "\n" + generation).hex().substring(0, 32),
            clock.instant().truncatedTo(ChronoUnit.MICROS),
            type,
            last.map(ArrivalNotice::id),
            project.name(),
            Optional.of(NoticedLake.of(lake)),
            source,
            night,
            by,
            "tributary runs");
    List<String> receivers =
        project.receivers().stream()
            .filter(r -> alert && r.monitors().isEmpty())
            .map(Receiver::name)
            .toList();
    try {
      log.decide(
          slot,
          generation,
          List.of(
              Event.of(
                  notice.at(),
                  NOTED_ARRIVAL,
                  source + " " + night,
                  Principal.ofProcess(),
                  "",
                  new NotedArrival(notice, receivers))));
      return true;
    } catch (PlatformException e) {
      if (e.code() == ErrorCode.CONFLICT) {
        // Another process has noted it.
        return false;
      }
      throw e;
    }
  }

  private static String noted(Event event, Receiver receiver) {
    return "noted/" + event.id() + "/" + receiver.name();
  }

  private List<Notice> note(Project project, Monitor monitor) {
    List<Notice> noted = new ArrayList<>();
    for (int attempt = 1; ; attempt++) {
      // The commits after the notices: so no notice is replaced that knew a newer commit.
      History history = log.read();
      Map<Interval, CommitFacts> judged = newest(monitor.name());
      try {
        judged.keySet().stream()
            .sorted(Comparator.comparing(Interval::from).thenComparing(Interval::to))
            .forEach(
                interval ->
                    note(project, monitor, interval, judged, history).ifPresent(noted::add));
        return noted;
      } catch (PlatformException e) {
        if (e.code() != ErrorCode.CONFLICT || attempt >= ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /** The commit that holds the newest verdicts of each interval that a monitor has judged. */
  public Map<Interval, CommitFacts> newest(String monitor) {
    return verdicts.computeIfAbsent(monitor, name -> new Verdicts(lake, name)).newest();
  }

  /** The newest verdicts of a monitor, from the commits that hold them; each is read once. */
  private static final class Verdicts {
    private final CommitLog log;
    private final Map<Interval, CommitFacts> newest = new LinkedHashMap<>();
    private long read = -1;

    Verdicts(String lake, String monitor) {
      this.log = CommitLog.open(LakeTables.path(lake, TableName.of("monitor", monitor)));
    }

    Map<Interval, CommitFacts> newest() {
      for (LogCommit commit : log.read().map(TableHistory::known).orElse(List.of())) {
        if (commit.version() > read) {
          read = commit.version();
          RunLog.facts(commit)
              .filter(CommitFacts::commitPoint)
              .ifPresent(facts -> facts.key().interval().ifPresent(i -> newest.put(i, facts)));
        }
      }
      return newest;
    }
  }

  private static List<Breach> breaches(CommitFacts facts) {
    return facts.facts(MonitoringFacts.class).map(MonitoringFacts::breaches).orElse(List.of());
  }

  /** What tells verdicts apart: what breached of which version, not by how much. */
  private static Digest digest(List<Breach> breaches) {
    return Digest.of(
        breaches.stream()
            .map(b -> String.join("\n", b.question(), b.item(), b.measure(), b.model()))
            .sorted()
            .collect(Collectors.joining("\n\n")));
  }

  private Optional<Notice> note(
      Project project,
      Monitor monitor,
      Interval interval,
      Map<Interval, CommitFacts> judged,
      History history) {
    CommitFacts facts = judged.get(interval);
    List<Breach> breaches = breaches(facts);
    Digest digest = digest(breaches);
    String slot = "interval/" + monitor.name() + " " + interval;
    long generation = history.generation(slot);
    Optional<Noted> last =
        history.decision(slot, generation).stream().findFirst().map(e -> e.body(Noted.class));
    if (last.map(l -> l.verdicts().equals(digest)).orElse(breaches.isEmpty())) {
      return Optional.empty();
    }
    Optional<String> replaces = last.map(l -> l.notice().id());
    Notice notice =
        new Notice(
            Digest.of(slot + "\n" + digest + "\n" + replaces.orElse("")).hex().substring(0, 32),
            clock.instant().truncatedTo(ChronoUnit.MICROS),
            breaches.isEmpty()
                ? Notice.CLEARED
                : replaces.isPresent() ? Notice.CHANGED : Notice.BREACHED,
            replaces,
            project.name(),
            Optional.of(NoticedLake.of(lake)),
            monitor.name(),
            monitor.model(),
            interval,
            night(interval, project.zone()),
            breaches.stream().limit(Notice.MOST).map(b -> found(b, interval, judged)).toList(),
            breaches.size(),
            monitor.breach().text(),
            facts.run().text(),
            show(monitor, interval, project.zone()));
    List<String> receivers =
        project.receivers().stream()
            .filter(r -> r.gets(monitor.name()))
            .map(Receiver::name)
            .toList();
    Event event =
        Event.of(
            notice.at(),
            NOTED,
            monitor.name() + " " + interval,
            Principal.osUser(facts.environment().user()),
            facts.run().text(),
            new Noted(notice, digest, receivers));
    log.decide(slot, generation, List.of(event));
    return Optional.of(notice);
  }

  private static Notice.Found found(
      Breach breach, Interval interval, Map<Interval, CommitFacts> judged) {
    Instant since = interval.from();
    for (Optional<Interval> before = Optional.of(interval); before.isPresent(); ) {
      since = before.get().from();
      Instant end = since;
      before =
          judged.keySet().stream()
              .filter(i -> i.to().equals(end))
              .filter(i -> breaches(judged.get(i)).stream().anyMatch(breach::isOfTheKind))
              .findFirst();
    }
    return new Notice.Found(
        breach.words(),
        breach.question(),
        breach.item(),
        breach.measure(),
        breach.value(),
        breach.limit(),
        breach.model(),
        since);
  }

  private static Optional<LocalDate> day(Interval interval, ZoneId zone) {
    return Optional.of(Interval.dayOf(interval.from(), zone))
        .filter(day -> interval.equals(Interval.day(day, zone)));
  }

  private static String night(Interval interval, ZoneId zone) {
    return day(interval, zone).map(LocalDate::toString).orElse(interval.toString());
  }

  private static String show(Monitor monitor, Interval interval, ZoneId zone) {
    return "tributary monitor show "
        + monitor.name()
        + day(interval, zone).map(day -> " --night " + day).orElse("");
  }

  /** The last notice of each interval of a monitor, in the order of the intervals. */
  public List<Notice> standing(String monitor) {
    Map<Interval, Notice> last = new LinkedHashMap<>();
    log.read().events().stream()
        .filter(e -> e.kind().equals(NOTED) && e.subject().startsWith(monitor + " "))
        .map(e -> notices.computeIfAbsent(e.id(), id -> e.body(Noted.class).notice()))
        .forEach(notice -> last.put(notice.interval(), notice));
    return last.values().stream().sorted(Comparator.comparing(n -> n.interval().from())).toList();
  }

  /**
   * What receivers of the project have not got yet, in the order in which it was noted. A receiver
   * is owed what was noted since the project has it.
   */
  public List<Owed> owed(Project project) {
    History history = log.read();
    List<Owed> owed = new ArrayList<>();
    for (Event event : history.events()) {
      if (event.kind().equals(NOTED)) {
        Noted noted = event.body(Noted.class);
        owed.addAll(owed(noted.notice(), noted.receivers(), project, history));
      } else if (event.kind().equals(NOTED_CHANGE)) {
        NotedChange noted = event.body(NotedChange.class);
        owed.addAll(owed(noted.notice(), noted.receivers(), project, history));
      } else if (event.kind().equals(NOTED_ARRIVAL)) {
        NotedArrival noted = event.body(NotedArrival.class);
        owed.addAll(owed(noted.notice(), noted.receivers(), project, history));
      }
    }
    return owed;
  }

  private static List<Owed> owed(
      Dispatch notice, List<String> receivers, Project project, History history) {
    return project.receivers().stream()
        .filter(r -> receivers.contains(r.name()))
        .filter(r -> !history.contains(delivered(notice, r)))
        .map(r -> new Owed(notice, r))
        .toList();
  }

  /**
   * The turn of this process to deliver to a receiver; empty while another process has it. It ends
   * with the process in any case. In a lake that is on no local disk everybody has a turn.
   */
  Optional<Turn> turn(Receiver receiver) {
    Optional<Path> local = LakeTables.local(lake);
    if (local.isEmpty()) {
      return Optional.of(new Turn(log.read(), Optional.empty()));
    }
    return new JobLocks(local.get())
        .acquire(JobKey.of("notify", receiver.name()))
        .map(lock -> new Turn(log.read(), Optional.of(lock)));
  }

  /** A turn to deliver to one receiver. */
  static final class Turn implements AutoCloseable {
    private final History history;
    private final Optional<JobLocks.Lock> lock;

    private Turn(History history, Optional<JobLocks.Lock> lock) {
      this.history = history;
      this.lock = lock;
    }

    /**
     * Whether the receiver has not got a notice by now: who had the turn before may have sent it.
     */
    boolean isOwed(Owed owed) {
      return !history.contains(Outbox.delivered(owed.notice(), owed.receiver()));
    }

    @Override
    public void close() {
      lock.ifPresent(JobLocks.Lock::close);
    }
  }

  /** Records that a receiver has a notice; doing it twice records it once. */
  public void delivered(Owed owed) {
    log.append(
        List.of(
            new Event(
                delivered(owed.notice(), owed.receiver()),
                clock.instant(),
                DELIVERED,
                owed.receiver().name(),
                Principal.ofProcess(),
                "",
                Json.write(new Delivered(owed.notice().id(), owed.receiver().name())))));
  }

  private static String delivered(Dispatch notice, Receiver receiver) {
    return "delivered/" + notice.id() + "/" + receiver.name();
  }
}
