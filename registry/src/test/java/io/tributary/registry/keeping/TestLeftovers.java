package io.tributary.registry.keeping;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestLeftovers {
  private static final Instant NOW = Instant.parse("2026-02-01T00:00:00Z");

  @TempDir Path lake;

  private Path folder(String name, Duration age) throws IOException {
    Path folder = Files.createDirectories(lake.resolve(name));
    Files.writeString(folder.resolve("body.json"), "{}");
    Files.setLastModifiedTime(folder, FileTime.from(NOW.minus(age)));
    return folder;
  }

  /** What a registration stored that was killed before its event, or stores right now. */
  @Test
  void findsPartsOfRegistrationsThatNoVersionHas() throws IOException {
    Digest used = Digest.of("used");
    folder("registrations/" + used.hex(), Duration.ofDays(9));
    Path lost = folder("registrations/" + Digest.of("lost").hex(), Duration.ofHours(2));
    Path hidden = folder("registrations/.ab12.x", Duration.ofHours(2));
    folder("registrations/" + Digest.of("now").hex(), Duration.ofMinutes(5));

    assertThat(new Leftovers(lake, NOW).find(Set.of(used), Set.of()))
        .isEqualTo(
            Map.of("parts of registrations that no model version has", List.of(hidden, lost)));
  }
}
