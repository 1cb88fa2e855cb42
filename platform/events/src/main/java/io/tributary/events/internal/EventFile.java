package io.tributary.events.internal;

import io.tributary.events.Event;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopCodecs;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.io.SeekableInputStream;
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
      MessageType schema = reader.getFooter().getFileMetaData().getSchema();
      MessageColumnIO columns = new ColumnIOFactory().getColumnIO(schema);
      for (PageReadStore rows = reader.readNextRowGroup();
          rows != null;
          rows = reader.readNextRowGroup()) {
        RecordReader<Group> records =
            columns.getRecordReader(rows, new GroupRecordConverter(schema));
        for (long i = 0; i < rows.getRowCount(); i++) {
          entries.add(entry(records.read(), commit));
        }
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

  private static Entry entry(Group row, long commit) {
    Event event =
        new Event(
            text(row, EventSchema.ID),
            at(row),
            text(row, EventSchema.KIND),
            text(row, EventSchema.SUBJECT),
            text(row, EventSchema.ACTOR),
            text(row, EventSchema.RUN),
            text(row, EventSchema.BODY));
    boolean decision = has(row, EventSchema.SLOT);
    return new Entry(
        commit >= 0
            ? commit
            : has(row, EventSchema.COMMIT) ? row.getLong(EventSchema.COMMIT, 0) : -1,
        event,
        decision ? Optional.of(text(row, EventSchema.SLOT)) : Optional.empty(),
        decision ? row.getLong(EventSchema.GENERATION, 0) : 0);
  }

  private static boolean has(Group row, String column) {
    return row.getType().containsField(column) && row.getFieldRepetitionCount(column) > 0;
  }

  private static String text(Group row, String column) {
    return row.getBinary(column, 0).toStringUsingUTF8();
  }

  private static Instant at(Group row) {
    PrimitiveType type = row.getType().getType(EventSchema.AT).asPrimitiveType();
    if (type.getPrimitiveTypeName() == PrimitiveTypeName.INT96) {
      var buffer =
          row.getInt96(EventSchema.AT, 0).toByteBuffer().order(java.nio.ByteOrder.LITTLE_ENDIAN);
      long nanosOfDay = buffer.getLong();
      long day = buffer.getInt() - JULIAN_EPOCH;
      return Instant.EPOCH.plus(day, ChronoUnit.DAYS).plusNanos(nanosOfDay);
    }
    long value = row.getLong(EventSchema.AT, 0);
    if (type.getLogicalTypeAnnotation() instanceof TimestampLogicalTypeAnnotation timestamp) {
      return switch (timestamp.getUnit()) {
        case MILLIS -> Instant.ofEpochMilli(value);
        case MICROS -> Instant.EPOCH.plus(value, ChronoUnit.MICROS);
        case NANOS -> Instant.EPOCH.plusNanos(value);
      };
    }
    return Instant.EPOCH.plus(value, ChronoUnit.MICROS);
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
