package io.tributary.expression.internal;

import java.util.regex.Pattern;

/** What Spark says of an error, without its error classes, plans, settings and fragments. */
final class PlainReason {
  private static final Pattern UPGRADE =
      Pattern.compile("^You may get a different result due to the upgrading to[^:]*:\\s*");
  private static final Pattern CLASS = Pattern.compile("^\\[[A-Z0-9_.]+\\]\\s*");
  private static final Pattern TAIL =
      Pattern.compile(
          "(?s)(\\R== ?SQL.*|\\R+'?(Project|LocalRelation|\\+-).*|;\\s*line \\d+ pos \\d+.*|\\s*\\(line \\d+, pos \\d+\\).*|\\s*SQLSTATE: \\w+.*)$");
  private static final Pattern SETTINGS =
      Pattern.compile(
          "(?s)\\s*(If necessary,? set|To return NULL instead|Please,? refer to '|If you have to cast|Use `?\"?spark\\.|1\\) You can set|You can set).*$");

  /** Of a message; one may have a whole value in it. */
  private static final int LONGEST = 2_000;

  private PlainReason() {}

  static String of(Throwable error) {
    String message = error.getMessage();
    if (message == null || message.isBlank()) {
      return error.getClass().getSimpleName();
    }
    String cut = message.length() > LONGEST ? message.substring(0, LONGEST) + "…" : message;
    String plain = CLASS.matcher(cut.strip()).replaceFirst("");
    plain = TAIL.matcher(plain).replaceFirst("");
    plain = UPGRADE.matcher(plain).replaceFirst("");
    plain = SETTINGS.matcher(plain).replaceFirst("");
    plain = plain.replace(" with ANSI mode on", "").strip().replaceAll("\\s+", " ");
    if (plain.isEmpty()) {
      return error.getClass().getSimpleName();
    }
    return plain.endsWith(".") || plain.endsWith("?")
        ? plain.substring(0, plain.length() - 1)
        : plain;
  }
}
