package io.tributary.source.place;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.SourceInput;
import io.tributary.source.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestSourceFolder {
  @TempDir Path folder;

  private SourceFolder folder(String path) {
    return new SourceFolder(
        Reading.source(false, Reading.column("a", "int")),
        folder,
        new SourceInput.Files("csv", path, true, List.of(), Map.of()),
        Optional.empty(),
        Configuration::new);
  }

  @Test
  void namesTheFileThatIsMeantWhereOneIsMissing() throws IOException {
    Files.createDirectories(folder.resolve("data"));
    Files.writeString(folder.resolve("data/purchases.csv"), "a\n1\n");

    folder("data/purchases.csv").look();
    folder("data/none*.csv").look();
    assertThatThrownBy(() -> folder("data/purchase.csv").look())
        .isInstanceOf(PlatformException.class)
        .hasMessage(
            "Cannot read file data/purchase.csv of source trips: there is no such file. Did you mean"
                + " data/purchases.csv? Deliver it, or correct the source's path.")
        .extracting(e -> ((PlatformException) e).code())
        .isEqualTo(ErrorCode.UNREADABLE_FILE);
    assertThatThrownBy(() -> folder("nowhere/else.csv").look())
        .hasMessageContaining("there is no such file. Deliver it");
    assertThat(folder("data/purchases.csv").find()).hasSize(1);
  }
}
