package io.tributary.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.events.definitions.DefinitionStore;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.testing.RemoteFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same on a local disk and through Hadoop's file systems. */
class TestLakeFiles {
  private static final LakeIdentity.Build BUILD =
      new LakeIdentity.Build(Instant.parse("2024-01-01T00:00:00Z"), "abc", false);

  @TempDir Path folder;

  @AfterEach
  void live() {
    RemoteFileSystem.dying(false);
  }

  private static String text(LakeFiles files, String name) throws IOException {
    return new String(files.read(name).orElseThrow(), UTF_8);
  }

  private static <T> List<T> atOnce(Callable<T> work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> result :
          threads.invokeAll(IntStream.range(0, 32).mapToObj(i -> work).toList())) {
        results.add(result.get());
      }
      return results;
    } finally {
      threads.shutdown();
    }
  }

  private List<String> hidden(Path in) throws IOException {
    try (Stream<Path> files = Files.list(in)) {
      return files.map(f -> f.getFileName().toString()).filter(f -> f.startsWith(".")).toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "file:", "testlake://"})
  void writesReplacesAndLists(String scheme) throws IOException {
    LakeFiles files = LakeFiles.of(scheme + folder.resolve("new"));
    assertThat(files.read("a.json")).isEmpty();
    assertThat(files.names()).isEmpty();

    assertThat(files.create("a.json", List.of("{", "}"))).isTrue();
    assertThat(files.create("a.json", List.of("[]"))).isFalse();
    assertThat(text(files, "a.json")).isEqualTo("{\n}\n");
    files.replace("a.json", List.of("[]"));
    assertThat(text(files, "a.json")).isEqualTo("[]\n");
    files.keep("deep/b", new byte[] {1, -1});
    files.keep("deep/b", new byte[] {1, -1});

    assertThat(files.read("deep/b")).contains(new byte[] {1, -1});
    assertThat(files.names()).containsExactlyInAnyOrder("a.json", "deep");
    assertThat(files.readFolder("deep")).containsOnlyKeys("b");
    assertThat(hidden(folder.resolve("new"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "testlake://"})
  void ofSeveralWhoCreateAFileAtOnceOneDoes(String scheme) throws Exception {
    Set<String> texts = java.util.Collections.synchronizedSet(new TreeSet<>());
    List<Boolean> created =
        atOnce(
            () -> {
              LakeFiles files = LakeFiles.of(scheme + folder.resolve("new"));
              String mine = "by " + Thread.currentThread().getName() + " " + System.nanoTime();
              boolean won = files.create("a.json", List.of(mine));
              texts.add(text(files, "a.json"));
              return won;
            });

    assertThat(created).filteredOn(won -> won).hasSize(1);
    assertThat(texts).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "testlake://"})
  void ofSeveralWhoMakeALakeAtOnceAllHaveTheSameId(String scheme) throws Exception {
    assertThat(Set.copyOf(atOnce(() -> LakeIdentity.ensure(scheme + folder, BUILD)))).hasSize(1);
    LakeIdentity made = LakeIdentity.require(scheme + folder).orElseThrow();

    assertThat(LakeIdentity.renew(scheme + folder).formerIds()).containsExactly(made.id());
    assertThat(hidden(folder)).isEmpty();
  }

  @Test
  void aWriterThatIsKilledLeavesAHiddenFileThatHarmsNobody() throws IOException {
    String lake = "testlake://" + folder;
    Definition definition =
        new Definition("suite", "x", "x.json", "active", "{}", "[]", Map.of(), Map.of(), Map.of());
    RemoteFileSystem.dying(true);
    assertThatThrownBy(() -> LakeIdentity.ensure(lake, BUILD))
        .hasMessageContaining("Cannot write testlake:");
    assertThatThrownBy(() -> DefinitionStore.open(lake).put(definition))
        .hasMessageContaining("Cannot store the definition of suite x");
    RemoteFileSystem.dying(false);

    assertThat(hidden(folder)).hasSize(1).first().asString().endsWith(".tmp");
    assertThat(hidden(folder.resolve("definitions"))).hasSize(1);
    assertThat(LakeIdentity.require(lake)).isEmpty();
    assertThat(DefinitionStore.open(lake).find("")).isEmpty();
    LakeIdentity made = LakeIdentity.ensure(lake, BUILD);
    Digest digest = DefinitionStore.open(lake).put(definition);

    assertThat(LakeIdentity.require(lake)).contains(made);
    assertThat(DefinitionStore.open(lake).read(digest)).isEqualTo(definition);
    assertThat(DefinitionStore.open(lake).find("")).containsExactly(digest);
  }
}
