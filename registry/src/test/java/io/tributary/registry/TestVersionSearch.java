package io.tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Principal;
import io.tributary.events.EventLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestVersionSearch {
  private static final Instant START = Instant.parse("2026-11-01T04:00:00Z");
  private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");
  private static final Principal ADA = Principal.osUser("ada");
  private static final Principal BOB = Principal.osUser("bob");

  @TempDir Path lake;

  private ArtefactStore store;
  private ModelRegistry registry;

  /**
   * late_arrival@1 (0.70, refused, tagged, retired), @2 (0.75, production before @4), @3 (0.75,
   * held), @4 (0.78, production), other@1 (0.73, of bob), 12 hours apart from midnight in New York
   * (clocks went back) on.
   */
  @BeforeEach
  void register() {
    store = ArtefactStore.open(lake.toString());
    registry = at(0);
    double[] areas = {0.70, 0.75, 0.75, 0.78};
    for (int i = 0; i < areas.length; i++) {
      at(12 * i).register(Drafts.draft(store, "bundle " + i, areas[i]), ADA);
    }
    at(48).register(Drafts.draft(store, "other", "bundle", 0.73), BOB);
    ModelRegistry later = at(60);
    later.promote("late_arrival", 2, "production", ADA, "first");
    Drafts.promote(later, "late_arrival", 4, ADA, "better");
    later.promote("late_arrival", 3, "candidate", ADA, "to look at");
    later.tag("late_arrival", 1, Map.of("stage", "first trial", "owner", "ada"), List.of(), ADA);
    later.tag("late_arrival", 2, Map.of("stage", "trial"), List.of(), ADA);
    later.tag("late_arrival", 1, Map.of(), List.of("owner"), ADA);
    later.retire("late_arrival", 1, BOB, "of no use");
    later.hold("late_arrival", 3, BOB, "audit 7");
    later.hold("late_arrival", 4, BOB, "audit 8");
    later.release("late_arrival", 4, BOB, "audit is over");
    later.describe("late_arrival", 2, "the one of spring", ADA);
    Suspects.open(lake.toString())
        .mark("model:late_arrival@2", Coverage.of(List.of("model:other@1")), BOB, "bad rows");
  }

  private ModelRegistry at(int hours) {
    return ModelRegistry.open(
        EventLog.open(lake.resolve("platform/registry").toString()),
        store,
        Clock.fixed(START.plus(Duration.ofHours(hours)), ZoneOffset.UTC));
  }

  private List<String> found(String expression) {
    return registry.search(VersionSearch.parse(expression, () -> NEW_YORK)).stream()
        .map(found -> found.version().toString().replace("late_arrival", "late"))
        .toList();
  }

  @Test
  void findsByWhatIsRecordedAndDecided() {
    Map<String, List<String>> expected = new TreeMap<>();
    expected.put("", List.of("late@1", "late@2", "late@3", "late@4", "other@1"));
    expected.put("auc >= 0.75", List.of("late@2", "late@3", "late@4"));
    expected.put("auc > 0.75", List.of("late@4"));
    expected.put("auc < 0.73", List.of("late@1"));
    expected.put("auc <= 0.73", List.of("late@1", "other@1"));
    expected.put("auc=0.75", List.of("late@2", "late@3"));
    expected.put("auc != 0.75", List.of("late@1", "late@4", "other@1"));
    expected.put(
        "log-loss < baseline and auc > baseline and auc > 0.74 AND model = late_arrival",
        List.of("late@2", "late@3", "late@4"));
    expected.put("log-loss >= baseline", List.of());
    expected.put("leaks = 2 and number <= 2", List.of("late@1", "late@2", "other@1"));
    expected.put("leaks < 2", List.of());
    expected.put("model = other", List.of("other@1"));
    expected.put("by != ada", List.of("other@1"));
    expected.put("alias = production", List.of("late@4"));
    expected.put("alias != production and status = in-use", List.of("late@3"));
    expected.put("status = refused", List.of("late@1"));
    expected.put("status = admitted and status != in-use", List.of("late@2", "other@1"));
    expected.put("status = retired", List.of("late@1"));
    expected.put("status = held", List.of("late@3"));
    expected.put("status = suspect", List.of("late@2", "other@1"));
    expected.put("tag.stage = trial", List.of("late@2"));
    expected.put("tag.stage = \"first trial\"", List.of("late@1"));
    expected.put("tag.stage != trial", List.of("late@1", "late@3", "late@4", "other@1"));
    expected.put("tag.owner = ada", List.of());
    expected.put(
        "training-set = late_arrival and training-set = late_arrival@3 and number = 3",
        List.of("late@3"));
    expected.put("training-set = late_arrival@2", List.of());
    // The first of November has 25 hours there.
    expected.put("registered = 2026-11-01", List.of("late@1", "late@2", "late@3"));
    expected.put("registered <= 2026-11-01", List.of("late@1", "late@2", "late@3"));
    expected.put("registered > 2026-11-01", List.of("late@4", "other@1"));
    expected.put("registered >= 2026-11-02", List.of("late@4", "other@1"));
    expected.put("registered < 2026-11-01", List.of());
    expected.put("registered >= 2026-11-02T16:00:00Z", List.of("late@4", "other@1"));
    expected.put("registered > 2026-11-02T11:00:00-05:00", List.of("other@1"));

    Map<String, List<String>> found = new TreeMap<>();
    expected.keySet().forEach(expression -> found.put(expression, found(expression)));

    assertThat(found).isEqualTo(expected);
  }

  @Test
  void ordersByTimeAndByMeasure() {
    List<VersionSearch.Found> all =
        new ArrayList<>(registry.search(VersionSearch.parse("", () -> NEW_YORK)));
    all.sort(VersionSearch.newest());
    assertThat(all)
        .extracting(found -> found.version().toString())
        .containsExactly(
            "other@1", "late_arrival@4", "late_arrival@3", "late_arrival@2", "late_arrival@1");
    all.sort(VersionSearch.by("auc"));
    assertThat(all)
        .extracting(found -> found.version().toString())
        .containsExactly(
            "late_arrival@4", "late_arrival@3", "late_arrival@2", "other@1", "late_arrival@1");
    all.sort(VersionSearch.by("log-loss").reversed());
    assertThat(all.get(0).version()).hasToString("late_arrival@1");
  }

  @Test
  void saysAllOfAVersionThatIsSearched() {
    VersionSearch.Found found =
        registry.search(VersionSearch.parse("number = 2", () -> NEW_YORK)).get(0);
    RegisteredVersion registered = registry.find("late_arrival", 2).orElseThrow();

    assertThat(found.metrics()).isEqualTo(registered.version().metrics());
    assertThat(found.baselines()).isEqualTo(registered.version().baselines());
    assertThat(found.trainingSet()).isEqualTo(registered.version().trainedOn());
    assertThat(found.registered()).isEqualTo(registered.at());
    assertThat(found.tags()).isEqualTo(registered.tags()).isEqualTo(Map.of("stage", "trial"));
    assertThat(found.description())
        .isEqualTo(registered.description())
        .contains("the one of spring");
  }

  @Test
  void refusesWhatIsNoExpression() {
    thrownBy("auc")
        .hasMessage(
            "Cannot search versions by \"auc\": \"auc\" is no condition. Write NAME OPERATOR VALUE with one of < <= > >= = !=, and \"and\" between conditions, as in auc >= 0.74 and tag.stage = trial.");
    thrownBy("auc >= 0.7 or auc < 0.6")
        .hasMessage(
            "Cannot search versions by \"auc >= 0.7 or auc < 0.6\": \"0.7 or auc < 0.6\" is no value. Write a value with blanks or commas in quotes, and \"and\" between conditions; there is no or: search twice.");
    for (String wrong :
        List.of(
            "auc >= 0.7 and ",
            "alias != production or status = held",
            "tag.stage = trial and",
            "model = late, auc > 0.7")) {
      thrownBy(wrong).hasMessageContaining("there is no or: search twice");
    }
    for (String wrong : List.of("auc >= NaN", "auc > 0x1p-1", "auc > 0.7f")) {
      thrownBy(wrong).hasMessageContaining("is no number");
    }
    thrownBy("leaks <= baseline").hasMessageContaining("leaks has no baseline");
    thrownBy("acu >= 0.7")
        .hasMessage(
            "Cannot search versions by \"acu >= 0.7\": no version has a measure \"acu\". Write one of alias, auc, by, leaks, log-loss, model, number, registered, status, training-set, or tag.KEY. Did you mean \"auc\"?");
    thrownBy("status = retird")
        .hasMessage(
            "Cannot search versions by \"status = retird\": there is no status \"retird\". Write one of admitted, refused, in-use, retired, held, suspect. Did you mean \"retired\"?");
    thrownBy("alias > a")
        .hasMessage(
            "Cannot search versions by \"alias > a\": alias has no order. Compare it by = or !=.");
    thrownBy("registered > yesterday").hasMessageContaining("Cannot read instant \"yesterday\"");
  }

  private org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> thrownBy(
      String expression) {
    return assertThatThrownBy(() -> found(expression));
  }

  @Test
  void readsNoLargePartThatItDoesNotNeed() throws Exception {
    ModelVersion draft = Drafts.draft(store, "wide", "bundle", 0.71);
    Map<String, String> inputs = new TreeMap<>();
    for (int i = 0; i < 1_000; i++) {
      inputs.put("input " + i, "standardize");
    }
    registry.register(Drafts.of(draft, inputs), ADA);
    RegisteredVersion wide = registry.find("wide", 1).orElseThrow();
    Path stored = lake.resolve("registrations/" + wide.stored().get("parameters").hex());
    Files.delete(stored.resolve("body.json"));

    // Another one, which has not read it yet.
    registry = at(72);
    assertThat(found("model = wide and auc = 0.71")).containsExactly("wide@1");
  }

  @Test
  void aBaselineIsTheBetterOne() {
    ModelVersion draft = Drafts.draft(store, "two", "bundle", 0.73);
    registry.register(
        Drafts.beside(
            draft,
            Map.of(
                "logistic", Map.of("auc", 0.74, "log-loss", 0.46),
                "constant", Map.of("auc", 0.5, "log-loss", 0.44))),
        ADA);

    assertThat(found("model = two and auc < baseline")).containsExactly("two@1");
    assertThat(found("model = two and log-loss > baseline")).containsExactly("two@1");
  }
}
