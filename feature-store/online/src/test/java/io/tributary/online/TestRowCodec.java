package io.tributary.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Digest;
import io.tributary.definition.ViewId;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
