package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.tributary.core.ErrorGroup;
import io.tributary.core.PlatformException;
import io.tributary.source.ByteReader;
import io.tributary.source.Lines;
import io.tributary.source.rows.SourceRules;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.InternalRow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reads hundreds of generated bad files. Each ends in a clear error, or with its bad lines set
 * apart with reasons, or is as good as the valid file; a row that comes out says what its line
 * says, by another reading of the text, and each line comes out once.
 */
class TestBadFiles {
  private static final ZoneId ZONE = ZoneId.of("America/New_York");

  /** What can become of a file. */
  enum Ended {
    /** An error of group DATA or USER that says what to do. */
    REFUSED("refused"),
    /**
     * Some lines are malformed and come with reasons; the other rows are those of the valid file.
     */
    SET_APART("lines set apart"),
    /** All rows are as in the valid file. */
    SAME("as the valid file"),
    /** The rows are what the file says, and not what the valid file says: no reader can tell. */
    OTHER("says another thing");

    final String title;

    Ended(String title) {
      this.title = title;
    }
  }

  @TempDir Path folder;
  private final SalesOracle oracle = new SalesOracle(ZONE);

  @Test
  void nothingIsLostAndNothingAcceptedWrongly() {
    SmallProject project = new SmallProject(folder);
    project.write("sources/sales.yaml", BadFiles.SOURCE);
    project.write("expectations/sales.json", BadFiles.SUITE);
    ByteReader reader = (ByteReader) SourceRules.of(project.checked(), "sales").reader();
    Map<String, Map<String, Integer>> outcomes = new LinkedHashMap<>();
    List<BadFiles.Variant> variants = BadFiles.all();
    List<String> wrong = new ArrayList<>();

    for (BadFiles.Variant variant : variants) {
      try {
        Ended ended = read(reader, variant);
        outcomes
            .computeIfAbsent(variant.kind(), k -> new LinkedHashMap<>())
            .merge(ended.title, 1, Integer::sum);
      } catch (AssertionError | RuntimeException e) {
        wrong.add(variant + " -> " + e);
      }
    }

    assertThat(wrong).isEmpty();
    assertThat(variants).hasSizeGreaterThan(400);
    for (String damage : List.of("noise", "truncated", "columns", "gzip")) {
      assertThat(outcomes.get(damage)).doesNotContainKey(Ended.OTHER.title);
    }
    System.out.println(
        BadFiles.tally(
            outcomes, java.util.Arrays.stream(Ended.values()).map(e -> e.title).toList()));
  }

  private Ended read(ByteReader reader, BadFiles.Variant variant) {
    List<String> texts = SalesOracle.lines(variant.plain());
    boolean[] seen = new boolean[texts.size() + 1];
    boolean malformed = false;
    List<Read> rows = new ArrayList<>();
    try {
      Lines lines = reader.open(variant.path(), new ByteArrayInputStream(variant.bytes()));
      while (lines.next()) {
        int first = (int) lines.line().number();
        String raw = lines.raw();
        int last = first + (int) raw.chars().filter(c -> c == '\n').count();
        for (int line = first; line <= last; line++) {
          assertThat(seen[line]).as("line %d comes out twice", line).isFalse();
          seen[line] = true;
        }
        if (!lines.line().problems().isEmpty()) {
          malformed = true;
          assertThat(lines.line().problems())
              .allSatisfy(
                  p -> {
                    assertThat(p.rule()).isIn("cells", "type", "encoding", "quotes");
                    assertThat(p.message()).isNotBlank();
                  });
          continue;
        }
        rows.add(new Read(first, last, raw, lines.values().copy()));
      }
    } catch (PlatformException e) {
      assertThat(e.group()).as(e.getMessage()).isIn(ErrorGroup.DATA, ErrorGroup.USER);
      assertThat(e.getMessage())
          .matches("(?s)Cannot [a-z]+ .+: .+\\. .+\\.")
          .contains(variant.path())
          .hasSizeLessThan(4_000)
          .doesNotContain("\0", "\n", "\r", "Exception");
      return Ended.REFUSED;
    }
    boolean other = false;
    for (Read row : rows) {
      List<SalesOracle.Cell> cells = literal(row, texts);
      check(row, cells);
      other |= !oracle.isOriginal(cells);
    }
    for (int line = 2; line < seen.length; line++) {
      String text = texts.get(line - 1);
      if (!seen[line] && !withoutCr(text).isEmpty()) {
        fail("line %d is nowhere: %s", line, text);
      }
    }
    boolean fewer = !malformed && rows.size() < BadFiles.ROWS;
    return other || fewer ? Ended.OTHER : malformed ? Ended.SET_APART : Ended.SAME;
  }

  /** A good line as the reader gave it. */
  private record Read(int first, int last, String raw, InternalRow values) {}

  /** The cells that stand in the file where the reader found a row. */
  private List<SalesOracle.Cell> literal(Read row, List<String> texts) {
    String text = String.join("\n", texts.subList(row.first() - 1, row.last()));
    text = text.startsWith("\ufeff") && row.first() == 1 ? text.substring(1) : text;
    assertThat(row.raw()).as("the text of line %d", row.first()).isEqualTo(withoutCr(text));
    List<SalesOracle.Cell> cells = oracle.record(text);
    assertThat(cells).as("the cells of line %d", row.first()).isNotNull().hasSize(8);
    return cells;
  }

  private void check(Read row, List<SalesOracle.Cell> cells) {
    for (int i = 0; i < cells.size(); i++) {
      Object expected = oracle.value(i, cells.get(i));
      assertThat(row.values().isNullAt(i) ? null : value(row.values(), i))
          .as("column %s of line %d", BadFiles.COLUMNS.get(i), row.first())
          .isEqualTo(expected);
    }
  }

  private static Object value(InternalRow row, int i) {
    return switch (i) {
      case 0 -> row.getLong(i);
      case 1 -> row.getUTF8String(i).toString();
      case 2 -> row.getDouble(i);
      case 3 -> row.getDecimal(i, 10, 2).toJavaBigDecimal();
      case 4 -> row.getInt(i);
      case 5 -> LocalDate.ofEpochDay(row.getInt(i));
      case 6 -> Instant.EPOCH.plus(row.getLong(i), ChronoUnit.MICROS);
      default -> row.getBoolean(i);
    };
  }

  private static String withoutCr(String text) {
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }
}
