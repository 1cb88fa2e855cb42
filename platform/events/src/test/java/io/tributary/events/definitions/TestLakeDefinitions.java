package io.tributary.events.definitions;

import static io.tributary.events.definitions.MeaningProcess.NAME;
import static io.tributary.events.definitions.MeaningProcess.meaning;
import static io.tributary.events.definitions.MeaningProcess.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Definition;
import io.tributary.core.ErrorCode;
import io.tributary.core.Outcome;
import io.tributary.core.Principal;
import io.tributary.core.RunId;
import io.tributary.core.TableVersion;
import io.tributary.events.runs.RunLog;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose meaning of a version stands, in a lake that can't tell who works. */
class TestLakeDefinitions {
  @TempDir Path lake;
  private LakeDefinitions definitions;
  private RunLog log;

  @BeforeEach
  void open() {
    log = RunLog.open(lake.toString());
    definitions = LakeDefinitions.open(lake.toString(), log, Optional.empty());
  }

  private RunId admit(String what) {
    RunId run = RunId.startingAt(Instant.parse("2013-12-31T05:00:00Z"));
    definitions.admit("build it", List.of(meaning(what)), run, Principal.osUser("ada"));
    return run;
  }

  private void failed(RunId run) {
    log.append(List.of(record(run, Outcome.FAILED, List.of(), Map.of())));
  }

  private void refused(String what, String... parts) {
    assertThatThrownBy(() -> admit(what))
        .hasFieldOrPropertyWithValue("code", ErrorCode.REFUSED)
        .hasMessageContainingAll(parts);
    assertThatThrownBy(() -> definitions.require("look at it", List.of(meaning(what))))
        .hasFieldOrPropertyWithValue("code", ErrorCode.REFUSED);
  }

  @Test
  void aRunThatIsNotKnownToHaveEndedKeepsItsMeaning() {
    RunId run = admit("a");
    refused("b", "run " + run + " fixed it", "Run " + run + " is not recorded as ended");
    failed(run);
    admit("b");
    refused("a", "tributary amend rides@1");
  }

  @Test
  void whoeverReliesOnAMeaningKeepsItWhenTheRunThatFixedItFails() {
    RunId first = admit("a");
    RunId second = admit("a");
    failed(first);
    refused("b", "run " + first + " fixed it", "Run " + second + " is not recorded as ended");
    failed(second);
    admit("b");
  }

  @Test
  void aRunThatFailedAfterItsFirstCommitHasBuilt() {
    RunId run = admit("a");
    log.append(
        List.of(
            record(
                run,
                Outcome.FAILED,
                List.of(TableVersion.parse("features.rides_v1@0#r")),
                Map.of(NAME, meaning("a")))));
    refused("b", "run " + run + " fixed it");
  }

  @Test
  void whatWasBuiltByAnotherRunThanFixedItBindsToo() {
    RunId first = admit("a");
    RunId second = admit("a");
    log.append(
        List.of(
            record(
                second,
                Outcome.SUCCEEDED,
                List.of(TableVersion.parse("features.rides_v1@0#r")),
                Map.of(NAME, meaning("a")))));
    failed(first);
    refused("b", "run " + first + " fixed it");
    assertThat(definitions.require("use it", List.of(meaning("a")))).isTrue();
  }

  @Test
  void onceSomethingIsBuiltNoRunSaysAgainThatItReliesOnIt() {
    log.append(List.of(record(admit("a"), Outcome.SUCCEEDED, List.of(), Map.of())));
    admit("a");
    admit("a");
    assertThat(definitions.meanings().changes(NAME)).hasSize(1);
  }

  @Test
  void aDraftNeitherFixesNorReliesOnAMeaning() {
    Definition active = meaning("a");
    Definition draft =
        new Definition(
            active.kind(),
            active.name(),
            active.file(),
            Definition.DRAFT,
            active.text(),
            active.meaning(),
            active.parts(),
            active.uses(),
            active.columns());
    RunId run = RunId.startingAt(Instant.parse("2013-12-31T05:00:00Z"));
    definitions.admit("build it", List.of(draft), run, Principal.osUser("ada"));
    log.append(
        List.of(
            record(
                run,
                Outcome.SUCCEEDED,
                List.of(TableVersion.parse("features.rides_v1@0#r")),
                Map.of(NAME, draft))));
    assertThat(definitions.meanings().fixed(NAME)).isEmpty();
    failed(admit("a"));
    admit("b");
  }
}
