package io.tributary.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.source.csv.CsvReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestFileLines {
  private static final int LINES = 50_000;

  @TempDir Path folder;

  @Test
  void aFileThatGrowsBetweenItsLinesEndsTheReading() throws IOException {
    Path file = write();
    FileLines lines = open(file);
    for (int i = 0; i < 10; i++) {
      assertThat(lines.hasNext()).isTrue();
      lines.next();
    }

    Files.writeString(file, "1,B,5,2013-01-01T12:00:00Z\n", StandardOpenOption.APPEND);

    assertChanged(lines);
  }

  @Test
  void aFileThatIsReplacedBetweenItsLinesEndsTheReading() throws IOException {
    Path file = write();
    FileLines lines = open(file);
    lines.next();

    Files.writeString(file, Files.readString(file).replace(",30,", ",31,"));

    assertChanged(lines);
  }

  private static void assertChanged(FileLines lines) {
    assertThatThrownBy(
            () -> {
              while (lines.hasNext()) {
                lines.next();
              }
            })
        .hasMessageStartingWith(
            "Cannot load file trips.csv of source trips: it was changed or removed while it was being read. Deliver it whole:")
        .extracting(e -> PlatformException.codeOf(e))
        .isEqualTo(ErrorCode.CONFLICT);
  }

  private Path write() throws IOException {
    return Files.writeString(
        folder.resolve("trips.csv"),
        "id,station,minutes,at\n" + "1,A,30,2013-01-01T12:00:00Z\n".repeat(LINES));
  }

  private FileLines open(Path file) throws IOException {
    Source source =
        Reading.source(
            false,
            Reading.column("id", "int"),
            Reading.column("station", "string"),
            Reading.column("minutes", "int"),
            Reading.column("at", "timestamp"));
    SourceInput.Files input =
        new SourceInput.Files("csv", "trips.csv", true, List.of("NA"), Map.of());
    FoundFile found =
        new FoundFile(
            "trips.csv",
            file.toString(),
            Files.size(file),
            Digest.of(Files.newInputStream(file)).hex());
    List<FileFacts> facts = new ArrayList<>();
    return new FileLines(
        "trips",
        1,
        "run",
        List.of(found).iterator(),
        CsvReader.of(source, input),
        FileLines.Kind.GOOD,
        new Configuration(),
        facts::add);
  }
}
