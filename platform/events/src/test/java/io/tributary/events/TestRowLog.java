package io.tributary.events;

import static org.assertj.core.api.Assertions.assertThat;

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
