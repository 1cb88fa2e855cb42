package io.tributary.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.events.RowLog.Column;
import io.tributary.events.RowLog.Type;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestRowLog {
  private static final List<Column> COLUMNS =
      List.of(
          new Column("at", Type.INSTANT),
          new Column("name", Type.TEXT),
          new Column("number", Type.WHOLE),
          new Column("value", Type.NUMBER));

  @TempDir Path folder;

  private static List<List<Object>> rows(RowLog log) {
    List<List<Object>> rows = new ArrayList<>();
    log.read(rows::add);
    rows.sort((a, b) -> a.toString().compareTo(b.toString()));
    return rows;
  }

  private RowLog log(int rewriteEvery) {
    return RowLog.open(folder.resolve("rows").toString(), COLUMNS, rewriteEvery);
  }

  @Test
  void keepsWhatIsAppendedOnceForAName() {
    Instant at = Instant.parse("2013-01-31T06:00:00.123456Z");
    List<Object> full = List.of(at, "a", 1L, 0.5);
    List<Object> empty = Arrays.asList(null, null, null, null);
    assertThat(rows(log(250))).isEmpty();

    log(250).append("one", List.of(full, empty));
    log(250).append("one", List.of(full));
    log(250).append("two", List.of(List.of(at, "b", -1L, Double.NaN)));

    assertThat(rows(log(250))).containsExactly(full, List.of(at, "b", -1L, Double.NaN), empty);
  }

  @Test
  void rowsOfAStretchOfTimeAreReadWithoutTheFilesOfOthers() throws IOException {
    Instant from = Instant.parse("2013-01-31T06:00:00Z");
    Instant to = from.plusSeconds(60);
    List<List<Object>> rows =
        Stream.of(from.minusNanos(1_000), from, to.minusNanos(1_000), to)
            .map(at -> List.<Object>of(at, at.toString(), 1L, 0.5))
            .toList();
    log(250).append("around", rows);
    log(250).append("later", List.of(List.of(to.plusSeconds(60), "later", 1L, 0.5)));
    deleteNewestFile();

    List<List<Object>> read = new ArrayList<>();
    TableRows.read(
        folder.resolve("rows").toString(),
        2,
        List.of("name", "at"),
        "at",
        Interval.of(from, to),
        read::add);

    assertThat(read)
        .containsExactly(
            List.of(from.toString(), from),
            List.of(to.minusNanos(1_000).toString(), to.minusNanos(1_000)));
    assertThatThrownBy(() -> rows(log(250)))
        .as("its file is gone")
        .isInstanceOf(PlatformException.class);
  }

  /** Deletes the data file that the newest commit added. */
  private void deleteNewestFile() throws IOException {
    String commit = Files.readString(folder.resolve("rows/_delta_log/%020d.json".formatted(2)));
    java.util.regex.Matcher path =
        java.util.regex.Pattern.compile("\"path\":\"([^\"]+[.]parquet)\"").matcher(commit);
    assertThat(path.find()).isTrue();
    Files.delete(folder.resolve("rows").resolve(path.group(1)));
  }

  @Test
  void rewritesARowAsOftenAsTheNumberOfRewritesHasDigits() throws IOException {
    String noise =
        new java.util.Random(7).ints(800).mapToObj(Integer::toString).toList().toString();
    for (long i = 0; i < 64; i++) {
      log(4).append("row " + i, List.of(List.of(Instant.EPOCH, noise + i, i, 0.5)));
    }

    long written = 0;
    try (Stream<Path> log = Files.list(folder.resolve("rows/_delta_log"))) {
      for (Path commit : log.filter(f -> f.toString().endsWith(".json")).toList()) {
        for (String action : Files.readString(commit).lines().toList()) {
          java.util.regex.Matcher rows =
              java.util.regex.Pattern.compile("numRecords[^0-9]+([0-9]+)").matcher(action);
          if (action.startsWith("{\"add\"") && rows.find()) {
            written += Long.parseLong(rows.group(1));
          }
        }
      }
    }
    assertThat(written).isBetween(64L * 2, 64L * 6);
    assertThat(rows(log(4))).hasSize(64).doesNotHaveDuplicates();
  }

  @Test
  void rewritesManySmallFilesAsOneNowAndThen() throws IOException {
    List<List<Object>> expected = new ArrayList<>();
    for (long i = 10; i < 20; i++) {
      List<Object> row = List.of(Instant.EPOCH, "n" + i, i, i / 3.0);
      expected.add(row);
      log(4).append("row " + i, List.of(row));
      log(4).append("row " + i, List.of(row));
    }

    assertThat(rows(log(4))).isEqualTo(expected);
    try (Stream<Path> log = Files.list(folder.resolve("rows/_delta_log"))) {
      assertThat(log.filter(f -> f.toString().endsWith(".json")))
          .hasSizeGreaterThan(11)
          .anySatisfy(f -> assertThat(Files.readString(f)).contains("\"remove\""));
    }
  }
}
