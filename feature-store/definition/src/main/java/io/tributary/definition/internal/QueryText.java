package io.tributary.definition.internal;

import io.tributary.definition.Derivation;
import io.tributary.definition.SourceInput;
import io.tributary.definition.SqlText;
import io.tributary.definition.internal.AggregateText.Slice;
import io.tributary.definition.internal.SqlTokens.Kind;
import io.tributary.definition.internal.SqlTokens.Token;
import io.tributary.definition.internal.SqlTokens.Unreadable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** A query source's text: {@code select EXPRESSION [as NAME], … from SOURCE [where EXPRESSION]}. */
final class QueryText {
  private static final String GRAMMAR =
      "Write select EXPRESSION as NAME, ... from SOURCE where EXPRESSION.";
  private static final Set<String> NOT_HERE =
      Set.of(
          "join",
          "inner",
          "left",
          "right",
          "full",
          "cross",
          "on",
          "using",
          "group",
          "having",
          "order",
          "limit",
          "union",
          "except",
          "intersect",
          "lateral",
          "window",
          "with");

  private QueryText() {}

  static SourceInput.Query parse(YamlValue value, String text) throws Unreadable {
    List<Token> tokens = SqlTokens.of(text);
    if (tokens.isEmpty() || !tokens.get(0).isWord("select")) {
      throw new Unreadable(
          tokens.isEmpty() ? 0 : tokens.get(0).start(), "a query begins with select. " + GRAMMAR);
    }
    int from = AggregateText.find(tokens, 1, "from");
    if (from < 0) {
      throw new Unreadable(tokens.get(0).start(), "\"from\" is missing. " + GRAMMAR);
    }
    if (from == 1) {
      throw new Unreadable(tokens.get(1).start(), "no column stands after select. " + GRAMMAR);
    }
    if (from + 1 == tokens.size() || tokens.get(from + 1).kind() != Kind.WORD) {
      throw new Unreadable(
          tokens.get(from).start(), "the name of a source stands after \"from\". " + GRAMMAR);
    }
    Token source = tokens.get(from + 1);
    Optional<SqlText> where = Optional.empty();
    if (from + 2 < tokens.size()) {
      Token next = tokens.get(from + 2);
      if (!next.isWord("where")) {
        String word = next.text().toLowerCase(Locale.ROOT);
        throw new Unreadable(
            next.start(),
            (NOT_HERE.contains(word) || word.equals(",")
                    ? "a query reads one source, without \"" + next.text() + "\"."
                    : "only \"where\" can follow the source, not \"" + next.text() + "\".")
                + (word.equals("join") || word.equals("left") || word.equals(",")
                    ? " Take reference data in by \"lookup\" of a static source."
                    : " " + GRAMMAR));
      }
      if (from + 3 == tokens.size()) {
        throw new Unreadable(next.start(), "no condition stands after \"where\". Write one.");
      }
      for (Token token : tokens.subList(from + 3, tokens.size())) {
        if (token.depth() == 0
            && token.kind() == Kind.WORD
            && Set.of("group", "having", "order", "limit", "union")
                .contains(token.text().toLowerCase(Locale.ROOT))) {
          throw new Unreadable(
              token.start(),
              "a query only selects and filters, without \"" + token.text() + "\". " + GRAMMAR);
        }
      }
      where =
          Optional.of(
              AggregateText.sql(value, AggregateText.slice(text, next.end(), text.length())));
    }
    return new SourceInput.Query(source.text(), columns(value, text, tokens, from), where);
  }

  private static List<Derivation> columns(
      YamlValue value, String text, List<Token> tokens, int from) throws Unreadable {
    List<Derivation> columns = new ArrayList<>();
    Set<String> names = new HashSet<>();
    int first = 1;
    for (int i = 1; i <= from; i++) {
      Token token = tokens.get(i);
      if (i < from && !(token.isSign(",") && token.depth() == 0)) {
        continue;
      }
      if (i == first) {
        throw new Unreadable(token.start(), "a column is missing before this. Write it.");
      }
      Derivation column = column(value, text, tokens.subList(first, i));
      if (!names.add(column.name().toLowerCase(Locale.ROOT))) {
        throw new Unreadable(
            tokens.get(first).start(),
            "the column \"" + column.name() + "\" stands twice. Name one of them otherwise.");
      }
      columns.add(column);
      first = i + 1;
    }
    return columns;
  }

  private static Derivation column(YamlValue value, String text, List<Token> item)
      throws Unreadable {
    Token begin = item.get(0);
    Token end = item.get(item.size() - 1);
    if (item.size() == 1 && begin.kind() == Kind.WORD) {
      return new Derivation(
          name(begin), AggregateText.sql(value, new Slice(begin.text(), begin.start())));
    }
    if (begin.isSign("*") || end.isSign("*")) {
      throw new Unreadable(
          begin.start(), "columns are named one by one, not with *. Write their names.");
    }
    if (begin.isWord("distinct")) {
      throw new Unreadable(
          begin.start(), "a query keeps each row, without \"distinct\". Leave it out.");
    }
    Token as = item.size() > 2 ? item.get(item.size() - 2) : begin;
    if (item.size() < 3 || !as.isWord("as") || as.depth() != 0 || end.kind() != Kind.WORD) {
      throw new Unreadable(
          begin.start(),
          "the column \""
              + YamlValue.shortened(text.substring(begin.start(), end.end()))
              + "\" has no name. Write EXPRESSION as NAME.");
    }
    return new Derivation(
        name(end), AggregateText.sql(value, AggregateText.slice(text, begin.start(), as.start())));
  }

  private static String name(Token token) throws Unreadable {
    String name = token.text();
    if (name.startsWith("_") || name.contains("__")) {
      throw new Unreadable(
          token.start(),
          "\""
              + name
              + "\" is reserved: names that begin with \"_\" or hold \"__\" are the platform's own."
              + " Name it otherwise.");
    }
    return name;
  }
}
