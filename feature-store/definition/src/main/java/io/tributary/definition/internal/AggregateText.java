package io.tributary.definition.internal;

import io.tributary.core.Durations;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import io.tributary.definition.Aggregate;
import io.tributary.definition.Aggregate.Argument;
import io.tributary.definition.Aggregate.Function;
import io.tributary.definition.SqlText;
import io.tributary.definition.Window;
import io.tributary.definition.internal.SqlTokens.Kind;
import io.tributary.definition.internal.SqlTokens.Token;
import io.tributary.definition.internal.SqlTokens.Unreadable;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A windowed feature as it is written: {@code AGGREGATE(EXPRESSION, PARAMETERS) [where EXPRESSION]
 * [by EXPRESSION] over WINDOW, WINDOW…}.
 */
record AggregateText(
    Aggregate aggregate,
    Optional<SqlText> argument,
    Optional<SqlText> where,
    Optional<SqlText> by,
    List<Window> windows) {
  private static final String GRAMMAR =
      "Write AGGREGATE(EXPRESSION) over WINDOW, as in mean(arr_delay > 15) over 6h, 1d.";

  private static final Pattern CALENDAR =
      Pattern.compile(
          "(?<days>\\d+)\\s*calendar-days?(?:\\s+in\\s+(?<zone>\\S+))?", Pattern.CASE_INSENSITIVE);

  /** Names from other systems, and how the thing is said here. */
  private static final Map<String, String> ELSEWHERE =
      Map.ofEntries(
          Map.entry("avg", "mean"),
          Map.entry("average", "mean"),
          Map.entry("median", "percentile(x, 0.5)"),
          Map.entry("quantile", "percentile(x, 0.5)"),
          Map.entry("std", "stddev_samp"),
          Map.entry("stddev", "stddev_samp"),
          Map.entry("var", "var_samp"),
          Map.entry("variance", "var_samp"),
          Map.entry("mode", "most_common"),
          Map.entry("nunique", "count_distinct"),
          Map.entry("approx_distinct", "approx_count_distinct"),
          Map.entry("value_counts", "histogram"),
          Map.entry("first_value", "first"),
          Map.entry("last_value", "last"),
          Map.entry("collect_list", "last_k(x, 10)"));

  /** What a feature's text is: empty for a look-up, which has neither an aggregate nor windows. */
  static Optional<AggregateText> parse(YamlValue value, String text) throws Unreadable {
    List<Token> tokens = SqlTokens.of(text);
    int over = find(tokens, 0, "over");
    if (over < 0) {
      refuseWithoutWindow(tokens);
      return Optional.empty();
    }
    if (over == 0) {
      throw new Unreadable(
          tokens.get(0).start(), "an aggregate stands before \"over\". " + GRAMMAR);
    }
    Token head = tokens.get(0);
    int open = opening(tokens, 0);
    if (open < 0) {
      throw new Unreadable(
          head.start(), "what stands before \"over\" is no aggregate of an expression. " + GRAMMAR);
    }
    int close = closing(tokens, open);
    int where = find(tokens, close, "where");
    if (where > over) {
      throw new Unreadable(
          tokens.get(where).start(),
          "\"where\" stands before \"over\". Write AGGREGATE(EXPRESSION) where EXPRESSION over"
              + " WINDOW.");
    }
    int by = find(tokens, close, "by");
    if (by > over || by >= 0 && by < where) {
      throw new Unreadable(
          tokens.get(by).start(),
          "\"by\" stands before \"over\" and after \"where\". Write AGGREGATE(EXPRESSION) where"
              + " EXPRESSION by EXPRESSION over WINDOW.");
    }
    int afterWhere = by < 0 ? over : by;
    int afterCall = close + 1;
    if (afterCall != (where < 0 ? afterWhere : where)) {
      throw new Unreadable(
          tokens.get(afterCall).start(),
          "only one aggregate stands before \"over\". Compute with several in \"derived\", from"
              + " features of their own.");
    }
    Call whole = call(value, text, tokens, 0);
    Optional<SqlText> filter = Optional.empty();
    if (where >= 0) {
      if (where + 1 == afterWhere) {
        throw new Unreadable(
            tokens.get(where).start(), "no condition stands after \"where\". Write one.");
      }
      filter =
          Optional.of(
              sql(value, slice(text, tokens.get(where).end(), tokens.get(afterWhere).start())));
    }
    Optional<SqlText> dimension = Optional.empty();
    if (by >= 0) {
      if (by + 1 == over) {
        throw new Unreadable(
            tokens.get(by).start(), "no expression stands after \"by\". Write one.");
      }
      dimension =
          Optional.of(sql(value, slice(text, tokens.get(by).end(), tokens.get(over).start())));
    }
    return Optional.of(
        new AggregateText(
            whole.aggregate(),
            whole.argument(),
            filter,
            dimension,
            windows(value, text, tokens, over)));
  }

  /** An aggregate of an expression, and the token that closes it. */
  record Call(Aggregate aggregate, Optional<SqlText> argument, int close) {}

  /** Whether an aggregate begins at a token: one of ours, of the project's, of another system. */
  static boolean isCall(List<Token> tokens, int at) {
    int open = opening(tokens, at);
    return open > at + 1
        || open == at + 1
            && (byName(tokens.get(at).text()).isPresent()
                || ELSEWHERE.containsKey(tokens.get(at).text().toLowerCase(Locale.ROOT)));
  }

  /** The aggregate that begins at a token. */
  static Call call(YamlValue value, String text, List<Token> tokens, int at) throws Unreadable {
    Token head = tokens.get(at);
    int open = opening(tokens, at);
    int close = closing(tokens, open);
    List<Slice> arguments = arguments(text, tokens, open, close);
    boolean own = open > at + 1;
    Function function = own ? Function.CUSTOM : function(head);
    Optional<String> implementation =
        own
            ? Optional.of(
                tokens.subList(at, open).stream().map(Token::text).collect(Collectors.joining()))
            : Optional.empty();
    return new Call(
        new Aggregate(function, parameters(function, head, arguments), implementation),
        argument(value, function, head, arguments),
        close);
  }

  /** The bracket behind a name or the full name of a class; -1 where there is none. */
  private static int opening(List<Token> tokens, int at) {
    int i = at;
    while (i < tokens.size() && tokens.get(i).kind() == Kind.WORD) {
      i++;
      if (i < tokens.size() && tokens.get(i).isSign("(")) {
        return i;
      }
      if (i == tokens.size() || !tokens.get(i).isSign(".")) {
        return -1;
      }
      i++;
    }
    return -1;
  }

  private static void refuseWithoutWindow(List<Token> tokens) throws Unreadable {
    if (tokens.size() < 2 || tokens.get(0).kind() != Kind.WORD || !tokens.get(1).isSign("(")) {
      return;
    }
    int close = closing(tokens, 1);
    boolean whole =
        close == tokens.size() - 1
            || tokens.get(close + 1).isWord("where")
            || tokens.get(close + 1).isWord("by");
    Optional<Function> known = byName(tokens.get(0).text());
    if (whole && known.isPresent()) {
      throw new Unreadable(
          tokens.get(0).start(),
          "the aggregate " + known.get().text() + " needs a window. " + GRAMMAR);
    }
  }

  private static Function function(Token head) throws Unreadable {
    Optional<Function> known = byName(head.text());
    if (known.isPresent()) {
      return known.get();
    }
    List<String> names = Function.named().stream().map(Function::text).toList();
    String elsewhere = ELSEWHERE.get(head.text().toLowerCase(Locale.ROOT));
    throw new Unreadable(
        head.start(),
        "no aggregate \""
            + head.text()
            + "\"."
            + (elsewhere != null
                ? " Write " + elsewhere + "."
                : Nearest.of(head.text(), names)
                    .map(near -> " Did you mean \"" + near + "\"?")
                    .orElse(" Aggregates: " + String.join(", ", names) + ".")));
  }

  private static Optional<Function> byName(String name) {
    return Function.named().stream().filter(f -> f.text().equalsIgnoreCase(name)).findFirst();
  }

  private static List<Double> parameters(Function function, Token head, List<Slice> arguments)
      throws Unreadable {
    List<Double> parameters = new ArrayList<>();
    for (Slice slice : arguments.subList(Math.min(1, arguments.size()), arguments.size())) {
      parameters.add(
          YamlTypes.decimal(slice.text())
              .orElseThrow(
                  () ->
                      new Unreadable(
                          slice.start(),
                          "the parameter \""
                              + slice.text()
                              + "\" of "
                              + function.text()
                              + " is no number. Write one.")));
    }
    switch (function.parameter()) {
      case SHARE -> {
        if (parameters.size() != 1 || parameters.get(0) < 0 || parameters.get(0) > 1) {
          throw new Unreadable(
              head.start(),
              function.text()
                  + " takes an expression and a share from 0 to 1. Write "
                  + function.text()
                  + "(x, 0.9).");
        }
      }
      case LENGTH -> {
        double k = parameters.size() == 1 ? parameters.get(0) : 0;
        if (k < 1 || k > 1000 || k != Math.rint(k)) {
          throw new Unreadable(
              head.start(),
              function.text()
                  + " takes an expression and a whole number from 1 to 1000. Write "
                  + function.text()
                  + "(x, 3).");
        }
      }
      case OWN -> {}
      case NONE -> {
        if (!parameters.isEmpty()) {
          throw new Unreadable(
              arguments.get(1).start(),
              function.text() + " takes one expression and no parameter. Leave it out.");
        }
      }
    }
    return parameters;
  }

  private static Optional<SqlText> argument(
      YamlValue value, Function function, Token head, List<Slice> arguments) throws Unreadable {
    if (function.argument() == Argument.NONE) {
      if (!arguments.isEmpty()) {
        throw new Unreadable(
            arguments.get(0).start(),
            function.text() + " takes nothing. Write " + function.text() + "() over 7d.");
      }
      return Optional.empty();
    }
    if (arguments.isEmpty()) {
      throw new Unreadable(
          head.start(),
          function.argument() == Argument.ANY_OR_ALL
              ? "count takes an expression or *. Write count(*)."
              : function == Function.CUSTOM
                  ? "an aggregate takes an expression between its brackets. Write one."
                  : function.text() + " takes an expression. Write " + function.text() + "(x).");
    }
    Slice first = arguments.get(0);
    if (first.text().equals("*")) {
      if (function.argument() == Argument.ANY_OR_ALL) {
        return Optional.empty();
      }
      throw new Unreadable(
          first.start(), "only count takes *. Write the expression that is aggregated.");
    }
    if (first.text().toLowerCase(Locale.ROOT).matches("distinct\\b.*")) {
      throw new Unreadable(
          first.start(), "\"distinct\" is no part of an expression. Write count_distinct(x).");
    }
    return Optional.of(sql(value, first));
  }

  private static List<Window> windows(YamlValue value, String text, List<Token> tokens, int over)
      throws Unreadable {
    Token word = tokens.get(over);
    List<Window> windows = new ArrayList<>();
    Map<Object, String> seen = new HashMap<>();
    int start = word.end();
    List<Integer> ends = new ArrayList<>();
    for (Token token : tokens.subList(over + 1, tokens.size())) {
      if (token.isSign(",") && token.depth() == 0) {
        ends.add(token.start());
      }
    }
    ends.add(text.length());
    for (int end : ends) {
      Slice slice = slice(text, start, end);
      start = end + 1;
      Window window = window(value, slice, word);
      Object meaning = window instanceof Window.Physical p ? p.length() : window;
      String same = seen.putIfAbsent(meaning, window.text());
      if (same != null) {
        throw new Unreadable(
            slice.start(),
            "the window "
                + window.text()
                + " is "
                + (same.equals(window.text()) ? "written twice" : "the same as " + same)
                + ". Keep one.");
      }
      windows.add(window);
    }
    return windows;
  }

  private static Window window(YamlValue value, Slice slice, Token over) throws Unreadable {
    int at = slice.text().isEmpty() ? over.start() : slice.start();
    Matcher calendar = CALENDAR.matcher(slice.text());
    if (calendar.matches()) {
      return calendarDays(value, at, slice.text(), calendar);
    }
    Duration length;
    try {
      length = Durations.parse(slice.text());
    } catch (PlatformException e) {
      throw new Unreadable(
          at,
          slice.text().isEmpty()
              ? "a window is missing after \"over\". Write one, as in 6h, 1d."
              : "the window \""
                  + YamlValue.shortened(slice.text())
                  + "\" is no duration. Write "
                  + Durations.FORM
                  + ", as in 6h, 1d; or days of a"
                  + " calendar, as in 7 calendar-days in America/New_York.");
    }
    if (length.isZero()) {
      throw new Unreadable(at, "the window " + slice.text() + " is empty. Write a longer one.");
    }
    return new Window.Physical(slice.text(), length);
  }

  private static Window calendarDays(YamlValue value, int at, String text, Matcher calendar)
      throws Unreadable {
    BigInteger days = new BigInteger(calendar.group("days"));
    if (days.signum() == 0) {
      throw new Unreadable(at, "the window " + text + " is empty. Write a longer one.");
    }
    if (days.compareTo(BigInteger.valueOf(Window.CalendarDays.MOST_DAYS)) > 0) {
      throw new Unreadable(
          at,
          "the window "
              + YamlValue.shortened(text)
              + " is too long. Write at most "
              + Window.CalendarDays.MOST_DAYS
              + " calendar-days.");
    }
    String zone = calendar.group("zone");
    try {
      return new Window.CalendarDays(
          days.intValue(), zone == null ? value.origin().zone() : ZoneId.of(zone));
    } catch (DateTimeException e) {
      throw new Unreadable(
          at + calendar.start("zone"),
          "\""
              + YamlValue.shortened(zone)
              + "\" is no time zone."
              + Nearest.of(zone, ZoneId.getAvailableZoneIds().stream().sorted().toList())
                  .map(near -> " Did you mean \"" + near + "\"?")
                  .orElse(" Write one as in America/New_York or UTC."));
    }
  }

  /** A piece of text without the blanks around it, and where it begins. */
  record Slice(String text, int start) {}

  static Slice slice(String text, int from, int to) {
    String piece = text.substring(from, to);
    return new Slice(piece.strip(), from + piece.length() - piece.stripLeading().length());
  }

  static SqlText sql(YamlValue value, Slice slice) {
    return new SqlText(slice.text(), value.origin().location(value.lineAt(slice.start())));
  }

  /** What stands between commas in the brackets that open and close at these tokens. */
  static List<Slice> arguments(String text, List<Token> tokens, int open, int close)
      throws Unreadable {
    List<Slice> arguments = new ArrayList<>();
    if (close == open + 1) {
      return arguments;
    }
    int depth = tokens.get(open).depth() + 1;
    int start = tokens.get(open).end();
    for (Token token : tokens.subList(open + 1, close + 1)) {
      boolean last = token.start() == tokens.get(close).start();
      if (last || (token.isSign(",") && token.depth() == depth)) {
        Slice slice = slice(text, start, token.start());
        if (slice.text().isEmpty()) {
          throw new Unreadable(token.start(), "something is missing here. Write it.");
        }
        arguments.add(slice);
        start = token.end();
      }
    }
    return arguments;
  }

  /** The token that closes the bracket that opens at {@code open}. */
  static int closing(List<Token> tokens, int open) {
    int depth = tokens.get(open).depth();
    int at = open + 1;
    while (tokens.get(at).depth() != depth) {
      at++;
    }
    return at;
  }

  /** The first such word outside all brackets from a token on, or −1. */
  static int find(List<Token> tokens, int from, String word) {
    for (int i = from; i < tokens.size(); i++) {
      if (tokens.get(i).depth() == 0 && tokens.get(i).isWord(word)) {
        return i;
      }
    }
    return -1;
  }
}
