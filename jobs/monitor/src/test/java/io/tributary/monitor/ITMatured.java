package io.tributary.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import io.tributary.monitor.Matured.Slice;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which slices scored rows are in: inputs are kept as doubles, slices as the training set has them.
 */
class ITMatured {
  private static final LakeSession SESSION = LakeSession.lazy();

  @TempDir Path folder;

  @AfterAll
  static void stop() {
    SESSION.close();
  }

  @Test
  void aNumberIsInTheSliceThatTrainingWroteWhateverItsType() {
    List<Slice> slices =
        List.of(
            new Slice("whole", "3"),
            new Slice("plain", "3.0"),
            new Slice("plain", "NaN"),
            new Slice("plain", "null"),
            new Slice("single", "0.1"),
            new Slice("flag", "true"),
            new Slice("flag", "false"),
            new Slice("town", "3"),
            new Slice("driver", "7"));
    try (Lake lake = Lake.open(folder.toString(), Lake.DEFAULT_RETENTION, SESSION)) {
      Dataset<Row> rows =
          lake.spark()
              .sql(
                  """
                  select 7 as driver, struct(0.5D as probability) as output, struct(
                      struct(n as whole, n as plain, cast(0.1F as double) as single, flag) as numbers,
                      struct('3' as town) as categories) as inputs
                  from values (3D, 1D), (double('NaN'), 0D), (double('Infinity'), 1D), (1e300, 0D), (null, null) as t(n, flag)
                  """);
      List<String> found =
          Matured.bySlice(rows, slices)
              .groupBy(Matured.OF, Matured.VALUE)
              .count()
              .collectAsList()
              .stream()
              .map(row -> row.getString(0) + " " + row.getString(1) + " " + row.getLong(2))
              .toList();
      assertThat(found)
          .containsExactlyInAnyOrder(
              "  5",
              "whole 3 1",
              "plain 3.0 1",
              "plain NaN 1",
              "plain null 1",
              "single 0.1 5",
              "flag true 2",
              "flag false 2",
              "town 3 5",
              "driver 7 5");
    }
  }
}
