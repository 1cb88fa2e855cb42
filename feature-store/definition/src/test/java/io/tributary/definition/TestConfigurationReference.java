package io.tributary.definition;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.definition.internal.ConfigurationReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TestConfigurationReference {
  private static final Path DOCUMENT =
      TestExample.FOLDER.resolve("../../docs/configuration.md").normalize();

  @Test
  void documentIsWhatTheReaderReads() throws IOException {
    if (Boolean.getBoolean("write-docs")) {
      Files.writeString(DOCUMENT, ConfigurationReference.markdown());
    }
    assertThat(DOCUMENT)
        .as("docs/configuration.md; run this test with -Dwrite-docs=true to write it anew")
        .hasContent(ConfigurationReference.markdown());
  }

  @Test
  void describesNestedKeys() {
    assertThat(ConfigurationReference.markdown())
        .contains("### rows\n")
        .contains("\n- **`known-time`**: ")
        .contains("Value: a duration, as in 20ms, 90s, 6h or 7d")
        .contains("; if not written: then `as-of` says when.\n");
  }
}
