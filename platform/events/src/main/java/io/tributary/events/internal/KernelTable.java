package io.tributary.events.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.delta.kernel.DataWriteContext;
import io.delta.kernel.Operation;
import io.delta.kernel.Scan;
import io.delta.kernel.ScanBuilder;
import io.delta.kernel.Table;
import io.delta.kernel.Transaction;
import io.delta.kernel.TransactionCommitResult;
import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.defaults.engine.hadoopio.HadoopFileIO;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.exceptions.ConcurrentTransactionException;
import io.delta.kernel.exceptions.ConcurrentWriteException;
import io.delta.kernel.exceptions.KernelException;
import io.delta.kernel.exceptions.TableAlreadyExistsException;
import io.delta.kernel.expressions.And;
import io.delta.kernel.expressions.Column;
import io.delta.kernel.expressions.Literal;
import io.delta.kernel.expressions.Predicate;
import io.delta.kernel.hook.PostCommitHook;
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.SnapshotImpl;
import io.delta.kernel.internal.actions.AddFile;
import io.delta.kernel.internal.actions.Metadata;
import io.delta.kernel.internal.actions.SingleAction;
import io.delta.kernel.internal.data.ScanStateRow;
import io.delta.kernel.internal.fs.Path;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.internal.util.VectorUtils;
import io.delta.kernel.types.ArrayType;
import io.delta.kernel.types.BinaryType;
import io.delta.kernel.types.BooleanType;
import io.delta.kernel.types.ByteType;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.DateType;
import io.delta.kernel.types.DecimalType;
import io.delta.kernel.types.DoubleType;
import io.delta.kernel.types.FloatType;
import io.delta.kernel.types.IntegerType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.ShortType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import io.delta.kernel.types.TimestampType;
import io.delta.kernel.utils.CloseableIterable;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.DataFileStatus;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.core.Lazy;
import io.tributary.core.Micros;
import io.tributary.core.PlatformException;
import io.tributary.events.LakePath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All use of Delta Kernel: creates the table of a log, commits to it, and reads checkpoints and the
 * rows of other tables.
 */
public final class KernelTable {
  private static final Logger LOG = LoggerFactory.getLogger(KernelTable.class);
  private static final String ENGINE = "tributary";

  /**
   * The transaction application of rewrites: its next number ensures that one of several processes
   * rewrites.
   */
  private static final String REWRITE = "rewrite";

  private static final int ATTEMPTS = 5;
  private static final Map<String, String> PROPERTIES =
      Map.of(
          "delta.appendOnly", "true",
          "delta.logRetentionDuration", "interval 36500 days",
          "delta.deletedFileRetentionDuration", "interval 36500 days",
          "delta.dataSkippingNumIndexedCols", String.valueOf(EventSchema.COLUMNS_WITH_STATISTICS));

  /**
   * Of tables whose old rows may go, and that have many small commits: their columns have no
   * statistics but the first, the time.
   */
  private static final Map<String, String> PASSING =
      Map.of(
          "delta.logRetentionDuration", "interval 2 days",
          "delta.deletedFileRetentionDuration", "interval 2 days",
          "delta.dataSkippingNumIndexedCols", "1");

  private final LakePath path;
  private final StructType type;
  private final Map<String, String> properties;
  private final Engine engine;

  /** Remembers what the log last said of the table, which most commits leave as it is. */
  private final Lazy<Table> table;

  private volatile boolean exists;

  private KernelTable(
      LakePath path, StructType type, Map<String, String> properties, Engine engine) {
    this.path = path;
    this.type = type;
    this.properties = properties;
    this.engine = engine;
    this.table = Lazy.of(() -> Table.forPath(engine, path.text()));
  }

  /** The table of an event log, or a table to read. */
  public static KernelTable open(LakePath path) {
    return open(path, EventSchema.TYPE);
  }

  /**
   * A table of rows of a type.
   *
   * @param type the schema if the table is to be created, beginning with the columns that have
   *     statistics
   */
  public static KernelTable open(LakePath path, StructType type) {
    return open(path, type, PROPERTIES);
  }

  /** The same for a table whose old rows may go. */
  public static KernelTable passing(LakePath path, StructType type) {
    return open(path, type, PASSING);
  }

  private static KernelTable open(LakePath path, StructType type, Map<String, String> properties) {
    HadoopFileIO files =
        path.local().isPresent() ? new LakeIO() : new HadoopFileIO(new Configuration());
    return new KernelTable(path, type, properties, DefaultEngine.create(files));
  }

  /** Thrown when the transaction id is in the log already. */
  public static final class AlreadyCommitted extends Exception {
    private static final long serialVersionUID = 1L;

    AlreadyCommitted(Throwable cause) {
      super(cause);
    }
  }

  /**
   * Commits rows under a transaction id, creating the table when it is missing. After any exception
   * the same call may be repeated: the rows are written once.
   *
   * @return the version
   */
  public long append(String application, long number, List<Entry> entries) throws AlreadyCommitted {
    return append(application, number, EventSchema.batch(entries));
  }

  /** The same for rows of the table's type. */
  public long append(String application, long number, ColumnarBatch rows) throws AlreadyCommitted {
    for (int attempt = 1; ; attempt++) {
      try {
        if (!exists) {
          if (LogFolder.list(path).isEmpty()) {
            create();
          }
          exists = true;
        }
        return tryAppend(application, number, rows);
      } catch (ConcurrentTransactionException e) {
        throw new AlreadyCommitted(e);
      } catch (ConcurrentWriteException e) {
        if (attempt >= ATTEMPTS) {
          throw new PlatformException(
              ErrorCode.CONFLICT,
              "Cannot append to log %s: others won %s times in a row. Try again."
                  .formatted(path.text(), attempt),
              e);
        }
      } catch (PlatformException e) {
        throw e;
      } catch (IOException | RuntimeException e) {
        throw unwritable(e);
      }
    }
  }

  private long tryAppend(String application, long number, ColumnarBatch rows) throws IOException {
    Transaction transaction =
        table
            .get()
            .createTransactionBuilder(engine, ENGINE, Operation.WRITE)
            .withTransactionId(engine, application, number)
            .build(engine);
    CloseableIterator<Row> actions =
        Transaction.generateAppendActions(
            engine,
            transaction.getTransactionState(engine),
            Utils.toCloseableIterator(write(transaction, rows).iterator()),
            Transaction.getWriteContext(engine, transaction.getTransactionState(engine), Map.of()));
    return finish(transaction.commit(engine, CloseableIterable.inMemoryIterable(actions)));
  }

  /**
   * Rewrites the rows of many small data files into one, each with its original commit, and lists
   * all data files in one commit, so that readers need no older commit and few files. No row is
   * added or removed, and earlier versions stay readable here: the small files stay, folds
   * superseded by the one before are deleted. Of several concurrent processes one folds; a failure
   * changes nothing.
   *
   * @return the version, or empty when somebody else did it
   * @throws PlatformException REFUSED when a newer build has added columns to the log that this one
   *     would lose
   */
  public Optional<Long> fold() throws IOException {
    SnapshotImpl snapshot = (SnapshotImpl) table.get().getLatestSnapshot(engine);
    requireOwn(snapshot);
    long version = snapshot.getVersion();
    long done = snapshot.getLatestTransactionVersion(engine, REWRITE).orElse(0L);
    try {
      Transaction transaction =
          table
              .get()
              .createTransactionBuilder(engine, ENGINE, Operation.WRITE)
              .withTransactionId(engine, REWRITE, done + 1)
              .build(engine);
      Map<String, AddFile> files = new LinkedHashMap<>();
      for (Row row : scanFiles(version)) {
        AddFile file = addFile(row);
        files.put(EventReader.unescaped(file.getPath()), file);
      }
      Map<String, Long> sizes = new HashMap<>();
      files.forEach((name, file) -> sizes.put(name, file.getSize()));
      EventReader.Fold fold = new EventReader(path).fold(version, sizes);
      List<Row> actions = new ArrayList<>();
      files.forEach(
          (name, file) ->
              actions.add(
                  fold.kept().contains(name)
                      ? SingleAction.createAddFileSingleAction(unchanged(file))
                      : SingleAction.createRemoveFileSingleAction(
                          file.toRemoveFileRow(false, Optional.empty()))));
      for (DataFileStatus file : write(transaction, EventSchema.batch(fold.entries()))) {
        actions.add(added(file, Map.of(CommitFile.FOLDS, String.valueOf(version))));
      }
      long folded = commit(transaction, actions);
      for (String old : new EventReader(path).superseded(folded)) {
        TableFiles.of(path).delete(old);
      }
      return Optional.of(folded);
    } catch (ConcurrentWriteException other) {
      return Optional.empty();
    }
  }

  /**
   * Rewrites the rows of many small data files into one: those that no rewrite has written, and
   * earlier ones that are no larger than those before them together, smallest first. So a row is
   * rewritten at most as often as the number of rewrites has binary digits. No row is added or
   * removed, and earlier versions stay readable. Of several concurrent processes one rewrites; a
   * failure changes nothing.
   *
   * @param rows converts rows to the table's type
   * @return the version, or empty when somebody else came first
   */
  public Optional<Long> rewrite(Function<List<List<Object>>, ColumnarBatch> rows)
      throws IOException {
    SnapshotImpl snapshot = (SnapshotImpl) table.get().getLatestSnapshot(engine);
    requireOwn(snapshot);
    long version = snapshot.getVersion();
    long done = snapshot.getLatestTransactionVersion(engine, REWRITE).orElse(0L);
    try {
      Transaction transaction =
          table
              .get()
              .createTransactionBuilder(engine, ENGINE, Operation.WRITE)
              .withTransactionId(engine, REWRITE, done + 1)
              .build(engine);
      Row state = snapshot.getScanBuilder().build().getScanState(engine);
      StructType stored = ScanStateRow.getPhysicalDataReadSchema(engine, state);
      List<List<Object>> read = new ArrayList<>();
      List<Row> actions = new ArrayList<>();
      for (Row row : small(scanFiles(version))) {
        read(state, row, stored, any -> true, read::add);
        actions.add(
            SingleAction.createRemoveFileSingleAction(
                addFile(row).toRemoveFileRow(false, Optional.empty())));
      }
      Map<String, String> tags = Map.of(REWRITE, String.valueOf(version));
      for (DataFileStatus file : write(transaction, rows.apply(read))) {
        actions.add(added(file, tags));
      }
      return Optional.of(commit(transaction, actions));
    } catch (ConcurrentWriteException other) {
      return Optional.empty();
    }
  }

  private static List<Row> small(List<Row> files) {
    List<Row> small = new ArrayList<>();
    List<Row> rewritten = new ArrayList<>();
    long bytes = 0;
    for (Row row : files) {
      if (tags(addFile(row)).containsKey(REWRITE)) {
        rewritten.add(row);
      } else {
        small.add(row);
        bytes += addFile(row).getSize();
      }
    }
    rewritten.sort(Comparator.comparing(row -> addFile(row).getSize()));
    for (Row row : rewritten) {
      long size = addFile(row).getSize();
      if (size > bytes) {
        break;
      }
      small.add(row);
      bytes += size;
    }
    return small;
  }

  private static AddFile addFile(Row scanned) {
    return new AddFile(scanned.getStruct(InternalScanFileUtils.ADD_FILE_ORDINAL));
  }

  private static Map<String, String> tags(AddFile file) {
    return file.getTags().map(VectorUtils::<String, String>toJavaMap).orElse(Map.of());
  }

  /** The action that adds a file of rows that were in the table before. */
  private Row added(DataFileStatus file, Map<String, String> tags) {
    return SingleAction.createAddFileSingleAction(
        AddFile.convertDataFileStatus(
                type, new Path(table.get().getPath(engine)).toUri(), file, Map.of(), false, tags)
            .toRow());
  }

  private long commit(Transaction transaction, List<Row> actions) {
    return finish(
        transaction.commit(
            engine,
            CloseableIterable.inMemoryIterable(Utils.toCloseableIterator(actions.iterator()))));
  }

  private void requireOwn(SnapshotImpl snapshot) {
    if (!snapshot.getSchema().equals(type)) {
      throw LogFolder.later(path, "fold log", "it has other columns than this build writes", null);
    }
    if (snapshot.getProtocol().getMinReaderVersion() > 1) {
      throw LogFolder.later(
          path,
          "fold log",
          "it needs reader version " + snapshot.getProtocol().getMinReaderVersion(),
          null);
    }
  }

  private static Row unchanged(AddFile file) {
    return AddFile.createAddFileRow(
        EventSchema.TYPE,
        file.getPath(),
        file.getPartitionValues(),
        file.getSize(),
        file.getModificationTime(),
        false,
        Optional.empty(),
        file.getTags(),
        Optional.empty(),
        Optional.empty(),
        file.getStats());
  }

  private List<DataFileStatus> write(Transaction transaction, ColumnarBatch rows)
      throws IOException {
    Row state = transaction.getTransactionState(engine);
    FilteredColumnarBatch batch = new FilteredColumnarBatch(rows, Optional.empty());
    CloseableIterator<FilteredColumnarBatch> physical =
        Transaction.transformLogicalData(
            engine, state, Utils.singletonCloseableIterator(batch), Map.of());
    DataWriteContext context = Transaction.getWriteContext(engine, state, Map.of());
    // Not the context's own folder: that is URL-escaped, which no file system undoes.
    return engine
        .getParquetHandler()
        .writeParquetFiles(table.get().getPath(engine), physical, context.getStatisticsColumns())
        .toInMemoryList();
  }

  private void create() {
    try {
      finish(
          table
              .get()
              .createTransactionBuilder(engine, ENGINE, Operation.CREATE_TABLE)
              .withSchema(engine, type)
              .withTableProperties(engine, properties)
              .build(engine)
              .commit(engine, CloseableIterable.emptyIterable()));
    } catch (TableAlreadyExistsException | ConcurrentWriteException made) {
      LOG.debug("log {} was created by another process", path.text());
    } catch (RuntimeException e) {
      throw unwritable(e);
    }
  }

  private long finish(TransactionCommitResult result) {
    for (PostCommitHook hook : result.getPostCommitHooks()) {
      if (hook.getType() == PostCommitHook.PostCommitHookType.CHECKPOINT) {
        try {
          hook.threadSafeInvoke(engine);
          Optional<LogFolder> log = LogFolder.list(path);
          if (log.isPresent()) {
            log.get().deleteOldCheckpoints();
          }
        } catch (IOException | RuntimeException e) {
          LOG.warn(
              "no checkpoint of {} at version {}: {}",
              path.text(),
              result.getVersion(),
              LogFolder.reason(e));
        }
      }
    }
    return result.getVersion();
  }

  /** The metadata action at a version, as Delta's JSON has it. */
  public JsonNode metadata(long version) {
    Metadata metadata = snapshot(version).getMetadata();
    ObjectNode node = Json.mapper().createObjectNode();
    node.put("id", metadata.getId()).put("schemaString", metadata.getSchemaString());
    VectorUtils.<String>toJavaList(metadata.getPartitionColumns())
        .forEach(node.putArray("partitionColumns")::add);
    ObjectNode configuration = node.putObject("configuration");
    metadata.getConfiguration().forEach(configuration::put);
    return node;
  }

  /** The paths of the data files that make up a version, absolute. */
  public List<String> files(long version) {
    return scanFiles(version).stream()
        .map(file -> InternalScanFileUtils.getAddFileStatus(file).getPath())
        .toList();
  }

  /**
   * Passes on the rows of a version one by one, in no order.
   *
   * @param columns to read, in this order
   */
  public void read(long version, List<String> columns, Consumer<List<Object>> rows) {
    read(version, columns, Optional.empty(), row -> true, rows);
  }

  /**
   * The same for the rows in whose column of instants one of an interval lies; files that can't
   * have any are not opened.
   */
  public void read(
      long version,
      List<String> columns,
      String instants,
      Interval within,
      Consumer<List<Object>> rows) {
    Predicate mayHave =
        new And(
            new Predicate(">=", new Column(instants), instant(within.from())),
            new Predicate("<", new Column(instants), instant(within.to())));
    int place = columns.indexOf(instants);
    read(
        version,
        columns,
        Optional.of(mayHave),
        row -> !row.isNullAt(place) && within.contains(Micros.instant(row.getLong(place))),
        rows);
  }

  private static Literal instant(Instant at) {
    return Literal.ofTimestamp(Micros.of(at));
  }

  private void read(
      long version,
      List<String> columns,
      Optional<Predicate> mayHave,
      java.util.function.Predicate<Row> taken,
      Consumer<List<Object>> rows) {
    try {
      SnapshotImpl snapshot = snapshot(version);
      StructType wanted =
          new StructType(columns.stream().map(c -> snapshot.getSchema().get(c)).toList());
      ScanBuilder builder = snapshot.getScanBuilder().withReadSchema(wanted);
      Scan scan = mayHave.map(builder::withFilter).orElse(builder).build();
      Row state = scan.getScanState(engine);
      StructType stored = ScanStateRow.getPhysicalDataReadSchema(engine, state);
      try (CloseableIterator<FilteredColumnarBatch> files = scan.getScanFiles(engine)) {
        while (files.hasNext()) {
          try (CloseableIterator<Row> some = files.next().getRows()) {
            while (some.hasNext()) {
              read(state, some.next(), stored, taken, rows);
            }
          }
        }
      }
    } catch (PlatformException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw unreadable(version, e);
    }
  }

  private void read(
      Row state,
      Row file,
      StructType stored,
      java.util.function.Predicate<Row> taken,
      Consumer<List<Object>> rows)
      throws IOException {
    CloseableIterator<ColumnarBatch> read =
        engine
            .getParquetHandler()
            .readParquetFiles(
                Utils.singletonCloseableIterator(InternalScanFileUtils.getAddFileStatus(file)),
                stored,
                Optional.empty());
    try (CloseableIterator<FilteredColumnarBatch> batches =
        Scan.transformPhysicalData(engine, state, file, read)) {
      while (batches.hasNext()) {
        try (CloseableIterator<Row> some = batches.next().getRows()) {
          while (some.hasNext()) {
            Row row = some.next();
            if (taken.test(row)) {
              rows.accept(values(row));
            }
          }
        }
      }
    }
  }

  private static List<Object> values(Row row) {
    List<Object> values = new ArrayList<>(row.getSchema().length());
    for (int i = 0; i < row.getSchema().length(); i++) {
      DataType type = row.getSchema().at(i).getDataType();
      if (row.isNullAt(i)) {
        values.add(null);
      } else if (type instanceof LongType) {
        values.add(row.getLong(i));
      } else if (type instanceof IntegerType) {
        values.add((long) row.getInt(i));
      } else if (type instanceof StringType) {
        values.add(row.getString(i));
      } else if (type instanceof DoubleType) {
        values.add(row.getDouble(i));
      } else if (type instanceof TimestampType) {
        values.add(Micros.instant(row.getLong(i)));
      } else if (type instanceof BooleanType) {
        values.add(row.getBoolean(i));
      } else if (type instanceof BinaryType) {
        values.add(row.getBinary(i));
      } else if (type instanceof ArrayType) {
        values.add(
            VectorUtils.toJavaList(row.getArray(i)).stream()
                .map(v -> v instanceof Row inner ? values(inner) : v)
                .toList());
      } else if (type instanceof StructType struct) {
        values.add(byField(struct, row.getStruct(i)));
      } else if (type instanceof FloatType) {
        values.add((double) row.getFloat(i));
      } else if (type instanceof ShortType) {
        values.add((long) row.getShort(i));
      } else if (type instanceof ByteType) {
        values.add((long) row.getByte(i));
      } else if (type instanceof DecimalType) {
        values.add(row.getDecimal(i));
      } else if (type instanceof DateType) {
        values.add(LocalDate.ofEpochDay(row.getInt(i)));
      } else {
        throw new IllegalStateException("a column of type " + type + " is not read here");
      }
    }
    return values;
  }

  private static Map<String, Object> byField(StructType type, Row row) {
    List<Object> values = values(row);
    Map<String, Object> fields = new LinkedHashMap<>();
    for (int i = 0; i < values.size(); i++) {
      fields.put(type.at(i).getName(), values.get(i));
    }
    return fields;
  }

  private List<Row> scanFiles(long version) {
    List<Row> files = new ArrayList<>();
    try (CloseableIterator<FilteredColumnarBatch> batches =
        snapshot(version).getScanBuilder().build().getScanFiles(engine)) {
      while (batches.hasNext()) {
        try (CloseableIterator<Row> rows = batches.next().getRows()) {
          while (rows.hasNext()) {
            files.add(rows.next());
          }
        }
      }
    } catch (IOException | RuntimeException e) {
      throw unreadable(version, e);
    }
    return files;
  }

  private SnapshotImpl snapshot(long version) {
    try {
      return (SnapshotImpl) table.get().getSnapshotAsOfVersion(engine, version);
    } catch (RuntimeException e) {
      throw unreadable(version, e);
    }
  }

  private PlatformException unreadable(long version, Exception e) {
    return caused(e, IOException.class).isPresent()
        ? LogFolder.storage(path, "read version " + version, e)
        : LogFolder.corrupt(
            path, "version " + version + " can't be read: " + LogFolder.reason(e), e);
  }

  private PlatformException unwritable(Exception e) {
    if (e instanceof KernelException && LogFolder.reason(e).contains("Unsupported Delta")) {
      return LogFolder.later(path, "append to log", LogFolder.reason(e), e);
    }
    Optional<IOException> io = caused(e, IOException.class);
    if (io.isPresent() || e instanceof UncheckedIOException) {
      return new PlatformException(
          ErrorCode.STORAGE,
          "Cannot append to log %s: %s. Check that the storage can be written and has room."
              .formatted(path.text(), LogFolder.reason(io.isPresent() ? io.get() : e)),
          e);
    }
    return new PlatformException(
        ErrorCode.CORRUPT,
        "Cannot append to log %s: %s. Restore the table's folder from a copy."
            .formatted(path.text(), LogFolder.reason(e)),
        e);
  }

  private static <T extends Throwable> Optional<T> caused(Throwable thrown, Class<T> type) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (type.isInstance(t)) {
        return Optional.of(type.cast(t));
      }
    }
    return Optional.empty();
  }
}
