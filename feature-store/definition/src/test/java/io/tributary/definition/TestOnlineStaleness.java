package io.tributary.definition;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Durations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestOnlineStaleness {
  @TempDir Path folder;

  private OnlineStaleness age(String zone, String accuracy, String schedule, String steps)
      throws IOException {
    FullProject.write(
        folder,
        Map.of(
            "tributary.yaml",
            "project: shop\nzone: " + zone + "\nlake: lake\n",
            "sources/orders.yaml",
            "source: orders\nread: {format: csv, path: orders.csv}\n"
                + "columns: {customer: string, at: timestamp}\nevent-time: at\n",
            "features/spending.yaml",
            "view: spending@1\nentity: [customer]\nsource: orders\n"
                + accuracy
                + "features:\n  orders: count(*) over 7d\n",
            "pipelines/nightly.yaml",
            "pipeline: nightly\nschedule: \"" + schedule + "\"\nsteps: [" + steps + "]\n"));
    Project project = ProjectReader.read(folder, Map.of(), Optional.empty());
    return OnlineStaleness.of(project, project.views().get(ViewId.parse("spending@1")));
  }

  private static String print(OnlineStaleness age) {
    return age.most().map(Durations::print).orElse("unbounded") + " by " + age.by();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "UTC; 0 6 * * *; 30h",
        "UTC; 0 0 * * *; 1d",
        "UTC; 30 5 * * 1-5; 4650m",
        "UTC; 0 6 * * sun; 174h",
        "UTC; 0 6 * * 7; 174h",
        "UTC; 0 6 1 * *; 750h",
        "UTC; 0 6 13 * fri; 174h",
        "UTC; 0 6 29 feb *; 35070h",
        "UTC; 0 6 1,15 * 1; 174h",
        "UTC; 15 */4 * * *; 1455m",
        "UTC; 0 6/6 */2 * *; 54h",
        "America/New_York; 0 6 * * *; 31h"
      })
  void isFromTheLastDayBeforeARunToTheNextRun(String zone, String schedule, String most)
      throws IOException {
    assertThat(print(age(zone, "", schedule, "materialize, publish")))
        .isEqualTo(most + " by pipeline nightly, \"" + schedule + "\"");
  }

  @Test
  void isNotBoundedWhereNothingPublishes() throws IOException {
    assertThat(print(age("UTC", "", "0 6 * * *", "materialize")))
        .isEqualTo("unbounded by no pipeline publishes it by a schedule");
    assertThat(print(age("UTC", "online: false\n", "0 6 * * *", "publish")))
        .isEqualTo("unbounded by online: false");
    assertThat(print(age("UTC", "", "0 6 * * *", "publish spending@1")))
        .isEqualTo("30h by pipeline nightly, \"0 6 * * *\"");
  }

  @Test
  void isBoundedByStalenessAndLongerByDelay() throws IOException {
    String snapshot = "accuracy: snapshot\n";
    assertThat(print(age("UTC", snapshot + "max-staleness: 26h\n", "0 6 * * *", "publish")))
        .isEqualTo("26h by max-staleness");
    assertThat(print(age("UTC", snapshot + "max-staleness: 2d\n", "0 6 * * *", "publish")))
        .isEqualTo("30h by pipeline nightly, \"0 6 * * *\"");
    assertThat(print(age("UTC", snapshot + "max-staleness: 2d\n", "0 6 * * *", "materialize")))
        .isEqualTo("2d by max-staleness");
    assertThat(print(age("UTC", snapshot + "publish-delay: 8h\n", "0 6 * * *", "publish")))
        .isEqualTo("32h by pipeline nightly, \"0 6 * * *\"");
  }
}
