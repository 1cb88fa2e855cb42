package io.tributary.definition;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TestAggregate {
  /** The table of {@code docs/aggregates.md} is the functions, in their order. */
  @Test
  void functionsAreDocumentedWithWhatTheyTakeAndGive() throws IOException {
    assertThat(Files.readAllLines(Path.of("../../docs/aggregates.md")))
        .filteredOn(line -> line.startsWith("| `"))
        .containsExactlyElementsOf(
            Aggregate.Function.named().stream().map(Aggregate.Function::row).toList());
  }
}
