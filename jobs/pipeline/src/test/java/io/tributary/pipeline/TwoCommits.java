package io.tributary.pipeline;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.TableName;
import io.tributary.definition.ProjectReader;
import io.tributary.lake.Lake;
import io.tributary.runtime.Attempt;
import io.tributary.runtime.Job;
import io.tributary.runtime.JobRunner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A job that uses a view and makes two commits, and says so in between; as a process: {@code
 * PROJECT LAKE}, which goes on when it is told a line.
 */
record TwoCommits(List<Definition> definitions) implements Job {
  static final TableName FIRST = TableName.of("training", "first");

  static TwoCommits of(Path project) {
    return new TwoCommits(
        CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty()))
            .definitions(List.of("view driver_history@1")));
  }

  public static void main(String[] args) {
    try (Lake lake = Lake.open(args[1]);
        JobRunner runner = JobRunner.open(lake)) {
      runner.run(of(Path.of(args[0])));
    }
  }

  @Override
  public JobKey key() {
    return JobKey.of("own", "two");
  }

  @Override
  public List<Pin> inputs() {
    return List.of();
  }

  @Override
  public Digest definition() {
    return Digest.of("two");
  }

  @Override
  public Optional<TableName> commitPoint() {
    return Optional.of(TableName.of("training", "second"));
  }

  @Override
  public void run(Attempt attempt) {
    Lake lake = attempt.lake();
    Dataset<Row> rows = lake.spark().range(1).toDF();
    lake.table(FIRST).append(rows, attempt.facts());
    System.out.println("committed");
    try {
      System.in.read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    lake.table(commitPoint().orElseThrow()).append(rows, attempt.commitPoint());
  }
}
