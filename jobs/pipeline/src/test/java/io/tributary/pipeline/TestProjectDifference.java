package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.analysis.CheckedProject;
import io.tributary.definition.ProjectReader;
import io.tributary.pipeline.ProjectDifference.Side;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How an edit of a project's files is told, key by key. */
class TestProjectDifference {
  @TempDir Path project;

  private Side before;

  @BeforeEach
  void write() throws IOException {
    TinyProject.write(project, 1);
    before = now("before");
  }

  private Side now(String name) {
    Side folder =
        ComparedThings.folder(
            CheckedProject.check(ProjectReader.read(project, Map.of(), Optional.empty())),
            Set.of());
    return new Side(name, folder.definitions(), folder.files());
  }

  private void edit(String file, String from, String to) throws IOException {
    TinyProject.edit(project.resolve(file), text -> text.replace(from, to));
  }

  private String lines() {
    return String.join("\n", ProjectDifference.of(before, now("now")).lines());
  }

  @Test
  void nothingDiffersWhereNothingWasEdited() {
    assertThat(lines()).isEqualTo("before and now say the same.");
  }

  @Test
  void commentsAndTheOrderOfKeysAreLayout() throws IOException {
    Path view = project.resolve("features/last_ride.yaml");
    Files.writeString(view, "# The newest.\n" + Files.readString(view));
    edit(
        "features/last_ride.yaml",
        "entity: [driver]\nsource: rides\n",
        "source: rides\nentity: [driver]\n");
    assertThat(lines())
        .isEqualTo(
            """
            before → now
            All these definitions say the same; files of the folder differ in comments, layout, order of keys, or are used by none of these.""");
  }

  @Test
  void whatChangesAValueIsMeaningAndIsToldWithWhatItReaches() throws IOException {
    edit("features/driver_history.yaml", "mean(delay > 15)", "mean(DELAY > 15)");
    edit("features/driver_history.yaml", "entity:", "description: Of late.\nentity:");
    edit("features/driver_history.yaml", "count(*) over 1d, 7d", "count(*) over 2d");
    assertThat(lines())
        .isEqualTo(
            """
            before → now
            meaning
              features/driver_history.yaml (view driver_history@1): it needs a version of its own, or an amendment; then what was built with it is stale
                features.rides: count(*) over 1d, 7d → count(*) over 2d
              models/lateness.yaml (model lateness): the next run trains a version
                through training-set lateness
              monitors/lateness.yaml (monitor lateness): the next run judges again
                through model lateness
                through scores next
              scores/next.yaml (scores next): the next run scores again
                through model lateness
                through training-set lateness
              training-sets/lateness.yaml (training-set lateness): the next run builds it again
                through view driver_history@1
            wording
              features/driver_history.yaml (view driver_history@1)
                description: - → Of late.
                features.late_share: mean(delay > 15) over 7d → mean(DELAY > 15) over 7d""");
  }

  @Test
  void anExpressionSpelledOtherwiseIsWordingAndAPolicyIsASetting() throws IOException {
    edit("training-sets/lateness.yaml", "value: delay > 15", "value: (DELAY > 15)");
    edit("sources/rides.yaml", "data/rides*.csv", "data/ride*.csv");
    edit("models/lateness.yaml", "admit:", "promote: by-hand\nadmit:");
    edit("monitors/lateness.yaml", "breach: alert", "breach: block-promotion");
    assertThat(lines())
        .isEqualTo(
            """
            before → now
            settings that decide no value
              models/lateness.yaml (model lateness)
                promote: automatic → by-hand
              monitors/lateness.yaml (monitor lateness)
                breach: alert → block-promotion
              sources/rides.yaml (source rides)
                read.path: data/rides*.csv → data/ride*.csv
            wording
              training-sets/lateness.yaml (training-set lateness)
                label.value: delay > 15 → (DELAY > 15)""");
  }

  @Test
  void whoScoresBesideTheChampionIsMeaning() throws IOException {
    TinyProject.edit(project.resolve("scores/next.yaml"), text -> text + "shadows: [1]\n");
    assertThat(lines())
        .contains("scores/next.yaml (scores next): the next run scores again\n    shadows: - → [1]")
        .doesNotContain("settings", "the same text");
  }

  @Test
  void aFitAndASuiteAndHowFilesAreReadAreTold() throws IOException {
    edit("models/lateness.yaml", "dense(4, relu)", "dense(5, relu)");
    edit("expectations/rides.json", "600", "700");
    edit("sources/drivers.yaml", "header: true", "header: true, nulls: [NA]");
    assertThat(lines())
        .contains(
            """
              expectations/rides.json (suite rides): it judges the next delivery on; nothing is made again
                expectations[expect_column_values_to_be_between].kwargs.max_value: 600 → 700
            """)
        .contains(
            """
              models/lateness.yaml (model lateness): the next run trains a version
                network: [dense(4, relu)] → [dense(5, relu)]
            """)
        .contains(
            """
              sources/drivers.yaml (source drivers): files are read so from the next delivery on
            """)
        .endsWith("    read.nulls: - → [NA]");
  }

  @Test
  void aDraftAndASourceAreTold() throws IOException {
    edit("features/last_ride.yaml", "view: last_ride@1", "view: last_ride@1\nstatus: draft");
    before = now("before");
    edit("features/last_ride.yaml", "ttl: 3d", "ttl: 4d");
    edit("sources/rides.yaml", "town: who.town", "town: upper(who.town)");
    assertThat(lines())
        .contains(
            """
              features/last_ride.yaml (view last_ride@1): what was built with the draft is stale
                ttl: 3d → 4d
            """)
        .contains(
            """
              sources/rides.yaml (source rides): the next ingest makes its rows anew
                derive.town: who.town → upper(who.town)
            """);
  }

  @Test
  void whatOneSideAloneHasIsNamed() throws IOException {
    edit("features/driver.yaml", "view: driver@1", "view: driver@2");
    assertThat(lines())
        .isEqualTo(
            """
            before → now
            only in now: view driver@2
            only in before: view driver@1""");
  }
}
