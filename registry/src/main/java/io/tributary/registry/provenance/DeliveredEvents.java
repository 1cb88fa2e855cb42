package io.tributary.registry.provenance;

import io.tributary.core.Micros;
import io.tributary.core.TableName;
import io.tributary.events.CommitLog;
import io.tributary.events.TableHistory;
import io.tributary.events.TableRows;
import io.tributary.events.runs.LakeTables;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The events of which some deliveries of a source brought versions: these versions, and the others
 * of the same events, which would count in their place. They are read from the table of validated
 * rows; memory grows with what the deliveries brought, time with the table.
 */
final class DeliveredEvents {
  private static final String DELIVERY = "_delivery";
  private static final String KNOWN = "_known_time";

  private final List<String> columns;
  private final List<Version> versions = new ArrayList<>();
  private final Map<List<Object>, Known> events = new HashMap<>();

  /**
   * A version of an event.
   *
   * @param of its event
   * @param known when it was known, in microseconds since 1970; the least possible where that is
   *     not said
   */
  private record Version(Known of, List<Object> values, long known) {}

  /** From when on the deliveries' versions of an event count, and until when. */
  private static final class Known {
    private long from = Long.MAX_VALUE;
    private long last = Long.MIN_VALUE;
    private long next = Long.MAX_VALUE;
  }

  /**
   * None yet.
   *
   * @param columns of the rows: the delivery, those of the event key, then others
   */
  DeliveredEvents(List<String> columns) {
    this.columns = columns;
  }

  /**
   * Reads them; none where the source has no table.
   *
   * @param keys the columns of the event key; none = each row is an event
   * @param wanted further columns
   */
  static DeliveredEvents read(
      String lake, String source, Set<Long> deliveries, List<String> keys, Set<String> wanted) {
    String path = LakeTables.path(lake, TableName.of("validated", source));
    Optional<TableHistory> table = CommitLog.open(path).read();
    Set<String> columns = new LinkedHashSet<>(List.of(DELIVERY));
    columns.addAll(keys);
    columns.add(KNOWN);
    columns.addAll(wanted);
    columns.retainAll(table.map(TableHistory::columns).orElse(List.of()));
    DeliveredEvents read = new DeliveredEvents(List.copyOf(columns));
    table.ifPresent(
        t -> {
          boolean keyed = !keys.isEmpty() && columns.containsAll(keys);
          TableRows.read(
              path,
              t.version(),
              read.columns,
              row -> {
                if (deliveries.contains((Long) row.get(0))) {
                  read.brought(row, keyed ? keys.size() : 0);
                }
              });
          if (keyed) {
            TableRows.read(
                path,
                t.version(),
                read.columns,
                row -> {
                  if (!deliveries.contains((Long) row.get(0))) {
                    read.other(row, keys.size());
                  }
                });
          }
        });
    return read;
  }

  /** Adds a version that one of the deliveries brought; {@code keys} = columns of its key. */
  void brought(List<Object> row, int keys) {
    List<Object> event = keys == 0 ? List.of(versions.size()) : normal(row.subList(1, 1 + keys));
    Known known = events.computeIfAbsent(event, e -> new Known());
    Optional<Long> at = micros(row, columns.indexOf(KNOWN));
    if (at.isPresent()) {
      known.from = Math.min(known.from, at.get());
      known.last = Math.max(known.last, at.get());
    }
    versions.add(new Version(known, row, at.orElse(Long.MIN_VALUE)));
  }

  private void other(List<Object> row, int keys) {
    List<Object> event = normal(row.subList(1, 1 + keys));
    Known known = events.get(event);
    if (known == null) {
      return;
    }
    Optional<Long> at = micros(row, columns.indexOf(KNOWN));
    if (at.isPresent() && at.get() > known.last) {
      known.next = Math.min(known.next, at.get());
    }
    versions.add(new Version(known, row, at.orElse(Long.MIN_VALUE)));
  }

  /**
   * When rows with a key see something else than they would without the deliveries, as far as times
   * and keys tell.
   *
   * @param snapshots of a view, those that rows can have read
   */
  Spans spans(Reading reading, Function<String, Snapshots> snapshots) {
    return spans(reading, snapshots, false);
  }

  /** The same where any other snapshot may still be taken. */
  Spans spansWhenever(Reading reading, Function<String, Snapshots> snapshots) {
    return spans(reading, snapshots, true);
  }

  private Spans spans(Reading reading, Function<String, Snapshots> snapshots, boolean whenever) {
    Reading told = reading;
    if (!columns.containsAll(told.stored())) {
      told = told.ofAnyKey();
    }
    if (told.event().isPresent() && !columns.contains(told.event().get())) {
      told = told.atAnyTime();
    }
    Spans spans = new Spans();
    int[] places = told.stored().stream().mapToInt(columns::indexOf).toArray();
    int event = told.event().map(columns::indexOf).orElse(-1);
    for (Version version : versions) {
      List<Object> key = new ArrayList<>(places.length);
      for (int place : places) {
        key.add(version.values().get(place));
      }
      Optional<Long> from =
          told.event().isEmpty() ? Optional.of(Long.MIN_VALUE) : micros(version.values(), event);
      if (from.isPresent() && !key.contains(null)) {
        add(spans, told, normal(key), from.get(), version, snapshots, whenever);
      }
    }
    return spans;
  }

  private void add(
      Spans spans,
      Reading reading,
      List<Object> key,
      long event,
      Version version,
      Function<String, Snapshots> snapshots,
      boolean whenever) {
    long from = event;
    long to = reading.micros() == Reading.EVER ? Long.MAX_VALUE : event + reading.micros();
    if (reading.known()) {
      Known known = version.of();
      from = Math.max(from, known.from == Long.MAX_VALUE ? from : known.from);
      from = Math.max(from, version.known());
      to = Math.min(to, known.next);
    }
    if (reading.snapshots().isPresent() && from < to) {
      Reading.Served served = reading.snapshots().get();
      Snapshots taken = snapshots.apply(served.view());
      if (!whenever) {
        Optional<Long> first = taken.mayBeFrom(from);
        if (first.isEmpty() || first.get() >= to) {
          return;
        }
        from = first.get() + served.delay();
      }
      to = taken.from(to).map(next -> next + served.delay()).orElse(Long.MAX_VALUE);
    }
    spans.add(key, from, to);
  }

  private static Optional<Long> micros(List<Object> row, int place) {
    return place < 0
        ? Optional.empty()
        : Optional.ofNullable((Instant) row.get(place)).map(Micros::of);
  }

  /**
   * Values that compare as keys do: whole numbers and decimals by value, whatever their type, and
   * bytes by content.
   */
  static List<Object> normal(List<Object> values) {
    List<Object> normal = new ArrayList<>(values.size());
    for (Object value : values) {
      normal.add(
          value instanceof BigDecimal number
              ? normal(number)
              : value instanceof byte[] bytes ? ByteBuffer.wrap(bytes) : value);
    }
    return normal;
  }

  private static Object normal(BigDecimal number) {
    BigDecimal stripped = number.stripTrailingZeros();
    boolean isLong = stripped.scale() <= 0 && stripped.toBigInteger().bitLength() < Long.SIZE;
    return isLong ? (Object) stripped.longValueExact() : stripped;
  }
}
