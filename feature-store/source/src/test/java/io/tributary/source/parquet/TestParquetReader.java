package io.tributary.source.parquet;

import static io.tributary.source.Reading.column;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Source;
import io.tributary.source.FileLines;
import io.tributary.source.FilePart;
import io.tributary.source.FileStamp;
import io.tributary.source.FoundFile;
import io.tributary.source.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class TestParquetReader {
  private static final String TRIPS = "optional int32 id; optional binary name (STRING)";

  @TempDir Path folder;

  private long groupBytes = 128L << 20;

  @Test
  void readsRowsByTheNamesOfTheirColumns() throws IOException {
    byte[] file =
        file(
            TRIPS,
            5_000,
            (i, row) -> {
              if (i % 2 == 0) {
                row.add("name", "n" + i);
              }
              row.add("id", i);
            });

    List<String> read =
        read(Reading.source(false, column("name", "string"), column("id", "int")), file);

    assertThat(read).hasSize(5_000).startsWith("1: n0|0", "2: null|1").endsWith("5000: null|4999");
  }

  @Test
  void widensWhatTheContractCanHold() throws IOException {
    byte[] file =
        file(
            "required int32 a; required int32 b; required int32 c (INTEGER(8,true)); required float"
                + " d; required int32 e (DECIMAL(5,2)); required int64 f"
                + " (TIMESTAMP(MICROS,false)); required int64 g (TIMESTAMP(MILLIS,true))",
            1,
            (i, row) ->
                row.append("a", 7)
                    .append("b", 8)
                    .append("c", 9)
                    .append("d", 1.5f)
                    .append("e", 1234)
                    .append("f", 1_362_884_400_000_000L)
                    .append("g", 1_000L));

    assertThat(
            read(
                Reading.source(
                    false,
                    column("a", "bigint"),
                    column("b", "decimal(12,2)"),
                    column("c", "double"),
                    column("d", "double"),
                    column("e", "decimal(9,3)"),
                    column("f", "timestamp"),
                    column("g", "timestamp")),
                file))
        .containsExactly("1: 7|8.00|9.0|1.5|12.340|1362898800000000|1000000");
  }

  @Test
  void refusesWhatCouldBeLostAndShowsBothSides() throws IOException {
    byte[] file =
        file(
            "required int64 a; required double b; required binary c; required int32 t"
                + " (TIME(MILLIS,true))",
            1,
            (i, row) ->
                row.append("a", 1L)
                    .append("b", 1.0)
                    .append("c", Binary.fromString("x"))
                    .append("t", 1));

    assertThatThrownBy(
            () ->
                read(
                    Reading.source(
                        false,
                        column("a", "int"),
                        column("b", "float"),
                        column("c", "string"),
                        column("t", "int")),
                    file))
        .isInstanceOf(PlatformException.class)
        .hasMessage(
            "Cannot load file f.parquet of source trips: column a bigint can't become int; column b"
                + " double can't become float; column c binary can't become string; column t"
                + " required int32 t (TIME(MILLIS,true)) can't become int without loss. It has [a"
                + " bigint, b double, c binary, t required int32 t (TIME(MILLIS,true))], the contract"
                + " [a int, b float, c string, t int]. Deliver the contract's types, or widen them in"
                + " the source.");
  }

  @Test
  void comparesColumnsWithTheContract() throws IOException {
    byte[] file = file(TRIPS, 1, (i, row) -> row.append("id", 1).append("name", "a"));

    assertThatThrownBy(
            () -> read(Reading.source(false, column("id", "int"), column("nam", "string")), file))
        .hasMessageContaining(
            "Cannot load file f.parquet of source trips: it lacks nam; it has name (is nam meant?),"
                + " which the contract does not. It has [id int, name string], the contract [id int,"
                + " nam string].");
    assertThat(
            read(
                Reading.source(
                    true, column("key", "int", false, "id"), column("tip", "double", true)),
                file))
        .containsExactly("1: 1|null");
    assertThat(read(Reading.source(true, column("tip", "double", true)), file))
        .containsExactly("1: null");
  }

  @Test
  void timesFinerThanAMicrosecondAreMalformed() throws IOException {
    byte[] file =
        file(
            "required int32 id; required int64 at (TIMESTAMP(NANOS,true)); required int64 local"
                + " (TIMESTAMP(NANOS,false))",
            2,
            (i, row) ->
                row.append("id", i).append("at", 5_000L + i).append("local", 18_000_000_000_000L));

    assertThat(
            read(
                Reading.source(
                    false,
                    column("id", "int"),
                    column("at", "timestamp"),
                    column("local", "timestamp")),
                file))
        .containsExactly(
            "1: 0|5|36000000000",
            "2! {\"id\":\"1\",\"at\":\"5001\",\"local\":\"18000000000000\"} [type at 5001 ns is finer"
                + " than a microsecond]");
    assertThatThrownBy(() -> read(Reading.source(true, column("at", "bigint")), file))
        .hasMessageContaining("column at timestamp in nanoseconds can't become bigint");
  }

  @Test
  void textThatIsNoTextIsMalformed() throws IOException {
    byte[] file =
        file(
            "required binary name (STRING)",
            2,
            (i, row) ->
                row.append(
                    "name",
                    Binary.fromConstantByteArray(i == 0 ? new byte[] {(byte) 0xe9} : new byte[0])));

    List<String> read = read(Reading.source(false, column("name", "string")), file);

    assertThat(read.get(0)).startsWith("1! ").contains("type name ").contains("is no UTF-8");
    assertThat(read.get(1)).isEqualTo("2: ");
  }

  @Test
  void readsNestedValues() throws IOException {
    byte[] file =
        file(
            "required group inner { required int32 a; optional binary b (STRING); }",
            1,
            (i, row) -> row.addGroup("inner").append("a", 3).append("b", "x"));

    assertThat(read(Reading.source(false, column("inner", "struct<a:int,b:string>")), file))
        .containsExactly("1: [3,x]");
  }

  @Test
  void aBrokenFileIsAnErrorThatNamesIt() throws IOException {
    Source source = Reading.source(false, column("id", "int"), column("name", "string"));
    byte[] whole = file(TRIPS, 9_000, (i, row) -> row.append("id", i).append("name", "n" + i));
    byte[] flipped = whole.clone();
    Arrays.fill(flipped, 1_000, 20_000, (byte) 0x5a);

    for (byte[] broken :
        List.of(
            new byte[0],
            "id,name\n1,a\n".getBytes(java.nio.charset.StandardCharsets.UTF_8),
            Arrays.copyOf(whole, whole.length - 50),
            flipped)) {
      assertThatThrownBy(() -> read(source, broken))
          .isInstanceOf(PlatformException.class)
          .hasMessageMatching(
              "Cannot read file f.parquet of source trips as Parquet.*: .*\\. Deliver it again\\.");
    }
  }

  @Test
  void partsHaveTheRowsOfTheWhole() throws IOException {
    groupBytes = 10_000;
    byte[] bytes = file(TRIPS, 9_000, (i, row) -> row.append("id", i).append("name", "n" + i));
    Source source = Reading.source(false, column("id", "int"), column("name", "string"));
    List<String> whole = read(source, bytes);
    String file = folder.resolve("f.parquet").toString();
    ParquetReader reader = ParquetReader.of(source);

    for (long least : new long[] {1, 30_000, bytes.length}) {
      List<FilePart> parts = reader.parts(file, least, new Configuration());
      List<String> rows = new ArrayList<>();
      for (FilePart part : parts) {
        assertThat(part.linesBefore()).isEqualTo(rows.size());
        rows.addAll(
            Reading.read(
                reader.open("f.parquet", file, part.offset(), part.bytes(), new Configuration()),
                reader.columns()));
      }
      assertThat(parts).hasSizeGreaterThan(least == bytes.length ? 0 : 2);
      assertThat(rows.stream().map(r -> r.substring(r.indexOf(':'))))
          .containsExactlyElementsOf(whole.stream().map(r -> r.substring(r.indexOf(':'))).toList());
    }
    assertThat(reader.parts(folder.resolve("none").toString(), 1, new Configuration())).isEmpty();
  }

  /** Same size and same modification time: on a local disk the change of its entry tells. */
  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void aFileThatIsReplacedBeforeOrWhileItIsReadEndsTheReading() throws IOException {
    BiConsumer<Integer, Group> rows = (i, row) -> row.append("id", i).append("name", "n" + i % 9);
    byte[] bytes = file(TRIPS, 9_000, rows);
    byte[] other = file(TRIPS, 9_000, (i, row) -> row.append("id", i).append("name", "m" + i % 9));
    assertThat(other).hasSameSizeAs(bytes);
    Path file = Files.write(folder.resolve("f.parquet"), bytes);
    FileTime modified = Files.getLastModifiedTime(file);
    FoundFile found = found(file, bytes);

    Files.setLastModifiedTime(file, modified);
    assertThat(lines(found)).toIterable().hasSize(9_000);
    FileLines reading = lines(found);
    reading.next();
    Files.write(file, other);
    Files.setLastModifiedTime(file, modified);
    for (FileLines changed : List.of(reading, lines(found))) {
      assertThatThrownBy(() -> changed.forEachRemaining(row -> {}))
          .hasMessageStartingWith(
              "Cannot load file f.parquet of source trips: it was changed or removed while it was being read. Deliver it whole:")
          .extracting(PlatformException::codeOf)
          .isEqualTo(ErrorCode.CONFLICT);
    }
  }

  private static FoundFile found(Path file, byte[] bytes) throws IOException {
    org.apache.hadoop.fs.Path at = new org.apache.hadoop.fs.Path(file.toUri());
    FileStamp stamp = FileStamp.of(at.getFileSystem(new Configuration()).getFileStatus(at));
    return new FoundFile(
        "f.parquet",
        at.toString(),
        bytes.length,
        Digest.of(bytes).hex(),
        List.of(),
        List.of(stamp),
        true,
        List.of());
  }

  private static FileLines lines(FoundFile found) {
    Source source = Reading.source(false, column("id", "int"), column("name", "string"));
    return new FileLines(
        "trips",
        1,
        "run",
        List.of(found).iterator(),
        ParquetReader.of(source),
        FileLines.Kind.GOOD,
        new Configuration(),
        facts -> {});
  }

  private byte[] file(String columns, int rows, BiConsumer<Integer, Group> fill)
      throws IOException {
    MessageType schema =
        MessageTypeParser.parseMessageType("message m { " + columns(columns) + " }");
    Path file = folder.resolve("f.parquet");
    Files.deleteIfExists(file);
    Configuration plain = new Configuration();
    plain.set("fs.file.impl", "org.apache.hadoop.fs.RawLocalFileSystem");
    plain.setBoolean("fs.file.impl.disable.cache", true);
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new org.apache.hadoop.fs.Path(file.toUri()))
            .withType(schema)
            .withConf(plain)
            .withRowGroupSize(groupBytes)
            .build()) {
      SimpleGroupFactory groups = new SimpleGroupFactory(schema);
      for (int i = 0; i < rows; i++) {
        Group row = groups.newGroup();
        fill.accept(i, row);
        writer.write(row);
      }
    }
    return Files.readAllBytes(file);
  }

  private static String columns(String columns) {
    return columns.endsWith("}") ? columns : columns + ";";
  }

  private List<String> read(Source source, byte[] bytes) throws IOException {
    Path file = Files.write(folder.resolve("f.parquet"), bytes);
    ParquetReader reader = ParquetReader.of(source);
    return Reading.read(
        reader.open("f.parquet", file.toString(), 0, bytes.length, new Configuration()),
        reader.columns());
  }
}
