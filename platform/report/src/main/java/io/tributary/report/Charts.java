package io.tributary.report;

import java.util.List;

/** Charts side by side where there is room. */
public record Charts(List<Chart> charts) implements Block {
  public Charts {
    charts = List.copyOf(charts);
  }

  @Override
  public void write(Html html) {
    html.open("div", "class", "charts");
    charts.forEach(chart -> chart.write(html));
    html.close("div");
  }
}
