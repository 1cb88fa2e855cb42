package io.tributary.online.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.online.FormerPublications;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStoreContract;
import io.tributary.online.OnlineWriter;
import io.tributary.online.Parity;
import io.tributary.online.PartitionWriter;
import io.tributary.online.Publication;
import io.tributary.online.PublishedRows;
import io.tributary.online.PublishedSnapshot;
import io.tributary.online.RowCodec;
import io.tributary.online.StoredPiece;
import io.tributary.online.StoredRow;
import io.tributary.online.WrittenPartition;
import io.tributary.online.WrittenRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class TestRocksDbOnlineStore extends OnlineStoreContract {
  private static final List<List<Object>> UA = List.of(List.of("UA", 1));
  private static final Duration NEVER = Duration.ofDays(1);

  @TempDir Path folder;

  @Override
  protected OnlineStore open() {
    return new RocksDbOnlineStore(folder, NEVER);
  }

  private Path files() {
    return folder.resolve(VIEW.table().subject());
  }

  private static List<String> names(List<StoredPiece> pieces) {
    return pieces.stream().map(StoredPiece::name).toList();
  }

  private Path manifest(int sequence) {
    return files().resolve("manifest-%012d.json".formatted(sequence));
  }

  /** SST files of the store that this process has open. */
  private static List<String> open(Path under) throws IOException {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      return descriptors
          .map(TestRocksDbOnlineStore::target)
          .filter(target -> target.startsWith(under.toString()) && target.endsWith(".sst"))
          .map(target -> target.substring(target.lastIndexOf('/') + 1))
          .toList();
    }
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException gone) {
      return "";
    }
  }

  private static String sst(Publication publication, Path manifest) throws IOException {
    assertThat(manifest.toString()).contains("%012d".formatted(publication.sequence()));
    return Json.mapper().readTree(manifest.toFile()).at("/runs/0/0/name").textValue();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void closesAReplacedPublicationOnceNoReadUsesIt() throws Exception {
    try (OnlineStore writing = open();
        OnlineStore reading = open()) {
      for (int n = 1; n <= 50; n++) {
        Publication publication = publish(writing, NIGHT, 1, flights(NIGHT, n, "UA"));
        reading.refresh();
        assertThat(read(reading, "UA")).containsEntry("UA", (long) n);
        assertThat(open(folder)).containsExactly(sst(publication, manifest(n)));
      }
    }
    assertThat(open(folder)).isEmpty();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void keepsAReplacedPublicationOpenForTheReadThatUsesIt() throws Exception {
    PublicationsInForce inForce = new PublicationsInForce(view -> files(), NEVER);
    try (OnlineStore writing = open()) {
      Publication first = publish(writing, NIGHT, 1, flights(NIGHT, 1, "UA"));
      String former = sst(first, manifest(1));
      inForce.read(
          VIEW,
          view -> new Manifests(files()).inForce().orElseThrow(),
          open -> {
            publish(writing, NIGHT, 1, flights(NIGHT, 2, "UA"));
            inForce.refresh();
            assertThat(open.files().findAll(UA).get(0).orElseThrow().values()).startsWith(1L);
            return open;
          });
      assertThat(open(folder)).hasSize(1).doesNotContain(former);
    } finally {
      inForce.close();
    }
    assertThat(open(folder)).isEmpty();
  }

  /**
   * Reads work on where the folder is gone, so they look for nothing in it; and what they read of
   * the open files is in memory.
   */
  @Test
  @EnabledOnOs(OS.LINUX)
  void readsWithoutAnyCallToTheFileSystemButForTheRow() throws Exception {
    try (OnlineStore reading = open()) {
      publish(reading, NIGHT, 1, flights(NIGHT, 12, "UA", "DL"));
      assertThat(read(reading, "UA")).containsEntry("UA", 12L);
      Path aside = folder.resolveSibling(folder.getFileName() + "-aside");
      Files.move(folder, aside);
      try {
        callsOf(1, reading);
        assertThat(callsOf(1_000, reading)).isEqualTo(callsOf(0, reading));
      } finally {
        Files.move(aside, folder);
      }
    }
  }

  private static long callsOf(int reads, OnlineStore store) throws IOException {
    long before = readCalls();
    for (int i = 0; i < reads; i++) {
      assertThat(store.readAll(VIEW, UA, NIGHT).get(0).get(0).value()).contains(12L);
      assertThat(store.inForce(VIEW).sequence()).isEqualTo(1);
    }
    return readCalls() - before;
  }

  /** How often this thread has called the kernel to read. */
  private static long readCalls() throws IOException {
    return Files.readAllLines(Path.of("/proc/thread-self/io")).stream()
        .filter(line -> line.startsWith("syscr: "))
        .mapToLong(line -> Long.parseLong(line.substring("syscr: ".length())))
        .findFirst()
        .orElseThrow();
  }

  @Test
  @Timeout(60)
  void refreshesByItself() throws Exception {
    try (OnlineStore writing = open();
        OnlineStore reading = new RocksDbOnlineStore(folder, Duration.ofMillis(1))) {
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
  void aFolderThatWasRemovedAndPublishedAnewIsFound() throws Exception {
    try (OnlineStore reading = open()) {
      for (long value = 1; value <= 3; value++) {
        try (OnlineStore writing = open()) {
          publish(writing, NIGHT, 1, flights(NIGHT, value, "UA"));
          reading.refresh();
          assertThat(read(reading, "UA")).containsEntry("UA", value);
          assertThat(reading.inForce(VIEW).sequence()).isEqualTo(1);
        }
        remove(files());
        reading.refresh();
        assertThat(read(reading, "UA")).containsEntry("UA", value);
      }
    }
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  @Test
  void readsGoOnFromThePublicationInForceWhereANewerOneCannotBeRead() throws Exception {
    try (OnlineStore writing = open();
        OnlineStore reading = open()) {
      publish(writing, NIGHT, 1, flights(NIGHT, 1, "UA"));
      assertThat(read(reading, "UA")).containsEntry("UA", 1L);
      publish(writing, NIGHT, 1, flights(NIGHT, 2, "UA"));
      String written = Files.readString(manifest(2));
      Files.writeString(manifest(2), written.replace("\"codec\":2", "\"codec\":7"));
      assertThatThrownBy(reading::refresh).hasMessageContaining("it is of codec 7");
      assertThat(read(reading, "UA")).containsEntry("UA", 1L);
      Files.writeString(manifest(2), written);
      reading.refresh();
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

  @Test
  void aManifestSaysHowItIsReadAndWhatItChanges() throws Exception {
    try (OnlineStore store = open()) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA", "DL"));
    }
    Manifest second = new Manifests(files()).find(2).orElseThrow();
    ObjectNode json = (ObjectNode) Json.mapper().readTree(manifest(2).toFile());
    assertThat(json.path("format").intValue()).isEqualTo(2);
    assertThat(json.path("codec").intValue()).isEqualTo(2);
    assertThat(json.path("keys").path(0).path("type").textValue()).isEqualTo("string");
    assertThat(json.path("features").path(0).path("type").textValue()).isEqualTo("bigint");
    assertThat(json.at("/layers/0/known/validated.flights").longValue()).isEqualTo(1);
    assertThat(Json.mapper().treeToValue(json, Manifest.class)).isEqualTo(second);
  }

  @Test
  void aNightCostsWhatChanged() throws Exception {
    try (OnlineStore store = open()) {
      thirtyNights(store);
    }
    List<Manifest> manifests = new Manifests(files()).all();
    Map<String, Long> written = new TreeMap<>();
    manifests.forEach(m -> m.allFiles().forEach(file -> written.put(file.name(), file.bytes())));
    long all = manifests.get(0).allFiles().stream().mapToLong(SstFile::bytes).sum();
    assertThat(written.values().stream().mapToLong(bytes -> bytes).sum())
        .isBetween(all * 30 / 100, all * 30 * 9 / 100);
    assertThat(manifests).allSatisfy(manifest -> assertThat(manifest.runs()).hasSizeBetween(1, 3));
    assertThat(manifests).extracting(Manifest::rows).containsOnly(20_000L);
  }

  @Test
  void whatDiffersIsPublishedForWhatItDiffersFromAlone() {
    try (OnlineStore store = open()) {
      Publication before = thirtyNights(store).get(29);
      try (OnlineWriter first = store.begin(before.view(), later(before), ORIGIN);
          OnlineWriter second = store.begin(before.view(), later(before), ORIGIN)) {
        assertThat(first.writesDifferences()).isTrue();
        WrittenRows one = sameRows(store, first);
        WrittenRows another = sameRows(store, second);
        assertThat(first.publish(one, Map.of()).rows()).isEqualTo(20_000);
        assertThatThrownBy(() -> second.publish(another, Map.of()))
            .hasMessageContaining("another run published it meanwhile. Nothing was changed");
      }
    }
  }

  private static PublishedSnapshot later(Publication before) {
    return new PublishedSnapshot(
        before.instant().plusSeconds(1),
        before.snapshots().get(0).snapshot(),
        before.snapshots().get(0).known());
  }

  private static WrittenRows sameRows(OnlineStore store, OnlineWriter writer) {
    Publication before = store.published(VIEW);
    try (PublishedRows rows = store.rows(before);
        PartitionWriter partition = writer.partitions().open()) {
      rows.forEach((key, row) -> partition.add(key, RowCodec.encode(row, before.instant())));
      return writer.complete(partition.finish().stream().toList()).orElseThrow();
    }
  }

  /** A block behind the last key of the next snapshot is read by no partition. */
  @Test
  void whatCannotBeReadBehindTheLastKeyIsToldBeforePublishing() throws Exception {
    try (OnlineStore store = open()) {
      Publication before = thirtyNights(store).get(0);
      Path base =
          files().resolve(new Manifests(files()).find(1).orElseThrow().runs().get(0).get(1).name());
      byte[] bytes = Files.readAllBytes(base);
      bytes[bytes.length * 3 / 4] ^= 0x10;
      Files.write(base, bytes);
      try (OnlineWriter writer = store.begin(before.view(), later(store.published(VIEW)), ORIGIN)) {
        assertThat(writer.writesDifferences()).isTrue();
        List<WrittenPartition> first = rows(store, writer, 100);
        assertThatThrownBy(() -> writer.complete(first))
            .isInstanceOfSatisfying(
                PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT));
        writer.writeWhole();
        WrittenRows whole = writer.complete(rows(store, writer, 100)).orElseThrow();
        assertThat(writer.publish(whole, Map.of()).rows()).isEqualTo(100);
      }
      assertThat(stored(store, store.published(VIEW))).hasSize(100);
    }
  }

  /** Writes the first rows of what is published. */
  private static List<WrittenPartition> rows(OnlineStore store, OnlineWriter writer, int n) {
    Publication before = store.published(VIEW);
    AtomicInteger added = new AtomicInteger();
    try (PartitionWriter partition = writer.partitions().open()) {
      try (PublishedRows rows = store.rows(before)) {
        rows.forEach(
            (key, row) -> {
              if (added.getAndIncrement() < n) {
                partition.add(key, RowCodec.encode(row, before.instant()));
              }
            });
      } catch (PlatformException damaged) {
        assertThat(added).hasValueGreaterThan(n);
      }
      return partition.finish().stream().toList();
    }
  }

  @Test
  void aKeyThatComesTwiceIsRefusedWhereOnlyDifferencesAreWritten() {
    try (OnlineStore store = open()) {
      Publication before = thirtyNights(store).get(29);
      try (OnlineWriter writer = store.begin(before.view(), later(before), ORIGIN);
          PartitionWriter partition = writer.partitions().open();
          PublishedRows rows = store.rows(before)) {
        AtomicReference<byte[]> first = new AtomicReference<>();
        rows.forEach((key, row) -> first.compareAndSet(null, key));
        byte[] row = RowCodec.encode(flights(NIGHT, 1, "UA").values().iterator().next());
        partition.add(first.get(), row);
        assertThatThrownBy(() -> partition.add(first.get(), row))
            .hasMessageContaining("is not above the one before it. Report this as a bug.");
      }
    }
  }

  /** Views of which all rows change each night take no more than their rows, most nights. */
  @Test
  void whereMostChangesAllIsWritten() throws Exception {
    List<Integer> runs = new ArrayList<>();
    try (OnlineStore store = open()) {
      for (int night = 0; night < 30; night++) {
        Map<List<Object>, StoredRow> rows = new LinkedHashMap<>();
        Instant at = NIGHT.plus(Duration.ofDays(night));
        change(rows, new Random(night), night, 3_000, at);
        publish(store, at, night + 1, rows);
        runs.add(new Manifests(files()).find(night + 1).orElseThrow().runs().size());
      }
    }
    assertThat(runs).containsOnly(1);
    List<Integer> tried = new ArrayList<>();
    for (Manifest manifest : new Manifests(files()).all()) {
      manifest
          .pause()
          .filter(p -> p.since() == manifest.sequence())
          .ifPresent(p -> tried.add((int) p.since()));
    }
    assertThat(tried).containsExactly(2, 3, 5, 9, 17, 25);
  }

  /** What the build before wrote: one run, and an instant in each row. */
  @Test
  void readsFormat1AndReplacesItWhole() throws Exception {
    try (OnlineStore store = open()) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA", "DL"));
      ObjectNode json = (ObjectNode) Json.mapper().readTree(manifest(1).toFile());
      json.put("format", 1).put("codec", 1).remove(List.of("pause", "lake"));
      json.set("files", json.remove("runs").get(0));
      ObjectNode layer = (ObjectNode) json.at("/layers/0");
      layer.set("files", layer.remove("runs").get(0));
      json.putObject("change").put("from", 0).putArray("adds");
      Files.writeString(manifest(1), json.toString());
    }
    try (OnlineStore store = open()) {
      assertThat(read(store, "UA", "DL", "WN")).isEqualTo(Map.of("UA", 1L, "DL", 1L));
      publish(store, NIGHT.minusSeconds(1), 2, flights(NIGHT, 1, "WN"));
      assertThat(read(store, "UA", "DL", "WN")).isEqualTo(Map.of("UA", 1L, "DL", 1L, "WN", 1L));
      assertThat(new Manifests(files()).find(2).orElseThrow().format()).isEqualTo(2);
    }
  }

  @Test
  void refusesWhatANewerBuildWrote() throws Exception {
    refused(
        json -> json.put("format", 3),
        "a newer build of Tributary wrote it: it is of format 3, and this one reads up to 2. Use that build.");
    refused(
        json -> json.put("codec", 7),
        "a newer build of Tributary wrote it: it is of codec 7, and this one reads up to 2. Use that build.");
    refused(
        json -> ((ObjectNode) json.path("features").path(1)).put("type", "array<variant>"),
        "a newer build of Tributary wrote it: its feature mean_delay is of type array<variant>, which"
            + " this one does not read. Use that build.");
  }

  @Test
  void refusesAManifestWhoseColumnsAreNotThoseOfItsFiles() throws Exception {
    refused(
        json -> ((ObjectNode) json.path("features").path(0)).put("type", "string"),
        "its files were written with other columns than it names, carrier string, hub int, flights string,");
    refused(json -> json.remove("format"), "it does not say its format.");
  }

  /** Readers and writers refuse it, and what is there stays. */
  private void refused(Consumer<ObjectNode> change, String why) throws Exception {
    Path root = Files.createTempDirectory(folder, "refused");
    Path manifest =
        root.resolve(VIEW.table().subject()).resolve("manifest-%012d.json".formatted(1));
    try (OnlineStore store = new RocksDbOnlineStore(root, NEVER)) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      ObjectNode json = (ObjectNode) Json.mapper().readTree(manifest.toFile());
      change.accept(json);
      Files.writeString(manifest, json.toString());

      for (ThrowingCallable use :
          List.<ThrowingCallable>of(
              () -> store.read(VIEW, List.of("UA", 1), NIGHT),
              () -> store.views(),
              () -> store.publications(VIEW),
              () -> publish(store, NIGHT, 1, flights(NIGHT, 1, "DL")))) {
        assertThatThrownBy(use)
            .hasMessageStartingWith("Cannot read " + manifest + ": ")
            .hasMessageContaining(why);
      }
      assertThat(manifest.resolveSibling("manifest-%012d.json".formatted(2))).doesNotExist();
    }
  }

  @Test
  void refusesAComparisonThatANewerBuildKept() throws Exception {
    try (OnlineStore store = open()) {
      Publication published = publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      store.keep(published, Parity.of(NIGHT, 1, 0));
      Path parity = files().resolve("parity-000000000001.json");
      Files.writeString(parity, Files.readString(parity).replace("\"format\":1", "\"format\":2"));
      assertThatThrownBy(() -> store.parity(published)).hasMessageContaining("it is of format 2");
    }
  }

  @Test
  void saysWhatToDoWhenAFileIsGoneOrDamaged() throws Exception {
    try (OnlineStore store = open()) {
      Publication publication = publish(store, NIGHT, 1, flights(NIGHT, 12, "UA"));
      Path file = files().resolve(sst(publication, manifest(1)));
      byte[] bytes = Files.readAllBytes(file);
      bytes[5] ^= 0x10;
      Files.write(file, bytes);
      assertThatThrownBy(() -> read(store, "UA"))
          .hasMessageStartingWith("Cannot read online file " + file + ": ")
          .hasMessageEndingWith(". Publish the view again.");
    }
    try (OnlineStore store = open()) {
      Files.delete(files().resolve(sst(store.published(VIEW), manifest(1))));
      assertThatThrownBy(() -> read(store, "UA"))
          .hasMessageContaining("is missing. Publish the view again.");
    }
  }

  @Test
  void tellsFormerPublicationsAndTheFilesThatOnlyTheyHave() throws Exception {
    try (OnlineStore store = open()) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      // The second one has the snapshot of the first, too.
      publish(store, NIGHT.minusSeconds(1), 2, flights(NIGHT, 1, "DL"));
      for (long value = 3; value <= 6; value++) {
        store.keep(
            publish(store, NIGHT, value, flights(NIGHT, value, "UA")), Parity.of(NIGHT, 1, 0));
      }
      for (int sequence = 1; sequence <= 6; sequence++) {
        Files.setLastModifiedTime(manifest(sequence), FileTime.from(NIGHT.plusSeconds(sequence)));
      }

      FormerPublications first = store.former(NIGHT.plusSeconds(3), p -> true);
      assertThat(first.gone()).extracting(Publication::sequence).containsExactly(1L);
      assertThat(first.staying())
          .extracting(Publication::sequence)
          .containsExactly(2L, 3L, 4L, 5L, 6L);
      assertThat(names(first.pieces()))
          .as("its rows are in the second")
          .containsExactly(manifest(1).toString());

      FormerPublications most = store.former(NIGHT.plusSeconds(99), p -> true);
      assertThat(most.gone()).extracting(Publication::sequence).containsExactly(1L, 2L, 3L, 4L);
      assertThat(names(most.pieces()).subList(0, 6))
          .containsExactly(
              manifest(1).toString(),
              manifest(2).toString(),
              files().resolve("parity-000000000003.json").toString(),
              manifest(3).toString(),
              files().resolve("parity-000000000004.json").toString(),
              manifest(4).toString());
      assertThat(most.pieces().get(0))
          .isEqualTo(
              new StoredPiece(
                  VIEW.table().subject(),
                  manifest(1).toString(),
                  Files.size(manifest(1)),
                  NIGHT.plusSeconds(1).truncatedTo(ChronoUnit.MICROS)));
      assertThat(store.former(NIGHT.plusSeconds(99), p -> false))
          .isEqualTo(new FormerPublications(List.of(), List.of(), List.of()));

      try (PublishedRows before = store.rows(store.published(VIEW))) {
        most.pieces().forEach(piece -> store.remove(piece.name()));
        assertThat(Path.of(most.pieces().get(0).name())).doesNotExist();
        assertThat(before.count()).isEqualTo(1);
      }
      assertThat(read(store, "UA")).containsEntry("UA", 6L);
      assertThat(store.unused()).isEmpty();
      assertThat(store.former(NIGHT.plusSeconds(99), p -> true).pieces()).isEmpty();
      assertThat(publish(store, NIGHT, 7, flights(NIGHT, 7, "UA")).sequence()).isEqualTo(7);
      store.refresh();
      assertThat(read(store, "UA")).containsEntry("UA", 7L);
    }
  }

  @Test
  void findsFilesThatBelongToNoPublication() throws Exception {
    try (OnlineStore store = open()) {
      assertThat(store.unused()).isEmpty();
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      // Merged into one file; those of both snapshots are needed when another one comes.
      publish(store, NIGHT.minusSeconds(1), 2, flights(NIGHT, 1, "DL"));
      assertThat(store.unused()).isEmpty();

      OnlineWriter stopped =
          store.begin(store.inForce(VIEW).view(), store.inForce(VIEW).snapshots().get(0), ORIGIN);
      try (PartitionWriter partition = stopped.partitions().open()) {
        partition.add(new byte[] {1}, new byte[] {1});
        assertThat(store.unused())
            .singleElement()
            .satisfies(piece -> assertThat(piece.name()).endsWith(".tmp"));
        String name =
            Json.mapper()
                .readTree(partition.finish().orElseThrow().receipt().orElseThrow())
                .path("name")
                .textValue();
        assertThat(names(store.unused())).containsExactly(files().resolve(name).toString());
        store.remove(files().resolve(name).toString());
        assertThat(store.unused()).isEmpty();
      }
      assertThat(Map.of("UA", 1L, "DL", 1L)).isEqualTo(read(store, "UA", "DL"));
    }
  }
}
