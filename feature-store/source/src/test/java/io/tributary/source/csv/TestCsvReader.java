package io.tributary.source.csv;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.TimeFormat;
import io.tributary.definition.Column;
import io.tributary.definition.ColumnType;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.definition.SourceLocation;
import io.tributary.source.Lines;
import io.tributary.source.Reason;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class TestCsvReader {
  private static final String HEADER = "n,s\n";

  @Test
  void readsLinesWithTheirNumbers() {
    assertThat(
            read("n int, s string", "n,s\n1,a\r\n\n,\"x\ny, \"\"z\"\"\"\r\n3,\n4, b \n\r\n5,\"\""))
        .containsExactly("2: 1|a", "4: null|x\ny, \"z\"", "6: 3|null", "7: 4| b ", "9: 5|");
  }

  @Test
  void readsEachTypeAndSaysWhatIsNone() {
    assertThat(read("v int", "v\n1\n+2\n -3 \n2147483647\nNA\n"))
        .containsExactly("2: 1", "3: 2", "4: -3", "5: 2147483647", "6: null");
    assertThat(read("v int", "v\n1\n2147483648\n1.5\nx\n-\n12 3\n"))
        .containsExactly(
            "2: 1",
            "3! 2147483648 [type v \"2147483648\" is beyond int]",
            "4! 1.5 [type v \"1.5\" is no int]",
            "5! x [type v \"x\" is no int]",
            "6! - [type v \"-\" is no int]",
            "7! 12 3 [type v \"12 3\" is no int]");
    assertThat(read("v tinyint", "v\n127\n128\n"))
        .containsExactly("2: 127", "3! 128 [type v \"128\" is beyond tinyint]");
    assertThat(read("v bigint", "v\n9223372036854775807\n9223372036854775808\n"))
        .containsExactly(
            "2: 9223372036854775807",
            "3! 9223372036854775808 [type v \"9223372036854775808\" is beyond bigint]");
    assertThat(read("v double", "v\n1\n.5\n1e3\n-0.0\nNaN\nInf\n0x1p3\n1d\n"))
        .containsExactly(
            "2: 1.0",
            "3: 0.5",
            "4: 1000.0",
            "5: -0.0",
            "6: NaN",
            "7: Infinity",
            "8! 0x1p3 [type v \"0x1p3\" is no double]",
            "9! 1d [type v \"1d\" is no double]");
    assertThat(read("v float", "v\n0.1\n")).containsExactly("2: 0.1");
    assertThat(read("v boolean", "v\ntrue\nFALSE\n1\n"))
        .containsExactly(
            "2: true", "3: false", "4! 1 [type v \"1\" is no boolean: write true or false]");
    assertThat(read("v decimal(5,2)", "v\n1.50\n-999.99\n1.005\n1000\n1e1\n"))
        .containsExactly(
            "2: 1.50",
            "3: -999.99",
            "4! 1.005 [type v \"1.005\" does not fit decimal(5,2)]",
            "5! 1000 [type v \"1000\" does not fit decimal(5,2)]",
            "6: 10.00");
    assertThat(read("v date", "v\n2013-01-31\n2013-02-30\n"))
        .containsExactly(
            "2: " + LocalDate.of(2013, 1, 31).toEpochDay(),
            "3! 2013-02-30 [type v \"2013-02-30\" is no date: write it as in 2013-01-31]");
  }

  @Test
  void readsDaysAndInstantsOfAFormat() {
    assertThat(
            read(
                "v date format dd/MM/yyyy",
                "v\n31/01/2013\n 01/02/2013 \n31/02/2013\n2013-01-31\n"))
        .containsExactly(
            "2: " + LocalDate.of(2013, 1, 31).toEpochDay(),
            "3: " + LocalDate.of(2013, 2, 1).toEpochDay(),
            "4! 31/02/2013 [type v \"31/02/2013\" is no date of the format dd/MM/yyyy: write it as in 31/01/2013]",
            "5! 2013-01-31 [type v \"2013-01-31\" is no date of the format dd/MM/yyyy: write it as in 31/01/2013]");
    // New York: no 02:30 on 10 March, twice 01:30 on 3 November.
    CsvReader local = reader("v timestamp format d.M.yyyy HH:mm:ss.SSSSSSS", Map.of(), true);
    Lines lines =
        local.open(
            "f.csv",
            bytes(
                "v\n10.3.2013 02:30:00.1234560\n03.11.2013 01:30:00.0000000\n1.1.2013 00:00:00.0000001\n"));
    assertThat(read(local, lines))
        .containsExactly(
            "2: " + micros("2013-03-10T07:30:00.123456Z"),
            "3: " + micros("2013-11-03T05:30:00Z"),
            "4! 1.1.2013 00:00:00.0000001 [type v \"1.1.2013 00:00:00.0000001\" is finer than a microsecond]");
    assertThat(lines.shiftedTimes()).isEqualTo(2);
    assertThat(read("v timestamp format MM/dd/yyyy", "v\n01/31/2013\n"))
        .containsExactly("2: " + micros("2013-01-31T05:00:00Z"));
    assertThat(read("v timestamp format yyyyMMddHHX", "v\n2013013106+01\n"))
        .containsExactly("2: " + micros("2013-01-31T05:00:00Z"));
  }

  @Test
  void saysThatDaysMayHaveAFormat() {
    assertThatThrownBy(() -> read("v date", "v\n31/01/2013\n"))
        .hasMessageEndingWith(
            "Deliver what the contract declares, or correct the source's columns: {type: date, format:"
                + " dd/MM/yyyy} declares how days are written.");
  }

  @Test
  void readsInstantsInTheSourcesZone() {
    // New York: no 02:30 on 10 March, twice 01:30 on 3 November.
    assertThat(
            read(
                "v timestamp",
                """
                v
                2013-01-01T06:00:00Z
                2013-01-01 06:00:00.123456-05:00
                2013-01-01 06:00
                2013-01-01
                2013-03-10 02:30:00
                2013-11-03 01:30:00
                2013-01-01T06:00:00.1234560+0530
                """))
        .containsExactly(
            "2: " + micros("2013-01-01T06:00:00Z"),
            "3: " + micros("2013-01-01T11:00:00.123456Z"),
            "4: " + micros("2013-01-01T11:00:00Z"),
            "5: " + micros("2013-01-01T05:00:00Z"),
            "6: " + micros("2013-03-10T07:30:00Z"),
            "7: " + micros("2013-11-03T05:30:00Z"),
            "8: " + micros("2013-01-01T00:30:00.123456Z"));
    assertThat(
            read(
                "v timestamp",
                "v\n2013-01-01T06:00:00Z\n2013-06-30T23:59:60Z\n2013-01-01T06:00:00.1234567Z\n2013-01-01T25:00:00Z\n1/2/2013\n"))
        .containsExactly(
            "2: " + micros("2013-01-01T06:00:00Z"),
            "3! 2013-06-30T23:59:60Z [type v \"2013-06-30T23:59:60Z\" is a leap second, which is not supported]",
            "4! 2013-01-01T06:00:00.1234567Z [type v \"2013-01-01T06:00:00.1234567Z\" is finer than a microsecond]",
            "5! 2013-01-01T25:00:00Z [type v \"2013-01-01T25:00:00Z\" is no timestamp: write it as in 2013-01-31T06:00:00-05:00]",
            "6! 1/2/2013 [type v \"1/2/2013\" is no timestamp: write it as in 2013-01-31T06:00:00-05:00]");
  }

  @Test
  void countsLocalTimesThatAClockChangeMoved() {
    Lines lines =
        reader("v timestamp", Map.of(), true)
            .open(
                "f.csv",
                bytes("v\n2013-03-10 02:30:00\n2013-11-03 01:30:00\n2013-01-01 01:30:00\n"));
    while (lines.next()) {
      assertThat(lines.line().problems()).isEmpty();
    }

    assertThat(lines.shiftedTimes()).isEqualTo(2);
  }

  @Test
  void aLineWithSeveralFaultsHasThemAll() {
    assertThat(read("a int, b double, c date", "a,b,c\n1,2,2013-01-01\nx,y,2013-01-01\n"))
        .containsExactly(
            "2: 1|2.0|15706",
            "3! x,y,2013-01-01 [type a \"x\" is no int, type b \"y\" is no double]");
  }

  @Test
  void aLineWithAnotherNumberOfCellsIsMalformed() {
    assertThat(read("n int, s string", HEADER + "1,a\n2\n3,b,c\n4,\"d,e\"\n"))
        .containsExactly(
            "2: 1|a",
            "3! 2 [cells  has 1 cells, not 2]",
            "4! 3,b,c [cells  has 3 cells, not 2]",
            "5: 4|d,e");
  }

  @Test
  void aQuoteWithTextBehindItSpoilsItsLineOnly() {
    assertThat(read("n int, s string", HEADER + "1,\"a\"b\n2,c\n3,5\" pipe\n\"x\"y,a\n4,d\n"))
        .containsExactly(
            "2! 1,\"a\"b [quotes s \"\"a\"b\" has text behind its closing quote]",
            "3: 2|c",
            "4: 3|5\" pipe",
            "5! \"x\"y,a [quotes n \"\"x\"y\" has text behind its closing quote]",
            "6: 4|d");
  }

  @Test
  void aQuoteThatIsNeverClosedBreaksTheFile() {
    assertThatThrownBy(() -> read("n int, s string", HEADER + "1,a\n2,\"b\n3,c\n4,d\n"))
        .hasMessage(
            "Cannot read file f.csv of source trips: a quote that is opened in line 3 is never closed (\"\"b\\n3,c\\n4,d\\n\"). Deliver the whole file, or close the quote.")
        .extracting(e -> ((PlatformException) e).code())
        .isEqualTo(ErrorCode.UNREADABLE_FILE);
  }

  @Test
  void bytesThatAreNoTextSpoilTheirLineOnly() {
    byte[] file = "n,s\n1,Z?rich\n2,Zürich\n3,😀\n".getBytes(UTF_8);
    file["n,s\n1,Z".length()] = (byte) 0xfc;

    assertThat(read(reader("n int, s string", Map.of(), true), new ByteArrayInputStream(file)))
        .containsExactly(
            "2! 1,Z\\xFCrich [encoding s byte FC in \"Z\\xFCrich\" is no UTF-8]",
            "3: 2|Zürich",
            "4: 3|😀");
  }

  @Test
  void readsOtherEncodingsAndDelimiters() {
    byte[] file = "n;s\n1;'Zürich;''x'''\n".getBytes(Charset.forName("windows-1252"));

    assertThat(
            read(
                reader(
                    "n int, s string",
                    Map.of("encoding", "windows-1252", "delimiter", ";", "quote", "'"),
                    true),
                new ByteArrayInputStream(file)))
        .containsExactly("2: 1|Zürich;'x'");
    assertThat(
            read(
                reader("n int, s string", Map.of("escape", "\\"), true),
                bytes("n,s\n1,\"a\\\"b\\\\\"\n2,\"c\"\n")))
        .containsExactly("2: 1|a\"b\\", "3: 2|c");
  }

  @Test
  void readsAByteOrderMarkAndRefusesUtf16() {
    assertThat(read("n int, s string", "\ufeff" + HEADER + "1,a\n")).containsExactly("2: 1|a");
    byte[] wide = ("\ufeff" + HEADER).getBytes(Charset.forName("UTF-16LE"));
    assertThatThrownBy(
            () -> read(reader("n int, s string", Map.of(), true), new ByteArrayInputStream(wide)))
        .hasMessageContaining("it begins with the byte order mark of UTF-16, not UTF-8");
  }

  @Test
  void aHashOrAByteOfZeroBeginsNoComment() {
    assertThat(read("s string", "s\n#a\n\u0000b\n")).containsExactly("2: #a", "3: \u0000b");
  }

  @Test
  void readsFilesWithoutHeader() {
    assertThat(read(reader("n int, s string", Map.of(), false), bytes("1,a\n2,b\n")))
        .containsExactly("1: 1|a", "2: 2|b");
  }

  @Test
  void readsGzipByItsBytesAndRefusesHalfOfIt() throws Exception {
    byte[] packed = gzip(HEADER + "1,a\n2,b\n".repeat(5_000));
    CsvReader reader = reader("n int, s string", Map.of(), true);

    assertThat(read(reader, new ByteArrayInputStream(packed))).hasSize(10_000);
    byte[] half = Arrays.copyOf(packed, packed.length / 2);
    assertThatThrownBy(() -> read(reader, new ByteArrayInputStream(half)))
        .hasMessageStartingWith(
            "Cannot read file f.csv of source trips: its compressed data ends too early, after line ")
        .hasMessageEndingWith("Deliver the whole file.")
        .extracting(e -> ((PlatformException) e).code())
        .isEqualTo(ErrorCode.UNREADABLE_FILE);
    byte[] bad = packed.clone();
    bad[packed.length - 8] ^= 0x55;
    assertThatThrownBy(() -> read(reader, new ByteArrayInputStream(bad)))
        .hasMessageStartingWith(
            "Cannot read file f.csv of source trips: its compressed data is broken");
    assertThatThrownBy(() -> reader.open("f.csv.gz", bytes(HEADER)))
        .hasMessageContaining("it is named .gz but not compressed by gzip");
  }

  @Test
  void refusesAnEmptyFileAndReadsOneWithAHeaderAlone() {
    assertThatThrownBy(() -> read("n int, s string", ""))
        .hasMessage(
            "Cannot read file f.csv of source trips: it is empty. Deliver it with its header and lines.");
    assertThatThrownBy(() -> read(reader("n int", Map.of(), false), bytes("\n\n")))
        .hasMessage(
            "Cannot read file f.csv of source trips: it is empty. Deliver it with its lines.");
    assertThat(read("n int, s string", HEADER)).isEmpty();
  }

  @Test
  void saysHowTheColumnsDifferFromTheContract() {
    String contract = "carrier string, tailnum string, distance int";
    assertThatThrownBy(() -> read(contract, "carrier,tail_num,distance\n"))
        .hasMessage(
            "Cannot load file f.csv of source trips: it lacks tailnum; it has tail_num (is tailnum meant?), which the contract does not. It has [carrier, tail_num, distance], the contract [carrier, tailnum, distance]. Deliver the contract's columns, or correct them in the source (optional, was and other-columns declare what may differ).")
        .extracting(e -> ((PlatformException) e).code())
        .isEqualTo(ErrorCode.CONTRACT_BROKEN);
    assertThatThrownBy(() -> read(contract, "\u001b[2J" + "x".repeat(100) + ",a".repeat(50) + "\n"))
        .hasMessageContaining("it has \\x1B[2J" + "x".repeat(56) + "…, a, which the contract")
        .hasMessageContaining(", a, a and 11 more], the contract");
    assertThatThrownBy(() -> read(contract, "carrier,distance,tailnum\n"))
        .hasMessageContaining(
            "its columns stand in another order: column 2 is distance, not tailnum.");
    assertThatThrownBy(() -> read(contract, "carrier,tailnum,distance,carrier\n"))
        .hasMessageContaining("it has carrier more than once");
    assertThatThrownBy(() -> read(contract, "carrier,tailnum,distance,\n"))
        .hasMessageContaining("it has a column without name, which the contract does not");
  }

  @Test
  void aColumnWithoutOneValueOfItsTypeBreaksTheContract() {
    assertThatThrownBy(() -> read("n int, s string", HEADER + "a,x\nb,y\nNA,z\n"))
        .hasMessage(
            "Cannot load file f.csv of source trips: column n is int in the contract, but none of its 2 values is one (line 2: \"a\" is no int). Deliver what the contract declares, or correct the source's columns.")
        .extracting(e -> ((PlatformException) e).code())
        .isEqualTo(ErrorCode.CONTRACT_BROKEN);
    assertThat(read("n int, s string", HEADER + "a,x\n1,y\n"))
        .containsExactly("2! a,x [type n \"a\" is no int]", "3: 1|y");
  }

  @Test
  void refusesWhatCsvCannotHold() {
    assertThatThrownBy(() -> reader("v array<int>", Map.of(), true))
        .hasMessageContaining("column v is array<int>, which no text represents");
    assertThatThrownBy(() -> reader("v int", Map.of("delimiter", "::"), true))
        .hasMessageContaining("its option delimiter is \"::\". Write one character, or \\t.");
    assertThatThrownBy(() -> reader("v int", Map.of("encoding", "utf-7-x"), true))
        .hasMessageContaining("there is no encoding \"utf-7-x\"");
  }

  @Test
  void readsBackWhatWasWritten() {
    Random random = new Random(7);
    String[] parts = {"a", "\"", ",", "\n", "\r\n", " ", "ü", "😀", "#", "'", "NA"};
    for (int file = 0; file < 200; file++) {
      int width = 1 + random.nextInt(4);
      StringBuilder ddl = new StringBuilder();
      for (int c = 0; c < width; c++) {
        ddl.append(c == 0 ? "" : ", ").append('c').append(c).append(" string");
      }
      StringBuilder text = new StringBuilder();
      for (int c = 0; c < width; c++) {
        text.append(c == 0 ? "" : ",").append('c').append(c);
      }
      String end = random.nextBoolean() ? "\n" : "\r\n";
      text.append(end);
      List<String> expected = new ArrayList<>();
      long line = 2;
      for (int r = 0; r < random.nextInt(8); r++) {
        List<String> row = new ArrayList<>();
        List<String> shown = new ArrayList<>();
        long at = line;
        for (int c = 0; c < width; c++) {
          StringBuilder value = new StringBuilder();
          for (int k = random.nextInt(5); k > 0; k--) {
            value.append(parts[random.nextInt(parts.length)]);
          }
          String v = value.toString();
          boolean quote =
              random.nextInt(3) == 0
                  || width == 1
                  || v.matches("(?s).*[\",\r\n].*")
                  || v.endsWith("\r");
          row.add(quote ? "\"" + v.replace("\"", "\"\"") + "\"" : v);
          shown.add(v.isEmpty() ? (quote ? "" : "null") : v.equals("NA") ? "null" : v);
          line += v.chars().filter(x -> x == '\n').count();
        }
        text.append(String.join(",", row)).append(end);
        line++;
        expected.add(at + ": " + String.join("|", shown));
      }

      assertThat(read(ddl.toString(), text.toString())).as(text.toString()).isEqualTo(expected);
    }
  }

  private static List<String> read(String columns, String text) {
    return read(reader(columns, Map.of(), true), bytes(text));
  }

  private static List<String> read(CsvReader reader, InputStream bytes) {
    return read(reader, reader.open("f.csv", bytes));
  }

  private static List<String> read(CsvReader reader, Lines lines) {
    List<String> read = new ArrayList<>();
    while (lines.next()) {
      if (lines.line().problems().isEmpty()) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < reader.columns().size(); i++) {
          values.add(Objects.toString(lines.values().get(i, reader.columns().apply(i).dataType())));
        }
        read.add(lines.line().number() + ": " + String.join("|", values));
      } else {
        read.add(
            lines.line().number()
                + "! "
                + lines.raw()
                + " "
                + lines.line().problems().stream().map(TestCsvReader::text).toList());
      }
    }
    return read;
  }

  private static String text(Reason reason) {
    return reason.rule() + " " + reason.column() + " " + reason.message();
  }

  private static CsvReader reader(String columns, Map<String, String> options, boolean header) {
    List<Column> contract = new ArrayList<>();
    for (String column : columns.split(", ", -1)) {
      String[] parts = column.split(" ", 4);
      contract.add(
          new Column(
              parts[0],
              new ColumnType(parts[1]),
              Set.of(),
              false,
              List.of(),
              parts.length < 4 ? Optional.empty() : Optional.of(new TimeFormat(parts[3]))));
    }
    SourceInput.Files files = new SourceInput.Files("csv", "f.csv", header, List.of("NA"), options);
    return CsvReader.of(
        new Source(
            "trips",
            "",
            "",
            files,
            contract,
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            ZoneId.of("America/New_York"),
            Optional.empty(),
            true,
            new SourceLocation("s.yaml", 1)),
        files);
  }

  private static InputStream bytes(String text) {
    return new ByteArrayInputStream(text.getBytes(UTF_8));
  }

  private static byte[] gzip(String text) throws Exception {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(text.getBytes(UTF_8));
    }
    return packed.toByteArray();
  }

  private static long micros(String instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(instant));
  }
}
