package io.tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.registry.Comparison.Range;
import io.tributary.registry.Comparison.SameRows;
import io.tributary.registry.Comparison.Verdict;
import io.tributary.registry.Promotions.Followed;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a version beside the one in force, by a policy and by hand. */
class TestPromotions {
  private static final Principal ADA = Principal.osUser("ada");
  private static final Principal BOB = Principal.osUser("bob");
  private static final Optional<Double> MARGIN = Optional.of(0.005);
  private static final String TRAIN =
      " Train a better version, or change the rules in the model's definition and train again.";

  @TempDir Path lake;

  private ArtefactStore store;
  private ModelRegistry registry;

  @BeforeEach
  void open() {
    store = ArtefactStore.open(lake.toString());
    registry = ModelRegistry.open(lake.toString());
  }

  private ModelVersion register(String content, AdmissionVerdict... rules) {
    return registry.register(Drafts.with(Drafts.draft(store, content, 0.75), rules), ADA);
  }

  private ModelVersion inProduction() {
    ModelVersion first = register("a");
    registry.promote("late_arrival", 1, "production", BOB, "first");
    return first;
  }

  private static Range range(double mean, double reach) {
    return new Range(30, mean, mean - reach, mean + reach);
  }

  private static Verdict verdict(double auc, double loss, double reach, double margin) {
    return Comparison.of(1, range(auc, reach), range(loss, reach), margin, Optional.empty())
        .verdict(margin);
  }

  @Test
  void neitherMeasureMayBeWorseByTheMarginAndOneThatIsSurelyWorseIsWorse() {
    assertThat(verdict(0, 0, 0.004, 0.005)).isEqualTo(Verdict.NOT_WORSE);
    assertThat(verdict(0, 0, 0.005, 0.005)).as("at the margin").isEqualTo(Verdict.CANNOT_TELL);
    assertThat(verdict(0, 0, 0.005, 0.006)).isEqualTo(Verdict.NOT_WORSE);
    assertThat(verdict(-0.002, 0, 0.001, 0.005))
        .as("surely worse, and surely not by the margin")
        .isEqualTo(Verdict.NOT_WORSE);
    assertThat(verdict(-0.006, 0, 0.003, 0.005)).isEqualTo(Verdict.WORSE);
    assertThat(verdict(-0.006, 0, 0.007, 0.005)).isEqualTo(Verdict.CANNOT_TELL);
    assertThat(verdict(0.02, 0.006, 0.003, 0.005)).isEqualTo(Verdict.WORSE);
    assertThat(verdict(0.02, 0.006, 0.007, 0.005)).isEqualTo(Verdict.CANNOT_TELL);
    assertThat(Comparison.cannotTell(1, "few", 0.005, Optional.empty()).verdict())
        .isEqualTo(Verdict.CANNOT_TELL);
    assertThat(verdict(0, 0, 1e-9, 0)).isEqualTo(Verdict.CANNOT_TELL);
    assertThat(Comparison.ofSameArtefact(1, 5, 0.005, ROWS).verdict(0))
        .as("of few nights, and without a margin")
        .isEqualTo(Verdict.NOT_WORSE);
  }

  /** One that an older build wrote has neither margin nor rows. */
  @Test
  void readsComparisonsOfBefore() {
    Comparison read =
        Json.read(
            "{\"champion\":1,\"measures\":{\"auc\":{\"nights\":9,\"mean\":0.0,\"lower\":-0.008,\"upper\":0.008},\"log-loss\":{\"nights\":9,\"mean\":0.0,\"lower\":-0.008,\"upper\":0.008}},\"notWorse\":true,\"words\":\"w\"}",
            Comparison.class);
    assertThat(read.verdict()).isEqualTo(Verdict.NOT_WORSE);
    assertThat(read.verdict(0.005)).isEqualTo(Verdict.CANNOT_TELL);
    assertThat(Json.read(Json.write(read), Comparison.class)).isEqualTo(read);
  }

  private Followed follow(ModelVersion version, double auc, Optional<Double> margin) {
    return registry
        .promotions()
        .follow(
            version,
            "production",
            Optional.empty(),
            Optional.of(Drafts.beside(1, auc)),
            margin,
            ADA,
            "run");
  }

  @Test
  void whatIsWorseOrMayBeStaysOutAndWhatIsNotIsPromotedOnItsComparison() {
    inProduction();
    ModelVersion worse = register("worse");
    ModelVersion unsure = register("unsure");
    ModelVersion better = register("better");
    assertThat(registry.promotions().isOwed(worse, "production", MARGIN)).isTrue();
    assertThat(follow(worse, -0.03, MARGIN)).isEqualTo(new Followed(false, "it is worse"));
    assertThat(follow(unsure, 0, MARGIN))
        .isEqualTo(new Followed(false, "cannot tell whether it is worse by 0.005"));
    assertThat(follow(better, 0.02, Optional.empty()))
        .isEqualTo(new Followed(false, "the model's file leaves promoting to a person"));
    assertThat(registry.resolve("late_arrival@production").number()).isEqualTo(1);
    assertThat(registry.promotions().isOwed(worse, "production", MARGIN)).isFalse();
    assertThat(registry.promotions().isOwed(better, "production", MARGIN))
        .as("the policy is another one now")
        .isTrue();
    assertThat(registry.promotions().isOwed(unsure, "production", Optional.of(0.02)))
        .as("the margin is")
        .isTrue();

    List<ModelChange> before = registry.history("late_arrival");
    assertThat(follow(worse, 0.5, MARGIN))
        .as("compared once, and that counts")
        .isEqualTo(new Followed(false, "it is worse"));
    assertThat(registry.history("late_arrival")).isEqualTo(before);

    assertThat(follow(better, 0.02, MARGIN).promoted()).isTrue();
    assertThat(registry.resolve("late_arrival@production").number()).isEqualTo(4);
    assertThat(registry.promotions().isOwed(better, "production", MARGIN)).isFalse();
    List<ModelChange> after = registry.history("late_arrival");
    assertThat(after.get(after.size() - 1).run()).isEqualTo("run");
    assertThat(after.get(after.size() - 1).toString())
        .startsWith("ada promoted late_arrival@4 to production at ")
        .endsWith(
            "(not worse than @1, as its model's file allows), beside @1: auc +0.0200 (+0.0100 to"
                + " +0.0300), log-loss +0.0000 (-0.0040 to +0.0040), over 30 nights: surely not"
                + " worse by 0.01");
  }

  @Test
  void whereNoVersionIsInForceThePolicyAloneDecides() {
    ModelVersion first = register("a", rule("auc", ">=", 0), rule("reproduced", "", 0));
    Promotions promotions = registry.promotions();
    assertThat(promotions.isOwed(first, "production", Optional.empty())).isFalse();
    assertThat(promotions.isOwed(first, "production", MARGIN)).as("not reproduced").isFalse();
    reproduced(first);
    assertThat(promotions.isOwed(first, "production", MARGIN)).isTrue();
    Followed followed =
        promotions.follow(
            first, "production", Optional.empty(), Optional.empty(), MARGIN, ADA, "r1");
    assertThat(followed).isEqualTo(new Followed(true, "all admission rules hold, run r1"));
    ModelVersion second = register("b");
    assertThat(
            promotions
                .follow(second, "production", Optional.empty(), Optional.empty(), MARGIN, ADA, "r")
                .why())
        .startsWith("production has a version meanwhile: ada moved it to @1 at ");
  }

  private void reproduced(ModelVersion version) {
    registry.reproduced(
        version.reference().toString(),
        Digest.of("x"),
        new Environment("abc123", false, "17", "Linux", "ada", "host"),
        ADA);
  }

  private static AdmissionVerdict rule(String metric, String operator, double added) {
    return AdmissionVerdict.atPromotion(
        operator.isEmpty() ? metric : metric + " " + operator + " production",
        metric,
        operator,
        added);
  }

  /** What could not be read is there again: the first comparison must not stand for ever. */
  @Test
  void aComparisonThatTellsNothingMayBeMadeAgain() {
    inProduction();
    ModelVersion second = register("b");
    Promotions promotions = registry.promotions();
    Comparison gone = Comparison.cannotTell(1, "cannot tell: gone", 0.005, Optional.empty());
    Comparison other = Comparison.cannotTell(1, "cannot tell: other", 0.005, Optional.empty());
    Comparison few = Comparison.cannotTell(1, "cannot tell: few", 0.005, Optional.of(ROWS));
    assertThat(promotions.record(second, gone, ADA, "")).isEqualTo(gone);
    assertThat(promotions.record(second, gone, ADA, "")).isEqualTo(gone);
    assertThat(registry.history("late_arrival")).as("it says the same").hasSize(4);
    assertThat(promotions.isOwed(second, "production", MARGIN)).isFalse();
    assertThat(promotions.record(second, other, ADA, "")).isEqualTo(other);
    assertThat(promotions.record(second, few, ADA, "")).isEqualTo(few);
    assertThat(promotions.record(second, measured(0.7, 0.6), ADA, "")).isEqualTo(few);
    assertThat(registry.history("late_arrival")).hasSize(6);

    ModelVersion third = register("c");
    promotions.record(third, gone, ADA, "");
    assertThat(follow(third, 0.02, MARGIN).promoted()).isTrue();
    assertThat(registry.history("late_arrival").get(9).comparison())
        .as("by the one that it is promoted on")
        .hasValue(Drafts.beside(1, 0.02).toString());
  }

  /** Of what a decision led to, too, the comparison that is recorded counts. */
  @Test
  void aDecisionIsAnsweredByWhatIsRecorded() {
    inProduction();
    ModelVersion second = register("b");
    registry.promotions().record(second, Drafts.beside(1, -0.03), BOB, "");
    RetrainDecision decision =
        new RetrainDecision(
            "retrain/m/1",
            "late_arrival",
            1,
            "production",
            "m",
            "night",
            Optional.empty(),
            UP_TO,
            "r");
    Followed followed =
        registry
            .promotions()
            .follow(
                second,
                "production",
                Optional.of(decision),
                Optional.of(Drafts.beside(1, 0.5)),
                MARGIN,
                ADA,
                "run");
    assertThat(followed).isEqualTo(new Followed(false, "it is worse"));
    assertThat(registry.retrainings().isAnswered(decision)).isTrue();
    assertThat(registry.promotions().comparison(second.reference(), 1))
        .hasValue(Drafts.beside(1, -0.03));
  }

  private static final Instant UP_TO = Instant.parse("2024-02-01T00:00:00Z");
  private static final SameRows ROWS =
      new SameRows("late_arrival@3", Optional.empty(), 900, Map.of("auc", 0.7), Map.of("auc", 0.7));

  private static Comparison measured(double mine, double theirs) {
    return Comparison.of(
        1,
        range(mine - theirs, 0.001),
        range(0, 0.001),
        0.005,
        Optional.of(
            new SameRows(
                "late_arrival@3",
                Optional.of(Interval.parse("2024-01-25/2024-02-01")),
                900,
                Map.of("auc", mine),
                Map.of("auc", theirs))));
  }

  /** All of it at once, each with what to do. */
  @Test
  void aPersonIsToldAllThatIsMissing() {
    inProduction();
    ModelVersion second =
        register(
            "b",
            AdmissionVerdict.judge("auc >= 0.8", "auc", ">=", 0.8, Optional.of(0.75)),
            rule("auc", ">=", -0.01),
            rule("reproduced", "", 0));
    assertThatThrownBy(() -> registry.promote("late_arrival", 2, "production", ADA, "now"))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
        .hasMessage(
            "Cannot promote late_arrival@2 to production: 3 things stand against it. (1) admission"
                + " rule \"auc >= 0.8\" does not hold: auc is 0.75."
                + TRAIN
                + " (2) it is not compared with late_arrival@1, which bob put there at "
                + registry.models().get("late_arrival").aliases().get("production").at()
                + " (first). Compare the two on the same rows: tributary registry challenge"
                + " late_arrival@2. (3) admission rule \"reproduced\" does not hold: it was not made"
                + " again. Do so: tributary reproduce late_arrival@2.");

    registry.promotions().record(second, measured(0.7, 0.72), ADA, "");
    reproduced(second);
    assertThatThrownBy(() -> registry.promote("late_arrival", 2, "production", ADA, "now"))
        .hasMessageContaining("2 things stand against it. (1) admission rule \"auc >= 0.8\"")
        .hasMessageEndingWith(
            "(2) admission rule \"auc >= production\" does not hold: auc is 0.7, and on the same"
                + " rows it has to be >= 0.71."
                + TRAIN);
    assertThat(second.failed()).hasSize(1);
    assertThatThrownBy(() -> registry.promote("late_arrival", 2, "candidate", ADA, "to watch"))
        .as("no version is beside it there")
        .hasMessage(
            "Cannot promote late_arrival@2 to candidate: admission rule \"auc >= 0.8\" does not hold:"
                + " auc is 0.75."
                + TRAIN);
  }

  @Test
  void aPersonMayPromoteWhatIsWorseAndItsComparisonIsInTheEvent() {
    inProduction();
    ModelVersion second = register("b", rule("auc", ">=", -0.05));
    registry.promotions().record(second, measured(0.7, 0.72), ADA, "");
    registry.promote("late_arrival", 2, "production", ADA, "it is fair");
    assertThat(registry.history("late_arrival").get(4).comparison().orElseThrow())
        .startsWith("beside @1: auc -0.0200 (-0.0210 to -0.0190)");
  }

  @Test
  void aRuleBesideProductionIsNotJudgedWithoutRows() {
    inProduction();
    ModelVersion second = register("b", rule("auc", ">=", -0.05));
    registry
        .promotions()
        .record(
            second, Comparison.cannotTell(1, "cannot tell: x", 0.005, Optional.empty()), ADA, "");
    assertThatThrownBy(() -> registry.promote("late_arrival", 2, "production", ADA, "now"))
        .hasMessage(
            "Cannot promote late_arrival@2 to production: admission rule \"auc >= production\" can't be"
                + " judged, beside @1: cannot tell: x."
                + " Compare again where what was lacking is there (tributary registry challenge"
                + " late_arrival@2), or train again.");
  }
}
