package io.tributary.source.json;

import static io.tributary.source.Reading.column;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.TimeFormat;
import io.tributary.definition.Column;
import io.tributary.definition.ColumnType;
import io.tributary.definition.Source;
import io.tributary.source.Reading;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class TestJsonReader {
  private static final Source TRIPS =
      Reading.source(false, column("id", "int"), column("name", "string"));

  @Test
  void readsValuesOfEachType() {
    Source source =
        Reading.source(
            false,
            column("i", "int"),
            column("l", "bigint"),
            column("d", "double"),
            column("m", "decimal(10,2)"),
            column("b", "boolean"),
            column("s", "string"),
            column("day", "date"),
            column("at", "timestamp"),
            column("raw", "binary"),
            column("list", "array<int>"),
            column("map", "map<string,double>"),
            column("inner", "struct<a:int,b:string>"));

    assertThat(
            read(
                source,
                """
                {"i": 1.0, "l": 9223372036854775807, "d": 1e-3, "m": 12.50, "b": true, "s": "\\u00e9", "day": "2013-01-02", "at": "2013-01-02 07:00:00", "raw": "AQI=", "list": [1, null, 3], "map": {"k": 2}, "inner": {"b": "x"}}
                {"inner": null, "map": null, "list": [], "raw": null, "at": null, "day": null, "s": null, "b": null, "m": "7.1", "d": "NaN", "l": null, "i": null}
                """))
        .containsExactly(
            "1: 1|9223372036854775807|0.001|12.50|true|é|15707|1357128000000000|[1, 2]|[1,null,3]|keys: [k], values: [2.0]|[null,x]",
            "2: null|null|NaN|7.10|null|null|null|null|null|[]|null|null");
  }

  @Test
  void readsDaysOfAFormat() {
    Column day =
        new Column(
            "day",
            new ColumnType("date"),
            Set.of(),
            false,
            List.of(),
            Optional.of(new TimeFormat("dd/MM/yyyy")));
    assertThat(
            read(
                Reading.source(false, day),
                "{\"day\": \"02/01/2013\"}\n{\"day\": null}\n{\"day\": \"2013-01-02\"}\n"))
        .containsExactly(
            "1: 15707",
            "2: null",
            "3! {\"day\": \"2013-01-02\"} [type day \"2013-01-02\" is no date of the format"
                + " dd/MM/yyyy: write it as in 31/01/2013]");
  }

  @Test
  void aLineThatIsNoObjectIsMalformed() {
    assertThat(
            read(
                TRIPS,
                """
                {"id": 1, "name": "a"}
                {"id": 2, "name": "b"
                [1]
                7
                {"id": 3, "id": 3, "name": "c"}
                {"id": 4, "name": "d"} {}

                {"id": 5, "name": NaN}
                {'id': 6, "name": "f"}
                {"id": 7, "name": "g"}"""))
        .satisfiesExactly(
            l -> assertThat(l).isEqualTo("1: 1|a"),
            l ->
                assertThat(l)
                    .startsWith("2! {\"id\": 2, \"name\": \"b\" [json  is no JSON: Unexpected end"),
            l -> assertThat(l).isEqualTo("3! [1] [json  is no JSON object]"),
            l -> assertThat(l).isEqualTo("4! 7 [json  is no JSON object]"),
            l -> assertThat(l).contains("5! ").contains("Duplicate field 'id'"),
            l -> assertThat(l).contains("6! ").contains("is no JSON: Trailing token"),
            l -> assertThat(l).contains("8! ").contains("is no JSON: Non-standard token 'NaN'"),
            l -> assertThat(l).contains("9! ").contains("is no JSON: Unexpected character (''' "),
            l -> assertThat(l).isEqualTo("10: 7|g"));
  }

  @Test
  void aValueOfAnotherTypeIsMalformed() {
    Source source =
        Reading.source(
            false,
            column("i", "int"),
            column("s", "string"),
            column("at", "timestamp"),
            column("d", "double"),
            column("inner", "struct<a:int>"));
    String good =
        "{\"i\": 1, \"s\": \"a\", \"at\": \"2013-01-01T00:00:00Z\", \"d\": 1, \"inner\": {}}\n";

    List<String> read =
        read(
            source,
            good
                + """
                {"i": "1", "s": 2, "at": 1357000000, "d": "1", "inner": [1]}
                {"i": 1.5, "s": {"x": 1}, "at": "noon", "d": 1e400, "inner": {"z": 1}}
                {"i": 99999999999, "s": null, "at": null, "d": true, "inner": {"a": "x"}}
                {"i": 1e999999999, "s": null, "at": null, "d": null, "inner": null}
                """);

    assertThat(read.get(1))
        .endsWith(
            "[type i \"1\" is no int, type s 2 is no string, type at 1357000000 is no timestamp,"
                + " type d \"1\" is no double, type inner [1] is no struct<a:int>]");
    assertThat(read.get(2))
        .contains("type i 1.5 is no int")
        .contains("type s {\"x\":1} is no string")
        .contains("type at \"noon\" is no timestamp")
        .contains("type d its number is beyond double")
        .contains("type inner it has the key \"z\", which struct<a:int> does not");
    assertThat(read.get(3))
        .endsWith(
            "[type i \"99999999999\" is beyond int, type d true is no double, type inner \"x\" is no"
                + " int]");
    assertThat(read.get(4)).contains("type i its number is beyond int");
  }

  @Test
  void aByteThatIsNoTextSpoilsItsLineAlone() {
    byte[] bytes =
        "{\"id\":1,\"name\":\"é\"}\r\n{\"id\":2,\"name\":\"b\"}\r\n".getBytes(ISO_8859_1);

    assertThat(read(TRIPS, bytes))
        .containsExactly(
            "1! {\"id\":1,\"name\":\"\\xE9\"} [encoding  byte E9 is no UTF-8]", "2: 2|b");
  }

  @Test
  void readsGzipAndAByteOrderMark() throws Exception {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write("\ufeff{\"id\":1,\"name\":\"a\"}\n".repeat(1).getBytes(UTF_8));
    }
    assertThat(read(TRIPS, packed.toByteArray())).containsExactly("1: 1|a");
    byte[] cut = java.util.Arrays.copyOf(packed.toByteArray(), packed.size() - 9);
    assertThatThrownBy(() -> read(TRIPS, cut))
        .hasMessageContaining("its compressed data ends too early");
  }

  @Test
  void linesLongerThanABufferAreWhole() {
    String name = "x".repeat(200_000);

    assertThat(
            read(
                TRIPS,
                "{\"id\":1,\"name\":\"" + name + "\"}\n{\"name\":\"" + name + "\",\"id\":2}\n"))
        .containsExactly("1: 1|" + name, "2: 2|" + name);
  }

  @Test
  void anUnknownOrMissingKeyBreaksTheContract() {
    assertBroken(
        TRIPS,
        "{\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"nam\":\"a\"}\n",
        "Cannot load line 2 of file f.jsonl of source trips: it lacks name; it has nam (is name"
            + " meant?), which the contract does not. It has [id, nam], the contract [id, name]."
            + " Deliver the contract's columns, or correct them in the source (optional, was and"
            + " other-columns declare what may differ).");
    assertBroken(
        TRIPS,
        "{\"id\":1}\n",
        "Cannot load line 1 of file f.jsonl of source trips: it lacks name.");
    assertBroken(
        TRIPS,
        "{\"id\":1,\"name\":null,\"more\":1}\n",
        "it has more, which the contract does not.");
  }

  @Test
  void whatTheContractAllowsMayDiffer() {
    Column[] columns = {
      column("id", "int"), column("title", "string", false, "name"), column("tip", "double", true)
    };

    assertThat(
            read(
                Reading.source(true, columns),
                """
                {"id": 1, "name": "a", "more": [1]}
                {"tip": 2, "title": "b", "id": 2}
                """))
        .containsExactly("1: 1|a|null", "2: 2|b|2.0");
    assertBroken(
        Reading.source(true, columns),
        "{\"id\":1,\"name\":\"a\",\"title\":\"b\"}\n",
        "it has name and title more than once");
  }

  @Test
  void aFileThatIsSomethingElseIsAnError() {
    assertBroken(
        TRIPS,
        "id,name\n1,a\n",
        "Cannot load file f.jsonl of source trips: none of its 2 lines is a JSON object (line 1 is"
            + " no JSON: Unrecognized token 'id'");
    assertBroken(
        TRIPS,
        "{\"id\":\"x\",\"name\":\"a\"}\n{\"id\":\"y\",\"name\":\"b\"}\n",
        "column id is int in the contract, but none of its 2 values is one (line 1: \"x\" is no"
            + " int)");
    assertThatThrownBy(() -> read(TRIPS, "\n"))
        .hasMessage(
            "Cannot read file f.jsonl of source trips: it is empty. Deliver it with its lines.");
    assertThatThrownBy(() -> JsonReader.of(Reading.source(false, column("m", "map<int,int>"))))
        .hasMessageContaining("the keys of JSON are strings");
  }

  private static void assertBroken(Source source, String text, String why) {
    assertThatThrownBy(() -> read(source, text))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONTRACT_BROKEN))
        .hasMessageContaining(why);
  }

  private static List<String> read(Source source, String text) {
    return read(source, text.getBytes(UTF_8));
  }

  private static List<String> read(Source source, byte[] bytes) {
    JsonReader reader = JsonReader.of(source);
    return Reading.read(reader.open("f.jsonl", new ByteArrayInputStream(bytes)), reader.columns());
  }
}
