package io.tributary.source.rows;

import io.tributary.analysis.CheckedProject;
import io.tributary.analysis.CheckedSource;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.definition.Column;
import io.tributary.definition.Lookup;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.source.FileFormats;
import io.tributary.source.SourceReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;

/**
 * All that decides which rows a source's lines become: its definition and those of the sources that
 * it looks up.
 */
public final class SourceRules {
  /** Changes when the same lines under the same definition give other rows. */
  private static final String VERSION = "ingest 1";

  private final CheckedSource source;
  private final SourceReader reader;
  private final Map<String, Source> lookedUp;
  private final Digest digest;
  private final Digest reading;

  private SourceRules(
      CheckedSource source,
      SourceReader reader,
      Map<String, Source> lookedUp,
      Digest digest,
      Digest reading) {
    this.source = source;
    this.reader = reader;
    this.lookedUp = lookedUp;
    this.digest = digest;
    this.reading = reading;
  }

  /**
   * The rules of a source that reads files.
   *
   * @throws PlatformException INVALID_REQUEST for a query over other sources
   */
  public static SourceRules of(CheckedProject project, String name) {
    CheckedSource source = project.source(name);
    if (source.definition().isQuery()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot ingest source %s: it is a query over other sources and has no files. Ingest those."
              .formatted(name));
    }
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
    SourceReader reader = FileFormats.reader(source.definition());
    return new SourceRules(
        source,
        reader,
        lookedUp,
        Digest.of(String.join("\n", parts)),
        reading(source.definition(), reader.columns()));
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

  public CheckedSource source() {
    return source;
  }

  public String name() {
    return source.name();
  }

  public SourceReader reader() {
    return reader;
  }

  /** Equal digests make equal rows of equal lines and look-ups, however those are judged. */
  public Digest digest() {
    return digest;
  }

  /** Equal digests read equal values in equal files. */
  public Digest reading() {
    return reading;
  }

  /** The static source that a look-up reads. */
  public Source lookedUp(Lookup lookup) {
    return lookedUp.get(lookup.source());
  }

  public boolean isStatic() {
    return source.definition().isStatic();
  }
}
