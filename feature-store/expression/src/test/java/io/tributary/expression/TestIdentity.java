package io.tributary.expression;

import static io.tributary.expression.Rows.named;
import static io.tributary.expression.Rows.schema;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Digest;
import io.tributary.testing.JavaProcess;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class TestIdentity {
  private static final StructType INPUT =
      schema(
          "a double, b double, n int, s string, ts timestamp, d date, x decimal(10,2), f struct<g: string, h: int>, xs array<int>");

  private static final List<String> SAMPLES =
      List.of(
          "a + b + a * b",
          "a + (b + a * b)",
          "hour(ts)",
          "ts + interval 24 hours",
          "ts - interval 1 month",
          "coalesce(s, 'none') like 'n%'",
          "n in (1, 2, 3)",
          "case when a > 1 then 'x' when b > 1 then 'y' else s end",
          "date_format(ts, 'yyyy-MM')",
          "cast(s as decimal(10, 3)) + x",
          "f.g",
          "xs[0]",
          "element_at(map('k', n), 'k')",
          "regexp_extract(s, '([a-z]+)', 1)",
          "sha2(s, 256)",
          "struct(n, s)",
          "timestampdiff(HOUR, ts, timestamp'2013-01-01')",
          "date_trunc('DAY', ts)",
          "n div 2 + n % 3",
          "array_contains(xs, n)",
          "make_timestamp(2013, n, 1, 0, 0, 0, 'America/Denver')",
          "x'00ff'",
          "contains(s, 'a') or startswith(s, 'b')",
          "split(s, ',')[0]");

  private static Digest identity(String sql, StructType input, String zone) {
    return RowExpressions.compile(named("x", sql), input, ZoneId.of(zone)).identity();
  }

  private static Digest identity(String sql) {
    return identity(sql, INPUT, "America/New_York");
  }

  @Test
  void aQuotedColumnIsWhatTheAnalyserFinds() throws InvalidExpression {
    StructType input = INPUT.add("Mixed", "bigint", false);
    for (String name : input.fieldNames()) {
      for (String written : List.of(name, name.toUpperCase(Locale.ROOT))) {
        ExpressionResolver resolver =
            new ExpressionResolver(
                new Scope("the input", input),
                new SqlDialect(ZoneId.of("America/New_York"), Division.FAILS),
                Map.of("s", "source.s"));
        resolver.add("before", "n + 1");
        ResolvedExpression quoted = resolver.resolve("x", "`" + written + "`");
        ResolvedExpression analysed = resolver.resolve("x", "(`" + written + "`)");
        assertThat(List.of(quoted.column(), quoted.positions(), quoted.columns(), quoted.meaning()))
            .isEqualTo(
                List.of(
                    analysed.column(),
                    analysed.positions(),
                    analysed.columns(),
                    analysed.meaning()));
        assertThat(quoted.bound().get()).isEqualTo(analysed.bound().get());
      }
    }
    ExpressionResolver resolver =
        new ExpressionResolver(
            new Scope("the input", input),
            new SqlDialect(ZoneId.of("UTC"), Division.FAILS),
            Map.of());
    resolver.add("earlier", "n + 1");
    assertThat(resolver.resolve("x", "`earlier`").meaning())
        .isEqualTo(resolver.resolve("x", "(`earlier`)").meaning());
  }

  /** Prints the identities of the samples; run in JVMs of their own. */
  public static void main(String[] args) {
    for (String sql : SAMPLES) {
      System.out.println(identity(sql));
    }
  }

  @Test
  void isTheSameInEveryJvm() throws Exception {
    List<String> here = SAMPLES.stream().map(sql -> identity(sql).hex()).toList();

    assertThat(
            identitiesOfAnotherJvm(
                "-XX:+UnlockExperimentalVMOptions",
                "-XX:hashCode=2",
                "-Duser.timezone=Asia/Tokyo",
                "-Duser.language=tr"))
        .isEqualTo(here);
    assertThat(
            identitiesOfAnotherJvm(
                "-XX:+UnlockExperimentalVMOptions",
                "-XX:hashCode=3",
                "-Duser.timezone=UTC",
                "-Dfile.encoding=ISO-8859-1"))
        .isEqualTo(here);
    assertThat(here).doesNotHaveDuplicates();
  }

  private static List<String> identitiesOfAnotherJvm(String... options) throws Exception {
    Process process =
        JavaProcess.of(List.of(options), TestIdentity.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return out.lines().toList();
  }

  @Test
  void ignoresHowItIsWritten() {
    assertThat(identity("COALESCE( S ,'none') /* a comment */"))
        .isEqualTo(identity("coalesce(s, 'none')"));
    assertThat(identity("nvl(s, 'none')")).isEqualTo(identity("coalesce(s, 'none')"));
    assertThat(identity("left(s, 3)")).isEqualTo(identity("substring(s, 1, 3)"));
    assertThat(identity("F.g")).isEqualTo(identity("f.G"));
  }

  @Test
  void keepsTheOrderOfOperands() {
    assertThat(identity("a + b")).isNotEqualTo(identity("b + a"));
    assertThat(identity("(a + b) + n")).isNotEqualTo(identity("a + (b + n)"));
  }

  @Test
  void holdsTheZoneOnlyWhereItDecides() {
    for (String sql :
        List.of(
            "a / b",
            "cast(n as double)",
            "ts + interval 24 hours",
            "ts > ts",
            "timestampdiff(HOUR, ts, ts) > n")) {
      assertThat(identity(sql, INPUT, "Europe/Berlin")).as(sql).isEqualTo(identity(sql));
    }
    for (String sql :
        List.of(
            "hour(ts)",
            "cast(ts as date)",
            "ts > '2013-01-01'",
            "ts + interval 1 month",
            "timestampadd(DAY, 1, ts)")) {
      assertThat(identity(sql, INPUT, "Europe/Berlin")).as(sql).isNotEqualTo(identity(sql));
    }
  }

  @Test
  void doesNotSeeColumnsThatAreNotUsed() {
    StructType more = schema("new int, f struct<new: int, g: string, h: int>, n int, a double");
    assertThat(identity("a + n", more, "UTC")).isEqualTo(identity("a + n", INPUT, "UTC"));
    assertThat(identity("f.g", more, "UTC")).isEqualTo(identity("f.g", INPUT, "UTC"));
    assertThat(identity("f.g", schema("f struct<g: int>"), "UTC"))
        .isNotEqualTo(identity("f.g", INPUT, "UTC"));
    assertThat(identity("n", schema("n bigint"), "UTC")).isNotEqualTo(identity("n", INPUT, "UTC"));
  }

  @Test
  void holdsTheMeaningOfExpressionsAbove() {
    Digest one =
        RowExpressions.compile(named("late", "n > 15", "x", "not late"), INPUT, ZoneId.of("UTC"))
            .identity();
    Digest other =
        RowExpressions.compile(named("late", "n > 16", "x", "not late"), INPUT, ZoneId.of("UTC"))
            .identity();
    assertThat(one).isNotEqualTo(other);
  }
}
