package io.tributary.ingest;

import io.tributary.quality.Verdicts;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A delivery behind the gate.
 *
 * @param held what is kept in memory until the tables are written
 * @param sound rows without a reason against them
 * @param broken rows with reasons
 * @param all both, with reasons
 * @param quarantined how many go to quarantine: all where the delivery is rejected
 * @param taken how many a person's release has taken out of it; they are in none of the frames
 */
record Gated(
    Delivery delivery,
    Dataset<Row> held,
    Dataset<Row> sound,
    Dataset<Row> broken,
    Dataset<Row> all,
    Verdicts verdicts,
    long quarantined,
    long admitted,
    long taken,
    long repeats) {
  boolean isAdmitted() {
    return verdicts.admits();
  }

  void release() {
    held.unpersist(false);
  }
}
