package io.tributary.ingest.quarantine;

import io.tributary.core.ErrorCode;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.definition.Project;
import io.tributary.definition.Source;
import io.tributary.events.TableRows;
import io.tributary.events.facts.DeliveryVerdict;
import io.tributary.ingest.ledger.Delivery;
import io.tributary.ingest.ledger.DeliveryLedger;
import io.tributary.ingest.ledger.LedgerEntry;
import io.tributary.ingest.ledger.LineSet;
import io.tributary.ingest.ledger.Release;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.source.Reason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The rows of a source that its gate has held back, and a person's decisions on them.
 *
 * <p>A row can be released when nothing but expectations, or the rejection of its delivery, holds
 * it. A malformed line has to be mended and delivered again, for nobody can say what its values
 * are; so has a row without event key or times, or one on which an expression fails.
 */
public final class Quarantine {
  /** How free a row is. */
  public enum State {
    /** Expectations or its delivery's rejection hold it: a person may release it. */
    HELD,
    /** Its line is malformed. */
    MALFORMED,
    /** It has no event key or times, shares a key, or an expression fails on it. */
    UNUSABLE,
    /** It is released; the next ingest admits it. */
    RELEASED
  }

  /** More would swell the ledger. */
  private static final int MOST_RANGES = 200_000;

  private static final List<String> COLUMNS =
      List.of(LakeTable.DELIVERY, "_file", "_line", "_run", "raw", "reasons", "_stage");
  private static final Comparator<HeldRow> BY_PLACE =
      Comparator.comparing(HeldRow::delivery)
          .thenComparing(HeldRow::file)
          .thenComparing(HeldRow::line);

  /** Rows with something against them before those that only their delivery's rejection holds. */
  private static final Comparator<HeldRow> AT_FAULT_FIRST =
      Comparator.comparing(HeldRow::isHeldForRejection).thenComparing(BY_PLACE);

  private final String source;
  private final boolean isStatic;
  private final Lake lake;
  private final DeliveryLedger ledger;
  private final LakeTable table;

  private Quarantine(String source, boolean isStatic, Lake lake) {
    this.source = source;
    this.isStatic = isStatic;
    this.lake = lake;
    this.ledger = new DeliveryLedger(lake.events(DeliveryLedger.LOG));
    this.table = lake.table(TableName.of("quarantine", source));
  }

  /**
   * The quarantine of a source that is ingested.
   *
   * @throws PlatformException NOT_FOUND when the project has no such source, INVALID_REQUEST when
   *     it is a query, which has no quarantine
   */
  public static Quarantine of(Project project, String source, Lake lake) {
    Source found = project.sources().get(source);
    if (found == null) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot find source %s: project %s has none of this name.%s See what there is: tributary show."
              .formatted(source, project.name(), Nearest.hint(source, project.sources().keySet())));
    }
    if (found.isQuery()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot look into quarantine of source %s: it is a query over other sources and has none. Name one of those."
              .formatted(source));
    }
    return new Quarantine(source, found.isStatic(), lake);
  }

  /**
   * Which rows are meant: those that all of it is true of.
   *
   * @param reason a rule, or {@code rule/column}
   * @param rows places by file; empty = wherever
   */
  public record Selection(
      Optional<Long> delivery,
      Optional<String> run,
      Optional<String> reason,
      Map<String, LineSet> rows) {
    public static final Selection ALL =
        new Selection(Optional.empty(), Optional.empty(), Optional.empty(), Map.of());

    public Selection {
      rows = java.util.Collections.unmodifiableMap(new TreeMap<>(rows));
    }

    private boolean means(HeldRow row) {
      return delivery.filter(d -> d != row.delivery()).isEmpty()
          && run.filter(r -> !r.equals(row.run())).isEmpty()
          && (reason.isEmpty() || row.reasons().stream().anyMatch(r -> isReason(r, reason.get())))
          && (rows.isEmpty()
              || (rows.containsKey(row.file()) && rows.get(row.file()).contains(row.line())));
    }

    private static boolean isReason(Reason of, String wanted) {
      return of.rule().equals(wanted) || (of.rule() + "/" + of.column()).equals(wanted);
    }
  }

  /** How many rows have a reason. */
  public record ReasonCount(String rule, String column, long rows) {}

  /** A row, and why it is held. */
  public record HeldRow(
      long delivery,
      String file,
      long line,
      String run,
      State state,
      String raw,
      List<Reason> reasons) {
    /** Whether nothing but its delivery's rejection is against it. */
    private boolean isHeldForRejection() {
      return state == State.HELD && reasons.stream().allMatch(r -> r.rule().equals("delivery"));
    }
  }

  /**
   * What is in quarantine.
   *
   * @param states how many rows are in which state
   * @param reasons most rows first; a row with several reasons counts at each
   * @param list the first rows by delivery, file and line; those with something against them before
   *     those that only their delivery's rejection holds
   */
  public record Held(
      String source,
      long rows,
      long deliveries,
      Map<State, Long> states,
      List<ReasonCount> reasons,
      List<HeldRow> list) {}

  /** The rows that a selection means, {@code most} of them one by one. No Spark. */
  public Held held(Selection selection, int most) {
    Map<State, Long> states = new TreeMap<>();
    Map<List<String>, Long> counts = new HashMap<>();
    Set<Long> deliveries = new HashSet<>();
    PriorityQueue<HeldRow> first = new PriorityQueue<>(AT_FAULT_FIRST.reversed());
    each(
        releases(entries()),
        row -> {
          if (!selection.means(row)) {
            return;
          }
          states.merge(row.state(), 1L, Long::sum);
          row.reasons().forEach(r -> counts.merge(List.of(r.rule(), r.column()), 1L, Long::sum));
          deliveries.add(row.delivery());
          first.add(row);
          if (first.size() > most) {
            first.remove();
          }
        });
    List<ReasonCount> reasons =
        counts.entrySet().stream()
            .map(c -> new ReasonCount(c.getKey().get(0), c.getKey().get(1), c.getValue()))
            .sorted(
                Comparator.comparing(ReasonCount::rows)
                    .reversed()
                    .thenComparing(ReasonCount::rule)
                    .thenComparing(ReasonCount::column))
            .toList();
    long all = states.values().stream().mapToLong(Long::longValue).sum();
    return new Held(
        source,
        all,
        deliveries.size(),
        states,
        reasons,
        first.stream().sorted(AT_FAULT_FIRST).toList());
  }

  /**
   * What a release did.
   *
   * @param delivery the release's own number in the ledger; empty when there was nothing to release
   * @param released how many rows it releases
   * @param before rows that were meant too, and had been released before
   * @param malformed rows that were meant too, and can only be delivered again
   * @param unusable as {@code malformed}
   * @param settled rejected deliveries that ingest no longer fails for
   * @param refused rejected deliveries that it released some rows of, but not all that were held
   *     for the rejection alone: ingest still fails for them
   */
  public record Released(
      String source,
      Optional<Long> delivery,
      long released,
      long before,
      long malformed,
      long unusable,
      List<Long> settled,
      List<Long> refused) {}

  /**
   * Releases the rows that a selection means and that can be released; the next ingest admits them,
   * once, however often they are released. Rows that can't be are left where they are, unless the
   * selection names them: then it is an error.
   *
   * @param because why; who reads the ledger in a year must understand it
   * @param by who
   * @throws PlatformException NOT_FOUND when no row is meant, or a named one is not there; REFUSED
   *     when none can be released; CONFLICT when something was delivered or released meanwhile
   */
  public Released release(Selection selection, String because, Principal by) {
    if (because.isBlank()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot release rows of source %s: the reason is empty. State why they are good, with --because."
              .formatted(source));
    }
    if (isStatic) {
      throw refusal(
          "it is reference data, of which the newest delivery is the whole content. Correct the file or the expectation, and deliver it whole");
    }
    List<LedgerEntry> entries = entries();
    Chosen chosen = new Chosen(!selection.rows().isEmpty());
    Map<Long, Long> forRejection = new HashMap<>();
    each(
        releases(entries),
        row -> {
          if (row.isHeldForRejection()) {
            forRejection.merge(row.delivery(), 1L, Long::sum);
          }
          if (selection.means(row)) {
            chosen.add(row);
          }
        });
    check(selection, chosen);
    if (chosen.count(State.HELD) == 0) {
      return chosen.released(source, Optional.empty(), List.of(), List.of());
    }
    List<Release.Rows> rows = chosen.rows();
    if (rows.stream().mapToLong(r -> r.lines().ranges().size()).sum() > MOST_RANGES) {
      throw refusal(
          "the %,d rows lie too scattered to be listed in one decision. Correct the expectation instead, and run ingest"
              .formatted(chosen.count(State.HELD)));
    }
    List<Long> settled = new ArrayList<>();
    List<Long> refused = new ArrayList<>();
    for (LedgerEntry entry : entries) {
      long number = entry.delivery().number();
      if (entry.is(DeliveryVerdict.Outcome.REJECTED) && chosen.deliveries().contains(number)) {
        (forRejection.getOrDefault(number, 0L) == chosen.heldForRejection(number)
                ? settled
                : refused)
            .add(number);
      }
    }
    Delivery delivery =
        ledger.release(source, new Release(rows, settled, because, by), entries.size());
    return chosen.released(source, Optional.of(delivery.number()), settled, refused);
  }

  private void check(Selection selection, Chosen chosen) {
    if (chosen.all == 0 && selection.rows().isEmpty()) {
      throw none();
    }
    for (Map.Entry<String, LineSet> file : selection.rows().entrySet()) {
      for (LineSet.Range range : file.getValue().ranges()) {
        for (long line = range.first(); line <= range.last(); line++) {
          List<HeldRow> rows = chosen.at.getOrDefault(file.getKey() + ":" + line, List.of());
          if (rows.isEmpty()) {
            throw new PlatformException(
                ErrorCode.NOT_FOUND,
                "Cannot release %s:%d of source %s: it is not in quarantine. See what is: tributary quarantine show %s."
                    .formatted(file.getKey(), line, source, source));
          }
          if (rows.size() > 1) {
            throw new PlatformException(
                ErrorCode.INVALID_REQUEST,
                "Cannot release %s:%d of source %s: deliveries %s have such a row each. Name one with --delivery."
                    .formatted(
                        file.getKey(),
                        line,
                        source,
                        rows.stream()
                            .sorted(BY_PLACE)
                            .map(r -> String.valueOf(r.delivery()))
                            .collect(Collectors.joining(" and "))));
          }
          HeldRow row = rows.get(0);
          if (row.state() == State.MALFORMED || row.state() == State.UNUSABLE) {
            throw new PlatformException(
                ErrorCode.REFUSED,
                "Cannot release %s:%d of source %s: %s (%s). Mend the line, and deliver the file again."
                    .formatted(
                        file.getKey(),
                        line,
                        source,
                        row.state() == State.MALFORMED
                            ? "its line is malformed, so that its values are not known"
                            : "it can't be used, whoever approves it",
                        reasons(row)));
          }
        }
      }
    }
    if (chosen.count(State.HELD) == 0 && chosen.count(State.RELEASED) == 0) {
      throw refusal(
          "of the %,d rows that are meant %,d are malformed lines and %,d have no key or time, share a key or fail an expression. Mend them, and deliver the file again"
              .formatted(chosen.all, chosen.count(State.MALFORMED), chosen.count(State.UNUSABLE)));
    }
  }

  private static String reasons(HeldRow row) {
    return row.reasons().stream()
        .map(r -> r.column().isEmpty() ? r.message() : r.column() + ": " + r.message())
        .collect(Collectors.joining("; "));
  }

  /** The rows that a selection means, as far as a decision needs them. */
  private static final class Chosen {
    private final Map<State, Long> states = new TreeMap<>();
    private final Map<Long, Map<String, List<Long>>> lines = new TreeMap<>();
    private final Map<Long, Long> forRejection = new TreeMap<>();
    private final Map<String, List<HeldRow>> at = new LinkedHashMap<>();
    private final boolean named;
    private long all;

    Chosen(boolean named) {
      this.named = named;
    }

    void add(HeldRow row) {
      all++;
      states.merge(row.state(), 1L, Long::sum);
      if (named) {
        at.computeIfAbsent(row.file() + ":" + row.line(), p -> new ArrayList<>()).add(row);
      }
      if (row.state() == State.HELD) {
        lines
            .computeIfAbsent(row.delivery(), d -> new TreeMap<>())
            .computeIfAbsent(row.file(), f -> new ArrayList<>())
            .add(row.line());
        if (row.isHeldForRejection()) {
          forRejection.merge(row.delivery(), 1L, Long::sum);
        }
      }
    }

    long count(State state) {
      return states.getOrDefault(state, 0L);
    }

    Set<Long> deliveries() {
      return new TreeSet<>(lines.keySet());
    }

    long heldForRejection(long delivery) {
      return forRejection.getOrDefault(delivery, 0L);
    }

    List<Release.Rows> rows() {
      List<Release.Rows> rows = new ArrayList<>();
      lines.forEach(
          (delivery, files) ->
              files.forEach(
                  (file, l) -> rows.add(new Release.Rows(delivery, file, LineSet.of(l)))));
      return rows;
    }

    Released released(
        String source, Optional<Long> delivery, List<Long> settled, List<Long> refused) {
      return new Released(
          source,
          delivery,
          count(State.HELD),
          count(State.RELEASED),
          count(State.MALFORMED),
          count(State.UNUSABLE),
          settled,
          refused);
    }
  }

  private List<LedgerEntry> entries() {
    return ledger.entries(source);
  }

  private static List<Release> releases(List<LedgerEntry> entries) {
    return entries.stream().flatMap(e -> e.delivery().release().stream()).toList();
  }

  /** Hands over all rows, in no order. */
  private void each(List<Release> releases, Consumer<HeldRow> rows) {
    Optional<TableVersion> version = table.version();
    if (version.isEmpty()) {
      return;
    }
    Map<Long, Map<String, List<LineSet>>> released = new HashMap<>();
    for (Release release : releases) {
      for (Release.Rows of : release.rows()) {
        released
            .computeIfAbsent(of.delivery(), d -> new HashMap<>())
            .computeIfAbsent(of.file(), f -> new ArrayList<>())
            .add(of.lines());
      }
    }
    TableRows.read(
        lake.path(table.name()),
        version.get().version(),
        COLUMNS,
        row -> rows.accept(heldRow(row, released)));
  }

  @SuppressWarnings("unchecked")
  private static HeldRow heldRow(List<Object> row, Map<Long, Map<String, List<LineSet>>> released) {
    long delivery = (Long) row.get(0);
    String file = (String) row.get(1);
    long line = (Long) row.get(2);
    List<Reason> reasons =
        ((List<List<String>>) row.get(5))
            .stream().map(r -> new Reason(r.get(0), r.get(1), r.get(2))).toList();
    State state = State.HELD;
    if (row.get(6).equals("parse")) {
      state = State.MALFORMED;
    } else if (row.get(6).equals("derive")
        || reasons.stream().anyMatch(r -> r.rule().equals("event-key"))) {
      state = State.UNUSABLE;
    } else if (released.getOrDefault(delivery, Map.of()).getOrDefault(file, List.of()).stream()
        .anyMatch(lines -> lines.contains(line))) {
      state = State.RELEASED;
    }
    return new HeldRow(
        delivery, file, line, (String) row.get(3), state, (String) row.get(4), reasons);
  }

  private PlatformException none() {
    return new PlatformException(
        ErrorCode.NOT_FOUND,
        "Cannot release rows of source %s: no such row is in quarantine. See what is: tributary quarantine show %s."
            .formatted(source, source));
  }

  private PlatformException refusal(String why) {
    return new PlatformException(
        ErrorCode.REFUSED, "Cannot release rows of source " + source + ": " + why + ".");
  }
}
