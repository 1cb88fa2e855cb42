package io.tributary.lake.internal;

import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import io.tributary.events.CommitLog;
import io.tributary.events.LogCommit;
import io.tributary.events.TableHistory;
import io.tributary.events.runs.RunLog;
import io.tributary.lake.Commit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The commits of one table with their facts; parsed commits are cached. Thread-safe. */
public final class TableLog {
  private final TableName name;
  private final CommitLog log;
  private final Map<LogCommit, Commit> parsed = new HashMap<>();

  public TableLog(TableName name, String path) {
    this.name = name;
    this.log = CommitLog.open(path);
  }

  /** The table's log as it is now; empty when there is no table. */
  public Optional<TableHistory> read() {
    return log.read();
  }

  public Optional<TableVersion> version() {
    return read().map(c -> new TableVersion(name, c.tableId(), c.version()));
  }

  /** All commits, oldest first. */
  public synchronized List<Commit> commits() {
    Optional<TableHistory> read = read();
    if (read.isEmpty()) {
      return List.of();
    }
    List<Commit> commits = new ArrayList<>();
    for (LogCommit c : read.get().known()) {
      commits.add(commit(read.get().tableId(), c));
    }
    return commits;
  }

  private Commit commit(String tableId, LogCommit c) {
    Commit known = parsed.get(c);
    if (known != null && known.version().id().equals(tableId)) {
      return known;
    }
    Commit commit =
        new Commit(
            new TableVersion(name, tableId, c.version()),
            c.at(),
            c.operation(),
            c.changedData(),
            c.metrics(),
            RunLog.facts(c));
    parsed.put(c, commit);
    return commit;
  }
}
