package io.tributary.ingest;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedSource;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.definition.Column;
import io.tributary.definition.Credential;
import io.tributary.definition.Lookup;
import io.tributary.definition.Project;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.ingest.csv.CsvReader;
import io.tributary.ingest.json.JsonReader;
import io.tributary.ingest.parquet.ParquetReader;
import io.tributary.lake.Lake;
import io.tributary.quality.QualityGate;
import io.tributary.quality.Suite;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;

/**
 * All that decides what becomes of a source's lines: its definition and those of the sources that
 * it looks up, which make rows of them, and its suite, which judges the rows.
 */
final class SourceRules {
  /** Changes when the same lines under the same definition give other rows. */
  private static final String VERSION = "ingest 1";

  private final CheckedSource source;
  private final SourceReader reader;
  private final Suite suite;
  private final Map<String, Source> lookedUp;
  private final Digest digest;
  private final Digest reading;
  private final List<Definition> definitions;

  private SourceRules(
      CheckedSource source,
      SourceReader reader,
      Suite suite,
      Map<String, Source> lookedUp,
      Digest digest,
      Digest reading,
      List<Definition> definitions) {
    this.source = source;
    this.reader = reader;
    this.suite = suite;
    this.lookedUp = lookedUp;
    this.digest = digest;
    this.reading = reading;
    this.definitions = List.copyOf(definitions);
  }

  /**
   * The rules of a source that reads files.
   *
   * @throws PlatformException INVALID_DEFINITION when the suite is wrong or does not fit the source
   */
  static SourceRules of(CheckedProject project, String name) {
    CheckedSource source = project.source(name);
    if (source.definition().isQuery()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot ingest source "
              + name
              + ": it is a query over other sources and has no files. Ingest those.");
    }
    Optional<String> file = source.definition().expectations().map(e -> "expectations/" + e);
    Suite suite =
        file.map(e -> Suite.read(project.project().folder().resolve(e), e)).orElse(Suite.EMPTY);
    QualityGate.check(
        suite,
        suite.name() + file.map(e -> " (" + e + ")").orElse(""),
        source.schema(),
        source.definition().zone());
    List<String> parts = new ArrayList<>();
    parts.add(VERSION);
    parts.add(source.digest().hex());
    parts.add(source.definition().zone().getId());
    source.definition().columns().stream()
        .filter(c -> !c.was().isEmpty())
        .forEach(c -> parts.add(c.name() + " was " + c.was()));
    Map<String, Source> lookedUp = new HashMap<>();
    for (Lookup lookup : source.definition().lookup()) {
      parts.add(of(project, lookup.source()).digest.hex());
      lookedUp.put(lookup.source(), project.source(lookup.source()).definition());
    }
    List<Definition> definitions = new ArrayList<>(project.definitions(List.of("source " + name)));
    file.ifPresent(f -> definitions.add(definition(f, suite, project.project())));
    SourceReader reader = reader(source.definition());
    return new SourceRules(
        source,
        reader,
        suite,
        lookedUp,
        Digest.of(String.join("\n", parts)),
        reading(source.definition(), reader.columns()),
        definitions);
  }

  private static Digest reading(Source source, StructType columns) {
    List<Object> parts = new ArrayList<>(List.of(source.input().format()));
    if (source.input() instanceof SourceInput.Files files) {
      parts.add(files.header());
      parts.add(new TreeSet<>(files.nulls()));
      parts.add(new TreeMap<>(files.options()));
    }
    for (Column column : source.columns()) {
      column.format().ifPresent(f -> parts.add(List.of(column.name(), f.pattern())));
    }
    if (columns.existsRecursively(type -> type instanceof TimestampType)) {
      parts.add(source.zone().getId());
    }
    return Digest.of(Json.write(parts));
  }

  private static Definition definition(String file, Suite suite, Project project) {
    try {
      return new Definition(
          "suite",
          file.replaceFirst("^expectations/", "").replaceFirst("[.]json$", ""),
          file,
          "active",
          Files.readString(project.folder().resolve(file)),
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

  private static SourceReader reader(Source source) {
    return switch (source.input().format()) {
      case "json", "jdbc", "delta" -> JsonReader.of(source);
      case "parquet" -> ParquetReader.of(source);
      default -> CsvReader.of(source, (SourceInput.Files) source.input());
    };
  }

  /** Where the source's deliveries come from. */
  Intake intake(Project project, Lake lake, DeliveryLedger ledger, Optional<Interval> interval) {
    Source definition = source.definition();
    if (definition.input() instanceof SourceInput.Jdbc jdbc) {
      Optional<Credential> credential =
          jdbc.credentials().map(name -> project.credentials().get(name));
      return new RangeIntake(
          name(), new JdbcTable(definition, jdbc, credential), lake.uri(), ledger);
    }
    if (definition.input() instanceof SourceInput.DeltaTable table) {
      return new RangeIntake(
          name(), new DeltaFeed(definition, table, project.folder(), lake), lake.uri(), ledger);
    }
    return new SourceFolder(
        definition,
        project.folder(),
        (SourceInput.Files) definition.input(),
        interval,
        lake.session()::hadoop);
  }

  /** The source, what it is made of, and its suite. */
  List<Definition> definitions() {
    return definitions;
  }

  CheckedSource source() {
    return source;
  }

  String name() {
    return source.name();
  }

  SourceReader reader() {
    return reader;
  }

  Suite suite() {
    return suite;
  }

  /** Equal digests make equal rows of equal lines and look-ups, however those are judged. */
  Digest digest() {
    return digest;
  }

  /** Equal digests read equal values in equal files. */
  Digest reading() {
    return reading;
  }

  /** The static source that a look-up reads. */
  Source lookedUp(Lookup lookup) {
    return lookedUp.get(lookup.source());
  }

  boolean isStatic() {
    return source.definition().isStatic();
  }
}
