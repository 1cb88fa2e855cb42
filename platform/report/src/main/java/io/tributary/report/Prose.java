package io.tributary.report;

/** A paragraph, or a command that a reader may type. */
public record Prose(String text, boolean isCommand) implements Block {
  public static Prose of(String text) {
    return new Prose(text, false);
  }

  public static Prose command(String text) {
    return new Prose(text, true);
  }

  @Override
  public void write(Html html) {
    if (isCommand) {
      html.open("pre", "tabindex", "0").element("code", text).close("pre");
    } else {
      html.element("p", text);
    }
  }
}
