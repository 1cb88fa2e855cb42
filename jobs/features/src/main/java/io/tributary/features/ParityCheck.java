package io.tributary.features;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.TableVersion;
import io.tributary.definition.FeatureView;
import io.tributary.definition.ViewId;
import io.tributary.events.runs.CommitFacts;
import io.tributary.lake.LakeTable;
import io.tributary.offline.FeatureStore;
import io.tributary.online.Answer;
import io.tributary.online.OnlineStore;
import io.tributary.online.Origin;
import io.tributary.online.Parity;
import io.tributary.online.Publication;
import io.tributary.online.PublishedRows;
import io.tributary.online.StoredColumn;
import io.tributary.online.StoredFeature;
import io.tributary.online.StoredRow;
import io.tributary.online.StoredView;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import scala.Tuple3;

/**
 * Reads back every row of a publication and compares it bit by bit with what rule 11 of the
 * point-in-time contract derives from the published snapshots. Those are read from the snapshot
 * table, at the published versions, and merged by Spark. The check shares nothing with the writing
 * of the store but the list of snapshots, with their deliveries, of the publication before, which
 * was compared in its turn.
 */
final class ParityCheck {
  private static final String RANK = "_rank";
  private static final int ROWS_AT_A_TIME = 1_000;

  private final FeatureStore store;
  private final OnlineStore online;
  private final FeatureView view;

  ParityCheck(FeatureStore store, OnlineStore online, FeatureView view) {
    this.store = store;
    this.online = online;
    this.view = view;
  }

  /** A published snapshot, and the deliveries that it was taken from, by table. */
  private record Snapshot(Instant instant, TableVersion version, Map<String, Long> known) {
    boolean knowsAllOf(Snapshot other) {
      return other.known.entrySet().stream()
          .allMatch(e -> known.getOrDefault(e.getKey(), 0L) >= e.getValue());
    }
  }

  /** Counts rows that differ in the store, are missing, or should not be there. */
  Parity of(Publication publication) {
    OnlineRows rows =
        OnlineRows.of(
            publication.view(),
            store.project().view(view.id()).source().orElseThrow().definition().isStatic());
    OnlineStore.Factory factory = online.factory();
    String name = view.id().toString();
    long sequence = publication.sequence();
    long compared = 0;
    long found = 0;
    long different = 0;
    for (Tuple3<Long, Long, Long> counts :
        merged(publication)
            .mapPartitions(
                (MapPartitionsFunction<Row, Tuple3<Long, Long, Long>>)
                    part -> compare(part, rows, factory, ViewId.parse(name), sequence),
                Encoders.tuple(Encoders.LONG(), Encoders.LONG(), Encoders.LONG()))
            .collectAsList()) {
      compared += counts._1();
      found += counts._2();
      different += counts._3();
    }
    try (PublishedRows stored = online.rows(publication)) {
      // Too few can't be, unless a key was there twice: nothing may cancel out.
      long tooMany = Math.abs(stored.count() - found);
      return Parity.of(Instant.now(), compared, different + tooMany);
    }
  }

  /**
   * Counts rows, those that are stored under their key, and those that are stored with other
   * values.
   */
  private static Iterator<Tuple3<Long, Long, Long>> compare(
      Iterator<Row> part,
      OnlineRows rows,
      OnlineStore.Factory factory,
      ViewId view,
      long sequence) {
    long compared = 0;
    long found = 0;
    long different = 0;
    try (OnlineStore store = factory.open()) {
      Publication publication = store.publication(view, sequence).orElseThrow();
      try (PublishedRows published = store.rows(publication)) {
        while (part.hasNext()) {
          List<Row> some = new ArrayList<>();
          while (part.hasNext() && some.size() < ROWS_AT_A_TIME) {
            some.add(part.next());
          }
          List<Optional<StoredRow>> stored =
              published.findAll(some.stream().map(rows::key).toList());
          for (int i = 0; i < some.size(); i++) {
            compared++;
            found += stored.get(i).isPresent() ? 1 : 0;
            different += same(publication.view(), stored.get(i), some.get(i), rows) ? 0 : 1;
          }
        }
      }
    }
    return List.of(new Tuple3<>(compared, found, different)).iterator();
  }

  /** Whether a row is stored as it is, and a read returns its values. */
  private static boolean same(
      StoredView view, Optional<StoredRow> stored, Row row, OnlineRows rows) {
    if (!stored.equals(Optional.of(rows.stored(row)))) {
      return false;
    }
    List<Answer> answers = view.answers(stored, stored.get().publishedFor());
    List<Object> values = rows.values(row);
    for (int i = 0; i < answers.size(); i++) {
      Answer answer = answers.get(i);
      Object answered = answer.isDefault() ? null : answer.value().orElse(null);
      if (answer.status() != Answer.Status.EXPIRED && !Objects.equals(answered, values.get(i))) {
        return false;
      }
    }
    return true;
  }

  /**
   * The rows of the snapshots that count: for each key the one with the latest event and known
   * time.
   */
  private Dataset<Row> merged(Publication publication) {
    return merged(publication, counting(publication));
  }

  /** The rows of the snapshots that a publication says it has, merged in the same way. */
  Dataset<Row> promised(Publication publication) {
    return merged(
        publication,
        publication.snapshots().stream()
            .map(of -> new Snapshot(of.instant(), of.snapshot(), of.known()))
            .toList());
  }

  private Dataset<Row> merged(Publication publication, List<Snapshot> counting) {
    LakeTable table = store.lake().table(view.id().table());
    Column[] columns =
        Stream.of(
                publication.view().keys().stream().map(StoredColumn::name),
                Stream.of("_at", "_event_time", "_known_time"),
                publication.view().features().stream().map(StoredFeature::name))
            .flatMap(names -> names)
            .map(name -> col("`" + name + "`"))
            .toArray(Column[]::new);
    Dataset<Row> rows =
        counting.stream()
            .map(snapshot -> read(table, publication, snapshot).select(columns))
            .reduce(Dataset::union)
            .orElseThrow();
    if (counting.size() == 1) {
      return rows;
    }
    Column[] keys =
        publication.view().keys().stream()
            .map(k -> col("`" + k.name() + "`"))
            .toArray(Column[]::new);
    return rows.withColumn(
            RANK,
            row_number()
                .over(
                    Window.partitionBy(keys)
                        .orderBy(
                            col("_event_time").desc_nulls_last(),
                            col("_known_time").desc_nulls_last(),
                            col("_at").desc())))
        .where(col(RANK).equalTo(1))
        .drop(RANK);
  }

  /**
   * The newer of two snapshots of one instant; and one of an earlier instant only if it includes a
   * delivery that each later one lacks.
   */
  private List<Snapshot> counting(Publication publication) {
    Map<Instant, Snapshot> published = new HashMap<>();
    online
        .publication(view.id(), publication.sequence() - 1)
        .filter(former -> former.view().hasColumnsOf(publication.view()))
        .filter(former -> isOfSameLake(former, publication))
        .ifPresent(
            former ->
                former
                    .snapshots()
                    .forEach(
                        l ->
                            published.put(
                                l.instant(), new Snapshot(l.instant(), l.snapshot(), l.known()))));
    CommitFacts own = PublishJob.facts(publication);
    Instant instant = own.key().interval().orElseThrow().snapshotInstant();
    TableVersion version = own.inputs().get(0).version();
    published.put(instant, new Snapshot(instant, version, PublishJob.known(store, version)));
    return published.values().stream()
        .filter(
            snapshot ->
                published.values().stream()
                    .noneMatch(
                        later ->
                            later.instant().isAfter(snapshot.instant())
                                && later.knowsAllOf(snapshot)))
        .toList();
  }

  /** What another lake published was replaced, and counts no more. */
  private static boolean isOfSameLake(Publication former, Publication publication) {
    return publication
        .lake()
        .map(lake -> Origin.isOf(lake, former, publication.snapshots().get(0)))
        .orElse(true);
  }

  private Dataset<Row> read(LakeTable table, Publication publication, Snapshot snapshot) {
    try {
      return table
          .read(snapshot.version())
          .where(col("_at").equalTo(lit(Timestamp.from(snapshot.instant()))));
    } catch (PlatformException e) {
      if (e.code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot compare publication %1$d of view %2$s: it has rows of the snapshot at %3$s, of which the lake no longer has %4$s. Retake that snapshot, publish it, then run this again: tributary materialize %2$s --at %3$s; tributary publish %2$s --at %3$s"
              .formatted(
                  publication.sequence(),
                  view.id(),
                  snapshot.instant(),
                  snapshot.version().shortName()),
          e);
    }
  }
}
