package io.tributary.definition;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TestWrittenKeys {
  @Test
  void namesEachKeyWithItsValueWhateverItsLayout() {
    assertThat(
            WrittenKeys.of(
                """
                view: h@1 # the first
                description: ""
                entity: [a, b]
                derived: {}
                tie-break: []
                features: {late: "mean(x > 1)"}
                uses:
                  - view: w@1
                    keys: {airport: origin}
                  - view: c@1
                """))
        .isEqualTo(
            Map.of(
                "view", "h@1",
                "entity", "[a, b]",
                "features.late", "mean(x > 1)",
                "uses[w@1].view", "w@1",
                "uses[w@1].keys.airport", "origin",
                "uses[c@1].view", "c@1"));
  }

  @Test
  void itemsThatBeginAlikeAreTheirOwnNames() {
    assertThat(
            WrittenKeys.of(
                "{\"all\": [{\"type\": \"null\", \"of\": \"a\"}, {\"type\": \"null\"}]}"))
        .isEqualTo(
            Map.of(
                "all[{type: null, of: a}]", "{type: null, of: a}",
                "all[{type: null}]", "{type: null}"));
  }
}
