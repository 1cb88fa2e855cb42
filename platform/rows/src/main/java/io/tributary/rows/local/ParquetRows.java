package io.tributary.rows.local;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.rows.ColumnRows;
import io.tributary.rows.PartitionedRows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.mapred.FileSplit;
import org.apache.hadoop.mapreduce.TaskAttemptID;
import org.apache.hadoop.mapreduce.task.TaskAttemptContextImpl;
import org.apache.parquet.column.statistics.LongStatistics;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.parquet.ParquetReadSupport;
import org.apache.spark.sql.execution.datasources.parquet.ParquetToSparkSchemaConverter;
import org.apache.spark.sql.execution.datasources.parquet.VectorizedParquetRecordReader;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * Parquet files of the local disk, read by Spark's reader of columns without a session. A file that
 * is another one once it has been read ends the reading.
 */
public final class ParquetRows {
  /** The number of a row in its file, from 0, where it is asked for by this name. */
  public static final String ROW_INDEX = "_tmp_metadata_row_index";

  /** Bytes of row groups that are read at once, at least. */
  private static final long BYTES_A_PARTITION = 8 << 20;

  private static final int BATCH = 4_096;
  private static final LogicalTypeAnnotation MICROS =
      LogicalTypeAnnotation.timestampType(true, LogicalTypeAnnotation.TimeUnit.MICROS);
  private static final String UNKNOWN_TYPE = " has a column of a type that Spark alone knows";

  private final List<Piece> pieces;
  private final StructType schema;
  private final Optional<String> leftToSpark;

  /** A file as it was when its footer was read. */
  private record Stamp(Path file, long size, FileTime modified) {
    static Stamp of(Path file) throws IOException {
      return new Stamp(file, Files.size(file), Files.getLastModifiedTime(file));
    }

    void requireSame() {
      try {
        if (of(file).equals(this)) {
          return;
        }
      } catch (IOException e) {
        throw unreadable(file, "it is gone", e);
      }
      throw new PlatformException(
          ErrorCode.CONFLICT,
          "Cannot read file %s: it was changed while it was read. Write it under another name, and rename it when it is whole; then run it again."
              .formatted(file));
    }
  }

  /** The least and the greatest instant of a column, in microseconds. */
  private record Bounds(long least, long greatest) {
    Bounds or(Bounds other) {
      return new Bounds(Math.min(least, other.least), Math.max(greatest, other.greatest));
    }
  }

  /**
   * Row groups that begin in a range of a file.
   *
   * @param first the number of their first row in the file
   * @param instants of the columns whose instants' bounds are known
   */
  private record Piece(
      Stamp stamp, long from, long length, long first, Map<String, Bounds> instants) {}

  private ParquetRows(List<Piece> pieces, StructType schema, Optional<String> leftToSpark) {
    this.leftToSpark = leftToSpark;
    this.pieces = pieces;
    this.schema = schema;
  }

  /**
   * Reads the footers of some files; the columns are those of the first.
   *
   * @throws PlatformException UNREADABLE_FILE for one that is no Parquet file
   */
  public static ParquetRows open(List<Path> files) {
    List<Piece> pieces = new ArrayList<>();
    StructType schema = null;
    Optional<String> leftToSpark = Optional.empty();
    Configuration conf = ParquetSettings.conf();
    for (Path file : files) {
      try {
        Stamp stamp = Stamp.of(file);
        if (stamp.size() == 0) {
          continue;
        }
        ParquetMetadata footer = footer(file, conf);
        FileMetaData meta = footer.getFileMetaData();
        leftToSpark = leftToSpark.or(() -> leftToSpark(file, meta));
        if (schema == null) {
          schema = converted(meta, conf);
        }
        if (schema.isEmpty()) {
          leftToSpark = leftToSpark.or(() -> Optional.of(file.getFileName() + UNKNOWN_TYPE));
        }
        add(pieces, stamp, footer.getBlocks());
      } catch (IOException | RuntimeException | FSError e) {
        throw unreadable(file, first(e), e);
      }
    }
    return new ParquetRows(
        List.copyOf(pieces), schema == null ? new StructType() : schema, leftToSpark);
  }

  /** The columns as Spark has them, all nullable; none where it refuses the type of one. */
  private static StructType converted(FileMetaData meta, Configuration conf) {
    try {
      StructType columns =
          new ParquetToSparkSchemaConverter(conf).convert(meta.getSchema()).asNullable();
      String written = meta.getKeyValueMetaData().get(ParquetReadSupport.SPARK_METADATA_KEY());
      // Spark takes a type of its own, such as an interval, from what it wrote beside the columns.
      return written == null || sameTypes((StructType) DataType.fromJson(written), columns)
          ? columns
          : new StructType();
    } catch (Exception e) {
      // Spark's checked exceptions come undeclared out of Scala.
      if (e instanceof AnalysisException) {
        return new StructType();
      }
      throw e;
    }
  }

  private static boolean sameTypes(StructType written, StructType columns) {
    return written.asNullable().catalogString().equals(columns.catalogString());
  }

  private static ParquetMetadata footer(Path file, Configuration conf) throws IOException {
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(file.toUri());
    try (ParquetFileReader reader = ParquetFileReader.open(HadoopInputFile.fromPath(path, conf))) {
      return reader.getFooter();
    }
  }

  /** Neighbouring row groups together, until they are enough for a task. */
  private static void add(List<Piece> pieces, Stamp stamp, List<BlockMetaData> groups) {
    long from = -1;
    int first = 0;
    long rows = 0;
    long size = 0;
    for (int i = 0; i < groups.size(); i++) {
      BlockMetaData group = groups.get(i);
      from = from < 0 ? group.getStartingPos() : from;
      size += group.getCompressedSize();
      if (size >= BYTES_A_PARTITION || i == groups.size() - 1) {
        long end = i == groups.size() - 1 ? stamp.size() : groups.get(i + 1).getStartingPos();
        List<BlockMetaData> some = groups.subList(first, i + 1);
        pieces.add(new Piece(stamp, from, end - from, rows, instants(some)));
        rows += some.stream().mapToLong(BlockMetaData::getRowCount).sum();
        from = -1;
        first = i + 1;
        size = 0;
      }
    }
  }

  private static Map<String, Bounds> instants(List<BlockMetaData> groups) {
    Map<String, Bounds> instants = new HashMap<>();
    for (int c = 0; c < groups.get(0).getColumns().size(); c++) {
      int column = c;
      List<Bounds> known =
          groups.stream().flatMap(g -> instants(g.getColumns().get(column)).stream()).toList();
      if (known.size() == groups.size()) {
        instants.put(
            groups.get(0).getColumns().get(c).getPath().toDotString(),
            known.stream().reduce(Bounds::or).orElseThrow());
      }
    }
    return instants;
  }

  private static Optional<Bounds> instants(ColumnChunkMetaData column) {
    return MICROS.equals(column.getPrimitiveType().getLogicalTypeAnnotation())
            && column.getStatistics() instanceof LongStatistics bounds
            && bounds.hasNonNullValue()
        ? Optional.of(new Bounds(bounds.getMin(), bounds.getMax()))
        : Optional.empty();
  }

  /** Why a file's values may mean another instant or day than they say, or can't be decrypted. */
  private static Optional<String> leftToSpark(Path file, FileMetaData meta) {
    if (meta.getEncryptionType() != FileMetaData.EncryptionType.UNENCRYPTED) {
      return Optional.of(file.getFileName() + " is encrypted");
    }
    Map<String, String> said = meta.getKeyValueMetaData();
    boolean old = said.getOrDefault("org.apache.spark.version", "3").compareTo("3") < 0;
    if (old || said.keySet().stream().anyMatch(key -> key.startsWith("org.apache.spark.legacy"))) {
      return Optional.of(file.getFileName() + " may have days of the Julian calendar");
    }
    boolean int96 =
        meta.getSchema().getColumns().stream()
            .map(column -> column.getPrimitiveType().getPrimitiveTypeName())
            .anyMatch(PrimitiveTypeName.INT96::equals);
    return int96 ? Optional.of(file.getFileName() + " has instants as INT96") : Optional.empty();
  }

  /** Why these files must be read by Spark; empty = they need not. */
  public Optional<String> leftToSpark() {
    return leftToSpark;
  }

  public StructType schema() {
    return schema;
  }

  /** The size of the files. */
  public long bytes() {
    return pieces.stream().map(Piece::stamp).distinct().mapToLong(Stamp::size).sum();
  }

  /**
   * The same without some of those rows whose instant in a column is null or not between two, both
   * inclusive.
   */
  public ParquetRows between(String column, long least, long greatest) {
    Bounds all = new Bounds(least, greatest);
    return with(
        pieces.stream()
            .filter(
                piece -> {
                  Bounds of = piece.instants().getOrDefault(column, all);
                  return of.least() <= greatest && of.greatest() >= least;
                })
            .toList());
  }

  /**
   * The same without some of those rows that don't pass a test; the columns that it needs are read
   * now.
   *
   * @param test one of a thread
   */
  public ParquetRows where(
      LocalRunner runner, StructType columns, Supplier<Predicate<InternalRow>> test) {
    List<Boolean> any =
        read(runner, columns)
            .rows()
            .each(
                rows -> {
                  Predicate<InternalRow> passes = test.get();
                  boolean found = false;
                  while (!found && rows.hasNext()) {
                    found = passes.test(rows.next());
                  }
                  return found;
                });
    return with(IntStream.range(0, pieces.size()).filter(any::get).mapToObj(pieces::get).toList());
  }

  private ParquetRows with(List<Piece> some) {
    return new ParquetRows(some, schema, leftToSpark);
  }

  /**
   * Rows with these columns, null where a file has none of that name; in order within a partition.
   *
   * @param columns of the files, or {@link #ROW_INDEX}; all nullable
   */
  public PartitionedRows read(LocalRunner runner, StructType columns) {
    return read(runner, columns, columns, (partition, file, rows) -> rows);
  }

  /** What is done to the rows of a partition, which are of one file. */
  public interface OfFile {
    Iterator<InternalRow> rows(int partition, Path file, ColumnRows rows);
  }

  /**
   * The same, each partition made other rows.
   *
   * @param schema of the rows that are made
   */
  public PartitionedRows read(
      LocalRunner runner, StructType columns, StructType schema, OfFile made) {
    return new PartitionedRows(
        runner.read(
            pieces.size(),
            (task, i) -> {
              Rows rows = new Rows(pieces.get(i), columns);
              task.atEnd(rows::close);
              return made.rows(i, pieces.get(i).stamp().file(), rows);
            }),
        schema);
  }

  private static final class Rows implements ColumnRows {
    private final Piece piece;
    private final VectorizedParquetRecordReader reader;
    private final ColumnarBatch read;

    /** What was read, with the numbers of the rows where they are asked for. */
    private final ColumnarBatch batch;

    private final RowNumbers numbers;
    private Iterator<InternalRow> rows = Collections.emptyIterator();
    private boolean untouched;
    private boolean ended;

    Rows(Piece piece, StructType columns) {
      this.piece = piece;
      Configuration conf = ParquetSettings.conf();
      this.numbers = new RowNumbers(piece.first());
      StructField[] stored =
          Arrays.stream(columns.fields())
              .filter(column -> !column.name().equals(ROW_INDEX))
              .toArray(StructField[]::new);
      conf.set(ParquetReadSupport.SPARK_ROW_REQUESTED_SCHEMA(), new StructType(stored).json());
      this.reader =
          new VectorizedParquetRecordReader(
              ZoneOffset.UTC,
              ParquetSettings.CORRECTED,
              "UTC",
              ParquetSettings.CORRECTED,
              "UTC",
              false,
              BATCH);
      try {
        reader.initialize(
            new FileSplit(
                new org.apache.hadoop.fs.Path(piece.stamp().file().toUri()),
                piece.from(),
                piece.length(),
                new String[0]),
            new TaskAttemptContextImpl(conf, new TaskAttemptID()));
        reader.initBatch(new StructType(), InternalRow.empty());
        reader.enableReturningBatches();
        this.read = reader.resultBatch();
        this.batch =
            stored.length == columns.size() ? read : numbered(columns, ColumnRows.of(read));
      } catch (IOException | RuntimeException e) {
        close();
        piece.stamp().requireSame();
        throw unreadable(piece.stamp().file(), first(e), e);
      } catch (InterruptedException e) {
        close();
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while a file was opened", e);
      }
    }

    private ColumnarBatch numbered(StructType columns, ColumnVector[] stored) {
      ColumnVector[] all = new ColumnVector[columns.size()];
      int next = 0;
      for (int c = 0; c < all.length; c++) {
        all[c] = columns.fields()[c].name().equals(ROW_INDEX) ? numbers : stored[next++];
      }
      return new ColumnarBatch(all);
    }

    @Override
    public boolean hasNext() {
      try {
        while (!ended && !rows.hasNext()) {
          if (reader.nextBatch()) {
            numbers.next(read.numRows());
            batch.setNumRows(read.numRows());
            rows = batch.rowIterator();
            untouched = true;
          } else {
            end();
          }
        }
      } catch (IOException | RuntimeException e) {
        close();
        piece.stamp().requireSame();
        throw unreadable(piece.stamp().file(), first(e), e);
      }
      return rows.hasNext();
    }

    private void end() {
      ended = true;
      close();
      piece.stamp().requireSame();
    }

    private void close() {
      try {
        reader.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      untouched = false;
      return rows.next();
    }

    @Override
    public Optional<ColumnarBatch> columns() {
      return hasNext() && untouched ? Optional.of(batch) : Optional.empty();
    }

    @Override
    public void pass() {
      rows = Collections.emptyIterator();
    }
  }

  private static String first(Throwable e) {
    return Optional.ofNullable(e.getMessage())
        .flatMap(m -> m.lines().findFirst())
        .orElse(e.getClass().getSimpleName());
  }

  private static PlatformException unreadable(Path file, String why, Throwable cause) {
    if (cause instanceof PlatformException known) {
      return known;
    }
    return new PlatformException(
        ErrorCode.UNREADABLE_FILE,
        "Cannot read file %s as Parquet: %s. Write it again.".formatted(file, why),
        cause);
  }
}
