package io.tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TestModelEnvironment {
  private static final Map<String, Digest> JARS =
      Map.of("a.jar", Digest.of("a"), "b.jar", Digest.of("b"), "c.jar", Digest.of("c"));
  private static final ModelEnvironment THEN =
      ModelEnvironment.of(
          new Environment("4f0d2c", false, "17.0.9", "Linux 6.1 amd64", "ada", "nightly-1"),
          "EPYC",
          JARS);

  @Test
  void equalMachinesOfOthersDoNotDiffer() {
    ModelEnvironment now =
        ModelEnvironment.of(
            new Environment("77aa", true, "17.0.9", "Linux 6.1 amd64", "bob", "nightly-2"),
            "EPYC",
            JARS);
    assertThat(now.differences(THEN, JARS)).isEmpty();
  }

  @Test
  void namesWhatDecidesTheBitsOfAFit() {
    ModelEnvironment now =
        ModelEnvironment.of(
            new Environment("4f0d2c", false, "17.0.15", "Linux 6.18 amd64", "ada", "nightly-1"),
            "Xeon",
            Map.of("a.jar", Digest.of("a"), "b.jar", Digest.of("other"), "d.jar", Digest.of("d")));
    assertThat(now.differences(THEN, JARS))
        .containsExactly(
            "device was EPYC and is Xeon",
            "Java was 17.0.9 and is 17.0.15",
            "operating system was Linux 6.1 amd64 and is Linux 6.18 amd64",
            "3 files of the class path are others: b.jar, c.jar, d.jar");
    assertThat(now.differences(THEN, Map.of()))
        .contains("the dependencies are others, and the list of those of then is gone");
  }
}
