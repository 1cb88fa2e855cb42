package io.tributary.online;

import static io.tributary.online.Answer.Status.ABSENT;
import static io.tributary.online.Answer.Status.EXPIRED;
import static io.tributary.online.Answer.Status.NULL;
import static io.tributary.online.Answer.Status.PRESENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.TableVersion;
import io.tributary.definition.ViewId;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What every online store does, by rules 9 to 11 of the point-in-time contract: extend it in the
 * test of a store, with a place of its own for each test. {@code TestOnlineStoreContract} shows
 * that each of its tests can fail.
 */
public abstract class OnlineStoreContract {
  public static final ViewId VIEW = ViewId.parse("carrier_history@1");
  public static final Instant NIGHT = Instant.parse("2013-12-29T04:59:59.999999Z");
  private static final Instant NEXT = NIGHT.plus(Duration.ofDays(1));
  private static final Instant BEFORE = NIGHT.minus(Duration.ofDays(1));
  private static final Instant EVENT = Instant.parse("2013-12-27T22:10:00.000001Z");
  private static final List<StoredColumn> KEYS =
      List.of(new StoredColumn("carrier", "string"), new StoredColumn("hub", "int"));
  public static final Origin ORIGIN = Origin.of("11111111-2222");
  private static final StoredView STORED =
      new StoredView(
          VIEW,
          Digest.of("definition"),
          KEYS,
          List.of(
              new StoredFeature(
                  "flights", "bigint", Optional.of(IntNode.valueOf(0)), Optional.empty()),
              new StoredFeature("mean_delay", "double", Optional.empty(), Optional.empty()),
              new StoredFeature(
                  "plane", "string", Optional.empty(), Optional.of(TextNode.valueOf("none")))),
          Optional.of(Duration.ofDays(30)),
          Optional.empty());

  /** A store at the place of the running test: what one of them publishes, the others read. */
  protected abstract OnlineStore open();

  /** Publishes rows of a snapshot that knows so many deliveries, in one partition. */
  public static Publication publish(
      OnlineStore store, Instant instant, long deliveries, Map<List<Object>, StoredRow> rows) {
    return publish(store, STORED, instant, deliveries, 1, rows);
  }

  private static Publication publish(
      OnlineStore store,
      StoredView view,
      Instant instant,
      long deliveries,
      int partitions,
      Map<List<Object>, StoredRow> rows) {
    try (OnlineWriter writer = store.begin(view, snapshot(instant, deliveries), ORIGIN)) {
      return writer.publish(
          completed(writer, view, instant, partitions, rows), Map.of("run", "r1"));
    }
  }

  /** Rows as a publisher writes them: once more, whole, where most have changed. */
  private static WrittenRows completed(
      OnlineWriter writer,
      StoredView view,
      Instant instant,
      int partitions,
      Map<List<Object>, StoredRow> rows) {
    return writer
        .complete(write(writer, view, instant, partitions, rows))
        .or(() -> writer.complete(write(writer, view, instant, partitions, rows)))
        .orElseThrow();
  }

  private static PublishedSnapshot snapshot(Instant instant, long deliveries) {
    return new PublishedSnapshot(
        instant,
        TableVersion.parse("features.carrier_history_v1@3#table"),
        Map.of("validated.flights", deliveries));
  }

  private static List<WrittenPartition> write(
      OnlineWriter writer,
      StoredView view,
      Instant instant,
      int partitions,
      Map<List<Object>, StoredRow> rows) {
    TreeMap<byte[], StoredRow> ordered = new TreeMap<>(Arrays::compareUnsigned);
    rows.forEach((key, row) -> ordered.put(KeyCodec.encode(view.keys(), key), row));
    List<byte[]> keys = new ArrayList<>(ordered.keySet());
    List<WrittenPartition> written = new ArrayList<>();
    for (int p = 0; p < partitions; p++) {
      try (PartitionWriter partition = writer.partitions().open()) {
        keys.subList(keys.size() * p / partitions, keys.size() * (p + 1) / partitions)
            .forEach(key -> partition.add(key, RowCodec.encode(ordered.get(key), instant)));
        partition.finish().ifPresent(written::add);
      }
    }
    // Executors end in any order.
    Collections.reverse(written);
    return written;
  }

  private static StoredRow row(Instant event, Instant at, Object... values) {
    return new StoredRow(Optional.of(event), Optional.of(event), at, Arrays.asList(values));
  }

  /** The same values for each carrier. */
  public static Map<List<Object>, StoredRow> flights(Instant at, long n, String... carriers) {
    return flights(EVENT, at, n, carriers);
  }

  private static Map<List<Object>, StoredRow> flights(
      Instant event, Instant at, long n, String... carriers) {
    Map<List<Object>, StoredRow> rows = new LinkedHashMap<>();
    for (String carrier : carriers) {
      rows.put(List.of(carrier, 1), row(event, at, n, 0.5, "N" + n));
    }
    return rows;
  }

  /** What reads say of some carriers' first feature; nothing for who is absent. */
  public static Map<String, Object> read(OnlineStore store, String... carriers) {
    Map<String, Object> found = new TreeMap<>();
    for (String carrier : carriers) {
      Answer answer = store.read(VIEW, List.of(carrier, 1), NIGHT).get(0);
      if (answer.status() != ABSENT) {
        found.put(carrier, answer.value().orElseThrow());
      }
    }
    return found;
  }

  /** All rows of a publication, by key. */
  public static Map<String, StoredRow> stored(OnlineStore store, Publication publication) {
    Map<String, StoredRow> rows = new LinkedHashMap<>();
    try (PublishedRows published = store.rows(publication)) {
      published.forEach((key, row) -> rows.put(HexFormat.of().formatHex(key), row));
      assertThat(published.count()).isEqualTo(rows.size()).isEqualTo(publication.rows());
    }
    return rows;
  }

  private static Map<String, StoredRow> expected(Map<List<Object>, StoredRow> rows) {
    Map<String, StoredRow> byKey = new TreeMap<>();
    rows.forEach(
        (key, row) -> byKey.put(HexFormat.of().formatHex(KeyCodec.encode(KEYS, key)), row));
    return byKey;
  }

  @Test
  public void answersWithTheBitsThatWerePublished() {
    Map<Object, Object> map = new LinkedHashMap<>();
    map.put(List.of("a,b", 1L), new BigDecimal("1.50"));
    map.put(Arrays.asList("\u00e9", null), null);
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("bigint", Long.MIN_VALUE);
    values.put("double", Double.longBitsToDouble(0x3fb999999999999bL));
    values.put("float", (double) 0.1f);
    values.put("boolean", true);
    values.put("string", "\u00e9\0\ud83d\ude80");
    values.put("binary", Bytes.of(new byte[] {0, -1}));
    values.put("date", LocalDate.of(-44, 3, 15));
    values.put("timestamp", EVENT);
    values.put("decimal(38,2)", new BigDecimal("123456789012345678901234567890123456.70"));
    values.put("array<double>", Arrays.asList(1.5, Double.NaN, -0.0, null));
    values.put("map<struct<place:string,n:bigint>,decimal(10,2)>", map);
    values.put("struct<a:bigint,b:map<string,boolean>>", Arrays.asList(null, Map.of("x", true)));
    List<StoredFeature> features = new ArrayList<>();
    values
        .keySet()
        .forEach(
            type ->
                features.add(
                    new StoredFeature(
                        "f" + features.size(), type, Optional.empty(), Optional.empty())));
    StoredView typed =
        new StoredView(
            VIEW, Digest.of("typed"), KEYS, features, Optional.empty(), Optional.empty());
    try (OnlineStore store = open()) {
      StoredRow row = row(EVENT, NIGHT, values.values().toArray());
      publish(store, typed, NIGHT, 1, 1, Map.of(List.of("UA", 1), row));

      List<Answer> answers = store.read(VIEW, List.of("UA", 1L), NIGHT);
      assertThat(answers).extracting(Answer::status).containsOnly(PRESENT);
      assertThat(answers)
          .extracting(a -> a.value().orElseThrow())
          .containsExactlyElementsOf(values.values());
      assertThat(answers).extracting(Answer::publishedFor).containsOnly(Optional.of(NIGHT));
      assertThat(answers).extracting(Answer::eventTime).containsOnly(Optional.of(EVENT));
      try (PublishedRows rows = store.rows(store.published(VIEW))) {
        assertThat(rows.find(List.of("UA", 1))).contains(row);
      }
    }
  }

  @Test
  public void isOpenedElsewhereByItsFactory() {
    try (OnlineStore store = open()) {
      Publication published = publish(store, NIGHT, 1, flights(NIGHT, 7, "UA"));
      try (OnlineStore elsewhere = store.factory().open()) {
        assertThat(elsewhere.address()).isEqualTo(store.address());
        assertThat(elsewhere.publication(VIEW, published.sequence())).contains(published);
        assertThat(elsewhere.read(VIEW, List.of("UA", 1), NIGHT))
            .isEqualTo(store.read(VIEW, List.of("UA", 1), NIGHT));
      }
    }
  }

  @Test
  public void refusesToReadWhatWasNeverPublished() {
    try (OnlineStore store = open()) {
      assertThat(store.views()).isEmpty();
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      ViewId other = ViewId.parse("weather@1");
      assertThatThrownBy(() -> store.read(other, List.of("JFK"), NIGHT))
          .isInstanceOfSatisfying(
              PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
          .hasMessage(
              "Cannot read features of weather@1: it was never published to "
                  + store.address()
                  + ". Publish it first, or ask for one of [carrier_history@1].");
      assertThatThrownBy(() -> store.inForce(other)).hasMessageContaining("never published");
      assertThat(store.publication(other)).isEmpty();
      assertThat(store.publications(other)).isEmpty();
    }
  }

  @Test
  public void answersAbsentForKeysNeverSeenAndForNull() {
    try (OnlineStore store = open()) {
      publish(store, NIGHT, 1, flights(NIGHT, 12, "DL", "UA"));
      for (List<?> key :
          List.of(
              List.of("UA", 2),
              List.of("AA", 1),
              List.of("EV", 1),
              List.of("WN", 1),
              Arrays.asList("UA", null))) {
        List<Answer> answers = store.read(VIEW, key, NIGHT);
        assertThat(answers).extracting(Answer::status).containsOnly(ABSENT);
        assertThat(answers.get(0).value()).contains(0L);
        assertThat(answers.get(1).value()).isEmpty();
        assertThat(answers.get(2).value()).contains("none");
        assertThat(answers).extracting(Answer::isDefault).containsExactly(false, false, true);
        assertThat(answers).extracting(Answer::publishedFor).containsOnly(Optional.empty());
      }
    }
  }

  @Test
  public void refusesKeysThatAreNotTheEntitys() {
    try (OnlineStore store = open()) {
      publish(store, NIGHT, 1, flights(NIGHT, 12, "UA"));
      assertThatThrownBy(() -> store.read(VIEW, List.of("UA"), NIGHT))
          .hasMessage(
              "Cannot read key [UA]: the entity has 2 columns [carrier, hub]. Give one value for each, in this order.");
      assertThatThrownBy(() -> store.read(VIEW, List.of("UA", "1"), NIGHT))
          .hasMessage("Cannot read key column hub: \"1\" is no int. Give a value of that type.");
    }
  }

  @Test
  public void answersNullByTheDefault() {
    try (OnlineStore store = open()) {
      publish(store, NIGHT, 1, Map.of(List.of("UA", 1), row(EVENT, NIGHT, 3L, null, null)));
      List<Answer> answers = store.read(VIEW, List.of("UA", 1), NIGHT);
      assertThat(answers).extracting(Answer::status).containsExactly(PRESENT, NULL, NULL);
      assertThat(answers.get(1).value()).isEmpty();
      assertThat(answers.get(2).value()).contains("none");
      assertThat(answers).extracting(Answer::isDefault).containsExactly(false, false, true);
    }
  }

  @Test
  public void answersAbsentWhereAllEventsWereWithdrawn() {
    StoredRow withdrawn = new StoredRow(Optional.empty(), Optional.empty(), NIGHT, List.of());
    try (OnlineStore store = open()) {
      publish(store, BEFORE, 1, flights(BEFORE, 12, "UA"));
      publish(store, NIGHT, 1, Map.of(List.of("UA", 1), withdrawn));
      List<Answer> answers = store.read(VIEW, List.of("UA", 1), NIGHT);
      assertThat(answers).extracting(Answer::status).containsOnly(ABSENT);
      assertThat(answers.get(0).value()).contains(0L);
      assertThat(answers.get(0).eventTime()).isEmpty();
      assertThat(answers.get(0).publishedFor()).contains(NIGHT);
    }
  }

  @Test
  public void expiresWhatIsPastItsTtlOrItsStaleness() {
    StoredView stale =
        new StoredView(
            VIEW,
            STORED.definition(),
            KEYS,
            STORED.features(),
            Optional.empty(),
            Optional.of(Duration.ofDays(2)));
    try (OnlineStore store = open()) {
      for (StoredView view : List.of(STORED, stale)) {
        publish(store, view, NIGHT, 1, 1, flights(NIGHT, 12, "UA"));
        Instant edge =
            view.ttl()
                .map(EVENT::plus)
                .orElseGet(() -> NIGHT.plus(view.maxStaleness().orElseThrow()));
        assertThat(store.read(VIEW, List.of("UA", 1), edge).get(0).status()).isEqualTo(PRESENT);
        Answer expired = store.read(VIEW, List.of("UA", 1), edge.plusNanos(1_000)).get(0);
        assertThat(expired.status()).isEqualTo(EXPIRED);
        assertThat(expired.value()).contains(0L);
        assertThat(expired.publishedFor()).contains(NIGHT);
      }
    }
  }

  @Test
  public void answersOfBeforeThePublishInstantWithWhatIsPublished() {
    try (OnlineStore store = open()) {
      publish(store, NIGHT, 1, flights(NIGHT, 12, "UA"));
      Answer answer = store.read(VIEW, List.of("UA", 1), EVENT.minusSeconds(1)).get(0);
      assertThat(answer.value()).contains(12L);
      assertThat(answer.publishedFor()).contains(NIGHT);
    }
  }

  @Test
  public void showsNothingOfWhatIsNotPublished() {
    try (OnlineStore writing = open();
        OnlineStore reading = open()) {
      publish(writing, NIGHT, 1, flights(NIGHT, 1, "UA", "DL"));
      assertThat(read(reading, "UA", "DL")).isEqualTo(Map.of("UA", 1L, "DL", 1L));

      OnlineWriter writer = writing.begin(STORED, snapshot(NEXT, 1), ORIGIN);
      final List<WrittenPartition> written =
          write(writer, STORED, NEXT, 2, flights(NEXT, 2, "UA", "DL", "WN"));
      reading.refresh();
      assertThat(read(reading, "UA", "DL", "WN")).isEqualTo(Map.of("UA", 1L, "DL", 1L));
      assertThat(reading.publications(VIEW)).hasSize(1);

      writer.publish(writer.complete(written).orElseThrow(), Map.of());
      reading.refresh();
      assertThat(read(reading, "UA", "DL", "WN")).isEqualTo(Map.of("UA", 2L, "DL", 2L, "WN", 2L));
    }
  }

  @Test
  public void forgetsAPublicationWhoseWriterWasStopped() {
    try (OnlineStore store = open()) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      OnlineWriter stopped = store.begin(STORED, snapshot(NEXT, 9), ORIGIN);
      write(stopped, STORED, NEXT, 1, flights(NEXT, 9, "DL", "WN"));
      PartitionWriter half = stopped.partitions().open();
      half.add(KeyCodec.encode(KEYS, List.of("ZZ", 1)), new byte[] {1});
      half.close();

      Publication next = publish(store, NEXT, 2, flights(NEXT, 2, "UA"));
      assertThat(next.sequence()).isEqualTo(2);
      assertThat(stored(store, next)).isEqualTo(expected(flights(NEXT, 2, "UA")));
    }
  }

  @Test
  public void answersOfOnePublicationWhileOthersReplaceIt() throws Exception {
    List<List<Object>> keys = List.of(List.of("UA", 1), List.of("DL", 1), List.of("WN", 1));
    ExecutorService pool = Executors.newFixedThreadPool(3);
    AtomicBoolean ended = new AtomicBoolean();
    try (OnlineStore writing = open();
        OnlineStore reading = open()) {
      publish(writing, NIGHT, 1, flights(NIGHT, 0, "UA", "DL", "WN"));
      List<Future<Long>> reads = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        reads.add(
            pool.submit(
                () -> {
                  long newest = 0;
                  while (!ended.get()) {
                    List<List<Answer>> answers = reading.readAll(VIEW, keys, NIGHT);
                    long generation = (Long) answers.get(0).get(0).value().orElseThrow();
                    for (List<Answer> answer : answers) {
                      assertThat(answer.get(0).value()).contains(generation);
                    }
                    assertThat(generation).isGreaterThanOrEqualTo(newest);
                    newest = generation;
                  }
                  return newest;
                }));
      }
      for (long generation = 1; generation <= 20; generation++) {
        publish(writing, NIGHT, 1, flights(NIGHT, generation, "UA", "DL", "WN"));
        reading.refresh();
        assertThat(reading.readAll(VIEW, keys, NIGHT))
            .extracting(answers -> answers.get(0).value())
            .containsOnly(Optional.of(generation));
      }
      ended.set(true);
      for (Future<Long> read : reads) {
        assertThat(read.get()).isBetween(0L, 20L);
      }
    } finally {
      ended.set(true);
      pool.shutdownNow();
    }
  }

  @Test
  public void answersOfTheNewestWhenOpenedAndRefreshedAndAfterItsOwn() {
    try (OnlineStore first = open();
        OnlineStore second = open()) {
      publish(first, NIGHT, 1, flights(NIGHT, 1, "UA"));
      assertThat(read(first, "UA")).containsEntry("UA", 1L);
      assertThat(second.inForce(VIEW).sequence()).isEqualTo(1);
      publish(first, NIGHT, 1, flights(NIGHT, 2, "UA"));
      assertThat(read(first, "UA")).containsEntry("UA", 2L);
      assertThat(first.inForce(VIEW).sequence()).isEqualTo(2);
      second.refresh();
      assertThat(read(second, "UA")).containsEntry("UA", 2L);
      assertThat(second.inForce(VIEW)).isEqualTo(second.published(VIEW));
      try (OnlineStore third = open()) {
        assertThat(read(third, "UA")).containsEntry("UA", 2L);
      }
    }
  }

  @Test
  public void replacesAllByALaterInstant() {
    try (OnlineStore store = open()) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA", "DL"));
      Map<List<Object>, StoredRow> later = flights(EVENT.minusSeconds(60), NEXT, 2, "UA", "WN");
      Publication publication = publish(store, NEXT, 1, later);
      assertThat(stored(store, publication)).isEqualTo(expected(later));
      assertThat(publication.instant()).isEqualTo(NEXT);
      assertThat(publication.snapshots()).containsExactly(snapshot(NEXT, 1));
    }
  }

  @Test
  public void replacesAllOfTheSameInstant() {
    try (OnlineStore store = open()) {
      publish(store, NIGHT, 2, flights(NIGHT, 1, "UA", "DL"));
      Map<List<Object>, StoredRow> again = flights(EVENT.minusSeconds(60), NIGHT, 2, "UA");
      assertThat(stored(store, publish(store, NIGHT, 1, again))).isEqualTo(expected(again));
    }
  }

  @Test
  public void replacesNothingByAnEarlierInstantThatKnowsNoMore() {
    try (OnlineStore store = open()) {
      Map<List<Object>, StoredRow> night = flights(EVENT.minusSeconds(60), NIGHT, 2, "UA");
      publish(store, NIGHT, 2, night);
      Publication publication = publish(store, BEFORE, 2, flights(BEFORE, 1, "UA", "DL"));
      assertThat(publication.sequence()).isEqualTo(2);
      assertThat(publication.instant()).isEqualTo(NIGHT);
      assertThat(publication.snapshots()).containsExactly(snapshot(NIGHT, 2));
      assertThat(stored(store, publication)).isEqualTo(expected(night));
    }
  }

  @Test
  public void takesOfAnEarlierInstantThatKnowsMoreNewKeysAndNewerEvents() {
    Map<List<Object>, StoredRow> late = flights(EVENT.plusSeconds(1), BEFORE, 3, "UA");
    late.putAll(flights(EVENT.minusSeconds(1), BEFORE, 3, "DL"));
    late.putAll(flights(EVENT, BEFORE, 3, "AA", "WN"));
    try (OnlineStore store = open()) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA", "DL", "WN"));
      Publication publication = publish(store, BEFORE, 2, late);

      Map<List<Object>, StoredRow> merged = flights(NIGHT, 1, "DL", "WN");
      merged.putAll(flights(EVENT.plusSeconds(1), BEFORE, 3, "UA"));
      merged.putAll(flights(BEFORE, 3, "AA"));
      assertThat(stored(store, publication)).isEqualTo(expected(merged));
      assertThat(publication.instant()).isEqualTo(NIGHT);
      assertThat(publication.snapshots()).containsExactly(snapshot(NIGHT, 1), snapshot(BEFORE, 2));
      assertThat(store.read(VIEW, List.of("UA", 1), NIGHT).get(0).publishedFor()).contains(BEFORE);
    }
  }

  @Test
  public void storesTheSameInWhateverOrderInstantsArePublished() {
    Instant dayBefore = BEFORE.minus(Duration.ofDays(1));
    List<Consumer<OnlineStore>> nights =
        List.of(
            s -> publish(s, NIGHT, 1, flights(NIGHT, 1, "UA")),
            s -> publish(s, BEFORE, 3, flights(BEFORE, 1, "AA", "UA")),
            s -> publish(s, dayBefore, 2, flights(dayBefore, 1, "DL", "UA")),
            s -> publish(s, dayBefore.minusSeconds(1), 4, flights(BEFORE, 1, "WN")));
    Map<List<Object>, StoredRow> expected = flights(NIGHT, 1, "UA");
    expected.putAll(flights(BEFORE, 1, "AA", "WN"));
    try (OnlineStore store = open()) {
      for (int order = 0; order < 24; order++) {
        List<Consumer<OnlineStore>> left = new ArrayList<>(nights);
        // Other columns replace all that is there, and so do these again.
        publish(store, renamed("aircraft"), NIGHT, 9, 1, flights(NIGHT, 9, "ZZ"));
        publish(store, NIGHT, 0, Map.of());
        for (int n = 4, code = order; n > 0; code /= n, n--) {
          left.remove(code % n).accept(store);
        }
        assertThat(stored(store, store.published(VIEW)))
            .as("order %d", order)
            .isEqualTo(expected(expected));
        assertThat(store.published(VIEW).snapshots())
            .extracting(snapshot -> snapshot.known().get("validated.flights"))
            .containsExactly(1L, 3L, 4L);
      }
    }
  }

  /** The view with another name of its last feature. */
  private static StoredView renamed(String feature) {
    List<StoredFeature> features = new ArrayList<>(STORED.features().subList(0, 2));
    features.add(new StoredFeature(feature, "string", Optional.empty(), Optional.empty()));
    return new StoredView(
        VIEW, Digest.of(feature), KEYS, features, Optional.empty(), Optional.empty());
  }

  @Test
  public void refusesAnEarlierInstantWithOtherColumns() {
    StoredView other = renamed("aircraft");
    try (OnlineStore store = open()) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      assertThatThrownBy(() -> publish(store, other, BEFORE, 9, 1, flights(BEFORE, 1, "DL")))
          .isInstanceOfSatisfying(
              PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
          .hasMessageContaining("its columns differ from those published at " + NIGHT);
      assertThat(read(store, "UA", "DL")).isEqualTo(Map.of("UA", 1L));
      assertThat(store.publications(VIEW)).hasSize(1);

      publish(store, other, NIGHT, 1, 1, flights(NIGHT, 2, "DL"));
      assertThat(read(store, "UA", "DL")).isEqualTo(Map.of("DL", 2L));
      assertThat(store.inForce(VIEW).view()).isEqualTo(other);
    }
  }

  @Test
  public void losesNothingOfTwoPublishersAtATime() {
    try (OnlineStore one = open();
        OnlineStore another = open()) {
      publish(one, NIGHT, 1, flights(NIGHT, 1, "UA"));
      OnlineWriter first = one.begin(STORED, snapshot(BEFORE, 2), ORIGIN);
      OnlineWriter second = another.begin(STORED, snapshot(BEFORE.minusSeconds(1), 3), ORIGIN);
      List<WrittenPartition> firsts = write(first, STORED, BEFORE, 1, flights(BEFORE, 2, "DL"));
      List<WrittenPartition> seconds = write(second, STORED, BEFORE, 1, flights(BEFORE, 3, "WN"));
      second.publish(second.complete(seconds).orElseThrow(), Map.of());
      first.publish(first.complete(firsts).orElseThrow(), Map.of());
      one.refresh();
      assertThat(read(one, "UA", "DL", "WN")).isEqualTo(Map.of("UA", 1L, "DL", 2L, "WN", 3L));
      assertThat(another.publications(VIEW))
          .extracting(Publication::sequence)
          .containsExactly(1L, 2L, 3L);
    }
  }

  @Test
  public void replacesWhatAnotherLakePublishedOnlyIfThatIsSaid() {
    Map<List<Object>, StoredRow> rows = flights(NEXT, 1, "UA", "DL");
    try (OnlineStore store = open()) {
      publish(store, NEXT, 9, rows);
      Origin other = Origin.of("33333333-4444");
      assertThatThrownBy(() -> store.begin(STORED, snapshot(NIGHT, 1), other))
          .isInstanceOfSatisfying(
              PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
          .hasMessage(
              "Cannot publish view carrier_history@1: what %s has of it, publication 1 of lake 11111111-2222, comes from another lake, and this is lake 33333333-4444. Name another database, server or folder in \"online\"; to replace what is there: tributary publish carrier_history@1 --replace."
                  .formatted(store.address()));
      assertThat(stored(store, store.published(VIEW))).isEqualTo(expected(rows));

      Map<List<Object>, StoredRow> own = flights(NIGHT, 2, "WN");
      Origin replacing = new Origin(other.lake(), true);
      try (OnlineWriter writer = store.begin(STORED, snapshot(NIGHT, 1), replacing)) {
        writer.publish(completed(writer, STORED, NIGHT, 1, own), Map.of());
      }
      Publication published = store.published(VIEW);
      assertThat(published.sequence()).isEqualTo(2);
      assertThat(published.lake()).contains(other.lake());
      assertThat(published.snapshots()).containsExactly(snapshot(NIGHT, 1));
      assertThat(stored(store, published)).isEqualTo(expected(own));
      assertThatThrownBy(() -> publish(store, NEXT, 9, rows))
          .hasMessageContaining("comes from another lake");
    }
  }

  @Test
  public void letsOnlyOneOfManyPublishersHaveANumber() throws Exception {
    int publishers = 8;
    ExecutorService pool = Executors.newFixedThreadPool(publishers);
    CyclicBarrier start = new CyclicBarrier(publishers);
    try (OnlineStore store = open()) {
      List<Callable<Boolean>> publishing = new ArrayList<>();
      for (long p = 1; p <= publishers; p++) {
        long number = p;
        publishing.add(
            () -> {
              start.await();
              try {
                publish(store, NIGHT, 1, flights(NIGHT, number, "UA"));
                return true;
              } catch (PlatformException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT);
                assertThat(e)
                    .hasMessage(
                        "Cannot publish view carrier_history@1: another run published it meanwhile. Nothing was changed; run it again.");
                return false;
              }
            });
      }
      int published = 0;
      for (Future<Boolean> outcome : pool.invokeAll(publishing)) {
        published += outcome.get() ? 1 : 0;
      }
      List<Publication> all = store.publications(VIEW);
      assertThat(all).hasSize(published).isNotEmpty();
      for (int i = 0; i < all.size(); i++) {
        assertThat(all.get(i).sequence()).isEqualTo(i + 1);
        assertThat(stored(store, all.get(i))).hasSize(1);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  public void storesTheSameInHoweverManyPartitions() {
    Map<List<Object>, StoredRow> rows = new LinkedHashMap<>();
    for (int hub = -50; hub < 50; hub++) {
      rows.put(List.of("UA", hub), row(EVENT, NIGHT, (long) hub, 0.5, null));
    }
    try (OnlineStore store = open()) {
      for (int partitions : new int[] {1, 3, 200}) {
        Publication publication = publish(store, STORED, NIGHT, 1, partitions, rows);
        assertThat(stored(store, publication)).isEqualTo(expected(rows));
        for (int hub = -51; hub <= 50; hub++) {
          assertThat(store.read(VIEW, List.of("UA", hub), NIGHT).get(0).value())
              .contains(hub < -50 || hub == 50 ? 0L : (long) hub);
        }
      }
    }
  }

  /** Nights that a store may write as what they change, each as if it were the first. */
  @Test
  public void storesTheSameWhereLittleChanges() {
    Random random = new Random(42);
    Map<List<Object>, StoredRow> rows = new LinkedHashMap<>();
    change(rows, random, 0, 3_000, NIGHT);
    Map<Publication, Map<List<Object>, StoredRow>> published = new LinkedHashMap<>();
    try (OnlineStore store = open()) {
      for (int night = 0; night < 24; night++) {
        Instant at = NIGHT.plus(Duration.ofDays(night));
        // Nights on which most changes, or all are withdrawn, are among them.
        int changes = night == 9 ? 2_500 : night % 5 == 4 ? 300 : 30;
        change(rows, random, night, changes, at);
        withdraw(rows, random, night == 15 ? rows.size() : 1 + random.nextInt(40), night);
        if (night == 16) {
          change(rows, random, night, 3_000, at);
        }
        rows.replaceAll((key, row) -> row.publishedFor().equals(at) ? row : at(row, at));
        Publication publication =
            publish(store, STORED, at, 1_000L * (night + 1), 1 + random.nextInt(4), rows);
        published.put(publication, new LinkedHashMap<>(rows));
        assertThat(differing(stored(store, publication), rows)).as("night %d", night).isEmpty();
        if (night % 6 == 3) {
          // A late delivery, which the newest does not know, beside it.
          Instant before = at.minus(Duration.ofDays(2));
          Publication late =
              publish(store, before, 1_000L * (night + 1) + 1, flights(before, night, "AA"));
          Map<List<Object>, StoredRow> merged = new LinkedHashMap<>(rows);
          merged.putAll(flights(before, night, "AA"));
          assertThat(differing(stored(store, late), merged)).as("late in %d", night).isEmpty();
          publish(store, STORED, at, 1_000L * (night + 1) + 1, 2, rows);
        }
      }
      published.forEach(
          (publication, then) ->
              assertThat(differing(stored(store, publication), then))
                  .as("%s", publication.instant())
                  .isEmpty());
      List<List<Object>> keys = List.copyOf(published.values().iterator().next().keySet());
      List<List<Answer>> answers = store.readAll(VIEW, keys, NIGHT);
      for (int i = 0; i < keys.size(); i++) {
        StoredRow row = rows.get(keys.get(i));
        assertThat(answers.get(i).get(0).value()).contains(row == null ? 0L : row.values().get(0));
        assertThat(answers.get(i).get(0).publishedFor())
            .isEqualTo(Optional.ofNullable(row).map(StoredRow::publishedFor));
      }
    }
  }

  /** The keys of which a store has another row than it should. */
  private static Set<String> differing(
      Map<String, StoredRow> stored, Map<List<Object>, StoredRow> rows) {
    Map<String, StoredRow> expected = expected(rows);
    Set<String> keys = new TreeSet<>(stored.keySet());
    keys.addAll(expected.keySet());
    keys.removeIf(key -> Objects.equals(stored.get(key), expected.get(key)));
    return keys;
  }

  /** Gives some rows, among 3,000 keys, other values. */
  public static void change(
      Map<List<Object>, StoredRow> rows, Random random, int night, int changes, Instant at) {
    List<Integer> keys = new ArrayList<>(IntStream.range(0, 3_000).boxed().toList());
    Collections.shuffle(keys, random);
    for (int key : keys.subList(0, changes)) {
      rows.put(List.of("C" + key, key % 7), row(EVENT, at, night * 10_000L + key, 0.5, "N" + key));
    }
  }

  /** Publishes thirty nights, in each of which one key of a hundred has another row. */
  public static List<Publication> thirtyNights(OnlineStore store) {
    Random random = new Random(7);
    Map<List<Object>, StoredRow> rows = new LinkedHashMap<>();
    List<Publication> published = new ArrayList<>();
    for (int night = 0; night < 30; night++) {
      Instant at = NIGHT.plus(Duration.ofDays(night));
      for (int i = 0; i < (night == 0 ? 20_000 : 200); i++) {
        int key = night == 0 ? i : random.nextInt(20_000);
        rows.put(
            List.of("C" + key, key % 7),
            row(EVENT, at, random.nextLong(), random.nextDouble(), "N" + random.nextLong()));
      }
      rows.replaceAll((key, row) -> at(row, at));
      published.add(publish(store, STORED, at, night + 1, 2, rows));
    }
    assertThat(differing(stored(store, published.get(29)), rows)).isEmpty();
    return published;
  }

  private static void withdraw(Map<List<Object>, StoredRow> rows, Random random, int n, int night) {
    List<List<Object>> keys = new ArrayList<>(rows.keySet());
    Collections.shuffle(keys, random);
    // Neighbours too, and those that are first and last.
    (night % 3 == 0 ? new ArrayList<>(rows.keySet()).subList(0, n) : keys.subList(0, n))
        .forEach(rows::remove);
  }

  private static StoredRow at(StoredRow row, Instant instant) {
    return new StoredRow(row.eventTime(), row.knownTime(), instant, row.values());
  }

  @Test
  public void publishesThatThereIsNothing() {
    try (OnlineStore store = open()) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      Publication publication = publish(store, NEXT, 1, Map.of());
      assertThat(publication.rows()).isZero();
      assertThat(stored(store, publication)).isEmpty();
      assertThat(read(store, "UA")).isEmpty();
    }
  }

  @Test
  public void readsRowsOfFormerPublicationsInKeyOrder() {
    Map<List<Object>, StoredRow> rows = flights(NIGHT, 1, "UA", "AA", "DL");
    rows.put(List.of("UA", -1), row(EVENT, NIGHT, 2L, null, null));
    try (OnlineStore store = open()) {
      Publication first = publish(store, STORED, NIGHT, 1, 2, rows);
      try (PublishedRows open = store.rows(first)) {
        Publication second = publish(store, NEXT, 1, flights(NEXT, 3, "UA"));
        store.refresh();
        assertThat(open.count()).isEqualTo(4);
        assertThat(open.find(List.of("DL", 1))).contains(rows.get(List.of("DL", 1)));
        assertThat(open.find(Arrays.asList("UA", null))).isEmpty();
        assertThat(new ArrayList<>(stored(store, first).keySet()))
            .isEqualTo(new ArrayList<>(expected(rows).keySet()));
        assertThat(stored(store, second)).hasSize(1);
      }
      assertThat(store.publication(VIEW, 1)).contains(first);
      assertThat(store.publication(VIEW, 3)).isEmpty();
    }
  }

  @Test
  public void refusesRowsThatAreOutOfOrder() {
    try (OnlineStore store = open();
        PartitionWriter partition =
            store.begin(STORED, snapshot(NIGHT, 1), ORIGIN).partitions().open()) {
      partition.add(new byte[] {(byte) 0x80}, new byte[] {1});
      for (byte key : new byte[] {(byte) 0x80, 0x7f}) {
        assertThatThrownBy(() -> partition.add(new byte[] {key}, new byte[] {1}))
            .hasMessageContaining("is not above the one before it. Report this as a bug.");
      }
    }
  }

  @Test
  public void keepsTheFirstComparisonOfEachPublication() {
    try (OnlineStore store = open()) {
      Publication first = publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      assertThat(store.parity(first)).isEmpty();
      Parity parity = Parity.of(NIGHT, 1, 0);
      store.keep(first, parity);
      store.keep(first, Parity.of(NIGHT, 1, 1));
      assertThat(store.parity(first)).contains(parity);
      assertThat(store.parity(publish(store, NIGHT, 1, flights(NIGHT, 1, "DL")))).isEmpty();
    }
  }

  @Test
  public void listsWhatIsPublished() {
    ViewId other = ViewId.parse("airports@2");
    StoredView airports =
        new StoredView(
            other, Digest.of("other"), KEYS, STORED.features(), Optional.empty(), Optional.empty());
    try (OnlineStore store = open()) {
      Publication first = publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      Publication second = publish(store, NEXT, 1, flights(NEXT, 1, "UA"));
      publish(store, airports, NIGHT, 1, 1, flights(NIGHT, 7, "UA"));
      assertThat(store.views()).containsExactly(other, VIEW);
      assertThat(store.publications(VIEW)).containsExactly(first, second);
      assertThat(store.published(VIEW)).isEqualTo(second);
      assertThat(second.record()).isEqualTo(Map.of("run", "r1"));
      assertThat(read(store, "UA")).containsEntry("UA", 1L);
    }
  }
}
