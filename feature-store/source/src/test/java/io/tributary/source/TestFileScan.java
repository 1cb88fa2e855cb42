package io.tributary.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Iterators;
import io.tributary.core.PlatformException;
import io.tributary.core.RowPlace;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.rows.local.LocalRunner;
import io.tributary.source.csv.CsvReader;
import io.tributary.source.json.JsonReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestFileScan {
  private static final Source SOURCE =
      Reading.source(false, Reading.column("a", "string"), Reading.column("b", "string"));

  private static final Configuration HADOOP = new Configuration();

  private static final BiFunction<RowPlace, Reason, PlatformException> REFUSED =
      (place, reason) ->
          new PlatformException(
              ErrorCode.INVALID_VALUE, place + " " + reason.column() + " " + reason.message());

  @TempDir Path folder;

  /** Whatever stands in a file, its parts have the lines of the whole, good and malformed. */
  @Test
  void partsOfCsvHaveTheLinesOfTheWhole() throws IOException {
    Random random = new Random(5);
    byte[][] tokens = tokens("a", "é", "\"", "\"\"", "\\", ",", ",", ";", "\n", "\n", "\r\n", " ");
    int divided = 0;
    for (int round = 0; round < 600; round++) {
      boolean header = random.nextBoolean();
      Map<String, String> options =
          List.of(
                  Map.<String, String>of(),
                  Map.of("escape", "\\"),
                  Map.of("delimiter", ";", "encoding", "ISO-8859-1"))
              .get(random.nextInt(3));
      SourceInput.Files input = new SourceInput.Files("csv", "f", header, List.of("é"), options);
      String names = options.containsKey("delimiter") ? "a;\"b\"\n" : "a,\"b\"\n";
      String mark = random.nextInt(4) == 0 ? "\uFEFF" : "";
      byte[] head = (mark + (header ? "\n" + names : "")).getBytes(StandardCharsets.UTF_8);
      byte[] bytes = random(random, head, tokens, 5 + random.nextInt(200));
      divided += compare(CsvReader.of(SOURCE, input), bytes, 1 + random.nextInt(40));
    }
    assertThat(divided).isGreaterThan(100);
  }

  @Test
  void partsOfJsonHaveTheLinesOfTheWhole() throws IOException {
    Random random = new Random(6);
    byte[][] tokens =
        tokens(
            "{\"a\":\"x\",\"b\":null}\n",
            "{\"a\":\"\uFEFFé\",\"b\":\"y\"}\n",
            "{\"b\":\"y\",\"a\":\"z\"}\r\n",
            "\n\uFEFF{\"a\":\"x\",\"b\":\"y\"}",
            "\n");
    int divided = 0;
    for (int round = 0; round < 300; round++) {
      byte[] bytes = random(random, new byte[0], tokens, 5 + random.nextInt(100));
      divided += compare(JsonReader.of(SOURCE), bytes, 40 + random.nextInt(160));
    }
    assertThat(divided).isGreaterThan(100);
  }

  @Test
  void isOfOnePieceWhereNothingTellsItsRecordsApart() throws IOException {
    byte[] gzip = {0x1f, (byte) 0x8b, '\n', '\n', '\n', '\n'};
    Optional<RecordScan> lines = JsonReader.of(SOURCE).scan();

    assertThat(FileScan.of(new ByteArrayInputStream(gzip), lines, 1).parts()).isEmpty();
    for (Map<String, String> options :
        List.of(Map.of("encoding", "UTF-16"), Map.of("delimiter", " "), Map.of("quote", "§"))) {
      SourceInput.Files input = new SourceInput.Files("csv", "f", true, List.of(), options);
      assertThat(CsvReader.of(SOURCE, input).scan()).isEmpty();
    }
  }

  @Test
  void aPartWhoseBytesAreOthersEndsTheReading() throws IOException {
    byte[] bytes = "{\"a\":\"x\",\"b\":null}\n".repeat(9).getBytes(StandardCharsets.UTF_8);
    FoundFile found = found(JsonReader.of(SOURCE), bytes, 50);
    List<FilePart> parts = found.parts();
    for (String changed : List.of("y", "x\",\"b\":null}\n{\"a\":\"x")) {
      Files.writeString(
          Path.of(found.location()),
          new String(bytes, StandardCharsets.UTF_8).replaceAll("x(?=[^x]*$)", changed));

      assertThat(lines(JsonReader.of(SOURCE), List.of(found.with(parts.subList(0, 1))))).hasSize(3);
      FoundFile last = found.with(parts.subList(2, 3));
      assertThatThrownBy(() -> lines(JsonReader.of(SOURCE), List.of(last)))
          .hasMessageContaining("it was changed or removed while it was being read")
          .extracting(PlatformException::codeOf)
          .isEqualTo(ErrorCode.CONFLICT);
    }
  }

  /** Parts are read side by side; what is reported is what reading the whole comes upon first. */
  @Test
  void thisProcessReadsPartsAndReportsOfTheWhole() throws IOException {
    Source numbers =
        Reading.source(false, Reading.column("a", "string"), Reading.column("b", "int"));
    SourceReader reader = JsonReader.of(numbers);
    String good = "{\"a\":\"x\",\"b\":1}\n";
    String bad = "{\"a\":\"x\",\"b\":\"n\"}\n";
    String text = good.repeat(20) + bad + good.repeat(20) + bad + good.repeat(9);
    FoundFile found = found(reader, text.getBytes(StandardCharsets.UTF_8), 100);
    assertThat(found.parts()).hasSizeGreaterThan(5);
    LocalLines left = LocalLines.of("trips", List.of(found), reader, Optional.empty());
    assertThat(counted(left)).isEqualTo(49);
    assertThat(counted(left)).isEqualTo(49);
    assertThat(left.malformed()).isEqualTo(2);

    LocalLines strict = LocalLines.of("trips", List.of(found), reader, Optional.of(REFUSED));
    assertThatThrownBy(() -> counted(strict)).hasMessageStartingWith("f:");
    assertThatThrownBy(strict::lookThrough).hasMessageStartingWith("f:21 b ");

    // All of a part is of another type, which is an error; of the whole some lines are malformed.
    FoundFile apart =
        found(reader, (good.repeat(20) + bad.repeat(20)).getBytes(StandardCharsets.UTF_8), 100);
    LocalLines parts = LocalLines.of("trips", List.of(apart), reader, Optional.empty());
    assertThatThrownBy(() -> counted(parts))
        .extracting(PlatformException::codeOf)
        .isEqualTo(ErrorCode.CONTRACT_BROKEN);
    assertThat(parts.areBrokenByAPart()).isTrue();
    LocalLines whole = parts.undivided();
    assertThat(counted(whole)).isEqualTo(20);
    assertThat(whole.malformed()).isEqualTo(20);
    assertThat(whole.areBrokenByAPart()).isFalse();
  }

  /** A row that something else can't use breaks no part, and nothing stays open behind it. */
  @Test
  void whoeverReadsAPartMayFail() throws IOException {
    byte[] bytes = "{\"a\":\"x\",\"b\":null}\n".repeat(9).getBytes(StandardCharsets.UTF_8);
    FoundFile found = found(JsonReader.of(SOURCE), bytes, 50);
    LocalLines lines =
        LocalLines.of("trips", List.of(found), JsonReader.of(SOURCE), Optional.empty());
    PlatformException unusable = new PlatformException(ErrorCode.INVALID_VALUE, "unusable");
    try (LocalRunner runner = LocalRunner.open(2, 2, 0, folder)) {
      assertThatThrownBy(
              () ->
                  lines
                      .rows(
                          runner,
                          lines.schema(),
                          (i, rows) ->
                              Iterators.map(
                                  rows,
                                  row -> {
                                    throw unusable;
                                  }))
                      .rows()
                      .each(Iterator::next))
          .isSameAs(unusable);
    }
    assertThat(lines.areBrokenByAPart()).isFalse();
    assertThat(open()).doesNotContain(Path.of(found.location()).toRealPath());
  }

  /** The files that this process has open, where the system lists them. */
  private static List<Path> open() throws IOException {
    List<Path> open = new ArrayList<>();
    for (File each : new File("/proc/self/fd").listFiles()) {
      open.add(Path.of(each.getCanonicalPath()));
    }
    return open;
  }

  private long counted(LocalLines lines) {
    try (LocalRunner runner = LocalRunner.open(2, 2, 0, folder)) {
      return lines
          .rows(runner, lines.schema(), (i, rows) -> rows)
          .rows()
          .each(
              rows -> {
                long count = 0;
                for (; rows.hasNext(); rows.next()) {
                  count++;
                }
                return count;
              })
          .stream()
          .mapToLong(Long::longValue)
          .sum();
    }
  }

  private static byte[][] tokens(String... texts) {
    List<byte[]> tokens = new ArrayList<>();
    for (String text : texts) {
      tokens.add(text.getBytes(StandardCharsets.UTF_8));
    }
    // No text: alone, and where a sequence ends too early.
    tokens.add(new byte[] {(byte) 0xe9});
    tokens.add(new byte[] {(byte) 0xf0, (byte) 0x9f});
    return tokens.toArray(byte[][]::new);
  }

  private static byte[] random(Random random, byte[] head, byte[][] tokens, int length)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(head);
    for (int i = 0; i < length; i++) {
      bytes.write(tokens[random.nextInt(tokens.length)]);
    }
    return bytes.toByteArray();
  }

  private FoundFile found(SourceReader reader, byte[] bytes, int part) throws IOException {
    Path file = Files.write(folder.resolve("f"), bytes);
    FileScan scan = FileScan.of(new ByteArrayInputStream(bytes), reader.scan(), part);
    assertThat(scan.digest()).isEqualTo(Digest.of(bytes));
    return new FoundFile("f", file.toString(), bytes.length, scan.digest().hex())
        .with(scan.parts());
  }

  /** 1 where there were parts to compare. */
  private int compare(SourceReader reader, byte[] bytes, int part) throws IOException {
    FoundFile found = found(reader, bytes, part);
    List<String> whole;
    try {
      whole = lines(reader, List.of(found.with(List.of())));
    } catch (PlatformException e) {
      return 0;
    }
    if (found.parts().isEmpty()) {
      return 0;
    }
    List<FoundFile> parts = found.parts().stream().map(p -> found.with(List.of(p))).toList();
    try {
      assertThat(lines(reader, parts))
          .as(new String(bytes, StandardCharsets.ISO_8859_1))
          .isEqualTo(whole);
    } catch (PlatformException e) {
      // A part of blank lines, say; then the file is read as a whole.
      assertThat(e.code()).isIn(ErrorCode.UNREADABLE_FILE, ErrorCode.CONTRACT_BROKEN);
      return 0;
    }
    return 1;
  }

  private static List<String> lines(SourceReader reader, List<FoundFile> files) {
    List<String> all = new ArrayList<>();
    StructType good = DeliveryFiles.append(reader.columns(), DeliveryFiles.META);
    for (FileLines.Kind kind : FileLines.Kind.values()) {
      FileLines lines =
          new FileLines("trips", 1, "run", files.iterator(), reader, kind, HADOOP, f -> {});
      while (lines.hasNext()) {
        InternalRow row = lines.next();
        all.add(
            row.toSeq(kind == FileLines.Kind.GOOD ? good : DeliveryFiles.QUARANTINE).toString());
      }
    }
    return all;
  }
}
