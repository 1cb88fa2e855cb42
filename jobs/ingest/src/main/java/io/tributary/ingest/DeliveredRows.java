package io.tributary.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.events.facts.DeliveryVerdict.Outcome;
import io.tributary.ingest.gate.Gate;
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

  private DeliveredRows() {}

  /**
   * The rows of a source's admitted deliveries as its contract, look-ups and derived columns make
   * them, those too that its suite kept out: the columns of {@code validated}, without its run. A
   * released row has the number of its release.
   *
   * @param project with the contract that made them
   * @param lookups what it looked up, in the order of its look-ups
   * @param last the number of the last delivery
   * @throws PlatformException INVALID_DEFINITION when {@code bronze} no longer fits the contract
   */
  public static Dataset<Row> again(
      Lake lake, CheckedProject project, String source, List<Pin> lookups, long last) {
    SourceRules rules = SourceRules.of(project, source);
    LakeTable bronze = lake.table(TableName.of("bronze", source));
    Dataset<Row> stored = bronze.read(bronze.requireVersion());
    Dataset<Row> delivered =
        stored.select(new Evolution(rules.source().definition()).columns(stored.schema()));
    List<LedgerEntry> admitted =
        new DeliveryLedger(lake.events(DeliveryLedger.LOG))
            .entries(source).stream()
                .filter(e -> e.delivery().number() <= last && e.is(Outcome.ADMITTED))
                .toList();
    List<Release> releases =
        admitted.stream().flatMap(e -> e.delivery().release().stream()).toList();
    Object[] numbers =
        admitted.stream()
            .filter(e -> e.delivery().release().isEmpty())
            .map(e -> e.delivery().number())
            .toArray();
    Dataset<Row> rows =
        new ReleasedRows(lake.spark(), releases)
            .without(delivered.where(col(LakeTable.DELIVERY).isin(numbers)));
    for (LedgerEntry entry : admitted) {
      for (Release release : entry.delivery().release().stream().toList()) {
        rows =
            rows.unionByName(
                new ReleasedRows(lake.spark(), List.of(release))
                    .only(delivered)
                    .withColumn(LakeTable.DELIVERY, lit(entry.delivery().number())));
      }
    }
    return Gate.derivation(lake, rules, lookups)
        .of(rows)
        .select(
            Stream.concat(Arrays.stream(rules.source().rowSchema().fieldNames()), PLACE.stream())
                .map(DerivedRows::column)
                .toArray(Column[]::new));
  }
}
