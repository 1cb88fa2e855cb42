package io.tributary.lake;

import static io.tributary.lake.LakeKit.facts;
import static io.tributary.lake.LakeKit.minutes;
import static io.tributary.lake.LakeKit.within;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Option;

/** The files of a lake's tables beside those that Delta writes of the same rows. */
class ITDataFiles {
  @TempDir Path folder;
  private Lake lake;
  private LakeTable table;

  @BeforeEach
  void open() {
    lake = LakeKit.lake(folder.resolve("lake"));
    table = lake.table("features.all_v1");
  }

  /** Rows of each type that is written by columns, in two partitions of more than two pages. */
  private static Dataset<Row> everyType() {
    return LakeKit.SESSION
        .spark()
        .range(0, 24_000, 1, 2)
        .selectExpr(
            "id as _delivery",
            "if(id % 5 = 0, null, timestamp_micros((id - 9000) * 10000000000000)) as _at",
            "'role ' || id % 3 as _role",
            "id % 2 = 0 as truth",
            "cast(id % 100 as tinyint) as tiny",
            "cast(-id as smallint) as small",
            "cast(id * 1000 as int) as number",
            "if(id % 7 = 0, null, id * 1000000007) as big",
            "cast(case id % 5 when 0 then 'NaN' when 1 then '-0.0' when 2 then '-Infinity' else id / 3 end as double) as value",
            "cast(id / 7 as float) as half",
            "if(id % 4 = 0, null, repeat('é', cast(id % 90 as int))) as text",
            "cast('b' || id % 17 as binary) as bytes",
            "date_add(date '1490-01-01', cast(id * 20 as int)) as day",
            "cast(id / 100 as decimal(9, 2)) as cents",
            "cast(-id / 100 as decimal(18, 4)) as amount",
            "cast(null as string) as nothing",
            "if(id % 3 = 0, null, struct(id / 3 as half, if(id % 4 = 0, null, 't' || id) as text)) as pair",
            "case id % 4 when 0 then null when 1 then array() else array(id, null, -id) end as list",
            "transform(sequence(1, id % 3), n -> struct(n as n, sequence(n, id % 5 + n) as up)) as deep");
  }

  @Test
  void holdWhatDeltasOwnHoldAndAreReadAlike() throws IOException {
    table.append(everyType(), facts("all@1", true));
    Path own = Path.of(table.path());
    Path deltas = folder.resolve("deltas");
    everyType()
        .write()
        .format("delta")
        .option("delta.dataSkippingStatsColumns", "_delivery,_at,_role")
        .save(deltas.toString());

    assertThat(columnwise(own)).isEqualTo(Map.of(true, 2L));
    assertThat(columnwise(deltas)).isEqualTo(Map.of(false, 2L));
    assertThat(schemas(own)).isEqualTo(schemas(deltas)).hasSize(1);
    assertThat(pages(own)).isEqualTo(pages(deltas)).containsOnly(3);
    assertThat(bounds(own)).isEqualTo(bounds(deltas)).hasSize(2);
    assertThat(statistics(own)).isEqualTo(statistics(deltas)).hasSize(2).doesNotContain("");
    ContentDigest rows = ContentDigest.of(everyType());
    assertThat(ContentDigest.of(table.read(table.requireVersion()))).isEqualTo(rows);
    assertThat(ContentDigest.of(spark().read().format("delta").load(own.toString())))
        .isEqualTo(rows);
    assertThat(spark().read().format("delta").load(own.toString()).where("day < '1500-01-01'"))
        .satisfies(old -> assertThat(old.count()).isEqualTo(183));
  }

  @Test
  void areWrittenByColumnsHoweverRowsAreWritten() throws IOException {
    table.append(minutes(0, 100).coalesce(1), facts("all@1", true));
    table.append(minutes(100, 200).withColumn("more", functions.lit(1.5)), facts("all@1", true));
    table.replaceWhere(
        minutes(50, 60).withColumn("more", functions.lit(2.5)), within(50, 80), facts("a", true));
    assertThat(columnwise(Path.of(table.path()))).containsOnlyKeys(true);
    assertThat(table.read(table.requireVersion()).selectExpr("sum(more)").head().getDouble(0))
        .isEqualTo(100 * 1.5 + 10 * 2.5);
    table.replace(minutes(0, 10), facts("all@1", true));

    LakeTable divided = lake.table("features.divided_v1").partitionedBy("name");
    divided.append(minutes(0, 3), facts("all@1", true));
    divided.replaceWhere(minutes(1, 2), within(1, 3), facts("all@1", true));

    assertThat(columnwise(Path.of(table.path()))).containsOnlyKeys(true);
    assertThat(columnwise(Path.of(divided.path()))).isEqualTo(Map.of(true, 4L));
    assertThat(divided.read(divided.requireVersion()).count()).isEqualTo(2);
  }

  @Test
  void ofOtherTypesAreWrittenBySparkWithoutDictionariesOfFloatingNumbers() throws IOException {
    Dataset<Row> rows =
        minutes(0, 1_000)
            .withColumn("map", functions.map(functions.col("id"), functions.col("id")))
            .withColumn("kind", functions.lit("k"))
            .withColumn("value", functions.lit(0.5));
    table.append(rows.coalesce(1), facts("all@1", true));

    assertThat(columnwise(Path.of(table.path()))).isEqualTo(Map.of(false, 1L));
    assertThat(chunks(Path.of(table.path())).get(0))
        .filteredOn(ColumnChunkMetaData::hasDictionaryPage)
        .extracting(c -> c.getPath().toDotString())
        .contains("kind")
        .doesNotContain("value");
  }

  @Test
  void areWrittenBySparkWhereParquetIsSet() throws IOException {
    List<Map.Entry<String, String>> settings =
        List.of(
            Map.entry("parquet.block.size", "1000000"),
            Map.entry("spark.sql.parquet.compression.codec", "zstd"),
            Map.entry("spark.sql.parquet.datetimeRebaseModeInWrite", "LEGACY"),
            Map.entry("spark.sql.parquet.outputTimestampType", "INT96"),
            Map.entry("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MILLIS"),
            Map.entry("spark.sql.parquet.writeLegacyFormat", "true"));
    for (var setting : settings) {
      Option<String> before = spark().conf().getOption(setting.getKey());
      spark().conf().set(setting.getKey(), setting.getValue());
      try {
        table.replace(minutes(0, 10).coalesce(1), facts("all@1", true));
      } finally {
        spark().conf().unset(setting.getKey());
        if (before.isDefined()) {
          spark().conf().set(setting.getKey(), before.get());
        }
      }
    }
    assertThat(columnwise(Path.of(table.path()))).isEqualTo(Map.of(false, (long) settings.size()));
  }

  @Test
  void haveAPageForARowGroupAtMost() throws IOException {
    String limit = "parquet.page.row.count.limit";
    Option<String> before = spark().conf().getOption(limit);
    List<List<Integer>> pages = new ArrayList<>();
    for (String rows : List.of("7", "2147483647")) {
      spark().conf().set(limit, rows);
      try {
        table.replace(everyType().limit(100).coalesce(1), facts("all@1", true));
      } finally {
        spark().conf().unset(limit);
        if (before.isDefined()) {
          spark().conf().set(limit, before.get());
        }
      }
      assertThat(table.read(table.requireVersion()).count()).isEqualTo(100);
      pages.add(pages(Path.of(table.path())));
    }
    assertThat(columnwise(Path.of(table.path()))).isEqualTo(Map.of(true, 2L));
    assertThat(pages.get(0)).containsOnly(15);
    assertThat(pages.get(1)).contains(1, 15);
  }

  private static SparkSession spark() {
    return LakeKit.SESSION.spark();
  }

  /**
   * How many files are written by columns and how many by rows: the writer of rows puts down how
   * repeated values would be encoded, of which there are none.
   */
  private static Map<Boolean, Long> columnwise(Path table) throws IOException {
    return chunks(table).stream()
        .collect(
            Collectors.groupingBy(
                chunks ->
                    chunks.stream().noneMatch(c -> c.getEncodings().contains(Encoding.BIT_PACKED)),
                Collectors.counting()));
  }

  private static List<List<ColumnChunkMetaData>> chunks(Path table) throws IOException {
    return footers(table).stream().map(f -> f.getBlocks().get(0).getColumns()).toList();
  }

  private static Set<String> schemas(Path table) throws IOException {
    return footers(table).stream()
        .map(
            f -> f.getFileMetaData().getSchema() + "\n" + f.getFileMetaData().getKeyValueMetaData())
        .collect(Collectors.toSet());
  }

  /** Of how many pages the index of each column chunk tells. */
  private static List<Integer> pages(Path table) throws IOException {
    return each(
            table,
            reader -> {
              List<Integer> pages = new ArrayList<>();
              for (ColumnChunkMetaData chunk : reader.getRowGroups().get(0).getColumns()) {
                pages.add(reader.readOffsetIndex(chunk).getPageCount());
              }
              return pages;
            })
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  /** Of each file the least and the greatest of its column chunks, and of their pages. */
  private static List<String> bounds(Path table) throws IOException {
    return each(
            table,
            reader -> {
              StringBuilder bounds = new StringBuilder();
              for (ColumnChunkMetaData chunk : reader.getRowGroups().get(0).getColumns()) {
                bounds.append(chunk.getPath()).append(' ').append(chunk.getStatistics());
                bounds.append(' ').append(reader.readColumnIndex(chunk)).append('\n');
              }
              return bounds.toString();
            })
        .stream()
        .sorted()
        .toList();
  }

  private static List<ParquetMetadata> footers(Path table) throws IOException {
    return each(table, ParquetFileReader::getFooter);
  }

  private interface Reading<T> {
    T of(ParquetFileReader reader) throws IOException;
  }

  private static <T> List<T> each(Path table, Reading<T> reading) throws IOException {
    List<T> found = new ArrayList<>();
    try (Stream<Path> all = Files.walk(table)) {
      for (Path file :
          all.filter(f -> f.toString().endsWith(".parquet") && !f.toString().contains("_delta_log"))
              .toList()) {
        try (ParquetFileReader reader =
            ParquetFileReader.open(
                HadoopInputFile.fromPath(
                    new org.apache.hadoop.fs.Path(file.toUri()), new Configuration(false)))) {
          found.add(reading.of(reader));
        }
      }
    }
    return found;
  }

  /** What Delta's log keeps of each file of a table's first version. */
  private static List<String> statistics(Path table) throws IOException {
    List<String> statistics = new ArrayList<>();
    for (String line : Files.readAllLines(table.resolve("_delta_log/%020d.json".formatted(0)))) {
      JsonNode add = Json.mapper().readTree(line).path("add");
      if (!add.isMissingNode()) {
        statistics.add(add.path("stats").asText());
      }
    }
    return statistics.stream().sorted().toList();
  }
}
