package io.tributary.quality;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.time.ZoneId;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/**
 * Judges the rows of a delivery by a suite.
 *
 * <p>One scan of the rows answers all expectations but uniqueness, which takes a grouping for each
 * set of columns, and least and greatest values, which take one more scan together; marking rows
 * scans once more, and only where some row breaks an expectation. Rows that are costly to compute
 * should be cached by the caller.
 */
public final class QualityGate {
  private QualityGate() {}

  /**
   * Judges rows.
   *
   * @param zone what a bare date in the suite means for a timestamp
   * @throws PlatformException INVALID_DEFINITION when the suite does not fit the rows' columns
   */
  public static SuiteRun judge(Dataset<Row> rows, Suite suite, ZoneId zone) {
    check(suite, rows.schema(), zone);
    return SuiteRun.execute(rows, suite, zone);
  }

  /** Whether {@link #check} has nothing to say. */
  public static boolean fits(Suite suite, StructType columns, ZoneId zone) {
    return SuiteRun.problems(suite, columns, zone).isEmpty();
  }

  /**
   * Checks that a suite fits columns before there are rows: all columns that it names are there and
   * have types that its values can be compared with.
   *
   * @throws PlatformException INVALID_DEFINITION with all that does not fit
   */
  public static void check(Suite suite, StructType columns, ZoneId zone) {
    check(suite, suite.name(), columns, zone);
  }

  /**
   * The same, for messages that say where the suite stands.
   *
   * @param named such as {@code flights (expectations/flights.json)}
   */
  public static void check(Suite suite, String named, StructType columns, ZoneId zone) {
    List<String> problems = SuiteRun.problems(suite, columns, zone);
    if (!problems.isEmpty()) {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot use suite %s: %s. Correct the suite or the source's columns."
              .formatted(named, String.join("; ", problems)));
    }
  }
}
