package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.analysis.CheckedProject;
import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.core.Micros;
import io.tributary.core.RunnerChoice;
import io.tributary.core.TableName;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.events.served.ServedPrediction;
import io.tributary.events.served.ServedPredictions;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.offline.FeatureStore;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.runtime.JobRunner;
import io.tributary.serve.CompiledViews;
import io.tributary.serving.FeatureServer;
import io.tributary.serving.access.Access;
import io.tributary.testing.DrawnRunner;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.util.DateTimeUtils;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.collection.JavaConverters;

/**
 * What is computed of requests, beside the offline join of the same rows and the batch's scores.
 */
class ITOnDemand {
  private static final Interval NIGHT =
      Interval.day(TinyProject.FIRST_NIGHT, ZoneId.of("Europe/Berlin"));
  private static final int REQUESTS = 4_000;
  private static final int AT_ONCE = 500;

  /** Of each type that a request's column may have, in the order of {@link #draw}. */
  private static final StructType ASKED =
      StructType.fromDDL(
          "text string, big bigint, whole int, small smallint, tiny tinyint, number double, single float,"
              + " price decimal(20,4), at timestamp, day date, flag boolean, bytes binary,"
              + " list array<double>, pairs map<string,bigint>, place struct<town:string,floor:int>");

  private static final String VIEW =
      """
      view: asked@1
      zone: America/New_York
      request:
        text: string
        big: bigint
        whole: int
        small: smallint
        tiny: tinyint
        number: double
        single: float
        price: decimal(20,4)
        at: timestamp
        day: date
        flag: boolean
        bytes: binary
        list: array<double>
        pairs: map<string,bigint>
        place: struct<town:string,floor:int>
      features:
        text: text
        big: big
        whole: whole
        small: small
        tiny: tiny
        number: number
        single: single
        price: price
        at: at
        day: day
        flag: flag
        bytes: bytes
        list: list
        pairs: pairs
        place: place
        upper: upper(substring(text, 1, 3))
        hour: hour(at)
        local_day: cast(at as date)
        next_day: timestampadd(DAY, 1, at)
        later: at + interval 24 hours
        weekday: weekday(day)
        product: cast(whole as bigint) * tiny
        root: sqrt(abs(number))
        third: number / 3
        sum: try_add(big, whole)
        taxed: price * 1.19
        cut: cast(price as bigint)
        digest: sha2(text, 256)
        sign: "case when flag then 'yes' when not flag then 'no' end"
        first: try_element_at(list, 1)
        floor: place.floor + 1
        known: coalesce(pairs['a'], -1)
        nothing: nullif(whole, whole)
      derived:
        per: product / tiny
        late: hour >= 20 or weekday = 6
      default: {upper: none, hour: -1, local_day: 2000-01-01, taxed: 0, nothing: 7, per: 0.5, late: false}
      """;

  /** Whose features fail for some rows, each for others. */
  private static final String RISKY =
      """
      view: risky@1
      request: {whole: int, text: string}
      features:
        parsed: cast(text as int)
        share: 100 / whole
        length: length(text)
        again: 100 / whole
      derived:
        twice: share * 2
      """;

  private static final String CLOCK =
      """
      view: clock@1
      request: {begins: timestamp, distance: double}
      features:
        hour: hour(begins)
        weekday: weekday(begins)
        long: distance > 10
        log: ln(distance)
      derived:
        pace: hour / (weekday + 1)
      default: {log: 0}
      """;

  @TempDir static Path folder;
  private static String lakeFolder;
  private static List<Row> joined;
  private static List<Row> scored;
  private static List<Row> timely;
  private static List<Object[]> drawn;
  private static OnlineStore store;
  private static FeatureServer server;

  @BeforeAll
  static void run() throws IOException {
    Path project = folder.resolve("project");
    lakeFolder = folder.resolve("lake").toString();
    TinyProject.write(project, 1);
    TinyProject.put(project.resolve("features/asked.yaml"), VIEW);
    TinyProject.put(project.resolve("features/risky.yaml"), RISKY);
    TinyProject.put(project.resolve("features/clock.yaml"), CLOCK);
    TinyProject.edit(
        project.resolve("training-sets/lateness.yaml"),
        text ->
            text.replace(
                "  - last_ride@1",
                "  - last_ride@1\n  - {view: clock@1, keys: {begins: starts, distance: kilometres}, as: ride}"));
    TinyProject.edit(
        project.resolve("models/lateness.yaml"),
        text -> text.replace("seed: 1}", "seed: 1}\nonline: stale"));
    for (String kind : List.of("training-sets", "models", "scores")) {
      String name = kind.equals("scores") ? "next" : "lateness";
      TinyProject.put(
          project.resolve(kind + "/timely.yaml"),
          Files.readString(project.resolve("%s/%s.yaml".formatted(kind, name)))
              .replace("lateness", "timely")
              .replace("scores: next", "scores: timely")
              .replace("\nonline: stale", "")
              .replace("  - driver_history@1\n  - last_ride@1\n", ""));
    }
    store = OnlineStores.open("rocksdb:" + folder.resolve("lake/online"));
    drawn = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(20261130);
    for (int i = 0; i < REQUESTS; i++) {
      drawn.add(draw(random));
    }
    CheckedProject checked =
        CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.of(lakeFolder)));
    RunnerChoice choice = RunnerChoice.valueOf(DrawnRunner.name());
    try (LakeSession session = LakeSession.lazy();
        Lake lake = Lake.open(lakeFolder, Lake.DEFAULT_RETENTION, session);
        JobRunner runner = JobRunner.open(lake)) {
      Jobs jobs = new Jobs(checked, lake, store, choice);
      jobs.ingest().forEach(runner::run);
      jobs.materialize(Optional.empty(), NIGHT).forEach(runner::run);
      jobs.publish(Optional.empty(), NIGHT).forEach(runner::run);
      runner.run(jobs.trainingSetOf("lateness"));
      runner.run(jobs.train("lateness"));
      runner.run(jobs.trainingSetOf("timely"));
      runner.run(jobs.train("timely"));
      jobs.score(Optional.empty(), NIGHT).forEach(runner::run);
      scored = scores(lake, "next");
      timely = scores(lake, "timely");
      List<Row> rows = new ArrayList<>();
      for (int i = 0; i < REQUESTS; i++) {
        Object[] row = new Object[ASKED.size() + 2];
        System.arraycopy(drawn.get(i), 0, row, 0, ASKED.size());
        row[ASKED.size()] = i;
        row[ASKED.size() + 1] = Instant.EPOCH;
        rows.add(RowFactory.create(row));
      }
      joined =
          FeatureStore.open(checked, lake, choice)
              .historicalFeatures(
                  lake.spark()
                      .createDataFrame(
                          rows, ASKED.add("number_of", "int").add("as_of", "timestamp")),
                  "as_of",
                  List.of("asked@1"))
              .orderBy("number_of")
              .collectAsList();
    }
    Project read = ProjectReader.read(project, Map.of(), Optional.of(lakeFolder));
    server =
        FeatureServer.start(
            read,
            store,
            new CompiledViews(),
            Access.open(lakeFolder, read.name()),
            new FeatureServer.Address("127.0.0.1", 0, false),
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
  }

  private static List<Row> scores(Lake lake, String set) {
    return lake.spark()
        .read()
        .format("delta")
        .load(lake.path(TableName.of("scores", set)))
        .orderBy("id")
        .collectAsList();
  }

  @AfterAll
  static void close() {
    server.close();
    store.close();
  }

  private static Object[] draw(SplittableRandom random) {
    Object[] row = {
      text(random),
      List.of(random.nextLong(), Long.MIN_VALUE, Long.MAX_VALUE, (long) random.nextInt())
          .get(random.nextInt(4)),
      random.nextInt(5) == 0 ? Integer.MIN_VALUE : random.nextInt(),
      (short) random.nextInt(),
      (byte) random.nextInt(),
      floating(random),
      random.nextInt(8) == 0 ? Float.NaN : Float.intBitsToFloat(random.nextInt()),
      new BigDecimal(BigInteger.valueOf(random.nextLong(-1L << 60, 1L << 60)), 4),
      instant(random),
      LocalDate.ofEpochDay(random.nextInt(-20_000, 40_000)),
      random.nextBoolean(),
      text(random).getBytes(StandardCharsets.UTF_8),
      nullable(random, floating(random), floating(random)),
      pairs(random),
      RowFactory.create(random.nextInt(4) == 0 ? null : text(random), random.nextInt(9))
    };
    for (int i = 0; i < row.length; i++) {
      if (random.nextInt(10) == 0) {
        row[i] = null;
      }
    }
    return row;
  }

  private static String text(SplittableRandom random) {
    StringBuilder text = new StringBuilder();
    for (int left = random.nextInt(8); left > 0; left--) {
      int[] points = "aZ7 ßé\n\"\\\0日😀".codePoints().toArray();
      text.appendCodePoint(points[random.nextInt(points.length)]);
    }
    return text.toString();
  }

  private static Double floating(SplittableRandom random) {
    return switch (random.nextInt(10)) {
      case 0 -> Double.NaN;
      case 1 -> Double.POSITIVE_INFINITY;
      case 2 -> Double.NEGATIVE_INFINITY;
      case 3 -> -0.0;
      case 4 -> Double.MIN_VALUE;
      case 5 -> random.nextInt(1_000) / 10.0;
      default -> {
        double drawn = Double.longBitsToDouble(random.nextLong());
        yield Double.isNaN(drawn) ? 0.1 : drawn;
      }
    };
  }

  /** Often near a change of clocks. */
  private static Instant instant(SplittableRandom random) {
    long near = Instant.parse("2021-03-14T07:00:00Z").getEpochSecond();
    long second =
        random.nextBoolean()
            ? near + random.nextInt(-100_000, 100_000)
            : random.nextLong(-2_000_000_000L, 4_000_000_000L);
    return Instant.ofEpochSecond(second, random.nextInt(1_000_000) * 1_000L);
  }

  private static Object nullable(SplittableRandom random, Object... values) {
    List<Object> list = new ArrayList<>(List.of(values));
    if (random.nextBoolean()) {
      list.add(random.nextInt(list.size() + 1), null);
    }
    return JavaConverters.asScalaBufferConverter(list.subList(0, random.nextInt(list.size() + 1)))
        .asScala()
        .toSeq();
  }

  private static Object pairs(SplittableRandom random) {
    Map<String, Long> pairs = new HashMap<>();
    for (int left = random.nextInt(3); left > 0; left--) {
      pairs.put("ab c".substring(left, left + 1), random.nextBoolean() ? null : random.nextLong());
    }
    return JavaConverters.mapAsScalaMapConverter(pairs).asScala();
  }

  private record Said(int status, JsonNode json) {}

  private static Said post(String path, JsonNode body) {
    return post(server.address(), path, body);
  }

  /** Asks again while a model is being opened, or views are compiled. */
  private static Said post(URI server, String path, JsonNode body) {
    try {
      for (int tries = 0; ; tries++) {
        HttpResponse<String> answer =
            HttpClient.newHttpClient()
                .send(
                    HttpRequest.newBuilder(server.resolve(path))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                        .build(),
                    HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 503 || tries == 100) {
          return new Said(answer.statusCode(), Json.read(answer.body(), JsonNode.class));
        }
        TimeUnit.MILLISECONDS.sleep(100);
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** As a client writes a value. */
  private static JsonNode json(Object value) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    if (value == null) {
      return json.nullNode();
    }
    if (value instanceof Double d) {
      boolean hasNone = !Double.isFinite(d) || d.equals(-0.0);
      return hasNone ? json.textNode(d.toString()) : json.numberNode(d);
    }
    if (value instanceof Float f) {
      boolean hasNone = !Float.isFinite(f) || f.equals(-0.0f);
      return hasNone ? json.textNode(f.toString()) : json.numberNode(f);
    }
    if (value instanceof Boolean flag) {
      return json.booleanNode(flag);
    }
    if (value instanceof Number number && !(value instanceof BigDecimal)) {
      return json.numberNode(number.longValue());
    }
    if (value instanceof byte[] bytes) {
      return json.binaryNode(bytes);
    }
    if (value instanceof scala.collection.Seq<?> seq) {
      ArrayNode array = json.arrayNode();
      JavaConverters.seqAsJavaListConverter(seq).asJava().forEach(of -> array.add(json(of)));
      return array;
    }
    if (value instanceof scala.collection.Map<?, ?> map) {
      ObjectNode object = json.objectNode();
      JavaConverters.mapAsJavaMapConverter(map)
          .asJava()
          .forEach((key, of) -> object.set(key.toString(), json(of)));
      return object;
    }
    if (value instanceof Row place) {
      ObjectNode object = json.objectNode();
      object.set("town", json(place.get(0)));
      object.set("floor", json(place.get(1)));
      return object;
    }
    return json.textNode(
        value instanceof BigDecimal number ? number.toPlainString() : value.toString());
  }

  private static ObjectNode asked(Object[] row) {
    ObjectNode asked = Json.mapper().createObjectNode();
    for (int i = 0; i < row.length; i++) {
      asked.set(ASKED.fieldNames()[i], json(row[i]));
    }
    return asked;
  }

  /** Whether an answer says exactly what Spark has. */
  private static boolean isSame(JsonNode said, Object spark) {
    if (spark == null) {
      return said.isNull();
    }
    if (spark instanceof Double || spark instanceof Float) {
      double number = said.isTextual() ? Double.parseDouble(said.textValue()) : said.doubleValue();
      return Double.doubleToLongBits(number)
          == Double.doubleToLongBits(((Number) spark).doubleValue());
    }
    if (spark instanceof BigDecimal number) {
      return said.textValue().equals(number.toPlainString());
    }
    if (spark instanceof Boolean flag) {
      return said.isBoolean() && said.booleanValue() == flag;
    }
    if (spark instanceof Number number) {
      return said.isIntegralNumber() && said.longValue() == number.longValue();
    }
    if (spark instanceof Timestamp t) {
      return Instant.parse(said.textValue())
          .equals(Micros.instant(DateTimeUtils.fromJavaTimestamp(t)));
    }
    if (spark instanceof Date d) {
      return LocalDate.parse(said.textValue()).toEpochDay() == DateTimeUtils.fromJavaDate(d);
    }
    if (spark instanceof byte[] bytes) {
      return said.textValue().equals(Base64.getEncoder().encodeToString(bytes));
    }
    if (spark instanceof scala.collection.Seq<?> seq) {
      List<?> list = JavaConverters.seqAsJavaListConverter(seq).asJava();
      boolean same = said.isArray() && said.size() == list.size();
      for (int i = 0; same && i < list.size(); i++) {
        same = isSame(said.get(i), list.get(i));
      }
      return same;
    }
    if (spark instanceof scala.collection.Map<?, ?> of) {
      Map<?, ?> map = JavaConverters.mapAsJavaMapConverter(of).asJava();
      return said.isObject()
          && said.size() == map.size()
          && map.entrySet().stream()
              .allMatch(e -> isSame(said.get(e.getKey().toString()), e.getValue()));
    }
    if (spark instanceof Row place) {
      return said.size() == 2
          && isSame(said.get("town"), place.get(0))
          && isSame(said.get("floor"), place.get(1));
    }
    return said.isTextual() && said.textValue().equals(spark);
  }

  @Test
  void answersWhatTheOfflineJoinGivesToTheBit() {
    assertThat(joined).hasSize(REQUESTS);
    Map<String, Integer> present = new HashMap<>();
    for (int from = 0; from < REQUESTS; from += AT_ONCE) {
      ObjectNode body = Json.mapper().createObjectNode();
      body.putArray("features").add("asked@1");
      ArrayNode entities = body.putArray("entities");
      drawn.subList(from, from + AT_ONCE).forEach(row -> entities.add(asked(row)));
      Said said = post("/features", body);
      assertThat(said.status()).as("%s", said.json()).isEqualTo(200);
      for (int i = 0; i < AT_ONCE; i++) {
        Row offline = joined.get(from + i);
        for (int f = 0; f < said.json().get("features").size(); f++) {
          String feature = said.json().at("/features/%d/feature".formatted(f)).textValue();
          JsonNode cell = said.json().at("/rows/%d/%d".formatted(i, f));
          Object value = offline.getAs("asked__" + feature);
          assertThat(isSame(cell.get("value"), value))
              .as("%s of %s: %s beside %s", feature, entities.get(i), cell, value)
              .isTrue();
          if (cell.get("status").textValue().equals("present")) {
            present.merge(feature, 1, Integer::sum);
          }
        }
      }
    }
    assertThat(present).hasSize(34).doesNotContainKey("nothing");
    assertThat(present.values()).allSatisfy(count -> assertThat(count).isGreaterThan(50));
  }

  private static Said risky(String feature, Integer whole, String text) {
    ObjectNode body = Json.mapper().createObjectNode();
    body.putArray("features").add("risky@1:" + feature);
    ObjectNode row = body.putArray("entities").addObject();
    row.put("whole", whole);
    row.put("text", text);
    return post("/features", body);
  }

  private static String detail(Said said) {
    return said.json().get("detail").textValue();
  }

  @Test
  void namesTheFeatureThatFailsAndLeavesOthersBe() {
    Said divided = risky("share", 0, "7");
    assertThat(divided.status()).isEqualTo(400);
    assertThat(divided.json().get("detail").textValue())
        .startsWith("Cannot compute feature share of risky@1 for row 0: ")
        .contains("ivision by zero")
        .endsWith(". Correct what it is computed from, or leave the feature out.");
    Said parsed = risky("parsed", 0, "seven");
    assertThat(parsed.status()).isEqualTo(400);
    assertThat(parsed.json().get("detail").textValue())
        .startsWith("Cannot compute feature parsed of risky@1 for row 0: The value 'seven'");
    for (String feature : List.of("again", "twice")) {
      assertThat(detail(risky(feature, 0, "seven")))
          .startsWith(
              "Cannot compute feature " + feature + " of risky@1 for row 0: Division by zero");
    }
    Said blank = risky("parsed", 0, " ".repeat(65_000) + "x");
    assertThat(blank.status()).isEqualTo(400);
    assertThat(detail(blank).length()).isLessThan(600);
    assertThat(detail(risky("parsed", 0, "x".repeat(70_000))))
        .isEqualTo("The body is no JSON: it is too deep or too long.");
    Said length = risky("length", 0, "seven");
    assertThat(length.status()).as("%s", length.json()).isEqualTo(200);
    assertThat(length.json().at("/rows/0/0/value").intValue()).isEqualTo(5);
    assertThat(risky("share", 8, "x").json().at("/rows/0/0/value").doubleValue()).isEqualTo(12.5);
    assertThat(risky("share", null, null).json().at("/rows/0/0/status").textValue())
        .isEqualTo("null");
  }

  private static Said score(ArrayNode rows) {
    return score("lateness", rows);
  }

  private static Said score(String model, ArrayNode rows) {
    ObjectNode body = Json.mapper().createObjectNode();
    body.set("dataframe_records", rows);
    return post("/models/%s@1/invocations".formatted(model), body);
  }

  /** Of a model all of whose inputs are the row's own or computed on demand. */
  @Test
  void aScoreByWhatARowSaysIsTheBatchsToTheBit() {
    ArrayNode rows = Json.mapper().createArrayNode();
    List<Double> batch = new ArrayList<>();
    for (Row of : timely) {
      rows.add(row(of, true));
      batch.add(of.<Row>getAs("output").getAs("probability"));
    }
    Said said = score("timely", rows);
    assertThat(said.status()).as("%s", said.json()).isEqualTo(200);
    List<Double> predictions = new ArrayList<>();
    said.json().get("predictions").forEach(of -> predictions.add(of.doubleValue()));
    assertThat(predictions).isEqualTo(batch).hasSizeGreaterThan(20);
    assertThat(predictions.stream().distinct()).hasSizeGreaterThan(10);
  }

  /** What the row that asked said, and all else from what the batch was given. */
  private static ObjectNode row(Row scored, boolean looksUp) {
    ObjectNode row = Json.mapper().createObjectNode();
    Row inputs = scored.getAs("inputs");
    for (String kind : List.of("numbers", "categories")) {
      Row of = inputs.getAs(kind);
      for (String column : of.schema().fieldNames()) {
        if (!column.startsWith("ride__") && !(looksUp && column.contains("__"))) {
          Object value = of.getAs(column);
          boolean whole =
              column.equals("id") || column.contains("rides") || column.endsWith("delay");
          row.set(
              column, whole && value != null ? json(((Number) value).longValue()) : json(value));
        }
      }
    }
    row.set("kilometres", json(scored.getAs("kilometres")));
    row.set(
        "starts",
        json(
            DateTimeUtils.microsToInstant(
                DateTimeUtils.fromJavaTimestamp(scored.getAs("starts")))));
    return row;
  }

  @Test
  void scoresByWhatRowsSayAsTheBatchDid() {
    ArrayNode asking = Json.mapper().createArrayNode();
    ArrayNode whole = Json.mapper().createArrayNode();
    for (Row of : scored) {
      ObjectNode row = row(of, true);
      asking.add(row.deepCopy());
      ObjectNode service = Json.mapper().createObjectNode();
      service.put("service", "lateness@1");
      service.putArray("entities").add(row.deepCopy());
      Said features = post("/features", service);
      assertThat(features.status()).as("%s", features.json()).isEqualTo(200);
      ObjectNode full = row.deepCopy();
      full.remove(List.of("starts", "kilometres"));
      Row inputs = of.getAs("inputs");
      int computed = 0;
      for (int f = 0; f < features.json().get("features").size(); f++) {
        String input = features.json().at("/features/%d/input".formatted(f)).textValue();
        JsonNode value = features.json().at("/rows/0/%d/value".formatted(f));
        full.set(input, value);
        if (input.startsWith("ride__")) {
          Double batch = inputs.<Row>getAs("numbers").getAs(input);
          double served = value.isBoolean() ? (value.booleanValue() ? 1 : 0) : value.doubleValue();
          assertThat(Double.doubleToLongBits(served))
              .as(input)
              .isEqualTo(Double.doubleToLongBits(batch));
          computed++;
        }
      }
      assertThat(computed).isEqualTo(5);
      whole.add(full);
    }
    Said looked = score(asking);
    assertThat(looked.status()).as("%s", looked.json()).isEqualTo(200);
    assertThat(looked.json()).isEqualTo(score(whole).json());
    assertThat(scored).hasSizeGreaterThan(20);

    ObjectNode some = (ObjectNode) asking.get(0);
    some.put("ride__hour", 3);
    Said mixed = score(Json.mapper().createArrayNode().add(some));
    assertThat(mixed.status()).isEqualTo(400);
    assertThat(mixed.json().get("detail").textValue())
        .contains("the rows have some inputs that are looked up or computed, as \"ride__hour\"");

    // As before there was anything to compute: computed by whoever asks, and the others looked up.
    ObjectNode brought = some.deepCopy();
    brought.remove(List.of("starts", "kilometres"));
    whole
        .get(0)
        .fields()
        .forEachRemaining(
            field -> {
              if (field.getKey().startsWith("ride__")) {
                brought.set(field.getKey(), field.getValue());
              }
            });
    Said still = score(Json.mapper().createArrayNode().add(brought));
    assertThat(still.status()).as("%s", still.json()).isEqualTo(200);
    assertThat(still.json().at("/predictions/0")).isEqualTo(looked.json().at("/predictions/0"));

    ObjectNode missing = some.deepCopy();
    missing.remove(List.of("starts", "ride__hour"));
    assertThat(score(Json.mapper().createArrayNode().add(missing)).json().get("detail").textValue())
        .startsWith("Cannot read the request: the rows have no [starts].");
  }

  /** Inputs as the model was given them, and what they were computed from. */
  @Test
  void recordsWhatInputsWereComputedFrom() throws Exception {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(server.address().resolve("/models/timely@1/invocations"))
                    .header("Content-Type", "application/json")
                    .POST(
                        HttpRequest.BodyPublishers.ofString(
                            "{\"dataframe_records\":[%s]}".formatted(row(timely.get(0), true))))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    for (int tries = 0; answer.statusCode() == 503 && tries < 100; tries++) {
      TimeUnit.MILLISECONDS.sleep(100);
      answer =
          HttpClient.newHttpClient().send(answer.request(), HttpResponse.BodyHandlers.ofString());
    }
    String id = answer.headers().firstValue("Tributary-Predictions").orElseThrow() + "/1";
    List<ServedPrediction> recorded = new ArrayList<>();
    Interval today =
        Interval.of(
            Instant.now().minusSeconds(86_400).truncatedTo(ChronoUnit.MICROS),
            Instant.now().plusSeconds(86_400).truncatedTo(ChronoUnit.MICROS));
    for (int tries = 0; recorded.isEmpty() && tries < 300; tries++) {
      TimeUnit.MILLISECONDS.sleep(100);
      ServedPredictions.open(lakeFolder)
          .read(
              today,
              of -> {
                if (of.id().equals(id)) {
                  recorded.add(of);
                }
              });
    }
    assertThat(recorded).hasSize(1);
    assertThat(recorded.get(0).asked().get("starts"))
        .isEqualTo(row(timely.get(0), true).get("starts").textValue());
    assertThat(recorded.get(0).asked()).containsKey("kilometres");
    assertThat(recorded.get(0).inputs())
        .containsKeys("ride__hour", "ride__weekday", "ride__long", "ride__log", "ride__pace");
    assertThat(recorded.get(0).publications()).isEmpty();
    assertThat(recorded.get(0).score())
        .isEqualTo(timely.get(0).<Row>getAs("output").<Double>getAs("probability"));
  }

  /** A server with another definition under the same name must not compute this model's inputs. */
  @Test
  void refusesADefinitionOfAnotherMeaning() throws IOException {
    Path project = folder.resolve("other");
    TinyProject.write(project, 1);
    TinyProject.put(
        project.resolve("features/clock.yaml"), CLOCK.replace("hour(begins)", "minute(begins)"));
    Project other = ProjectReader.read(project, Map.of(), Optional.of(lakeFolder));
    try (FeatureServer changed =
        FeatureServer.start(
            other,
            store,
            new CompiledViews(),
            Access.open(lakeFolder, other.name()),
            new FeatureServer.Address("127.0.0.1", 0, false),
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8))) {
      ObjectNode body = Json.mapper().createObjectNode();
      body.putArray("dataframe_records").add(row(scored.get(0), true));
      Said said = post(changed.address(), "/models/lateness@1/invocations", body);
      assertThat(said.status()).isEqualTo(409);
      assertThat(said.json().get("detail").textValue())
          .isEqualTo(
              "Cannot use lateness@1 online: what is computed of clock@1 has another meaning than what it was trained on. Serve with that definition, or train it again: tributary training-set, tributary train lateness.");
    }
  }
}
