package io.tributary.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.TableVersion;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.facts.RowCounts;
import io.tributary.events.runs.CommitFacts;
import io.tributary.ingest.gate.Gate;
import io.tributary.ingest.gate.Gated;
import io.tributary.ingest.ledger.Release;
import io.tributary.ingest.ledger.ReleasedRows;
import io.tributary.lake.Commit;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.runtime.Attempt;
import io.tributary.source.DeliveryFiles;
import io.tributary.source.rows.SourceRules;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/** The commits of a run to quarantine and validated, and the count of what each wrote. */
final class IngestCommits {
  /** Rows of a file of {@code validated}: few enough that a night's reading can skip most files. */
  private static final long ROWS_A_FILE = 64_000;

  private final Attempt attempt;
  private final Lake lake;
  private final SourceRules rules;
  private final Gate gate;
  private final LakeTable validated;
  private final LakeTable quarantine;
  private final Digest content;

  IngestCommits(
      Attempt attempt,
      SourceRules rules,
      Gate gate,
      LakeTable validated,
      LakeTable quarantine,
      Digest content) {
    this.attempt = attempt;
    this.lake = attempt.lake();
    this.rules = rules;
    this.gate = gate;
    this.validated = validated;
    this.quarantine = quarantine;
    this.content = content;
  }

  /**
   * Replaces what quarantine has of the deliveries by what they leave there now, and takes out of
   * it the rows that are released.
   *
   * @param verdict where no commit to validated will record it
   */
  void quarantine(
      List<LoadedDelivery> loaded,
      List<Release> releases,
      RowCounts total,
      boolean rebuild,
      Optional<IngestFacts.Judged> verdict) {
    Set<Long> judged = new TreeSet<>();
    loaded.forEach(l -> judged.add(l.delivery().number()));
    Set<Long> left = new TreeSet<>();
    loaded.forEach(l -> l.delivery().release().ifPresent(r -> left.addAll(r.deliveries())));
    left.removeAll(judged);
    List<Long> numbers = Stream.concat(judged.stream(), left.stream()).toList();
    boolean before = numbers.stream().anyMatch(n -> Commits.hasQuarantined(quarantine, n));
    long expected = total.malformed() + total.quarantined();
    if (expected == 0 && !before) {
      return;
    }
    Dataset<Row> rows = lake.spark().emptyDataset(Encoders.row(DeliveryFiles.QUARANTINE));
    for (LoadedDelivery l : loaded) {
      if (l.malformed().isPresent()) {
        rows = rows.union(l.malformed().get());
      } else if (l.read().malformed() > 0) {
        rows =
            rows.union(
                quarantine
                    .read(quarantine.requireVersion())
                    .where(
                        col(LakeTable.DELIVERY)
                            .equalTo(l.delivery().number())
                            .and(col("_stage").equalTo("parse")))
                    .select(columns(DeliveryFiles.QUARANTINE.fieldNames())));
      }
      if (l.gated().quarantined() > 0) {
        rows =
            rows.union(
                l.gated().isAdmitted()
                    ? gate.quarantined(l.gated().broken())
                    : gate.rejected(l.gated().all(), l.rejectedBy()));
      }
    }
    if (!left.isEmpty()) {
      rows =
          rows.union(
              new ReleasedRows(lake.spark(), releases)
                  .without(
                      quarantine
                          .read(quarantine.requireVersion())
                          .where(col(LakeTable.DELIVERY).isin(left.toArray())))
                  .select(columns(DeliveryFiles.QUARANTINE.fieldNames())));
    }
    rows = rows.coalesce(1);
    CommitFacts facts =
        attempt.facts(new IngestFacts(numbers, List.of(), verdict, Optional.empty()));
    if (rebuild) {
      check("quarantine", quarantine.replace(rows, facts), expected);
    } else if (before) {
      String theirs =
          numbers.stream()
              .map(String::valueOf)
              .collect(Collectors.joining(", ", LakeTable.DELIVERY + " in (", ")"));
      quarantine.replaceWhere(rows, theirs, facts);
    } else {
      check("quarantine", quarantine.append(rows, facts), expected);
    }
  }

  /**
   * Adds the admitted rows to validated, or makes it of them anew.
   *
   * @param lastLook fails where a file is no longer what was read; just before the commit
   */
  void validated(
      List<LoadedDelivery> loaded,
      RowCounts total,
      List<String> widened,
      IngestFacts.Judged judged,
      long lastDelivery,
      boolean rebuild,
      Runnable lastLook) {
    List<Gated> admitted = LoadedDelivery.admitted(loaded);
    Dataset<Row> rows =
        admitted.isEmpty()
            ? loaded.get(0).gated().sound().where(lit(false)).select(gate.validatedColumns())
            : LoadedDelivery.union(admitted, Gated::sound, gate.validatedColumns());
    int files = files(total.admitted(), ROWS_A_FILE);
    EventTimes times =
        rules.isStatic() || admitted.isEmpty()
            ? EventTimes.NONE
            : EventTimes.of(
                LoadedDelivery.union(admitted, Gated::events, EventTimes.columns()),
                total.admitted(),
                files);
    IngestFacts.Validated made =
        new IngestFacts.Validated(
            lastDelivery,
            content,
            rebuild,
            rules.isStatic() ? Optional.empty() : Optional.of(times.knownFrom()));
    attempt.report(new IngestFacts(List.of(), widened, Optional.of(judged), Optional.of(made)));
    rows =
        rules.isStatic()
            ? rows.coalesce(files(total.admitted(), 16 * ROWS_A_FILE))
            : times.clustered(rows);
    CommitFacts facts = attempt.commitPoint();
    lastLook.run();
    TableVersion written = rebuild ? validated.replace(rows, facts) : validated.append(rows, facts);
    check("validated", written, total.admitted());
  }

  private static int files(long rows, long rowsAFile) {
    return (int) Math.max(1, Math.min(1_000, rows / rowsAFile));
  }

  private void check(String layer, TableVersion version, long expected) {
    LakeTable table = lake.table(version.table());
    for (Commit commit : table.commits()) {
      if (commit.version().equals(version)) {
        long rows = Commits.written(commit).orElse(expected);
        if (rows != expected) {
          throw new PlatformException(
              ErrorCode.BUG,
              "Cannot account for the rows of %s.%s: %,d were to be written, %,d were. Report this as a bug."
                  .formatted(layer, rules.name(), expected, rows));
        }
      }
    }
  }

  private static Column[] columns(String... names) {
    return Arrays.stream(names).map(n -> col("`" + n + "`")).toArray(Column[]::new);
  }
}
