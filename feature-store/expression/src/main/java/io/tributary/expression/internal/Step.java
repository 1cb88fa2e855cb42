package io.tributary.expression.internal;

import io.tributary.expression.Division;
import io.tributary.expression.ExpressionResolver;
import io.tributary.expression.InvalidExpression;
import io.tributary.expression.ResolvedExpression;
import io.tributary.expression.Scope;
import io.tributary.expression.SqlDialect;
import java.io.Serializable;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.types.StructType;

/**
 * Named expressions over one input, as they travel: text, types and zone. What they compile to is
 * kept once in each JVM.
 *
 * @param keepsInput whether a result begins with the input's columns
 */
public record Step(
    List<Text> named, StructType input, String zone, Division division, boolean keepsInput)
    implements Serializable {
  /** An expression and its name. */
  public record Text(String name, String sql) implements Serializable {}

  private static final int REMEMBERED = 512;
  private static final Map<Step, List<ResolvedExpression>> RESOLVED =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Step, List<ResolvedExpression>> eldest) {
          return size() > REMEMBERED;
        }
      };

  public Step {
    named = List.copyOf(named);
  }

  public SqlDialect profile() {
    return new SqlDialect(ZoneId.of(zone), division);
  }

  /** The expressions, typed; the same objects for each equal step of this JVM. */
  public List<ResolvedExpression> resolved() {
    Step key = withInput(false);
    List<ResolvedExpression> known = remembered(key);
    if (known != null) {
      return known;
    }
    List<ResolvedExpression> resolved = resolve();
    remember(key, resolved);
    return resolved;
  }

  /** The input's columns that it reads, in their order. */
  public List<String> columns() {
    Set<String> used = new HashSet<>();
    for (ResolvedExpression r : resolved()) {
      for (String path : r.columns()) {
        int dot = path.indexOf('.');
        used.add(dot < 0 ? path : path.substring(0, dot));
      }
    }
    return Arrays.stream(input.fieldNames())
        .filter(name -> keepsInput || used.contains(Scope.key(name)))
        .toList();
  }

  private List<ResolvedExpression> resolve() {
    ExpressionResolver resolver =
        new ExpressionResolver(new Scope("the input", input), profile(), Map.of());
    for (Text text : named) {
      try {
        resolver.add(text.name(), text.sql());
      } catch (InvalidExpression e) {
        throw new IllegalStateException(
            "an expression that was checked no longer resolves: " + text + ": " + e.getMessage(),
            e);
      }
    }
    return resolver.named();
  }

  private static List<ResolvedExpression> remembered(Step key) {
    synchronized (RESOLVED) {
      return RESOLVED.get(key);
    }
  }

  private static void remember(Step key, List<ResolvedExpression> resolved) {
    synchronized (RESOLVED) {
      RESOLVED.put(key, resolved);
    }
  }

  /** Keeps what this step's expressions were resolved to, so that this JVM does not do it again. */
  public void resolvedTo(List<ResolvedExpression> resolved) {
    remember(withInput(false), List.copyOf(resolved));
  }

  public Step withInput(boolean keeps) {
    return new Step(named, input, zone, division, keeps);
  }

  /** The same over rows that hold the columns which it reads by name. */
  public Step over(StructType rows) {
    Step rebound = new Step(named, rows, zone, division, keepsInput);
    List<ResolvedExpression> known = remembered(withInput(false));
    if (known != null && remembered(rebound.withInput(false)) == null) {
      Rebinding.of(this, rows)
          .ifPresent(places -> rebound.resolvedTo(known.stream().map(places::rebind).toList()));
    }
    return rebound;
  }

  /** The columns of a result. */
  public StructType schema() {
    StructType schema = keepsInput ? input : new StructType();
    List<ResolvedExpression> columns = new ArrayList<>(resolved());
    for (ResolvedExpression r : columns) {
      schema = schema.add(r.column());
    }
    return schema;
  }
}
