package io.tributary.source.place;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class TestSourceFolder {
  private static final Instant SETTLED = Instant.parse("2024-05-01T00:00:00.123456Z");

  @TempDir Path folder;

  /** By which all that is there has lain long enough. */
  private InstantSource clock = InstantSource.offset(InstantSource.system(), Duration.ofMinutes(1));

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
        Optional::empty,
        clock);
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
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void aFileReadWithinTheStepOfAClockIsReadAgain() throws IOException {
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    write("a\n1\n", now);
    clock = InstantSource.fixed(changed().plus(SourceFolder.SETTLED));
    SourceFolder first = folder("a.csv");
    FoundFile found = first.find().get(0);

    assertThat(found.delivered().stamp()).isEmpty();
    assertThat(first.recognizable()).isEmpty();
    write("a\n2\n", now);
    assertThat(first.isReplaced(found)).isTrue();
    assertThat(folder("a.csv", List.of(found.delivered())).find().get(0).sha256())
        .isNotEqualTo(found.sha256());
  }

  /** Else a file copied over it within the step of the clock, with its times, would pass for it. */
  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void aFileWithAnOldTimeIsRecognizedOnceItsEntryIsOldToo() throws IOException {
    write("a\n1\n", SETTLED);
    Instant settled = changed().plus(SourceFolder.SETTLED);

    clock = InstantSource.fixed(settled);
    assertThat(folder("a.csv").find().get(0).delivered().stamp()).isEmpty();
    clock = InstantSource.fixed(settled.plusNanos(1));
    assertThat(folder("a.csv").find().get(0).delivered().stamp()).isPresent();
  }

  @Test
  void aFileFromTheFutureIsReadOnceByEachProcess() throws IOException {
    write("a\n1\n", Instant.now().plus(Duration.ofDays(1)));
    SourceFolder first = folder("a.csv");
    FoundFile found = first.find().get(0);
    long before = bytesRead();

    assertThat(first.find()).containsExactly(found);
    assertThat(first.isReplaced(found)).isFalse();
    assertThat(bytesRead()).isEqualTo(before);
    assertThat(found.delivered().stamp()).isEmpty();
    assertThat(first.recognizable()).isEmpty();
  }

  @Test
  void aListingTellsWhichFilesAreKnown() throws IOException {
    write("a\n1\n", SETTLED);
    SourceFolder first = folder("a.csv");
    first.find();
    Files.writeString(folder.resolve("b.csv"), "a\n2\n");

    assertThat(folder("*.csv", first.recognizable()).list())
        .extracting(SourceFolder.Listed::path, SourceFolder.Listed::isKnown)
        .containsExactly(tuple("a.csv", true), tuple("b.csv", false));
    write("a\n3\n", SETTLED);
    assertThat(folder("*.csv", first.recognizable()).list())
        .noneMatch(SourceFolder.Listed::isKnown);
  }

  @Test
  void aFolderIsNoFile() throws IOException {
    Files.createDirectory(folder.resolve("data"));

    assertThatThrownBy(() -> folder("data").list())
        .hasMessage(
            "Cannot read file data of source trips: it is a folder. Name files in the source's path, as in data/*.csv.");
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

  /** When the entry of the file last changed. */
  private Instant changed() throws IOException {
    return ((FileTime) Files.getAttribute(folder.resolve("a.csv"), "unix:ctime")).toInstant();
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
