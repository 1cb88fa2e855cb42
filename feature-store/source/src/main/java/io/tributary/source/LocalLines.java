package io.tributary.source;

import io.tributary.core.ErrorGroup;
import io.tributary.core.PlatformException;
import io.tributary.core.RowPlace;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.local.LocalRunner;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;

/**
 * The lines of some files as rows that this process reads, a file, or a part of a large one, in one
 * task: what {@link DeliveryFiles} are without Spark. They are read once: whether a line is
 * malformed shows as they are.
 */
public final class LocalLines {
  private static final int META_SIZE = DeliveryFiles.META.size();
  private static final int REASON_SIZE = DeliveryFiles.REASON.size();

  private final String source;
  private final List<FoundFile> files;
  private final SourceReader reader;
  private final Configuration hadoop;

  /** Empty = malformed lines are left out. */
  private final Optional<BiFunction<RowPlace, Reason, PlatformException>> refused;

  private final FactsAccumulator facts = new FactsAccumulator();
  private volatile boolean brokenByAPart;

  private LocalLines(
      String source,
      List<FoundFile> files,
      SourceReader reader,
      Configuration hadoop,
      Optional<BiFunction<RowPlace, Reason, PlatformException>> refused) {
    this.source = source;
    this.files = files;
    this.reader = reader;
    this.hadoop = hadoop;
    this.refused = refused;
  }

  /**
   * Files on this machine.
   *
   * @param refused the error that a malformed line is, by what is first wrong with it; empty = such
   *     lines are left out and counted
   */
  public static LocalLines of(
      String source,
      List<FoundFile> files,
      SourceReader reader,
      Optional<BiFunction<RowPlace, Reason, PlatformException>> refused) {
    Configuration hadoop = new Configuration(false);
    return new LocalLines(
        source, DeliveryFiles.divided(files, reader, hadoop), reader, hadoop, refused);
  }

  /** The contract's columns. */
  public StructType columns() {
    return reader.columns();
  }

  /** The contract's columns and {@link DeliveryFiles#META}. */
  public StructType schema() {
    return DeliveryFiles.append(reader.columns(), DeliveryFiles.META);
  }

  /** What is made of the rows of a partition. */
  public interface Made {
    Iterator<InternalRow> rows(int partition, Iterator<InternalRow> rows);
  }

  /**
   * The good lines, each partition made other rows. A malformed line that is not left out ends the
   * reading with some error: {@link #lookThrough} has the one to report.
   *
   * @param made of rows of {@link #schema()}
   * @param schema of what is made
   */
  public PartitionedRows rows(LocalRunner runner, StructType schema, Made made) {
    List<FoundFile> items = DeliveryFiles.items(files);
    return new PartitionedRows(
        runner.read(
            items.size(),
            (task, i) -> {
              List<FoundFile> item = List.of(items.get(i));
              FileLines lines = lines(item, FileLines.Kind.GOOD, seen -> add(item, seen));
              task.atEnd(lines::close);
              return made.rows(i, DeliveryFiles.areDivided(item) ? ofPart(lines) : lines);
            }),
        schema);
  }

  private Iterator<InternalRow> ofPart(FileLines lines) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        try {
          return lines.hasNext();
        } catch (PlatformException e) {
          if (e.group() == ErrorGroup.DATA) {
            brokenByAPart = true;
          }
          throw e;
        }
      }

      @Override
      public InternalRow next() {
        return lines.next();
      }
    };
  }

  private FileLines lines(List<FoundFile> of, FileLines.Kind kind, Consumer<FileFacts> seen) {
    return new FileLines(source, 1, "", of.iterator(), reader, kind, hadoop, seen);
  }

  private void add(List<FoundFile> item, FileFacts seen) {
    if (seen.malformed() > 0) {
      lookThrough(item);
    }
    facts.add(seen);
  }

  /**
   * Reads each file as a whole, up to the first malformed line by file and place that is not left
   * out.
   *
   * @throws PlatformException the error that this line is, or what is wrong with a file before it
   */
  public void lookThrough() {
    lookThrough(DeliveryFiles.whole(files));
  }

  private void lookThrough(List<FoundFile> of) {
    if (refused.isEmpty()) {
      return;
    }
    try (FileLines malformed = lines(of, FileLines.Kind.MALFORMED, seen -> {})) {
      if (malformed.hasNext()) {
        InternalRow line = malformed.next();
        InternalRow reason = line.getArray(META_SIZE + 1).getStruct(0, REASON_SIZE);
        throw refused
            .get()
            .apply(
                new RowPlace(line.getString(1), line.getLong(2)),
                new Reason(reason.getString(0), reason.getString(1), reason.getString(2)));
      }
    }
  }

  /** Whether what ended the reading was wrong with a part of a file. */
  public boolean areBrokenByAPart() {
    return brokenByAPart;
  }

  /** The same, each file read as a whole: what a part has against it, the whole may not have. */
  public LocalLines undivided() {
    return new LocalLines(source, DeliveryFiles.whole(files), reader, hadoop, refused);
  }

  /** How many lines were left out of what has been read. */
  public long malformed() {
    return facts.seen().values().stream().mapToLong(FileFacts::malformed).sum();
  }
}
