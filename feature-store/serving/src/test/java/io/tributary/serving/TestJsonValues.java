package io.tributary.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.tributary.online.Bytes;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TestJsonValues {
  private static String written(Object value, String type) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      JsonValues.write(json, value, type);
    }
    return text.toString();
  }

  @Test
  void mapsAreObjectsWhereKeysAreTexts() throws IOException {
    Map<Object, Object> map = new LinkedHashMap<>();
    map.put(7L, 0.5);
    map.put(8L, null);
    assertThat(written(map, "map<bigint,double>")).isEqualTo("{\"7\":0.5,\"8\":null}");
  }

  @Test
  void mapsAreListsWhereTwoKeysCouldHaveOneText() throws IOException {
    Map<Object, Object> map = new LinkedHashMap<>();
    map.put(Arrays.asList("a, b", "c"), 1L);
    map.put(Arrays.asList("a", "b, c"), 2L);
    assertThat(written(map, "map<struct<x:string,y:string>,bigint>"))
        .isEqualTo(
            "[{\"key\":{\"x\":\"a, b\",\"y\":\"c\"},\"value\":1},{\"key\":{\"x\":\"a\",\"y\":\"b, c\"},\"value\":2}]");
    assertThat(written(Map.of(Bytes.of(new byte[] {0, -1}), List.of()), "map<binary,array<int>>"))
        .isEqualTo("[{\"key\":\"AP8=\",\"value\":[]}]");
  }
}
