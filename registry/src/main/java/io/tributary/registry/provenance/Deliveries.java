package io.tributary.registry.provenance;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.events.CommitLog;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.events.facts.DeliveryVerdict;
import io.tributary.events.runs.LakeTables;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/** The log {@code platform.deliveries} as it was when opened, to look things up in. */
final class Deliveries {
  /** The maximum number of deliveries that a message names. */
  private static final int MOST = 6;

  /** What was delivered at once: files, or rows that a person released. */
  record Delivery(
      String source, long number, List<DeliveredFile> files, Optional<Release> release) {
    Delivery {
      files = List.copyOf(files);
    }
  }

  /**
   * @param range of the rows of a table; absent for a file
   */
  record DeliveredFile(String path, long bytes, Digest sha256, Optional<Range> range) {}

  record Range(String of, String after, String upTo) {}

  record Release(String because, List<ReleasedRows> rows) {
    Release {
      rows = List.copyOf(rows);
    }
  }

  /** Rows of a delivery that were in quarantine. */
  record ReleasedRows(long delivery) {}

  /**
   * A delivery's newest verdict.
   *
   * @param run that judged it
   */
  record Judged(String run, DeliveryVerdict verdict) {}

  private final String lake;
  private final Map<String, Map<Long, Event>> delivered = new TreeMap<>();
  private final Map<String, Map<Long, Event>> judged = new HashMap<>();

  /** The runs that judged a delivery: a rebuild of its source judges it again. */
  private final Map<String, Map<Long, Set<String>>> judging = new HashMap<>();

  /** Whether a delivery was admitted, of those that were asked for. */
  private final Map<String, Boolean> admitted = new HashMap<>();

  private final Map<String, Boolean> statics = new HashMap<>();

  private Deliveries(String lake, List<Event> events) {
    this.lake = lake;
    for (Event event : events) {
      switch (event.kind()) {
        case "delivered", "released" -> put(delivered, event);
        case "judged" -> {
          put(judged, event);
          judging
              .computeIfAbsent(event.subject(), source -> new TreeMap<>())
              .computeIfAbsent(number(event), number -> new TreeSet<>())
              .add(event.run());
        }
        default -> {
          // says nothing of what a delivery is
        }
      }
    }
  }

  /** The number is in the event's id, {@code KIND/SOURCE/NUMBER}: no body is parsed yet. */
  private static void put(Map<String, Map<Long, Event>> events, Event event) {
    events.computeIfAbsent(event.subject(), source -> new TreeMap<>()).put(number(event), event);
  }

  private static long number(Event event) {
    return Long.parseLong(event.id().split("/", 4)[2]);
  }

  static Deliveries open(String lake) {
    return new Deliveries(
        lake,
        EventLog.open(LakeTables.path(lake, TableName.of("platform", "deliveries")))
            .read()
            .events());
  }

  /** The numbers of a source's deliveries that were admitted, up to one, ascending. */
  List<Long> admitted(String source, long upTo) {
    return delivered.getOrDefault(source, Map.of()).keySet().stream()
        .takeWhile(n -> n <= upTo)
        .filter(n -> admitted.computeIfAbsent(source + "/" + n, of -> isAdmitted(source, n)))
        .toList();
  }

  /**
   * Whether a delivery is the whole content of its source until the next: its table has no times of
   * events.
   */
  boolean isStatic(String source) {
    return statics.computeIfAbsent(
        source,
        of ->
            CommitLog.open(LakeTables.path(lake, TableName.of("validated", of)))
                .read()
                .filter(table -> !table.columns().contains("_event_time"))
                .isPresent());
  }

  private boolean isAdmitted(String source, long number) {
    return judged(source, number)
        .filter(j -> j.verdict().outcome() == DeliveryVerdict.Outcome.ADMITTED)
        .isPresent();
  }

  Optional<Delivery> delivery(String source, long number) {
    return Optional.ofNullable(delivered.getOrDefault(source, Map.of()).get(number))
        .map(event -> event.body(Delivery.class));
  }

  Optional<Judged> judged(String source, long number) {
    return Optional.ofNullable(judged.getOrDefault(source, Map.of()).get(number))
        .map(event -> new Judged(event.run(), event.body(DeliveryVerdict.class)));
  }

  /** A delivery, and those that brought rows of it which a person released. */
  Set<Long> withReleased(String source, long number) {
    Set<Long> with = new TreeSet<>(Set.of(number));
    delivered
        .getOrDefault(source, Map.of())
        .forEach(
            (other, event) -> {
              if (event.kind().equals("released")
                  && event.body(Delivery.class).release().orElseThrow().rows().stream()
                      .anyMatch(row -> row.delivery() == number)) {
                with.add(other);
              }
            });
    return with;
  }

  /** Whether a run judged a delivery, as the first or again. */
  boolean isJudgedBy(String source, long number, String run) {
    return judging.getOrDefault(source, Map.of()).getOrDefault(number, Set.of()).contains(run);
  }

  /** The deliveries of a source that a run judged. */
  Set<Long> judgedBy(String source, String run) {
    return judging.getOrDefault(source, Map.of()).keySet().stream()
        .filter(number -> isJudgedBy(source, number, run))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** What the ledger says of a delivery, for people. */
  Map<String, Object> facts(String source, long number) {
    Map<String, Object> facts = new LinkedHashMap<>();
    judged(source, number)
        .ifPresent(
            j -> {
              facts.put("outcome", j.verdict().outcome().name().toLowerCase(Locale.ROOT));
              if (!j.verdict().message().isEmpty()) {
                facts.put("why", j.verdict().message());
              }
              facts.put("lines", j.verdict().counts().lines());
              facts.put("admitted", j.verdict().counts().admitted());
              facts.put("quarantined", j.verdict().counts().quarantined());
              j.verdict().suite().ifPresent(suite -> facts.put("suite", suite.hex()));
            });
    delivery(source, number)
        .flatMap(Delivery::release)
        .ifPresent(r -> facts.put("released-because", r.because()));
    return facts;
  }

  /**
   * The delivery of a file, by its path or digest; empty where there is none.
   *
   * @param what is asked about the file, as an infinitive
   * @param write what names one delivery in its place, of its source and number
   * @throws PlatformException INVALID_REQUEST when it was delivered more than once
   */
  Optional<Delivery> only(String file, String what, BiFunction<String, Long, String> write) {
    List<Delivery> found = of(file);
    if (found.size() < 2) {
      return found.stream().findFirst();
    }
    Delivery newest = found.get(found.size() - 1);
    throw new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot %s %s: it was delivered %d times, %s %s. Name one: %s."
            .formatted(
                what,
                file,
                found.size(),
                found.size() > MOST ? "last as" : "as",
                found.stream()
                    .skip(Math.max(0, found.size() - MOST))
                    .map(d -> d.source() + "@" + d.number())
                    .collect(Collectors.joining(", ")),
                write.apply(newest.source(), newest.number())));
  }

  /** The deliveries with a file, by its path or digest: by source, ascending. */
  private List<Delivery> of(String file) {
    return delivered.values().stream()
        .flatMap(byNumber -> byNumber.values().stream())
        .filter(event -> event.body().contains(file))
        .map(event -> event.body(Delivery.class))
        .filter(
            delivery ->
                delivery.files().stream()
                    .anyMatch(f -> f.path().equals(file) || f.sha256().hex().equals(file)))
        .toList();
  }
}
