package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.analysis.CheckedProject;
import io.tributary.ingest.IngestJob;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.offline.FeatureStore;
import io.tributary.runtime.JobMain;
import io.tributary.runtime.JobRunner;
import io.tributary.runtime.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Features for the rows of a file: from files alone, from a lake, and in a job of one's own. */
class ITJoin {
  private static final StructType ROWS =
      new StructType()
          .add("id", DataTypes.LongType)
          .add("driver", DataTypes.StringType)
          .add("asked_at", DataTypes.TimestampType);
  private static final List<String> VIEWS =
      List.of("driver_history@1", "last_ride@1", "driver@1.town");

  @TempDir private Path folder;
  private Path project;
  private CheckedProject checked;

  private LakeSession session = LakeSession.lazy();

  @BeforeEach
  void projectAndRows() throws IOException {
    project = folder.resolve("project");
    checked = TinyProject.write(project, 1);
    List<Row> rows = new ArrayList<>();
    for (long i = 0; i < 400; i++) {
      Instant at = Instant.parse("2024-01-02T00:30:00Z").plusSeconds(i * 4_000);
      String driver = i % 50 == 0 ? null : List.of("a", "b", "c", "nobody").get((int) i % 4);
      rows.add(RowFactory.create(i, driver, i == 7 ? null : Timestamp.from(at)));
    }
    spark().createDataFrame(rows, ROWS).write().parquet(path("rows.parquet"));
  }

  @AfterEach
  void close() {
    session.close();
  }

  @Test
  void filesAloneGiveWhatTheLakeAndAJobOfOnesOwnGive() {
    // Rows that the suite would set apart are rows for a join of files, so here there are none.
    write("expectations/rides.json", "{\"name\": \"rides\", \"expectations\": []}");
    Printed files = join("files", "--leave-out-invalid");
    assertThat(files.err).isEmpty();
    assertThat(files.out)
        .contains("files: 400 rows", "1 of them have no instant")
        .contains("source rides: 7 rows left out as invalid");
    List<String> fromFiles = rows(read("files"));
    assertThat(fromFiles).hasSize(400);
    // At 01:36:40 of the second day: starts of the last day that are known, an hour after.
    long known =
        TinyProject.rides(2, 25)
            .lines()
            .filter(line -> line.contains(",b,") && !line.endsWith("soon"))
            .count();
    assertThat(fromFiles.get(1))
        .contains("\"driver__town\":\"Kiel\"", "\"driver_history__rides_1d\":" + known + ",");

    ingest();
    Printed lake = join("lake", "--validated");
    assertThat(lake.err).isEmpty();
    assertThat(rows(read("lake"))).isEqualTo(fromFiles);

    Dataset<Row> joined =
        FeatureStore.open(project, spark())
            .historicalFeatures(read("rows.parquet"), "asked_at", VIEWS);
    assertThat(rows(joined)).isEqualTo(fromFiles);
  }

  @Test
  void parquetGivesWhatCsvGives() throws IOException {
    join("csv", "--leave-out-invalid");
    spark()
        .read()
        .option("header", true)
        .schema("id int, driver string, kilometres double, starts timestamp, delay int")
        .csv(project.resolve("data/rides.csv").toString())
        .where("delay is not null")
        .coalesce(1)
        .write()
        .parquet(path("rides"));
    moveRides("all rides.parquet");
    Path rides = project.resolve("sources/rides.yaml");
    write(
        "sources/rides.yaml",
        Files.readString(rides)
            .replace(
                "{format: csv, path: \"data/rides*.csv\", header: true}",
                "{format: parquet, path: \"data/*.parquet\"}"));
    Printed parquet = join("parquet");
    assertThat(parquet.err).isEmpty();
    assertThat(rows(read("parquet"))).hasSize(400).isEqualTo(rows(read("csv")));

    spark()
        .sql(
            "select cast(if(id = 3, null, id) as int) id, 'a' driver, 1D kilometres, timestamp'2024-01-02' starts, 1 delay from range(5)")
        .coalesce(1)
        .write()
        .mode("overwrite")
        .parquet(path("rides"));
    moveRides("more rides.parquet");
    assertThat(join("refused").err)
        .startsWith(
            "Cannot use a row of source rides (data/more rides.parquet: row 4, id null): its event key id is null. Correct it, or add --leave-out-invalid")
        .doesNotContain("\tat ", "Exception");
  }

  /**
   * Corrections, look-ups of a static source, windows, rows without an instant or with no event.
   */
  @Test
  void bothRunnersGiveTheSameAndSayWhichItWas() throws IOException {
    parquetSources();

    Printed local = join("local", "--leave-out-invalid", "--runner", "local");
    assertThat(local.err).isEmpty();
    Printed spark = join("spark", "--leave-out-invalid", "--runner", "spark");
    assertThat(spark.err).isEmpty();

    assertThat(rows(read("local"))).hasSize(400).isEqualTo(rows(read("spark")));
    assertThat(read("local").schema()).isEqualTo(read("spark").schema());
    assertThat(local.out.replace("local", "")).isEqualTo(spark.out.replace("spark", ""));
    assertThat(local.out)
        .contains("400 rows", "1 of them have no instant", "source rides: 6 rows left out");
    List<String> once = rows(read("local"));
    Printed again = join("local", "--leave-out-invalid", "--runner", "local", "--overwrite");
    assertThat(again.err).isEmpty();
    assertThat(rows(read("local"))).isEqualTo(once);
    assertThat(join("local", "--runner", "local", "--nulls", "NA").err)
        .contains("--nulls is for CSV");
    assertThat(
            printed(
                    List.of(
                        "--rows",
                        path("rows.parquet"),
                        "--features",
                        "driver@1",
                        "--runner",
                        "local",
                        "--out",
                        "s3a://nowhere/out"))
                .err)
        .contains("by --runner local: the answer goes to another machine.");
    String where = "(data/rides.parquet: row 3, id null): its event key id is null.";
    assertThat(join("refused", "--runner", "local").err)
        .startsWith("Cannot use a row of source rides " + where);
    assertThat(join("refused", "--runner", "spark").err)
        .startsWith("Cannot use a row of source rides " + where);
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left.map(f -> f.getFileName().toString()))
          .contains("local", "spark")
          .doesNotContain("refused")
          .noneMatch(name -> name.startsWith("."));
    }
  }

  /** Lines of CSV on both sides, look-ups by keys of two widths, one of which finds a row twice. */
  @Test
  void linesGiveTheSameOnBothRunners() throws IOException {
    lookUps();
    same("lines", "--leave-out-invalid");
    assertThat(read("local-lines").where("words__word = 'long'").count()).isPositive();
    assertThat(read("local-lines").where("words__town = 'Bonn'").count()).isPositive();

    write("data/words.csv", "minutes,word\n1,short\n15,long\n");

    // The first malformed line is reported, whatever else is wrong before it.
    Path rides = project.resolve("data/rides.csv");
    String whole = Files.readString(rides).replaceAll("(?m)^.*(soon|,)$\n", "");
    Files.writeString(
        rides, whole.replaceFirst("(?m)^3,", ",").replaceFirst("(?m)^6,(.*)", "6,$1,"));
    assertThat(refused("malformed")).contains("source rides (data/rides.csv:7): has 6 cells");
    Files.writeString(rides, whole.replaceFirst("(?m)^3,", ","));
    assertThat(refused("no-key"))
        .contains("source rides (data/rides.csv:5, id null): its event key");
    Files.writeString(rides, whole.replaceAll("(?m)^(\\d+,\\w,)", "$1x"));
    assertThat(refused("mistyped", "--leave-out-invalid"))
        .contains("none of its 617 values is one");
    Files.writeString(rides, whole);
    write("data/drivers.csv", "driver,town\na,Ulm\n\"b\"x,Kiel\n");
    assertThat(refused("looked-up")).contains("source drivers (data/drivers.csv:3)");
  }

  /** Parquet whose columns are narrower than what is declared is read line by line. */
  @Test
  void widenedParquetGivesTheSameOnBothRunners() throws IOException {
    lookUps();
    spark()
        .read()
        .option("header", true)
        .schema("id smallint, driver string, kilometres float, starts timestamp, delay int")
        .csv(project.resolve("data/rides.csv").toString())
        .coalesce(1)
        .write()
        .parquet(path("rides"));
    moveRides("rides.parquet");
    String source = Files.readString(project.resolve("sources/rides.yaml"));
    write(
        "sources/rides.yaml",
        source.replace(
            "{format: csv, path: \"data/rides*.csv\", header: true}",
            "{format: parquet, path: data/rides.parquet}"));
    same("widened", "--leave-out-invalid");
  }

  /** Two look-ups, whose columns a view has. */
  private void lookUps() throws IOException {
    write("data/drivers.csv", "driver,town\na,Ulm\nb,Kiel\nc,Bonn\nc,Bonn\n");
    write("data/words.csv", "minutes,word\n1,short\n3,short\n15,long\n19,\n,none\n");
    write(
        "sources/words.yaml",
        """
        source: words
        static: true
        read: {format: csv, path: data/words.csv, header: true}
        columns: {minutes: bigint, word: string}
        event-key: [minutes]
        """);
    String rides = Files.readString(project.resolve("sources/rides.yaml"));
    write(
        "sources/rides.yaml",
        rides
            .replace("derive:", "  how: {source: words, keys: [delay]}\nderive:\n  word: how.word")
            .replaceAll("(?m)^expectations.*\n", ""));
    write(
        "features/words.yaml",
        """
        view: words@1
        entity: [driver]
        source: rides
        features:
          town: town
          word: word
        """);
    StringBuilder csv = new StringBuilder("id,driver,as_of\n");
    for (Row row : read("rows.parquet").orderBy("id").collectAsList()) {
      String at = row.isNullAt(2) ? "" : row.getTimestamp(2).toInstant().toString();
      csv.append("%d,%s,%s\n".formatted(row.getLong(0), row.isNullAt(1) ? "" : row.get(1), at));
    }
    Files.writeString(folder.resolve("rows.csv"), csv);
  }

  /** Joins the rows of CSV by both runners: the same in all. */
  private void same(String name, String... options) {
    List<Printed> printed = byEach(name, options);
    assertThat(printed.get(0).err).isEmpty();
    assertThat(printed.get(0).out.replace("local-", ""))
        .isEqualTo(printed.get(1).out.replace("spark-", ""));
    Dataset<Row> joined = read("local-" + name);
    assertThat(joined.schema()).isEqualTo(read("spark-" + name).schema());
    assertThat(rows(joined)).hasSize(400).isEqualTo(rows(read("spark-" + name)));
  }

  /** The error that both runners end with. */
  private String refused(String name, String... options) {
    List<Printed> printed = byEach(name, options);
    assertThat(printed.get(0)).isEqualTo(printed.get(1));
    return printed.get(0).err;
  }

  private List<Printed> byEach(String name, String... options) {
    List<Printed> printed = new ArrayList<>();
    for (String runner : List.of("local", "spark")) {
      List<String> words = new ArrayList<>(List.of("--rows", path("rows.csv")));
      words.addAll(List.of("--features", String.join(",", VIEWS) + ",words@1"));
      words.addAll(List.of("--out", path(runner + "-" + name), "--runner", runner));
      words.addAll(List.of(options));
      printed.add(printed(words));
    }
    return printed;
  }

  /** The rides twice, some of them corrected, without look-up; some without key or time. */
  private void parquetSources() throws IOException {
    spark()
        .read()
        .option("header", true)
        .schema("driver string, town string")
        .csv(project.resolve("data/drivers.csv").toString())
        .coalesce(1)
        .write()
        .parquet(path("drivers"));
    spark()
        .read()
        .option("header", true)
        .schema("id int, driver string, kilometres double, starts timestamp, delay int")
        .csv(project.resolve("data/rides.csv").toString())
        .where("delay is not null")
        .createOrReplaceTempView("rides");
    spark()
        .sql(
            """
            select if(id in (2, 11, 30), null, id) id, driver, kilometres,
                   if(id in (50, 51, 52), null, starts) starts, delay, starts + interval 1 hour known from rides
            union all
            select id, driver, kilometres, starts, delay + 20, starts + interval 9 hours from rides where id % 5 = 4
            """)
        .coalesce(1)
        .sortWithinPartitions("known", "delay")
        .write()
        .parquet(path("rides"));
    move("drivers", "drivers.parquet");
    move("rides", "rides.parquet");
    Path drivers = project.resolve("sources/drivers.yaml");
    write(
        "sources/drivers.yaml",
        Files.readString(drivers)
            .replace(
                "{format: csv, path: data/drivers.csv, header: true}",
                "{format: parquet, path: data/drivers.parquet}"));
    write(
        "sources/rides.yaml",
        """
        source: rides
        read: {format: parquet, path: "data/rides*.parquet"}
        columns:
          id: int
          driver: string
          kilometres: double
          starts: timestamp
          delay: int
          known: timestamp
        event-key: [id]
        event-time: starts
        known-time: known
        """);
  }

  private void moveRides(String name) throws IOException {
    move("rides", name);
  }

  private void move(String from, String name) throws IOException {
    try (Stream<Path> parts = Files.list(folder.resolve(from))) {
      Path part = parts.filter(p -> p.toString().endsWith(".parquet")).findFirst().orElseThrow();
      Files.move(part, project.resolve("data").resolve(name));
    }
  }

  @Test
  void rowsOfCsvGetWhatRowsOfParquetGet() throws IOException {
    StringBuilder csv = new StringBuilder("id,driver,asked_at,note\n");
    for (Row row : read("rows.parquet").orderBy("id").collectAsList()) {
      String at = row.isNullAt(2) ? "" : row.getTimestamp(2).toInstant().toString();
      String driver = row.isNullAt(1) ? "" : row.getString(1);
      csv.append("%d,%s,%s,\"a, b\"\n".formatted(row.getLong(0), driver, at));
    }
    Files.writeString(folder.resolve("rows.csv"), csv);
    join("parquet", "--leave-out-invalid");
    Printed printed = joinCsv("out", "--as-of", "asked_at", "--leave-out-invalid");
    assertThat(printed.err).isEmpty();
    Dataset<Row> read = read("out");
    assertThat(read.schema().simpleString())
        .startsWith("struct<id:string,driver:string,asked_at:timestamp,note:string,");
    assertThat(read.where("note = 'a, b'").count()).isEqualTo(400);
    Dataset<Row> typed = read.withColumn("id", read.col("id").cast("bigint")).drop("note");
    assertThat(rows(typed)).isEqualTo(rows(read("parquet")));
  }

  @Test
  void rowsOfCsvMayCallTheirKeysAndMissingValuesOtherwise() throws IOException {
    StringBuilder csv = new StringBuilder("id,who,asked_at\n");
    for (Row row : read("rows.parquet").orderBy("id").collectAsList()) {
      String at = row.isNullAt(2) ? "NA" : row.getTimestamp(2).toInstant().toString();
      csv.append("%d,%s,%s\n".formatted(row.getLong(0), row.isNullAt(1) ? "-" : row.get(1), at));
    }
    Files.writeString(folder.resolve("rows.csv"), csv);
    join("parquet", "--leave-out-invalid");
    String[] options = {"--as-of", "asked_at", "--leave-out-invalid", "--nulls", "NA,-"};

    List<String> mapped = new ArrayList<>(List.of(options));
    mapped.addAll(List.of("--key", "driver=who"));
    assertThat(joinCsv("out", mapped.toArray(String[]::new)).err).isEmpty();
    Dataset<Row> read = read("out");
    Dataset<Row> typed =
        read.withColumn("id", read.col("id").cast("bigint")).withColumnRenamed("who", "driver");
    assertThat(rows(typed)).isEqualTo(rows(read("parquet")));

    // Another column for one of the views alone.
    Files.writeString(
        folder.resolve("rows.csv"),
        csv.toString().replaceAll("(?m)^(.*),", "$1,a,").replaceFirst("who,a", "who,other"));
    List<String> each = new ArrayList<>(List.of(options));
    each.addAll(List.of("--key", "driver=who,driver@1.driver=other"));
    assertThat(joinCsv("own", each.toArray(String[]::new)).err).isEmpty();
    assertThat(
            read("own")
                .where("asked_at is not null")
                .select("driver__town")
                .distinct()
                .collectAsList())
        .containsExactly(RowFactory.create("Ulm"));
    assertThat(rows(read("own").select("id", "driver_history__rides_1d")))
        .isEqualTo(rows(read("out").select("id", "driver_history__rides_1d")));

    assertThat(joinCsv("no", "--key", "last_ride@2.driver=who").err)
        .contains("--key names last_ride@2.driver", "Did you mean", "last_ride@1.driver");
    assertThat(joinCsv("no", "--key", "drivr=who").err)
        .contains("--key names drivr, which is no key column of a view that is joined")
        .contains("driver");
    assertThat(joinCsv("no", "--key", "driver=whom").err)
        .contains("--key driver=whom names a column that they have not", "who");
    assertThat(join("no", "--nulls", "NA").err).contains("--nulls is for CSV");
  }

  @Test
  void aRowOfCsvThatCantBeReadIsRefusedByItsLine() throws IOException {
    Path csv = folder.resolve("rows.csv");
    Files.writeString(csv, "id,driver,as_of\n1,a,2024-01-02T10:00:00+01:00\n2,b,soon\n");
    assertThat(joinCsv("out", "--leave-out-invalid").err)
        .startsWith("Cannot read the rows of " + csv + " (")
        .contains(
            "rows.csv:3): as_of \"soon\" is no timestamp: write it as in 2013-01-31T06:00:00-05:00. Correct it: every row of the file is answered.");
    Files.writeString(csv, "id,id,as_of\n");
    assertThat(joinCsv("out").err)
        .contains(csv + ":1: two columns are named id. Give each column a name of its own.");
    Files.writeString(csv, "id,driver,asked\n1,a,2024-01-02T10:00:00Z\n");
    assertThat(joinCsv("out").err)
        .contains("which column is their instant is missing. Name it with --as-of");
    Files.delete(csv);
    assertThat(joinCsv("out").err).contains(csv.toString());
  }

  private Printed joinCsv(String out, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "--rows",
                path("rows.csv"),
                "--features",
                String.join(",", VIEWS),
                "--out",
                path(out)));
    words.addAll(List.of(more));
    return printed(words);
  }

  @Test
  void anInvalidRowIsRefusedByItsLine() {
    Printed printed = join("files");
    assertThat(printed.code).isEqualTo(3);
    assertThat(printed.err)
        .startsWith("Cannot use a row of source rides (data/rides.csv:7): delay ")
        .contains("--leave-out-invalid");
    assertThat(folder.resolve("files")).doesNotExist();
  }

  @Test
  void whatIsThereIsNotReplacedUnasked() {
    write("../out/kept", "by somebody");
    assertThat(join("out").err)
        .startsWith("Cannot write " + path("out") + ": it is there already.");
    assertThat(folder.resolve("out/kept")).exists();
    assertThat(join("out", "--overwrite", "--leave-out-invalid").err).isEmpty();
    assertThat(folder.resolve("out/kept")).doesNotExist();
    assertThat(read("out").count()).isEqualTo(400);
  }

  @Test
  void filesNeedNoLakeWhereverTheProjectsLies() throws IOException {
    Path settings = project.resolve("tributary.yaml");
    String local = Files.readString(settings);
    Files.writeString(settings, local.replaceAll("(?m)^lake: .*", "lake: s3a://nowhere/lake"));
    Printed files = join("files", "--leave-out-invalid");
    assertThat(files.err).isEmpty();
    assertThat(files.code).isZero();
    assertThat(rows(read("files"))).hasSize(400);
    assertThat(join("validated", "--validated").err)
        .startsWith("Cannot check project")
        .contains("its online store is rocksdb:s3a://nowhere/lake/online");
    // Nor is a lake asked for that the command names.
    assertThat(join("named", "--leave-out-invalid", "--lake", "s3a://other/lake").err).isEmpty();
  }

  @Test
  void aRequestThatCantBeMetSaysWhatThereIs() {
    assertThat(join("out", "--as-of", "asked").err)
        .contains("they have no column asked. Name it with --as-of; their columns are struct<id");
    assertThat(printed(List.of("--rows", path("none"), "--features", "driver@1", "--out", "o")).err)
        .startsWith("Cannot read the rows of " + path("none"));
    assertThat(
            printed(
                    List.of(
                        "--rows", path("rows.parquet"), "--features", "drivers@1", "--out", "o"))
                .err)
        .contains("drivers@1", "driver@1");
  }

  /** A command stops the session that it has used. */
  private SparkSession spark() {
    if (session.spark().sparkContext().isStopped()) {
      session = LakeSession.lazy();
    }
    return session.spark();
  }

  private void ingest() {
    try (Lake lake = Lake.open(checked.project().lake());
        JobRunner runner = JobRunner.open(lake, Progress.none())) {
      for (String source : List.of("drivers", "rides")) {
        runner.run(new IngestJob(checked, source, lake, Optional.empty()));
      }
    }
  }

  private record Printed(int code, String out, String err) {}

  private Printed join(String out, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "--rows",
                path("rows.parquet"),
                "--features",
                String.join(",", VIEWS),
                "--out",
                path(out)));
    words.addAll(List.of(more));
    return printed(words);
  }

  private Printed printed(List<String> words) {
    List<String> all = new ArrayList<>(List.of("--project", project.toString()));
    all.addAll(words);
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    ByteArrayOutputStream warned = new ByteArrayOutputStream();
    int code;
    try (PrintStream o = new PrintStream(said, true, StandardCharsets.UTF_8);
        PrintStream e = new PrintStream(warned, true, StandardCharsets.UTF_8)) {
      System.setOut(o);
      System.setErr(e);
      code = JobMain.run("join", all.toArray(String[]::new), new JoinMain());
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    return new Printed(
        code, said.toString(StandardCharsets.UTF_8), warned.toString(StandardCharsets.UTF_8));
  }

  private Dataset<Row> read(String name) {
    return spark().read().parquet(path(name));
  }

  private static List<String> rows(Dataset<Row> frame) {
    return frame.orderBy("id").toJSON().collectAsList();
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private void write(String name, String text) {
    Path file = project.resolve(name).normalize();
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
