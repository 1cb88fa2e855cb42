package io.tributary.features;

import com.fasterxml.jackson.core.type.TypeReference;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Json;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableVersion;
import io.tributary.definition.FeatureView;
import io.tributary.events.facts.PublicationFacts;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.CompletedRun;
import io.tributary.events.runs.LineageNode;
import io.tributary.events.runs.Resources;
import io.tributary.lake.Lake;
import io.tributary.offline.FeatureStore;
import io.tributary.offline.StoredSnapshot;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineWriter;
import io.tributary.online.Origin;
import io.tributary.online.Parity;
import io.tributary.online.Publication;
import io.tributary.online.PublishedSnapshot;
import io.tributary.online.RowCodec;
import io.tributary.online.StoredColumn;
import io.tributary.online.StoredFeature;
import io.tributary.online.StoredView;
import io.tributary.online.WrittenRows;
import io.tributary.runtime.Attempt;
import io.tributary.runtime.Job;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the snapshot of one feature view at an interval's last instant to the online store, and
 * then reads every row back and compares it, bit by bit, with the published snapshots. The manifest
 * publishes; the work is complete when a comparison without a difference is stored beside it. A
 * publication whose comparison is missing is compared by the next run, not published again.
 */
final class PublishJob implements Job {
  private static final Logger LOG = LoggerFactory.getLogger(PublishJob.class);

  private final FeatureStore store;
  private final FeatureView view;
  private final Interval interval;
  private final OnlineStore online;
  private final boolean replacesOthers;

  /**
   * @param replacesOthers whether what was published from another lake is replaced
   */
  PublishJob(
      FeatureStore store,
      OnlineStore online,
      FeatureView view,
      Interval interval,
      boolean replacesOthers) {
    this.store = store;
    this.online = online;
    this.view = view;
    this.interval = interval;
    this.replacesOthers = replacesOthers;
  }

  @Override
  public JobKey key() {
    return JobKey.of("publish", view.id().toString(), interval);
  }

  /** The newest version of the snapshot table that has the published instant. */
  @Override
  public List<Pin> inputs() {
    return List.of(Pin.of(store.snapshots().commit(view, interval).version()));
  }

  @Override
  public Digest definition() {
    return store.project().view(view.id()).digest();
  }

  @Override
  public List<Definition> definitions() {
    return store.project().definitions(List.of("view " + view.id()));
  }

  @Override
  public Optional<CompletedRun> recorded(Lake lake) {
    return newest().flatMap(this::recorded);
  }

  private Optional<CompletedRun> recorded(Publication publication) {
    CommitFacts facts = facts(publication);
    return online
        .parity(publication)
        .filter(parity -> parity.differences() == 0)
        .map(
            parity -> {
              return new CompletedRun(
                  facts.run(),
                  facts.attempt(),
                  parity.at(),
                  facts.inputs(),
                  facts.fingerprint(),
                  facts.outputs(),
                  facts.facts(PublicationFacts.class).map(f -> compared(f, publication, parity)),
                  facts.notes(),
                  facts.writes(),
                  facts.definitions(),
                  facts.environment());
            });
  }

  /** The newest publication of this key. */
  private Optional<Publication> newest() {
    return online.publications(view.id()).stream()
        .filter(p -> facts(p).key().equals(key()))
        .reduce((a, b) -> b);
  }

  /** The facts of the run that published. */
  static CommitFacts facts(Publication publication) {
    return Json.mapper().convertValue(publication.record(), CommitFacts.class);
  }

  private static PublicationFacts compared(
      PublicationFacts facts, Publication publication, Parity parity) {
    return facts.compared(publication.sequence(), parity.rows(), parity.differences());
  }

  @Override
  public void run(Attempt attempt) {
    TableVersion version = attempt.inputs().get(0).version();
    Instant instant = interval.snapshotInstant();
    StoredSnapshot snapshot = store.snapshots().stored(view, version, instant);
    attempt.computedBy(snapshot.by().name(), snapshot.by().why());
    attempt.writes(new LineageNode("online", view.id().toString(), instant.toString()));
    Publication published =
        newest()
            .filter(p -> p.sequence() == online.published(view.id()).sequence())
            .filter(p -> facts(p).fingerprint().equals(attempt.fingerprint()))
            .filter(p -> online.parity(p).isEmpty())
            .orElseGet(() -> publish(attempt, snapshot));
    Parity parity = new ParityCheck(store, online, view).of(published);
    online.keep(published, parity);
    attempt.report(
        compared(facts(published).facts(PublicationFacts.class).orElseThrow(), published, parity));
    if (parity.differences() > 0) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot confirm publication %s of view %s: beside its snapshots, of %s rows, %s differ, are missing or are in excess. Report this as a bug."
              .formatted(published.sequence(), view.id(), parity.rows(), parity.differences()));
    }
  }

  private Publication publish(Attempt attempt, StoredSnapshot snapshot) {
    TableVersion version = attempt.inputs().get(0).version();
    Instant instant = interval.snapshotInstant();
    StructType schema = snapshot.rows().schema();
    StoredView stored = stored(schema);
    try (OnlineWriter writer =
        online.begin(
            stored,
            new PublishedSnapshot(instant, version, known(store, version)),
            new Origin(lake(), replacesOthers))) {
      if (wasWrong()) {
        writer.writeWhole();
      }
      WrittenRows written = write(snapshot, OnlineRows.of(stored, isStatic(), schema), writer);
      attempt.report(PublicationFacts.of(instant, written.rows()));
      attempt.used(Resources.ofOnline(written.receipts().size(), written.bytes()));
      return writer.publish(
          written,
          Json.mapper()
              .convertValue(attempt.commitPoint(), new TypeReference<Map<String, Object>>() {}));
    }
  }

  /** Whether a comparison of what is published has found differences: nothing is built on that. */
  private boolean wasWrong() {
    return online
        .publication(view.id())
        .flatMap(online::parity)
        .filter(parity -> parity.differences() > 0)
        .isPresent();
  }

  /** The id that each lake has once a run has begun in it. */
  private String lake() {
    return LakeIdentity.require(store.lake().uri()).orElseThrow().id();
  }

  /** The deliveries that the snapshots of a version were taken from, by table. */
  static Map<String, Long> known(FeatureStore store, TableVersion snapshots) {
    Map<String, Long> known = new TreeMap<>();
    store.lake().table(snapshots.table()).commits().stream()
        .filter(c -> c.version().equals(snapshots))
        .flatMap(c -> c.facts().stream())
        .flatMap(f -> f.inputs().stream())
        .forEach(
            pin -> pin.deliveries().ifPresent(n -> known.put(pin.version().table().toString(), n)));
    return known;
  }

  /**
   * Writes what differs from the publication before; all of it where that is most of it, or where
   * what is stored can't be read: then it is what this mends.
   */
  private WrittenRows write(StoredSnapshot snapshot, OnlineRows rows, OnlineWriter writer) {
    try (SnapshotWriter read =
        SnapshotWriter.of(store.lake(), snapshot, rows, interval.snapshotInstant())) {
      return write(read, writer);
    }
  }

  private WrittenRows write(SnapshotWriter snapshot, OnlineWriter writer) {
    if (writer.writesDifferences()) {
      try {
        Optional<WrittenRows> differences = writer.complete(snapshot.write(writer.partitions()));
        if (differences.isPresent()) {
          return differences.get();
        }
        LOG.info("Publishing all rows of {}, as most have changed", view.id());
      } catch (Exception e) {
        // Spark throws exceptions that it does not declare.
        if (!isUnreadable(e)) {
          throw e;
        }
        LOG.warn("Publishing all rows of {}, as what they change can't be told", view.id(), e);
        writer.writeWhole();
      }
    }
    return writer.complete(snapshot.write(writer.partitions())).orElseThrow();
  }

  private static boolean isUnreadable(Throwable e) {
    ErrorCode code = PlatformException.codeOf(e);
    return code == ErrorCode.CORRUPT || code == ErrorCode.STORAGE;
  }

  private boolean isStatic() {
    return store.project().view(view.id()).source().orElseThrow().definition().isStatic();
  }

  private StoredView stored(StructType schema) {
    Map<String, Object> empty = store.emptyValues(view);
    Map<String, Object> defaults = store.project().view(view.id()).defaults();
    List<StoredFeature> features = new ArrayList<>();
    for (String name : view.featureNames()) {
      DataType type = schema.apply(name).dataType();
      features.add(
          new StoredFeature(
              name,
              type.catalogString(),
              Optional.ofNullable(OnlineRows.value(empty.get(name), type)).map(RowCodec::node),
              Optional.ofNullable(OnlineRows.value(defaults.get(name), type)).map(RowCodec::node)));
    }
    return new StoredView(
        view.id(),
        definition(),
        view.entity().stream()
            .map(key -> new StoredColumn(key, schema.apply(key).dataType().catalogString()))
            .toList(),
        features,
        view.servedTtl(),
        view.maxStaleness());
  }
}
