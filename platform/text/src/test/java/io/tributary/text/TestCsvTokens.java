package io.tributary.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.univocity.parsers.csv.CsvParser;
import com.univocity.parsers.csv.CsvParserSettings;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TestCsvTokens {
  @Test
  void cutsWellFormedTextAsAnotherParserDoes() throws Exception {
    Random random = new Random(3);
    String[] parts = {"a", "\"\"", ",", "\n", " ", "#", "bc", "é"};
    for (int n = 0; n < 2_000; n++) {
      int width = 2 + random.nextInt(3);
      StringBuilder text = new StringBuilder();
      for (int row = random.nextInt(4); row >= 0; row--) {
        for (int c = 0; c < width; c++) {
          StringBuilder value = new StringBuilder();
          for (int k = random.nextInt(4); k > 0; k--) {
            value.append(parts[random.nextInt(parts.length)]);
          }
          boolean quote =
              random.nextBoolean()
                  || value.chars().anyMatch(x -> x == '"' || x == ',' || x == '\n');
          text.append(c == 0 ? "" : ",").append(quote ? "\"" + value + "\"" : value);
        }
        text.append(row > 0 || random.nextBoolean() ? "\n" : "");
      }

      assertThat(cut(new StringReader(text.toString())))
          .as(text.toString())
          .isEqualTo(other(text.toString()));
      assertThat(cut(slowly(text.toString(), random)))
          .as(text.toString())
          .isEqualTo(other(text.toString()));
    }
  }

  @Test
  void growsWithALongRecordAndKeepsItsText() throws Exception {
    String value = "x,\n".repeat(100_000);
    CsvTokens tokens = new CsvTokens(new StringReader("a,\"" + value + "\"\nb,c\n"), ',', '"', '"');

    assertThat(tokens.next()).isTrue();
    assertThat(tokens.text(1)).isEqualTo(value);
    assertThat(tokens.raw()).isEqualTo("a,\"" + value + "\"");
    assertThat(tokens.next()).isTrue();
    assertThat(tokens.number()).isEqualTo(100_002);
    assertThat(tokens.text(1)).isEqualTo("c");
    assertThat(tokens.next()).isFalse();
  }

  private static List<List<String>> cut(Reader text) throws Exception {
    CsvTokens tokens = new CsvTokens(text, ',', '"', '"');
    List<List<String>> records = new ArrayList<>();
    while (tokens.next()) {
      List<String> record = new ArrayList<>();
      for (int i = 0; i < tokens.size(); i++) {
        record.add(tokens.isEmpty(i) && !tokens.isQuoted(i) ? "NULL" : tokens.text(i));
      }
      records.add(record);
    }
    return records;
  }

  private static List<List<String>> other(String text) {
    CsvParserSettings settings = new CsvParserSettings();
    settings.getFormat().setLineSeparator("\n");
    settings.getFormat().setComment('\udfff');
    settings.setIgnoreLeadingWhitespaces(false);
    settings.setIgnoreTrailingWhitespaces(false);
    settings.setReadInputOnSeparateThread(false);
    settings.setInputBufferSize(1 << 10);
    settings.setNullValue("NULL");
    settings.setEmptyValue("");
    List<List<String>> records = new ArrayList<>();
    for (String[] record : new CsvParser(settings).parseAll(new StringReader(text))) {
      records.add(List.of(record));
    }
    return records;
  }

  /** A reader that gives a few characters at a time. */
  private static Reader slowly(String text, Random random) {
    StringReader whole = new StringReader(text);
    return new Reader() {
      @Override
      public int read(char[] buffer, int offset, int length) throws IOException {
        return whole.read(buffer, offset, Math.min(length, 1 + random.nextInt(3)));
      }

      @Override
      public void close() {
        whole.close();
      }
    };
  }
}
