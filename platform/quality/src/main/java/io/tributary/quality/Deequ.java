package io.tributary.quality;

import com.amazon.deequ.VerificationResult;
import com.amazon.deequ.VerificationSuite;
import com.amazon.deequ.analyzers.Analyzer;
import com.amazon.deequ.analyzers.Compliance;
import com.amazon.deequ.analyzers.FrequenciesAndNumRows;
import com.amazon.deequ.analyzers.InMemoryStateProvider;
import com.amazon.deequ.analyzers.Mean;
import com.amazon.deequ.analyzers.NumMatches;
import com.amazon.deequ.analyzers.NumMatchesAndCount;
import com.amazon.deequ.analyzers.Size;
import com.amazon.deequ.analyzers.Sum;
import com.amazon.deequ.analyzers.Uniqueness;
import com.amazon.deequ.analyzers.runners.EmptyStateException;
import com.amazon.deequ.metrics.DoubleMetric;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import scala.Option;
import scala.collection.JavaConverters;
import scala.collection.immutable.List$;
import scala.collection.immutable.Seq;

/**
 * The one place that knows Deequ and Scala: analyzers are asked for, computed together in one scan
 * (and one grouping for each set of unique columns), and answered as Java values.
 */
final class Deequ {
  private static final Size ROWS = Size.apply(Option.empty());

  private final Set<Analyzer<?, com.amazon.deequ.metrics.Metric<?>>> asked = new LinkedHashSet<>();
  private final InMemoryStateProvider states = InMemoryStateProvider.apply();
  private scala.collection.immutable.Map<
          Analyzer<?, com.amazon.deequ.metrics.Metric<?>>, com.amazon.deequ.metrics.Metric<?>>
      answers;

  Deequ() {
    ask(ROWS);
  }

  /** How many rows there are. */
  long rows() {
    return size(ROWS);
  }

  Size size(Optional<String> where) {
    return ask(Size.apply(option(where)));
  }

  long size(Size analyzer) {
    return this.<NumMatches>state(analyzer).map(NumMatches::numMatches).orElse(0L);
  }

  /** The rows, of those where {@code where}, for which a predicate is true. */
  Compliance compliance(String name, String predicate, Optional<String> where) {
    return ask(
        Compliance.apply(name, predicate, option(where), List$.MODULE$.empty(), Option.empty()));
  }

  /** Empty when no row was considered. */
  Optional<NumMatchesAndCount> compliance(Compliance analyzer) {
    return state(analyzer);
  }

  /** The rows, of those where {@code where} and not all columns are null, that occur once. */
  Uniqueness uniqueness(List<String> columns, Optional<String> where) {
    return ask(Uniqueness.apply(seq(columns), option(where), Option.empty()));
  }

  /** How many rows were considered. */
  long considered(Uniqueness analyzer) {
    return this.<FrequenciesAndNumRows>state(analyzer)
        .map(FrequenciesAndNumRows::numRows)
        .orElse(0L);
  }

  /** How many rows occur more than once. */
  long repeated(Uniqueness analyzer) {
    long considered = considered(analyzer);
    OptionalDouble share = value(analyzer);
    return share.isEmpty() ? 0 : considered - Math.round(share.getAsDouble() * considered);
  }

  /**
   * Whether a row occurs once; says nothing of rows that were not considered. Only inside {@link
   * #numbered}.
   */
  Column once(Uniqueness analyzer) {
    return ((DoubleMetric) answer(analyzer)).fullColumn().get();
  }

  /** Does what looks at rows together, which Deequ tells apart by a number that they get here. */
  Dataset<Row> numbered(Dataset<Row> rows, UnaryOperator<Dataset<Row>> doing) {
    String number = VerificationResult.UNIQUENESS_ID();
    return doing
        .apply(rows.withColumn(number, functions.monotonically_increasing_id()))
        .drop(number);
  }

  Analyzer<?, ?> mean(String column, Optional<String> where) {
    return ask(Mean.apply(column, option(where)));
  }

  Analyzer<?, ?> sum(String column, Optional<String> where) {
    return ask(Sum.apply(column, option(where)));
  }

  /** Computes all that was asked for. */
  void run(Dataset<Row> rows) {
    List<Analyzer<?, com.amazon.deequ.metrics.Metric<?>>> analyzers = new ArrayList<>(asked);
    answers =
        VerificationSuite.apply()
            .onData(rows)
            .addRequiredAnalyzers(seq(analyzers))
            .saveStatesWith(states)
            .run()
            .metrics();
    asked.forEach(this::value);
  }

  /** Empty when there was nothing to compute it from. */
  OptionalDouble value(Analyzer<?, ?> analyzer) {
    scala.util.Try<?> value = answer(analyzer).value();
    if (value.isSuccess()) {
      return OptionalDouble.of(((Number) value.get()).doubleValue());
    }
    Throwable failure = value.failed().get();
    if (failure instanceof EmptyStateException) {
      return OptionalDouble.empty();
    }
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof PlatformException p) {
        throw p;
      }
    }
    throw new PlatformException(
        ErrorCode.BUG,
        "Cannot compute " + analyzer + ": " + failure.getMessage() + ". Report this as a bug.",
        failure);
  }

  private com.amazon.deequ.metrics.Metric<?> answer(Analyzer<?, ?> analyzer) {
    return answers.get(cast(analyzer)).get();
  }

  private <S> Optional<S> state(Analyzer<?, ?> analyzer) {
    @SuppressWarnings({"unchecked", "rawtypes"})
    Option<S> state = (Option<S>) states.load((Analyzer) analyzer);
    return state.isEmpty() ? Optional.empty() : Optional.of(state.get());
  }

  private <A extends Analyzer<?, ?>> A ask(A analyzer) {
    asked.add(cast(analyzer));
    return analyzer;
  }

  @SuppressWarnings("unchecked")
  private static Analyzer<?, com.amazon.deequ.metrics.Metric<?>> cast(Analyzer<?, ?> analyzer) {
    return (Analyzer<?, com.amazon.deequ.metrics.Metric<?>>) (Analyzer<?, ?>) analyzer;
  }

  private static Option<String> option(Optional<String> value) {
    return value.map(Option::apply).orElseGet(Option::empty);
  }

  private static <T> Seq<T> seq(List<T> list) {
    return JavaConverters.asScalaBufferConverter(list).asScala().toList();
  }
}
