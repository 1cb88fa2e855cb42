package io.tributary.source.place;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.SourceInput;
import io.tributary.source.DeliveredFile;
import io.tributary.source.FoundFile;
import io.tributary.source.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestSourceFolder {
  private static final Instant SETTLED = Instant.parse("2024-05-01T00:00:00.123456Z");

  @TempDir Path folder;

  private SourceFolder folder(String path) {
    return folder(path, List.of());
  }

  private SourceFolder folder(String path, List<DeliveredFile> remembered) {
    return new SourceFolder(
        Reading.source(false, Reading.column("a", "int")),
        folder,
        new SourceInput.Files("csv", path, true, List.of(), Map.of()),
        Optional.empty(),
        Configuration::new,
        () -> remembered,
        Optional::empty);
  }

  @Test
  void namesTheFileThatIsMeantWhereOneIsMissing() throws IOException {
    Files.createDirectories(folder.resolve("data"));
    Files.writeString(folder.resolve("data/purchases.csv"), "a\n1\n");

    folder("data/purchases.csv").look();
    folder("data/none*.csv").look();
    assertThatThrownBy(() -> folder("data/purchase.csv").look())
        .isInstanceOf(PlatformException.class)
        .hasMessage(
            "Cannot read file data/purchase.csv of source trips: there is no such file. Did you mean"
                + " data/purchases.csv? Deliver it, or correct the source's path.")
        .extracting(e -> ((PlatformException) e).code())
        .isEqualTo(ErrorCode.UNREADABLE_FILE);
    assertThatThrownBy(() -> folder("nowhere/else.csv").look())
        .hasMessageContaining("there is no such file. Deliver it");
    assertThat(folder("data/purchases.csv").find()).hasSize(1);
  }

  @Test
  void readsAFileOnceWhileSizeAndStampAreTheSame() throws IOException {
    write("a\n1\n", SETTLED);
    SourceFolder first = folder("a.csv");
    FoundFile found = first.find().get(0);

    assertThat(first.recognizable()).containsExactly(found.delivered());
    long before = bytesRead();
    SourceFolder second = folder("a.csv", first.recognizable());
    assertThat(second.find()).containsExactly(found);
    assertThat(second.recognizable()).isEmpty();
    assertThat(bytesRead()).isEqualTo(before);
  }

  @Test
  void aFileReadWithinTheStepOfAClockIsReadAgain() throws IOException {
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    write("a\n1\n", now);
    SourceFolder first = folder("a.csv");
    FoundFile found = first.find().get(0);

    assertThat(found.stamp()).isEmpty();
    assertThat(first.recognizable()).isEmpty();
    write("a\n2\n", now);
    assertThat(first.isReplaced(found)).isTrue();
    assertThat(folder("a.csv", List.of(found.delivered())).find().get(0).sha256())
        .isNotEqualTo(found.sha256());
  }

  @Test
  void aReplacementThatKeepsSizeAndModificationTimeIsRead() throws IOException {
    write("a\n1\n", SETTLED);
    SourceFolder first = folder("a.csv");
    FoundFile found = first.find().get(0);
    write("a\n2\n", SETTLED);

    FoundFile replaced = folder("a.csv", first.recognizable()).find().get(0);

    assertThat(replaced.stamp().get(0).modified()).isEqualTo(found.stamp().get(0).modified());
    assertThat(replaced.sha256()).isNotEqualTo(found.sha256());
  }

  private void write(String text, Instant modified) throws IOException {
    Path file = Files.writeString(folder.resolve("a.csv"), text);
    Files.setLastModifiedTime(file, FileTime.from(modified));
  }

  private static long bytesRead() {
    return FileSystem.getAllStatistics().stream()
        .filter(s -> s.getScheme().equals("file"))
        .mapToLong(FileSystem.Statistics::getBytesRead)
        .sum();
  }
}
