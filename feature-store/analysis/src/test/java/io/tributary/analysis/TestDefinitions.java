package io.tributary.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.analysis.Flights.SourceText;
import io.tributary.analysis.Flights.ViewText;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What a project's definitions say and mean, as runs keep them. */
class TestDefinitions {
  private static final List<String> ALL = List.of("monitor late_arrival");

  private static Map<String, Definition> definitions(Consumer<Flights> edit) {
    Flights flights = new Flights();
    edit.accept(flights);
    Map<String, Definition> definitions = new LinkedHashMap<>();
    flights.check().definitions(ALL).forEach(d -> definitions.put(d.reference(), d));
    return definitions;
  }

  private static SourceText weather() {
    return new SourceText("weather")
        .contract("origin string, visib double, precip double, time_hour timestamp")
        .times("time_hour", null)
        .delay(Duration.ofHours(1))
        .key("origin", "time_hour");
  }

  @Test
  void nameWhatEachThingIsMadeOfBeforeIt() {
    Set<String> before = new HashSet<>();
    Map<String, Definition> all = definitions(f -> {});
    for (Definition definition : all.values()) {
      assertThat(before).containsAll(definition.uses().keySet());
      definition
          .uses()
          .forEach((used, digest) -> assertThat(digest).isEqualTo(all.get(used).digest()));
      before.add(definition.reference());
    }
    assertThat(before)
        .contains(
            "source flights",
            "source weather",
            "view weather@1",
            "training-set late_arrival",
            "model late_arrival",
            "monitor late_arrival");
  }

  @Test
  void meanWhatTheProjectsDigestsAreOf() {
    CheckedProject project = new Flights().check();
    for (Definition d : project.definitions(ALL)) {
      String name = d.name();
      Digest digest =
          switch (d.kind()) {
            case "source" -> project.source(name).digest();
            case "view" -> project.view(io.tributary.definition.ViewId.parse(name)).digest();
            case "training-set" -> project.trainingSet(name).digest();
            case "model" -> project.model(name).digest();
            case "scores" -> project.scores(name).digest();
            default -> project.digest(project.project().monitors().get(name));
          };
      assertThat(d.meaningDigest()).as(d.reference()).isEqualTo(digest);
    }
  }

  @Test
  void keepWhatEachDigestInAMeaningIsOf() {
    for (Definition d : definitions(f -> {}).values()) {
      d.parts().forEach((hex, text) -> assertThat(Digest.of(text).hex()).isEqualTo(hex));
    }
    assertThat(definitions(f -> {}).get("view weather@1").parts().values())
        .anyMatch(part -> part.contains("GreaterThan") && part.contains("weather.precip"));
  }

  @Test
  void comeBackFromWhatIsKept() {
    for (Definition d : definitions(f -> {}).values()) {
      assertThat(Definition.read(d.json())).isEqualTo(d);
    }
    String newer =
        definitions(f -> {}).get("source weather").json().replace("\"format\":1", "\"format\":2");
    assertThatThrownBy(() -> Definition.read(newer))
        .hasFieldOrPropertyWithValue("code", ErrorCode.REFUSED)
        .hasMessageContaining("a newer build wrote it");
  }

  @Test
  void changeWithWordsButMeanTheSame() {
    Map<String, Definition> before = definitions(f -> {});
    Map<String, Definition> after =
        definitions(
            f -> {
              f.put(weather().told("Rain.", "elsewhere/*.csv"));
              f.put(
                  new ViewText("weather@1")
                      .told("New words.")
                      .ttl(Duration.ofHours(3))
                      .orElse("visibility", "10")
                      .entity("origin")
                      .from("weather")
                      .lookup("visibility", "visib")
                      .lookup("raining", "precip > 0"));
            });
    for (String reference : List.of("source weather", "view weather@1")) {
      assertThat(after.get(reference).digest()).isNotEqualTo(before.get(reference).digest());
      assertThat(after.get(reference).meaning()).isEqualTo(before.get(reference).meaning());
    }
    assertThat(after.get("source weather").text()).contains("elsewhere/*.csv");
  }
}
