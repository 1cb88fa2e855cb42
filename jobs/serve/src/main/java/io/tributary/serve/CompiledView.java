package io.tributary.serve;

import io.tributary.analysis.CheckedView;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.SeenValue;
import io.tributary.expression.Evaluator;
import io.tributary.expression.ExpressionFailure;
import io.tributary.expression.RowExpressions;
import io.tributary.online.RowCodec;
import io.tributary.online.StoredColumn;
import io.tributary.online.StoredFeature;
import io.tributary.online.StoredView;
import io.tributary.serving.OnDemandView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructField;

/** A view on demand that is compiled. */
final class CompiledView implements OnDemandView {
  /** Bytes of a row after which what computed it is not used again: its buffers never shrink. */
  private static final int KEPT = 1 << 16;

  private static final int LONGEST_REASON = 300;

  private final StoredView view;
  private final RowExpressions expressions;
  private final Map<String, Set<String>> origins;
  private final StructField[] request;
  private final StructField[] features;

  /** Those that no thread uses now: as many as ever worked at once. */
  private final Queue<Evaluator> idle = new ConcurrentLinkedQueue<>();

  private CompiledView(StoredView view, RowExpressions expressions) {
    this.view = view;
    this.expressions = expressions;
    this.origins = expressions.origins();
    this.request = expressions.input().fields();
    this.features = expressions.schema().fields();
  }

  /** Compiles a view, and computes a row of it, which loads what it needs. */
  static CompiledView of(CheckedView checked) {
    CompiledView compiled = new CompiledView(stored(checked), checked.onDemand());
    List<Object> nothing = Collections.nCopies(compiled.request.length, null);
    var unused = compiled.compute(List.of(nothing), Set.of());
    return compiled;
  }

  private static StoredView stored(CheckedView checked) {
    return new StoredView(
        checked.id(),
        checked.digest(),
        Arrays.stream(checked.input().fields())
            .map(field -> new StoredColumn(field.name(), field.dataType().catalogString()))
            .toList(),
        Arrays.stream(checked.schema().fields())
            .map(
                field ->
                    new StoredFeature(
                        field.name(),
                        field.dataType().catalogString(),
                        Optional.empty(),
                        Optional.ofNullable(checked.defaults().get(field.name()))
                            .map(SparkValues::widened)
                            .map(RowCodec::node)))
            .toList(),
        Optional.empty(),
        Optional.empty());
  }

  @Override
  public StoredView view() {
    return view;
  }

  @Override
  public Set<String> needs(Set<String> of) {
    Set<String> paths = new HashSet<>();
    of.forEach(feature -> paths.addAll(origins.get(feature)));
    Set<String> needs = new HashSet<>();
    for (StructField column : request) {
      String name = column.name().toLowerCase(Locale.ROOT);
      if (paths.stream().anyMatch(path -> path.equals(name) || path.startsWith(name + "."))) {
        needs.add(column.name());
      }
    }
    return needs;
  }

  @Override
  public List<List<Object>> compute(List<List<Object>> rows, Set<String> asked) {
    Evaluator taken = idle.poll();
    Evaluator evaluator = taken == null ? expressions.evaluator() : taken;
    int largest = 0;
    try {
      List<List<Object>> computed = new ArrayList<>();
      for (List<Object> row : rows) {
        InternalRow result = compute(evaluator, row, asked, computed.size());
        largest = Math.max(largest, result instanceof UnsafeRow flat ? flat.getSizeInBytes() : 0);
        computed.add(values(result));
      }
      return computed;
    } finally {
      if (largest <= KEPT) {
        idle.add(evaluator);
      }
    }
  }

  private InternalRow compute(
      Evaluator evaluator, List<Object> row, Set<String> asked, int number) {
    Object[] given = new Object[request.length];
    for (int i = 0; i < given.length; i++) {
      given[i] = SparkValues.of(row.get(i), request[i].dataType());
    }
    InternalRow input = new GenericInternalRow(given);
    try {
      return evaluator.evaluate(input);
    } catch (ExpressionFailure e) {
      Evaluator.Part part = evaluator.partially(input);
      part.failed()
          .forEach(
              (failed, reason) -> {
                if (asked.contains(features[failed].name())) {
                  throw failure(features[failed].name(), number, reason, e);
                }
              });
      return part.row();
    }
  }

  private PlatformException failure(
      String feature, int row, String reason, ExpressionFailure cause) {
    String shown =
        reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) + "…" : reason;
    return new PlatformException(
        ErrorCode.INVALID_VALUE,
        "Cannot compute feature %s of %s for row %s: %s. Correct what it is computed from, or leave the feature out."
            .formatted(feature, view.id(), row, SeenValue.of(shown)),
        cause);
  }

  private List<Object> values(InternalRow row) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < features.length; i++) {
      values.add(SparkValues.java(row, i, features[i].dataType()));
    }
    return values;
  }
}
