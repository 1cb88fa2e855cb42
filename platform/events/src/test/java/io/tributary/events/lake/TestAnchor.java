package io.tributary.events.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.TableName;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.events.runs.LakeTables;
import io.tributary.testing.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestAnchor {
  private static final LakeIdentity.Build BUILD =
      new LakeIdentity.Build(Instant.parse("2024-01-01T00:00:00Z"), "abc", false);

  @TempDir Path folder;

  @BeforeEach
  void writeLogs() {
    LakeIdentity.ensure(lake(), BUILD);
    log("registry").append(List.of(event("promoted", "ada")));
    log("registry").decide("model/x", 0, List.of(event("retired", "ada")));
    log("runs").append(List.of(event("one", "ada"), event("two", "ada")));
    log("runs").append(List.of(event("three", "ada")));
  }

  private String lake() {
    return folder.resolve("lake").toString();
  }

  private EventLog log(String name) {
    return EventLog.open(LakeTables.path(lake(), TableName.of("platform", name)));
  }

  private static Event event(String id, String who) {
    return new Event(
        id, Instant.parse("2024-01-02T03:00:00Z"), "ran", "x", Principal.osUser(who), "", "{}");
  }

  /** What is wrong, by log. */
  private List<String> wrong(Anchor anchor) {
    return Anchor.parse(anchor.toString()).verify(lake()).stream()
        .filter(v -> v.state() != Anchor.State.UNCHANGED)
        .map(v -> v.log().table().subject() + " " + v.what())
        .toList();
  }

  @Test
  void holdsWhateverIsAppendedAndFoldedBehindIt() {
    Anchor anchor = Anchor.of(lake());
    assertThat(anchor.logs())
        .extracting(l -> l.table().subject())
        .containsExactly("registry", "runs");

    EventLog runs = log("runs");
    for (int i = 0; i < 120; i++) {
      runs.append(List.of(event("later" + i, "bob")));
    }
    log("lineage").append(List.of(event("first", "bob")));
    LakeIdentity.renew(lake());

    assertThat(wrong(anchor)).isEmpty();
    assertThat(wrong(Anchor.of(lake()))).isEmpty();
    assertThat(Anchor.of(lake()).logs()).hasSize(3);
  }

  @Test
  void findsAnEventThatSaysSomethingElse() throws IOException {
    Anchor anchor = Anchor.of(lake());
    Path runs = folder.resolve("lake/platform/runs");
    Folders.delete(runs);
    log("runs").append(List.of(event("one", "ada"), event("two", "eve")));
    log("runs").append(List.of(event("three", "ada")));

    assertThat(wrong(anchor))
        .containsExactly("runs was changed: its events up to version 2 are not what they were");
  }

  @Test
  void findsAnEventBetweenOthersAndAnotherOrder() throws IOException {
    Anchor anchor = Anchor.of(lake());
    Folders.delete(folder.resolve("lake/platform/runs"));
    log("runs").append(List.of(event("one", "ada"), event("two", "ada"), event("and", "ada")));
    log("runs").append(List.of(event("three", "ada")));
    assertThat(wrong(anchor)).hasSize(1);

    Folders.delete(folder.resolve("lake/platform/runs"));
    log("runs").append(List.of(event("three", "ada")));
    log("runs").append(List.of(event("one", "ada"), event("two", "ada")));
    assertThat(wrong(anchor)).hasSize(1);
  }

  @Test
  void findsWhatWasCutOrIsGone() throws IOException {
    Anchor anchor = Anchor.of(lake());
    Folders.delete(folder.resolve("lake/platform/registry"));
    Path newest = newestCommit(folder.resolve("lake/platform/runs/_delta_log"));
    Files.delete(newest);

    assertThat(wrong(anchor))
        .containsExactly("registry is gone", "runs was cut: its newest version is 1, and was 2");
  }

  @Test
  void doesNotJudgeWhatAnotherEngineRewrote() throws IOException {
    Anchor anchor = Anchor.of(lake());
    log("runs").append(List.of(event("later", "bob")));
    optimize(folder.resolve("lake/platform/runs"), 4);

    assertThat(anchor.verify(lake()))
        .extracting(Anchor.Verdict::state)
        .containsExactly(Anchor.State.UNCHANGED, Anchor.State.UNKNOWN);
    assertThat(wrong(anchor))
        .singleElement()
        .asString()
        .startsWith("runs can't be judged: another");
  }

  /** As another engine does: the same rows in other files, which don't say their commits. */
  private static void optimize(Path table, long version) throws IOException {
    StringBuilder commit = new StringBuilder("{\"commitInfo\":{\"operation\":\"OPTIMIZE\"}}\n");
    try (Stream<Path> files = Files.list(table)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".parquet")).toList()) {
        Path copy = Files.copy(file, table.resolve("copy-" + file.getFileName()));
        commit.append(
            """
            {"remove":{"path":"%s","deletionTimestamp":1,"dataChange":false}}
            {"add":{"path":"%s","partitionValues":{},"size":%d,"modificationTime":1,"dataChange":false}}
            """
                .formatted(file.getFileName(), copy.getFileName(), Files.size(copy)));
      }
    }
    Files.writeString(table.resolve("_delta_log/%020d.json".formatted(version)), commit);
  }

  private static Path newestCommit(Path log) throws IOException {
    try (Stream<Path> files = Files.list(log)) {
      return files
          .filter(f -> f.getFileName().toString().matches("\\d+\\.json"))
          .max(Path::compareTo)
          .orElseThrow();
    }
  }

  @Test
  void isOfOneLakeAndWholeOrRefused() {
    Anchor anchor = Anchor.of(lake());
    String other = folder.resolve("other").toString();
    LakeIdentity.ensure(other, BUILD);

    assertThatThrownBy(() -> anchor.verify(other))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("Cannot verify anchor of lake " + anchor.lake())
        .extracting("code")
        .isEqualTo(ErrorCode.REFUSED);
    String text = anchor.toString();
    assertThatThrownBy(() -> Anchor.parse(text.substring(0, text.length() - 1)))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("Give the whole line that tributary doctor --anchor printed.");
    assertThatThrownBy(() -> Anchor.parse(text.substring(0, text.lastIndexOf(','))))
        .hasMessageContaining("it is cut");
    assertThatThrownBy(() -> Anchor.parse(anchor.lake())).hasMessageContaining("it is cut");
    assertThatThrownBy(() -> Anchor.of(folder.resolve("none").toString()))
        .hasMessageContaining("has no runs yet");
  }
}
