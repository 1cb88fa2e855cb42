package io.tributary.rows.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.tributary.core.PlatformException;
import io.tributary.rows.ColumnPacker;
import io.tributary.rows.ColumnRows;
import io.tributary.rows.FilledColumns;
import io.tributary.rows.GatheredColumn;
import io.tributary.rows.PackedRows;
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Partitions;
import io.tributary.rows.Scala;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.filter2.predicate.FilterApi;
import org.apache.parquet.filter2.predicate.FilterPredicate;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.execution.datasources.parquet.SparkToParquetSchemaConverter;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestParquetRows {
  private static final int ROWS_OF_A_GROUP = 128 << 10;

  private static final StructType SCHEMA =
      new StructType()
          .add("n", DataTypes.LongType)
          .add("truth", DataTypes.BooleanType)
          .add("small", DataTypes.ShortType)
          .add("number", DataTypes.IntegerType)
          .add("value", DataTypes.DoubleType)
          .add("half", DataTypes.FloatType)
          .add("text", DataTypes.StringType)
          .add("bytes", DataTypes.BinaryType)
          .add("day", DataTypes.DateType)
          .add("at", DataTypes.TimestampType)
          .add("price", DataTypes.createDecimalType(20, 3))
          .add("list", DataTypes.createArrayType(DataTypes.DoubleType))
          .add("group", new StructType().add("x", DataTypes.LongType));

  @TempDir Path folder;

  /** Those that are written column by column. */
  private static final StructType PLAIN =
      new StructType(
              Arrays.stream(SCHEMA.fields())
                  .filter(f -> !List.of("price", "list", "group").contains(f.name()))
                  .toArray(StructField[]::new))
          .add("cents", DataTypes.createDecimalType(9, 2))
          .add("amount", DataTypes.createDecimalType(18, 4))
          .add("any", DataTypes.DoubleType)
          .add("long_text", DataTypes.StringType);

  private static final StructType PAIR =
      new StructType().add("x", DataTypes.DoubleType).add("y", DataTypes.StringType);
  private static final StructType DEEP =
      new StructType()
          .add("of", PAIR)
          .add("lists", DataTypes.createArrayType(DataTypes.createArrayType(DataTypes.LongType)));

  /** The same with structs and arrays. */
  private static final StructType NESTED =
      PLAIN
          .add("pair", PAIR)
          .add("list", DataTypes.createArrayType(DataTypes.StringType))
          .add("deep", DataTypes.createArrayType(DEEP));

  private static InternalRow nested(long n) {
    Object[] values = Arrays.copyOf(((GenericInternalRow) plain(n)).values(), NESTED.size());
    values[PLAIN.size()] = n % 3 == 0 ? null : pair(n);
    values[PLAIN.size() + 1] =
        n % 5 == 0
            ? null
            : array((int) n % 4, k -> k == 1 ? null : UTF8String.fromString("t" + n % 6 + k));
    values[PLAIN.size() + 2] =
        n % 11 == 0
            ? null
            : array(
                (int) n % 3,
                k ->
                    n % 2 == k
                        ? null
                        : new GenericInternalRow(
                            new Object[] {
                              n % 4 == 0 ? null : pair(n + k),
                              n % 7 == 3
                                  ? null
                                  : array(
                                      (int) n % 3,
                                      i -> i == 1 ? null : array((int) n % 4, j -> n + i * j))
                            }));
    return new GenericInternalRow(values);
  }

  private static InternalRow pair(long n) {
    return new GenericInternalRow(
        new Object[] {
          n % 4 == 0 ? null : n / 3.0, n % 5 == 1 ? null : UTF8String.fromString("é" + n % 9)
        });
  }

  private static GenericArrayData array(int size, LongFunction<Object> element) {
    return new GenericArrayData(IntStream.range(0, size).mapToObj(element::apply).toArray());
  }

  private static InternalRow plain(long n) {
    Object[] values = new Object[PLAIN.size()];
    InternalRow row = row(n);
    for (int i = 0; i < 10; i++) {
      values[i] = row.isNullAt(i) ? null : row.get(i, SCHEMA.fields()[i].dataType());
    }
    if (n % 7 != 0) {
      values[10] = Decimal.apply(java.math.BigDecimal.valueOf(-n % 50, 2), 9, 2);
      values[11] = Decimal.apply(java.math.BigDecimal.valueOf(n * 1_000_003L, 4), 18, 4);
      values[12] = Double.longBitsToDouble(n * 0x9e3779b97f4a7c15L);
    }
    values[13] = n % 13 == 0 ? null : UTF8String.fromString("é".repeat((int) (n % 90)));
    return new GenericInternalRow(values);
  }

  private static InternalRow row(long n) {
    if (n % 7 == 0) {
      Object[] nulls = new Object[SCHEMA.size()];
      nulls[0] = n;
      return new GenericInternalRow(nulls);
    }
    double value = n % 5 == 0 ? Double.NaN : n % 3 == 0 ? -0.0 : n / 3.0;
    return new GenericInternalRow(
        new Object[] {
          n,
          n % 2 == 0,
          (short) -n,
          (int) n * 1_000,
          value,
          (float) value,
          UTF8String.fromString("text " + n % 11),
          new byte[] {(byte) n},
          (int) -n * 100,
          n * 1_000_001,
          Decimal.apply(java.math.BigDecimal.valueOf(n, 3), 20, 3),
          new GenericArrayData(new Object[] {value, null}),
          new GenericInternalRow(new Object[] {n})
        });
  }

  private static PartitionedRows rows(
      LocalRunner runner, StructType schema, LongFunction<InternalRow> row, int count) {
    int partitions = 5;
    return new PartitionedRows(
        runner.read(
            partitions,
            (task, partition) -> {
              UnsafeProjection whole = UnsafeProjection.create(schema);
              return IntStream.range(0, count)
                  .filter(n -> n % partitions == partition)
                  .mapToObj(n -> (InternalRow) whole.apply(row.apply(n)))
                  .iterator();
            }),
        schema);
  }

  /** What a runner would hold, as rows. */
  private static final class Held implements PackedRows.Room {
    private Object[] bases;
    private long[] offsets;
    private int[] sizes;

    @Override
    public void take(int rows, long[] hashes, int[] sizes) {
      this.sizes = sizes;
      this.bases = new Object[rows];
      this.offsets = new long[rows];
      for (int i = 0; i < rows; i++) {
        bases[i] = new byte[sizes[i] + 8];
        Arrays.fill((byte[]) bases[i], (byte) 0xff);
        offsets[i] = Platform.BYTE_ARRAY_OFFSET + 8L;
      }
    }

    @Override
    public Object[] bases() {
      return bases;
    }

    @Override
    public long[] offsets() {
      return offsets;
    }

    UnsafeRow row(int i, int fields) {
      UnsafeRow row = new UnsafeRow(fields);
      row.pointTo(bases[i], offsets[i], sizes[i]);
      return row;
    }
  }

  @Test
  void packsColumnsByteForByteAsRowsAreProjected() throws IOException {
    DataType[] from = Stream.of(PLAIN.fields()).map(StructField::dataType).toArray(DataType[]::new);
    DataType[] to = from.clone();
    to[2] = DataTypes.LongType;
    to[3] = DataTypes.LongType;
    assertThat(ColumnPacker.canPack(from, to)).isTrue();
    List<Expression> columns = new ArrayList<>();
    for (int c = 0; c < from.length; c++) {
      Expression column = Scala.column(c, from[c]);
      columns.add(
          from[c].equals(to[c])
              ? column
              : new Cast(column, to[c], scala.Option.empty(), EvalMode.ANSI()));
    }
    try (LocalRunner runner = LocalRunner.open(1, 1, 0, folder)) {
      ParquetRows file = ParquetRows.open(written(runner, PLAIN, TestParquetRows::plain, 20_000));
      int rows =
          file
              .read(runner, PLAIN)
              .rows()
              .each(part -> packed((ColumnRows) part, ColumnPacker.of(from, to), columns))
              .stream()
              .mapToInt(Integer::intValue)
              .sum();
      assertThat(rows).isEqualTo(20_000);
    }
  }

  private static int packed(ColumnRows rows, ColumnPacker packer, List<Expression> columns) {
    UnsafeProjection projection = Scala.projection(columns);
    int all = 0;
    for (Optional<ColumnarBatch> next = rows.columns(); next.isPresent(); next = rows.columns()) {
      ColumnarBatch batch = next.get();
      // Every third row, backwards.
      int[] some = IntStream.iterate(batch.numRows() - 1, i -> i >= 0, i -> i - 3).toArray();
      int[] sizes = new int[some.length];
      Held held = new Held();
      packer.measure(ColumnRows.of(batch), some, some.length, sizes);
      held.take(some.length, new long[some.length], sizes);
      packer.write(ColumnRows.of(batch), some, some.length, held.bases(), held.offsets());
      for (int i = 0; i < some.length; i++) {
        assertThat(held.row(i, columns.size())).isEqualTo(projection.apply(batch.getRow(some[i])));
      }
      all += batch.numRows();
      rows.pass();
    }
    assertThat(rows.hasNext()).isFalse();
    return all;
  }

  private static List<UnsafeRow> copies(StructType schema, Iterator<InternalRow> rows) {
    UnsafeProjection whole = UnsafeProjection.create(schema);
    List<UnsafeRow> copies = new ArrayList<>();
    rows.forEachRemaining(row -> copies.add(whole.apply(row).copy()));
    return copies;
  }

  private List<Path> written(LocalRunner runner, int count) throws IOException {
    return written(runner, SCHEMA, TestParquetRows::row, count);
  }

  private List<Path> written(
      LocalRunner runner, StructType schema, LongFunction<InternalRow> row, int count)
      throws IOException {
    Path target = folder.resolve("written");
    assertThat(new ParquetTarget(target).write(runner, rows(runner, schema, row, count)))
        .isEqualTo(count);
    try (Stream<Path> files = Files.list(target)) {
      return files.sorted().toList();
    }
  }

  @Test
  void readsWhatItWroteToTheBit() throws IOException {
    requireSame(SCHEMA, TestParquetRows::row, 2_000);
  }

  /** More than a row group of all types; few and many different values, the first or the last. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 3_000, 140_000})
  void readsWhatItWroteByColumnsToTheBit(int count) throws IOException {
    assertThat(ColumnFile.canWrite(PLAIN)).isTrue();
    assertThat(ColumnFile.canWrite(SCHEMA)).isFalse();
    requireSame(PLAIN, TestParquetRows::plain, count);
  }

  /** Row {@code n} where others share what each other column has, or hardly any do. */
  private static InternalRow shared(long n) {
    Object[] values = new Object[PLAIN.size()];
    values[0] = n;
    for (int c = 1; c < values.length; c++) {
      InternalRow from = c % 2 == 0 ? plain(n) : n % 9 == 0 ? null : plain(n / 10);
      values[c] =
          from == null || from.isNullAt(c) ? null : from.get(c, PLAIN.fields()[c].dataType());
    }
    return new GenericInternalRow(values);
  }

  /** The same as columns, a thousand at a time; every fifth time one by one. */
  private static ColumnRows sharing(int count) {
    int most = 1_000;
    int[] next = {0};
    int[] all = IntStream.range(0, PLAIN.size()).toArray();
    DataType[] types =
        Stream.of(PLAIN.fields()).map(StructField::dataType).toArray(DataType[]::new);
    Iterator<InternalRow> each =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return next[0] < count;
          }

          @Override
          public InternalRow next() {
            return shared(next[0]++);
          }
        };
    return ColumnRows.of(
        each,
        () -> {
          int n = Math.min(most, count - next[0]);
          if (n == 0 || next[0] / most % 5 == 4) {
            return Optional.empty();
          }
          FilledColumns own = new FilledColumns(types);
          FilledColumns once = new FilledColumns(types);
          FilledColumns tenfold = new FilledColumns(types);
          int[] ofOnce = new int[n];
          int[] ofTenfold = new int[n];
          for (int i = 0; i < n; i++) {
            int row = next[0] + i;
            own.add(shared(row), all);
            once.add(plain(row), all);
            ofOnce[i] = i;
            if (i == 0 || row % 10 == 0) {
              tenfold.add(plain(row / 10), all);
            }
            ofTenfold[i] = row % 9 == 0 ? GatheredColumn.NONE : tenfold.rows() - 1;
          }
          ColumnVector[] columns = new ColumnVector[types.length];
          for (int c = 0; c < columns.length; c++) {
            columns[c] =
                c == 0
                    ? own.columns()[c]
                    : c % 2 == 0
                        ? new GatheredColumn(once.columns()[c], once.rows(), ofOnce)
                        : new GatheredColumn(tenfold.columns()[c], tenfold.rows(), ofTenfold);
          }
          return Optional.of(new ColumnarBatch(columns, n));
        },
        () -> next[0] += Math.min(most, count - next[0]));
  }

  /** Also more than a row group, and some rows one by one. */
  @ParameterizedTest
  @ValueSource(ints = {1, 700, 7_003, 140_000})
  void columnsWhoseRowsShareValuesAreReadAsTheRowsAre(int count) throws IOException {
    Path target = folder.resolve("written");
    try (LocalRunner runner = LocalRunner.open(1, 4, 0, folder)) {
      Partitions rows = runner.read(1, (task, partition) -> sharing(count));

      assertThat(new ParquetTarget(target).write(runner, new PartitionedRows(rows, PLAIN)))
          .isEqualTo(count);

      requireSame(
          runner,
          List.of(target.resolve("part-00000.snappy.parquet")),
          PLAIN,
          TestParquetRows::shared,
          count);
    }
    // What ten rows share is stored once, though it comes nowhere else.
    assertThat(chunks(target.resolve("part-00000.snappy.parquet")))
        .filteredOn(c -> c.getPath().toDotString().equals("at"))
        .allMatch(c -> c.hasDictionaryPage() == count > 1);
  }

  /** A page with a text for each row that shares it would be longer than an array. */
  @Test
  void aLongTextThatMostRowsShareIsStoredOnceBesideManyShortOnes() throws IOException {
    int rows = 20_000;
    int sharing = 15_000;
    String longText = "é".repeat(75_000);
    StructType schema =
        new StructType().add("text", DataTypes.StringType).add("n", DataTypes.LongType);
    DataType[] types = {DataTypes.StringType, DataTypes.LongType};
    FilledColumns values = new FilledColumns(types);
    int[] from = new int[rows];
    for (int i = 0; i < rows; i++) {
      if (i == 0 || i >= sharing) {
        String text = i == 0 ? longText : "text " + i;
        Object[] row = {UTF8String.fromString(text), (long) i};
        values.add(new GenericInternalRow(row), new int[] {0, 1});
      }
      from[i] = values.rows() - 1;
    }
    ColumnVector[] columns =
        Arrays.stream(values.columns())
            .map(of -> new GatheredColumn(of, values.rows(), from))
            .toArray(ColumnVector[]::new);
    Path file = folder.resolve("long.parquet");
    try (ColumnFile to =
        new ColumnFile(
            new org.apache.hadoop.fs.Path(file.toUri()), schema, ParquetSettings.conf())) {
      to.write(new ColumnarBatch(columns, rows));
      to.end();
    }

    assertThat(chunks(file)).extracting(c -> c.hasDictionaryPage()).containsExactly(true, false);
    assertThat(Files.size(file)).isLessThan(1 << 20);
    try (LocalRunner runner = LocalRunner.open(1, 4, 0, folder)) {
      UTF8String whole = UTF8String.fromString(longText);
      ParquetRows.open(List.of(file))
          .read(runner, schema)
          .rows()
          .each(
              part -> {
                for (int i = 0; i < rows; i++) {
                  InternalRow row = part.next();
                  assertThat(row.getLong(1)).isEqualTo(i < sharing ? 0 : i);
                  assertThat(row.getUTF8String(0))
                      .isEqualTo(i < sharing ? whole : UTF8String.fromString("text " + i));
                }
                return part.hasNext();
              });
    }
  }

  /** Columns that are read have their values in dictionaries. */
  @Test
  void writesColumnsThatItReadsToTheBit() throws IOException {
    int count = 7_000;
    LongFunction<InternalRow> repeated =
        n -> {
          Object[] values = Arrays.copyOf(((GenericInternalRow) plain(1 + n % 5)).values(), 14);
          values[0] = n;
          return new GenericInternalRow(values);
        };
    Path target = folder.resolve("again");
    try (LocalRunner runner = LocalRunner.open(1, 4, 0, folder)) {
      List<Path> files = written(runner, PLAIN, repeated, count);

      assertThat(chunks(files.get(0)))
          .filteredOn(c -> c.getPath().toDotString().matches("at|any"))
          .allMatch(ColumnChunkMetaData::hasDictionaryPage);
      new ParquetTarget(target).write(runner, ParquetRows.open(files).read(runner, PLAIN));
      Path again = target.resolve("part-00000.snappy.parquet");
      requireSame(runner, List.of(again), PLAIN, repeated, count);
    }
  }

  /** Rows as they come from Spark, and as they are made here; more than a page and a row group. */
  @ParameterizedTest
  @ValueSource(ints = {1, 12, 3_000, 140_000})
  void readsStructsAndArraysThatItWroteToTheBit(int count) throws IOException {
    assertThat(ColumnFile.canWrite(NESTED)).isTrue();
    try (LocalRunner runner = LocalRunner.open(1, 4, 0, folder)) {
      UnsafeProjection whole = UnsafeProjection.create(NESTED);
      for (LongFunction<InternalRow> row :
          List.<LongFunction<InternalRow>>of(
              TestParquetRows::nested, n -> whole.apply(nested(n)).copy())) {
        Path file = folder.resolve("nested.parquet");
        try (ColumnFile to =
            new ColumnFile(
                new org.apache.hadoop.fs.Path(file.toUri()), NESTED, ParquetSettings.conf())) {
          for (long n = 0; n < count; n++) {
            to.write(row.apply(n));
          }
          to.end();
        }
        assertThat(groups(file)).isEqualTo(count > ROWS_OF_A_GROUP ? 2 : 1);
        List<UnsafeRow> found =
            ParquetRows.open(List.of(file))
                .read(runner, NESTED)
                .rows()
                .each(part -> copies(NESTED, part))
                .stream()
                .flatMap(List::stream)
                .toList();
        assertThat(found).hasSize(count);
        for (int n = 0; n < count; n++) {
          if (!whole.apply(nested(n)).equals(found.get(n))) {
            fail("row %s: %s was read as %s", n, nested(n), found.get(n));
          }
        }
      }
    }
  }

  @Test
  void longArraysOfNothingFillARowGroup() throws IOException {
    StructType schema = new StructType().add("list", DataTypes.createArrayType(DataTypes.LongType));
    try (LocalRunner runner = LocalRunner.open(1, 4, 0, folder)) {
      InternalRow row = new GenericInternalRow(new Object[] {array(1_000_000, k -> null)});
      Path file = written(runner, schema, n -> row, 20).get(0);

      assertThat(groups(file)).isEqualTo(2);
    }
  }

  /** Parquet's own reader finds the same in a file by columns as in one by Spark's writer. */
  @Test
  void parquetsReaderFindsStructsAndArraysAsSparkWritesThem() throws IOException {
    StructType byRows = NESTED.add("price", DataTypes.createDecimalType(20, 3));
    try (LocalRunner runner = LocalRunner.open(1, 4, 0, folder)) {
      List<String> own =
          groups(written(runner, NESTED, TestParquetRows::nested, 1_000).get(0), NESTED);
      assertThat(ColumnFile.canWrite(byRows)).isFalse();
      LongFunction<InternalRow> row =
          n ->
              new GenericInternalRow(
                  Arrays.copyOf(((GenericInternalRow) nested(n)).values(), byRows.size()));
      List<String> sparks = groups(written(runner, byRows, row, 1_000).get(0), NESTED);

      assertThat(own).isEqualTo(sparks).hasSize(1_000);
    }
  }

  private static List<String> groups(Path file, StructType columns) throws IOException {
    List<String> groups = new ArrayList<>();
    Configuration conf = ParquetSettings.conf();
    conf.set(
        ReadSupport.PARQUET_READ_SCHEMA,
        new SparkToParquetSchemaConverter(conf).convert(columns).toString());
    try (ParquetReader<Group> reader =
        ParquetReader.builder(new GroupReadSupport(), new org.apache.hadoop.fs.Path(file.toUri()))
            .withConf(conf)
            .build()) {
      for (Group group = reader.read(); group != null; group = reader.read()) {
        groups.add(group.toString());
      }
    }
    return groups;
  }

  private void requireSame(StructType schema, LongFunction<InternalRow> row, int count)
      throws IOException {
    // By one thread a file has all rows.
    int threads = count > ROWS_OF_A_GROUP ? 1 : 2;
    try (LocalRunner runner = LocalRunner.open(threads, 4, 0, folder)) {
      List<Path> files = written(runner, schema, row, count);

      assertThat(groups(files.get(0))).isEqualTo(count > ROWS_OF_A_GROUP ? 2 : 1);
      assertThat(files).hasSizeBetween(1, 2).allMatch(f -> f.toString().endsWith(".parquet"));
      requireSame(runner, files, schema, row, count);
    }
  }

  private static void requireSame(
      LocalRunner runner,
      List<Path> files,
      StructType schema,
      LongFunction<InternalRow> row,
      int count)
      throws IOException {
    ParquetRows read = ParquetRows.open(files);
    assertThat(read.leftToSpark()).isEmpty();
    assertThat(read.schema()).isEqualTo(schema);
    Map<Long, UnsafeRow> found = new HashMap<>();
    read.read(runner, schema).rows().each(part -> copies(schema, part)).stream()
        .flatMap(List::stream)
        .forEach(r -> assertThat(found.put(r.getLong(0), r)).isNull());
    UnsafeProjection whole = UnsafeProjection.create(schema);
    assertThat(found).hasSize(count);
    for (long n = 0; n < count; n++) {
      if (!whole.apply(row.apply(n)).equals(found.get(n))) {
        fail("row %s: %s was read as %s", n, row.apply(n), found.get(n));
      }
    }
  }

  private static int groups(Path file) throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(
            HadoopInputFile.fromPath(
                new org.apache.hadoop.fs.Path(file.toUri()), new Configuration(false)))) {
      return reader.getRowGroups().size();
    }
  }

  /** A page without least and greatest must not count as one of nulls alone. */
  @Test
  void readersThatFilterFindRowsBesideNoNumberAndLongTexts() throws IOException {
    try (LocalRunner runner = LocalRunner.open(1, 4, 0, folder)) {
      Path file = written(runner, PLAIN, TestParquetRows::plain, 300).get(0);

      assertThat(count(file, FilterApi.notEq(FilterApi.doubleColumn("value"), null)))
          .isEqualTo(257);
      assertThat(count(file, FilterApi.gt(FilterApi.doubleColumn("value"), 90.0))).isPositive();
      assertThat(count(file, FilterApi.notEq(FilterApi.binaryColumn("long_text"), null)))
          .isEqualTo(276);
    }
  }

  private static int count(Path file, FilterPredicate filter) throws IOException {
    int count = 0;
    try (ParquetReader<Group> reader =
        ParquetReader.builder(new GroupReadSupport(), new org.apache.hadoop.fs.Path(file.toUri()))
            .withConf(new Configuration(false))
            .withFilter(FilterCompat.get(filter))
            .build()) {
      while (reader.read() != null) {
        count++;
      }
    }
    return count;
  }

  /** Spark, too, reads columns that may not be null as such that may. */
  @Test
  void columnsThatAreRequiredAreReadAndWrittenAsOthers() throws IOException {
    StructType required = new StructType().add("n", DataTypes.LongType, false);
    try (LocalRunner runner = LocalRunner.open(1, 4, 0, folder)) {
      List<Path> files =
          written(runner, required, n -> new GenericInternalRow(new Object[] {n}), 100);

      ParquetRows read = ParquetRows.open(files);
      assertThat(read.schema().apply(0).nullable()).isTrue();
      assertThat(
              read.read(runner, read.schema()).rows().each(part -> copies(required, part)).get(0))
          .extracting(row -> row.getLong(0))
          .containsExactlyElementsOf(IntStream.range(0, 100).mapToObj(i -> order(i)).toList());
    }
  }

  /** The rows of five partitions one after the other. */
  private static long order(int i) {
    return i / 20 + i % 20 * 5L;
  }

  @Test
  void writesWhatReadersSkipBy() throws IOException {
    try (LocalRunner runner = LocalRunner.open(1, 4, 0, folder)) {
      Path file = written(runner, PLAIN, TestParquetRows::plain, 300).get(0);

      Map<String, String> said = new HashMap<>();
      chunks(file)
          .forEach(
              c ->
                  said.put(
                      c.getPath().toDotString(),
                      c.getStatistics().getNumNulls()
                          + (c.getStatistics().hasNonNullValue()
                              ? " "
                                  + c.getStatistics().minAsString()
                                  + " "
                                  + c.getStatistics().maxAsString()
                              : "")
                          + (c.getEncodings().contains(Encoding.RLE_DICTIONARY) ? " dict" : "")));
      assertThat(said)
          .containsEntry("n", "0 0 299")
          .containsEntry("truth", "43 false true")
          .containsEntry("value", "43")
          .containsEntry("text", "43 text 0 text 9 dict")
          .containsEntry("cents", "43 -0.49 0.00 dict")
          .containsEntry("number", "43 1000 299000");
    }
  }

  /** The columns of a file's first row group. */
  private static List<ColumnChunkMetaData> chunks(Path file) throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(
            HadoopInputFile.fromPath(
                new org.apache.hadoop.fs.Path(file.toUri()), new Configuration(false)))) {
      return reader.getFooter().getBlocks().get(0).getColumns();
    }
  }

  /** Also where most of the first values are seen for the first time. */
  @Test
  void valuesThatComeAFewTimesGoIntoADictionary() throws IOException {
    StructType schema =
        new StructType().add("often", DataTypes.LongType).add("once", DataTypes.LongType);
    try (LocalRunner runner = LocalRunner.open(1, 4, 0, folder)) {
      Path file =
          written(
                  runner,
                  schema,
                  n -> new GenericInternalRow(new Object[] {n * 7_919 % 4_000, n * 7_919}),
                  40_000)
              .get(0);

      assertThat(chunks(file))
          .filteredOn(ColumnChunkMetaData::hasDictionaryPage)
          .extracting(c -> c.getPath().toDotString())
          .containsExactly("often");
    }
  }

  /**
   * Three files of a hundred rows each, one after the other in time; the last one without times.
   */
  @Test
  void whatCantHaveTheRowsIsNotRead() throws IOException {
    try (LocalRunner runner = LocalRunner.open(1, 4, 0, folder)) {
      List<Path> files = new ArrayList<>();
      for (int k = 0; k < 3; k++) {
        long first = k == 2 ? 0 : 1_000L * k;
        int only = k == 2 ? 7 : 1;
        Path target = folder.resolve("part" + k);
        new ParquetTarget(target)
            .write(runner, rows(runner, PLAIN, n -> plain((first + n) * only), 100));
        try (Stream<Path> written = Files.list(target)) {
          files.addAll(written.toList());
        }
      }
      ParquetRows all = ParquetRows.open(files);
      long second = 1_000 * 1_000_001L;

      assertThat(numbers(runner, all.between("at", second, Long.MAX_VALUE)))
          .hasSize(200)
          .contains(1_001L, 7L);
      assertThat(numbers(runner, all.between("at", 99 * 1_000_001L, second))).hasSize(300);
      assertThat(numbers(runner, all.between("at", 99 * 1_000_001L, second - 1))).hasSize(200);
      assertThat(numbers(runner, all.between("n", -2, -1))).hasSize(300);
      StructType n = new StructType().add("n", DataTypes.LongType);
      assertThat(numbers(runner, all.where(runner, n, () -> row -> row.getLong(0) == 1_050)))
          .hasSize(100)
          .contains(1_000L);
      assertThat(numbers(runner, all.where(runner, n, () -> row -> false))).isEmpty();
    }
  }

  private static List<Long> numbers(LocalRunner runner, ParquetRows of) {
    return of
        .read(runner, new StructType().add("n", DataTypes.LongType))
        .rows()
        .each(
            part -> {
              List<Long> numbers = new ArrayList<>();
              part.forEachRemaining(row -> numbers.add(row.getLong(0)));
              return numbers;
            })
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  @Test
  void isReadByAnotherReader() throws IOException {
    try (LocalRunner runner = LocalRunner.open(1, 4, 0, folder)) {
      Path file = written(runner, 20).get(0);

      List<String> found = new ArrayList<>();
      try (ParquetReader<Group> reader =
          ParquetReader.builder(new GroupReadSupport(), new org.apache.hadoop.fs.Path(file.toUri()))
              .withConf(new Configuration(false))
              .build()) {
        for (Group group = reader.read(); group != null; group = reader.read()) {
          if (group.getFieldRepetitionCount("text") > 0) {
            found.add(group.getLong("n", 0) + " " + group.getString("text", 0));
          }
        }
      }
      assertThat(found).hasSize(17).contains("1 text 1", "19 text 8");
    }
  }

  @Test
  void numbersRowsAndFillsMissingColumnsWithNull() throws IOException {
    try (LocalRunner runner = LocalRunner.open(1, 4, 0, folder)) {
      List<Path> files = written(runner, 100);
      StructType columns =
          new StructType()
              .add("n", DataTypes.LongType)
              .add("none", DataTypes.StringType)
              .add(ParquetRows.ROW_INDEX, DataTypes.LongType);

      List<UnsafeRow> found =
          ParquetRows.open(files)
              .read(runner, columns)
              .rows()
              .each(part -> copies(columns, part))
              .get(0);

      assertThat(found).hasSize(100).allMatch(row -> row.isNullAt(1));
      assertThat(found.stream().map(row -> row.getLong(2)))
          .containsExactlyElementsOf(IntStream.range(0, 100).mapToObj(i -> (long) i).toList());
    }
  }

  @Test
  void writesTheColumnsOfNoRows() throws IOException {
    try (LocalRunner runner = LocalRunner.open(2, 4, 0, folder)) {
      ParquetRows read = ParquetRows.open(written(runner, 0));

      assertThat(read.schema().names()).containsExactly(SCHEMA.names());
      assertThat(read.read(runner, SCHEMA).rows().each(part -> part.hasNext()))
          .doesNotContain(true);
    }
  }

  @Test
  void refusesAFileThatIsReplacedWhileItIsRead() throws IOException {
    try (LocalRunner runner = LocalRunner.open(1, 4, 0, folder)) {
      Path file = written(runner, 100).get(0);
      PartitionedRows read = ParquetRows.open(List.of(file)).read(runner, SCHEMA);
      Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 50));

      assertThatThrownBy(() -> read.rows().each(part -> copies(SCHEMA, part)))
          .isInstanceOf(PlatformException.class)
          .hasMessage(
              "Cannot read file %s: it was changed while it was read. Write it under another name, and rename it when it is whole; then run it again.",
              file);
    }
  }

  @Test
  void saysWhatIsNoParquetFile() throws IOException {
    Path file = Files.writeString(folder.resolve("a.parquet"), "not a Parquet file at all");

    assertThatThrownBy(() -> ParquetRows.open(List.of(file)))
        .isInstanceOf(PlatformException.class)
        .hasMessageStartingWith("Cannot read file " + file + " as Parquet: ")
        .hasMessageEndingWith("Write it again.");
  }
}
