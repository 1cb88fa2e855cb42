package io.tributary.online.redis;

import static io.tributary.online.OnlineStoreContract.NIGHT;
import static io.tributary.online.OnlineStoreContract.ORIGIN;
import static io.tributary.online.OnlineStoreContract.VIEW;
import static io.tributary.online.OnlineStoreContract.flights;
import static io.tributary.online.OnlineStoreContract.publish;
import static io.tributary.online.OnlineStoreContract.read;
import static io.tributary.online.OnlineStoreContract.stored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.definition.OnlineAddress;
import io.tributary.online.Answer;
import io.tributary.online.FormerPublications;
import io.tributary.online.KeyCodec;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineWriter;
import io.tributary.online.Origin;
import io.tributary.online.Parity;
import io.tributary.online.PartitionWriter;
import io.tributary.online.Publication;
import io.tributary.online.PublishedRows;
import io.tributary.online.RowCodec;
import io.tributary.online.StoredColumn;
import io.tributary.online.StoredPiece;
import io.tributary.online.StoredRow;
import io.tributary.online.WrittenPartition;
import io.tributary.online.WrittenRows;
import io.tributary.testing.RedisServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/** A server that fails, is slow, is full, forgets; the answers stay right, or are an error. */
@Timeout(120)
class ITRedisFailures {
  private static final Duration NEVER = Duration.ofDays(1);
  private static final String TIMES = "tributary:{}:carrier_history@1:times";
  private static final List<List<Object>> KEYS =
      List.of(List.of("UA", 1), List.of("DL", 1), List.of("WN", 1));

  @TempDir Path folder;

  private RedisServer redis;

  @BeforeEach
  void start() throws IOException {
    redis = new RedisServer(folder);
  }

  @AfterEach
  void stop() {
    redis.close();
  }

  private static OnlineStore open(String address) {
    return new RedisOnlineStore(RedisAddress.of(OnlineAddress.of(address)), NEVER);
  }

  private OnlineStore open() {
    return open(redis.address());
  }

  private Jedis direct() {
    return new Jedis("127.0.0.1", redis.port());
  }

  private static void fails(ThrowingCallable use, ErrorCode code, String message) {
    assertThatThrownBy(use)
        .isInstanceOfSatisfying(PlatformException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessage(message);
  }

  private static void neverPublished(OnlineStore store) {
    fails(
        () -> read(store, "UA"),
        ErrorCode.NOT_FOUND,
        "Cannot read features of carrier_history@1: it was never published to "
            + store.address()
            + ". Publish it first.");
  }

  private static void lost(OnlineStore store) {
    fails(
        () -> read(store, "UA"),
        ErrorCode.STORAGE,
        "Cannot read features of carrier_history@1: rows of its publication 1 are not on "
            + store.address()
            + " any more: the server lost, evicted or removed them. Publish the view again; a server that keeps rows has maxmemory-policy noeviction.");
  }

  private static List<Object> values(OnlineStore store) {
    return store.readAll(VIEW, KEYS, NIGHT).stream()
        .map(answers -> answers.get(0).value().orElse(null))
        .toList();
  }

  @Test
  void readsFailWhileItIsDownAndGoOnWhenItIsBackThoughEmpty() throws IOException {
    try (OnlineStore store = open();
        OnlineStore other = open()) {
      publish(store, NIGHT, 1, flights(NIGHT, 7, "UA", "DL"));
      assertThat(read(store, "UA")).containsEntry("UA", 7L);
      assertThat(read(other, "UA")).containsEntry("UA", 7L);
      redis.fail();
      fails(
          () -> read(store, "UA"),
          ErrorCode.STORAGE,
          "Cannot read features of carrier_history@1: online store %s says: Failed to connect to 127.0.0.1:%d. Connection refused. Check that the server runs and can be reached from here, then run it again."
              .formatted(store.address(), redis.port()));
      assertThatThrownBy(store::refresh).hasMessageContaining("Connection refused");
      redis.start();

      lost(store);
      other.refresh();
      lost(other);
      try (OnlineStore later = open()) {
        neverPublished(later);
      }
      assertThat(store.publications(VIEW)).isEmpty();
      assertThat(publish(store, NIGHT, 1, flights(NIGHT, 8, "UA")).sequence()).isEqualTo(1);
      assertThat(read(store, "UA", "DL")).isEqualTo(Map.of("UA", 8L));
      assertThat(read(other, "UA", "DL")).isEqualTo(Map.of("UA", 8L));
    }
  }

  /** With the same number as before: another publication all the same. */
  @Test
  void aServerThatLostAllAndWasPublishedToAnewIsNoticed() throws IOException {
    try (OnlineStore reading = open()) {
      for (long value = 1; value <= 3; value++) {
        try (OnlineStore writing = open()) {
          publish(writing, NIGHT, 1, flights(NIGHT, value, "UA", "DL", "WN"));
        }
        assertThat(values(reading)).containsOnly(value);
        assertThat(reading.inForce(VIEW).sequence()).isEqualTo(1);
        redis.fail();
        redis.start();
      }
    }
  }

  private static WrittenRows write(OnlineWriter writer, int rows) {
    return writer
        .complete(partition(writer, rows))
        .or(() -> writer.complete(partition(writer, rows)))
        .orElseThrow();
  }

  private static List<WrittenPartition> partition(OnlineWriter writer, int rows) {
    try (PartitionWriter partition = writer.partitions().open()) {
      many(NIGHT, rows).forEach((hub, row) -> partition.add(key(hub), RowCodec.encode(row)));
      return partition.finish().stream().toList();
    }
  }

  private static byte[] key(int hub) {
    return KeyCodec.encode(
        List.of(new StoredColumn("carrier", "string"), new StoredColumn("hub", "int")),
        List.of("UA", hub));
  }

  /** By hub, of one carrier; the naive answer to each question. */
  private static TreeMap<Integer, StoredRow> many(Instant at, int rows) {
    TreeMap<Integer, StoredRow> many = new TreeMap<>();
    for (int hub = 0; hub < rows; hub++) {
      many.put(
          hub * 3,
          new StoredRow(
              Optional.of(at), Optional.of(at), at, List.of((long) hub, hub / 7.0, "N" + hub)));
    }
    return many;
  }

  private static OnlineWriter begin(OnlineStore store) {
    Publication published = store.published(VIEW);
    return store.begin(published.view(), published.snapshots().get(0), ORIGIN);
  }

  @Test
  void manyRowsAreFoundAndNoOthers() {
    try (OnlineStore store = open()) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      TreeMap<Integer, StoredRow> rows = many(NIGHT, 25_123);
      Publication published;
      try (OnlineWriter writer = begin(store)) {
        published = writer.publish(write(writer, rows.size()), Map.of());
      }
      List<List<Object>> keys = new ArrayList<>();
      for (int hub = -5; hub < 3 * rows.size() + 5; hub++) {
        keys.add(List.of("UA", hub));
      }
      try (PublishedRows stored = store.rows(published)) {
        assertThat(stored.count()).isEqualTo(rows.size());
        List<Optional<StoredRow>> found = stored.findAll(keys);
        for (int i = 0; i < keys.size(); i++) {
          assertThat(found.get(i)).isEqualTo(Optional.ofNullable(rows.get(i - 5)));
        }
        List<StoredRow> inOrder = new ArrayList<>();
        stored.forEach((key, row) -> inOrder.add(row));
        assertThat(inOrder).containsExactlyElementsOf(rows.values());
      }
      assertThat(store.readAll(VIEW, keys, NIGHT))
          .filteredOn(answers -> answers.get(0).status() != Answer.Status.ABSENT)
          .hasSize(rows.size());
    }
  }

  @Test
  void aPublicationIsNotThereIfTheServerFailsInItsMiddle() throws IOException {
    try (OnlineStore store = open()) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      try (OnlineWriter writer = begin(store);
          PartitionWriter partition = writer.partitions().open()) {
        many(NIGHT, 15_000).forEach((hub, row) -> partition.add(key(hub), RowCodec.encode(row)));
        redis.fail();
        assertThatThrownBy(partition::finish)
            .isInstanceOfSatisfying(
                PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE))
            .hasMessageStartingWith("Cannot publish view carrier_history@1: online store ");
        redis.start();
      }
      assertThat(store.views()).isEmpty();
      assertThat(store.unused()).isEmpty();
    }
  }

  @Test
  void whatTheServerLostBeforeItWasPublishedIsNotPublished() throws IOException {
    try (OnlineStore store = open()) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      OnlineWriter writer = begin(store);
      WrittenRows written = write(writer, 500);
      redis.fail();
      redis.start();
      fails(
          () -> writer.publish(written, Map.of()),
          ErrorCode.STORAGE,
          "Cannot publish view carrier_history@1: what was written is not on "
              + store.address()
              + " any more: the server lost it, or somebody removed it. Nothing was published; run it again.");
      assertThat(store.publication(VIEW)).isEmpty();
      publish(store, NIGHT, 1, flights(NIGHT, 2, "UA"));
      assertThat(read(store, "UA")).containsEntry("UA", 2L);
    }
  }

  /** A server that keeps what it acknowledged, killed in the middle of a publication. */
  @Test
  void whatWasPublishedIsInForceAfterAFailureAndWhatWasNotIsFound() throws IOException {
    redis.close();
    redis =
        new RedisServer(
            folder, "--appendonly", "yes", "--appendfsync", "always", "--dir", folder.toString());
    try (OnlineStore store = open()) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      assertThat(read(store, "UA")).containsEntry("UA", 1L);
      OnlineWriter killed = begin(store);
      write(killed, 12_000);
      redis.fail();
      redis.start();

      assertThat(read(store, "UA")).containsEntry("UA", 1L);
      try (OnlineStore afterwards = open()) {
        assertThat(read(afterwards, "UA")).containsEntry("UA", 1L);
        assertThat(afterwards.unused())
            .singleElement()
            .satisfies(
                piece -> {
                  assertThat(piece.of()).isEqualTo("carrier_history@1");
                  assertThat(piece.bytes()).isGreaterThan(12_000 * 30L);
                  assertThat(piece.touched()).isAfter(NIGHT);
                });
        afterwards.unused().forEach(piece -> afterwards.remove(piece.name()));
        assertThat(afterwards.unused()).isEmpty();
        assertThat(publish(afterwards, NIGHT, 1, flights(NIGHT, 2, "UA")).sequence()).isEqualTo(2);
      }
      try (Jedis direct = direct()) {
        // Two publications of a bucket and an index each; pointer, manifests, times; the views.
        assertThat(direct.keys("*")).hasSize(8);
      }
    }
  }

  @Test
  void whatNobodyHasWrittenToForADayGoesWithTheNextPublication() {
    try (OnlineStore store = open();
        Jedis direct = direct()) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      Set<String> before = direct.keys("*");
      OnlineWriter killed = begin(store);
      write(killed, 1_000);
      String written = "tributary:{}:carrier_history@1:written";
      publish(store, NIGHT, 1, flights(NIGHT, 2, "UA"));
      assertThat(store.unused()).as("it may still be written").hasSize(1);
      direct
          .hgetAll(written)
          .forEach(
              (part, state) ->
                  direct.hset(written, part, "1000000000" + state.substring(state.indexOf(' '))));
      assertThat(store.unused().get(0).touched()).isEqualTo(Instant.ofEpochSecond(1_000_000_000));
      publish(store, NIGHT, 1, flights(NIGHT, 3, "UA"));
      assertThat(store.unused()).isEmpty();
      assertThat(direct.keys("*")).as("and two publications").hasSize(before.size() + 4);

      // Whoever was thought dead and goes on publishes nothing.
      try (PartitionWriter late = killed.partitions().open()) {
        late.add(key(1), new byte[] {1});
        assertThat(late.finish()).isPresent();
      }
      killed.close();
      assertThat(store.unused()).isEmpty();
      assertThat(read(store, "UA")).containsEntry("UA", 3L);
    }
  }

  @Test
  void whoeverIsTakenForDeadAndGoesOnIsTold() {
    try (OnlineStore store = open()) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      OnlineWriter writer = begin(store);
      WrittenRows written = write(writer, 1_000);
      PartitionWriter half = writer.partitions().open();
      many(NIGHT, 10_000).forEach((hub, row) -> half.add(key(hub), RowCodec.encode(row)));
      List<StoredPiece> pieces = store.unused();
      assertThat(pieces).hasSize(2);
      pieces.forEach(piece -> store.remove(piece.name()));
      half.add(key(1_000_000), new byte[] {1});
      assertThatThrownBy(half::finish).hasMessageContaining("what was written is not on");
      half.close();
      assertThatThrownBy(() -> writer.publish(written, Map.of()))
          .hasMessageContaining("what was written is not on");
      writer.close();
      assertThat(store.unused()).isEmpty();
      assertThat(read(store, "UA")).containsEntry("UA", 1L);
    }
  }

  @Test
  void aFullServerKeepsWhatIsPublished() {
    try (OnlineStore store = open();
        Jedis direct = direct()) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      assertThat(read(store, "UA")).containsEntry("UA", 1L);
      direct.configSet("maxmemory", String.valueOf(usedMemory(direct) + (2 << 20)));
      OnlineWriter writer = begin(store);
      fails(
          () -> write(writer, 60_000),
          ErrorCode.STORAGE,
          "Cannot publish view carrier_history@1: online store "
              + store.address()
              + " says: OOM command not allowed when used memory > 'maxmemory'. Raise the server's maxmemory, or run tributary clean, then run it again.");
      writer.close();
      assertThat(store.unused()).isEmpty();
      assertThat(direct.keys("*")).hasSize(6);
      store.refresh();
      assertThat(read(store, "UA")).containsEntry("UA", 1L);
      try (OnlineStore later = open()) {
        assertThat(read(later, "UA")).containsEntry("UA", 1L);
        direct.configSet("maxmemory", "0");
        publish(later, NIGHT, 1, flights(NIGHT, 2, "UA"));
        assertThat(read(later, "UA")).containsEntry("UA", 2L);
      }
    }
  }

  /** What takes memory is refused there; that which frees some is not. */
  @Test
  void aFullServerCanBeCleaned() {
    try (OnlineStore store = open();
        Jedis direct = direct()) {
      for (long n = 1; n <= 4; n++) {
        publish(store, NIGHT, 1, flights(NIGHT, n, "UA"));
      }
      OnlineWriter killed = begin(store);
      write(killed, 1_000);
      direct.configSet("maxmemory", "1");
      FormerPublications former = store.former(Instant.now().plusSeconds(99), p -> true);
      former.pieces().forEach(piece -> store.remove(piece.name()));
      store.unused().forEach(piece -> store.remove(piece.name()));
      assertThat(store.unused()).isEmpty();
      assertThat(store.publications(VIEW))
          .extracting(Publication::sequence)
          .containsExactly(3L, 4L);
      assertThat(direct.keys("*")).hasSize(8);
      assertThat(read(store, "UA")).containsEntry("UA", 4L);
    }
  }

  private static long usedMemory(Jedis direct) {
    return direct
        .info("memory")
        .lines()
        .filter(line -> line.startsWith("used_memory:"))
        .mapToLong(line -> Long.parseLong(line.substring("used_memory:".length())))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aServerThatDropsRowsIsNotPublishedTo() {
    try (OnlineStore store = open();
        Jedis direct = direct()) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      direct.configSet("maxmemory-policy", "allkeys-lru");
      fails(
          () -> publish(store, NIGHT, 1, flights(NIGHT, 2, "UA")),
          ErrorCode.REFUSED,
          "Cannot publish view carrier_history@1: the maxmemory-policy of "
              + store.address()
              + " is allkeys-lru, by which it drops rows when its memory is full. Set it to noeviction.");
      direct.configSet("maxmemory-policy", "noeviction");
      try (OnlineWriter writer = begin(store)) {
        WrittenRows written = write(writer, 100);
        direct.configSet("maxmemory-policy", "allkeys-lru");
        assertThatThrownBy(() -> writer.publish(written, Map.of()))
            .hasMessageContaining("the maxmemory-policy of");
      }
      assertThat(read(store, "UA")).containsEntry("UA", 1L);
    }
  }

  /**
   * Of 300 rows in three buckets any may go: it is an error, for each of its keys, and no other.
   */
  @Test
  void aRowThatTheServerDroppedIsNeverAbsent() {
    try (OnlineStore store = open();
        Jedis direct = direct()) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      Publication published;
      try (OnlineWriter writer = begin(store)) {
        published = writer.publish(write(writer, 300), Map.of());
      }
      store.keep(published, Parity.of(NIGHT, 300, 0));
      String dropped =
          direct.keys("*:1").stream()
              .filter(key -> direct.hlen(key) == 101)
              .findFirst()
              .orElseThrow();
      direct.del(dropped);
      String gone =
          "Cannot read features of carrier_history@1: rows of its publication 2 are not on "
              + store.address()
              + " any more: the server lost, evicted or removed them. Publish the view again; a server that keeps rows has maxmemory-policy noeviction.";
      for (int hub = -1; hub < 900; hub += 7) {
        List<Object> key = List.of("UA", hub);
        if (hub >= 300 && hub < 600) {
          fails(() -> store.read(VIEW, key, NIGHT), ErrorCode.STORAGE, gone);
        } else {
          assertThat(store.read(VIEW, key, NIGHT).get(0).status())
              .isEqualTo(hub >= 0 && hub % 3 == 0 ? Answer.Status.PRESENT : Answer.Status.ABSENT);
        }
      }
      fails(() -> stored(store, published), ErrorCode.STORAGE, gone);
      assertThat(store.publications(VIEW)).as("who published it does so again").isEmpty();
      try (OnlineWriter writer = begin(store)) {
        writer.publish(write(writer, 300), Map.of());
      }
      assertThat(store.read(VIEW, List.of("UA", 303), NIGHT).get(0).value()).contains(101L);
      assertThat(store.publications(VIEW)).hasSize(3);
    }
  }

  /** Each of its reads costs the server no more than to look whether it was published again. */
  @Test
  void aRowThatIsGoneTakesNoOthersAlong() {
    try (OnlineStore store = open();
        Jedis direct = direct()) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      assertThat(read(store, "UA")).containsEntry("UA", 1L);
      direct.keys("*.*:0").forEach(direct::del);
      direct.configResetStat();
      for (int i = 0; i < 10; i++) {
        lost(store);
      }
      assertThat(direct.info("commandstats"))
          .contains("cmdstat_hmget:calls=10,", "cmdstat_get:calls=10,")
          .doesNotContain("cmdstat_hget", "cmdstat_mget");
    }
  }

  /** All that begin at once wait for one question. */
  @Test
  void aPublicationIsLoadedOnce() throws Exception {
    try (Wire wire = new Wire(redis.port());
        OnlineStore store = open(wire.address());
        OnlineStore writing = open();
        Jedis direct = direct()) {
      publish(writing, NIGHT, 1, flights(NIGHT, 1, "UA"));
      wire.slow(200);
      direct.configResetStat();
      ExecutorService pool = Executors.newFixedThreadPool(8);
      List<Future<Map<String, Object>>> reads = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        reads.add(pool.submit(() -> read(store, "UA")));
      }
      for (Future<Map<String, Object>> read : reads) {
        assertThat(read.get()).isEqualTo(Map.of("UA", 1L));
      }
      pool.shutdownNow();
      assertThat(direct.info("commandstats")).contains("cmdstat_mget:calls=1,");
    }
  }

  /** Connections that are dead and do not say so cost one answer, not one each. */
  @Test
  void aConnectionThatSaysNothingTakesTheOthersAlong() throws Exception {
    try (Wire wire = new Wire(redis.port());
        OnlineStore store = open(wire.address())) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA", "DL", "WN"));
      wire.slow(200);
      ExecutorService pool = Executors.newFixedThreadPool(4);
      List<Future<Map<String, Object>>> reads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        reads.add(pool.submit(() -> read(store, "UA")));
      }
      for (Future<Map<String, Object>> read : reads) {
        assertThat(read.get()).containsEntry("UA", 1L);
      }
      pool.shutdownNow();
      wire.slow(0);
      wire.swallow();
      assertThatThrownBy(() -> values(store)).hasMessageContaining("Read timed out");
      assertThat(values(store)).containsOnly(1L);
    }
  }

  @Test
  void aComparisonIsOfNoOtherPublicationOfTheSameNumber() {
    try (OnlineStore store = open();
        Jedis direct = direct()) {
      Publication lost = publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      direct.flushAll();
      Publication published = publish(store, NIGHT, 1, flights(NIGHT, 2, "UA"));
      assertThat(published.sequence()).isEqualTo(lost.sequence());
      store.keep(lost, Parity.of(NIGHT, 1, 0));
      assertThat(store.parity(published)).isEmpty();
      store.keep(published, Parity.of(NIGHT, 1, 1));
      assertThat(store.parity(published)).contains(Parity.of(NIGHT, 1, 1));
    }
  }

  /** However often: the former one is complete by what is on record, and is not read. */
  @Test
  void rowsThatAreLostAgainArePublishedAgain() {
    try (OnlineStore store = open();
        Jedis direct = direct()) {
      for (long n = 1; n <= 3; n++) {
        store.keep(publish(store, NIGHT, 1, flights(NIGHT, n, "UA")), Parity.of(NIGHT, 1, 0));
        assertThat(store.publications(VIEW)).hasSize((int) n);
        direct.keys("*.*:0").forEach(direct::del);
        assertThat(store.publications(VIEW)).isEmpty();
      }
      publish(store, NIGHT, 1, flights(NIGHT, 4, "UA"));
      assertThat(read(store, "UA")).containsEntry("UA", 4L);
    }
  }

  @Test
  void rowsOfAnEarlierInstantThatAreLostArePublishedAgain() {
    try (OnlineStore store = open();
        Jedis direct = direct()) {
      Instant earlier = NIGHT.minusSeconds(1);
      publish(store, earlier, 2, flights(NIGHT, 1, "DL"));
      String lost = direct.keys("*.*:0").iterator().next();
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      assertThat(read(store, "UA", "DL")).hasSize(2);
      direct.del(lost);
      assertThat(read(store, "UA", "DL")).as("what both come to is there").hasSize(2);
      assertThat(store.publications(VIEW)).isEmpty();
      fails(
          () -> publish(store, NIGHT, 1, flights(NIGHT, 2, "UA")),
          ErrorCode.STORAGE,
          "Cannot publish view carrier_history@1: rows of 2013-12-29T04:59:58.999999Z, which count beside it, are not on %s any more: the server lost or evicted them. Publish that instant again: tributary publish carrier_history@1 --at 2013-12-29T04:59:58.999999Z; if that fails for this instant's rows, remove the keys tributary:{}:carrier_history@1:* and publish both."
              .formatted(store.address()));
      publish(store, earlier, 2, flights(NIGHT, 1, "DL"));
      publish(store, NIGHT, 1, flights(NIGHT, 2, "UA"));
      assertThat(read(store, "UA", "DL")).isEqualTo(Map.of("UA", 2L, "DL", 1L));
    }
  }

  @Test
  void anotherLakeThatPublishedMeanwhileIsNotReplaced() {
    try (OnlineStore store = open();
        Jedis direct = direct()) {
      Publication published = publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      direct.flushAll();
      try (OnlineWriter writer =
          store.begin(published.view(), published.snapshots().get(0), Origin.of("other"))) {
        publish(store, NIGHT, 1, flights(NIGHT, 2, "UA"));
        assertThatThrownBy(() -> writer.publish(new WrittenRows(List.of()), Map.of()))
            .hasMessageContaining("comes from another lake");
      }
      assertThat(read(store, "UA")).containsEntry("UA", 2L);
    }
  }

  @Test
  void aPointerThatIsLostTakesNothingAlong() {
    try (OnlineStore store = open();
        Jedis direct = direct()) {
      String now = "tributary:{}:carrier_history@1:now";
      for (long n = 1; n <= 3; n++) {
        publish(store, NIGHT, 1, flights(NIGHT, n, "UA"));
      }
      direct.del(now);
      assertThat(store.publications(VIEW)).as("who published it does so again").isEmpty();
      assertThat(publish(store, NIGHT, 1, flights(NIGHT, 4, "UA")).sequence()).isEqualTo(4);
      assertThat(direct.hkeys("tributary:{}:carrier_history@1:publications"))
          .containsExactlyInAnyOrder("1", "2", "3", "4");
      // Whatever a server has been through: what is in force is read, and is not removed.
      String second = direct.hget("tributary:{}:carrier_history@1:publications", "2");
      direct.set(now, "2 " + Json.read(second, Manifest.class).identity());
      direct.hgetAll(TIMES).keySet().forEach(number -> direct.hset(TIMES, number, "0"));
      begin(store).close();
      try (OnlineStore later = open()) {
        assertThat(read(later, "UA")).containsEntry("UA", 2L);
      }
    }
  }

  /** Rows that come after a part was given up belong to nobody but who sent them. */
  @Test
  void whoeverWasGivenUpRemovesWhatWasOnItsWay() {
    try (OnlineStore store = open();
        Jedis direct = direct()) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      Set<String> before = direct.keys("*");
      OnlineWriter writer = begin(store);
      try (PartitionWriter late = writer.partitions().open()) {
        many(NIGHT, 10_000).forEach((hub, row) -> late.add(key(hub), RowCodec.encode(row)));
        Set<String> sent = direct.keys("*.*:9*");
        assertThat(sent).hasSize(11);
        writer.close();
        assertThat(direct.keys("*")).isEqualTo(before);
        sent.forEach(bucket -> direct.hset(bucket, "", "0"));
        assertThatThrownBy(late::finish).hasMessageContaining("what was written is not on");
      }
      assertThat(direct.keys("*")).isEqualTo(before);
    }
  }

  @Test
  void rowsThatAreNotThoseThatWereWrittenAreCorrupt() {
    try (OnlineStore store = open();
        Jedis direct = direct()) {
      Publication published = publish(store, NIGHT, 1, flights(NIGHT, 1, "UA", "DL"));
      byte[] bucket = direct.keys("*.*:0").iterator().next().getBytes(StandardCharsets.UTF_8);
      byte[] field =
          direct.hkeys(bucket).stream().filter(name -> name.length > 0).findFirst().orElseThrow();
      byte[] row = direct.hget(bucket, field);
      row[row.length - 1] ^= 1;
      direct.hset(bucket, field, row);
      fails(
          () -> stored(store, published),
          ErrorCode.CORRUPT,
          "Cannot read features of carrier_history@1: rows of its publication 1 on "
              + store.address()
              + " are not those that were written. Publish the view again.");
    }
  }

  @Test
  void aSlowServerIsAnsweredFrom() throws IOException {
    try (Wire wire = new Wire(redis.port());
        OnlineStore store = open(wire.address())) {
      wire.slow(50);
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA", "DL", "WN"));
      assertThat(values(store)).containsOnly(1L);
      try (OnlineStore other = open()) {
        publish(other, NIGHT, 1, flights(NIGHT, 2, "UA", "DL", "WN"));
      }
      assertThat(values(store)).containsOnly(1L);
      store.refresh();
      assertThat(values(store)).containsOnly(2L);
    }
  }

  /** It is an error, and what comes too late is nobody's answer. */
  @Test
  void anAnswerThatComesTooLateIsNotTakenForTheNext() throws IOException {
    Map<List<Object>, StoredRow> rows = new HashMap<>(flights(NIGHT, 1, "UA"));
    rows.putAll(flights(NIGHT, 2, "DL"));
    rows.putAll(flights(NIGHT, 3, "WN"));
    try (Wire wire = new Wire(redis.port());
        OnlineStore store = open(wire.address())) {
      publish(store, NIGHT, 1, rows);
      assertThat(values(store)).containsExactly(1L, 2L, 3L);
      wire.slow(6_000);
      assertThatThrownBy(() -> values(store))
          .isInstanceOfSatisfying(
              PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE))
          .hasMessageContaining(" says: Read timed out. Check that the server runs");
      wire.slow(0);
      for (int i = 0; i < 200; i++) {
        assertThat(read(store, "DL")).isEqualTo(Map.of("DL", 2L));
        assertThat(read(store, "WN")).isEqualTo(Map.of("WN", 3L));
        assertThat(values(store)).containsExactly(1L, 2L, 3L);
      }
    }
  }

  /** Wherever an answer is cut, it is asked for again; where each is, it is an error. */
  @Test
  void anAnswerThatIsCutIsAskedForAgain() throws IOException {
    try (Wire wire = new Wire(redis.port());
        OnlineStore store = open(wire.address())) {
      publish(store, NIGHT, 1, flights(NIGHT, 3, "UA", "DL", "WN"));
      assertThat(values(store)).containsOnly(3L);
      for (int bytes = 0; bytes < 60; bytes++) {
        wire.breakAfter(bytes, true);
        assertThat(values(store)).as("cut after %d bytes", bytes).containsOnly(3L);
      }
      assertThat(wire.broken()).isEqualTo(60);
      wire.breakAfter(2, false);
      assertThatThrownBy(() -> values(store))
          .isInstanceOfSatisfying(
              PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE))
          .hasMessageStartingWith("Cannot read features of carrier_history@1: online store ");
      wire.mend();
      assertThat(values(store)).containsOnly(3L);
    }
  }

  @Test
  void aPublicationWhoseAcknowledgementWasLostIsKnown() throws IOException {
    try (Wire wire = new Wire(redis.port());
        OnlineStore store = open(wire.address())) {
      wire.breakAt("DONE");
      Publication published = publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      assertThat(wire.broken()).isEqualTo(1);
      assertThat(store.publications(VIEW)).containsExactly(published);
      assertThat(read(store, "UA")).containsEntry("UA", 1L);
      assertThat(store.unused()).isEmpty();
    }
  }

  @Test
  void readsGoOnFromWhatReplacedAPublicationThatWasRemoved() {
    try (OnlineStore writing = open();
        OnlineStore reading = open()) {
      publish(writing, NIGHT, 1, flights(NIGHT, 1, "UA", "DL", "WN"));
      assertThat(values(reading)).containsOnly(1L);
      for (long n = 2; n <= 4; n++) {
        publish(writing, NIGHT, 1, flights(NIGHT, n, "UA", "DL", "WN"));
      }
      assertThat(values(reading)).containsOnly(1L);
      clean(writing);
      assertThat(values(reading)).containsOnly(4L);
      assertThat(reading.inForce(VIEW).sequence()).isEqualTo(4);
    }
  }

  private static void clean(OnlineStore store) {
    store
        .former(Instant.now().plusSeconds(99), p -> true)
        .pieces()
        .forEach(piece -> store.remove(piece.name()));
  }

  @Test
  void answersOfOnePublicationWhileFormerOnesAreRemoved() throws Exception {
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
                    List<Object> values = values(reading);
                    assertThat(Set.copyOf(values)).hasSize(1);
                    assertThat((Long) values.get(0)).isGreaterThanOrEqualTo(newest);
                    newest = (Long) values.get(0);
                  }
                  return newest;
                }));
      }
      for (long n = 1; n <= 60; n++) {
        publish(writing, NIGHT, 1, flights(NIGHT, n, "UA", "DL", "WN"));
        clean(writing);
      }
      assertThat(values(reading)).as("of one of the two that stay").containsAnyOf(59L, 60L);
      ended.set(true);
      for (Future<Long> read : reads) {
        assertThat(read.get()).isBetween(0L, 60L);
      }
    } finally {
      ended.set(true);
      pool.shutdownNow();
    }
  }

  @Test
  void tellsFormerPublicationsAndRemovesThem() throws Exception {
    try (OnlineStore store = open();
        Jedis direct = direct()) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      // The second one has the snapshot of the first, too.
      publish(store, NIGHT.minusSeconds(1), 2, flights(NIGHT, 1, "DL"));
      for (long value = 3; value <= 6; value++) {
        store.keep(
            publish(store, NIGHT, value, flights(NIGHT, value, "UA")), Parity.of(NIGHT, 1, 0));
      }
      for (int n = 1; n <= 6; n++) {
        direct.hset(
            "tributary:{}:carrier_history@1:times",
            String.valueOf(n),
            String.valueOf(NIGHT.plusSeconds(n).toEpochMilli()));
      }
      FormerPublications first = store.former(NIGHT.plusMillis(2_500), p -> true);
      assertThat(first.gone()).extracting(Publication::sequence).containsExactly(1L);
      assertThat(first.staying())
          .extracting(Publication::sequence)
          .containsExactly(2L, 3L, 4L, 5L, 6L);
      assertThat(first.pieces())
          .extracting(StoredPiece::name)
          .containsExactly("carrier_history@1/publication-1", "carrier_history@1/rows");
      assertThat(first.pieces().get(0).bytes()).as("its rows are in the second").isZero();
      assertThat(first.pieces().get(1).bytes()).as("of the second to the fifth").isPositive();
      FormerPublications most = store.former(NIGHT.plusSeconds(99), p -> true);
      assertThat(most.gone()).extracting(Publication::sequence).containsExactly(1L, 2L, 3L, 4L);
      assertThat(most.pieces())
          .extracting(StoredPiece::bytes)
          .satisfies(
              bytes -> {
                assertThat(bytes.get(0)).isZero();
                assertThat(bytes.subList(1, 4)).allMatch(n -> n > 0);
              });
      assertThat(store.former(NIGHT.plusSeconds(99), p -> false))
          .isEqualTo(new FormerPublications(List.of(), List.of(), List.of()));

      most.pieces().forEach(piece -> store.remove(piece.name()));
      assertThat(store.publications(VIEW))
          .extracting(Publication::sequence)
          .containsExactly(5L, 6L);
      assertThatThrownBy(() -> stored(store, store.publication(VIEW, 5).orElseThrow()))
          .as("nobody reads them")
          .hasMessageContaining("rows of its publication 5 are not on");
      assertThat(direct.keys("*")).hasSize(7);
      assertThat(direct.hkeys("tributary:{}:carrier_history@1:parity"))
          .extracting(field -> field.substring(0, 2))
          .containsExactlyInAnyOrder("5 ", "6 ");
      // The newest stays, whatever is named.
      store.remove("carrier_history@1/publication-6");
      assertThat(read(store, "UA")).containsEntry("UA", 6L);
      assertThat(publish(store, NIGHT, 7, flights(NIGHT, 7, "UA")).sequence()).isEqualTo(7);
    }
  }

  /** What reads are of, and what is being written, are all that takes memory, night after night. */
  @Test
  void rowsThatNobodyReadsMakeRoomForThoseThatAreWritten() {
    try (OnlineStore store = open();
        Jedis direct = direct()) {
      String times = "tributary:{}:carrier_history@1:times";
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      publish(store, NIGHT.minusSeconds(1), 2, flights(NIGHT, 2, "DL"));
      for (long n = 3; n <= 9; n++) {
        direct.hgetAll(times).keySet().forEach(number -> direct.hset(times, number, "0"));
        publish(store, NIGHT.minusSeconds(1), n, flights(NIGHT, n, "DL"));
        assertThat(read(store, "UA", "DL")).isEqualTo(Map.of("UA", 1L, "DL", n));
        // The first night's, of the last two the second's and what both come to; index and bucket
        // each.
        assertThat(direct.keys("*.*")).hasSize(10);
      }
      assertThat(store.publications(VIEW)).hasSize(9);
      direct.hgetAll(times).keySet().forEach(number -> direct.hset(times, number, "0"));
      FormerPublications former = store.former(Instant.EPOCH, p -> true);
      assertThat(former.gone()).isEmpty();
      assertThat(former.pieces())
          .extracting(StoredPiece::name)
          .containsExactly("carrier_history@1/rows");
      former.pieces().forEach(piece -> store.remove(piece.name()));
      assertThat(direct.keys("*.*")).hasSize(6);
      assertThat(store.former(Instant.EPOCH, p -> true).pieces()).isEmpty();
      assertThat(read(store, "UA", "DL")).isEqualTo(Map.of("UA", 1L, "DL", 9L));
    }
  }

  @Test
  void projectsAreKeptApart() {
    RedisAddress shop =
        RedisAddress.of(
            new OnlineAddress(
                redis.address(), Optional.empty(), Optional.of("shop"), Optional.empty()));
    try (OnlineStore one = open();
        OnlineStore other = new RedisOnlineStore(shop, NEVER)) {
      publish(one, NIGHT, 1, flights(NIGHT, 1, "UA"));
      neverPublished(other);
      publish(other, NIGHT, 1, flights(NIGHT, 2, "UA"));
      assertThat(read(one, "UA")).containsEntry("UA", 1L);
      assertThat(read(other, "UA")).containsEntry("UA", 2L);
    }
    try (OnlineStore apart = open(redis.address() + "/3")) {
      neverPublished(apart);
    }
  }

  @Test
  void refusesWhatANewerBuildWrote() {
    try (OnlineStore store = open();
        Jedis direct = direct()) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      assertThat(read(store, "UA")).containsEntry("UA", 1L);
      String publications = "tributary:{}:carrier_history@1:publications";
      String written = direct.hget(publications, "1");
      for (Map.Entry<String, String> newer :
          Map.of(
                  "it is of format 3, and this one reads up to 2",
                  written.replace("\"format\":2", "\"format\":3"),
                  "it is of codec 7, and this one reads up to 2",
                  written.replace("\"codec\":2", "\"codec\":7"),
                  "its feature mean_delay is of type variant, which this one does not read",
                  written.replace("\"type\":\"double\"", "\"type\":\"variant\""))
              .entrySet()) {
        direct.hset(publications, "1", newer.getValue());
        assertThat(read(store, "UA")).as("in force already").containsEntry("UA", 1L);
        try (OnlineStore later = open()) {
          fails(
              () -> read(later, "UA"),
              ErrorCode.REFUSED,
              "Cannot read what is published of carrier_history@1 on %s: a newer build of Tributary wrote it: %s. Use that build."
                  .formatted(store.address(), newer.getKey()));
          assertThatThrownBy(() -> publish(later, NIGHT, 1, flights(NIGHT, 2, "UA")))
              .hasMessageContaining("a newer build");
        }
      }
    }
  }

  /** What the build before wrote: one run, and an instant in each row. */
  @Test
  void readsFormat1() throws IOException {
    try (OnlineStore store = open();
        Jedis direct = direct()) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      String publications = "tributary:{}:carrier_history@1:publications";
      ObjectNode json = (ObjectNode) Json.mapper().readTree(direct.hget(publications, "1"));
      json.put("format", 1).put("codec", 1).remove(List.of("pause", "lake"));
      json.set("parts", json.remove("runs").get(0));
      ObjectNode layer = (ObjectNode) json.at("/layers/0");
      layer.set("parts", layer.remove("runs").get(0));
      direct.hset(publications, "1", json.toString());
      try (OnlineStore later = open()) {
        assertThat(read(later, "UA", "DL")).isEqualTo(Map.of("UA", 1L));
        publish(later, NIGHT, 1, flights(NIGHT, 2, "DL"));
        assertThat(read(later, "UA", "DL")).isEqualTo(Map.of("DL", 2L));
      }
    }
  }

  @Test
  void refreshesByItself() {
    try (OnlineStore writing = open();
        OnlineStore reading =
            new RedisOnlineStore(
                RedisAddress.of(OnlineAddress.of(redis.address())), Duration.ofMillis(1))) {
      publish(writing, NIGHT, 1, flights(NIGHT, 1, "UA"));
      assertThat(read(reading, "UA")).containsEntry("UA", 1L);
      publish(writing, NIGHT, 1, flights(NIGHT, 2, "UA"));
      while (reading.inForce(VIEW).sequence() == 1) {
        Thread.onSpinWait();
      }
      assertThat(read(reading, "UA")).containsEntry("UA", 2L);
    }
  }

  @Test
  void readsNothingOnceClosed() {
    OnlineStore store = open();
    publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
    assertThat(read(store, "UA")).containsEntry("UA", 1L);
    store.close();
    assertThatThrownBy(() -> read(store, "UA"))
        .hasMessage(
            "Cannot read features of carrier_history@1: the store is closed. Report this as a bug.");
  }
}
