package io.tributary.source.rows;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_compact;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import io.tributary.analysis.CheckedSource;
import io.tributary.definition.Lookup;
import io.tributary.expression.RowExpressions;
import io.tributary.expression.RowFunction;
import io.tributary.lake.InternalRows;
import io.tributary.source.DeliveryFiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Rows of a source's contract with their look-ups, derived columns and times, each with the reasons
 * why it can't be used.
 */
public final class DerivedRows {
  /** {@code array<}{@link DeliveryFiles#REASON}{@code >}, null for a row that can be used. */
  public static final String REASONS = "_derive_reasons";

  public static final String REASON_TYPE = DeliveryFiles.REASON.catalogString();

  private final SourceRules rules;
  private final CheckedSource source;
  private final Function<Lookup, Dataset<Row>> references;

  /**
   * @param references the validated rows that are a look-up's content
   */
  public DerivedRows(SourceRules rules, Function<Lookup, Dataset<Row>> references) {
    this.rules = rules;
    this.source = rules.source();
    this.references = references;
  }

  /** The rows with {@link #REASONS} after the columns of {@code validated}. */
  public Dataset<Row> of(Dataset<Row> bronze) {
    return derived(lookedUp(bronze), source.rows());
  }

  /**
   * The same without the columns that are neither of event key or sequence nor read by what is
   * derived: rows that can't be used, events and times are known without them, and reading a few
   * columns of bronze costs little.
   */
  public Dataset<Row> narrow(Dataset<Row> bronze) {
    Set<String> kept = new HashSet<>(source.definition().eventKey());
    source.sequence().ifPresent(kept::add);
    RowExpressions needed = source.rows().narrowed(kept);
    return derived(
        lookedUp(bronze)
            .select(
                Stream.concat(
                        Arrays.stream(needed.input().fieldNames()),
                        Arrays.stream(DeliveryFiles.META.fieldNames()))
                    .map(DerivedRows::column)
                    .toArray(Column[]::new)),
        needed);
  }

  private Dataset<Row> derived(Dataset<Row> rows, RowExpressions expressions) {
    RowFunction derive = RowFunction.keepingFailures(expressions.over(rows.schema()));
    return InternalRows.map(rows, derive.schema(), derive::apply)
        .withColumn(REASONS, deriveReasons())
        .drop(RowFunction.FAILURES);
  }

  /** The rows of the contract with their look-ups; where they came from stays with them. */
  Dataset<Row> lookedUp(Dataset<Row> bronze) {
    List<String> brought = List.of(bronze.columns());
    Dataset<Row> rows = bronze;
    for (int i = 0; i < source.definition().lookup().size(); i++) {
      rows = joined(rows, source.definition().lookup().get(i));
    }
    return rows.select(
        Stream.concat(
                Arrays.stream(source.input().fieldNames()),
                Arrays.stream(DeliveryFiles.META.fieldNames()).filter(brought::contains))
            .map(DerivedRows::column)
            .toArray(Column[]::new));
  }

  private Dataset<Row> joined(Dataset<Row> rows, Lookup lookup) {
    Dataset<Row> reference = references.apply(lookup);
    StructField field = source.input().apply(lookup.name());
    List<String> keys = referenceKeys(lookup);
    List<Column> selected = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      selected.add(column(keys.get(i)).as("_key" + i));
    }
    selected.add(
        struct(
                Arrays.stream(((StructType) field.dataType()).fieldNames())
                    .map(DerivedRows::column)
                    .toArray(Column[]::new))
            .as(lookup.name()));
    reference = reference.select(selected.toArray(Column[]::new));
    Column equal = lit(true);
    for (int i = 0; i < keys.size(); i++) {
      equal =
          equal.and(rows.col("`" + lookup.keys().get(i) + "`").equalTo(reference.col("_key" + i)));
    }
    Dataset<Row> joined = rows.join(reference, equal, "left_outer");
    for (int i = 0; i < keys.size(); i++) {
      joined = joined.drop("_key" + i);
    }
    return joined;
  }

  private List<String> referenceKeys(Lookup lookup) {
    return rules.lookedUp(lookup).eventKey();
  }

  /** Why a row can't be used, whatever the suite says; null where nothing is against it. */
  private Column deriveReasons() {
    Column failures =
        expr(
            "transform(coalesce("
                + RowFunction.FAILURES
                + ", array()), f -> named_struct('rule', 'derive', 'column', f.expression, 'message', f.reason))");
    Column sound = col(RowFunction.FAILURES).isNull();
    List<String> contract = List.of(rules.reader().columns().fieldNames());
    List<Column> conditions = new ArrayList<>(List.of(not(sound)));
    List<Column> reasons = new ArrayList<>();
    BiConsumer<Column, Column> against =
        (condition, reason) -> {
          conditions.add(condition);
          reasons.add(when(condition, reason));
        };
    for (String key : source.definition().eventKey()) {
      Column missing = column(key).isNull();
      against.accept(
          contract.contains(key) ? missing : missing.and(sound),
          reason("event-key", key, lit("the event key is null")));
    }
    source
        .sequence()
        .ifPresent(
            sequence -> {
              Column missing = column(sequence).isNull();
              against.accept(
                  contract.contains(sequence) ? missing : missing.and(sound),
                  reason("sequence", sequence, lit("the sequence is null")));
            });
    if (!rules.isStatic()) {
      against.accept(
          // A tombstone needs no event time (rule 4 of the contract).
          sound.and(col(CheckedSource.EVENT_TIME).isNull()).and(not(col(CheckedSource.DELETED))),
          reason("event-time", "", lit("the event time is null")));
      against.accept(
          sound.and(col(CheckedSource.KNOWN_TIME).isNull()),
          reason("known-time", "", lit("the known time is null")));
    }
    Column all =
        concat(
            failures.cast("array<" + REASON_TYPE + ">"),
            reasons.isEmpty()
                ? array().cast("array<" + REASON_TYPE + ">")
                : array_compact(array(reasons.toArray(Column[]::new))));
    // Spark interprets functions of arrays: not for each row.
    return when(conditions.stream().reduce(Column::or).orElseThrow(), all);
  }

  public static Column reason(String rule, String column, Column message) {
    return struct(lit(rule).as("rule"), lit(column).as("column"), message.as("message"))
        .cast(REASON_TYPE);
  }

  public static Column column(String name) {
    return functions.col("`" + name.replace("`", "``") + "`");
  }
}
