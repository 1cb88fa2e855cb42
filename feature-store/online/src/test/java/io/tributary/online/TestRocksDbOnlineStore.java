package io.tributary.online;

import static io.tributary.online.Answer.Status.ABSENT;
import static io.tributary.online.Answer.Status.EXPIRED;
import static io.tributary.online.Answer.Status.NULL;
import static io.tributary.online.Answer.Status.PRESENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.core.Digest;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.TableVersion;
import io.tributary.definition.ViewId;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestRocksDbOnlineStore {
  private static final ViewId VIEW = ViewId.parse("carrier_history@1");
  private static final List<Field> KEYS =
      List.of(new Field("carrier", "string"), new Field("hub", "int"));
  private static final List<StoredFeature> FEATURES =
      List.of(
          new StoredFeature(
              "flights_7d", "bigint", Optional.of(LongNode.valueOf(0)), Optional.empty()),
          new StoredFeature("late_share_7d", "double", Optional.empty(), Optional.empty()),
          new StoredFeature(
              "delay_p90_7d", "double", Optional.empty(), Optional.of(DoubleNode.valueOf(-1))),
          new StoredFeature("last_3", "array<double>", Optional.empty(), Optional.empty()),
          new StoredFeature("newest", "timestamp", Optional.empty(), Optional.empty()));
  private static final Instant NIGHT = Instant.parse("2013-12-29T04:59:59.999999Z");
  private static final Instant EVENT = Instant.parse("2013-12-28T22:10:00.000001Z");

  private static final TableVersion SNAPSHOT =
      TableVersion.parse("features.carrier_history_v1@3#table");

  @TempDir Path folder;

  private static StoredRow row(Object... values) {
    return row(EVENT, NIGHT, values);
  }

  private static StoredRow row(Instant event, Instant at, Object... values) {
    return new StoredRow(Optional.of(event), Optional.of(event), at, Arrays.asList(values));
  }

  private Publication publish(
      RocksDbOnlineStore store, Instant instant, Map<List<Object>, StoredRow> rows) {
    return publish(store, instant, 1, rows);
  }

  private Publication publish(
      RocksDbOnlineStore store,
      Instant instant,
      long deliveries,
      Map<List<Object>, StoredRow> rows) {
    try (SstWriter writer = SstWriter.open(store.folder(VIEW))) {
      rows.entrySet().stream()
          .map(e -> Map.entry(KeyCodec.encode(KEYS, e.getKey()), RowCodec.encode(e.getValue())))
          .sorted(Map.Entry.comparingByKey(Comparator.comparing(HexFormat.of()::formatHex)))
          .forEach(e -> writer.add(e.getKey(), e.getValue()));
      return store.publish(
          VIEW,
          Digest.of("definition"),
          new Layer(
              instant,
              SNAPSHOT,
              Map.of("validated.flights", deliveries),
              writer.finish().stream().toList()),
          KEYS,
          FEATURES,
          Optional.of(Duration.ofDays(30)),
          Optional.empty(),
          Map.of("run", "r1"));
    }
  }

  @Test
  void mapsAndStructsComeBackAsTheyWere() {
    Map<Object, Object> byPlace = new LinkedHashMap<>();
    byPlace.put(List.of("a,b", 1L), new BigDecimal("1.50"));
    byPlace.put(Arrays.asList("\u00e9", null), null);
    Map<Object, Object> byNumber = new LinkedHashMap<>();
    byNumber.put(-0.5, List.of(EVENT));
    byNumber.put(Double.NaN, List.of());
    List<StoredFeature> features =
        List.of(
            feature("map<struct<place:string,n:bigint>,decimal(10,2)>"),
            feature("map<double,array<timestamp>>"),
            feature("map<date,bigint>"),
            feature("struct<a:bigint,b:map<string,boolean>>"));
    StoredRow row =
        row(
            byPlace,
            byNumber,
            Map.of(LocalDate.of(2013, 12, 28), 3L),
            Arrays.asList(null, Map.of("x", true)));

    StoredRow read = RowCodec.decode(RowCodec.encode(row), features);

    assertThat(read).isEqualTo(row);
    assertThat(((Map<?, ?>) read.values().get(0)).keySet())
        .hasToString("[[a,b, 1], [\u00e9, null]]");
  }

  private static StoredFeature feature(String type) {
    return new StoredFeature("f", type, Optional.empty(), Optional.empty());
  }

  @Test
  void answersWithTheBitsThatWerePublished() {
    double odd = Double.longBitsToDouble(0x3fb999999999999bL);
    try (RocksDbOnlineStore store = RocksDbOnlineStore.open(folder)) {
      publish(
          store,
          NIGHT,
          Map.of(List.of("UA", 1), row(12L, odd, null, List.of(1.5, Double.NaN, -0.0), EVENT)));
      List<Answer> answers = store.read(VIEW, List.of("UA", 1L), NIGHT);
      assertThat(answers)
          .extracting(Answer::status)
          .containsExactly(PRESENT, PRESENT, NULL, PRESENT, PRESENT);
      assertThat(answers.get(0).value()).contains(12L);
      assertThat(Double.doubleToRawLongBits((Double) answers.get(1).value().orElseThrow()))
          .isEqualTo(0x3fb999999999999bL);
      assertThat(answers.get(2).value()).contains(-1.0);
      assertThat(answers.get(2).isDefault()).isTrue();
      assertThat(answers.get(3).value()).contains(List.of(1.5, Double.NaN, -0.0));
      assertThat(answers.get(4).value()).contains(EVENT);
      assertThat(answers.get(0).publishedFor()).contains(NIGHT);
    }
  }

  @Test
  void answersAbsentWithTheEmptyValueForKeysNeverSeenAndNullKeys() {
    try (RocksDbOnlineStore store = RocksDbOnlineStore.open(folder)) {
      publish(store, NIGHT, Map.of(List.of("UA", 1), row(12L, 0.5, 3.0, List.of(), EVENT)));
      for (List<?> key : List.of(List.of("UA", 2), Arrays.asList("UA", null))) {
        List<Answer> answers = store.read(VIEW, key, NIGHT);
        assertThat(answers).extracting(Answer::status).containsOnly(ABSENT);
        assertThat(answers.get(0).value()).contains(0L);
        assertThat(answers.get(1).value()).isEmpty();
        assertThat(answers.get(2).value()).contains(-1.0);
      }
    }
  }

  @Test
  void answersAbsentWhereAllEventsWereWithdrawnAlsoBesideAnEarlierNight() {
    StoredRow withdrawn = new StoredRow(Optional.empty(), Optional.empty(), NIGHT, List.of());
    try (RocksDbOnlineStore store = RocksDbOnlineStore.open(folder)) {
      publish(
          store,
          NIGHT.minus(Duration.ofDays(1)),
          Map.of(List.of("UA", 1), row(12L, 0.5, 3.0, List.of(), EVENT)));
      publish(store, NIGHT, Map.of(List.of("UA", 1), withdrawn));
      List<Answer> answers = store.read(VIEW, List.of("UA", 1), NIGHT);
      assertThat(answers).extracting(Answer::status).containsOnly(ABSENT);
      assertThat(answers.get(0).value()).contains(0L);
      assertThat(answers.get(1).value()).isEmpty();
      assertThat(answers.get(2).value()).contains(-1.0);
      assertThat(answers.get(0).eventTime()).isEmpty();
      assertThat(answers.get(0).publishedFor()).contains(NIGHT);
    }
  }

  @Test
  void expiresRowsWhoseEventIsOlderThanTheTtl() {
    try (RocksDbOnlineStore store = RocksDbOnlineStore.open(folder)) {
      publish(store, NIGHT, Map.of(List.of("UA", 1), row(12L, 0.5, 3.0, List.of(), EVENT)));
      Instant edge = EVENT.plus(Duration.ofDays(30));
      assertThat(store.read(VIEW, List.of("UA", 1), edge).get(0).status()).isEqualTo(PRESENT);
      Answer expired = store.read(VIEW, List.of("UA", 1), edge.plusNanos(1_000)).get(0);
      assertThat(expired.status()).isEqualTo(EXPIRED);
      assertThat(expired.value()).contains(0L);
    }
  }

  @Test
  void showsAnewPublicationToAnOpenReaderAtOnce() {
    try (RocksDbOnlineStore writer = RocksDbOnlineStore.open(folder);
        RocksDbOnlineStore reader = RocksDbOnlineStore.open(folder)) {
      publish(writer, NIGHT, Map.of(List.of("UA", 1), row(12L, 0.5, 3.0, List.of(), EVENT)));
      assertThat(reader.read(VIEW, List.of("UA", 1), NIGHT).get(0).value()).contains(12L);
      publish(writer, NIGHT, Map.of(List.of("DL", 1), row(9L, 0.5, 3.0, List.of(), EVENT)));
      assertThat(reader.read(VIEW, List.of("UA", 1), NIGHT).get(0).status()).isEqualTo(ABSENT);
      assertThat(reader.read(VIEW, List.of("DL", 1), NIGHT).get(0).value()).contains(9L);
    }
  }

  @Test
  void keepsTheFirstComparisonOfEachPublication() {
    try (RocksDbOnlineStore store = RocksDbOnlineStore.open(folder)) {
      Publication first =
          publish(store, NIGHT, Map.of(List.of("UA", 1), row(12L, 0.5, 3.0, List.of(), EVENT)));
      assertThat(store.parity(first)).isEmpty();
      Parity parity = Parity.of(NIGHT, 1, 0);
      store.keep(first, parity);
      store.keep(first, Parity.of(NIGHT, 1, 1));
      assertThat(store.parity(first)).contains(parity);

      Publication second =
          publish(store, NIGHT, Map.of(List.of("DL", 1), row(9L, 0.5, 3.0, List.of(), EVENT)));
      assertThat(store.parity(second)).isEmpty();
      assertThat(store.publications(VIEW))
          .extracting(Publication::sequence)
          .containsExactly(1L, 2L);
    }
  }

  @Test
  void removesWhatALaterPublicationNoLongerHas() {
    try (RocksDbOnlineStore store = RocksDbOnlineStore.open(folder)) {
      publish(
          store,
          NIGHT,
          Map.of(
              List.of("UA", 1),
              row(12L, 0.5, 3.0, List.of(), EVENT),
              List.of("DL", 1),
              row(2L, 0.5, 3.0, List.of(), EVENT)));
      Instant next = NIGHT.plus(Duration.ofDays(1));
      publish(
          store,
          next,
          Map.of(
              List.of("UA", 1),
              row(EVENT.minusSeconds(60), next, 11L, 0.5, 3.0, List.of(), EVENT)));
      assertThat(store.read(VIEW, List.of("UA", 1), next).get(0).value()).contains(11L);
      assertThat(store.read(VIEW, List.of("DL", 1), next).get(0).status()).isEqualTo(ABSENT);
    }
  }

  @Test
  void replacesByAnEarlierNightThatKnowsMoreOnlyRowsWhoseEventIsNewer() {
    try (RocksDbOnlineStore store = RocksDbOnlineStore.open(folder)) {
      publish(
          store,
          NIGHT,
          Map.of(
              List.of("UA", 1),
              row(12L, 0.5, 3.0, List.of(), EVENT),
              List.of("DL", 1),
              row(2L, 0.5, 3.0, List.of(), EVENT)));
      Instant before = NIGHT.minus(Duration.ofDays(1));
      Publication merged =
          publish(
              store,
              before,
              2,
              Map.of(
                  List.of("UA", 1),
                      row(EVENT.plusSeconds(1), before, 13L, 0.5, 3.0, List.of(), EVENT),
                  List.of("DL", 1),
                      row(EVENT.minusSeconds(1), before, 3L, 0.5, 3.0, List.of(), EVENT),
                  List.of("AA", 1), row(EVENT, before, 4L, 0.5, 3.0, List.of(), EVENT)));
      assertThat(merged.rows()).isEqualTo(3);
      assertThat(merged.instant()).isEqualTo(NIGHT);
      assertThat(store.read(VIEW, List.of("UA", 1), NIGHT).get(0).value()).contains(13L);
      assertThat(store.read(VIEW, List.of("UA", 1), NIGHT).get(0).publishedFor()).contains(before);
      assertThat(store.read(VIEW, List.of("DL", 1), NIGHT).get(0).value()).contains(2L);
      assertThat(store.read(VIEW, List.of("AA", 1), NIGHT).get(0).value()).contains(4L);
      assertThat(store.publications(VIEW)).hasSize(2);
    }
  }

  @Test
  void bringsBackNothingThatAlaterNightWithTheSameDeliveriesWithdrew() {
    try (RocksDbOnlineStore store = RocksDbOnlineStore.open(folder)) {
      StoredRow allWithdrawn =
          new StoredRow(
              Optional.empty(), Optional.empty(), NIGHT, Arrays.asList(0L, null, null, null, null));
      publish(
          store,
          NIGHT,
          Map.of(
              List.of("UA", 1),
              row(EVENT.minusSeconds(60), NIGHT, 11L, 0.5, 3.0, List.of(), EVENT),
              List.of("DL", 1),
              allWithdrawn));
      Instant before = NIGHT.minus(Duration.ofDays(1));
      Publication night = publish(store, before, whole(before, "UA", "DL", "AA"));
      assertThat(stored(store))
          .hasSize(2)
          .containsEntry(
              hex("UA"), row(EVENT.minusSeconds(60), NIGHT, 11L, 0.5, 3.0, List.of(), EVENT))
          .containsEntry(hex("DL"), allWithdrawn);
      assertThat(night.instant()).isEqualTo(NIGHT);
      assertThat(store.publications(VIEW)).hasSize(2);
    }
  }

  @Test
  void storesTheSameInWhateverOrderNightsArePublished() {
    Instant day = NIGHT.minus(Duration.ofDays(1));
    Instant dayBefore = NIGHT.minus(Duration.ofDays(2));
    Map<String, Consumer<RocksDbOnlineStore>> nights =
        Map.of(
            "1 newest, knows least", s -> publish(s, NIGHT, 1, whole(NIGHT, "UA")),
            "2 late events of a day", s -> publish(s, day, 3, whole(day, "AA", "UA")),
            "3 knows no more than the day after",
                s -> publish(s, dayBefore, 2, whole(dayBefore, "DL", "UA")),
            "4 knows most", s -> publish(s, dayBefore.minusSeconds(1), 4, whole(day, "WN")));
    Map<String, StoredRow> expected =
        Map.of(
            hex("UA"), row(EVENT, NIGHT, 1L, 0.5, 3.0, List.of(), EVENT),
            hex("AA"), row(EVENT, day, 1L, 0.5, 3.0, List.of(), EVENT),
            hex("WN"), row(EVENT, day, 1L, 0.5, 3.0, List.of(), EVENT));
    List<String> names = new ArrayList<>(nights.keySet());
    Collections.sort(names);
    for (int order = 0; order < 24; order++) {
      List<String> left = new ArrayList<>(names);
      List<String> shuffled = new ArrayList<>();
      for (int n = 4, code = order; n > 0; code /= n, n--) {
        shuffled.add(left.remove(code % n));
      }
      try (RocksDbOnlineStore store = RocksDbOnlineStore.open(folder.resolve("order" + order))) {
        shuffled.forEach(name -> nights.get(name).accept(store));
        assertThat(stored(store)).as("%s", shuffled).isEqualTo(expected);
        assertThat(store.published(VIEW).instant()).isEqualTo(NIGHT);
        assertThat(store.published(VIEW).layers())
            .extracting(layer -> layer.known().get("validated.flights"))
            .containsExactly(1L, 3L, 4L);
      }
    }
  }

  @Test
  void aLaterNightWithTheLateDeliveryReplacesAll() {
    Instant before = NIGHT.minus(Duration.ofDays(1));
    try (RocksDbOnlineStore store = RocksDbOnlineStore.open(folder)) {
      publish(store, NIGHT, 1, whole(NIGHT, "UA"));
      publish(store, before, 2, whole(before, "AA"));
      Publication last = publish(store, NIGHT, 2, whole(NIGHT, "DL"));
      assertThat(stored(store)).containsOnlyKeys(hex("DL"));
      assertThat(last.layers()).hasSize(1);
    }
  }

  @Test
  void aManifestSaysHowItIsReadAndWhatItChanges() throws Exception {
    try (RocksDbOnlineStore store = RocksDbOnlineStore.open(folder)) {
      Publication first = publish(store, NIGHT, whole(NIGHT, "UA"));
      Publication second = publish(store, NIGHT, whole(NIGHT, "UA", "DL"));
      JsonNode json = Json.mapper().readTree(manifest(store, 2).toFile());

      assertThat(json.path("format").intValue()).isEqualTo(1);
      assertThat(json.path("codec").intValue()).isEqualTo(1);
      assertThat(json.path("keys").path(0).path("type").textValue()).isEqualTo("string");
      assertThat(json.path("features").path(0).path("type").textValue()).isEqualTo("bigint");
      assertThat(first.change()).isEmpty();
      assertThat(second.change())
          .contains(
              new Change(
                  1, List.of(second.files().get(0).name()), List.of(first.files().get(0).name())));
      assertThat(store.publication(VIEW, 2).orElseThrow().files()).isEqualTo(second.files());
      assertThat(store.publication(VIEW, 3)).isEmpty();
    }
  }

  @Test
  void refusesWhatANewerBuildWrote() throws Exception {
    refused(
        json -> json.put("format", 2),
        "a newer build of Tributary wrote it: it is of format 2, and this one reads up to 1. Use that build.");
    refused(
        json -> json.put("codec", 7),
        "a newer build of Tributary wrote it: it is of codec 7, and this one reads up to 1. Use that build.");
    refused(
        json -> ((ObjectNode) json.path("features").path(1)).put("type", "array<variant>"),
        "a newer build of Tributary wrote it: its feature late_share_7d is of type array<variant>, which"
            + " this one does not read. Use that build.");
  }

  @Test
  void refusesAManifestWhoseColumnsAreNotThoseOfItsFiles() throws Exception {
    refused(
        json -> ((ObjectNode) json.path("features").path(0)).put("type", "string"),
        "its files were written with other columns than it names, carrier string, hub int, flights_7d string,");
    refused(json -> json.remove("format"), "it does not say its format.");
  }

  /** Readers and writers refuse it, and what is there stays. */
  private void refused(Consumer<ObjectNode> change, String why) throws Exception {
    Path root = Files.createTempDirectory(folder, "refused");
    try (RocksDbOnlineStore store = RocksDbOnlineStore.open(root)) {
      publish(store, NIGHT, whole(NIGHT, "UA"));
      Path manifest = manifest(store, 1);
      ObjectNode json = (ObjectNode) Json.mapper().readTree(manifest.toFile());
      change.accept(json);
      Files.writeString(manifest, json.toString());

      for (ThrowingCallable use :
          List.<ThrowingCallable>of(
              () -> store.read(VIEW, List.of("UA", 1), NIGHT),
              () -> store.views(),
              () -> store.publications(VIEW),
              () -> publish(store, NIGHT, whole(NIGHT, "DL")))) {
        assertThatThrownBy(use)
            .hasMessageStartingWith("Cannot read " + manifest + ": ")
            .hasMessageContaining(why);
      }
      assertThat(manifest(store, 2)).doesNotExist();
    }
  }

  @Test
  void refusesAComparisonThatANewerBuildKept() throws Exception {
    try (RocksDbOnlineStore store = RocksDbOnlineStore.open(folder)) {
      Publication published = publish(store, NIGHT, whole(NIGHT, "UA"));
      store.keep(published, Parity.of(NIGHT, 1, 0));
      Path parity = store.folder(VIEW).resolve("parity-000000000001.json");
      Files.writeString(parity, Files.readString(parity).replace("\"format\":1", "\"format\":2"));
      assertThatThrownBy(() -> store.parity(published)).hasMessageContaining("it is of format 2");
    }
  }

  private static Path manifest(RocksDbOnlineStore store, int sequence) {
    return store.folder(VIEW).resolve("manifest-%012d.json".formatted(sequence));
  }

  @Test
  void doesNotStoreWhatItCouldNotRead() {
    try (RocksDbOnlineStore store = RocksDbOnlineStore.open(folder)) {
      assertThatThrownBy(
              () ->
                  store.publish(
                      VIEW,
                      Digest.of("definition"),
                      new Layer(NIGHT, SNAPSHOT, Map.of(), List.of()),
                      KEYS,
                      List.of(feature("interval day")),
                      Optional.empty(),
                      Optional.empty(),
                      Map.of()))
          .hasMessage(
              "Cannot publish view carrier_history@1: the online store holds no interval day, the type of feature f."
                  + " Cast it, or say online: false.");
    }
  }

  @Test
  void aValueOfAnotherTypeIsNotGuessedAt() {
    byte[] bytes = RowCodec.encode(row(12L));
    assertThat(RowCodec.decode(bytes, List.of(feature("bigint"))).values()).containsExactly(12L);
    for (String type : List.of("string", "boolean", "array<bigint>", "decimal(5,2)", "binary")) {
      assertThatThrownBy(() -> RowCodec.decode(bytes, List.of(feature(type))))
          .hasMessage(
              "Cannot read an online value: a number is stored where the manifest says "
                  + type
                  + ". Publish the view again.");
    }
  }

  @Test
  void findsAndCountsTheRowsOfAFormerPublication() {
    try (RocksDbOnlineStore store = RocksDbOnlineStore.open(folder)) {
      Publication first = publish(store, NIGHT, whole(NIGHT, "UA", "AA", "DL"));
      Publication second = publish(store, NIGHT, whole(NIGHT, "UA"));
      assertThat(store.count(first)).isEqualTo(3);
      assertThat(store.count(second)).isEqualTo(1);
      assertThat(store.find(first, List.of("DL", 1)))
          .contains(whole(NIGHT, "DL").get(List.of("DL", 1)));
      assertThat(store.find(second, List.of("DL", 1))).isEmpty();
      assertThat(store.find(second, Arrays.asList("UA", null))).isEmpty();
      assertThat(store.read(VIEW, List.of("DL", 1), NIGHT).get(0).status()).isEqualTo(ABSENT);
    }
  }

  /** The same values for each carrier. */
  private static Map<List<Object>, StoredRow> whole(Instant at, String... carriers) {
    Map<List<Object>, StoredRow> rows = new HashMap<>();
    for (String carrier : carriers) {
      rows.put(List.of(carrier, 1), row(EVENT, at, 1L, 0.5, 3.0, List.of(), EVENT));
    }
    return rows;
  }

  private static Map<String, StoredRow> stored(RocksDbOnlineStore store) {
    Map<String, StoredRow> rows = new TreeMap<>();
    store.scan(store.published(VIEW), (key, row) -> rows.put(HexFormat.of().formatHex(key), row));
    return rows;
  }

  private static String hex(String carrier) {
    return HexFormat.of().formatHex(KeyCodec.encode(KEYS, List.of(carrier, 1)));
  }

  @Test
  void letsOnlyOneOfManyPublishersHaveANumber() throws Exception {
    int publishers = 8;
    ExecutorService pool = Executors.newFixedThreadPool(publishers);
    try (RocksDbOnlineStore store = RocksDbOnlineStore.open(folder)) {
      CyclicBarrier start = new CyclicBarrier(publishers);
      List<Future<String>> outcomes = new ArrayList<>();
      for (long p = 0; p < publishers; p++) {
        long value = p;
        outcomes.add(
            pool.submit(
                () -> {
                  start.await();
                  try {
                    publish(
                        store,
                        NIGHT,
                        Map.of(List.of("UA", 1), row(value, 0.5, 3.0, List.of(), EVENT)));
                    return "published";
                  } catch (PlatformException e) {
                    return e.getMessage();
                  }
                }));
      }
      int published = 0;
      for (Future<String> outcome : outcomes) {
        if (outcome.get().equals("published")) {
          published++;
        } else {
          assertThat(outcome.get())
              .isEqualTo(
                  "Cannot publish view carrier_history@1: another run published it meanwhile. Nothing was changed; run it again.");
        }
      }
      assertThat(store.publications(VIEW)).hasSize(published);
      assertThat(store.publications(VIEW))
          .extracting(Publication::sequence)
          .doesNotHaveDuplicates();
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void scansRowsInKeyOrder() {
    try (RocksDbOnlineStore store = RocksDbOnlineStore.open(folder)) {
      Publication publication =
          publish(
              store,
              NIGHT,
              Map.of(
                  List.of("UA", 2), row(2L, 0.5, 3.0, List.of(), EVENT),
                  List.of("AA", 3), row(0L, 0.5, 3.0, List.of(), EVENT),
                  List.of("UA", -1), row(1L, 0.5, 3.0, List.of(), EVENT)));
      List<Object> seen = new java.util.ArrayList<>();
      store.scan(publication, (key, stored) -> seen.add(stored.values().get(0)));
      assertThat(seen).containsExactly(0L, 1L, 2L);
    }
  }

  @Test
  void saysWhatToDoWhenAfileIsGone() throws Exception {
    try (RocksDbOnlineStore store = RocksDbOnlineStore.open(folder)) {
      Publication publication =
          publish(store, NIGHT, Map.of(List.of("UA", 1), row(12L, 0.5, 3.0, List.of(), EVENT)));
      Files.delete(store.folder(VIEW).resolve(publication.files().get(0).name()));
      assertThatThrownBy(() -> store.read(VIEW, List.of("UA", 1), NIGHT))
          .hasMessageContaining("is missing. Publish the view again.");
    }
  }

  @Test
  void namesPublishedViewsWhenAskedForAnother() {
    try (RocksDbOnlineStore store = RocksDbOnlineStore.open(folder)) {
      publish(store, NIGHT, Map.of(List.of("UA", 1), row(12L, 0.5, 3.0, List.of(), EVENT)));
      assertThatThrownBy(() -> store.read(ViewId.parse("weather@1"), List.of("JFK"), NIGHT))
          .hasMessageContaining("Cannot read features of weather@1: it was never published")
          .hasMessageContaining("[carrier_history@1]");
    }
  }
}
