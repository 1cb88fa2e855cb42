package io.tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestArtefactStore {
  @TempDir Path lake;

  private ArtefactStore store(String scheme) {
    return ArtefactStore.open(scheme + lake);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "file:", "testlake://"})
  void givesBackWhatItWasGiven(String scheme) {
    Map<String, byte[]> files =
        Map.of("b.json", bytes("{}"), "a/deep.bin", bytes("deep"), "empty", new byte[0]);

    Artefact artefact = store(scheme).put(files);

    assertThat(store(scheme).contains(artefact.digest())).isTrue();
    assertThat(store(scheme).read(artefact.digest())).containsExactlyInAnyOrderEntriesOf(files);
    assertThat(artefact.path()).isEqualTo("models/" + artefact.digest());
    assertThat(artefact.files().get("a/deep.bin")).isEqualTo(new StoredFile(4, Digest.of("deep")));
    assertThat(artefact.size()).isEqualTo(6);
    assertThat(lake.resolve(artefact.path()).resolve("a/deep.bin")).hasContent("deep");
  }

  @Test
  void namesAnArtefactByTheLinesOfItsFiles() {
    Artefact artefact = store("").put(Map.of("b", bytes("2"), "a", bytes("1")));

    assertThat(artefact.digest())
        .isEqualTo(Digest.of("a " + Digest.of("1") + "\nb " + Digest.of("2") + "\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "testlake://"})
  void storesTheSameFilesOnce(String scheme) throws IOException {
    Path folder = Files.createDirectories(lake.resolve("bundle"));
    Files.writeString(folder.resolve("a"), "1");
    Artefact first = store(scheme).put(folder);

    assertThat(store(scheme).put(Map.of("a", bytes("1")))).isEqualTo(first);
    assertThat(stored()).containsExactly(first.digest().hex());
  }

  @Test
  void leavesOneWholeFolderWhenManyStoreTheSame() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<Artefact>> results = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      results.add(threads.submit(() -> store("").put(Map.of("a", bytes("1"), "b", bytes("2")))));
    }
    for (Future<Artefact> result : results) {
      store("").verify(result.get().digest());
    }
    threads.shutdown();

    assertThat(stored()).containsExactly(results.get(0).get().digest().hex());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "testlake://"})
  void saysBothDigestsWhenFilesWereAlteredAddedOrRemoved(String scheme) throws IOException {
    Artefact artefact = store(scheme).put(Map.of("a", bytes("1"), "b", bytes("2")));
    Path folder = lake.resolve(artefact.path());

    Files.writeString(folder.resolve("a"), "x");
    Digest altered = ArtefactStore.digest(Map.of("a", Digest.of("x"), "b", Digest.of("2")));
    corrupt(scheme, artefact, altered);

    Files.writeString(folder.resolve("a"), "1");
    store(scheme).verify(artefact.digest());
    Files.writeString(folder.resolve("c"), "");
    corrupt(
        scheme,
        artefact,
        ArtefactStore.digest(Map.of("a", Digest.of("1"), "b", Digest.of("2"), "c", Digest.of(""))));

    Files.delete(folder.resolve("c"));
    Files.delete(folder.resolve("b"));
    corrupt(scheme, artefact, ArtefactStore.digest(Map.of("a", Digest.of("1"))));
  }

  private void corrupt(String scheme, Artefact artefact, Digest found) {
    assertThatThrownBy(() -> store(scheme).verify(artefact.digest()))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT))
        .hasMessageContaining("Cannot use artefact " + artefact.digest())
        .hasMessageContaining("have digest " + found);
  }

  @Test
  void saysWhichArtefactIsNotThere() {
    Digest digest = Digest.of("nothing");

    assertThat(store("").contains(digest)).isFalse();
    assertThatThrownBy(() -> store("").read(digest))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageContaining("there is no " + lake + "/models/" + digest);
  }

  @Test
  void saysThatTheStorageMustActWhenItCannotWrite() throws IOException {
    Files.writeString(lake.resolve("models"), "a file");

    assertThatThrownBy(() -> store("").put(Map.of("a", bytes("1"))))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE))
        .hasMessageContaining("Cannot store artefact");
  }

  @Test
  void judgesAdmissionRules() {
    assertThat(AdmissionVerdict.judge("auc >= 0.7", "auc", ">=", 0.7, Optional.of(0.7)).passed())
        .isTrue();
    assertThat(AdmissionVerdict.judge("auc > 0.7", "auc", ">", 0.7, Optional.of(0.7)).passed())
        .isFalse();
    assertThat(AdmissionVerdict.judge("l <= 0.7", "l", "<=", 0.7, Optional.of(0.7)).passed())
        .isTrue();
    AdmissionVerdict baseline =
        AdmissionVerdict.judge("l < baseline", "l", "<", 0.5, Optional.of(0.6));
    assertThat(baseline.toString())
        .isEqualTo("\"l < baseline\" does not hold: l is 0.6, the baseline's is 0.5");
    assertThat(AdmissionVerdict.judge("auc > 0", "auc", ">", 0, Optional.empty()).passed())
        .isFalse();
    assertThat(AdmissionVerdict.judge("auc < 1", "auc", "<", 1, Optional.of(Double.NaN)).passed())
        .isFalse();
    assertThatThrownBy(() -> AdmissionVerdict.judge("auc ~ 1", "auc", "~", 1, Optional.of(1.0)))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("no operator \"~\"");
    assertThat(Json.read(Json.write(baseline), AdmissionVerdict.class)).isEqualTo(baseline);
  }

  @Test
  void recordsTheClassPathOfItsProcess() {
    ModelEnvironment environment =
        ModelEnvironment.current(new Environment("abc", true, "17", "Linux", "ada", "host"), "cpu");

    assertThat(environment.dependencies().keySet())
        .anyMatch(name -> name.startsWith("jackson-databind-"))
        .contains("io/tributary/registry/ModelEnvironment.class");
    assertThat(environment.dependencyDigest())
        .isEqualTo(ArtefactStore.digest(environment.dependencies()));
    assertThat(Json.read(Json.write(environment), ModelEnvironment.class)).isEqualTo(environment);
  }

  @Test
  void readsAgainWhatHasChangedOnTheClassPath() throws IOException {
    Path jar = Files.writeString(lake.resolve("some.jar"), "first");
    Digest first = jarDigest(jar);
    assertThat(jarDigest(jar)).isEqualTo(first).isEqualTo(Digest.of("first"));
    FileTime changed = Files.getLastModifiedTime(jar);
    Files.writeString(jar, "other");
    Files.setLastModifiedTime(jar, FileTime.from(changed.toInstant().plusSeconds(1)));
    assertThat(jarDigest(jar)).isEqualTo(Digest.of("other"));
  }

  private static Digest jarDigest(Path jar) {
    String whole = System.getProperty("java.class.path");
    System.setProperty("java.class.path", jar.toString());
    try {
      return ModelEnvironment.current(
              new Environment("abc", true, "17", "Linux", "ada", "host"), "cpu")
          .dependencies()
          .get("some.jar");
    } finally {
      System.setProperty("java.class.path", whole);
    }
  }

  private List<String> stored() throws IOException {
    try (Stream<Path> files = Files.list(lake.resolve("models"))) {
      return files.map(f -> f.getFileName().toString()).toList();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
