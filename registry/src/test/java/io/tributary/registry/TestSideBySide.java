package io.tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.drift.Column;
import io.tributary.drift.DriftProfile;
import io.tributary.drift.InputName;
import io.tributary.drift.MeasureInterval;
import io.tributary.drift.Outcomes;
import io.tributary.drift.ScoreBins;
import io.tributary.events.definitions.DefinitionStore;
import io.tributary.registry.SideBySide.Fact;
import io.tributary.registry.SideBySide.Part;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestSideBySide {
  private static final Principal ADA = Principal.osUser("ada");

  @TempDir Path lake;

  private ModelRegistry registry() {
    return ModelRegistry.open(lake.toString());
  }

  private DefinitionStore definitions() {
    return DefinitionStore.open(lake.toString());
  }

  private SideBySide sideBySide(String... versions) {
    return SideBySide.of(registry(), definitions(), List.of(versions));
  }

  /** A model whose definition says a rate, and whose fit did. */
  private ModelVersion draft(double rate, Map<String, String> inputs, String jar, String slices) {
    return draft(rate, inputs, jar, slices, Map.of());
  }

  /** The same, whose artefact has more files. */
  private ModelVersion draft(
      double rate,
      Map<String, String> inputs,
      String jar,
      String slices,
      Map<String, byte[]> more) {
    Definition view =
        new Definition(
            "view",
            "carrier_history@1",
            "features/carrier_history.yaml",
            "active",
            "window: 7d\nrate: " + rate + "\n",
            "window " + rate,
            Map.of(),
            Map.of(),
            Map.of());
    Digest used = definitions().put(view);
    Definition model =
        new Definition(
            "model",
            "late_arrival",
            "models/late_arrival.yaml",
            "active",
            "network: [dense(8, relu)]\n",
            "network " + view.meaningDigest(),
            Map.of(),
            Map.of("view carrier_history@1", used),
            Map.of());
    Digest definition = definitions().put(model);
    ArtefactStore store = ArtefactStore.open(lake.toString());
    Map<String, byte[]> files = new HashMap<>(Drafts.files("network " + rate));
    files.put("profile.json", profile(8).getBytes(StandardCharsets.UTF_8));
    files.put("metrics.json", slices.getBytes(StandardCharsets.UTF_8));
    files.putAll(more);
    ModelVersion base = Drafts.draft(store, "x" + rate, 0.75 + rate);
    FitParameters fit = base.parameters().orElseThrow();
    return new ModelVersion(
        base.model(),
        0,
        store.put(files),
        base.metrics(),
        base.baselines(),
        Optional.of(
            new FitParameters(
                fit.split(),
                inputs,
                fit.network(),
                fit.updater(),
                rate,
                fit.batch(),
                fit.mostEpochs(),
                fit.patience(),
                fit.seed(),
                fit.replicas(),
                fit.testRows(),
                fit.testPositives(),
                fit.epochs(),
                fit.bestEpoch())),
        base.admission(),
        Optional.of(
            ModelEnvironment.of(
                new Environment("abc123", false, "17", "Linux", "ada", "host"),
                "cpu",
                Map.of("a.jar", Digest.of("a"), "b.jar", Digest.of(jar)))),
        base.trainingSet(),
        base.onlineUse(),
        model.meaningDigest(),
        base.fit(),
        Map.of("model late_arrival", definition, "view carrier_history@1", used),
        base.run(),
        base.fingerprint(),
        base.decision(),
        base.elsewhere());
  }

  private static String slices(double auc) {
    return "{\"slices\":{\"carrier\":[{\"value\":\"AA\",\"metrics\":{\"rows\":7,\"auc\":"
        + auc
        + "}}]}}";
  }

  /** Of eight tested nights, and one that was not. */
  private static List<MeasureInterval.Night> tested(int nights) {
    List<MeasureInterval.Night> tested = new ArrayList<>();
    for (int night = 0; night < nights; night++) {
      double loss = 0.4 + night % 3 / 10.0;
      tested.add(
          new MeasureInterval.Night(
              new Outcomes(
                  10, 4, 0.4, Optional.of(0.7), Optional.of(0.7), loss, 0.5, 0.1, 0.2, 0.2, 0.05),
              new ScoreBins(List.of(6L, 4L), List.of(1L + night % 2, 3L - night % 2))));
    }
    return tested;
  }

  private static String profile(int nights) {
    List<Map<String, Object>> days = new ArrayList<>();
    List<MeasureInterval.Night> tested = tested(nights + 1);
    for (int night = 0; night <= nights; night++) {
      days.add(
          Map.of(
              "range",
              night == nights ? "TRAIN" : "TEST",
              "outcomes",
              tested.get(night).outcomes(),
              "quantiles",
              List.of(0.1)));
    }
    return Json.write(
        Map.of(
            "nights",
            days,
            "scores",
            Map.of(
                "bins",
                tested.stream().map(n -> n.bins().rows()).toList(),
                "positives",
                tested.stream().map(n -> n.bins().positives()).toList())));
  }

  @Test
  void tellsWhereMeasuresCouldBeHadOtherNightsBeenTested() {
    registry().register(draft(0.01, Map.of(), "b", slices(0.8)), ADA);
    List<Fact> intervals =
        sideBySide("late_arrival@1", "late_arrival@1").facts().stream()
            .filter(f -> f.part() == Part.INTERVAL)
            .toList();
    Map<String, MeasureInterval> expected =
        MeasureInterval.of(tested(8), Map.of("auc", 0.76, "log-loss", 0.45));
    assertThat(intervals).extracting(Fact::name).containsExactly("auc", "log-loss");
    for (Fact fact : intervals) {
      MeasureInterval interval = expected.get(fact.name());
      assertThat(interval.lower()).isLessThan(interval.upper());
      assertThat(fact.values())
          .containsOnly(Json.mapper().valueToTree(List.of(interval.lower(), interval.upper())));
    }
  }

  private static List<String> values(SideBySide found, Part part, String name) {
    return found.facts().stream()
        .filter(f -> f.part() == part && f.name().equals(name))
        .findFirst()
        .orElseThrow()
        .values()
        .stream()
        .map(v -> v.isMissingNode() ? "none" : v.asText())
        .toList();
  }

  @Test
  void putsEachFactOfEachVersionUnderItsName() {
    registry()
        .register(draft(0.01, Map.of("a", "standardize", "b", "one-hot"), "b", slices(0.8)), ADA);
    registry().register(draft(0.02, Map.of("b", "raw", "c", "raw"), "b", slices(0.6)), ADA);

    SideBySide found = sideBySide("late_arrival@1", "late_arrival@2");

    assertThat(found.versions()).hasToString("[late_arrival@1, late_arrival@2]");
    assertThat(values(found, Part.VERSION, "admitted")).containsExactly("true", "true");
    assertThat(values(found, Part.TEST, "auc")).containsExactly("0.76", "0.77");
    assertThat(values(found, Part.BASELINE, "constant auc")).containsExactly("0.5", "0.5");
    assertThat(values(found, Part.SLICE, "carrier=AA auc")).containsExactly("0.8", "0.6");
    assertThat(values(found, Part.FIT, "learningRate")).containsExactly("0.01", "0.02");
    assertThat(values(found, Part.INPUT, "a")).containsExactly("standardize", "none");
    assertThat(values(found, Part.INPUT, "b")).containsExactly("one-hot", "raw");
    assertThat(values(found, Part.INPUT, "c")).containsExactly("none", "raw");
    assertThat(found.inputs())
        .containsOnly(
            Map.entry("late_arrival@2", new SideBySide.Inputs(List.of("c"), List.of("a"))));
    assertThat(found.facts()).extracting(Fact::part).doesNotContain(Part.LIBRARY);
    assertThat(found.facts())
        .filteredOn(f -> f.part() == Part.FIT && f.differs())
        .extracting(Fact::name)
        .containsExactly("learningRate");
  }

  @Test
  void saysByWhatDefinitionsAndLibrariesDiffer() {
    registry().register(draft(0.01, Map.of(), "b", slices(0.8)), ADA);
    registry().register(draft(0.02, Map.of(), "other", slices(0.8)), ADA);
    registry().register(draft(0.01, Map.of("a", "raw"), "b", slices(0.7)), ADA);

    SideBySide found = sideBySide("late_arrival@1", "late_arrival@2", "late_arrival@3");

    assertThat(found.definitions())
        .containsOnly(
            Map.entry(
                "late_arrival@2",
                List.of(
                    "  features/carrier_history.yaml", "    - rate: 0.01", "    + rate: 0.02")));
    assertThat(found.facts())
        .filteredOn(f -> f.part() == Part.LIBRARY)
        .extracting(Fact::name)
        .containsExactly("b.jar");
  }

  /** A profile of one input: so many of 600 rows have each of ten values, the others none. */
  private static byte[] trainedOn(int rows, double add) {
    double[] values = IntStream.range(0, 600).mapToDouble(row -> row % 10 + add).toArray();
    Arrays.fill(values, rows, values.length, Double.NaN);
    return DriftProfile.of(
            List.of(new InputName("distance", "flights")),
            List.of(new Column.Numbers(values)),
            IntStream.range(0, 600).map(row -> row / 60).toArray(),
            IntStream.range(0, 10)
                .mapToObj(d -> new DriftProfile.TrainedInterval("day " + d, d % 7, true, 60))
                .toList())
        .bytes();
  }

  private void register(double rate, Map<String, byte[]> more) {
    registry().register(draft(rate, Map.of(), "b", slices(0.8), more), ADA);
  }

  @Test
  void tellsHowInputsShiftedSinceTheFirstWasTrained() {
    register(0.01, Map.of("inputs-drift.bin", trainedOn(600, 0)));
    register(0.02, Map.of("inputs-drift.bin", trainedOn(600, 3)));
    register(0.03, Map.of("inputs-drift.bin", trainedOn(450, 0)));
    register(0.04, Map.of());

    assertThat(
            sideBySide("late_arrival@1", "late_arrival@2", "late_arrival@3", "late_arrival@4")
                .facts())
        .filteredOn(f -> f.part() == Part.DRIFT)
        .singleElement()
        .satisfies(
            fact -> {
              assertThat(fact.name()).isEqualTo("distance");
              assertThat(fact.values().get(0).isMissingNode()).isTrue();
              assertThat(fact.values().get(1).path("index").doubleValue()).isGreaterThan(1);
              assertThat(fact.values().get(1).path("missing").doubleValue()).isZero();
              assertThat(fact.values().get(2).path("missing").doubleValue()).isEqualTo(0.25);
              assertThat(fact.values().get(2).path("missingBefore").doubleValue()).isZero();
              assertThat(fact.values().get(3).isMissingNode()).isTrue();
            });
    assertThat(sideBySide("late_arrival@4", "late_arrival@1").facts())
        .noneMatch(f -> f.part() == Part.DRIFT);
  }

  @Test
  void tellsHowTheyDidOnTheSameRows() {
    registry().register(draft(0.01, Map.of(), "b", slices(0.8)), ADA);
    RetrainDecision decision =
        RetrainDecision.of(
            ModelReference.of("late_arrival", 1),
            "production",
            "lateness",
            "2026-02-01",
            Optional.empty(),
            Instant.parse("2026-02-01T00:00:00Z"),
            "auc fell");
    registry().retrainings().decide(decision, Duration.ofDays(7), ADA, "");
    ModelVersion challenger =
        registry()
            .register(Drafts.because(draft(0.02, Map.of(), "b", slices(0.8)), decision.id()), ADA);
    registry()
        .promotions()
        .follow(
            challenger,
            "production",
            Optional.of(decision),
            Optional.of(Drafts.beside(1, 0.02)),
            Optional.empty(),
            ADA,
            "");

    assertThat(sideBySide("late_arrival@1", "late_arrival@2").comparisons())
        .singleElement()
        .asString()
        .contains("late_arrival@2", "beside @1: auc +0.0200 (+0.0100 to +0.0300), log-loss");
  }

  @Test
  void refusesWhatThereIsNot() {
    registry().register(draft(0.01, Map.of(), "b", slices(0.8)), ADA);

    assertThatThrownBy(() -> sideBySide("late_arrival@1", "late_arrival@2"))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("late_arrival@2");
  }
}
