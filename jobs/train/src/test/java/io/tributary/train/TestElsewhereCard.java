package io.tributary.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Digest;
import io.tributary.core.Interval;
import io.tributary.core.Principal;
import io.tributary.registry.Comparison;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.RegisteredVersion;
import io.tributary.registry.Registrar;
import io.tributary.registry.Registration;
import io.tributary.registry.TrainedElsewhere;
import io.tributary.registry.TrainedElsewhere.Input;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a version that was trained elsewhere, and how it compares. */
class TestElsewhereCard {
  @TempDir Path folder;

  private RegisteredVersion registered() {
    String lake = folder.resolve("lake").toString();
    TrainedElsewhere said =
        new TrainedElsewhere(
            TrainedElsewhere.Kind.FILES,
            TrainedElsewhere.Problem.NUMBER,
            Optional.empty(),
            List.of(new Input("dep_delay", "double")),
            Optional.of("minutes"),
            Optional.empty(),
            Optional.of(Interval.parse("2013-11-01/2013-12-01", ZoneOffset.UTC)),
            Map.of("trees", "300"),
            Optional.empty(),
            Map.of("python", "3.11.8"));
    Registrar.open(lake)
        .register(
            new Registration(
                "delay",
                new TreeMap<>(Map.of("model.pkl", new byte[] {1, 2, 3})),
                said,
                Map.of("mean-error", 7.25),
                Optional.empty(),
                List.of()),
            Principal.osUser("ada"));
    return ModelRegistry.open(lake).find("delay@1");
  }

  @Test
  void saysWhatIsSaidAndThatTheLakeHasNoTrainingSet() throws Exception {
    RegisteredVersion registered = registered();
    Path file = folder.resolve("card.html");
    new ElsewhereCard(
            registered, registered.version().elsewhere().orElseThrow(), List.of("production"))
        .page()
        .write(file);
    String page = Files.readString(file);

    assertThat(page)
        .contains(
            "It is production.",
            "nobody has measured it here",
            "2013-11-01T00:00:00Z/2013-12-01T00:00:00Z",
            "mean-error",
            "7.25",
            "dep_delay",
            "unknown: nobody said its revision",
            "trees",
            "Training set: none.",
            "nothing is known of leaks",
            "model.pkl",
            Digest.of(new byte[] {1, 2, 3}).hex());
  }

  @Test
  void cannotTellWhetherItIsWorseOnRowsThatItMayHaveSeen() {
    ModelVersion version = registered().version();

    assertThat(ChampionComparison.ofElsewhere(version, version, 0.005))
        .get()
        .satisfies(
            comparison -> {
              assertThat(comparison.verdict(0.005)).isEqualTo(Comparison.Verdict.CANNOT_TELL);
              assertThat(comparison.toString())
                  .contains(
                      "cannot tell: delay@1 was trained elsewhere, and nobody knows on which rows");
            });
  }
}
