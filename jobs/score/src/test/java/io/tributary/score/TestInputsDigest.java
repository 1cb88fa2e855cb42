package io.tributary.score;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Digest;
import io.tributary.definition.Model.Encoding;
import io.tributary.model.Input;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

class TestInputsDigest {
  private static final Input DELAY = new Input("delay", "double", new Encoding.Raw());
  private static final Input CARRIER = new Input("carrier", "string", new Encoding.OneHot());

  private static String digest(List<Input> inputs, Object... values) {
    Object[] row = new Object[values.length];
    for (int i = 0; i < values.length; i++) {
      row[i] = values[i] instanceof String text ? UTF8String.fromString(text) : values[i];
    }
    int[] places = IntStream.range(0, values.length).toArray();
    return new InputsDigest(inputs, places).of(new GenericInternalRow(row)).toString();
  }

  private static String sha(Object... parts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (Object part : parts) {
      bytes.writeBytes(
          part instanceof Double number
              ? ByteBuffer.allocate(8).putDouble(number).array()
              : ((String) part).getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(Digest.sha256().digest(bytes.toByteArray()), 0, 16);
  }

  @Test
  void isOfTheBytesThatTheFormatStates() {
    assertThat(digest(List.of(DELAY, CARRIER), 1.5, "Ü"))
        .isEqualTo(sha("7:carrier,t2:Ü,5:delay,n", 1.5));
    assertThat(digest(List.of(DELAY, CARRIER), 1.5, "a".repeat(3_000)))
        .isEqualTo(sha("7:carrier,t3000:" + "a".repeat(3_000) + ",5:delay,n", 1.5));
    assertThat(digest(List.of(DELAY, CARRIER), null, null)).isEqualTo(sha("7:carrier,-5:delay,-"));
    assertThat(digest(List.of(DELAY, CARRIER), Double.POSITIVE_INFINITY, null))
        .isEqualTo(sha("7:carrier,-5:delay,-"));
  }

  @Test
  void goesByNamesAndNotByPlaces() {
    assertThat(digest(List.of(CARRIER, DELAY), "UA", 1.5))
        .isEqualTo(digest(List.of(DELAY, CARRIER), 1.5, "UA"))
        .isNotEqualTo(digest(List.of(DELAY, CARRIER), -1.5, "UA"));
  }
}
