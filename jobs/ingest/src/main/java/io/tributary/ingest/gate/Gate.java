package io.tributary.ingest.gate;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.when;

import com.fasterxml.jackson.databind.node.TextNode;
import io.tributary.analysis.CheckedSource;
import io.tributary.core.Pin;
import io.tributary.definition.Lookup;
import io.tributary.events.facts.Duplicates;
import io.tributary.ingest.ledger.Delivery;
import io.tributary.ingest.ledger.ReleasedRows;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.quality.ExpectationResult;
import io.tributary.quality.Metric;
import io.tributary.quality.QualityGate;
import io.tributary.quality.Suite;
import io.tributary.quality.SuiteResult;
import io.tributary.quality.SuiteRun;
import io.tributary.quality.expectation.Expectation;
import io.tributary.quality.expectation.NullValues;
import io.tributary.quality.expectation.Rule;
import io.tributary.quality.expectation.Severity;
import io.tributary.quality.expectation.Uniqueness;
import io.tributary.source.DeliveryFiles;
import io.tributary.source.rows.DerivedRows;
import io.tributary.source.rows.SourceRules;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * The gate of one source: bronze rows of a delivery get their look-ups, derived columns and times,
 * are judged by the source's suite, and leave as admitted rows and rows with reasons.
 */
public final class Gate {
  /** So many rows of one file are worth a shuffle that lets all cores work on them. */
  private static final long ROWS_A_CORE = 50_000;

  private static final String DERIVE = DerivedRows.REASONS;
  private static final String DUPLICATE = "on-duplicate-key";
  private static final String SUITE = "_suite_reasons";
  private static final String REASONS = "_reasons";
  private static final String REASON_TYPE = DerivedRows.REASON_TYPE;

  private final Lake lake;
  private final SourceRules rules;
  private final CheckedSource source;
  private final DerivedRows derive;

  public Gate(Lake lake, SourceRules rules, List<Pin> lookups) {
    this(
        lake,
        rules,
        lookup -> {
          Pin pin = lookups.get(rules.source().definition().lookup().indexOf(lookup));
          return newest(lake.table(pin.version().table()).read(pin), pin);
        });
  }

  /**
   * The same over other rows than those that tables have by now.
   *
   * @param lookups the content of what a look-up names
   */
  public Gate(Lake lake, SourceRules rules, Function<Lookup, Dataset<Row>> lookups) {
    this.lake = lake;
    this.rules = rules;
    this.source = rules.source();
    this.derive = new DerivedRows(rules, lookups);
  }

  /**
   * Judges the rows of one delivery.
   *
   * @param suite what they are judged by
   * @param bronze its rows: the contract's columns and {@link DeliveryFiles#META}
   * @param rows about how many they are
   * @param files in how many files of bronze they lie
   * @param taken rows that are judged with the others but left out, for they were released
   */
  public Gated judge(
      Delivery delivery,
      Suite suite,
      Dataset<Row> bronze,
      long rows,
      long files,
      Optional<ReleasedRows> taken) {
    return judge(delivery, bronze, rows, files, judged(suite), suite, taken);
  }

  /** Judges rows that a person has released: all that can be computed are admitted. */
  public Gated judgeReleased(Delivery delivery, Dataset<Row> bronze, long rows) {
    return judge(delivery, bronze, rows, 0, computable(Suite.EMPTY), Suite.EMPTY, Optional.empty());
  }

  private Gated judge(
      Delivery delivery,
      Dataset<Row> bronze,
      long rows,
      long files,
      Suite asked,
      Suite suite,
      Optional<ReleasedRows> taken) {
    // Without a suite and joins it costs less to derive rows again than to keep them.
    boolean keeps =
        asked.expectations().size() > 1
            || !source.definition().lookup().isEmpty()
            || delivery.release().isPresent()
            || taken.isPresent();
    int cores = lake.spark().sparkContext().defaultParallelism();
    boolean divides = keeps && rows > ROWS_A_CORE && files < cores;
    Dataset<Row> derived = derive.of(divides ? bronze.repartition(cores) : bronze);
    Dataset<Row> scanned =
        keeps ? derived.persist(StorageLevel.MEMORY_AND_DISK()) : derive.narrow(bronze);
    SuiteRun run = QualityGate.judge(scanned, asked, source.definition().zone());
    List<ExpectationResult> verdicts = run.result().verdicts();
    long flawed = verdicts.get(verdicts.size() - 1).unexpected();
    SuiteResult report =
        new SuiteResult(
            suite.name(),
            suite.digest(),
            run.result().rows(),
            verdicts.subList(0, verdicts.size() - 1));
    Dataset<Row> marked =
        run.mark(derived, SUITE)
            .withColumn(
                REASONS,
                concat(
                    coalesce(col(DERIVE), array().cast("array<" + REASON_TYPE + ">")), col(SUITE)));
    Column broken = size(col(REASONS)).gt(0);
    Dataset<Row> kept = taken.map(t -> t.without(marked)).orElse(marked);
    long left = taken.isPresent() ? kept.count() : report.rows();
    boolean counted = !run.breaksAny() && taken.isEmpty();
    long quarantined = !report.admits() ? left : counted ? flawed : kept.where(broken).count();
    Dataset<Row> sound = quarantined == 0 && taken.isEmpty() ? derived : kept.where(not(broken));
    return new Gated(
        delivery,
        keeps ? List.of(derived) : List.of(),
        sound,
        keeps ? sound : scanned.where(col(DERIVE).isNull()),
        kept.where(broken),
        kept,
        report,
        quarantined,
        left - quarantined,
        report.rows() - left,
        repeats(bronze, report.rows()));
  }

  /**
   * A suite, what reference data must be beside it (a key names one row: none of several is better
   * than another), and last, for its count alone, that rows could be computed at all.
   */
  private Suite judged(Suite suite) {
    List<Expectation> expectations = new ArrayList<>(suite.expectations());
    List<String> key = rules.source().definition().eventKey();
    if (rules.isStatic() && !key.isEmpty()) {
      expectations.add(
          implied(
              expectations,
              "event-key",
              Severity.CRITICAL,
              "event-key(" + String.join(", ", key) + ")",
              new Uniqueness(key, Uniqueness.Missing.ANY, 0)));
    }
    return computable(new Suite(suite.name(), expectations));
  }

  private static Suite computable(Suite suite) {
    List<Expectation> expectations = new ArrayList<>(suite.expectations());
    expectations.add(
        implied(expectations, "derive", Severity.INFO, "", new NullValues(DERIVE, true, 0)));
    return new Suite(suite.name(), expectations);
  }

  private static Expectation implied(
      List<Expectation> before, String rule, Severity severity, String text, Rule demanded) {
    return new Expectation(before.size() + 1, rule, text, Optional.empty(), severity, "", demanded);
  }

  /** The columns of {@code validated}. */
  public Column[] validatedColumns() {
    return Stream.concat(
            Arrays.stream(source.rowSchema().fieldNames()),
            Arrays.stream(DeliveryFiles.META.fieldNames()))
        .map(DerivedRows::column)
        .toArray(Column[]::new);
  }

  /** Rows with reasons, as {@code quarantine} has them. */
  public Dataset<Row> quarantined(Dataset<Row> marked) {
    Column[] contract =
        Arrays.stream(rules.reader().columns().fieldNames())
            .map(DerivedRows::column)
            .toArray(Column[]::new);
    return marked.select(
        col("_delivery"),
        col("_file"),
        col("_line"),
        col("_run"),
        to_json(struct(contract), Map.of("ignoreNullFields", "false")).as("raw"),
        col(REASONS).cast("array<" + REASON_TYPE + ">").as("reasons"),
        when(col(DERIVE).isNotNull(), "derive").otherwise("gate").as("_stage"));
  }

  /** All rows of a rejected delivery; those that are sound themselves say why they are here. */
  public Dataset<Row> rejected(Dataset<Row> marked, String why) {
    Column delivery = array(DerivedRows.reason("delivery", "", lit(why)));
    return quarantined(
        marked.withColumn(
            REASONS, when(size(col(REASONS)).equalTo(0), delivery).otherwise(col(REASONS))));
  }

  /** The same delivery with a warning that events of it are in rows that contradict one another. */
  public Gated warned(Gated gated, Duplicates duplicates) {
    return gated.with(verdict(gated, duplicates, Severity.WARNING));
  }

  /** The same delivery, rejected for it. */
  public Gated refused(Gated gated, Duplicates duplicates, DuplicateKeys keys) {
    Column reason =
        DerivedRows.reason(
            DUPLICATE, "", lit("another row of its event key and known time has other values"));
    Dataset<Row> all =
        keys.marked(gated.all(), gated.delivery().number(), "_duplicate")
            .withColumn(
                REASONS,
                when(col("_duplicate"), concat(col(REASONS), array(reason)))
                    .otherwise(col(REASONS)));
    return gated.rejected(verdict(gated, duplicates, Severity.CRITICAL), all);
  }

  private ExpectationResult verdict(Gated gated, Duplicates duplicates, Severity severity) {
    List<String> key = source.definition().eventKey();
    return new ExpectationResult(
        gated.verdicts().verdicts().size() + 1,
        DUPLICATE,
        "event-key(" + String.join(", ", key) + ")",
        key,
        severity,
        false,
        0,
        duplicates.rows(),
        Optional.empty(),
        Optional.of(new Metric("duplicates", duplicates.rows())),
        Optional.of(TextNode.valueOf(duplicates.line())),
        List.of());
  }

  /** A static source's content: the rows of its newest delivery. */
  private static Dataset<Row> newest(Dataset<Row> rows, Pin pin) {
    return rows.where(col(LakeTable.DELIVERY).equalTo(pin.deliveries().orElseThrow()));
  }

  /** Rows beyond the first of each kind, where nothing else distinguishes them. */
  private long repeats(Dataset<Row> bronze, long rows) {
    if (!source.definition().eventKey().isEmpty() || rows == 0) {
      return 0;
    }
    Column[] contract =
        Arrays.stream(rules.reader().columns().fieldNames())
            .map(DerivedRows::column)
            .toArray(Column[]::new);
    Row repeats =
        bronze
            .groupBy(contract)
            .agg(count(lit(1)).as("_rows"))
            .agg(coalesce(sum(col("_rows").minus(1)), lit(0L)))
            .head();
    return repeats.getLong(0);
  }
}
