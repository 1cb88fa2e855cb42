package io.tributary.runtime;

import io.tributary.core.Digest;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.TableName;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeKit;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A job of the tests: copies the rows of {@code bronze.minutes} to {@code features.hours_v1}. */
record Hours(Lake lake, String rules, Consumer<Attempt> before, Consumer<Attempt> after)
    implements Job {
  static final TableName INPUT = TableName.parse("bronze.minutes");
  static final TableName OUTPUT = TableName.parse("features.hours_v1");
  static final JobKey KEY =
      JobKey.of(
          "materialize",
          "hours@1",
          Interval.of(
              Instant.parse("2013-01-01T00:00:00Z"), Instant.parse("2013-01-02T00:00:00Z")));

  Hours(Lake lake, String rules) {
    this(lake, rules, a -> {}, a -> {});
  }

  @Override
  public JobKey key() {
    return KEY;
  }

  @Override
  public List<Pin> inputs() {
    return List.of(lake.table(INPUT).pin());
  }

  @Override
  public Digest definition() {
    return Digest.of(rules);
  }

  @Override
  public Optional<TableName> commitPoint() {
    return Optional.of(OUTPUT);
  }

  @Override
  public void run(Attempt attempt) {
    before.accept(attempt);
    Pin input = attempt.inputs().get(0);
    attempt.note("rows", 60);
    lake.table(OUTPUT)
        .replaceWhere(
            lake.table(INPUT).read(input), LakeKit.within(0, 1440), attempt.commitPoint());
    after.accept(attempt);
  }
}
