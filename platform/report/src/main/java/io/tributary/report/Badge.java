package io.tributary.report;

import java.util.Locale;

/** A word or two that stand out by their colour, and say the same without it. */
public record Badge(Tone tone, String text) {
  /** What it means for the reader. */
  public enum Tone {
    GOOD,
    BAD,
    UNKNOWN,
    NEUTRAL
  }

  void write(Html html) {
    html.element("span", text, "class", "badge " + tone.name().toLowerCase(Locale.ROOT));
  }
}
