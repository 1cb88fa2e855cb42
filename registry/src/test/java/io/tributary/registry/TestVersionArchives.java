package io.tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.FailPoints;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.events.definitions.DefinitionStore;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.registry.ArchiveFile.Entry;
import io.tributary.registry.ArchiveFile.Manifest;
import io.tributary.registry.VersionArchives.Data;
import io.tributary.testing.Folders;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestVersionArchives {
  private static final Principal ADA = Principal.osUser("ada");
  private static final Principal BOB = Principal.osUser("bob");
  private static final String AGAIN =
      ". Copy the archive again from where it was exported, or export it again.";

  @TempDir Path folder;

  private String from;
  private String id;
  private ModelRegistry registry;
  private Digest source;
  private Path archive;

  /** A version of each of two models, made of a view that is made of a source. */
  @BeforeEach
  void exportOne() {
    from = folder.resolve("from").toString();
    id = LakeIdentity.ensure(from, new LakeIdentity.Build(Instant.EPOCH, "code", false)).id();
    registry = ModelRegistry.open(from);
    source = DefinitionStore.open(from).put(definition("source", "flights", "active", Map.of()));
    register("a", "active");
    register("b", "active");
    archive = folder.resolve("b.zip");
    export(2);
  }

  private static Definition definition(
      String kind, String name, String status, Map<String, Digest> uses) {
    return new Definition(
        kind, name, kind + ".yaml", status, kind + ": " + name, name, Map.of(), uses, Map.of());
  }

  private ModelVersion register(String content, String status) {
    Digest view =
        DefinitionStore.open(from)
            .put(definition("view", "history@1", status, Map.of("source flights", source)));
    return registry.register(
        Drafts.madeOf(
            Drafts.draft(ArtefactStore.open(from), content, 0.75), Map.of("view history@1", view)),
        ADA);
  }

  private VersionArchives.Exported export(long number) {
    return VersionArchives.open(from).export("nyc", "late_arrival@" + number, archive, Data.NONE);
  }

  private RegisteredVersion restored(String lake) {
    return VersionArchives.open(lake).restore(archive, BOB);
  }

  private String lake(String name) {
    return folder.resolve(name).toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "testlake://"})
  void restoresAllOfAVersionInAnEmptyLake(String scheme) {
    ModelVersion there = registry.find("late_arrival@2").version();
    String lake = scheme + lake("to");

    RegisteredVersion here = restored(lake);

    assertThat(here.version()).isEqualTo(there.registered(1));
    assertThat(here.principal()).isEqualTo(BOB);
    Origin origin = here.importedFrom().orElseThrow();
    assertThat(origin.toString())
        .isEqualTo(
            "late_arrival@2 of lake %s (nyc), registered there by ada at %s"
                .formatted(id, registry.find("late_arrival@2").at()));
    ModelRegistry to = ModelRegistry.open(lake);
    assertThat(to.artefact(here.version()))
        .containsExactlyInAnyOrderEntriesOf(registry.artefact(there));
    assertThat(to.dependencies(here.version())).isEqualTo(registry.dependencies(there));
    DefinitionStore definitions = DefinitionStore.open(lake);
    Digest view = there.definitions().get("view history@1");
    assertThat(definitions.read(view)).isEqualTo(DefinitionStore.open(from).read(view));
    assertThat(definitions.read(source).name()).isEqualTo("flights");
    assertThat(LakeIdentity.require(lake).orElseThrow().id()).isNotEqualTo(id);
    assertThat(to.history("late_arrival").toString())
        .isEqualTo(
            "[bob registered late_arrival@1 at %s (imported: %s)]".formatted(here.at(), origin));
  }

  @Test
  void theSameVersionGivesTheSameBytes() throws IOException {
    byte[] first = Files.readAllBytes(archive);
    registry.tag("late_arrival", 2, Map.of("stage", "trial"), List.of(), ADA);
    register("c", "active");
    VersionArchives.Exported again = export(2);

    assertThat(Files.readAllBytes(archive)).isEqualTo(first);
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      // Nothing that the zone of the process is in.
      assertThat(zip.stream()).isNotEmpty().allMatch(entry -> entry.getExtra() == null);
    }
    assertThat(again.digest())
        .isEqualTo(restored(lake("to")).importedFrom().orElseThrow().archive());
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left.map(p -> p.getFileName().toString()))
          .containsExactlyInAnyOrder("from", "to", "b.zip");
    }
  }

  @Test
  void importedAgainItIsTheVersionThatIsThere() {
    ModelRegistry to = ModelRegistry.open(lake("to"));
    to.register(Drafts.draft(ArtefactStore.open(lake("to")), "other", 0.75), BOB);
    assertThat(restored(lake("to")).version().number()).isEqualTo(2);
    assertThat(restored(lake("to")).version().number()).isEqualTo(2);
    assertThat(to.history("late_arrival")).hasSize(2);

    RegisteredVersion own = restored(from);
    assertThat(own.version().number()).isEqualTo(2);
    assertThat(own.importedFrom()).isEmpty();
    assertThat(registry.history("late_arrival")).hasSize(2);
  }

  @Test
  void aThirdLakeKnowsWhereTheSecondHadItFrom() {
    restored(lake("to"));
    VersionArchives.open(lake("to")).export("berlin", "late_arrival@1", archive, Data.NONE);

    Origin origin = restored(lake("third")).importedFrom().orElseThrow();

    assertThat(origin.project()).isEqualTo("berlin");
    assertThat(origin.before().orElseThrow().lake()).isEqualTo(id);
    assertThat(origin.toString())
        .startsWith(
            "late_arrival@1 of lake " + origin.lake() + " (berlin), registered there by bob at ")
        .contains(
            ", which had it from late_arrival@2 of lake "
                + id
                + " (nyc), registered there by ada at ");
    assertThat(restored(from).version().number()).isEqualTo(2);
  }

  @Test
  void whatIsLargeTravels() {
    Map<String, Double> slices = new TreeMap<>();
    for (int i = 0; i < 1_000; i++) {
      slices.put("slice " + i, 1.0 / (i + 3));
    }
    ModelVersion large =
        registry.register(
            Drafts.beside(
                Drafts.draft(ArtefactStore.open(from), "large", 0.75), Map.of("slices", slices)),
            ADA);
    export(large.number());

    RegisteredVersion here = restored(lake("to"));

    assertThat(here.version()).isEqualTo(large.registered(1));
    assertThat(here.stored()).containsOnlyKeys("baselines");
  }

  @Test
  void aRetiredOrSuspectVersionIsNotExported() throws IOException {
    byte[] before = Files.readAllBytes(archive);
    registry.retire("late_arrival", 1, ADA, "leaks");
    Suspects.open(from, Clock.fixed(Instant.EPOCH, ZoneOffset.UTC))
        .mark("delivery:flights@17", Coverage.of(List.of("model:late_arrival@2")), ADA, "bad");

    refused(() -> export(1), ErrorCode.REFUSED)
        .hasMessageMatching(
            "Cannot export late_arrival@1: ada retired late_arrival@1 at \\S+ \\(leaks\\)\\. Use another version\\.");
    refused(() -> export(2), ErrorCode.REFUSED)
        .hasMessageStartingWith(
            "Cannot export late_arrival@2: ada marked delivery flights@17 as suspect at ");
    assertThat(Files.readAllBytes(archive)).isEqualTo(before);
  }

  @Test
  void anImportedVersionMayBeUsedByWhatItsViewsMeanButNotThoseOfADraft() {
    restored(lake("to"));
    register("draft", "draft");
    export(3);
    restored(lake("to"));
    ModelRegistry to = ModelRegistry.open(lake("to"));

    assertThat(to.promote("late_arrival", 1, "production", BOB, "first").number()).isEqualTo(1);
    assertThatThrownBy(() -> to.promote("late_arrival", 2, "next", BOB, "draft"))
        .hasMessage(
            "Cannot promote late_arrival@2 to next: it was trained on view history@1, which is a draft. Make it active in view.yaml and run tributary train late_arrival.");
  }

  /** An import is a series of files; a process that is killed has written the first of them. */
  @Test
  void anImportThatWasKilledIsDoneAgain() throws IOException {
    Path list = folder.resolve("instants");
    Path whole = folder.resolve("whole");
    System.setProperty(FailPoints.INSTANTS, list.toString());
    try {
      restored(whole.toString());
    } finally {
      System.clearProperty(FailPoints.INSTANTS);
    }
    List<Path> written =
        Files.readAllLines(list).stream()
            .filter(line -> line.startsWith("after "))
            .map(line -> whole.relativize(Path.of(line.substring("after ".length()))))
            .toList();
    assertThat(written.stream().map(path -> path.getName(0).toString()).distinct())
        .containsExactly("tributary.json", "definitions", "models", "platform");
    assertThat(written).hasSizeGreaterThan(8);

    for (int k = 0; k <= written.size(); k++) {
      Path killed = folder.resolve("killed" + k);
      for (Path file : written.subList(0, k)) {
        if (Files.isDirectory(whole.resolve(file))) {
          Folders.copy(whole.resolve(file), killed.resolve(file));
        } else if (Files.exists(whole.resolve(file))) {
          Files.createDirectories(killed.resolve(file).getParent());
          Files.copy(whole.resolve(file), killed.resolve(file));
        }
      }
      assertThat(restored(killed.toString()).version().number()).as("after %d", k).isEqualTo(1);
      ModelRegistry to = ModelRegistry.open(killed.toString());
      assertThat(to.history("late_arrival")).hasSize(1);
      assertThat(to.artefact(to.find("late_arrival@1").version())).hasSize(2);
    }
  }

  private static AbstractThrowableAssert<?, ?> refused(ThrowingCallable call, ErrorCode code) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(PlatformException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private void refused(ErrorCode code, String message) {
    refused(() -> restored(lake("to")), code).hasMessage(message);
    assertThat(folder.resolve("to")).doesNotExist();
  }

  private void corrupt(String why) {
    refused(ErrorCode.CORRUPT, "Cannot import " + archive + ": " + why + AGAIN);
  }

  private Manifest manifest() throws IOException {
    try (ArchiveFile open = ArchiveFile.open(archive)) {
      return open.manifest();
    }
  }

  private static int find(byte[] in, byte[] what) {
    for (int at = 0; at <= in.length - what.length; at++) {
      if (Arrays.equals(in, at, at + what.length, what, 0, what.length)) {
        return at;
      }
    }
    throw new AssertionError("not there");
  }

  @Test
  void aFlippedByteInAnyPartIsRefusedByName() throws IOException {
    byte[] whole = Files.readAllBytes(archive);
    List<Entry> entries = manifest().entries();
    assertThat(entries).hasSize(1 + 2 + 2 + 1);
    for (Entry entry : entries) {
      byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
      byte[] flipped = whole.clone();
      flipped[find(whole, name) + name.length + (int) entry.size() / 2] ^= 1;
      Files.write(archive, flipped);
      corrupt(entry.name() + " is not what was exported");
      Files.write(archive, whole);
    }
    byte[] flipped = whole.clone();
    flipped[find(whole, "\"nyc\"".getBytes(StandardCharsets.UTF_8)) + 1] ^= 1;
    Files.write(archive, flipped);
    corrupt("manifest.json is not what was exported");
  }

  /** Of the frame, too: what is not refused says the same. */
  @Test
  void whereverAByteIsFlippedItIsRefusedOrTheSameVersion() throws IOException {
    byte[] whole = Files.readAllBytes(archive);
    Manifest manifest = manifest();
    int refused = 0;
    for (int at = 0; at < whole.length; at++) {
      byte[] flipped = whole.clone();
      flipped[at] ^= 1;
      Files.write(archive, flipped);
      try (ArchiveFile open = ArchiveFile.open(archive)) {
        assertThat(open.manifest()).isEqualTo(manifest);
        manifest.entries().forEach(open::read);
      } catch (PlatformException e) {
        assertThat(e.code()).as(e.getMessage()).isIn(ErrorCode.CORRUPT, ErrorCode.REFUSED);
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(whole.length * 3 / 4);
  }

  @Test
  void whatIsCutOffIsRefused() throws IOException {
    byte[] whole = Files.readAllBytes(archive);
    for (int length :
        new int[] {0, 1, 100, whole.length / 2, whole.length - 65, whole.length - 1}) {
      Files.write(archive, Arrays.copyOf(whole, length));
      refused(() -> restored(lake("to")), ErrorCode.CORRUPT)
          .hasMessageStartingWith(
              "Cannot import " + archive + ": it is no archive, or was cut off or altered (")
          .hasMessageEndingWith(AGAIN);
    }
    Files.delete(archive);
    refused(
        ErrorCode.NOT_FOUND,
        "Cannot import "
            + archive
            + ": there is no such file. Name an archive that tributary registry export has written.");
  }

  /** Writes the archive with what somebody made of it, and a manifest that agrees. */
  private void rewritten(UnaryOperator<Map<String, byte[]>> how) throws IOException {
    Manifest manifest = manifest();
    Map<String, byte[]> parts = new TreeMap<>();
    try (ArchiveFile open = ArchiveFile.open(archive)) {
      manifest.entries().forEach(entry -> parts.put(entry.name(), open.read(entry)));
    }
    Map<String, byte[]> made = how.apply(parts);
    ArchiveFile.write(
        archive,
        writer -> {
          for (Map.Entry<String, byte[]> part : made.entrySet()) {
            writer.add(part.getKey(), part.getValue());
          }
          return Manifest.of(
              manifest.lake(),
              manifest.project(),
              manifest.version(),
              manifest.event(),
              manifest.at(),
              manifest.by(),
              writer.entries());
        });
  }

  private void with(String name, String text) throws IOException {
    rewritten(
        parts -> {
          parts.put(name, text.getBytes(StandardCharsets.UTF_8));
          return parts;
        });
  }

  private void without(String name) throws IOException {
    rewritten(
        parts -> {
          assertThat(parts.remove(name)).isNotNull();
          return parts;
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../outside",
        "models/../../outside",
        "/outside",
        "models//x",
        "models/.hidden",
        "a\\b",
        "C:x",
        "."
      })
  void aNameThatLeavesTheFolderIsRefused(String name) throws IOException {
    with(name, "x");
    corrupt("its entry \"" + name + "\" has no name of a file in a folder");
    assertThat(folder.resolve("outside")).doesNotExist();
  }

  @Test
  void whatTheVersionDoesNotReferToOrLacksIsRefused() throws IOException {
    byte[] whole = Files.readAllBytes(archive);
    ModelVersion version = registry.find("late_arrival@2").version();
    String bundle = "models/" + version.artefact().digest();

    with("more.json", "x");
    corrupt("its version doesn't refer to more.json");
    Files.write(archive, whole);
    with(bundle + "/more.json", "x");
    corrupt(bundle + " has other files");
    Files.write(archive, whole);
    without(bundle + "/network.zip");
    corrupt(bundle + " has other files");
    Files.write(archive, whole);
    String dependencies = "models/" + version.environment().orElseThrow().dependencyArtefact();
    without(dependencies + "/dependencies.txt");
    corrupt(dependencies + " is missing");
    Files.write(archive, whole);
    without("definitions/" + source + ".json");
    corrupt("definitions/" + source + ".json is missing");
    Files.write(archive, whole);
    with("definitions/" + source + ".json", "{}");
    corrupt("definitions/" + source + ".json has another digest");
    Files.write(archive, whole);
    without("version.json");
    corrupt("version.json is missing");
    Files.write(archive, whole);
    rewritten(
        parts -> {
          parts.computeIfPresent(
              "version.json",
              (name, text) ->
                  new String(text, StandardCharsets.UTF_8)
                      .replace("\"number\":2", "\"number\":3")
                      .getBytes(StandardCharsets.UTF_8));
          return parts;
        });
    corrupt("version.json is of late_arrival@3, and manifest.json names late_arrival@2");
  }

  /** Any other zip file, with a manifest of whatever it says and its digest as the comment. */
  private void zip(String manifest, boolean stored, String... names) throws IOException {
    try (OutputStream out = Files.newOutputStream(archive);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (String name : names) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(new byte[1 << 20]);
      }
      ZipEntry entry = new ZipEntry("manifest.json");
      byte[] bytes = manifest.getBytes(StandardCharsets.UTF_8);
      if (stored) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(crc.getValue());
      }
      zip.putNextEntry(entry);
      zip.write(bytes);
      zip.setComment(Digest.of(bytes).hex());
    }
  }

  @Test
  void anotherFormatAndADeflatedEntryAreRefused() throws IOException {
    zip("{\"format\":2,\"seal\":\"other\"}", true);
    refused(
        ErrorCode.REFUSED,
        "Cannot import "
            + archive
            + ": it is of format 2, and this build reads format 1. Use the build that wrote it, or a later one.");
    zip("{\"format\":1}", true);
    corrupt("manifest.json is not what was exported");
    zip("{}", false);
    corrupt("manifest.json is not what was exported");
    zip("", true);
    corrupt("manifest.json is not what was exported");

    String bomb =
        "{\"format\":1,\"lake\":\"x\",\"project\":\"p\",\"version\":\"m@1\",\"event\":\"e\",\"at\":\"2026-01-01T00:00:00Z\",\"by\":{\"name\":\"a\",\"establishedBy\":\"os-user\"},\"entries\":[{\"name\":\"bomb\",\"size\":%d,\"sha256\":\"%s\"}]}";
    zip(bomb.formatted(1 << 20, Digest.of(new byte[1 << 20])), true, "bomb");
    corrupt("bomb is not what was exported");
    zip(bomb.formatted(1 << 20, Digest.of(new byte[1 << 20])), true);
    corrupt("bomb is missing");
    zip(bomb.formatted(1 << 20, Digest.of(new byte[1 << 20])), true, "bomb", "other");
    corrupt("its entry other is not in manifest.json");
  }

  /** The training set of the drafts, with files that nobody opens here. */
  private Path trainingSet(String id, String... files) throws IOException {
    Path table = folder.resolve("from/training/late_arrival");
    Files.createDirectories(table.resolve("_delta_log"));
    String schema = "{\\\"type\\\":\\\"struct\\\",\\\"fields\\\":[]}";
    String add =
        "{\"add\":{\"path\":\"%s\",\"partitionValues\":{},\"size\":4,\"modificationTime\":0,\"dataChange\":true}}\n";
    StringBuilder adds = new StringBuilder();
    for (String file : files) {
      Files.writeString(table.resolve(file), "rows");
      adds.append(add.formatted(file));
    }
    for (int version = 0; version <= 4; version++) {
      Files.writeString(
          table.resolve("_delta_log/%020d.json".formatted(version)),
          version == 0
              ? "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n{\"metaData\":{\"id\":\"%s\",\"format\":{\"provider\":\"parquet\",\"options\":{}},\"schemaString\":\"%s\",\"partitionColumns\":[],\"configuration\":{}}}\n"
                  .formatted(id, schema)
              : version == 3 ? adds.toString() : add.formatted("other" + version));
    }
    return table;
  }

  private void exportWithData() {
    VersionArchives.open(from).export("nyc", "late_arrival@2", archive, Data.TRAINING_SET);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "testlake://"})
  void theRowsOfItsTrainingSetTravelAsFiles(String scheme) throws IOException {
    TrainingSetReference set =
        registry.find("late_arrival@2").version().trainingSet().orElseThrow();
    trainingSet("9f-1", "b.parquet", "a.parquet", "other1", "other2");
    exportWithData();
    byte[] first = Files.readAllBytes(archive);
    exportWithData();
    assertThat(Files.readAllBytes(archive)).isEqualTo(first);
    String lake = scheme + lake("to");
    assertThat(ImportedRows.open(lake).files(set)).isEmpty();

    restored(lake);
    restored(lake);

    String rows = lake + "/imported/" + set.content() + "/part-0000";
    assertThat(ImportedRows.open(lake).files(set))
        .startsWith(rows + "1.parquet", rows + "2.parquet");
    assertThat(
            folder
                .resolve("to/imported")
                .resolve(set.content().hex())
                .resolve("part-00001.parquet"))
        .hasContent("rows");
    try (Stream<Path> left = Files.list(folder.resolve("to/imported"))) {
      assertThat(left).hasSize(1);
    }
  }

  @Test
  void rowsThatAreGoneAreNotExported() throws IOException {
    Path table = trainingSet("9f-1", "a.parquet", "other1", "other2");
    Files.delete(table.resolve("a.parquet"));
    String restore = ". Restore it from a copy of the lake, or export without --with-data.";
    refused(this::exportWithData, ErrorCode.NOT_FOUND)
        .hasMessageStartingWith(
            "Cannot export the rows of training set late_arrival@3: file a.parquet of table training.late_arrival: ")
        .hasMessageEndingWith(restore);
    Folders.delete(table);
    trainingSet("another", "a.parquet");
    refused(this::exportWithData, ErrorCode.NOT_FOUND)
        .hasMessage(
            "Cannot export the rows of training set late_arrival@3: table training.late_arrival is gone, or was made anew"
                + restore);
  }

  @Test
  void aFolderThatIsNotThereIsSaid() {
    archive = folder.resolve("no/such.zip");
    refused(() -> export(2), ErrorCode.STORAGE)
        .hasMessage(
            "Cannot export late_arrival@2 to "
                + archive
                + ": there is no such folder. Name a file in a folder that can be written.");
  }

  @Test
  void whatTheLakeHasLostIsNotExported() throws IOException {
    Files.delete(folder.resolve("from/definitions/" + source + ".json"));
    Files.delete(archive);
    refused(() -> export(2), ErrorCode.NOT_FOUND)
        .hasMessageContaining("Cannot read definition " + source);
    assertThat(archive).doesNotExist();
  }
}
