package io.tributary.ingest.ledger;

import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.events.facts.DeliveryVerdict;
import io.tributary.source.DeliveredFile;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Which deliveries each source has handed over, which rows of them a person released from
 * quarantine, and what became of them: the event log {@code platform.deliveries}. Safe for threads
 * and processes: a number is given once.
 */
public final class DeliveryLedger {
  /** The log's name. */
  public static final String LOG = "deliveries";

  private static final String DELIVERED = "delivered";
  private static final String RELEASED = "released";
  private static final String JUDGED = "judged";
  private static final String RECOGNIZED = "recognized";

  private final EventLog log;

  public DeliveryLedger(EventLog log) {
    this.log = log;
  }

  /** The deliveries of a source, by number. */
  public List<LedgerEntry> entries(String source) {
    Map<Long, Delivery> deliveries = new LinkedHashMap<>();
    Map<Long, DeliveryVerdict> verdicts = new LinkedHashMap<>();
    for (Event event : log.read().events()) {
      if (!event.subject().equals(source)) {
        continue;
      }
      if (event.kind().equals(DELIVERED) || event.kind().equals(RELEASED)) {
        Delivery delivery = event.body(Delivery.class);
        deliveries.put(delivery.number(), delivery);
      } else if (event.kind().equals(JUDGED)) {
        DeliveryVerdict verdict = event.body(DeliveryVerdict.class);
        verdicts.put(verdict.number(), verdict);
      }
    }
    List<LedgerEntry> entries = new ArrayList<>();
    deliveries.forEach(
        (n, d) -> entries.add(new LedgerEntry(d, Optional.ofNullable(verdicts.get(n)))));
    return entries;
  }

  /** Files as they lay there when they were last read, of whatever delivery their bytes are. */
  private record Recognized(String source, List<DeliveredFile> files) {}

  /**
   * The files of a source that have been read; of several at one path the last says how it lies.
   */
  public List<DeliveredFile> read(String source) {
    List<DeliveredFile> files = new ArrayList<>();
    for (Event event : log.read().events()) {
      if (event.subject().equals(source) && event.kind().equals(DELIVERED)) {
        files.addAll(event.body(Delivery.class).files());
      } else if (event.subject().equals(source) && event.kind().equals(RECOGNIZED)) {
        files.addAll(event.body(Recognized.class).files());
      }
    }
    return files;
  }

  /** Keeps how files lie that were read although their bytes had been delivered before. */
  public void recognize(String source, List<DeliveredFile> files) {
    Set<DeliveredFile> known = new HashSet<>(read(source));
    List<DeliveredFile> fresh = files.stream().filter(f -> !known.contains(f)).toList();
    if (!fresh.isEmpty()) {
      Recognized body = new Recognized(source, fresh);
      log.append(
          List.of(
              new Event(
                  RECOGNIZED + "/" + source + "/" + UUID.randomUUID(),
                  Instant.now(),
                  RECOGNIZED,
                  source,
                  Principal.ofProcess(),
                  "",
                  Json.write(body))));
    }
  }

  /**
   * Gives new files the source's next number.
   *
   * @param known how many deliveries of the source the caller knows
   * @throws PlatformException CONFLICT when another process was first
   */
  public Delivery deliver(String source, List<DeliveredFile> files, long known, Stamp stamp) {
    Delivery delivery = new Delivery(source, known + 1, files);
    log.decide(
        slot(source), known, List.of(stamp.event(DELIVERED, source, id(delivery), delivery)));
    return delivery;
  }

  /**
   * Makes released rows the source's next delivery; the next ingest loads it.
   *
   * @param known how many deliveries of the source the decision was made by
   * @throws PlatformException CONFLICT when something was delivered or released meanwhile
   */
  public Delivery release(String source, Release release, long known) {
    Delivery delivery = new Delivery(source, known + 1, List.of(), Optional.of(release));
    log.decide(
        slot(source),
        known,
        List.of(
            new Event(
                RELEASED + "/" + id(delivery),
                Instant.now(),
                RELEASED,
                source,
                release.by(),
                "",
                Json.write(delivery))));
    return delivery;
  }

  public void judge(List<DeliveryVerdict> verdicts, Stamp stamp) {
    if (!verdicts.isEmpty()) {
      log.append(
          verdicts.stream()
              .map(v -> stamp.event(JUDGED, v.source(), v.source() + "/" + v.number(), v))
              .toList());
    }
  }

  private static String id(Delivery delivery) {
    return delivery.source() + "/" + delivery.number();
  }

  private static String slot(String source) {
    return "source/" + source;
  }
}
