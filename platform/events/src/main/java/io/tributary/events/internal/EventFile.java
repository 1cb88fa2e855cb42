package io.tributary.events.internal;

import io.tributary.core.Digest;
import io.tributary.core.Principal;
import io.tributary.events.Event;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.hadoop.util.HadoopCodecs;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/**
 * Reads the rows of one Parquet data file of an event log, without Kernel: a log has many small
 * files, and each must be cheap.
 */
final class EventFile {
  private static final long JULIAN_EPOCH = 2_440_588L;

  private EventFile() {}

  /**
   * Decodes a file.
   *
   * @param commit the version that added it; −1 for a rewritten file, whose rows say themselves
   *     where they are from
   */
  static List<Entry> decode(byte[] bytes, long commit) throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (ParquetFileReader reader = ParquetFileReader.open(new Bytes(bytes), options())) {
      FileMetaData file = reader.getFooter().getFileMetaData();
      for (PageReadStore rows = reader.readNextRowGroup();
          rows != null;
          rows = reader.readNextRowGroup()) {
        new RowGroup(rows, file).decode(commit, entries);
      }
    } catch (RuntimeException e) {
      throw new IOException("it is no data file of an event log: " + LogFolder.reason(e), e);
    }
    return entries;
  }

  /**
   * Logs are written without compression; Hadoop's codecs are loaded only for files that another
   * engine has rewritten.
   */
  private static ParquetReadOptions options() {
    return ParquetReadOptions.builder().withCodecFactory(new Codecs()).build();
  }

  /** Reads a row group column by column: its rows are put together once each value is there. */
  private static final class RowGroup {
    private final MessageType schema;
    private final ColumnReadStoreImpl columns;
    private final int rows;

    RowGroup(PageReadStore pages, FileMetaData file) {
      this.schema = file.getSchema();
      this.rows = (int) pages.getRowCount();
      this.columns =
          new ColumnReadStoreImpl(
              pages,
              new GroupRecordConverter(schema).getRootConverter(),
              schema,
              file.getCreatedBy());
    }

    void decode(long commit, List<Entry> entries) {
      Instant[] at = column(EventSchema.AT, new Instant[rows], atReader());
      String[] kind = texts(EventSchema.KIND);
      String[] subject = texts(EventSchema.SUBJECT);
      String[] id = texts(EventSchema.ID);
      String[] principal = texts(EventSchema.PRINCIPAL);
      String[] establishedBy = texts(EventSchema.ESTABLISHED_BY);
      String[] run = texts(EventSchema.RUN);
      Integer[] format = column(EventSchema.FORMAT, new Integer[rows], ColumnReader::getInteger);
      Integer[] needs = column(EventSchema.NEEDS, new Integer[rows], ColumnReader::getInteger);
      String[] body = texts(EventSchema.BODY);
      String[] slot = texts(EventSchema.SLOT);
      Long[] generation = longs(EventSchema.GENERATION);
      String[] previous = texts(EventSchema.PREVIOUS);
      Long[] from = longs(EventSchema.COMMIT);
      for (int i = 0; i < rows; i++) {
        Event event =
            new Event(
                id[i],
                at[i],
                kind[i],
                subject[i],
                new Principal(principal[i], establishedBy[i]),
                run[i],
                format[i],
                needs[i],
                body[i]);
        entries.add(
            new Entry(
                commit >= 0 ? commit : from[i] == null ? Entry.UNKNOWN : from[i],
                event,
                Optional.ofNullable(slot[i]),
                generation[i] == null ? 0 : generation[i],
                Optional.ofNullable(previous[i]).map(Digest::parse)));
      }
    }

    private String[] texts(String name) {
      return column(name, new String[rows], reader -> reader.getBinary().toStringUsingUTF8());
    }

    private Long[] longs(String name) {
      return column(name, new Long[rows], ColumnReader::getLong);
    }

    /** Null where the row has no value, and everywhere in a column that the file lacks. */
    private <T> T[] column(String name, T[] values, Function<ColumnReader, T> value) {
      if (!schema.containsField(name)) {
        return values;
      }
      ColumnDescriptor column = schema.getColumnDescription(new String[] {name});
      ColumnReader reader = columns.getColumnReader(column);
      for (int i = 0; i < rows; i++) {
        if (reader.getCurrentDefinitionLevel() == column.getMaxDefinitionLevel()) {
          values[i] = value.apply(reader);
        }
        reader.consume();
      }
      return values;
    }

    private Function<ColumnReader, Instant> atReader() {
      PrimitiveType type = schema.getType(EventSchema.AT).asPrimitiveType();
      if (type.getPrimitiveTypeName() == PrimitiveTypeName.INT96) {
        return reader -> int96(reader.getBinary());
      }
      TimeUnit unit =
          type.getLogicalTypeAnnotation() instanceof TimestampLogicalTypeAnnotation timestamp
              ? timestamp.getUnit()
              : TimeUnit.MICROS;
      return switch (unit) {
        case MILLIS -> reader -> Instant.ofEpochMilli(reader.getLong());
        case MICROS -> reader -> Instant.EPOCH.plus(reader.getLong(), ChronoUnit.MICROS);
        case NANOS -> reader -> Instant.EPOCH.plusNanos(reader.getLong());
      };
    }

    private static Instant int96(Binary value) {
      ByteBuffer buffer = value.toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
      long nanosOfDay = buffer.getLong();
      long day = buffer.getInt() - JULIAN_EPOCH;
      return Instant.EPOCH.plus(day, ChronoUnit.DAYS).plusNanos(nanosOfDay);
    }
  }

  private record Bytes(byte[] bytes) implements InputFile {
    @Override
    public long getLength() {
      return bytes.length;
    }

    @Override
    public SeekableInputStream newStream() {
      LakeIO.Bytes stream = new LakeIO.Bytes(bytes);
      return new DelegatingSeekableInputStream(stream) {
        @Override
        public long getPos() {
          return stream.getPos();
        }

        @Override
        public void seek(long to) throws IOException {
          stream.seek(to);
        }
      };
    }
  }

  private static final class Codecs implements CompressionCodecFactory {
    private Optional<CompressionCodecFactory> hadoop = Optional.empty();

    private CompressionCodecFactory hadoop() {
      if (hadoop.isEmpty()) {
        hadoop = Optional.of(HadoopCodecs.newFactory(0));
      }
      return hadoop.get();
    }

    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
      return hadoop().getCompressor(codec);
    }

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
      return codec == CompressionCodecName.UNCOMPRESSED
          ? new Plain()
          : hadoop().getDecompressor(codec);
    }

    @Override
    public void release() {
      hadoop.ifPresent(CompressionCodecFactory::release);
    }
  }

  private static final class Plain implements CompressionCodecFactory.BytesInputDecompressor {
    @Override
    public BytesInput decompress(BytesInput bytes, int size) {
      return bytes;
    }

    @Override
    public void decompress(ByteBuffer input, int compressedSize, ByteBuffer output, int size) {
      output.put(input.slice().limit(size));
    }

    @Override
    public void release() {}
  }
}
