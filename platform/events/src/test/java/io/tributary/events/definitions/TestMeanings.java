package io.tributary.events.definitions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Definition;
import io.tributary.core.ErrorCode;
import io.tributary.core.Principal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestMeanings {
  private static final String NAME = "view rides@1";
  private static final Instant AT = Instant.parse("2013-12-31T05:00:00Z");

  @TempDir Path lake;
  private Meanings meanings;

  @BeforeEach
  void open() {
    meanings = Meanings.open(lake.toString());
  }

  private static Definition meaning(String what) {
    return new Definition(
        "view", "rides@1", "views/rides.yaml", "active", "", what, Map.of(), Map.of(), Map.of());
  }

  private void fix(String what) {
    meanings.fix(
        meaning(what),
        meaning(what).digest(),
        meanings.fixed(NAME),
        AT,
        Principal.osUser("ada"),
        "run1");
  }

  private void amend(String what, String... models) {
    meanings.amend(
        meaning(what),
        meaning(what).digest(),
        meanings.fixed(NAME).orElseThrow(),
        List.of(models),
        AT,
        Principal.osUser("ada"),
        "it was wrong");
  }

  private boolean accepts(String model, String trainedOn) {
    return meanings.accepts(model, NAME, meaning(trainedOn).meaningDigest());
  }

  @Test
  void areNoneBeforeTheFirstRun() {
    assertThat(meanings.fixed(NAME)).isEmpty();
    assertThat(accepts("m@1", "a")).isFalse();
  }

  @Test
  void sayWhoGaveAVersionWhichMeaning() {
    fix("a");
    amend("b");

    assertThat(Meanings.open(lake.toString()).fixed(NAME).orElseThrow())
        .satisfies(
            change -> {
              assertThat(change.meaning()).isEqualTo(meaning("b").meaningDigest());
              assertThat(change.definition()).isEqualTo(meaning("b").digest());
              assertThat(change.former()).contains(meaning("a").digest());
              assertThat(change).hasToString("ada amended it at " + AT + " (it was wrong)");
            });
    assertThat(meanings.changes(NAME))
        .extracting(Meanings.Change::kind)
        .containsExactly("fixed", "amended");
  }

  @Test
  void ofTwoThatChangeOneVersionAtOnceOneWins() {
    fix("a");
    Optional<Meanings.Change> seen = meanings.fixed(NAME);
    amend("b");

    assertThatThrownBy(
            () ->
                meanings.amend(
                    meaning("c"),
                    meaning("c").digest(),
                    seen.orElseThrow(),
                    List.of(),
                    AT,
                    Principal.osUser("bob"),
                    "mine"))
        .hasFieldOrPropertyWithValue("code", ErrorCode.CONFLICT);
    assertThat(meanings.fixed(NAME).orElseThrow().meaning())
        .isEqualTo(meaning("b").meaningDigest());
  }

  @Test
  void acceptModelsOfThePresentMeaningOrThoseThatItsAmendmentNames() {
    fix("a");
    assertThat(accepts("m@1", "a")).isTrue();
    amend("b", "m@1");
    assertThat(accepts("m@1", "a")).isTrue();
    assertThat(accepts("m@2", "a")).isFalse();
    assertThat(accepts("m@2", "b")).isTrue();
    amend("c");
    assertThat(accepts("m@1", "a")).isFalse();
    assertThat(accepts("m@2", "b")).isFalse();
    amend("a");
    assertThat(accepts("m@1", "a")).isTrue();
    assertThat(accepts("m@2", "b")).isFalse();
    amend("d", "m@2");
    assertThat(accepts("m@1", "a")).isFalse();
    assertThat(accepts("m@2", "b")).as("not named by the amendments to c and a").isTrue();
  }

  @Test
  void goOnAcceptingAModelWhenAnotherRunFixesTheSameMeaning() {
    fix("a");
    meanings.accept(
        meanings.fixed(NAME).orElseThrow(), List.of("m@1"), AT, Principal.osUser("ada"), "same");
    fix("a");
    assertThat(accepts("m@1", "draft")).isTrue();
    fix("b");
    assertThat(accepts("m@1", "draft")).isFalse();
  }

  @Test
  void acceptModelsThatAreNamedAfterwards() {
    fix("a");
    amend("b");
    meanings.accept(
        meanings.fixed(NAME).orElseThrow(),
        List.of("m@1"),
        AT,
        Principal.osUser("ada"),
        "close enough");
    assertThat(accepts("m@1", "a")).isTrue();
    assertThat(accepts("m@2", "a")).isFalse();
    meanings.accept(
        meanings.fixed(NAME).orElseThrow(),
        List.of("m@2"),
        AT,
        Principal.osUser("ada"),
        "that one too");
    assertThat(accepts("m@1", "a")).isTrue();
    assertThat(accepts("m@2", "a")).isTrue();
    assertThat(meanings.fixed(NAME).orElseThrow().kind()).isEqualTo("amended");
  }
}
