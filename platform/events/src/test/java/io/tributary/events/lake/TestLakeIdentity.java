package io.tributary.events.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.events.runs.LakeTables;
import io.tributary.events.runs.RunLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestLakeIdentity {
  private static final LakeIdentity.Build BUILD =
      new LakeIdentity.Build(Instant.parse("2024-01-01T00:00:00Z"), "abc", false);

  @TempDir Path folder;

  private String lake() {
    return folder.toString();
  }

  private void says(String json) throws IOException {
    Files.writeString(folder.resolve(LakeIdentity.FILE), json);
  }

  @Test
  void isMadeOnceAndKept() {
    assertThat(LakeIdentity.require(lake())).isEmpty();

    LakeIdentity made = LakeIdentity.ensure(lake(), BUILD);

    assertThat(made.format()).isEqualTo(LakeIdentity.FORMAT);
    assertThat(made.made()).isEqualTo(BUILD);
    assertThat(LakeIdentity.ensure(lake(), BUILD)).isEqualTo(made);
    assertThat(LakeIdentity.require(lake())).contains(made);
  }

  @Test
  void ofSeveralWhoMakeItAtOnceAllHaveTheSame() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      Set<String> ids = ConcurrentHashMap.newKeySet();
      List<Callable<Boolean>> makers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        makers.add(() -> ids.add(LakeIdentity.ensure(lake(), BUILD).id()));
      }
      threads.invokeAll(makers);
      assertThat(ids).hasSize(1);
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void aCopyKeepsItsIdUntilItGetsAnother() throws IOException {
    LakeIdentity original = LakeIdentity.ensure(lake(), BUILD);
    Path copy = Files.createDirectory(folder.resolve("copy"));
    Files.copy(folder.resolve(LakeIdentity.FILE), copy.resolve(LakeIdentity.FILE));
    assertThat(LakeIdentity.require(copy.toString())).contains(original);

    LakeIdentity renewed = LakeIdentity.renew(copy.toString());

    assertThat(renewed.id()).isNotEqualTo(original.id());
    assertThat(renewed.formerIds()).containsExactly(original.id());
    assertThat(LakeIdentity.require(copy.toString())).contains(renewed);
    assertThat(LakeIdentity.require(lake())).contains(original);
  }

  @Test
  void aNewerLakeIsRefusedByName() throws IOException {
    says("{\"format\":99,\"identity\":\"as a newer build says it\"}");

    assertThatThrownBy(() -> LakeIdentity.require(lake()))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
        .hasMessage(
            "Cannot open lake %s: it is of format 99, which a newer build wrote, and this one reads up to 1. Use the build that wrote it, or a later one."
                .formatted(lake()));
    assertThatThrownBy(() -> LakeIdentity.ensure(lake(), BUILD)).hasMessageContaining("format 99");
    assertThatThrownBy(() -> LakeUpgrade.known().run(lake(), false))
        .hasMessageContaining("format 99");
  }

  @Test
  void aLakeWithRunsAndNoFormatIsRefused() throws IOException {
    Files.createDirectories(Path.of(LakeTables.path(lake(), RunLog.RUNS)).resolve("_delta_log"));

    assertThatThrownBy(() -> LakeIdentity.ensure(lake(), BUILD))
        .hasMessage(
            "Cannot open lake %s: it has runs, but no file tributary.json with its format. It was written before lakes had one, or the file was lost. Restore the file from a copy, or rebuild the lake."
                .formatted(lake()));
    assertThatThrownBy(() -> LakeUpgrade.known().run(lake(), true))
        .hasMessageContaining("it has runs, but no file");
  }

  @Test
  void whatIsNoLakeIsNotUpgraded() throws IOException {
    assertThatThrownBy(() -> LakeUpgrade.known().run(lake() + "/none", false))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageStartingWith(
            "Cannot upgrade lake %s/none: there is no lake yet. ".formatted(lake()));
    Files.createDirectories(Path.of(lake()));
    Files.writeString(Path.of(lake(), "holiday.jpg"), "");
    assertThatThrownBy(() -> LakeUpgrade.known().run(lake(), true))
        .hasMessageStartingWith(
            "Cannot upgrade lake %s: the folder is no lake, for it has no file tributary.json. "
                .formatted(lake()));
  }

  @Test
  void whatIsNoIdentityIsCorrupt() throws IOException {
    for (String text : List.of("", "hello", "{}", "{\"format\":1}", "[]")) {
      says(text);
      assertThatThrownBy(() -> LakeIdentity.require(lake()))
          .as(text)
          .hasMessageStartingWith("Cannot open lake " + lake() + ": tributary.json ")
          .hasMessageEndingWith("Restore the file from a copy.")
          .isInstanceOfSatisfying(
              PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT));
    }
  }

  /** A step that writes a file, and fails as often as told. */
  private record Writing(int from, List<String> done, int[] failures) implements LakeUpgrade.Step {
    @Override
    public String description() {
      return "writes " + from;
    }

    @Override
    public void run(String lake) {
      if (failures[0]-- > 0) {
        throw new IllegalStateException("cut off");
      }
      done.add(description());
    }
  }

  @Test
  void anUpgradeGoesStepByStepAndOnFromWhereItWasCutOff() {
    LakeIdentity first = LakeIdentity.ensure(lake(), BUILD);
    List<String> done = new ArrayList<>();
    LakeUpgrade upgrade =
        LakeUpgrade.of(
            List.of(new Writing(1, done, new int[1]), new Writing(2, done, new int[] {1})), 3);

    assertThat(upgrade.run(lake(), true))
        .containsExactly("format 1 to 2: writes 1", "format 2 to 3: writes 2");
    assertThat(done).isEmpty();
    assertThatThrownBy(() -> upgrade.run(lake(), false)).hasMessage("cut off");
    assertThat(LakeIdentity.read(lake(), 3)).contains(first.upgradedTo(2));

    assertThat(upgrade.run(lake(), false)).containsExactly("format 2 to 3: writes 2");
    assertThat(done).containsExactly("writes 1", "writes 2");
    assertThat(upgrade.run(lake(), false)).isEmpty();
    assertThat(LakeIdentity.read(lake(), 3).orElseThrow().id()).isEqualTo(first.id());
    assertThatThrownBy(() -> LakeIdentity.require(lake())).hasMessageContaining("format 3");
  }

  @Test
  void aFormatWithoutAWayOnIsRefused() {
    LakeIdentity.ensure(lake(), BUILD);

    assertThatThrownBy(() -> LakeUpgrade.of(List.of(), 2).run(lake(), false))
        .hasMessage(
            "Cannot upgrade lake %s: this build knows no way from format 1 to 2. Use an earlier build first."
                .formatted(lake()));
    assertThat(LakeUpgrade.known().run(lake(), false)).isEmpty();
  }
}
