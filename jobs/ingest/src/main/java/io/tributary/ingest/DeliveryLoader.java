package io.tributary.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.events.facts.DeliveryVerdict;
import io.tributary.events.facts.DeliveryVerdict.Outcome;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.facts.RowCounts;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.LineageNode;
import io.tributary.ingest.gate.Gate;
import io.tributary.ingest.gate.Gated;
import io.tributary.ingest.gate.QualityLog;
import io.tributary.ingest.ledger.Delivery;
import io.tributary.ingest.ledger.LedgerEntry;
import io.tributary.ingest.ledger.Release;
import io.tributary.ingest.ledger.ReleasedRows;
import io.tributary.lake.Commit;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.quality.QualityGate;
import io.tributary.quality.Suite;
import io.tributary.runtime.Attempt;
import io.tributary.source.DeliveryFiles;
import io.tributary.source.FileFacts;
import io.tributary.source.FoundFile;
import io.tributary.source.rows.SourceRules;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Loads deliveries into bronze and judges their rows. */
final class DeliveryLoader {
  private final Attempt attempt;
  private final Lake lake;
  private final SourceRules rules;
  private final Suite suite;
  private final LakeTable bronze;
  private final LakeTable validated;
  private final Evolution evolution;
  private final Gate gate;
  private final QualityLog quality;

  DeliveryLoader(
      Attempt attempt,
      SourceRules rules,
      Suite suite,
      LakeTable bronze,
      LakeTable validated,
      Evolution evolution,
      Gate gate,
      QualityLog quality) {
    this.attempt = attempt;
    this.lake = attempt.lake();
    this.rules = rules;
    this.suite = suite;
    this.bronze = bronze;
    this.validated = validated;
    this.evolution = evolution;
    this.gate = gate;
    this.quality = quality;
  }

  /**
   * Reads a delivery's files into bronze, where they are not yet, and judges its rows.
   *
   * @param present the files that are there, by their content
   * @param releases whose rows the delivery no longer counts
   */
  LoadedDelivery load(LedgerEntry entry, Map<String, FoundFile> present, List<Release> releases) {
    Delivery delivery = entry.delivery();
    Optional<Commit> brought = Commits.ofDelivery(bronze, delivery.number());
    RowCounts read;
    Optional<Dataset<Row>> malformed = Optional.empty();
    List<FoundFile> files = List.of();
    if (entry.verdict().isPresent()) {
      read = entry.verdict().get().counts();
    } else {
      files = delivery.files().stream().map(f -> present.get(f.sha256().hex())).toList();
      files.forEach(f -> attempt.reads(LineageNode.file(f.path(), f.delivered().sha256())));
      DeliveryFiles frames =
          DeliveryFiles.of(
              lake.spark(),
              rules.name(),
              delivery.number(),
              files,
              rules.reader(),
              rules.reader().columns(),
              attempt.run().text());
      if (brought.isEmpty()) {
        frames = append(frames, delivery);
        brought = Commits.ofDelivery(bronze, delivery.number());
      } else {
        // An earlier attempt brought it and died: whose rows they are would be said nowhere else.
        attempt.writes(LineageNode.table(brought.get().version()));
        // A part alone can break the contract where the whole file keeps it.
        frames = frames.undivided();
        frames.malformed().count();
      }
      read = read(frames, delivery, brought.orElseThrow());
      if (read.malformed() > 0) {
        malformed = Optional.of(frames.malformed());
      }
    }
    if (brought.isEmpty()) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot rebuild source %s: table bronze.%s has no commit of %s. Restore the table's folder from a copy."
              .formatted(rules.name(), rules.name(), delivery.description()));
    }
    attempt.progress().say("  " + delivery.description() + ": gate");
    Gated gated =
        gate.judge(
            delivery,
            suite(entry),
            bronzeRows(List.of(delivery.number())),
            read.lines(),
            files(brought.get()),
            taken(delivery.number(), releases));
    LoadedDelivery loaded =
        new LoadedDelivery(entry, files, read, malformed, gated, Optional.empty());
    loaded.counts().checked(delivery.description());
    return loaded;
  }

  /**
   * Released rows come from bronze, where they have been since they were delivered. One that got
   * into validated while the decision was being made, because another ingest made its delivery's
   * rows by changed rules, is not admitted again.
   */
  LoadedDelivery loadReleased(LedgerEntry entry, Release release, boolean rebuild) {
    Delivery delivery = entry.delivery();
    attempt.progress().say("  " + delivery.description() + ": gate");
    ReleasedRows places = new ReleasedRows(lake.spark(), List.of(release));
    Dataset<Row> rows = places.only(bronzeRows(release.deliveries()));
    long inside = 0;
    if (!rebuild && validated.version().isPresent()) {
      Dataset<Row> admitted =
          places.only(
              validated
                  .read(validated.requireVersion())
                  .where(col(LakeTable.DELIVERY).isin(release.deliveries().toArray()))
                  .select(LakeTable.DELIVERY, "_file", "_line"));
      inside = admitted.count();
      if (inside > 0) {
        String[] place = {LakeTable.DELIVERY, "_file", "_line"};
        rows = rows.join(admitted, place, "left_anti");
      }
    }
    long entering = release.count() - inside;
    Gated gated =
        gate.judgeReleased(
            delivery, rows.withColumn(LakeTable.DELIVERY, lit(delivery.number())), entering);
    RowCounts read = new RowCounts(0, 0, 0, 0, 0, 0, entering);
    LoadedDelivery loaded =
        new LoadedDelivery(entry, List.of(), read, Optional.empty(), gated, Optional.empty());
    loaded.counts().checked(delivery.description());
    return loaded;
  }

  /**
   * What judges a delivery: the suite that admitted it, as long as it fits the source's columns;
   * else the suite of now.
   */
  private Suite suite(LedgerEntry entry) {
    Optional<Digest> admittedBy =
        entry
            .verdict()
            .filter(v -> v.outcome() == Outcome.ADMITTED)
            .flatMap(DeliveryVerdict::suite)
            .filter(d -> !d.equals(suite.digest()));
    Optional<Suite> former = admittedBy.flatMap(d -> quality.suite(rules.name(), d));
    return former
        .filter(
            s -> QualityGate.fits(s, rules.source().schema(), rules.source().definition().zone()))
        .orElse(suite);
  }

  /** The places of the rows of a delivery that were released. */
  private Optional<ReleasedRows> taken(long delivery, List<Release> releases) {
    List<Release> takers =
        releases.stream().filter(r -> r.deliveries().contains(delivery)).toList();
    return takers.isEmpty()
        ? Optional.empty()
        : Optional.of(new ReleasedRows(lake.spark(), takers));
  }

  /**
   * Appends the good lines to bronze.
   *
   * @return the files as they were read
   */
  private DeliveryFiles append(DeliveryFiles files, Delivery delivery) {
    CommitFacts facts = attempt.facts(IngestFacts.NONE.bringing(List.of(delivery.number())));
    return files.orUndivided(
        read -> {
          bronze.append(read.good(), facts);
          return read;
        });
  }

  private static RowCounts read(DeliveryFiles frames, Delivery delivery, Commit brought) {
    long lines = 0;
    long malformed = 0;
    long shifted = 0;
    for (FileFacts file : frames.facts()) {
      lines += file.lines();
      malformed += file.malformed();
      shifted += file.shiftedTimes();
    }
    RowCounts read = new RowCounts(lines, malformed, 0, 0, 0, shifted);
    Commits.written(brought)
        .ifPresent(
            rows ->
                new RowCounts(read.lines(), read.malformed(), 0, rows, 0, 0)
                    .checked("the files of " + delivery.description()));
    return read;
  }

  private static long files(Commit commit) {
    return Optional.ofNullable(commit.metrics().get("numFiles")).map(Long::valueOf).orElse(0L);
  }

  private Dataset<Row> bronzeRows(List<Long> deliveries) {
    Dataset<Row> rows = bronze.read(bronze.requireVersion());
    return rows.where(col(LakeTable.DELIVERY).isin(deliveries.toArray()))
        .select(evolution.columns(rows.schema()));
  }
}
