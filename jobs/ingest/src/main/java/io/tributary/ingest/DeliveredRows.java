package io.tributary.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.definition.Lookup;
import io.tributary.events.facts.DeliveryVerdict.Outcome;
import io.tributary.ingest.ledger.DeliveryLedger;
import io.tributary.ingest.ledger.LedgerEntry;
import io.tributary.ingest.ledger.Release;
import io.tributary.ingest.ledger.ReleasedRows;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.source.rows.DerivedRows;
import io.tributary.source.rows.SourceRules;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What {@code validated} was made of, made again: reads {@code bronze} and writes nothing. */
public final class DeliveredRows {
  /** Where a row of {@code validated} was delivered. */
  public static final List<String> PLACE = List.of(LakeTable.DELIVERY, "_file", "_line");

  /** Whether a row may be missing: a person released it, so that it may stand at another place. */
  public static final String RELEASED = "_released";

  private DeliveredRows() {}

  /**
   * The rows of a source's admitted deliveries as its contract, look-ups and derived columns make
   * them, those too that its suite kept out: the columns of {@code validated} without its run, and
   * {@link #RELEASED}. A released row is at its own place and at that of its release.
   *
   * @param project with the contract that made them
   * @param lookups the rows that it looked up, in the order of its look-ups
   * @param last the number of the last delivery
   * @throws PlatformException NOT_FOUND when {@code bronze} is not what was loaded by the contract
   */
  public static Dataset<Row> again(
      Lake lake, CheckedProject project, String source, List<Dataset<Row>> lookups, long last) {
    SourceRules rules = SourceRules.of(project, source);
    LakeTable bronze = lake.table(TableName.of("bronze", source));
    Dataset<Row> stored = bronze.read(bronze.requireVersion());
    Dataset<Row> delivered =
        stored.select(new Evolution(rules.source().definition()).columnsOfThen(stored.schema()));
    List<LedgerEntry> entries = new DeliveryLedger(lake.events(DeliveryLedger.LOG)).entries(source);
    List<LedgerEntry> admitted =
        entries.stream()
            .filter(e -> e.delivery().number() <= last && e.is(Outcome.ADMITTED))
            .toList();
    // Of whatever number: what is released later leaves its place then.
    ReleasedRows releases =
        new ReleasedRows(
            lake.spark(), entries.stream().flatMap(e -> e.delivery().release().stream()).toList());
    Dataset<Row> own =
        delivered.where(
            col(LakeTable.DELIVERY)
                .isin(
                    admitted.stream()
                        .filter(e -> e.delivery().release().isEmpty())
                        .map(e -> e.delivery().number())
                        .toArray()));
    Dataset<Row> released = releases.only(own);
    for (LedgerEntry entry : admitted) {
      for (Release release : entry.delivery().release().stream().toList()) {
        released =
            released.unionByName(
                new ReleasedRows(lake.spark(), List.of(release))
                    .only(delivered)
                    .withColumn(LakeTable.DELIVERY, lit(entry.delivery().number())));
      }
    }
    List<Lookup> declared = rules.source().definition().lookup();
    DerivedRows derive = new DerivedRows(rules, lookup -> lookups.get(declared.indexOf(lookup)));
    return derived(rules, derive, releases.without(own), false)
        .unionByName(derived(rules, derive, released, true));
  }

  /** Those that can be derived. */
  private static Dataset<Row> derived(
      SourceRules rules, DerivedRows derive, Dataset<Row> rows, boolean isReleased) {
    return derive
        .of(rows)
        .where(col(DerivedRows.REASONS).isNull())
        .withColumn(RELEASED, lit(isReleased))
        .select(
            Stream.of(
                    Arrays.stream(rules.source().rowSchema().fieldNames()),
                    PLACE.stream(),
                    Stream.of(RELEASED))
                .flatMap(names -> names)
                .map(DerivedRows::column)
                .toArray(Column[]::new));
  }
}
