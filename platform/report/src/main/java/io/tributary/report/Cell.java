package io.tributary.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A cell of a {@link Table}.
 *
 * @param style how it is set
 * @param badge in place of text
 * @param share of the cell's width that a bar behind the text fills, 0 to 1
 */
public record Cell(String text, String style, Optional<Badge> badge, Optional<Double> share) {
  private static final int HEATS = 4;

  /** Characters that are broken into lines. */
  private static final int LONG = 40;

  static final String WRAPPED = "long";

  public static Cell of(String text) {
    return new Cell(text, text.length() > LONG ? WRAPPED : "", Optional.empty(), Optional.empty());
  }

  public static Cell of(long whole) {
    return numeric(String.format(Locale.ROOT, "%,d", whole), Optional.empty());
  }

  /** A number with so many decimals; a dash for NaN. */
  public static Cell of(double number, int decimals) {
    return numeric(text(number, decimals), Optional.empty());
  }

  public static Cell of(Badge badge) {
    return new Cell(badge.text(), "", Optional.of(badge), Optional.empty());
  }

  /** A number as a bar, too; the bar is full at {@code most}. */
  public static Cell bar(double number, int decimals, double most) {
    return numeric(
        text(number, decimals),
        Double.isNaN(number) || most <= 0
            ? Optional.empty()
            : Optional.of(Math.max(0, Math.min(1, number / most))));
  }

  /** A number beside its limit, 1: the warmer the nearer, and marked beyond it. */
  public static Cell heat(double ofLimit) {
    String style =
        Double.isNaN(ofLimit)
            ? "heat"
            : ofLimit > 1 ? "heat over" : "heat h" + (int) Math.min(HEATS, ofLimit * (HEATS + 1));
    return new Cell(text(ofLimit, 1), style, Optional.empty(), Optional.empty());
  }

  private static Cell numeric(String text, Optional<Double> share) {
    return new Cell(text, "number", Optional.empty(), share);
  }

  static String text(double number, int decimals) {
    return Double.isNaN(number) ? "–" : String.format(Locale.ROOT, "%,." + decimals + "f", number);
  }

  void write(Html html, String tag, String... attributes) {
    List<String> all = new ArrayList<>(List.of(attributes));
    if (!style.isEmpty()) {
      all.addAll(List.of("class", style));
    }
    html.open(tag, all.toArray(String[]::new));
    // Lengths of SVG, for a style's would be inline.
    share.ifPresent(
        s ->
            html.open("svg", "class", "bar", "aria-hidden", "true")
                .open(
                    "rect",
                    "height",
                    "100%",
                    "width",
                    String.format(Locale.ROOT, "%.1f%%", 100 * s))
                .close("rect")
                .close("svg"));
    if (badge.isPresent()) {
      badge.get().write(html);
    } else {
      html.text(text);
    }
    html.close(tag);
  }
}
