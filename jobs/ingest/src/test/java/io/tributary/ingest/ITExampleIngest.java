package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Outcome;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.events.runs.RunRecord;
import io.tributary.lake.Lake;
import io.tributary.runtime.JobRunner;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ITExampleIngest {
  @TempDir Path folder;

  @Test
  @Tag("long")
  void loadsTheNewYorkFlights() {
    Path example = Path.of("../../examples/nyc-flights").toAbsolutePath().normalize();
    Project project =
        ProjectReader.read(example, Map.of(), Optional.of(folder.resolve("lake").toString()));
    CheckedProject checked = CheckedProject.check(project);
    try (Lake lake = Lake.open(project.lake(), project.retention(), SmallProject.SESSION);
        JobRunner runner = JobRunner.open(lake)) {
      List<RunRecord> records = new Ingest(checked, lake).run(runner);

      assertThat(records)
          .extracting(r -> r.key().subject() + " " + SmallProject.told(r).get("lines-read"))
          .containsExactly(
              "airlines 16", "airports 1458", "flights 336776", "planes 3322", "weather 26115");
      assertThat(records)
          .allSatisfy(
              r -> {
                assertThat(SmallProject.told(r)).containsEntry("lines-malformed", 0L);
                assertThat(count(r, "rows-admitted") + count(r, "rows-quarantined"))
                    .isEqualTo(count(r, "lines-read"));
              });
      Dataset<Row> flights = read(lake, "validated.flights");
      assertThat(flights.count()).isEqualTo(count(records.get(2), "rows-admitted"));
      assertThat(read(lake, "bronze.flights").where("dep_time is null").count()).isEqualTo(8_255);
      assertThat(flights.where("destination is null").selectExpr("dest").distinct().count())
          .isEqualTo(4);
      assertThat(
              flights
                  .where("carrier = 'UA' and flight = 1545 and month = 1 and day = 1")
                  .selectExpr(
                      "cast(_event_time as string)",
                      "cast(_known_time as string)",
                      "destination.tzone")
                  .head()
                  .mkString(" "))
          .isEqualTo("2013-01-01 10:15:00 2013-01-01 14:30:00 America/Chicago");
      assertThat(
              read(lake, "quarantine.weather")
                  .selectExpr("reasons[0].column")
                  .as(org.apache.spark.sql.Encoders.STRING())
                  .collectAsList())
          .contains("wind_speed");
      assertThat(new Ingest(checked, lake).run(runner))
          .allMatch(r -> r.outcome() == Outcome.UNCHANGED);
    }
  }

  private static long count(RunRecord record, String fact) {
    return ((Number) SmallProject.told(record).get(fact)).longValue();
  }

  private static Dataset<Row> read(Lake lake, String table) {
    return lake.table(table).read(lake.table(table).requireVersion());
  }
}
