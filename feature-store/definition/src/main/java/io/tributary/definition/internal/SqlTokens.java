package io.tributary.definition.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * An expression cut into words, numbers, quoted texts and signs, each with its place and its depth
 * in brackets: enough to find {@code over}, {@code where} and commas, and no parser of SQL.
 */
final class SqlTokens {
  /** What a token is. */
  enum Kind {
    WORD,
    NUMBER,
    QUOTED,
    SIGN
  }

  /**
   * A token.
   *
   * @param depth how many brackets are open around it; a bracket itself has the depth outside it
   */
  record Token(Kind kind, String text, int start, int end, int depth) {
    boolean isWord(String word) {
      return kind == Kind.WORD && text.equalsIgnoreCase(word);
    }

    boolean isSign(String sign) {
      return kind == Kind.SIGN && text.equals(sign);
    }
  }

  /** Text that can't be read, and where in it. */
  static final class Unreadable extends Exception {
    private static final long serialVersionUID = 1L;
    private final int offset;

    Unreadable(int offset, String why) {
      super(why);
      this.offset = offset;
    }

    int offset() {
      return offset;
    }

    void report(YamlValue value) {
      value
          .origin()
          .problem(
              value.lineAt(offset),
              value.subject() + ", " + value.positionAt(offset) + ": " + getMessage());
    }
  }

  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private final Deque<Token> open = new ArrayDeque<>();

  private SqlTokens(String text) {
    this.text = text;
  }

  static List<Token> of(String text) throws Unreadable {
    SqlTokens tokens = new SqlTokens(text);
    tokens.run();
    return List.copyOf(tokens.tokens);
  }

  private void run() throws Unreadable {
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (Character.isWhitespace(c)) {
        at++;
      } else if (text.startsWith("--", at)) {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (text.startsWith("/*", at)) {
        int end = text.indexOf("*/", at + 2);
        if (end < 0) {
          throw new Unreadable(at, "the comment that begins here has no end. Close it with */.");
        }
        at = end + 2;
      } else if (c == '\'' || c == '"' || c == '`') {
        at = add(Kind.QUOTED, at, quoted(at, c));
      } else if (isWordStart(c)) {
        at = add(Kind.WORD, at, word(at));
      } else if (Character.isDigit(c)) {
        at = add(Kind.NUMBER, at, number(at));
      } else {
        at = sign(at, c);
      }
    }
    if (!open.isEmpty()) {
      Token bracket = open.peek();
      throw new Unreadable(
          bracket.start(),
          "the \""
              + bracket.text()
              + "\" that opens here is never closed. Close it (in a plain value a \" #\" begins a"
              + " comment, and inside {} or [] a comma ends the value).");
    }
  }

  private int add(Kind kind, int start, int end) {
    tokens.add(new Token(kind, text.substring(start, end), start, end, open.size()));
    return end;
  }

  private static boolean isWordStart(char c) {
    return Character.isLetter(c) || c == '_';
  }

  private int quoted(int start, char quote) throws Unreadable {
    int at = start + 1;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\\' && quote != '`') {
        at += 2;
      } else if (c == quote) {
        if (at + 1 < text.length() && text.charAt(at + 1) == quote) {
          at += 2;
        } else {
          return at + 1;
        }
      } else {
        at++;
      }
    }
    throw new Unreadable(
        start,
        "the quote "
            + quote
            + " that opens here is never closed. Close it (in a plain value a \" #\" begins a"
            + " comment).");
  }

  private int word(int start) {
    int at = start;
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
      at++;
    }
    return at;
  }

  private int number(int start) {
    int at = start;
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at))
            || text.charAt(at) == '.'
            || ((text.charAt(at) == '-' || text.charAt(at) == '+')
                && Character.toLowerCase(text.charAt(at - 1)) == 'e'
                && at + 1 < text.length()
                && Character.isDigit(text.charAt(at + 1))))) {
      at++;
    }
    return at;
  }

  private int sign(int at, char c) throws Unreadable {
    if (c == '(' || c == '[') {
      Token bracket = new Token(Kind.SIGN, String.valueOf(c), at, at + 1, open.size());
      tokens.add(bracket);
      open.push(bracket);
    } else if (c == ')' || c == ']') {
      if (open.isEmpty() || !open.peek().text().equals(c == ')' ? "(" : "[")) {
        throw new Unreadable(at, "this \"" + c + "\" closes nothing. Open it or leave it out.");
      }
      open.pop();
      tokens.add(new Token(Kind.SIGN, String.valueOf(c), at, at + 1, open.size()));
    } else {
      tokens.add(new Token(Kind.SIGN, String.valueOf(c), at, at + 1, open.size()));
    }
    return at + 1;
  }
}
