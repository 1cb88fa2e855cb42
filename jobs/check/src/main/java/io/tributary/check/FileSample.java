package io.tributary.check;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Source;
import io.tributary.source.ByteReader;
import io.tributary.source.FileErrors;
import io.tributary.source.Line;
import io.tributary.source.Lines;
import io.tributary.source.Reason;
import io.tributary.source.SourceReader;
import io.tributary.source.TypedFiles;
import io.tributary.source.place.SourceFolder;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructField;

/** The beginning of a file that a source reads, beside the source's contract and key. */
final class FileSample {
  /** So many lines of a file are read. */
  static final int LINES = 1_000;

  /**
   * Of a file of more bytes that says its columns only these are read: a group of its rows may be
   * most of it.
   */
  private static final long WHOLE = 32L << 20;

  private final Source source;
  private final String path;
  private final List<PlacedProblem> problems = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private long read;

  private FileSample(Source source, String path) {
    this.source = source;
    this.path = path;
  }

  /** Reads the first lines of a file that lies in a folder. */
  static FileSample of(
      Source source, SourceReader reader, SourceFolder.Listed file, SourceFolder folder) {
    FileSample sample = new FileSample(source, file.path());
    Path at = file.status().getPath();
    try {
      if (reader instanceof ByteReader byByte) {
        try (InputStream bytes = folder.open(file)) {
          sample.read(reader, byByte.open(file.path(), bytes));
        }
      } else {
        sample.read(reader.typed().orElseThrow(), reader, file, folder.settings(at));
      }
    } catch (PlatformException e) {
      sample.problems.add(PlacedProblem.of(e, file.path()));
    } catch (IOException e) {
      sample.problems.add(
          PlacedProblem.of(FileErrors.of(source.name(), file.path(), at, e), file.path()));
    }
    return sample;
  }

  /** What is wrong: ingest would refuse the file. */
  List<PlacedProblem> problems() {
    return problems;
  }

  /** What ingest would set apart, a line each. */
  List<String> notes() {
    return notes;
  }

  long lines() {
    return read;
  }

  private void read(
      TypedFiles typed, SourceReader reader, SourceFolder.Listed file, Configuration hadoop) {
    String at = file.status().getPath().toString();
    long bytes = file.status().getLen();
    typed.storesAsDeclared(path, at, hadoop);
    if (bytes <= WHOLE) {
      read(reader, typed.open(path, at, 0, bytes, hadoop));
    }
  }

  private void read(SourceReader reader, Lines opened) {
    Key key = new Key(reader);
    long malformed = 0;
    String first = "";
    try (Lines lines = opened) {
      while (read < LINES && lines.next()) {
        read++;
        Line line = lines.line();
        if (line.problems().isEmpty()) {
          key.add(line, lines.values());
        } else if (malformed++ == 0) {
          Reason reason = line.problems().get(0);
          first = "line %d: %s %s".formatted(line.number(), reason.column(), reason.message());
        }
      }
    }
    if (malformed > 0) {
      note("%,d of the first %,d lines are malformed, %s".formatted(malformed, read, first));
    }
    key.tell();
  }

  private void note(String what) {
    notes.add("source %s, %s: %s".formatted(source.name(), path, what));
  }

  /** The event key in the lines, where the file itself has all of its columns. */
  private final class Key {
    private final List<StructField> fields;
    private final int[] places;
    private final Set<List<String>> seen = new HashSet<>();
    private final Map<String, Long> missing = new TreeMap<>();
    private long firstTwice;
    private long twice;

    Key(SourceReader reader) {
      List<String> names = List.of(reader.columns().fieldNames());
      List<String> key = names.containsAll(source.eventKey()) ? source.eventKey() : List.of();
      places = key.stream().mapToInt(names::indexOf).toArray();
      fields = Arrays.stream(places).mapToObj(place -> reader.columns().apply(place)).toList();
    }

    void add(Line line, InternalRow row) {
      List<String> values = new ArrayList<>();
      boolean whole = true;
      for (int i = 0; i < places.length; i++) {
        StructField field = fields.get(i);
        if (row.isNullAt(places[i])) {
          missing.merge(field.name(), 1L, Long::sum);
          whole = false;
        } else {
          values.add(String.valueOf(row.get(places[i], field.dataType())));
        }
      }
      if (whole && !values.isEmpty() && !seen.add(values) && twice++ == 0) {
        firstTwice = line.number();
      }
    }

    void tell() {
      missing.forEach(
          (column, count) ->
              note(
                  "%,d of the first %,d lines have no %s, which is part of the event key"
                      .formatted(count, read, column)));
      String again =
          "%,d of its first %,d lines have the event key (%s) of a line before, the first is line %d"
              .formatted(twice, read, String.join(", ", source.eventKey()), firstTwice);
      if (twice > 0 && source.isStatic()) {
        problems.add(
            PlacedProblem.of(
                ErrorCode.EXPECTATIONS_FAILED,
                path,
                (int) firstTwice,
                "Cannot admit file %s of source %s: %s. A key of reference data names one row: correct the file, or the source's event-key."
                    .formatted(path, source.name(), again)));
      } else if (twice > read / 2) {
        note(again + "; are they versions of one event?");
      }
    }
  }
}
