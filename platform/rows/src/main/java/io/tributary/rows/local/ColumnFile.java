package io.tributary.rows.local;

import io.tributary.rows.ColumnRows;
import io.tributary.rows.GatheredColumn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetOutputFormat;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.schema.MessageType;
import org.apache.spark.package$;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.parquet.ParquetReadSupport;
import org.apache.spark.sql.execution.datasources.parquet.SparkToParquetSchemaConverter;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.xerial.snappy.Snappy;

/**
 * A Parquet file written column by column, of plain types and of structs and arrays of them: a row
 * group is held, and each of its columns becomes a few pages. Where few values differ they go into
 * a dictionary; to find that out costs one look at each value, and where hardly any of a few come
 * twice, at these alone.
 */
public final class ColumnFile implements RowFile {
  /** Bytes of a row group that are held, about. */
  private static final int GROUP_BYTES = 32 << 20;

  /** Bytes of a page that has shared values for each row, at most; it is made from a copy. */
  private static final int PAGE_BYTES = GROUP_BYTES / 2;

  private static final int MOST_ROWS = 128 << 10;
  private static final int LEAST_ROWS = 1 << 10;

  private final ParquetFileWriter file;
  private final StructType schema;
  private final List<ColumnDescriptor> descriptors;
  private final ColumnNode[] fields;
  private final List<PlainColumn> columns = new ArrayList<>();

  /** Of each field the first whose rows share values as its rows do; -1 = each has its own. */
  private int[] layout;

  private final List<Gathering> gatherings = new ArrayList<>();
  private final int most;
  private final int pageRows;
  private final RunLengths runs;
  private final DistinctValues values = new DistinctValues();
  private byte[] compressed = new byte[0];
  private PositionOutputStream stream;
  private int rows;
  private int bytes;
  private boolean ended;

  /**
   * A new file, in place of one that is there.
   *
   * @param schema of types that {@link #canWrite} names
   * @param conf of the file system; of how Spark names types in Parquet; and of how many rows a
   *     page has
   */
  public ColumnFile(Path path, StructType schema, Configuration conf) throws IOException {
    this.schema = schema;
    // Levels are written for each column, so that none may be required.
    MessageType message = new SparkToParquetSchemaConverter(conf).convert(schema.asNullable());
    this.descriptors = message.getColumns();
    this.most = Math.max(LEAST_ROWS, Math.min(MOST_ROWS, GROUP_BYTES / (8 * descriptors.size())));
    // A page lies in one row group, so that a limit beyond it is none.
    this.pageRows =
        Math.min(
            most,
            conf.getInt(
                ParquetOutputFormat.PAGE_ROW_COUNT_LIMIT,
                ParquetProperties.DEFAULT_PAGE_ROW_COUNT_LIMIT));
    this.runs = new RunLengths(pageRows);
    this.fields = new ColumnNode[schema.size()];
    Iterator<ColumnDescriptor> stored = descriptors.iterator();
    for (int i = 0; i < fields.length; i++) {
      fields[i] = ColumnNode.of(schema.fields()[i].dataType(), stored, columns);
    }
    this.layout = ownValues(fields.length);
    HadoopOutputFile target = HadoopOutputFile.fromPath(path, conf);
    this.file =
        new ParquetFileWriter(
            new Opened(target),
            message,
            ParquetFileWriter.Mode.OVERWRITE,
            ParquetWriter.DEFAULT_BLOCK_SIZE,
            ParquetWriter.MAX_PADDING_SIZE_DEFAULT);
    file.start();
  }

  /** Whether all columns of a schema are of types that this writes. */
  public static boolean canWrite(StructType schema) {
    return ColumnNode.canBe(schema);
  }

  @Override
  public void write(InternalRow row) throws IOException {
    if (!gatherings.isEmpty()) {
      layOut(ownValues(fields.length));
    }
    for (int i = 0; i < fields.length; i++) {
      bytes += fields[i].add(row, i, 0, 0);
    }
    if (++rows == most || bytes >= GROUP_BYTES) {
      flush();
    }
  }

  /** Plain columns that are gathered alike share their indexes. */
  @Override
  public void write(ColumnarBatch batch) throws IOException {
    ColumnVector[] from = ColumnRows.of(batch);
    int n = batch.numRows();
    if (rows + n > most && rows > 0) {
      flush();
    }
    layOut(layout(from));
    int next = 0;
    for (int i = 0; i < from.length; i++) {
      if (layout[i] == i) {
        GatheredColumn gathered = (GatheredColumn) from[i];
        gatherings.get(next++).add(gathered.from(), n, gathered.count());
      }
      bytes += fields[i].addAll(from[i], n);
    }
    rows += n;
    if (rows >= most || bytes >= GROUP_BYTES) {
      flush();
    }
  }

  private static int[] ownValues(int fields) {
    int[] layout = new int[fields];
    Arrays.fill(layout, -1);
    return layout;
  }

  private int[] layout(ColumnVector[] from) {
    int[] next = ownValues(from.length);
    Map<int[], Integer> first = new IdentityHashMap<>();
    for (int i = 0; i < from.length; i++) {
      if (from[i] instanceof GatheredColumn gathered && fields[i].canShare()) {
        Integer other = first.putIfAbsent(gathered.from(), i);
        next[i] = other == null ? i : other;
      }
    }
    return next;
  }

  /** Has the rows to come share values; a row group has one layout. */
  private void layOut(int[] next) throws IOException {
    if (Arrays.equals(layout, next)) {
      return;
    }
    if (rows > 0) {
      flush();
    }
    layout = next;
    gatherings.clear();
    Gathering[] of = new Gathering[next.length];
    for (int i = 0; i < next.length; i++) {
      if (next[i] == i) {
        of[i] = new Gathering();
        gatherings.add(of[i]);
      }
      fields[i].share(Optional.ofNullable(next[i] < 0 ? null : of[next[i]]));
    }
  }

  private void flush() throws IOException {
    file.startBlock(rows);
    for (int c = 0; c < columns.size(); c++) {
      Optional<Gathering> gathering = columns.get(c).gathering();
      if (gathering.isPresent()) {
        write(columns.get(c), gathering.get(), descriptors.get(c));
      } else {
        write(columns.get(c), descriptors.get(c));
      }
      columns.get(c).clear();
    }
    gatherings.forEach(Gathering::clear);
    file.endBlock();
    rows = 0;
    bytes = 0;
  }

  /** Writes a column whose rows share values. */
  private void write(PlainColumn column, Gathering gathering, ColumnDescriptor descriptor)
      throws IOException {
    file.startColumn(descriptor, gathering.rows(), CompressionCodecName.SNAPPY);
    int distinct = values.count(column);
    boolean asTheyAre = distinct == 0 && areDictionary(column, gathering);
    int many = asTheyAre ? column.values : distinct;
    if (many > 0) {
      int[] firsts = asTheyAre ? DistinctValues.range(0, many) : values.firsts();
      ByteBuffer dictionary = column.dictionary(firsts, many);
      file.writeDictionaryPage(
          new DictionaryPage(compressed(dictionary), dictionary.remaining(), many, Encoding.PLAIN));
    }
    for (Gathering.Page page : gathering.pages(pageRows)) {
      BytesInput bytes;
      int size;
      if (asTheyAre) {
        if (page.bytes == null) {
          ByteBuffer made = indexes(levels(page), page.from, many);
          page.size = made.remaining();
          page.bytes = compressed(made).toByteArray();
        }
        bytes = BytesInput.from(page.bytes);
        size = page.size;
      } else {
        ByteBuffer made =
            many > 0
                ? indexes(levels(page), values.numbers(page.from), many)
                : column.plain(levels(page), page.from);
        size = made.remaining();
        bytes = compressed(made);
      }
      file.writeDataPage(
          page.rows,
          size,
          bytes,
          column.statistics(page.nulls(), distinct > 0 ? values.among(page.among) : page.among),
          page.rows,
          Encoding.RLE,
          Encoding.RLE,
          many > 0 ? Encoding.RLE_DICTIONARY : Encoding.PLAIN);
    }
    file.endColumn();
  }

  /**
   * Whether shared values are a dictionary as they are: where they are few, or where each row's own
   * would not find room, as those of a long one that many rows share.
   */
  private boolean areDictionary(PlainColumn column, Gathering gathering) {
    return column.canRepeat()
        && (column.values <= gathering.present() / 4
            || gathering.pages(pageRows).stream()
                .anyMatch(page -> column.size(page.from) > PAGE_BYTES));
  }

  private ByteBuffer levels(Gathering.Page page) {
    if (page.present == null) {
      return sized(runs.same(1, page.rows, 1));
    }
    for (boolean present : page.present) {
      runs.add(present ? 1 : 0);
    }
    return sized(runs.encode(1));
  }

  private void write(PlainColumn column, ColumnDescriptor descriptor) throws IOException {
    file.startColumn(descriptor, column.entries(), CompressionCodecName.SNAPPY);
    int distinct = values.count(column);
    if (distinct > 0) {
      ByteBuffer dictionary = column.dictionary(values.firsts(), distinct);
      file.writeDictionaryPage(
          new DictionaryPage(
              compressed(dictionary), dictionary.remaining(), distinct, Encoding.PLAIN));
    }
    int entry = 0;
    int from = 0;
    for (int begin = 0; begin < rows; begin += pageRows) {
      int ofPage = Math.min(rows - begin, pageRows);
      int last = column.end(entry, ofPage);
      int nulls = column.nulls(entry, last);
      int to = from + last - entry - nulls;
      ByteBuffer levels = levels(column, descriptor, entry, last, nulls);
      ByteBuffer page =
          distinct > 0
              ? indexes(levels, Arrays.copyOfRange(values.numbers(), from, to), distinct)
              : column.plain(levels, from, to);
      file.writeDataPage(
          last - entry,
          page.remaining(),
          compressed(page),
          column.statistics(
              nulls, distinct > 0 ? values.among(from, to) : DistinctValues.range(from, to)),
          ofPage,
          Encoding.RLE,
          Encoding.RLE,
          distinct > 0 ? Encoding.RLE_DICTIONARY : Encoding.PLAIN);
      entry = last;
      from = to;
    }
    file.endColumn();
  }

  private BytesInput compressed(ByteBuffer page) throws IOException {
    int most = Snappy.maxCompressedLength(page.remaining());
    if (compressed.length < most) {
      compressed = new byte[most];
    }
    int size = Snappy.compress(page.array(), page.position(), page.remaining(), compressed, 0);
    return BytesInput.from(compressed, 0, size);
  }

  /** Where entries repeat and which have a value, each behind its size. */
  private ByteBuffer levels(
      PlainColumn column, ColumnDescriptor descriptor, int from, int to, int nulls) {
    ByteBuffer repetitions = ByteBuffer.allocate(0);
    if (column.repeats()) {
      for (int i = from; i < to; i++) {
        runs.add(column.repetition(i));
      }
      repetitions = sized(runs.encode(width(descriptor.getMaxRepetitionLevel())));
    }
    int whole = descriptor.getMaxDefinitionLevel();
    for (int i = from; nulls > 0 && i < to; i++) {
      runs.add(column.definition(i));
    }
    ByteBuffer definitions =
        nulls > 0 ? runs.encode(width(whole)) : runs.same(whole, to - from, width(whole));
    definitions = sized(definitions);
    return ByteBuffer.allocate(repetitions.remaining() + definitions.remaining())
        .put(repetitions)
        .put(definitions)
        .flip();
  }

  private static ByteBuffer sized(ByteBuffer encoded) {
    ByteBuffer sized = ByteBuffer.allocate(4 + encoded.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    return sized.putInt(encoded.remaining()).put(encoded).flip();
  }

  /** The bits of a number up to this one. */
  private static int width(int most) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(most);
  }

  private ByteBuffer indexes(ByteBuffer levels, int[] numbers, int distinct) {
    int width = Math.max(1, width(distinct - 1));
    for (int number : numbers) {
      runs.add(number);
    }
    ByteBuffer encoded = runs.encode(width);
    return ByteBuffer.allocate(levels.remaining() + 1 + encoded.remaining())
        .put(levels)
        .put((byte) width)
        .put(encoded)
        .flip();
  }

  @Override
  public void end() throws IOException {
    if (rows > 0) {
      flush();
    }
    file.end(
        Map.of(
            ParquetReadSupport.SPARK_METADATA_KEY(),
            schema.json(),
            "org.apache.spark.version",
            package$.MODULE$.SPARK_VERSION_SHORT()));
    ended = true;
  }

  /** Closes a file that has not come to its end, which closes it. */
  @Override
  public void close() throws IOException {
    if (!ended) {
      stream.close();
    }
  }

  /** Where the file's stream comes to light: the writer closes it only with a whole file. */
  private final class Opened implements OutputFile {
    private final OutputFile target;

    Opened(OutputFile target) {
      this.target = target;
    }

    @Override
    public PositionOutputStream create(long blockSize) throws IOException {
      stream = target.create(blockSize);
      return stream;
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSize) throws IOException {
      stream = target.createOrOverwrite(blockSize);
      return stream;
    }

    @Override
    public boolean supportsBlockSize() {
      return false;
    }

    @Override
    public long defaultBlockSize() {
      return target.defaultBlockSize();
    }
  }
}
