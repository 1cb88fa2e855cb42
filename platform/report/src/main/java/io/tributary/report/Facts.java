package io.tributary.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Names and what they stand for, in order. */
public record Facts(Map<String, String> facts) implements Block {
  public Facts {
    facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
  }

  @Override
  public void write(Html html) {
    html.open("dl");
    facts.forEach((name, value) -> html.element("dt", name).element("dd", value));
    html.close("dl");
  }
}
