package io.tributary.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestAtomicFiles {
  @TempDir Path folder;

  @Test
  void letsExactlyOneOfManyCreateAFile() throws Exception {
    Path file = folder.resolve("0.json");
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<Boolean>> attempts = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      byte[] bytes = ("writer " + i).getBytes(StandardCharsets.UTF_8);
      attempts.add(
          threads.submit(
              () -> {
                try {
                  AtomicFiles.create(file, bytes);
                  return true;
                } catch (FileAlreadyExistsException lost) {
                  return false;
                }
              }));
    }
    List<Integer> winners = new ArrayList<>();
    for (int i = 0; i < attempts.size(); i++) {
      if (attempts.get(i).get()) {
        winners.add(i);
      }
    }
    threads.shutdown();

    assertThat(winners).hasSize(1);
    assertThat(file).hasContent("writer " + winners.get(0));
    assertThat(names()).containsExactly("0.json");
  }

  /** As people name a file in the folder where they are. */
  @Test
  void replacesAFileThatIsNamedWithoutAFolder() throws IOException {
    Path bare = Path.of("TestAtomicFiles.tmp");
    try {
      AtomicFiles.replace(bare, "text".getBytes(StandardCharsets.UTF_8));
      assertThat(Files.readString(bare)).isEqualTo("text");
    } finally {
      Files.deleteIfExists(bare);
    }
  }

  @Test
  void replacesAFileAndTheChecksumThatHadoopKeptOfIt() throws IOException {
    Path file = folder.resolve("_last_checkpoint");
    Files.writeString(file, "old");
    Files.writeString(folder.resolve("._last_checkpoint.crc"), "of old");

    AtomicFiles.replace(file, "new".getBytes(StandardCharsets.UTF_8));

    assertThat(file).hasContent("new");
    assertThat(names()).containsExactly("_last_checkpoint");
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }
}
