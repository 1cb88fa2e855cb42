package io.tributary.features;

import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Interval;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.ProjectReader;
import io.tributary.definition.ViewId;
import io.tributary.events.facts.PublicationFacts;
import io.tributary.events.runs.RunRecord;
import io.tributary.events.runs.SampleFacts;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.offline.FeatureStore;
import io.tributary.online.Answer;
import io.tributary.online.Bytes;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.online.PublishedRows;
import io.tributary.online.RowCodec;
import io.tributary.runtime.Job;
import io.tributary.runtime.JobRunner;
import io.tributary.testing.DrawnRunner;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A feature of each type that a column may have, from the source's table to the online answer. */
class ITOnlineTypes {
  private static final Interval DAY =
      Interval.of(Instant.parse("2024-03-01T00:00:00Z"), Instant.parse("2024-03-02T00:00:00Z"));

  /** Column, type, three values in SQL, and what the store answers of them. */
  private record Typed(String column, String type, List<String> sql, List<Object> answers) {}

  private static final List<Typed> COLUMNS =
      List.of(
          new Typed("b", "boolean", List.of("true", "false", "null"), asList(true, false, null)),
          new Typed("i8", "tinyint", List.of("-128", "127", "null"), asList(-128L, 127L, null)),
          new Typed(
              "i16", "smallint", List.of("-32768", "32767", "0"), asList(-32768L, 32767L, 0L)),
          new Typed(
              "i32",
              "int",
              List.of("-2147483648", "2147483647", "0"),
              asList((long) Integer.MIN_VALUE, (long) Integer.MAX_VALUE, 0L)),
          new Typed(
              "i64",
              "bigint",
              List.of("-9223372036854775807", "9223372036854775807", "0"),
              asList(-Long.MAX_VALUE, Long.MAX_VALUE, 0L)),
          new Typed(
              "f32",
              "float",
              List.of("float('NaN')", "float('-0.0')", "float('1.1')"),
              asList(Double.NaN, -0.0, (double) 1.1f)),
          new Typed(
              "f64",
              "double",
              List.of("double('-Infinity')", "4.9e-324D", "double('NaN')"),
              asList(Double.NEGATIVE_INFINITY, Double.MIN_VALUE, Double.NaN)),
          new Typed(
              "d",
              "decimal(38,9)",
              List.of("99999999999999999999999999999.999999999", "-0.000000001", "1.5"),
              asList(
                  new BigDecimal("99999999999999999999999999999.999999999"),
                  new BigDecimal("-0.000000001"),
                  new BigDecimal("1.500000000"))),
          new Typed(
              "s",
              "string",
              List.of("''", "'\\u0000\\uD83D\\uDE00'", "null"),
              asList("", "\u0000\ud83d\ude00", null)),
          new Typed(
              "bin",
              "binary",
              List.of("X''", "X'00FF80'", "null"),
              asList(binary(""), binary("00ff80"), null)),
          new Typed(
              "day",
              "date",
              List.of("date'0001-01-01'", "date'9999-12-31'", "date'1970-01-01'"),
              asList(LocalDate.of(1, 1, 1), LocalDate.of(9999, 12, 31), LocalDate.of(1970, 1, 1))),
          new Typed(
              "ts",
              "timestamp",
              List.of(
                  "timestamp'0001-01-01T00:00:00.000001Z'",
                  "timestamp'9999-12-31T23:59:59.999999Z'",
                  "timestamp'1883-11-18T17:00:00Z'"),
              asList(
                  Instant.parse("0001-01-01T00:00:00.000001Z"),
                  Instant.parse("9999-12-31T23:59:59.999999Z"),
                  Instant.parse("1883-11-18T17:00:00Z"))),
          new Typed(
              "bins",
              "array<binary>",
              List.of("array(X'01', null, X'')", "array()", "null"),
              asList(asList(binary("01"), null, binary("")), List.of(), null)),
          new Typed(
              "st",
              "struct<a:bigint,b:array<struct<c:binary,d:decimal(5,2)>>,e:date>",
              List.of(
                  "named_struct('a', 1L, 'b', array(named_struct('c', X'0A', 'd', 1.25)), 'e', date'1500-02-03')",
                  "named_struct('a', null, 'b', null, 'e', null)",
                  "null"),
              asList(
                  asList(
                      1L,
                      List.of(List.of(binary("0a"), new BigDecimal("1.25"))),
                      LocalDate.of(1500, 2, 3)),
                  asList(null, null, null),
                  null)),
          new Typed(
              "m",
              "map<string,double>",
              List.of("map('b', double('NaN'), 'a', null)", "map()", "null"),
              asList(map("a", null, "b", Double.NaN), Map.of(), null)),
          new Typed(
              "mb",
              "map<binary,array<timestamp>>",
              List.of(
                  "map(X'FF', array(timestamp'2024-01-01T00:00:00Z'), X'7F', null)",
                  "map()",
                  "null"),
              asList(
                  map(
                      binary("7f"),
                      null,
                      binary("ff"),
                      List.of(Instant.parse("2024-01-01T00:00:00Z"))),
                  Map.of(),
                  null)));

  @TempDir Path folder;

  private static Bytes binary(String hex) {
    return Bytes.of(HexFormat.of().parseHex(hex));
  }

  private static Map<Object, Object> map(Object k1, Object v1, Object k2, Object v2) {
    Map<Object, Object> map = new LinkedHashMap<>();
    map.put(k1, v1);
    map.put(k2, v2);
    return map;
  }

  @Test
  void everyTypeOfFeatureSurvivesToTheBit() throws IOException {
    CheckedProject project = project();
    try (LakeSession session = LakeSession.lazy(Map.of("spark.sql.shuffle.partitions", "2"));
        OnlineStore online = OnlineStores.open("rocksdb:" + folder.resolve("lake/online"))) {
      Lake lake = Lake.open(folder.resolve("lake").toString(), Duration.ofDays(30), session);
      deliver(lake);
      FeatureStore store =
          FeatureStore.open(project, lake, RunnerChoice.valueOf(DrawnRunner.name()));
      List<String> views = List.of("typed@1", "bytes@1");
      try (JobRunner runner = JobRunner.open(lake)) {
        FeatureJobs.materialize(store, views, DAY).forEach(runner::run);
        for (Job job : FeatureJobs.publish(store, online, views, DAY, false)) {
          RunRecord record = runner.run(job);
          assertThat(record.facts(PublicationFacts.class).orElseThrow().differences()).contains(0L);
        }
      }
      for (long id = 0; id < 3; id++) {
        List<Answer> answers = read(online, "typed@1", "k" + id);
        for (int c = 0; c < COLUMNS.size(); c++) {
          assertThat(answers.get(c).value().orElse(null))
              .as(COLUMNS.get(c).column())
              .isEqualTo(COLUMNS.get(c).answers().get((int) id));
        }
        assertKeysInOrder(answers);
      }
      assertThat(read(online, "bytes@1", "k1"))
          .extracting(a -> a.value().orElse(null))
          .containsExactly(List.of(binary("00ff80")), binary("00ff80"), binary("00ff80"));
      assertThat(read(online, "bytes@1", "nobody"))
          .extracting(a -> a.value().orElse(null))
          .containsExactly(null, null, binary("00"));
      assertThat(published(project, RunnerChoice.local))
          .hasSize(3)
          .isEqualTo(published(project, RunnerChoice.spark));
    }
  }

  /** The rows of a store that a runner has published to, the only one with a session. */
  private Map<String, String> published(CheckedProject project, RunnerChoice by) {
    Map<String, String> rows = new LinkedHashMap<>();
    try (LakeSession session = LakeSession.lazy(Map.of("spark.sql.shuffle.partitions", "2"));
        OnlineStore online = OnlineStores.open("rocksdb:" + folder.resolve("online-" + by))) {
      Lake lake = Lake.open(folder.resolve("lake").toString(), Duration.ofDays(30), session);
      FeatureStore store = FeatureStore.open(project, lake, by);
      try (JobRunner runner = JobRunner.open(lake)) {
        for (Job job : FeatureJobs.publish(store, online, List.of("typed@1"), DAY, false)) {
          RunRecord record = runner.run(job);
          assertThat(record.resources().orElseThrow().runner()).contains(by.name());
        }
      }
      assertThat(session.started().isPresent()).isEqualTo(by == RunnerChoice.spark);
      try (PublishedRows all = online.rows(online.published(ViewId.parse("typed@1")))) {
        all.forEach((key, row) -> rows.put(hex(key), hex(RowCodec.encode(row))));
      }
    }
    return rows;
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static void assertKeysInOrder(List<Answer> answers) {
    for (Answer answer : answers) {
      if (answer.value().orElse(null) instanceof Map<?, ?> map && map.size() == 2) {
        List<Object> keys = new ArrayList<>(map.keySet());
        assertThat(keys.toString()).isIn("[a, b]", "[X'7f', X'ff']");
      }
    }
  }

  private static List<Answer> read(OnlineStore online, String view, String key) {
    return online.read(ViewId.parse(view), List.of(key), DAY.snapshotInstant());
  }

  private CheckedProject project() throws IOException {
    StringBuilder columns = new StringBuilder();
    StringBuilder features = new StringBuilder();
    for (Typed typed : COLUMNS) {
      columns.append("  %s: %s\n".formatted(typed.column(), typed.type()));
      features.append("  %s_now: %s\n".formatted(typed.column(), typed.column()));
    }
    Map<String, String> files =
        Map.of(
            "tributary.yaml",
            """
            project: types
            zone: UTC
            lake: lake
            online: rocksdb:${lake}/online
            lineage: [delta]
            """,
            "sources/rows.yaml",
            """
            source: rows
            read: {format: parquet, path: data/rows.parquet}
            columns:
              k: string
              at: timestamp
            %s\
            event-time: at
            """
                .formatted(columns),
            "features/typed.yaml",
            """
            view: typed@1
            entity: [k]
            source: rows
            features:
            %s\
            """
                .formatted(features),
            "features/bytes.yaml",
            """
            view: bytes@1
            entity: [k]
            source: rows
            features:
              newest: last_k(bin, 2) over 1d
              least: min(bin) over 1d
            derived:
              sure: coalesce(least_1d, X'00')
            """);
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
    Files.createDirectories(folder.resolve("data"));
    return CheckedProject.check(ProjectReader.read(folder, Map.of(), Optional.empty()));
  }

  private static void deliver(Lake lake) {
    Dataset<Row> all = null;
    for (int id = 0; id < 3; id++) {
      StringBuilder sql = new StringBuilder("select 'k" + id + "' as k");
      sql.append(", timestamp'2024-03-01T12:00:00Z' as at");
      for (Typed typed : COLUMNS) {
        sql.append(
            ", cast(%s as %s) as %s".formatted(typed.sql().get(id), typed.type(), typed.column()));
      }
      sql.append(", timestamp'2024-03-01T12:00:00Z' as _event_time");
      sql.append(", timestamp'2024-03-01T12:00:00Z' as _known_time, false as _deleted");
      sql.append(", 1L as _delivery, 'rows.parquet' as _file, %dL as _line".formatted(id));
      sql.append(", 'none' as _run");
      Dataset<Row> row = lake.spark().sql(sql.toString());
      all = all == null ? row : all.union(row);
    }
    lake.table(TableName.of("validated", "rows"))
        .append(all, SampleFacts.ingested("rows", DAY.from(), 1));
  }
}
