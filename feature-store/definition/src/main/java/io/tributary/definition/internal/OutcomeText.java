package io.tributary.definition.internal;

import io.tributary.definition.Aggregate.Function;
import io.tributary.definition.Feature;
import io.tributary.definition.OutcomeWindow;
import io.tributary.definition.SqlText;
import io.tributary.definition.Window;
import io.tributary.definition.internal.SqlTokens.Kind;
import io.tributary.definition.internal.SqlTokens.Token;
import io.tributary.definition.internal.SqlTokens.Unreadable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * An outcome as it is written: {@code EXPRESSION from SOURCE [where EXPRESSION]}, the first
 * expression one of aggregates, as in {@code count(*) = 0 from purchases where amount > 0}.
 */
final class OutcomeText {
  private static final String GRAMMAR =
      "Write an expression of aggregates and where the events come from, as in count(*) > 0 from"
          + " purchases.";

  /**
   * An outcome's text in its parts.
   *
   * @param value from a text of aggregates
   */
  record Parts(SqlText value, Token source, Optional<SqlText> events) {}

  private final Window window;
  private final Map<String, Feature.Windowed> aggregates = new LinkedHashMap<>();
  private final List<String> names = new ArrayList<>();

  OutcomeText(OutcomeWindow during) {
    this.window = new Window.Physical(during.text(), during.length());
  }

  /** Whether a label's text says where events come from. */
  static boolean namesSource(List<Token> tokens) {
    return from(tokens) >= 0;
  }

  /** The last {@code from} outside all brackets that is none of {@code is distinct from}. */
  private static int from(List<Token> tokens) {
    int where = AggregateText.find(tokens, 0, "where");
    for (int i = (where < 0 ? tokens.size() : where) - 1; i >= 0; i--) {
      Token token = tokens.get(i);
      boolean distinct = i > 0 && tokens.get(i - 1).isWord("distinct");
      if (token.depth() == 0 && token.isWord("from") && !distinct) {
        return i;
      }
    }
    return -1;
  }

  /** The text's parts; {@link #aggregates()} then has those of the value. */
  Parts parse(YamlValue value, String text) throws Unreadable {
    List<Token> tokens = SqlTokens.of(text);
    int from = from(tokens);
    if (from < 0) {
      throw new Unreadable(0, "no source of events is named. " + GRAMMAR);
    }
    if (from == 0) {
      throw new Unreadable(0, "an aggregate stands before \"from\". " + GRAMMAR);
    }
    if (from + 1 == tokens.size() || tokens.get(from + 1).kind() != Kind.WORD) {
      throw new Unreadable(tokens.get(from).start(), "no source stands after \"from\". " + GRAMMAR);
    }
    Token source = tokens.get(from + 1);
    Optional<SqlText> events = Optional.empty();
    if (from + 2 < tokens.size()) {
      Token where = tokens.get(from + 2);
      if (!where.isWord("where")) {
        throw new Unreadable(
            where.start(),
            "after the source stands \"where\" with a condition, or nothing. Leave the rest out.");
      }
      if (from + 3 == tokens.size()) {
        throw new Unreadable(where.start(), "no condition stands after \"where\". Write one.");
      }
      events =
          Optional.of(
              AggregateText.sql(value, AggregateText.slice(text, where.end(), text.length())));
    }
    int known = names.size();
    SqlText rewritten = rewritten(value, text, tokens.subList(0, from), tokens.get(from).start());
    if (names.size() == known) {
      throw new Unreadable(
          0, "an outcome over an interval is made of aggregates, and here is none. " + GRAMMAR);
    }
    return new Parts(rewritten, source, events);
  }

  /** A further expression of aggregates over the same events. */
  SqlText condition(YamlValue value, String text) throws Unreadable {
    return rewritten(value, text, SqlTokens.of(text), text.length());
  }

  /** The aggregates of all expressions so far, each once. */
  List<Feature.Windowed> aggregates() {
    return List.copyOf(aggregates.values());
  }

  /** The text with the name of a column in place of each aggregate. */
  private SqlText rewritten(YamlValue value, String text, List<Token> tokens, int end)
      throws Unreadable {
    StringBuilder out = new StringBuilder();
    int done = 0;
    int i = 0;
    while (i < tokens.size()) {
      if (!AggregateText.isCall(tokens, i)) {
        i++;
        continue;
      }
      AggregateText.Call call = AggregateText.call(value, text, tokens, i);
      if (call.aggregate().function() == Function.TIME_SINCE_LAST) {
        throw new Unreadable(
            tokens.get(i).start(),
            "time_since_last looks back from an instant, and an outcome has an interval. Take"
                + " max(...) of a time.");
      }
      Token close = tokens.get(call.close());
      out.append(text, done, tokens.get(i).start())
          .append(name(text.substring(tokens.get(i).start(), close.end()), call));
      done = close.end();
      i = call.close() + 1;
    }
    out.append(text, done, end);
    return new SqlText(out.toString().strip(), value.origin().location(value.lineAt(0)));
  }

  /** The column of an aggregate; the same text has the same. */
  private String name(String text, AggregateText.Call call) {
    String key = text.replaceAll("\\s+", " ");
    Feature.Windowed known = aggregates.get(key);
    if (known != null) {
      return known.name();
    }
    String plain =
        "_" + key.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_").replaceAll("_$", "");
    String name = plain;
    for (int n = 2; names.contains(name); n++) {
      name = plain + "_" + n;
    }
    names.add(name);
    aggregates.put(
        key,
        new Feature.Windowed(name, call.aggregate(), call.argument(), Optional.empty(), window));
    return name;
  }
}
