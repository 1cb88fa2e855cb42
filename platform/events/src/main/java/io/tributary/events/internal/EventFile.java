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

  private final ParquetFileReader reader;
  private final FileMetaData footer;

  private EventFile(ParquetFileReader reader) {
    this.reader = reader;
    this.footer = reader.getFooter().getFileMetaData();
  }

  /**
   * Decodes a file without its bodies, which are decoded when first accessed.
   *
   * @param commit the commit that added it; −1 for a rewritten file, whose rows have their own
   *     commits
   * @param unreadable what accessing a body throws that can't be decoded
   */
  static List<Entry> decode(
      byte[] bytes, long commit, Function<IOException, RuntimeException> unreadable)
      throws IOException {
    List<Entry> entries = new ArrayList<>();
    try {
      // Stays open for the bodies: it reads an array, so that there is nothing to close.
      EventFile file = new EventFile(ParquetFileReader.open(new Bytes(bytes), options()));
      int groups = file.reader.getRowGroups().size();
      file.reader.setRequestedSchema(without(file.footer.getSchema()));
      for (int group = 0; group < groups; group++) {
        new RowGroup(file.reader.readRowGroup(group), file.footer)
            .decode(commit, entries, file.new Bodies(group, unreadable));
      }
    } catch (RuntimeException e) {
      throw new IOException("it is no data file of an event log: " + LogFolder.reason(e), e);
    }
    return entries;
  }

  /** The schema without the body, which is read later. */
  private static MessageType without(MessageType schema) {
    return new MessageType(
        schema.getName(),
        schema.getFields().stream().filter(f -> !f.getName().equals(EventSchema.BODY)).toList());
  }

  /** The bodies of a row group; the first access reads all, undecoded. */
  private final class Bodies {
    private final int group;
    private final Function<IOException, RuntimeException> unreadable;
    private Binary[] rows;

    Bodies(int group, Function<IOException, RuntimeException> unreadable) {
      this.group = group;
      this.unreadable = unreadable;
    }

    String text(int row) {
      try {
        return Reads.body(rows()[row].toStringUsingUTF8());
      } catch (IOException | RuntimeException e) {
        throw unreadable.apply(
            new IOException("it is no data file of an event log: " + LogFolder.reason(e), e));
      }
    }

    private Binary[] rows() throws IOException {
      synchronized (EventFile.this) {
        if (rows == null) {
          reader.setRequestedSchema(
              new MessageType(
                  footer.getSchema().getName(), footer.getSchema().getType(EventSchema.BODY)));
          RowGroup read = new RowGroup(reader.readRowGroup(group), footer);
          rows = read.column(EventSchema.BODY, new Binary[read.rows], ColumnReader::getBinary);
        }
        return rows;
      }
    }
  }

  /**
   * Logs are written without compression; Hadoop's codecs are loaded only for files that another
   * engine has rewritten.
   */
  private static ParquetReadOptions options() {
    return ParquetReadOptions.builder().withCodecFactory(new Codecs()).build();
  }

  /** Reads a row group column by column, then assembles its rows. */
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

    void decode(long commit, List<Entry> entries, Bodies bodies) {
      Instant[] at = column(EventSchema.AT, new Instant[rows], atReader());
      String[] kind = texts(EventSchema.KIND);
      String[] subject = texts(EventSchema.SUBJECT);
      String[] id = texts(EventSchema.ID);
      String[] principal = texts(EventSchema.PRINCIPAL);
      String[] establishedBy = texts(EventSchema.ESTABLISHED_BY);
      String[] run = texts(EventSchema.RUN);
      Integer[] format = column(EventSchema.FORMAT, new Integer[rows], ColumnReader::getInteger);
      Integer[] needs = column(EventSchema.NEEDS, new Integer[rows], ColumnReader::getInteger);
      String[] slot = texts(EventSchema.SLOT);
      Long[] generation = longs(EventSchema.GENERATION);
      String[] previous = texts(EventSchema.PREVIOUS);
      Long[] from = longs(EventSchema.COMMIT);
      for (int i = 0; i < rows; i++) {
        int row = i;
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
                () -> bodies.text(row));
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
      return column(name, new String[rows], new Texts());
    }

    private Long[] longs(String name) {
      return column(name, new Long[rows], ColumnReader::getLong);
    }

    /** The values of a column; null if a row has none or the file lacks the column. */
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

  /** Decodes a dictionary's value only once for repeated rows. */
  private static final class Texts implements Function<ColumnReader, String> {
    private Binary last = Binary.EMPTY;
    private String text = "";

    @Override
    @SuppressWarnings("ReferenceEquality") // a dictionary gives the same object again
    public String apply(ColumnReader reader) {
      Binary value = reader.getBinary();
      if (value != last) {
        text = value.toStringUsingUTF8();
        last = value;
      }
      return text;
    }
  }

  private record Bytes(byte[] bytes) implements InputFile {
    /** Parquet's reader calls it even without an error. */
    @Override
    public String toString() {
      return "a data file";
    }

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
