package io.tributary.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.core.Json;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A chart, with its numbers as a table that a reader may open: a page without scripts shows those.
 *
 * @param description what is to be seen, as a sentence
 * @param places what the values belong to: days, groups or numbers
 * @param series a value for each place, NaN where there is none
 */
public record Chart(
    String title, String description, Axis axis, List<String> places, List<Series> series)
    implements Block {
  /** What lies along the chart. */
  public enum Axis {
    DAYS,
    GROUPS,
    NUMBERS
  }

  /** How a series is drawn. */
  public enum Mark {
    LINE,
    POINTS,
    BARS,
    /** What values must not pass. */
    LIMIT,
    /** What is usual: thin, in the background. */
    USUAL
  }

  /** One value for each place. */
  public record Series(String name, Mark mark, double[] values, double[] upper) {
    public Series {
      values = values.clone();
      upper = upper.clone();
      if (upper.length > 0 && upper.length != values.length) {
        throw new IllegalArgumentException("a band's ends are of different lengths");
      }
    }

    public static Series of(String name, Mark mark, double... values) {
      return new Series(name, mark, values, new double[0]);
    }

    /** The interval that a value lies in. */
    public static Series band(String name, double[] lower, double[] upper) {
      return new Series(name, Mark.USUAL, lower, upper);
    }

    private boolean isBand() {
      return upper.length > 0;
    }

    private String text(int place, int decimals) {
      return isBand()
          ? Cell.text(values[place], decimals) + " to " + Cell.text(upper[place], decimals)
          : Cell.text(values[place], decimals);
    }
  }

  public Chart {
    places = List.copyOf(places);
    series = List.copyOf(series);
    int size = places.size();
    if (series.stream().anyMatch(s -> s.values().length != size)) {
      throw new IllegalArgumentException("series of other lengths than " + size);
    }
  }

  public static Chart ofDays(
      String title, String description, List<LocalDate> days, Series... series) {
    return new Chart(
        title,
        description,
        Axis.DAYS,
        days.stream().map(LocalDate::toString).toList(),
        List.of(series));
  }

  public static Chart ofGroups(
      String title, String description, List<String> groups, Series... series) {
    return new Chart(title, description, Axis.GROUPS, groups, List.of(series));
  }

  public static Chart ofNumbers(
      String title, String description, double[] numbers, Series... series) {
    return new Chart(
        title,
        description,
        Axis.NUMBERS,
        Arrays.stream(numbers).mapToObj(x -> String.format(Locale.ROOT, "%.4f", x)).toList(),
        List.of(series));
  }

  @Override
  public void write(Html html) {
    html.open("figure", "data-chart", json())
        .open("figcaption")
        .element("strong", title)
        .element("span", description)
        .close("figcaption")
        .open("div", "class", "plot", "role", "img", "aria-label", title + ". " + description)
        .close("div");
    new Fold("Numbers", List.of(numbers())).write(html);
    html.close("figure").own("\n");
  }

  private Table numbers() {
    List<String> heading = new ArrayList<>();
    heading.add(
        switch (axis) {
          case DAYS -> "Day";
          case GROUPS -> "Values";
          case NUMBERS -> "At";
        });
    series.forEach(s -> heading.add(s.name()));
    int decimals = decimals();
    List<List<Cell>> rows = new ArrayList<>();
    for (int place = 0; place < places.size(); place++) {
      List<Cell> row = new ArrayList<>(List.of(Cell.of(places.get(place))));
      for (Series s : series) {
        row.add(
            s.isBand() ? Cell.of(s.text(place, decimals)) : Cell.of(s.values()[place], decimals));
      }
      rows.add(row);
    }
    return new Table(title, heading, rows);
  }

  /** As many as tell the values apart, at most four. */
  private int decimals() {
    double most =
        series.stream()
            .flatMapToDouble(s -> Arrays.stream(s.values()))
            .filter(Double::isFinite)
            .map(Math::abs)
            .max()
            .orElse(0);
    return most >= 1000 ? 0 : most >= 10 ? 1 : most >= 1 ? 2 : 4;
  }

  private String json() {
    ObjectNode chart = Json.mapper().createObjectNode();
    chart.put("axis", axis.name().toLowerCase(Locale.ROOT));
    places.forEach(chart.putArray("places")::add);
    ArrayNode all = chart.putArray("series");
    for (Series s : series) {
      ObjectNode each = all.addObject();
      each.put("name", s.name());
      each.put("mark", s.mark().name().toLowerCase(Locale.ROOT));
      numbers(each.putArray("values"), s.values());
      if (s.isBand()) {
        numbers(each.putArray("upper"), s.upper());
      }
    }
    return Json.write(chart);
  }

  private static void numbers(ArrayNode array, double[] values) {
    for (double value : values) {
      if (Double.isFinite(value)) {
        array.add(Math.round(value * 1e6) / 1e6);
      } else {
        array.addNull();
      }
    }
  }
}
