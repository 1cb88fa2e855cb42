package io.tributary.expression.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.expression.Division;
import io.tributary.expression.ExpressionResolver;
import io.tributary.expression.InvalidExpression;
import io.tributary.expression.ResolvedExpression;
import io.tributary.expression.Scope;
import io.tributary.expression.SqlDialect;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class TestRebinding {
  private static final String ZONE = "America/New_York";
  private static final StructType INPUT =
      StructType.fromDDL(
          "a double, n int not null, s string, ts timestamp, x decimal(10,2), f struct<g: string, h: int>, xs array<int>, unread date");
  private static final List<String> SQL =
      List.of(
          "a + n",
          "e0 * 2",
          "hour(ts)",
          "ts + interval 24 hours",
          "coalesce(s, f.g, 'none') like 'n%'",
          "cast(s as decimal(10, 3)) + x",
          "element_at(map('k', n), 'k')",
          "xs[0] + f.h",
          "case when e1 > 1 then s else f.g end",
          "n div nullif(xs[0], 0)",
          "`s`",
          "n in (1, 2, 3)");

  private static List<Step.Text> texts() {
    return IntStream.range(0, SQL.size())
        .mapToObj(i -> new Step.Text("e" + i, SQL.get(i)))
        .toList();
  }

  private static List<ResolvedExpression> anew(StructType rows) throws InvalidExpression {
    ExpressionResolver resolver =
        new ExpressionResolver(
            new Scope("the input", rows),
            new SqlDialect(ZoneId.of(ZONE), Division.FAILS),
            Map.of());
    for (Step.Text text : texts()) {
      resolver.add(text.name(), text.sql());
    }
    return resolver.named();
  }

  private static Step step() {
    Step step = new Step(texts(), INPUT, ZONE, Division.FAILS, false);
    step.resolved();
    return step;
  }

  @Test
  void isWhatResolvingOverTheOtherRowsGives() throws InvalidExpression {
    for (StructType rows :
        List.of(
            StructType.fromDDL(
                "more int, xs array<int>, F struct<g: string, h: int>, x decimal(10,2) not null, ts timestamp, s string, n int, a double not null"),
            INPUT.add("behind", "bigint"))) {
      Rebinding rebinding = Rebinding.of(step(), rows).orElseThrow();
      List<ResolvedExpression> rebound = step().resolved().stream().map(rebinding::rebind).toList();
      List<ResolvedExpression> anew = anew(rows);
      for (int i = 0; i < SQL.size(); i++) {
        assertThat(rebound.get(i).bound().get()).isEqualTo(anew.get(i).bound().get());
        assertThat(rebound.get(i).column()).isEqualTo(anew.get(i).column());
        assertThat(rebound.get(i).positions()).isEqualTo(anew.get(i).positions());
        assertThat(rebound.get(i).columns()).isEqualTo(anew.get(i).columns());
      }
    }
  }

  @Test
  void leavesToTheResolverWhatCouldMeanSomethingElse() {
    for (StructType rows :
        List.of(
            INPUT.add("e0", "double"),
            INPUT.add("A", "double"),
            StructType.fromDDL(INPUT.toDDL().replace("xs ARRAY<INT>", "xs ARRAY<BIGINT>")),
            StructType.fromDDL(INPUT.toDDL().replace("s STRING", "t STRING")))) {
      assertThat(Rebinding.of(step(), rows)).as(rows.toDDL()).isEmpty();
    }
  }
}
