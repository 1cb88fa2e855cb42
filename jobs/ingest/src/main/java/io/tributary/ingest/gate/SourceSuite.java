package io.tributary.ingest.gate;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedSource;
import io.tributary.core.Definition;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.quality.QualityGate;
import io.tributary.quality.Suite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The suite that judges a source's rows.
 *
 * @param suite without expectations where the source names none
 * @param definition the suite as it was written; empty where the source names none
 */
public record SourceSuite(Suite suite, Optional<Definition> definition) {
  /**
   * Reads the suite that a source names.
   *
   * @throws PlatformException INVALID_DEFINITION when it is wrong or does not fit the source
   */
  public static SourceSuite of(CheckedProject project, String name) {
    CheckedSource source = project.source(name);
    Optional<String> file = source.definition().expectations().map(e -> "expectations/" + e);
    Path folder = project.project().folder();
    Suite suite = file.map(e -> Suite.read(folder.resolve(e), e)).orElse(Suite.EMPTY);
    QualityGate.check(
        suite,
        suite.name() + file.map(e -> " (" + e + ")").orElse(""),
        source.schema(),
        source.definition().zone());
    return new SourceSuite(suite, file.map(f -> definition(f, suite, folder)));
  }

  private static Definition definition(String file, Suite suite, Path folder) {
    try {
      return new Definition(
          "suite",
          file.replaceFirst("^expectations/", "").replaceFirst("[.]json$", ""),
          file,
          "active",
          Files.readString(folder.resolve(file)),
          suite.meaning(),
          Map.of(),
          Map.of(),
          Map.of());
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot read suite " + file + ": " + e + ". Write it as UTF-8 text that can be read.",
          e);
    }
  }
}
