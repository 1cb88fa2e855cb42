package io.tributary.features;

import static org.apache.spark.sql.functions.col;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tributary.core.Json;
import io.tributary.definition.FeatureView;
import io.tributary.definition.ViewId;
import io.tributary.features.Consistency.Difference;
import io.tributary.offline.FeatureStore;
import io.tributary.online.KeyCodec;
import io.tributary.online.OnlineStore;
import io.tributary.online.Publication;
import io.tributary.online.RowCodec;
import io.tributary.online.StoredColumn;
import io.tributary.online.StoredFeature;
import io.tributary.online.StoredRow;
import io.tributary.online.StoredView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Compares recorded answers of one publication, by the bits, with what its snapshots in the lake
 * say at the instants of the questions. What the online store holds is not read, but for which
 * snapshots the publication has.
 */
final class ServedAnswerCheck {
  /** Of a view's differences that are shown. */
  static final int SHOWN = 20;

  private static final StructType KEYED =
      new StructType()
          .add("bytes", DataTypes.BinaryType)
          .add("key", DataTypes.StringType)
          .add("at", DataTypes.TimestampType)
          .add("asked_at", DataTypes.TimestampType)
          .add("request", DataTypes.StringType)
          .add("answers", DataTypes.StringType)
          .add("event_time", DataTypes.TimestampType)
          .add("published_for", DataTypes.TimestampType);

  private final FeatureStore store;
  private final OnlineStore online;
  private final FeatureView view;

  ServedAnswerCheck(FeatureStore store, OnlineStore online, FeatureView view) {
    this.store = store;
    this.online = online;
    this.view = view;
  }

  /**
   * What was found among some answers.
   *
   * @param differing how many values of each feature differ
   * @param oldest seconds from the publication's instant to the latest question
   */
  record Found(
      long answers, long values, Map<String, Long> differing, long oldest, List<Difference> some) {
    static final Found NOTHING = new Found(0, 0, Map.of(), 0, List.of());

    Found and(Found other) {
      Map<String, Long> sums = new TreeMap<>(differing);
      other.differing.forEach((feature, count) -> sums.merge(feature, count, Long::sum));
      List<Difference> shown = new ArrayList<>(some);
      shown.addAll(other.some);
      return new Found(
          answers + other.answers,
          values + other.values,
          sums,
          Math.max(oldest, other.oldest),
          shown.stream().limit(SHOWN).toList());
    }
  }

  /**
   * Compares answers.
   *
   * @param answers rows of the table, all of the publication
   * @throws io.tributary.core.PlatformException NOT_FOUND where a snapshot of it is gone
   */
  Found of(Publication publication, Dataset<Row> answers) {
    StoredView stored = publication.view();
    String[] keys = stored.keys().stream().map(StoredColumn::name).toArray(String[]::new);
    String[] types = stored.keys().stream().map(StoredColumn::type).toArray(String[]::new);
    OnlineStore.Factory factory = online.factory();
    String name = view.id().toString();
    long sequence = publication.sequence();
    Dataset<Row> promised =
        new ParityCheck(store, online, view).promised(publication).toDF("stored_key", "stored");
    Dataset<Row> keyed =
        answers.map((MapFunction<Row, Row>) r -> keyed(r, keys, types), Encoders.row(KEYED));
    return keyed
        .join(promised, col("bytes").equalTo(col("stored_key")), "left_outer")
        .mapPartitions(
            (MapPartitionsFunction<Row, String>) part -> compare(part, factory, name, sequence),
            Encoders.STRING())
        .collectAsList()
        .stream()
        .map(json -> Json.read(json, Found.class))
        .reduce(Found.NOTHING, Found::and);
  }

  private static Row keyed(Row row, String[] names, String[] types) {
    JsonNode said = Json.read(row.<String>getAs("key"), JsonNode.class);
    List<StoredColumn> columns = new ArrayList<>();
    List<Object> key = new ArrayList<>();
    for (int i = 0; i < names.length; i++) {
      columns.add(new StoredColumn(names[i], types[i]));
      key.add(RowCodec.value(said.get(i), types[i]));
    }
    return RowFactory.create(
        key.stream().anyMatch(Objects::isNull) ? null : KeyCodec.encode(columns, key),
        row.getAs("key"),
        row.getAs("at"),
        row.getAs("asked_at"),
        row.getAs("request"),
        row.getAs("answers"),
        row.getAs("event_time"),
        row.getAs("published_for"));
  }

  private static Iterator<String> compare(
      Iterator<Row> part, OnlineStore.Factory factory, String view, long sequence) {
    if (!part.hasNext()) {
      return List.<String>of().iterator();
    }
    Publication publication;
    try (OnlineStore store = factory.open()) {
      publication = store.publication(ViewId.parse(view), sequence).orElseThrow();
    }
    Found found = Found.NOTHING;
    while (part.hasNext()) {
      found = found.and(compare(part.next(), publication));
    }
    return List.of(Json.write(found)).iterator();
  }

  private static Found compare(Row row, Publication publication) {
    StoredView view = publication.view();
    Instant askedAt = instant(row, "asked_at").orElseThrow();
    Optional<StoredRow> stored =
        Optional.ofNullable(row.<byte[]>getAs("stored"))
            .map(bytes -> RowCodec.decode(bytes, view.features(), publication.instant()));
    PromisedAnswer promised = new PromisedAnswer(view, stored, askedAt);
    Map<String, Integer> places = new LinkedHashMap<>();
    for (int i = 0; i < view.features().size(); i++) {
      places.put(view.features().get(i).name(), i);
    }
    Map<String, JsonNode[]> different = new LinkedHashMap<>();
    JsonNode answers = Json.read(row.<String>getAs("answers"), JsonNode.class);
    answers
        .fields()
        .forEachRemaining(
            answer -> {
              Integer place = places.get(answer.getKey());
              JsonNode expected = place == null ? NullNode.instance : promised.of(place);
              if (place == null
                  || !isSame(answer.getValue(), expected, view.features().get(place))) {
                different.put(answer.getKey(), new JsonNode[] {answer.getValue(), expected});
              }
            });
    times(row, "event_time", stored.flatMap(StoredRow::eventTime), different);
    times(row, "published_for", stored.map(StoredRow::publishedFor), different);
    Map<String, Long> counts = new TreeMap<>();
    List<Difference> some = new ArrayList<>();
    different.forEach(
        (feature, sides) -> {
          counts.put(feature, 1L);
          some.add(
              new Difference(
                  view.id().toString(),
                  feature,
                  Json.read(row.<String>getAs("key"), JsonNode.class),
                  instant(row, "at").orElseThrow(),
                  askedAt,
                  row.getAs("request"),
                  publication.sequence(),
                  sides[0],
                  sides[1]));
        });
    return new Found(
        1,
        answers.size(),
        counts,
        Math.max(0, Duration.between(publication.instant(), askedAt).toSeconds()),
        some);
  }

  private static boolean isSame(JsonNode recorded, JsonNode expected, StoredFeature feature) {
    try {
      return PromisedAnswer.isSame(recorded, expected, feature.type());
    } catch (RuntimeException e) {
      // What was recorded is no value of the feature's type.
      return false;
    }
  }

  private static void times(
      Row row, String column, Optional<Instant> promised, Map<String, JsonNode[]> different) {
    Optional<Instant> recorded = instant(row, column);
    if (!recorded.equals(promised)) {
      different.put(column, new JsonNode[] {text(recorded), text(promised)});
    }
  }

  private static Optional<Instant> instant(Row row, String column) {
    return Optional.ofNullable(
        (Instant) OnlineRows.value(row.getAs(column), DataTypes.TimestampType));
  }

  private static JsonNode text(Optional<Instant> instant) {
    return instant.<JsonNode>map(at -> TextNode.valueOf(at.toString())).orElse(NullNode.instance);
  }
}
