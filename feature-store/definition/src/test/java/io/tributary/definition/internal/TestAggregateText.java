package io.tributary.definition.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.definition.Aggregate;
import io.tributary.definition.Problems;
import io.tributary.definition.SqlText;
import io.tributary.definition.Window;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TestAggregateText {
  @Test
  void readsAnAggregateOverWindows() throws Exception {
    AggregateText text = parse("mean(arr_delay > 15) over 6h, 1d , 30d").orElseThrow();
    assertThat(text.aggregate()).isEqualTo(new Aggregate(Aggregate.Function.MEAN, List.of()));
    assertThat(text.argument()).map(SqlText::sql).contains("arr_delay > 15");
    assertThat(text.where()).isEmpty();
    assertThat(text.windows()).hasToString("[6h, 1d, 30d]");
  }

  @Test
  void readsKeywordsInAnyCaseAndOnlyOutsideBracketsAndQuotes() throws Exception {
    AggregateText text =
        parse(
                "SUM(if(a in ('over 1d', \"where\"), `over`, f(b, c))) WHERE d = 'x over 2d' OVER 90m")
            .orElseThrow();
    assertThat(text.argument())
        .map(SqlText::sql)
        .contains("if(a in ('over 1d', \"where\"), `over`, f(b, c))");
    assertThat(text.where()).map(SqlText::sql).contains("d = 'x over 2d'");
    assertThat(text.windows()).hasToString("[90m]");
  }

  @Test
  void readsADimension() throws Exception {
    AggregateText text = parse("sum(a) where b by if(c, 'by', d) over 1d").orElseThrow();
    assertThat(text.where()).map(SqlText::sql).contains("b");
    assertThat(text.by()).map(SqlText::sql).contains("if(c, 'by', d)");
    assertThat(parse("count(*) BY `by` over 1d").orElseThrow().by())
        .map(SqlText::sql)
        .contains("`by`");
    assertThat(parse("count(*) over 1d").orElseThrow().by()).isEmpty();
  }

  @Test
  void readsParametersAfterTheExpression() throws Exception {
    assertThat(parse("percentile(coalesce(a, 0), 0.9) over 7d").orElseThrow().aggregate())
        .isEqualTo(new Aggregate(Aggregate.Function.PERCENTILE, List.of(0.9)));
    assertThat(parse("last_k(a, 3) over 7d").orElseThrow().aggregate().parameters())
        .containsExactly(3.0);
    assertThat(parse("count(*) over 7d").orElseThrow().argument()).isEmpty();
    assertThat(parse("time_since_last() over 7d").orElseThrow().argument()).isEmpty();
  }

  @Test
  void readsAnAggregateOfTheProjectsOwnByTheNameOfItsClass() throws Exception {
    AggregateText text =
        parse("com.acme.Top$Words (note, 3) where ok over 7d".replace("$", "_")).orElseThrow();
    assertThat(text.aggregate())
        .isEqualTo(
            new Aggregate(
                Aggregate.Function.CUSTOM, List.of(3.0), Optional.of("com.acme.Top_Words")));
    assertThat(text.argument()).map(SqlText::sql).contains("note");
    assertThat(parse("com.acme.Top(note)")).isEmpty();
    assertThatThrownBy(() -> parse("com.acme.Top() over 7d"))
        .hasMessageContaining("an aggregate takes an expression between its brackets");
    assertThat(parse("com.acme.Top(note) by city over 7d").orElseThrow().by())
        .map(SqlText::sql)
        .contains("city");
  }

  @Test
  void readsCalendarDaysInTheZoneOfTheFileWhereNoneIsNamed() throws Exception {
    AggregateText text =
        parse(
                "sum(a) where b over 7 calendar-days in Etc/GMT+5, 1 Calendar-Days,1 calendar-day  IN"
                    + " Europe/Berlin, 7d")
            .orElseThrow();
    assertThat(text.windows())
        .containsExactly(
            new Window.CalendarDays(7, ZoneId.of("Etc/GMT+5")),
            new Window.CalendarDays(1, ZoneId.of("UTC")),
            new Window.CalendarDays(1, ZoneId.of("Europe/Berlin")),
            Window.parse("7d"))
        .hasToString(
            "[7 calendar-days in Etc/GMT+5, 1 calendar-day in UTC, 1 calendar-day in Europe/Berlin, 7d]");
    assertThat(text.windows())
        .map(Window::suffix)
        .containsExactly("7_calendar_days", "1_calendar_day", "1_calendar_day", "7d");
  }

  @Test
  void takesAnythingElseForALookUp() throws Exception {
    assertThat(parse("visib")).isEmpty();
    assertThat(parse("coalesce(a, b)")).isEmpty();
    assertThat(parse("first_name")).isEmpty();
    assertThat(parse("max(a) + 1")).isEmpty();
  }

  @Test
  void saysWhatIsWrongAndWhere() {
    fails(
        "mean(a)",
        0,
        "the aggregate mean needs a window. Write AGGREGATE(EXPRESSION) over WINDOW,"
            + " as in mean(arr_delay > 15) over 6h, 1d.");
    fails("mean(a) where b", 0, "the aggregate mean needs a window.");
    fails(
        "mean(a) / count(*) over 1d",
        8,
        "only one aggregate stands before \"over\". Compute with"
            + " several in \"derived\", from features of their own.");
    fails("a > 5 over 1d", 0, "what stands before \"over\" is no aggregate of an expression.");
    fails("over 1d", 0, "an aggregate stands before \"over\".");
    fails("mean(a) over", 8, "a window is missing after \"over\".");
    fails("mean(a) over 1d,", 8, "a window is missing after \"over\".");
    fails(
        "mean(a) over 1 day",
        13,
        "the window \"1 day\" is no duration. Write a number and us, ms, s, m, h or d, as in 6h, 1d; or days of"
            + " a calendar, as in 7 calendar-days in America/New_York.");
    fails("mean(a) over (partition by b)", 13, "the window \"(partition by b)\" is no duration.");
    fails("mean(a) over 1d where b", 16, "\"where\" stands before \"over\".");
    fails("mean(a) over 1d, 24h", 17, "the window 24h is the same as 1d. Keep one.");
    fails("mean(a) over 1d, 1d", 17, "the window 1d is written twice. Keep one.");
    fails(
        "mean(a) over 7 calendar-days, 7 calendar-days in UTC",
        30,
        "the window 7 calendar-days in UTC is written twice. Keep one.");
    fails("mean(a) over 0 calendar-days", 13, "the window 0 calendar-days is empty.");
    fails(
        "mean(a) over 100000 calendar-days",
        13,
        "the window 100000 calendar-days is too long. Write at most 99999 calendar-days.");
    fails("mean(a) over 7 calendar-weeks", 13, "the window \"7 calendar-weeks\" is no duration.");
    fails(
        "mean(a) over 7 calendar-days in America/NewYork",
        32,
        "\"America/NewYork\" is no time zone. Did you mean \"America/New_York\"?");
    fails("mean(a) over 0d", 13, "the window 0d is empty.");
    fails("maen(a) over 1d", 0, "no aggregate \"maen\". Did you mean \"mean\"?");
    fails("median(a) over 1d", 0, "no aggregate \"median\". Write percentile(x, 0.5).");
    fails(
        "approx_distinct(a) over 1d",
        0,
        "no aggregate \"approx_distinct\". Write approx_count_distinct.");
    fails("mean(a) by b", 0, "the aggregate mean needs a window.");
    fails("mean(a) by over 1d", 8, "no expression stands after \"by\". Write one.");
    fails("mean(a) where by b over 1d", 8, "no condition stands after \"where\". Write one.");
    fails("mean(a) by b where c over 1d", 8, "\"by\" stands before \"over\" and after \"where\".");
    fails("mean(a) over 1d by b", 16, "\"by\" stands before \"over\" and after \"where\".");
    fails("value_counts(a) over 1d", 0, "no aggregate \"value_counts\". Write histogram.");
    fails("histogram() over 1d", 0, "histogram takes an expression. Write histogram(x).");
    fails("mean(a, 2) over 1d", 8, "mean takes one expression and no parameter. Leave it out.");
    fails("mean(a, b) over 1d", 8, "the parameter \"b\" of mean is no number.");
    fails("mean() over 1d", 0, "mean takes an expression. Write mean(x).");
    fails("mean(*) over 1d", 5, "only count takes *.");
    fails("count() over 1d", 0, "count takes an expression or *.");
    fails(
        "count(distinct a) over 1d",
        6,
        "\"distinct\" is no part of an expression. Write" + " count_distinct(x).");
    fails("time_since_last(a) over 1d", 16, "time_since_last takes nothing.");
    fails("percentile(a) over 1d", 0, "percentile takes an expression and a share from 0 to 1.");
    fails(
        "percentile(a, 90) over 1d", 0, "percentile takes an expression and a share from 0 to 1.");
    fails(
        "last_k(a, 0) over 1d", 0, "last_k takes an expression and a whole number from 1 to 1000.");
    fails("mean(a,) over 1d", 7, "something is missing here. Write it.");
    fails("mean(a) where over 1d", 8, "no condition stands after \"where\". Write one.");
    fails("mean(a over 1d", 4, "the \"(\" that opens here is never closed.");
    fails("mean(a)) over 1d", 7, "this \")\" closes nothing.");
    fails("mean(a = 'x) over 1d", 9, "the quote ' that opens here is never closed.");
    fails("mean(a /* b) over 1d", 7, "the comment that begins here has no end.");
  }

  private static void fails(String text, int offset, String why) {
    assertThatThrownBy(() -> parse(text))
        .as(text)
        .isInstanceOfSatisfying(
            SqlTokens.Unreadable.class, e -> assertThat(e.offset()).as(text).isEqualTo(offset))
        .hasMessageStartingWith(why);
  }

  static YamlValue value() {
    Problems problems = new Problems();
    Origin origin =
        new Origin(
            "features/v.yaml",
            "view v@1",
            ZoneId.of("UTC"),
            problems,
            new Links(Path.of("/p")),
            Optional.empty());
    return YamlFile.parse("a: b\n", origin).orElseThrow().entries().get(0).value();
  }

  private static Optional<AggregateText> parse(String text) throws SqlTokens.Unreadable {
    return AggregateText.parse(value(), text);
  }
}
