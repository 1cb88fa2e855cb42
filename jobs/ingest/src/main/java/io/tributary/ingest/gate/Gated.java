package io.tributary.ingest.gate;

import io.tributary.ingest.ledger.Delivery;
import io.tributary.quality.ExpectationResult;
import io.tributary.quality.SuiteResult;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A delivery behind the gate.
 *
 * @param held what is kept in memory until the tables are written, one frame at most
 * @param sound rows without a reason against them
 * @param events the same with delivery, event key, times and sequence, perhaps with no other column
 * @param broken rows with reasons
 * @param all both, with reasons
 * @param quarantined how many go to quarantine: all where the delivery is rejected
 * @param taken how many a person's release has taken out of it; they are in none of the frames
 */
public record Gated(
    Delivery delivery,
    List<Dataset<Row>> held,
    Dataset<Row> sound,
    Dataset<Row> events,
    Dataset<Row> broken,
    Dataset<Row> all,
    SuiteResult verdicts,
    long quarantined,
    long admitted,
    long taken,
    long repeats) {
  public boolean isAdmitted() {
    return verdicts.admits();
  }

  /** The same with one verdict more, which warns. */
  Gated with(ExpectationResult warning) {
    return new Gated(
        delivery,
        held,
        sound,
        events,
        broken,
        all,
        more(warning),
        quarantined,
        admitted,
        taken,
        repeats);
  }

  /** The same, rejected by one verdict more. */
  Gated rejected(ExpectationResult rejecting, Dataset<Row> marked) {
    return new Gated(
        delivery,
        held,
        sound,
        events,
        broken,
        marked,
        more(rejecting),
        quarantined + admitted,
        0,
        taken,
        repeats);
  }

  private SuiteResult more(ExpectationResult verdict) {
    return new SuiteResult(
        verdicts.suite(),
        verdicts.digest(),
        verdicts.rows(),
        Stream.concat(verdicts.verdicts().stream(), Stream.of(verdict)).toList());
  }

  public void release() {
    held.forEach(rows -> rows.unpersist(false));
  }
}
