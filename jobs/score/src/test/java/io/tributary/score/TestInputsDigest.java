package io.tributary.score;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Digest;
import io.tributary.definition.Model.Encoding;
import io.tributary.model.Input;
import io.tributary.model.InputRows;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestInputsDigest {
  private static final Input DELAY = new Input("delay", "double", new Encoding.Raw());
  private static final Input CARRIER = new Input("carrier", "string", new Encoding.OneHot());

  private static InputRows row(List<Input> inputs, Object... values) {
    InputRows rows = new InputRows(inputs, 1);
    rows.append();
    for (int i = 0; i < values.length; i++) {
      if (values[i] instanceof Double number) {
        rows.number(i, number);
      } else if (values[i] instanceof String text) {
        rows.text(i, text);
      }
    }
    return rows;
  }

  private static String digest(List<Input> inputs, Object... values) {
    return new InputsDigest(inputs).of(row(inputs, values), 0);
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
    assertThat(digest(List.of(DELAY, CARRIER), null, null)).isEqualTo(sha("7:carrier,-5:delay,-"));
  }

  @Test
  void goesByNamesAndNotByPlaces() {
    assertThat(digest(List.of(CARRIER, DELAY), "UA", 1.5))
        .isEqualTo(digest(List.of(DELAY, CARRIER), 1.5, "UA"))
        .isNotEqualTo(digest(List.of(DELAY, CARRIER), -1.5, "UA"));
  }
}
