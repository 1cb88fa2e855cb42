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
import io.tributary.rows.PartitionedRows;
import io.tributary.rows.Partitions;
import io.tributary.rows.local.LocalRunner;
import io.tributary.rows.spark.SparkRows;
import java.io.Serializable;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.StructType;

/**
 * Reads back every row of a publication and compares it bit by bit with what rule 11 of the
 * point-in-time contract derives from the published snapshots. Those are read once more from the
 * snapshot table, at the published versions, and merged by Spark where several count. Of the
 * writing the check shares the reader of the table, how rows become the store's, and the list of
 * snapshots, with their deliveries, of the publication before, which was compared in its turn.
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
    PartitionedRows expected = expected(publication, counting(publication));
    StoredView stored = publication.view();
    OnlineRows rows = rows(publication, expected.schema());
    try (PublishedRows here = online.rows(publication)) {
      List<Counts> counts =
          LocalRunner.computes(expected.rows())
              ? expected.rows().each(some -> compare(some, rows, stored, here))
              : compare(expected.rows(), rows, publication);
      long compared = counts.stream().mapToLong(Counts::compared).sum();
      long found = counts.stream().mapToLong(Counts::found).sum();
      long different = counts.stream().mapToLong(Counts::different).sum();
      // Too few can't be, unless a key was there twice: nothing may cancel out.
      long tooMany = Math.abs(here.count() - found);
      return Parity.of(Instant.now(), compared, different + tooMany);
    }
  }

  /**
   * Rows that were compared, those of them that are stored under their key, and those that are
   * stored with other values.
   */
  private record Counts(long compared, long found, long different) implements Serializable {}

  private List<Counts> compare(Partitions expected, OnlineRows rows, Publication publication) {
    OnlineStore.Factory factory = online.factory();
    String name = view.id().toString();
    long sequence = publication.sequence();
    return expected.each(
        some -> {
          try (OnlineStore store = factory.open()) {
            Publication of = store.publication(ViewId.parse(name), sequence).orElseThrow();
            try (PublishedRows stored = store.rows(of)) {
              return compare(some, rows, of.view(), stored);
            }
          }
        });
  }

  private static Counts compare(
      Iterator<InternalRow> part, OnlineRows rows, StoredView view, PublishedRows stored) {
    long compared = 0;
    long found = 0;
    long different = 0;
    while (part.hasNext()) {
      List<Expected> some = new ArrayList<>();
      while (part.hasNext() && some.size() < ROWS_AT_A_TIME) {
        some.add(Expected.of(part.next(), rows));
      }
      List<Optional<StoredRow>> of = stored.findAll(some.stream().map(Expected::key).toList());
      for (int i = 0; i < some.size(); i++) {
        compared++;
        found += of.get(i).isPresent() ? 1 : 0;
        different += some.get(i).isAnswered(view, of.get(i)) ? 0 : 1;
      }
    }
    return new Counts(compared, found, different);
  }

  /**
   * What a row of the snapshots promises.
   *
   * @param values its features, also of an entity without visible event
   */
  private record Expected(List<Object> key, StoredRow row, List<Object> values) {
    static Expected of(InternalRow row, OnlineRows rows) {
      StoredRow stored = rows.stored(row);
      return new Expected(
          rows.key(row), stored, stored.isAbsent() ? rows.values(row) : stored.values());
    }

    /** Whether it is stored as it is, and a read returns its values. */
    boolean isAnswered(StoredView view, Optional<StoredRow> stored) {
      if (!stored.equals(Optional.of(row))) {
        return false;
      }
      List<Answer> answers = view.answers(stored, row.publishedFor());
      for (int i = 0; i < answers.size(); i++) {
        Answer answer = answers.get(i);
        Object answered = answer.isDefault() ? null : answer.value().orElse(null);
        if (answer.status() != Answer.Status.EXPIRED && !Objects.equals(answered, values.get(i))) {
          return false;
        }
      }
      return true;
    }
  }

  /**
   * The rows of the snapshots that count: for each key the one with the latest event and known
   * time.
   */
  private PartitionedRows expected(Publication publication, List<Snapshot> counting) {
    if (counting.size() > 1) {
      return SparkRows.of(merged(publication, counting));
    }
    Snapshot only = counting.get(0);
    return read(
        publication,
        only,
        () -> store.snapshots().stored(view, only.version(), only.instant()).rows());
  }

  /**
   * The rows of the snapshots that a publication says it has, merged in the same way, as the store
   * is to have them: key and row.
   */
  Dataset<Row> promised(Publication publication) {
    PartitionedRows rows =
        SparkRows.of(
            merged(
                publication,
                publication.snapshots().stream()
                    .map(of -> new Snapshot(of.instant(), of.snapshot(), of.known()))
                    .toList()));
    OnlineRows stored = rows(publication, rows.schema());
    return SparkRows.frame(
        rows.map(OnlineRows.ENCODED, (task, some) -> stored.encoded(some, Optional.empty())),
        store.lake().spark());
  }

  private OnlineRows rows(Publication publication, StructType schema) {
    return OnlineRows.of(
        publication.view(),
        store.project().view(view.id()).source().orElseThrow().definition().isStatic(),
        schema);
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
            .map(
                snapshot ->
                    read(publication, snapshot, () -> table.read(snapshot.version()))
                        .where(col("_at").equalTo(lit(Timestamp.from(snapshot.instant()))))
                        .select(columns))
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

  private <T> T read(Publication publication, Snapshot snapshot, Supplier<T> rows) {
    try {
      return rows.get();
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
