package io.tributary.events.definitions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ColumnOrigin;
import io.tributary.core.ColumnReference;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestDefinitionStore {
  @TempDir Path lake;

  static Definition view(String text) {
    return new Definition(
        "view",
        "rides@1",
        "views/rides.yaml",
        "active",
        text,
        "kind 6 view 1\n",
        Map.of(Digest.of("a").hex(), "a"),
        Map.of("source rides", Digest.of("rides")),
        Map.of(
            "rides_7d",
            ColumnOrigin.of(
                Set.of(ColumnReference.parse("source rides.id")),
                Set.of(ColumnReference.parse("source rides._event_time")))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "testlake://"})
  void readsWhatWasKeptAlsoFromAnotherProcess(String scheme) throws IOException {
    Digest digest = DefinitionStore.open(scheme + lake).put(view("view: rides@1\n"));

    assertThat(digest).isEqualTo(view("view: rides@1\n").digest());
    assertThat(DefinitionStore.open(scheme + lake).read(digest)).isEqualTo(view("view: rides@1\n"));
    Path file = lake.resolve("definitions/" + digest.hex() + ".json");
    assertThat(file).exists();
    Object written = Files.readAttributes(file, "*").get("lastModifiedTime");
    assertThat(DefinitionStore.open(scheme + lake).put(view("view: rides@1\n"))).isEqualTo(digest);
    assertThat(Files.readAttributes(file, "*").get("lastModifiedTime")).isEqualTo(written);
    try (Stream<Path> files = Files.list(lake.resolve("definitions"))) {
      assertThat(files.filter(f -> f.toString().endsWith(".json"))).hasSize(1);
    }
  }

  @Test
  void keepsADefinitionOnceHoweverManyPutItAtOnce() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(8);
    List<Callable<Digest>> puts = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      puts.add(() -> DefinitionStore.open(lake.toString()).put(view("the same")));
    }
    for (Future<Digest> put : pool.invokeAll(puts)) {
      assertThat(put.get()).isEqualTo(view("the same").digest());
    }
    pool.shutdown();

    try (Stream<Path> files = Files.list(lake.resolve("definitions"))) {
      assertThat(files).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "testlake://"})
  void findsByTheFirstDigits(String scheme) {
    DefinitionStore store = DefinitionStore.open(scheme + lake);
    assertThat(store.find("")).isEmpty();
    Digest one = store.put(view("one"));
    Digest two = store.put(view("two"));

    assertThat(store.find(one.hex().substring(0, 12))).containsExactly(one);
    assertThat(store.find("")).containsExactlyInAnyOrder(one, two);
  }

  @Test
  void refusesBytesThatAreNotThoseThatWereKept() throws IOException {
    Digest digest = DefinitionStore.open(lake.toString()).put(view("one"));
    Path file = lake.resolve("definitions/" + digest.hex() + ".json");
    Files.writeString(file, Files.readString(file).replace("one", "two"));

    assertThatThrownBy(() -> DefinitionStore.open(lake.toString()).read(digest))
        .hasFieldOrPropertyWithValue("code", ErrorCode.CORRUPT)
        .hasMessageContaining(digest.hex())
        .hasMessageEndingWith("Restore the file from a copy.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "testlake://"})
  void saysWhichDigestItDoesNotHave(String scheme) {
    String hex = Digest.of("none").hex();
    assertThatThrownBy(() -> DefinitionStore.open(scheme + lake).read(Digest.of("none")))
        .hasFieldOrPropertyWithValue("code", ErrorCode.NOT_FOUND)
        .hasMessageContaining("restore " + hex + ".json there from a copy of the lake");
  }
}
