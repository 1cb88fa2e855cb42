package io.tributary.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Definition;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Columns of the same name and type of which one is in minutes and the other in seconds. */
class TestTrainedMeaning {
  private static final String LABEL = "label 2 15\nlabel-source.event-key 2 id\n";
  private static final Definition SET = definition("training-set", "late", LABEL);

  private static Definition definition(String kind, String name, String meaning) {
    return new Definition(kind, name, "", "active", "", meaning, Map.of(), Map.of(), Map.of());
  }

  private static TrainedMeaning trained(
      Definition set, Map<String, String> views, Definition... of) {
    Map<String, Definition> definitions = new TreeMap<>();
    for (Definition each : of) {
      definitions.put(each.reference(), each);
    }
    return new TrainedMeaning(views, definitions, Optional.of(set));
  }

  private static TrainedMeaning on(String id, String meaning) {
    return trained(SET, Map.of("history", id), definition("view", id, meaning));
  }

  @Test
  void takesAnotherVersionOfAViewForAnotherMeaning() {
    TrainedMeaning first = on("history@1", "minutes");
    assertThat(first.unlike(on("history@1", "minutes"), false)).isEmpty();
    assertThat(first.unlike(on("history@2", "seconds"), true))
        .hasValue("the rows have history@2, and one was trained on history@1");
    TrainedMeaning notAnInput = trained(SET, Map.of(), definition("view", "history@2", "seconds"));
    assertThat(first.unlike(notAnInput, true))
        .hasValue("the rows do not have history@1, which one was trained on");
  }

  @Test
  void takesAnAmendedMeaningForTheSameWhereBothMayUseWhatItIsNow() {
    TrainedMeaning first = on("history@1", "minutes");
    assertThat(first.unlike(on("history@1", "seconds"), false))
        .hasValue("the rows have another meaning of history@1 than one was trained on");
    assertThat(first.unlike(on("history@1", "seconds"), true)).isEmpty();
  }

  @Test
  void seesWhatTheLabelIsAndWhereItIsReadButNotTheRestOfTheTrainingSet() {
    TrainedMeaning first = trained(SET, Map.of());
    for (String other : List.of(LABEL.replace("15", "30"), LABEL.replace("id", "at"))) {
      assertThat(first.unlike(trained(definition("training-set", "other", other), Map.of()), true))
          .hasValue(
              "the labels of the rows are defined otherwise than those that one was trained on");
    }
    assertThat(
            first.unlike(
                trained(definition("training-set", "other", LABEL + "population 1 x\n"), Map.of()),
                true))
        .isEmpty();
  }

  /** Versions that an older build registered. */
  @Test
  void comparesWhatRecordsNothing() {
    TrainedMeaning unknown = new TrainedMeaning(Map.of(), Map.of(), Optional.empty());
    assertThat(unknown.unlike(on("history@1", "minutes"), false)).isEmpty();
    assertThat(on("history@1", "minutes").unlike(unknown, false)).isEmpty();
  }
}
