package io.tributary.events.internal;

import io.delta.kernel.data.ColumnVector;
import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import io.delta.kernel.types.TimestampType;
import io.tributary.core.Digest;
import io.tributary.core.Micros;
import java.util.List;
import java.util.function.Function;

/** The columns of an event log's table, beginning with those that have statistics. */
final class EventSchema {
  static final String AT = "at";
  static final String KIND = "kind";
  static final String SUBJECT = "subject";
  static final String ID = "id";
  static final String PRINCIPAL = "principal";
  static final String ESTABLISHED_BY = "established_by";
  static final String RUN = "run";
  static final String FORMAT = "format";
  static final String NEEDS = "needs";
  static final String BODY = "body";
  static final String SLOT = "_slot";
  static final String GENERATION = "_generation";
  static final String PREVIOUS = "_previous";
  static final String COMMIT = "_commit";
  static final int COLUMNS_WITH_STATISTICS = 3;

  static final StructType TYPE =
      new StructType()
          .add(AT, TimestampType.TIMESTAMP)
          .add(KIND, StringType.STRING)
          .add(SUBJECT, StringType.STRING)
          .add(ID, StringType.STRING)
          .add(PRINCIPAL, StringType.STRING)
          .add(ESTABLISHED_BY, StringType.STRING)
          .add(RUN, StringType.STRING)
          .add(FORMAT, IntegerType.INTEGER)
          .add(NEEDS, IntegerType.INTEGER)
          .add(BODY, StringType.STRING)
          .add(SLOT, StringType.STRING)
          .add(GENERATION, LongType.LONG)
          .add(PREVIOUS, StringType.STRING)
          .add(COMMIT, LongType.LONG);

  private EventSchema() {}

  static ColumnarBatch batch(List<Entry> entries) {
    List<ColumnVector> columns =
        List.of(
            column(entries, TimestampType.TIMESTAMP, e -> Micros.of(e.event().at())),
            column(entries, StringType.STRING, e -> e.event().kind()),
            column(entries, StringType.STRING, e -> e.event().subject()),
            column(entries, StringType.STRING, e -> e.event().id()),
            column(entries, StringType.STRING, e -> e.event().principal().name()),
            column(entries, StringType.STRING, e -> e.event().principal().establishedBy()),
            column(entries, StringType.STRING, e -> e.event().run()),
            column(entries, IntegerType.INTEGER, e -> e.event().format()),
            column(entries, IntegerType.INTEGER, e -> e.event().needs()),
            column(entries, StringType.STRING, e -> e.event().body()),
            column(entries, StringType.STRING, e -> e.slot().orElse(null)),
            column(entries, LongType.LONG, e -> e.slot().isPresent() ? e.generation() : null),
            column(entries, StringType.STRING, e -> e.previous().map(Digest::hex).orElse(null)),
            column(entries, LongType.LONG, e -> e.commit() < 0 ? null : e.commit()));
    return new ColumnarBatch() {
      @Override
      public StructType getSchema() {
        return TYPE;
      }

      @Override
      public ColumnVector getColumnVector(int ordinal) {
        return columns.get(ordinal);
      }

      @Override
      public int getSize() {
        return entries.size();
      }
    };
  }

  private static ColumnVector column(
      List<Entry> entries, DataType type, Function<Entry, Object> value) {
    return new ColumnVector() {
      @Override
      public DataType getDataType() {
        return type;
      }

      @Override
      public int getSize() {
        return entries.size();
      }

      @Override
      public boolean isNullAt(int row) {
        return value.apply(entries.get(row)) == null;
      }

      @Override
      public int getInt(int row) {
        return (Integer) value.apply(entries.get(row));
      }

      @Override
      public long getLong(int row) {
        return (Long) value.apply(entries.get(row));
      }

      @Override
      public String getString(int row) {
        return (String) value.apply(entries.get(row));
      }

      @Override
      public void close() {}
    };
  }
}
