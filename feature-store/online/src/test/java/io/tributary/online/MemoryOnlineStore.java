package io.tributary.online;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.ViewId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/** The shortest store that keeps the contract, unless it is made with faults. */
final class MemoryOnlineStore implements OnlineStore {
  /** Ways to break the contract. */
  enum Fault {
    ROUNDS,
    ANSWERS_UNPUBLISHED,
    FINDS_THE_NEAREST_KEY,
    ACCEPTS_ANY_KEY,
    FORGETS_DEFAULTS,
    DROPS_WITHDRAWN,
    NEVER_EXPIRES,
    HIDES_THE_FUTURE,
    WRITES_THROUGH,
    PUBLISHES_WHAT_WAS_STOPPED,
    MIXES_PUBLICATIONS,
    NEVER_REFRESHES,
    KEEPS_FORMER_ROWS,
    FORGETS_WITHDRAWALS,
    REPLACES_ANOTHER_LAKES,
    KEEPS_ROWS_OF_THE_INSTANT,
    LAST_WINS,
    NEVER_GOES_BACK,
    EARLIER_REPLACES,
    MIXES_COLUMNS,
    PUBLISHES_ON_WHAT_IT_BEGAN_WITH,
    GIVES_A_NUMBER_TWICE,
    HAS_ONE_PARTITION,
    IGNORES_AN_EMPTY_SNAPSHOT,
    CLOSES_FORMER_PUBLICATIONS,
    TAKES_ROWS_IN_ANY_ORDER,
    OVERWRITES_COMPARISONS,
    LISTS_BY_TIME,
    OPENS_SOMETHING_ELSE
  }

  /** What all stores at one place see. */
  static final class Place {
    private final Map<ViewId, List<Kept>> views = Collections.synchronizedMap(new HashMap<>());
    private final Map<Publication, Parity> parities = Collections.synchronizedMap(new HashMap<>());
    private final List<TreeMap<byte[], byte[]>> partitions = new ArrayList<>();
    private final List<ViewId> order = new ArrayList<>();
  }

  private record Kept(
      Publication publication,
      TreeMap<byte[], byte[]> rows,
      Map<PublishedSnapshot, TreeMap<byte[], byte[]>> layers) {}

  private final Place place;
  private final Set<Fault> faults;
  private final Map<ViewId, Kept> inForce = Collections.synchronizedMap(new HashMap<>());

  MemoryOnlineStore(Place place, Fault... faults) {
    this.place = place;
    this.faults = EnumSet.noneOf(Fault.class);
    this.faults.addAll(List.of(faults));
  }

  private boolean has(Fault fault) {
    return faults.contains(fault);
  }

  private static TreeMap<byte[], byte[]> rows() {
    return new TreeMap<>(Arrays::compareUnsigned);
  }

  private List<Kept> kept(ViewId view) {
    synchronized (place) {
      return List.copyOf(place.views.getOrDefault(view, List.of()));
    }
  }

  private Optional<Kept> newest(ViewId view) {
    List<Kept> kept = kept(view);
    return kept.isEmpty() ? Optional.empty() : Optional.of(kept.get(kept.size() - 1));
  }

  @Override
  public String address() {
    return "memory:test";
  }

  @Override
  public Factory factory() {
    Place other = has(Fault.OPENS_SOMETHING_ELSE) ? new Place() : place;
    return () -> new MemoryOnlineStore(other);
  }

  private Kept current(ViewId view) {
    return inForce.computeIfAbsent(view, v -> newest(v).orElseThrow(() -> neverPublished(v)));
  }

  @Override
  public Publication inForce(ViewId view) {
    return current(view).publication();
  }

  @Override
  public List<List<Answer>> readAll(ViewId view, List<? extends List<?>> keys, Instant at) {
    if (has(Fault.ANSWERS_UNPUBLISHED) && kept(view).isEmpty()) {
      return List.of(List.of());
    }
    Kept current = current(view);
    List<List<Answer>> answers = new ArrayList<>();
    for (List<?> key : keys) {
      Kept from = current;
      if (has(Fault.MIXES_PUBLICATIONS) && answers.size() == 1) {
        from = kept(view).get(0);
      }
      StoredView stored = from.publication().view();
      Optional<StoredRow> row = find(from.rows(), stored, key);
      if (has(Fault.HIDES_THE_FUTURE)) {
        row = row.filter(r -> !r.publishedFor().isAfter(at));
      }
      if (has(Fault.NEVER_EXPIRES)) {
        stored = with(stored, stored.features(), false);
      }
      if (has(Fault.FORGETS_DEFAULTS)) {
        stored =
            with(
                stored,
                stored.features().stream()
                    .map(f -> new StoredFeature(f.name(), f.type(), f.empty(), Optional.empty()))
                    .toList(),
                true);
      }
      answers.add(stored.answers(row, at));
    }
    return answers;
  }

  private static StoredView with(StoredView view, List<StoredFeature> features, boolean expires) {
    return new StoredView(
        view.id(),
        view.definition(),
        view.keys(),
        features,
        view.ttl().filter(ttl -> expires),
        view.maxStaleness().filter(ttl -> expires));
  }

  private Optional<StoredRow> find(TreeMap<byte[], byte[]> rows, StoredView view, List<?> key) {
    Optional<byte[]> bytes;
    try {
      bytes = view.keyBytes(key);
    } catch (PlatformException e) {
      if (has(Fault.ACCEPTS_ANY_KEY)) {
        return Optional.empty();
      }
      throw e;
    }
    return bytes
        .map(
            k ->
                has(Fault.FINDS_THE_NEAREST_KEY)
                    ? Optional.ofNullable(rows.floorEntry(k)).map(Map.Entry::getValue).orElse(null)
                    : rows.get(k))
        .filter(Objects::nonNull)
        .map(row -> RowCodec.decode(row, view.features(), Instant.MIN));
  }

  @Override
  public void refresh() {
    if (!has(Fault.NEVER_REFRESHES)) {
      inForce.replaceAll((view, former) -> newest(view).orElseThrow());
    }
  }

  @Override
  public List<ViewId> views() {
    synchronized (place) {
      return has(Fault.LISTS_BY_TIME)
          ? List.copyOf(place.order)
          : place.order.stream().sorted(Comparator.comparing(ViewId::toString)).toList();
    }
  }

  @Override
  public Optional<Publication> publication(ViewId view) {
    return newest(view).map(Kept::publication);
  }

  @Override
  public Optional<Publication> publication(ViewId view, long sequence) {
    return publications(view).stream().filter(p -> p.sequence() == sequence).findFirst();
  }

  @Override
  public List<Publication> publications(ViewId view) {
    return kept(view).stream().map(Kept::publication).toList();
  }

  @Override
  public PublishedRows rows(Publication publication) {
    ViewId view = publication.view().id();
    Kept found =
        kept(view).stream()
            .filter(k -> k.publication().equals(publication))
            .findFirst()
            .orElseThrow();
    return new PublishedRows() {
      private TreeMap<byte[], byte[]> rows() {
        return has(Fault.CLOSES_FORMER_PUBLICATIONS)
            ? newest(view).orElseThrow().rows()
            : found.rows();
      }

      @Override
      public List<Optional<StoredRow>> findAll(List<? extends List<?>> keys) {
        return keys.stream()
            .map(key -> MemoryOnlineStore.this.find(rows(), publication.view(), key))
            .toList();
      }

      @Override
      public void forEach(BiConsumer<byte[], StoredRow> reader) {
        rows()
            .forEach(
                (key, row) ->
                    reader.accept(
                        key, RowCodec.decode(row, publication.view().features(), Instant.MIN)));
      }

      @Override
      public long count() {
        return rows().size();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public OnlineWriter begin(StoredView view, PublishedSnapshot snapshot, Origin origin) {
    Optional<Kept> begunWith = beside(view.id(), snapshot, origin);
    return new OnlineWriter() {
      @Override
      public PartitionWriter.Factory partitions() {
        return () -> new Partition(view, snapshot.instant());
      }

      @Override
      public boolean writesDifferences() {
        return false;
      }

      @Override
      public void writeWhole() {}

      @Override
      public Optional<WrittenRows> complete(List<WrittenPartition> partitions) {
        return Optional.of(new WrittenRows(partitions));
      }

      @Override
      public Publication publish(WrittenRows written, Map<String, Object> record) {
        List<WrittenPartition> partitions = written.partitions();
        synchronized (place) {
          TreeMap<byte[], byte[]> added = rows();
          for (WrittenPartition partition :
              has(Fault.HAS_ONE_PARTITION) && partitions.size() > 1
                  ? partitions.subList(0, 1)
                  : partitions) {
            added.putAll(place.partitions.get(Integer.parseInt(partition.receipt().orElseThrow())));
          }
          if (has(Fault.PUBLISHES_WHAT_WAS_STOPPED)) {
            place.partitions.forEach(added::putAll);
          }
          return add(
              view,
              snapshot,
              added,
              has(Fault.PUBLISHES_ON_WHAT_IT_BEGAN_WITH)
                  ? begunWith
                  : beside(view.id(), snapshot, origin),
              origin.lake(),
              record);
        }
      }

      @Override
      public void close() {}
    };
  }

  private Optional<Kept> beside(ViewId view, PublishedSnapshot snapshot, Origin origin) {
    Optional<Kept> present = newest(view);
    return has(Fault.REPLACES_ANOTHER_LAKES)
        ? present
        : origin
            .beside(present.map(Kept::publication), snapshot, address())
            .flatMap(own -> present);
  }

  private Publication add(
      StoredView view,
      PublishedSnapshot snapshot,
      TreeMap<byte[], byte[]> added,
      Optional<Kept> present,
      String lake,
      Map<String, Object> record) {
    Map<PublishedSnapshot, TreeMap<byte[], byte[]>> layers = new HashMap<>();
    boolean beside = present.isPresent();
    if (beside && !present.get().publication().view().hasColumnsOf(view)) {
      if (snapshot.instant().isBefore(present.get().publication().instant())
          && !has(Fault.MIXES_COLUMNS)) {
        throw new PlatformException(
            ErrorCode.REFUSED,
            "its columns differ from those published at " + present.get().publication().instant());
      }
      beside = false;
    }
    if (beside) {
      layers.putAll(present.get().layers());
    }
    boolean earlier = beside && snapshot.instant().isBefore(present.get().publication().instant());
    boolean same = beside && snapshot.instant().equals(present.get().publication().instant());
    List<PublishedSnapshot> counting =
        has(Fault.LAST_WINS) || (has(Fault.NEVER_GOES_BACK) && earlier)
            ? has(Fault.LAST_WINS)
                ? List.of(snapshot)
                : List.copyOf(present.get().publication().snapshots())
            : PublishedSnapshot.counting(layers.keySet(), snapshot);
    layers.put(snapshot, added);
    layers.keySet().retainAll(counting);
    TreeMap<byte[], byte[]> rows = rows();
    if (beside && has(Fault.KEEPS_FORMER_ROWS) && !earlier && !same) {
      rows.putAll(present.get().rows());
    }
    if (beside && has(Fault.FORGETS_WITHDRAWALS) && added.size() > Differences.LEAST_BASE) {
      rows.putAll(present.get().rows());
    }
    if (has(Fault.KEEPS_ROWS_OF_THE_INSTANT) && same) {
      rows.putAll(present.get().rows());
    }
    rows.putAll(layers.get(counting.get(0)));
    for (PublishedSnapshot layer : counting.subList(1, counting.size())) {
      layers
          .get(layer)
          .forEach(
              (key, row) -> {
                byte[] later = rows.get(key);
                if (later == null
                    || has(Fault.EARLIER_REPLACES)
                    || RowCodec.decode(row, view.features(), Instant.MIN)
                        .hasNewerEventThan(RowCodec.decode(later, view.features(), Instant.MIN))) {
                  rows.put(key, row);
                }
              });
    }
    List<Kept> kept = place.views.computeIfAbsent(view.id(), v -> new ArrayList<>());
    if (kept.isEmpty()) {
      place.order.add(view.id());
    }
    long sequence = has(Fault.GIVES_A_NUMBER_TWICE) ? 1 : kept.size() + 1;
    Publication publication =
        new Publication(view, Optional.of(lake), sequence, "", counting, rows.size(), record);
    if (!has(Fault.IGNORES_AN_EMPTY_SNAPSHOT) || !added.isEmpty()) {
      kept.add(new Kept(publication, rows, layers));
    }
    inForce.computeIfPresent(view.id(), (v, former) -> newest(v).orElseThrow());
    return publication;
  }

  private final class Partition implements PartitionWriter {
    private final StoredView view;
    private final Instant snapshot;
    private final TreeMap<byte[], byte[]> rows = rows();

    private Partition(StoredView view, Instant snapshot) {
      this.view = view;
      this.snapshot = snapshot;
    }

    @Override
    public void add(byte[] key, byte[] row) {
      if (!rows.isEmpty()
          && Arrays.compareUnsigned(rows.lastKey(), key) >= 0
          && !has(Fault.TAKES_ROWS_IN_ANY_ORDER)) {
        throw new PlatformException(
            ErrorCode.BUG, "The key is not above the one before it. Report this as a bug.");
      }
      rows.put(key, row);
      if (has(Fault.WRITES_THROUGH)) {
        newest(view.id()).ifPresent(k -> k.rows().put(key, row));
      }
    }

    @Override
    public Optional<WrittenPartition> finish() {
      // Each says its instant, so that rows of several snapshots can be together.
      rows.replaceAll(
          (key, row) -> RowCodec.encode(RowCodec.decode(row, view.features(), snapshot)));
      if (has(Fault.ROUNDS)) {
        rows.replaceAll((key, row) -> RowCodec.encode(rounded(row)));
      }
      if (has(Fault.DROPS_WITHDRAWN)) {
        rows.values().removeIf(row -> RowCodec.decode(row, view.features(), snapshot).isAbsent());
      }
      synchronized (place) {
        place.partitions.add(rows);
        return rows.isEmpty()
            ? Optional.empty()
            : Optional.of(
                new WrittenPartition(
                    rows.size(),
                    rows.size(),
                    0,
                    HexFormat.of().formatHex(rows.firstKey()),
                    HexFormat.of().formatHex(rows.lastKey()),
                    Optional.of(String.valueOf(place.partitions.size() - 1))));
      }
    }

    private StoredRow rounded(byte[] bytes) {
      StoredRow row = RowCodec.decode(bytes, view.features(), snapshot);
      return new StoredRow(
          row.eventTime(),
          row.knownTime(),
          row.publishedFor(),
          row.values().stream()
              .map(v -> v instanceof Double d ? (Object) (double) d.floatValue() : v)
              .collect(ArrayList::new, ArrayList::add, ArrayList::addAll));
    }

    @Override
    public void close() {}
  }

  @Override
  public Optional<Parity> parity(Publication publication) {
    return Optional.ofNullable(place.parities.get(publication));
  }

  @Override
  public void keep(Publication publication, Parity parity) {
    if (has(Fault.OVERWRITES_COMPARISONS)) {
      place.parities.put(publication, parity);
    } else {
      place.parities.putIfAbsent(publication, parity);
    }
  }

  @Override
  public FormerPublications former(Instant replacedBefore, Predicate<Publication> asked) {
    return new FormerPublications(
        List.of(),
        views().stream()
            .filter(view -> asked.test(published(view)))
            .flatMap(view -> publications(view).stream())
            .toList(),
        List.of());
  }

  @Override
  public List<StoredPiece> unused() {
    return List.of();
  }

  @Override
  public void remove(String piece) {}

  @Override
  public void close() {}
}
