package io.tributary.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.SuspectUse;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestProjectReader {
  @TempDir Path folder;
  private Map<String, String> files;

  @BeforeEach
  void startFromAWholeProject() {
    files = new LinkedHashMap<>(FullProject.files());
  }

  @Test
  void readsAWholeProject() {
    assertThat(problems()).isEmpty();
    Project project = ProjectReader.read(folder, FullProject.ENVIRONMENT, Optional.empty());
    assertThat(project.lake()).isEqualTo("hdfs://acme/lake");
    assertThat(project.online().text()).isEqualTo("rocksdb:/mnt/host.acme/online");
    assertThat(project.lineage()).containsExactly("delta");
    assertThat(project.credentials().get("till").password().orElseThrow().reveal())
        .isEqualTo("hunter2");
    assertThat(project.retention()).isEqualTo(Duration.ofDays(365));
    assertThat(project.suspect()).isEqualTo(SuspectUse.WARN);
    assertThat(project.serving()).isEqualTo(new Recording(0.5, 0.25));
    assertThat(project.airflow()).contains(URI.create("https://airflow.acme.org/team"));
    Source orders = project.sources().get("orders");
    assertThat(orders.columns().get(2).type().ddl()).isEqualTo("decimal(10,2)");
    assertThat(orders.columns().get(3).type().ddl()).isEqualTo("array<struct<sku:string,n:int>>");
    assertThat(orders.derive().get(0).expression().sql())
        .isEqualTo("amount > 100\nand state <> 'a, b: c # d'");
    assertThat(orders.derive().get(0).expression().location())
        .hasToString("sources/orders.yaml:27");
    FeatureView view = project.views().get(ViewId.parse("orders@1"));
    assertThat(view.featureNames())
        .containsExactly(
            "n_1d",
            "n_7d",
            "n_7_calendar_days",
            "n_1_calendar_day",
            "sum_90m",
            "p_30d",
            "recent_365d",
            "quiet_30d",
            "last_state",
            "ratio");
    assertThat(((Feature.Windowed) view.features().get(2)).window())
        .isEqualTo(new Window.CalendarDays(7, view.zone()));
    assertThat(((Feature.Windowed) view.features().get(4)).where())
        .contains(new SqlText("big and state in ('a', 'over')", view.location()));
    assertThat(project.views().keySet())
        .extracting(ViewId::toString)
        .containsExactly("orders@1", "orders@2", "request@1");
    assertThat(project.trainingSets().get("next_order").knownUntil())
        .contains(Instant.parse("2024-05-01T10:00:00Z"));
    assertThat(project.models().get("next_order").split().train())
        .hasToString("2023-12-31T23:00:00Z/2024-02-29T23:00:00Z");
    assertThat(project.scores().get("champion").alias()).isEqualTo("1");
  }

  @Test
  void gathersAllProblemsInOneError() {
    edit("features/orders_2.yaml", "entity:", "entty:");
    edit("sources/customers.yaml", "static: true", "static: maybe");
    write();
    assertThatThrownBy(() -> ProjectReader.read(folder, FullProject.ENVIRONMENT, Optional.empty()))
        .isInstanceOfSatisfying(
            PlatformException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DEFINITION))
        .hasMessage(
            "Cannot check project "
                + folder.toAbsolutePath()
                + ": 2 problems. Correct them all:\n"
                + "  Cannot check view orders@2 (features/orders_2.yaml:4): unknown key \"entty\"."
                + " Did you mean \"entity\"?\n"
                + "  Cannot check source customers (sources/customers.yaml:12): \"static\" is the"
                + " text \"maybe\", not true or false.");
  }

  @Test
  void listsKnownKeysWhereNoneIsNear() {
    edit("scores/champion.yaml", "rows: next_order", "rows: next_order\npopulation: all");
    assertThat(problems())
        .containsExactly(
            "Cannot check scores champion (scores/champion.yaml:5): unknown key \"population\"."
                + " Known keys: scores, description, model, challengers, shadows, rows, decide, decisions.");
  }

  @Test
  void aVersionScoresInOneRoleAndDecisionsAreOfRolesAndNumbers() {
    assertThat(problems()).isEmpty();
    Project project = ProjectReader.read(folder, FullProject.ENVIRONMENT, Optional.empty());
    ScoreSet baskets = project.scores().get("baskets");
    assertThat(baskets.challengers()).containsExactly("candidate", "3");
    assertThat(baskets.shadows()).containsExactly("2");
    assertThat(baskets.decisions().keySet()).containsExactly("3", "challenger");
    edit("scores/baskets.yaml", "[candidate, 3]", "[candidate, production]");
    edit("scores/baskets.yaml", "shadows: [2]", "shadows: [2, candidate]");
    edit("scores/baskets.yaml", "challenger: score > 0.4", "champion: score > 0.4");
    assertThat(problems())
        .containsExactly(
            "Cannot check scores baskets (scores/baskets.yaml:6): \"challengers\" names production,"
                + " which \"model\" has already. Name it once.",
            "Cannot check scores baskets (scores/baskets.yaml:7): \"shadows\" names candidate,"
                + " which \"challengers\" has already. Name it once.",
            "Cannot check scores baskets (scores/baskets.yaml:9): \"decisions.champion\" is the text"
                + " \"champion\", not challenger, shadow or a version's number. Write it as in"
                + " challenger.");
    edit("scores/baskets.yaml", "[2, candidate]", "[next_order@7]");
    assertThat(problems())
        .contains(
            "Cannot check scores baskets (scores/baskets.yaml:7): \"shadows[0]\" is the text"
                + " \"next_order@7\", not an alias or a version's number. Write it as in candidate.");
  }

  @Test
  void saysWhatWasFoundAndWhatIsExpected() {
    edit("features/orders_1.yaml", "ttl: 30d", "ttl: thirty days");
    edit("features/orders_1.yaml", "entity: [customer]", "entity: customer");
    edit("models/next_order.yaml", "batch: 64", "batch: 64.5");
    edit("models/next_order.yaml", "- dropout(0.25)", "- dropout(2)");
    edit("monitors/baskets.yaml", "score: [0.01, 0.99]", "score: [0.99, 0.01]");
    edit("sources/visits.yaml", "pages: int", "pages: itn");
    edit("sources/visits.yaml", "at: date", "at: {type: dat}");
    edit("pipelines/nightly.yaml", "until: 2024-06-01", "until: 2024-06-31");
    edit("tributary.yaml", "zone: Europe/Berlin", "zone: Europe/Berln");
    assertThat(problems())
        .contains(
            "Cannot check view orders@1 (features/orders_1.yaml:4): \"entity\" is the text"
                + " \"customer\", not a list, each a column's name. Write it as a list: one \"-"
                + " item\" a line, or [a, b].",
            "Cannot check view orders@1 (features/orders_1.yaml:16): \"ttl\" is the text \"thirty"
                + " days\", not a duration: write a number and us, ms, s, m, h or d, as in 90m or 7d.",
            "Cannot check model next_order (models/next_order.yaml:19): \"fit.batch\" is the number"
                + " 64.5, not a whole number from 1 to 1048576.",
            "Cannot check model next_order (models/next_order.yaml:15): \"network[1]\" is the text"
                + " \"dropout(2)\", not a layer. Write dense(WIDTH, ACTIVATION) with a width from 1"
                + " to 16384 and one of relu, tanh, sigmoid, identity, gelu, or dropout(SHARE) with"
                + " a share below 1.",
            "Cannot check monitor baskets (monitors/baskets.yaml:11): \"bounds.score\" is not a"
                + " lower and an upper bound, as in [0, 1], the lower one first. Write it so.",
            "Cannot check source visits (sources/visits.yaml:9): \"columns.pages\", column 10: no"
                + " column type \"itn\". Did you mean \"int\"?",
            "Cannot check source visits (sources/visits.yaml:8): \"columns.at.type\", column 14: no"
                + " column type \"dat\". Did you mean \"date\"?",
            "Cannot check project acme (tributary.yaml:2): \"zone\" is the text \"Europe/Berln\","
                + " which is no time zone. Did you mean \"Europe/Berlin\"?")
        .anySatisfy(
            p ->
                assertThat(p)
                    .startsWith(
                        "Cannot check pipeline nightly (pipelines/nightly.yaml:5): \"until\" is the"
                            + " text \"2024-06-31\", not an instant: ")
                    .endsWith("Write 2013-01-31 or 2013-01-31T06:00:00-05:00."));
  }

  @Test
  void namesMissingKeys() {
    edit("training-sets/next_order.yaml", "  as-of: placed - interval 1 hour\n", "");
    edit("models/next_order.yaml", "network:\n  - dense(32, tanh)\n  - dropout(0.25)\n", "");
    assertThat(problems())
        .contains(
            "Cannot check training-set next_order (training-sets/next_order.yaml:3): \"rows\":"
                + " missing \"as-of\". Write it: The instant at which a row asks. Or write"
                + " \"every\": A row for each entity known by then, at instants so far apart.",
            "Cannot check model next_order (models/next_order.yaml:1): missing \"network\". Write"
                + " it: The hidden layers in order; the output layer follows from the label.");
  }

  @Test
  void refusesAKeyThatStandsTwice() {
    edit("features/orders_2.yaml", "owner: shop", "owner: shop\nowner: else");
    edit("features/orders_1.yaml", "  last_state: state", "  last_state: state\n  last_state: id");
    assertThat(problems())
        .contains(
            "Cannot check view orders@2 (features/orders_2.yaml:4): key \"owner\" stands twice,"
                + " first in line 3. Keep one.",
            "Cannot check view orders@1 (features/orders_1.yaml:14): key \"last_state\" in"
                + " \"features\" stands twice, first in line 13. Keep one.");
  }

  @Test
  void refusesANameThatTwoFilesDefine() {
    files.put("sources/visits_copy.yaml", files.get("sources/visits.yaml"));
    assertThat(problems())
        .containsExactly(
            "Cannot check source visits (sources/visits_copy.yaml:1): source \"visits\" is defined"
                + " twice, first in sources/visits.yaml:1. Rename one.");
  }

  @Test
  void findsDanglingReferences() {
    edit("features/orders_2.yaml", "source: orders", "source: ordres");
    edit("sources/baskets.yaml", "from orders", "from oders");
    edit("sources/orders.yaml", "    source: customers", "    source: custmers");
    edit("training-sets/next_order.yaml", "- orders@1", "- orders@3");
    edit("models/next_order.yaml", "training-set: next_order", "training-set: next_oder");
    edit("scores/champion.yaml", "model: next_order@1", "model: next_ordr@1");
    edit("scores/baskets.yaml", "rows: next_order", "rows: nxt_order");
    edit("monitors/baskets.yaml", "scores: baskets", "scores: basket");
    edit("pipelines/nightly.yaml", "- publish orders@2", "- publish orders@22");
    edit("pipelines/nightly.yaml", "train: [next_order]", "train: [other]");
    edit("sources/orders.yaml", "expectations: orders.json", "expectations: order.json");
    assertThat(problems())
        .contains(
            "Cannot check view orders@2 (features/orders_2.yaml:5): no source \"ordres\". Did you"
                + " mean \"orders\"?",
            "Cannot check source baskets (sources/baskets.yaml:4): no source \"oders\". Did you mean"
                + " \"orders\"?",
            "Cannot check source orders (sources/orders.yaml:23): no source \"custmers\". Did you"
                + " mean \"customers\"?",
            "Cannot check training-set next_order (training-sets/next_order.yaml:12): no view"
                + " \"orders@3\". Did you mean \"orders@1\"?",
            "Cannot check model next_order (models/next_order.yaml:3): no training-set"
                + " \"next_oder\". Did you mean \"next_order\"?",
            "Cannot check scores champion (scores/champion.yaml:3): no model \"next_ordr\". Did you"
                + " mean \"next_order\"?",
            "Cannot check scores baskets (scores/baskets.yaml:4): no training-set \"nxt_order\". Did"
                + " you mean \"next_order\"?",
            "Cannot check monitor baskets (monitors/baskets.yaml:4): no scores \"basket\". Did you"
                + " mean \"baskets\"?",
            "Cannot check pipeline nightly (pipelines/nightly.yaml:10): no view \"orders@22\". Did"
                + " you mean \"orders@2\"?",
            "Cannot check pipeline nightly (pipelines/nightly.yaml:6): no model \"other\". There are:"
                + " called, next_order.",
            "Cannot check source orders (sources/orders.yaml:38): no file expectations/order.json."
                + " Did you mean \"orders.json\"?");
  }

  @Test
  void findsDanglingColumns() {
    edit("sources/orders.yaml", "event-key: [id]", "event-key: [idd]");
    edit("sources/orders.yaml", "keys: [customer]", "keys: [custommer]");
    edit("features/orders_2.yaml", "entity: [customer]", "entity: [custmer]");
    edit("features/orders_1.yaml", "tie-break: [id, amount]", "tie-break: [id, amout]");
    edit("features/request.yaml", "  hour: 12", "  hours: 12");
    edit("models/next_order.yaml", "newer__n_24h: standardize", "newer__n_1d: standardize");
    edit("models/next_order.yaml", "slices: [kind]", "slices: [kin]");
    assertThat(problems())
        .contains(
            "Cannot check source orders (sources/orders.yaml:30): source \"orders\" has no column"
                + " \"idd\". Did you mean \"id\"?",
            "Cannot check view orders@2 (features/orders_2.yaml:4): source \"orders\" has no column"
                + " \"custmer\". Did you mean \"customer\"?",
            "Cannot check view request@1 (features/request.yaml:12): the view has no feature"
                + " \"hours\". Did you mean \"hour\"?");
  }

  @Test
  void findsDanglingColumnsOfReadableSources() {
    edit("sources/orders.yaml", "keys: [customer]", "keys: [custommer]");
    edit("features/orders_2.yaml", "entity: [customer]", "entity: [custmer]");
    edit("features/orders_1.yaml", "tie-break: [id, amount]", "tie-break: [id, amout]");
    edit("models/next_order.yaml", "newer__n_24h: standardize", "newer__n_1d: standardize");
    edit("models/next_order.yaml", "slices: [kind]", "slices: [kin]");
    edit("training-sets/next_order.yaml", "take: [n_24h]", "take: [n_23h]");
    edit("training-sets/next_order.yaml", "      when: placed", "      when: plaiced");
    edit("training-sets/next_order.yaml", "      price: id", "      prise: id");
    assertThat(problems())
        .containsExactlyInAnyOrder(
            "Cannot check source orders (sources/orders.yaml:24): \"columns\" has no \"custommer\"."
                + " Did you mean \"customer\"?",
            "Cannot check view orders@2 (features/orders_2.yaml:4): source \"orders\" has no column"
                + " \"custmer\". Did you mean \"customer\"?",
            "Cannot check view orders@1 (features/orders_1.yaml:17): source \"orders\" has no column"
                + " \"amout\". Did you mean \"amount\"?",
            "Cannot check model next_order (models/next_order.yaml:12): training set \"next_order\""
                + " has no column \"newer__n_1d\". Did you mean \"newer__n_23h\"?",
            "Cannot check model next_order (models/next_order.yaml:25): training set \"next_order\""
                + " has no column \"kin\". Did you mean \"kind\"?",
            "Cannot check training-set next_order (training-sets/next_order.yaml:17): view orders@2"
                + " has no feature \"n_23h\". Did you mean \"n_24h\"?",
            "Cannot check training-set next_order (training-sets/next_order.yaml:15): view orders@2"
                + " has no key \"customer\". Did you mean \"custmer\"?",
            "Cannot check training-set next_order (training-sets/next_order.yaml:13): view orders@2"
                + " needs \"custmer\", and source \"baskets\" has no such column. Did you mean"
                + " \"customer\"? Write keys: {custmer: COLUMN}.",
            "Cannot check training-set next_order (training-sets/next_order.yaml:20): source"
                + " \"baskets\" has no column \"plaiced\". Did you mean \"placed\"?",
            "Cannot check training-set next_order (training-sets/next_order.yaml:21): view request@1"
                + " has no key \"prise\". Did you mean \"price\"?",
            "Cannot check training-set next_order (training-sets/next_order.yaml:18): view request@1"
                + " needs \"price\", and source \"baskets\" has no such column. Write keys: {price:"
                + " COLUMN}.");
  }

  @Test
  void findsQueriesThatReadThemselves() {
    files.put(
        "sources/loop.yaml",
        "source: loop\nquery: select id, placed from pool\nevent-time: placed\n");
    files.put(
        "sources/pool.yaml",
        "source: pool\nquery: select id, placed from loop\nevent-time: placed\n");
    assertThat(problems())
        .containsExactly(
            "Cannot check source loop (sources/loop.yaml:1): it is made of itself: loop reads pool"
                + " reads loop. Break the circle.");
  }

  @Test
  void findsLookUpsThatEndWhereTheyBegin() {
    String area =
        """
        source: %s
        read: {path: in/areas.csv}
        columns: {a: string, b: string}
        lookup: {next: {source: %s, keys: [b]}}
        event-key: [a]
        static: true
        """;
    files.put("sources/area.yaml", area.formatted("area", "region"));
    files.put("sources/region.yaml", area.formatted("region", "area"));
    assertThat(problems())
        .containsExactly(
            "Cannot check source area (sources/area.yaml:1): it is made of itself: area reads region"
                + " reads area. Break the circle.");
  }

  @Test
  void refusesOnePrefixForTwoViewsAndTheLabelAsAnInput() {
    edit("training-sets/next_order.yaml", "    as: newer\n", "    as: orders\n");
    edit("models/next_order.yaml", "newer__n_24h: standardize", "withdrawn: raw");
    assertThat(problems())
        .containsExactlyInAnyOrder(
            "Cannot check training-set next_order (training-sets/next_order.yaml:13): two views give"
                + " columns that begin with \"orders__\". Name one of them by \"as\".",
            "Cannot check model next_order (models/next_order.yaml:12): \"withdrawn\" is the label: a"
                + " model can't be shown its own answer. Take it out of inputs.");
  }

  @Test
  void givesTheDefinitionsThatHaveNoProblemOfTheirOwn() {
    edit("models/next_order.yaml", "slices: [kind]", "slices: [kin]");
    write();
    ProjectReader.Reading reading =
        ProjectReader.check(folder, FullProject.ENVIRONMENT, Optional.empty());
    assertThat(reading.problems()).singleElement().asString().contains("\"kin\"");
    Project project = reading.project().orElseThrow();
    assertThat(project.models()).containsOnlyKeys("called");
    assertThat(project.scores()).isNotEmpty();
  }

  @Test
  void refusesExpressionsInFlowStyle() {
    edit(
        "features/orders_2.yaml",
        "features:\n  n: count(*) over 24h",
        "features: {n: count(*) over 24h, share: mean(amount) over 1d}");
    edit("training-sets/next_order.yaml", "  value: state = 'withdrawn'\n", "");
    edit("sources/baskets.yaml", "event-time: placed", "event-time: [placed]");
    edit(
        "models/next_order.yaml",
        "network:\n  - dense(32, tanh)\n  - dropout(0.25)",
        "network: [dense(32, tanh), dropout(0.25)]");
    assertThat(problems())
        .contains(
            "Cannot check view orders@2 (features/orders_2.yaml:6): \"features.n\" stands inside {}"
                + " or [], where YAML cuts a feature at a comma or a colon. Write it on a line of"
                + " its own: n: ...",
            "Cannot check view orders@2 (features/orders_2.yaml:6): \"features.share\" stands inside"
                + " {} or [], where YAML cuts a feature at a comma or a colon. Write it on a line of"
                + " its own: share: ...",
            "Cannot check source baskets (sources/baskets.yaml:10): \"event-time\" is a list, not an"
                + " SQL expression.",
            "Cannot check model next_order (models/next_order.yaml:13): \"network[0]\" stands inside"
                + " {} or [], where YAML cuts a layer at a comma or a colon. Write it on a line of"
                + " its own: - ...");
  }

  @Test
  void saysInPlainWordsWhatIsNoYaml() {
    check(
        "source: a\n\tb: c\n",
        2,
        "bad YAML, column 1: a tab. YAML is indented by blanks; replace the tab.");
    check(
        "source: a\nwhere: x: y\n",
        2,
        "bad YAML, column 9: a second \": \" in one value, or a key"
            + " indented more than the keys before it. Quote the value or correct the indentation.");
    check(
        "source: a\nevent-time: 'x' || y\n",
        2,
        "bad YAML, column 18: a value goes on after its"
            + " closing quote or bracket, or the indentation changes within a block. Quote the whole"
            + " value, or write an expression that begins with a quote or a bracket below \"|\".");
    check(
        "source: a\nevent-time: \"x\n",
        3,
        "bad YAML, column 1: a quote is never closed. Close it.");
    check(
        "source: a\nread: {path: x\nzone: UTC\n",
        3,
        "bad YAML, column 5: inside {} a comma or the"
            + " closing } is missing. A value that holds a comma, a colon or a bracket can't stand"
            + " inside {}: write it on a line of its own.");
    check(
        "source: a\nread: [x\n",
        3,
        "bad YAML, column 1: inside [] a comma or the closing ] is"
            + " missing. A value that holds a comma or a bracket can't stand inside []: write a list"
            + " with one \"- item\" a line.");
    check(
        "source: a\nevent-time: @x\n",
        2,
        "bad YAML, column 13: a value begins with a character"
            + " that YAML keeps for itself. Quote the value.");
    check(
        "source: a\nevent-time: *x\n",
        2,
        "bad YAML, column 13: a value begins with *, which names"
            + " an alias in YAML. Quote the value.");
    check(
        "source: a\nzone\nowner: b\n",
        3,
        "bad YAML, column 1: a key without \": \" after it. Write" + " \"key: value\".");
    check(
        "source: a\nevent-time: &x y\n",
        2,
        "the anchor &x: anchors and aliases are not used here."
            + " Write the value where it is needed (quote a value that begins with & or *).");
    check(
        "source: a\n---\nsource: b\n",
        3,
        "a second document begins here (---). Write one" + " definition a file.");
    check("", 1, "the file is empty. Write its definition or delete it.");
    check("# nothing\n", 1, "the file is empty. Write its definition or delete it.");
    check("- a\n- b\n", 1, "the file holds a list, not keys and values. Write \"key: value\".");
    check(
        "source: a\nowner: \u0007\n", 2, "the character U+0007 may not stand in YAML. Remove it.");
  }

  private void check(String text, int line, String why) {
    files = new LinkedHashMap<>(Map.of("tributary.yaml", "project: p\nzone: UTC\n"));
    files.put("sources/a.yaml", text);
    assertThat(problems())
        .as(text)
        .containsExactly("Cannot check source (sources/a.yaml:" + line + "): " + why);
  }

  @Test
  void explainsATagInPlaceOfAnExpression() {
    edit("features/orders_1.yaml", "where: state <> 'over'", "where: !big");
    assertThat(problems())
        .containsExactly(
            "Cannot check view orders@1 (features/orders_1.yaml:6): \"where\" is the YAML tag !big"
                + " (quote a value that begins with an exclamation mark), not an SQL expression.");
  }

  @Test
  void refusesAFileThatIsNotUtf8() throws IOException {
    write();
    byte[] latin = "source: caf\n# \u00e9t\u00e9\n".getBytes(StandardCharsets.ISO_8859_1);
    Files.write(folder.resolve("sources/latin.yaml"), latin);
    assertThat(read())
        .containsExactly(
            "Cannot check source (sources/latin.yaml:2): the file is not UTF-8: byte 14 (0xe9)"
                + " begins no character. Save it as UTF-8.");
  }

  @Test
  void refusesAnEmptyProject() {
    files = new LinkedHashMap<>(Map.of("tributary.yaml", "project: p\nzone: UTC\n"));
    assertThat(problems())
        .containsExactly(
            "Cannot check project p (tributary.yaml:1): it defines nothing. Write a source into"
                + " sources/, or begin with \"tributary init\".");
  }

  @Test
  void putsInVariables() {
    edit("tributary.yaml", "lake: ${LAKE:-hdfs://acme/lake}", "lake: ${BASE}/${SUB:-lake}");
    edit("tributary.yaml", "online: rocksdb:/mnt/${HOST}/online", "online: rocksdb:${lake}/online");
    write();
    Map<String, String> environment = new LinkedHashMap<>(FullProject.ENVIRONMENT);
    environment.put("BASE", "below");
    environment.put("SUB", "");
    Project project = ProjectReader.read(folder, environment, Optional.empty());
    assertThat(project.lake()).isEqualTo(folder.toAbsolutePath().resolve("below/lake").toString());
    assertThat(project.online().text()).isEqualTo("rocksdb:" + project.lake() + "/online");
    Project elsewhere = ProjectReader.read(folder, environment, Optional.of("/somewhere/../else"));
    assertThat(elsewhere.lake()).isEqualTo("/else");
    assertThat(elsewhere.online().text()).isEqualTo("rocksdb:/else/online");
  }

  @Test
  void saysWhichVariableIsNotSet() {
    edit("tributary.yaml", "lake: ${LAKE:-hdfs://acme/lake}", "lake: ${HOSTT}/${}");
    assertThat(problems())
        .containsExactly(
            "Cannot check project acme (tributary.yaml:3): \"lake\" has a \"${\" that is no variable."
                + " Write ${NAME} or ${NAME:-default}.",
            "Cannot check project acme (tributary.yaml:3): \"lake\" needs the environment variable"
                + " HOSTT, which is not set. Set it, or write ${HOSTT:-default}. The environment has"
                + " HOST.");
  }

  @Test
  void neverPrintsASecret() {
    edit("tributary.yaml", "password: ${TILL_PASSWORD}", "password: hunter2");
    edit("tributary.yaml", "user: reader", "user: ${NO_USER}");
    edit(
        "tributary.yaml",
        "online: rocksdb:/mnt/${HOST}/online",
        "online: redis://x:hunter2@${HOST}");
    assertThat(problems())
        .containsExactly(
            "Cannot check project acme (tributary.yaml:4): \"online\" holds a password (before the"
                + " @). Take it out, and write it below \"credentials\" as ${NAME}.",
            "Cannot check project acme (tributary.yaml:13): \"credentials.till.user\" needs the"
                + " environment variable NO_USER, which is not set. Set it, or write"
                + " ${NO_USER:-default}.",
            "Cannot check project acme (tributary.yaml:14): \"credentials.till.password\" is not the"
                + " name of an environment variable in ${}, as in ${DATABASE_PASSWORD}. A secret never"
                + " stands in a file: write ${NAME} and set NAME.");
  }

  @Test
  void refusesByNameWhatIsNotInThisVersion() {
    edit("tributary.yaml", "lineage: [delta]", "lineage: [delta, {atlas: 'https://atlas:21000'}]");
    assertThat(problems()).singleElement().asString().contains("in this version, it");
  }

  @Test
  void refusesAStatusThatDoesNothing() {
    for (String status : List.of("deprecated", "retired")) {
      edit("features/orders_2.yaml", "status: active", "status: " + status);
      assertThat(problems())
          .containsExactly(
              "Cannot check view orders@2 (features/orders_2.yaml:8): \"status\" is the text \""
                  + status
                  + "\", which is not in this version. Write active, draft.");
      edit("features/orders_2.yaml", "status: " + status, "status: active");
    }
  }

  @Test
  void refusesCredentialsOfServersThatAreNotInThisVersion() {
    edit(
        "tributary.yaml",
        "credentials:\n",
        "credentials:\n  atlas: {user: tributary, password: '${TILL_PASSWORD}'}\n");
    assertThat(problems())
        .containsExactly(
            "Cannot check project acme (tributary.yaml:1): \"credentials\" has \"atlas\", by which no"
                + " source signs in. Signing in there is not in this version. Take it out.");
  }

  @Test
  void anOnlineStoreHasAnAddress() {
    edit("tributary.yaml", "rocksdb:/mnt/${HOST}/online", "/mnt/${HOST}/online");
    assertThat(problems())
        .containsExactly(
            "Cannot check project acme (tributary.yaml:4): \"online\" is the text \"/mnt/${HOST}/online\", not"
                + " an address. Write KIND:PLACE, as in rocksdb:FOLDER.");
  }

  @Test
  void anOnlineStoreIsSignedInAtByTheCredentialOfItsName() {
    edit("tributary.yaml", "rocksdb:/mnt/${HOST}/online", "any-kind:${HOST}");
    edit(
        "tributary.yaml",
        "credentials:\n",
        "credentials:\n  online: {user: writer, password: '${TILL_PASSWORD}'}\n");
    write();
    OnlineAddress online =
        ProjectReader.read(folder, FullProject.ENVIRONMENT, Optional.empty()).online();
    assertThat(online.scheme()).isEqualTo("any-kind");
    assertThat(online.rest()).isEqualTo("host.acme");
    assertThat(online.location()).contains(new SourceLocation("tributary.yaml", 4));
    assertThat(online.credential().orElseThrow().user()).contains("writer");
    assertThat(online.credential().orElseThrow().password().orElseThrow().reveal())
        .isEqualTo("hunter2");
  }

  @Test
  void aPipelinesNightsAreWholeDays() {
    edit(
        "pipelines/nightly.yaml",
        "history: 2024-01-01/2024-05-01",
        "history: 2024-01-01T00:00:00Z/2024-05-01T00:00:00+02:00");
    edit("pipelines/nightly.yaml", "until: 2024-06-01", "until: 2024-06-01T06:00:00+02:00");
    assertThat(problems())
        .containsExactly(
            "Cannot check pipeline nightly (pipelines/nightly.yaml:4): \"history\" begins or ends inside a"
                + " day of Europe/Berlin, and nights are whole days. Write 2024-01-01/2024-05-01.",
            "Cannot check pipeline nightly (pipelines/nightly.yaml:5): \"until\" is inside a day of"
                + " Europe/Berlin, and nights are whole days. Write 2024-06-01.");
  }

  @Test
  void keepsASecretOutOfOtherKeys() {
    edit(
        "tributary.yaml",
        "online: rocksdb:/mnt/${HOST}/online",
        "online: rocksdb:/mnt/${TILL_PASSWORD}");
    assertThat(problems())
        .singleElement()
        .satisfies(p -> assertThat(p).contains("uses ${TILL_PASSWORD}, which holds a secret"))
        .satisfies(p -> assertThat(p).doesNotContain("hunter2"));
  }

  @Test
  void checksWindows() {
    edit("features/orders_2.yaml", "n: count(*) over 24h", "n: count(*) over 1d, 24h");
    edit("features/orders_1.yaml", "over 90m", "over 0m");
    edit("features/orders_1.yaml", "p: percentile(amount, 0.5)", "p: percentile(amount, 5)");
    edit("features/orders_1.yaml", "quiet: time_since_last()", "quiet: average(amount)");
    assertThat(problems())
        .contains(
            "Cannot check view orders@2 (features/orders_2.yaml:7): \"features.n\", column 24: the"
                + " window 24h is the same as 1d. Keep one.",
            "Cannot check view orders@1 (features/orders_1.yaml:9): \"features.sum\", column 62: the"
                + " window 0m is empty. Write a longer one.",
            "Cannot check view orders@1 (features/orders_1.yaml:10): \"features.p\", column 6:"
                + " percentile takes an expression and a share from 0 to 1. Write percentile(x,"
                + " 0.9).",
            "Cannot check view orders@1 (features/orders_1.yaml:12): \"features.quiet\", column 10:"
                + " no aggregate \"average\". Write mean.");
  }

  @Test
  void checksNames() {
    edit(
        "features/orders_1.yaml",
        "  ratio: n_1d / n_7d",
        "  n_7d: n_1d\n  customer: n_1d\n  _x: n_1d");
    edit("sources/visits.yaml", "  pages: int", "  pages__n: int");
    edit("sources/visits.yaml", "source: visits", "source: Visits");
    edit("features/orders_2.yaml", "  n: count(*) over 24h", "  n: count(*) over 24h\n  n_24h: id");
    edit("features/request.yaml", "view: request@1", "view: request");
    assertThat(problems())
        .contains(
            "Cannot check view orders@1 (features/orders_1.yaml:17): \"_x\" is reserved: names that"
                + " begin with \"_\" or hold \"__\" are the platform's own. Rename it.",
            "Cannot check source Visits (sources/visits.yaml:9): \"pages__n\" is reserved: names that"
                + " begin with \"_\" or hold \"__\" are the platform's own. Rename it.",
            "Cannot check source Visits (sources/visits.yaml:1): \"Visits\" can't be a name: it is"
                + " made of snake_case and begins with a letter. Rename it, as in carrier_history.",
            "Cannot check view orders@2 (features/orders_2.yaml:8): the feature name \"n_24h\" is"
                + " already taken by feature \"n\" in \"features\". Rename one.",
            "Cannot check view request (features/request.yaml:1): \"view\" is the text \"request\","
                + " not a feature view with its version: a view is named name@version, as in"
                + " carrier_history@1. Add its version.");
    edit("features/orders_1.yaml", "  _x: n_1d", "");
    assertThat(problems())
        .contains(
            "Cannot check view orders@1 (features/orders_1.yaml:15): the feature name \"n_7d\" is"
                + " already taken by feature \"n\" in \"features\". Rename one.",
            "Cannot check view orders@1 (features/orders_1.yaml:16): the feature name \"customer\" is"
                + " already taken by a column of \"entity\". Rename one.");
  }

  @Test
  void checksWhatExcludesAndNeedsWhat() {
    edit(
        "sources/orders.yaml",
        "known-time: changed",
        "known-time: changed\navailability-delay: 1h");
    edit("sources/orders.yaml", "event-key: [id]\n", "");
    edit(
        "sources/customers.yaml",
        "event-key: [customer]",
        "event-key: [customer]\nevent-time: since");
    edit("sources/stock.yaml", "known-time: counted\n", "");
    edit("sources/baskets.yaml", "zone: UTC", "columns:\n  a: int");
    edit("features/orders_1.yaml", "accuracy: snapshot\n", "");
    edit("features/orders_2.yaml", "status: active", "ttl: 1d");
    edit("features/request.yaml", "zone: UTC", "source: orders");
    edit(
        "models/next_order.yaml",
        "validate: 2024-03-01/2024-04-01",
        "validate: 2024-02-01/2024-04-01");
    edit("models/next_order.yaml", "- brier < baseline", "- log-loss < baseline");
    edit("pipelines/nightly.yaml", "- materialize", "- validate");
    assertThat(problems())
        .contains(
            "Cannot check source orders (sources/orders.yaml:34): \"known-time\" and"
                + " \"availability-delay\" exclude each other. Keep one.",
            "Cannot check source orders (sources/orders.yaml:35): \"tombstone\" needs \"event-key\":"
                + " without it each row is an event of its own. Write \"event-key\".",
            "Cannot check source orders (sources/orders.yaml:36): \"sequence\" needs \"event-key\":"
                + " without it each row is an event of its own. Write \"event-key\".",
            "Cannot check source stock (sources/stock.yaml:14): \"tombstone\" needs \"known-time\":"
                + " without it a withdrawal would be known when its row happened, as the row that it"
                + " withdraws is, and would never take effect. Write as \"known-time\" when a change"
                + " was known.",
            "Cannot check source customers (sources/customers.yaml:11): a static source has no"
                + " \"event-time\": it is always known. Leave it out.",
            "Cannot check source baskets (sources/baskets.yaml:11): a query has no \"columns\": its"
                + " columns are those that it selects, of rows that its source has already admitted."
                + " Leave it out.",
            "Cannot check view orders@1 (features/orders_1.yaml:20): \"publish-delay\" is of"
                + " snapshots, and the view is exact. Write \"accuracy: snapshot\" or leave it out.",
            "Cannot check view orders@2 (features/orders_2.yaml:8): no feature of the view is a"
                + " look-up, so \"ttl\" decides nothing: windows say how far back they reach. Leave"
                + " it out.",
            "Cannot check view request@1 (features/request.yaml:13): an on-demand view has no"
                + " \"source\": it is computed from what the request brings. Leave it out.",
            "Cannot check model next_order (models/next_order.yaml:6): \"split.validate\" and"
                + " \"split.train\" overlap: rows would serve for both. Move one.",
            "Cannot check model next_order (models/next_order.yaml:28): the rule \"log-loss <"
                + " baseline\" needs the metric log-loss, which \"evaluate.metrics\" does not"
                + " measure. Add it there.",
            "Cannot check pipeline nightly (pipelines/nightly.yaml:9): there is no step"
                + " \"validate\" of its own: \"ingest\" lets in only what meets its expectations."
                + " Leave it out.");
  }

  @Test
  void readsRulesOnLeaks() {
    String rules = "  - auc >= 0.6\n  - brier < baseline\n";
    edit("models/next_order.yaml", rules, "  - leaks: allowed\n  - auc >= 0.6\n  - leaks <= 143\n");
    write();
    assertThat(
            ProjectReader.read(folder, FullProject.ENVIRONMENT, Optional.empty())
                .models()
                .get("next_order")
                .admit())
        .extracting(Object::toString)
        .containsExactly("leaks: allowed", "auc >= 0.6", "leaks <= 143");
    edit("models/next_order.yaml", "leaks <= 143", "leaks < 2.5");
    edit("models/next_order.yaml", "leaks: allowed", "leaks: some");
    assertThat(problems())
        .satisfiesExactly(
            p -> assertThat(p).endsWith("it is one of allowed."),
            p ->
                assertThat(p)
                    .endsWith(
                        "not a rule on leaks. Write leaks <= 143, a whole number of rows, or leaks:"
                            + " allowed."));
  }

  @Test
  void readsRulesThatAreJudgedWhenAVersionIsPromoted() {
    String rules = "  - auc >= 0.6\n  - brier < baseline\n";
    edit(
        "models/next_order.yaml",
        rules,
        "  - auc>=production-0.005\n  - brier <= production + .25\n  - auc > production\n  - reproduced\n");
    write();
    assertThat(
            ProjectReader.read(folder, FullProject.ENVIRONMENT, Optional.empty())
                .models()
                .get("next_order")
                .admit())
        .containsExactly(
            new Model.AdmissionRule("auc", ">=", Optional.of(-0.005), true),
            new Model.AdmissionRule("brier", "<=", Optional.of(0.25), true),
            new Model.AdmissionRule("auc", ">", Optional.of(0.0), true),
            Model.AdmissionRule.REPRODUCED)
        .extracting(Object::toString)
        .containsExactly(
            "auc >= production - 0.005",
            "brier <= production + 0.25",
            "auc > production",
            "reproduced");
    edit("models/next_order.yaml", "auc>=production-0.005", "auc >= production * 2");
    edit("models/next_order.yaml", "brier <= production + .25", "leaks <= production");
    edit("models/next_order.yaml", "auc > production", "calibration < production");
    assertThat(problems())
        .satisfiesExactlyInAnyOrder(
            p ->
                assertThat(p)
                    .endsWith(
                        "not a rule. Write METRIC < NUMBER, METRIC < baseline or METRIC > production"
                            + " - NUMBER, with one of < <= > >=, as in auc >= 0.72."),
            p -> assertThat(p).contains("not a rule on leaks. Write leaks <= 143"));
  }

  /** A project of before says what becomes of challengers where it now says that of all. */
  @Test
  void saysWhereThePolicyOfChallengersWent() {
    String every = "  at-most-every: 14d\n";
    String moved =
        "Cannot check model next_order (models/next_order.yaml:34): \"retrain.promote\" became"
            + " \"promote\" of the model, one policy for all its versions. Take it out of"
            + " \"retrain\", and write ";
    edit("models/next_order.yaml", every, every + "  promote: by-hand\n");
    write();
    assertThat(problems()).containsExactly(moved + "promote: by-hand at the top of the file.");
    edit("models/next_order.yaml", every + "  promote: by-hand", every + "  promote: if-not-worse");
    assertThat(problems())
        .containsExactly(
            moved
                + "promote: automatic and, for what if-not-worse was, margin: 0.01 at the top of the"
                + " file.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "* * * *",
        "61 6 * * *",
        "0 24 * * *",
        "0 6 32 * *",
        "0 6 * 13 *",
        "0 9-6 * * *",
        "0 6 * * x",
        "0 */0 * * *"
      })
  void refusesASchedule(String schedule) {
    edit("pipelines/nightly.yaml", "30 5 * * 1-5", schedule);
    assertThat(problems())
        .singleElement()
        .asString()
        .startsWith(
            "Cannot check pipeline nightly (pipelines/nightly.yaml:3): \"schedule\" is the text \""
                + schedule
                + "\", not a schedule: ")
        .endsWith("Write the five fields of cron in quotes, as in \"0 6 * * *\".");
  }

  @Test
  void refusesWindowsOverAStaticSource() {
    files.put(
        "features/person.yaml",
        """
        view: person@1
        entity: [since]
        source: customers
        features:
          n: count(*) over 1d
          since_when: since
        ttl: 1d
        """);
    assertThat(problems())
        .containsExactlyInAnyOrder(
            "Cannot check view person@1 (features/person.yaml:2): source \"customers\" is static and"
                + " has the key [customer], so the entity is [customer]. Write that.",
            "Cannot check view person@1 (features/person.yaml:5): feature \"n\" has a window, and"
                + " source \"customers\" is static: it has no times. Write an expression of its"
                + " columns.",
            "Cannot check view person@1 (features/person.yaml:7): source \"customers\" is static and"
                + " never expires. Leave \"ttl\" out.");
  }

  @Test
  void saysWhereAFileBelongs() {
    files.put("sources/odd.yaml", "view: odd@1\nentity: [customer]\n");
    files.put("feature/odd.yaml", "view: odd@1\n");
    files.put("loose.yaml", "view: odd@1\n");
    assertThat(problems())
        .containsExactlyInAnyOrder(
            "Cannot check source (sources/odd.yaml:1): the file defines a view, which stands in"
                + " features/. Move it there.",
            "Cannot check folder feature (feature/odd.yaml:1): definitions are not read from"
                + " feature/. Did you mean features/?",
            "Cannot check file loose.yaml (loose.yaml:1): beside tributary.yaml no definition is"
                + " read. Move it into one of sources/, features/, training-sets/, models/, scores/,"
                + " monitors/, pipelines/.");
  }

  @Test
  void doesNotCallAReferenceDanglingIntoAFileThatCannotBeRead() {
    files.put("sources/orders.yaml", "source: orders\n  bad: yaml: here\n");
    assertThat(problems())
        .singleElement()
        .satisfies(
            p -> assertThat(p).startsWith("Cannot check source (sources/orders.yaml:2): bad"));
  }

  @Test
  void findsTheProjectUpwards() throws IOException {
    write();
    assertThat(ProjectReader.find(folder.resolve("features/orders_1.yaml")))
        .isEqualTo(folder.toAbsolutePath());
    Path bare = Files.createDirectory(folder.resolve("nothing"));
    assertThat(ProjectReader.find(bare)).isEqualTo(folder.toAbsolutePath());
    assertThatThrownBy(() -> ProjectReader.find(Path.of("/")))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessage(
            "Cannot find a project from /: neither it nor a folder above it has a tributary.yaml."
                + " Name the project's folder, or make one with \"tributary init\".");
    assertThatThrownBy(() -> ProjectReader.read(bare, Map.of(), Optional.empty()))
        .isInstanceOfSatisfying(
            PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageContaining("it has no tributary.yaml");
  }

  private void edit(String file, String from, String to) {
    assertThat(files.get(file)).as(file).contains(from);
    files.put(file, files.get(file).replace(from, to));
  }

  private void write() {
    try {
      FullProject.write(folder, files);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private List<String> problems() {
    write();
    return read();
  }

  private List<String> read() {
    return ProjectReader.check(folder, FullProject.ENVIRONMENT, Optional.empty())
        .problems()
        .stream()
        .map(Problem::message)
        .toList();
  }
}
