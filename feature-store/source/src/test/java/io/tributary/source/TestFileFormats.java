package io.tributary.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.FileType;
import org.junit.jupiter.api.Test;

class TestFileFormats {
  @Test
  void eachFormatThatASourceCanNameHasAReader() {
    assertThat(FileType.ALL)
        .extracting(FileType::name)
        .containsExactlyInAnyOrderElementsOf(FileFormats.BY_NAME.keySet());
  }
}
