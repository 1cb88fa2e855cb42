package io.tributary.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Json;
import io.tributary.definition.Model.Encoding;
import io.tributary.definition.Model.Layer;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestModel {
  private static final List<Layer> LAYERS =
      List.of(new Layer.Dense(64, "gelu"), new Layer.Dropout(0.25));
  private static final List<Encoding> ENCODINGS =
      List.of(
          new Encoding.Standardize(),
          new Encoding.Raw(),
          new Encoding.OneHot(),
          new Encoding.Embedding(4));

  /** Bundles hold them so. */
  @Test
  void layersAndEncodingsAreAFormat() throws Exception {
    String layers =
        Json.mapper().writerFor(Layer[].class).writeValueAsString(LAYERS.toArray(Layer[]::new));
    assertThat(layers)
        .isEqualTo(
            "[{\"kind\":\"dense\",\"width\":64,\"activation\":\"gelu\"},"
                + "{\"kind\":\"dropout\",\"share\":0.25}]");
    assertThat(Json.read(layers, Layer[].class)).containsExactlyElementsOf(LAYERS);
    String encodings =
        Json.mapper()
            .writerFor(Encoding[].class)
            .writeValueAsString(ENCODINGS.toArray(Encoding[]::new));
    assertThat(encodings)
        .isEqualTo(
            "[{\"kind\":\"standardize\"},{\"kind\":\"raw\"},{\"kind\":\"one-hot\"},"
                + "{\"kind\":\"embedding\",\"width\":4}]");
    assertThat(Json.read(encodings, Encoding[].class)).containsExactlyElementsOf(ENCODINGS);
  }

  @Test
  void printsAsUsersWrite() {
    assertThat(LAYERS).extracting(Layer::text).containsExactly("dense(64, gelu)", "dropout(0.25)");
    assertThat(new Layer.Dropout(0).text()).isEqualTo("dropout(0)");
    assertThat(ENCODINGS)
        .extracting(Encoding::text)
        .containsExactly("standardize", "raw", "one-hot", "embedding(4)");
  }

  @Test
  void refusesWhatNoNetworkHas() {
    assertThatThrownBy(() -> new Layer.Dense(0, "relu"))
        .hasMessage(
            "Cannot fit with dense(0, relu): it is out of range. Use a width of 1 to 16384.");
    assertThatThrownBy(() -> new Layer.Dropout(Double.NaN))
        .hasMessage(
            "Cannot fit with dropout(NaN): it is out of range. Use a share from 0 to below 1.");
    assertThatThrownBy(() -> new Encoding.Embedding(513))
        .hasMessage("Cannot fit with embedding(513): it is out of range. Use a width of 1 to 512.");
  }
}
