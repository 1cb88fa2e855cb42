package io.tributary.events.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Digest;
import io.tributary.core.JobKey;
import io.tributary.core.Json;
import io.tributary.core.RunId;
import io.tributary.core.TableVersion;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestLineage {
  private static final Instant NOON = Instant.parse("2013-07-01T12:00:00Z");
  private static final LineageNode FILE = LineageNode.file("data/a@b:c.csv", Digest.of("a"));
  private static final LineageNode MODEL = LineageNode.model("late", 3);

  private final LineageEvent first = event("ingest", List.of(FILE), table("bronze.flights@0#i"));
  private final LineageEvent second = event("ingest", List.of(), table("bronze.flights@1#i"));
  private final LineageEvent view =
      event("materialize", List.of(table("bronze.flights@0#i")), table("features.v_v1@0#f"));
  private final LineageEvent newer =
      event("materialize", List.of(table("bronze.flights@1#i")), table("features.v_v1@1#f"));
  private final LineageEvent train = event("train", List.of(table("features.v_v1@0#f")), MODEL);
  private final LineageEvent score =
      event("score", List.of(table("features.v_v1@1#f"), MODEL), table("scores.s@0#s"));
  private final LineageEvent anew = event("ingest", List.of(), table("bronze.flights@0#other"));
  private final Lineage lineage =
      Lineage.of(List.of(first, second, view, newer, train, score, anew));

  @Test
  void aVersionHoldsWhatAllRunsUpToItWrote() {
    assertThat(lineage.makers(table("bronze.flights@1#i"))).containsExactly(second, first);
    assertThat(lineage.makers(table("bronze.flights@0#i"))).containsExactly(first);
    assertThat(lineage.makers(MODEL)).containsExactly(train);
  }

  @Test
  void upstreamReachesTheFiles() {
    assertThat(lineage.upstream(MODEL)).containsExactly(train, view, first);
    assertThat(lineage.upstream(table("scores.s@0#s")))
        .containsExactly(score, train, newer, view, second, first);
  }

  @Test
  void downstreamReachesWhatALaterVersionWentInto() {
    assertThat(lineage.downstream(FILE)).containsExactly(first, view, newer, train, score);
    assertThat(lineage.downstream(table("bronze.flights@1#i"))).containsExactly(newer, score);
    assertThat(lineage.readers(MODEL)).containsExactly(score);
  }

  @Test
  void aTableThatWasMadeAnewIsAnotherOne() {
    assertThat(lineage.makers(table("bronze.flights@0#other"))).containsExactly(anew);
    assertThat(lineage.downstream(table("bronze.flights@0#other"))).isEmpty();
  }

  @Test
  void theNewestVersionIsTheOneThatWasWrittenLast() {
    assertThat(lineage.newest("table", "features.v_v1")).contains(table("features.v_v1@1#f"));
    assertThat(lineage.newest("file", FILE.name())).contains(FILE);
    assertThat(lineage.newest("table", "features.none_v1")).isEmpty();
  }

  @Test
  void nodesPrintAndParseBack() {
    for (LineageNode node : List.of(FILE, MODEL, table("bronze.flights@12#i-d"))) {
      assertThat(LineageNode.parse(node.toString())).isEqualTo(node);
    }
    assertThat(table("bronze.flights@12#i-d")).hasToString("table:bronze.flights@12#i-d");
    assertThatThrownBy(() -> LineageNode.parse("flights"))
        .hasMessageContaining("write kind:name@version");
  }

  @Test
  void anEventIsReadAsItWasWritten() {
    LineageEvent trial =
        new LineageEvent(
            RunId.startingAt(NOON),
            JobKey.of("train", "delays").with("trial", "7").with("device", "cpu"),
            NOON,
            List.of(FILE),
            List.of(MODEL));

    assertThat(new LineageReader().read(Json.write(trial))).isEqualTo(trial);
  }

  private static LineageEvent event(String job, List<LineageNode> inputs, LineageNode output) {
    return new LineageEvent(
        RunId.startingAt(NOON), JobKey.of(job, "x"), NOON, inputs, List.of(output));
  }

  private static LineageNode table(String version) {
    return LineageNode.table(TableVersion.parse(version));
  }
}
