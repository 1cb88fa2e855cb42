package io.tributary.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.ViewId;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TestRowCodec {
  private static final Instant AT = Instant.parse("2013-12-28T22:10:00.000001Z");

  private static StoredRow row(Object... values) {
    return new StoredRow(Optional.of(AT), Optional.of(AT), AT, Arrays.asList(values));
  }

  private static StoredFeature feature(String type) {
    return new StoredFeature("f", type, Optional.empty(), Optional.empty());
  }

  @Test
  void mapsAndStructsComeBackAsTheyWere() {
    Map<Object, Object> byPlace = new LinkedHashMap<>();
    byPlace.put(List.of("a,b", 1L), new BigDecimal("1.50"));
    byPlace.put(Arrays.asList("\u00e9", null), null);
    Map<Object, Object> byNumber = new LinkedHashMap<>();
    byNumber.put(-0.5, List.of(AT));
    byNumber.put(Double.NaN, List.of());
    List<StoredFeature> features =
        List.of(
            feature("map<struct<place:string,n:bigint>,decimal(10,2)>"),
            feature("map<double,array<timestamp>>"),
            feature("map<date,bigint>"),
            feature("struct<a:bigint,b:map<string,boolean>>"));
    StoredRow row =
        row(
            byPlace,
            byNumber,
            Map.of(LocalDate.of(2013, 12, 28), 3L),
            Arrays.asList(null, Map.of("x", true)));

    StoredRow read = RowCodec.decode(RowCodec.encode(row), features, Instant.MIN);

    assertThat(read).isEqualTo(row);
    assertThat(((Map<?, ?>) read.values().get(0)).keySet())
        .hasToString("[[a,b, 1], [\u00e9, null]]");
  }

  /** The bytes are compared night after night: they are what any other writer of CBOR makes. */
  @Test
  void aRowIsAnArrayOfCbor() throws IOException {
    Map<Object, Object> map = new LinkedHashMap<>();
    map.put("a", 1L);
    map.put("\u00e9\ud83d\ude00", null);
    StoredRow row =
        row(
            0L,
            23L,
            -24L,
            70_000L,
            1L << 40,
            Long.MIN_VALUE,
            -0.0,
            Double.NaN,
            0.1,
            true,
            null,
            "",
            "x".repeat(70_000),
            LocalDate.of(1969, 12, 31),
            new BigDecimal("-1.50"),
            Bytes.of(new byte[] {0, -1}),
            Arrays.asList(1L, null, List.of(2.5)),
            map);
    ArrayNode items = JsonNodeFactory.instance.arrayNode();
    items.add(1388268600000001L).add(1388268600000001L).addNull();
    items.add(0L).add(23L).add(-24L).add(70_000L).add(1L << 40).add(Long.MIN_VALUE);
    items.add(-0.0).add(Double.NaN).add(0.1).add(true).addNull().add("").add("x".repeat(70_000));
    items.add(-1L).add("-1.50").add(new byte[] {0, -1});
    items.addArray().add(1L).addNull().addArray().add(2.5);
    ArrayNode pairs = items.addArray();
    pairs.addArray().add("a").add(1L);
    pairs.addArray().add("\u00e9\ud83d\ude00").addNull();

    assertThat(RowCodec.encode(row, AT)).isEqualTo(new CBORMapper().writeValueAsBytes(items));
  }

  @Test
  void aRowThatIsDamagedIsCorrupt() {
    List<StoredFeature> features =
        Stream.of(
                "bigint",
                "double",
                "string",
                "decimal(5,2)",
                "map<date,array<timestamp>>",
                "struct<a:binary,b:boolean>")
            .map(TestRowCodec::feature)
            .toList();
    byte[] whole =
        RowCodec.encode(
            row(
                12L,
                0.5,
                "text",
                new BigDecimal("1.25"),
                Map.of(LocalDate.of(2013, 12, 28), List.of(AT)),
                List.of(Bytes.of(new byte[] {1, 2}), true)));
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> RowCodec.decode(cut, features, AT))
          .extracting(e -> ((PlatformException) e).code())
          .isEqualTo(ErrorCode.CORRUPT);
    }
    Random random = new Random(7);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = whole.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      try {
        RowCodec.decode(damaged, features, AT);
      } catch (PlatformException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT);
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(5_000);
  }

  @Test
  void aManifestsValueThatIsNoneIsCorrupt() {
    for (String type : List.of("binary", "decimal(5,2)", "double")) {
      assertThatThrownBy(() -> RowCodec.value(TextNode.valueOf("a%b"), type))
          .extracting(e -> ((PlatformException) e).code())
          .isEqualTo(ErrorCode.CORRUPT);
    }
  }

  @Test
  void aRowHasAValueForEachFeatureOrNone() {
    List<StoredFeature> two = List.of(feature("bigint"), feature("bigint"));
    assertThat(RowCodec.decode(RowCodec.encode(row()), two, AT).isAbsent()).isTrue();
    assertThatThrownBy(() -> RowCodec.decode(RowCodec.encode(row(1L)), two, AT))
        .hasMessageContaining("it has 4 items in place of 5");
    assertThatThrownBy(
            () -> RowCodec.decode(RowCodec.encode(row(1L, 2L, List.of(3L), 4L)), two, AT))
        .hasMessageContaining("it has 7 items in place of 5");
  }

  @Test
  void aValueOfAnotherTypeIsNotGuessedAt() {
    byte[] bytes = RowCodec.encode(row(12L));
    assertThat(RowCodec.decode(bytes, List.of(feature("bigint")), Instant.MIN).values())
        .containsExactly(12L);
    for (String type : List.of("string", "boolean", "array<bigint>", "decimal(5,2)", "binary")) {
      assertThatThrownBy(() -> RowCodec.decode(bytes, List.of(feature(type)), Instant.MIN))
          .hasMessage(
              "Cannot read an online value: a number is stored where the manifest says "
                  + type
                  + ". Publish the view again.");
    }
  }

  @Test
  void aViewHasOnlyWhatCanBeRead() {
    assertThatThrownBy(
            () ->
                new StoredView(
                    ViewId.parse("carrier_history@1"),
                    Digest.of("definition"),
                    List.of(),
                    List.of(feature("interval day")),
                    Optional.empty(),
                    Optional.empty()))
        .hasMessage(
            "Cannot publish view carrier_history@1: the online store holds no interval day, the type of feature f."
                + " Cast it, or say online: false.");
  }
}
