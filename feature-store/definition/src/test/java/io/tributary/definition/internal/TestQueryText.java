package io.tributary.definition.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.definition.SourceInput;
import io.tributary.definition.SqlText;
import org.junit.jupiter.api.Test;

class TestQueryText {
  @Test
  void readsColumnsSourceAndFilter() throws Exception {
    SourceInput.Query query =
        parse(
            """
            SELECT a, f(b, ', from x where ') as c, -- a comment, from nowhere
              cast(d as int) AS e
            FROM s
            WHERE a > 1 and b in (select, 'from')
            """);
    assertThat(query.source()).isEqualTo("s");
    assertThat(query.columns())
        .extracting(c -> c.name() + " = " + c.expression())
        .containsExactly("a = a", "c = f(b, ', from x where ')", "e = cast(d as int)");
    assertThat(query.where()).map(SqlText::sql).contains("a > 1 and b in (select, 'from')");
  }

  @Test
  void saysWhatIsWrongAndWhere() {
    fails("a from s", 0, "a query begins with select.");
    fails("", 0, "a query begins with select.");
    fails("select a", 0, "\"from\" is missing.");
    fails("select from s", 7, "no column stands after select.");
    fails("select a from", 9, "the name of a source stands after \"from\".");
    fails("select a from (select b from t)", 9, "the name of a source stands after \"from\".");
    fails(
        "select a from s join t on x",
        16,
        "a query reads one source, without \"join\". Take"
            + " reference data in by \"lookup\" of a static source.");
    fails("select a from s, t", 15, "a query reads one source, without \",\".");
    fails("select a from s group by a", 16, "a query reads one source, without \"group\".");
    fails("select a from s t", 16, "only \"where\" can follow the source, not \"t\".");
    fails("select a from s where", 16, "no condition stands after \"where\".");
    fails(
        "select a from s where b order by a",
        24,
        "a query only selects and filters, without" + " \"order\".");
    fails("select * from s", 7, "columns are named one by one, not with *.");
    fails("select a, s.* from s", 10, "columns are named one by one, not with *.");
    fails("select distinct a from s", 7, "a query keeps each row, without \"distinct\".");
    fails("select a + 1 from s", 7, "the column \"a + 1\" has no name. Write EXPRESSION as NAME.");
    fails("select a b from s", 7, "the column \"a b\" has no name.");
    fails("select a,, b from s", 9, "a column is missing before this.");
    fails("select a, from s", 10, "a column is missing before this.");
    fails("select a, b as A from s", 10, "the column \"A\" stands twice.");
    fails("select a as _a from s", 12, "\"_a\" is reserved");
    fails("select a as x__y from s", 12, "\"x__y\" is reserved");
  }

  private static void fails(String text, int offset, String why) {
    assertThatThrownBy(() -> parse(text))
        .as(text)
        .isInstanceOfSatisfying(
            SqlTokens.Unreadable.class, e -> assertThat(e.offset()).as(text).isEqualTo(offset))
        .hasMessageStartingWith(why);
  }

  private static SourceInput.Query parse(String text) throws SqlTokens.Unreadable {
    return QueryText.parse(TestAggregateText.value(), text);
  }
}
