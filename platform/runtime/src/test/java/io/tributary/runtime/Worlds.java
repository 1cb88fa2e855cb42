package io.tributary.runtime;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.RunId;
import io.tributary.events.runs.CommitFacts;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeSession;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What the tests of this module share: one session, small frames, facts. */
final class Worlds {
  /** One session for all tests; it ends with the JVM. */
  static final LakeSession SESSION = LakeSession.lazy();

  static final Instant NOON = Instant.parse("2013-07-01T12:00:00Z");
  static final Environment HERE = new Environment("abc", false, "17", "Linux", "ada", "host");

  private Worlds() {}

  static Lake lake(Path folder) {
    return Lake.open(folder.toString(), Lake.DEFAULT_RETENTION, SESSION);
  }

  /**
   * Rows {@code id, _at, name} of {@code minutes} minutes of 2013-01-01 from minute {@code from}
   * on.
   */
  static Dataset<Row> minutes(int from, int to) {
    return SESSION
        .spark()
        .range(from, to, 1, 1)
        .selectExpr(
            "id",
            "timestamp_micros(1356998400000000 + id * 60000000) as _at",
            "concat('n', id) as name");
  }

  static String within(int from, int to) {
    return "_at >= timestamp_micros(%d) AND _at < timestamp_micros(%d)"
        .formatted(1356998400000000L + from * 60000000L, 1356998400000000L + to * 60000000L);
  }

  static CommitFacts facts(String subject, boolean commitPoint) {
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
        HERE,
        commitPoint);
  }
}
