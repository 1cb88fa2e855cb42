package io.tributary.lake;

import io.tributary.core.Digest;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.RunId;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.SampleFacts;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What tests of lakes share: one session, small frames, facts. */
public final class LakeKit {
  /** One session for all tests; it ends with the JVM. */
  public static final LakeSession SESSION = LakeSession.lazy();

  public static final Instant NOON = Instant.parse("2013-07-01T12:00:00Z");

  private LakeKit() {}

  /** A lake in a folder. */
  public static Lake lake(Path folder) {
    return Lake.open(folder.toString(), Lake.DEFAULT_RETENTION, SESSION);
  }

  /**
   * Rows {@code id, _at, name} of {@code minutes} minutes of 2013-01-01 from minute {@code from}
   * on.
   */
  public static Dataset<Row> minutes(int from, int to) {
    return SESSION
        .spark()
        .range(from, to, 1, 1)
        .selectExpr(
            "id",
            "timestamp_micros(1356998400000000 + id * 60000000) as _at",
            "concat('n', id) as name");
  }

  /** The rows of {@link #minutes} as a condition. */
  public static String within(int from, int to) {
    return "_at >= timestamp_micros(%d) AND _at < timestamp_micros(%d)"
        .formatted(1356998400000000L + from * 60000000L, 1356998400000000L + to * 60000000L);
  }

  /** Facts of a commit by a run at noon. */
  public static CommitFacts facts(String subject, boolean commitPoint) {
    return new CommitFacts(
        RunId.startingAt(NOON),
        JobKey.of("materialize", subject),
        1,
        NOON,
        List.<Pin>of(),
        Digest.of(subject),
        Optional.empty(),
        Map.of("rows", 7),
        List.of(),
        List.of(),
        Map.of(),
        List.of(),
        SampleFacts.HERE,
        commitPoint);
  }
}
