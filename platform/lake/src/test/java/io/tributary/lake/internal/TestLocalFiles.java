package io.tributary.lake.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.permission.FsPermission;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestLocalFiles {
  @TempDir Path folder;
  private final LocalFiles files = new LocalFiles();
  private final LocalLogStore log = new LocalLogStore(new Configuration(false));

  @BeforeEach
  void open() throws IOException {
    files.initialize(folder.toUri(), new Configuration(false));
  }

  @Test
  void setsPermissions() throws IOException {
    Path file = Files.createFile(folder.resolve("a"));

    files.setPermission(hadoop("a"), new FsPermission("640"));

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r-----");
  }

  @Test
  void renamesOverAFile() throws IOException {
    Files.writeString(folder.resolve("a"), "new");
    Files.writeString(folder.resolve("b"), "old");

    assertThat(files.rename(hadoop("a"), hadoop("b"))).isTrue();
    assertThat(files.rename(hadoop("a"), hadoop("b"))).isFalse();

    assertThat(folder.resolve("b")).hasContent("new");
    assertThat(folder.resolve("a")).doesNotExist();
  }

  @Test
  void aVersionIsWrittenOnce() throws IOException {
    log.write(
        hadoop("t/_delta_log/0.json"),
        List.of("{\"a\":1}", "{}").iterator(),
        false,
        new Configuration(false));

    assertThatThrownBy(
            () ->
                log.write(
                    hadoop("t/_delta_log/0.json"),
                    List.of("{}").iterator(),
                    false,
                    new Configuration(false)))
        .isInstanceOf(FileAlreadyExistsException.class)
        .hasMessageContaining("0.json");
    assertThat(folder.resolve("t/_delta_log/0.json")).hasContent("{\"a\":1}\n{}");

    log.write(
        hadoop("t/_delta_log/0.json"), List.of("{}").iterator(), true, new Configuration(false));
    assertThat(folder.resolve("t/_delta_log/0.json")).hasContent("{}");
    try (Stream<Path> left = Files.list(folder.resolve("t/_delta_log"))) {
      assertThat(left).hasSize(1);
    }
  }

  private org.apache.hadoop.fs.Path hadoop(String name) {
    return new org.apache.hadoop.fs.Path(folder.resolve(name).toUri());
  }
}
