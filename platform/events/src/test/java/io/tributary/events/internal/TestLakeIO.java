package io.tributary.events.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestLakeIO {
  @TempDir Path folder;

  private final FileIO files = new LakeIO();

  @Test
  void letsOneOfManyWritersHaveEachCommit() throws Exception {
    int commits = 100;
    int writers = 8;
    CyclicBarrier start = new CyclicBarrier(writers);
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    List<Future<List<String>>> results = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      String writer = "writer " + i;
      results.add(
          threads.submit(
              () -> {
                List<String> won = new ArrayList<>();
                for (int commit = 0; commit < commits; commit++) {
                  start.await();
                  try {
                    files
                        .newOutputFile("file:" + folder.resolve(commit + ".json"))
                        .writeAtomically(lines(writer, "of " + commit), false);
                    won.add(commit + ".json " + writer);
                  } catch (FileAlreadyExistsException lost) {
                    continue;
                  }
                }
                return won;
              }));
    }
    List<String> won = new ArrayList<>();
    for (Future<List<String>> result : results) {
      won.addAll(result.get());
    }
    threads.shutdown();

    assertThat(won).hasSize(commits);
    for (String winner : won) {
      int blank = winner.indexOf(' ');
      String name = winner.substring(0, blank);
      assertThat(folder.resolve(name))
          .hasContent(
              winner.substring(blank + 1) + "\nof " + name.substring(0, name.indexOf('.')) + "\n");
    }
    assertThat(names(folder.resolve("0"))).hasSize(commits);
  }

  @Test
  void listsVisibleFilesInOrderFromAName() throws IOException {
    for (String name : List.of("b", "a", "c", ".hidden", "d e")) {
      Files.writeString(folder.resolve(name), name);
    }

    assertThat(names(folder.resolve("b"))).containsExactly("b", "c", "d e");
    assertThatThrownBy(() -> files.listFrom(folder.resolve("none/a").toString()))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessageContaining("none does not exist");
  }

  private static CloseableIterator<String> lines(String... lines) {
    return Utils.toCloseableIterator(List.of(lines).iterator());
  }

  private List<String> names(Path from) throws IOException {
    List<String> names = new ArrayList<>();
    try (CloseableIterator<FileStatus> found = files.listFrom(from.toString())) {
      while (found.hasNext()) {
        names.add(Path.of(found.next().getPath()).getFileName().toString());
      }
    }
    return names;
  }
}
